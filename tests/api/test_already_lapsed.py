"""Whose step had lapsed before an outage or a leave was recorded or the calendar moved: nothing is revived, but HR is told of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from models.vocabulary import Zone
from models.workdays import end_of_day, local_day
from tests.api.test_cycles import Body, cycle_of, move
from tests.api.test_outages import record
from tests.endings import DECEMBER, JANUARY, JULY, Played, at, to_result, until_december
from tests.world import YEAR, World


def outage(begins: datetime, ends: datetime) -> Body:
    return {"from": begins.isoformat(), "to": ends.isoformat(), "reason": "Server padam"}


async def listed(world: World, who: Played, begins: datetime, ends: datetime) -> bool:
    """Whether she is named when HR records that outage now."""
    answer = await record(world, outage(begins, ends), world.now)
    assert answer["status"] == 201, answer
    return who.appraisal in answer["already_lapsed"]  # type: ignore[operator]


async def lapses_at(world: World, who: Played) -> datetime:
    """When silence moves the step she is in."""
    lapses = (await world.row(who.appraisal))["lapses_at"]
    assert isinstance(lapses, datetime)
    return lapses


async def on_leave(world: World, who: Played, first: date, until: date) -> list[str]:
    """Which years HR is told of when she records that leave now."""
    answer = await world.decided(who.employee, "leave", {"from": first.isoformat(), "until": until.isoformat()})
    named = answer["already_lapsed"]
    assert isinstance(named, list)
    return named


async def told_of_outages(world: World, appraisal: str, who: str) -> list[Body]:
    """What a reader of this year is told of the cycle's outages, in their order."""
    events = (await world.get(f"/appraisals/{appraisal}/events", who, limit=200)).raise_for_status().json()["items"]
    return [event["data"] for event in events if event["action"] == "outage_recorded"]


async def with_a_result(world: World) -> Played:
    at(world, JANUARY)
    who = await Played.of(world, await world.next_clerk())
    await to_result(world, who)
    return who


async def test_who_had_lapsed_in_the_outage_is_listed_and_not_revived(year: World) -> None:
    mine = await year.appraisal_of("employee")
    lapses = end_of_day((await year.row(mine))["lapses_at"].date(), Zone.WIB)  # type: ignore[union-attr]
    before = await year.pass_to(mine, lapses + timedelta(days=2))
    assert "lapse" in await year.actions_of(mine)
    late = outage(lapses - timedelta(hours=6), lapses + timedelta(hours=6))
    answer = await record(year, late, year.now)
    assert mine in answer["already_lapsed"]  # type: ignore[operator]
    assert (await year.row(mine))["state"] == before["state"]
    for reader in ("hr", "auditor"):
        assert (await told_of_outages(year, mine, reader))[-1]["already_lapsed"] == answer["already_lapsed"]
    told = (await told_of_outages(year, mine, "employee"))[-1]
    assert told["already_lapsed"] == [mine], "of the others she reads nothing"
    stranger = await Played.of(year, await year.next_clerk())
    assert "already_lapsed" not in (await told_of_outages(year, stranger.appraisal, stranger.employee))[-1]


async def test_a_right_of_appeal_that_ended_in_the_outage_is_listed_and_given_back_by_a_reopening(year: World) -> None:
    who = await with_a_result(year)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    lapses = await lapses_at(year, who)
    ended = await year.pass_to(who.appraisal, lapses + timedelta(hours=12))
    assert ended["ending"] == "accepted_by_lapse"
    assert await listed(year, who, lapses - timedelta(hours=10), lapses + timedelta(hours=8))
    body = {"to": "appeal.open", "reason": "Server padam pada hari terakhir", "authority": "Nota Dinas 12/BKPSDM"}
    await year.done(who.appraisal, "reopen", "hr", body)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    given = await year.row(who.appraisal)
    assert given["due_at"] > year.now + timedelta(days=13)  # type: ignore[operator]
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert (await year.row(who.appraisal))["state"] == "appeal.answering"


@pytest.mark.parametrize("clicked", [False, True])
async def test_days_to_appeal_begin_with_the_first_proof_of_delivery(year: World, *, clicked: bool) -> None:
    who = await with_a_result(year)
    entered = (await year.row(who.appraisal))["entered_at"]
    assert isinstance(entered, datetime)
    handed_over = entered + timedelta(days=2)
    year.now = handed_over + timedelta(hours=1)
    proof = {"at": handed_over.isoformat(), "proof": "Tanda terima"}
    await year.done(who.appraisal, "record_delivery", "hr", proof)
    if clicked:
        year.now = handed_over + timedelta(days=6)
        await year.done(who.appraisal, "acknowledge_result", who.employee)
    lapses = await lapses_at(year, who)
    ended = await year.pass_to(who.appraisal, lapses + timedelta(hours=12))
    assert ended["ending"] == "accepted_by_lapse"
    assert not await listed(year, who, entered + timedelta(hours=4), entered + timedelta(hours=9))
    assert await listed(year, who, handed_over + timedelta(days=3), handed_over + timedelta(days=5))


async def test_a_review_that_its_window_closed_is_listed_by_an_outage_and_by_a_longer_window(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    await year.pass_to(who.appraisal, datetime(YEAR, 7, 6, 3, tzinfo=UTC))
    lapses = await lapses_at(year, who)
    lapsed = await year.pass_to(who.appraisal, lapses + timedelta(hours=12))
    assert lapsed["state"] == "execution.running"
    longer = {"windows": {"midyear.1": {"closes_at": f"{YEAR}-09-20"}}}
    previewed = await move(year, await cycle_of(year), longer, preview=True)
    assert who.appraisal in previewed.json()["already_lapsed"]
    assert await listed(year, who, lapses - timedelta(hours=20), lapses - timedelta(hours=2))


@pytest.mark.parametrize("taken_back", [True, False], ids=["taken back", "sent back"])
async def test_who_had_her_plan_again_after_the_outage_had_been_drafting_in_it(
    year: World, *, taken_back: bool
) -> None:
    """The window's days went on as if it had not been sent, so the outage took of them."""
    at(year, datetime(YEAR, 3, 2, 3, tzinfo=UTC))
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    year.now = datetime(YEAR, 3, 20, 3, tzinfo=UTC)
    if taken_back:
        await year.done(who.appraisal, "recall_plan", who.employee)
    else:
        await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Mohon lengkapi."})
    await year.pass_to(who.appraisal, await lapses_at(year, who) + timedelta(days=2))
    while_it_lay_there = datetime(YEAR, 3, 8 if taken_back else 9, 1, tzinfo=UTC)  # no outage is recorded twice
    assert await listed(year, who, while_it_lay_there, while_it_lay_there + timedelta(hours=8))


@pytest.mark.parametrize("form", ["midyear", "self_assessment"])
async def test_whose_report_was_sent_back_had_been_drafting_in_an_outage_at_any_time_of_it(
    year: World, form: str
) -> None:
    """Before she sent it, while it lay in review, after it was sent back: silence has gone on without it."""
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    if form == "midyear":
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
        await year.done(who.appraisal, "approve_plan", who.supervisor)
        began = JULY
        await year.pass_to(who.appraisal, began)
    else:
        began = DECEMBER
        await until_december(year, who)
    year.now = began + timedelta(days=1)
    await year.send(who.appraisal, form, f"submit_{form}", who.employee)
    year.now = began + timedelta(days=4)
    await year.done(who.appraisal, f"return_{form}", who.supervisor, {"comment": "Mohon lengkapi."})
    await year.pass_to(who.appraisal, await lapses_at(year, who) + timedelta(days=2))
    assert (await year.actions_of(who.appraisal))[-1] == "lapse"
    for since in (timedelta(hours=3), timedelta(days=2), timedelta(days=5)):
        assert await listed(year, who, began + since, began + since + timedelta(hours=8))


async def test_a_right_of_appeal_that_ended_in_a_leave_learnt_of_late_is_listed_and_given_back_by_a_reopening(
    year: World,
) -> None:
    who = await with_a_result(year)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    lapses = await lapses_at(year, who)
    ended = await year.pass_to(who.appraisal, lapses + timedelta(days=10))
    assert ended["ending"] == "accepted_by_lapse"
    last = lapses.date()
    assert await on_leave(year, who, last - timedelta(days=9), last + timedelta(days=5)) == [who.appraisal]
    assert (await year.row(who.appraisal))["state"] == ended["state"], "nothing is revived"
    trail = text("SELECT data FROM agency_event WHERE action = 'leave_recorded' ORDER BY seq DESC LIMIT 1")
    async with year.database.transaction() as connection:
        assert (await connection.execute(trail)).scalar_one()["already_lapsed"] == [who.appraisal]
    body = {"to": "appeal.open", "reason": "Dirawat di rumah sakit", "authority": "Nota Dinas 12/BKPSDM"}
    await year.done(who.appraisal, "reopen", "hr", body)
    assert (await year.row(who.appraisal))["state"] == "appeal.open"


async def test_what_silence_settled_before_a_leave_began_is_not_put_down_to_it(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    await year.pass_to(who.appraisal, datetime(YEAR, 7, 6, 3, tzinfo=UTC))
    lapses = await lapses_at(year, who)
    lapsed = await year.pass_to(who.appraisal, lapses + timedelta(days=20))
    assert lapsed["state"] == "execution.running"
    day = local_day(lapses, Zone.WIB)
    assert await on_leave(year, who, day + timedelta(days=2), day + timedelta(days=3)) == []
    assert await on_leave(year, who, day + timedelta(days=40), day + timedelta(days=50)) == []
    assert await on_leave(year, who, day - timedelta(days=3), day - timedelta(days=1)) == [who.appraisal], "it ran then"
