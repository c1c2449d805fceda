"""What a roster file's rows say of who acts in whose post; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date

from activities.roster_moves import Tell
from activities.roster_recorded import Recorded
from models.line import ActingKind
from models.roster_rows import Appointed, RosterRow, untuk
from models.tables import Json
from models.workdays import ONE_DAY


@dataclass
class Appointing:
    """Holds each row's appointments against those that are recorded. `today` is the agency's local day."""

    recorded: Recorded
    columns: Collection[str]
    today: date
    tell: Tell
    leaves: Callable[[RosterRow], date | None]
    """The day of an exit that a row does not know of."""
    gone: list[Json] = field(default_factory=list)
    """Recorded ones that go, before what comes in their place."""
    fresh: list[Json] = field(default_factory=list)
    changed: list[tuple[ActingKind, str, str | None]] = field(default_factory=list)
    """Whose appointments of that kind are others now, and in whose post they act by the file."""

    def read(self, row: RosterRow, person: str, new: bool) -> None:
        """`new`: the person comes with this file, of whom the import itself is the event."""
        for kind in ActingKind:
            if untuk(kind) in self.columns:
                self._appoint(row, person, new, kind)

    def _appoint(self, row: RosterRow, person: str, new: bool, kind: ActingKind) -> None:
        """The file's appointment replaces those that run; one that began stays on record until the eve of it, or yesterday."""
        recorded = self.recorded.actings.get(person, [])
        said = next((acting for acting in row.actings if acting.kind is kind), None)
        wanted = self._wanted(said, row, person) if said is not None else None
        fresh = wanted if wanted is not None and wanted not in recorded else None
        last = self._last_day_before(wanted)
        its = [a for a in recorded if a["kind"] == kind.value]
        over = [a for a in recorded if a != wanted and _same_appointment(a, wanted)]
        over += [a for a in its if a != wanted and a not in over and self._goes_on(a, last)]
        if not over and fresh is None:
            return
        kept = [acting for acting in recorded if acting not in over]
        cut = [
            acting | {"valid_until": last}
            for acting in over
            if _day(acting["valid_from"]) <= min(last, self.today) and not _same_appointment(acting, fresh)
        ]
        self.gone += over
        self.fresh = [one for one in self.fresh if one not in over]  # the other kind may have cut it only now
        self.fresh += [*cut, *([fresh] if fresh is not None else [])]
        self.recorded.actings[person] = [*kept, *cut, *([fresh] if fresh is not None else [])]
        if not new:
            holder = str(wanted["acting_for"]) if wanted is not None else None
            self.changed.append((kind, person, holder))
            running = self.recorded.running.get(person, ()) if kind is ActingKind.PLT else ()
            reached = [one for one in running if one.beside and not one.over]
            self.tell(row, "acting_changed", {untuk(kind): said.holder if said else None}, len(reached))

    def _wanted(self, said: Appointed, row: RosterRow, person: str) -> Json:
        return {
            "person_id": person,
            "acting_for": str(self.recorded.people[said.holder]["id"]),
            "kind": said.kind.value,
            "valid_from": said.first,
            "valid_until": self._until(said, row),
        }

    def _until(self, said: Appointed, row: RosterRow) -> date | None:
        """The last day in the post in which somebody acts: an appointment ends with an exit, whatever the file says."""
        left = self.leaves(row)
        if left is None or said.first is None or said.first >= left:
            return said.until
        return left - ONE_DAY if said.until is None else min(said.until, left - ONE_DAY)

    def _last_day_before(self, wanted: Json | None) -> date:
        """Until when what is recorded holds beside the appointment that the file says: until one that is to come begins."""
        begins = self.today if wanted is None else max(self.today, _day(wanted["valid_from"]))
        return begins - ONE_DAY

    def _goes_on(self, acting: Json, last: date) -> bool:
        """Whether it would still hold after that day, or has not begun yet."""
        until = acting["valid_until"]
        return until is None or _day(until) > last or _day(acting["valid_from"]) > self.today


def _same_appointment(one: Json, other: Json | None) -> bool:
    """Whether they are the same one, though of another kind or to another day."""
    return other is not None and all(one[name] == other[name] for name in ("acting_for", "valid_from"))


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
