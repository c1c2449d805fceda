"""Who is under whom on a day: posts by their holders, who acts in them, who is above whom; who stands where is `models.officers`.

Nobody ever supervises, takes over from or decides about himself, whatever the rows say; where nobody else is left the
answer is nobody, and HR's list gets it. Days are local dates; the last day of a span counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from models.delegation import Delegation, delegates_on
from models.recusal import Recusal
from models.vocabulary import StandIn
from models.workdays import ONE_DAY

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True)
class Tenure:
    """A person in a post, under a supervisor: a person of the roster, somebody outside it, or nobody."""

    person_id: UUID
    supervisor_id: UUID | None
    outside: bool
    start: date
    end: date | None = None
    moved: bool = False
    """She came to another unit with it: not the post of before, though the superior may be the same person."""
    other_post: bool = False
    """She came to another post with it, in the same unit or another."""

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def until(self, day: date) -> date:
        """Up to when it is known of that day: to that day, or to its own end."""
        return day if self.end is None else min(day, self.end)


class Stretch(Protocol):
    """Some days of a person's line, as rows or as a `Tenure`."""

    @property
    def start(self) -> date: ...

    def covers(self, day: date) -> bool: ...


Of = TypeVar("Of", bound=Stretch)


def gone(line: Collection[Stretch], day: date) -> bool:
    """Whether somebody was here and is no longer, though she may be to come again. In rows `activities.people.GONE`.

    Who is to come for the first time is not gone.
    """
    return any(one.start <= day for one in line) and not any(one.covers(day) for one in line)


def to_come(line: Collection[Of], day: date) -> Of | None:
    """The next stretch with which somebody comes who is not here on its eve: for the first time, or again."""
    ahead = (one for one in line if one.start > day and one.covers(one.start))
    comes = (one for one in ahead if not any(other.covers(one.start - ONE_DAY) for other in line))
    return min(comes, key=lambda one: one.start, default=None)


def spoken_of(line: Collection[Of], day: date) -> Of | None:
    """The stretch of which speaks what is said that day without a day of its own: of who is not here, the one with which she comes."""
    return next((one for one in line if one.covers(day)), None) or to_come(line, day)


class ActingKind(StrEnum):
    PLT = "plt"
    """The post is vacant."""
    PLH = "plh"
    """The holder is absent."""


@dataclass(frozen=True)
class Acting:
    """Somebody acts in the post of `holder_id`; while it runs the holder himself does not."""

    person_id: UUID
    holder_id: UUID
    kind: ActingKind
    start: date
    end: date | None = None
    vacated: date | None = None
    """The holder's last day in that post, where a transfer took him to another while, or when, this began."""

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def left(self, day: date) -> bool:
        """Whether the holder has gone on to another post by that day."""
        return self.vacated is not None and self.vacated < day

    def reaches(self, since: date | None, day: date) -> bool:
        """Whether it is about the post that somebody stands under since then: what the holder leads since he went on is his own."""
        return not self.left(day) or (since is not None and self.vacated is not None and since <= self.vacated)


class Standing(StrEnum):
    """In which capacity the found person stands there."""

    HOLDER = "holder"
    PLT = "plt"
    PLH = "plh"
    PYB = "pyb"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Officer:
    person_id: UUID | None
    standing: Standing
    skipped: int = 0
    """How many vacant posts between; above 0 a higher superior stands in for the nearer one."""
    outside: bool = False
    """The post belongs to somebody outside the roster, for whom the PyB acts."""
    post: UUID | None = None
    """Whose post it is, where he is not its holder and it is somebody's of the roster."""

    @property
    def stands_in(self) -> StandIn | None:
        """What marks his acts there; None where the post is his own."""
        match self.standing:
            case Standing.PLT:
                return StandIn.PLT
            case Standing.PLH:
                return StandIn.PLH
            case Standing.PYB:
                return StandIn.PYB
            case Standing.HOLDER if self.skipped:
                return StandIn.SUPERIOR
        return None


NOBODY = Officer(None, Standing.NOBODY)
NOT_ONE: frozenset[UUID] = frozenset()


class Line:
    """The rows of one agency, looked up by person. `pybs` and `hr` (who holds that role) in the order in which they are asked."""

    def __init__(
        self,
        tenures: Iterable[Tenure],
        actings: Iterable[Acting] = (),
        pybs: Iterable[UUID] = (),
        *,
        delegations: Iterable[Delegation] = (),
        hr: Iterable[UUID] = (),
        recusals: Iterable[Recusal] = (),
    ) -> None:
        self.pybs = tuple(pybs)
        self.hr = tuple(hr)
        self._lent: dict[UUID, list[Delegation]] = defaultdict(list)
        for one in delegations:
            self._lent[one.principal].append(one)
        self._recusals: dict[UUID, list[Recusal]] = defaultdict(list)
        for recusal in recusals:
            self._recusals[recusal.about].append(recusal)
        self._tenures: dict[UUID, list[Tenure]] = defaultdict(list)
        self._actings: dict[UUID, list[Acting]] = defaultdict(list)
        for tenure in sorted(tenures, key=lambda row: row.start, reverse=True):
            self._tenures[tenure.person_id].append(tenure)
        for acting in sorted(_runs(actings), key=lambda row: (row.kind is ActingKind.PLH, -row.start.toordinal())):
            self._actings[acting.holder_id].append(acting)
        self._as_plt = _plts(self._actings)
        self._led = _led(self._tenures)

    def but(self, tenures: Mapping[UUID, Iterable[Tenure]], actings: Mapping[UUID, Iterable[Acting]]) -> Line:
        """The same line, were these the rows of these people, and of these posts those who act there."""
        changed = Line(
            (row for rows in tenures.values() for row in rows), (row for rows in actings.values() for row in rows)
        )
        other = copy(self)
        other._tenures = {one: rows for one, rows in self._tenures.items() if one not in tenures} | changed._tenures
        other._actings = {one: rows for one, rows in self._actings.items() if one not in actings} | changed._actings
        other._as_plt = _plts(other._actings)
        other._led = _led(other._tenures)
        return other

    @property
    def posts(self) -> Collection[UUID]:
        """By their holders: everybody of whom a line is recorded, or that somebody acts for him."""
        return self._tenures.keys() | self._actings.keys()

    def tenures(self) -> Iterator[Tenure]:
        return (row for rows in self._tenures.values() for row in rows)

    def actings(self) -> Iterator[Acting]:
        return (row for rows in self._actings.values() for row in rows)

    def tenures_of(self, person: UUID) -> Sequence[Tenure]:
        """The later first, as what follows."""
        return self._tenures.get(person, ())

    def actings_of(self, holder: UUID) -> Sequence[Acting]:
        return self._actings.get(holder, ())

    def led(self, superior: UUID) -> Collection[UUID]:
        """Everybody who stands, stood or will stand directly under somebody."""
        return self._led.get(superior, ())

    def stepped_back(self) -> set[UUID]:
        """Who is too close to anybody, on whatever day."""
        return {row.person for rows in self._recusals.values() for row in rows}

    def tenure_on(self, person: UUID, day: date) -> Tenure | None:
        return next((row for row in self._tenures.get(person, ()) if row.covers(day)), None)

    def stands(self, person: UUID, day: date) -> bool:
        """Whether that person may stand in a post that day; somebody who left the agency does not."""
        return self.tenure_on(person, day) is not None

    def held(self, post: UUID, since: date | None, on: date, day: date) -> tuple[UUID, date | None]:  # noqa: ARG002
        """Whose that post of the day `on` is on the later `day`, and since when one stands under him; a post is its holder's."""
        return post, since

    def last_tenure(self, person: UUID, day: date) -> Tenure | None:
        """The one that runs, else the latest that ended: a vacant post still has a superior."""
        rows = self._tenures.get(person, ())
        return self.tenure_on(person, day) or next((row for row in rows if row.start <= day), None)

    def actings_on(self, holder: UUID, day: date) -> list[Acting]:
        """Plt before Plh, the later appointment first."""
        return [row for row in self._actings.get(holder, ()) if row.covers(day)]

    def vacated(self, person: UUID, holder: UUID, day: date) -> date | None:
        """The last day of a holder in the post in which that person acts that day, acted last or will act; None where he stayed in it."""
        its = sorted(
            (one for one in self._actings.get(holder, ()) if one.person_id == person), key=lambda one: one.start
        )
        begun = [one for one in its if one.start <= day]
        one = next((one for one in begun if one.covers(day)), begun[-1] if begun else its[0] if its else None)
        return None if one is None else one.vacated

    def post_of(self, person: UUID, holder: UUID, day: date) -> Tenure | None:
        """The holder's line in the post in which that person acts."""
        last = self.vacated(person, holder, day)
        return self.last_tenure(holder, day if last is None else min(day, last))

    def since(self, tenure: Tenure) -> date:
        """Since when somebody has stood in that post under that superior without a gap, through however many stretches."""
        first = tenure
        for row in self._tenures.get(tenure.person_id, ()):
            if row.start >= first.start:
                continue
            same = (row.supervisor_id, row.outside) == (first.supervisor_id, first.outside)
            if first.moved or not same or row.end is None or row.end + ONE_DAY < first.start:
                break
            first = row
        return first.start

    def above_post(self, post: UUID, since: date | None, day: date) -> tuple[list[Acting], Tenure | None]:
        """Who acts in a post for whoever stands under it since then, and the line of that post.

        Who stands under a post that its holder has left for another has the line above that post still above; where the holder is
        still to come, the one that he comes with.
        """
        actings = [one for one in self.actings_on(post, day) if one.reaches(since, day)]
        left = [one.vacated for one in actings if one.left(day) and one.vacated is not None]
        first = next(reversed(self._tenures.get(post, ())), None)
        return actings, self.last_tenure(post, min([day, *left])) or first

    def as_plt(self, day: date, person: UUID | None = None) -> list[Acting]:
        """Where somebody, or anybody, is Plt that day or will be."""
        rows = self._as_plt.get(person, ()) if person else (row for rows in self._as_plt.values() for row in rows)
        return [row for row in rows if row.end is None or day <= row.end]

    @property
    def lends(self) -> bool:
        """Whether anybody at all lends anything; mostly nobody does, and everybody is asked about."""
        return bool(self._lent)

    def delegates_on(self, principal: UUID, day: date) -> tuple[UUID, ...]:
        """Who acts for that person on that day; somebody who left the agency does not act for anybody."""
        lent = self._lent.get(principal)
        if not lent:
            return ()
        return tuple(p for p in delegates_on(principal, day, lent) if self.tenure_on(p, day) is not None)

    def stands_for(self, delegate: UUID, day: date) -> tuple[UUID, ...]:
        """For whom that person acts by delegation on that day."""
        if self.tenure_on(delegate, day) is None:
            return ()
        lent = (one for rows in self._lent.values() for one in rows)
        return tuple({one.principal: None for one in lent if one.delegate == delegate and one.covers(day)})

    def actings_near(self, person: UUID, day: date) -> list[Acting]:
        """Who acts, or will, around that person's own post: in it, in one below it, in the one above, or beside it."""
        own = self.last_tenure(person, day)
        above = own.supervisor_id if own else None
        found = []
        for acting in (row for rows in self._actings.values() for row in rows):
            if acting.person_id == person or (acting.end is not None and acting.end < day):
                continue
            post = self.last_tenure(acting.holder_id, day)
            superior = post.supervisor_id if post else None
            beside = superior is not None and superior in (person, above)
            if (beside or acting.holder_id in (person, above)) and self.tenure_on(acting.person_id, day) is not None:
                found.append(acting)
        return sorted(found, key=lambda row: (row.start, str(row.person_id), str(row.holder_id)))

    def ups_on(self, day: date) -> dict[UUID, UUID | None]:
        return {
            person: row.supervisor_id for person in self._tenures if (row := self.tenure_on(person, day)) is not None
        }

    def above(self, person: UUID, day: date) -> set[UUID]:
        """Everybody whom the rows of that day pass on the way up from somebody, himself and vacant posts included, whoever acts in them."""
        found: set[UUID] = set()
        step: UUID | None = person
        while step is not None and step not in found:
            found.add(step)
            tenure = self.last_tenure(step, day)
            step = None if tenure is None else tenure.supervisor_id
        return found

    def posts_from(self, post: UUID | None, since: date | None, day: date, on: date | None = None) -> set[UUID]:
        """That post, for whoever stands under it since then, and those above it, by their holders; as it was known `on` a day.

        Of one that its holder has left the line that it had.
        """
        found: set[UUID] = set()
        on = on or day
        while post is not None and post not in found:
            held, since = self.held(post, since, on, day)
            found |= {post, held}
            _, above = self.above_post(held, since, day)
            post, since, on = (above.supervisor_id, self.since(above), above.until(day)) if above else (None, None, day)
        return found

    def answer_for(self, people: Iterable[UUID], day: date) -> set[UUID]:
        """These people and everybody above them, by the post or by acting in it; also above a post in which one of them is Plt."""
        found: set[UUID] = set()
        come, passed, ask = list(people), set[Tenure](), list[Tenure | None]()
        while come or ask:
            while come:
                if (one := come.pop()) not in found:
                    found.add(one)
                    ask.append(self.last_tenure(one, day))
                    ask += [self.post_of(one, a.holder_id, day) for a in self.as_plt(day, one) if a.covers(day)]
            tenure = ask.pop() if ask else None
            if tenure is None or tenure.supervisor_id is None or tenure in passed:
                continue
            passed.add(tenure)
            actings, above = self.above_post(tenure.supervisor_id, self.since(tenure), day)
            come += [a.person_id for a in actings if self.tenure_on(a.person_id, day) is not None]
            if any(a.left(day) for a in actings):
                ask.append(above)
            else:
                come.append(tenure.supervisor_id)
        return found

    def act_in(self, post: UUID, day: date, since: date) -> list[UUID]:
        """Who acts there that day for who stands under it since then; somebody who left the agency does not."""
        actings, _ = self.above_post(post, since, day)
        return [one.person_id for one in actings if self.tenure_on(one.person_id, day) is not None]

    def starts_after(self, day: date) -> list[date]:
        """The later days on which somebody gets another superior or begins to act, as far as that is recorded."""
        rows = (row for held in (self._tenures, self._actings) for rows in held.values() for row in rows)
        return sorted({row.start for row in rows if row.start > day})

    def turns_after(self, day: date) -> list[date]:
        """The later days on which it may be somebody else's turn: a superior, whoever acts in a post or for another comes or goes."""
        rows = [row for held in (self._tenures, self._actings) for rows in held.values() for row in rows]
        lent = [one for rows in self._lent.values() for one in rows]
        starts = {one.start for one in (*rows, *lent)}
        ends = {row.end for row in rows if row.end is not None} | {one.until for one in lent}
        return sorted(one for one in starts | {end + ONE_DAY for end in ends if end < date.max} if one > day)

    def recused(self, about: UUID, day: date) -> frozenset[UUID]:
        """Who is too close to that person to rate her or to decide about her on that day; mostly nobody is."""
        rows = self._recusals.get(about)
        return NOT_ONE if rows is None else frozenset(row.person for row in rows if row.start <= day)

    def recused_from(self, person: UUID, day: date) -> frozenset[UUID]:
        """To whom that person is too close."""
        return frozenset(about for about in self._recusals if person in self.recused(about, day))

    def here(self, person: UUID, day: date) -> bool:
        """Whether what somebody was granted is his that day: not before he comes, and not after he left.

        Of whom nothing is recorded is here.
        """
        return person not in self._tenures or self.tenure_on(person, day) is not None

    def gone(self, person: UUID, day: date) -> bool:
        """Whether somebody was here and is no longer: he acts for nobody, whatever he was granted."""
        return gone(self._tenures.get(person, ()), day)

    def with_pybs(self, pybs: Iterable[UUID]) -> Line:
        """The same line, had these been named PyB and nobody else."""
        other = copy(self)
        other.pybs = tuple(pybs)
        return other

    def pybs_on(self, day: date) -> tuple[UUID, ...]:
        return tuple(person for person in self.pybs if self.here(person, day))

    def pyb(
        self,
        day: date,
        excluded: Collection[UUID],
        *,
        skipped: int = 0,
        outside: bool = False,
        post: UUID | None = None,
    ) -> Officer:
        found = next((person for person in self.pybs_on(day) if person not in excluded), None)
        return NOBODY if found is None else Officer(found, Standing.PYB, skipped, outside, post)


def _led(tenures: Mapping[UUID, Iterable[Tenure]]) -> dict[UUID, list[UUID]]:
    """Whom somebody ever had directly under him, by who."""
    found: dict[UUID, dict[UUID, None]] = defaultdict(dict)
    for row in (row for rows in tenures.values() for row in rows):
        if row.supervisor_id is not None:
            found[row.supervisor_id][row.person_id] = None
    return {superior: list(people) for superior, people in found.items()}


def _plts(actings: Mapping[UUID, Iterable[Acting]]) -> dict[UUID, list[Acting]]:
    """Where people are Plt, by who is."""
    found: dict[UUID, list[Acting]] = defaultdict(list)
    for acting in (row for rows in actings.values() for row in rows if row.kind is ActingKind.PLT):
        found[acting.person_id].append(acting)
    return found


def _runs(actings: Iterable[Acting]) -> Iterator[Acting]:
    """The same, where appointments without a gap between them are one: about the post that the holder had when the first began."""
    last: dict[tuple[UUID, UUID, ActingKind], Acting] = {}
    for one in sorted(actings, key=lambda row: row.start):
        key = (one.person_id, one.holder_id, one.kind)
        before = last.get(key)
        if before is not None and (before.end is None or before.end + ONE_DAY >= one.start):
            one = replace(one, vacated=before.vacated)
        last[key] = one
        yield one


def why_not_superior(person: UUID, superior: UUID, day: date, line: Line, *, until: date | None = None) -> str | None:
    """The code of what forbids that `superior` supervises `person` from that day on, to the end of `until`; None where nothing does.

    Nobody is put under himself, under whoever has left, or under whoever is below him that day or will be by what is recorded: in the line,
    or because he acts in a post above. To act in the post of the own superior is none of that: then one is rated from above (DOMAIN 3.15).
    """
    if line.gone(superior, day):
        return "unknown_person"
    if superior == person:
        return "self_supervisor"
    for asked in (day, *(later for later in line.starts_after(day) if until is None or later <= until)):
        # By the rows alone too: whoever acts between them does so for a time.
        if person in line.above(superior, asked):
            return "loop_in_line"
        would_rate = {superior, *line.act_in(superior, asked, day)} - {person}
        if person in line.answer_for(would_rate, asked):
            return "loop_in_line"
    return None


def loops(line: Line, day: date) -> list[list[UUID]]:
    """Each loop of the line on that day, once, each member before his superior."""
    return cycles(line.ups_on(day))


def cycles(ups: Mapping[Node, Node | None]) -> list[list[Node]]:
    """The loops of a graph in which everybody has at most one superior, in the order of the mapping."""
    done: set[Node] = set()
    found: list[list[Node]] = []
    for start in ups:
        path: dict[Node, int] = {}
        node: Node | None = start
        while node is not None and node not in done and node not in path:
            path[node] = len(path)
            node = ups.get(node)
        if node is not None and node in path:
            found.append(list(path)[path[node] :])
        done.update(path)
    return found
