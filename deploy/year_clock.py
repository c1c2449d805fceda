"""The master clock of a rehearsed year: one queue of instants, and whoever has the least is advanced and acts.

Everything happens through the HTTP api, as any program would do it. Appraisals are independent, so those of one slot go
side by side; each one's own order is kept, and nobody acts before the clock has come to him.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from activities.launch import workflow_id
from activities.people import Agency
from deploy.errors import OperatorError
from deploy.rehearsal import Rehearsal
from deploy.year_plan import Act, Character, Labelling, Subject, cast, labellings, next_act, slot
from models.access import Parties
from models.appraisal import Snapshot, Timing
from models.timetable import LABELLED
from models.units import reach
from models.vocabulary import Action, Form, GrantedRole, Role, Stage, State, Zone
from models.ways import FORM_OF
from models.workdays import local_day
from models.worked import fitted, overlaid

SIDE_BY_SIDE = 16
"""Calls at once: the engine's embedded edition serves about this many well."""
TRIES_MAX = 4
IN_BULK = frozenset({Action.APPROVE_PLAN, Action.COMPLETE_MIDYEAR, Action.CONFIRM_RATING})
"""What whoever has several waiting does with one call."""
ARCHIVING_SECONDS = 120
RECEIVING_SECONDS = 60

STANDING = text(
    """
    SELECT id, state, revision, incarnation, snapshot, timing, parked FROM appraisal
     WHERE id = ANY(:ids) AND launch = 'launched' ORDER BY id
    """
)
LAUNCHED = text("SELECT id, person_id FROM appraisal WHERE cycle_id = :cycle AND launch = 'launched' ORDER BY id")
DONE = text("SELECT count(*) FROM appraisal WHERE cycle_id = :cycle AND state = 'finalisation.done'")
UNITS = text(
    """
    SELECT DISTINCT u.id, u.code, a.year FROM appraisal a JOIN unit u ON u.id = a.unit_id
     WHERE a.cycle_id = :cycle AND a.launch = 'launched' ORDER BY u.code
    """
)
CONCERNED = text("SELECT id FROM appraisal WHERE cycle_id = :cycle AND unit_id = ANY(:units) AND state = ANY(:states)")
RECEIVED = text(
    "SELECT CAST(snapshot ->> 'label' AS int) AS label, state LIKE 'finalisation.%' AS done FROM appraisal WHERE id = :id"
)
PEOPLE = text("SELECT p.id, p.nip FROM person p ORDER BY p.nip")

GRANT: dict[Role, GrantedRole] = {
    Role.HR: GrantedRole.HR,
    Role.BOARD: GrantedRole.BOARD,
    Role.APPOINTING_AUTHORITY: GrantedRole.PYB,
}
"""Roles of many: whoever holds the grant and is not the subject."""

Tell = Callable[[datetime, int], None]
"""The master clock's instant, and how many appraisals are finished."""


class StuckError(OperatorError):
    """The year did not go where it should: a refusal nobody expected, or nothing left that could happen."""


@dataclass
class Standing:
    """One appraisal as its row shows it, and the act planned for it, if a person's is next."""

    id: str
    subject: str
    character: Character
    workflow: str = ""
    snapshot: Snapshot = field(init=False)
    timing: Timing = field(init=False)
    act: Act | None = None
    """Gone as soon as it was done."""
    _planned_in: int = -1
    """The visit."""

    def seen(self, snapshot: Snapshot, timing: Timing, now: datetime) -> None:
        """Plan anew; an act whose hour has come stays planned as long as its visit lasts."""
        if self.act_by(now) is None or self._planned_in != snapshot.visit.no:
            self.act = next_act(self.character, snapshot, timing, now)
        self.snapshot, self.timing, self._planned_in = snapshot, timing, snapshot.visit.no

    @property
    def moment(self) -> datetime | None:
        """When something happens by itself next."""
        current = self.timing.moments if self.timing.visit == self.snapshot.visit.no else ()
        return current[0].wake if current else None

    def act_by(self, now: datetime) -> Act | None:
        return self.act if self.act is not None and self.act.at <= now else None


@dataclass
class MasterClock:
    """Plays one open cycle to its end. `side_by_side` is how many appraisals of one slot are worked on at once."""

    rehearsal: Rehearsal
    cycle: str
    seed: int
    tell: Tell
    side_by_side: int = SIDE_BY_SIDE
    _nips: dict[str, str] = field(default_factory=dict)
    _units: dict[str, str] = field(default_factory=dict)
    """Ids of the units with people in the cycle, by code."""
    _standing: dict[str, Standing] = field(default_factory=dict)
    _queue: list[tuple[datetime, str]] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)
    _agency: Agency = field(init=False)
    _labels: list[Labelling] = field(default_factory=list)
    """Still to be set, in order."""
    _labelled: set[str] = field(default_factory=set)
    _criteria: str | None = None
    """The digest of what each employee acknowledges before her plan, where the pack asks for it."""
    _courses: tuple[str, ...] = ()
    """Where the pack lets nobody rate without a training: which ones count."""
    _trained: set[str] = field(default_factory=set)
    _training: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Two of the same rater's people may be rated in one slot: the second waits for the record."""

    async def play(self) -> None:
        """Until everybody is archived. Raises `StuckError`."""
        everybody = await self._begin()
        while self._queue:
            coming = slot(self._queue[0][0])
            if self._labels and self._labels[0].at <= coming:
                self.rehearsal.now = self._labels[0].at
                await self._label(self._labels.pop(0))
                continue
            self.rehearsal.now = coming
            self._tokens.clear()
            self.tell(self.rehearsal.now, everybody - len(self._standing))
            due = self._pop()
            await self._together([self._step(group) for group in await self._groups(due)])
            await self._look(due)
            for stand in due:
                if stand.id in self._standing:
                    heapq.heappush(self._queue, (self._next(stand), stand.id))
        await self._archived(everybody)
        self.tell(self.rehearsal.now, everybody)

    # ── where everybody stands ────────────────────────────────────────────────────────────────────────────────

    async def _begin(self) -> int:
        """Deal out the characters and put everybody launched into the queue; how many they are."""
        async with self.rehearsal.database.transaction() as connection:
            rows = (await connection.execute(LAUNCHED, {"cycle": self.cycle})).all()
            self._nips = {row.id: row.nip for row in await connection.execute(PEOPLE)}
            agency = await self.rehearsal.rooms.people.agency(connection)
            units = (await connection.execute(UNITS, {"cycle": self.cycle})).all()
            pack = await self.rehearsal.rooms.facts.pack(connection, self.cycle)
        self._criteria = pack.digest if pack.participation.acknowledgement else None
        self._courses = pack.rater_training.courses if pack.rater_training.mode == "gate" else ()
        self._units = {row.code: row.id for row in units}
        day = local_day(self.rehearsal.now, Zone.WIB)
        heads = {agency.head_of(unit, day) for unit in self._units.values()}
        rows = sorted(rows, key=lambda row: self._nips[row.person_id])
        subjects = [_subject(row.person_id, agency.parties(row.person_id, day), heads) for row in rows]
        characters = cast(subjects, self.seed, pack.examples)
        stands = [Standing(row.id, row.person_id, characters[row.person_id]) for row in rows]
        self._standing = {stand.id: stand for stand in stands}
        await self._look(stands)
        if any(character.rated.measured for character in characters.values()):
            await self._measured(characters, agency)
        if any(stand.snapshot.flow.needs_label for stand in stands):
            self._labels = labellings(list(self._units), units[0].year, self.seed)
        self._queue = [(self._next(stand), stand.id) for stand in stands]
        heapq.heapify(self._queue)
        return len(stands)

    async def _measured(self, characters: Mapping[str, Character], agency: Agency) -> None:
        """HR imports what is measured elsewhere of everybody; her own somebody else. Raises `StuckError`."""
        names = sorted({name for one in characters.values() for name in one.rated.measured})
        rows = {self._nips[person]: one.rated.measured for person, one in characters.items()}
        first, second = self._office(agency)
        for who, of in ((first, rows.keys() - {first}), (second, rows.keys() & {first})):
            lines = [";".join(["nip", *names])]
            lines += [";".join([nip, *(f"{rows[nip].get(name, '')}" for name in names)]) for nip in sorted(of)]
            if len(lines) > 1:
                sent = ("indikator.csv", "\n".join(lines).encode())
                await self._call("POST", f"/cycles/{self.cycle}/indicators", who, file=sent)

    def _office(self, agency: Agency) -> tuple[str, str]:
        """Who is HR on that day, and who is to her."""
        day = local_day(self.rehearsal.now, Zone.WIB)
        office = [self._nips[p] for role in (GrantedRole.HR, GrantedRole.PYB) for p in agency.holders(role, day)]
        return office[0], next((nip for nip in office if nip != office[0]), office[0])

    async def _train(self, rater: str) -> None:
        """HR records a training of that day, where the pack lets nobody rate without. Raises `StuckError`."""
        async with self._training:
            if not self._courses or rater in self._trained:
                return
            first, second = self._office(self._agency)
            taken = {"course": self._courses[0], "date": local_day(self.rehearsal.now, Zone.WIB).isoformat()}
            who = second if rater == first else first
            await self._call("PUT", f"/people/{rater}/trainings", who, {"trainings": [taken]})
            self._trained.add(rater)

    def _pop(self) -> list[Standing]:
        due = []
        while self._queue and self._queue[0][0] <= self.rehearsal.now:
            due.append(self._standing[heapq.heappop(self._queue)[1]])
        return due

    async def _look(self, stands: Sequence[Standing]) -> None:
        """Read where these stand and plan what comes next; whoever only has to be archived is let go."""
        async with self.rehearsal.database.transaction() as connection:
            rows = (await connection.execute(STANDING, {"ids": [stand.id for stand in stands]})).all()
        for row in rows:
            if row.parked:
                raise StuckError(f"the record of {row.id} is blocked: {row.parked}")
            stand = self._standing[row.id]
            stand.workflow = workflow_id(row.id, row.revision, row.incarnation)
            stand.seen(Snapshot.model_validate(row.snapshot), Timing.model_validate(row.timing), self.rehearsal.now)
            if stand.snapshot.state.stage is Stage.FINALISATION:
                del self._standing[row.id]

    def _next(self, stand: Standing) -> datetime:
        """The instant of what comes next: a person's act or the appraisal's own moment. Raises `StuckError`."""
        coming = [at for at in (stand.act.at if stand.act else None, stand.moment) if at is not None]
        if not coming and self._labels and stand.snapshot.state is State.CALIBRATION_WAITING:
            coming = [self._labels[-1].at]
        if not coming:
            raise StuckError(f"nothing can happen to {stand.id} in {stand.snapshot.state.value}")
        return max(min(coming), self.rehearsal.now + timedelta(seconds=1))

    # ── organisation labels ───────────────────────────────────────────────────────────────────────────────────────

    async def _label(self, wish: Labelling) -> None:
        """Somebody with the right labels a unit; whoever waited for it, or rests on the one before, receives it."""
        self._tokens.clear()
        async with self.rehearsal.database.transaction() as connection:
            agency = await self.rehearsal.rooms.people.agency(connection)
        unit = self._units[wish.unit]
        self._labelled.add(unit)
        body = {
            "label": wish.label.value,
            "reason": "Berdasarkan capaian perjanjian kinerja unit.",
            "distribution_reason": "Sebaran sesuai bukti dukung setiap pegawai.",
        }
        path = f"/cycles/{self.cycle}/units/{wish.unit}/label"
        below = sorted(reach(unit, agency.parent_unit, self._labelled))
        asked = {"cycle": self.cycle, "units": below, "states": [state.value for state in LABELLED]}
        async with self.rehearsal.database.transaction() as connection:
            ids = set((await connection.execute(CONCERNED, asked)).scalars()) & self._standing.keys()
        stands = [self._standing[one] for one in sorted(ids)]
        # Before they are told: a clock that is moved while its workflow works on a signal may run past where it was sent.
        await self._together([self.rehearsal.forward(stand.workflow) for stand in stands])
        answer = (await self._call("PUT", path, self._setter(agency, unit), body)).json()
        await self._together([self._received(stand, int(answer["number"])) for stand in stands])
        await self._look(stands)
        self._queue = [entry for entry in self._queue if entry[1] not in ids]
        self._queue += [(self._next(stand), stand.id) for stand in stands if stand.id in self._standing]
        heapq.heapify(self._queue)

    def _setter(self, agency: Agency, unit: str) -> str:
        """The NIP of whoever supervises the unit's head; else of somebody of the board or HR from another unit."""
        members = agency.unit_members.get(unit, [])
        office = [p for role in (GrantedRole.BOARD, GrantedRole.HR) for p in agency.members.get(role, ())]
        day = local_day(self.rehearsal.now, Zone.WIB)
        found = agency.setter_of(unit, day) or next((p for p in office if p not in members), None)
        if found is None:
            raise StuckError("nobody may label a unit")
        return self._nips[found]

    async def _received(self, stand: Standing, number: int) -> None:
        """Wait until the label is in its record. Raises `StuckError`."""
        deadline = time.monotonic() + RECEIVING_SECONDS
        while time.monotonic() < deadline:
            async with self.rehearsal.database.transaction() as connection:
                row = (await connection.execute(RECEIVED, {"id": stand.id})).one()
            if row.label == number or row.done:
                return
            await asyncio.sleep(0.05)
        raise StuckError(f"the label {number} does not reach {stand.id}")

    # ── what happens in one slot ──────────────────────────────────────────────────────────────────────────────

    async def _groups(self, due: Sequence[Standing]) -> list[list[Standing]]:
        """Who is dealt with alone, and whom one person deals with in one call."""
        async with self.rehearsal.database.transaction() as connection:
            self._agency = await self.rehearsal.rooms.people.agency(connection)
        groups: dict[tuple[str, str], list[Standing]] = defaultdict(list)
        for stand in due:
            act = stand.act_by(self.rehearsal.now)
            together = act is not None and act.action in IN_BULK
            groups[(self._who(stand, act), act.action) if act and together else (stand.id, "")].append(stand)
        return list(groups.values())

    async def _step(self, group: Sequence[Standing]) -> None:
        """Bring these to the master clock; then whoever planned an act for now acts, if the way here did not change it."""
        now = self.rehearsal.now
        await asyncio.gather(*(self.rehearsal.forward(stand.workflow) for stand in group))
        acting = [stand for stand in group if stand.act_by(now)]
        moved = [stand for stand in acting if stand.moment is not None and stand.moment <= now]
        if moved:
            await self._look(moved)
            acting = [stand for stand in acting if stand.id in self._standing and stand.act_by(now)]
        if len(acting) > 1:
            await self._many(acting)
        elif acting:
            await self._one(acting[0])
        for stand in acting:
            stand.act = None

    async def _one(self, stand: Standing) -> None:
        """Fill in the form, if the action sends one, and press the button."""
        act = stand.act
        assert act is not None
        who, path = self._who(stand, act), f"/appraisals/{stand.id}"
        if act.action is Action.SUBMIT_RATING:
            await self._train(who)
        if act.action in FORM_OF:
            if FORM_OF[act.action] is Form.PLAN and act.role is Role.EMPLOYEE and self._criteria:
                await self._call("POST", f"{path}/acknowledgement", who, {"digest": self._criteria})
            form = f"{path}/forms/{FORM_OF[act.action].value}"
            await self._call("PUT", form, who, {"data": await self._written(path, form, who, act)})
        key = f"{stand.snapshot.seq}:{act.action.value}"
        await self._call("POST", f"{path}/actions/{act.action.value}", who, dict(act.body), key)

    async def _written(self, path: str, form: str, who: str, act: Act) -> dict[str, object]:
        """The form's own example with what this act says; a decision says a new rating as the rating form would.

        A worked example of one post may be laid over the form of another, which lacks some of its fields.
        """
        schema = (await self._call("GET", form, who)).json()["schema"]
        data = overlaid(schema["examples"][0], act.changes)
        if act.rated is None:
            return fitted(schema, data)
        if act.action is Action.SUBMIT_RATING:
            return fitted(schema, overlaid(data, act.rated.rating))
        rating = (await self._call("GET", f"{path}/forms/{Form.RATING.value}", who)).json()["schema"]["examples"][0]
        anew = overlaid(rating, act.rated.rating)
        return data | {Form.RATING.value: fitted(schema["properties"][Form.RATING.value], anew)}

    async def _many(self, stands: Sequence[Standing]) -> None:
        """The same button for all of them in one call."""
        act = stands[0].act
        assert act is not None
        path, key = f"/appraisals/actions/{act.action.value}", f"{self.rehearsal.now:%Y%m%d}:{act.action.value}"
        body = {**act.body, "ids": [stand.id for stand in stands]}
        answer = (await self._call("POST", path, self._who(stands[0], act), body, key)).json()
        refused = [result for result in answer["results"] if not result["ok"]]
        if refused:
            raise StuckError(f"{act.action.value} was refused: {refused[0]['problem']}")

    def _who(self, stand: Standing, act: Act) -> str:
        """The NIP of whoever holds the act's role around this appraisal today. Raises `StuckError`."""
        snapshot, held = stand.snapshot, self._agency.members.get(GRANT[act.role], ()) if act.role in GRANT else None
        if held is None:
            day = local_day(self.rehearsal.now, Zone.WIB)
            around = self._agency.parties_of(snapshot, day)
            person = around.person_in(act.role, snapshot.visit.level)
        else:
            person = next((one for one in held if one != stand.subject), None)
        if person is None:
            raise StuckError(f"nobody is {act.role.value} for {stand.id} in {snapshot.state.value}")
        return self._nips[person]

    async def _call(
        self,
        method: str,
        path: str,
        who: str,
        body: object = None,
        key: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> httpx.Response:
        """One request of somebody's, with the same key again where the outcome is unknown. Raises `StuckError`."""
        token = await self._token(who)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        sent: dict[str, Any] = {"files": {"file": file}} if file else {"json": body}
        for attempt in range(TRIES_MAX):
            answer = await self.rehearsal.http.request(method, f"/api/v1{path}", headers=headers, **sent)
            if answer.status_code == 200:
                return answer
            if answer.status_code not in (202, 503) or key is None:
                break
            await asyncio.sleep(0.5 * 2**attempt)
        raise StuckError(f"{method} {path} on {self.rehearsal.now:%Y-%m-%d}: {answer.status_code} {answer.text[:500]}")

    async def _token(self, who: str) -> str:
        """A token of the local mode's own door, kept for the slot."""
        if who not in self._tokens:
            answer = await self.rehearsal.http.post("/api/v1/dev/token", json={"nip": who})
            if answer.status_code != 200:
                raise StuckError(f"no token: {answer.status_code} {answer.text}")
            self._tokens[who] = str(answer.json()["access_token"])
        return self._tokens[who]

    # ── side by side ──────────────────────────────────────────────────────────────────────────────────────────

    async def _together(self, work: Iterable[Coroutine[None, None, None]]) -> None:
        gate = asyncio.Semaphore(self.side_by_side)

        async def gated(one: Coroutine[None, None, None]) -> None:
            async with gate:
                await one

        try:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(gated(one))
        except ExceptionGroup as failed:  # one reason is enough, and the command line knows how to say it
            raise failed.exceptions[0] from failed

    async def _archived(self, everybody: int) -> None:
        """Archiving goes on beside the year; wait for the last. Raises `StuckError`."""
        deadline = time.monotonic() + ARCHIVING_SECONDS
        done = -1
        while time.monotonic() < deadline:
            async with self.rehearsal.database.transaction() as connection:
                done = int((await connection.execute(DONE, {"cycle": self.cycle})).scalar_one())
            if done == everybody:
                return
            await asyncio.sleep(0.1)
        raise StuckError(f"{everybody - done} appraisals are not archived")


def _subject(person: str, around: Parties, heads: Collection[str | None]) -> Subject:
    appeals = around.person_in(Role.APPEAL_AUTHORITY) is not None
    return Subject(person, around.person_in(Role.SENIOR) is not None, appeals, person in heads)
