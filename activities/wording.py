"""What a notice says: the mail of what is told at once, the entry of a morning's digest. Pure."""

from __future__ import annotations

from datetime import date, datetime

from activities.documents.indonesian import day as indonesian_day
from activities.mail import Message
from activities.notices import Told
from models.appraisal import ENGINE_ACTOR
from models.digest import Entry
from models.language import Bilingual
from models.notices import ROLE_NAMES
from models.vocabulary import GrantedRole, Language, State, Zone
from models.workdays import local_day


def compose(it: Told, link: str, language: Language) -> Message:
    """The message by its template, with the notice's id at its foot, so that a second copy is known as one."""
    template, words = it.text, _words(it, link)
    return Message(
        to=it.row["email"],
        subject=one_line(template.subject.fill(**words).say(language) + _beside(it)),
        body=f"{template.body.fill(**words).say(language)}\n\n-- \nSiklus-Notice: {it.row['id']}\n",
    )


def entry(it: Told) -> Entry:
    """The notice as a morning's digest tells it."""
    template, words, row = it.text, _words(it, ""), it.row
    due = _due(it) if it.facts.get("waits") or it.facts.get("rung") else None
    due_words = None if due is None else _date(local_day(due, Zone(row["zone"])))
    if template.heading is None:
        said = template.subject.fill(**words)
        beside = _beside(it)
        return Entry(Bilingual(id=one_line(said.id + beside), en=one_line(said.en + beside)), None, due, due_words)
    about = row["about"] if it.pack is None else _about(it)
    return Entry(template.heading.fill(**words), one_line(about) if about else None, due, due_words)


def _about(it: Told) -> str | None:
    """Whose appraisal it is, in what post where that is not her own; of the reader's own only that."""
    row = it.row
    if row["subject"] != row["person_id"]:
        return f"{row['employee']}{_beside(it)}"
    return _beside(it).strip() or None


def _beside(it: Told) -> str:
    """Tells what somebody does as Plt, or what is asked of some months, from the year in her own post."""
    row = it.row
    if row["asked_from"] is not None:
        months = dict.fromkeys(f"{day:%m/%Y}" for day in (row["asked_from"], row["asked_until"]))
        return f" ({'–'.join(months)})"
    return f" (Plt. {row['acting_post']})" if row["acting_post"] else ""


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
