"""The words of the pages: what states, actions, roles and parts are called on a screen.

The tables are Indonesian: plain words first, the official term in brackets where people know it. What the functions here answer is in
the language of the page (`api.web.language`), which outside of a page is Indonesian; dates as people write them in it.
"""

from __future__ import annotations

from datetime import date, datetime

from api.web import written
from api.web.language import gettext as _
from api.web.language import spoken
from models import rungs
from models.feedback import Standing
from models.remarks import RemarkKind
from models.trail_actions import TrailAction
from models.vocabulary import (
    Action,
    Ending,
    EngineAction,
    Form,
    FormStatus,
    Label,
    ProgrammeOutcome,
    ProgrammeState,
    Progress,
    Role,
    State,
    Zone,
)
from models.workdays import ZONES

STATES: dict[str, str] = {
    State.PLAN_DRAFTING: "Menyusun rencana kinerja (SKP)",
    State.PLAN_REVIEWING: "Rencana menunggu persetujuan",
    State.EXECUTION_RUNNING: "Pelaksanaan kinerja",
    State.MIDYEAR_DRAFTING: "Menyusun laporan periode",
    State.MIDYEAR_REVIEWING: "Laporan periode menunggu tinjauan",
    State.SELF_ASSESSMENT_DRAFTING: "Menyusun laporan diri",
    State.RATING_DRAFTING: "Menunggu penilaian atasan",
    State.CALIBRATION_WAITING: "Menunggu predikat kinerja organisasi",
    State.CALIBRATION_REVIEWING: "Menunggu tim penilai",
    State.APPEAL_OPEN: "Hasil tersedia: diterima atau keberatan",
    State.APPEAL_ANSWERING: "Keberatan menunggu tanggapan",
    State.APPEAL_DECIDING: "Keberatan menunggu keputusan",
    State.FINALISATION_RUNNING: "Berkas sedang disimpan",
    State.FINALISATION_DONE: "Selesai",
}
STAGES = {
    "plan": "Rencana kinerja (SKP)",
    "midyear": "Evaluasi periode",
    "self_assessment": "Laporan diri",
    "rating": "Penilaian atasan",
    "calibration": "Penyelarasan",
    "appeal": "Penyampaian hasil dan keberatan",
    "finalisation": "Penyelesaian",
}
STATUSES = {"done": "Selesai", "not_reviewed": "Tidak direviu", "current": "Sedang berjalan", "coming": "Berikutnya"}
FORMS: dict[str, str] = {
    Form.PLAN: "Rencana kinerja (SKP)",
    Form.MIDYEAR: "Laporan periode",
    Form.SELF_ASSESSMENT: "Laporan diri",
    Form.RATING: "Penilaian",
    Form.APPEAL: "Keberatan",
    Form.ANSWER: "Tanggapan atas keberatan",
    Form.DECISION: "Keputusan atas keberatan",
}
FORM_STATUSES: dict[str, str] = {
    FormStatus.EMPTY: "belum diisi",
    FormStatus.DRAFT: "rancangan",
    FormStatus.SUBMITTED: "sudah dikirim",
    FormStatus.RETURNED: "dikembalikan",
}
ROLES: dict[str, str] = {
    Role.EMPLOYEE: "pegawai",
    Role.SUPERVISOR: "pejabat penilai kinerja",
    Role.SENIOR: "atasan pejabat penilai",
    Role.APPEAL_AUTHORITY: "pemutus keberatan",
    Role.APPOINTING_AUTHORITY: "pejabat yang berwenang",
    Role.BOARD: "tim penilai kinerja",
    Role.UNIT_HEAD: "kepala unit",
    Role.LABEL_SETTER: "penetapan predikat organisasi",
    Role.HR: "pengelola kinerja",
    Role.AUDITOR: "auditor",
    Role.SUCCESSOR: "pejabat penilai berikutnya",
    Role.ENGINE: "sistem",
    "kepala_unit": "kepala unit",
    "pyb": "pejabat yang berwenang",
}
ACTIONS: dict[str, str] = {
    Action.SUBMIT_PLAN: "Kirim rencana",
    Action.APPROVE_PLAN: "Setujui rencana",
    Action.RETURN_PLAN: "Kembalikan rencana",
    Action.RECALL_PLAN: "Tarik kembali rencana",
    Action.AMEND_PLAN: "Ubah rencana",
    Action.SUBMIT_MIDYEAR: "Kirim laporan periode",
    Action.COMPLETE_MIDYEAR: "Selesaikan tinjauan periode",
    Action.RETURN_MIDYEAR: "Kembalikan laporan periode",
    Action.RECALL_MIDYEAR: "Tarik kembali laporan periode",
    Action.SUBMIT_SELF_ASSESSMENT: "Kirim laporan diri",
    Action.RETURN_SELF_ASSESSMENT: "Kembalikan laporan diri",
    Action.SUBMIT_RATING: "Beri penilaian",
    Action.CONFIRM_RATING: "Tetapkan penilaian",
    Action.RETURN_RATING: "Kembalikan penilaian",
    Action.ACKNOWLEDGE_RESULT: "Buka hasil",
    Action.ACCEPT_RESULT: "Terima hasil",
    Action.RECORD_DELIVERY: "Catat penyampaian hasil",
    Action.FILE_APPEAL: "Ajukan keberatan",
    Action.WITHDRAW_APPEAL: "Cabut keberatan",
    Action.ANSWER_APPEAL: "Tanggapi keberatan",
    Action.DECIDE_APPEAL: "Putuskan keberatan",
    Action.REOPEN: "Buka kembali",
    Action.SUSPEND: "Tangguhkan",
    Action.RESUME: "Lanjutkan",
    Action.CANCEL: "Batalkan",
    Action.EXTEND: "Perpanjang tenggat",
    Action.REASSIGN: "Ganti pejabat penilai",
    Action.DISPUTE_SUPERVISOR: "Sanggah pejabat penilai",
}
HAPPENED: dict[str, str] = {
    Action.SUBMIT_PLAN: "Rencana dikirim",
    Action.APPROVE_PLAN: "Rencana disetujui",
    Action.RETURN_PLAN: "Rencana dikembalikan",
    Action.RECALL_PLAN: "Rencana ditarik kembali",
    Action.AMEND_PLAN: "Rencana diubah",
    Action.SUBMIT_MIDYEAR: "Laporan periode dikirim",
    Action.COMPLETE_MIDYEAR: "Tinjauan periode diselesaikan",
    Action.RETURN_MIDYEAR: "Laporan periode dikembalikan",
    Action.RECALL_MIDYEAR: "Laporan periode ditarik kembali",
    Action.SUBMIT_SELF_ASSESSMENT: "Laporan diri dikirim",
    Action.RETURN_SELF_ASSESSMENT: "Laporan diri dikembalikan",
    Action.SUBMIT_RATING: "Penilaian diberikan",
    Action.CONFIRM_RATING: "Penilaian ditetapkan",
    Action.RETURN_RATING: "Penilaian dikembalikan",
    Action.ACKNOWLEDGE_RESULT: "Hasil dibuka",
    Action.ACCEPT_RESULT: "Hasil diterima",
    Action.RECORD_DELIVERY: "Penyampaian hasil dicatat",
    Action.FILE_APPEAL: "Keberatan diajukan",
    Action.WITHDRAW_APPEAL: "Keberatan dicabut",
    Action.ANSWER_APPEAL: "Keberatan ditanggapi",
    Action.DECIDE_APPEAL: "Keberatan diputuskan",
    Action.REOPEN: "Dibuka kembali",
    Action.SUSPEND: "Ditangguhkan",
    Action.RESUME: "Dilanjutkan",
    Action.CANCEL: "Dibatalkan",
    Action.EXTEND: "Tenggat diperpanjang",
    Action.REASSIGN: "Pejabat penilai diganti",
    Action.DISPUTE_SUPERVISOR: "Pejabat penilai disanggah",
    EngineAction.OPEN: "Siklus dimulai",
    EngineAction.OPEN_WINDOW: "Tahap dibuka",
    EngineAction.REACH_RUNG: "Pengingat",
    EngineAction.LAPSE: "Batas waktu terlewati",
    EngineAction.SKIP_PERIOD: "Periode dilewati",
    EngineAction.CLOSE_PERIOD: "Periode ditutup",
    EngineAction.RECEIVE_LABEL: "Predikat organisasi diterima",
    EngineAction.CLOSE_SEGMENT: "Bagian tahun ini ditutup karena mutasi",
    EngineAction.BEGIN_LEAVE: "Cuti dimulai",
    EngineAction.PROLONG_LEAVE: "Cuti dilanjutkan",
    EngineAction.END_LEAVE: "Cuti berakhir",
    EngineAction.EXIT: "Pegawai berhenti",
    EngineAction.END_UNRATED: "Ditutup tanpa penilaian karena masa kerja kurang",
    EngineAction.SCORE: "Hasil dihitung",
    EngineAction.RESTORE: "Dipulihkan dari catatan",
    EngineAction.ARCHIVE: "Berkas disimpan",
    TrailAction.CYCLE_CREATED: "Siklus disusun",
    TrailAction.CYCLE_OPENED: "Siklus dibuka",
    TrailAction.CYCLE_CLOSING: "Siklus mulai ditutup",
    TrailAction.CYCLE_CLOSED: "Siklus ditutup",
    TrailAction.CYCLE_CANCELLED: "Siklus dibatalkan",
    TrailAction.CONSULTATION_BEGUN: "Konsultasi kriteria dimulai",
    TrailAction.CRITERIA_COMMENTED: "Masukan atas kriteria ditulis",
    TrailAction.COMMENT_ANSWERED: "Masukan atas kriteria dijawab",
    TrailAction.CALENDAR_CHANGED: "Jadwal diubah",
    TrailAction.POLICY_CORRECTED: "Kebijakan dikoreksi",
    TrailAction.OUTAGE_RECORDED: "Gangguan layanan dicatat",
    TrailAction.AGENCY_DAYS_CHANGED: "Hari kerja instansi diubah",
    TrailAction.NUDGED: "Pengingat tambahan dikirim",
    TrailAction.NOTICES_RETRIED: "Pemberitahuan dikirim ulang",
    TrailAction.LABEL_SET: "Predikat kinerja organisasi ditetapkan",
    TrailAction.LABEL_CHANGED: "Predikat kinerja organisasi diubah",
    TrailAction.DISTRIBUTION_EXPLAINED: "Alasan sebaran predikat dicatat",
    TrailAction.ROSTER_IMPORTED: "Daftar pegawai diperbarui",
    TrailAction.INDICATORS_IMPORTED: "Data dari luar dimasukkan",
    TrailAction.ROLE_GRANTED: "Peran diberikan",
    TrailAction.ROLE_REVOKED: "Peran dicabut",
    TrailAction.SUPERVISOR_CHANGED: "Atasan diganti",
    TrailAction.ACTING_CHANGED: "Penunjukan pelaksana tugas diubah",
    TrailAction.PERSON_TRANSFERRED: "Mutasi dicatat",
    TrailAction.TRANSFER_TAKEN_BACK: "Mutasi ditarik kembali",
    TrailAction.UNIT_MOVED: "Unit kerja disesuaikan dengan mutasi",
    TrailAction.UNIT_REORGANISED: "Unit kerja ditata ulang",
    TrailAction.UNITS_HUNG: "Susunan unit kerja diubah",
    TrailAction.LEAVE_RECORDED: "Cuti dicatat",
    TrailAction.LEAVE_TAKEN_BACK: "Cuti ditarik kembali",
    TrailAction.PERSON_LEFT: "Pemberhentian dicatat",
    TrailAction.SERVICE_ELSEWHERE: "Masa kerja di instansi lain dicatat",
    TrailAction.SERVICE_ELSEWHERE_CORRECTED: "Masa kerja di instansi lain diperbaiki",
    TrailAction.SERVICE_ELSEWHERE_WITHDRAWN: "Masa kerja di instansi lain dicabut",
    TrailAction.SERVICE_ELSEWHERE_DOCUMENT: "Dokumen masa kerja di instansi lain disimpan",
    TrailAction.CREDIT_OPENING_RECORDED: "Saldo awal angka kredit dicatat",
    TrailAction.EVALUATION_REQUESTED: "Evaluasi di luar jadwal diminta",
    TrailAction.RECUSAL_DECLARED: "Hubungan pribadi dinyatakan",
    TrailAction.RECUSAL_WITHDRAWN: "Pernyataan hubungan pribadi dicabut",
    TrailAction.TRAININGS_RECORDED: "Pelatihan dicatat",
    TrailAction.EARLIER_YEARS_IMPORTED: "Hasil tahun-tahun sebelumnya diimpor",
    TrailAction.EARLIER_YEAR_CORRECTED: "Hasil tahun sebelumnya diperbaiki",
    TrailAction.TEAM_RECORDED: "Tim dan ketuanya dicatat",
    TrailAction.REMARK_DECIDED: "Masukan tentang layanan diperiksa",
    TrailAction.FOLLOW_UP_DECIDED: "Tindak lanjut hasil diputuskan",
    TrailAction.RESULTS_EXPORTED: "Hasil diunduh sebagai berkas",
    TrailAction.RESULTS_RESENT: "Hasil dikirim ulang ke sistem lain",
    TrailAction.PROGRAMME_BEGUN: "Program perbaikan dimulai",
    TrailAction.PROGRAMME_ENDED: "Program perbaikan berakhir",
    TrailAction.DELEGATION_OFFERED: "Pelimpahan tugas ditawarkan",
    TrailAction.DELEGATION_ACCEPTED: "Pelimpahan tugas diterima",
    TrailAction.DELEGATION_DECLINED: "Pelimpahan tugas ditolak",
    TrailAction.DELEGATION_ENDED: "Pelimpahan tugas berakhir",
}
LABELS: dict[str, str] = {
    Label.SANGAT_BAIK: "Sangat baik",
    Label.BAIK: "Baik",
    Label.BUTUH_PERBAIKAN: "Butuh perbaikan",
    Label.KURANG: "Kurang",
    Label.SANGAT_KURANG: "Sangat kurang",
}
ENDINGS: dict[str, str] = {
    Ending.ACCEPTED: "hasil diterima",
    Ending.ACCEPTED_BY_LAPSE: "hasil dianggap diterima karena batas waktu berakhir",
    Ending.STANDS: "keberatan ditolak, hasil tetap",
    Ending.CHANGED: "keberatan dikabulkan, hasil berubah",
    Ending.WITHDRAWN: "keberatan dicabut, hasil tetap",
    Ending.CANCELLED: "dibatalkan",
    Ending.EXITED: "pegawai berhenti",
    Ending.SEGMENT_CLOSED: "bagian tahun ini ditutup",
    Ending.NOT_RATABLE: "tidak dapat dinilai",
}
PROGRAMMES: dict[str, str] = {
    ProgrammeState.GOALS: "menunggu tujuan ditetapkan",
    ProgrammeState.RUNNING: "berjalan",
    ProgrammeState.CONFIRMING: "evaluasi menunggu pengesahan",
    ProgrammeOutcome.MET: "tujuan tercapai",
    ProgrammeOutcome.NOT_MET: "tujuan tidak tercapai",
    ProgrammeOutcome.CANCELLED: "dibatalkan",
    ProgrammeOutcome.EXITED: "berakhir karena pegawai berhenti",
    Progress.ON_THE_WAY: "sesuai arah",
    Progress.BEHIND: "tertinggal",
}
REMARKS: dict[str, str] = {
    RemarkKind.PRAISE: "Pujian",
    RemarkKind.COMPLAINT: "Keluhan",
    RemarkKind.SUGGESTION: "Saran",
}
STANDINGS: dict[str, str] = {Standing.TEAM_LEADER: "ketua tim", Standing.PEER: "rekan kerja"}
FOLLOWED = {"proposed": "diusulkan", "approve": "disetujui", "decline": "tidak disetujui"}
CYCLES = {
    "draft": "rancangan",
    "opening": "sedang dibuka",
    "open": "terbuka",
    "closing": "sedang ditutup",
    "closed": "ditutup",
    "cancelled": "dibatalkan",
}
NOTICES = {
    "pending": "menunggu",
    "waits": "menunggu ringkasan pagi",
    "shown": "ditampilkan di sini",
    "sent": "terkirim",
    "failed": "gagal",
    "dropped": "batal",
}
RUNGS = {
    "remind": "Pengingat",
    "overdue": "Lewat tenggat",
    "takeover": "Atasan pejabat penilai boleh bertindak",
    "hr_list": "Masuk daftar kerja pengelola kinerja",
}


ENDS: dict[str, str] = {"opens_at": "Dibuka", "due_at": "Jatuh tempo", "closes_at": "Ditutup"}
LEFT: dict[str, str] = {
    "gone": "sudah lewat",
    "days": "tinggal {n} hari",
    "hours": "tinggal {n} jam",
    "minutes": "tinggal {n} menit",
}
"""How long there is still; the script of a countdown says the same."""
LAUNCHES: dict[str, str] = {"pending": "belum dimulai", "failed": "gagal dimulai", "excluded": "dikecualikan"}
LEFT_OUT: dict[str, str] = {
    "no_supervisor": "tidak ada atasan yang dapat menilai",
    "in_another_cycle": "sudah ada di siklus lain",
    "left": "sudah berhenti",
    "cycle_closed": "siklus ditutup sebelum dimulai",
    "cycle_cancelled": "siklus dibatalkan",
}
"""Why somebody of the roster has no year in a cycle."""
HELPS: dict[str, str] = {
    "open": "buka siklus sekali lagi",
    "import": "perbaiki daftar pegawai",
    "label": "tetapkan predikat organisasi",
    "retry": "kirim ulang pemberitahuan",
    "resend": "kirim ulang hasil",
    "remarks": "periksa masukan layanan",
    "trainings": "catat pelatihan",
    "extension": "perpanjang program",
    "cancellation": "batalkan program",
}
"""What HR may do beside an appraisal's own actions."""


def helping(action: str) -> str:
    """What may help, of an entry of the work list."""
    return word(HELPS, action) if action in HELPS else word(ACTIONS, action).lower()


def word(table: dict[str, str], value: object) -> str:
    """The word for a value; the value itself where the table has none, so that a page never fails over a word."""
    found = table.get(str(value))
    return str(value) if found is None else _(found)


def day(at: str) -> str:
    """`31 Januari 2027`, of an ISO date."""
    return written.day(date.fromisoformat(at), spoken())


def month(key: str) -> str:
    """`Mei 2027`, of `2027-05`."""
    year, number = key.split("-")
    return written.month(date(int(year), int(number), 1), spoken())


def end_word(end: str | None) -> str:
    """An end of a window, a date or an instant; a dash where there is none, or where what was typed is neither."""
    try:
        return "–" if not end else day(end) if len(end) == len("2027-01-31") else when(end)
    except ValueError:
        return "–"


def when(at: datetime | str | None, zone: str = "WIB") -> str:
    """`31 Januari 2027, 16.00 WIB`, on the clocks of that zone; a dash where there is no instant."""
    if not at:
        return "–"
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return written.instant(instant, Zone(zone), spoken())


def left(until: datetime | str, now: datetime, zone: str = "WIB") -> str:
    """`tinggal 9 hari`, by the days of that zone; on the last day the hours, then the minutes."""
    end = datetime.fromisoformat(until) if isinstance(until, str) else until
    if end <= now:
        return word(LEFT, "gone")
    clock = ZONES[Zone(zone)]
    days = (end.astimezone(clock).date() - now.astimezone(clock).date()).days
    if days:
        return word(LEFT, "days").format(n=days)
    minutes = int((end - now).total_seconds()) // 60
    return word(LEFT, "hours").format(n=minutes // 60) if minutes >= 60 else word(LEFT, "minutes").format(n=minutes)


def event_word(action: str, rung: object = None) -> str:
    """What happened, in a word; a rung by what it means."""
    if action == EngineAction.REACH_RUNG and rung:
        return word(RUNGS, rungs.act_of(str(rung)))
    return word(HAPPENED, action)


def pointed(pointer: str) -> str:
    """Which end of which window a problem is about: `/windows/plan/due_at` as `Rencana kinerja (SKP), jatuh tempo: `."""
    parts = pointer.strip("/").split("/")
    if parts[0] != "windows" or len(parts) < 2:
        return ""
    end = f", {word(ENDS, parts[2]).lower()}" if len(parts) > 2 and parts[2] in ENDS else ""
    return f"{window_word(parts[1])}{end}: "


def window_word(key: str) -> str:
    """`midyear.1` as `Evaluasi periode 1`."""
    stage, _, period = key.partition(".")
    return f"{word(STAGES, stage)} {period}".strip()


def slot_word(slot: str) -> str:
    """`midyear.2` as `Laporan periode 2`."""
    form, _, period = slot.partition(".")
    return f"{word(FORMS, form)} {period}".strip()
