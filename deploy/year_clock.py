"""The master clock of a rehearsed year: one queue of instants, and whoever has the least is advanced and acts.

Everything happens through the HTTP api, as any program would do it. Appraisals are independent, so those of one slot go
side by side; each one's own order is kept, and nobody acts before the clock has come to him.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy import text

from activities.launch import workflow_id
from activities.people import Agency
from deploy.errors import OperatorError
from deploy.rehearsal import Rehearsal
from deploy.year_plan import Act, Character, Subject, cast, next_act, slot
from models.access import Parties
from models.appraisal import Snapshot, Timing
from models.vocabulary import Action, GrantedRole, Role, Zone
from models.ways import FORM_OF
from models.workdays import local_day

SIDE_BY_SIDE = 16
"""Calls at once: the engine's embedded edition serves about this many well."""
TRIES_MAX = 4
IN_BULK = frozenset({Action.APPROVE_PLAN, Action.COMPLETE_MIDYEAR, Action.CONFIRM_RATING})
"""What whoever has several waiting does with one call."""
ARCHIVING_SECONDS = 120

STANDING = text(
    """
    SELECT id, state, revision, incarnation, snapshot, timing, parked FROM appraisal
     WHERE id = ANY(:ids) AND launch = 'launched' ORDER BY id
    """
)
LAUNCHED = text("SELECT id, person_id FROM appraisal WHERE cycle_id = :cycle AND launch = 'launched' ORDER BY id")
DONE = text("SELECT count(*) FROM appraisal WHERE cycle_id = :cycle AND state = 'finalisation.done'")
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
    workflow: str
    snapshot: Snapshot
    timing: Timing
    act: Act | None = None

    def due(self, now: datetime) -> Act | None:
        return self.act if self.act is not None and self.act.at <= now else None


@dataclass
class MasterClock:
    """Plays one open cycle to its end. `side_by_side` is how many appraisals of one slot are worked on at once."""

    rehearsal: Rehearsal
    cycle: str
    seed: int
    tell: Tell
    side_by_side: int = SIDE_BY_SIDE
    _characters: dict[str, Character] = field(default_factory=dict)
    _nips: dict[str, str] = field(default_factory=dict)
    _standing: dict[str, Standing] = field(default_factory=dict)
    _queue: list[tuple[datetime, str]] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)

    async def play(self) -> None:
        """Until everybody is archived. Raises `StuckError`."""
        subjects = await self._subjects()
        self._gate = asyncio.Semaphore(self.side_by_side)
        await self._look(subjects)
        while self._queue:
            self.rehearsal.now = slot(self._queue[0][0])
            self._tokens.clear()
            due = self._pop()
            self.tell(self.rehearsal.now, len(subjects) - len(self._standing))
            await self._together(self.rehearsal.forward(self._standing[one].workflow) for one in due)
            planned = {one: self._standing[one] for one in due}
            await self._look({one: stand.subject for one, stand in planned.items()}, push=False)
            await self._act([one for one in due if self._still_holds(planned[one])])
            await self._look({one: stand.subject for one, stand in planned.items()})
        await self._archived(len(subjects))
        self.tell(self.rehearsal.now, len(subjects))

    # ── where everybody stands ────────────────────────────────────────────────────────────────────────────────

    async def _subjects(self) -> dict[str, str]:
        """Who is launched: person by appraisal. Deals out the characters."""
        async with self.rehearsal.database.transaction() as connection:
            rows = (await connection.execute(LAUNCHED, {"cycle": self.cycle})).all()
            self._nips = {row.id: row.nip for row in await connection.execute(PEOPLE)}
            agency = await self.rehearsal.rooms.people.agency(connection)
        found = sorted((self._nips[row.person_id], row.id, row.person_id) for row in rows)
        day = local_day(self.rehearsal.now, Zone.WIB)
        dealt = cast([_subject(nip, agency.parties(person, day)) for nip, _, person in found], self.seed)
        self._characters = {appraisal: dealt[nip] for nip, appraisal, _ in found}
        return {appraisal: person for _, appraisal, person in found}

    def _pop(self) -> list[str]:
        due: dict[str, None] = {}
        while self._queue and self._queue[0][0] <= self.rehearsal.now:
            due[heapq.heappop(self._queue)[1]] = None
        return list(due)

    async def _look(self, subjects: Mapping[str, str], *, push: bool = True) -> None:
        """Read where these stand and what comes next for each; an appraisal that only has to be archived is let go."""
        async with self.rehearsal.database.transaction() as connection:
            rows = (await connection.execute(STANDING, {"ids": list(subjects)})).all()
        for row in rows:
            snapshot, timing = Snapshot.model_validate(row.snapshot), Timing.model_validate(row.timing)
            if row.parked:
                raise StuckError(f"the record of {row.id} is blocked: {row.parked}")
            if snapshot.state.stage.value == "finalisation":
                self._standing.pop(row.id, None)
                continue
            name = workflow_id(row.id, row.revision, row.incarnation)
            before = self._standing.get(row.id)
            stand = self._standing[row.id] = Standing(row.id, subjects[row.id], name, snapshot, timing)
            if before is not None and _same_visit(before, stand) and before.due(self.rehearsal.now) and not push:
                stand.act = before.act
                continue
            stand.act = next_act(self._characters[row.id], snapshot, timing, self.rehearsal.now)
            if push:
                heapq.heappush(self._queue, (self._next(stand), row.id))

    def _next(self, stand: Standing) -> datetime:
        """The instant of what comes next: a person's act or the appraisal's own moment. Raises `StuckError`."""
        coming = [moment.wake for moment in stand.timing.moments[:1] if stand.timing.visit == stand.snapshot.visit.no]
        coming += [stand.act.at] if stand.act else []
        if not coming:
            raise StuckError(f"nothing can happen to {stand.id} in {stand.snapshot.state.value}")
        return max(min(coming), self.rehearsal.now + timedelta(seconds=1))

    def _still_holds(self, planned: Standing) -> bool:
        """Whether the act planned for now is still to be done: the appraisal did not move on the way here."""
        stand = self._standing.get(planned.id)
        return stand is not None and stand.due(self.rehearsal.now) is not None

    # ── what people do ────────────────────────────────────────────────────────────────────────────────────────

    async def _act(self, due: Sequence[str]) -> None:
        async with self.rehearsal.database.transaction() as connection:
            agency = await self.rehearsal.rooms.people.agency(connection)
        wishes: dict[tuple[str, Action], list[str]] = defaultdict(list)
        alone = []
        for one in due:
            act = self._standing[one].act
            assert act is not None
            who = self._who(self._standing[one], act.role, agency)
            if act.action in IN_BULK:
                wishes[who, act.action].append(one)
            else:
                alone.append(self._one(self._standing[one], act, who))
        for (who, action), ids in wishes.items():
            if len(ids) > 1:
                alone.append(self._many(ids, action, who))
            else:
                act = self._standing[ids[0]].act
                assert act is not None
                alone.append(self._one(self._standing[ids[0]], act, who))
        await self._together(alone)

    async def _one(self, stand: Standing, act: Act, who: str) -> None:
        """Fill in the form, if the action sends one, and press the button."""
        path = f"/appraisals/{stand.id}"
        if act.action in FORM_OF:
            form = f"{path}/forms/{FORM_OF[act.action].value}"
            asked = (await self._call("GET", form, who)).json()
            schema = asked["schema"]
            data = laid_over(schema, schema["examples"][0], act.changes)
            await self._call("PUT", form, who, {"data": data})
        key = f"{stand.snapshot.seq}:{act.action.value}"
        await self._call("POST", f"{path}/actions/{act.action.value}", who, dict(act.body), key)

    async def _many(self, ids: Sequence[str], action: Action, who: str) -> None:
        """The same button for all of them in one call."""
        key = f"{self.rehearsal.now:%Y%m%d}:{action.value}"
        answer = (await self._call("POST", f"/appraisals/actions/{action.value}", who, {"ids": list(ids)}, key)).json()
        refused = [result for result in answer["results"] if not result["ok"]]
        if refused:
            raise StuckError(f"{action.value} was refused: {refused[0]['problem']}")

    def _who(self, stand: Standing, role: Role, agency: Agency) -> str:
        """The NIP of whoever holds that role around this appraisal today. Raises `StuckError`."""
        if role in GRANT:
            held: Iterable[str | None] = agency.members.get(GRANT[role], ())
        else:
            day = local_day(self.rehearsal.now, Zone.WIB)
            around = agency.parties(stand.subject, day, rated_by=stand.snapshot.rated_by)
            held = [around.person_in(role, stand.snapshot.visit.level)]
        for person in held:
            if person is not None and (person != stand.subject or role is Role.EMPLOYEE):
                return self._nips[person]
        raise StuckError(f"nobody is {role.value} for {stand.id} in {stand.snapshot.state.value}")

    async def _call(
        self, method: str, path: str, who: str, body: object = None, key: str | None = None
    ) -> httpx.Response:
        """One request of somebody's, with the same key again where the outcome is unknown. Raises `StuckError`."""
        token = await self._token(who)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        for attempt in range(TRIES_MAX):
            answer = await self.rehearsal.http.request(method, f"/api/v1{path}", headers=headers, json=body)
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

    async def _together(self, work: Iterable[Awaitable[None]]) -> None:
        async def gated(one: Awaitable[None]) -> None:
            async with self._gate:
                await one

        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(gated(one))

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


def _same_visit(before: Standing, after: Standing) -> bool:
    return (before.snapshot.state, before.snapshot.visit.no) == (after.snapshot.state, after.snapshot.visit.no)


def _subject(nip: str, around: Parties) -> Subject:
    return Subject(nip, around.person_in(Role.SENIOR) is not None, around.person_in(Role.APPEAL_AUTHORITY) is not None)


def laid_over(schema: Mapping[str, object], example: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """The example with those changes that this pack's form knows: another method of rating keeps its own example."""
    known = schema.get("properties")
    data = dict(example)
    for name, value in changes.items():
        node = known.get(name) if isinstance(known, dict) else None
        if isinstance(node, dict) and _fits(node, value):
            data[name] = value
    return data


def _fits(node: Mapping[str, object], value: object) -> bool:
    if isinstance(value, dict):
        inner = node.get("properties")
        return isinstance(inner, dict) and all(name in inner and _fits(inner[name], v) for name, v in value.items())
    options = node.get("enum")
    return options is None or (isinstance(options, list) and value in options)
