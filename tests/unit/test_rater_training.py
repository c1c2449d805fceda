"""Until when somebody is trained to rate, by what a pack counts, and what cannot be recorded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pytest
from pydantic import ValidationError

from models.misfits import misfits_of
from models.rater_training import RaterTraining, Training, courses, refusals, trained_until
from models.shelf import load

DAY = date(2027, 12, 20)
ASKED = RaterTraining(mode="gate", courses=("rating_system",), valid_years=3)


@pytest.mark.parametrize(
    ("taken", "until"),
    [
        ([], None),
        ([Training("rating_system", date(2027, 3, 1))], date(2030, 3, 1)),
        ([Training("rating_system", DAY)], date(2030, 12, 20)),
        ([Training("rating_system", date(2027, 12, 21))], None),
        ([Training("rating_system", date(2024, 12, 20))], DAY),
        ([Training("rating_system", date(2024, 12, 19))], None),
        ([Training("rating_system", date(2027, 3, 1), DAY)], DAY),
        ([Training("rating_system", date(2027, 3, 1), date(2027, 12, 19))], None),
        ([Training("rating_system", date(2027, 3, 1), date(2040, 1, 1))], date(2030, 3, 1)),
        ([Training("rating_system", date(2028, 2, 29))], None),
        ([Training("fair_rating", date(2027, 3, 1))], None),
        ([Training("rating_system", date(2020, 1, 1)), Training("rating_system", date(2026, 1, 1))], date(2029, 1, 1)),
    ],
)
def test_a_training_counts_from_its_day_for_as_long_as_the_pack_and_its_certificate_say(
    taken: list[Training], until: date | None
) -> None:
    assert trained_until(taken, ASKED, DAY) == until


def test_any_course_that_the_pack_names_counts() -> None:
    both = RaterTraining(mode="flag", courses=("rating_system", "fair_rating"))
    assert trained_until([Training("fair_rating", DAY)], both, DAY) is not None


def test_a_training_on_a_leap_day_counts_to_the_end_of_february() -> None:
    assert trained_until([Training("rating_system", date(2028, 2, 29))], ASKED, date(2028, 3, 1)) == date(2031, 2, 28)


@pytest.mark.parametrize(
    ("said", "path", "message"),
    [
        ({"mode": "gate"}, ("mode",), "names none that counts"),
        ({"mode": "flag", "courses": ["cooking"]}, ("courses",), "there is no training 'cooking'"),
        ({"mode": "maybe"}, ("mode",), "'off', 'flag' or 'gate'"),
        (
            {"mode": "flag", "courses": ["fair_rating"], "valid_years": 0},
            ("valid_years",),
            "greater than or equal to 1",
        ),
    ],
)
def test_a_pack_that_asks_for_what_nobody_can_have_is_refused_by_its_place(
    said: dict[str, object], path: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        RaterTraining.model_validate(said)
    [found] = misfits_of(refused.value)
    assert found.path == path
    assert message in found.message


def test_a_pack_that_asks_for_none_keeps_the_digest_that_it_had() -> None:
    pack = load("permenpanrb-6-2022")
    assert not pack.rater_training.asked
    frozen = pack.model_dump(mode="json")
    del frozen["rater_training"]
    assert type(pack).model_validate(frozen).digest == pack.digest
    frozen["rater_training"] = {"mode": "flag", "courses": ["rating_system"]}
    assert type(pack).model_validate(frozen).digest != pack.digest


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        ([Training("rating_system", DAY), Training("fair_rating", DAY)], []),
        ([Training("cooking", DAY)], [(0, "course", "unknown_course")]),
        ([Training("rating_system", date(2027, 12, 21))], [(0, "date", "in_the_future")]),
        ([Training("rating_system", DAY, date(2027, 1, 1))], [(0, "valid_until", "ends_before_it_begins")]),
        ([Training("rating_system", DAY)] * 2, [(1, "course", "same_twice")]),
    ],
)
def test_what_cannot_be_recorded_is_said_by_its_place(
    taken: Collection[Training], why: list[tuple[int, str, str]]
) -> None:
    assert refusals(taken, courses(), DAY) == why


def test_each_course_has_a_name_in_both_languages() -> None:
    assert all(name.id and name.en for name in courses().values())
