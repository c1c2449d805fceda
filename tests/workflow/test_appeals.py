"""Appeals on skipped time: who explains, the fourteen days in three zones, what is heard, decided and kept (DOMAIN 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from deploy.demo import generate, write_csv
from models.vocabulary import Zone
from models.workdays import ZONES
from tests.endings import CHANGED, STANDS, Played, at, to_result, until_rating
from tests.workflow.objecting import actions, appealed, decider
from tests.workflow.test_labels import Office
from tests.world import YEAR, World

PEOPLE = 110


@pytest_asyncio.fixture(scope="module")
async def world(world: World) -> World:
    """The demo agency spread over the three zones by a roster file."""
    zones = [zone.value for zone in Zone]
    rows = [row | {"zona": zones[n % 3]} for n, row in enumerate(generate(PEOPLE, seed=1, year=YEAR))]
    files = {"file": ("pegawai.csv", write_csv(rows), "text/csv")}
    answer = await world.http.post("/api/v1/roster/imports", headers=world.headers("hr"), files=files)
    assert answer.status_code == 200, answer.text
    return world


async def of_zone(year: World, zone: Zone) -> Played:
    """A clerk of that zone."""
    while True:
        who = await Played.of(year, await year.next_clerk())
        if (await year.row(who.appraisal))["zone"] == zone:
            return who


async def form_of(year: World, who: Played, form: str, nip: str) -> Mapping[str, object]:
    answer = await year.get(f"/appraisals/{who.appraisal}/forms/{form}", nip)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "submitted"
    return dict(body["data"])


# ── 1.3: who explains the rating ────────────────────────────────────────────────────────────────────────────────────


async def rated_by_takeover(year: World, who: Played) -> None:
    """Her supervisor is silent, the senior supervisor rates, and she objects."""
    await until_rating(year, who)
    await rating_taken_over(year, who)


async def rating_taken_over(year: World, who: Played) -> None:
    lapses_at = (await year.row(who.appraisal))["lapses_at"]
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))  # type: ignore[operator]
    await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    await year.labelled(who.appraisal)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)


async def waits_on(year: World, who: Played) -> tuple[object, object]:
    waits: Mapping[str, Mapping[str, str]] = (await year.seen(who.appraisal))["waiting_on"]  # type: ignore[assignment]
    return waits["role"], waits["person"]["nip"]


async def tasks(year: World, nip: str) -> list[str]:
    items = (await year.get("/me/tasks", nip, limit=200)).json()["items"]
    return [task["appraisal_id"] for task in items if "answer_appeal" in task["actions"]]


@pytest.mark.case("3.7")
async def test_3_7_who_rated_in_place_of_a_silent_supervisor_answers_for_it(year: World, who: Played) -> None:
    """DOMAIN 1.3: the rater explains, and is heard; the one who was silent reads on and has nothing to explain."""
    await rated_by_takeover(year, who)
    assert await waits_on(year, who) == ("supervisor", who.senior)
    assert who.appraisal in await tasks(year, who.senior)
    assert who.appraisal not in await tasks(year, who.supervisor)
    seen = await year.seen(who.appraisal, who.supervisor)
    assert (seen["supervisor"]["nip"], seen["actions"]) == (who.supervisor, [])  # type: ignore[index]
    listed = (await year.get("/appraisals", who.supervisor, limit=200)).json()["items"]
    assert who.appraisal in [one["id"] for one in listed]
    refused = await year.act(who.appraisal, "answer_appeal", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    assert await decider(year, who) not in (who.senior, who.supervisor)
    assert "answer" in (await year.seen(who.appraisal, who.supervisor))["forms"]  # type: ignore[operator]


async def told_of(year: World, who: Played, words: str) -> set[str]:
    sql = (
        "SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id WHERE n.appraisal_id = :id AND n.text = :words"
    )
    async with year.database.transaction() as connection:
        return set((await connection.execute(text(sql), {"id": who.appraisal, "words": words})).scalars())


@pytest.mark.case("3.7")
async def test_3_7_an_answer_that_who_rated_did_not_give_is_told_to_her(year: World, who: Played) -> None:
    """And nobody hears of it who was not asked."""
    await rated_by_takeover(year, who)
    lapses_at = (await year.row(who.appraisal))["lapses_at"]
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))  # type: ignore[operator]
    assert (await year.row(who.appraisal))["state"] == "appeal.deciding"
    told = await told_of(year, who, "answer_lapsed")
    assert who.senior in told
    assert who.supervisor not in told


@pytest.mark.case("3.7")
@pytest.mark.parametrize("answered", [False, True], ids=["unanswered", "answered"])
async def test_3_7_that_an_objection_was_withdrawn_is_told_to_who_was_asked(
    year: World, who: Played, *, answered: bool
) -> None:
    await rated_by_takeover(year, who)
    if answered:
        await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    await year.done(who.appraisal, "withdraw_appeal", who.employee)
    told = await told_of(year, who, "appeal_withdrawn")
    assert who.senior in told
    assert who.supervisor not in told


@pytest.mark.case("3.7")
async def test_3_7_what_was_decided_is_told_to_who_answered_for_the_rating(year: World, who: Played) -> None:
    await rated_by_takeover(year, who)
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    authority = await decider(year, who)
    await year.send(who.appraisal, "decision", "decide_appeal", authority)
    told = await told_of(year, who, "appeal_decided")
    assert {who.employee, who.senior} <= told
    assert who.supervisor not in told


@pytest.mark.case("3.7")
@pytest.mark.parametrize(("office", "answered"), [("SDN-001", False), ("PKM-01", True)], ids=["unanswered", "answered"])
async def test_3_7_that_another_label_changed_the_result_and_it_was_accepted_is_told_to_who_rated(
    year: World, office: str, *, answered: bool
) -> None:
    who = await Played.of(year, (await Office.of(year, office)).head)
    await rated_by_takeover(year, who)
    if answered:
        await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    (await year.label(cycle, office, "kurang")).raise_for_status()
    await year.until(who.appraisal, "receive_label", 2)
    assert (await year.row(who.appraisal))["state"] == "appeal.open"
    await year.done(who.appraisal, "accept_result", who.employee)
    (await year.label(cycle, office, "baik")).raise_for_status()
    for words in ("result_changed", "result_accepted"):
        told = await told_of(year, who, words)
        assert who.senior in told, words
        assert who.supervisor not in told, words


@pytest.mark.case("3.7")
async def test_3_7_where_who_rated_has_left_the_supervisor_answers(year: World, who: Played) -> None:
    await rated_by_takeover(year, who)
    today = year.now.date().isoformat()
    await year.decided(who.senior, "exit", {"reason": "retire", "effective": today})
    assert await waits_on(year, who) == ("supervisor", who.supervisor)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)


# ── 3.7: the days ───────────────────────────────────────────────────────────────────────────────────────────────────


def january(zone: Zone, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of the January after the year, by the clocks of that zone."""
    return datetime(YEAR + 1, 1, day, hour, minute, tzinfo=ZONES[zone])


async def received(year: World, zone: Zone) -> Played:
    """A clerk of that zone who saw her result on 10 January at ten, by her own clock."""
    who = await of_zone(year, zone)
    await to_result(year, who)
    at(year, january(zone, 10, 10))
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    await year.fill(who.appraisal, "appeal", who.employee)
    return who


@pytest.mark.case("3.7")
@pytest.mark.parametrize("zone", list(Zone))
async def test_3_7_an_appeal_on_day_14_at_23_59_where_she_is_was_in_time(year: World, zone: Zone) -> None:
    who = await received(year, zone)
    at(year, january(zone, 24, 23, 59))
    filed = await year.done(who.appraisal, "file_appeal", who.employee)
    assert filed["state"] == "appeal.answering"


@pytest.mark.case("3.7")
@pytest.mark.parametrize("zone", list(Zone))
async def test_3_7_on_day_15_at_00_00_it_is_too_late_though_no_timer_has_fired(year: World, zone: Zone) -> None:
    who = await received(year, zone)
    midnight = january(zone, 25, 0)
    at(year, midnight)
    late = await year.act(who.appraisal, "file_appeal", who.employee)
    assert (late.status_code, late.json()["code"]) == (409, "lapsed")
    assert (await year.row(who.appraisal))["state"] == "appeal.open"
    row = await year.pass_to(who.appraisal, midnight + timedelta(hours=1))
    assert row["ending"] == "accepted_by_lapse"
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    [lapse] = [e for e in trail if e["action"] == "lapse" and e["from"] == "appeal.open"]
    assert midnight - timedelta(seconds=1) < datetime.fromisoformat(lapse["effective_at"]) < midnight


@pytest.mark.case("3.7")
async def test_3_7_a_day_15_in_the_east_is_still_day_14_in_the_west(year: World) -> None:
    who = await received(year, Zone.WIB)
    at(year, january(Zone.WIT, 25, 0))
    await year.done(who.appraisal, "file_appeal", who.employee)


# ── 3.7: heard, decided, kept ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("G18")
@pytest.mark.case("3.7")
async def test_3_7_both_are_heard_and_before_and_after_stay_readable(year: World, who: Played) -> None:
    await to_result(year, who)
    before = await form_of(year, who, "rating", who.supervisor)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert "decide_appeal" not in await actions(year, who, who.senior)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert await decider(year, who) == who.senior
    await year.send(who.appraisal, "decision", "decide_appeal", who.senior, CHANGED)
    assert (await year.row(who.appraisal))["ending"] == "changed"
    for nip in (who.employee, who.supervisor, who.senior):
        assert await form_of(year, who, "rating", nip) == before
        decision = await form_of(year, who, "decision", nip)
        assert (decision["rating"], decision["reason"]) == (CHANGED["rating"], CHANGED["reason"])
    async with year.database.transaction() as connection:
        outcomes = text("SELECT count(*) FROM outcome WHERE appraisal_id = :id")
        assert (await connection.execute(outcomes, {"id": who.appraisal})).scalar_one() == 2


@pytest.mark.case("3.7")
@pytest.mark.parametrize("answered", [False, True])
async def test_3_7_withdrawn_before_the_decision_the_result_stands_and_there_is_no_second_appeal(
    year: World, who: Played, answered: bool
) -> None:
    await to_result(year, who)
    before = await form_of(year, who, "rating", who.supervisor)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    if answered:
        await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await year.done(who.appraisal, "withdraw_appeal", who.employee)
    assert (await year.row(who.appraisal))["ending"] == "withdrawn"
    assert await form_of(year, who, "rating", who.employee) == before
    again = await year.post(f"/appraisals/{who.appraisal}/actions/file_appeal", who.employee, {})
    assert again.status_code == 409
    late = await year.post(f"/appraisals/{who.appraisal}/actions/decide_appeal", who.senior, {})
    assert late.status_code in (403, 409)


@pytest.mark.case("3.7")
async def test_3_7_nobody_appeals_for_somebody_else_and_nothing_is_left_of_the_try(year: World, who: Played) -> None:
    await to_result(year, who)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    before = await year.row(who.appraisal)
    example = (await year.get(f"/appraisals/{who.appraisal}/forms/appeal", who.employee)).json()["schema"]["examples"][
        0
    ]
    for other in (who.supervisor, who.senior, "hr", "pyb"):
        kept = await year.put(f"/appraisals/{who.appraisal}/forms/appeal", other, {"data": example})
        assert (kept.status_code, kept.json()["code"]) == (403, "not_yours"), other
        for act in ("file_appeal", "withdraw_appeal", "accept_result"):
            refused = await year.act(who.appraisal, act, other)
            assert (refused.status_code, refused.json()["code"]) == (403, "not_yours"), (other, act)
            assert refused.json()["detail"]
    assert await year.row(who.appraisal) == before
    async with year.database.transaction() as connection:
        drafts = text("SELECT count(*) FROM draft WHERE appraisal_id = :id AND form = 'appeal'")
        assert (await connection.execute(drafts, {"id": who.appraisal})).scalar_one() == 0


@pytest.mark.case("3.7")
async def test_3_7_a_late_decision_goes_to_the_next_authority_and_never_decides_itself(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    await appealed(year, who)
    asked = [await decider(year, who)]
    for _ in range(3):
        row = await year.row(who.appraisal)
        lapses = row["lapses_at"]
        assert isinstance(lapses, datetime)
        row = await year.pass_to(who.appraisal, lapses + timedelta(hours=1))
        assert (row["state"], row["ending"]) == ("appeal.deciding", None)
        asked.append(await decider(year, who))
        assert "decide_appeal" in await actions(year, who, asked[-1])
    assert asked[0] == who.senior
    assert len(set(asked)) >= 2
    assert not {who.employee, who.supervisor} & set(asked)
    assert "decide_appeal" not in await actions(year, who, who.senior)
    await year.send(who.appraisal, "decision", "decide_appeal", asked[-1], STANDS)
    assert (await year.row(who.appraisal))["ending"] == "stands"


async def test_3_7_who_had_to_decide_an_appeal_hears_that_it_is_withdrawn_and_who_let_it_pass_does_not(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    await appealed(year, who)
    first = await decider(year, who)
    lapses = (await year.row(who.appraisal))["lapses_at"]
    await year.pass_to(who.appraisal, lapses + timedelta(hours=12))  # type: ignore[operator]
    second = await decider(year, who)
    await year.done(who.appraisal, "withdraw_appeal", who.employee)
    told = text(
        """SELECT p.nip FROM notice n JOIN person p ON p.id = n.person_id
            WHERE n.appraisal_id = :id AND n.text = 'appeal_withdrawn'"""
    )
    async with year.database.transaction() as connection:
        heard = {row.nip for row in await connection.execute(told, {"id": who.appraisal})}
    assert heard == {who.supervisor, second}
    assert first != second


# ── 3.7: what a decision may say ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.7")
async def test_3_7_a_decision_that_changes_the_rating_to_the_same_is_none(year: World, who: Played) -> None:
    await to_result(year, who)
    await appealed(year, who)
    rating = await form_of(year, who, "rating", who.supervisor)
    same = {name: rating[name] for name in ("result_rating", "behaviour_rating")}
    await year.fill(who.appraisal, "decision", who.senior, CHANGED | {"rating": same})
    before = await year.row(who.appraisal)
    refused = (await year.act(who.appraisal, "decide_appeal", who.senior)).json()
    assert (refused["status"], refused["code"]) == (422, "form_incomplete")
    [error] = refused["errors"]
    assert (error["pointer"], error["code"]) == ("/rating", "rating_unchanged")
    assert "sama dengan rating yang disanggah" in error["message"]
    assert await year.row(who.appraisal) == before
    path, spoken = f"/api/v1/appraisals/{who.appraisal}/forms/decision", {"Accept-Language": "en"}
    [problem] = (await year.http.get(path, headers=year.headers(who.senior, **spoken))).json()["problems"]
    assert (problem["pointer"], problem["code"]) == ("/rating", "rating_unchanged")
    assert "the one under appeal" in problem["message"]
    await year.send(who.appraisal, "decision", "decide_appeal", who.senior, STANDS | {"rating": same})
    assert (await year.row(who.appraisal))["ending"] == "stands"
