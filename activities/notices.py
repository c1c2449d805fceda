"""Notices at the moment they are told: whether each still has its reason and its person.

A notice was written with its cause; what has happened since decides whether it is still true. Loading asks the rows of now, for however
many notices at once; `stale` is pure and the only one to say so, for whoever sends one and for a list of thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.facts import CycleFacts, Facts, PackUnreadable
from activities.outbox import addressed, asked_in, people_in, told
from activities.people import Agency
from activities.waiting import Waiting, in_turn, open_among
from models import rungs
from models.appraisal import Snapshot
from models.notices import AgencyText, agency_notices
from models.policy import Notice, NoticeText, PolicyPack
from models.vocabulary import CycleState, Role, State, Zone
from models.workdays import local_day, week_of

NUDGE = "nudge"

TOLD = """
    SELECT n.id, n.appraisal_id, n.event_seq, n.person_id, n.text, n.facts, n.attempts, n.last_error, n.at, n.actor,
           n.state AS notice_state, n.sent_at, n.at_once, n.digest_id,
           p.name AS person, p.email, p.active, coalesce(a.zone, p.zone) AS zone,
           y.id AS cycle_id, y.name AS cycle, y.state AS cycle_state, y.facts_revision AS cycle_facts_revision,
           y.policy_edition,
           a.state, a.period, a.suspended, a.entered_at, a.due_at, a.facts_revision, a.unit_id, a.work_week,
           a.supervisor_override, a.snapshot, a.person_id AS subject, s.name AS employee, a.acting_post, a.asked_from, a.asked_until,
           e.action, e.from_state, e.to_state, e.effective_at, actor.name AS actor_name, about.name AS about, d.state AS delegation,
           g.steps AS programme_steps, g.person_id AS programme_of
      FROM notice n
      JOIN person p ON p.id = n.person_id
      LEFT JOIN appraisal a ON a.id = n.appraisal_id
      LEFT JOIN cycle y ON y.id = coalesce(a.cycle_id, n.cycle_id)
      LEFT JOIN person s ON s.id = a.person_id
      LEFT JOIN event e ON e.appraisal_id = n.appraisal_id AND e.seq = n.event_seq
      LEFT JOIN person actor ON actor.id = n.actor
      LEFT JOIN person about ON about.id = n.facts ->> 'person'
      LEFT JOIN delegation d ON d.id = n.facts ->> 'delegation'
      LEFT JOIN programme g ON g.id = n.facts ->> 'programme'
"""
"""A notice with all that is asked about it; what follows says which."""


@dataclass(frozen=True)
class Told:
    """A notice as it stands now. `pack` is None for an agency-wide text, `calendar` where the row's own due day still holds."""

    row: RowMapping
    now: datetime
    agency: Agency
    pack: PolicyPack | None = None
    calendar: CycleFacts | None = None
    left: int | None = None
    """Of a nudge: how many of its appraisals still wait on the person."""
    broken: str | None = None
    """Why it can be neither judged nor said now."""

    @cached_property
    def due_at(self) -> datetime | None:
        """When its step is due now; None where nothing is due any more. Worked out when asked for: few notices are judged by it."""
        if self.pack is None:
            return None
        if self.calendar is None:
            due_at: datetime | None = self.row["due_at"]
            return due_at
        return self.calendar.timing(
            Snapshot.model_validate(self.row["snapshot"]),
            self.pack,
            unit_path=self.agency.unit_path(self.row["unit_id"]),
            zone=Zone(self.row["zone"]),
            week=week_of(self.row["work_week"]),
        ).due_at

    @property
    def day(self) -> date:
        return local_day(self.now, Zone(self.row["zone"]))

    @property
    def facts(self) -> Mapping[str, object]:
        facts: Mapping[str, object] = self.row["facts"]
        return facts

    @property
    def text(self) -> NoticeText | AgencyText:
        """Raises `KeyError` where there is no such text."""
        texts: Mapping[str, NoticeText | AgencyText] = self.pack.texts if self.pack else agency_notices().texts
        return texts[self.row["text"]]


async def look(
    connection: AsyncConnection, facts: Facts, agency: Agency, rows: Sequence[RowMapping], now: datetime
) -> list[Told]:
    """These rows of `TOLD` as they stand now, with all that their words need.

    A notice of a simulated year is looked at in its own time, never before its cause.
    """
    found = await _stand(connection, facts, agency, rows, now)
    for it in found:
        # A year that cannot be read stops its sender here; later it would be taken for a text that cannot be filled.
        _ = it.due_at
    return found


async def with_reason(
    connection: AsyncConnection, facts: Facts, agency: Agency, rows: Sequence[RowMapping], now: datetime
) -> list[RowMapping]:
    """Of these rows of `TOLD` those that still have their reason and their person."""
    return [it.row for it in await _stand(connection, facts, agency, rows, now) if stale(it) is None]


async def _stand(
    connection: AsyncConnection, facts: Facts, agency: Agency, rows: Sequence[RowMapping], now: datetime
) -> list[Told]:
    known = await _known(connection, facts, agency, rows)
    return [_told_now(row, known, max(now, row["at"])) for row in rows]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of now say beside the notices themselves: read once for all of them."""

    agency: Agency
    packs: Mapping[str, PolicyPack | PackUnreadable]
    calendars: Mapping[str, CycleFacts]
    """Of the cycles of which a row shows what was worked out under other facts."""
    nudged: Waiting


async def _known(connection: AsyncConnection, facts: Facts, agency: Agency, rows: Sequence[RowMapping]) -> _Known:
    packs: dict[str, PolicyPack | PackUnreadable] = {}
    for cycle, number in {row["cycle_id"]: row["policy_edition"] for row in rows if _by_table(row)}.items():
        try:
            packs[cycle] = await facts.pack(connection, cycle, number)
        except PackUnreadable as unreadable:
            packs[cycle] = unreadable
    moved = {row["cycle_id"]: row["cycle_facts_revision"] for row in rows if _by_table(row) and _moved(row)}
    calendars = {
        cycle: await facts.cycle(connection, cycle, revision)
        for cycle, revision in moved.items()
        if isinstance(packs[cycle], PolicyPack)
    }
    named = {appraisal for row in rows for appraisal in _nudged(row)}
    nudged = await open_among(connection, named) if named else ()
    return _Known(agency, packs, calendars, Waiting(agency, {row["id"]: row for row in nudged}))


def _by_table(row: RowMapping) -> bool:
    """Whether a pack's table made this notice; else its text is the agency's."""
    return row["event_seq"] is not None or "on" in row["facts"]


def _moved(row: RowMapping) -> bool:
    """Whether a calendar was moved since: what the row shows of it is from before."""
    return bool(row["snapshot"]) and row["facts_revision"] != row["cycle_facts_revision"]


def _nudged(row: RowMapping) -> Collection[str]:
    """The appraisals that a nudge is about."""
    return row["facts"].get("appraisals", ()) if row["text"] == NUDGE and not _by_table(row) else ()


def _told_now(row: RowMapping, known: _Known, now: datetime) -> Told:
    if not _by_table(row):
        left = known.nudged.on(row["person_id"], _nudged(row), now) if row["text"] == NUDGE else None
        return Told(row, now, known.agency, left=left)
    pack = known.packs[row["cycle_id"]]
    if isinstance(pack, PackUnreadable):
        return Told(row, now, known.agency, broken=str(pack))
    return Told(row, now, known.agency, pack, known.calendars[row["cycle_id"]] if _moved(row) else None)


def stale(it: Told) -> str | None:
    """Why this notice is not to be told any more; None where it still has its reason and its person.

    What happened, happened; but a reminder, work that waits, and whatever is not this person's any more lose their reason.
    """
    row = it.row
    if not row["active"] or it.agency.line.gone(UUID(row["person_id"]), it.day):
        return "the person has left"
    if it.pack is None:
        return _taken_back(it)
    if row["policy_edition"] > 1 and row["text"] not in it.pack.texts:
        return "the corrected policy tells nobody of this"
    if row["person_id"] not in _people(it, it.pack):
        return "somebody else has the task now"
    rung = it.facts.get("rung")
    if rung is None and not it.facts.get("waits"):
        return None
    moved = row["state"] != it.facts.get("state") or row["period"] != it.facts.get("period")
    if moved or (row["entered_at"] is not None and row["entered_at"] > row["at"]):
        return "the work is done"
    if row["suspended"]:
        return "the appraisal is suspended"
    if rung == rungs.UNDELIVERED and (row["snapshot"] or {}).get("visit", {}).get("delivered_at") is not None:
        return "the delivery was recorded"
    was_due_at = it.facts.get("was_due_at")
    if was_due_at is not None and (it.due_at is None or it.due_at >= datetime.fromisoformat(str(was_due_at))):
        return "there is as much time as before"
    late = rung is not None and rungs.counted(str(rung)) and rungs.act_of(str(rung)) != rungs.REMIND
    if late and it.due_at is not None and it.due_at > row["effective_at"]:
        return "there is more time now"
    return None


def _taken_back(it: Told) -> str | None:
    """Whether an agency-wide notice was overtaken: what it says of a role, a line, an offer, an invitation or of work holds no more."""
    held = it.agency.granted.get(it.row["person_id"], frozenset())
    match it.row["text"]:
        case "role_granted" if it.facts.get("role") not in held:
            return "the role was taken back"
        case "role_revoked" if it.facts.get("role") in held:
            return "the role was granted again"
        case "supervisor_changed" if _superior(it, it.row["person_id"]) != it.facts["person"]:
            return "somebody else supervises from that day on"
        case "supervises_now" if _superior(it, str(it.facts["person"])) != it.row["person_id"]:
            return "somebody else supervises from that day on"
        case "supervises_no_more" if _superior(it, str(it.facts["person"])) == it.row["person_id"]:
            return "the same person supervises still"
        case "delegation_offered" if it.row["delegation"] not in (None, "offered"):
            return "the offer was answered"
        case "task_moved" if not _waits(it):
            return "somebody else has the task now"
        case "delegation_lapses" if it.agency.line.here(UUID(str(it.facts["person"])), _from(it)):
            return "the person stays"
        case "consultation_begun" if it.row["cycle_state"] != CycleState.DRAFT or _is_past(it, "until"):
            return "the consultation is over"
        case "nudge" if not it.left:
            return "the work is done"
        case "programme_step_due" | "programme_step_late":
            return _step_moved(it)
    return None


def _from(it: Told) -> date:
    return date.fromisoformat(str(it.facts["from"]))


def _superior(it: Told, subject: str) -> str | None:
    """Who rates her by the line of the day that a notice speaks of, in the appraisal that it names where it names one."""
    row, day = it.row, _from(it)
    if row["appraisal_id"] is None:
        around = it.agency.parties(subject, day)
    else:
        stored = row["snapshot"] or {}
        around = it.agency.parties_stored(row["appraisal_id"], subject, day, row["supervisor_override"], stored)
    superior = around.supervisor.person_id
    return None if superior is None else str(superior)


def _waits(it: Told) -> bool:
    """Whether its appraisal waits on this person now."""
    row = it.row
    stored: Mapping[str, Any] = row["snapshot"] or {}
    visit = stored.get("visit") or {}
    level = int(visit.get("level", 0))
    marks = {name: bool(visit.get(name)) for name in ("takeover", "lapsed")}
    around = it.agency.parties_stored(row["appraisal_id"], row["subject"], it.day, row["supervisor_override"], stored)
    return row["person_id"] in in_turn(State(row["state"]), around, it.agency, level, it.day, row["unit_id"], **marks)


def _step_moved(it: Told) -> str | None:
    """Why a step of a programme is not this person's to hear of any more: it is done, is due later since, or somebody else's."""
    step = (it.row["programme_steps"] or {}).get(it.facts["step"])
    if step is None:
        return "the work is done"
    if step["due"] > str(it.facts["until"]):
        return "there is more time now"
    around = it.agency.parties(it.row["programme_of"], it.day)
    holds = it.row["person_id"] in people_in(Role(str(it.facts["capacity"])), around, it.agency, 0, it.day)
    return None if holds else "somebody else has the task now"


def _is_past(it: Told, fact: str) -> bool:
    return date.fromisoformat(str(it.facts[fact])) < it.day


def _people(it: Told, pack: PolicyPack) -> set[str]:
    """Whom the pack's table would tell of this event by the rows of today."""
    row = it.row
    snapshot = {**(row["snapshot"] or {}), **({"visit": it.facts["visit"]} if "visit" in it.facts else {})}
    left, reached = (State(row[name]) if row[name] else None for name in ("from_state", "to_state"))
    if reached is not None:
        snapshot["state"] = asked_in(row["action"], left, reached)
    around = it.agency.parties_stored(row["appraisal_id"], row["subject"], it.day, row["supervisor_override"], snapshot)
    level = int(snapshot.get("visit", {}).get("level", 0))
    if (on := it.facts.get("on")) is not None:
        stands = State(str(it.facts["state"]))
        notices: Iterable[Notice] = pack.notices_on(str(on), stands, stands)
    else:
        from_state = State(row["from_state"]) if row["from_state"] else None
        rung = it.facts.get("rung")
        notices = told(row["action"], str(rung) if rung else None, from_state, State(row["to_state"]), pack)
    began = reached if it.facts.get("takeover") else None
    told_to = {role for notice in notices for role in addressed(notice, began)}
    return {p for role in told_to for p in people_in(role, around, it.agency, level, it.day, row["unit_id"])}
