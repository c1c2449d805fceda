"""How the labels of a unit's people may be spread under the organisation's label (SE MenPANRB 3/2023), as data, and whether they are.

Pure and exact: shares are compared as whole numbers of people against percents, never as rounded quotients. What breaks a pattern is
shown and reasoned; what happens then is the pack's `mode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.outcome import PRECISION, Outcome, OutcomeLine
from models.vocabulary import Label, OrganisationLabel

Percent = Decimal
RuleKind = Literal["at_most", "at_least", "more_than", "some"]
Mode = Literal["off", "warn", "require_reason", "block"]
EXPLAINS = {"organisation", "pattern"}
"""The words the sentence about the organisation's label may use."""


class Rule(Frozen):
    """One bound on the share of some labels together. `bound` is in percent, or for `some` absent: at least one person."""

    labels: tuple[Label, ...] = Field(min_length=1)
    kind: RuleKind
    bound: Percent | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if (self.bound is None) != (self.kind == "some"):
            raise ValueError("a rule has a bound in percent, but for `some`, which has none")
        return self

    def holds(self, people: int, of: int) -> bool:
        """Whether that many people of so many keep the rule."""
        share, bound = Decimal(people * 100), (self.bound or Decimal(0)) * of
        match self.kind:
            case "at_most":
                return share <= bound
            case "at_least":
                return share >= bound
            case "more_than":
                return share > bound
            case "some":
                return people > 0

    def people(self, of: int) -> int:
        """The bound in people: how many of so many may have one of the labels, or have to."""
        share = (self.bound or Decimal(0)) * of / 100
        match self.kind:
            case "at_most":
                return int(share.to_integral_value(ROUND_FLOOR))
            case "at_least":
                return int(share.to_integral_value(ROUND_CEILING))
            case "more_than":
                return int(share.to_integral_value(ROUND_FLOOR)) + 1
            case "some":
                return 1


class Pattern(Frozen):
    """The pattern that goes with one organisation label."""

    title: Bilingual
    rules: tuple[Rule, ...]


class DistributionSpec(Frozen):
    """What a pack says about organisation labels and the spread of its people's."""

    mode: Mode = "require_reason"
    unit_size_min: int = Field(default=6, ge=1)
    """A smaller unit cannot keep percents and is not judged; nor is one of which fewer are labelled so far."""
    names: dict[OrganisationLabel, Bilingual]
    patterns: dict[OrganisationLabel, Pattern]
    why: Bilingual
    """The line that every outcome gets, with `{organisation}` and `{pattern}`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for label in OrganisationLabel:
            if label not in self.names or label not in self.patterns:
                raise ValueError(f"the organisation label {label.value} needs a name and a pattern")
        if unknown := self.why.asks_for - EXPLAINS:
            raise ValueError(f"the sentence on the organisation's label uses {', '.join(sorted(unknown))}")
        return self

    def explained(self, outcome: Outcome, label: OrganisationLabel) -> Outcome:
        """The outcome with a line that names the organisation's label and its pattern."""
        why = self.why.fill(organisation=self.names[label], pattern=self.patterns[label].title)
        line = OutcomeLine(what="organisation", value=label.value, why=why)
        return outcome.model_copy(update={"lines": (*outcome.lines, line)})


class Standing(StrEnum):
    """Whether a unit's labels can be judged, and how they stand."""

    OFF = "off"
    NO_LABEL = "no_label"
    SMALL_UNIT = "small_unit"
    TOO_FEW_YET = "too_few_yet"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """One rule held against people. `share` is their percent, exact to 28 digits."""

    rule: Rule
    people: int
    share: Percent
    ok: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    standing: Standing
    rules: tuple[RuleCheck, ...] = ()

    @property
    def broken(self) -> tuple[RuleCheck, ...]:
        return tuple(check for check in self.rules if not check.ok)


def judge(
    spec: DistributionSpec | None, organisation: OrganisationLabel | None, size: int, labels: Mapping[Label, int]
) -> Verdict:
    """Hold the labels given so far in a unit of that size against the pattern of its organisation's label."""
    labelled = sum(labels.values())
    if spec is None or spec.mode == "off":
        return Verdict(Standing.OFF)
    if organisation is None:
        return Verdict(Standing.NO_LABEL)
    if size < spec.unit_size_min:
        return Verdict(Standing.SMALL_UNIT)
    if labelled < spec.unit_size_min:
        return Verdict(Standing.TOO_FEW_YET)
    rules = tuple(_checked(rule, labels, labelled) for rule in spec.patterns[organisation].rules)
    kept = all(check.ok for check in rules)
    return Verdict(Standing.KEPT if kept else Standing.BROKEN, rules)


def _checked(rule: Rule, labels: Mapping[Label, int], labelled: int) -> RuleCheck:
    people = sum(labels.get(label, 0) for label in rule.labels)
    with localcontext() as exact:
        exact.prec = PRECISION
        share = Decimal(people * 100) / labelled
    return RuleCheck(rule, people, share, rule.holds(people, labelled))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The rules that one rating would break in a unit where `of` people have a label in the end."""

    of: int
    rules: tuple[Rule, ...] = ()
    avoidable: bool = False
    """Another label for this person would break fewer."""


def weigh(
    spec: DistributionSpec | None,
    organisation: OrganisationLabel | None,
    others: Mapping[Label, int],
    unrated: int,
    label: Label,
) -> Weighed:
    """Hold one person's label against the pattern of her unit, of which the others have these labels and `unrated` have none yet.

    A share is of everybody who will have a label, so a ceiling is reached by the people it has room for and never by the first few
    who are rated; what is asked for at least is asked of the last one only, and only where her label can still bring it about.
    """
    of = sum(others.values()) + 1 + unrated
    if spec is None or spec.mode == "off" or organisation is None or of < spec.unit_size_min:
        return Weighed(of)
    rules = spec.patterns[organisation].rules
    broken = {
        given: tuple(rule for rule in rules if _breaks(rule, given, others, of, last=not unrated)) for given in Label
    }
    return Weighed(of, broken[label], avoidable=len(broken[label]) > min(len(found) for found in broken.values()))


def _breaks(rule: Rule, label: Label, others: Mapping[Label, int], of: int, *, last: bool) -> bool:
    """Whether it is this label that breaks the rule, or breaks it further; what was lost before is nobody's who comes later."""
    people, counts = sum(others.get(one, 0) for one in rule.labels), label in rule.labels
    if rule.kind == "at_most":
        return counts and not rule.holds(people + 1, of)
    return last and not counts and not rule.holds(people, of) and rule.holds(people + 1, of)
