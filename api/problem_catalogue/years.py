"""Why an act on one appraisal is refused: where its year stands, and what the act still lacks."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_YEARS: dict[str, Kind] = {
    "not_now": kind(
        409,
        "Belum atau tidak lagi dapat dilakukan",
        "Not possible now",
        "Penilaian berada pada tahap “{state}” dan menunggu {waits_on}. Tidak ada yang berubah.",
        "The appraisal is at “{state}” and waits on {waits_on}. Nothing was changed.",
    ),
    "not_open_yet": kind(
        409,
        "Belum dibuka",
        "Not open yet",
        "Tahap ini baru dibuka pada {opens_at}. Rancangan Anda tetap tersimpan.",
        "This step opens at {opens_at}. Your draft is kept.",
    ),
    "lapsed": kind(
        409,
        "Batas waktu telah lewat",
        "The time has passed",
        "Batas waktu tahap ini berakhir pada {lapsed_at}. Rancangan Anda tetap tersimpan; hubungi pengelola kinerja.",
        "This step ended at {lapsed_at}. Your draft is kept; ask the performance administrator.",
    ),
    "suspended": kind(
        409,
        "Penilaian ditangguhkan",
        "The appraisal is suspended",
        "Penilaian sedang ditangguhkan. Rancangan tetap tersimpan sampai dilanjutkan.",
        "The appraisal is suspended. Drafts are kept until it resumes.",
    ),
    "not_running": kind(
        409,
        "Penilaian belum berjalan",
        "The appraisal is not running",
        "Penilaian ini belum dimulai atau sudah ditutup. Tidak ada yang berubah.",
        "This appraisal has not begun or is closed. Nothing was changed.",
    ),
    "nothing_to_rate": kind(
        409,
        "Tidak ada yang dapat dinilai",
        "Nothing to rate",
        "Tahun ini berakhir tanpa rencana yang berlaku, jadi tidak ada dasar penilaian. Tidak ada yang berubah.",
        "This year ended without a plan in force, so there is nothing to rate it by. Nothing was changed.",
    ),
    "no_appeal_filed": kind(
        409,
        "Tidak ada keberatan",
        "No appeal was filed",
        "Tidak ada keberatan yang diajukan dan belum ditarik atas hasil ini. Buka kembali ke tahap penilaian bila hasilnya keliru.",
        "No appeal against this result was filed and kept up. If the result is wrong, reopen the year to its rating.",
    ),
    "nobody_to_ask": kind(
        409,
        "Pegawai telah meninggal dunia",
        "The employee has died",
        "Tahap ini menunggu pegawai yang telah meninggal dunia. Buka kembali ke tahap penilaian bila hasilnya keliru.",
        "This step waits for an employee who has died. If the result is wrong, reopen the year to its rating.",
    ),
    "another_appraisal": kind(
        409,
        "Sudah dinilai dalam siklus lain",
        "Appraised in another cycle",
        "Pegawai ini sudah dinilai untuk tahun itu dalam siklus “{cycle}”. Batalkan penilaian itu dahulu bila yang ini yang benar.",
        "This person is appraised for that year in the cycle “{cycle}”. Cancel that appraisal first if this one is right.",
    ),
    "comment_required": kind(
        422,
        "Catatan wajib diisi",
        "A comment is needed",
        "Tindakan ini memerlukan catatan agar penerima tahu apa yang harus diperbaiki.",
        "This action needs a comment, so that the receiver knows what to mend.",
    ),
    "missing_value": kind(
        422,
        "Nilai belum diisi",
        "A value is missing",
        "Isi bagian {field}.",
        "Give {field}.",
    ),
    "impossible_value": kind(
        422,
        "Nilai tidak mungkin",
        "A value that cannot be",
        "Isi bagian {field} dengan nilai yang mungkin: tidak di luar masa tahap ini, dan bukan diri sendiri.",
        "Give {field} a value that can be: within the time of this step, and nobody as her own supervisor.",
    ),
    "closes_before": kind(
        422,
        "Tahap ini sudah berakhir sebelum itu",
        "The step ends before that",
        "Tahap ini berakhir pada {closes_at}, saat tahap berikutnya dibuka. Pilih tenggat sebelum itu, atau ubah jadwal siklusnya.",
        "This step ends at {closes_at}, when the next one opens. Name a deadline before that, or move the cycle's calendar.",
    ),
    "form_incomplete": kind(
        422,
        "Formulir belum lengkap",
        "The form is not complete",
        "Lengkapi bagian yang disebutkan, lalu kirim kembali. Rancangan Anda tersimpan.",
        "Complete the places named and send again. Your draft is kept.",
    ),
    "form_missing": kind(
        422,
        "Formulir belum diisi",
        "The form is empty",
        "Formulir “{form}” belum Anda isi. Isi dan simpan dahulu, lalu kirim.",
        "You have not filled in the form “{form}”. Fill in and save it, then send.",
    ),
    "criteria_unacknowledged": kind(
        409,
        "Kriteria belum Anda ketahui",
        "The criteria are not acknowledged",
        "Baca kriteria siklus ini dan nyatakan telah mengetahuinya, lalu kirim rencana. Rancangan Anda tetap tersimpan.",
        "Read the criteria of this cycle and acknowledge them, then send the plan. Your draft is kept.",
    ),
    "rating_incomplete": kind(
        409,
        "Penilaian belum dapat dihitung",
        "The rating cannot be computed yet",
        "Yang belum ada: {parts}. Draf Anda tetap tersimpan. Data dari luar (misalnya kehadiran) dimasukkan HR.",
        "Still missing: {parts}. Your draft is kept. Figures from elsewhere (attendance) are entered by HR.",
    ),
    "rater_untrained": kind(
        409,
        "Penilai belum mengikuti pelatihan",
        "The rater is not trained",
        "Siklus ini meminta penilai yang telah mengikuti salah satu dari: {courses}. Draf Anda tetap tersimpan. Ikuti pelatihannya, lalu"
        " minta pengelola kinerja mencatatnya.",
        "This cycle asks for a rater who took part in one of: {courses}. Your draft is kept. Take part, then ask HR to record it.",
    ),
    "not_final": kind(
        409,
        "Hasil belum final",
        "The result is not final",
        "Tindak lanjut hanya diputuskan atas hasil tahunan yang final, dan tidak ada pada tahun pegawai berhenti. Tidak ada yang berubah.",
        "What follows is decided about the final result of a year; nothing follows the one in which somebody left. Nothing was changed.",
    ),
    "not_proposed": kind(
        409,
        "Tidak diusulkan",
        "Not proposed",
        "Menurut peraturan siklus ini hasil tersebut tidak mengarah ke tindak lanjut ini. Tidak ada yang berubah.",
        "By this cycle's policy the result does not lead to this. Nothing was changed.",
    ),
}
