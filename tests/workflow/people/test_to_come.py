"""Somebody who is not here today and is to come, for the first time or again: what a file and HR say of her meanwhile."""

from __future__ import annotations

import pytest

from tests.endings import Played
from tests.workflow.people.changes import MAY, imported, line_of, named, not_begun, row_of
from tests.world import YEAR, World

PEOPLE = 100

JULY_FIRST, AUGUST_FIRST = f"{YEAR}-07-01", f"{YEAR}-08-01"
NEWCOMER = "199001012020011234"


async def newcomer(world: World, beside: Played, nip: str = NEWCOMER, **said: str) -> dict[str, str]:
    """It is May; a file has named somebody under the superior of `beside` who comes on the first of July. Her row, without its day."""
    world.now = MAY
    row = await row_of(world, beside.employee) | {"nip": nip, "nama": "Pendatang"} | said
    assert (await imported(world, row | {"tmt": JULY_FIRST}))["created"] == 1
    return row


# ── a newcomer ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.17")
@pytest.mark.parametrize("day", [{}, {"tmt": JULY_FIRST}])
async def test_a_file_that_says_of_a_newcomer_what_is_recorded_changes_nothing(
    year: World, who: Played, day: dict[str, str]
) -> None:
    """DOMAIN 3.17: with her day or without one, she still begins in July."""
    nip = "199001012020011234" if day else "199001022020011235"
    said = await newcomer(year, who, nip)
    assert (await imported(year, said | day))["changes"] == []
    assert await line_of(year, nip) == [(JULY_FIRST, None)]
    assert nip not in await not_begun(year, str((await year.row(who.appraisal))["cycle_id"]))


@pytest.mark.case("3.17")
@pytest.mark.parametrize("day", [f"{YEAR}-06-15", AUGUST_FIRST, f"{YEAR}-05-10"])
async def test_another_day_moves_the_day_on_which_a_newcomer_begins(year: World, who: Played, day: str) -> None:
    """DOMAIN 3.17: she comes sooner or later than was said, or has come already."""
    nip = {"06": "199001032020011236", "08": "199001042020011237", "05": "199001052020011238"}[day[5:7]]
    said = await newcomer(year, who, nip)
    (told,) = (await imported(year, said | {"tmt": day}))["changes"]  # type: ignore[misc]
    assert told["fields"] == {"tmt": [JULY_FIRST, day]}  # type: ignore[index]
    assert await line_of(year, nip) == [(day, None)]


@pytest.mark.case("3.17")
async def test_another_superior_of_a_newcomer_is_hers_from_the_day_on_which_she_begins(
    year: World, who: Played
) -> None:
    nip = "199001062020011239"
    said = await newcomer(year, who, nip)
    _, new = await year.elsewhere(who.employee)
    (told,) = named(await imported(year, said | {"nip_atasan": new}), "supervisor_changed")
    assert told["fields"] == {"nip_atasan": new, "from": JULY_FIRST}
    assert await line_of(year, nip) == [(JULY_FIRST, None)]
    assert (await row_of(year, nip))["nip_atasan"] == new
