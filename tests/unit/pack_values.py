"""Values of a pack that counts, drawn at random: parts that are counted from targets or imported, weights, ratings of a known value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st

from models.vocabulary import Label
from tests.unit.pack_names import SAID, Json, names, rated_in

WHOLE = Decimal(100)


@st.composite
def hundred(draw: st.DrawFn, parts: Sequence[str]) -> Json:
    """What each part weighs; some may weigh nothing."""
    inner = len(parts) - 1
    cuts = sorted(draw(st.lists(st.decimals(0, 100, places=2), min_size=inner, max_size=inner)))
    return {part: str(high - low) for part, low, high in zip(parts, [0, *cuts], [*cuts, 100], strict=True)}


def add_achievement(draw: st.DrawFn, pack: Json) -> None:
    """A target, a direction and a significance in each planned result, and what was realised of it in report and rating."""
    target, polarity, significance, realised = (f"f_{name}"[:40] for name in draw(names(4, 4)))
    directions = {"more": draw(SAID), "less": draw(SAID)}
    whole, *others = draw(names(1, 3))
    kinds = {whole: draw(_kind(120)), **{name: draw(_kind(1)) for name in others}}
    (planned,) = (one for one in pack["forms"]["plan"]["fields"] if "results_titled_by" in one)
    planned["fields"] += [
        _asked(draw, target, "number", minimum=0.01, maximum=1000, example=20),
        _asked(draw, polarity, "choice", options=_options(directions)),
        _asked(draw, significance, "choice", options=_options({name: kind["title"] for name, kind in kinds.items()})),
    ]
    number = _asked(draw, realised, "number", minimum=0, maximum=100_000, example=22)
    for fields in (
        pack["forms"]["self_assessment"]["fields"],
        *rated_in(pack, "rating"),
        *rated_in(pack, "decision"),
    ):
        next(one for one in fields if one["name"] == "results")["fields"].append(dict(number))
    pack["scoring"]["parts"].append(
        {"id": "achieved", "by": "achievement", "title": draw(SAID), "polarities": directions, "significances": kinds}
        | {"target": target, "polarity": polarity, "significance": significance, "realised": realised}
    )
    pack["scoring"]["why"] |= {
        "result": _words("{number} {realised} {target} {polarity} {value} {significance} {share}"),
        "capped": _words("{number} {realised} {target} {polarity} {ratio} {cap} {significance} {share}"),
        "achievement": _words("{part} {value} {weight} {points}"),
    }


def add_measured(draw: st.DrawFn, pack: Json) -> None:
    """An indicator that is imported for each person."""
    (indicator,) = draw(names(1, 1))
    pack["scoring"]["parts"].append({"id": "measured", "by": "measured", "indicator": indicator, "title": draw(SAID)})
    pack["scoring"]["why"]["measured"] = _words("{part} {value} {weight} {points}")


def worth(draw: st.DrawFn, pack: Json, label: Label, value: Decimal) -> Json:
    """A worked example in which every part comes to this value, and so does the whole whatever they weigh."""
    result: Json = {"score": float(value)}
    made: Json = {"title": {"id": label.value, "en": label.value}, "label": label.value, "value": str(value)}
    for part in pack["scoring"]["parts"]:
        if part["by"] == "achievement":
            target, direction = draw(st.decimals("0.01", 1000, places=2)), draw(st.sampled_from(["more", "less"]))
            reached = value / WHOLE if direction == "more" else 2 - value / WHOLE
            result[part["realised"]] = float(reached * target)
            planned = {part["target"]: float(target), part["polarity"]: direction}
            made["plan"] = {"results": {"*": planned | {part["significance"]: next(iter(part["significances"]))}}}
        elif part["by"] == "measured":
            made["measured"] = {part["indicator"]: str(value)}
    return made | {"rating": {"results": {"*": result}, "behaviours": {"*": {"score": float(value)}}}}


@st.composite
def _kind(draw: st.DrawFn, cap: int) -> Json:
    """A significance whose results count up to this cap, or a higher one."""
    return {"title": draw(SAID), "share": str(draw(st.integers(1, 5))), "cap": str(draw(st.integers(cap, 200)))}


def _asked(draw: st.DrawFn, name: str, kind: str, **more: object) -> Json:
    return {"type": kind, "name": name, "title": draw(SAID), "required": True, **more}


def _options(titles: Json) -> list[Json]:
    return [{"value": value, "title": title} for value, title in titles.items()]


def _words(words: str) -> Json:
    return {"id": words, "en": words}
