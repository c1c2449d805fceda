"""Problems: every refusal as `application/problem+json` with a stable code, a sentence in the caller's language, and what to do.

Which there are is said in `api.problem_catalogue`. A refusal changed nothing and stores nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse

from activities.facts import PackUnreadable
from api.problem_catalogue import CATALOGUE
from api.words import CYCLES, FORMS, ROLES, STATES, slot_word, when, word
from models.database import again, away
from models.language import Bilingual
from models.vocabulary import Language, Zone
from models.workdays import ZONES

WISH = re.compile(
    r"(?:^|,)\s*(?P<tag>en|id)(?:-[a-z0-9-]*)?\s*(?:;\s*q=(?P<weight>[01](?:\.[0-9]{0,3})?)\s*)?(?=,|$)", re.ASCII
)
"""One of our languages in `Accept-Language`, with its weight; what is written in no such way is no wish."""

INSTANTS = frozenset({"opens_at", "lapsed_at", "closes_at"})
CODES: Mapping[str, dict[str, str]] = {"state": STATES | CYCLES, "waits_on": ROLES, "form": FORMS}
log = structlog.stdlib.get_logger("siklus.api")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong at one place of the input; `pointer` is RFC 6901, empty for the whole."""

    pointer: str
    code: str
    message: Bilingual


class Problem(Exception):
    """Raised anywhere below a route; `about` fills the sentence and stands in the answer as extra members."""

    def __init__(
        self,
        code: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        **about: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.about = about


def problem(code: str, about: Mapping[str, object]) -> Problem:
    """The problem with these words in its sentence, as a refusal of the lifecycle carries them: a version there is text."""
    made = Problem(code)
    made.about = {name: int(str(value)) if name == "version" else value for name, value in about.items()}
    return made


def language(request: Request) -> Language:
    """`en` where the caller prefers it to `id` (RFC 9110 section 12.5.4), else `id`."""
    best, spoken = 0.0, "id"
    for wished in WISH.finditer(request.headers.get("accept-language", "").lower()):
        weight = float(wished["weight"] or 1)
        if weight > best:
            best, spoken = weight, wished["tag"]
    return spoken


def as_document(problem: Problem, spoken: Language, instance: str = "") -> dict[str, object]:
    """The members of the answer; also used for the single results of a bulk call."""
    kind = CATALOGUE[problem.code]
    words = {name: spelled(name, value, spoken) for name, value in problem.about.items() if value not in (None, "")}
    document: dict[str, object] = {
        "type": f"urn:siklus:problem:{problem.code}",
        "title": kind.title.say(spoken),
        "status": kind.status,
        "detail": kind.detail.say(spoken).format_map(_Blank(words)),
        "instance": instance,
        "code": problem.code,
    }
    document |= {
        name: value.say(spoken) if isinstance(value, Bilingual) else value
        for name, value in problem.about.items()
        if name not in document
    }
    if problem.errors:
        document["errors"] = [
            {"pointer": e.pointer, "code": e.code, "message": e.message.say(spoken)} for e in problem.errors
        ]
    return document


def spelled(name: str, value: object, spoken: Language) -> str:
    """What a sentence says for one member: words for codes, and for an instant the clocks of Jakarta."""
    if isinstance(value, Bilingual):
        return value.say(spoken)
    raw = str(value)
    if name in INSTANTS:
        return _told(raw, spoken)
    if name not in CODES:
        return raw
    if spoken == "en":
        return raw.replace("_", " ").replace(".", " ")
    return slot_word(raw) if name == "form" else word(CODES[name], raw)


def _told(raw: str, spoken: Language) -> str:
    """`1 Juli 2027, 00.00 WIB`, `1 July 2027, 00:00 WIB`; what is no instant stays as it is."""
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        return raw
    if spoken != "en":
        return when(at)
    local = at.astimezone(ZONES[Zone.WIB])
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M} WIB"


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


def of_database(error: Exception) -> Problem:
    """What a database that is away, or one that refuses, is to whoever asked; why stands in the log only."""
    if away(error) or again(error):
        log.warning("database_away", error=type(error).__name__)
        return Problem("database_away")
    log.error("database_error", exc_info=error)
    return Problem("internal_error")


def of_pack(error: PackUnreadable) -> Problem:
    """What a cycle without a readable policy is to whoever asked."""
    log.error("pack_unreadable", cycle_id=error.cycle, exc_info=error)
    return Problem("pack_unreadable")


def headers_of(problem: Problem) -> dict[str, str]:
    """What goes with the problem in whatever form it is told: when to try again, how to sign in."""
    status, headers = CATALOGUE[problem.code].status, dict(problem.headers)
    if status == 503:
        headers.setdefault("Retry-After", "2")
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return headers


def answer(request: Request, problem: Problem) -> JSONResponse:
    """The problem as a response."""
    spoken = language(request)
    return JSONResponse(
        as_document(problem, spoken, request.url.path),
        status_code=CATALOGUE[problem.code].status,
        headers=headers_of(problem) | {"Content-Language": spoken},
        media_type="application/problem+json",
    )
