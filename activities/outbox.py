"""The outbox: notices are rows, written in the transaction of the event they speak of, and sent by somebody else later.

Whether somebody is still to be told is asked again at sending; here only who, by the pack's table and the people of that instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

from activities.people import Agency
from models.access import Parties
from models.appraisal import Event, Snapshot, Timing
from models.policy import PolicyPack
from models.vocabulary import EngineAction, GrantedRole, Role, Zone
from models.workdays import local_day

MANY: dict[Role, GrantedRole] = {
    Role.HR: GrantedRole.HR,
    Role.BOARD: GrantedRole.BOARD,
    Role.APPOINTING_AUTHORITY: GrantedRole.PYB,
}


def notices_of(
    events: Sequence[Event],
    snapshot: Snapshot,
    timing: Timing,
    agency: Agency,
    pack: PolicyPack,
    zone: Zone,
) -> list[dict[str, object]]:
    """The rows that the pack's notice table makes of these events; the table takes each event, person and text once."""
    rows = []
    for event in events:
        for text_key, role in told(event, pack):
            around = agency.parties(
                snapshot.subject,
                local_day(event.at, zone),
                reassigned=snapshot.supervisor_override,
                rated_by=snapshot.rated_by,
            )
            for person in _people(role, around, agency, snapshot):
                if person != event.actor:
                    rows.append(_row(event, person, text_key, timing))
    return rows


def told(event: Event, pack: PolicyPack) -> Iterator[tuple[str, Role]]:
    """Which text goes to which role because of this event, by the pack's table; nobody hears of a result that is the same."""
    if event.data.same_result and event.from_state is event.to_state:
        return
    name = event.action.value
    if event.action is EngineAction.REACH_RUNG:
        rung = event.data.rung or ""
        name = f"{name}:{rung.partition('-')[0].partition('+')[0]}"
    for notice in pack.notices_on(name, event.from_state):
        for role in notice.to:
            yield notice.text, role


def _people(role: Role, around: Parties, agency: Agency, snapshot: Snapshot) -> Sequence[str]:
    if role in MANY:
        return [p for p in agency.members.get(MANY[role], ()) if p != snapshot.subject]
    person = around.person_in(role, snapshot.visit.level)
    return [person] if person else []


def _row(event: Event, person: str, text_key: str, timing: Timing) -> dict[str, object]:
    facts = {"state": event.to_state.value, "period": event.period, "rung": event.data.rung}
    if timing.due_at is not None:
        facts["due_at"] = timing.due_at.isoformat()
    return {
        "id": str(uuid4()),
        "appraisal_id": event.appraisal_id,
        "event_seq": event.seq,
        "person_id": person,
        "text": text_key,
        "facts": {name: value for name, value in facts.items() if value is not None},
        "state": "pending",
        "attempts": 0,
        "next_try_at": event.at,
    }
