"""In which days a cycle's windows may lie, and which of them may not be shut again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.policy import CalendarRules, PolicyPack
from models.shelf import load
from models.vocabulary import Stage, Zone
from models.windows import WindowRow, ahead, breaches, in_order, resolve, shut_again, span
from models.workdays import PersonClock, start_of_day

NOON = datetime(2027, 1, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(("days", "first"), [(0, "2027-01-01"), (31, "2026-12-01"), (60, "2026-11-02")])
def test_a_window_opens_no_earlier_before_the_year_than_the_pack_lets_it(days: int, first: str) -> None:
    rules = CalendarRules(opens_early_days_max=days)
    assert span(2027, rules, opening=True) == (date.fromisoformat(first), date(2028, 12, 31))
    assert span(2027, rules, opening=False) == (date(2027, 1, 1), date(2028, 12, 31))


def test_a_pack_that_was_frozen_before_openings_were_bounded_has_the_same_digest_and_the_bound_of_today() -> None:
    pack = load("permenpanrb-6-2022")
    stored = pack.model_dump(mode="json")
    del stored["calendar_rules"]["opens_early_days_max"]
    frozen = PolicyPack.model_validate(stored)
    assert (frozen, frozen.digest) == (pack, pack.digest)
    stored["calendar_rules"]["opens_early_days_max"] = 45
    assert PolicyPack.model_validate(stored).digest != pack.digest


Opening = str | None


@pytest.mark.parametrize(
    ("before", "after", "shut"),
    [
        ("2027-01-02", "2027-01-30", True),
        ("2027-01-02", "2027-01-21", True),
        (None, "2027-01-30", True),
        ("2027-01-20T10:00:00+07:00", "2027-01-20T13:00:00+07:00", True),
        # still open, or not open yet: nobody is shut out
        ("2027-01-02", "2027-01-20", False),
        ("2027-01-02", "2027-01-02", False),
        ("2027-01-02", None, False),
        ("2027-01-21", "2027-01-30", False),
        ("2027-01-30", "2027-01-21", False),
        ("2027-01-20T13:00:00+07:00", "2027-01-20T14:00:00+07:00", False),
    ],
)
def test_only_a_window_that_is_open_and_would_not_be_is_shut_again(before: Opening, after: Opening, shut: bool) -> None:
    found = shut_again({"plan": window(before)}, {"plan": window(after)}, NOON)
    assert found == (["plan"] if shut else [])


def test_a_window_is_open_as_soon_as_it_is_so_in_one_of_the_zones() -> None:
    """At 22:30 in Jakarta it is the next day in Jayapura."""
    before, after = {"plan": window("2027-01-21")}, {"plan": window("2027-01-22")}
    begun_in_the_east = start_of_day(date(2027, 1, 21), Zone.WIT)
    assert shut_again(before, after, begun_in_the_east) == ["plan"]
    assert shut_again(before, after, begun_in_the_east.replace(minute=0, hour=begun_in_the_east.hour - 1)) == []


def window(opens: Opening) -> WindowRow:
    if opens is None:
        return WindowRow()
    return WindowRow(opens=date.fromisoformat(opens) if len(opens) == 10 else datetime.fromisoformat(opens))


@pytest.mark.parametrize(
    ("stage", "periods_done", "coming"),
    [
        (Stage.PLAN, 0, ["plan", "midyear.1", "midyear.2", "rating"]),
        (Stage.EXECUTION, 0, ["midyear.1", "midyear.2", "rating"]),
        (Stage.EXECUTION, 1, ["midyear.2", "rating"]),
        (Stage.MIDYEAR, 1, ["midyear.2", "rating"]),
        (Stage.RATING, 2, ["rating"]),
        (Stage.APPEAL, 2, []),
    ],
)
def test_a_year_has_the_windows_ahead_that_it_is_in_or_comes_to(
    stage: Stage, periods_done: int, coming: list[str]
) -> None:
    windows = dict.fromkeys(("plan", "midyear.1", "midyear.2", "rating"), WindowRow())
    assert list(ahead(windows, stage, periods_done)) == coming


PACK = load("permenpanrb-6-2022")
DAY = date.fromisoformat


@pytest.mark.parametrize(
    ("moved", "stage", "found"),
    [
        ({"plan": WindowRow(due=DAY("2027-01-25"))}, Stage.PLAN, [("notice_too_short", "plan")]),
        ({"plan": WindowRow(due=DAY("2027-01-25"))}, Stage.EXECUTION, []),
        ({"plan": WindowRow(due=DAY("2027-02-10"))}, Stage.PLAN, []),
        ({"plan": WindowRow(opens=DAY("2027-01-25"))}, Stage.PLAN, [("already_open", "plan")]),
        ({"midyear.1": WindowRow(opens=DAY("2027-08-10"))}, Stage.EXECUTION, [("out_of_order", "midyear.1")]),
        ({"rating": WindowRow(closes=DAY("2027-06-10"))}, Stage.SELF_ASSESSMENT, [("out_of_order", "rating")]),
    ],
)
def test_other_windows_break_a_rule_only_for_a_year_that_has_them_ahead(
    moved: dict[str, WindowRow], stage: Stage, found: list[tuple[str, str]]
) -> None:
    before = resolve(PACK, 2027)
    after = before | {key: before[key].under(row) for key, row in moved.items()}
    notice = NOON, DAY("2027-01-29")
    broken = breaches(before, after, (stage, 0), PACK.flow(), PersonClock.of(Zone.WIB, 5), notice)
    assert sorted(set(broken)) == found


@pytest.mark.parametrize(
    ("opens", "due", "right"),
    [
        ("2027-07-31T21:30:00+07:00", "2027-07-31", True),
        ("2027-07-31T22:30:00+07:00", "2027-07-31", False),
        ("2027-07-31", "2027-07-30T23:30:00+07:00", False),
    ],
)
def test_a_window_opens_before_it_is_due_wherever_in_the_country(opens: str, due: str, right: bool) -> None:
    """A day ends in Jayapura at ten in the evening of Jakarta."""
    assert in_order(window(opens).under(WindowRow(due=window(due).opens))) is right


def test_windows_that_could_not_follow_each_other_before_break_no_rule_anew() -> None:
    odd = resolve(PACK, 2027) | {"rating": WindowRow(closes=DAY("2027-06-10"))}
    notice = NOON, DAY("2027-01-29")
    assert list(breaches(odd, odd, (Stage.PLAN, 0), PACK.flow(), PersonClock.of(Zone.WIB, 5), notice)) == []
