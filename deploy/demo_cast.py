"""The thirty people whom every demo agency begins with, in an order in which superiors come first.

The order is the promise: the first twelve already hold every role, and any prefix is a roster without a loose end.
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy.demo_names import REGENCY

OUTSIDE = "LUAR"


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    parent: str = ""
    work_week: int = 5


@dataclass(frozen=True)
class Part:
    """`boss` is another part's key, `LUAR` (the regent) or empty; `acting_for` too is a key."""

    key: str
    name: str
    woman: bool
    age: int
    post: str
    unit: str
    boss: str
    level: str
    family: str = "administrasi"
    roles: str = ""
    kind: str = "PNS"
    acting_for: str = ""


UNITS = {
    unit.code: unit
    for unit in (
        Unit("PEMKAB", f"Pemerintah {REGENCY}"),
        Unit("SETDA", "Sekretariat Daerah", "PEMKAB"),
        Unit("BKPSDM", "Badan Kepegawaian dan Pengembangan SDM", "PEMKAB"),
        Unit("INSPEKTORAT", "Inspektorat Daerah", "PEMKAB"),
        Unit("DUKCAPIL", "Dinas Kependudukan dan Pencatatan Sipil", "PEMKAB"),
        Unit("BAPPEDA", "Badan Perencanaan Pembangunan Daerah", "PEMKAB"),
        Unit("DISDIK", "Dinas Pendidikan", "PEMKAB"),
        Unit("SDN-001", "SD Negeri 1 Muara Cempaka", "DISDIK", 6),
        Unit("DINKES", "Dinas Kesehatan", "PEMKAB"),
        Unit("PKM-01", "Puskesmas Muara Cempaka", "DINKES", 6),
        Unit("KEC-01", "Kecamatan Muara Cempaka", "PEMKAB"),
    )
}

_JPT, _ADM, _PWS, _STAFF = "JPT Pratama", "Administrator", "Pengawas", "Pelaksana"
_PUBLIC, _HEALTH = "pelayanan_publik", "tenaga_kesehatan"

# fmt: off
CAST = (
    Part("pyb", "Drs. Haryanto Wibisana, M.Si.", False, 57, "Sekretaris Daerah", "PEMKAB", OUTSIDE, _JPT,
         roles="kepala_unit pyb"),
    Part("assistant", "Dra. Rosmaida Harahap, M.M.", True, 56, "Asisten Administrasi Umum", "SETDA", "pyb", _JPT,
         roles="board kepala_unit pyb"),
    Part("hr_head", "I Gede Adnyana, S.STP., M.Si.", False, 48, "Kepala BKPSDM", "BKPSDM", "pyb", _JPT,
         roles="board kepala_unit"),
    Part("hr", "Ratna Kusumaningrum, S.E., M.M.", True, 45, "Kepala Bidang Penilaian Kinerja", "BKPSDM", "hr_head",
         _ADM, roles="hr"),
    Part("hr_analyst", "Fadhil Iskandar, S.Kom.", False, 36, "Analis SDM Aparatur", "BKPSDM", "hr", "Ahli Muda",
         roles="hr"),
    Part("inspector", "Ir. Yusrizal Piliang, M.Ak.", False, 55, "Inspektur Daerah", "INSPEKTORAT", "pyb", _JPT,
         roles="kepala_unit"),
    Part("auditor", "Marthina Rumbiak, S.E., Ak.", True, 49, "Auditor", "INSPEKTORAT", "inspector", "Ahli Madya",
         roles="auditor"),
    Part("office_head", "H. Syamsul Rahim, S.Sos., M.A.P.", False, 53, "Kepala Dinas Dukcapil", "DUKCAPIL", "pyb",
         _JPT, _PUBLIC, "kepala_unit"),
    Part("senior", "Lanny Wijayanti, S.H., M.H.", True, 47, "Kepala Bidang Pelayanan Pendaftaran Penduduk", "DUKCAPIL",
         "office_head", _ADM, _PUBLIC),
    Part("supervisor", "Asep Permana, S.AP.", False, 41, "Kepala Seksi Identitas Penduduk", "DUKCAPIL", "senior",
         _PWS, _PUBLIC),
    Part("employee", "Sari Wulandari, A.Md.", True, 31, "Pengelola Layanan Operasional", "DUKCAPIL", "supervisor",
         _STAFF, _PUBLIC),
    Part("board", "Dr. Tumpal Panjaitan, S.T., M.T.", False, 52, "Kepala Bappeda", "BAPPEDA", "pyb", _JPT,
         roles="board kepala_unit"),
    Part("colleague", "Ahmad Syahrani", False, 34, "Pengadministrasi Perkantoran", "DUKCAPIL", "supervisor", _STAFF,
         _PUBLIC, kind="PPPK"),
    Part("technician", "Melinda Halim, S.Kom.", True, 29, "Administrator Database Kependudukan", "DUKCAPIL",
         "supervisor", "Ahli Pertama", "teknis", kind="PPPK"),
    Part("assistant_people", "Teuku Ridwan Daud, S.IP., M.Si.", False, 54, "Asisten Pemerintahan dan Kesra", "SETDA",
         "pyb", _JPT, roles="kepala_unit"),
    Part("education", "Dr. Endang Lestari, M.Pd.", True, 55, "Kepala Dinas Pendidikan", "DISDIK", "pyb", _JPT, "guru",
         "kepala_unit"),
    Part("school_head", "Neneng Suryana, M.Pd.", True, 50, "Kepala Sekolah", "SDN-001", "education", "Ahli Madya",
         "guru", "kepala_unit"),
    Part("teacher", "Yohanes Bria Seran, S.Pd.", False, 38, "Guru Kelas", "SDN-001", "school_head", "Ahli Muda",
         "guru"),
    Part("young_teacher", "Ni Luh Ariani, S.Pd.", True, 27, "Guru Kelas", "SDN-001", "school_head", "Ahli Pertama",
         "guru", kind="PPPK"),
    Part("health", "dr. Desmawati Koto, M.Kes.", True, 51, "Kepala Dinas Kesehatan", "DINKES", "pyb", _JPT, _HEALTH,
         "kepala_unit"),
    Part("clinic_head", "drg. Andi Sukmawati", True, 44, "Kepala Puskesmas", "PKM-01", "health", "Ahli Madya",
         _HEALTH, "kepala_unit"),
    Part("nurse", "Lamria Simanjuntak, A.Md.Kep.", True, 35, "Perawat", "PKM-01", "clinic_head", "Mahir", _HEALTH),
    Part("young_doctor", "dr. Kevin Tanujaya", False, 28, "Dokter", "PKM-01", "clinic_head", "Ahli Pertama", _HEALTH,
         kind="CPNS"),
    Part("district_head", "Masrul Tanjung, S.STP.", False, 43, "Camat Muara Cempaka", "KEC-01", "assistant_people",
         _ADM, _PUBLIC, "kepala_unit"),
    Part("district_clerk", "Yuliana Kawatu", True, 33, "Pengadministrasi Perkantoran", "KEC-01", "district_head",
         _STAFF, _PUBLIC, kind="PPPK"),
    Part("absent_head", "Baharuddin Latief, S.Sos.", False, 56, "Kepala Bidang Pemanfaatan Data", "DUKCAPIL",
         "office_head", _ADM, _PUBLIC),
    Part("acting_head", "Kartika Raharjo, S.H.", True, 46, "Kepala Bidang Pencatatan Sipil", "DUKCAPIL", "office_head",
         _ADM, _PUBLIC, acting_for="absent_head"),
    Part("data_analyst", "Hendra Susanto, S.Si.", False, 32, "Statistisi", "DUKCAPIL", "absent_head", "Ahli Pertama",
         "teknis"),
    Part("unplaced", "Cut Safrina, S.E.", True, 40, "Penata Layanan Operasional", "SETDA", "", _STAFF),
    Part("general_affairs", "Edison Sikumbang, S.E.", False, 49, "Kepala Bagian Umum", "SETDA", "assistant", _ADM),
)
# fmt: on

PERSONAS = {
    "employee": "Pegawai: menyusun rencana, melapor, menilai diri, menerima hasil atau mengajukan keberatan.",
    "supervisor": "Pejabat penilai Sari Wulandari: menyetujui rencana dan memberi penilaian.",
    "senior": "Atasan pejabat penilai: mengambil alih yang tertunda dan memutus keberatan.",
    "hr": "Pengelola kinerja di BKPSDM: membuka siklus, mengatur tenggat, mengurai hambatan.",
    "board": "Anggota tim penilai kinerja: menetapkan predikat organisasi dan melihat sebaran.",
    "auditor": "Auditor Inspektorat: membaca semua jejak dan membuktikan tidak ada yang diubah.",
    "pyb": "Sekretaris Daerah, pejabat yang berwenang: bertindak bagi bupati dan sebagai pemutus berikutnya.",
}
