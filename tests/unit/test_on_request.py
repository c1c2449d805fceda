"""Which months may be asked for outside the calendar, and what such an evaluation begins with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models import shelf
from models.appraisal import FormRef, Snapshot
from models.events import begin
from models.folding import replay
from models.on_request import Months, OnRequest, Part, asked_of, why_not
from models.policy import PolicyPack
from models.vocabulary import Form, State

PACK = shelf.load("permenpanrb-6-2022")
YEAR = 2027
JULY = date(YEAR, 7, 1)
ALL_YEAR = [Part("year", range(1, 13))]
UNTIL_MAY, SINCE_JUNE = Part("first", range(1, 6)), Part("second", range(6, 13))
SPEC = OnRequest(months_min=2, months_max=4)


@pytest.mark.parametrize(
    ("first", "last", "parts", "transfers", "credited", "refused"),
    [
        (1, 2, ALL_YEAR, [], [], None),
        (4, 7, ALL_YEAR, [], [], None),
        (2, 1, ALL_YEAR, [], [], ("until", "ends_before_it_begins")),
        (1, 1, ALL_YEAR, [], [], ("until", "too_few_months")),
        (1, 5, ALL_YEAR, [], [], ("until", "too_many_months")),
        (8, 9, ALL_YEAR, [], [], ("from", "in_the_future")),
        (4, 5, [UNTIL_MAY, SINCE_JUNE], [date(YEAR, 6, 1)], [], None),
        (6, 7, [UNTIL_MAY, SINCE_JUNE], [date(YEAR, 6, 1)], [], None),
        (5, 6, [UNTIL_MAY, SINCE_JUNE], [date(YEAR, 6, 1)], [], ("until", "across_a_transfer")),
        (6, 7, [UNTIL_MAY, SINCE_JUNE], [date(YEAR, 6, 20)], [], None),
        (6, 9, ALL_YEAR, [date(YEAR, 9, 1)], [], ("until", "across_a_transfer")),
        (1, 2, [Part("late", range(3, 13))], [], [], ("from", "before_the_post")),
        (1, 2, [Part("none", range(3, 3))], [], [], ("from", "before_the_post")),
        (4, 6, [UNTIL_MAY], [], [], ("until", "not_in_the_post")),
        (1, 2, ALL_YEAR, [], [2], ("from", "credited_already")),
        (1, 2, ALL_YEAR, [], [3], None),
    ],
)
def test_months_are_whole_of_one_post_begun_and_not_credited_yet(
    first: int,
    last: int,
    parts: list[Part],
    transfers: list[date],
    credited: list[int],
    refused: tuple[str, str] | None,
) -> None:
    assert why_not(Months(YEAR, first, last), SPEC, parts, transfers, credited, JULY) == refused


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [(1, 2, date(2028, 1, 1), date(2028, 2, 29)), (12, 12, date(2028, 12, 1), date(2028, 12, 31))],
)
def test_months_begin_and_end_with_whole_days(first: int, last: int, begins: date, ends: date) -> None:
    months = Months(2028, first, last)
    assert (months.begins, months.ends) == (begins, ends)


def test_it_begins_where_it_is_rated_and_its_trail_says_all_it_began_with() -> None:
    plan = FormRef(form=Form.PLAN, copy_id="copy", sha256="0" * 64, version=3)
    since, until = date(YEAR, 1, 1), date(YEAR, 2, 28)
    seed = Snapshot(appraisal_id="a", subject="her", flow=PACK.flow(), since=since)
    told = replay([begin(asked_of(seed, PACK.flow_on_request(), until, plan, "him"), datetime(YEAR, 4, 5, tzinfo=UTC))])
    assert (told.state, told.since, told.until, told.asked_until) == (State.RATING_DRAFTING, since, until, until)
    assert (told.plan_in_force, told.forms["plan"], told.supervisor_override) == (plan, plan, "him")


def test_of_the_packs_stages_it_has_those_that_the_pack_says_and_never_the_label_of_a_year() -> None:
    whole = PACK.model_dump(mode="json")
    whole["stages"]["calibration"] = "label_and_board"
    whole["on_request"] = {"months_max": 2, "self_assessment": True, "board": True}
    flow = PolicyPack.model_validate(whole).flow_on_request()
    assert (flow.periods, flow.self_assessment, flow.board, flow.appeal) == (0, True, True, True)
    assert not flow.needs_label
    whole["stages"]["appeal"] = False
    assert not PolicyPack.model_validate(whole).flow_on_request().appeal, "what the pack does not have is none here"


def test_a_pack_says_no_fewer_months_at_most_than_at_least() -> None:
    with pytest.raises(ValueError, match="no fewer months"):
        OnRequest(months_min=3, months_max=2)
