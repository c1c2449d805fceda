"""Another title that a file says ahead, and a transfer before, on or after its day: each part is about the post of its own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from activities.segments import segments
from deploy.rehearsal import open_cycle
from tests.endings import JANUARY, Played
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of
from tests.world import YEAR, World

PEOPLE = 60

AFTER = datetime(YEAR, 6, 12, 3, tzinfo=UTC)
"""JUNE is the day after the transfer, this one is after every title's day."""
CLERK, CHIEF, ANALYST = (
    ("Pengadministrasi", "Pelaksana"),
    ("Kepala Seksi", "Pengawas"),
    ("Analis Kebijakan", "Pelaksana"),
)
Post = tuple[str, str]


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    await open_cycle(world, "pp-30-2019", YEAR)
    return world


@dataclass(frozen=True)
class Case:
    """A title from `title` on, said in the unit of that day, and a transfer on the first of June, both recorded on 20 May."""

    name: str
    title: str
    first: str
    by: str
    ended: Post
    """Of the part that the transfer ended."""
    begun: Post
    """Of the other part, on the day after the transfer."""
    later: Post
    """And once the title's day has come too."""


ANALYST_PROMOTED = (ANALYST[0], CHIEF[1])
CASES = [
    Case("before it, said first", "05-25", "title", "hr", CHIEF, ANALYST_PROMOTED, ANALYST_PROMOTED),
    Case("before it, said after", "05-25", "transfer", "hr", CHIEF, ANALYST_PROMOTED, ANALYST_PROMOTED),
    Case("before it, said first, by a file", "05-25", "title", "file", CHIEF, ANALYST, ANALYST),
    Case("before it, said after, by a file", "05-25", "transfer", "file", CHIEF, ANALYST, ANALYST),
    Case("that day, said first", "06-01", "title", "hr", CLERK, ANALYST_PROMOTED, ANALYST_PROMOTED),
    Case("that day, said after", "06-01", "transfer", "hr", CLERK, CHIEF, CHIEF),
    Case("that day, said first, by a file", "06-01", "title", "file", CLERK, ANALYST, ANALYST),
    Case("that day, said after, by a file", "06-01", "transfer", "file", CLERK, CHIEF, CHIEF),
    Case("after it, said first", "06-10", "title", "hr", CLERK, ANALYST_PROMOTED, ANALYST_PROMOTED),
    Case("after it, said after", "06-10", "transfer", "hr", CLERK, ANALYST, CHIEF),
    Case("after it, said first, by a file", "06-10", "title", "file", CLERK, ANALYST, ANALYST),
    Case("after it, said after, by a file", "06-10", "transfer", "file", CLERK, ANALYST, CHIEF),
]


def post(said: Post) -> dict[str, str]:
    return {"jabatan": said[0], "jenjang": said[1]}


async def held(world: World, appraisal: str) -> Post:
    async with world.database.transaction() as connection:
        place = (await segments(connection, [appraisal], world.now))[appraisal].place
        return str(place["post"]), str(place["level"])


@pytest.mark.case("3.1")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_part_is_about_the_post_of_its_own_days(year: World, who: Played, case: Case) -> None:
    year.now = JANUARY
    here = await row_of(year, who.employee) | post(CLERK)
    await imported(year, here)
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    unit, supervisor = await year.elsewhere(who.employee)
    there = here | {"unit": unit, "nama_unit": (await row_of(year, supervisor))["nama_unit"], "nip_atasan": supervisor}
    new = {"post": ANALYST[0], "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-06-01"}

    async def titled() -> None:
        stands_there = case.first == "transfer" and case.title >= "06-01"
        await imported(year, (there if stands_there else here) | post(CHIEF) | {"tmt": f"{YEAR}-{case.title}"})

    async def transferred() -> None:
        if case.by == "hr":
            await year.decided(who.employee, "transfer", new)
        else:
            await imported(year, there | post(ANALYST) | {"tmt": f"{YEAR}-06-01"})

    for said in (titled, transferred) if case.first == "title" else (transferred, titled):
        await said()
    assert await held(year, who.appraisal) == CLERK, "in May nothing of it has come"
    await year.pass_to(who.appraisal, JUNE)
    ended, begun = await year.segments_of(who.employee, 2)
    assert (await held(year, ended), await held(year, begun)) == (case.ended, case.begun)
    if case.first == "transfer" and case.title == "06-10":
        assert (await imported(year, there | post(CHIEF) | {"tmt": f"{YEAR}-{case.title}"}))["changes"] == []
    await year.pass_to(begun, AFTER)
    assert (await held(year, ended), await held(year, begun)) == (case.ended, case.later)
    person = (await year.get(f"/people/{who.employee}", "hr")).json()
    assert (person["unit_code"], person["post"], person["level"]) == (unit, *case.later)


@pytest.mark.case("3.1")
async def test_a_title_of_a_day_after_another_post_in_her_own_unit_comes_with_it(year: World, who: Played) -> None:
    year.now = JANUARY
    here = await row_of(year, who.employee) | post(CLERK)
    await imported(year, here)
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    body = {"post": ANALYST[0], "unit": here["unit"], "supervisor": who.supervisor, "effective": f"{YEAR}-06-01"}
    await year.decided(who.employee, "transfer", body)
    await imported(year, here | post(CHIEF) | {"tmt": f"{YEAR}-06-10"})
    await year.pass_to(who.appraisal, JUNE)
    _, begun = await year.segments_of(who.employee, 2)
    assert await held(year, begun) == ANALYST
    await year.pass_to(begun, AFTER)
    assert await held(year, begun) == CHIEF
