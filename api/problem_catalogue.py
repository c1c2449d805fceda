"""The catalogue of problems: the contract's list of codes, each with its status, a title and a sentence.

A sentence says what was kept and what to do next; `api.problems` fills its placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.language import Bilingual


@dataclass(frozen=True)
class Kind:
    """One entry of the catalogue: the HTTP status, a title, and a sentence with `{placeholders}`."""

    status: int
    title: Bilingual
    detail: Bilingual


def _kind(status: int, title_id: str, title_en: str, detail_id: str, detail_en: str) -> Kind:
    return Kind(status, Bilingual(id=title_id, en=title_en), Bilingual(id=detail_id, en=detail_en))


CATALOGUE: dict[str, Kind] = {
    "unauthenticated": _kind(
        401,
        "Belum masuk",
        "Not signed in",
        "Permintaan ini memerlukan token yang sah. Masuk kembali, lalu ulangi.",
        "This request needs a valid token. Sign in again and repeat it.",
    ),
    "unknown_person": _kind(
        403,
        "Pegawai tidak dikenal",
        "Unknown person",
        "NIP pada token tidak ada di daftar pegawai. Hubungi pengelola kinerja.",
        "The token's NIP is not on the roster. Ask the performance administrator.",
    ),
    "not_yours": _kind(
        403,
        "Bukan giliran atau hak Anda",
        "Not yours to do",
        "Tindakan ini bukan milik Anda pada penilaian ini. Tidak ada yang berubah.",
        "This action is not yours on this appraisal. Nothing was changed.",
    ),
    "foreign_origin": _kind(
        403,
        "Permintaan dari situs lain",
        "A request from another site",
        "Permintaan ini dikirim oleh halaman situs lain, jadi tidak dijalankan. Ulangi dari halaman Siklus sendiri.",
        "This request was sent by a page of another site and was not carried out. Repeat it from our own page.",
    ),
    "not_found": _kind(
        404,
        "Tidak ditemukan",
        "Not found",
        "Tidak ada data dengan alamat ini.",
        "There is nothing at this address.",
    ),
    "method_not_allowed": _kind(
        405,
        "Cara tidak didukung",
        "Method not allowed",
        "Alamat ini tidak menerima cara itu.",
        "This address does not take that method.",
    ),
    "not_now": _kind(
        409,
        "Belum atau tidak lagi dapat dilakukan",
        "Not possible now",
        "Penilaian berada pada tahap “{state}” dan menunggu {waits_on}. Tidak ada yang berubah.",
        "The appraisal is at “{state}” and waits on {waits_on}. Nothing was changed.",
    ),
    "not_open_yet": _kind(
        409,
        "Belum dibuka",
        "Not open yet",
        "Tahap ini baru dibuka pada {opens_at}. Rancangan Anda tetap tersimpan.",
        "This step opens at {opens_at}. Your draft is kept.",
    ),
    "lapsed": _kind(
        409,
        "Batas waktu telah lewat",
        "The time has passed",
        "Batas waktu tahap ini berakhir pada {lapsed_at}. Rancangan Anda tetap tersimpan; hubungi pengelola kinerja.",
        "This step ended at {lapsed_at}. Your draft is kept; ask the performance administrator.",
    ),
    "suspended": _kind(
        409,
        "Penilaian ditangguhkan",
        "The appraisal is suspended",
        "Penilaian sedang ditangguhkan. Rancangan tetap tersimpan sampai dilanjutkan.",
        "The appraisal is suspended. Drafts are kept until it resumes.",
    ),
    "record_blocked": _kind(
        503,
        "Pencatatan terhenti",
        "The record is blocked",
        "Pencatatan penilaian ini dihentikan agar tidak keliru dan ada pada daftar kerja pengelola kinerja. Coba lagi nanti.",
        "The record of this appraisal was stopped rather than be wrong; it is on the administrator's list. Try again later.",
    ),
    "not_running": _kind(
        409,
        "Penilaian belum berjalan",
        "The appraisal is not running",
        "Penilaian ini belum dimulai atau sudah ditutup. Tidak ada yang berubah.",
        "This appraisal has not begun or is closed. Nothing was changed.",
    ),
    "nothing_to_rate": _kind(
        409,
        "Tidak ada yang dapat dinilai",
        "Nothing to rate",
        "Tahun ini berakhir tanpa rencana yang berlaku, jadi tidak ada dasar penilaian. Tidak ada yang berubah.",
        "This year ended without a plan in force, so there is nothing to rate it by. Nothing was changed.",
    ),
    "no_appeal_filed": _kind(
        409,
        "Tidak ada keberatan",
        "No appeal was filed",
        "Tidak ada keberatan yang diajukan dan belum ditarik atas hasil ini. Buka kembali ke tahap penilaian bila hasilnya keliru.",
        "No appeal against this result was filed and kept up. If the result is wrong, reopen the year to its rating.",
    ),
    "another_appraisal": _kind(
        409,
        "Sudah dinilai dalam siklus lain",
        "Appraised in another cycle",
        "Pegawai ini sudah dinilai untuk tahun itu dalam siklus “{cycle}”. Batalkan penilaian itu dahulu bila yang ini yang benar.",
        "This person is appraised for that year in the cycle “{cycle}”. Cancel that appraisal first if this one is right.",
    ),
    "version_conflict": _kind(
        412,
        "Sudah berubah sejak Anda buka",
        "Changed since you opened it",
        "Versi sekarang adalah {version}. Muat ulang, lalu ulangi; tulisan Anda tidak ditimpa.",
        "The current version is {version}. Reload and repeat; what you wrote was not overwritten.",
    ),
    "precondition_required": _kind(
        428,
        "Perlu If-Match",
        "If-Match is needed",
        "Perubahan ini memerlukan If-Match dengan versi terakhir yang Anda lihat.",
        "This change needs If-Match with the version you last saw.",
    ),
    "key_reused": _kind(
        422,
        "Kunci sudah dipakai",
        "Key already used",
        "Idempotency-Key ini sudah dipakai untuk permintaan lain. Gunakan kunci baru.",
        "This Idempotency-Key was used for another request. Use a new one.",
    ),
    "invalid_input": _kind(
        422,
        "Masukan tidak dapat diterima",
        "The input cannot be taken",
        "Periksa bagian yang disebutkan. Tidak ada yang berubah atau hilang.",
        "See the places named. Nothing was changed or lost.",
    ),
    "malformed_json": _kind(
        400,
        "JSON tidak dapat dibaca",
        "The JSON cannot be read",
        "Isi permintaan bukan JSON yang sah.",
        "The body is not valid JSON.",
    ),
    "nul_character": _kind(
        422,
        "Karakter terlarang",
        "Forbidden character",
        "Teks memuat karakter NUL, yang tidak dapat disimpan. Hapus lalu kirim kembali.",
        "The text holds a NUL character, which cannot be kept. Remove it and send again.",
    ),
    "body_too_large": _kind(
        413,
        "Kiriman terlalu besar",
        "Too large",
        "Ukuran kiriman melebihi {limit} byte. Tidak ada yang disimpan dari kiriman ini.",
        "The body is larger than {limit} bytes. Nothing of it was kept.",
    ),
    "unsupported_media_type": _kind(
        415,
        "Jenis isi tidak didukung",
        "Unsupported content type",
        "Kirim isi sebagai {expected}.",
        "Send the body as {expected}.",
    ),
    "too_many": _kind(
        409,
        "Sudah terlalu banyak",
        "Too many already",
        "Sudah ada {limit}, dan lebih dari itu tidak dapat ditambahkan. Tidak ada yang berubah.",
        "There are {limit} already, and no more can be added. Nothing was changed.",
    ),
    "file_kind": _kind(
        415,
        "Jenis berkas tidak diterima",
        "A kind of file that is not taken",
        "Isi berkas ini bukan {expected}, atau memuat makro. Simpan dalam salah satu jenis itu, lalu kirim kembali.",
        "What is in this file is none of {expected}, or holds macros. Save it as one of these and send it again.",
    ),
    "file_mismatch": _kind(
        415,
        "Nama dan isi berkas tidak cocok",
        "The file is not what its name says",
        "Isi berkas ini adalah {expected}, tetapi namanya mengatakan lain. Perbaiki namanya, lalu kirim kembali.",
        "What is in this file is {expected}, but its name says something else. Correct the name and send it again.",
    ),
    "comment_required": _kind(
        422,
        "Catatan wajib diisi",
        "A comment is needed",
        "Tindakan ini memerlukan catatan agar penerima tahu apa yang harus diperbaiki.",
        "This action needs a comment, so that the receiver knows what to mend.",
    ),
    "missing_value": _kind(
        422,
        "Nilai belum diisi",
        "A value is missing",
        "Isi bagian {field}.",
        "Give {field}.",
    ),
    "impossible_value": _kind(
        422,
        "Nilai tidak mungkin",
        "A value that cannot be",
        "Isi bagian {field} dengan nilai yang mungkin: tidak di luar masa tahap ini, dan bukan diri sendiri.",
        "Give {field} a value that can be: within the time of this step, and nobody as her own supervisor.",
    ),
    "closes_before": _kind(
        422,
        "Tahap ini sudah berakhir sebelum itu",
        "The step ends before that",
        "Tahap ini berakhir pada {closes_at}, saat tahap berikutnya dibuka. Pilih tenggat sebelum itu, atau ubah jadwal siklusnya.",
        "This step ends at {closes_at}, when the next one opens. Name a deadline before that, or move the cycle's calendar.",
    ),
    "form_incomplete": _kind(
        422,
        "Formulir belum lengkap",
        "The form is not complete",
        "Lengkapi bagian yang disebutkan, lalu kirim kembali. Rancangan Anda tersimpan.",
        "Complete the places named and send again. Your draft is kept.",
    ),
    "form_missing": _kind(
        422,
        "Formulir belum diisi",
        "The form is empty",
        "Formulir “{form}” belum Anda isi. Isi dan simpan dahulu, lalu kirim.",
        "You have not filled in the form “{form}”. Fill in and save it, then send.",
    ),
    "cycle_blocked": _kind(
        409,
        "Siklus belum dapat dibuka",
        "The cycle cannot be opened yet",
        "Masih ada penghalang pada pemeriksaan siklus. Selesaikan dahulu, lalu buka kembali.",
        "The cycle's check still finds blockers. Resolve them and open again.",
    ),
    "no_indicators": _kind(
        409,
        "Kebijakan ini tidak memakai data impor",
        "This policy imports nothing",
        "Paket kebijakan “{policy}” tidak menghitung data dari luar. Tidak ada yang berubah.",
        "The policy pack “{policy}” counts no figures from elsewhere. Nothing was changed.",
    ),
    "indicators_rejected": _kind(
        422,
        "Berkas data belum dapat diterima",
        "The file of figures cannot be taken yet",
        "Ada baris yang belum benar, jadi tidak ada yang disimpan. Perbaiki baris yang disebut, lalu kirim kembali.",
        "Some rows are wrong, so nothing was kept. Mend the rows that are named and send the file again.",
    ),
    "rating_incomplete": _kind(
        409,
        "Penilaian belum dapat dihitung",
        "The rating cannot be computed yet",
        "Yang belum ada: {parts}. Draf Anda tetap tersimpan. Data dari luar (misalnya kehadiran) dimasukkan HR.",
        "Still missing: {parts}. Your draft is kept. Figures from elsewhere (attendance) are entered by HR.",
    ),
    "rater_untrained": _kind(
        409,
        "Penilai belum mengikuti pelatihan",
        "The rater is not trained",
        "Siklus ini meminta penilai yang telah mengikuti salah satu dari: {courses}. Draf Anda tetap tersimpan. Ikuti pelatihannya, lalu"
        " minta pengelola kinerja mencatatnya.",
        "This cycle asks for a rater who took part in one of: {courses}. Your draft is kept. Take part, then ask HR to record it.",
    ),
    "policy_faulty": _kind(
        409,
        "Paket kebijakan belum benar",
        "The policy pack does not hold together",
        "Berkas paket kebijakan “{policy}” masih mengandung kesalahan, jadi belum dapat dipakai. Periksa dengan `siklus policy check`.",
        "The file of the policy pack “{policy}” still has mistakes and cannot be used. Check it with `siklus policy check`.",
    ),
    "cycle_state": _kind(
        409,
        "Siklus tidak pada tahap itu",
        "Not possible for this cycle now",
        "Siklus berada pada tahap “{state}”. Tidak ada yang berubah.",
        "The cycle is “{state}”. Nothing was changed.",
    ),
    "nudged_already": _kind(
        409,
        "Sudah diingatkan",
        "Reminded already",
        "Semua yang ditunggu sudah diingatkan dalam 24 jam terakhir. Tidak ada yang dikirim; ulangi besok.",
        "Everybody who is waited for was reminded within the last 24 hours. Nothing was sent; try again tomorrow.",
    ),
    "notice_too_short": _kind(
        409,
        "Tenggat dimajukan terlalu dekat",
        "A deadline comes too near",
        "Tenggat siklus yang berjalan tidak boleh dimajukan menjadi sebelum {earliest}. Tidak ada yang berubah.",
        "A deadline of a running cycle may not be brought forward to before {earliest}. Nothing was changed.",
    ),
    "already_open": _kind(
        409,
        "Jadwal sudah dibuka",
        "The window is open already",
        "Pegawai sedang bekerja pada jadwal yang sudah dibuka, jadi jadwal itu tidak dapat dibuka lebih lambat. "
        "Tidak ada yang berubah; untuk memberi waktu lebih panjang, mundurkan tenggatnya.",
        "People are at work in a window that has opened, so it cannot open later. "
        "Nothing was changed; to give more time, move its due day.",
    ),
    "reason_required": _kind(
        422,
        "Alasan tertulis diperlukan",
        "A written reason is needed",
        "Sebaran predikat tidak sesuai pola predikat organisasi. Tuliskan alasannya, lalu kirim kembali. Tidak ada yang berubah.",
        "The labels do not keep the pattern of the organisation's label. Say why and send again. Nothing was changed.",
    ),
    "distribution_blocked": _kind(
        409,
        "Sebaran predikat tidak sesuai pola",
        "The labels do not keep the pattern",
        "Peraturan siklus ini menolak sebaran di luar pola. Tinjau ulang penilaiannya dahulu, lalu ulangi. Tidak ada yang berubah.",
        "This cycle's policy refuses labels outside the pattern. Have ratings looked at again, then repeat. Nothing was changed.",
    ),
    "roster_rejected": _kind(
        422,
        "Daftar pegawai ditolak",
        "The roster was refused",
        "Ada baris yang tidak dapat diterima. Tidak satu pun baris disimpan.",
        "Some rows cannot be taken. No row was stored.",
    ),
    "delegation_to_oneself": _kind(
        422,
        "Pelimpahan kepada diri sendiri",
        "A delegation to oneself",
        "Wewenang tidak dapat dilimpahkan kepada diri sendiri. Pilih pegawai lain.",
        "Nobody takes powers on himself. Choose somebody else.",
    ),
    "delegation_reversed": _kind(
        422,
        "Akhir mendahului awal",
        "It ends before it begins",
        "Hari terakhir pelimpahan mendahului hari pertamanya. Perbaiki tanggalnya.",
        "The last day of the delegation is before its first. Correct the dates.",
    ),
    "delegation_in_past": _kind(
        422,
        "Tanggal sudah lewat",
        "A delegation in the past",
        "Pelimpahan tidak berlaku surut. Mulai hari ini atau sesudahnya.",
        "A delegation does not reach back. Let it begin today or later.",
    ),
    "delegation_too_long": _kind(
        422,
        "Pelimpahan terlalu lama",
        "The delegation is too long",
        "Pelimpahan paling lama satu tahun. Untuk waktu lebih lama, tetapkan Plt pada daftar pegawai.",
        "A delegation lasts a year at most. For longer, appoint an acting official in the roster.",
    ),
    "delegation_to_subject": _kind(
        422,
        "Pelimpahan kepada pegawai yang dinilai",
        "A delegation to the person appraised",
        "Pegawai ini satu-satunya yang Anda nilai, dan tidak seorang pun menilai dirinya sendiri. Pilih pegawai lain.",
        "This is the only person you appraise, and nobody appraises herself. Choose somebody else.",
    ),
    "delegation_circle": _kind(
        422,
        "Pelimpahan melingkar",
        "The delegation is a circle",
        "Pada hari-hari itu pegawai tersebut sudah melimpahkan wewenangnya ke arah Anda. Akhiri dahulu pelimpahan itu.",
        "On those days that person's own powers are delegated towards you. End that delegation first.",
    ),
    "delegation_chain": _kind(
        422,
        "Pelimpahan berantai",
        "The delegation is a chain",
        "Yang dilimpahkan tidak dapat dilimpahkan lagi: pada hari-hari itu salah satu sudah menerima atau memberi pelimpahan.",
        "What was delegated is not delegated on: on those days one of the two already acts for somebody, or is acted for.",
    ),
    "delegation_exists": _kind(
        422,
        "Pelimpahan sudah ada",
        "There is such a delegation",
        "Antara kedua pegawai ini sudah ada pelimpahan pada hari-hari itu. Akhiri dahulu untuk mengubahnya.",
        "There is a delegation between these two on those days already. End it first to change it.",
    ),
    "delegation_answered": _kind(
        409,
        "Pelimpahan sudah dijawab",
        "The delegation was answered",
        "Pelimpahan ini sudah dijawab atau diakhiri. Tidak ada yang berubah.",
        "This delegation was answered or ended already. Nothing was changed.",
    ),
    "delegation_over": _kind(
        409,
        "Masa pelimpahan sudah lewat",
        "The delegation is over",
        "Hari terakhir pelimpahan ini sudah lewat. Minta pelimpahan baru bila masih perlu.",
        "The last day of this delegation has passed. Ask for a new one if it is still needed.",
    ),
    "engine_away": _kind(
        503,
        "Mesin alur kerja tidak terjangkau",
        "The engine is away",
        "Hasil tindakan ini belum diketahui. Ulangi dengan Idempotency-Key yang sama; tidak akan tercatat dua kali.",
        "The outcome of this action is not known yet. Repeat it with the same Idempotency-Key; it will not count twice.",
    ),
    "issuer_away": _kind(
        503,
        "Layanan masuk tidak terjangkau",
        "The sign-in service is away",
        "Token Anda belum dapat diperiksa. Tidak ada yang berubah; coba lagi sebentar lagi.",
        "Your token cannot be checked at the moment. Nothing was changed; try again shortly.",
    ),
    "database_away": _kind(
        503,
        "Basis data tidak terjangkau",
        "The database is away",
        "Tidak ada yang setengah jadi. Coba lagi sebentar lagi.",
        "Nothing was left half done. Try again shortly.",
    ),
    "pack_unreadable": _kind(
        503,
        "Kebijakan siklus tidak terbaca",
        "The cycle's policy cannot be read",
        "Tidak ada yang berubah dan yang sudah disimpan tetap ada. Hubungi pengelola sistem, lalu coba lagi.",
        "Nothing was changed and what was saved is kept. Ask the operator of the system, then try again.",
    ),
    "archive_away": _kind(
        503,
        "Penyimpanan berkas tidak terjangkau",
        "The file store is away",
        "Tidak ada yang disimpan setengah jadi. Coba lagi sebentar lagi.",
        "Nothing was left half done. Try again shortly.",
    ),
    "evidence_damaged": _kind(
        500,
        "Berkas bukti tidak utuh",
        "The evidence is not what was handed in",
        "Berkas yang tersimpan hilang atau berbeda dari yang dahulu diserahkan, jadi tidak ditampilkan. Hubungi pengelola sistem.",
        "The stored file is gone or differs from what was handed in, so it is not served. Ask the operator of the system.",
    ),
    "internal_error": _kind(
        500,
        "Kesalahan pada sistem",
        "Internal error",
        "Terjadi kesalahan yang sudah dicatat. Tidak ada yang setengah jadi; ulangi dengan kunci yang sama.",
        "Something went wrong and was logged. Nothing was left half done; repeat with the same key.",
    ),
}
