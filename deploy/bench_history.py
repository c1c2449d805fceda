"""What one completed year costs the engine: counted, not timed, on a throwaway stack in skipped time.

The year is on time and without reminders: everybody acts the day after a step opens, and the rating finds the label of the
organisation, which comes first, as SE MenPANRB 3/2023 has it. Beside it a year whose rating waits for that label. Events that only a
skipped clock writes are not ours and are left out.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from activities.launch import workflow_id
from deploy.bench_load import NotMeasuredError
from deploy.demo import generate
from deploy.demo_cycle import POLICY
from deploy.logging import configure
from deploy.rehearsal import Rehearsal, import_people, open_cycle, throwaway
from models.shelf import load
from models.vocabulary import Action, Form, State
from models.windows import resolve
from models.workdays import Day

PEOPLE = 24
PATIENCE_SECONDS = 30
CLOCK = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
)

ROOT = text("SELECT code FROM unit WHERE parent_id IS NULL")
APPRAISAL = text("SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE p.nip = :nip")


@dataclass(frozen=True)
class Step:
    """Who takes which act in a state, with which form filled in before, once which window is open."""

    state: State
    who: str
    action: Action
    form: Form | None = None
    window: str | None = None


STEPS = (
    Step(State.PLAN_DRAFTING, "employee", Action.SUBMIT_PLAN, Form.PLAN, "plan"),
    Step(State.PLAN_REVIEWING, "supervisor", Action.APPROVE_PLAN),
    Step(State.MIDYEAR_DRAFTING, "employee", Action.SUBMIT_MIDYEAR, Form.MIDYEAR, "midyear.1"),
    Step(State.MIDYEAR_REVIEWING, "supervisor", Action.COMPLETE_MIDYEAR),
    Step(
        State.SELF_ASSESSMENT_DRAFTING,
        "employee",
        Action.SUBMIT_SELF_ASSESSMENT,
        Form.SELF_ASSESSMENT,
        "self_assessment",
    ),
    Step(State.RATING_DRAFTING, "supervisor", Action.SUBMIT_RATING, Form.RATING, "rating"),
    Step(State.APPEAL_OPEN, "employee", Action.ACCEPT_RESULT),
)


class History(BaseModel):
    """What the engine keeps of one year."""

    events: int
    bytes: int


class Histories(BaseModel):
    """Of a year whose label came first, and of one whose label came after the rating."""

    label_first: History
    label_late: History


async def count(*, label_late: bool = False) -> History:
    """Play one person's year and count what the engine kept of it."""
    async with throwaway() as stack:
        await import_people(stack, generate(PEOPLE))
        year = datetime.now(UTC).year + 1
        cycle = await open_cycle(stack, POLICY, year)
        async with stack.database.transaction() as connection:
            appraisal = (await connection.execute(APPRAISAL, {"nip": stack.people["employee"]})).scalar_one()
        handle = stack.client.get_workflow_handle(workflow_id(appraisal))
        windows = resolve(load(POLICY), year)
        for step in STEPS:
            opens = windows[step.window].opens if step.window else None
            await _to(stack, handle.id, opens)
            if step.action is Action.SUBMIT_RATING and not label_late:
                await _label(stack, cycle)
            await _take(stack, appraisal, step)
            if step.action is Action.SUBMIT_RATING and label_late:
                await _seen_in(stack, appraisal, State.CALIBRATION_WAITING)
                await _label(stack, cycle)
        await handle.result()
        history = await handle.fetch_history()
        return counted(history.events)


async def _label(stack: Rehearsal, cycle: str) -> None:
    """Set the label of everybody's unit."""
    async with stack.database.transaction() as connection:
        unit = (await connection.execute(ROOT)).scalar_one()
    body = {"label": "baik", "reason": "-", "distribution_reason": "-"}
    answer = await stack.put(f"/cycles/{cycle}/units/{unit}/label", "hr", body)
    if answer.status_code != 200:
        raise NotMeasuredError(f"label: {answer.status_code} {answer.text}")


async def _to(stack: Rehearsal, workflow: str, opens: Day | None) -> None:
    """Let time pass until the day after that day, or not at all."""
    if opens is not None:
        day = opens.date() if isinstance(opens, datetime) else opens
        stack.now = max(stack.now, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))
    await stack.forward(workflow)


async def _take(stack: Rehearsal, appraisal: str, step: Step) -> None:
    seen = await _seen_in(stack, appraisal, step.state)
    nip = str(seen[step.who]["nip"])
    if step.form:
        path = f"/appraisals/{appraisal}/forms/{step.form.value}"
        example = (await stack.get(path, nip)).raise_for_status().json()["schema"]["examples"][0]
        (await stack.put(path, nip, {"data": example})).raise_for_status()
    answer = await stack.post(f"/appraisals/{appraisal}/actions/{step.action.value}", nip, {})
    if answer.status_code != 200:
        raise NotMeasuredError(f"{step.action}: {answer.status_code} {answer.text}")


async def _seen_in(stack: Rehearsal, appraisal: str, state: State) -> dict[str, Any]:
    """The appraisal as the record shows it, once it shows this state."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        seen = (await stack.get(f"/appraisals/{appraisal}", "employee")).raise_for_status().json()
        if seen["state"] == state.value:
            return dict(seen)
        await asyncio.sleep(0.05)
    raise NotMeasuredError(f"the year stands in {seen['state']} and not in {state.value}")


def counted(events: Sequence[HistoryEvent]) -> History:
    """How many events are ours, and how large they are."""
    ours = [event for event in events if event.event_type not in CLOCK]
    return History(events=len(ours), bytes=sum(event.ByteSize() for event in ours))


async def _print() -> None:
    histories = Histories(label_first=await count(), label_late=await count(label_late=True))
    sys.stdout.write(histories.model_dump_json())
    sys.stdout.flush()


if __name__ == "__main__":
    configure(level="ERROR")
    asyncio.run(_print())
    os._exit(0)  # the experimental time-skipping client can abort an interpreter that ends by itself
