"""The words that the demo agency is made of: names from several regions, offices, posts.

Data only. Every person and place is invented; a resemblance to somebody's real name is chance.
"""

from __future__ import annotations

REGENCY = "Kabupaten Nusa Cempaka"

# Each region: women's given names, men's given names, second names (family, clan or plain); `_` is a blank in a name.
REGIONS: tuple[tuple[str, str, str], ...] = (
    (
        "Sri Dewi Endang Wahyuni Retno Lestari Ningsih Rahayu Suharti Kartika",
        "Agus Bambang Joko Slamet Sugeng Hadi Teguh Wahyu Eko Dwi",
        "Wibowo Santoso Nugroho Prasetyo Setiawan Utomo Widodo Susilo Raharjo Purnomo",
    ),
    (
        "Neneng Euis Iis Lilis Imas Teti Yuyun Cucu Nining Tati",
        "Asep Dadang Ujang Cecep Deden Iwan Yayan Dede Endang Tatang",
        "Hidayat Sutisna Permana Kurniawan Suryana Rukmana Gunawan Supriatna Nurjaman Saepudin",
    ),
    (
        "Tiurma Rotua Duma Lamria Romauli Sondang Tiarma Marsaulina",
        "Parlindungan Sahat Tumpal Binsar Hotman Maruli Poltak Jonggi",
        "Siregar Simanjuntak Nasution Harahap Sitompul Panjaitan Hutapea Manurung Lubis Ginting",
    ),
    (
        "Yusnidar Elfira Rahmayanti Desmawati Fitriani Nurhayati Gusnita Asnimar",
        "Syafril Zulkifli Yusrizal Afrizal Hendri Masrul Ramli Edison",
        "Chaniago Piliang Koto Tanjung Sikumbang Jambak Caniago Guci",
    ),
    (
        "Andi Hasnah Rosmini Sitti Nurjannah Hasmawati Darmawati Marhumah Sukmawati",
        "Baso Muhammad Abdul Syamsul Hasanuddin Baharuddin Arifin Jamaluddin Mappa",
        "Palesang Mattalatta Rahim Tahir Patunru Daeng Kadir Latief Hamid",
    ),
    (
        "Ni_Luh Ni_Ketut Ni_Putu Ni_Kadek Ni_Komang Ni_Wayan Ni_Made Ni_Nyoman",
        "I_Wayan I_Made I_Nyoman I_Ketut I_Gede I_Putu I_Kadek I_Komang",
        "Sudarma Suartini Widiani Astawa Sukerta Ariani Wirawan Adnyana",
    ),
    (
        "Norhayati Rusmiati Siti_Aminah Mahmudah Rina Aulia Jamilah Salasiah",
        "Ahmad Syahrani Rusdiansyah Fahmi Hairul Gazali Rahmadi Noor",
        "Syahrani Anwar Effendi Rahman Ramadhan Hasan Fauzi Maulana",
    ),
    (
        "Yosefina Maria Agustina Ludia Dorkas Marthina Yuliana Selfina",
        "Yohanes Markus Daniel Frans Yulius Melkias Petrus Lukas",
        "Wanggai Rumbiak Tebay Latuconsina Manuputty Kawatu Lengkong Nainggolan Bria Seran",
    ),
    (
        "Cut Nuraini Zahara Fauziah Mutia Nurlaila Rohani Safrina",
        "Teuku Iskandar Zainal Ridwan Muzakir Fadhil Saiful Husaini",
        "Daud Ibrahim Yusuf Abdullah Usman Ismail Sulaiman Idris",
    ),
    (
        "Melinda Lanny Susanti Mei Yulianti Vivi Herlina Erlina",
        "Hendra Rudy Andreas Budi Kevin Edwin Stefanus Hartono",
        "Wijaya Halim Tanujaya Kusuma Gunadi Salim Susanto Lim",
    ),
)

# Offices beside the fixed ones: code, name, post of the staff, job family.
OFFICES: tuple[tuple[str, str, str, str], ...] = (
    ("PUPR", "Dinas Pekerjaan Umum dan Penataan Ruang", "Penata Kelola Jalan dan Jembatan", "teknis"),
    ("DPMPTSP", "Dinas Penanaman Modal dan PTSP", "Penata Perizinan", "pelayanan_publik"),
    ("BPKAD", "Badan Pengelolaan Keuangan dan Aset Daerah", "Analis Keuangan Pusat dan Daerah", "administrasi"),
    ("DINSOS", "Dinas Sosial", "Pekerja Sosial", "pelayanan_publik"),
    ("DISHUB", "Dinas Perhubungan", "Penguji Kendaraan Bermotor", "teknis"),
    ("DISKOMINFO", "Dinas Komunikasi dan Informatika", "Pranata Komputer", "teknis"),
    ("DISTAN", "Dinas Pertanian", "Penyuluh Pertanian", "teknis"),
    ("DLH", "Dinas Lingkungan Hidup", "Pengendali Dampak Lingkungan", "teknis"),
    ("BAPENDA", "Badan Pendapatan Daerah", "Penilai Pajak Daerah", "pelayanan_publik"),
    ("DISNAKER", "Dinas Tenaga Kerja", "Pengantar Kerja", "pelayanan_publik"),
    ("DISPERINDAG", "Dinas Perindustrian dan Perdagangan", "Penera", "teknis"),
    ("DPMD", "Dinas Pemberdayaan Masyarakat dan Desa", "Penggerak Swadaya Masyarakat", "administrasi"),
    ("SATPOLPP", "Satuan Polisi Pamong Praja", "Polisi Pamong Praja", "pelayanan_publik"),
    ("DISARPUS", "Dinas Kearsipan dan Perpustakaan", "Arsiparis", "administrasi"),
)

DISTRICTS = (
    *("Muara Cempaka", "Batu Lintang", "Sungai Melati", "Gunung Pandan", "Tanjung Kenari", "Rawa Seroja"),
    *("Lembah Sirih", "Pulau Merbau", "Air Kuning", "Padang Mengkudu", "Bukit Ketapang", "Teluk Kemuning"),
    *("Simpang Randu", "Hulu Mahoni", "Hilir Mahoni", "Karang Delima", "Lubuk Trembesi", "Ujung Ketapi"),
    *("Bandar Kenanga", "Sawah Gading"),
)

# Staff of a place: post, job family, levels to choose from; a line repeated is a line more frequent.
SCHOOL_STAFF = (("Guru", "guru", ("Ahli Pertama", "Ahli Muda", "Ahli Madya")),) * 8 + (
    ("Pengadministrasi Sekolah", "administrasi", ("Pelaksana",)),
)
HEALTH_STAFF = (
    ("Perawat", "tenaga_kesehatan", ("Terampil", "Mahir", "Penyelia", "Ahli Pertama")),
    ("Bidan", "tenaga_kesehatan", ("Terampil", "Mahir", "Penyelia")),
    ("Dokter", "tenaga_kesehatan", ("Ahli Pertama", "Ahli Muda")),
    ("Apoteker", "tenaga_kesehatan", ("Ahli Pertama",)),
    ("Sanitarian", "tenaga_kesehatan", ("Pemula", "Terampil", "Mahir")),
    ("Pengadministrasi Kesehatan", "administrasi", ("Pelaksana",)),
)
GENERAL_STAFF = (
    ("Pengadministrasi Perkantoran", "administrasi", ("Pelaksana",)),
    ("Pengelola Layanan Operasional", "pelayanan_publik", ("Pelaksana",)),
    ("Penata Layanan Operasional", "pelayanan_publik", ("Pelaksana",)),
)

# By post, else by job family.
DEGREES = {
    "Bidan": ("A.Md.Keb.", "S.Tr.Keb."),
    "Perawat": ("A.Md.Kep.", "S.Kep., Ns."),
    "Apoteker": ("S.Farm., Apt.",),
    "tenaga_kesehatan": ("S.K.M.", "S.Kep., Ns.", "A.Md.Kes."),
    "guru": ("S.Pd.", "S.Pd.", "M.Pd."),
    "teknis": ("S.T.", "S.Kom.", "S.P."),
    "administrasi": ("S.E.", "S.AP."),
}
