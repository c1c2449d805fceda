"""DOMAIN 2.4: who lacks a few credit points is evaluated for some months alone, outside the calendar, on request."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests.endings import JANUARY, Played, reviewed
from tests.workflow.people.changes import MAY, imported, planned, row_of, tasks_of, transferred
from tests.world import YEAR, World

PEOPLE = 60
MARCH = datetime(YEAR, 3, 8, 3, tzinfo=UTC)
APRIL = datetime(YEAR, 4, 5, 3, tzinfo=UTC)
BAIK = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}
VERY_GOOD = {"result_rating": "above", "behaviour_rating": "above"}
WITH_REASONS = VERY_GOOD | {"result_reason": "Melampaui target.", "behaviour_reason": "Menjadi teladan."}
JANUARY_AND_FEBRUARY = {
    "from": f"{YEAR}-01",
    "until": f"{YEAR}-02",
    "reason": "Kekurangan angka kredit untuk kenaikan pangkat periode Mei.",
    "document": "800/112/BKPSDM/2027, 1 April 2027",
}
TWO_MONTHS, TEN_MONTHS = Decimal("12.5") * 2 / 12, Decimal("12.5") * 10 / 12
CORRECTION = {"to": "rating.drafting", "reason": "Bukti dukung tertukar.", "authority": "Nota dinas 12/2027"}
LAUNCHED = text("SELECT launch FROM appraisal WHERE id = :id")


async def asked(world: World, who: Played, who_asks: str = "hr", **said: str) -> httpx.Response:
    return await world.post(f"/people/{who.employee}/evaluation", who_asks, JANUARY_AND_FEBRUARY | said)


async def begun(world: World, appraisal: str) -> None:
    for _ in range(500):
        async with world.database.transaction() as connection:
            if (await connection.execute(LAUNCHED, {"id": appraisal})).scalar_one() == "launched":
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{appraisal} is not begun")


async def opened(world: World, who: Played, **said: str) -> Played:
    """HR asks for it; what it is, and who is around it, once it has begun."""
    answer = await asked(world, who, **said)
    assert answer.status_code == 201, answer.text
    appraisal = answer.json()["appraisal_id"]
    await begun(world, appraisal)
    return await Played.of(world, who.employee, appraisal)


async def expert(world: World, who: Played) -> None:
    """She holds a functional post of the first level, and her plan is in force."""
    world.now = JANUARY
    await imported(world, await row_of(world, who.employee) | {"jenjang": "Ahli Pertama"})
    await planned(world, who)


async def in_april(world: World, who: Played) -> None:
    await expert(world, who)
    await world.pass_to(who.appraisal, APRIL)


async def rated(world: World, who: Played, ratings: Mapping[str, str] = BAIK) -> None:
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, ratings)


async def accepted(world: World, who: Played) -> None:
    await world.done(who.appraisal, "accept_result", who.employee)
    await world.leaves(who.appraisal, "finalisation.running")


async def year_accepted(world: World, who: Played) -> None:
    """From a plan in force to the end of her own year."""
    await reviewed(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await rated(world, who)
    await world.labelled(who.appraisal)
    await accepted(world, who)


async def credit_of(world: World, who: Played) -> tuple[int, Decimal, list[int]]:
    """Months and points that this one credits, and the months that another one does."""
    credit: dict[str, Any] = (await world.seen(who.appraisal))["outcome"]["credit"]  # type: ignore[index]
    return credit["months"], Decimal(credit["points"]), credit["elsewhere"]


async def paper_of(world: World, who: Played) -> str:
    pdf = (await world.get(f"/appraisals/{who.appraisal}/documents/evaluation.pdf", "hr")).raise_for_status().content
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u200b", ""))


def same(points: Decimal, exact: Decimal) -> bool:
    return abs(points - exact) < Decimal("1e-20")


async def test_two_months_are_rated_in_april_and_the_year_credits_the_other_ten(year: World, who: Played) -> None:
    await in_april(year, who)
    cycle = (await year.row(who.appraisal))["cycle_id"]
    before = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    there = await opened(year, who)
    after = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    assert (after["roster"], after["launched"], after["by_state"]) == (
        before["roster"],
        before["launched"],
        before["by_state"],
    ), "counted are people"

    seen = await year.seen(there.appraisal, who.supervisor)
    assert seen["on_request"] == {
        "from": f"{YEAR}-01-01",
        "until": f"{YEAR}-02-28",
        "months": 2,
        "document": JANUARY_AND_FEBRUARY["document"],
    }
    assert (seen["state"], seen["segments"], there.supervisor) == ("rating.drafting", [], who.supervisor)
    route: Any = seen["route"]
    assert [stop["stage"] for stop in route] == ["rating", "appeal", "finalisation"]
    assert there.appraisal in await tasks_of(year, who.supervisor)
    listed = (await year.get("/appraisals", "hr", q=who.employee)).json()["items"]
    assert {one["id"]: bool(one["on_request"]) for one in listed} == {who.appraisal: False, there.appraisal: True}

    await rated(year, there)
    assert (await year.row(there.appraisal))["state"] == "appeal.open", "no label of the organisation is waited for"
    await accepted(year, there)
    months, points, elsewhere = await credit_of(year, there)
    assert (months, elsewhere) == (2, [])
    assert same(points, TWO_MONTHS)
    texts = await year.texts_of(there.appraisal)
    assert "year_begun" not in texts
    assert texts.count("months_asked") == 2, "she, and who rates her"
    assert texts.count("result_ready") == 1
    paper = await paper_of(year, there)
    assert f"1 Januari s.d. 28 Februari {YEAR}" in paper
    assert "2/12 bulan = 2,083" in paper

    assert (await year.row(who.appraisal))["state"] == "execution.running", "the year goes on beside it"
    await year_accepted(year, who)
    months, points, elsewhere = await credit_of(year, who)
    assert (months, elsewhere) == (10, [1, 2])
    assert same(points, TEN_MONTHS)
    assert (await year.seen(who.appraisal, who.employee))["outcome"]["credit"]["months"] == 10  # type: ignore[index]
    assert "10/12 bulan = 10,417" in await paper_of(year, who)

    person = (await year.get(f"/people/{who.employee}", "hr")).json()
    assert [(one["id"], one["on_request"] and one["on_request"]["months"]) for one in person["appraisals"]] == [
        (who.appraisal, None),
        (there.appraisal, 2),
    ]
    history = (await year.get(f"/people/{who.employee}/history", "hr")).json()
    assert there.appraisal not in str(history), "it is no year"


@pytest.mark.case("3.8")
async def test_a_correction_changes_the_figure_of_its_own_months_and_no_other(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    await rated(year, there)
    await accepted(year, there)
    await year_accepted(year, who)

    await year.done(there.appraisal, "reopen", "hr", CORRECTION)
    assert (await credit_of(year, who))[0] == 10, "the months stay with what is being corrected"
    await rated(year, there, WITH_REASONS)
    await accepted(year, there)
    assert same((await credit_of(year, there))[1], TWO_MONTHS * Decimal("1.5"))
    assert same((await credit_of(year, who))[1], TEN_MONTHS)

    await year.done(who.appraisal, "reopen", "hr", CORRECTION)
    await rated(year, who, WITH_REASONS)
    assert (await credit_of(year, there))[0] == 2
    months, points, elsewhere = await credit_of(year, who)
    assert (months, elsewhere) == (10, [1, 2])
    assert same(points, TEN_MONTHS * Decimal("1.5"))


async def test_what_is_cancelled_after_all_gives_its_months_back_to_the_year(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    await rated(year, there)
    await accepted(year, there)
    await year_accepted(year, who)
    await year.done(there.appraisal, "reopen", "hr", CORRECTION)
    await year.done(there.appraisal, "cancel", "hr", {"reason": "Diminta keliru."})
    assert await credit_of(year, who) == (12, Decimal("12.5"), [])


async def test_whichever_is_final_first_has_the_month(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    await year_accepted(year, who)
    await rated(year, there)
    assert await credit_of(year, who) == (12, Decimal("12.5"), [])
    assert await credit_of(year, there) == (0, Decimal(0), [1, 2])


async def test_it_is_rated_by_who_supervised_her_in_those_months_once_they_are_over(year: World, who: Played) -> None:
    await expert(year, who)
    there = await opened(year, who)
    await year.fill(there.appraisal, "rating", who.supervisor, BAIK)
    early = await year.act(there.appraisal, "submit_rating", who.supervisor)
    assert (early.status_code, early.json()["code"]) == (409, "not_open_yet")
    assert (await year.seen(there.appraisal))["opens_at"] == f"{YEAR}-03-01T00:00:00+07:00"
    await year.pass_to(who.appraisal, APRIL)
    supervisor = await transferred(year, who, f"{YEAR}-05-01")
    await year.pass_to(who.appraisal, MAY)
    await year.pass_to(there.appraisal, MAY)
    assert (await year.row(there.appraisal))["state"] == "rating.drafting", "the transfer ends her year's part alone"
    assert there.appraisal in await tasks_of(year, who.supervisor)
    assert there.appraisal not in await tasks_of(year, supervisor)
    assert (await year.seen(there.appraisal, supervisor))["actions"] == [], "who leads her now reads it"
    await rated(year, there)
    await accepted(year, there)
    assert (await credit_of(year, there))[0] == 2


async def test_another_supervisor_since_then_reads_it_and_rates_the_year(year: World, who: Played) -> None:
    await expert(year, who)
    year.now = MARCH
    _, other = await year.elsewhere(who.employee)
    body = {"supervisor": other, "effective": MARCH.date().isoformat(), "reason": "Penataan tim."}
    await year.decided(who.employee, "supervisor", body)
    await year.pass_to(who.appraisal, APRIL)
    there = await opened(year, who)
    assert there.supervisor == who.supervisor
    assert there.appraisal in await tasks_of(year, who.supervisor)
    assert there.appraisal not in await tasks_of(year, other)
    for nip in (who.supervisor, other):
        listed = (await year.get("/appraisals", nip, limit=200)).json()["items"]
        assert there.appraisal in [one["id"] for one in listed], nip
    form = await year.get(f"/appraisals/{there.appraisal}/forms/plan", who.supervisor)
    assert form.json()["data"], "the plan that these months were worked by"


async def test_who_leaves_meanwhile_is_rated_for_these_months_as_for_her_year(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-05-01"})
    for days, one in enumerate((who, there)):
        await year.pass_to(one.appraisal, MAY + timedelta(days=days))
        await rated(year, one)
        assert (await year.leaves(one.appraisal, "finalisation.running"))["ending"] == "exited"
    assert [(await credit_of(year, one))[::2] for one in (who, there)] == [(4, []), (0, [1, 2])]


async def test_on_her_page_it_says_which_months_it_is_about(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    async with httpx.AsyncClient(transport=year.http._transport, base_url="http://siklus") as browser:
        await browser.post("/masuk", data={"nip": who.employee}, headers={"Origin": "http://siklus"})
        home = (await browser.get("/")).raise_for_status().text
        assert f"evaluasi 01/{YEAR} s.d. 02/{YEAR}" in home
        assert there.appraisal in home
        page = (await browser.get(f"/penilaian/{there.appraisal}")).raise_for_status().text
        assert f"Evaluasi di luar jadwal, 1 Januari {YEAR} s.d. 28 Februari {YEAR}" in page


async def test_she_may_object_to_it(year: World, who: Played) -> None:
    await in_april(year, who)
    there = await opened(year, who)
    await rated(year, there)
    await year.send(there.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(there.appraisal, "answer", "answer_appeal", who.supervisor)
    decision = {"decision": "changed", "reason": "Bukti lengkap.", "rating": VERY_GOOD}
    await year.send(there.appraisal, "decision", "decide_appeal", who.senior, decision)
    await year.leaves(there.appraisal, "finalisation.running")
    assert same((await credit_of(year, there))[1], TWO_MONTHS * Decimal("1.5"))


@pytest.mark.case("3.22")
async def test_asked_again_under_its_key_it_is_the_same_and_without_it_refused(year: World, who: Played) -> None:
    await in_april(year, who)
    path = f"/people/{who.employee}/evaluation"
    first, again = [
        (await year.post(path, "hr", JANUARY_AND_FEBRUARY, **{"Idempotency-Key": f"ask-{who.employee}"})).json()
        for _ in range(2)
    ]
    assert first == again
    await begun(year, first["appraisal_id"])
    assert await problem(await asked(year, who)) == (422, "/from", "overlapping_on_request")
    other = await opened(year, who, **{"from": f"{YEAR}-03", "until": f"{YEAR}-03"})
    assert other.appraisal != first["appraisal_id"]
    events = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    told = [event for event in events if event["action"] == "evaluation_requested"]
    assert [event["data"]["document"] for event in told] == [JANUARY_AND_FEBRUARY["document"]] * 2
    assert told[0]["comment"] == JANUARY_AND_FEBRUARY["reason"]


async def problem(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    (error,) = body.get("errors") or [{"pointer": "", "code": body["code"]}]
    return answer.status_code, error["pointer"], error["code"]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"until": f"{YEAR + 1}-01"}, "/until", "outside_year"),
        ({"from": f"{YEAR - 1}-01", "until": f"{YEAR - 1}-02"}, "/from", "no_year"),
        ({"from": f"{YEAR}-03", "until": f"{YEAR}-02"}, "/until", "ends_before_it_begins"),
        ({"from": f"{YEAR}-01", "until": f"{YEAR}-07"}, "/until", "too_many_months"),
        ({"from": f"{YEAR}-05", "until": f"{YEAR}-06"}, "/from", "in_the_future"),
        ({"until": f"{YEAR}-13"}, "/until", "string_pattern_mismatch"),
        ({"reason": ""}, "/reason", "string_too_short"),
        ({"document": ""}, "/document", "string_too_short"),
    ],
)
async def test_months_that_cannot_be_asked_for_are_refused_with_their_place(
    year: World, expert_in_april: Played, said: dict[str, str], pointer: str, code: str
) -> None:
    assert await problem(await asked(year, expert_in_april, **said)) == (422, pointer, code)
    assert len((await year.get(f"/people/{expert_in_april.employee}", "hr")).json()["appraisals"]) == 1


@pytest.fixture(scope="module")
async def expert_in_april(year: World) -> Played:
    who = await Played.of(year, await year.next_clerk())
    await in_april(year, who)
    return who


async def test_who_earns_no_credit_has_none(year: World, who: Played) -> None:
    year.now = JANUARY
    await imported(year, await row_of(year, who.employee) | {"jenjang": "Pelaksana"})
    await planned(year, who)
    year.now = APRIL
    assert await problem(await asked(year, who)) == (422, "/from", "no_credit")


async def test_without_a_plan_in_force_there_is_nothing_to_rate_by(year: World, who: Played) -> None:
    year.now = JANUARY
    await imported(year, await row_of(year, who.employee) | {"jenjang": "Ahli Pertama"})
    year.now = APRIL
    assert await problem(await asked(year, who)) == (422, "/from", "no_plan")


async def test_months_before_and_across_a_transfer_are_none_of_one_post(year: World, who: Played) -> None:
    await in_april(year, who)
    await year.pass_to(who.appraisal, APRIL)
    await transferred(year, who, f"{YEAR}-03-01")
    await year.pass_to(who.appraisal, APRIL + timedelta(hours=1))
    across = {"from": f"{YEAR}-02", "until": f"{YEAR}-03"}
    assert await problem(await asked(year, who, **across)) == (422, "/until", "across_a_transfer")


async def test_a_month_that_a_final_part_of_the_year_credits_is_not_asked_for(year: World, who: Played) -> None:
    await in_april(year, who)
    await transferred(year, who, f"{YEAR}-04-01")
    await year.pass_to(who.appraisal, APRIL + timedelta(hours=1))
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await rated(year, who)
    await year.leaves(who.appraisal, "finalisation.running")
    assert await problem(await asked(year, who)) == (422, "/from", "credited_already")


async def test_nobody_asks_for_herself_and_none_but_hr_for_another(year: World, who: Played) -> None:
    await in_april(year, who)
    for nip in (who.employee, who.supervisor):
        assert (await asked(year, who, nip)).json()["code"] == "not_yours"
    own = await year.post(f"/people/{year.people['hr']}/evaluation", "hr", JANUARY_AND_FEBRUARY)
    assert (own.status_code, own.json()["code"]) == (403, "not_yours")
