"""One notice at the moment it is sent: whether it still has its reason, and what it says.

A notice was written with its event; what has happened since decides whether it is still true. Pure: rows in, words out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping

from activities.documents.indonesian import local_date
from activities.mail import Message
from activities.outbox import MANY
from activities.people import Agency, last_day
from models.appraisal import ENGINE_ACTOR
from models.language import Bilingual
from models.policy import PolicyPack
from models.vocabulary import EngineAction, Language, Role, State, Zone
from models.ways import WAITS_ON
from models.workdays import local_day

AFTER_DUE = re.compile(r"(overdue|takeover|hr_list)\+\d+")
"""Rungs that are reached because the due day passed; others of these names have reasons of their own."""


def stale(row: RowMapping, pack: PolicyPack, agency: Agency) -> str | None:
    """Why this notice is not to be sent any more; None where it still has its reason and its person.

    Only a rung can lose its reason: whatever else happened, happened.
    """
    if not row["active"]:
        return "the person has left"
    rung = row["facts"].get("rung")
    if rung is None:
        return None
    moved = row["state"] != row["facts"].get("state") or row["period"] != row["facts"].get("period")
    if moved or (row["entered_at"] is not None and row["entered_at"] > row["at"]):
        return "the work is done"
    if row["suspended"]:
        return "the appraisal is suspended"
    if AFTER_DUE.fullmatch(rung) and row["due_at"] is not None and row["due_at"] > row["effective_at"]:
        return "there is more time now"
    if row["person_id"] not in _told(row, pack, agency):
        return "somebody else has the task now"
    return None


def _told(row: RowMapping, pack: PolicyPack, agency: Agency) -> set[str | None]:
    """Whom the pack's table would tell of this rung by the rows of today."""
    state, snapshot = State(row["state"]), row["snapshot"] or {}
    act = row["facts"]["rung"].partition("-")[0].partition("+")[0]
    day = local_day(row["at"], Zone(row["zone"]))
    around = agency.parties(
        row["subject"],
        day,
        reassigned=row["supervisor_override"],
        rated_by=snapshot.get("rated_by"),
        until=last_day(snapshot),
    )
    told: set[str | None] = set()
    for notice in pack.notices_on(f"{EngineAction.REACH_RUNG}:{act}", state):
        for named in notice.to:
            role = WAITS_ON[state] if named == "waiting_on" else Role(named)
            if role is None:
                continue
            if role in MANY:
                told |= set(agency.holders(MANY[role], day))
            else:
                told.add(around.person_in(role, snapshot.get("visit", {}).get("level", 0)))
    return told


def compose(row: RowMapping, pack: PolicyPack, link: str, language: Language) -> Message:
    """The message by the pack's template, with the notice's id at its foot, so that a second copy is known as one."""
    state = State(row["facts"].get("state", row["state"]))
    due = row["due_at"] if row["state"] == state and row["due_at"] is not None else _due(row["facts"])
    name = pack.stage_names.get(state.stage)
    words: dict[str, Bilingual | str] = {
        "employee": one_line(row["employee"]),
        "actor": "Siklus" if row["actor"] == ENGINE_ACTOR else one_line(row["actor_name"] or ""),
        "stage": name if name is not None else state.stage.value,
        "due": "–" if due is None else _date(due, Zone(row["zone"])),
        "link": link,
    }
    template = pack.texts[row["text"]]
    return Message(
        to=row["email"],
        subject=one_line(template.subject.fill(**words).say(language)),
        body=f"{template.body.fill(**words).say(language)}\n\n-- \nSiklus-Notice: {row['id']}\n",
    )


def _date(at: datetime, zone: Zone) -> Bilingual:
    english = f"{local_day(at, zone):%d %B %Y}".lstrip("0")
    return Bilingual(id=local_date(at, zone), en=english)


def _due(facts: Mapping[str, str]) -> datetime | None:
    return datetime.fromisoformat(facts["due_at"]) if "due_at" in facts else None


def one_line(text: str) -> str:
    """No line break of a name may begin a header or a line of its own."""
    return " ".join(text.split())
