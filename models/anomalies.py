"""Whether a rating is better than the results bear out, by what was measured or said of them, and by nothing else.

Pure. Each method has data of its own, and a question names it. Where nothing is measured there is no question, and what a pack weighs
nothing for somebody's post says nothing about her.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from pydantic import Field

from models.appraisal import Frozen
from models.language import Bilingual
from models.numeric import reached, together
from models.numeric_spec import HUNDRED, AchievementPart, NumericScoring, ScorePart
from models.outcome import PRECISION, figure
from models.quadrant import QuadrantScoring
from models.questions import Asks, Figure, Question
from models.vocabulary import Label, Rating

LABELS = {label: place for place, label in enumerate(Label)}
RATINGS = {rating: place for place, rating in enumerate(Rating)}
"""Both with the best first."""
KNOWN = {rating.value: rating for rating in Rating}

SAID = {
    Asks.BEHAVIOUR_ABOVE_RESULTS: Bilingual(
        id="Perilaku kerja dinilai {behaviour}, sedangkan hasil kerja {result}. Apa yang mendukung penilaian perilaku itu?",
        en="The behaviour is rated {behaviour}, the results {result}. What bears the rating of the behaviour out?",
    ),
    Asks.RATING_ABOVE_UNIT: Bilingual(
        id="Hasil kerja dinilai {rated}, sedangkan capaian unit yang dipimpinnya {result}. Hasil apa yang belum tampak pada unit itu?",
        en="The results are rated {rated}, the achievement of the unit headed makes them {result}. Which results does the unit not show?",
    ),
    Asks.LABEL_ABOVE_RESULTS: Bilingual(
        id="Predikatnya {label}, sedangkan {parts} bernilai {value}, setara predikat {borne}. Apa yang mendukung selebihnya?",
        en="The label is {label}, while {parts} comes to {value}, which alone would be {borne}. What bears the rest out?",
    ),
    Asks.LABEL_ABOVE_REPORT: Bilingual(
        id="Predikatnya {label}, sedangkan menurut realisasi yang dilaporkan pegawai sendiri {borne}. Dari mana realisasi yang lebih "
        "baik itu?",
        en="The label is {label}, while by what the employee reported herself it would be {borne}. Where does the better figure come "
        "from?",
    ),
}
BEHAVIOUR = Bilingual(id="rating perilaku kerja", en="rating of the behaviour")
RESULTS = Bilingual(id="rating hasil kerja", en="rating of the results")
UNIT = Bilingual(id="hasil kerja menurut capaian unit", en="results by the unit's achievement")
LABEL = Bilingual(id="predikat", en="label")
BORNE = Bilingual(id="predikat menurut hasil", en="label by the results")
REALISED = Bilingual(id="realisasi hasil {number} menurut penilai", en="realised of result {number}, by the rater")
REPORTED = Bilingual(id="realisasi hasil {number} menurut pegawai", en="realised of result {number}, by the employee")


class ResultsSpec(Frozen):
    """When a pack lets it be asked why a rating is better than the results."""

    steps: int = Field(ge=1, le=4)
    """So many labels (or ratings, in a quadrant) better, or more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an outcome, as it is stored."""

    value: str
    weight: Decimal | None = None
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating with what is known beside it."""

    label: Label
    lines: Mapping[str, Line]
    """The outcome's, by what they are about."""
    rating: Mapping[str, object] = field(default_factory=dict)
    """The form as the rater sent it; of a quadrant the two ratings are enough."""
    planned: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The results of the plan in force, by their keys."""
    report: Mapping[str, object] = field(default_factory=dict)
    """What the employee reported herself; empty where there is no report."""


def questions(spec: ResultsSpec, scoring: QuadrantScoring | NumericScoring, rated: Rated) -> Iterator[Question]:
    """What one would ask about this rating; nothing where the results bear it out, or say nothing."""
    with localcontext() as exact:
        exact.prec = PRECISION
        match scoring:
            case QuadrantScoring():
                yield from _of_quadrant(spec, scoring, rated)
            case NumericScoring():
                yield from _by_results(spec, scoring, rated)
                yield from _by_report(spec, scoring, rated)


def _of_quadrant(spec: ResultsSpec, scoring: QuadrantScoring, rated: Rated) -> Iterator[Question]:
    """Behaviour against results; and the results of who heads a unit as rated, against the unit's achievement that took their place."""
    counted, behaviour = _rating(rated.lines, "result_rating"), _rating(rated.lines, "behaviour_rating")
    given = _known(rated.rating.get("result_rating"))
    names = scoring.ratings
    if counted and behaviour and _better(behaviour, counted) >= spec.steps:
        figures = [Figure("behaviour_rating", BEHAVIOUR, behaviour), Figure("result_rating", RESULTS, counted)]
        words = {"behaviour": names[behaviour], "result": names[counted]}
        yield Question(Asks.BEHAVIOUR_ABOVE_RESULTS, SAID[Asks.BEHAVIOUR_ABOVE_RESULTS].fill(**words), figures)
    if counted and given and _better(given, counted) >= spec.steps:
        figures = [Figure("result_rating", RESULTS, given), Figure("unit_achievement", UNIT, counted)]
        words = {"rated": names[given], "result": names[counted]}
        yield Question(Asks.RATING_ABOVE_UNIT, SAID[Asks.RATING_ABOVE_UNIT].fill(**words), figures)


def _by_results(spec: ResultsSpec, scoring: NumericScoring, rated: Rated) -> Iterator[Question]:
    """The label of the whole value against the one that the parts about results would have alone, weighed as in the value."""
    named = [part for part in scoring.parts if not isinstance(part, ScorePart) or part.results]
    lines = {part.id: rated.lines.get(part.id) for part in named}
    weighed = {name: line for name, line in lines.items() if line is not None and line.points is not None}
    weight = sum((line.weight or Decimal(0) for line in weighed.values()), Decimal(0))
    if not weight:
        return
    value = sum((line.points or Decimal(0) for line in weighed.values()), Decimal(0)) * HUNDRED / weight
    borne = _alone(scoring, value)
    if _below(rated.label, borne) < spec.steps:
        return
    hers = [part for part in named if (line := weighed.get(part.id)) is not None and line.weight]
    parts = Bilingual(id=", ".join(part.title.id for part in hers), en=", ".join(part.title.en for part in hers))
    words: dict[str, Bilingual | str] = {
        "label": scoring.labels[rated.label],
        "parts": parts,
        "value": figure(value),
        "borne": scoring.labels[borne],
    }
    figures = [
        Figure("label", LABEL, rated.label.value),
        Figure("label_by_results", BORNE, borne.value),
        *(Figure(part.id, part.title, weighed[part.id].value) for part in hers),
    ]
    yield Question(Asks.LABEL_ABOVE_RESULTS, SAID[Asks.LABEL_ABOVE_RESULTS].fill(**words), figures)


def _by_report(spec: ResultsSpec, scoring: NumericScoring, rated: Rated) -> Iterator[Question]:
    """The label against the one that the figures of the employee's own report would come to, all else as it was rated."""
    total = rated.lines.get("total")
    if total is None or total.points is None or not rated.report:
        return
    reported, figures = total.points, list[Figure]()
    for part in scoring.parts:
        line = rated.lines.get(part.id)
        if not isinstance(part, AchievementPart) or line is None or line.points is None or not line.weight:
            continue
        value = together(reached(part, rated.report, rated.planned))
        if value is None:
            return
        reported += value * line.weight / HUNDRED - line.points
        figures += _apart(part, rated)
    borne = _alone(scoring, reported)
    if not figures or _below(rated.label, borne) < spec.steps:
        return
    words = {"label": scoring.labels[rated.label], "borne": scoring.labels[borne]}
    told = [Figure("label", LABEL, rated.label.value), Figure("label_by_report", BORNE, borne.value), *figures]
    yield Question(Asks.LABEL_ABOVE_REPORT, SAID[Asks.LABEL_ABOVE_REPORT].fill(**words), told)


def _apart(part: AchievementPart, rated: Rated) -> Iterator[Figure]:
    """What rater and employee say was realised, of each result where they differ."""
    for number, key in enumerate(rated.planned, start=1):
        said = [_realised(part, form, key) for form in (rated.rating, rated.report)]
        if said[0] != said[1]:
            for what, title, value in zip(("realised", "reported"), (REALISED, REPORTED), said, strict=True):
                yield Figure(f"{what}.{key}", title.fill(number=str(number)), value)


def _realised(part: AchievementPart, form: Mapping[str, object], key: str) -> str:
    entries = form.get(part.results)
    entry = entries.get(key) if isinstance(entries, Mapping) else None
    return str(entry.get(part.realised, "")) if isinstance(entry, Mapping) else ""


def _alone(scoring: NumericScoring, value: Decimal) -> Label:
    """The best label of a value: a condition that a band has is taken as met, so that nothing is asked for want of it."""
    return next((band.label for band in scoring.bands if value >= band.lowest), scoring.bands[-1].label)


def _below(label: Label, borne: Label) -> int:
    """By how many labels it is the better one."""
    return LABELS[borne] - LABELS[label]


def _better(one: Rating, other: Rating) -> int:
    return RATINGS[other] - RATINGS[one]


def _rating(lines: Mapping[str, Line], what: str) -> Rating | None:
    return _known(lines[what].value) if what in lines else None


def _known(value: object) -> Rating | None:
    return KNOWN.get(str(value))
