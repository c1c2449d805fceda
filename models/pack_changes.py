"""What a corrected pack changes, and what each change means for a cycle that runs by the one before. Pure.

Two packs are compared as they are frozen, value by value. `RULES` says what a change at each place means; a place that nobody thought
of is one that no running cycle follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from models.language import Bilingual
from models.misfits import Path
from models.numeric_spec import AchievementPart
from models.policy import PolicyPack
from models.trail import canonical, sha256
from models.vocabulary import Form


class ChangeKind(StrEnum):
    """What a change means for people in the middle of their year."""

    WORDS = "words"
    """Sentences, names, notices: they are said from now on."""
    FROM_NOW_ON = "from_now_on"
    """Asked whenever somebody acts or reads, so it holds the next time."""
    TIME = "time"
    FORMS = "forms"
    SCORING = "scoring"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two packs differ: `where` by the names of what is there, `path` by its places in a file."""

    where: tuple[str, ...]
    path: Path
    kind: ChangeKind
    before: object
    after: object
    why: Bilingual | None = None
    """Why no running cycle follows it."""


def _said(id: str, en: str) -> Bilingual:
    return Bilingual(id=id, en=en)


OTHERWISE = _said(
    "Siklus yang sudah berjalan tidak dapat mengikuti perubahan ini.", "A cycle that runs cannot follow this change."
)
STAGES = _said(
    "Tahap dan periode adalah urutan tahun yang sedang dijalani setiap pegawai.",
    "Stages and periods are the order of the year that everybody is in.",
)
WINDOWS = _said(
    "Jadwal dapat digeser, tetapi tidak dapat ditambah atau dihapus.", "A window is moved, not added or removed."
)
STEPS = _said(
    "Setiap tahun yang berjalan membawa langkahnya sendiri dan arti diam di dalamnya.",
    "Each running year carries its own steps, and what silence means in them.",
)
METHOD = _said(
    "Cara lain memerlukan nilai yang tidak ditanyakan pada formulir yang sudah dikirim.",
    "Another method needs ratings that the forms handed in were not asked for.",
)
AGREED = _said(
    "SKP yang sudah ditetapkan menyebut hasilnya dengan cara ini, dan dihitung dengannya.",
    "Plans that were agreed on say their results in this way, and are counted by it.",
)
LABELS = _said(
    "Predikat organisasi berlaku atau tidak berlaku sejak awal tahun.",
    "Organisation labels are known from the beginning of a year, or not at all.",
)
SERVICE = _said(
    "Siapa yang dinilai tidak diubah di tengah tahun.", "Who is rated at all is not changed in the middle of a year."
)
PROGRAMMES = _said(
    "Program perbaikan ada atau tidak ada sejak awal tahun.",
    "Programmes to improve are known from the beginning of a year, or not at all.",
)
ON_REQUEST = _said(
    "Evaluasi atas permintaan ada atau tidak ada sejak awal siklus; yang sudah diminta berjalan menurut aturannya.",
    "Evaluations on request are known from the beginning of a cycle, or not at all; those asked for go by their rules.",
)

ANY = "*"
Rule = tuple[tuple[str, ...], ChangeKind, Bilingual | None]
RULES: tuple[Rule, ...] = (
    *((((name,), ChangeKind.WORDS, None)) for name in ("id", "version", "title", "source", "stage_names")),
    *((((name,), ChangeKind.WORDS, None)) for name in ("notices", "texts", "examples")),
    (("stages",), ChangeKind.NOT_POSSIBLE, STAGES),
    (("calendar", ANY, ANY), ChangeKind.TIME, None),
    (("calendar",), ChangeKind.NOT_POSSIBLE, WINDOWS),
    (("ladders",), ChangeKind.TIME, None),
    (("steps", ANY, "silence"), ChangeKind.NOT_POSSIBLE, STEPS),
    (("steps", ANY, ANY), ChangeKind.TIME, None),
    (("steps",), ChangeKind.NOT_POSSIBLE, STEPS),
    *((((name,), ChangeKind.TIME, None)) for name in ("rung_hour", "jitter")),
    *((((name,), ChangeKind.FORMS, None)) for name in ("forms", "criteria")),
    (("scoring", "method"), ChangeKind.NOT_POSSIBLE, METHOD),
    *((((name,), ChangeKind.SCORING, None)) for name in ("scoring", "competency")),
    *((((name, ANY), ChangeKind.FROM_NOW_ON, None)) for name in ("distribution", "programme", "on_request")),
    (("distribution",), ChangeKind.NOT_POSSIBLE, LABELS),
    (("programme",), ChangeKind.NOT_POSSIBLE, PROGRAMMES),
    (("on_request",), ChangeKind.NOT_POSSIBLE, ON_REQUEST),
    (("min_service",), ChangeKind.NOT_POSSIBLE, SERVICE),
    *((((name,), ChangeKind.FROM_NOW_ON, None)) for name in ("calendar_rules", "participation", "rater_training")),
    *((((name,), ChangeKind.FROM_NOW_ON, None)) for name in ("feedback", "public_input", "publication", "fairness")),
    *((((name,), ChangeKind.FROM_NOW_ON, None)) for name in ("follow_ups", "nine_box", "exchange")),
)
"""By the beginning of a place; the first that fits holds. Sentences are words wherever they stand."""


def changes(before: PolicyPack, after: PolicyPack) -> tuple[Change, ...]:
    """Every place where these packs differ, in the order of a pack."""
    found = list(_differences(before.model_dump(mode="json"), after.model_dump(mode="json"), (), ()))
    if before.scoring.method != after.scoring.method:  # then nothing of it has a counterpart, and one reason is enough
        found = [one for one in found if one.where[0] != "scoring" or one.where == ("scoring", "method")]
    agreed, rated = _agreed(before, after), _rated_by(before, after)
    return tuple(_judged(one, agreed, rated) for one in found)


def digest(found: Sequence[Change]) -> str:
    """The same for the same differences, for a trail that does not say all of them."""
    return sha256(canonical([[one.where, one.before, one.after] for one in found]))


def forms_changed(found: Sequence[Change], pack: PolicyPack) -> frozenset[Form]:
    """The forms that ask for something else, or for it in another way; of criteria all that draw from them."""
    named = {one.where[1] for one in found if one.kind is ChangeKind.FORMS and one.where[0] == "forms"}
    sources = {f"criteria:{one.where[1]}" for one in found if one.where[0] == "criteria" and not _words(one)}
    return frozenset(form for form, spec in pack.forms.items() if form.value in named or spec.sources & sources)


def scores_otherwise(before: PolicyPack, after: PolicyPack) -> bool:
    """Whether the same rating may come to something else."""
    return any(one.kind is ChangeKind.SCORING for one in changes(before, after))


@dataclass(frozen=True, slots=True)
class _Difference:
    where: tuple[str, ...]
    path: Path
    before: object
    after: object


def _words(one: _Difference | Change) -> bool:
    """Whether only sentences differ."""
    both = (one.before, one.after)
    return both != (None, None) and all(value is None or _is_said(value) for value in both)


def _is_said(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_said(one) for one in value)
    return isinstance(value, Mapping) and value.keys() == {"id", "en"}


def _differences(before: object, after: object, where: tuple[str, ...], path: Path) -> Iterator[_Difference]:
    if before == after:
        return
    whole = _Difference(where, path, before, after)
    if _words(whole):
        yield whole
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _differences(before.get(key), after.get(key), (*where, str(key)), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, whole)
    else:
        yield whole


def _in_lists(before: list[object], after: list[object], whole: _Difference) -> Iterator[_Difference]:
    """What has a name is held against what has it there; else entry against entry, where there are as many."""
    olds, news = _by_name(before), _by_name(after)
    if olds is None or news is None:
        if len(before) != len(after):
            yield whole
            return
        olds, news = ({str(at): at for at in range(len(before))} for _ in range(2))
    elif [name for name in olds if name in news] != [name for name in news if name in olds]:
        yield whole
        return
    for name in [*olds, *(name for name in news if name not in olds)]:
        old, new = olds.get(name), news.get(name)
        place = new if new is not None else old
        assert place is not None, "it is in one of them"
        yield from _differences(
            None if old is None else before[old],
            None if new is None else after[new],
            (*whole.where, name),
            (*whole.path, place),
        )


def _by_name(entries: list[object]) -> dict[str, int] | None:
    """The place of each entry by its name; None where entries have none, or two have the same."""
    for key in ("name", "id", "value"):
        names = [entry.get(key) if isinstance(entry, Mapping) else None for entry in entries]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {str(name): at for at, name in enumerate(names)}
    return None


def _judged(one: _Difference, agreed: Sequence[tuple[str, ...]], rated: frozenset[str]) -> Change:
    kind, why = _meaning(one, agreed, rated)
    return Change(one.where, one.path, kind, one.before, one.after, why)


def _meaning(
    one: _Difference, agreed: Sequence[tuple[str, ...]], rated: frozenset[str]
) -> tuple[ChangeKind, Bilingual | None]:
    where = one.where
    if _words(one):
        return ChangeKind.WORDS, None
    if where[0] == "forms" and where[-1] == "example":
        return ChangeKind.WORDS, None
    if any(where[: len(place)] == place for place in agreed):
        return ChangeKind.NOT_POSSIBLE, AGREED
    if where[0] == "criteria" and where[1] in rated:
        return ChangeKind.SCORING, None
    for place, kind, why in RULES:
        if len(place) <= len(where) and all(name in (ANY, here) for name, here in zip(place, where, strict=False)):
            return kind, why
    return ChangeKind.NOT_POSSIBLE, OTHERWISE


def _agreed(before: PolicyPack, after: PolicyPack) -> list[tuple[str, ...]]:
    """The places by which a plan that was agreed on is read: where its results are, their keys, titles and targets."""
    rows = before.forms[Form.PLAN].results
    if rows is None:
        return []
    here = ("forms", Form.PLAN.value, "fields", rows.name)
    parts = chain.from_iterable(pack.scoring.parts for pack in (before, after) if pack.scoring.method == "numeric")
    read = {name for part in parts if isinstance(part, AchievementPart) for name in _read_of_plan(part)}
    fields = [(*here, "fields", name) for name in sorted({rows.key or "", rows.results_titled_by or "", *read})]
    gone = [here] if rows.name not in {field.name for field in after.forms[Form.PLAN].fields} else []
    return [*gone, (*here, "results_titled_by"), (*here, "type"), *fields]


def _read_of_plan(part: AchievementPart) -> tuple[str, ...]:
    return part.target, part.polarity, part.significance


def _rated_by(before: PolicyPack, after: PolicyPack) -> frozenset[str]:
    """The criteria that a competency is counted by."""
    return frozenset(pack.competency.criteria for pack in (before, after) if pack.competency is not None)
