"""Why one appraisal is on HR's work list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from activities.enrolment import NO_SUPERVISOR
from activities.outbox import people_in
from activities.people import Agency
from models import rungs
from models.appraisal import Snapshot
from models.turn import roles_in_turn
from models.vocabulary import Role, Stage, State
from models.ways import WAITS_ON


def reasons(row: RowMapping, agency: Agency, today: date) -> Iterator[str]:
    """Why an appraisal needs a person; nothing for one that goes its way."""
    if row["launch"] == "failed":
        yield "launch_failed"
    unled = row["launch"] == "excluded" and row["launch_problem"] == NO_SUPERVISOR
    if unled and not (row["elsewhere"] or agency.line.gone(UUID(row["person_id"]), today)):
        yield "no_supervisor"
    if row["parked"]:
        yield "record_blocked"
    if row["notice_failed"]:
        yield "notice_failed"
    if row["state"] == State.FINALISATION_DONE:
        return
    if row["launch"] == "launched" and row["not_cancelled"]:
        yield "not_cancelled"
    if row["unarchived"] or (row["on_hr_list"] and row["state"] == State.FINALISATION_RUNNING):
        yield "archive_late"
    state = None if row["state"] is None else State(row["state"])
    if state is not None and state.stage is Stage.FINALISATION:
        return
    if row["suspended_by_hr"]:
        yield "suspended"
    snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
    if state is not None and row["launch"] == "launched" and _nobody_left(row, state, snapshot, agency, today):
        yield "nobody_left"
    if state is State.CALIBRATION_REVIEWING and row["launch"] == "launched" and _board_empty(row, agency, today):
        yield "board_empty"
    if snapshot is not None:
        if snapshot.disputes(agency.parties_of(snapshot, today).superior):
            yield "supervisor_disputed"
        yield from _given_up(snapshot, has_time=row["has_time"])
        if _handed_on_by_all(snapshot, agency, today):
            yield "nobody_acted"


def _given_up(snapshot: Snapshot, *, has_time: bool) -> Iterator[str]:
    """What the engine put on HR's list; whom a day that moved since gave time again has not failed to act."""
    visit, known = snapshot.visit, {rungs.UNDELIVERED: "undelivered", rungs.NO_PLAN: "no_plan"}
    for rung, code in known.items():
        if rung in visit.rungs and (rung != rungs.UNDELIVERED or visit.delivered_at is None):
            yield code
    if has_time:
        return
    if visit.lapsed or any(rungs.act_of(rung) == rungs.HR_LIST and rung not in known for rung in visit.rungs):
        yield "label_missing" if snapshot.state is State.CALIBRATION_WAITING else "nobody_acted"


def _handed_on_by_all(snapshot: Snapshot, agency: Agency, today: date) -> bool:
    """Whether every authority there is has let the decision pass; it stays with the last, and never decides itself."""
    listed = snapshot.visit.lapsed or any(rungs.act_of(rung) == rungs.HR_LIST for rung in snapshot.visit.rungs)
    if snapshot.state is not State.APPEAL_DECIDING or snapshot.visit.extended_to is not None or listed:
        return False
    return agency.parties_of(snapshot, today).passed_by_all(snapshot.visit.level)


def _board_empty(row: RowMapping, agency: Agency, today: date) -> bool:
    """Whether a rating waits for a board without members, or by now for an appointing authority of whom there is none."""
    around = agency.parties_stored(row["id"], row["person_id"], today, row["supervisor_override"], row)
    turn = roles_in_turn(State.CALIBRATION_REVIEWING, takeover=False, lapsed=False, level=row["level"])
    return not any(people_in(one, around, agency, row["level"], today, row["unit_id"]) for one in turn)


def _nobody_left(row: RowMapping, state: State, snapshot: Snapshot | None, agency: Agency, today: date) -> bool:
    """Whether the step waits on an officer of whom the line knows none today."""
    role, override = WAITS_ON[state], row["supervisor_override"]
    if role is Role.SUPERVISOR:
        # Of every row: what is stored besides makes no other supervisor, and to ask the row for what it has not is dear.
        lasts = {"until": row["until"], "acting_for": row["acting_for"]}
        return agency.parties_stored(row["id"], row["person_id"], today, override, lasts).person_in(role) is None
    if role is not Role.APPEAL_AUTHORITY or snapshot is None:
        return False
    return agency.parties_of(snapshot, today).person_in(role, snapshot.visit.level) is None
