"""What the pages say about buttons: what stands on them, what comes of pressing them, and of nobody pressing any."""

from __future__ import annotations

from models.vocabulary import Action, Silence

OPENS: dict[str, str] = {
    Action.SUBMIT_PLAN: "Isi rencana",
    Action.AMEND_PLAN: "Ubah rencana",
    Action.SUBMIT_MIDYEAR: "Isi laporan periode",
    Action.SUBMIT_SELF_ASSESSMENT: "Isi laporan diri",
    Action.SUBMIT_RATING: "Beri penilaian",
    Action.FILE_APPEAL: "Ajukan keberatan",
    Action.ANSWER_APPEAL: "Tanggapi keberatan",
    Action.DECIDE_APPEAL: "Putuskan keberatan",
}
"""On what leads to a form, which sends nothing yet."""
SENDS: dict[str, str] = {
    Action.SUBMIT_PLAN: "Kirim rencana",
    Action.AMEND_PLAN: "Kirim perubahan rencana",
    Action.SUBMIT_MIDYEAR: "Kirim laporan periode",
    Action.SUBMIT_SELF_ASSESSMENT: "Kirim laporan diri",
    Action.SUBMIT_RATING: "Kirim penilaian",
    Action.FILE_APPEAL: "Kirim keberatan",
    Action.ANSWER_APPEAL: "Kirim tanggapan",
    Action.DECIDE_APPEAL: "Kirim keputusan",
}
"""On the button of a form."""
BRIEFLY: dict[str, str] = {
    Action.APPROVE_PLAN: "Setujui",
    Action.COMPLETE_MIDYEAR: "Selesaikan",
    Action.CONFIRM_RATING: "Tetapkan",
    Action.RETURN_PLAN: "Kembalikan",
    Action.RETURN_MIDYEAR: "Kembalikan",
    Action.RETURN_RATING: "Kembalikan",
}
"""Where the line says already what it is about."""
SEND_HINTS: dict[str, str] = {
    Action.SUBMIT_PLAN: "Setelah dikirim, rencana ditinjau pejabat penilai Anda.",
    Action.AMEND_PLAN: "Rencana yang berlaku tetap berlaku sampai perubahan ini disetujui.",
    Action.SUBMIT_MIDYEAR: "Setelah dikirim, laporan ditinjau pejabat penilai Anda.",
    Action.SUBMIT_SELF_ASSESSMENT: "Setelah dikirim, pejabat penilai membacanya saat menilai.",
    Action.SUBMIT_RATING: "Setelah dikirim, predikat dihitung dari penilaian ini; pegawai melihatnya saat hasil disampaikan.",
    Action.FILE_APPEAL: "Setelah dikirim, yang menilai memberi tanggapan, lalu pejabat di atasnya memutus.",
    Action.ANSWER_APPEAL: "Setelah dikirim, keberatan dan tanggapan diteruskan kepada pemutus.",
    Action.DECIDE_APPEAL: "Keputusan disampaikan kepada pegawai beserta alasannya dan tidak dapat ditarik.",
}
"""What comes of sending, told beside the button."""
PLAINLY: dict[str, tuple[str, str]] = {
    "version_conflict": ("Sudah berubah sejak Anda buka", "Sementara itu ada yang menyimpan atau bertindak."),
    "engine_away": ("Sistem sedang tidak dapat dihubungi", "Hasil tindakan ini belum diketahui."),
    "internal_error": ("Kesalahan pada sistem", "Kesalahan ini sudah dicatat. Tidak ada yang setengah jadi."),
    "not_found": (
        "Halaman tidak ditemukan",
        "Tidak ada halaman atau data dengan alamat ini. Mungkin salah ketik, atau sudah tidak ada.",
    ),
    "method_not_allowed": (
        "Alamat ini bukan halaman",
        "Alamat ini hanya menerima kiriman dari formulirnya. Buka halamannya dari beranda.",
    ),
    "body_too_large": (
        "Kiriman terlalu besar",
        "Tulisan dapat dikirim sampai 1 MB, berkas sampai 10 MB. Tidak ada yang disimpan dari kiriman ini;"
        " kembali ke halaman sebelumnya, tulisan Anda masih ada di sana.",
    ),
    "key_reused": ("Halaman ini sudah pernah dipakai", "Buka kembali halamannya, lalu ulangi."),
}
"""Title and sentence of problems whose own speak to a program."""
SILENCES: dict[str, str] = {
    Silence.TAKEOVER: "pejabat di atasnya boleh bertindak menggantikan",
    Silence.PROCEED_WITHOUT: "tahun penilaian berlanjut tanpa langkah ini",
    Silence.ACCEPT: "hasil dianggap diterima",
    Silence.ESCALATE: "diteruskan kepada pejabat di atasnya",
    Silence.STANDS: "hasil dinyatakan tetap",
    Silence.GRANT: "keberatan dianggap dikabulkan",
}
"""What comes of it where nobody acts; nothing comes of it where it has no word here."""
ACT_HINTS: dict[str, str] = {
    Action.EXTEND: "Memberi waktu lebih untuk langkah ini, hanya bagi orang ini.",
    Action.REASSIGN: "Orang lain menjadi pejabat penilainya; tugas yang menunggu ikut berpindah.",
    Action.SUSPEND: "Tenggatnya berhenti sampai dilanjutkan. Rancangan tetap tersimpan.",
    Action.CANCEL: "Tahun penilaian ini berakhir tanpa hasil.",
    Action.DISPUTE_SUPERVISOR: "Bila pejabat penilai Anda bukan orang yang tepat. Pengelola kinerja akan memeriksanya.",
}
"""What comes of a button, told above its fields."""
FIELDS: dict[str, str] = {
    "comment": "Catatan",
    "reason": "Alasan",
    "at": "Kapan disampaikan",
    "proof": "Bukti penyampaian",
    "due_at": "Tenggat baru",
    "supervisor": "NIP pejabat penilai yang baru",
    "to": "Dibuka kembali ke",
    "authority": "Dasar kewenangan",
}
