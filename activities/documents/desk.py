"""What composing a document looks up: which act counts, who stands for a role, how a form reads.

What counts is what the snapshot holds: an act that a later one replaced (a new rating, a reopened appeal) is never found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.documents import indonesian
from activities.documents.forms import NOTHING, Sources, printed
from activities.documents.sheet import DocumentFacts, Line, Party, PersonFacts, Result, Section, Signature
from activities.dossier import Dossier, DossierForm, DossierOutcome
from models.appraisal import AnyAction, Event, FormRef, Snapshot
from models.forms import results_of
from models.policy import PolicyPack
from models.vocabulary import Action, EngineAction, Form, Label, Role, StandIn, State

ERASED = "(isi telah dihapus sesuai UU 27/2022; sidiknya tetap tercatat)"
UNSIGNED = "." * 28

PREFIX = {StandIn.PLT: "Plt.", StandIn.PLH: "Plh.", StandIn.SUPERIOR: "a.n.", StandIn.PYB: "a.n."}
"""What stands before the post that a substitute acts in."""
BY_OFFICE = "Pejabat yang Berwenang"
"""The PyB, where he decides in nobody's place."""


@dataclass(frozen=True)
class Desk:
    """The dossier opened on the table: forms, people and the acts that count, looked up by what a document needs."""

    dossier: Dossier
    pack: PolicyPack
    snapshot: Snapshot
    trail: tuple[Event, ...]
    versions: Mapping[int, PolicyPack] = field(default_factory=dict)
    """The packs that the cycle has gone by, by their versions: a form reads as it was handed in."""

    def form(self, ref: FormRef | None) -> DossierForm | None:
        return None if ref is None else self.dossier.form(ref.copy_id)

    @property
    def plan(self) -> DossierForm | None:
        return self.form(self.snapshot.plan_in_force or self.snapshot.forms.get(Form.PLAN.value))

    def made_by(self, one: DossierForm | DossierOutcome) -> PolicyPack:
        """The pack that a form was asked by, or an outcome scored."""
        return self.versions.get(one.policy_version or 0, self.pack)

    def _sources(self, form: DossierForm) -> Sources:
        data = self.plan.data if self.plan else None
        results = {r.id: r.title for r in results_of(self.pack, dict(data))} if data else {}
        return Sources.of(self.made_by(form), results, self.dossier.superior_results)

    def sections(self, form: DossierForm | None, columns_max: int) -> tuple[Section, ...]:
        if form is None:
            return ()
        if form.data is None:
            return (Section(texts=(Line(title=None, text=ERASED),)),)
        spec = self.made_by(form).forms[Form(form.form)]
        return printed(spec, form.data, self._sources(form), columns_max=columns_max)

    def last(self, *actions: AnyAction, after: Event | None = None) -> Event | None:
        """The last event of one of these actions, not older than `after`."""
        floor = after.seq if after else 0
        return next((e for e in reversed(self.trail) if e.action in actions and e.seq > floor), None)

    def sent(self, event: Event | None) -> DossierForm | None:
        """The form that an event sent."""
        return self.form(event.data.form) if event else None

    def approval(self, sent: Event | None) -> Event | None:
        """The approval of the plan that this event sent, unless it was taken back; never that of a plan sent after it."""
        found: Event | None = None
        for event in self.trail:
            if sent is None or event.seq <= sent.seq:
                continue
            if event.data.form is not None and event.data.form.form is Form.PLAN:
                break
            if event.action in (Action.APPROVE_PLAN, Action.RETURN_PLAN):
                found = event if event.action is Action.APPROVE_PLAN else None
        return found

    def given(self, form: Form) -> Event | None:
        """The event that sent this form, as far as it still counts."""
        ref = self.snapshot.forms.get(form.value)
        return None if ref is None else self.sending(ref.copy_id)

    def sending(self, copy_id: str) -> Event | None:
        """The last event that sent this copy."""
        sent = (e for e in reversed(self.trail) if e.data.form is not None and e.data.form.copy_id == copy_id)
        return next(sent, None)

    @property
    def rated(self) -> Event | None:
        return self.given(Form.RATING)

    @property
    def delivered(self) -> Event | None:
        """What brought the present result to her, the rating itself where no label followed; what she did before was about another."""

        def brings(event: Event) -> bool:
            again = event.action is EngineAction.RECEIVE_LABEL and not event.data.same_result
            return event.to_state is State.APPEAL_OPEN and (event.from_state is not State.APPEAL_OPEN or again)

        rated = self.rated
        since = (e for e in reversed(self.trail) if rated is not None and e.seq >= rated.seq and brings(e))
        return next(since, rated)

    @property
    def filed(self) -> Event | None:
        return self.given(Form.APPEAL)

    @property
    def answered(self) -> Event | None:
        return self.given(Form.ANSWER)

    @property
    def decided(self) -> Event | None:
        return self.given(Form.DECISION)

    def person(self, person_id: str | None) -> PersonFacts:
        found = self.dossier.people.get(person_id) if person_id else None
        if found is None:
            return PersonFacts(name="(di luar daftar pegawai)", nip=NOTHING)
        return PersonFacts(
            name=found.name, nip=found.nip, grade=found.grade or NOTHING, post=found.post, unit=found.unit
        )

    def party(self, role: str, event: Event | None, otherwise: Role) -> Party:
        """Who acted, with a note where for another; else who would have to."""
        if event is None or event.role is Role.ENGINE:
            return Party(role=role, person=self.person(self.dossier.roles[otherwise.value]))
        note = None
        if event.on_behalf_of is not None or event.data.post_of is not None:
            other = self.person(event.on_behalf_of or event.data.post_of)
            note = f"{self.capacity(event, role)} ({other.name})"
        elif event.data.standing is not None:
            note = self.capacity(event, role)
        elif event.data.takeover and event.role is not Role.EMPLOYEE:
            note = "bertindak karena batas waktu terlampaui"
        return Party(role=role, person=self.person(event.actor), note=note)

    def capacity(self, event: Event, role: str) -> str | None:
        """What letters put before the name of who acted for another or in another's post; None where he acted as himself."""
        standing, post_of, principal = event.data.standing, event.data.post_of, event.on_behalf_of
        stands = None if standing is None else f"{PREFIX[standing]} {self.person(post_of).post if post_of else role}"
        if standing is StandIn.PYB and event.role is Role.APPEAL_AUTHORITY and post_of is None:
            stands = BY_OFFICE
        if principal is None:
            return stands
        lent = f"a.n. {self.person(principal).post}"
        if stands is None or event.role is Role.SENIOR:  # a senior supervisor acts for the one he took over from
            return ", ".join(part for part in (lent, stands) if part)
        return f"a.n. {stands.removeprefix('a.n. ')}"

    def signature(self, party: Party, event: Event | None, done: str, anchor: str) -> Signature:
        """`done` says what the act was; without an event the place is left for a pen."""
        acted = event is not None and event.role is not Role.ENGINE
        note = (
            f"{done} secara elektronik, peristiwa no. {event.seq}, sidik {event.hash[:12]}" if event and acted else None
        )
        date_text = indonesian.local_date(event.at, self.dossier.zone) if event and acted else UNSIGNED
        capacity = self.capacity(event, party.role) if event and acted else None
        return Signature(
            role=party.role,
            capacity=capacity,
            name=party.person.name,
            nip=party.person.nip,
            date=date_text,
            anchor=anchor,
            note=note,
        )

    def label(self, label: str) -> str:
        return self.pack.scoring.labels[Label(label)].id

    def facts(self, title: str, *, people: tuple[Party, ...], watermark: str | None, notice: str | None = None,
              sections: tuple[Section, ...] = (), annexes: tuple[Section, ...] = (), result: Result | None = None,
              signatures: tuple[Signature, ...] = ()) -> DocumentFacts:  # fmt: skip
        dossier = self.dossier
        return DocumentFacts(
            title=title,
            subject=self.person(dossier.subject).name,
            agency=dossier.agency,
            unit=dossier.unit,
            period=f"Periode penilaian {indonesian.span(dossier.since, dossier.until)}",
            appraisal_id=dossier.appraisal_id,
            revision=dossier.revision,
            trail_seq=dossier.trail_seq,
            trail_head=dossier.trail_head,
            at=dossier.at,
            printed_at=indonesian.instant(dossier.at, dossier.zone),
            watermark=watermark,
            notice=notice,
            people=people,
            sections=sections,
            annexes=annexes,
            result=result,
            signatures=signatures,
        )
