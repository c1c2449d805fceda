"""A transfer ends a part of the year: each part, and the year, is rated by who saw the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.launch import Launcher
from activities.mending import restore
from api.telling import tell_nudged
from models.vocabulary import JobLevel, Zone
from models.workdays import local_day
from tests.endings import DECEMBER, Played, to_result
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of, tasks_of, transferred
from tests.world import YEAR, World

PEOPLE = 60

PLACES = text(
    """
    SELECT b.code AS before, u.code, s.code AS segment
      FROM personnel_change c JOIN person p ON p.id = c.person_id JOIN unit u ON u.id = c.unit_id
      JOIN unit b ON b.id = c.before ->> 'unit_id'
      JOIN appraisal a ON a.person_id = p.id AND a.segment = 2 JOIN unit s ON s.id = a.unit_id
     WHERE p.nip = :nip AND c.kind = 'transfer' AND c.standing IS NULL
    """
)
"""Of the transfers that hold: out of which unit into which, and where the part is that began."""
ENDED = text(
    """
    SELECT (c.before - 'unit_id') || jsonb_build_object('unit', u.code)
      FROM personnel_change c JOIN person p ON p.id = c.person_id JOIN unit u ON u.id = c.before ->> 'unit_id'
     WHERE p.nip = :nip AND c.kind = 'transfer' AND c.standing IS NULL
    """
)
"""The place that a transfer that holds has ended, with the unit by its code."""
PLACE = text(
    """
    SELECT p.post, p.level, p.kind, u.code AS unit, p.zone, p.work_week, CAST(p.since AS text) AS since
      FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.nip = :nip
    """
)
LEVEL = JobLevel.AHLI_UTAMA.value


async def place_of(year: World, nip: str) -> dict[str, object]:
    async with year.database.transaction() as connection:
        return dict((await connection.execute(PLACE, {"nip": nip})).mappings().one())


@pytest.mark.case("3.1")
async def test_each_segment_is_rated_by_who_saw_the_work(year: World, who: Played) -> None:
    """DOMAIN 3.1: transferred mid-year; the first segment by the old supervisor, the second by the new one."""
    await planned(year, who)
    year.now = MAY
    new = await transferred(year, who)
    await year.bring(who.appraisal)
    assert (await year.row(who.appraisal))["state"] == "execution.running"
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]

    closed = await year.pass_to(who.appraisal, JUNE)
    assert closed["state"] == "self_assessment.drafting"
    assert (await year.texts_of(who.appraisal)).count("segment_closed") == 2, "she, and who saw the work"
    first, second = await year.segments_of(who.employee, 2)
    assert first == who.appraisal
    assert (await year.row(second))["segment"] == 2
    shown = await year.seen(first)
    assert shown["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert shown["opens_at"] is None
    assert (await year.seen(second))["supervisor"]["nip"] == new  # type: ignore[index]

    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    assert first in await tasks_of(year, who.supervisor)
    assert first not in await tasks_of(year, new)
    refused = await year.act(first, "submit_rating", new)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.send(first, "rating", "submit_rating", who.supervisor)
    done = await year.pass_to(first, JUNE)
    assert done["ending"] == "segment_closed"

    listed = (await year.get("/appraisals", who.supervisor, limit=200)).json()["items"]
    assert first in [item["id"] for item in listed]
    assert second not in [item["id"] for item in listed]

    read = await year.seen(first, new)
    assert read["outcome"] is not None
    assert read["actions"] == []
    assert [s["segment"] for s in read["segments"]] == [1, 2]  # type: ignore[attr-defined]

    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", new)
    assert (await year.row(second))["state"] == "execution.running"


async def test_of_a_part_of_the_year_that_is_over_everybody_is_listed_just_what_is_shown_to_him(
    year: World, who: Played
) -> None:
    await planned(year, who)
    year.now = MAY
    new = await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    parts = await year.segments_of(who.employee, 2)
    today = local_day(year.now, Zone.WIB).isoformat()
    around = [who.supervisor, who.senior, new, (await year.seen(parts[1]))["senior_supervisor"]["nip"]]  # type: ignore[index]
    for principal in (who.supervisor, new):
        delegate = await year.next_clerk()
        offer = {"to": delegate, "from": today, "until": today, "reason": "Dinas luar."}
        offered = (await year.post("/delegations", principal, offer)).raise_for_status()
        (await year.post(f"/delegations/{offered.json()['id']}/accept", delegate)).raise_for_status()
        around.append(delegate)
    for person in around:
        listed = {item["id"] for item in (await year.get("/appraisals", person, limit=200)).json()["items"]}
        shown = {part for part in parts if (await year.get(f"/appraisals/{part}", person)).status_code == 200}
        assert listed & set(parts) == shown, person
    assert len(shown) == 1


@pytest.mark.case("3.1")
async def test_a_transfer_that_is_told_late_closes_the_segment_at_once(year: World, who: Played) -> None:
    """DOMAIN 3.1: HR learns in June of a transfer of the twentieth of May; the trail knows both instants."""
    await planned(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await transferred(year, who, f"{YEAR}-05-20")
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["state"] == "self_assessment.drafting"
    events = (await year.get(f"/appraisals/{first}/events", "hr", limit=200)).json()["items"]
    closing = next(e for e in events if e["action"] == "close_segment")
    assert closing["effective_at"] == f"{YEAR}-05-19T17:00:00+00:00"
    assert closing["at"] > f"{YEAR}-06-02"
    assert (await year.row(second))["snapshot"]["since"] == f"{YEAR}-05-20"  # type: ignore[index]


@pytest.mark.case("3.1")
async def test_a_slip_in_a_transfer_of_today_is_put_right_where_it_was_made_until_its_part_is_worked_in(
    year: World, who: Played
) -> None:
    """DOMAIN 3.1: HR named another unit than was meant; the same call, the same day, mends it and begins no third part."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    home = await year.unit_of(who.employee)
    bodies = []
    for _ in range(3):
        unit, supervisor = await year.elsewhere(who.employee)
        year.taken.append(supervisor)
        bodies.append({"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": MAY.date().isoformat()})
    wrong, right, late = bodies
    await year.decided(who.employee, "transfer", wrong)
    parts = await year.segments_of(who.employee, 2)
    await year.settled(parts[1])
    await year.decided(who.employee, "transfer", right)
    assert (await year.seen(parts[1]))["supervisor"]["nip"] == right["supervisor"]  # type: ignore[index]
    assert await year.unit_of(who.employee) == right["unit"]
    async with year.database.transaction() as connection:
        assert (await connection.execute(PLACES, {"nip": who.employee})).all() == [(home, right["unit"], right["unit"])]

    await year.send(parts[1], "plan", "submit_plan", who.employee)
    refused = await year.post(f"/people/{who.employee}/transfer", "hr", late)
    assert [one["code"] for one in refused.json()["errors"]] == ["before_earlier_change"]
    await year.pass_to(parts[1], MAY + timedelta(days=2))
    assert await year.segments_of(who.employee, 2) == parts


@pytest.mark.case("3.1")
@pytest.mark.parametrize("elsewhere", [False, True], ids=["there", "in a third unit"])
async def test_what_a_file_said_meanwhile_stays_when_a_transfer_of_today_is_put_right(
    year: World, who: Played, *, elsewhere: bool
) -> None:
    """DOMAIN 3.1: only post, unit and superior are taken back, which the call had said; and she came from where she was in the morning."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    before = await place_of(year, who.employee)
    today = MAY.date()
    places = []
    for _ in range(3):
        places.append(await year.elsewhere(who.employee))
        year.taken.append(places[-1][1])
    del year.taken[-3:]
    wrong, other, right = places
    body = {"post": "Analis", "effective": today.isoformat()}
    await year.decided(who.employee, "transfer", body | {"unit": wrong[0], "supervisor": wrong[1]})
    said = await row_of(year, who.employee)
    if elsewhere:
        there = await row_of(year, other[1])
        said |= {"unit": there["unit"], "nama_unit": there["nama_unit"], "nip_atasan": other[1]}
        assert named(await imported(year, said), "transferred")
    of_her = {"jabatan": "Analis Muda", "jenjang": LEVEL, "hari_kerja": "6", "zona": Zone.WITA.value}
    await imported(year, said | of_her)
    await year.decided(who.employee, "transfer", body | {"unit": right[0], "supervisor": right[1]})
    after = {"post": "Analis", "unit": right[0], "level": LEVEL, "work_week": 6, "zone": Zone.WITA.value}
    assert await place_of(year, who.employee) == before | after | {"since": today.isoformat()}
    async with year.database.transaction() as connection:
        [ended] = (await connection.execute(ENDED, {"nip": who.employee})).scalars()
    assert {name: ended[name] for name in before} == before
    _, second = await year.segments_of(who.employee, 2)
    assert (await year.seen(second))["supervisor"]["nip"] == right[1]  # type: ignore[index]


@pytest.mark.case("3.1")
async def test_who_was_put_into_the_east_by_mistake_has_the_clock_of_her_own_unit_again_once_it_is_put_right(
    year: World, who: Played
) -> None:
    """DOMAIN 3.1: the file named the zone and the week there; HR's call, which names neither, brings her home."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    before = await place_of(year, who.employee)
    said = await row_of(year, who.employee)
    unit, supervisor = await year.elsewhere(who.employee)
    there = {"unit": unit, "nama_unit": (await row_of(year, supervisor))["nama_unit"], "nip_atasan": supervisor}
    week = "5" if before["work_week"] == 6 else "6"
    assert named(await imported(year, said | there | {"zona": "WIT", "hari_kerja": week}), "transferred")
    today = MAY.date().isoformat()
    body = {"post": said["jabatan"], "unit": said["unit"], "supervisor": who.supervisor, "effective": today}
    await year.decided(who.employee, "transfer", body)
    assert await place_of(year, who.employee) == before | {"since": today}
    _, second = await year.segments_of(who.employee, 2)
    row = await year.row(second)
    assert (row["zone"], row["work_week"]) == (before["zone"], before["work_week"])


@pytest.mark.case("3.1")
async def test_a_segment_without_a_plan_ends_as_not_ratable(year: World, who: Played) -> None:
    """DOMAIN 3.1: there is nothing to rate the first part by, so nothing is invented."""
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["ending"] == "not_ratable"
    assert (await year.row(first))["outcome_id"] is None
    assert (await year.row(second))["state"] == "plan.drafting"


async def test_a_transfer_after_the_rating_opens_no_segment(year: World, who: Played) -> None:
    await to_result(year, who)
    await transferred(year, who, f"{YEAR}-12-21")
    row = await year.pass_to(who.appraisal, DECEMBER + timedelta(days=3))
    assert row["state"] == "appeal.open"
    assert "close_segment" not in await year.actions_of(who.appraisal)
    assert len(await year.segments_of(who.employee, 1)) == 1


async def test_the_numbers_of_progress_count_people_and_not_segments(year: World, who: Played) -> None:
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    before = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 2)
    after = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    people = (await year.get("/people", "hr")).json()["total"]
    for numbers in (before, after):
        assert numbers["roster"] == people
        assert sum(numbers["by_state"].values()) == people - before["excluded"]
    assert after["excluded"] == before["excluded"]


@pytest.mark.case("3.22")
async def test_a_segment_begins_once_however_often_it_is_asked_for(year: World, who: Played) -> None:
    """DOMAIN 3.22: one live appraisal per person, year and segment."""
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    known = await year.segments_of(who.employee, 2)
    launcher = Launcher(year.database, year.rooms.facts, year.client, year.task_queue)
    for _ in range(2):
        await ActivityEnvironment().run(launcher.begin_segment, who.appraisal)
    assert await year.segments_of(who.employee, 2) == known


async def test_a_year_restored_after_its_transfer_still_has_its_second_segment(year: World, who: Played) -> None:
    """The engine's store was lost right after the transfer was recorded; the run that is gone began nothing."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await transferred(year, who)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    await _set_state(year, cycle, "closed")  # so that what the first run begins comes to nothing
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 1)
    await _set_state(year, cycle, "open")
    await restore(year.database, year.client, year.task_queue, who.appraisal)
    first, _ = await year.segments_of(who.employee, 2)
    assert first == who.appraisal


async def _set_state(world: World, cycle: str, state: str) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE cycle SET state = :state WHERE id = :id"), {"id": cycle, "state": state})


async def test_a_process_that_dies_between_the_row_and_the_signal_loses_nothing(
    year: World, who: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision and its nudge are one transaction; whoever starts next tells the workflow."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)

    async def died(*_: object) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr("api.personnel.tell_all", died)
        await transferred(year, who, f"{YEAR}-05-20")
        await year.settled(who.appraisal)
        assert (await year.row(who.appraisal))["state"] == "execution.running"
    await tell_nudged(year.rooms)
    await year.segments_of(who.employee, 2)
    assert (await year.row(who.appraisal))["state"] == "self_assessment.drafting"
