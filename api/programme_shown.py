"""How an improvement programme is shown: its goals, what was noted, what waits for whom until when, and its trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.programmes import Held
from api.exact import Exact
from api.paging import Key
from api.people_shown import PersonShown, people_shown
from models.appraisal import ENGINE_ACTOR
from models.programme import checkpoint_days, last_day, length, stalled, steps
from models.programme_moves import allowed, role_for
from models.vocabulary import ProgrammeAction, ProgrammeOutcome, ProgrammeState, Progress, Role

EVENTS = text(
    """
    SELECT e.*, t.body AS comment FROM programme_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.programme_id = :id ORDER BY e.seq
    """
)
TEXTS = text("SELECT id, body FROM text WHERE id = ANY(:ids)")
STANDS = text("SELECT revision FROM appraisal WHERE id = :id")


class CheckpointShown(Exact):
    """`due` is null while there are no goals; `note` also once erased."""

    number: int
    due: date | None
    progress: Progress | None
    note: str | None
    on: date | None
    by: PersonShown | None


class EvaluationShown(Exact):
    outcome: ProgrammeOutcome
    reason: str | None
    on: date
    by: PersonShown | None


class StepShown(Exact):
    """What waits; `stalled` is on HR's list, and the senior supervisor may do it too."""

    step: str
    due: date
    stalled: bool


class ProgrammeEventShown(Exact):
    """A link of its trail; `actor` is `engine` where it came by itself. What an evaluation said is hers once it is confirmed."""

    seq: int
    at: AwareDatetime
    action: ProgrammeAction
    actor: PersonShown | str
    role: Role
    comment: str | None
    data: dict[str, object]
    hash: str
    previous_hash: str


class ProgrammeRef(Exact):
    """`from` and `until` are null while there are no goals. `until` moves with leaves and extensions."""

    programme_id: UUID
    state: ProgrammeState
    outcome: ProgrammeOutcome | None
    first: Annotated[date | None, Field(alias="from")]
    until: date | None


class ProgrammeOut(ProgrammeRef):
    """`mentor` supervises her today. `result_stands` is false where the year that led to it was opened again since."""

    appraisal_id: UUID
    employee: PersonShown | None
    mentor: PersonShown | None
    source: str
    months: int
    goals: list[str | None]
    checkpoints: list[CheckpointShown]
    evaluation: EvaluationShown | None
    steps: list[StepShown]
    result_stands: bool
    actions: list[Literal["set_goals", "note_checkpoint", "evaluate", "confirm", "send_back", "extend", "cancel"]]
    trail: list[ProgrammeEventShown]


class ProgrammeListed(Exact):
    """A programme, and what it waits for."""

    programme_id: UUID
    appraisal_id: UUID
    employee: PersonShown | None
    state: ProgrammeState
    outcome: ProgrammeOutcome | None
    steps: list[StepShown]
    key: Key


def steps_shown(stored: Mapping[str, Mapping[str, object]]) -> list[dict[str, object]]:
    """Of a row, the earliest first."""
    each = [{"step": step, **said} for step, said in stored.items()]
    return sorted(each, key=lambda one: (str(one["due"]), str(one["step"])))


def reference(held: Held) -> dict[str, object]:
    """A programme in a few words."""
    it = held.programme
    last = last_day(it, held.spec, held.around)
    return {
        "programme_id": it.id,
        "state": it.state,
        "outcome": it.outcome,
        "from": None if it.first is None else it.first.isoformat(),
        "until": None if last is None else last.isoformat(),
    }


async def programme_view(
    connection: AsyncConnection, held: Held, roles: Collection[Role], mentor: str | None, today: date, *, acts: bool
) -> dict[str, object]:
    """The answer of `GET /programmes/{id}`; `acts` is false of who stepped back from her."""
    it, spec, around = held.programme, held.spec, held.around
    hidden = Role.EMPLOYEE in roles and it.state is not ProgrammeState.DONE
    evaluation = None if hidden else it.evaluation
    events = (await connection.execute(EVENTS, {"id": it.id})).mappings().all()
    named = [*it.goals, *(noted.note for noted in it.noted.values()), *([evaluation.reason] if evaluation else ())]
    words = {row.id: row.body for row in await connection.execute(TEXTS, {"ids": [one.id for one in named]})}
    ids = {it.subject, *(noted.by for noted in it.noted.values()), *(e["actor"] for e in events)}
    people = await people_shown(connection, ids | {one for one in (mentor, evaluation and evaluation.by) if one})
    listed = {step.key for step in stalled(it, spec, around)}
    days = checkpoint_days(it, spec, around) or (None,) * len(spec.checkpoints)
    may = [
        action.value
        for action in ProgrammeAction
        if acts and action in allowed(it, spec, around, today) and role_for(action, roles, is_stalled=bool(listed))
    ]
    stands = (await connection.execute(STANDS, {"id": it.appraisal})).scalar_one()
    return {
        **reference(held),
        "appraisal_id": it.appraisal,
        "employee": people.get(it.subject),
        "mentor": people.get(mentor or ""),
        "source": spec.source,
        "months": length(it, spec),
        "goals": [words.get(goal.id) for goal in it.goals],
        "checkpoints": [_checkpoint(held, number, day, words, people) for number, day in enumerate(days, start=1)],
        "evaluation": evaluation
        and {
            "outcome": evaluation.outcome,
            "reason": words.get(evaluation.reason.id),
            "on": evaluation.on.isoformat(),
            "by": people.get(evaluation.by),
        },
        "steps": [
            {"step": step.key, "due": step.due.isoformat(), "stalled": step.key in listed}
            for step in steps(it, spec, around)
        ],
        "result_stands": stands == it.revision,
        "actions": may,
        "trail": _trail(events, people, hidden=hidden),
    }


def _checkpoint(
    held: Held, number: int, day: date | None, words: Mapping[str, str], people: Mapping[str, dict[str, object]]
) -> dict[str, object]:
    noted = held.programme.noted.get(number)
    return {
        "number": number,
        "due": None if day is None else day.isoformat(),
        "progress": noted and noted.progress,
        "note": noted and words.get(noted.note.id),
        "on": noted and noted.on.isoformat(),
        "by": noted and people.get(noted.by),
    }


def _trail(
    events: Sequence[RowMapping], people: Mapping[str, dict[str, object]], *, hidden: bool
) -> list[dict[str, object]]:
    return [
        {
            "seq": e["seq"],
            "at": e["at"].isoformat(),
            "action": e["action"],
            "actor": people.get(e["actor"]) or ENGINE_ACTOR,
            "role": e["role"],
            "comment": None if hidden and e["action"] in EVALUATED else e["comment"],
            "data": {} if hidden and e["action"] in EVALUATED else e["data"],
            "hash": e["hash"],
            "previous_hash": e["previous_hash"],
        }
        for e in events
    ]


EVALUATED = (ProgrammeAction.EVALUATE, ProgrammeAction.SEND_BACK)
