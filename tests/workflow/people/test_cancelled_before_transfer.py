"""HR cancels a running part of somebody's year, and she is transferred later: what is left of the year is not forgotten."""

from __future__ import annotations

from datetime import date

import pytest

from api.upkeep import look_once
from tests.endings import Played
from tests.workflow.people.changes import JUNE, MAY, imported, not_begun, planned, row_of, transferred
from tests.world import YEAR, World

PEOPLE = 60


async def cancelled(year: World, appraisal: str) -> None:
    await year.done(appraisal, "cancel", "hr", {"reason": "Dibuka atas nama yang keliru."})
    await year.leaves(appraisal, "finalisation.running")


async def cycle_of(year: World, who: Played) -> str:
    return str((await year.row(who.appraisal))["cycle_id"])


@pytest.mark.case("3.1")
@pytest.mark.parametrize("first", ["transfer", "cancel"])
async def test_who_was_cancelled_before_a_transfer_is_on_hrs_list_from_its_day_on_and_begins_there(
    year: World, who: Played, first: str
) -> None:
    """To cancel says something of that part, so HR says whether the other begins; whichever of the two was recorded first."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    cycle = await cycle_of(year, who)
    if first == "transfer":
        new = await transferred(year, who)
        await cancelled(year, who.appraisal)
    else:
        await cancelled(year, who.appraisal)
        unit, new = await year.elsewhere(who.employee)
        body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": new, "effective": f"{YEAR}-06-01"}
        await year.decided(who.employee, "transfer", body)
    await look_once(year.rooms)
    assert who.employee not in await not_begun(year, cycle), "until its day she is where she was cancelled"

    year.now = JUNE
    await look_once(year.rooms)
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    [hers] = [one for one in listed if one["employee"] and one["employee"]["nip"] == who.employee]
    assert (hers["code"], hers["actions"]) == ("not_begun", ["open"])
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    _, second = await year.segments_of(who.employee, 2)
    assert (await year.seen(second))["supervisor"]["nip"] == new  # type: ignore[index]
    row = await year.row(second)
    assert (row["segment"], row["snapshot"]["since"]) == (2, date(YEAR, 6, 1).isoformat())  # type: ignore[index]
    assert who.employee not in await not_begun(year, cycle)
    assert (await year.row(who.appraisal))["ending"] == "cancelled"


async def test_who_was_cancelled_and_stays_where_she_is_is_on_no_list(year: World, who: Played) -> None:
    await planned(year, who)
    await cancelled(year, who.appraisal)
    year.now = JUNE
    await look_once(year.rooms)
    assert who.employee not in await not_begun(year, await cycle_of(year, who))


@pytest.mark.parametrize("which", ["the part before", "the part after"])
async def test_who_is_cancelled_after_a_transfer_has_no_further_part_to_come(
    year: World, who: Played, which: str
) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    await cancelled(year, first if which == "the part before" else second)
    await look_once(year.rooms)
    assert who.employee not in await not_begun(year, await cycle_of(year, who))


async def test_a_transfer_of_the_first_of_january_leaves_nothing_of_the_cancelled_year_to_begin(
    year: World, who: Played
) -> None:
    await planned(year, who)
    await transferred(year, who, f"{YEAR + 1}-01-01")
    await cancelled(year, who.appraisal)
    year.now = JUNE.replace(year=YEAR + 1, month=1)
    await look_once(year.rooms)
    assert who.employee not in await not_begun(year, await cycle_of(year, who))


async def test_another_title_where_she_stays_is_no_part_of_a_year_that_was_cancelled(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await cancelled(year, who.appraisal)
    year.now = JUNE
    await imported(year, await row_of(year, who.employee) | {"jabatan": "Pejabat Lain", "tmt": f"{YEAR}-06-01"})
    await look_once(year.rooms)
    assert who.employee not in await not_begun(year, await cycle_of(year, who))
