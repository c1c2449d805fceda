"""What was noted as it happened is what a year is judged by in the end: each region by its own pack, from the plan to the result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.noting import entry, hand_in, log, logged, observe, read, refused, results_of
from tests.api.test_regional_years import attended, laid_over, outcome_of, region
from tests.api.test_year_log import year_log
from tests.endings import JANUARY, Played, at, reviewed
from tests.files import PDF
from tests.world import YEAR, World

PEOPLE = 24

gayungan = region("gayungan", PEOPLE)
denpasar = region("denpasar-capaian", PEOPLE)
kepahiang = region("kepahiang-bobot", PEOPLE)


async def begun(world: World, plan: dict[str, Any] | None = None) -> Played:
    """The next clerk, with a plan in force in January."""
    who = await Played.of(world, await world.next_clerk())
    at(world, JANUARY)
    await world.takes_note(who.appraisal, who.employee)
    written = await laid_over(world, who.employee, who.appraisal, "plan", plan or {})
    await world.send(who.appraisal, "plan", "submit_plan", who.employee, written)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    return who


def on(world: World, month: int) -> str:
    """It is the tenth of that month, in the afternoon; the day."""
    world.now = datetime(YEAR, month, 10, 8, tzinfo=UTC)
    return world.now.date().isoformat()


async def reported(world: World, who: Played, months: Iterable[int]) -> None:
    """On a day of each of these months she says on that very day what she did, and once how she solved what had come up."""
    for month in months:
        day, key = on(world, month), (await results_of(world, who))[0]
        done = entry("Surat pengantar selesai.", day=day, result=key, quantity=12, unit="surat")
        await logged(world, who.appraisal, who.employee, done)
        (kept,) = [one for one in await read(world, who.appraisal, who.employee) if one["id"] == done["id"]]
        assert (kept["day"], kept["written_at"][:10]) == (day, day), "at the time she does it"
    solved = entry("Printer loket rusak; surat dicetak di loket sebelah.", day=day, result=key, achievement=True)
    await logged(world, who.appraisal, who.employee, solved)
    answer = await log(world, who.appraisal, who.employee, entry(day=day.replace("-10", "-11")))
    (result,) = answer.json()["results"]
    assert [one["code"] for one in result["problem"]["errors"]] == ["in_the_future"], "nobody reports ahead"


@pytest.mark.capability("G08", "G10", "G12", "G13")
async def test_gayungan_s_daily_reports_lie_before_who_rates_and_what_was_done_again_and_again_counts(
    gayungan: World,
) -> None:
    steady, once = await begun(gayungan), await begun(gayungan)
    found = {}
    for who, months, score in ((steady, range(2, 12), 90), (once, (3,), 50)):
        await reported(gayungan, who, months)
        await reviewed(gayungan, who)
        await gayungan.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
        shown = await year_log(gayungan, who.appraisal, who.supervisor)
        assert [one["month"][-2:] for one in shown["months"]] == [f"{month:02d}" for month in months]
        (planned,) = [one for one in shown["results"] if one["counts"]["entries"]]
        assert planned["quantities"] == [{"unit": "surat", "total": str(12 * len(months))}]
        assert [one["text"][:20] for one in planned["achievements"]] == ["Printer loket rusak;"]
        await attended(gayungan, who, 90)
        told = f"Laporan harian: tepat waktu pada {len(shown['months'])} bulan."
        work = {"*": {"score": 80}, "tepat_waktu": {"score": score, "reason": told}, "solusi": {"score": score}}
        outcome = await outcome_of(gayungan, who, {"work": work})
        lines = {line["what"]: line for line in outcome["lines"]}
        assert lines["on_time"]["why"] == f"Tepat waktu: {score} x 15 % = {score * 15 / 100:g}.".replace(".5", ",5")
        read_by_her = (await gayungan.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
        assert read_by_her["work"]["tepat_waktu"]["reason"] == told
        found[len(months)] = (lines["total"]["value"], outcome["label"])
    assert found == {10: ("85", "baik"), 1: ("73", "butuh_perbaikan")}


@pytest.mark.capability("D09")
async def test_denpasar_s_achievement_is_noted_when_it_happens_and_scored_when_the_year_is_rated(
    denpasar: World,
) -> None:
    waiting = {"target": 30, "unit": "menit", "polarity": "less", "significance": "signifikan"}
    who = await begun(denpasar, {"results": {"*": waiting}})
    day, key = on(denpasar, 5), (await results_of(denpasar, who))[0]
    happened = entry("Waktu tunggu turun sejak jadwal baru.", day=day, result=key, achievement=True)
    await logged(denpasar, who.appraisal, who.employee, happened | {"quantity": 15, "unit": "menit"})
    assert (await hand_in(denpasar, who.appraisal, who.employee, "rekap.pdf", PDF, {"result": key})).status_code == 201
    await reviewed(denpasar, who)
    await denpasar.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    assert (await denpasar.seen(who.appraisal, who.supervisor))["outcome"] is None, "it was noted, and judged by nobody"

    shown = (await year_log(denpasar, who.appraisal, who.supervisor))["results"][0]
    assert [(one["day"], one["text"]) for one in shown["achievements"]] == [(day, happened["text"])]
    assert [one["name"] for one in shown["evidence"]] == ["rekap.pdf"]
    realised = int(shown["quantities"][0]["total"])
    outcome = await outcome_of(denpasar, who, {"results": {"*": {"realised": realised}}})
    assert outcome["label"] == "sangat_baik"
    assert "terealisasi 15 dari target 30" in " ".join(line["why"] for line in outcome["lines"])


@pytest.mark.capability("P06", "P07", "P09")
async def test_kepahiang_s_year_begins_with_each_employee_s_plan_and_is_watched_in_every_stage_until_it_is_rated(
    kepahiang: World,
) -> None:
    who = await Played.of(kepahiang, await kepahiang.next_clerk())
    at(kepahiang, JANUARY)
    await kepahiang.bring(who.appraisal)
    route: Any = (await kepahiang.seen(who.appraisal, who.employee))["route"]
    assert [stop["stage"] for stop in route] == ["plan", "midyear", "rating", "appeal", "finalisation"]
    await kepahiang.fill(who.appraisal, "plan", who.employee)
    assert refused(await kepahiang.act(who.appraisal, "submit_plan", who.supervisor)) == (403, "not_yours")
    await kepahiang.done(who.appraisal, "submit_plan", who.employee)
    await kepahiang.done(who.appraisal, "approve_plan", who.supervisor)

    key = (await results_of(kepahiang, who))[0]
    for month, about in ((2, {"result": key}), (5, {"criterion": "inisiatif"}), (9, {"result": key}), (11, {})):
        said = await observe(kepahiang, who.appraisal, who.supervisor, day=on(kepahiang, month), **about)
        assert said.status_code == 201, said.text
    await reviewed(kepahiang, who)
    shown = await year_log(kepahiang, who.appraisal, who.supervisor)
    assert shown["counts"]["observations"] == 4
    assert [one["day"][5:7] for one in shown["results"][0]["observations"]] == ["09", "02"]
    assert [(one["title"], len(one["observations"])) for one in shown["criteria"]] == [("Inisiatif", 1)]
    every = {"*": {"score": 80}}
    rating = {"results": every, "process": every, "behaviours": every | {"inisiatif": {"score": 95}}}
    outcome = await outcome_of(kepahiang, who, rating)
    lines = {line["what"]: line for line in outcome["lines"]}
    assert (lines["inisiatif"]["value"], outcome["label"]) == ("95", "baik")
    await kepahiang.done(who.appraisal, "accept_result", who.employee)
    acts = [action for action in await kepahiang.actions_of(who.appraisal) if action != "open_window"]
    assert [one for one in acts if one.startswith(("submit", "approve", "complete", "accept"))] == [
        *("submit_plan", "approve_plan", "submit_midyear", "complete_midyear", "submit_rating", "accept_result")
    ]
