"""What cannot be decided about a person is refused with its code, at its field, and nothing is half applied."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tests.endings import JANUARY
from tests.world import YEAR, World

MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
TODAY = MAY.date().isoformat()
COUNTS = text(
    """
    SELECT (SELECT count(*) FROM personnel_change), (SELECT count(*) FROM tenure), (SELECT max(value) FROM revision),
           (SELECT sum(last_event_seq) FROM cycle), (SELECT sum(facts_revision) FROM cycle), (SELECT count(*) FROM nudge),
           (SELECT md5(string_agg(p::text, '' ORDER BY p.id)) FROM person p)
    """
)


async def rows(world: World) -> tuple[object, ...]:
    async with world.database.transaction() as connection:
        return tuple((await connection.execute(COUNTS)).one())


@pytest.fixture
async def clerk(year: World) -> str:
    year.now = MAY
    return await year.next_clerk()


async def refused(world: World, nip: str, what: str, body: object) -> tuple[str, str]:
    """The code of the refusal and the field it is about, after seeing that nothing changed."""
    before = await rows(world)
    answer = await world.post(f"/people/{nip}/{what}", "hr", body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows(world) == before
    (error,) = answer.json()["errors"]
    return error["code"], error["pointer"]


async def test_nobody_is_put_under_herself_or_under_who_is_below_her(year: World, clerk: str) -> None:
    def body(supervisor: str) -> dict[str, str]:
        return {"supervisor": supervisor, "effective": TODAY, "reason": "Mutasi."}

    boss = (await year.get(f"/people/{clerk}", "hr")).json()["supervisor"]["nip"]
    assert await refused(year, clerk, "supervisor", body(clerk)) == ("self_supervisor", "/supervisor")
    assert await refused(year, boss, "supervisor", body(clerk)) == ("loop_in_line", "/supervisor")
    assert await refused(year, clerk, "supervisor", body("190001011990011009")) == ("unknown_person", "/supervisor")
    past = body(boss) | {"effective": f"{YEAR}-05-19"}
    assert await refused(year, clerk, "supervisor", past) == ("in_the_past", "/effective")


async def test_a_transfer_has_a_unit_a_day_and_an_appraisal_that_had_begun(year: World, clerk: str) -> None:
    unit, supervisor = await year.elsewhere(clerk)
    body = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": TODAY}
    assert await refused(year, clerk, "transfer", body | {"unit": "TIDAK-ADA"}) == ("unknown_unit", "/unit")
    early = body | {"effective": f"{YEAR - 1}-06-01"}
    assert await refused(year, clerk, "transfer", early) == ("before_appraisal_began", "/effective")
    history = body | {"effective": f"{YEAR - 30}-06-01"}
    assert await refused(year, clerk, "transfer", history) == ("before_earlier_change", "/effective")
    await year.decided(clerk, "transfer", body)
    behind = body | {"effective": f"{YEAR}-05-19"}
    assert await refused(year, clerk, "transfer", behind) == ("before_earlier_change", "/effective")


async def test_nobody_leaves_twice_and_who_left_is_decided_about_no_more(year: World, clerk: str) -> None:
    unit, supervisor = await year.elsewhere(clerk)
    late = {"reason": "die", "effective": f"{YEAR}-05-21"}
    assert await refused(year, clerk, "exit", late) == ("in_the_future", "/effective")
    await year.decided(clerk, "exit", {"reason": "retire", "effective": TODAY})
    assert await refused(year, clerk, "exit", {"reason": "resign", "effective": TODAY}) == ("has_left", "/effective")
    moved = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-06-01"}
    assert await refused(year, clerk, "transfer", moved) == ("has_left", "/effective")
    assert await refused(year, clerk, "leave", {"from": TODAY, "until": TODAY}) == ("has_left", "/from")
    under = {"supervisor": clerk, "effective": TODAY, "reason": "Mutasi."}
    assert await refused(year, await year.next_clerk(), "supervisor", under) == ("unknown_person", "/supervisor")


async def test_a_leave_ends_after_it_begins_and_overlaps_no_other(year: World, clerk: str) -> None:
    wrong = {"from": TODAY, "until": f"{YEAR}-05-19"}
    assert await refused(year, clerk, "leave", wrong) == ("ends_before_it_begins", "/until")
    await year.decided(clerk, "leave", {"from": TODAY, "until": f"{YEAR}-06-10"})
    again = {"from": f"{YEAR}-06-10", "until": f"{YEAR}-06-20"}
    assert await refused(year, clerk, "leave", again) == ("overlapping_leave", "/until")
    await year.decided(clerk, "leave", again | {"from": f"{YEAR}-06-11"})


async def test_only_hr_decides_and_never_about_herself(year: World, clerk: str) -> None:
    body = {"from": TODAY, "until": TODAY}
    assert (await year.post(f"/people/{clerk}/leave", "supervisor", body)).json()["code"] == "not_yours"
    assert (await year.post(f"/people/{year.people['hr']}/leave", "hr", body)).json()["code"] == "not_yours"
    assert (await year.post("/people/190001011990011009/leave", "hr", body)).json()["code"] == "not_found"


@pytest.mark.parametrize("day", ["2027-13-01", "2027-5-2", 20270520, "0001-01-01", None, "2027-05-20T00:00:00Z"])
async def test_a_day_is_a_day(year: World, clerk: str, day: object) -> None:
    answer = await year.post(f"/people/{clerk}/exit", "hr", {"reason": "retire", "effective": day})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_the_same_key_decides_once(year: World, clerk: str) -> None:
    body = {"from": TODAY, "until": TODAY}
    first = await year.post(f"/people/{clerk}/leave", "hr", body, Idempotency_Key=f"cuti-{clerk}")
    again = await year.post(f"/people/{clerk}/leave", "hr", body, Idempotency_Key=f"cuti-{clerk}")
    assert (first.status_code, again.json()) == (200, first.json())
    other = await year.post(
        f"/people/{clerk}/leave", "hr", body | {"until": f"{YEAR}-05-25"}, Idempotency_Key=f"cuti-{clerk}"
    )
    assert other.json()["code"] == "key_reused"


async def test_a_role_is_granted_for_as_long_as_somebody_is_there(year: World) -> None:
    """A granted role ends with its holder's last day; until her own year is done she may still sign in."""
    year.now = JANUARY
    clerk = await year.next_clerk()
    async with year.database.transaction() as connection:
        sql = "INSERT INTO role_grant SELECT id, 'auditor' FROM person WHERE nip = :nip"
        await connection.execute(text(sql), {"nip": clerk})
    year.now = MAY
    appraisal = await year.appraisal_of(await year.next_clerk())
    assert (await year.get(f"/appraisals/{appraisal}", clerk)).status_code == 200
    await year.decided(clerk, "exit", {"reason": "retire", "effective": f"{YEAR}-05-21"})
    assert (await year.get(f"/appraisals/{appraisal}", clerk)).status_code == 200
    year.now = datetime(YEAR, 5, 21, 3, tzinfo=UTC)
    assert (await year.get(f"/appraisals/{appraisal}", clerk)).json()["code"] == "not_yours"
    assert (await year.get("/me", clerk)).json()["roles"] == ["employee"]
