"""Why the word of others is not taken: of colleagues and team leaders, and of the public."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_OTHERS: dict[str, Kind] = {
    "no_feedback": kind(
        409,
        "Pandangan orang lain tidak diminta",
        "The word of others is not asked",
        "Menurut kebijakan siklus ini pandangan seperti ini tidak diminta. Tidak ada yang disimpan.",
        "By this cycle's policy nobody is asked for this. Nothing was kept.",
    ),
    "no_public_input": kind(
        409,
        "Masukan tidak diterima",
        "This is not taken",
        "Tidak ada siklus penilaian berjalan yang menerima masukan seperti ini tentang unit ini. Tidak ada yang disimpan.",
        "No cycle that runs takes such a word about this unit. Nothing was kept.",
    ),
    "too_many_of_address": kind(
        429,
        "Terlalu banyak dari alamat ini",
        "Too many from this address",
        "Dari satu alamat jaringan diterima {limit} masukan sehari, dan hari ini sudah sebanyak itu. Yang ini tidak disimpan; coba besok.",
        "Of one network address {limit} are taken a day, and today there were as many. This one was not kept; try tomorrow.",
    ),
    "too_many_waiting": kind(
        429,
        "Terlalu banyak yang menunggu dibaca",
        "Too many wait to be read",
        "Sudah {limit} masukan tentang unit ini menunggu dibaca. Yang ini tidak disimpan; coba lagi setelah sebagian dibaca.",
        "About this unit {limit} wait to be read already. This one was not kept; try again once some were read.",
    ),
    "feedback_closed": kind(
        409,
        "Penilaian sudah diberikan",
        "The rating was given",
        "Pandangan orang lain didengar sebelum penilaian diberikan, dan penilaian ini sudah diberikan. Tidak ada yang disimpan.",
        "The word of others is heard before a rating, and this rating was given. Nothing was kept.",
    ),
    "feedback_given": kind(
        409,
        "Anda sudah menyampaikan pandangan",
        "You said it already",
        "Pandangan Anda tentang pegawai ini sudah tersimpan dan tetap seperti yang Anda tulis.",
        "What you said of this person is kept, and stays as you said it.",
    ),
}
