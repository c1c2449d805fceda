"""Who decides about the person of an HR officer, and about who stands above her: never herself, else the PyB."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.endings import JANUARY
from tests.world import YEAR, World

DECISIONS: dict[str, dict[str, object]] = {
    "leave": {"from": f"{YEAR}-02-03", "until": f"{YEAR}-02-28"},
    "supervisor": {"supervisor": "LUAR", "effective": f"{YEAR}-03-01", "reason": "Uji benturan kepentingan."},
    "transfer": {"post": "Analis", "unit": "TIDAK-ADA", "supervisor": "LUAR", "effective": f"{YEAR}-04-01"},
    "exit": {"reason": "die", "effective": f"{YEAR + 1}-09-01"},
}
"""The last two cannot be, and are refused for that where the caller may decide at all."""
SECOND = text("SELECT p.nip FROM person p JOIN role_grant g ON g.person_id = p.id WHERE g.role = 'hr' AND p.nip <> :hr")
LOWER_PYB = text(
    """
    SELECT p.nip FROM person p JOIN role_grant g ON g.person_id = p.id JOIN tenure t ON t.person_id = p.id
      JOIN person s ON s.id = t.supervisor_id WHERE g.role = 'pyb' AND s.nip = :chief
    """
)


@pytest.mark.usefixtures("alone")
async def test_the_pyb_decides_about_the_person_of_the_only_hr_officer(year: World) -> None:
    year.now = JANUARY
    mine = await year.appraisal_of("hr")
    for what, body in DECISIONS.items():
        for who in ("hr", "employee"):
            hers = await year.post(f"/people/{year.people['hr']}/{what}", who, body)
            assert (hers.status_code, hers.json()["code"]) == (403, "not_yours"), (what, who)
        answer = await year.post(f"/people/{year.people['hr']}/{what}", "pyb", body)
        if what in ("leave", "supervisor"):
            assert (answer.status_code, answer.json()["appraisals"]) == (200, [mine]), answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    trail = (await year.get(f"/appraisals/{mine}/events", "auditor", limit=200)).json()["items"]
    [leave] = [event for event in trail if event["action"] == "leave_recorded"]
    assert (leave["actor"]["nip"], leave["role"]) == (year.people["pyb"], "hr")


@pytest.mark.usefixtures("alone")
async def test_the_pyb_decides_about_nobody_else_and_learns_of_no_nip(year: World) -> None:
    year.now = JANUARY
    for nip in (year.people["employee"], year.people["pyb"], "190001011990011009"):
        answer = await year.post(f"/people/{nip}/leave", "pyb", DECISIONS["leave"])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


async def test_with_a_second_hr_officer_the_pyb_decides_about_neither(year: World) -> None:
    year.now = JANUARY
    answer = await year.post(f"/people/{year.people['hr']}/leave", "pyb", DECISIONS["leave"])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


# ── who stands above her ────────────────────────────────────────────────────────────────────────────────────────────


async def above(year: World, nip: str) -> list[str]:
    """Who stands above somebody, the nearest first."""
    seen = (await year.get(f"/people/{nip}", "hr")).json()
    return [seen[name]["nip"] for name in ("supervisor", "senior_supervisor")]


@pytest.mark.parametrize("what", ["supervisor", "transfer"])
async def test_hr_chooses_nobody_above_her_own_superiors(year: World, what: str) -> None:
    year.now = JANUARY
    for officer in await above(year, year.people["hr"]):
        before = await above(year, officer) if officer != year.people["pyb"] else []
        answer = await year.post(f"/people/{officer}/{what}", "hr", DECISIONS[what])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours"), answer.text
        assert not before or await above(year, officer) == before


async def test_an_exit_or_a_leave_of_her_superior_is_a_fact_that_hr_records(year: World) -> None:
    year.now = JANUARY
    superior, _ = await above(year, year.people["hr"])
    gone = await year.post(f"/people/{superior}/exit", "hr", DECISIONS["exit"])
    assert (gone.status_code, gone.json()["code"]) == (422, "invalid_input")
    assert (await year.post(f"/people/{superior}/leave", "hr", DECISIONS["leave"])).status_code == 200


async def test_whom_no_hr_officer_may_put_elsewhere_the_pyb_does(year: World) -> None:
    """Both officers of the demo agency are in one line, the second below the first."""
    year.now = JANUARY
    superior, _ = await above(year, year.people["hr"])
    async with year.database.transaction() as connection:
        second = (await connection.execute(SECOND, {"hr": year.people["hr"]})).scalar_one()
    for nip in (superior, year.people["hr"]):
        refused = await year.post(f"/people/{nip}/supervisor", second, DECISIONS["supervisor"])
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        assert (await year.post(f"/people/{nip}/leave", "pyb", DECISIONS["leave"])).status_code == 403
        answer = await year.post(f"/people/{nip}/transfer", "pyb", DECISIONS["transfer"])
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), "a unit that is not there"
    refused = await year.post(f"/people/{superior}/supervisor", "employee", DECISIONS["supervisor"])
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    answer = await year.post(f"/people/{second}/transfer", "pyb", DECISIONS["transfer"])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours"), "the first officer may"
    assert (await year.post(f"/people/{second}/transfer", "hr", DECISIONS["transfer"])).status_code == 422


@pytest.mark.usefixtures("alone")
async def test_in_place_of_the_only_hr_officer_the_pyb_chooses_above_her_superior_and_nobody_above_himself(
    year: World,
) -> None:
    year.now = JANUARY
    superior, chief = await above(year, year.people["hr"])
    taken = await year.post(f"/people/{superior}/supervisor", "pyb", DECISIONS["supervisor"])
    assert taken.status_code == 200, taken.text
    async with year.database.transaction() as connection:
        lower = (await connection.execute(LOWER_PYB, {"chief": chief})).scalar_one()
    refused = await year.post(f"/people/{chief}/transfer", lower, DECISIONS["transfer"])
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
