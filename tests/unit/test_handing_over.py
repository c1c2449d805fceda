"""Whom a change of the line reaches, and what those whom it gives another supervisor do not know yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from models.handing_over import Change, Handed, handed_over
from models.line import Acting, ActingKind, Line, Tenure
from models.officers import supervisor_on
from models.recusal import Recusal

HEAD, SENIOR, BOSS, HER, PLT, OTHER = (UUID(int=n) for n in range(1, 7))
TODAY = date(2027, 5, 20)
JANUARY, FEBRUARY, JULY, AUGUST = (date(2027, month, 1) for month in (1, 2, 7, 8))


def under(person: UUID, superior: UUID | None, start: date = JANUARY, end: date | None = None) -> Tenure:
    return Tenure(person, superior, superior is None, start, end)


def acts(person: UUID, holder: UUID, start: date, end: date | None = None) -> Acting:
    return Acting(person, holder, ActingKind.PLT, start, end)


ABOVE = [under(HEAD, None), under(SENIOR, HEAD), under(BOSS, SENIOR), under(PLT, HEAD), under(OTHER, SENIOR)]
HERS = [*ABOVE, under(HER, BOSS)]


def told(before: Line, after: Line) -> set[tuple[str, date, UUID]]:
    """What is told of her: who begins, who is not told so because he has her already, and who ends."""
    found = [one for one in handed_over(before, after, TODAY) if one.person == str(HER)]
    return {said for one in found for said in _said(one)}


def _said(one: Handed) -> Iterable[tuple[str, date, UUID]]:
    if one.superior is not None:
        yield "has already" if one.known else "begins", one.start, UUID(one.superior)
    for person in one.no_more:
        yield "ends", one.start, UUID(person)


def test_that_who_acts_leaves_is_told_to_her_and_not_to_the_holder_who_never_heard_of_him() -> None:
    before = Line(HERS, [acts(PLT, BOSS, FEBRUARY)])
    left = [row for row in HERS if row.person_id != PLT] + [under(PLT, HEAD, JANUARY, JULY - timedelta(1))]
    after = Line(left, [acts(PLT, BOSS, FEBRUARY, JULY - timedelta(1))])
    assert told(before, after) == {("has already", JULY, BOSS)}


def test_a_holder_who_got_her_while_another_acted_hears_of_her_when_nobody_does() -> None:
    lines = [*ABOVE, under(HER, OTHER, JANUARY, TODAY - timedelta(1)), under(HER, BOSS, TODAY)]
    before = Line(lines, [acts(PLT, BOSS, FEBRUARY)])
    left = [row for row in lines if row.person_id != PLT] + [under(PLT, HEAD, JANUARY, JULY - timedelta(1))]
    after = Line(left, [acts(PLT, BOSS, FEBRUARY, JULY - timedelta(1))])
    assert told(before, after) == {("begins", JULY, BOSS)}


def test_that_an_appointment_ends_is_told_to_nobody() -> None:
    before, after = (Line(HERS, [acts(PLT, BOSS, FEBRUARY, last)]) for last in (None, TODAY - timedelta(1)))
    assert told(before, after) == set()


def test_an_appointment_that_is_postponed_is_told_with_both_days() -> None:
    before, after = (Line(HERS, [acts(PLT, BOSS, day)]) for day in (JULY, AUGUST))
    assert told(before, after) == {("has already", JULY, BOSS), ("ends", JULY, PLT), ("begins", AUGUST, PLT)}


def test_of_who_leaves_herself_nobody_is_told_that_another_rates_her() -> None:
    lines = [*ABOVE, under(HER, BOSS, JANUARY, JULY - timedelta(1))]
    assert told(Line(HERS), Line(lines)) == set()
    gone = [row for row in lines if row.person_id != BOSS] + [under(BOSS, SENIOR, JANUARY, JULY - timedelta(1))]
    assert told(Line(HERS), Line(gone)) == set()
    above = [row for row in ABOVE if row.person_id != BOSS]
    above += [under(BOSS, SENIOR, JANUARY, JULY - timedelta(1)), under(BOSS, OTHER, JULY)]
    assert told(Line(HERS), Line([*above, lines[-1]])) == set(), "though something turns above her on that day"


def test_whom_she_leaves_is_told_so_though_another_acts_for_him_from_that_day_on() -> None:
    lines = [*ABOVE, under(HER, BOSS, JANUARY, JULY - timedelta(1)), under(HER, OTHER, JULY)]
    after = Line(lines, [acts(PLT, BOSS, JULY)])
    assert told(Line(HERS), after) == {("begins", JULY, OTHER), ("ends", JULY, BOSS)}


def test_a_change_above_reaches_who_is_rated_from_there_because_her_superior_stepped_back() -> None:
    before = Line(HERS, recusals=[Recusal(BOSS, HER, FEBRUARY)])
    after = before.but({}, {SENIOR: [acts(PLT, SENIOR, JULY)]})
    assert told(before, after) == {("begins", JULY, PLT)}


def test_a_change_above_reaches_who_is_rated_from_there_because_she_acts_for_her_superior() -> None:
    before = Line(HERS, [acts(HER, BOSS, FEBRUARY)])
    after = before.but({}, {SENIOR: [acts(PLT, SENIOR, JULY)]})
    assert told(before, after) == {("begins", JULY, PLT)}


def test_who_comes_later_is_not_told_of_the_day_on_which_he_was_to_come() -> None:
    lines = [row for row in HERS if row.person_id != BOSS]
    before, after = (Line([*lines, under(BOSS, SENIOR, day)]) for day in (JULY, AUGUST))
    assert told(before, after) == {("begins", JULY, SENIOR), ("begins", AUGUST, BOSS), ("ends", AUGUST, SENIOR)}


@pytest.mark.parametrize("seed", range(150))
def test_whoever_has_another_supervisor_on_some_day_is_reached(seed: int) -> None:
    dice = Random(seed)
    before, after = _agency(dice)
    change = Change(before, after)
    reached = change.reached()
    for person in before.posts:
        for day in (JANUARY + timedelta(n) for n in range(40)):
            was, new = _rater(person, day, before), _rater(person, day, after)
            if was == new or not before.tenures_of(person):
                continue
            assert person in reached, (person, day, was, new)
            if new is not None and _rater(person, day - timedelta(1), after) != new and _rests(day, after):
                assert day in change.days(person), (person, day, was, new)


def _rater(person: UUID, day: date, line: Line) -> UUID | None:
    return None if line.tenure_on(person, day) is None else supervisor_on(person, day, line).person_id


def _rests(day: date, line: Line) -> bool:
    """Whether no appointment ended on the eve, which is told to nobody."""
    return all(row.end != day - timedelta(1) for row in line.actings())


def _agency(dice: Random) -> tuple[Line, Line]:
    """Twelve people, each under an earlier one, with gaps, appointments and a recusal; then some of that is another."""
    people = [UUID(int=n) for n in range(1, 13)]
    lines = {one: _rows(dice, one, people[:at]) for at, one in enumerate(people)}
    actings = {one: _acting(dice, one, people) for one in people if dice.random() < 0.3}
    recusals = [Recusal(*dice.sample(people, 2), JANUARY) for _ in range(dice.randrange(3))]
    before = Line(
        (row for rows in lines.values() for row in rows),
        (row for rows in actings.values() for row in rows),
        people[:1],
        recusals=recusals,
    )
    other = dice.sample(range(12), dice.randrange(1, 3))
    changed = {people[at]: _rows(dice, people[at], people[:at]) for at in other if dice.random() < 0.7}
    acting = {people[at]: _acting(dice, people[at], people) for at in other if people[at] not in changed}
    return before, before.but(changed, acting)


def _rows(dice: Random, one: UUID, above: list[UUID]) -> list[Tenure]:
    """One stretch or two, with or without an end."""
    start, rows = JANUARY + timedelta(dice.choice([-30, -30, 5, 12])), []
    for _ in range(dice.choice([1, 1, 2])):
        end = start + timedelta(dice.randrange(4, 15)) if dice.random() < 0.4 else None
        rows.append(under(one, dice.choice(above) if above else None, start, end))
        if end is None:
            break
        start = end + timedelta(dice.choice([1, 1, 6]))
    return rows


def _acting(dice: Random, holder: UUID, people: list[UUID]) -> list[Acting]:
    start = JANUARY + timedelta(dice.randrange(20))
    end = start + timedelta(dice.randrange(3, 20)) if dice.random() < 0.5 else None
    return [acts(dice.choice([one for one in people if one != holder]), holder, start, end)]
