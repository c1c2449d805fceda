"""Every role that is granted and every decision about a person is an event of the agency's trail, whether or not a cycle runs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.agency_trail import AgencyEvent
from deploy.demo import generate
from models.trail import GENESIS, canonical, sha256
from models.vocabulary import Zone
from models.workdays import local_day
from tests.api.test_own_roster import as_recorded
from tests.api.test_rosters import csv_of, send
from tests.world import YEAR, World, opened_cycle

MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
GRANTS = text("SELECT person_id, role FROM role_grant")

Event = dict[str, object]


async def trail(world: World, who: str = "auditor") -> list[Event]:
    """All of it, page by page."""
    found: list[Event] = []
    more: dict[str, str] = {}
    while True:
        page = (await world.get("/agency/events", who, limit=7, **more)).raise_for_status().json()
        found += page["items"]
        if page["next"] is None:
            assert page["total"] == len(found)
            return found
        more = {"cursor": page["next"]}


async def since(world: World, before: list[Event]) -> list[Event]:
    after = await trail(world)
    assert after[: len(before)] == before, "what was written stays"
    return after[len(before) :]


async def id_of(world: World, who: str) -> str:
    async with world.database.transaction() as connection:
        asked = {"nip": world.people.get(who, who)}
        return str((await connection.execute(text("SELECT id FROM person WHERE nip = :nip"), asked)).scalar_one())


async def test_the_first_import_of_an_agency_tells_each_role_that_it_grants(world: World) -> None:
    async with world.database.transaction() as connection:
        held = {tuple(row) for row in await connection.execute(GRANTS)}
    events = await trail(world)
    told = [event["data"] for event in events if event["action"] == "role_granted"]
    assert events[0]["action"] == "roster_imported"
    assert {(data["person"], data["role"]) for data in told} == held  # type: ignore[index]
    assert len(told) == len(held)


async def test_a_grant_and_a_revocation_are_told_where_no_cycle_runs(world: World) -> None:
    before = await trail(world)
    nip = world.people["employee"]
    for roles in ("auditor", ""):
        assert (await send(world, "hr", as_recorded(nip, roles))).status_code == 200
    told = [event for event in await since(world, before) if str(event["action"]).startswith("role_")]
    wanted = {"person": await id_of(world, nip), "role": "auditor"}
    assert [(event["action"], event["data"]) for event in told] == [("role_granted", wanted), ("role_revoked", wanted)]
    assert {event["actor"]["nip"] for event in told} == {world.people["hr"]}  # type: ignore[index]


async def test_a_new_line_and_a_new_appointment_of_a_file_are_told(world: World) -> None:
    before = await trail(world)
    nip, holder = world.people["employee"], world.people["auditor"]
    [row] = [dict(row) for row in generate(40, seed=1, year=YEAR) if row["nip"] == nip]
    said = {"nip_atasan": holder, "plt_untuk": holder, "plt_mulai": f"{YEAR}-01-01"}
    assert (await send(world, "hr", csv_of([row | said]))).status_code == 200
    told = {str(event["action"]): event["data"] for event in await since(world, before)}
    person, other = await id_of(world, nip), await id_of(world, holder)
    day = local_day(world.now, Zone.WIB).isoformat()
    assert told["supervisor_changed"] == {
        "person": person,
        "supervisor": other,
        "outside": False,
        "effective": day,
    }
    assert told["acting_changed"] == {"person": person, "kind": "plt", "acting_for": other}
    assert (await send(world, "hr", csv_of([row]))).status_code == 200


async def test_decisions_about_a_person_are_told_where_no_cycle_runs(world: World) -> None:
    world.now, nip = MAY, world.people["employee"]
    before = await trail(world)
    unit, supervisor = await world.elsewhere(nip)
    day, reason = MAY.date().isoformat(), "Mutasi."
    await world.decided(nip, "supervisor", {"supervisor": supervisor, "effective": day, "reason": reason})
    there = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-05-21"}
    await world.decided(nip, "transfer", there)
    await world.decided(nip, "leave", {"from": f"{YEAR}-06-02", "until": f"{YEAR}-06-30"})
    await world.decided(nip, "exit", {"reason": "retire", "effective": f"{YEAR}-09-01"})
    told = await since(world, before)
    actions = [event["action"] for event in told]
    assert actions == ["supervisor_changed", "person_transferred", "leave_recorded", "person_left"]
    assert {event["data"]["person"] for event in told} == {await id_of(world, nip)}  # type: ignore[index]
    assert told[0]["comment"] == reason


async def test_what_happens_while_a_cycle_runs_is_in_both_trails(world: World) -> None:
    await opened_cycle(world)
    before = await trail(world)
    assert (await send(world, "hr", as_recorded(world.people["supervisor"], "board"))).status_code == 200
    mine = [event["action"] for event in await since(world, before)]
    appraisal = await world.appraisal_of("supervisor")
    shown = (await world.get(f"/appraisals/{appraisal}/events", "auditor", limit=200)).json()["items"]
    cycles = [event["action"] for event in shown if event["source"] == "cycle"]
    assert "role_granted" in mine
    assert "role_granted" in cycles


@pytest.mark.capability("G18", "D08")
async def test_it_is_one_chain_that_anybody_recomputes_and_nobody_changes(world: World) -> None:
    async with world.database.transaction() as connection:
        rows = (await connection.execute(text("SELECT * FROM agency_event ORDER BY seq"))).mappings().all()
    events = [AgencyEvent.model_validate(dict(row)) for row in rows]
    previous = GENESIS
    for number, event in enumerate(events, 1):
        assert (event.seq, event.previous_hash, event.hash) == (number, previous, event.own_hash())
        previous = event.hash
    assert [event["hash"] for event in await trail(world)] == [event.hash for event in events]
    for change in ("UPDATE agency_event SET actor = 'x'", "DELETE FROM agency_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with world.database.transaction() as connection:
                await connection.execute(text(change))


async def test_a_reason_that_the_law_has_erased_is_gone_and_the_chain_holds(world: World) -> None:
    nip = await world.next_clerk()
    _, supervisor = await world.elsewhere(nip)
    why = {"supervisor": supervisor, "effective": MAY.date().isoformat(), "reason": "Atasan lama dirawat."}
    await world.decided(nip, "supervisor", why)
    assert (await trail(world))[-1]["comment"] == "Atasan lama dirawat."
    erase = "UPDATE text SET body = NULL WHERE id = (SELECT reason_id FROM agency_event ORDER BY seq DESC LIMIT 1)"
    async with world.database.transaction() as connection:
        await connection.execute(text(erase))
        rows = (await connection.execute(text("SELECT * FROM agency_event ORDER BY seq"))).mappings().all()
    assert (await trail(world))[-1]["comment"] is None
    assert "dirawat" not in str([dict(row) for row in rows])
    assert all(row["hash"] == AgencyEvent.model_validate(dict(row)).own_hash() for row in rows)


def test_an_event_from_before_reasons_were_texts_has_its_words_under_the_hash() -> None:
    fields = {"seq": 1, "action": "role_granted", "actor": "hr", "role": "hr", "reason": "Mutasi.", "data": {}}
    event = AgencyEvent.model_validate({**fields, "at": MAY, "previous_hash": GENESIS})
    said = {**fields, "at": event.model_dump(mode="json")["at"], "previous_hash": GENESIS}
    assert event.own_hash() == sha256(canonical(said))


async def test_only_auditor_and_hr_read_it(world: World) -> None:
    assert (await world.get("/agency/events", "hr")).status_code == 200
    for who in ("supervisor", "pyb"):
        assert (await world.get("/agency/events", who)).json()["code"] == "not_yours"
    odd = await world.get("/agency/events", "auditor", cursor="eA")
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid_input")
