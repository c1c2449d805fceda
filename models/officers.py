"""Who stands where in somebody's line on a day: who rates, who may take over, who decides an objection.

Found upwards from a post: its Plt, its Plh, its holder, the next superior, the PyB (DOMAIN 1.3, 3.4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from models.line import NOBODY, Acting, Line, Officer, Standing, Tenure
from models.past_line import LineOf


def supervisor_on(
    person: UUID, day: date, line: Line, reassigned: UUID | None = None, *, acting_for: UUID | None = None
) -> Officer:
    """Who rates `person`: the post's Plt, its Plh, its holder, the next superior, the PyB (DOMAIN 3.4).

    `reassigned` outranks the line (action `reassign`). A person whose supervisor is empty has nobody, not the PyB. Whoever stepped back
    from her (`Line.recused`) is passed over here and in what follows, as if he could not act in his post.
    What somebody does in the post of `acting_for` is rated by who stands above that post (DOMAIN 2.6).
    """
    return _first_step(person, day, line, reassigned, acting_for).officer


def senior_on(
    person: UUID,
    day: date,
    line: Line,
    reassigned: UUID | None = None,
    raters: Collection[UUID] = (),
    *,
    acting_for: UUID | None = None,
) -> Officer:
    """The supervisor's superior, who may take over: the next officer above who is neither `person` nor the supervisor.

    Where the line ends there, is outside, or leads back to the supervisor, the PyB; else nobody (DOMAIN 1.3, 3.14).
    `raters` are passed over too: those who really rated, by a takeover.
    """
    first = _first_step(person, day, line, reassigned, acting_for)
    if first.officer.person_id is None:
        return NOBODY
    barred = {person, first.officer.person_id, *raters, *line.recused(person, day)}
    return _climb(first.above, barred, first.day, first.line, first.seen).officer


def appeal_authorities(
    person: UUID,
    day: date,
    line: Line,
    reassigned: UUID | None = None,
    raters: Collection[UUID] = (),
    *,
    acting_for: UUID | None = None,
) -> tuple[Officer, ...]:
    """Who decides an objection, in the order of lapse: the senior supervisor, then each PyB (DOMAIN 1.3, 1.5).

    None of `raters` (those who really rated) decides, nor the supervisor, nor `person`.
    """
    supervisor = supervisor_on(person, day, line, reassigned, acting_for=acting_for)
    barred = {person, supervisor.person_id, *raters, *line.recused(person, day)}
    asked = (
        senior_on(person, day, line, reassigned, raters, acting_for=acting_for),
        *(Officer(pyb, Standing.PYB) for pyb in line.pybs_on(day) if pyb not in barred),
    )
    found: dict[UUID, Officer] = {}
    for officer in asked:
        if officer.person_id is not None:
            found.setdefault(officer.person_id, officer)
    return tuple(found.values())


def appeal_authority(
    person: UUID, day: date, line: Line, reassigned: UUID | None = None, raters: Collection[UUID] = ()
) -> Officer:
    """The first of `appeal_authorities`, or nobody."""
    return next(iter(appeal_authorities(person, day, line, reassigned, raters)), NOBODY)


def leads_to(officer: UUID, person: UUID, day: date, line: Line, *, acting_for: UUID | None = None) -> bool:
    """Whether the line of that day itself brings `person` to that officer: as who rates her, or as the next above."""
    supervisor = supervisor_on(person, day, line, acting_for=acting_for)
    return officer in (supervisor.person_id, senior_on(person, day, line, acting_for=acting_for).person_id)


class _End(StrEnum):
    """How a line ends where no person of the roster follows."""

    OUTSIDE = "outside"
    MISSING = "missing"


@dataclass(frozen=True)
class _Up:
    """The post above a post, on which day it is so, and since when that stands under it."""

    post: UUID | _End
    on: date
    since: date | None = None


@dataclass(frozen=True)
class _Step:
    """An officer, what is above the post where he was found, in which line of which day that was, and the posts passed on the way."""

    officer: Officer
    above: _Up
    line: Line
    day: date
    seen: frozenset[UUID] = frozenset()


def _up(tenure: Tenure | None, day: date, line: Line) -> _Up:
    if tenure is None:
        return _Up(_End.MISSING, day)
    if tenure.outside:
        return _Up(_End.OUTSIDE, day)
    return _Up(tenure.supervisor_id or _End.MISSING, tenure.until(day), line.since(tenure))


def _first_step(person: UUID, day: date, line: Line, reassigned: UUID | None, acting_for: UUID | None = None) -> _Step:
    tenure = line.post_of(person, acting_for, day) if acting_for else line.last_tenure(person, day)
    up = _Up(reassigned, day) if reassigned else _up(tenure, day, line)
    barred = {person, *line.recused(person, day)}
    return _Step(NOBODY, up, line, day) if up.post is _End.MISSING else _climb(up, barred, day, line)


def _climb(up: _Up, barred: Collection[UUID], day: date, line: Line, seen: frozenset[UUID] = frozenset()) -> _Step:
    """The first officer from there upwards who is not barred; the PyB where the line ends or closes on itself.

    In the line of a past day whoever stood there is asked first, up to its end, and then whoever is in these posts today.
    """
    first, before, skipped, passed = up, seen, 0, None
    while isinstance(up.post, UUID) and up.post not in seen:
        seen |= {up.post}
        post, since = line.held(up.post, up.since, up.on, day)
        actings, tenure = line.above_post(post, since, day)
        above = _up(tenure, day, line)
        for officer in _officers(post, day, line, actings):
            if officer.person_id not in barred:
                return _Step(replace(officer, skipped=skipped, post=officer.post or passed), above, line, day, seen)
        passed = passed or up.post
        up = above
        skipped += 1
    if isinstance(line, LineOf):
        return _climb(first, barred, line.today, line.now, before | {line.now.subject})
    end = up.post if isinstance(up.post, _End) else _End.MISSING
    pyb = line.pyb(day, barred, skipped=skipped, outside=end is _End.OUTSIDE, post=passed)
    return _Step(pyb, _Up(end, day), line, day, seen)


def _officers(post: UUID, day: date, line: Line, actings: Collection[Acting]) -> Iterator[Officer]:
    """Who may stand in the post that day; somebody who left the agency does not act for anybody."""
    for acting in actings:
        if line.stands(acting.person_id, day):
            yield Officer(acting.person_id, Standing(acting.kind.value), post=post)
    if not actings and line.stands(post, day):
        yield Officer(post, Standing.HOLDER)
