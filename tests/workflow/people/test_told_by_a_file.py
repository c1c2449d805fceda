"""What a roster file decides about people is told to them, and stands in the running cycle's trail, as if it was decided one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from tests.endings import JANUARY, Played, to_rating
from tests.workflow.people.changes import (
    MAY,
    NO_ACTING,
    Told,
    already,
    below,
    headed,
    imported,
    planned,
    row_of,
    substitute_elsewhere,
    told_since,
)
from tests.world import YEAR, World

PEOPLE = 120
EVENTS = text(
    """
    SELECT e.action, e.data FROM cycle_event e JOIN person p ON p.id = e.data ->> 'person'
     WHERE p.nip = :nip AND e.cycle_id = :cycle ORDER BY e.seq
    """
)


async def in_the_cycle(world: World, who: Played, nip: str) -> list[tuple[str, dict[str, object]]]:
    """What the trail of the cycle in which `who` is says of somebody."""
    cycle = (await world.row(who.appraisal))["cycle_id"]
    async with world.database.transaction() as connection:
        return [tuple(row) for row in await connection.execute(EVENTS, {"nip": nip, "cycle": cycle})]  # type: ignore[misc]


def handed_over(who: Played, new: str, day: str) -> Told:
    return {
        (who.employee, "supervisor_changed", new, day, True),
        (new, "supervises_now", who.employee, day, True),
        (who.supervisor, "supervises_no_more", who.employee, day, False),
    }


@pytest.mark.case("3.3")
@pytest.mark.parametrize("by", ["file", "decision"])
async def test_another_supervisor_is_told_to_all_three(year: World, who: Played, by: str) -> None:
    await planned(year, who)
    year.now = MAY
    _, new = await year.elsewhere(who.employee)
    said = await row_of(year, who.employee)
    before = await already(year)
    if by == "file":
        await imported(year, said)
        assert await told_since(year, before) == set(), "nothing is another"
        await imported(year, said | {"nip_atasan": new}, dry_run="true")
        assert await told_since(year, before) == set(), "a preview tells nobody"
        await imported(year, said | {"nip_atasan": new})
    else:
        body = {"supervisor": new, "effective": MAY.date().isoformat(), "reason": "Atasan pindah tugas."}
        await year.decided(who.employee, "supervisor", body)
    assert await told_since(year, before) == handed_over(who, new, MAY.date().isoformat())
    action, data = (await in_the_cycle(year, who, who.employee))[-1]
    assert action == "supervisor_changed"
    assert (data["effective"], data["outside"]) == (MAY.date().isoformat(), False)
    shown = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    assert "supervisor_changed" in [event["action"] for event in shown], "whoever reads the year reads it there"


@pytest.mark.case("3.1")
async def test_a_transfer_and_the_supervisor_it_brings_are_told_with_its_day(year: World, who: Played) -> None:
    await planned(year, who)
    year.now = MAY
    unit, new = await year.elsewhere(who.employee)
    there = await row_of(year, new)
    recorded = await row_of(year, who.employee)
    said = recorded | {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": new, "jabatan": "Analis Ahli"}
    before = await already(year)
    await imported(year, said | {"tmt": f"{YEAR}-06-01"})
    assert await told_since(year, before) == handed_over(who, new, f"{YEAR}-06-01")
    actions = [action for action, _ in await in_the_cycle(year, who, who.employee)]
    assert {"supervisor_changed", "person_transferred"} <= set(actions)

    before = await already(year)
    await imported(year, recorded | {"tmt": f"{YEAR}-06-01"})
    day = f"{YEAR}-06-01"
    assert await told_since(year, before) == {
        (who.employee, "supervisor_changed", who.supervisor, day, True),
        (who.supervisor, "supervises_now", who.employee, day, True),
        (new, "supervises_no_more", who.employee, day, False),
    }, "taken back before it came"


async def test_a_transfer_after_the_rating_stands_in_the_trail_though_it_closes_nothing(
    year: World, who: Played
) -> None:
    await to_rating(year, who)
    unit, new = await year.elsewhere(who.employee)
    there = await row_of(year, new)
    said = await row_of(year, who.employee) | {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": new}
    await imported(year, said | {"jabatan": "Analis Ahli", "tmt": year.now.date().isoformat()})
    assert "person_transferred" in [action for action, _ in await in_the_cycle(year, who, who.employee)]


async def test_who_is_given_many_people_by_one_file_hears_of_them_in_one_mail(year: World, who: Played) -> None:
    year.now = MAY
    other = await Played.of(year, await year.next_clerk())
    _, new = await year.elsewhere(who.employee)
    if new == other.supervisor:
        new = who.supervisor
    rows = [await row_of(year, one.employee) | {"nip_atasan": new} for one in (who, other)]
    before = await already(year)
    await imported(year, *rows)
    told = await told_since(year, before)
    assert {(nip, text, at_once) for nip, text, _, _, at_once in told if text == "supervises_now"} == {
        (new, "supervises_now", False)
    }
    assert {nip for nip, text, _, _, at_once in told if text == "supervisor_changed" and at_once} >= {other.employee}


@pytest.mark.case("3.4")
@pytest.mark.parametrize("kind", ["plt", "plh"])
async def test_who_acts_in_a_post_is_told_to_him_and_to_whom_it_leads(year: World, who: Played, kind: str) -> None:
    year.now = JANUARY
    substitute = await year.next_clerk()
    while (await Played.of(year, substitute)).supervisor == who.supervisor:
        substitute = await year.next_clerk()
    day = date(YEAR, 2, 1).isoformat()
    said = await row_of(year, substitute)
    acts = said | {f"{kind}_untuk": who.supervisor, f"{kind}_mulai": day, f"{kind}_selesai": f"{YEAR}-04-30"}
    before = await already(year)
    await imported(year, acts)
    told = await told_since(year, before)
    led = await below(year, who.supervisor, date.fromisoformat(day))
    assert who.employee in led
    expected = {(nip, "supervisor_changed", substitute, day, True) for nip in led}
    expected |= {(substitute, "supervises_now", nip, day, len(led) == 1) for nip in led}
    assert told == expected
    assert [action for action, _ in await in_the_cycle(year, who, substitute)] == ["acting_changed"]
    assert (await in_the_cycle(year, who, substitute))[-1][1]["kind"] == kind

    before = await already(year)
    await imported(year, acts | {f"{kind}_selesai": f"{YEAR}-05-15"})
    assert await told_since(year, before) == set(), "he goes on"
    none = said | {f"{kind}_untuk": "", f"{kind}_mulai": "", f"{kind}_selesai": ""}
    await imported(year, none)


@pytest.mark.case("3.1")
@pytest.mark.parametrize("by", ["file", "decision"])
async def test_nobody_is_told_of_a_superior_who_stays_through_a_transfer(year: World, who: Played, by: str) -> None:
    await planned(year, who)
    year.now = MAY
    unit, there = await year.elsewhere(who.employee)
    day = f"{YEAR}-06-01"
    said = await row_of(year, who.employee)
    before = await already(year)
    if by == "file":
        place = {"unit": unit, "nama_unit": (await row_of(year, there))["nama_unit"], "jabatan": "Analis Lain"}
        await imported(year, said | place | {"tmt": day})
    else:
        body = {"post": "Analis Lain", "unit": unit, "supervisor": who.supervisor, "effective": day}
        await year.decided(who.employee, "transfer", body)
    assert await told_since(year, before) == set()
    assert "person_transferred" in [action for action, _ in await in_the_cycle(year, who, who.employee)]


@pytest.mark.case("3.4")
@pytest.mark.parametrize("by", ["file", "decision"])
async def test_who_is_put_under_a_holder_for_whom_another_acts_is_told_of_him_who_does(
    year: World, who: Played, by: str
) -> None:
    """To him she sends her forms; that both are said by one file makes no difference, and the holder is told nothing."""
    year.now = MAY
    _, new = await year.elsewhere(who.employee)
    plt = await substitute_elsewhere(year, who.supervisor, new)
    day = MAY.date().isoformat()
    hers = await row_of(year, who.employee) | {"nip_atasan": new} | NO_ACTING
    acts = await row_of(year, plt) | NO_ACTING | {"plt_untuk": new, "plt_mulai": day}
    before = await already(year)
    if by == "file":
        await imported(year, hers, acts)
    else:
        await imported(year, acts)
        await year.decided(who.employee, "supervisor", {"supervisor": new, "effective": day, "reason": "Mutasi."})
    told = {one for one in await told_since(year, before) if who.employee in (one[0], one[2])}
    alone = {(nip, text, about, since) for nip, text, about, since, _ in told}
    assert alone == {one[:4] for one in handed_over(who, plt, day)}
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == plt  # type: ignore[index]
    await imported(year, acts | NO_ACTING)


@pytest.mark.case("3.17")
@pytest.mark.parametrize("by", ["file", "decision"])
async def test_who_is_put_under_a_superior_to_come_is_told_who_stands_in_until_then(
    year: World, who: Played, by: str
) -> None:
    year.now = MAY
    today, day = MAY.date().isoformat(), f"{YEAR}-07-01"
    nip = {"file": "199001012020011234", "decision": "199001022020011235"}[by]
    head = await headed(year, who) | {"nip": nip, "tmt": day}
    hers = await row_of(year, who.employee) | {"nip_atasan": nip, "peran": "", "tmt": ""}
    if by == "file":
        before = await already(year)
        await imported(year, head, hers)
    else:
        await imported(year, head)
        before = await already(year)
        await year.decided(who.employee, "supervisor", {"supervisor": nip, "effective": today, "reason": "Mutasi."})
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.senior  # type: ignore[index]
    until_then = handed_over(who, who.senior, today)
    assert await told_since(year, before) == until_then | handed_over(replace(who, supervisor=who.senior), nip, day)


@pytest.mark.case("3.1")
@pytest.mark.parametrize("by", ["file", "decision"])
async def test_who_follows_a_superior_into_his_new_unit_is_under_him_and_not_under_who_acts_in_his_old_post(
    year: World, who: Played, by: str
) -> None:
    year.now = MAY
    unit, there = await year.elsewhere(who.employee)
    day = MAY.date().isoformat()
    moves = {"unit": unit, "post": "Kepala Bidang Lain", "supervisor": there, "effective": day}
    await year.decided(who.supervisor, "transfer", moves)
    plt = await substitute_elsewhere(year, who.supervisor, there)
    acts = await row_of(year, plt) | NO_ACTING | {"plt_untuk": who.supervisor, "plt_mulai": day}
    await imported(year, acts)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == plt  # type: ignore[index]
    if by == "file":
        place = {"unit": unit, "nama_unit": (await row_of(year, there))["nama_unit"], "jabatan": "Analis Lain"}
        await imported(year, await row_of(year, who.employee) | place)
    else:
        body = {"post": "Analis Lain", "unit": unit, "supervisor": who.supervisor, "effective": day}
        await year.decided(who.employee, "transfer", body)
    person = (await year.get(f"/people/{who.employee}", "hr")).json()
    assert person["supervisor"]["nip"] == who.supervisor
    await imported(year, acts | NO_ACTING)


async def test_who_has_a_superior_outside_is_told_that_the_pyb_acts_for_him(year: World, who: Played) -> None:
    year.now = MAY
    day = MAY.date().isoformat()
    before = await already(year)
    await year.decided(who.employee, "supervisor", {"supervisor": "LUAR", "effective": day, "reason": "Mutasi."})
    assert await told_since(year, before) == handed_over(who, year.people["pyb"], day)


async def test_who_supervises_for_a_time_is_told_until_when_where_that_is_known(year: World, who: Played) -> None:
    year.now = MAY
    unit, new = await year.elsewhere(who.employee)
    body = {"post": "Analis Lain", "unit": unit, "supervisor": new}
    await year.decided(who.employee, "transfer", body | {"effective": f"{YEAR}-07-01"})
    before = await already(year)
    between = {"supervisor": who.senior, "effective": f"{YEAR}-06-01", "reason": "Mutasi."}
    await year.decided(who.employee, "supervisor", between)
    first = handed_over(who, who.senior, f"{YEAR}-06-01")
    assert await told_since(year, before) == first | {
        (who.senior, "supervises_no_more", who.employee, f"{YEAR}-07-01", False)
    }, "of who follows on him the two know"
