"""Who decides about the person of an HR officer: never herself, and where she is the only one, the PyB."""

from __future__ import annotations

import pytest

from tests.endings import JANUARY
from tests.world import YEAR, World

DECISIONS: dict[str, dict[str, object]] = {
    "leave": {"from": f"{YEAR}-02-03", "until": f"{YEAR}-02-28"},
    "supervisor": {"supervisor": "LUAR", "effective": f"{YEAR}-03-01", "reason": "Uji benturan kepentingan."},
    "transfer": {"post": "Analis", "unit": "TIDAK-ADA", "supervisor": "LUAR", "effective": f"{YEAR}-04-01"},
    "exit": {"reason": "die", "effective": f"{YEAR + 1}-09-01"},
}
"""The last two cannot be, and are refused for that where the caller may decide at all."""


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
