"""What a pack names, drawn at random and laid over it: criteria, competencies, fields, parts of a value, posts, sentences, notices."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from models.follow_ups import FollowUp
from models.rater_training import courses
from models.vocabulary import EmployeeKind, JobLevel, Label, Rating, Stage

Json = dict[str, Any]
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
WORDS = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="{}"), min_size=1, max_size=60
).filter(lambda words: words == words.strip())
SAID = st.fixed_dictionaries({"id": WORDS, "en": WORDS})
LABELS = [label.value for label in Label]
SOME_LABELS = st.lists(st.sampled_from(LABELS), min_size=1, unique=True)
LEVELS = [level.value for level in JobLevel]
POSTS = st.fixed_dictionaries(
    {},
    optional={
        "levels": st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3, unique=True),
        "kinds": st.lists(st.sampled_from([kind.value for kind in EmployeeKind]), min_size=1, max_size=2, unique=True),
        "families": st.lists(st.just("pelayanan_publik"), min_size=1, max_size=1),
    },
)
"""Of whom something is said; of everybody where nothing is drawn."""
SOME = ["text", "long_text", "number", "integer", "date", "boolean", "choice", "choices"]
ROWS = ["group", "rows", "each"]


def names(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=least, max_size=most, unique=True)


@st.composite
def named(draw: st.DrawFn, packs: st.SearchStrategy[Json]) -> Json:
    """The same pack under names of its own, and with tables that it did not have."""
    pack = draw(packs)
    if draw(st.booleans()):
        pack["criteria"]["behaviour"] = draw(criteria())
    if draw(st.booleans()):
        _renamed_parts(draw, pack) if pack["scoring"]["method"] == "numeric" else _other_matrix(draw, pack)
    if draw(st.booleans()):
        _competency(draw, pack)
    if draw(st.booleans()):
        _more_fields(draw, pack)
    _what_follows(draw, pack)
    _notices(draw, pack)
    pack["title"], pack["source"] = draw(SAID), draw(WORDS)
    pack["stage_names"] |= {stage.value: draw(SAID) for stage in draw(st.sets(st.sampled_from(Stage), max_size=3))}
    pack["scoring"]["labels"] = {label: draw(SAID) for label in LABELS}
    return pack


@st.composite
def criteria(draw: st.DrawFn) -> list[Json]:
    """The first is everybody's, so that nobody is judged by nothing."""
    made = [
        {"id": name, "title": draw(SAID), "guide": draw(st.lists(SAID, max_size=2)), "when": draw(POSTS)}
        for name in draw(names(1, 9))
    ]
    made[0]["when"] = {}
    return made


def _renamed_parts(draw: st.DrawFn, pack: Json) -> None:
    parts = pack["scoring"]["parts"]
    called = dict(zip([part["id"] for part in parts], draw(names(len(parts), len(parts))), strict=True))
    for part in parts:
        part |= {"id": called[part["id"]], "title": draw(SAID)}
    for row in pack["scoring"]["weights"]:
        row["of"] = {called[part]: weight for part, weight in row["of"].items()}


def _other_matrix(draw: st.DrawFn, pack: Json) -> None:
    """Any of the five labels in each of the nine cells; the worked examples come to what is said there."""
    matrix = {one.value: {other.value: draw(st.sampled_from(LABELS)) for other in Rating} for one in Rating}
    pack["scoring"] |= {"matrix": matrix, "ratings": {one.value: draw(SAID) for one in Rating}}
    for example in pack["examples"]:
        example["label"] = matrix[example["rating"]["result_rating"]][example["rating"]["behaviour_rating"]]


def _competency(draw: st.DrawFn, pack: Json) -> None:
    """A second result beside the label, with a catalogue; who decides on an objection gives its levels anew."""
    of, field = draw(names(2, 2))
    of, field = f"of_{of}"[:40], f"in_{field}"[:40]
    highest = draw(st.integers(2, 9))
    pack["criteria"][of] = draw(criteria())
    ids = [one["id"] for one in pack["criteria"][of]]
    needs = st.fixed_dictionaries(
        {"level": st.integers(1, highest)},
        optional={"of": st.dictionaries(st.sampled_from(ids), st.integers(1, highest))},
    )
    rows = [draw(needs) | {"when": draw(POSTS)} for _ in range(draw(st.integers(0, 3)))]
    bounds = sorted(draw(st.sets(st.integers(1, 150), max_size=4)), reverse=True)
    levels = {"type": "integer", "name": "level", "required": True, "minimum": 1, "maximum": highest, "example": 1}
    said = {"type": "each", "name": field, "of": f"criteria:{of}", "required": True, "title": draw(SAID)}
    asked = said | {"fields": [levels | {"title": draw(SAID)}]}
    for form in ("rating", "decision"):
        for fields in rated_in(pack, form):
            fields.append(copy.deepcopy(asked))
    pack["competency"] = {
        "criteria": of,
        "field": field,
        "highest": highest,
        "required": [*rows, draw(needs)],
        "verdicts": [
            {"lowest": str(bound), "name": name, "title": draw(SAID)}
            for bound, name in zip([*bounds, 0], draw(names(len(bounds) + 1, len(bounds) + 1)), strict=True)
        ],
        "training": [
            {"id": name, "title": draw(SAID), "hours": draw(st.integers(1, 40)), "builds": draw(_some(ids))}
            for name in draw(names(0, 5))
        ],
        "hours_a_year": draw(st.integers(0, 60)),
        "why": {
            "met": _with("{competency} {achieved} {required}"),
            "gap": _with("{competency} {achieved} {required} {gap}"),
            "match": _with("{percent} {verdict}"),
            "training": _with("{competency} {gap} {hours}"),
        },
    }


def rated_in(pack: Json, form: str) -> list[list[Json]]:
    """Where a form gives a rating: the rating itself, or the group of the decision."""
    fields = pack["forms"][form]["fields"]
    return [fields] if form == "rating" else [one["fields"] for one in fields if one["name"] == "rating"]


def _with(words: str) -> Json:
    return {"id": words, "en": words}


def _some(ids: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True)


def _more_fields(draw: st.DrawFn, pack: Json) -> None:
    """Fields of every type at the end of any form; where one of its choices is made, a text of everybody's may have to say why."""
    for form in pack["forms"].values():
        taken = {one["name"] for one in form["fields"]}
        fresh = [name for name in draw(names(0, 4)) if name not in taken]
        more = [draw(field(name, list(pack["criteria"]))) for name in fresh]
        form["fields"] += more
        texts = [one["name"] for one in more if one["type"] == "text" and not one["when"]]
        for one in more:
            if one["type"] == "choice" and "options" in one and texts:
                rule = {"field": one["name"], "values": [one["options"][0]["value"]], "require": texts[:1]}
                form.setdefault("rules", []).append(rule)


@st.composite
def field(draw: st.DrawFn, name: str, lists: Sequence[str], types: Sequence[str] = (*SOME, *ROWS)) -> Json:
    """One field of a form; what stands in a group or in rows is plain."""
    kind = draw(st.sampled_from(types))
    made: Json = {"type": kind, "name": name, "title": draw(SAID), "required": draw(st.booleans()), "when": draw(POSTS)}
    if draw(st.booleans()):
        made["help"] = draw(SAID)
    if kind in ("text", "long_text"):
        made["example"] = draw(WORDS)
        made["max_length"] = draw(st.integers(len(made["example"]), 5000))
        made["min_length"] = draw(st.integers(1, len(made["example"]))) if made["required"] else 1
    elif kind in ("number", "integer"):
        low, middle, high = sorted(draw(st.lists(st.integers(-1000, 1000), min_size=3, max_size=3)))
        made |= {"minimum": low, "maximum": high, "example": middle}
    elif kind in ("choice", "choices"):
        source = draw(st.sampled_from([None, "results", *(f"criteria:{one}" for one in lists)]))
        if source is None:
            made["options"] = [{"value": value, "title": draw(SAID)} for value in draw(names(1, 4))]
        else:
            made |= {"options_from": source, "required": made["required"] and source != "results"}
    elif kind in ROWS:
        made["fields"] = [draw(field(one, lists, SOME)) for one in draw(names(1, 3))]
        if kind == "rows":
            least = draw(st.integers(0, 3))
            made |= {"min_rows": least, "max_rows": draw(st.integers(max(1, least), 9)), "required": least > 0}
        if kind == "each":
            made["of"] = f"criteria:{draw(st.sampled_from(lists))}"
    return made


def _what_follows(draw: st.DrawFn, pack: Json) -> None:
    """What is asked and made known beside the year, and what a result leads to."""
    chosen = draw(
        st.sets(st.sampled_from(["on_request", "min_service", "follow_ups", "nine_box", "programme", "others"]))
    )
    if "on_request" in chosen:
        least, most = sorted(draw(st.tuples(st.integers(1, 11), st.integers(1, 11))))
        pack["on_request"] = {"months_min": least, "months_max": most, "self_assessment": draw(st.booleans())}
        pack["on_request"] |= {"board": draw(st.booleans()), "appeal": draw(st.booleans())}
    if "min_service" in chosen:
        pack["min_service"] = {"months": draw(st.integers(1, 11)), "elsewhere": draw(st.booleans())}
    if "programme" in chosen:
        pack["programme"] = {"source": draw(WORDS), "months": draw(st.integers(2, 24)), "checkpoints": [1]}
    if "follow_ups" in chosen:
        kinds = [one for one in FollowUp if "programme" in pack or one is not FollowUp.DEVELOPMENT_PROGRAMME]
        why = _with("{label}")
        pack["follow_ups"] = [
            {
                "kind": kind.value,
                "title": draw(SAID),
                "source": draw(WORDS),
                "labels": draw(SOME_LABELS),
                "when": draw(POSTS),
            }
            | {"years": draw(st.integers(1, 10)), "why": why}
            for kind in draw(st.lists(st.sampled_from(kinds), unique=True, max_size=4))
        ]
    if "nine_box" in chosen:
        high, *middle = draw(st.permutations(LABELS))
        axis = {"by": "label", "high": [high], "middle": middle[:2]}
        years = {"by": "years", "labels": draw(SOME_LABELS), "high": "3", "middle": "2"}
        pack["nine_box"] = {"potential_title": draw(SAID), "performance": axis, "potential": years}
    if "others" in chosen:
        pack["feedback"] = {"peers": draw(st.booleans()), "team_leaders": draw(st.booleans())}
        pack["public_input"] = {"open": draw(st.booleans()), "programmes": draw(st.booleans())}
        pack["publication"] = {"results": draw(st.sampled_from(["own", "aggregate", "named"])), "group_min": 3}
        counts = draw(_some(sorted(courses())))
        pack["rater_training"] = {"mode": draw(st.sampled_from(["off", "flag"])), "courses": counts}


def _notices(draw: st.DrawFn, pack: Json) -> None:
    """Some of its notices, under other keys; their sentences stay, because they may say a few words only."""
    kept = [one for one in pack["notices"] if draw(st.booleans())]
    keys = sorted({one["text"] for one in kept})
    called = dict(zip(keys, draw(names(len(keys), len(keys))), strict=True))
    pack["notices"] = [one | {"text": called[one["text"]]} for one in kept]
    pack["texts"] = {called[key]: pack["texts"][key] for key in keys}
