"""A cycle from its draft to its numbers, and a calendar that moves while it runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType

from activities.cycle_trail import CycleEvent
from models.trail import GENESIS
from tests.world import YEAR, World

PACK = "permenpanrb-6-2022"
Body = dict[str, object]
EDGES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
"""Instants that have no day in Jakarta."""


async def made(world: World, **more: object) -> Body:
    answer = await world.post("/cycles", "hr", {"policy": PACK, "year": YEAR + 1, "name": "SKP", **more})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert isinstance(body, dict)
    return body


async def refused(world: World, **more: object) -> list[tuple[str, str]]:
    answer = await world.post("/cycles", "hr", {"policy": PACK, "year": YEAR, "name": "SKP", **more})
    assert answer.status_code == 422, answer.text
    return [(found["pointer"], found["code"]) for found in answer.json()["errors"]]


async def cycle_of(world: World) -> Body:
    """The cycle that is open for everybody."""
    items = (await world.get("/cycles", "hr")).json()["items"]
    cycle = next(item for item in items if item["state"] == "open")
    body = (await world.get(f"/cycles/{cycle['id']}", "hr")).json()
    assert isinstance(body, dict)
    return body


async def move(
    world: World, cycle: Body, body: Body, *, preview: bool = False, version: object = None
) -> httpx.Response:
    stale = cycle["version"] if version is None else version
    return await world.http.put(
        f"/api/v1/cycles/{cycle['id']}/calendar",
        headers=world.headers("hr", **{"If-Match": f'"{stale}"'}),
        json={"reason": "Surat edaran"} | body,
        params={"preview": str(preview).lower()},
    )


def due(day: str, **more: str) -> Body:
    return {"windows": {"plan": {"due_at": day, **more}}}


async def sets_its_alarm(world: World, appraisal: str) -> bool:
    """Whether the appraisal's workflow starts another timer, because it was told that something comes earlier."""
    for _ in range(200):
        events = (await world.client.get_workflow_handle(f"appraisal/{appraisal}/r1").fetch_history()).events
        told = [e.workflow_execution_signaled_event_attributes.signal_name == "comes_earlier" for e in events]
        started = [e.event_type == EventType.EVENT_TYPE_TIMER_STARTED for e in events]
        if True in told and True in started[told.index(True) :]:
            return True
        await asyncio.sleep(0.05)
    return False


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_draft_has_the_packs_calendar_in_its_year_and_what_was_changed(year: World) -> None:
    cycle = await made(year, calendar={"plan": {"due_at": f"{YEAR + 1}-02-15"}})
    assert cycle["state"] == "draft"
    assert cycle["calendar"]["plan"] == {  # type: ignore[index]
        "opens_at": f"{YEAR + 1}-01-02",
        "due_at": f"{YEAR + 1}-02-15",
        "closes_at": f"{YEAR + 1}-03-31",
    }
    assert cycle["calendar"]["rating"]["due_at"] == f"{YEAR + 2}-01-10"  # type: ignore[index]


SHUT_IN_THE_EAST = {"opens_at": "2027-07-31T22:30:00+07:00", "due_at": "2027-07-31", "closes_at": "2027-07-31"}
OVERTAKEN_IN_THE_EAST = dict.fromkeys(("due_at", "closes_at"), "2027-11-30T22:30:00+07:00")


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"policy": "none"}, ("/policy", "unknown_policy")),
        ({"units": ["DINKES", "NONE"]}, ("/units/1", "unknown_unit")),
        ({"calendar": {"party": {}}}, ("/calendar/party", "unknown_window")),
        ({"calendar": {"plan": {"due_at": "soon"}}}, ("/calendar/plan/due_at", "bad_day")),
        ({"calendar": {"plan": {"due_at": "2027-02-30"}}}, ("/calendar/plan/due_at", "bad_day")),
        ({"calendar": {"plan": {"due_at": "2027-02-01T10:00:00"}}}, ("/calendar/plan/due_at", "bad_day")),
        ({"calendar": {"plan": {"closes_at": "2026-12-31"}}}, ("/calendar/plan/closes_at", "outside_year")),
        ({"calendar": {"plan": {"opens_at": "2026-11-30"}}}, ("/calendar/plan/opens_at", "outside_year")),
        ({"calendar": {"rating": {"closes_at": "2029-01-01"}}}, ("/calendar/rating/closes_at", "outside_year")),
        ({"calendar": {"plan": {"due_at": EDGES[0]}}}, ("/calendar/plan/due_at", "outside_year")),
        ({"calendar": {"plan": {"closes_at": "2027-01-01"}}}, ("/calendar/plan", "wrong_order")),
        ({"calendar": {"plan": {"due_at": None}}}, ("/calendar/plan/due_at", "needed")),
        # half past ten in the evening in Jakarta is the next day in Jayapura: there these are over before it, or open before that
        ({"calendar": {"midyear.1": SHUT_IN_THE_EAST}}, ("/calendar/midyear.1", "wrong_order")),
        ({"calendar": {"midyear.1": OVERTAKEN_IN_THE_EAST}}, ("/calendar/midyear.1", "out_of_order")),
    ],
)
async def test_a_draft_that_could_not_be_kept_is_refused_by_place(
    year: World, more: Body, found: tuple[str, str]
) -> None:
    assert await refused(year, **more) == [found]


async def test_only_hr_makes_opens_and_moves_a_cycle(year: World) -> None:
    cycle = await cycle_of(year)
    for path in (
        "",
        f"/{cycle['id']}/open",
        f"/{cycle['id']}/close",
        f"/{cycle['id']}/cancel",
        f"/{cycle['id']}/check",
    ):
        body = {"policy": PACK, "year": YEAR, "name": "SKP"} if path == "" else None
        assert (await year.post(f"/cycles{path}", "employee", body)).json()["code"] == "not_yours"
    assert (await year.get(f"/cycles/{cycle['id']}/progress", "employee")).json()["code"] == "not_yours"
    assert (await year.get(f"/cycles/{cycle['id']}/worklist", "employee")).json()["code"] == "not_yours"


async def test_a_second_cycle_of_the_year_leaves_out_whoever_has_one(year: World) -> None:
    cycle = await made(year, year=YEAR)
    found = (await year.post(f"/cycles/{cycle['id']}/check", "hr")).json()
    codes = {warning["code"]: warning["people"] for warning in found["warnings"]}
    assert found["blockers"] == []
    assert year.people["employee"] in codes["in_another_cycle"]


async def test_a_cycle_for_nobody_is_blocked(year: World) -> None:
    async with year.database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO unit (id, code, name) VALUES ('u', 'KOSONG', 'Kosong') ON CONFLICT DO NOTHING")
        )
    cycle = await made(year, units=["KOSONG"])
    answer = await year.post(f"/cycles/{cycle['id']}/open", "hr")
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle_blocked")
    assert [blocker["code"] for blocker in answer.json()["blockers"]] == ["nobody_in_scope"]


# ── the open cycle ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("B16", "G21")
async def test_every_person_of_the_roster_is_counted_once(year: World) -> None:
    cycle = await cycle_of(year)
    progress = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    assert progress["roster"] == (await year.get("/people", "hr")).json()["total"]
    for part in (progress, *progress["by_unit"]):
        assert part["roster"] == part["pending"] + part["launched"] + part["failed"] + part["excluded"]
        assert part["launched"] == sum(part["by_state"].values())
    assert progress["roster"] == sum(part["roster"] for part in progress["by_unit"])


async def test_who_has_no_supervisor_is_left_out_and_on_the_worklist(year: World) -> None:
    cycle = await cycle_of(year)
    progress = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    worklist = (await year.get(f"/cycles/{cycle['id']}/worklist", "hr", limit=200)).json()
    left_out = [item for item in worklist["items"] if item["code"] == "no_supervisor"]
    assert len(left_out) == progress["excluded"] > 0


async def test_an_open_cycle_with_everybody_started_is_not_opened_again(year: World) -> None:
    cycle = await cycle_of(year)
    answer = await year.post(f"/cycles/{cycle['id']}/open", "hr")
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "cycle_state", "open")


UNIT_HEADS = text(
    """
    SELECT p.nip, (WITH RECURSIVE led AS (SELECT p.unit_id AS id UNION SELECT u.id FROM unit u JOIN led ON u.parent_id = led.id)
                   SELECT count(*) FROM appraisal a WHERE a.cycle_id = :cycle AND a.unit_id IN (SELECT id FROM led)) AS people
      FROM role_grant g JOIN person p ON p.id = g.person_id WHERE g.role = 'kepala_unit' ORDER BY people, p.nip
    """
)


async def test_a_unit_head_sees_the_numbers_of_the_own_unit_only(year: World) -> None:
    cycle = await cycle_of(year)
    whole = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    async with year.database.transaction() as connection:
        heads = (await connection.execute(UNIT_HEADS, {"cycle": cycle["id"]})).all()
    assert heads
    for head in heads[:3]:
        part = (await year.get(f"/cycles/{cycle['id']}/progress", head.nip)).json()
        assert part["roster"] == head.people < whole["roster"]


# ── the calendar ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_moving_a_calendar_needs_the_version_that_was_seen(year: World) -> None:
    cycle = await cycle_of(year)
    later = due(f"{YEAR}-02-10")
    stale = await move(year, cycle, later, version=0)
    assert (stale.status_code, stale.json()["version"]) == (412, cycle["version"])
    unsaid = await year.http.put(
        f"/api/v1/cycles/{cycle['id']}/calendar", headers=year.headers("hr"), json={"reason": "x"} | later
    )
    assert unsaid.json()["code"] == "precondition_required"


async def test_a_preview_tells_and_changes_nothing(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    before = await year.row(mine)
    told = (await move(year, cycle, due(f"{YEAR}-02-20"), preview=True)).json()
    assert told["affected"] == told["by_stage"]["plan"] == cycle["counts"]["launched"]  # type: ignore[index]
    assert await year.row(mine) == before
    assert await cycle_of(year) == cycle


async def test_an_extension_moves_what_lists_show_and_tells_no_workflow(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    answer = await move(year, cycle, due(f"{YEAR}-02-27"))
    assert answer.status_code == 200, answer.text
    row = await year.row(mine)
    assert row["due_at"] == datetime(YEAR, 2, 27, 16, 59, 59, 999999, UTC)
    assert row["facts_revision"] == row["timing"]["facts_revision"]  # type: ignore[index]
    assert (await year.client.get_workflow_handle(f"appraisal/{mine}/r1").query("snapshot"))["seq"] == row["seq"]
    assert answer.headers["etag"] == f'"{(await cycle_of(year))["version"]}"'


async def test_what_comes_earlier_is_told_and_the_workflow_sets_its_alarm(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    await move(year, cycle, due(f"{YEAR}-03-20"))
    answer = await move(year, await cycle_of(year), due(f"{YEAR}-01-28"))
    assert answer.json()["affected"] == cycle["counts"]["launched"]  # type: ignore[index]
    async with year.database.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM nudge"))).scalar_one() == 0
    assert await sets_its_alarm(year, mine)
    assert (await year.row(mine))["due_at"] == datetime(YEAR, 1, 28, 16, 59, 59, 999999, UTC)


async def test_a_units_window_holds_there_alone_until_it_is_taken_back(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    unit = (await year.get(f"/people/{year.people['employee']}", "hr")).json()["unit_code"]
    was = (await year.row(mine))["due_at"]
    answer = await move(year, cycle, due(f"{YEAR}-03-01") | {"unit": unit})
    inside = (await year.get("/people", "hr", unit=unit)).json()["total"]
    assert 0 < answer.json()["affected"] <= inside
    assert (await cycle_of(year))["unit_calendars"][unit]["plan"]["due_at"] == f"{YEAR}-03-01"  # type: ignore[index]
    assert (await year.row(mine))["due_at"] == datetime(YEAR, 3, 1, 16, 59, 59, 999999, UTC)
    await move(year, await cycle_of(year), {"windows": {"plan": None}, "unit": unit})
    assert (await cycle_of(year))["unit_calendars"] == {}
    assert (await year.row(mine))["due_at"] == was


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (due("2027-02-10") | {"unit": "NONE"}, ("/unit", "unknown_unit")),
        ({"windows": {"plan": None}}, ("/windows/plan", "needed")),
        ({"windows": {"midyear.9": {"due_at": "2027-07-01"}}}, ("/windows/midyear.9", "unknown_window")),
        (due("2027-02-10", closes_at="2027-02-09"), ("/windows/plan", "wrong_order")),
        (due("2027-06-10") | {"unit": "DINKES"}, ("/windows/plan", "wrong_order")),
        ({"windows": {"midyear.1": SHUT_IN_THE_EAST}}, ("/windows/midyear.1", "wrong_order")),
        ({"windows": {"plan": {"opens_at": "2026-01-01"}}}, ("/windows/plan/opens_at", "outside_year")),
        ({"windows": {"rating": {"closes_at": "2029-12-31"}}}, ("/windows/rating/closes_at", "outside_year")),
        ({"windows": {"rating": {"due_at": "2029-01-01T00:00:00+07:00"}}}, ("/windows/rating/due_at", "outside_year")),
        *(({"windows": {"plan": {"due_at": edge}}}, ("/windows/plan/due_at", "outside_year")) for edge in EDGES),
    ],
)
async def test_a_calendar_that_could_not_be_kept_is_refused_by_place(
    year: World, body: Body, found: tuple[str, str]
) -> None:
    answer = await move(year, await cycle_of(year), body)
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [found]


async def test_a_unit_that_the_cycle_is_not_for_has_no_calendar_in_it(year: World) -> None:
    cycle = await made(year, units=["DINKES"])
    trail = text("SELECT count(*) FROM cycle_event WHERE cycle_id = :id")
    wish = {"windows": {"plan": {"due_at": f"{YEAR + 1}-02-10"}}}
    async with year.database.transaction() as connection:
        before = (await connection.execute(trail, {"id": cycle["id"]})).scalar_one()
    for preview in (True, False):
        answer = await move(year, cycle, wish | {"unit": "DISDIK"}, preview=preview)
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/unit", "outside_cycle")
        assert "bukan untuk unit kerja itu" in error["message"]
    assert (await year.get(f"/cycles/{cycle['id']}", "hr")).json() == cycle
    async with year.database.transaction() as connection:
        assert (await connection.execute(trail, {"id": cycle["id"]})).scalar_one() == before
    for unit in ("PKM-01", "DINKES", "PEMKAB"):
        answer = await move(year, cycle, wish | {"unit": unit}, preview=True)
        assert answer.status_code == 200, "what is below a unit of the cycle, and what lies above it"


async def test_every_change_is_chained_in_the_cycles_own_trail(year: World) -> None:
    cycle = await cycle_of(year)
    sql = text("SELECT * FROM cycle_event WHERE cycle_id = :id ORDER BY seq")
    async with year.database.transaction() as connection:
        rows = (await connection.execute(sql, {"id": cycle["id"]})).mappings().all()
    events = [CycleEvent.model_validate(dict(row)) for row in rows]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.action for event in events][:2] == ["cycle_created", "cycle_opened"]
    previous = GENESIS
    for event in events:
        assert (event.previous_hash, event.hash) == (previous, event.own_hash())
        previous = event.hash


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_draft_is_cancelled_at_once_and_stays_so(year: World) -> None:
    cycle = await made(year)
    answer = await year.post(f"/cycles/{cycle['id']}/cancel", "hr", {"reason": "Salah tahun"})
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    again = await year.post(f"/cycles/{cycle['id']}/open", "hr")
    assert (again.status_code, again.json()["code"]) == (409, "cycle_state")
    assert (await move(year, answer.json(), due(f"{YEAR + 1}-02-10"))).json()["code"] == "cycle_state"


async def test_a_window_that_lapsed_is_listed_and_not_revived(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    before = year.now
    year.now = datetime(YEAR, 6, 1, tzinfo=UTC)
    told = (await move(year, cycle, due(f"{YEAR}-06-20", closes_at=f"{YEAR}-06-30"), preview=True)).json()
    year.now = before
    assert mine in told["already_lapsed"]
    assert told["no_longer_overdue"] == told["affected"]


async def test_a_cancelled_cycle_cancels_each_appraisal_but_the_callers_own(year: World) -> None:
    cycle = await cycle_of(year)
    answer = await year.post(f"/cycles/{cycle['id']}/cancel", "hr", {"reason": "Diulang"})
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    progress = (await year.get(f"/cycles/{cycle['id']}/progress", "hr")).json()
    assert progress["launched"] == sum(progress["by_state"].values())
    assert (await year.row(await year.appraisal_of("employee")))["ending"] == "cancelled"
    own = await year.row(await year.appraisal_of("hr"))
    assert own["ending"] is None
