"""What cannot be done with a cycle, its calendar, its criteria and its results."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_CYCLES: dict[str, Kind] = {
    "cycle_blocked": kind(
        409,
        "Siklus belum dapat dibuka",
        "The cycle cannot be opened yet",
        "Masih ada penghalang pada pemeriksaan siklus. Selesaikan dahulu, lalu buka kembali.",
        "The cycle's check still finds blockers. Resolve them and open again.",
    ),
    "cycle_state": kind(
        409,
        "Siklus tidak pada tahap itu",
        "Not possible for this cycle now",
        "Siklus berada pada tahap “{state}”. Tidak ada yang berubah.",
        "The cycle is “{state}”. Nothing was changed.",
    ),
    "evaluations_not_begun": kind(
        409,
        "Ada evaluasi yang belum dimulai",
        "An evaluation has not begun yet",
        "Evaluasi di luar jadwal yang sudah diminta belum dimulai. Tunggu sampai dimulai; yang gagal dimulai dicoba lagi "
        "dengan membuka siklus sekali lagi. Tidak ada yang berubah.",
        "An evaluation on request has not begun. Wait until it has; one whose start failed is tried again by opening the "
        "cycle once more. Nothing was changed.",
    ),
    "policy_faulty": kind(
        409,
        "Paket kebijakan belum benar",
        "The policy pack does not hold together",
        "Berkas paket kebijakan “{policy}” masih mengandung kesalahan, jadi belum dapat dipakai. Periksa dengan `siklus policy check`.",
        "The file of the policy pack “{policy}” still has mistakes and cannot be used. Check it with `siklus policy check`.",
    ),
    "out_of_scope": kind(
        403,
        "Di luar cakupan siklus",
        "Outside the scope of the cycle",
        "Siklus ini bukan untuk unit kerja Anda, jadi konsultasi kriterianya tidak terbuka bagi Anda. Tidak ada yang berubah.",
        "This cycle is not for your unit, so the consultation on its criteria is not open to you. Nothing was changed.",
    ),
    "consultation_held": kind(
        409,
        "Konsultasi sudah diadakan",
        "There is a consultation already",
        "Kriteria siklus ini sudah pernah dibuka untuk konsultasi. Tidak ada yang berubah.",
        "The criteria of this cycle were put up for consultation before. Nothing was changed.",
    ),
    "consultation_over": kind(
        409,
        "Konsultasi sudah berakhir",
        "The consultation is over",
        "Masukan atas kriteria siklus ini diterima sampai {until}. Tidak ada yang berubah.",
        "Comments on the criteria of this cycle were taken until {until}. Nothing was changed.",
    ),
    "no_indicators": kind(
        409,
        "Kebijakan ini tidak memakai data impor",
        "This policy imports nothing",
        "Paket kebijakan “{policy}” tidak menghitung data dari luar. Tidak ada yang berubah.",
        "The policy pack “{policy}” counts no figures from elsewhere. Nothing was changed.",
    ),
    "indicators_rejected": kind(
        422,
        "Berkas data belum dapat diterima",
        "The file of figures cannot be taken yet",
        "Ada baris yang belum benar, jadi tidak ada yang disimpan. Perbaiki baris yang disebut, lalu kirim kembali.",
        "Some rows are wrong, so nothing was kept. Mend the rows that are named and send the file again.",
    ),
    "nudged_already": kind(
        409,
        "Sudah diingatkan",
        "Reminded already",
        "Semua yang ditunggu sudah diingatkan dalam 24 jam terakhir, atau akan diingatkan pagi berikutnya. Ulangi sehari sesudahnya.",
        "Everybody who is waited for was reminded within the last 24 hours, or is to be in the next morning. Try again a day after that.",
    ),
    "policy_not_newer": kind(
        409,
        "Bukan versi yang lebih baru",
        "Not a newer version",
        "Siklus ini memakai versi {held} dan berkas di server adalah versi {offered}. Naikkan `version` pada berkas yang diperbaiki.",
        "This cycle goes by version {held}, and the file on the server is version {offered}. Count `version` up in the corrected file.",
    ),
    "policy_not_followed": kind(
        409,
        "Perubahan tidak dapat diikuti siklus yang berjalan",
        "A running cycle cannot follow these changes",
        "Beberapa perubahan tidak dapat diterapkan pada siklus yang berjalan; alasannya ada pada `changes`. Tidak ada yang berubah.",
        "Some changes cannot be made in a running cycle; `changes` says where and why. Nothing was changed.",
    ),
    "notice_too_short": kind(
        409,
        "Tenggat dimajukan terlalu dekat",
        "A deadline comes too near",
        "Tenggat siklus yang berjalan tidak boleh dimajukan menjadi sebelum {earliest}. Tidak ada yang berubah.",
        "A deadline of a running cycle may not be brought forward to before {earliest}. Nothing was changed.",
    ),
    "already_open": kind(
        409,
        "Jadwal sudah dibuka",
        "The window is open already",
        "Pegawai sedang bekerja pada jadwal yang sudah dibuka, jadi jadwal itu tidak dapat dibuka lebih lambat. "
        "Tidak ada yang berubah; untuk memberi waktu lebih panjang, mundurkan tenggatnya.",
        "People are at work in a window that has opened, so it cannot open later. "
        "Nothing was changed; to give more time, move its due day.",
    ),
    "reason_required": kind(
        422,
        "Alasan tertulis diperlukan",
        "A written reason is needed",
        "Sebaran predikat tidak sesuai pola predikat organisasi. Tuliskan alasannya, lalu kirim kembali. Tidak ada yang berubah.",
        "The labels do not keep the pattern of the organisation's label. Say why and send again. Nothing was changed.",
    ),
    "distribution_blocked": kind(
        409,
        "Sebaran predikat tidak sesuai pola",
        "The labels do not keep the pattern",
        "Peraturan siklus ini menolak sebaran di luar pola. Tinjau ulang penilaiannya dahulu, lalu ulangi. Tidak ada yang berubah.",
        "This cycle's policy refuses labels outside the pattern. Have ratings looked at again, then repeat. Nothing was changed.",
    ),
    "not_published": kind(
        403,
        "Hasil tidak diumumkan",
        "Results are not published",
        "Menurut peraturan siklus ini hasil seperti ini tidak diumumkan; setiap pegawai membaca hasilnya sendiri.",
        "By this cycle's policy such results are not made known; each employee reads the own one.",
    ),
    "not_published_yet": kind(
        409,
        "Hasil belum diumumkan",
        "Results are not published yet",
        "Hasil diumumkan setelah pengelola kinerja menutup siklus dan penilaian semua orang yang dihitung bersama selesai.",
        "Results are made known once HR closes the cycle and the years of all who are counted together have ended.",
    ),
    "comparison_withheld": kind(
        409,
        "Perbandingan tidak ditampilkan",
        "The comparison is withheld",
        "Kelompok ini terlalu kecil atau predikatnya terlalu seragam, sehingga perbandingan akan menunjukkan hasil seorang rekan.",
        "This group is so small, or its labels so alike, that a comparison would show a single colleague's result.",
    ),
}
