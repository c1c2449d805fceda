"""Who is told of another supervisor when the line was put right since: only what is so by the line of the day it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from activities.notices import TOLD, with_reason
from tests.endings import JANUARY, Played
from tests.workflow.people.changes import MAY, already, imported, row_of
from tests.world import YEAR, World

PEOPLE = 60
DAY, LATER = f"{YEAR}-06-10", f"{YEAR}-06-20"
SINCE = text(f"{TOLD} WHERE n.text LIKE 'supervis%' AND n.id <> ALL(:before)")
NIPS = text("SELECT id, nip FROM person")


async def under(world: World, who: Played, supervisor: str, day: str = DAY) -> None:
    body = {"supervisor": supervisor, "effective": day, "reason": "Mutasi."}
    await world.decided(who.employee, "supervisor", body)


async def still_told(world: World, before: list[str]) -> set[tuple[str, str, str, str]]:
    """To whom, what, of whom and from when on: what would be sent the next morning."""
    world.now += timedelta(days=1)
    async with world.database.transaction() as connection:
        nips = {r.id: r.nip for r in await connection.execute(NIPS)}
        agency = await world.rooms.people.agency(connection)
        rows = (await connection.execute(SINCE, {"before": before})).mappings().all()
        kept = await with_reason(connection, world.rooms.facts, agency, rows, world.now)
    return {(nips[r["person_id"]], r["text"], nips[r["facts"]["person"]], r["facts"]["from"]) for r in kept}


@pytest.mark.case("3.3")
async def test_who_supervises_her_still_is_not_told_that_he_does_no_more(year: World, who: Played) -> None:
    """Put under another from June and, the same day, back under him: of the three nobody hears what is not so."""
    year.now = MAY
    before = await already(year)
    _, other = await year.elsewhere(who.employee)
    await under(year, who, other)
    await under(year, who, who.supervisor)
    assert await still_told(year, before) == {
        (who.employee, "supervisor_changed", who.supervisor, DAY),
        (who.supervisor, "supervises_now", who.employee, DAY),
        (other, "supervises_no_more", who.employee, DAY),
    }


@pytest.mark.case("3.3")
async def test_what_was_so_from_its_day_on_is_told_though_more_changed_later(year: World, who: Played) -> None:
    """From the tenth under another, from the twentieth back: he loses her and has her again, and hears both."""
    year.now = MAY
    before = await already(year)
    _, other = await year.elsewhere(who.employee)
    await under(year, who, other)
    await under(year, who, who.supervisor, LATER)
    told = await still_told(year, before)
    assert {
        (who.supervisor, "supervises_no_more", who.employee, DAY),
        (other, "supervises_now", who.employee, DAY),
        (who.supervisor, "supervises_now", who.employee, LATER),
        (other, "supervises_no_more", who.employee, LATER),
    } <= told


@pytest.mark.case("3.3")
async def test_a_file_put_right_tells_nobody_that_his_people_are_not_his(year: World, who: Played) -> None:
    """The wrong file holds from today, and so does the right one of an hour later."""
    year.now = MAY
    said = await row_of(year, who.employee)
    _, other = await year.elsewhere(who.employee)
    before = await already(year)
    await imported(year, said | {"nip_atasan": other})
    year.now += timedelta(hours=1)
    await imported(year, said)
    told = await still_told(year, before)
    assert (who.supervisor, "supervises_no_more") not in {(to, what) for to, what, *_ in told}
    assert (other, "supervises_now") not in {(to, what) for to, what, *_ in told}


@pytest.mark.case("3.3")
async def test_who_is_not_to_come_under_him_after_all_is_not_announced_to_him(year: World, who: Played) -> None:
    """She leaves before the day on which he was to get her; who had her rates her, and is told nothing else."""
    year.now = MAY
    before = await already(year)
    _, other = await year.elsewhere(who.employee)
    await under(year, who, other)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-06-01"})
    assert await still_told(year, before) == set()


async def test_who_rates_her_after_all_takes_the_word_back_from_who_was_to(year: World, who: Played) -> None:
    """He stepped back and, by a mistake put right the same day, did not: who would have stood in hears nothing that is not so."""
    year.now = JANUARY
    before = await already(year)
    body = {"person": who.supervisor, "about": who.employee, "kind": "family", "reason": "Saudara kandung."}
    made = await year.post("/recusals", "hr", body)
    assert made.status_code == 201, made.text
    ended = await year.post(f"/recusals/{made.json()['id']}/withdraw", "hr", {"reason": "Salah orang."})
    assert ended.status_code == 200, ended.text
    today = JANUARY.date().isoformat()
    assert await still_told(year, before) == {
        (who.employee, "supervisor_changed", who.supervisor, today),
        (who.supervisor, "supervises_now", who.employee, today),
        (who.senior, "supervises_no_more", who.employee, today),
    }
