"""A change in the line above somebody is told to whom it gives another supervisor, whoever's row it was, and to nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from activities.people import People, line_since
from models.line import Line
from tests.endings import JANUARY, Played
from tests.workflow.people.changes import (
    JUNE,
    MAY,
    NO_ACTING,
    already,
    below,
    headed,
    imported,
    row_of,
    substitute_elsewhere,
    told_since,
)
from tests.world import YEAR, World

PEOPLE = 160
ID = text("SELECT id FROM person WHERE nip = :nip")
Said = set[tuple[str, str, str, str]]
TODAY = MAY.date().isoformat()
JULY, AUGUST = f"{YEAR}-07-01", f"{YEAR}-08-01"


async def told_of(world: World, before: list[str], nip: str) -> Said:
    """What was told of who supervises one person: to whom, what, of whom and from when on."""
    told = await told_since(world, before)
    return {(to, text, about, day) for to, text, about, day, _ in told if nip in (to, about)}


def begins(nip: str, superior: str, day: str) -> Said:
    return {(nip, "supervisor_changed", superior, day), (superior, "supervises_now", nip, day)}


def ends(nip: str, superior: str, day: str) -> Said:
    return {(superior, "supervises_no_more", nip, day)}


async def under_a_head_to_come(world: World, who: Played, nip: str) -> dict[str, str]:
    """Put her under somebody who comes in July; the row that says so."""
    head = await headed(world, who) | {"nip": nip, "tmt": JULY}
    await imported(world, head, await row_of(world, who.employee) | {"nip_atasan": nip, "peran": "", "tmt": ""})
    return head


async def left(world: World, nip: str, day: str, why: str = "retire") -> None:
    await world.decided(nip, "exit", {"reason": why, "effective": day})


@pytest.mark.case("3.17")
async def test_that_a_superior_comes_later_or_not_at_all_is_told_to_whom_he_was_to_lead(
    year: World, who: Played
) -> None:
    year.now = MAY
    nip, hers = "199003032020011236", who.employee
    head = await under_a_head_to_come(year, who, nip)
    before = await already(year)
    await imported(year, head | {"tmt": AUGUST})
    instead, then = begins(hers, who.senior, JULY), begins(hers, nip, AUGUST) | ends(hers, who.senior, AUGUST)
    assert await told_of(year, before, hers) == instead | then

    before = await already(year)
    await left(year, nip, AUGUST, "resign")
    assert await told_of(year, before, hers) == begins(hers, who.senior, AUGUST), "and he himself comes to nobody"
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.senior  # type: ignore[index]


@pytest.mark.case("3.17")
async def test_that_a_superior_comes_sooner_is_told_to_whom_he_is_to_lead(year: World, who: Played) -> None:
    year.now = MAY
    nip, hers = "199004042020011237", who.employee
    head = await under_a_head_to_come(year, who, nip)
    before = await already(year)
    june = f"{YEAR}-06-01"
    await imported(year, head | {"tmt": june})
    assert await told_of(year, before, hers) == begins(hers, nip, june) | ends(hers, who.senior, june)


@pytest.mark.case("3.4")
async def test_who_stands_in_for_a_superior_who_left_and_who_acts_for_him_then_are_told(
    year: World, who: Played
) -> None:
    year.now = MAY
    before = await already(year)
    await left(year, who.supervisor, TODAY)
    assert await told_of(year, before, who.employee) == begins(who.employee, who.senior, TODAY)

    plt = await substitute_elsewhere(year, who.supervisor, who.senior)
    acts = await row_of(year, plt) | NO_ACTING | {"plt_untuk": who.senior, "plt_mulai": TODAY}
    before = await already(year)
    await imported(year, acts)
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == plt  # type: ignore[index]
    assert await told_of(year, before, who.employee) == begins(who.employee, plt, TODAY)
    await imported(year, acts | NO_ACTING)


@pytest.mark.case("3.4")
async def test_a_holder_who_was_not_told_that_another_acts_for_him_is_not_told_that_nobody_does(
    year: World, who: Played
) -> None:
    year.now = MAY
    plt = await substitute_elsewhere(year, who.supervisor, who.senior)
    said = await row_of(year, plt) | NO_ACTING
    await imported(year, said | {"plt_untuk": who.supervisor, "plt_mulai": TODAY})
    before = await already(year)
    await imported(year, said)
    told = {(to, text, about, day) for to, text, about, day, _ in await told_since(year, before)}
    led = await below(year, who.supervisor, MAY.date())
    assert who.employee in led
    assert told == {
        one for nip in led for one in {(nip, "supervisor_changed", who.supervisor, TODAY), *ends(nip, plt, TODAY)}
    }


@pytest.mark.case("3.15")
async def test_a_holder_is_not_told_that_one_of_his_own_acts_for_him_and_is_rated_from_above(
    year: World, who: Played
) -> None:
    year.now = MAY
    acts = await row_of(year, who.employee) | NO_ACTING
    before = await already(year)
    await imported(year, acts | {"plt_untuk": who.supervisor, "plt_mulai": TODAY})
    told = await told_since(year, before)
    assert who.supervisor not in {to for to, *_ in told}
    of_her = {one[:4] for one in told if who.employee in (one[0], one[2]) and one[2] != one[0]}
    assert begins(who.employee, who.senior, TODAY) <= of_her

    before = await already(year)
    await imported(year, acts)
    told = await told_since(year, before)
    assert who.supervisor not in {to for to, *_ in told}
    assert (who.senior, "supervises_no_more", who.employee, TODAY, False) in told


@pytest.mark.case("3.4")
async def test_each_of_several_substitutes_is_told_that_he_is_not_to_act_after_all(year: World, who: Played) -> None:
    year.now = JANUARY
    first = await substitute_elsewhere(year, who.supervisor, who.senior)
    second = await substitute_elsewhere(year, who.supervisor, who.senior)
    months = {first: (date(YEAR, 2, 1), date(YEAR, 2, 28)), second: (date(YEAR, 3, 1), date(YEAR, 3, 31))}
    said = {nip: await row_of(year, nip) | NO_ACTING for nip in months}
    acts = [
        said[nip] | {"plh_untuk": who.supervisor, "plh_mulai": day.isoformat(), "plh_selesai": last.isoformat()}
        for nip, (day, last) in months.items()
    ]
    await imported(year, *acts)
    before = await already(year)
    await imported(year, *said.values())
    told = await told_of(year, before, who.employee)
    for nip, (day, _) in months.items():
        assert ends(who.employee, nip, day.isoformat()) <= told
        assert (who.employee, "supervisor_changed", who.supervisor, day.isoformat()) in told
    assert who.supervisor not in {to for to, *_ in told}


async def line_now(world: World) -> Line:
    async with world.database.transaction() as connection:
        return (await People().agency(connection)).line


async def test_what_a_decision_reads_again_of_one_person_is_what_the_whole_agency_says(
    year: World, who: Played
) -> None:
    year.now = MAY
    unit, there = await year.elsewhere(who.employee)
    plt = await substitute_elsewhere(year, who.supervisor, there)
    acts = {"plt_untuk": who.supervisor, "plt_mulai": JUNE.date().isoformat()}
    await imported(year, await row_of(year, plt) | NO_ACTING | acts)
    place = {"post": "Kepala Bidang Lain", "unit": unit, "supervisor": there}
    decisions = [
        (who.supervisor, "transfer", place | {"effective": JULY}),
        (plt, "exit", {"reason": "resign", "effective": JULY}),
        (who.employee, "supervisor", {"supervisor": there, "effective": TODAY, "reason": "Mutasi."}),
    ]
    for nip, what, body in decisions:
        before = await line_now(year)
        await year.decided(nip, what, body)
        async with year.database.transaction() as connection:
            person = (await connection.execute(ID, {"nip": nip})).scalar_one()
            again = await line_since(connection, before, person)
        whole = await line_now(year)
        assert again.posts == whole.posts
        for post in whole.posts:
            assert list(again.tenures_of(post)) == list(whole.tenures_of(post)), what
            assert list(again.actings_of(post)) == list(whole.actings_of(post)), what
        assert set(again.as_plt(MAY.date())) == set(whole.as_plt(MAY.date()))


@pytest.mark.case("3.1")
async def test_who_is_transferred_along_with_her_superior_is_under_him_though_the_file_names_no_superiors(
    year: World, who: Played
) -> None:
    year.now = MAY
    unit, there = await year.elsewhere(who.employee)
    place = {"unit": unit, "nama_unit": (await row_of(year, there))["nama_unit"]}
    plt = await substitute_elsewhere(year, who.supervisor, there)
    rows = [
        await row_of(year, who.supervisor) | place | NO_ACTING | {"jabatan": "Kepala Bidang Lain"},
        await row_of(year, who.employee) | place | NO_ACTING | {"jabatan": "Analis Lain"},
        await row_of(year, plt) | NO_ACTING | {"plt_untuk": who.supervisor, "plt_mulai": TODAY},
    ]
    before = await already(year)
    await imported(year, *({name: row[name] for name in row if name != "nip_atasan"} for row in rows))
    person = (await year.get(f"/people/{who.employee}", "hr")).json()
    assert person["supervisor"]["nip"] == who.supervisor
    assert await told_of(year, before, who.employee) == set()
    await imported(year, await row_of(year, plt) | NO_ACTING)


@pytest.mark.case("3.3")
async def test_whose_year_hr_gave_to_another_is_not_told_of_a_superior_who_does_not_rate_it(
    year: World, who: Played
) -> None:
    year.now = MAY
    _, other = await year.elsewhere(who.employee)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": other, "reason": "Konflik kepentingan."})
    said = await row_of(year, who.employee)
    before = await already(year)
    await imported(year, said | {"nip_atasan": who.senior})
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == other  # type: ignore[index]
    assert await told_of(year, before, who.employee) == set()
    january = date(YEAR + 1, 1, 1) + timedelta(days=3)
    body = {"supervisor": who.supervisor, "effective": january.isoformat(), "reason": "Mutasi."}
    await year.decided(who.employee, "supervisor", body)
    assert begins(who.employee, who.supervisor, january.isoformat()) <= await told_of(year, before, who.employee)

    unit, there = await year.elsewhere(who.employee)
    place = {"post": "Analis Lain", "unit": unit, "supervisor": there, "effective": JUNE.date().isoformat()}
    before = await already(year)
    await year.decided(who.employee, "transfer", place)
    told = await told_of(year, before, who.employee)
    assert begins(who.employee, there, JUNE.date().isoformat()) <= told, "a part of its own, which HR gave to nobody"
