"""One measure for everybody: criteria that all can read beforehand, and a label that follows from the ratings and from nothing else."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from models.shelf import load
from tests.endings import JANUARY, Played, at, until_rating
from tests.workflow.test_plan_and_result import example, form, refused
from tests.world import World

PEOPLE = 80

PACK = "permenpanrb-6-2022"
WHY = {"result_reason": "Sesuai bukti.", "behaviour_reason": "Sesuai pengamatan."}
LABELS = {
    ("above", "above"): "sangat_baik",
    ("above", "below"): "kurang",
    ("as_expected", "as_expected"): "baik",
    ("below", "as_expected"): "butuh_perbaikan",
}


async def elsewhere(year: World, other: Played) -> Played:
    """Somebody whom another supervisor rates."""
    while True:
        found = await Played.of(year, await year.next_clerk())
        if found.supervisor != other.supervisor:
            return found


@pytest.mark.capability("S05")
async def test_every_employee_reads_the_criteria_and_what_each_rating_means_before_anybody_is_rated(
    year: World, who: Played
) -> None:
    await year.bring(who.appraisal)
    pack = (await year.get(f"/policies/{PACK}", who.employee)).raise_for_status().json()
    criteria = pack["criteria"]["behaviour"]
    assert len(criteria) == 7
    for one in criteria:
        for language in ("id", "en"):
            assert one["title"][language]
            assert all(line[language] for line in one["guide"])
    rating = {field["name"]: field for field in pack["forms"]["rating"]["fields"]}
    assert "hasil utama" in rating["result_rating"]["help"]["id"]
    ratings = ("above", "as_expected", "below")
    assert {(r, b) for r, b in product(ratings, ratings) if pack["scoring"]["matrix"][r][b]} == set(
        product(ratings, ratings)
    )
    indicators = (await form(year, who, "plan", who.employee))["schema"]["properties"]["results"]["items"]["properties"]
    assert {"aspect", "indicator", "target"} <= set(indicators["indicators"]["items"]["required"])
    assert (await form(year, who, "plan", who.employee))["schema"]["properties"]["behaviours"]["properties"].keys() == {
        one["id"] for one in criteria
    }


@pytest.mark.capability("S03")
async def test_the_same_ratings_come_to_the_same_label_whoever_gives_them_and_no_label_can_be_typed(
    year: World, who: Played
) -> None:
    other = await elsewhere(year, who)
    for one in (who, other):
        at(year, JANUARY)
        await until_rating(year, one)
    form_ = await example(year, who, "rating", who.supervisor)
    bare = form_ | {"result_rating": "above", "behaviour_rating": "below"}
    pointers = await refused(year, who, "rating", "submit_rating", who.supervisor, bare)
    assert pointers == {"/result_reason", "/behaviour_reason"}, "an extreme needs a reason"
    path = f"/api/v1/appraisals/{who.appraisal}/forms/rating"
    for odd in ({"label": "sangat_baik"}, {"result_rating": "excellent"}):
        typed = await year.http.put(path, headers=year.headers(who.supervisor), json={"data": form_ | odd})
        assert typed.status_code == 422, "ratings are those of the pack, and the label is nobody's to write"
    outcomes: list[Any] = []
    for one in (who, other):
        given = {"result_rating": "above", "behaviour_rating": "below", **WHY}
        await year.send(one.appraisal, "rating", "submit_rating", one.supervisor, given)
        await year.labelled(one.appraisal)
        outcomes.append((await year.seen(one.appraisal))["outcome"])
    assert outcomes[0]["label"] == outcomes[1]["label"] == LABELS["above", "below"]
    why = [{line["what"]: line["why"] for line in outcome["lines"]} for outcome in outcomes]
    for what in ("result_rating", "behaviour_rating", "label"):
        assert why[0][what] == why[1][what]


@pytest.mark.capability("P23")
@pytest.mark.parametrize(("ratings", "label"), LABELS.items(), ids=["-".join(pair) for pair in LABELS])
async def test_an_employee_is_held_against_what_was_expected_of_her(
    year: World, who: Played, ratings: tuple[str, str], label: str
) -> None:
    await until_rating(year, who)
    plan = (await form(year, who, "plan", who.supervisor))["data"]
    assert plan["results"][0]["indicators"][0]["target"]
    assert all(value["expectation"] for value in plan["behaviours"].values())
    given = {"result_rating": ratings[0], "behaviour_rating": ratings[1], **WHY}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, given)
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert outcome["label"] == label
    said = {name: words.id for name, words in load(PACK).scoring.ratings.items()}  # type: ignore[union-attr]
    whys = {line["what"]: line["why"] for line in outcome["lines"]}
    assert said[ratings[0]] in whys["result_rating"]  # type: ignore[index]
    assert said[ratings[1]] in whys["behaviour_rating"]  # type: ignore[index]
