"""Whether the year of a pack works: its windows come in an order that can be lived, and no rung lies after the end of its step.

Asked of a pack that is written (`models.pack_check`), not of one that was frozen: a running year goes on by what it was begun with, and
there a ladder that reaches beyond its window holds the step open to the last rung (`models.timetable`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from models.misfits import Misfit
from models.policy import PolicyPack, Step, WindowSpec, YearDay
from models.windows import clashes, resolve

COMMON_YEAR = 2027
"""Any year will do that has no 29 February, which would only give a day more."""
WORKING_DAYS: Literal[5] = 5


def misfits_of_year(pack: PolicyPack) -> Iterator[Misfit]:
    """All of a pack's calendar, ladders and steps that cannot work together."""
    yield from _late_rungs(pack)
    for clash in clashes(resolve(pack, COMMON_YEAR), pack.flow()):
        if clash.stops:
            said = f"the windows {clash.key!r} and {clash.other!r} cannot work in this order"
            yield Misfit(("calendar", clash.key), said, (("calendar", clash.other),))


def _late_rungs(pack: PolicyPack) -> Iterator[Misfit]:
    for state in pack.waiting_states:
        step = pack.steps[state]
        for key in pack.window_keys(state) if step.basis == "window" else ():
            for place, days, left in _too_late(pack, step, pack.calendar[key]):
                rung = pack.ladders[step.ladder or ""][place]
                said = (
                    f"the rung {rung.act!r} may come {days} days after {state.value} is due, "
                    f"and the window {key!r} closes {left} days after"
                )
                elsewhere = (("calendar", key, "closes"), ("steps", state.value, "ladder"))
                yield Misfit(("ladders", step.ladder or "", place), said, elsewhere)


def _too_late(pack: PolicyPack, step: Step, window: WindowSpec) -> Iterator[tuple[int, int, int]]:
    """The places of rungs that may lie after the close, each with its days and those that the window leaves."""
    left = (_day(window.closes) - _day(window.due)).days
    for place, rung in enumerate(pack.ladders[step.ladder] if step.ladder else ()):
        days = most_days(rung.days)
        if rung.days > 0 and days > left:
            yield place, days, left


def most_days(working: int) -> int:
    """So many working days are at most so many days, on whatever day of the week one begins to count; holidays come on top."""
    return working + 2 * -(-working // WORKING_DAYS)


def _day(day: YearDay) -> date:
    return date(COMMON_YEAR + day.years_later, day.month, day.day)
