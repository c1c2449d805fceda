"""The word of others: who beside the line may say something of somebody's work, and when she reads it without a name. Pure.

It is advice. It never blocks a step and moves no figure; whoever rates reads it beside the rating form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from models.appraisal import Frozen

REQUESTS_MAX = 20
"""Of one appraisal; who asks everybody hears nobody."""
MEMBERS_MAX = 50
TEAMS_MAX = 5000
"""That one person may record."""


class Feedback(Frozen):
    """What a pack asks of others about somebody's work; by default nothing."""

    peers: bool = False
    """Whoever has the same supervisor or works in a team with her may say something, and whom her supervisor asks."""
    team_leaders: bool = False
    """Whoever leads a team or a project in which she works."""
    shown_min: int = Field(default=3, ge=3, le=20)
    """Of so many people together the employee reads it; of two, each would know the other's."""
    shown: Literal["with_result", "while_running"] = "with_result"
    """When she reads it: once she has her result, or as soon as there is enough."""

    @property
    def asked(self) -> bool:
        return self.peers or self.team_leaders


class Standing(StrEnum):
    """As what somebody gives feedback."""

    TEAM_LEADER = "team_leader"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Surrounding:
    """Who is who around one employee beside the line; all are ids. `leaders` are the teams that she works in, by who leads them.

    `raters` write her rating today, `officers` stand above her in any other way, `recused` stepped back from her.
    """

    subject: str
    raters: frozenset[str] = frozenset()
    officers: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    leaders: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()


def standing(author: str, spec: Feedback, around: Surrounding) -> Standing | None:
    """As what this person may say something of her; None where he may not: of herself, by who rates her, by who stepped back."""
    if author == around.subject or author in around.recused or author in around.raters:
        return None
    if spec.team_leaders and author in around.leaders:
        return Standing.TEAM_LEADER
    if not spec.peers or author in around.officers:
        return None
    return Standing.PEER if author in around.asked or author in around.colleagues else None


class NotAsked(StrEnum):
    """Why a supervisor cannot ask somebody."""

    OF_HERSELF = "of_herself"
    RECUSED = "recused"
    OFFICER = "officer"


def why_not_asked(person: str, around: Surrounding) -> NotAsked | None:
    """Why her supervisor cannot ask this person about her; None where he can."""
    if person == around.subject:
        return NotAsked.OF_HERSELF
    if person in around.recused:
        return NotAsked.RECUSED
    return NotAsked.OFFICER if person in around.raters | around.officers else None


def read_by_her(given: Sequence[str], spec: Feedback, *, has_result: bool) -> frozenset[str]:
    """Which of these words, each of another person and in the order in which they were given, the employee reads.

    By whole batches of `shown_min`: who looks again after one more was given finds as many as before, and never the one that is new.
    With the result nothing is added any more, so all of them are one batch.
    """
    if spec.shown == "with_result":
        return frozenset(given) if has_result and len(given) >= spec.shown_min else frozenset()
    return frozenset(given[: len(given) - len(given) % spec.shown_min])


# ── teams ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class TeamProblem(StrEnum):
    """Why a team cannot be recorded so."""

    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"
    LEADS_HERSELF = "leads_herself"
    SAME_TWICE = "same_twice"


def team_problems(
    leader: str, members: Sequence[str], first: date, last: date | None
) -> Sequence[tuple[tuple[str | int, ...], TeamProblem]]:
    """All that is wrong with a team, each by its place; empty where nothing is."""
    found: list[tuple[tuple[str | int, ...], TeamProblem]] = []
    if last is not None and last < first:
        found.append((("until",), TeamProblem.ENDS_BEFORE_IT_BEGINS))
    for place, member in enumerate(members):
        if member == leader:
            found.append((("members", place), TeamProblem.LEADS_HERSELF))
        elif member in members[:place]:
            found.append((("members", place), TeamProblem.SAME_TWICE))
    return found
