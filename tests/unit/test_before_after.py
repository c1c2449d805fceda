"""What changed from one year to the next, and which trainings lie between."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from models.before_after import Change, Compared, Figure, changes, figures_of
from models.language import Bilingual
from models.outcome import CompetencyLine
from models.rater_training import Training
from models.shelf import load

SAID = Bilingual(id="Kecepatan", en="Speed")


def level(name: str, achieved: int, required: int = 3) -> CompetencyLine:
    gap = max(0, required - achieved)
    return CompetencyLine(id=name, title=SAID, achieved=achieved, required=required, gap=gap, why=SAID)


def year(number: int, *levels: CompetencyLine, policy: str = "kami", minutes: str | None = None) -> Compared:
    figures = () if minutes is None else (Figure("service.kecepatan.realised", SAID, Decimal(minutes)),)
    builds = {"manajemen_waktu": ("waktu",), "public_speaking": ("komunikasi",)}
    return Compared(number, policy, date(number, 12, 20), levels, figures, builds)


def test_a_competency_is_shown_with_its_gaps_and_the_trainings_that_build_it_in_between() -> None:
    taken = [
        Training("manajemen_waktu", date(2027, 12, 20)),
        Training("manajemen_waktu", date(2028, 3, 1)),
        Training("manajemen_waktu", date(2028, 12, 20)),
        Training("manajemen_waktu", date(2028, 12, 21)),
        Training("public_speaking", date(2028, 4, 1)),
        Training("rating_system", date(2028, 4, 1)),
    ]
    [found] = changes([year(2028, level("waktu", 3)), year(2027, level("waktu", 1))], taken)
    assert found == Change(
        2027, 2028, "competency", "waktu", SAID, Decimal(1), Decimal(3), (2, 0), (taken[1], taken[2])
    )


def test_a_figure_is_shown_in_both_years_whichever_way_it_went() -> None:
    [found] = changes([year(2027, minutes="12.5"), year(2028, minutes="9")], [])
    assert (found.of, found.before, found.after, found.gaps) == ("figure", Decimal("12.5"), Decimal(9), None)


def test_what_only_one_year_has_or_another_policy_measured_is_not_compared() -> None:
    assert list(changes([year(2027, level("waktu", 1)), year(2028, level("komunikasi", 3))], [])) == []
    assert list(changes([year(2027, minutes="9"), year(2028)], [])) == []
    assert list(changes([year(2027, minutes="9", policy="lama"), year(2028, minutes="8")], [])) == []
    assert list(changes([year(2027, minutes="9")], [])) == []


def test_each_year_is_held_against_the_one_before_on_record() -> None:
    found = list(changes([year(2030, minutes="3"), year(2027, minutes="9"), year(2028, minutes="5")], []))
    assert [(one.before_year, one.after_year, one.after) for one in found] == [
        (2027, 2028, Decimal(5)),
        (2028, 2030, Decimal(3)),
    ]


def test_figures_are_the_value_what_was_imported_and_each_number_about_a_criterion_but_no_level() -> None:
    pack = load("gayungan")
    rating = {
        "work": {
            "kualitas": {"score": 80, "reason": "Rapi."},
            "solusi": {"score": "?"},
            "tepat_waktu": {"score": True},
        },
        "competencies": {"komunikasi": {"level": 2}},
    }
    found = figures_of(pack, rating, {"attendance": "96.5", "total": "83"}, Decimal(83))
    assert {one.id: str(one.value) for one in found} == {
        "value": "83",
        "measured.kehadiran": "96.5",
        "work.kualitas.score": "80",
    }
    assert figures_of(pack, {}, {}, None) == []
