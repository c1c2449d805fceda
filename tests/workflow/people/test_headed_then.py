"""Whose result the unit's label makes: of whoever headed the unit when the year ended, and not of whoever heads it when the label comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from activities.people import move_line
from tests.endings import DECEMBER, JANUARY, Played, to_rating
from tests.workflow.people.changes import JUNE, MAY, imported, planned, row_of, transferred
from tests.workflow.people.test_double_roles import GRANT_BOARD, as_plt
from tests.workflow.test_label_setter import NO_HEAD
from tests.workflow.test_labels import Office, cycle_of
from tests.world import YEAR, World

PEOPLE = 90

BEST = {"result_rating": "above", "behaviour_rating": "above", "result_reason": "Bukti.", "behaviour_reason": "Bukti."}
CHRISTMAS = datetime(YEAR, 12, 28, 3, tzinfo=UTC)
NEW_YEAR = datetime(YEAR + 1, 1, 4, 3, tzinfo=UTC)
LABEL_DAY = datetime(YEAR + 1, 1, 15, 3, tzinfo=UTC)
RETIRES = {"reason": "retire", "effective": f"{YEAR + 1}-01-01"}
DEPUTY = text(
    """
    SELECT p.nip FROM person p JOIN tenure t ON t.person_id = p.id JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :head AND p.unit_id = s.unit_id AND p.nip <> ALL(:taken)
       AND NOT EXISTS (SELECT FROM acting x WHERE x.person_id = p.id OR x.acting_for = p.id) ORDER BY p.nip LIMIT 1
    """
)


async def head_and_deputy(world: World, code: str) -> tuple[Played, Played, Office]:
    office = await Office.of(world, code)
    async with world.database.transaction() as connection:
        asked = {"head": office.head, "taken": world.taken}
        deputy = (await connection.execute(DEPUTY, asked)).scalars().one()
    world.taken += [office.head, deputy]
    world.now = DECEMBER
    return await Played.of(world, office.head), await Played.of(world, deputy), office


async def rated_above(world: World, *people: Played) -> str:
    """Both are rated above in everything, and wait for the label; the cycle."""
    for who in people:
        await to_rating(world, who, **BEST)
        assert (await world.row(who.appraisal))["state"] == "calibration.waiting"
    return await cycle_of(world, people[0])


async def succeeded(world: World, office: Office, deputy: Played, now: datetime = NEW_YEAR) -> None:
    """A file of that day makes the deputy head of the unit, since yesterday."""
    world.now = now
    said = await row_of(world, deputy.employee)
    new = {"jabatan": "Kepala", "jenjang": "JPT Pratama", "nip_atasan": office.above, "peran": "kepala_unit"}
    await imported(world, said | new | {"tmt": f"{now - timedelta(days=1):%Y-%m-%d}"})


async def moved(world: World, nip: str) -> None:
    """On the third of January to another unit."""
    world.now = NEW_YEAR
    unit, superior = await world.elsewhere(nip)
    body = {"post": "Staf Ahli", "unit": unit, "supervisor": superior, "effective": f"{YEAR + 1}-01-03"}
    await world.decided(nip, "transfer", body)


async def result_of(world: World, who: Played) -> str:
    """The label of the result that stands."""
    query = "SELECT o.label FROM outcome o JOIN appraisal a ON a.outcome_id = o.id WHERE a.id = :id"
    async with world.database.transaction() as connection:
        return str((await connection.execute(text(query), {"id": who.appraisal})).scalar_one())


async def labelled(world: World, cycle: str, code: str, label: str, *people: Played) -> None:
    world.now = LABEL_DAY
    (await world.label(cycle, code, label)).raise_for_status()
    for who in people:
        await world.leaves(who.appraisal, "calibration.waiting")


@pytest.mark.case("3.15")
@pytest.mark.parametrize(
    ("code", "since", "status"),
    [("SDN-001", f"{YEAR + 1}-01-02", 200), ("KEC-01", f"{YEAR}-12-20", 403)],
    ids=["since the year was over", "since before"],
)
async def test_who_stands_above_the_head_of_then_labels_the_unit_though_he_acts_in_that_post_by_now(
    year: World, code: str, since: str, status: int
) -> None:
    """What the label says of last year is no work of his, unless he led the unit when the year ended."""
    office = await Office.of(year, code)
    cycle = await cycle_of(year, await Played.of(year, office.head))
    year.now = NEW_YEAR
    acts = {"plh_untuk": office.head, "plh_mulai": since, "plh_selesai": f"{YEAR + 1}-01-31"}
    await imported(year, await row_of(year, office.above) | acts)
    year.now = LABEL_DAY
    assert (await year.label(cycle, office.code, "baik", office.above)).status_code == status


async def test_the_head_who_retired_on_new_year_has_the_units_result_and_the_deputy_her_own(year: World) -> None:
    head, deputy, office = await head_and_deputy(year, "DISDIK")
    cycle = await rated_above(year, head, deputy)
    await year.decided(head.employee, "exit", RETIRES)
    await succeeded(year, office, deputy)
    await labelled(year, cycle, office.code, "kurang", head, deputy)
    assert await result_of(year, head) == "butuh_perbaikan"
    assert await result_of(year, deputy) == "sangat_baik"


async def test_a_head_who_left_before_the_years_last_day_has_the_units_result_though_another_headed_it_then(
    year: World,
) -> None:
    """He was rated before he left, and so was she who headed it at once; until then she was not its head."""
    head, deputy, office = await head_and_deputy(year, "PKM-01")
    cycle = await rated_above(year, head, deputy)
    await year.decided(head.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-12-25"})
    await succeeded(year, office, deputy, CHRISTMAS)
    await labelled(year, cycle, office.code, "kurang", head, deputy)
    assert await result_of(year, head) == "butuh_perbaikan"
    assert await result_of(year, deputy) == "sangat_baik"


async def test_a_label_changed_after_the_head_went_on_changes_his_result_and_not_the_new_heads(year: World) -> None:
    head, deputy, office = await head_and_deputy(year, "DINKES")
    cycle = await rated_above(year, head, deputy)
    (await year.label(cycle, office.code, "istimewa")).raise_for_status()
    for who in (head, deputy):
        await year.leaves(who.appraisal, "calibration.waiting")
        await year.done(who.appraisal, "accept_result", who.employee)
        await year.until(who.appraisal, "archive", 1)
    await moved(year, head.employee)
    await succeeded(year, office, deputy)
    year.now = LABEL_DAY
    answer = await year.label(cycle, office.code, "kurang")
    assert answer.json()["final"] == [head.appraisal]
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    late = [item["appraisal_id"] for item in listed if item["code"] == "label_after_final"]
    assert late == [head.appraisal]


async def test_a_rating_given_after_the_head_went_on_is_scored_by_whose_unit_it_was(year: World) -> None:
    head, deputy, office = await head_and_deputy(year, "DUKCAPIL")
    cycle = await rated_above(year, deputy)
    await moved(year, head.employee)
    await succeeded(year, office, deputy)
    await labelled(year, cycle, office.code, "kurang", deputy)
    await to_rating(year, head, **BEST)
    year.now = LABEL_DAY
    assert await result_of(year, head) == "butuh_perbaikan"
    assert await result_of(year, deputy) == "sangat_baik"


async def test_nobody_labels_the_unit_that_he_headed_in_that_year(year: World) -> None:
    """He is in the board, and went on to another unit; his own result of the year rests on the label."""
    head = year.people["board"]
    office = await Office.of(year, "BAPPEDA")
    assert office.head == head
    cycle = await cycle_of(year, await Played.of(year, head))
    await moved(year, head)
    refused = await year.label(cycle, office.code, "istimewa", head)
    assert (refused.status_code, refused.json().get("code")) == (403, "not_yours")
    assert (await year.label(cycle, office.code, "baik", "hr")).status_code == 200


async def test_who_headed_a_unit_in_a_part_that_takes_no_label_may_label_it(year: World) -> None:
    """He is in the board, and went on in June: what he did there is rated for itself."""
    office = await Office.of(year, "KEC-01")
    async with year.database.transaction() as connection:
        await connection.execute(GRANT_BOARD, {"nip": office.head})
        await move_line(connection)
    who = await Played.of(year, office.head)
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    assert (await year.label(await cycle_of(year, who), office.code, "baik", who.employee)).status_code == 403
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 2)
    assert (await year.label(await cycle_of(year, who), office.code, "baik", who.employee)).status_code == 200


@pytest.mark.case("3.15")
async def test_what_a_plt_does_as_head_takes_the_units_result_and_her_own_year_does_not(year: World) -> None:
    """DOMAIN 2.6: both are evaluated; that his post headed the unit is known from the line, for nobody there was granted the role."""
    office = await Office.of(year, "INSPEKTORAT")
    async with year.database.transaction() as connection:
        await connection.execute(NO_HEAD, {"nip": office.head})
        deputy = (await connection.execute(DEPUTY, {"head": office.head, "taken": year.taken})).scalar_one()
        await move_line(connection)
    year.now = JANUARY
    who = await Played.of(year, deputy)
    await year.decided(office.head, "exit", {"reason": "retire", "effective": JANUARY.date().isoformat()})
    there = await as_plt(year, who, office.head)
    who = await Played.of(year, deputy, who.appraisal)
    cycle = await rated_above(year, who, there)
    await labelled(year, cycle, office.code, "kurang", who, there)
    assert await result_of(year, there) == "butuh_perbaikan"
    assert await result_of(year, who) == "sangat_baik"
