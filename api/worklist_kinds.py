"""The kinds of entries on HR's work list: what each says, and which actions may help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.language import Bilingual
from models.vocabulary import Action


@dataclass(frozen=True)
class Kind:
    """One kind of entry. `actions` are an appraisal's actions, or calls of the contract by their last word."""

    message: Bilingual
    actions: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "launch_failed": Kind(
        Bilingual(
            id="Penilaian gagal dimulai: {why}. Buka siklus sekali lagi untuk mengulang.",
            en="The appraisal could not be started: {why}. Open the cycle again to retry.",
        ),
        ("open",),
    ),
    "not_begun": Kind(
        Bilingual(
            id="Pegawai ini belum memiliki penilaian pada siklus ini. Buka siklus sekali lagi untuk memulainya.",
            en="This employee has no appraisal in this cycle yet. Open the cycle again to begin it.",
        ),
        ("open",),
    ),
    "acting_not_begun": Kind(
        Bilingual(
            id="Pelaksana tugas ini belum memiliki SKP jabatan tersebut. Buka siklus sekali lagi untuk memulainya.",
            en="This acting official has no plan for that post yet. Open the cycle again to begin it.",
        ),
        ("open",),
    ),
    "no_supervisor": Kind(
        Bilingual(
            id="Tidak ada atasan yang dapat menilai. Perbaiki daftar pegawai, lalu buka siklus sekali lagi.",
            en="Nobody is eligible to rate. Correct the roster, then open the cycle again.",
        ),
        ("import", "open"),
    ),
    "not_cancelled": Kind(
        Bilingual(
            id="Siklus ini dibatalkan, tetapi penilaian ini masih berjalan dan menahan pegawai dari siklus lain. Batalkan.",
            en="This cycle was cancelled, and this appraisal runs still and keeps the employee out of another cycle. Cancel it.",
        ),
        (Action.CANCEL,),
    ),
    "nobody_left": Kind(
        Bilingual(
            id="Tahap ini menunggu pejabat yang tidak ada lagi. Tetapkan atasan lain.",
            en="This step waits on somebody who is not there. Assign another supervisor.",
        ),
        (Action.REASSIGN, Action.SUSPEND, Action.CANCEL),
    ),
    "board_empty": Kind(
        Bilingual(
            id="Nilai ini menunggu dewan penilai yang tidak beranggota. Berikan perannya melalui daftar pegawai.",
            en="This rating waits for a board without members. Grant the role by the roster.",
        ),
        ("import", Action.SUSPEND, Action.CANCEL),
    ),
    "record_blocked": Kind(
        Bilingual(
            id="Pencatatan dihentikan agar tidak keliru. Hubungi pengelola sistem.",
            en="The record was stopped rather than be wrong. Ask the operator of the system.",
        ),
        (),
    ),
    "undelivered": Kind(
        Bilingual(
            id="Hasil belum terbukti diterima pegawai. Sampaikan dan catat penyerahannya.",
            en="The result is not proven delivered. Deliver it and record the delivery.",
        ),
        (Action.RECORD_DELIVERY, Action.SUSPEND, Action.CANCEL),
    ),
    "supervisor_disputed": Kind(
        Bilingual(
            id="Pegawai menyatakan atasannya keliru. Periksa dan tetapkan atasan.",
            en="The employee says her supervisor is the wrong one. Look into it and assign one.",
        ),
        (Action.REASSIGN,),
    ),
    "no_plan": Kind(
        Bilingual(
            id="Masa penilaian sudah dibuka, tetapi SKP belum ditetapkan.",
            en="The rating window has opened and no plan was set.",
        ),
        (Action.EXTEND, Action.REASSIGN, Action.CANCEL),
    ),
    "nobody_acted": Kind(
        Bilingual(
            id="Batas waktu tahap ini lewat tanpa tindakan. Perpanjang, alihkan, atau batalkan.",
            en="Nobody acted on this step in time. Extend it, reassign it, or cancel.",
        ),
        (Action.EXTEND, Action.REASSIGN, Action.CANCEL),
    ),
    "suspended": Kind(
        Bilingual(
            id="Penilaian ini ditangguhkan oleh pengelola kinerja dan menunggu sampai dilanjutkan.",
            en="HR suspended this appraisal, and it waits until somebody resumes it.",
        ),
        (Action.RESUME, Action.CANCEL),
    ),
    "stuck_workflow": Kind(
        Bilingual(
            id="Alur kerja {why} gagal berulang kali dan tidak dapat berlanjut. Hubungi pengelola sistem.",
            en="The workflow {why} fails again and again and cannot go on. Ask the operator of the system.",
        ),
        (),
    ),
    "engine_away": Kind(
        Bilingual(
            id="Mesin alur kerja tidak menjawab, jadi alur kerja yang macet belum dapat disebutkan. Buka lagi sebentar lagi.",
            en="The engine does not answer, so stuck workflows cannot be named. Look again shortly.",
        ),
        (),
    ),
    "pack_unreadable": Kind(
        Bilingual(
            id="Kebijakan siklus ini tidak dapat dibaca; penilaian di dalamnya berhenti tanpa ada yang hilang. Hubungi pengelola sistem.",
            en="The policy of this cycle cannot be read; its appraisals stand still and nothing is lost. Ask the operator of the system.",
        ),
        (),
    ),
    "label_missing": Kind(
        Bilingual(
            id="Hasil menunggu predikat organisasi unit {unit}. Tetapkan predikatnya.",
            en="The result waits for the organisation's label of {unit}. See that it is set.",
        ),
        ("label", Action.EXTEND, Action.CANCEL),
    ),
    "label_after_final": Kind(
        Bilingual(
            id="Predikat organisasi diubah setelah penilaian selesai dan akan mengubah hasilnya. Buka kembali bila perlu.",
            en="The organisation's label was changed after this year was final and would change its outcome. Reopen it if need be.",
        ),
        (Action.REOPEN,),
    ),
    "policy_after_final": Kind(
        Bilingual(
            id="Kebijakan siklus dikoreksi setelah penilaian selesai dan akan mengubah hasilnya. Buka kembali bila perlu.",
            en="The cycle's policy was corrected after this year was final and would change its outcome. Reopen it if need be.",
        ),
        (Action.REOPEN,),
    ),
    "archive_late": Kind(
        Bilingual(
            id="Penilaian selesai, tetapi arsipnya belum dapat ditulis dan terus dicoba. Hubungi pengelola sistem.",
            en="The appraisal is finished, but its archive could not be written yet; it is tried on. Ask the operator of the system.",
        ),
        (),
    ),
    "rater_untrained": Kind(
        Bilingual(
            id="Pejabat ini akan menilai {why} pegawai dan belum tercatat mengikuti pelatihan penilai. Catat pelatihannya setelah diikuti.",
            en="This officer is to rate people ({why}) and has no training of raters on record. Record one once it was taken.",
        ),
        ("trainings",),
    ),
    "remarks_waiting": Kind(
        Bilingual(
            id="Masukan tentang layanan atau program menunggu dibaca sebelum orang lain membacanya: {why}.",
            en="What was said of services or programmes waits to be read before anybody else reads it: {why}.",
        ),
        ("remarks",),
    ),
    "result_refused": Kind(
        Bilingual(
            id="Sistem lain menolak hasil ini: {why}. Perbaiki penyebabnya, lalu kirim ulang.",
            en="The other system refused this result: {why}. Mend the cause, then send it again.",
        ),
        ("resend",),
    ),
    "results_waiting": Kind(
        Bilingual(
            id="Hasil belum diterima sistem lain dan terus dikirim ulang ({why}). Hubungi pengelola sistem.",
            en="Results have not been taken by the other system yet and are sent on ({why}). Ask the operator of the system.",
        ),
        (),
    ),
    "result_left_behind": Kind(
        Bilingual(
            id="Hasil sudah dikirim ke sistem lain, tetapi penilaian kemudian selesai tanpa hasil. Tarik hasil itu di sana.",
            en="A result was sent to the other system, and the appraisal then ended without one. Take it back over there.",
        ),
        (),
    ),
    "hooks_waiting": Kind(
        Bilingual(
            id="Sistem lain belum menerima kabar tentang penilaian ini dan terus dikabari ({why}). Hubungi pengelola sistem.",
            en="Other systems have not taken word of these appraisals yet and are told on ({why}). Ask the operator of the system.",
        ),
        (),
    ),
    "hooks_off": Kind(
        Bilingual(
            id="Sistem lain minta tidak dikabari lagi ({why}). Hubungi pengelola sistem.",
            en="Another system asked to be told nothing more ({why}). Ask the operator of the system.",
        ),
        (),
    ),
    "programme_stalled": Kind(
        Bilingual(
            id="Sebuah langkah program perbaikan lewat tenggat tanpa catatan. Ingatkan atasannya, perpanjang, atau batalkan.",
            en="A step of a programme to improve was not taken in time. Speak to the supervisor, extend it, or cancel it.",
        ),
        ("extension", "cancellation"),
    ),
    "programme_set_aside": Kind(
        Bilingual(
            id="Hasil yang melandasi program perbaikan ini dibuka kembali. Putuskan apakah program diteruskan atau dibatalkan.",
            en="The result that led to this programme was opened again. Decide whether the programme goes on or is cancelled.",
        ),
        ("cancellation",),
    ),
    "notice_failed": Kind(
        Bilingual(
            id="Pemberitahuan tidak terkirim. Kirim ulang setelah penyebabnya diperbaiki, atau hubungi pegawai dengan cara lain.",
            en="A notice could not be sent. Send it again once the cause is mended, or reach the person another way.",
        ),
        ("retry",),
    ),
}

OFFERED = sorted({str(action) for kind in KINDS.values() for action in kind.actions})
"""What an entry may offer, of whatever kind."""
