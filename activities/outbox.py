"""The outbox: notices are rows, written in the transaction of their cause, and sent by somebody else later.

What changes somebody's rights is sent at once, the rest waits for its person's next morning (`activities.digest`). Whether somebody is
still to be told is asked again at sending; here only who, by the pack's table and the people of that instant.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from models import rungs
from models.access import DECIDING, Parties
from models.appraisal import Event, Snapshot, Timing, Visit
from models.folding import born, evolve
from models.notices import agency_notices
from models.policy import STAYS, Notice, PolicyPack
from models.turn import STAND_IN
from models.vocabulary import Action, EngineAction, GrantedRole, Role, Stage, State, Zone
from models.ways import WAITS_ON
from models.workdays import local_day

MANY: dict[Role, GrantedRole] = {
    Role.HR: GrantedRole.HR,
    Role.BOARD: GrantedRole.BOARD,
    Role.APPOINTING_AUTHORITY: GrantedRole.PYB,
}
OF_A_RESULT: frozenset[str] = frozenset(
    {
        Action.ACCEPT_RESULT,
        Action.WITHDRAW_APPEAL,
        Action.DECIDE_APPEAL,
        EngineAction.RECEIVE_LABEL,
        EngineAction.LAPSE,
    }
)
WRITE = text(
    """
    INSERT INTO notice SELECT * FROM jsonb_populate_recordset(NULL::notice, CAST(:notices AS jsonb))
    ON CONFLICT (id) DO NOTHING
    """
)
WAKE = text("SELECT pg_notify('outbox', '')")


async def tell(
    connection: AsyncConnection,
    people: Iterable[str],
    text_key: str,
    *,
    at: datetime,
    actor: str | None,
    appraisal_id: str | None = None,
    cycle_id: str | None = None,
    facts: Mapping[str, object] | None = None,
    at_once: bool = False,
) -> int:
    """Write a notice to each of these people, in the transaction of its cause; how many.

    Args:
        connection: the caller's transaction.
        people: person ids; whoever stands there twice is told once. The actor is told like anybody: leave him out where he knows.
        text_key: one of `models/notices.toml`.
        at: the instant of the cause, by the caller's clock.
        actor: a person id, None where it was nobody signed in.
        appraisal_id: what the link leads to, None for the first page.
        cycle_id: the cycle whose worklist shows the notice if it cannot be sent.
        facts: what fills the text's own words: `person` is a person id, `role` a granted role, `from` and `until` ISO dates, `count` a
            number. `delegation`, its id, keeps an offer from being told after it was answered.
        at_once: it changes somebody's rights; else it waits for the person's next morning.

    Raises:
        KeyError: there is no such text.
        ValueError: the text has a word that no fact fills.
    """
    each = {person: facts or {} for person in people}
    where = {"appraisal_id": appraisal_id, "cycle_id": cycle_id}
    urgent = each if at_once else ()
    return await tell_many(connection, [*each.items()], text_key, at=at, actor=actor, at_once=urgent, **where)


async def tell_many(
    connection: AsyncConnection,
    said: Sequence[tuple[str, Mapping[str, object]]],
    text_key: str,
    *,
    at: datetime,
    actor: str | None,
    appraisal_id: str | None = None,
    cycle_id: str | None = None,
    at_once: Container[str] = (),
) -> int:
    """As `tell`, with the facts of each person by her id, of whom one may have several, and those people to whom it goes at once."""
    needed = agency_notices().texts[text_key].facts
    if missing := {name for _, facts in said for name in needed - facts.keys()}:
        raise ValueError(f"the text {text_key!r} needs the facts {', '.join(sorted(missing))}")
    where = {"appraisal_id": appraisal_id, "cycle_id": cycle_id}
    rows = [row_of(person, text_key, at, actor, facts, at_once=person in at_once) | where for person, facts in said]
    await write(connection, rows)
    return len(rows)


async def write(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Write these rows at once, and wake whoever delivers where one is urgent."""
    if rows:
        await connection.execute(WRITE, {"notices": json.dumps(rows)})
    if any(row["at_once"] for row in rows):
        await connection.execute(WAKE)


def notices_of(
    events: Sequence[Event],
    before: Snapshot | None,
    snapshot: Snapshot,
    timing: Timing,
    agency: Agency,
    pack: PolicyPack,
    unit: str,
    zone: Zone,
) -> list[dict[str, object]]:
    """The rows that the pack's notice table makes of these events; the table takes each event, person and text once.

    They lead from `before`, None where the first begins the year, to `snapshot`.
    """
    rows: list[dict[str, object]] = []
    for event in events:
        left, before = before, born(event) if before is None else evolve(before, event)
        if event.data.same_result and event.from_state is event.to_state:
            continue  # nobody hears of a result that is the same
        day = local_day(event.at, zone)
        # Whoever had a decision that is no more is told so, not who would have the next one first.
        decided = event.from_state is State.APPEAL_DECIDING and event.to_state is not event.from_state
        visit = left.visit if left is not None and decided else snapshot.visit
        state = asked_in(event.action, event.from_state, snapshot.state)
        around = agency.parties_of(snapshot.model_copy(update={"visit": visit, "state": state}), day)
        stays = _stays(event, around, visit)
        if stays and left is not None and event.data.holder in left.visit.let_pass:
            continue  # it was told when he let it pass first
        taken = _begins_taken_over(left, before)
        for notice in _told_of(event, pack, stays=stays):
            for role in addressed(notice, taken):
                facts = _facts(event, timing, waits=not notice.at_once and _waits(event, role, taken))
                if stays:
                    facts["on"] = STAYS
                if taken is not None:
                    facts["takeover"] = True
                if visit is not snapshot.visit:
                    facts["visit"] = {"level": visit.level, "let_pass": list(visit.let_pass)}
                for person in people_in(role, around, agency, visit.level, day, unit):
                    if person != event.actor:
                        row = row_of(person, notice.text, event.at, event.actor, facts, at_once=notice.at_once)
                        rows.append(row | {"appraisal_id": event.appraisal_id, "event_seq": event.seq})
    return rows


def told(
    action: str, rung: str | None, from_state: State | None, to_state: State, pack: PolicyPack
) -> Iterator[Notice]:
    """The rows of the pack's notice table for an event."""
    if action == EngineAction.REACH_RUNG:
        action = f"{action}:{rungs.act_of(rung or '')}"
    yield from pack.notices_on(action, from_state, to_state)


def addressed(notice: Notice, taken_over: State | None) -> Sequence[Role]:
    """Whom a notice is for: where it begins a step that is `taken_over`, the senior supervisor too, since the task is hers as well."""
    if taken_over not in STAND_IN or WAITS_ON[taken_over] not in notice.to:
        return notice.to
    return tuple(dict.fromkeys((*notice.to, Role.SENIOR)))


def _begins_taken_over(left: Snapshot | None, reached: Snapshot) -> State | None:
    """The step that began, where the senior supervisor may act in it from its first instant on."""
    begins = left is not None and left.visit.no != reached.visit.no and left.state is not reached.state
    return reached.state if begins and reached.visit.takeover else None


def _told_of(event: Event, pack: PolicyPack, *, stays: bool) -> Sequence[Notice]:
    if stays:
        return pack.notices_on(STAYS, event.from_state, event.to_state)
    return list(told(event.action.value, event.data.rung, event.from_state, event.to_state, pack))


def _stays(event: Event, around: Parties, visit: Visit) -> bool:
    """Whether a decision was let pass by the last who could have it: where there is another, it was handed on to him."""
    if event.action is not EngineAction.LAPSE or event.data.holder is None or event.to_state is not event.from_state:
        return False
    holder = around.person_in(Role.APPEAL_AUTHORITY, visit.level)
    return holder is None or holder in visit.let_pass


def asked_in(action: str, left: State | None, state: State) -> State:
    """By which state it is who is told of an event: of what becomes of a result, by the one in which somebody answers for it; of
    another supervisor, by one in which nobody answers in his place.
    """
    if action == Action.REASSIGN:
        return State.APPEAL_OPEN
    of_a_result = left is not None and left.stage is Stage.APPEAL and action in OF_A_RESULT
    return State.APPEAL_ANSWERING if of_a_result and state is not State.RATING_DRAFTING else state


def people_in(
    role: Role, around: Parties, agency: Agency, level: int, day: date, unit: str | None = None
) -> Sequence[str]:
    """Whoever holds this role around one appraisal of that unit on that day, and who acts for her; by its unit only labels are set.

    The person rated holds none but her own. The label of an organisation is set by nobody in another's place.
    """
    if role is Role.LABEL_SETTER:
        _, setter = agency.label_setter(unit, day) if unit is not None else (None, None)
        return [] if setter in (None, around.subject) else [setter]
    if role in MANY:
        barred = {around.subject, *(around.recused if MANY[role] in DECIDING else ())}
        members = [p for p in agency.holders(MANY[role], day) if p not in barred]
        return members or (sorted(around.hr) if role is Role.HR else [])
    person = around.person_in(role, level)
    return [*([person] if person else []), *around.delegates_in(role, level)]


def _waits(event: Event, role: Role, taken_over: State | None) -> bool:
    """Whether the notice speaks of work that is that role's now, or of a step that stands still: both lose their reason when it moves."""
    stands = event.action is EngineAction.LAPSE and event.from_state == event.to_state
    hers = taken_over is event.to_state and role is Role.SENIOR
    return stands or hers or WAITS_ON[event.to_state] is role


def _facts(event: Event, timing: Timing, *, waits: bool) -> dict[str, object]:
    due_at = None if timing.due_at is None else timing.due_at.isoformat()
    facts: dict[str, object] = {
        "state": event.to_state.value,
        "period": event.period,
        "rung": event.data.rung,
        "waits": waits or None,
        "due_at": due_at,
    }
    return {name: value for name, value in facts.items() if value is not None}


def row_of(
    person: str, text_key: str, at: datetime, actor: str | None, facts: Mapping[str, object], *, at_once: bool
) -> dict[str, object]:
    """A notice that waits to be told, of no appraisal yet."""
    return {
        "id": str(uuid4()),
        "person_id": person,
        "text": text_key,
        "facts": facts,
        "at": at.isoformat(),
        "actor": actor,
        "at_once": at_once,
        "state": "pending",
        "attempts": 0,
        "next_try_at": at.isoformat(),
    }
