"""What follows a result, by the rules of a pack: proposals for people to decide about, each with its reason.

Pure. A rule is data: what a result has to be, and what is then proposed, with a sentence that says why and the source of the rule. Nothing
here decides: a proposal that nobody approves changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.competency import CompetencySpec
from models.form_spec import Criterion, FormSpec, Name, When, names
from models.language import Bilingual
from models.later import LATER
from models.misfits import Misfit
from models.numeric_spec import NumericScoring
from models.outcome import Suggestion, figure
from models.quadrant import QuadrantScoring
from models.result import Result
from models.vocabulary import FollowUp, Label, ProgrammeOutcome

COUNTED = Bilingual(
    id="{why} Termasuk hasil yang diimpor: {years}.",
    en="{why} Imported results are counted: {years}.",
)


class FollowUpRule(Frozen):
    """Every condition that is given must hold; then `kind` is proposed. `years` asks for one of `labels` in that many years on end."""

    kind: FollowUp
    title: Bilingual
    why: Bilingual
    source: str = Field(min_length=1)
    when: When = When()
    labels: tuple[Label, ...] = ()
    years: int = Field(default=1, ge=1, le=10)
    value_min: Decimal | None = None
    value_below: Decimal | None = None
    match_min: Decimal | None = Field(default=None, ge=0)
    """Percent of what the post needs in competency; `match_below` likewise, and neither touches the label."""
    match_below: Decimal | None = Field(default=None, ge=0)
    gap_min: int | None = Field(default=None, ge=1)
    """A competency is so many levels short."""
    gap_of: tuple[Name, ...] = ()
    """Of which competencies; of any where none is named."""
    noted: tuple[Name, ...] = ()
    """Fields of the rating in each of which something stands."""
    programme: Annotated[Literal[ProgrammeOutcome.MET, ProgrammeOutcome.NOT_MET] | None, LATER] = None
    """What the programme that this result led to has come to."""

    @property
    def words(self) -> frozenset[str]:
        """What the sentence may say; value and match only where the pack's results have them (`misfits`)."""
        found = {"label", "value", "match"}
        found |= {"years"} if self.labels else set()
        found |= {"competency", "gap"} if self.gap_min is not None else set()
        return frozenset(found)

    @property
    def asks_value(self) -> bool:
        return self.value_min is not None or self.value_below is not None

    @property
    def asks_match(self) -> bool:
        return self.match_min is not None or self.match_below is not None

    @property
    def speaks_of(self) -> frozenset[str]:
        """The figures that its conditions or its sentence need a result to have."""
        asked = {"value": self.asks_value, "match": self.asks_match, "gap": self.gap_min is not None}
        return self.why.asks_for | {name for name, needed in asked.items() if needed}

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if not (self.labels or self.asks_value or self.asks_match or self.gap_min or self.noted or self.programme):
            raise ValueError("the rule asks nothing of the result, so it would propose this for everybody")
        if self.years > 1 and not self.labels:
            raise ValueError("years on end are counted by a label, and the rule names none")
        if self.gap_of and self.gap_min is None:
            raise ValueError("`gap_of` says which gaps count, and no `gap_min` says from when on")
        for least, below in ((self.value_min, self.value_below), (self.match_min, self.match_below)):
            if least is not None and below is not None and least >= below:
                raise ValueError(f"nothing is {least} or more and below {below}")
        if self.when.top is not None:
            raise ValueError("who is at the top is no part of a result")
        if unknown := self.why.asks_for - self.words:
            raise ValueError(f"the sentence uses {', '.join(sorted(unknown))}, which it cannot know")
        return self

    def gap_in(self, result: Result) -> str | None:
        """The competency with the widest gap that the rule is about."""
        if self.gap_min is None:
            return None
        asked = (name for name in result.gaps if not self.gap_of or name in self.gap_of)
        return max((n for n in asked if result.gaps[n] >= self.gap_min), key=lambda n: result.gaps[n], default=None)

    def imported_in(self, result: Result) -> tuple[int, ...]:
        """The imported years by which it counts years on end, or says how many there are; the earliest first."""
        if self.years == 1 and "years" not in self.why.asks_for:
            return ()
        return tuple(sorted(result.imported.intersection(result.row(self.labels))))

    def holds(self, result: Result) -> bool:
        """Whether every condition holds; a figure that the result lacks meets none."""
        return (
            self.when.holds(result)
            and (not self.labels or result.in_a_row(self.labels) >= self.years)
            and _within(result.value, self.value_min, self.value_below)
            and _within(result.match, self.match_min, self.match_below)
            and (self.gap_min is None or self.gap_in(result) is not None)
            and all(_said(result.rating.get(name)) for name in self.noted)
            and self.programme in (None, result.programme)
        )


class Reason(Frozen):
    """Why something is proposed, by which rule, and the imported years that it was counted by."""

    title: Bilingual
    why: Bilingual
    source: str
    imported: tuple[int, ...] = ()


class Proposal(Frozen):
    """What is proposed, with every rule that leads to it, in the order of the pack; of trainings, which courses."""

    kind: FollowUp
    reasons: tuple[Reason, ...]
    courses: tuple[Suggestion, ...] = ()


def kinds(rules: Iterable[FollowUpRule], result: Result) -> frozenset[FollowUp]:
    """What a final result leads to, without the reasons."""
    return frozenset(rule.kind for rule in rules if rule.holds(result))


def proposals(rules: Iterable[FollowUpRule], labels: Mapping[Label, Bilingual], result: Result) -> tuple[Proposal, ...]:
    """What a final result leads to, one proposal a kind. `labels` are the pack's words for them."""
    found: dict[FollowUp, list[Reason]] = {}
    for rule in rules:
        if rule.holds(result):
            found.setdefault(rule.kind, []).append(_reason(rule, labels, result))
    suggested = () if result.profile is None else result.profile.training
    return tuple(
        Proposal(kind=kind, reasons=tuple(found[kind]), courses=suggested if kind is FollowUp.TRAINING else ())
        for kind in FollowUp
        if kind in found
    )


def misfits(
    rules: Sequence[FollowUpRule],
    scoring: QuadrantScoring | NumericScoring,
    rating: FormSpec | None,
    competency: CompetencySpec | None,
    criteria: Mapping[str, Sequence[Criterion]],
    *,
    programmes: bool,
) -> Iterator[Misfit]:
    """What rules ask of a result that no result of this pack has, by paths from its root."""
    known = set() if competency is None else {one.id for one in criteria.get(competency.criteria, ())}
    fields = set() if rating is None else set(names(rating.fields))
    for place, rule in enumerate(rules):
        path = ("follow_ups", place)
        if "value" in rule.speaks_of and isinstance(scoring, QuadrantScoring):
            yield Misfit(path, "the rule speaks of a value, and a quadrant has none")
        if rule.speaks_of & {"match", "gap"} and competency is None:
            yield Misfit(path, "the rule speaks of a competency, and the pack has no [competency]")
        if rule.programme is not None and not programmes:
            yield Misfit(
                (*path, "programme"), "the rule asks what a programme came to, and the pack has no [programme]"
            )
        for missing in sorted(set(rule.gap_of) - known) if competency is not None else ():
            yield Misfit((*path, "gap_of"), f"the pack has no competency {missing!r}")
        for missing in sorted(set(rule.noted) - fields):
            yield Misfit((*path, "noted"), f"the rating has no field {missing!r}")


def _reason(rule: FollowUpRule, labels: Mapping[Label, Bilingual], result: Result) -> Reason:
    gap = rule.gap_in(result)
    titles = {} if result.profile is None else {line.id: line.title for line in result.profile.lines}
    words: dict[str, Bilingual | str] = {"label": labels[result.label], "value": "–", "match": "–"}
    if rule.labels:
        words["years"] = str(result.in_a_row(rule.labels))
    if result.value is not None:
        words["value"] = figure(result.value)
    if result.match is not None:
        words["match"] = figure(result.match)
    if gap is not None:
        words |= {"competency": titles.get(gap, gap), "gap": str(result.gaps[gap])}
    why, imported = rule.why.fill(**words), rule.imported_in(result)
    if imported:
        why = COUNTED.fill(why=why, years=", ".join(str(year) for year in imported))
    return Reason(title=rule.title, why=why, source=rule.source, imported=imported)


def _within(found: Decimal | None, least: Decimal | None, below: Decimal | None) -> bool:
    if least is None and below is None:
        return True
    return found is not None and (least is None or found >= least) and (below is None or found < below)


def _said(entry: object) -> bool:
    """Whether something stands in a field: a tick, a figure, a sentence, a row."""
    if isinstance(entry, str):
        return bool(entry.strip())
    if isinstance(entry, Collection):
        return bool(entry)
    return entry is not None and entry is not False
