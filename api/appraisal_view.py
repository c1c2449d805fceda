"""How one appraisal is shown: where it stands, who it waits on, the route of the year, the outcome as far as it is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.credited import credited_elsewhere
from activities.elsewhere import brought
from api.acknowledging import criteria_shown
from api.appraisal_shown import on_request_shown
from api.forms import form_statuses
from api.loading import Loaded, allowed
from api.named import units_shown
from api.people_shown import Shown, people_shown
from api.rooms import Rooms
from api.security import Caller
from api.trainings import rater_shown
from models import timetable
from models.access import sees_result
from models.appraisal import Snapshot, form_slot
from models.credited import as_credited
from models.line import Officer
from models.policy import PolicyPack
from models.service import why_not_rated
from models.vocabulary import EngineAction, Form, Language, Role, Stage, State, Zone
from models.ways import WAITS_ON
from models.windows import calendar_key
from models.workdays import ZONES, PersonClock, local_day, week_of

FILE = ("name", "media_type", "bytes", "sha256")
OUTCOME = text("SELECT outcome, policy_edition FROM outcome WHERE id = :id")
OF_COPY = text("SELECT outcome FROM outcome WHERE copy_id = :copy ORDER BY created_at DESC, id LIMIT 1")
REASON = text("SELECT body FROM text WHERE id = :id")
SEGMENTS = text(
    """
    SELECT a.id, a.segment, u.name AS unit, a.launch, a.state, a.ending,
           CASE WHEN a.segment > 1 THEN a.snapshot ->> 'since' END AS since, a.snapshot ->> 'until' AS until
      FROM appraisal a JOIN unit u ON u.id = a.unit_id
     WHERE a.person_id = :person AND a.cycle_id = :cycle AND a.acting_for IS NOT DISTINCT FROM :acting_for
       AND a.asked_from IS NULL ORDER BY a.segment
    """
)
HISTORY = text(
    "SELECT to_state, period, at, action FROM event WHERE appraisal_id = :id AND from_state IS DISTINCT FROM to_state ORDER BY seq"
)


async def appraisal_view(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, loaded: Loaded, spoken: Language
) -> dict[str, object]:
    """The answer of `GET /appraisals/{id}`."""
    row, snapshot, timing, now = loaded.row, loaded.snapshot, loaded.timing, rooms.now()
    zone = Zone(str(row["zone"]))
    waits_on = waiting_on(snapshot, loaded)
    holder = row["acting_for"]
    supervisor, senior = (_id(one) for one in (loaded.around.supervisor, loaded.around.senior))
    ids = {loaded.around.subject, *(p for p in (supervisor, senior) if p)}
    ids |= {holder} if holder else set()
    shown = await people_shown(connection, ids | ({waits_on[1]} if waits_on and waits_on[1] else set()))
    due_at = timing.due_at if timing else None
    body: dict[str, object] = {
        "id": loaded.id,
        "cycle": {"id": loaded.cycle_id, "name": row["cycle_name"], "year": row["year"], "policy": row["policy"]},
        "employee": _employee(loaded, shown),
        "supervisor": shown.get(supervisor or ""),
        "senior_supervisor": shown.get(senior or ""),
        "acting_for": shown.get(holder or ""),
        "on_request": on_request_shown(row),
        "segment": row["segment"],
        "segments": await _segments(connection, loaded) if row["last_segment"] > 1 and not row["asked_from"] else [],
        "period": snapshot.period if snapshot else None,
        "revision": row["revision"],
        "state": snapshot.state.value if snapshot else None,
        "launch": row["launch"],
        "version": snapshot.version if snapshot else 0,
        "suspended": await _suspended(connection, snapshot),
        "ending": snapshot.ending.value if snapshot and snapshot.ending else None,
        "why_not_rated": _why_not_rated(snapshot, spoken),
        "elsewhere": [_brought(part) for part in await brought(connection, loaded.around.subject, row["year"])],
        "waiting_on": _waiting_shown(waits_on, shown),
        "due_at": _local(due_at, zone),
        "lapses_at": _local(timing.lapses_at if timing else None, zone),
        "opens_at": _local(timing.opens_at if timing else None, zone),
        "overdue": timing is not None and timetable.overdue(timing, now) and row["ending"] is None,
        "actions": [],
        "forms": {},
        "outcome": None,
        "organisation_label": None,
        "criteria": None,
        "route": [],
    }
    if snapshot is None:
        return body
    pack = await rooms.facts.pack_of_year(connection, loaded.cycle_id, snapshot)
    body |= await _organisation(connection, rooms, loaded, snapshot)
    body["criteria"] = await criteria_shown(connection, loaded, pack)
    body |= await rater_shown(connection, rooms, loaded, snapshot, pack)
    body["actions"] = [action.value for action in allowed(loaded, caller, now)]
    body["forms"] = {
        slot: status
        for slot, status in form_statuses(snapshot).items()
        if sees_result(loaded.roles, snapshot) or slot not in (Form.RATING.value, Form.DECISION.value)
    }
    if snapshot.outcome_id and sees_result(loaded.roles, snapshot):
        body["outcome"] = await _outcome(connection, rooms, loaded, snapshot, spoken)
    body["route"] = await _route(connection, rooms, loaded, snapshot, pack, shown)
    return body


def _brought(part: RowMapping) -> dict[str, object]:
    days = {"from": part["first_day"].isoformat(), "until": part["last_day"].isoformat()}
    said = {name: part[name] for name in ("agency", "result", "document")}
    return {**days, **said, "file": {name: part[name] for name in FILE} if part["sha256"] else None}


def _why_not_rated(snapshot: Snapshot | None, spoken: Language) -> str | None:
    why = why_not_rated(snapshot.ending, snapshot.service) if snapshot else None
    return why.say(spoken) if why else None


def _employee(loaded: Loaded, shown: Mapping[str, Shown]) -> Shown | None:
    """The employee in the post that this appraisal is about."""
    employee = shown.get(loaded.around.subject)
    if employee is None or loaded.row["acting_for"] is None:
        return employee
    return {**employee, "post": loaded.row["post"], "unit": loaded.row["unit_name"]}


async def _segments(connection: AsyncConnection, loaded: Loaded) -> list[dict[str, object]]:
    """The parts of a year that was spent in more than one post, in their order; how each was rated stands in itself."""
    asked = {
        "person": loaded.around.subject,
        "cycle": loaded.cycle_id,
        "acting_for": loaded.row["acting_for"],
    }
    rows = await connection.execute(SEGMENTS, asked)
    return [dict(row) for row in rows.mappings()]


async def _organisation(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, snapshot: Snapshot
) -> dict[str, object]:
    """The organisation's label that holds for her, and where it is waited for, who sets it and for which unit."""
    if not snapshot.flow.needs_label:
        return {}
    path = loaded.agency.unit_path(str(loaded.row["unit_id"]))
    facts = await rooms.facts.cycle(connection, loaded.cycle_id, int(str(loaded.row["cycle_facts_revision"])))
    label = facts.label(path)
    if label is not None:
        unit = (await units_shown(connection, {label.unit}))[label.unit]
        shown = {"label": label.label.value, "number": label.number, "set_at": label.at.isoformat(), "unit": unit}
        return {"organisation_label": shown}
    if snapshot.state is not State.CALIBRATION_WAITING or snapshot.suspended is not None:
        return {}
    today = local_day(rooms.now(), Zone.WIB)
    unit_id, setter = loaded.agency.label_setter(path[0], today)
    people = await people_shown(connection, {setter} if setter else set())
    unit = (await units_shown(connection, {unit_id}))[unit_id]
    waits: dict[str, object] = {"role": Role.LABEL_SETTER.value, "unit": unit}
    return {"waiting_on": waits | ({"person": people[setter]} if setter else {})}


def _id(officer: Officer) -> str | None:
    return None if officer.person_id is None else str(officer.person_id)


def _local(at: datetime | None, zone: Zone) -> str | None:
    """An instant as the clocks of the employee's zone show it, with its offset: the day people speak of."""
    return at.astimezone(ZONES[zone]).isoformat() if at else None


async def _suspended(connection: AsyncConnection, snapshot: Snapshot | None) -> dict[str, object] | None:
    if snapshot is None or snapshot.suspended is None:
        return None
    ref = snapshot.suspended.reason
    reason = (await connection.execute(REASON, {"id": ref.id})).scalar_one_or_none() if ref else None
    return {"since": snapshot.suspended.since.isoformat(), "reason": reason}


def waiting_on(snapshot: Snapshot | None, loaded: Loaded) -> tuple[Role, str | None] | None:
    """The role it waits on and the one person who holds it, where it is one."""
    if snapshot is None:
        return None
    if snapshot.suspended is not None:
        return (Role.HR, None)
    role = WAITS_ON[snapshot.state]
    return None if role is None else (role, loaded.around.person_in(role, snapshot.visit.level))


def _waiting_shown(waits: tuple[Role, str | None] | None, shown: Mapping[str, Shown]) -> dict[str, object] | None:
    if waits is None:
        return None
    person = shown.get(waits[1] or "")
    return {"role": waits[0].value} | ({"person": person} if person else {})


async def _outcome(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, snapshot: Snapshot, spoken: Language
) -> dict[str, object] | None:
    """The outcome with each sentence in one language, and the credit of those of its months that no other appraisal credits."""
    stored = (await connection.execute(OUTCOME, {"id": snapshot.outcome_id})).one_or_none()
    if stored is None:
        return None
    pack = (await rooms.facts.packs(connection, loaded.cycle_id))[stored.policy_edition]
    if "credit" not in stored.outcome:
        return outcome_view(stored.outcome, snapshot, pack.version, spoken)
    elsewhere = await credited_elsewhere(connection, snapshot.subject, loaded.row["year"], loaded.id, rooms.now())
    shown = outcome_view(as_credited(stored.outcome, elsewhere, pack), snapshot, pack.version, spoken)
    credit = shown.get("credit")
    return shown | ({"credit": {**credit, "elsewhere": sorted(elsewhere)}} if isinstance(credit, Mapping) else {})


async def outcome_before(
    connection: AsyncConnection, loaded: Loaded, version: int, spoken: Language
) -> dict[str, object] | None:
    """What the rating came to before an objection to it was decided, where that is open to this reader."""
    snapshot = loaded.running()
    rated = snapshot.forms.get(form_slot(Form.RATING, None))
    if rated is None or not sees_result(loaded.roles, snapshot):
        return None
    stored = (await connection.execute(OF_COPY, {"copy": rated.copy_id})).scalar_one_or_none()
    return None if stored is None else outcome_view(stored, snapshot, version, spoken)


def outcome_view(stored: Mapping[str, object], snapshot: Snapshot, version: int, spoken: Language) -> dict[str, object]:
    """The outcome with each sentence in one language; provisional until the year has ended."""
    shown = {name: _in(value, spoken) for name, value in stored.items()}
    return shown | {"provisional": snapshot.ending is None, "policy_version": version}


def _in(value: object, spoken: Language) -> object:
    """Whatever is stored in both languages, in one of them."""
    if isinstance(value, Mapping):
        both = value.keys() == {"id", "en"}
        return value[spoken] if both else {name: _in(inner, spoken) for name, inner in value.items()}
    return [_in(inner, spoken) for inner in value] if isinstance(value, list) else value


async def _route(
    connection: AsyncConnection,
    rooms: Rooms,
    loaded: Loaded,
    snapshot: Snapshot,
    pack: PolicyPack,
    shown: Mapping[str, Shown],
) -> list[dict[str, object]]:
    """Each stage of this year with its window, whether it is done, and when it was."""
    facts = await rooms.facts.cycle(connection, loaded.cycle_id, int(str(loaded.row["cycle_facts_revision"])))
    windows = facts.windows(loaded.agency.unit_path(str(loaded.row["unit_id"])))
    clock = PersonClock.of(Zone(str(loaded.row["zone"])), week_of(loaded.row["work_week"]), facts.agency)
    left: dict[tuple[str, int | None], datetime] = {}
    unreviewed: set[tuple[str, int | None]] = set()
    history = (await connection.execute(HISTORY, {"id": loaded.id})).all()
    for before, after in pairwise(history):
        left[(State(before.to_state).stage.value, before.period)] = after.at
        if before.to_state == State.MIDYEAR_REVIEWING and after.action == EngineAction.CLOSE_PERIOD:
            unreviewed.add((Stage.MIDYEAR.value, before.period))
    here = (snapshot.state.stage.value, snapshot.period)
    stops = _stops_of(pack, snapshot)
    place = stops.index(here) if here in stops else _place(stops, snapshot)
    route: list[dict[str, object]] = []
    for number, (stage, period) in enumerate(stops):
        key = calendar_key(stage, period)
        window = windows.get(key) if snapshot.until is None or number < place else None
        current = (stage, period) == here
        done = number < place or snapshot.state is State.FINALISATION_DONE
        stop: dict[str, object] = {
            "stage": stage,
            "period": period,
            "opens_at": _local(clock.opening(window.opens), clock.zone) if window and window.opens else None,
            "due_at": _local(clock.ending(window.due), clock.zone) if window and window.due else None,
            "status": "current" if current and not done else "done" if done else "coming",
        }
        if current and not done:
            due_at = loaded.timing.due_at if loaded.timing else None
            stop["due_at"] = _local(due_at, clock.zone) or stop["due_at"]
            if snapshot.asked_until is not None and loaded.timing is not None:
                stop["opens_at"] = _local(loaded.timing.opens_at, clock.zone)
            stop["waiting_on"] = _waiting_shown(waiting_on(snapshot, loaded), shown)
        if done and (stage, period) in unreviewed:
            stop["status"] = "not_reviewed"
        if done and (stage, period) in left:
            stop["done_at"] = _local(left[(stage, period)], clock.zone)
        route.append(stop)
    return route


def _stops_of(pack: PolicyPack, snapshot: Snapshot) -> list[tuple[str, int | None]]:
    flow = snapshot.flow
    if snapshot.asked_until is None:
        return stops_of_year(pack) if snapshot.until is None else _stops_left(pack, snapshot)
    stages = {
        Stage.SELF_ASSESSMENT: flow.self_assessment,
        Stage.RATING: True,
        Stage.CALIBRATION: flow.board,
        Stage.APPEAL: flow.appeal,
        Stage.FINALISATION: True,
    }
    return [(stage.value, None) for stage, there in stages.items() if there]


def stops_of_year(pack: PolicyPack) -> list[tuple[str, int | None]]:
    """The stages of a whole year of this pack, with their periods."""
    stages = pack.stages
    stops: list[tuple[str, int | None]] = [(Stage.PLAN.value, None)]
    stops += [(Stage.MIDYEAR.value, k) for k in range(1, stages.midyear_periods + 1)]
    if stages.self_assessment:
        stops.append((Stage.SELF_ASSESSMENT.value, None))
    stops.append((Stage.RATING.value, None))
    if stages.calibration != "none":
        stops.append((Stage.CALIBRATION.value, None))
    if stages.appeal:
        stops.append((Stage.APPEAL.value, None))
    stops.append((Stage.FINALISATION.value, None))
    return stops


def _stops_left(pack: PolicyPack, snapshot: Snapshot) -> list[tuple[str, int | None]]:
    """The shorter route of a segment that was closed, or of who left: what was done, the rating, the end.

    Whatever it is at stays on it, also where it was rated before and an appeal runs on.
    """
    skipped = {Stage.CALIBRATION.value, Stage.APPEAL.value} | (
        {Stage.SELF_ASSESSMENT.value} if snapshot.exit else set()
    )
    done = [
        (stage, period)
        for stage, period in stops_of_year(pack)
        if (period is None or period <= snapshot.periods_done) and stage not in skipped - {snapshot.state.stage.value}
    ]
    unrated = Form.RATING.value not in snapshot.forms and snapshot.state.stage is Stage.FINALISATION
    return [stop for stop in done if not (unrated and stop[0] in (Stage.SELF_ASSESSMENT.value, Stage.RATING.value))]


def _place(stops: list[tuple[str, int | None]], snapshot: Snapshot) -> int:
    """Where on the route the execution between two stops is: before the period that comes next."""
    following = (Stage.MIDYEAR.value, snapshot.periods_done + 1)
    if following in stops:
        return stops.index(following)
    after = [n for n, (stage, _) in enumerate(stops) if stage in (Stage.SELF_ASSESSMENT.value, Stage.RATING.value)]
    return after[0] if after else len(stops)


def summary_view(row: RowMapping, now: datetime) -> dict[str, object]:
    """One line of a list."""
    due_at = row["due_at"]
    state = str(row["state"]) if row["state"] else None
    waits = (Role.HR if row["suspended"] else WAITS_ON[State(state)]) if state else None
    return {
        "id": row["id"],
        "cycle": row["cycle_id"],
        "employee": {"nip": row["nip"], "name": row["name"], "post": row["post"], "unit": row["unit"]},
        "launch": row["launch"],
        "launch_problem": row["launch_problem"],
        "on_request": on_request_shown(row),
        "segment": row["segment"],
        "state": state,
        "period": row["period"],
        "revision": row["revision"],
        "version": row["version"],
        "suspended": row["suspended"],
        "ending": row["ending"],
        "waiting_on": {"role": waits.value} if waits else None,
        "due_at": _local(due_at, Zone(str(row["zone"]))),
        "overdue": isinstance(due_at, datetime) and due_at < now and row["ending"] is None,
    }
