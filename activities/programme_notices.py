"""Who is told what of an improvement programme, in the morning's mail: a step that waits, a day that moved, an end.

A mail says that there is something to do or to read, never how it goes or how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.outbox import people_in, tell
from activities.people import Agency
from models.programme import CONFIRMATION, EVALUATION, GOALS, Programme
from models.programme_moves import Moved
from models.vocabulary import ProgrammeAction, Role, Zone
from models.workdays import local_day

STEP_DUE, STEP_LATE = "programme_step_due", "programme_step_late"
WAITING = frozenset({STEP_DUE, STEP_LATE})
"""Texts that lose their reason when the step is done, or is somebody else's."""


async def tell_of(
    connection: AsyncConnection,
    agency: Agency,
    programme: Programme,
    moved: Moved,
    days: Mapping[str, object],
    *,
    actor: str,
    at: datetime,
    cycle: str,
) -> None:
    """Write the notices of one thing that happened. `days` are those of the programme after it, `due` by step."""
    due: Mapping[str, str] = days["due"]  # type: ignore[assignment]
    span = {name: days[name] for name in ("from", "until") if name in days}
    about = {"person": programme.subject, "programme": programme.id}
    said: list[tuple[Role, str, Mapping[str, object]]] = []

    def waits(step: str, text: str = STEP_DUE) -> tuple[Role, str, Mapping[str, object]]:
        role = Role.HR if step == CONFIRMATION else Role.SUPERVISOR
        return role, text, {"step": step, "until": due[step], "capacity": role.value}

    match moved.action:
        case ProgrammeAction.BEGIN:
            said = [(Role.EMPLOYEE, "programme_begun", {}), waits(GOALS)]
        case ProgrammeAction.SET_GOALS:
            said = [(Role.EMPLOYEE, "programme_goals_set", span)]
        case ProgrammeAction.NOTE_CHECKPOINT:
            said = [(Role.EMPLOYEE, "programme_noted", {})]
        case ProgrammeAction.EVALUATE:
            said = [waits(CONFIRMATION)]
        case ProgrammeAction.SEND_BACK:
            said = [waits(EVALUATION)]
        case ProgrammeAction.EXTEND:
            said = [(role, "programme_extended", span) for role in (Role.EMPLOYEE, Role.SUPERVISOR)]
        case ProgrammeAction.CONFIRM | ProgrammeAction.CANCEL | ProgrammeAction.EXIT:
            said = [(role, "programme_ended", {}) for role in (Role.EMPLOYEE, Role.SUPERVISOR)]
        case ProgrammeAction.REMIND:
            step = str(moved.data["step"])
            said = [waits(step, STEP_DUE if int(str(moved.data["days"])) < 0 else STEP_LATE)]
        case ProgrammeAction.STALL:
            step = str(moved.data["step"])
            said = [(role, STEP_LATE, {**waits(step)[2], "capacity": role.value}) for role in (Role.HR, Role.SENIOR)]
    day = local_day(at, Zone.WIB)
    around = agency.parties(programme.subject, day)
    for role, text, facts in said:
        people = [one for one in people_in(role, around, agency, 0, day) if one != actor]
        told = {**about, **facts}
        await tell(
            connection, people, text, at=at, actor=actor, appraisal_id=programme.appraisal, cycle_id=cycle, facts=told
        )
