"""From the dossier to what stands on paper (DOMAIN 1.6): plan (A), evaluation (E) and appeal (F).

Who signs is who really acted, by the trail; where nobody has acted yet it is who stands in that role today. Official
papers are in Indonesian.
"""

from __future__ import annotations

from collections.abc import Mapping

from activities.documents import indonesian
from activities.documents.desk import Desk
from activities.documents.forms import NOTHING
from activities.documents.sheet import DocumentFacts, Kind, Line, Result, Section
from activities.dossier import Dossier
from models.appraisal import Event
from models.credited import as_credited
from models.form_spec import GroupField
from models.policy import PolicyPack
from models.vocabulary import Action, Ending, Form, OrganisationLabel, Role

WIDE, NARROW = 9, 6
"""Columns a table may have on a landscape and on a portrait page."""

EMPLOYEE, RATER, SENIOR = "Pegawai yang Dinilai", "Pejabat Penilai Kinerja", "Atasan Pejabat Penilai Kinerja"
DECIDER = "Pejabat yang Memutus Keberatan"
NOT_SET = "belum ditetapkan"

ENDINGS: Mapping[Ending, str] = {
    Ending.ACCEPTED: "Diterima oleh pegawai",
    Ending.ACCEPTED_BY_LAPSE: "Diterima karena tidak ada keberatan sampai batas waktu",
    Ending.STANDS: "Keberatan diputus, hasil tetap",
    Ending.CHANGED: "Keberatan diputus, hasil diubah",
    Ending.WITHDRAWN: "Keberatan dicabut, hasil tetap",
    Ending.CANCELLED: "Dibatalkan",
    Ending.EXITED: "Pegawai berhenti atau pensiun",
    Ending.SEGMENT_CLOSED: "Segmen jabatan ditutup",
    Ending.NOT_RATABLE: "Tidak dapat dinilai",
}


def compose(
    dossier: Dossier, pack: PolicyPack, kind: Kind, versions: Mapping[int, PolicyPack] | None = None
) -> DocumentFacts | None:
    """The document of that kind; None where there is none (yet): no plan was sent, no result, no appeal.

    `versions` are the packs that the cycle has gone by, where they were several.
    """
    snapshot = dossier.folded()
    if snapshot is None:
        return None
    desk = Desk(dossier, pack, snapshot, dossier.trail(), versions or {})
    match kind:
        case "plan":
            return _plan(desk)
        case "evaluation":
            return _evaluation(desk)
        case "appeal":
            return _appeal(desk)


def _plan(desk: Desk) -> DocumentFacts | None:
    plan = desk.plan
    if plan is None or desk.snapshot.asked_until is not None:  # of some months on request the plan is the year's
        return None
    sent = desk.sending(plan.id)
    approved = desk.approval(sent)
    by_supervisor = sent is not None and sent.role is not Role.EMPLOYEE
    employee = desk.party(EMPLOYEE, None if by_supervisor else sent, Role.EMPLOYEE)
    rater = desk.party(RATER, sent if by_supervisor else approved, Role.SUPERVISOR)
    return desk.facts(
        desk.pack.forms[Form.PLAN].title.id,
        people=(employee, rater),
        watermark=None if desk.snapshot.plan_in_force else "BELUM BERLAKU",
        notice="Ditetapkan oleh pejabat penilai, bukan diajukan oleh pegawai." if by_supervisor else None,
        sections=desk.sections(plan, WIDE),
        signatures=(
            desk.signature(employee, None if by_supervisor else sent, "Diajukan", "[ttd:pegawai]"),
            desk.signature(rater, sent if by_supervisor else approved, "Disetujui", "[ttd:pejabat_penilai]"),
        ),
    )


def _evaluation(desk: Desk) -> DocumentFacts | None:
    snapshot = desk.snapshot
    outcome = next((o for o in desk.dossier.outcomes if o.id == snapshot.outcome_id), None)
    if outcome is None or snapshot.ending is Ending.CANCELLED:
        return None
    rated, decided = desk.rated, desk.decided
    rating, report = desk.sent(rated), desk.form(snapshot.forms.get(Form.SELF_ASSESSMENT.value))
    received = desk.last(Action.ACCEPT_RESULT, Action.ACKNOWLEDGE_RESULT, after=desk.delivered)
    took = "Diterima" if received is not None and received.action is Action.ACCEPT_RESULT else "Hasil dibaca"
    employee = desk.party(EMPLOYEE, None, Role.EMPLOYEE)
    rater = desk.party(RATER, rated, Role.SUPERVISOR)
    senior = desk.party(SENIOR, None, Role.SENIOR)
    sections = desk.sections(rating, NARROW)
    changed = _new_rating(desk) if snapshot.ending is Ending.CHANGED else ()
    pairs = changed or tuple(pair for s in sections for pair in s.pairs)
    notes = tuple(text for s in sections for text in s.texts)
    organisation, pattern = _organisation(desk, outcome.outcome)
    before = (*pairs, *_earlier(desk, outcome.id))
    if snapshot.ending is not None:
        before = (*before, Line(title="Penyelesaian", text=ENDINGS[snapshot.ending]))
    return desk.facts(
        "Dokumen evaluasi kinerja pegawai",
        people=(employee, rater, senior),
        watermark=None if snapshot.ending else "SEMENTARA",
        notice=None if snapshot.ending else "Hasil sementara: belum diterima, atau masih dapat diajukan keberatan.",
        result=Result(
            label=desk.label(outcome.label),
            lines=_whys(as_credited(outcome.outcome, desk.dossier.credited_elsewhere, desk.made_by(outcome))),
            organisation=organisation,
            distribution=pattern,
            before=before,
        ),
        sections=(Section(title="5. CATATAN DAN REKOMENDASI", texts=notes),) if notes else (),
        annexes=(
            *_annex("Lampiran 1. Evaluasi hasil kerja dan perilaku kerja", tuple(s for s in sections if s.tables)),
            *_annex("Lampiran 2. Laporan diri pegawai", desk.sections(report, NARROW)),
        ),
        signatures=(
            desk.signature(employee, received, took, "[ttd:pegawai]"),
            desk.signature(rater, rated, "Dinilai", "[ttd:pejabat_penilai]"),
            desk.signature(
                desk.party(SENIOR if decided is None else DECIDER, decided, Role.SENIOR),
                decided,
                "Diputus",
                "[ttd:atasan_pejabat_penilai]",
            ),
        ),
    )


def _appeal(desk: Desk) -> DocumentFacts | None:
    filed, answered, decided = desk.filed, desk.answered, desk.decided
    if filed is None:
        return None
    employee = desk.party(EMPLOYEE, filed, Role.EMPLOYEE)
    rater = desk.party(RATER, answered or desk.rated, Role.SUPERVISOR)
    decider = desk.party(DECIDER, decided, Role.APPEAL_AUTHORITY)
    return desk.facts(
        "Keberatan atas hasil evaluasi kinerja",
        people=(employee, rater, decider),
        watermark=None if desk.snapshot.ending else "SEMENTARA",
        result=Result(label=NOTHING, lines=(), organisation=NOT_SET, distribution=NOT_SET, before=_labels(desk)),
        sections=(
            *_block("KEBERATAN", desk, filed),
            *_block("PENJELASAN PEJABAT PENILAI ATAS KEBERATAN", desk, answered),
            *_block("KEPUTUSAN ATASAN PEJABAT PENILAI KINERJA", desk, decided),
        ),
        signatures=(
            desk.signature(employee, filed, "Diajukan", "[ttd:pegawai]"),
            desk.signature(rater, answered, "Dijelaskan", "[ttd:pejabat_penilai]"),
            desk.signature(decider, decided, "Diputus", "[ttd:pemutus_keberatan]"),
        ),
    )


def _block(title: str, desk: Desk, event: Event | None) -> tuple[Section, ...]:
    """One of the three texts of the appeal, under the day it was given."""
    form = desk.sent(event)
    if event is None or form is None:
        return (Section(title=title, texts=(Line(title=None, text="Belum atau tidak diberikan."),)),)
    given = f"{title} (tanggal {indonesian.local_date(event.at, desk.dossier.zone)})"
    return (Section(title=given), *desk.sections(form, NARROW))


def _annex(title: str, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    return (Section(title=title), *sections) if sections else ()


def _whys(outcome: Mapping[str, object]) -> tuple[str, ...]:
    lines = outcome.get("lines")
    return tuple(str(line["why"]["id"]) for line in lines) if isinstance(lines, list) else ()


def _organisation(desk: Desk, outcome: Mapping[str, object]) -> tuple[str, str]:
    """The organisation's label that this outcome rests on, and its pattern, by name."""
    spec, lines = desk.pack.distribution, outcome.get("lines")
    found = [line["value"] for line in lines if line["what"] == "organisation"] if isinstance(lines, list) else []
    if spec is None or not found:
        return NOT_SET, NOT_SET
    label = OrganisationLabel(found[-1])
    return spec.names[label].id, spec.patterns[label].title.id


def _new_rating(desk: Desk) -> tuple[Line, ...]:
    """The ratings that a decision put in place of the supervisor's."""
    groups = {f.title.id for f in desk.pack.forms[Form.DECISION].fields if isinstance(f, GroupField)}
    return tuple(pair for s in desk.sections(desk.sent(desk.decided), NARROW) if s.title in groups for pair in s.pairs)


def _earlier(desk: Desk, current: str) -> tuple[Line, ...]:
    """The label that an appeal, a revision or another label of the organisation replaced after it was delivered."""
    now = next(o for o in desk.dossier.outcomes if o.id == current)
    return tuple(
        Line(title="Predikat sebelumnya", text=f"{desk.label(o.label)} (revisi {o.revision})")
        for o in desk.dossier.outcomes
        if o.copy_id != now.copy_id or (o.label != now.label and _organisation(desk, o.outcome)[0] != NOT_SET)
    )[-1:]


def _labels(desk: Desk) -> tuple[Line, ...]:
    """The label an appeal was filed against, and the one after the decision."""
    outcomes = desk.dossier.outcomes
    current = next((o for o in outcomes if o.id == desk.snapshot.outcome_id), None)
    if current is None:
        return (Line(title="Predikat", text=NOT_SET),)
    changed = desk.snapshot.ending is Ending.CHANGED
    earlier = [o for o in outcomes if o.id != current.id] if changed else []
    first = earlier[-1] if earlier else current
    after = desk.label(current.label) if desk.snapshot.ending else "menunggu keputusan"
    return (
        Line(title="Predikat sebelum keberatan", text=desk.label(first.label)),
        Line(title="Predikat setelah keputusan", text=after),
    )
