"""Whether a decision about an objection makes another rating, by whatever the rating of a pack is made of."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from models import shelf
from models.decided import leaves_the_rating
from models.form_spec import GroupField
from models.forms import FormContext, ResultRef, example
from models.policy import PolicyPack
from models.vocabulary import Form, JobLevel

WHO = FormContext(level=JobLevel.AHLI_MUDA, family="pelayanan_publik", results=(ResultRef("r1", "Layanan perizinan"),))
PACKS = ("permenpanrb-6-2022", "bantul-kompetensi", "denpasar-capaian", "kepahiang-bobot", "pp-30-2019")
Data = dict[str, Any]


def appealed(policy: str) -> tuple[PolicyPack, Data, Data]:
    """A pack, its example of a rating, and a decision that changes it to the same."""
    pack = shelf.load(policy)
    rating = example(pack, Form.RATING, WHO)
    (new,) = [field for field in pack.forms[Form.DECISION].fields if isinstance(field, GroupField)]
    same = {field.name: rating[field.name] for field in new.fields if field.name in rating}
    return pack, rating, {"decision": "changed", "reason": "Sudah didengar.", "rating": copy.deepcopy(same)}


@pytest.mark.parametrize("policy", PACKS)
def test_a_change_to_the_same_rating_is_none_however_it_is_worded(policy: str) -> None:
    pack, rating, decision = appealed(policy)
    assert leaves_the_rating(pack, decision, rating)
    for name, value in decision["rating"].items():
        if isinstance(value, str) and name not in ("result_rating", "behaviour_rating"):
            decision["rating"][name] = "Dengan kata lain."
    assert leaves_the_rating(pack, decision, rating)
    assert not leaves_the_rating(pack, decision | {"decision": "stands"}, rating)


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        ("permenpanrb-6-2022", lambda new: new.update(result_rating="above")),
        ("bantul-kompetensi", lambda new: new["competencies"]["integritas"].update(level=5)),
        ("bantul-kompetensi", lambda new: next(iter(new["service"].values())).update(standard="better")),
        ("denpasar-capaian", lambda new: new["results"]["r1"].update(realised=1)),
        ("kepahiang-bobot", lambda new: new["behaviours"]["disiplin"].update(score=12.5)),
        ("pp-30-2019", lambda new: new["results"]["r1"].update(score=77)),
        ("pp-30-2019", lambda new: new.update(idea=not new.get("idea"))),
    ],
)
def test_one_choice_or_figure_makes_another_rating(policy: str, change: Callable[[Data], None]) -> None:
    pack, rating, decision = appealed(policy)
    change(decision["rating"])
    assert not leaves_the_rating(pack, decision, rating)


def test_a_tick_that_is_not_there_is_no_tick() -> None:
    pack, rating, decision = appealed("pp-30-2019")
    rating["idea"] = False
    del decision["rating"]["idea"]
    assert leaves_the_rating(pack, decision, rating)
