"""One notice at the moment it is told: whether it still has its reason and its person, and what it says.

A notice was written with its cause; what has happened since decides whether it is still true. Loading asks the rows of now; `stale` and
the words are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.documents.indonesian import day as indonesian_day
from activities.facts import Facts, PackUnreadable
from activities.mail import Message
from activities.outbox import people_in, told
from activities.people import Agency
from activities.waiting import still_waiting
from models import rungs
from models.appraisal import ENGINE_ACTOR, Snapshot
from models.digest import Entry
from models.language import Bilingual
from models.notices import ROLE_NAMES, AgencyText, agency_notices
from models.policy import Notice, NoticeText, PolicyPack
from models.vocabulary import CycleState, GrantedRole, Language, State, Zone
from models.workdays import local_day, week_of

NUDGE = "nudge"

TOLD = """
    SELECT n.id, n.appraisal_id, n.event_seq, n.person_id, n.text, n.facts, n.attempts, n.at, n.actor, n.state AS notice_state,
           n.sent_at, n.at_once, n.digest_id,
           p.name AS person, p.email, p.active, coalesce(a.zone, p.zone) AS zone,
           y.id AS cycle_id, y.name AS cycle, y.state AS cycle_state, y.facts_revision AS cycle_facts_revision,
           a.state, a.period, a.suspended, a.entered_at, a.due_at, a.facts_revision, a.unit_id, a.work_week,
           a.supervisor_override, a.snapshot, a.person_id AS subject, s.name AS employee, a.acting_post,
           e.action, e.from_state, e.to_state, e.effective_at, actor.name AS actor_name, about.name AS about, d.state AS delegation
      FROM notice n
      JOIN person p ON p.id = n.person_id
      LEFT JOIN appraisal a ON a.id = n.appraisal_id
      LEFT JOIN cycle y ON y.id = coalesce(a.cycle_id, n.cycle_id)
      LEFT JOIN person s ON s.id = a.person_id
      LEFT JOIN event e ON e.appraisal_id = n.appraisal_id AND e.seq = n.event_seq
      LEFT JOIN person actor ON actor.id = n.actor
      LEFT JOIN person about ON about.id = n.facts ->> 'person'
      LEFT JOIN delegation d ON d.id = n.facts ->> 'delegation'
"""
"""A notice with all that is asked about it; what follows says which."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it stands now. `pack` is None for an agency-wide text, `due_at` where nothing is due any more."""

    row: RowMapping
    now: datetime
    agency: Agency
    pack: PolicyPack | None = None
    due_at: datetime | None = None
    left: int | None = None
    """Of a nudge: how many of its appraisals still wait on the person."""
    broken: str | None = None
    """Why it can be neither judged nor said now."""

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
    """These rows of `TOLD` as they stand now; a notice of a simulated year is looked at in its own time, never before its cause."""
    return [await _look(connection, facts, agency, row, max(now, row["at"])) for row in rows]


async def _look(connection: AsyncConnection, facts: Facts, agency: Agency, row: RowMapping, now: datetime) -> Told:
    if row["event_seq"] is None and "on" not in row["facts"]:
        left = None
        if row["text"] == NUDGE:
            ids = row["facts"].get("appraisals", ())
            left = await still_waiting(connection, agency, ids, row["person_id"], now)
        return Told(row, now, agency, left=left)
    try:
        pack = await facts.pack(connection, row["cycle_id"])
    except PackUnreadable as unreadable:
        return Told(row, now, agency, broken=str(unreadable))
    due_at = row["due_at"]
    if row["snapshot"] and row["facts_revision"] != row["cycle_facts_revision"]:
        # A calendar was moved since: what the row shows of it is from before.
        timing = await facts.timing(
            connection,
            Snapshot.model_validate(row["snapshot"]),
            cycle=row["cycle_id"],
            facts_revision=row["cycle_facts_revision"],
            unit_path=agency.unit_path(row["unit_id"]),
            zone=Zone(row["zone"]),
            week=week_of(row["work_week"]),
        )
        due_at = timing.due_at
    return Told(row, now, agency, pack, due_at)


def stale(it: Told) -> str | None:
    """Why this notice is not to be told any more; None where it still has its reason and its person.

    What happened, happened; but a reminder, work that waits, and whatever is not this person's any more lose their reason.
    """
    row = it.row
    if not row["active"] or it.agency.line.gone(UUID(row["person_id"]), it.day):
        return "the person has left"
    if it.pack is None:
        return _taken_back(it)
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
    """Whether an agency-wide notice was overtaken: a grant, an offer, an invitation or a nudge that holds no more."""
    held = it.agency.granted.get(it.row["person_id"], frozenset())
    match it.row["text"]:
        case "role_granted" if it.facts.get("role") not in held:
            return "the role was taken back"
        case "role_revoked" if it.facts.get("role") in held:
            return "the role was granted again"
        case "delegation_offered" if it.row["delegation"] not in (None, "offered"):
            return "the offer was answered"
        case "consultation_begun" if it.row["cycle_state"] != CycleState.DRAFT or _is_past(it, "until"):
            return "the consultation is over"
        case "nudge" if not it.left:
            return "the work is done"
    return None


def _is_past(it: Told, fact: str) -> bool:
    return date.fromisoformat(str(it.facts[fact])) < it.day


def _people(it: Told, pack: PolicyPack) -> set[str]:
    """Whom the pack's table would tell of this event by the rows of today."""
    row = it.row
    snapshot = {**(row["snapshot"] or {}), **({"visit": it.facts["visit"]} if "visit" in it.facts else {})}
    around = it.agency.parties_stored(row["appraisal_id"], row["subject"], it.day, row["supervisor_override"], snapshot)
    level = int(snapshot.get("visit", {}).get("level", 0))
    if (on := it.facts.get("on")) is not None:
        stands = State(str(it.facts["state"]))
        notices: Iterable[Notice] = pack.notices_on(str(on), stands, stands)
    else:
        from_state = State(row["from_state"]) if row["from_state"] else None
        rung = it.facts.get("rung")
        notices = told(row["action"], str(rung) if rung else None, from_state, State(row["to_state"]), pack)
    return {p for notice in notices for role in notice.to for p in people_in(role, around, it.agency, level, it.day)}


def compose(it: Told, link: str, language: Language) -> Message:
    """The message by its template, with the notice's id at its foot, so that a second copy is known as one."""
    template, words = it.text, _words(it, link)
    return Message(
        to=it.row["email"],
        subject=one_line(template.subject.fill(**words).say(language) + _as_plt(it)),
        body=f"{template.body.fill(**words).say(language)}\n\n-- \nSiklus-Notice: {it.row['id']}\n",
    )


def entry(it: Told) -> Entry:
    """The notice as a morning's digest tells it."""
    template, words, row = it.text, _words(it, ""), it.row
    due = _due(it) if it.facts.get("waits") or it.facts.get("rung") else None
    due_words = None if due is None else _date(local_day(due, Zone(row["zone"])))
    if template.heading is None:
        said = template.subject.fill(**words)
        as_plt = _as_plt(it)
        return Entry(Bilingual(id=one_line(said.id + as_plt), en=one_line(said.en + as_plt)), None, due, due_words)
    about = row["about"] if it.pack is None else _about(it)
    return Entry(template.heading.fill(**words), one_line(about) if about else None, due, due_words)


def _about(it: Told) -> str | None:
    """Whose appraisal it is, in what post where that is not her own; of the reader's own only that."""
    row = it.row
    if row["subject"] != row["person_id"]:
        return f"{row['employee']}{_as_plt(it)}"
    return _as_plt(it).strip() or None


def _as_plt(it: Told) -> str:
    """Tells what somebody does as Plt from what she does in her own post."""
    post = it.row["acting_post"]
    return f" (Plt. {post})" if post else ""


def _words(it: Told, link: str) -> dict[str, Bilingual | str]:
    row, facts = it.row, it.facts
    words: dict[str, Bilingual | str] = {
        "employee": one_line(row["employee"] or row["person"]),
        "actor": "Siklus" if row["actor"] in (None, ENGINE_ACTOR) else one_line(row["actor_name"] or ""),
        "link": link,
    }
    if it.pack is None:
        role = facts.get("role")
        words |= {
            "cycle": one_line(row["cycle"] or ""),
            "person": one_line(row["about"] or "–"),
            "role": ROLE_NAMES[GrantedRole(str(role))] if role else "–",
            "count": str(facts.get("count", "–") if it.left is None else it.left),
        }
        return words | {
            name: _date(date.fromisoformat(str(facts[name]))) for name in ("from", "until") if name in facts
        }
    state = State(str(facts.get("state", row["state"])))
    due = _due(it)
    return words | {
        "stage": it.pack.stage_names.get(state.stage, state.stage.value),
        "due": "–" if due is None else _date(local_day(due, Zone(row["zone"]))),
    }


def _due(it: Told) -> datetime | None:
    """When it is due now, or was when the notice was written, where the appraisal has gone on."""
    if it.due_at is not None and it.row["state"] == it.facts.get("state", it.row["state"]):
        return it.due_at
    return datetime.fromisoformat(str(it.facts["due_at"])) if "due_at" in it.facts else None


def _date(day: date) -> Bilingual:
    return Bilingual(id=indonesian_day(day), en=f"{day:%d %B %Y}".lstrip("0"))


def one_line(said: str) -> str:
    """No line break of a name may begin a header or a line of its own."""
    return " ".join(said.split())
