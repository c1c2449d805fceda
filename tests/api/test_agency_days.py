"""Days that only this agency has off, or works: HR enters them, and every running year counts by them at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from api import agency_days
from api.paging import cursor_of
from api.telling import tell_nudged
from models.shelf import load
from models.vocabulary import State, Zone
from models.workdays import AgencyDays, PersonClock, week_of
from tests.api.test_agency_trail import since, trail
from tests.api.test_cycles import PACK, Body, cycle_of, made
from tests.endings import JANUARY, Played
from tests.workflow.test_moving_deadlines import events_at_rest, facts_revision, nudged, shown_by
from tests.world import YEAR, World

PEOPLE = 60
TUESDAY, WEDNESDAY, SATURDAY = date(YEAR, 1, 12), date(YEAR, 1, 13), date(YEAR, 1, 16)
REVIEW_DAYS = load(PACK).steps[State.PLAN_REVIEWING].days or 0
LETTER = "Keputusan bupati nomor 3."


def off(*days: date) -> Body:
    return {day.isoformat(): {"kind": "off", "name": "Hari jadi kabupaten"} for day in days}


async def change(world: World, days: Body, who: str = "hr", **params: str) -> httpx.Response:
    key = {"Idempotency-Key": params.pop("key")} if "key" in params else {}
    return await world.http.put(
        "/api/v1/agency/days",
        headers=world.headers(who, **key),
        json={"reason": LETTER, "days": days},
        params=params,
    )


async def changed(world: World, days: Body, **params: str) -> Body:
    answer = await change(world, days, **params)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


async def table(world: World, who: str = "hr") -> dict[str, str]:
    items = (await world.get("/agency/days", who, limit=200)).raise_for_status().json()["items"]
    return {item["day"]: item["kind"] for item in items}


@pytest_asyncio.fixture
async def no_days(year: World) -> AsyncIterator[World]:
    """On the fifth of January, and afterwards as if nothing had been entered."""
    year.now = JANUARY
    yield year
    year.now = JANUARY
    if left := await table(year):
        await changed(year, dict.fromkeys(left))


async def reviewed(world: World) -> Played:
    """Somebody whose plan was sent to her supervisor on the fifth of January."""
    who = await Played.of(world, await world.next_clerk())
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    return who


async def due(world: World, who: Played, *days_off: date) -> tuple[datetime, datetime]:
    """When the review is due as it is shown, and by the calendar with these days off."""
    row = await world.row(who.appraisal)
    agency = AgencyDays(off=frozenset(days_off))
    clock = PersonClock.of(Zone(str(row["zone"])), week_of(row["work_week"]), agency)
    expected = clock.ending(clock.calendar.add(clock.day_of(JANUARY), REVIEW_DAYS))
    return datetime.fromisoformat(str((await world.seen(who.appraisal))["due_at"])), expected


async def test_a_new_day_off_moves_the_due_day_of_a_plan_that_waits_and_of_one_that_comes(no_days: World) -> None:
    world, waiting = no_days, await reviewed(no_days)
    handle = world.client.get_workflow_handle(f"appraisal/{waiting.appraisal}/r1")
    known = await events_at_rest(handle)
    shown, plain = await due(world, waiting)
    assert shown == plain
    told = await changed(world, off(TUESDAY, WEDNESDAY))
    assert told["changed"] == [TUESDAY.isoformat(), WEDNESDAY.isoformat()]
    assert told["by_stage"]["plan"] >= 1  # type: ignore[index]
    coming = await reviewed(world)
    for who in (waiting, coming):
        shown, expected = await due(world, who, TUESDAY, WEDNESDAY)
        assert shown == expected > plain
    assert waiting.appraisal not in await nudged(world)
    assert await events_at_rest(handle) == known, "what comes later touches no workflow"


async def test_a_day_that_was_missed_is_kept_by_a_workflow_that_slept_through_its_entry(no_days: World) -> None:
    """The timer of before rings, the workflow asks, and nobody is overdue on the old day."""
    world, who = no_days, await reviewed(no_days)
    _, plain = await due(world, who)
    await changed(world, off(TUESDAY, WEDNESDAY))
    row = await world.pass_to(who.appraisal, plain + timedelta(hours=12))
    _, expected = await due(world, who, TUESDAY, WEDNESDAY)
    assert (row["state"], row["due_at"]) == ("plan.reviewing", expected)
    assert not [key for key in await rungs(world, who) if key.startswith("overdue")]


async def rungs(world: World, who: Played) -> list[str]:
    sql = text("SELECT data ->> 'rung' FROM event WHERE appraisal_id = :id AND action = 'reach_rung' ORDER BY seq")
    async with world.database.transaction() as connection:
        return list((await connection.execute(sql, {"id": who.appraisal})).scalars())


@pytest.fixture
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies between the commit and the signal."""

    async def dies(*_: object) -> None:
        return None

    monkeypatch.setattr(agency_days, "tell_nudged", dies)


@pytest.mark.usefixtures("nobody_is_told")
async def test_a_day_off_taken_back_brings_forward_and_is_told_to_whom_it_must_be(no_days: World) -> None:
    """Who slept through the day off sleeps for the old day still; who came after it has to be woken. A lost word forgets nobody."""
    world, before = no_days, await reviewed(no_days)
    sooner, later = date(YEAR, 1, 6), date(YEAR, 1, 7)  # before the first reminder of the review
    await changed(world, off(sooner, later))
    await tell_nudged(world.rooms)
    after = await reviewed(world)
    told = await changed(world, {later.isoformat(): None})
    assert told["changed"] == [later.isoformat()]
    for who in (before, after):
        shown, expected = await due(world, who, sooner)
        assert shown == expected
    waiting = await nudged(world)
    assert after.appraisal in waiting
    assert before.appraisal not in waiting
    await tell_nudged(world.rooms)
    assert await nudged(world) == []
    revision = await facts_revision(world, await cycle_of(world))
    _, expected = await due(world, after, sooner)
    await world.pass_to(after.appraisal, expected)
    assert await shown_by(world, after.appraisal, revision)
    assert "remind-1" in await rungs(world, after)


@pytest.mark.usefixtures("nobody_is_told")
async def test_a_day_off_before_a_window_ends_brings_its_reminders_forward_and_wakes_who_waits_for_them(
    no_days: World,
) -> None:
    """Reminders are counted back from the end, and the end of a window is a date: it stays."""
    world = no_days
    planning, reviewing = await Played.of(world, await world.next_clerk()), await reviewed(world)
    due_at = (await world.row(planning.appraisal))["due_at"]
    await changed(world, off(date(YEAR, 1, 27)))
    waiting = await nudged(world)
    assert planning.appraisal in waiting
    assert reviewing.appraisal not in waiting
    assert (await world.row(planning.appraisal))["due_at"] == due_at
    await tell_nudged(world.rooms)
    week = int(str((await world.row(planning.appraisal))["work_week"]))
    day = {5: 20, 6: 22}[week]  # one working day before the seventh one before the end
    await world.pass_to(planning.appraisal, datetime(YEAR, 1, day, 3, tzinfo=UTC))
    assert await rungs(world, planning) == ["remind-7"]


async def test_a_saturday_that_is_worked_counts_for_those_who_have_five_days(no_days: World) -> None:
    world = no_days
    plans = [await reviewed(world) for _ in range(4)]
    dues = {who: (await due(world, who))[0] for who in plans}
    await changed(world, {SATURDAY.isoformat(): {"kind": "working", "name": "Ganti hari"}})
    moved = {who for who in plans if (await due(world, who))[0] < dues[who]}
    assert moved == {who for who in plans if (await world.row(who.appraisal))["work_week"] == 5} != set()


async def test_a_dry_run_tells_all_and_changes_nothing(no_days: World) -> None:
    world, who = no_days, await reviewed(no_days)
    shown, revision = await due(world, who), await facts_revision(world, await cycle_of(world))
    events = await trail(world)
    told = await changed(world, off(TUESDAY), dry_run="true")
    assert told["affected"] > 0  # type: ignore[operator]
    assert (await due(world, who), await table(world)) == (shown, {})
    assert (await facts_revision(world, await cycle_of(world)), await since(world, events)) == (revision, [])
    assert await changed(world, off(TUESDAY)) == told


async def test_the_same_key_changes_once_and_the_same_days_change_nothing(no_days: World) -> None:
    world, events = no_days, await trail(no_days)
    first = await changed(world, off(TUESDAY), key="libur")
    assert await changed(world, off(TUESDAY), key="libur") == first
    again = await changed(world, off(TUESDAY))
    assert (again["changed"], again["affected"]) == ([], 0)
    assert len(await since(world, events)) == 1
    reused = await change(world, off(WEDNESDAY), key="libur")
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")


async def test_the_days_are_in_the_agencys_trail_and_in_that_of_each_running_cycle_with_their_reason(
    no_days: World,
) -> None:
    world, events, draft = no_days, await trail(no_days), await made(no_days)
    was = await facts_revision(world, draft)
    told = await changed(world, off(TUESDAY) | {SATURDAY.isoformat(): {"kind": "working", "name": "Ganti"}})
    days = {TUESDAY.isoformat(): "off", SATURDAY.isoformat(): "working"}
    [event] = await since(world, events)
    assert (event["action"], event["comment"]) == ("agency_days_changed", LETTER)
    assert event["data"] == {"days": days, "affected": told["affected"]}
    sql = text(
        """
        SELECT e.cycle_id, t.body AS reason, e.data FROM cycle_event e JOIN text t ON t.id = e.reason_id
         WHERE e.action = 'agency_days_changed' ORDER BY e.at DESC, e.seq DESC
        """
    )
    async with world.database.transaction() as connection:
        rows = (await connection.execute(sql)).all()
    cycle = await cycle_of(world)
    assert (rows[0].cycle_id, rows[0].reason, rows[0].data["days"]) == (cycle["id"], LETTER, days)
    assert rows[0].data["facts_revision"] == await facts_revision(world, cycle)
    assert draft["id"] not in {row.cycle_id for row in rows}
    assert await facts_revision(world, draft) > was, "a draft's years begin by the days of that time"


async def test_everybody_reads_the_days_page_by_page_and_only_hr_changes_them(no_days: World) -> None:
    world = no_days
    await changed(world, off(WEDNESDAY, TUESDAY))
    first = (await world.get("/agency/days", "employee", limit=1)).json()
    assert (first["items"][0]["day"], first["items"][0]["name"], first["total"]) == (
        TUESDAY.isoformat(), "Hari jadi kabupaten", 2,
    )  # fmt: skip
    second = (await world.get("/agency/days", "employee", limit=1, cursor=first["next"])).json()
    assert ([item["day"] for item in second["items"]], second["next"]) == ([WEDNESDAY.isoformat()], None)
    refused = await change(world, off(SATURDAY), "supervisor")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    bad = await world.get("/agency/days", "hr", cursor=cursor_of("2027-W01-1"))
    assert [one["code"] for one in bad.json()["errors"]] == ["bad_cursor"]


WORKED = {"kind": "working", "name": "Ganti hari"}
FREE = {"kind": "off", "name": "Libur"}


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({f"{YEAR}-01-05": None}, ("", "not_entered")),
        ({f"{YEAR}-01-04": FREE}, ("", "in_the_past")),
        ({f"{YEAR - 1}-12-31": None}, ("", "in_the_past")),
        ({f"{YEAR + 4}-01-02": FREE}, ("", "too_far")),
        ({f"{YEAR}-02-30": FREE}, ("", "bad_day")),
        ({f"{YEAR}-W07-1": FREE}, ("", "bad_day")),
        ({f"{YEAR}0212": FREE}, ("", "bad_day")),
        ({"besok": None}, ("", "bad_day")),
        ({f"{YEAR}-01-17": FREE}, ("", "off_anyway")),
        ({f"{YEAR}-08-17": FREE}, ("", "off_anyway")),
        ({f"{YEAR}-01-12": WORKED}, ("", "worked_anyway")),
        ({f"{YEAR}-01-12": FREE | {"kind": "half"}}, ("/kind", "literal_error")),
        ({f"{YEAR}-01-12": FREE | {"name": " "}}, ("/name", "string_too_short")),
        ({f"{YEAR}-01-12": {"kind": "off"}}, ("/name", "missing")),
        ({f"{YEAR}-01-12": FREE | {"half": 1}}, ("/half", "extra_forbidden")),
    ],
)
async def test_days_that_cannot_be_are_refused_by_place_and_the_good_ones_with_them(
    no_days: World, days: Body, found: tuple[str, str]
) -> None:
    world, [day] = no_days, list(days)
    answer = await change(world, off(WEDNESDAY) | days)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(f"/days/{day}{found[0]}", found[1])]
    assert await table(world) == {}


async def test_nothing_to_change_and_no_reason_are_refused(no_days: World) -> None:
    assert [e["pointer"] for e in (await change(no_days, {})).json()["errors"]] == ["/days"]
    body = {"days": off(TUESDAY), "reason": " "}
    answer = await no_days.http.put("/api/v1/agency/days", headers=no_days.headers("hr"), json=body)
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/reason", "string_too_short")]


async def test_a_stretch_without_work_that_nobody_can_count_over_is_refused(no_days: World) -> None:
    world, first = no_days, date(YEAR, 2, 1)
    days = [first + timedelta(days=n) for n in range(70)]
    working = [day for day in days if PersonClock.of(Zone.WIB, 6).calendar.is_working(day)]
    answer = await change(world, off(*working))
    assert {one["code"] for one in answer.json()["errors"]} == {"too_many_off"}
    assert await table(world) == {}
    await changed(world, off(*working[: len(working) // 2]))


async def test_today_may_still_be_changed_where_it_is_over_nowhere(no_days: World) -> None:
    """At six in the evening UTC it is the sixth in every zone of the country."""
    world = no_days
    world.now = datetime(YEAR, 1, 5, 18, tzinfo=UTC)
    late = await change(world, off(date(YEAR, 1, 5)))
    assert [one["code"] for one in late.json()["errors"]] == ["in_the_past"]
    await changed(world, off(date(YEAR, 1, 6)))
