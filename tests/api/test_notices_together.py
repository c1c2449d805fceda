"""Whether notices still have their reason is asked for thousands as for one: the same is decided, by as few questions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import Facts
from activities.notices import TOLD, Told, look, stale, with_reason
from activities.outbox import row_of, write
from activities.people import Agency
from tests.api.statements import counted
from tests.endings import JANUARY
from tests.world import World

PEOPLE = 60
NOTICES = 150
HAPPENED = (
    ("submit_plan", "plan.drafting", "plan.reviewing", None),
    ("reach_rung", "plan.reviewing", "plan.reviewing", "remind-3"),
    ("reach_rung", "plan.reviewing", "plan.reviewing", "overdue+1"),
    ("reach_rung", "plan.reviewing", "plan.reviewing", "hr_list+undelivered"),
)
"""What the record of each year says happened after its beginning: action, from, to and rung."""

ALL = text(f"{TOLD} WHERE n.state = 'failed' ORDER BY n.id")
YEARS = text(
    """
    SELECT a.id, a.cycle_id, a.person_id, t.supervisor_id FROM appraisal a JOIN tenure t ON t.person_id = a.person_id
     WHERE a.launch = 'launched' AND t.supervisor_id IS NOT NULL ORDER BY a.person_id
    """
)
HAPPENS = text(
    """
    INSERT INTO event SELECT (jsonb_populate_record(e, jsonb_build_object('seq', CAST(:seq AS int), 'action', CAST(:action AS text),
           'from_state', CAST(:left AS text), 'to_state', CAST(:state AS text), 'effective_at', CAST(:at AS text)))).*
      FROM event e WHERE e.seq = 1
    """
)
STANDS = text(
    """
    UPDATE appraisal SET state = :state, suspended = :suspended, entered_at = :entered, due_at = :due, opens_at = :opens,
           facts_revision = facts_revision - :moved, snapshot = snapshot || CAST(:snapshot AS jsonb)
     WHERE id = :id
    """
)


@pytest_asyncio.fixture
async def office(year: World) -> AsyncIterator[AsyncConnection]:
    """January with nobody waiting for mail; whatever is written here is taken back."""
    year.now = JANUARY + timedelta(days=5)
    async with year.rooms.database.engine.connect() as connection:
        await connection.execute(text("DELETE FROM notice"))
        for number, (action, left, state, _) in enumerate(HAPPENED):
            said = {"seq": number + 2, "action": action, "left": left, "state": state, "at": year.now.isoformat()}
            await connection.execute(HAPPENS, said)
        yield connection
        await connection.rollback()


def verdict(it: Told) -> tuple[object, ...]:
    return it.row["id"], stale(it), it.due_at, it.left, it.broken


async def written(connection: AsyncConnection, world: World, dice: Random) -> tuple[Agency, Sequence[RowMapping]]:
    """Years that stand at many places, and notices of all kinds about them."""
    agency, years = await world.rooms.people.agency(connection), (await connection.execute(YEARS)).mappings().all()
    for year in years:
        entered = world.now - timedelta(days=dice.choice((1, 9)))
        stands = {
            "state": dice.choice(("plan.drafting", "plan.reviewing", "plan.reviewing", "execution.running")),
            "suspended": dice.random() < 0.1,
            "entered": entered,
            "due": dice.choice((None, world.now + timedelta(days=dice.randint(-3, 30)))),
            "opens": dice.choice((None, world.now + timedelta(days=dice.choice((-3, 3))))),
            "moved": dice.randint(0, 1),
        }
        snapshot = {"state": stands["state"], "visit": {"no": 2, "entered_at": entered.isoformat()}}
        await connection.execute(STANDS, stands | {"id": year["id"], "snapshot": json.dumps(snapshot)})
    rows = [notice(dice, years, world.now - timedelta(days=dice.randint(-6, 6))) for _ in range(NOTICES)]
    once = {
        (r["appraisal_id"], r["event_seq"], r["person_id"], r["text"]) if r["event_seq"] else r["id"]: r for r in rows
    }
    await write(connection, list(once.values()))
    return agency, (await connection.execute(ALL)).mappings().all()


def notice(dice: Random, years: Sequence[RowMapping], at: datetime) -> Mapping[str, object]:
    """Any notice that could not be sent."""
    year, other = dice.choice(years), dice.choice(years)
    person = dice.choice((year["supervisor_id"], year["supervisor_id"], year["person_id"], other["person_id"]))
    due = {"due_at": (at + timedelta(days=7)).isoformat()}
    stands = {"state": dice.choice(("plan.reviewing", "plan.reviewing", "plan.drafting")), **due}
    of: dict[str, object] = {"appraisal_id": None, "event_seq": None, "cycle_id": None}
    match dice.choice(("event", "event", "event", "sooner", "nudge", "nudge", "role", "invited")):
        case "event":
            seq = dice.randint(2, 1 + len(HAPPENED))
            key, rung = ("plan_submitted", None) if seq == 2 else ("reminder", HAPPENED[seq - 2][3])
            said = {**stands, **({"rung": rung} if rung else {"waits": True})}
            of = {"appraisal_id": year["id"], "event_seq": seq, "cycle_id": None}
        case "sooner":
            was = {"was_due_at": (at + timedelta(days=dice.choice((-60, 60)))).isoformat()}
            key, said = "brought_forward", {**stands, **was, "on": "brought_forward", "waits": True}
            of["appraisal_id"] = year["id"]
        case "nudge":
            named = [str(one["id"]) for one in (year, *dice.choices(years, k=2))]
            key, said = "nudge", {"count": 3, "appraisals": [*named, named[0], str(uuid4())]}
            of["cycle_id"] = year["cycle_id"]
        case "role":
            key, said = dice.choice(("role_granted", "role_revoked")), {"role": dice.choice(("hr", "auditor"))}
        case _:
            key, said = "consultation_begun", {"from": "2026-12-01", "until": f"{at:%Y-%m-%d}"}
            of["cycle_id"] = year["cycle_id"]
    row = row_of(person, key, at, None, said, at_once=False)
    return row | of | {"state": "failed"}


@pytest.mark.parametrize("seed", range(6))
async def test_judged_together_each_is_decided_as_if_it_were_alone(
    office: AsyncConnection, year: World, seed: int
) -> None:
    agency, rows = await written(office, year, Random(seed))
    alone = [(await look(office, year.rooms.facts, agency, [row], year.now))[0] for row in rows]
    for order in (rows, rows[::-1]):
        together = await look(office, Facts(), agency, order, year.now)
        assert sorted(map(verdict, together), key=str) == sorted(map(verdict, alone), key=str)
    kept = await with_reason(office, Facts(), agency, rows, year.now)
    assert [row["id"] for row in kept] == [it.row["id"] for it in alone if stale(it) is None]
    whys = {stale(it) for it in alone}
    assert {None, "somebody else has the task now", "the work is done", "the role was taken back"} <= whys
    assert {it.left for it in alone} >= {None, 0, 1}
    assert any(it.pack is not None and it.due_at != it.row["due_at"] for it in alone), "a calendar was moved since"


async def test_what_waits_on_a_pack_that_cannot_be_read_is_kept_and_the_rest_is_judged(
    office: AsyncConnection, year: World
) -> None:
    agency, rows = await written(office, year, Random(7))
    await office.execute(text("UPDATE cycle SET pack = pack || CAST(:odd AS jsonb)"), {"odd": json.dumps({"odd": 1})})
    facts = Facts()
    with counted(year) as asked:
        together = await look(office, facts, agency, rows, year.now)
    alone = [(await look(office, facts, agency, [row], year.now))[0] for row in rows]
    assert [verdict(it) for it in together] == [verdict(it) for it in alone]
    broken = [it for it in together if it.broken is not None]
    assert {it.row["text"] for it in broken} == {"plan_submitted", "reminder", "brought_forward"}
    assert len(asked) == 2, "the pack once, and the nudges once"


async def test_many_are_judged_by_no_more_questions_than_one(office: AsyncConnection, year: World) -> None:
    agency, rows = await written(office, year, Random(8))
    nudges = [row for row in rows if row["text"] == "nudge"]
    assert len(nudges) > 10
    with counted(year) as of_one:
        await with_reason(office, year.rooms.facts, agency, nudges[:1], year.now)
    with counted(year) as of_all:
        await with_reason(office, year.rooms.facts, agency, nudges, year.now)
    assert len(of_one) == len(of_all) == 1
    facts = Facts()
    with counted(year) as of_a_cycle:
        await with_reason(office, facts, agency, rows, year.now)
    with counted(year) as known:
        await with_reason(office, facts, agency, rows, year.now)
    assert (len(known), len(of_a_cycle) < 12) == (1, True)
