"""Who takes her own form back has no more time for it than before, on the real parts in skipped time."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.endings import JULY, Played, at
from tests.world import YEAR, World

PEOPLE = 40


def day(month: int, day: int) -> datetime:
    return datetime(YEAR, month, day, 3, tzinfo=UTC)


async def test_who_sends_and_recalls_again_and_again_still_comes_to_her_end(year: World, who: Played) -> None:
    first = await year.row(who.appraisal)
    for month, sent, recalled in ((1, 11, 13), (1, 18, 29), (2, 5, 10), (3, 1, 12)):
        at(year, day(month, sent))
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
        at(year, day(month, recalled))
        await year.done(who.appraisal, "recall_plan", who.employee)
        await year.settled(who.appraisal)
        row = await year.row(who.appraisal)
        known = ("state", "entered_at", "due_at", "lapses_at")
        assert [row[name] for name in known] == [first[name] for name in known]
    assert (await year.row(who.appraisal))["late"], "what she sent in February was due in January"
    assert (await year.row(who.appraisal))["on_hr_list"]
    await year.pass_to(who.appraisal, day(4, 2))
    receipt = await year.send(who.appraisal, "plan", "submit_plan", who.supervisor)
    assert receipt["state"] == "execution.running", "silence gave the supervisor the right to file it for her"


async def test_a_review_is_not_taken_back_where_silence_would_go_on_without_it(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    at(year, JULY)
    await year.bring(who.appraisal)
    at(year, day(8, 30))
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "recall_midyear", who.employee)
    await year.done(who.appraisal, "submit_midyear", who.employee)
    assert "recall_midyear" in (await year.seen(who.appraisal, who.employee))["actions"]  # type: ignore[operator]
    at(year, day(9, 1))
    await year.bring(who.appraisal)
    assert "recall_midyear" not in (await year.seen(who.appraisal, who.employee))["actions"]  # type: ignore[operator]
    refused = await year.act(who.appraisal, "recall_midyear", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (409, "lapsed")
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    assert "lapse" not in await year.actions_of(who.appraisal)
