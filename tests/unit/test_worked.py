"""What a worked example changes in a form, and what of it another form has a field for."""

from __future__ import annotations

from models.worked import fitted, overlaid

FORM = {
    "rating": "below",
    "results": {"r1": {"score": 1, "note": "x"}, "r2": {"score": 2}},
    "rows": [{"n": 1}, {"n": 2}],
}


def test_what_is_changed_is_changed_and_the_rest_stays() -> None:
    assert overlaid(FORM, {"rating": "above"}) == FORM | {"rating": "above"}
    assert overlaid(FORM, {}) == FORM


def test_a_star_is_every_entry_of_a_group_and_every_row_of_a_list() -> None:
    changed = overlaid(FORM, {"results": {"*": {"score": 9}}, "rows": {"*": {"n": 0}}})
    assert changed["results"] == {"r1": {"score": 9, "note": "x"}, "r2": {"score": 9}}
    assert changed["rows"] == [{"n": 0}, {"n": 0}]


def test_one_entry_may_differ_from_every_other() -> None:
    changed = overlaid(FORM, {"results": {"*": {"score": 9}, "r2": {"score": 3}}})
    assert changed["results"] == {"r1": {"score": 9, "note": "x"}, "r2": {"score": 3}}


def test_a_change_of_what_the_form_does_not_have_stands_there_to_be_refused() -> None:
    assert overlaid(FORM, {"typo": 1})["typo"] == 1


def test_another_form_takes_what_it_has_a_field_for() -> None:
    schema = {"properties": {"rating": {}, "results": {"properties": {"r1": {"properties": {"score": {}}}}}}}
    assert fitted(schema, FORM) == {"rating": "below", "results": {"r1": {"score": 1}}}
