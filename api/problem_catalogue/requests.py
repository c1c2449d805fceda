"""What is wrong with a request itself, whatever it is about: who asks, what for, and how it is written."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_REQUESTS: dict[str, Kind] = {
    "unauthenticated": kind(
        401,
        "Belum masuk",
        "Not signed in",
        "Permintaan ini memerlukan token yang sah. Masuk kembali, lalu ulangi.",
        "This request needs a valid token. Sign in again and repeat it.",
    ),
    "unknown_person": kind(
        403,
        "Pegawai tidak dikenal",
        "Unknown person",
        "NIP pada token tidak ada di daftar pegawai. Hubungi pengelola kinerja.",
        "The token's NIP is not on the roster. Ask the performance administrator.",
    ),
    "not_yours": kind(
        403,
        "Bukan giliran atau hak Anda",
        "Not yours to do",
        "Tindakan ini bukan milik Anda pada penilaian ini. Tidak ada yang berubah.",
        "This action is not yours on this appraisal. Nothing was changed.",
    ),
    "foreign_origin": kind(
        403,
        "Permintaan dari situs lain",
        "A request from another site",
        "Permintaan ini dikirim oleh halaman situs lain, jadi tidak dijalankan. Ulangi dari halaman Siklus sendiri.",
        "This request was sent by a page of another site and was not carried out. Repeat it from our own page.",
    ),
    "not_found": kind(
        404,
        "Tidak ditemukan",
        "Not found",
        "Tidak ada data dengan alamat ini.",
        "There is nothing at this address.",
    ),
    "method_not_allowed": kind(
        405,
        "Cara tidak didukung",
        "Method not allowed",
        "Alamat ini tidak menerima cara itu.",
        "This address does not take that method.",
    ),
    "version_conflict": kind(
        412,
        "Sudah berubah sejak Anda buka",
        "Changed since you opened it",
        "Versi sekarang adalah {version}. Muat ulang, lalu ulangi; tulisan Anda tidak ditimpa.",
        "The current version is {version}. Reload and repeat; what you wrote was not overwritten.",
    ),
    "precondition_required": kind(
        428,
        "Perlu If-Match",
        "If-Match is needed",
        "Perubahan ini memerlukan If-Match dengan versi terakhir yang Anda lihat.",
        "This change needs If-Match with the version you last saw.",
    ),
    "key_reused": kind(
        422,
        "Kunci sudah dipakai",
        "Key already used",
        "Idempotency-Key ini sudah dipakai untuk permintaan lain. Gunakan kunci baru.",
        "This Idempotency-Key was used for another request. Use a new one.",
    ),
    "invalid_input": kind(
        422,
        "Masukan tidak dapat diterima",
        "The input cannot be taken",
        "Periksa bagian yang disebutkan. Tidak ada yang berubah atau hilang.",
        "See the places named. Nothing was changed or lost.",
    ),
    "malformed_json": kind(
        400,
        "JSON tidak dapat dibaca",
        "The JSON cannot be read",
        "Isi permintaan bukan JSON yang sah.",
        "The body is not valid JSON.",
    ),
    "nul_character": kind(
        422,
        "Karakter terlarang",
        "Forbidden character",
        "Teks memuat karakter NUL, yang tidak dapat disimpan. Hapus lalu kirim kembali.",
        "The text holds a NUL character, which cannot be kept. Remove it and send again.",
    ),
    "body_too_large": kind(
        413,
        "Kiriman terlalu besar",
        "Too large",
        "Ukuran kiriman melebihi {limit} byte. Tidak ada yang disimpan dari kiriman ini.",
        "The body is larger than {limit} bytes. Nothing of it was kept.",
    ),
    "unsupported_media_type": kind(
        415,
        "Jenis isi tidak didukung",
        "Unsupported content type",
        "Kirim isi sebagai {expected}.",
        "Send the body as {expected}.",
    ),
    "too_many": kind(
        409,
        "Sudah terlalu banyak",
        "Too many already",
        "Sudah ada {limit}, dan lebih dari itu tidak dapat ditambahkan. Tidak ada yang berubah.",
        "There are {limit} already, and no more can be added. Nothing was changed.",
    ),
    "file_kind": kind(
        415,
        "Jenis berkas tidak diterima",
        "A kind of file that is not taken",
        "Isi berkas ini bukan {expected}, atau memuat makro. Simpan dalam salah satu jenis itu, lalu kirim kembali.",
        "What is in this file is none of {expected}, or holds macros. Save it as one of these and send it again.",
    ),
    "file_mismatch": kind(
        415,
        "Nama dan isi berkas tidak cocok",
        "The file is not what its name says",
        "Isi berkas ini adalah {expected}, tetapi namanya mengatakan lain. Perbaiki namanya, lalu kirim kembali.",
        "What is in this file is {expected}, but its name says something else. Correct the name and send it again.",
    ),
}
