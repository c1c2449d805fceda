"""What is left of a year in an old post, where whoever stood above it has gone and only people are here who came since (DOMAIN 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from activities.people import move_line
from tests.endings import DECEMBER, JANUARY, STANDS, Played, to_result
from tests.workflow.people.changes import imported, row_of, tasks_of
from tests.workflow.people.test_after_the_year import NEW_YEAR, moved, to_self_assessment
from tests.world import YEAR, World

PEOPLE = 100

PYB = text("INSERT INTO role_grant SELECT id, 'pyb' FROM person WHERE nip = :nip")
TOLD = text(
    """
    SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id WHERE n.appraisal_id = :id AND n.text = 'task_moved'
    """
)
COLLEAGUE = text(
    """
    SELECT p.nip, u.code FROM person p JOIN unit u ON u.id = p.unit_id
      JOIN tenure t ON t.person_id = p.id AND t.valid_until IS NULL JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :superior ORDER BY p.nip LIMIT 1
    """
)


@pytest.fixture(scope="module")
def seniors() -> set[str]:
    """Whom another test has sent away."""
    return set()


@pytest.fixture
async def who(year: World, seniors: set[str]) -> Played:
    year.now = JANUARY
    while True:
        nip = await year.next_clerk()
        senior = (await year.seen(await year.appraisal_of(nip)))["senior_supervisor"]
        if isinstance(senior, dict) and senior["nip"] not in seniors:
            seniors.add(senior["nip"])
            return await Played.of(year, nip)


async def nobody_above(world: World, who: Played) -> None:
    """There is no PyB, and whoever supervises her senior supervisor is nobody of the roster."""
    async with world.database.transaction() as connection:
        await connection.execute(text("DELETE FROM role_grant WHERE role = 'pyb'"))
        await move_line(connection)
    await imported(world, await row_of(world, who.senior) | {"nip_atasan": "LUAR"})


async def leaves(world: World, nip: str, day: date) -> None:
    await world.decided(nip, "exit", {"reason": "retire", "effective": day.isoformat()})


async def comes_for(world: World, nip: str, came: str, **said: str) -> None:
    """Somebody new is in that post today."""
    row = await row_of(world, nip) | {"nip": came, "nama": "Pejabat Baru", "tmt": world.now.date().isoformat()}
    assert (await imported(world, row | said))["created"] == 1


async def waits_on(world: World, who: Played) -> str | None:
    waits: Mapping[str, Mapping[str, str]] = (await world.seen(who.appraisal))["waiting_on"]  # type: ignore[assignment]
    person = waits.get("person")
    return None if person is None else person["nip"]


@pytest.mark.case("3.3")
async def test_hr_gives_what_is_left_of_an_old_year_to_an_officer_who_came_since(year: World, who: Played) -> None:
    """DOMAIN 3.3: nobody of then is left, so nobody has the rating until HR names somebody."""
    comes = "199001012027121003"
    await nobody_above(year, who)
    await to_self_assessment(year, who)
    superior = await moved(year, who, f"{YEAR + 1}-01-01")
    year.now = NEW_YEAR
    await year.bring(who.appraisal)
    for nip in (who.supervisor, who.senior):
        await leaves(year, nip, NEW_YEAR.date())
    assert await waits_on(year, who) is None
    await comes_for(year, superior, comes, nip_atasan=superior, peran="")
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": comes, "reason": "Pejabat lama pensiun."})
    seen = await year.seen(who.appraisal)
    assert (seen["supervisor"]["nip"], seen["senior_supervisor"]["nip"]) == (comes, superior)  # type: ignore[index]
    assert who.appraisal in await tasks_of(year, comes)
    assert who.appraisal not in await tasks_of(year, superior)
    await year.send(who.appraisal, "rating", "submit_rating", comes)


@pytest.mark.case("3.4")
@pytest.mark.case("3.7")
@pytest.mark.parametrize("as_pyb", [False, True], ids=["in the post", "as PyB"])
async def test_an_objection_about_an_old_post_is_decided_by_who_came_since(
    year: World, who: Played, as_pyb: bool
) -> None:
    """DOMAIN 3.7: she went on after her rating, and whoever was to decide about it retires while the decision is his."""
    await nobody_above(year, who)
    await to_result(year, who)
    await moved(year, who, f"{YEAR}-12-21")
    year.now = DECEMBER + timedelta(days=3)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert await waits_on(year, who) == who.senior

    await leaves(year, who.senior, year.now.date())
    assert await waits_on(year, who) is None
    comes = f"19900101202712100{1 + as_pyb}"
    await comes_for(year, who.senior, comes, peran="")
    if as_pyb:
        async with year.database.transaction() as connection:
            await connection.execute(PYB, {"nip": comes})
            await move_line(connection)
    else:
        await imported(year, await row_of(year, who.supervisor) | {"nip_atasan": comes})
    assert await waits_on(year, who) == comes
    assert who.appraisal in await tasks_of(year, comes)
    async with year.database.transaction() as connection:
        told = (await connection.execute(TOLD, {"id": who.appraisal})).scalars().all()
    assert told == ([] if as_pyb else [comes]), "by the file that puts people under him"
    listed = (await year.get("/appraisals", comes, limit=200)).json()["items"]
    assert who.appraisal in [item["id"] for item in listed]
    await year.send(who.appraisal, "decision", "decide_appeal", comes, STANDS)
    assert (await year.row(who.appraisal))["state"] == "finalisation.running"


async def test_a_colleague_who_was_given_another_post_in_the_unit_does_not_say_who_came_in_the_old_one(
    year: World, who: Played
) -> None:
    """Whoever leads her now leads that other post; nobody came for who retired."""
    await nobody_above(year, who)
    await to_self_assessment(year, who)
    elsewhere = await moved(year, who, f"{YEAR + 1}-01-01")
    year.now = NEW_YEAR
    await year.bring(who.appraisal)
    async with year.database.transaction() as connection:
        colleague, unit = (await connection.execute(COLLEAGUE, {"superior": who.supervisor})).one()
    other = {"post": "Bendahara", "unit": unit, "supervisor": elsewhere, "effective": f"{YEAR + 1}-01-02"}
    await year.decided(colleague, "transfer", other)
    for nip in (who.supervisor, who.senior):
        await leaves(year, nip, NEW_YEAR.date())
    assert await waits_on(year, who) is None
