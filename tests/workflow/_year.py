"""One scripted year, made by the lifecycle itself: real events, hashes, form copies and outcomes, in memory or stored in rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from activities.dossier import (
    Dossier,
    DossierCycle,
    DossierForm,
    DossierOutcome,
    DossierPerson,
    DossierText,
    hashed,
)
from activities.record import _row as event_row
from models import folding, lifecycle
from models.appraisal import ENGINE_ACTOR, Command, Event, FormRef, Snapshot, TextRef
from models.forms import FormContext, example, results_of
from models.outcome import ScoringContext
from models.policy import PolicyPack
from models.scoring import score
from models.trail import salted_hash
from models.vocabulary import Action, Decision, EngineAction, Form, JobLevel, OrganisationLabel, Role, State, Zone

START = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
DONE_AT = datetime(2028, 2, 1, 3, 0, tzinfo=UTC)
LEVEL = JobLevel.AHLI_MUDA
RATINGS = {"result_rating": "as_expected", "behaviour_rating": "above"}


def ident(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"test/{name}"))


EMPLOYEE, SUPERVISOR, SENIOR, TOP = ident("sari"), ident("budi"), ident("ratna"), ident("top")
UNIT, ROOT, CYCLE, APPRAISAL = ident("unit"), ident("root"), ident("cycle"), ident("appraisal")
AGENCY_NAME, UNIT_NAME = "Pemerintah Kabupaten Contoh", "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu"

PEOPLE = {
    EMPLOYEE: DossierPerson(
        nip="199003122015032004", name="Sari Dewi Lestari, S.Kom.", grade="Penata Muda Tk. I (III/b)",
        post="Pranata Komputer Ahli Muda", level=LEVEL.value, kind="PNS", unit=UNIT_NAME,
    ),
    SUPERVISOR: DossierPerson(
        nip="198001012005011001", name="Drs. Budi Santoso, M.Si.", grade="Pembina (IV/a)",
        post="Kepala Bidang Pelayanan Perizinan", level="Administrator", kind="PNS", unit=UNIT_NAME,
    ),
    SENIOR: DossierPerson(
        nip="197005051995032002", name="Dr. Ratna Kusuma, M.M.", grade="Pembina Utama Muda (IV/c)",
        post="Kepala Dinas", level="JPT Pratama", kind="PNS", unit=UNIT_NAME,
    ),
    TOP: DossierPerson(
        nip="196805051993031003", name="Ir. H. Agus Wijaya, M.T.", grade="Pembina Utama (IV/e)",
        post="Sekretaris Daerah", level="JPT Madya", kind="PNS", unit=AGENCY_NAME,
    ),
}  # fmt: skip


@dataclass
class Year:
    """Plays acts one after another; every act comes two days after the one before."""

    pack: PolicyPack
    snapshot: Snapshot = field(init=False)
    at: datetime = START
    events: list[Event] = field(default_factory=list)
    forms: list[DossierForm] = field(default_factory=list)
    texts: list[DossierText] = field(default_factory=list)
    outcomes: list[DossierOutcome] = field(default_factory=list)
    people: dict[str, DossierPerson] = field(default_factory=lambda: dict(PEOPLE))

    def __post_init__(self) -> None:
        first = lifecycle.begin(Snapshot(appraisal_id=APPRAISAL, subject=EMPLOYEE, flow=self.pack.flow()), self.at)
        self.snapshot = folding.born(first)
        self.events.append(first)

    def example(self, form: Form) -> dict[str, Any]:
        plan = next((f.data for f in self.forms if f.form == Form.PLAN), None)
        results = results_of(self.pack, dict(plan)) if plan else ()
        return example(self.pack, form, FormContext(level=LEVEL, results=results))

    def copy(self, form: Form, author: str, data: dict[str, Any] | None = None) -> FormRef:
        data = self.example(form) if data is None else data
        no = len(self.forms) + 1
        period = self.snapshot.period if form is Form.MIDYEAR else None
        made = DossierForm(
            id=ident(f"copy/{no}"), form=form.value, period=period or 0, revision=self.snapshot.revision,
            author=author, version=1, data=data, salt=f"salt-{no}", sha256=salted_hash(f"salt-{no}", data),
            created_at=self.at,
        )  # fmt: skip
        self.forms.append(made)
        return FormRef(form=form, period=period, copy_id=made.id, sha256=made.sha256, version=1)

    def comment(self, body: str, author: str) -> TextRef:
        no = len(self.texts) + 1
        salted = salted_hash(f"pepper-{no}", body)
        self.texts.append(
            DossierText(id=ident(f"text/{no}"), author=author, body=body, salt=f"pepper-{no}", sha256=salted)
        )
        return TextRef(id=self.texts[-1].id, sha256=salted)

    def act(self, action: Action | EngineAction, role: Role, actor: str, **more: Any) -> Year:
        self.at += timedelta(days=2)
        command = Command(action=action, role=role, actor=actor, key_hash=f"{len(self.events):016x}", **more)
        if role is Role.ENGINE:
            command = command.model_copy(update={"key_hash": ""})
        for event in lifecycle.apply(self.snapshot, command, self.at):
            self.snapshot = folding.evolve(self.snapshot, event)
            self.events.append(event)
        if folding.needs_scoring(self.snapshot):
            self._score()
        return self

    def engine(self, action: EngineAction, **more: Any) -> Year:
        return self.act(action, Role.ENGINE, ENGINE_ACTOR, **more)

    def _score(self) -> None:
        made = self._scored(None, None)
        self.outcomes.append(made)
        self.engine(EngineAction.SCORE, outcome_id=made.id)

    def _scored(self, label: OrganisationLabel | None, number: int | None) -> DossierOutcome:
        copy_id = folding.rated_copy(self.snapshot)
        data = next(f.data for f in self.forms if f.id == copy_id) or {}
        rating = data.get("rating", data)
        context = ScoringContext(level=LEVEL, organisation=label)
        outcome = score(self.pack, rating, context)  # type: ignore[arg-type]
        return DossierOutcome(
            id=ident(f"outcome/{copy_id}/{number}"), revision=self.snapshot.revision, copy_id=copy_id or "",
            label=outcome.label.value, outcome=outcome.model_dump(mode="json", exclude_none=True), created_at=self.at,
        )  # fmt: skip

    def planned(self, **changes: Any) -> Year:
        data = self.example(Form.PLAN) | changes
        self.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=self.copy(Form.PLAN, EMPLOYEE, data))
        return self.act(Action.APPROVE_PLAN, Role.SUPERVISOR, SUPERVISOR)

    def rated(self, **changes: Any) -> Year:
        """On to the rating: the window opens, midyear and self-assessment are done, the supervisor rates."""
        while self.snapshot.state is State.EXECUTION_RUNNING:
            self.engine(EngineAction.OPEN_WINDOW)
            if self.snapshot.period is not None:
                self.act(Action.SUBMIT_MIDYEAR, Role.EMPLOYEE, EMPLOYEE, form=self.copy(Form.MIDYEAR, EMPLOYEE))
                self.act(Action.COMPLETE_MIDYEAR, Role.SUPERVISOR, SUPERVISOR)
        report = self.copy(Form.SELF_ASSESSMENT, EMPLOYEE)
        self.act(Action.SUBMIT_SELF_ASSESSMENT, Role.EMPLOYEE, EMPLOYEE, form=report)
        why = {"result_reason": "Sesuai bukti.", "behaviour_reason": "Menjadi teladan di unit kerja."}
        data = self.example(Form.RATING) | RATINGS | why | changes
        self.act(Action.SUBMIT_RATING, Role.SUPERVISOR, SUPERVISOR, form=self.copy(Form.RATING, SUPERVISOR, data))
        return self.labelled() if self.snapshot.state is State.CALIBRATION_WAITING else self

    def labelled(self, label: OrganisationLabel = OrganisationLabel.BAIK) -> Year:
        """The organisation's label comes, and the rating is scored under it."""
        number = (self.snapshot.label or 0) + 1
        made, before = self._scored(label, number), self.snapshot.outcome_id
        same = made.label == next((o.label for o in self.outcomes if o.id == before), None)
        self.outcomes.append(made)
        return self.engine(EngineAction.RECEIVE_LABEL, outcome_id=made.id, label=number, same_result=same)

    def accepted(self) -> Year:
        return self.act(Action.ACCEPT_RESULT, Role.EMPLOYEE, EMPLOYEE)

    def appealed(self) -> Year:
        return self.act(Action.FILE_APPEAL, Role.EMPLOYEE, EMPLOYEE, form=self.copy(Form.APPEAL, EMPLOYEE))

    def decided(self, rating: dict[str, str] | None = None) -> Year:
        self.act(Action.ANSWER_APPEAL, Role.SUPERVISOR, SUPERVISOR, form=self.copy(Form.ANSWER, SUPERVISOR))
        decision = Decision.CHANGED if rating else Decision.STANDS
        data = self.example(Form.DECISION) | {"decision": decision.value}
        data = data | {"rating": rating} if rating else {k: v for k, v in data.items() if k != "rating"}
        return self.act(
            Action.DECIDE_APPEAL, Role.APPEAL_AUTHORITY, SENIOR, form=self.copy(Form.DECISION, SENIOR, data),
            decision=decision, comment=self.comment("Kedua pihak telah didengar. – 決定 \"ok\"", SENIOR),
        )  # fmt: skip

    def cancelled(self) -> Year:
        return self.act(Action.CANCEL, Role.HR, TOP, comment=self.comment("Salah orang.", TOP))

    def dossier(self, at: datetime = DONE_AT) -> Dossier:
        """What `activities.dossier` would load, without a database."""
        snapshot, pack = self.snapshot, self.pack
        return Dossier(
            appraisal_id=APPRAISAL,
            revision=snapshot.revision,
            segment=1,
            state=snapshot.state.value,
            ending=snapshot.ending.value if snapshot.ending else None,
            trail_seq=snapshot.seq,
            trail_head=snapshot.last_hash,
            at=at,
            zone=Zone.WIB,
            since=date(2027, 1, 1),
            until=date(2027, 12, 31),
            agency=AGENCY_NAME,
            unit=UNIT_NAME,
            cycle=DossierCycle(
                id=CYCLE, name="2027", year=2027, policy=pack.id, policy_version=pack.version, policy_digest=pack.digest
            ),
            subject=EMPLOYEE,
            roles={"employee": EMPLOYEE, "supervisor": SUPERVISOR, "senior": SENIOR, "appeal_authority": SENIOR},
            superior_results={},
            people=self.people,
            snapshot=snapshot.model_dump(mode="json", exclude_none=True),
            events=tuple(hashed(event) for event in self.events),
            forms=tuple(self.forms),
            texts=tuple(self.texts),
            outcomes=tuple(self.outcomes),
        )

    async def store(self, connection: AsyncConnection) -> None:
        """The same year as rows; people and units are made too."""
        snapshot = self.snapshot
        await _insert(connection, "unit", {"id": ROOT, "code": "0", "name": AGENCY_NAME, "parent_id": None})
        await _insert(connection, "unit", {"id": UNIT, "code": "1", "name": UNIT_NAME, "parent_id": ROOT})
        for no, (key, person) in enumerate(self.people.items()):
            own = {k: v for k, v in person.model_dump().items() if k != "unit"}
            where = ROOT if key == TOP else UNIT
            mail = {"email": f"orang{no}@contoh.go.id", "work_week": 5, "zone": "WIB", "active": True}
            await _insert(connection, "person", {"id": key, "unit_id": where, **own, **mail})
        for below, superior in ((EMPLOYEE, SUPERVISOR), (SUPERVISOR, SENIOR), (SENIOR, TOP), (TOP, None)):
            tenure = {"person_id": below, "valid_from": date(2020, 1, 1), "supervisor_id": superior, "outside": False}
            await _insert(connection, "tenure", tenure)
        pack = self.pack.model_dump(mode="json")
        cycle = {"id": CYCLE, "name": "Siklus 2027", "year": 2027, "policy": self.pack.id, "pack": pack, "units": []}
        counters = {"version": 1, "facts_revision": 1, "last_event_seq": 0, "last_event_hash": "", "state": "open"}
        await _insert(connection, "cycle", {**cycle, **counters, "created_at": START})
        await _insert(
            connection,
            "appraisal",
            {
                "id": APPRAISAL, "cycle_id": CYCLE, "person_id": EMPLOYEE, "year": 2027, "segment": 1, "unit_id": UNIT,
                "zone": "WIB", "work_week": 5, "launch": "launched", "revision": snapshot.revision, "incarnation": 0,
                "state": snapshot.state.value, "period": snapshot.period, "version": snapshot.version,
                "seq": snapshot.seq, "last_hash": snapshot.last_hash,
                "snapshot": snapshot.model_dump(mode="json", exclude_none=True),
                "ending": snapshot.ending.value if snapshot.ending else None, "outcome_id": snapshot.outcome_id,
                "suspended": False, "disputed": False, "late": False, "takeover": False, "on_hr_list": False, "let_go": False,
                "facts_revision": 1, "entered_at": snapshot.visit.entered_at,
            },
        )  # fmt: skip
        for event in self.events:
            await _insert(connection, "event", dict(event_row(event)))
        for form in self.forms:
            own = {k: v for k, v in form.model_dump().items() if k != "author"}
            await _insert(connection, "form_copy", {**own, "author_id": form.author, "appraisal_id": APPRAISAL})
        for sentence in self.texts:
            own = {k: v for k, v in sentence.model_dump().items() if k != "author"}
            await _insert(connection, "text", {**own, "author_id": sentence.author})
        for outcome in self.outcomes:
            await _insert(connection, "outcome", {**outcome.model_dump(), "appraisal_id": APPRAISAL})


async def _insert(connection: AsyncConnection, table: str, row: dict[str, Any]) -> None:
    await connection.execute(insert(SQLModel.metadata.tables[table]), row)
