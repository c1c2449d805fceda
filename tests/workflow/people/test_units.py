"""DOMAIN 3.19: a unit that is hung elsewhere has the calendar and the label of where it hangs, and running years in it follow."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import text

from tests.endings import JANUARY, JULY, Played, to_rating
from tests.workflow.people.changes import imported, named, row_of, sent
from tests.world import YEAR, World

LATE_JANUARY = datetime(YEAR, 1, 25, 3, tzinfo=UTC)
MARCH = datetime(YEAR, 3, 2, 3, tzinfo=UTC)
NIPS = (f"19850101201001{n:04}" for n in count(9001))
LAST_HUNG = text(
    "SELECT data FROM cycle_event WHERE cycle_id = :cycle AND action = 'units_hung' ORDER BY seq DESC LIMIT 1"
)
DRAFTING = text(
    """
    WITH RECURSIVE below AS (
        SELECT id FROM unit WHERE code = :unit UNION SELECT u.id FROM unit u JOIN below b ON u.parent_id = b.id
    )
    SELECT count(*) FROM appraisal a JOIN below b ON b.id = a.unit_id WHERE a.state = 'plan.drafting'
    """
)


async def hang(world: World, nip: str, parent: str, **params: str) -> dict[str, object]:
    """A file says that somebody's unit hangs below that one."""
    return await imported(world, await row_of(world, nip) | {"unit_induk": parent}, **params)


async def above(world: World, cycle: object, windows: dict[str, object] | None = None) -> str:
    """A new unit with nobody's year in it, and with such windows; its code."""
    nip = next(NIPS)
    code = f"INDUK-{nip[-4:]}"
    known = await row_of(world, world.people["employee"])
    await imported(world, known | {"nip": nip, "unit": code, "nama_unit": code, "unit_induk": await world.root_unit()})
    if windows:
        await windows_of(world, cycle, code, windows)
    return code


def rejections(told: dict[str, object]) -> list[tuple[str, str]]:
    rejected = told["rejected"]
    assert isinstance(rejected, list)
    return [(one["column"], one["code"]) for one in rejected]


async def of_the_trail(world: World, cycle: object) -> dict[str, object]:
    """What the cycle's trail says of the unit that was hung elsewhere last."""
    async with world.database.transaction() as connection:
        found = (await connection.execute(LAST_HUNG, {"cycle": cycle})).scalar_one()
    assert isinstance(found, dict)
    return found


async def drafting_in(world: World, nip: str) -> int:
    """How many draft their plan in somebody's unit and below it."""
    async with world.database.transaction() as connection:
        found = await connection.execute(DRAFTING, {"unit": await world.unit_of(nip)})
        return int(found.scalar_one())


async def windows_of(world: World, cycle: object, unit: str, windows: dict[str, object]) -> None:
    shown = await world.get(f"/cycles/{cycle}", "hr")
    answer = await world.http.put(
        f"/api/v1/cycles/{cycle}/calendar",
        headers=world.headers("hr", **{"If-Match": shown.headers["ETag"]}),
        json={"unit": unit, "windows": windows, "reason": "Daerah bencana."},
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.case("3.19")
async def test_the_windows_of_where_a_unit_hangs_now_hold_at_once(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit = await above(year, cycle, {"plan": {"due_at": f"{YEAR}-02-26", "closes_at": f"{YEAR}-03-05"}})
    before = await year.seen(who.appraisal)
    told = await hang(year, who.employee, unit)
    assert [one["unit"] for one in named(told, "unit_updated")] == [await year.unit_of(who.employee)]
    after = await year.seen(who.appraisal)
    assert str(before["due_at"])[:10] != f"{YEAR}-02-26"
    assert str(after["due_at"])[:10] == f"{YEAR}-02-26"
    row = await year.row(who.appraisal)
    assert str(row["due_at"])[:10] == f"{YEAR}-02-26", "lists say the same"
    events = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    assert "units_hung" in [event["action"] for event in events]


@pytest.mark.case("3.19")
async def test_a_result_that_waits_for_a_label_gets_that_of_where_its_unit_hangs_now(year: World, who: Played) -> None:
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    unit = await above(year, cycle)
    await to_rating(year, who)
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"
    (await year.label(cycle, unit, "baik")).raise_for_status()
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"
    await hang(year, who.employee, unit)
    assert (await year.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"


async def test_a_unit_is_not_hung_where_a_running_deadline_would_come_too_near(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit = await above(year, cycle, {"plan": {"due_at": f"{YEAR}-01-18", "closes_at": f"{YEAR}-01-19"}})
    year.now = LATE_JANUARY
    row, before = await row_of(year, who.employee), await year.seen(who.appraisal)
    answer = await sent(year, row | {"unit_induk": unit})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "roster_rejected"
    [found] = answer.json()["rejected"]
    assert (found["column"], found["code"]) == ("unit_induk", "notice_too_short")
    assert "plan" in found["message"]
    assert (await year.seen(who.appraisal))["due_at"] == before["due_at"]


async def test_a_unit_is_not_hung_where_an_open_window_would_be_shut_again(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit = await above(year, cycle, {"midyear.1": {"opens_at": f"{YEAR}-07-20"}})
    year.now = JULY
    told = await hang(year, who.employee, unit, dry_run="true")
    assert ("unit_induk", "already_open") in rejections(told)
    year.now = JANUARY
    assert rejections(await hang(year, who.employee, unit, dry_run="true")) == [], "it has not opened yet"


async def test_a_unit_is_not_hung_where_its_windows_could_not_follow_each_other(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    later = {"opens_at": f"{YEAR}-12-20", "due_at": f"{YEAR + 1}-01-20", "closes_at": f"{YEAR + 1}-01-25"}
    unit = await above(year, cycle, {"self_assessment": later, "rating": {"closes_at": f"{YEAR + 1}-02-25"}})
    own = await year.unit_of(who.employee)
    await windows_of(year, cycle, own, {"self_assessment": {"closes_at": f"{YEAR + 1}-01-10"}})
    assert rejections(await hang(year, who.employee, unit, dry_run="true")) == [("unit_induk", "out_of_order")]


async def test_an_import_tells_of_a_unit_how_many_years_in_it_are_affected(year: World, who: Played) -> None:
    """Their plan was due on 31 January, or where their unit hung before on 26 February."""
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit = await above(year, cycle, {"plan": {"due_at": f"{YEAR}-03-19", "closes_at": f"{YEAR}-03-31"}})
    year.now = MARCH
    many = await drafting_in(year, who.employee)
    dry = await hang(year, who.employee, unit, dry_run="true")
    told = await hang(year, who.employee, unit)
    for answer in (dry, told):
        [change] = named(answer, "unit_updated")
        numbers = change["affected"], change["becomes_overdue"], change["no_longer_overdue"]
        assert numbers == (many, 0, many)
    assert many > 0
    assert str((await year.seen(who.appraisal))["due_at"])[:10] == f"{YEAR}-03-19"
    assert (await of_the_trail(year, cycle))["affected"] == many


async def test_a_unit_that_is_only_named_anew_affects_nobody(year: World, who: Played) -> None:
    [told] = named(await imported(year, await row_of(year, who.employee) | {"nama_unit": "Nama Baru"}), "unit_updated")
    assert "affected" not in told


async def test_a_unit_that_was_given_its_windows_first_is_hung_and_nobody_is_affected(year: World, who: Played) -> None:
    cycle = (await year.row(who.appraisal))["cycle_id"]
    unit = await above(year, cycle, {"plan": {"due_at": f"{YEAR}-01-18", "closes_at": f"{YEAR}-01-19"}})
    year.now = LATE_JANUARY
    assert rejections(await hang(year, who.employee, unit, dry_run="true")) == [("unit_induk", "notice_too_short")]
    own = {"plan": {"due_at": f"{YEAR}-03-26", "closes_at": f"{YEAR}-03-31"}}
    await windows_of(year, cycle, await year.unit_of(who.employee), own)
    [told] = named(await hang(year, who.employee, unit), "unit_updated")
    assert told["affected"] == 0
    assert str((await year.seen(who.appraisal))["due_at"])[:10] == f"{YEAR}-03-26"
