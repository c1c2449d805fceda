"""Whoever sets the organisation's label is told that results wait for her, reminded with HR, and reached by HR's nudge."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.people import move_line
from tests.endings import DECEMBER, FEBRUARY, Played
from tests.workflow.test_labels import Office, given
from tests.world import World

TOLD = text(
    """
    SELECT p.nip, n.at_once, n.state FROM notice n JOIN person p ON p.id = n.person_id
     WHERE n.text = :text AND (n.appraisal_id = ANY(:ids) OR n.appraisal_id IS NULL) ORDER BY p.nip
    """
)
NO_HEAD = text("DELETE FROM role_grant USING person p WHERE p.id = person_id AND p.nip = :nip AND role = 'kepala_unit'")
NEXT_MORNING = DECEMBER + timedelta(days=2)
"""Past everybody's half past eight of a working day."""


async def told(year: World, what: str, *who: Played) -> list[tuple[str, bool, str]]:
    async with year.database.transaction() as connection:
        rows = await connection.execute(TOLD, {"text": what, "ids": [one.appraisal for one in who]})
        return [(row.nip, row.at_once, row.state) for row in rows]


async def deliver(year: World) -> None:
    """The next morning comes."""
    rooms = year.rooms
    await Digests(year.database).gather(GatherInput(at=NEXT_MORNING))
    await Deliverer(year.database, rooms.people, rooms.facts, Channels(), clock=lambda: NEXT_MORNING).drain()


async def nudged(year: World, cycle: str, *nips: str) -> dict[str, object]:
    answer = await year.post(f"/cycles/{cycle}/nudges", "hr", {"people": list(nips)})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_in_the_morning_she_is_told_of_all_results_that_wait_for_her_label(year: World) -> None:
    clinic = await Office.of(year, "PKM-01")
    staff = [await Played.of(year, nip) for nip in clinic.staff[:2]]
    for who in staff:
        await given(year, who)
    assert await told(year, "label_wanted", *staff) == [(clinic.above, False, "pending")] * 2
    await deliver(year)
    assert await told(year, "label_wanted", *staff) == [(clinic.above, False, "shown")] * 2
    async with year.database.transaction() as connection:
        mails = text("SELECT count(DISTINCT digest_id) FROM notice WHERE text = 'label_wanted'")
        assert (await connection.execute(mails)).scalar_one() == 1


async def test_once_the_label_is_set_she_is_told_no_more(year: World) -> None:
    district = await Office.of(year, "KEC-01")
    who = await Played.of(year, district.staff[0])
    cycle = await given(year, who)
    (await year.label(cycle, district.code, "baik", district.above)).raise_for_status()
    await year.leaves(who.appraisal, "calibration.waiting")
    await deliver(year)
    states = [state for _, _, state in await told(year, "label_wanted", who)]
    assert states in (["dropped"], ["pending"]), "tied to no mail, or dropped from it"


async def test_the_rungs_remind_her_with_hr_and_hrs_nudge_reaches_her(year: World) -> None:
    office = await Office.of(year, "INSPEKTORAT")
    who = await Played.of(year, office.staff[0])
    cycle = await given(year, who)
    assert await nudged(year, cycle, who.employee) == {"told": 1, "skipped": []}
    assert office.above in [nip for nip, _, _ in await told(year, "nudge")]
    await year.pass_to(who.appraisal, FEBRUARY)
    reminded = {nip for nip, _, _ in await told(year, "reminder", who)}
    assert {office.above, year.people["hr"]} <= reminded


async def test_where_nobody_heads_the_unit_nor_one_above_it_stays_with_hr(year: World) -> None:
    office, above = await Office.of(year, "SETDA"), await Office.of(year, "PEMKAB")
    async with year.database.transaction() as connection:
        await connection.execute(NO_HEAD, {"nip": above.head})
        await move_line(connection)
    who = await Played.of(year, office.staff[0])
    cycle = await given(year, who)
    assert "person" not in (await year.seen(who.appraisal))["waiting_on"]  # type: ignore[operator]
    assert await told(year, "label_wanted", who) == []
    skipped = [{"nip": who.employee, "code": "nothing_waits"}]
    assert await nudged(year, cycle, who.employee) == {"told": 0, "skipped": skipped}
    await year.pass_to(who.appraisal, FEBRUARY)
    assert year.people["hr"] in {nip for nip, _, _ in await told(year, "reminder", who)}
