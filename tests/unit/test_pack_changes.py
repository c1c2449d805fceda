"""What a corrected pack means for a cycle that runs by the one before: every place of a pack has an answer."""

from __future__ import annotations

from typing import Any

import pytest

from models.pack_changes import RULES, ChangeKind, changes, digest, forms_changed, scores_otherwise
from models.policy import PolicyPack
from models.shelf import load, pack_ids
from models.vocabulary import Form

DEFAULT, COUNTS = load("permenpanrb-6-2022"), load("pp-30-2019")


def corrected(pack: PolicyPack, place: str, value: object) -> PolicyPack:
    """The pack with another value there; a number in the place is an entry of a list, and None takes out what is there."""
    whole: Any = pack.model_dump(mode="json")
    *outer, last = place.split("/")
    inner = whole
    for step in outer:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    if value is None:
        del inner[int(last) if isinstance(inner, list) else last]
    elif isinstance(inner, list):
        inner.insert(int(last), value)
    else:
        inner[last] = value
    return PolicyPack.model_validate(whole)


def found(pack: PolicyPack, place: str, value: object) -> list[tuple[str, str]]:
    return [(one.kind.value, ".".join(one.where)) for one in changes(pack, corrected(pack, place, value))]


WORDS = {"id": "Lain", "en": "Another"}
OPTIONAL = {"type": "text", "name": "place", "title": WORDS}
MEANING = {
    "a title": ("title", WORDS, ("words", "title")),
    "a help that was missing": ("forms/plan/help", WORDS, ("words", "forms.plan.help")),
    "the name of a label": ("scoring/labels/baik", WORDS, ("words", "scoring.labels.baik")),
    "the title of a planned result": ("forms/plan/fields/1/title", WORDS, ("words", "forms.plan.fields.results.title")),
    "whom a notice goes to": ("notices/0/to", ["employee", "supervisor"], ("words", "notices.0.to")),
    "a window": ("calendar/plan/due", {"month": 2, "day": 5}, ("time", "calendar.plan.due.month")),
    "the days of a step": ("steps/plan.reviewing/days", 9, ("time", "steps.plan.reviewing.days")),
    "another field": ("forms/plan/fields/0", OPTIONAL, ("forms", "forms.plan.fields.place")),
    "a figure of the table": ("scoring/matrix/above/above", "baik", ("scoring", "scoring.matrix.above.above")),
    "who learns of results": ("publication/results", "named", ("from_now_on", "publication.results")),
    "what silence means": ("steps/plan.reviewing/silence", "hold", ("not_possible", "steps.plan.reviewing.silence")),
    "a stage": ("stages/acting_plan", False, ("not_possible", "stages.acting_plan")),
    "the least service": ("min_service", {"months": 3}, ("not_possible", "min_service")),
    "how results are titled": (
        "forms/plan/fields/1/results_titled_by",
        "id",
        ("not_possible", "forms.plan.fields.results.results_titled_by"),
    ),
}


@pytest.mark.parametrize("place", MEANING)
def test_each_change_says_what_it_means_for_people_in_the_middle_of_their_year(place: str) -> None:
    where, value, meaning = MEANING[place]
    assert meaning in found(DEFAULT, where, value)


def test_what_no_running_cycle_follows_says_why() -> None:
    (one,) = changes(DEFAULT, corrected(DEFAULT, "steps/plan.reviewing/silence", "hold"))
    assert one.why is not None
    assert "silence" in one.why.en


def test_another_method_is_told_once_and_not_by_each_of_its_tables() -> None:
    told = [one.where for one in changes(DEFAULT, COUNTS) if one.where[0] == "scoring"]
    assert told == [("scoring", "method")]


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_pack_does_not_differ_from_itself_however_it_was_stored(pack_id: str) -> None:
    pack = load(pack_id)
    assert changes(pack, PolicyPack.model_validate_json(pack.model_dump_json())) == ()


def test_every_table_of_a_pack_has_a_rule() -> None:
    assert {place[0] for place, _, _ in RULES} == set(PolicyPack.model_fields)


def test_criteria_change_the_forms_that_draw_from_them_and_their_sentences_change_none() -> None:
    behaviour = "criteria/behaviour/0"
    gone = changes(DEFAULT, corrected(DEFAULT, behaviour, None))
    assert Form.RATING in forms_changed(gone, DEFAULT)
    assert Form.MIDYEAR not in forms_changed(gone, DEFAULT)
    renamed = changes(DEFAULT, corrected(DEFAULT, f"{behaviour}/title", WORDS))
    assert [one.kind for one in renamed] == [ChangeKind.WORDS]
    assert forms_changed(renamed, DEFAULT) == frozenset()


def test_plans_that_were_agreed_on_are_counted_by_the_fields_they_have() -> None:
    """A pack that counts reads target and polarity from the plan: a plan without them could not be rated."""
    counts = load("denpasar-capaian")
    rows = counts.forms[Form.PLAN].results
    assert rows is not None
    at = [field.name for field in counts.forms[Form.PLAN].fields].index(rows.name)
    target = [field.name for field in rows.fields].index("target")
    (one,) = changes(counts, corrected(counts, f"forms/plan/fields/{at}/fields/{target}/minimum", 5))
    assert one.kind is ChangeKind.NOT_POSSIBLE


def test_whether_a_rating_may_come_to_something_else_is_told_from_the_scoring_alone() -> None:
    assert scores_otherwise(DEFAULT, corrected(DEFAULT, "scoring/matrix/above/above", "baik"))
    assert not scores_otherwise(DEFAULT, corrected(DEFAULT, "scoring/labels/baik", WORDS))


def test_the_same_differences_have_the_same_digest() -> None:
    once, twice = (changes(DEFAULT, corrected(DEFAULT, "title", WORDS)) for _ in range(2))
    assert digest(once) == digest(twice) != digest(changes(DEFAULT, corrected(DEFAULT, "source", "Perbup")))
