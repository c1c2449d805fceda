"""What cannot be taken about people: a roster file, and who lets whom act for him."""

from __future__ import annotations

from api.problem_catalogue.kind import Kind, kind

OF_PEOPLE: dict[str, Kind] = {
    "roster_rejected": kind(
        422,
        "Daftar pegawai ditolak",
        "The roster was refused",
        "Ada baris yang tidak dapat diterima. Tidak satu pun baris disimpan.",
        "Some rows cannot be taken. No row was stored.",
    ),
    "earlier_years_rejected": kind(
        422,
        "Hasil tahun sebelumnya ditolak",
        "Results of earlier years were refused",
        "Ada baris yang tidak dapat diterima. Tidak satu pun baris disimpan.",
        "Some rows cannot be taken. No row was stored.",
    ),
    "delegation_to_oneself": kind(
        422,
        "Pelimpahan kepada diri sendiri",
        "A delegation to oneself",
        "Wewenang tidak dapat dilimpahkan kepada diri sendiri. Pilih pegawai lain.",
        "Nobody takes powers on himself. Choose somebody else.",
    ),
    "delegation_reversed": kind(
        422,
        "Akhir mendahului awal",
        "It ends before it begins",
        "Hari terakhir pelimpahan mendahului hari pertamanya. Perbaiki tanggalnya.",
        "The last day of the delegation is before its first. Correct the dates.",
    ),
    "delegation_in_past": kind(
        422,
        "Tanggal sudah lewat",
        "A delegation in the past",
        "Pelimpahan tidak berlaku surut. Mulai hari ini atau sesudahnya.",
        "A delegation does not reach back. Let it begin today or later.",
    ),
    "delegation_too_long": kind(
        422,
        "Pelimpahan terlalu lama",
        "The delegation is too long",
        "Pelimpahan paling lama satu tahun. Untuk waktu lebih lama, tetapkan Plt pada daftar pegawai.",
        "A delegation lasts a year at most. For longer, appoint an acting official in the roster.",
    ),
    "delegation_to_subject": kind(
        422,
        "Pelimpahan kepada pegawai yang dinilai",
        "A delegation to the person appraised",
        "Pegawai ini satu-satunya yang Anda nilai, dan tidak seorang pun menilai dirinya sendiri. Pilih pegawai lain.",
        "This is the only person you appraise, and nobody appraises herself. Choose somebody else.",
    ),
    "delegation_circle": kind(
        422,
        "Pelimpahan melingkar",
        "The delegation is a circle",
        "Pada hari-hari itu pegawai tersebut sudah melimpahkan wewenangnya ke arah Anda. Akhiri dahulu pelimpahan itu.",
        "On those days that person's own powers are delegated towards you. End that delegation first.",
    ),
    "delegation_chain": kind(
        422,
        "Pelimpahan berantai",
        "The delegation is a chain",
        "Yang dilimpahkan tidak dapat dilimpahkan lagi: pada hari-hari itu salah satu sudah menerima atau memberi pelimpahan.",
        "What was delegated is not delegated on: on those days one of the two already acts for somebody, or is acted for.",
    ),
    "delegation_exists": kind(
        422,
        "Pelimpahan sudah ada",
        "There is such a delegation",
        "Antara kedua pegawai ini sudah ada pelimpahan pada hari-hari itu. Akhiri dahulu untuk mengubahnya.",
        "There is a delegation between these two on those days already. End it first to change it.",
    ),
    "delegation_answered": kind(
        409,
        "Pelimpahan sudah dijawab",
        "The delegation was answered",
        "Pelimpahan ini sudah dijawab atau diakhiri. Tidak ada yang berubah.",
        "This delegation was answered or ended already. Nothing was changed.",
    ),
    "delegation_over": kind(
        409,
        "Masa pelimpahan sudah lewat",
        "The delegation is over",
        "Hari terakhir pelimpahan ini sudah lewat. Minta pelimpahan baru bila masih perlu.",
        "The last day of this delegation has passed. Ask for a new one if it is still needed.",
    ),
}
