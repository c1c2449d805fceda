"""Who takes her own form back has no more time for it than before, on the real parts in skipped time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.endings import JULY, Played, at, until_rating
from tests.workflow.test_appeals import told_of
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


async def test_a_rater_keeps_what_hr_gave_though_he_sends_the_self_assessment_back(year: World, who: Played) -> None:
    """DOMAIN 1.4: what HR gave is a promise, and who asks for a better form does not pay for it with his days."""
    await until_rating(year, who)
    until = (await year.row(who.appraisal))["due_at"] + timedelta(days=40)  # type: ignore[operator]
    await year.done(who.appraisal, "extend", "hr", {"due_at": until.isoformat(), "reason": "Dinas luar."})
    given = await year.row(who.appraisal)
    await year.done(who.appraisal, "return_self_assessment", who.supervisor, {"comment": "Lengkapi realisasi."})
    await year.done(who.appraisal, "submit_self_assessment", who.employee)
    again = await year.row(who.appraisal)
    assert [again[name] for name in ("state", "due_at", "lapses_at")] == ["rating.drafting", until, given["lapses_at"]]


async def test_a_form_that_comes_again_to_a_review_that_was_taken_over_is_told_to_both(
    year: World, who: Played
) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert who.senior not in await told_of(year, who, "plan_submitted")
    await year.pass_to(who.appraisal, day(2, 10))
    assert (await year.row(who.appraisal))["takeover"]
    await year.done(who.appraisal, "recall_plan", who.employee)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert {who.supervisor, who.senior} <= await told_of(year, who, "plan_submitted")
