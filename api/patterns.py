"""Where a pattern bites: a label that is set, a rating that is given, a rating that a board confirms.

The pack's `mode` says what a broken pattern means: nothing, a warning, a written reason, or no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import MISSING
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import UnitLabel
from activities.score import RATED, scored
from activities.segments import LAST_LAUNCHED, segments
from api.distribution import RuleOut, rule_shown, spread, verdict_of
from api.exact import Exact
from api.loading import Loaded
from api.problem_shown import ProblemOut
from api.problems import FieldProblem, Problem
from api.rooms import Rooms
from models.appraisal import FormRef
from models.distribution import DistributionSpec, Mode, Rule, RuleKind, Verdict, Weighed, weigh
from models.language import Bilingual
from models.numeric_spec import NumericScoring
from models.outcome import MissingPart, Outcome
from models.policy import PolicyPack
from models.units import reach
from models.vocabulary import Label, Language

OTHERS = text(
    f"""
    SELECT o.label, count(*) AS people FROM appraisal a LEFT JOIN outcome o ON o.id = a.outcome_id
     WHERE a.cycle_id = :cycle AND a.unit_id = ANY(:units) AND a.person_id <> :person AND a.own_year AND {LAST_LAUNCHED}
       AND a.ending IS DISTINCT FROM 'cancelled' AND (o.label IS NOT NULL OR a.ending IS NULL)
     GROUP BY o.label
    """
)
"""Everybody else by her last segment. Without a label: still to be rated; whose year ended without one is not counted."""
TOLD = text("SELECT body -> 'rules' FROM receipt WHERE key = :key")
TELL = text(
    """
    INSERT INTO receipt (key, fingerprint, status, body, at)
    VALUES (:key, '', 200, jsonb_build_object('rules', CAST(:rules AS jsonb)), :at)
    ON CONFLICT (key) DO UPDATE SET body = excluded.body
    """
)
TELL_NOTHING = text("DELETE FROM receipt WHERE key = :key")
GIVEN_SO_FAR = Bilingual(
    id="Sebaran predikat yang sudah diberikan tidak sesuai pola. Tuliskan alasannya.",
    en="The labels given so far do not keep the pattern. Say why.",
)
WITH_THIS_RATING = Bilingual(
    id="Dengan penilaian ini sebaran predikat unit keluar dari pola. Tuliskan alasannya pada catatan.",
    en="With this rating the labels of the unit leave the pattern. Say why in the comment.",
)
PATTERN_LEFT = Bilingual(
    id="Dengan penilaian ini sebaran predikat unit keluar dari pola predikat organisasinya.",
    en="With this rating the labels of the unit leave the pattern of its organisation's label.",
)


class PlacesOut(Exact):
    """A rule in people: `places` of `of` may have one of these labels, or have to. How many have one is not told."""

    labels: list[Label]
    kind: RuleKind
    allowed: str | None
    places: int
    of: int


class PatternWarningOut(Exact):
    """What a rater should look at; the rating is given."""

    code: Literal["pattern_broken"]
    message: str
    rules: list[PlacesOut]


class PatternProblemOut(ProblemOut):
    """With `distribution_blocked` and `reason_required`, the rules that are broken: by the labels so far, or by one more rating."""

    rules: list[RuleOut] | list[PlacesOut] | MISSING = MISSING


def held_against(mode: Mode, verdict: Verdict, *, reasoned: bool, pointer: str) -> list[dict[str, object]]:
    """The rules that are broken, for a warning. Raises `distribution_blocked`, or `reason_required` where none was given."""
    broken = [rule_shown(check) for check in verdict.broken]
    _answered(mode, broken, reasoned=reasoned, wanted=FieldProblem(pointer, "reason_required", GIVEN_SO_FAR))
    return broken


def mode_of_labels(pack: PolicyPack) -> Mode:
    """What a broken pattern means for the label of a unit: the label is how the unit did, and no rating makes it another.

    Refused, it would strand everybody who waits for it; where ratings are blocked, it is set with a reason.
    """
    mode = _mode(pack)
    return "require_reason" if mode == "block" else mode


def _mode(pack: PolicyPack) -> Mode:
    return "off" if pack.distribution is None else pack.distribution.mode


def rating_held(spec: DistributionSpec, weighed: Weighed, *, reasoned: bool) -> list[dict[str, object]]:
    """The rules that a rating breaks, for a warning. Raises as `held_against`; nobody is blocked whom every other label would block."""
    broken = [_places(rule, weighed.of) for rule in weighed.rules]
    mode = "warn" if spec.mode == "block" and not weighed.avoidable else spec.mode
    _answered(mode, broken, reasoned=reasoned, wanted=FieldProblem("/comment", "reason_required", WITH_THIS_RATING))
    return broken


def _answered(
    mode: Mode,
    broken: Sequence[Mapping[str, object]],
    *,
    reasoned: bool,
    wanted: FieldProblem,
) -> None:
    if broken and mode == "block":
        raise Problem("distribution_blocked", rules=broken)
    if broken and mode == "require_reason" and not reasoned:
        raise Problem("reason_required", errors=[wanted], rules=broken)


def _places(rule: Rule, of: int) -> dict[str, object]:
    return {
        "labels": [label.value for label in rule.labels],
        "kind": rule.kind,
        "allowed": None if rule.bound is None else str(rule.bound),
        "places": rule.people(of),
        "of": of,
    }


async def confirmable(
    connection: AsyncConnection, rooms: Rooms, cycle: str, facts_revision: int, unit: str, *, reasoned: bool
) -> None:
    """Hold the labels so far where the board confirms one (it may send it back). Raises `distribution_blocked`, `reason_required`."""
    agency, pack = await rooms.people.agency(connection), await rooms.facts.pack(connection, cycle)
    facts = await rooms.facts.cycle(connection, cycle, facts_revision)
    label = facts.label(agency.unit_path(unit))
    if label is None:
        return
    scope = reach(label.unit, agency.parent_unit, facts.labels)
    for group in await spread(connection, cycle, agency, facts, scope):
        held_against(_mode(pack), verdict_of(group, pack), reasoned=reasoned, pointer="/comment")


async def ratable(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, copy: FormRef, name: str, *, reasoned: bool
) -> None:
    """Hold the rating in this copy against its unit as it stands, and keep under `name` what its rater is warned of.

    Raises `distribution_blocked`, `reason_required`.
    """
    pack = await rooms.facts.pack(connection, loaded.cycle_id)
    spec = pack.distribution
    weighed = await _weighed(connection, rooms, loaded, pack, copy)
    if spec is None or weighed is None:
        return
    broken = rating_held(spec, weighed, reasoned=reasoned)
    if broken:
        await connection.execute(TELL, {"key": name, "rules": json.dumps(broken), "at": rooms.now()})
    else:  # the engine may have refused the same act before, when there was something to tell
        await connection.execute(TELL_NOTHING, {"key": name})


async def _scored(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, pack: PolicyPack, copy: FormRef, label: UnitLabel | None
) -> Outcome:
    """What the rating in this copy would come to. Raises `MissingPart`."""
    asked = {"copy": copy.copy_id, "appraisal": loaded.id}
    rated = (await connection.execute(RATED, asked)).mappings().one()
    its = await segments(connection, [loaded.id], rooms.now())
    return scored(pack, rated, its[loaded.id], loaded.agency, rooms.now(), label)


async def scorable(connection: AsyncConnection, rooms: Rooms, loaded: Loaded, pack: PolicyPack, copy: FormRef) -> None:
    """Raise `rating_incomplete` where the rating in this copy has no outcome: what its form cannot ask for is not there yet."""
    spec = pack.scoring
    if not isinstance(spec, NumericScoring):
        return  # the form has asked for all that a quadrant needs
    try:
        await _scored(connection, rooms, loaded, pack, copy, None)
    except MissingPart as missing:
        titles = [part.title for part in spec.parts if part.id in missing.parts]
        said = Bilingual(id=", ".join(title.id for title in titles), en=", ".join(title.en for title in titles))
        raise Problem("rating_incomplete", parts=said) from missing


async def _weighed(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, pack: PolicyPack, copy: FormRef
) -> Weighed | None:
    """None where no label holds yet, and where her label is not the year's: for an earlier part of it, and what stands beside it."""
    row, agency = loaded.row, loaded.agency
    if pack.distribution is None or pack.distribution.mode == "off":
        return None
    facts = await rooms.facts.cycle(connection, loaded.cycle_id, int(row["cycle_facts_revision"]))
    label = facts.label(agency.unit_path(row["unit_id"]))
    if label is None or row["segment"] != row["last_segment"] or not row["own_year"]:
        return None
    try:
        given = (await _scored(connection, rooms, loaded, pack, copy, label)).label
    except MissingPart:  # the form lets it pass, the scorer will not: without an outcome nothing is spread
        return None
    units = sorted(reach(label.unit, agency.parent_unit, facts.labels))
    around = {"cycle": loaded.cycle_id, "units": units, "person": row["person_id"]}
    people = {found.label: int(found.people) for found in await connection.execute(OTHERS, around)}
    unrated = people.pop(None, 0)
    return weigh(pack.distribution, label.label, {Label(of): n for of, n in people.items()}, unrated, given)


async def warned(connection: AsyncConnection, name: str) -> list[dict[str, object]]:
    """What the rating of this name was warned of when it was given, however often its answer is asked for."""
    return (await connection.execute(TOLD, {"key": name})).scalar_one_or_none() or []


def warnings(broken: Sequence[Mapping[str, object]], spoken: Language) -> dict[str, object]:
    """The member of an answer that tells these rules; none where there are none."""
    said = {"code": "pattern_broken", "message": PATTERN_LEFT.say(spoken), "rules": list(broken)}
    return {"warnings": [said]} if broken else {}
