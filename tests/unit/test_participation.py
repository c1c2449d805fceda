"""What a comment may be about, and until which day it may be made."""

from __future__ import annotations

from datetime import date

import pytest

from models.criteria import criteria_of
from models.numeric_spec import NumericScoring
from models.participation import Participation, Span
from models.shelf import load, pack_ids
from models.vocabulary import Form


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_criterion_part_and_field_of_a_pack_can_be_spoken_of_by_its_place(pack_id: str) -> None:
    pack = load(pack_id)
    found = criteria_of(pack)
    for name, criteria in pack.criteria.items():
        assert {f"criteria.{name}.{one.id}": one.title for one in criteria}.items() <= found.items()
    if isinstance(pack.scoring, NumericScoring):
        assert {f"scoring.parts.{part.id}" for part in pack.scoring.parts} <= found.keys()
    assert {f"forms.rating.{field.name}" for field in pack.forms[Form.RATING].fields} <= found.keys()
    assert all(len(key) <= 128 for key in found)


@pytest.mark.parametrize(("days", "last"), [(1, date(2026, 12, 2)), (7, date(2026, 12, 8)), (31, date(2027, 1, 1))])
def test_a_consultation_lasts_so_many_whole_days_beside_the_one_it_began_on(days: int, last: date) -> None:
    span = Span.of(date(2026, 12, 1), days)
    assert span == Span(date(2026, 12, 1), last)
    assert not span.over(last)
    assert span.over(date.fromordinal(last.toordinal() + 1))


def test_a_pack_that_says_nothing_asks_for_nothing() -> None:
    assert (Participation().consultation, Participation().acknowledgement) == (False, False)
