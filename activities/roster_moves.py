"""What a roster file's rows say of people's places: which of it holds today, waits for its day, is known already, or is not known yet.

Another unit, or another kind of employment, is a transfer, kept as a decision of its own; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict
from uuid import uuid4

from activities.clocks import There
from activities.roster_recorded import Arrival, Recorded, Span, arrival, begun
from activities.roster_titles import Titles
from activities.running import Running, too_early
from models.circumstances import Personnel
from models.line import gone, spoken_of
from models.places import PLACE, TITLE, Move, Place, differing, foretells, place_on, unaware
from models.roster_rows import RosterRow
from models.tables import Json
from models.workdays import ONE_DAY

COLUMN_OF = {
    "name": "nama",
    "post": "jabatan",
    "level": "jenjang",
    "kind": "jenis_pegawai",
    "unit_id": "unit",
    "grade": "pangkat",
    "family": "rumpun",
    "email": "email",
    "work_week": "hari_kerja",
    "zone": "zona",
    "since": "tmt",
}
"""Which column of the file fills which column of a person."""


class Ended(TypedDict):
    """What is known of the place that a transfer ended, as of `Move`."""

    before: Place | None
    since: date | None
    dated: bool


Tell = Callable[[RosterRow, str, Json, int | None], None]
"""Says what becomes different for the person of that row, in so many running appraisals where it closes or moves any."""


@dataclass(frozen=True)
class Transferred:
    """Somebody whom the file puts elsewhere from a day on, and the running appraisals about her own post.

    `move` is the decision, None where the file takes back the one `instead_of` which it comes.
    """

    person: str
    day: date
    data: Json
    reached: Sequence[Running]
    move: Move | None = None
    instead_of: str | None = None


@dataclass
class Placing:
    """Holds each row against the place that it speaks of. `today` is the agency's local day."""

    recorded: Recorded
    columns: Collection[str]
    today: date
    tell: Tell
    transfers: list[Transferred] = field(default_factory=list)
    reorganised: list[Transferred] = field(default_factory=list)
    """Who sits where she sat, in a unit that is another one now."""
    years: list[tuple[str, There]] = field(default_factory=list)
    """Their open appraisals, each with its place from now on."""
    unbegun: list[tuple[str, str, There]] = field(default_factory=list)
    """Whose years that have not begun go along, out of which unit to where."""
    unaware: set[str] = field(default_factory=set)
    """Whose rows do not know of a transfer, or not of its day: their place and their superior say nothing."""
    boundaries: set[tuple[str, date]] = field(default_factory=set)
    """From when on somebody's line has a stretch of its own, whoever the superior."""
    undone: dict[str, date] = field(default_factory=dict)
    """And from when on it has none any more."""
    codes: dict[object, str] = field(default_factory=dict)
    """Of the units, by id."""
    peopled: set[str] = field(default_factory=set)
    """The codes of units in which somebody is by the file, or stays because it does not name him."""
    titles: Titles = field(init=False)
    """What becomes different of people who stay where they are."""
    _new_post: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.titles = Titles(self.recorded)

    def read(self, rows: Sequence[RosterRow]) -> None:
        """Look at all rows of people who are here, before any of them is placed."""
        named = {row.nip for row in rows}
        others = (one for nip, one in self.recorded.people.items() if nip not in named)
        stay = (one for one in others if not gone(self._history(one), self.today))
        self.peopled = {row.unit_code for row in rows} | {self.codes[one["unit_id"]] for one in stay}

    def placed(self, row: RosterRow, person: Json, said: Place, changed: Json) -> Json:
        """What of it is to be written today. What a row says of a later day waits for it; what it does not know of stays."""
        moves = self.recorded.moves.get(str(person["id"]), [])
        elsewhere = {name: value for name, value in changed.items() if name not in PLACE}
        if self._speaks_of_before(row, person):
            self.unaware.add(row.nip)
            elsewhere.pop("since", None)
            return elsewhere
        arrives = self._arrival(row, person)
        day = arrives.day if arrives else row.since
        of_later = row.since is None and foretells(said, (move for move in moves if day is not None and move.day > day))
        if day is not None and day > self.today and not of_later:
            return self._ahead(row, person, said, changed, day)
        if not differing(said, person):
            return changed
        undated = row.since in (None, person["since"])
        if unaware(said, row.since, moves) or (undated and foretells(said, moves)):
            self.unaware.add(row.nip)
            elsewhere.pop("since", None)
            return elsewhere
        return changed

    def _ahead(self, row: RosterRow, person: Json, said: Place, changed: Json, day: date) -> Json:
        """A row of a day to come, held against the place as it is to be on that day; a new title in the same unit holds at once."""
        moves = self.recorded.moves.get(str(person["id"]), [])
        known = self._known(row, person, day)
        differs = differing(said, place_on(day, person, moves))
        if known is None and not differs.keys() & {"unit_id", "kind"}:
            return {name: value for name, value in changed.items() if name not in PLACE or name in differs}
        elsewhere = {name: value for name, value in changed.items() if name not in PLACE}
        undone = False
        if differs or (known is not None and known.day != day):
            undone = self._decide_ahead(row, person, said, day, known)
        if not undone:  # the day is the transfer's, and comes with it
            elsewhere.pop("since", None)
        return elsewhere

    def _decide_ahead(self, row: RosterRow, person: Json, said: Place, day: date, known: Move | None) -> bool:
        """A transfer of its own, in place of one that is still to come on that day; back to the place of the eve, none at all.

        Whether it is the latter: then the day is the row's again.
        """
        who = str(person["id"])
        moves = self.recorded.moves.setdefault(who, [])
        eve = place_on(day - ONE_DAY, person, [move for move in moves if move is not known])
        undone = known is not None and not differing(said, eve)
        closed = [one for one in self.recorded.running.get(who, ()) if one.closed_by(day)]
        told = self._tell_moves(row, eve, said, day, len(closed))
        if not told:
            was = place_on(day, person, moves)
            fields = {COLUMN_OF[n]: [self.plain(n, was[n]), self.plain(n, v)] for n, v in differing(said, was).items()}
            what = "transfer_taken_back" if undone else "transfer_corrected"
            self.tell(row, what, {**fields, "tmt": day.isoformat()}, len(closed))
        if known is not None:
            moves.remove(known)
        move = None if undone else Move(str(uuid4()), day, dict(said), coming=True)
        if move is not None:
            moves.append(move)
            moves.sort(key=lambda one: one.day)
            self.boundaries.add((row.nip, day))
        else:
            self.undone[row.nip] = day
        self._transfer(who, day, said["unit_id"], move, known)
        return undone

    def moved(self, row: RosterRow, person: Json, changed: Json) -> None:
        """Another unit, or another kind of employment, is another part of the year (DOMAIN 3.1, 3.25).

        Where only the unit around an unchanged post is another, the agency was reorganised and the year goes along (DOMAIN 3.19): nobody
        is left in the old unit, or her superior stayed. Who leaves both behind was transferred, whatever she is called there.
        """
        if changed.get("since") is not None:
            self._new_post.add(row.nip)
        same_post = not changed.keys() & {"post", "level", "kind", "since"}
        if "unit_id" in changed and same_post and self._goes_along(row, person):
            self._reorganised(row, person, changed)
        elif changed.keys() & {"unit_id", "kind"}:
            self._transferred(row, person, changed)
            return
        self._titled(row, person, changed)

    def _titled(self, row: RosterRow, person: Json, changed: Json) -> None:
        arrives = self._arrival(row, person)
        said = None if row.nip in self.unaware else arrives.day if arrives else row.since
        begins, moves = said or self.today, self.recorded.moves.get(str(person["id"]), ())
        comes = any(move.coming and move.day < begins for move in moves)
        arrived = place_on(begins, person, moves)["unit_id"] if comes else None
        day = self.titles.changed(person, changed, said, self.today, arrived)
        if day is not None:
            fields = {COLUMN_OF[n]: [person[n], changed[n]] for n in TITLE if n in changed}
            self.tell(row, "title_changed", {**fields, "tmt": day.isoformat()}, None)

    def _transferred(self, row: RosterRow, person: Json, changed: Json) -> None:
        who = str(person["id"])
        day = self._move_day(row, who)
        closed = [one for one in self.recorded.running.get(who, ()) if one.closed_by(day)]
        self._tell_moves(row, person, changed, day, len(closed))
        moves = self.recorded.moves.setdefault(who, [])
        known = self._known(row, person, day)
        to = {name: changed.get(name, person[name]) for name in PLACE}
        move = Move(str(uuid4()), day, to, coming=False, **self._ended(row, person, day, known))
        moves[:] = sorted([*(one for one in moves if one is not known), move], key=lambda one: one.day)
        self.boundaries.add((row.nip, day))
        self._transfer(who, day, to["unit_id"], move, known)

    def _goes_along(self, row: RosterRow, person: Json) -> bool:
        """Whether the unit went, rather than she."""
        if self.codes[person["unit_id"]] not in self.peopled or "nip_atasan" not in self.columns:
            return True
        line = begun(self.recorded.spans.get(str(person["id"]), ()), self.today)
        above = self.recorded.people.get(row.supervisor_nip or "")
        said = str(above["id"]) if above else row.supervisor_nip
        return line is not None and (line.supervisor_id, line.outside) == (said, row.supervisor_outside)

    def _ended(self, row: RosterRow, person: Json, day: date, known: Move | None) -> Ended:
        """What a transfer of today or earlier ends: what the one of that day ended that it comes in place of, else where she is."""
        before, since = self.titles.until(person, day)
        if known is not None and not known.coming:
            return {"before": known.before, "since": known.since, "dated": known.dated}
        return {"before": before, "since": since, "dated": row.since == day}

    def _transfer(self, who: str, day: date, unit: object, move: Move | None, known: Move | None) -> None:
        reached = [one for one in self.recorded.running.get(who, ()) if not one.beside]
        data: Json = {"unit": unit, "effective": day.isoformat()}
        if known is not None:
            data["taken_back"] = [{"what": Personnel.TRANSFER.value, "effective": known.day.isoformat()}]
        self.transfers.append(Transferred(who, day, data, reached, move, known.id if known else None))

    def _tell_moves(self, row: RosterRow, before: Place, after: Place, day: date, reached: int) -> bool:
        """Say which of unit and kind of employment is another from that day on; whether any is."""
        said = {"unit_id": ("transferred", "unit"), "kind": ("kind_changed", "jenis_pegawai")}
        moved = [name for name in said if name in after and before[name] != after[name]]
        for name in moved:
            what, column = said[name]
            shown = [self.plain(name, place[name]) for place in (before, after)]
            self.tell(row, what, {column: shown, "tmt": day.isoformat()}, reached)
        return bool(moved)

    def plain(self, name: str, value: object) -> object:
        """A person's column as the file would say it."""
        if name == "unit_id":
            return self.codes.get(value)
        return value.isoformat() if isinstance(value, date) else value

    def _reorganised(self, row: RosterRow, person: Json, changed: Json) -> None:
        who, unit = str(person["id"]), changed["unit_id"]
        to = There.of({**person, **changed})
        reached = [one for one in self.recorded.running.get(who, ()) if not one.over and not one.beside]
        fields: Json = {"unit": [self.plain("unit_id", person["unit_id"]), row.unit_code]}
        self.tell(row, "unit_reorganised", fields, len(reached))
        self.years += [(one.id, to) for one in reached]
        self.unbegun.append((who, str(person["unit_id"]), to))
        self.reorganised.append(Transferred(who, self.today, {"unit": unit}, reached))

    def begin(self, row: RosterRow, history: Sequence[Span]) -> date:
        """From when what the row says holds: a day to come, or the first day of a post that is new to us (`tmt`); else today.

        What it says of who is not here holds from the day on which she comes.
        """
        if (arrives := arrival(history, row.since, self.today)) is not None:
            return arrives.day
        line = begun(history, self.today)
        if row.since is None:
            return self.today
        new_post = row.nip in self._new_post and line is not None and row.since > line.start
        return row.since if row.since > self.today or new_post else self.today

    def _history(self, person: Json) -> Sequence[Span]:
        return self.recorded.spans.get(str(person["id"]), ())

    def _arrival(self, row: RosterRow, person: Json) -> Arrival | None:
        return arrival(self._history(person), row.since, self.today)

    def _speaks_of_before(self, row: RosterRow, person: Json) -> bool:
        """Whether a row of who is not here, but to come, still says the day of a post that she left."""
        here_or_to_come = spoken_of(self._history(person), self.today)
        to_come = here_or_to_come is not None and here_or_to_come.start > self.today
        return to_come and row.since is not None and row.since <= self.today and self._arrival(row, person) is None

    def _known(self, row: RosterRow, person: Json, day: date) -> Move | None:
        """The transfer in whose place one of that day comes: of the same day, or the one with which she was to come."""
        moves, arrives = self.recorded.moves.get(str(person["id"]), ()), self._arrival(row, person)
        came = (move for move in moves if arrives is not None and move.coming and move.day == arrives.first.start)
        return next((move for move in moves if move.day == day), None) or next(came, None)

    def _move_day(self, row: RosterRow, person: str) -> date:
        """The first day of the new post where the file says it, her appraisal had begun by then, and no transfer since; else today."""
        day = self.begin(row, self.recorded.spans.get(person, ()))
        later = any(day < move.day <= self.today for move in self.recorded.moves.get(person, ()))
        return self.today if later or too_early(self.recorded.running.get(person, ()), day) else day
