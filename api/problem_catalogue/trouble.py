"""What is nobody's mistake who asked: a part of the system is away, stopped or damaged."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_TROUBLE: dict[str, Kind] = {
    "record_blocked": kind(
        503,
        "Pencatatan terhenti",
        "The record is blocked",
        "Pencatatan penilaian ini dihentikan agar tidak keliru dan ada pada daftar kerja pengelola kinerja. Coba lagi nanti.",
        "The record of this appraisal was stopped rather than be wrong; it is on the administrator's list. Try again later.",
    ),
    "engine_away": kind(
        503,
        "Mesin alur kerja tidak terjangkau",
        "The engine is away",
        "Hasil tindakan ini belum diketahui. Ulangi dengan Idempotency-Key yang sama; tidak akan tercatat dua kali.",
        "The outcome of this action is not known yet. Repeat it with the same Idempotency-Key; it will not count twice.",
    ),
    "issuer_away": kind(
        503,
        "Layanan masuk tidak terjangkau",
        "The sign-in service is away",
        "Token Anda belum dapat diperiksa. Tidak ada yang berubah; coba lagi sebentar lagi.",
        "Your token cannot be checked at the moment. Nothing was changed; try again shortly.",
    ),
    "database_away": kind(
        503,
        "Basis data tidak terjangkau",
        "The database is away",
        "Tidak ada yang setengah jadi. Coba lagi sebentar lagi.",
        "Nothing was left half done. Try again shortly.",
    ),
    "pack_unreadable": kind(
        503,
        "Kebijakan siklus tidak terbaca",
        "The cycle's policy cannot be read",
        "Tidak ada yang berubah dan yang sudah disimpan tetap ada. Hubungi pengelola sistem, lalu coba lagi.",
        "Nothing was changed and what was saved is kept. Ask the operator of the system, then try again.",
    ),
    "archive_away": kind(
        503,
        "Penyimpanan berkas tidak terjangkau",
        "The file store is away",
        "Tidak ada yang disimpan setengah jadi. Coba lagi sebentar lagi.",
        "Nothing was left half done. Try again shortly.",
    ),
    "too_many_streams": kind(
        429,
        "Terlalu banyak yang mengikuti angka ini sekaligus",
        "Too many follow numbers as they change",
        "Angka pada halaman tidak berubah sendiri untuk sementara. Muat ulang halaman untuk angka terbaru.",
        "The numbers of the page do not change by themselves for now. Reload the page for the newest ones.",
    ),
    "evidence_damaged": kind(
        500,
        "Berkas bukti tidak utuh",
        "The evidence is not what was handed in",
        "Berkas yang tersimpan hilang atau berbeda dari yang dahulu diserahkan, jadi tidak ditampilkan. Hubungi pengelola sistem.",
        "The stored file is gone or differs from what was handed in, so it is not served. Ask the operator of the system.",
    ),
    "internal_error": kind(
        500,
        "Kesalahan pada sistem",
        "Internal error",
        "Terjadi kesalahan yang sudah dicatat. Tidak ada yang setengah jadi; ulangi dengan kunci yang sama.",
        "Something went wrong and was logged. Nothing was left half done; repeat with the same key.",
    ),
}
