"""A value out of weighted parts, and the label of the band it lies in.

One method for every region that counts: what its parts are, how each is measured, what it weighs for which post and where the bands
lie is the pack's. A missing part is missing and never zero; a part that weighs nothing is shown and may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

from models.language import Bilingual
from models.numeric_spec import (
    HUNDRED,
    AchievementPart,
    Band,
    MeasuredPart,
    NumericScoring,
    Part,
    ScorePart,
    Significance,
)
from models.outcome import (
    PRECISION,
    MissingPart,
    Outcome,
    OutcomeLine,
    ScoringContext,
    credit_line,
    credit_points,
    figure,
)

EVERY = "*"


def numeric(spec: NumericScoring, rating: Mapping[str, object], context: ScoringContext) -> Outcome:
    """The value of all parts and the label of its band. Raises `MissingPart` with every part that is missing."""
    with localcontext() as exact:
        exact.prec = PRECISION
        weights = spec.weights_of(context)
        lines: list[OutcomeLine] = []
        missing: list[str] = []
        total = Decimal(0)
        for part in spec.parts:
            value, steps = _measure(spec, part, rating, context)
            weight = weights[part.id]
            lines += steps
            if value is not None:
                points = value * weight / HUNDRED
                total += points
                lines.append(_part_line(spec, part, value, weight, points))
            elif weight:
                missing.append(part.id)
            else:
                lines.append(_unknown_line(spec, part))
        if missing:
            raise MissingPart(tuple(missing))
    band, withheld = _band(spec, rating, total)
    said = _beside_the_edges(spec, total)
    lines.append(OutcomeLine(what="total", value=said.en, points=total, why=spec.why["total"].fill(value=said)))
    lines += [_withheld_line(spec, better, said) for better in withheld]
    words = {"value": said, "lowest": figure(band.lowest), "label": spec.labels[band.label]}
    lines.append(OutcomeLine(what="label", value=band.label.value, why=spec.why["label"].fill(**words)))
    credit = credit_points(spec.credit, band.label, context)
    if credit is not None:
        lines.append(credit_line(credit, band.label, spec.why["credit"], spec.labels[band.label]))
    return Outcome(label=band.label, method=spec.method, lines=tuple(lines), credit=credit)


def _measure(
    spec: NumericScoring, part: Part, rating: Mapping[str, object], context: ScoringContext
) -> tuple[Decimal | None, list[OutcomeLine]]:
    """What the part comes to, with the steps on the way; None where it is missing."""
    match part:
        case ScorePart():
            found = list(_figures(rating, part.field.split(".")))
            known = [value for value in found if value is not None and 0 <= value <= spec.maximum]
            if not found or len(known) < len(found):
                return None, []
            return sum(known, Decimal(0)) / len(known), []
        case AchievementPart():
            return _achieved(spec, part, rating, context.planned)
        case MeasuredPart():
            value = context.measured.get(part.indicator)
            return (value if value is not None and 0 <= value <= spec.maximum else None), []


@dataclass(frozen=True, slots=True)
class Reached:
    """What was realised of one planned result: `ratio` is its percentage of the target, `value` that up to the cap of its kind."""

    key: str
    realised: Decimal
    target: Decimal
    less: bool
    kind: Significance
    ratio: Decimal
    value: Decimal


def reached(
    part: AchievementPart, form: Mapping[str, object], planned: Mapping[str, Mapping[str, object]]
) -> list[Reached] | None:
    """What this form says was realised of each planned result; None where of any of them a figure is missing."""
    written = form.get(part.results)
    entries = written if isinstance(written, Mapping) else {}
    found: list[Reached] = []
    for key, plan in planned.items():
        entry = entries.get(key)
        realised = _figure(entry.get(part.realised)) if isinstance(entry, Mapping) else None
        target, polarity = _figure(plan.get(part.target)), plan.get(part.polarity)
        kind = part.significances.get(str(plan.get(part.significance)))
        if realised is None or target is None or kind is None or polarity not in ("more", "less"):
            return None
        ratio = achieved(realised, target, less=polarity == "less")
        if ratio is None:
            return None
        found.append(Reached(key, realised, target, polarity == "less", kind, ratio, min(ratio, kind.cap)))
    return found


def together(results: Sequence[Reached] | None) -> Decimal | None:
    """What results come to, each by its share; None where there is none, or one is missing."""
    if not results:
        return None
    shares = sum((one.kind.share for one in results), Decimal(0))
    return sum((one.value * one.kind.share for one in results), Decimal(0)) / shares


def _achieved(
    spec: NumericScoring,
    part: AchievementPart,
    rating: Mapping[str, object],
    planned: Mapping[str, Mapping[str, object]],
) -> tuple[Decimal | None, list[OutcomeLine]]:
    results = reached(part, rating, planned)
    lines = [_result_line(spec, part, number, one) for number, one in enumerate(results or (), start=1)]
    return together(results), lines


def _result_line(spec: NumericScoring, part: AchievementPart, number: int, one: Reached) -> OutcomeLine:
    words: dict[str, Bilingual | str] = {
        "number": str(number),
        "realised": figure(one.realised),
        "target": figure(one.target),
        "polarity": part.polarities["less" if one.less else "more"],
        "value": figure(one.value),
        "significance": one.kind.title,
        "share": figure(one.kind.share),
    }
    said = spec.why["result"]
    if one.ratio > one.value and "capped" in spec.why:
        said, words = spec.why["capped"], words | {"ratio": figure(one.ratio), "cap": figure(one.kind.cap)}
    return OutcomeLine(what=f"{part.id}.{one.key}", value=_plain(one.value), why=said.fill(**words))


def achieved(realised: Decimal, target: Decimal, *, less: bool) -> Decimal | None:
    """Percent of a target that was reached, at least 0; None where more is better and the target is nothing.

    Where less is better a target of nothing (no accident) is reached or missed whole.
    """
    if target <= 0:
        return (HUNDRED if realised <= target else Decimal(0)) if less else None
    ratio = realised / target
    return max(Decimal(0), (2 - ratio if less else ratio) * HUNDRED)


def _figures(data: object, steps: Sequence[str]) -> Iterator[Decimal | None]:
    """The figure at the end of a path, or one for each entry; None where there is none."""
    if not steps:
        yield _figure(data)
        return
    if not isinstance(data, Mapping):
        yield None
        return
    inner = data.values() if steps[0] == EVERY else [data.get(steps[0])]
    for value in inner:
        yield from _figures(value, steps[1:])


def _figure(value: object) -> Decimal | None:
    """A number of a form, as it was written: a float by its shortest spelling. A tick is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _band(spec: NumericScoring, rating: Mapping[str, object], value: Decimal) -> tuple[Band, list[Band]]:
    """The band of a value, and those it would have reached had their condition been met."""
    withheld: list[Band] = []
    for band in spec.bands:
        if value < band.lowest:
            continue
        if band.needs is None or rating.get(band.needs.field) is True:
            return band, withheld
        withheld.append(band)
    raise AssertionError("the last band takes every value")


def _part_line(spec: NumericScoring, part: Part, value: Decimal, weight: Decimal, points: Decimal) -> OutcomeLine:
    words: dict[str, Bilingual | str] = {
        "part": part.title,
        "value": figure(value),
        "weight": figure(weight),
        "points": figure(points),
    }
    return OutcomeLine(
        what=part.id, value=_plain(value), weight=weight, points=points, why=spec.why[part.by].fill(**words)
    )


def _unknown_line(spec: NumericScoring, part: Part) -> OutcomeLine:
    return OutcomeLine(what=part.id, value="", weight=Decimal(0), why=spec.why["unmeasured"].fill(part=part.title))


def _withheld_line(spec: NumericScoring, band: Band, value: Bilingual) -> OutcomeLine:
    assert band.needs is not None
    words = {"value": value, "label": spec.labels[band.label], "condition": band.needs.title}
    return OutcomeLine(what="withheld", value=band.label.value, why=spec.why["withheld"].fill(**words))


def _beside_the_edges(spec: NumericScoring, value: Decimal) -> Bilingual:
    """A value with as many decimals as tell on which side of each band's edge it is."""
    for digits in range(3, PRECISION):
        said = figure(value, digits)
        if all((Decimal(said.en) >= band.lowest) is (value >= band.lowest) for band in spec.bands):
            return said
    return figure(value, PRECISION)


def _plain(value: Decimal) -> str:
    return figure(value).en
