"""What HR recorded of service in another agency is put right or withdrawn with a reason, and what it said before stays to be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.noting import refused
from tests.endings import DECEMBER, Played
from tests.files import PDF
from tests.workflow.people.test_credit_ledger import ledger, lines, opening
from tests.workflow.people.test_min_service import BROUGHT, SEPTEMBER, ended, handed_in, in_september
from tests.world import YEAR, World

PEOPLE = 40
EARNED = {"level": "Ahli Pertama", "points": "5.208"}
RIGHT = BROUGHT | {"from": f"{YEAR}-02-01", "document": "800/21/2027, 31 Agustus 2027"}
EARNED_RIGHT = EARNED | {"points": "6.25"}
BECAUSE = {"reason": "Hari pertama dan nomor dokumen salah ketik."}


@pytest.fixture(scope="module")
def year(half_a_year: World) -> World:
    return half_a_year


def address(nip: str, day: str = BROUGHT["from"]) -> str:
    return f"/people/{nip}/elsewhere/{day}"


async def put_right(
    year: World, nip: str, said: dict[str, Any], by: str = "hr", day: str = BROUGHT["from"]
) -> httpx.Response:
    return await year.put(address(nip, day), by, BECAUSE | said)


async def withdrawn(year: World, nip: str, by: str = "hr", day: str = BROUGHT["from"]) -> httpx.Response:
    return await year.post(f"{address(nip, day)}/withdraw", by, BECAUSE)


async def parts_of(year: World, nip: str, reader: str = "hr") -> list[dict[str, Any]]:
    """Every part that was ever brought of her; when each version was recorded is left out."""
    found: list[dict[str, Any]] = (
        (await year.get(f"/people/{nip}/elsewhere", reader)).raise_for_status().json()["parts"]
    )
    for part in found:
        for version in (part, *part["before"]):
            assert version.pop("recorded_at").startswith(f"{YEAR}-")
    return found


async def told(year: World, her: Played, action: str) -> list[tuple[str | None, dict[str, Any]]]:
    """What her trail says of it, with the reason; the agency's says the same as often."""
    events = (await year.get(f"/appraisals/{her.appraisal}/events", her.employee, limit=200)).json()["items"]
    return [(event["comment"], event["data"]) for event in events if event["action"] == action]


async def test_a_slip_is_put_right_and_what_it_said_before_stays_to_be_read(year: World, who: Played) -> None:
    her = await in_september(year, who, "200109062027092001")
    await year.decided(her.employee, "elsewhere", BROUGHT | {"credit": EARNED})
    file = (await handed_in(year, her.employee, "skp.pdf", PDF)).raise_for_status().json()["file"]
    assert lines(await ledger(year, her.employee)) == [("elsewhere", "01", "08", "Ahli Pertama", "5.208")]

    answer = await put_right(year, her.employee, RIGHT | {"credit": EARNED_RIGHT})
    assert (answer.status_code, answer.json()["appraisals"]) == (200, [her.appraisal]), answer.text
    assert lines(await ledger(year, her.employee)) == [("elsewhere", "02", "08", "Ahli Pertama", "6.25")]
    for reader in (her.employee, her.supervisor):
        assert (await year.seen(her.appraisal, reader))["elsewhere"] == [RIGHT | {"file": file}]
        assert await parts_of(year, her.employee, reader) == [
            RIGHT | {"credit": EARNED_RIGHT, "withdrawn": False, "before": [BROUGHT | {"credit": EARNED}]}
        ]
    kept = f"/appraisals/{her.appraisal}/elsewhere/{RIGHT['from']}/document"
    assert (await year.get(kept, her.employee)).content == PDF, "the document stays with its part"
    ((why, data),) = await told(year, her, "service_elsewhere_corrected")
    assert (why, data["document"], data["number"]) == (BECAUSE["reason"], RIGHT["document"], 2)
    assert (data["said_from"], data["from"]) == (BROUGHT["from"], RIGHT["from"])
    agency = (await year.get("/agency/events", "auditor", limit=200)).json()["items"]
    assert [one["data"]["document"] for one in agency if one["action"] == "service_elsewhere_corrected"] == [
        RIGHT["document"]
    ]

    again = await put_right(year, her.employee, RIGHT | {"credit": EARNED_RIGHT}, day=RIGHT["from"])
    assert (again.status_code, again.json()["appraisals"]) == (200, [])
    assert len(await told(year, her, "service_elsewhere_corrected")) == 1, "what is said so already is no version"
    assert refused(await put_right(year, her.employee, RIGHT)) == (404, "not_found"), "it begins on another day now"
    assert (await put_right(year, her.employee, RIGHT, day=RIGHT["from"])).status_code == 200
    assert lines(await ledger(year, her.employee)) == [], "without credit none was earned"
    assert len((await parts_of(year, her.employee))[0]["before"]) == 2


async def test_what_was_recorded_of_the_wrong_person_is_withdrawn_and_its_days_are_free_again(
    year: World, who: Played
) -> None:
    her = await in_september(year, who, "200109062027092002")
    await year.decided(her.employee, "elsewhere", BROUGHT | {"credit": EARNED})
    (await handed_in(year, her.employee, "skp.pdf", PDF)).raise_for_status()
    assert (await withdrawn(year, her.employee)).json()["decided"] == "elsewhere_withdrawn"
    assert lines(await ledger(year, her.employee)) == []
    assert (await year.seen(her.appraisal, her.employee))["elsewhere"] == []
    document = f"/appraisals/{her.appraisal}/elsewhere/{BROUGHT['from']}/document"
    assert refused(await year.get(document, her.employee)) == (404, "not_found")
    assert refused(await withdrawn(year, her.employee)) == (404, "not_found")
    assert [why for why, _ in await told(year, her, "service_elsewhere_withdrawn")] == [BECAUSE["reason"]]

    await year.decided(her.employee, "elsewhere", RIGHT)
    first, second = await parts_of(year, her.employee)
    assert first == BROUGHT | {"credit": EARNED, "withdrawn": True, "before": [BROUGHT | {"credit": EARNED}]}
    assert second == RIGHT | {"credit": None, "withdrawn": False, "before": []}


async def test_points_put_right_or_withdrawn_that_the_opening_balance_holds_are_told(year: World, who: Played) -> None:
    her = await in_september(year, who, "200109062027092051")
    await year.decided(her.employee, "elsewhere", BROUGHT | {"credit": EARNED})
    struck = (await opening(year, her.employee, at=BROUGHT["until"])).raise_for_status().json()
    assert (struck["rows"], struck["behind_opening"]) == ([], [])
    year.now += timedelta(minutes=1)
    (await put_right(year, her.employee, BROUGHT | {"credit": EARNED_RIGHT})).raise_for_status()
    (told,) = (await ledger(year, her.employee))["behind_opening"]
    assert (told["source"], told["points"]) == ("correction", "1.042")
    assert told["why"] == f"Diperbaiki menurut {BROUGHT['document']} dari {BROUGHT['agency']}: 5,21 menjadi 6,25."
    (await withdrawn(year, her.employee)).raise_for_status()
    found = await ledger(year, her.employee)
    assert (found["rows"], [one["points"] for one in found["behind_opening"]]) == ([], ["-5.208"])


async def test_the_least_service_goes_by_what_holds(year: World, who: Played) -> None:
    shorter = await in_september(year, who, "200109062027092003")
    without = await in_september(year, who, "200109062027092004")
    for her in (shorter, without):
        await year.decided(her.employee, "elsewhere", BROUGHT)
    january = BROUGHT | {"until": f"{YEAR}-01-31"}
    (await put_right(year, shorter.employee, january)).raise_for_status()
    await year.pass_to(shorter.appraisal, DECEMBER)
    await ended(year, shorter, 5)

    await year.pass_to(without.appraisal, DECEMBER)
    assert (await year.row(without.appraisal))["state"] == "self_assessment.drafting"
    (await withdrawn(year, without.employee)).raise_for_status()
    await year.pass_to(without.appraisal, DECEMBER + timedelta(hours=1))
    await ended(year, without, 4)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"until": f"{YEAR - 1}-12-31"}, ("/until", "ends_before_it_begins")),
        ({"from": f"{YEAR - 1}-11-01"}, ("/until", "beyond_one_year")),
        ({"until": f"{YEAR}-09-05", "from": f"{YEAR}-07-01"}, ("/from", "overlapping_elsewhere")),
        ({"until": f"{YEAR}-09-06"}, ("/until", "in_the_future")),
        ({"reason": " "}, ("/reason", "string_too_short")),
        ({"credit": {"level": "Pelaksana", "points": "1"}}, ("/credit/level", "no_credit")),
    ],
)
async def test_a_correction_that_cannot_be_is_refused_with_its_place(
    year: World, twice: str, said: dict[str, Any], found: tuple[str, str]
) -> None:
    year.now = SEPTEMBER
    before = await parts_of(year, twice)
    answer = await put_right(year, twice, BROUGHT | {"until": f"{YEAR}-03-31"} | said)
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [found]
    assert await parts_of(year, twice) == before


@pytest.fixture(scope="module")
async def twice(year: World) -> str:
    """Somebody who served in two other agencies before she came."""
    year.now = SEPTEMBER
    her = await in_september(year, await Played.of(year, await year.next_clerk()), "200109062027092005")
    await year.decided(her.employee, "elsewhere", BROUGHT | {"until": f"{YEAR}-03-31"})
    await year.decided(her.employee, "elsewhere", BROUGHT | {"from": f"{YEAR}-08-01"})
    return her.employee


async def test_only_hr_puts_it_right_and_only_who_may_read_her_years_reads_it(
    year: World, twice: str, who: Played
) -> None:
    year.now = SEPTEMBER
    her = await Played.of(year, twice)
    for other in (twice, her.supervisor, "auditor"):
        assert refused(await put_right(year, twice, BROUGHT, other)) == (403, "not_yours")
        assert refused(await withdrawn(year, twice, other)) == (403, "not_yours")
        assert len(await parts_of(year, twice, other)) == 2
    assert refused(await year.get(f"/people/{twice}/elsewhere", who.employee)) == (403, "not_yours")
    for absent in (
        await put_right(year, twice, BROUGHT, day=f"{YEAR}-02-03"),
        await withdrawn(year, twice, day="2001-01-01"),
    ):
        assert refused(absent) == (404, "not_found")
