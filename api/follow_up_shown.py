"""How what follows a result is shown: the proposal with its reasons, and what was decided about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from activities.final_results import FinalYear
from activities.follow_ups import Decided
from api.appraisal_shown import SuggestionShown
from api.exact import Exact
from api.paging import Key
from api.people_shown import PersonShown, Shown
from models.follow_ups import Proposal, proposals
from models.policy import PolicyPack
from models.vocabulary import FollowUp, Label, Language, Role


class ReasonShown(Exact):
    """A rule that leads to it: what it is called, why it holds for this result, and where the rule comes from.

    `imported_years` are years of other systems that it was counted by.
    """

    title: str
    why: str
    source: str
    imported_years: list[int]


class DecidedShown(Exact):
    """What was decided; `reason` is null once erased."""

    decision: Literal["approve", "decline"]
    reason: str | None
    by: PersonShown | None
    role: Role
    at: AwareDatetime


class FollowUpShown(Exact):
    """One kind of what follows. `proposed` is false where it was decided and no rule leads to it any more.

    What was decided has the reasons of that day. `courses` are those of the catalogue that a training is suggested by.
    """

    kind: FollowUp
    proposed: bool
    reasons: list[ReasonShown]
    courses: list[SuggestionShown]
    decision: DecidedShown | None


class SetAsideShown(Exact):
    """What was decided about an earlier revision of the year, which was opened again since."""

    kind: FollowUp
    revision: int
    reasons: list[ReasonShown]
    decision: DecidedShown


class FollowUpsOut(Exact):
    """`final` is false while nothing can be proposed: the year is not over, has no result, or she has left."""

    appraisal_id: UUID
    revision: int
    final: bool
    items: list[FollowUpShown]
    set_aside: list[SetAsideShown]


class FollowUpOfCycle(FollowUpShown):
    """A proposal, and whose."""

    appraisal_id: UUID
    employee: PersonShown | None
    label: Label
    key: Key


@dataclass(frozen=True)
class Item:
    """What is proposed, was decided, or both, of one kind."""

    proposal: Proposal
    proposed: bool
    decided: Decided | None

    @property
    def kind(self) -> FollowUp:
        return self.proposal.kind

    def shown(self, people: Mapping[str, Shown], spoken: Language) -> dict[str, object]:
        return {
            "kind": self.kind,
            "proposed": self.proposed,
            "reasons": reasons_shown(self.proposal, spoken),
            "courses": [
                {
                    "id": one.id,
                    "title": one.title.say(spoken),
                    "hours": one.hours,
                    "builds": one.builds,
                    "why": one.why.say(spoken),
                }
                for one in self.proposal.courses
            ],
            "decision": None if self.decided is None else decided_shown(self.decided, people),
        }


def items_of(pack: PolicyPack, year: FinalYear, decided: Collection[Decided]) -> list[Item]:
    """What follows the result that stands. What was decided keeps the reasons it was decided by."""
    made = {one.kind: one for one in decided if one.revision == year.revision}
    found = proposals(pack.follow_ups, pack.scoring.labels, year.result) if year.ongoing else ()
    proposed = {one.kind: one for one in found}
    return [
        Item(made[kind].proposal if kind in made else proposed[kind], kind in proposed, made.get(kind))
        for kind in FollowUp
        if kind in proposed or kind in made
    ]


def reasons_shown(proposal: Proposal, spoken: Language) -> list[dict[str, object]]:
    return [
        {
            "title": one.title.say(spoken),
            "why": one.why.say(spoken),
            "source": one.source,
            "imported_years": list(one.imported),
        }
        for one in proposal.reasons
    ]


def decided_shown(decided: Decided, people: Mapping[str, Shown]) -> dict[str, object]:
    return {
        "decision": decided.decision,
        "reason": decided.reason,
        "by": people.get(decided.by),
        "role": decided.role,
        "at": decided.at.isoformat(),
    }
