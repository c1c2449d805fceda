"""A final year opened again after its pack was corrected: what it came to stands until somebody rates anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.shelf import load
from tests.endings import STANDS, Played, accepted_by_lapse, stands
from tests.workflow.correcting import corrected
from tests.world import World

PEOPLE = 40
WHY = {"reason": "Sistem padam.", "authority": "Nota dinas 12/2028"}


def asking_for_competencies(pack: dict[str, Any]) -> None:
    """What no rating of before has."""
    other = load("bantul-kompetensi").model_dump(mode="json")
    pack["criteria"]["competency"], pack["competency"] = other["criteria"]["competency"], other["competency"]
    [field] = [one for one in other["forms"]["rating"]["fields"] if one["name"] == "competencies"]
    pack["forms"]["rating"]["fields"].append(field)


def with_another_cell(pack: dict[str, Any]) -> None:
    """As good as expected comes to another label than in the version before."""
    cells = pack["scoring"]["matrix"]["as_expected"]
    cells["as_expected"] = "kurang" if cells["as_expected"] == "baik" else "baik"


async def corrects(year: World, who: Played, change: Callable[[dict[str, Any]], None]) -> None:
    await corrected(year, str((await year.row(who.appraisal))["cycle_id"]), change)


async def delivered(year: World, who: Played) -> tuple[str, int]:
    """The label that she reads once she has it, and the version of the pack that it is by."""
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    return await stood(year, who)


async def stood(year: World, who: Played) -> tuple[str, int]:
    shown: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    return shown["label"], shown["policy_version"]


@pytest.mark.parametrize("change", [asking_for_competencies, with_another_cell])
async def test_a_right_of_appeal_given_back_is_against_the_result_that_she_had(
    year: World, who: Played, change: Callable[[dict[str, Any]], None]
) -> None:
    await accepted_by_lapse(year, who)
    await year.leaves(who.appraisal, "finalisation.running")
    before = await stood(year, who)
    await corrects(year, who, change)
    await year.done(who.appraisal, "reopen", "hr", WHY | {"to": "appeal.open"})
    row = await year.row(who.appraisal)
    assert (row["state"], row["revision"], row["parked"]) == ("appeal.open", 2, None)
    assert await delivered(year, who) == before
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)


async def test_a_decision_given_anew_that_the_result_stands_leaves_what_stood(year: World, who: Played) -> None:
    await stands(year, who)
    await year.leaves(who.appraisal, "finalisation.running")
    before = await stood(year, who)
    await corrects(year, who, with_another_cell)
    await year.done(who.appraisal, "reopen", "hr", WHY | {"to": "appeal.deciding"})
    # At once: its days are counted from the reopening.
    await year.fill(who.appraisal, "decision", who.senior, STANDS)
    (await year.post(f"/appraisals/{who.appraisal}/actions/decide_appeal", who.senior, {})).raise_for_status()
    await year.leaves(who.appraisal, "finalisation.running")
    assert await stood(year, who) == before


async def test_another_organisation_label_still_asks_the_pack_of_the_result(year: World, who: Played) -> None:
    await accepted_by_lapse(year, who)
    await year.leaves(who.appraisal, "finalisation.running")
    before = await stood(year, who)
    await corrects(year, who, with_another_cell)
    await year.done(who.appraisal, "reopen", "hr", WHY | {"to": "appeal.open"})
    cycle, unit = str((await year.row(who.appraisal))["cycle_id"]), await year.unit_of(who.employee)
    (await year.label(cycle, unit, "istimewa")).raise_for_status()
    await year.until(who.appraisal, "receive_label", 2)
    assert await delivered(year, who) == before


async def test_a_year_opened_to_its_rating_is_rated_by_the_corrected_pack(year: World, who: Played) -> None:
    await accepted_by_lapse(year, who)
    await year.leaves(who.appraisal, "finalisation.running")
    label, version = await stood(year, who)
    await corrects(year, who, with_another_cell)
    await year.done(who.appraisal, "reopen", "hr", WHY | {"to": "rating.drafting", "reason": "Pedoman dikoreksi."})
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    assert (await year.row(who.appraisal))["state"] == "appeal.open"
    label_now, version_now = await delivered(year, who)
    assert (label_now != label, version_now) == (True, version + 1)
