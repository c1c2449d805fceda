"""What a roster file says of people who stay where they are: from which day on title, level or job family is another one.

No part of a year ends by it. It is kept with what held before, for what is asked of days that are over (decision 9).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

from activities.roster_recorded import Recorded
from models.places import FAMILY, PLACE, TITLE, Move
from models.tables import Json


@dataclass
class Titles:
    """What is to be kept of it, and what is not to hold any more."""

    recorded: Recorded
    fresh: list[tuple[str, Move]] = field(default_factory=list)
    over: list[str] = field(default_factory=list)

    def changed(self, person: Json, changed: Json, said: date | None, today: date, arrived: object) -> date | None:
        """What becomes different of a person from the day on that the row says (`said`), or today; that day, or None where nothing does.

        `arrived` is the unit where a transfer that is still to come has led her by that day, None without one: the title comes with it.

        What was recorded of that day or later is said anew by it. The day of the post that she has already puts right what was recorded
        of it; another day of what she is already moves that.
        """
        who, was = str(person["id"]), person["since"]
        differs = changed.keys() & set(TITLE)
        if not differs and (said is None or "since" not in changed):
            return None
        day = said or today
        titles = self.recorded.titles.get(who, ())
        anew = [one for one in titles if one.day >= day or (not differs and one.day == was)]
        if not differs and not anew:
            return None
        self.over += [one.id for one in anew]
        before, since = _ended(person) if not anew else (anew[0].before, anew[0].since)
        after = {name: changed.get(name, person[name]) for name in TITLE}
        put_right = said is not None and said == was and not anew
        if before is not None and not put_right and any(before.get(name) != after[name] for name in TITLE):
            to = {name: after[name] for name in TITLE if name != FAMILY}
            to |= {} if arrived is None else {"unit_id": arrived}
            move = Move(
                str(uuid4()), day, to, coming=False, before=before, since=since, dated=said is not None, title=True
            )
            self.fresh.append((who, move))
        return day

    def until(self, person: Json, day: date) -> tuple[Json, date | None]:
        """The place that a transfer of that day ends, and since when she was there; what is recorded of that day or later goes with it."""
        anew = [one for one in self.recorded.titles.get(str(person["id"]), ()) if one.day >= day]
        self.over += [one.id for one in anew]
        if anew and anew[0].before is not None:
            return dict(anew[0].before), anew[0].since
        return _ended(person)


def _ended(person: Json) -> tuple[Json, date | None]:
    since = person["since"]
    assert since is None or isinstance(since, date)
    return {name: person[name] for name in (*PLACE, FAMILY)}, since
