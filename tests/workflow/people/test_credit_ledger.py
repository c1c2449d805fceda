"""DOMAIN 2.4: a person's credit points over parts of a year, corrected and brought along, against what her level needs."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests.endings import DECEMBER, FEBRUARY, JANUARY, Played, reviewed
from tests.workflow.correcting import corrected
from tests.workflow.people.changes import imported, planned, row_of
from tests.world import YEAR, World

PEOPLE = 60
APRIL = datetime(YEAR, 4, 5, 3, tzinfo=UTC)
SEPTEMBER = datetime(YEAR, 9, 20, 3, tzinfo=UTC)
OCTOBER = datetime(YEAR, 10, 4, 3, tzinfo=UTC)
BAIK = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}
VERY_GOOD = {
    "result_rating": "above",
    "behaviour_rating": "above",
    "result_reason": "Melampaui target.",
    "behaviour_reason": "Menjadi teladan.",
}
CORRECTION = {"to": "rating.drafting", "reason": "Bukti dukung tertukar.", "authority": "Nota dinas 12/2027"}
OPENING = {"points": "40", "level": "Ahli Pertama", "at": f"{YEAR - 1}-12-31", "document": "PAK 800/7/2026"}


async def ledger(world: World, nip: str, reader: str = "hr", language: str = "id") -> dict[str, Any]:
    headers = world.headers(reader) | {"Accept-Language": language}
    answer = await world.http.get(f"/api/v1/people/{nip}/credit", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def opening(world: World, nip: str, by: str = "hr", **said: str) -> httpx.Response:
    return await world.put(f"/people/{nip}/credit/opening", by, OPENING | said)


async def expert(world: World, who: Played) -> None:
    """She holds a functional post of the first level, and her plan is in force."""
    world.now = JANUARY
    await imported(world, await row_of(world, who.employee) | {"jabatan": "Analis", "jenjang": "Ahli Pertama"})
    await planned(world, who)


async def rated(world: World, who: Played, ratings: dict[str, str]) -> None:
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, ratings)


async def accepted(world: World, who: Played) -> None:
    await world.done(who.appraisal, "accept_result", who.employee)
    await world.leaves(who.appraisal, "finalisation.running")


async def until_result(world: World, who: Played) -> None:
    await expert(world, who)
    await reviewed(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await rated(world, who, BAIK)


async def year_accepted(world: World, who: Played) -> None:
    await until_result(world, who)
    await world.labelled(who.appraisal)
    await accepted(world, who)


def lines(found: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    return [(row["source"], row["from"][5:], row["until"][5:], row["level"], row["points"]) for row in found["rows"]]


@pytest.mark.case("3.1")
async def test_a_year_in_two_posts_has_a_line_for_each_in_its_own_level(year: World, who: Played) -> None:
    await expert(year, who)
    await year.pass_to(who.appraisal, SEPTEMBER)
    unit, supervisor = await year.elsewhere(who.employee)
    there = await row_of(year, supervisor)
    place = {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor}
    post = {"jabatan": "Analis Ahli Muda", "jenjang": "Ahli Muda", "tmt": f"{YEAR}-10-01"}
    await imported(year, await row_of(year, who.employee) | place | post)
    await year.pass_to(who.appraisal, OCTOBER)
    first, second = await year.segments_of(who.employee, 2)
    assert (await ledger(year, who.employee))["rows"] == [], "nothing is final yet"
    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(first, "rating", "submit_rating", who.supervisor, BAIK)
    await year.leaves(first, "finalisation.running")

    new = await Played.of(year, who.employee, second)
    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", new.supervisor)
    await year.pass_to(second, DECEMBER)
    await year.send(second, "self_assessment", "submit_self_assessment", who.employee)
    await rated(year, new, BAIK)
    assert len((await ledger(year, who.employee))["rows"]) == 1, "rated is not final"
    await year.labelled(second)
    await accepted(year, new)

    assert (await opening(year, who.employee)).status_code == 200
    found = await ledger(year, who.employee, who.employee)
    assert lines(found) == [
        ("result", "01", "09", "Ahli Pertama", "9.375"),
        ("result", "10", "12", "Ahli Muda", "6.25"),
    ]
    assert found["years"] == [{"year": YEAR, "points": "15.625", "rounded": "15.63"}]
    assert (found["level"], found["total"], found["needs"]) == ("Ahli Muda", "15.625", {"rank": "100", "grade": "200"})
    assert (found["counted"], found["ranks"]) == ("6.25", 0), "only what was earned in the level she is in"
    assert found["lacking"] == {"rank": "93.75", "grade": "193.75"}
    assert "x 9/12 bulan = 9,375" in found["rows"][0]["why"]
    assert "x 9/12 months = 9.375" in (await ledger(year, who.employee, new.supervisor, "en"))["rows"][0]["why"]


@pytest.mark.case("3.8")
async def test_a_correction_after_credit_was_issued_stands_beside_it_with_the_difference(
    year: World, who: Played
) -> None:
    await year_accepted(year, who)
    assert lines(await ledger(year, who.employee)) == [("result", "01", "12", "Ahli Pertama", "12.5")]
    await year.done(who.appraisal, "reopen", "hr", CORRECTION)
    await rated(year, who, VERY_GOOD)
    assert (await ledger(year, who.employee))["total"] == "12.5", "what was issued stands until it is final anew"
    await accepted(year, who)
    found = await ledger(year, who.employee)
    assert lines(found) == [
        ("result", "01", "12", "Ahli Pertama", "12.5"),
        ("correction", "01", "12", "Ahli Pertama", "6.25"),
    ]
    assert [row["revision"] for row in found["rows"]] == [1, 2]
    assert (found["total"], found["rows"][1]["percentage"]) == ("18.75", "150")

    await year.done(who.appraisal, "reopen", "hr", CORRECTION)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dinilai keliru."})
    await year.leaves(who.appraisal, "finalisation.running")
    found = await ledger(year, who.employee)
    assert [row["points"] for row in found["rows"]] == ["12.5", "6.25", "-18.75"]
    assert found["total"] == "0"


async def test_months_on_request_and_the_rest_of_the_year_are_a_whole_year_together(year: World, who: Played) -> None:
    there = await year_rated_beside_two_months(year, who)
    await accepted(year, who)
    found = await ledger(year, who.employee)
    assert [(one["appraisal_id"], len(one["months"])) for one in found["rows"]] == [(there, 2), (who.appraisal, 10)]
    assert found["total"].startswith("13.541666")
    assert found["rounded"] == "13.54"


async def year_rated_beside_two_months(year: World, who: Played) -> str:
    """An evaluation of two months, final, and then her year up to a result that she may accept; the id of the evaluation."""
    await expert(year, who)
    await year.pass_to(who.appraisal, APRIL)
    letter = {"reason": "Kenaikan pangkat.", "document": "800/112/2027"}
    months = {"from": f"{YEAR}-01", "until": f"{YEAR}-02"}
    asked = await year.post(f"/people/{who.employee}/evaluation", "hr", months | letter)
    there = asked.raise_for_status().json()["appraisal_id"]
    await launched(year, there)
    two = await Played.of(year, who.employee, there)
    await rated(year, two, VERY_GOOD)
    await accepted(year, two)
    assert [(one["points"], one["rounded"]) for one in (await ledger(year, who.employee))["rows"]] == [
        ("3.125", "3.13")
    ]

    await reviewed(year, who)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await rated(year, who, BAIK)
    await year.labelled(who.appraisal)
    return str(there)


async def launched(world: World, appraisal: str) -> None:
    for _ in range(500):
        async with world.database.transaction() as connection:
            query = text("SELECT launch FROM appraisal WHERE id = :id")
            if (await connection.execute(query, {"id": appraisal})).scalar_one() == "launched":
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{appraisal} is not begun")


async def test_what_came_before_is_unknown_until_hr_records_it(year: World, who: Played) -> None:
    await year_accepted(year, who)
    found = await ledger(year, who.employee)
    unknown = {name: found[name] for name in ("opening", "counted", "ranks", "lacking")}
    assert unknown == dict.fromkeys(unknown), "missing is missing, never zero"
    assert (found["total"], found["needs"]) == ("12.5", {"rank": "50", "grade": "100"})

    assert (await opening(year, who.employee)).status_code == 200
    found = await ledger(year, who.employee)
    assert found["opening"] == OPENING
    assert (found["counted"], found["ranks"], found["lacking"]) == ("52.5", 1, {"rank": "47.5", "grade": "47.5"})
    assert found["total"] == "12.5"
    await opening(year, who.employee, at=f"{YEAR}-06-30")
    assert lines(await ledger(year, who.employee)) == [("result", "07", "12", "Ahli Pertama", "6.25")]
    await opening(year, who.employee, at=f"{YEAR}-06-30")
    trail = (await year.get("/agency/events", "hr", limit=200)).json()["items"]
    recorded = [one["data"] for one in trail if one["action"] == "credit_opening_recorded"]
    hers = sorted(one["at"] for one in recorded if one["document"] == OPENING["document"])
    assert hers.count(f"{YEAR}-06-30") == 1, "the same again is no event"


async def test_a_correction_of_months_that_the_opening_balance_holds_is_told_and_counts_nowhere(
    year: World, who: Played
) -> None:
    await year_accepted(year, who)
    year.now += timedelta(days=1)
    told = (await opening(year, who.employee, at=f"{YEAR}-06-30")).json()
    assert told["behind_opening"] == []
    await year.done(who.appraisal, "reopen", "hr", CORRECTION)
    await rated(year, who, VERY_GOOD)
    await accepted(year, who)
    found = await ledger(year, who.employee)
    assert lines(found) == [
        ("result", "07", "12", "Ahli Pertama", "6.25"),
        ("correction", "07", "12", "Ahli Pertama", "3.125"),
    ]
    assert lines({"rows": found["behind_opening"]}) == [("correction", "01", "06", "Ahli Pertama", "3.125")]
    assert (found["total"], found["counted"]) == ("9.375", "49.375")
    year.now = FEBRUARY
    struck = (await opening(year, who.employee, at=f"{YEAR}-06-30", points="43.125")).json()
    assert struck["behind_opening"] == [], "whoever struck it anew knew of it"


async def test_a_result_that_is_final_only_after_its_months_were_put_into_the_opening_balance_is_told(
    year: World, who: Played
) -> None:
    await until_result(year, who)
    year.now = datetime(YEAR + 1, 1, 4, 3, tzinfo=UTC)
    assert (await opening(year, who.employee, at=f"{YEAR}-12-31")).status_code == 200
    await year.labelled(who.appraisal)
    await accepted(year, who)
    found = await ledger(year, who.employee)
    assert (found["rows"], found["counted"]) == ([], "40")
    assert lines({"rows": found["behind_opening"]}) == [("result", "01", "12", "Ahli Pertama", "12.5")]


async def test_what_a_level_needs_is_asked_of_no_year_that_was_cancelled(year: World, who: Played) -> None:
    await expert(year, who)
    assert (await ledger(year, who.employee))["needs"] == {"rank": "50", "grade": "100"}
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    assert (await ledger(year, who.employee))["needs"] is None


async def test_a_part_brought_from_elsewhere_counts_where_its_document_says_so(year: World) -> None:
    year.now = SEPTEMBER
    nip = await year.next_clerk()
    days = {"from": f"{YEAR - 26}-01-01", "until": f"{YEAR - 26}-05-31"}
    later = {"from": f"{YEAR - 26}-06-01", "until": f"{YEAR - 26}-12-31"}
    there = {"agency": "Kota Sebelah", "result": "baik", "document": "PAK 3/2001"}
    earned = {"level": "Ahli Pertama", "points": "5.208"}
    await year.decided(nip, "elsewhere", days | there | {"credit": earned})
    await year.decided(nip, "elsewhere", later | there)
    found = await ledger(year, nip)
    assert lines(found) == [("elsewhere", "01", "05", "Ahli Pertama", "5.208")]
    assert found["rows"][0]["why"] == "Diperoleh di Kota Sebelah, menurut PAK 3/2001."
    wrong = {
        "credit": {"level": "Pelaksana", "points": "1"},
        "from": f"{YEAR - 27}-01-01",
        "until": f"{YEAR - 27}-02-01",
    }
    answer = await year.post(f"/people/{nip}/elsewhere", "hr", there | wrong)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/credit/level", "no_credit")]


async def test_she_and_her_line_read_it_and_only_hr_records_of_others(year: World, who: Played) -> None:
    year.now = JANUARY
    for reader in (who.employee, who.supervisor, who.senior, "hr", "auditor"):
        assert (await ledger(year, who.employee, reader))["total"] == "0"
    other = await year.next_clerk()
    assert (await year.get(f"/people/{who.employee}/credit", other)).json()["code"] == "not_yours"
    for by in (who.employee, who.supervisor, "auditor"):
        refused = await opening(year, who.employee, by)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    own = await opening(year, year.people["hr"])
    assert (own.status_code, own.json()["code"]) == (403, "not_yours")


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"at": f"{YEAR + 5}-01-01"}, "/at", "in_the_future"),
        ({"level": "Pelaksana"}, "/level", "no_credit"),
        ({"points": "-1"}, "/points", "string_pattern_mismatch"),
        ({"points": "1e3"}, "/points", "string_pattern_mismatch"),
        ({"document": " "}, "/document", "string_too_short"),
    ],
)
async def test_an_opening_balance_that_cannot_be_is_refused_with_its_place(
    year: World, who: Played, said: dict[str, str], pointer: str, code: str
) -> None:
    answer = await opening(year, who.employee, **said)
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert Decimal((await ledger(year, who.employee))["total"]) == 0


# ── under a corrected policy ─────────────────────────────────────────────────────────────────────────────────────────


def reworded(pack: dict[str, Any]) -> None:
    pack["scoring"]["why"]["credit"] = {"id": "Sejumlah {points}.", "en": "As many as {points}."}


def without_credit(pack: dict[str, Any]) -> None:
    pack["scoring"]["credit"] = pack["on_request"] = None
    del pack["scoring"]["why"]["credit"]


async def test_ledger_page_and_paper_explain_credit_points_in_the_words_of_the_policy_that_scored_them(
    year: World, who: Played
) -> None:
    there = await year_rated_beside_two_months(year, who)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    await corrected(year, cycle, reworded)
    await accepted(year, who)
    rows = (await ledger(year, who.employee))["rows"]
    assert [one["appraisal_id"] for one in rows] == [there, who.appraisal]
    assert ["x 2/12 bulan" in rows[0]["why"], "x 10/12 bulan" in rows[1]["why"]] == [True, True]
    seen: Any = await year.seen(who.appraisal)
    assert rows[1]["why"] in [line["why"] for line in seen["outcome"]["lines"]]
    paper = await year.get(f"/appraisals/{who.appraisal}/documents/evaluation.pdf", who.employee)
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "10/12" in printed
    assert "Sejumlah" not in printed


async def test_credit_points_that_were_given_stand_where_the_corrected_policy_gives_none(
    year: World, who: Played
) -> None:
    await year_accepted(year, who)
    before = await ledger(year, who.employee)
    await corrected(year, str((await year.row(who.appraisal))["cycle_id"]), without_credit)
    found = await ledger(year, who.employee)
    assert (found["rows"], found["total"]) == (before["rows"], "12.5")
    assert found["needs"] is None
