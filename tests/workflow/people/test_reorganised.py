"""DOMAIN 3.1 and 3.19: the same title in another unit is a transfer where she went, and a reorganisation where the unit went."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.endings import Played
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of
from tests.world import World

PEOPLE = 60
SINCE = text("SELECT since FROM person WHERE nip = :nip")
OF_UNIT = text(
    """
    SELECT p.nip FROM person p JOIN unit u ON u.id = p.unit_id
     WHERE u.code = :unit AND NOT EXISTS (SELECT FROM personnel_change c WHERE c.person_id = p.id AND c.kind = 'exit')
    """
)
LAUNCH = text("UPDATE appraisal SET launch = :launch WHERE id = :id")
UNIT_OF_YEAR = text("SELECT u.code FROM appraisal a JOIN unit u ON u.id = a.unit_id WHERE a.id = :id")


async def there(world: World, who: Played) -> tuple[dict[str, str], str]:
    """Another unit, as a row says it, and who leads people there."""
    _, leader = await world.elsewhere(who.employee)
    row = await row_of(world, leader)
    return {"unit": row["unit"], "nama_unit": row["nama_unit"]}, leader


async def unit_of_year(world: World, appraisal: str) -> str:
    async with world.database.transaction() as connection:
        return str((await connection.execute(UNIT_OF_YEAR, {"id": appraisal})).scalar_one())


@pytest.mark.case("3.1")
@pytest.mark.parametrize("dated", [False, True], ids=["no tmt", "the recorded tmt"])
async def test_the_same_title_elsewhere_under_another_superior_is_a_transfer_of_today(
    year: World, who: Played, dated: bool
) -> None:
    """A teacher goes from one school to another; who saw the work rates it."""
    await planned(year, who)
    year.now = MAY
    unit, leader = await there(year, who)
    said = await row_of(year, who.employee) | unit | {"nip_atasan": leader}
    if dated:
        async with year.database.transaction() as connection:
            since = (await connection.execute(SINCE, {"nip": who.employee})).scalar_one()
        said |= {"tmt": since.isoformat() if since else ""}
    preview = await imported(year, said, dry_run="true")
    told = await imported(year, said)
    for answer in (preview, told):
        [change] = named(answer, "transferred")
        assert (change["appraisals"], change["fields"]["tmt"]) == (1, MAY.date().isoformat())  # type: ignore[index]
        assert named(answer, "unit_reorganised") == []
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.seen(first))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert (await year.seen(second))["supervisor"]["nip"] == leader  # type: ignore[index]
    assert (await imported(year, said))["changes"] == []


@pytest.mark.case("3.19")
async def test_a_unit_of_which_nobody_is_left_went_along_though_another_leads_it_now(year: World, who: Played) -> None:
    await planned(year, who)
    year.now = MAY
    own = await year.unit_of(who.employee)
    unit, leader = await there(year, who)
    async with year.database.transaction() as connection:
        nips = list((await connection.execute(OF_UNIT, {"unit": own})).scalars())
    assert len(nips) > 1, "somebody beside her"
    rows = [await row_of(year, nip) for nip in nips]
    merged = [row | unit | ({"nip_atasan": leader} if row["nip"] == who.employee else {}) for row in rows]
    preview = await imported(year, *merged, dry_run="true")
    told = await imported(year, *merged)
    for answer in (preview, told):
        assert who.employee in [change["nip"] for change in named(answer, "unit_reorganised")]
        assert named(answer, "transferred") == []
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 1)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == leader  # type: ignore[index]
    assert await unit_of_year(year, who.appraisal) == unit["unit"]


@pytest.mark.case("3.19")
@pytest.mark.parametrize("launch", ["pending", "failed"])
async def test_a_year_that_has_not_begun_goes_along_with_its_unit(year: World, who: Played, launch: str) -> None:
    """It would begin in a unit that is there no more, by its calendar."""
    year.now = MAY
    unit, _ = await there(year, who)
    said = await row_of(year, who.employee) | unit
    async with year.database.transaction() as connection:
        await connection.execute(LAUNCH, {"id": who.appraisal, "launch": launch})
    try:
        [told] = named(await imported(year, said), "unit_reorganised")
        assert told["appraisals"] == 0, "none that runs"
        assert await unit_of_year(year, who.appraisal) == unit["unit"]
    finally:
        async with year.database.transaction() as connection:
            await connection.execute(LAUNCH, {"id": who.appraisal, "launch": "launched"})
