"""What is said of criteria, by whom and until when, and what it is answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.participation import COMMENTS_MAX, VERSIONS_MAX
from tests.api.consulting import (
    DAYS,
    LAST_DAY,
    NOW,
    YEARS,
    Body,
    Staff,
    agency,
    answer,
    begin,
    blockers,
    change,
    checked,
    comment,
    consulted,
    draft,
    listening,
    proven,
    read,
    say,
    staff,
    told,
    trail,
)
from tests.api.noting import refused
from tests.world import YEAR, World

PEOPLE = 60

__all__ = ["agency", "listening", "staff"]


# ── who, and what ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"text": ""}, ("/text", "string_too_short")),
        ({"text": " \n "}, ("/text", "string_too_short")),
        ({"text": "x" * 2001}, ("/text", "string_too_long")),
        ({"text": 7}, ("/text", "string_type")),
        ({"criterion": "akuntabel"}, ("/criterion", "unknown_criterion")),
        ({"criterion": "criteria.behaviour.kaya"}, ("/criterion", "unknown_criterion")),
        ({"criterion": ""}, ("/criterion", "string_too_short")),
        ({"by": "somebody else"}, ("/by", "extra_forbidden")),
    ],
)
async def test_a_comment_that_says_nothing_or_of_nothing_is_refused_with_its_place(
    agency: World, staff: Staff, said: Body, found: tuple[str, str]
) -> None:
    cycle, who = await consulted(agency), staff.inside[0]
    for sent in (
        await say(
            agency, cycle, who, **{"said": said.get("text", "Baik."), **{k: v for k, v in said.items() if k != "text"}}
        ),
        await agency.put(
            f"{cycle}/consultation/comments/{(await comment(agency, cycle, who))['number']}",
            who,
            {"text": "Baik.", **said},
        ),
    ):
        assert refused(sent) == (422, "invalid_input")
        assert [(e["pointer"], e["code"]) for e in sent.json()["errors"]] == [found]
    assert [one["text"] for one in await read(agency, cycle, who)] == ["Terlalu banyak butir."]


async def test_whoever_the_cycle_is_not_for_neither_reads_nor_comments(agency: World, staff: Staff) -> None:
    cycle, stranger = await consulted(agency), staff.outside[0]
    number = (await comment(agency, cycle, staff.inside[0]))["number"]
    for sent in (
        await agency.get(f"{cycle}/consultation", stranger),
        await agency.get(f"{cycle}/consultation/comments", stranger),
        await say(agency, cycle, stranger),
        await change(agency, cycle, number, stranger),
        await say(agency, cycle, "auditor"),
    ):
        assert refused(sent) == (403, "out_of_scope")
    assert len(await read(agency, cycle, "auditor")) == 1


async def test_before_it_has_begun_there_is_nothing_to_comment_on(agency: World, staff: Staff) -> None:
    cycle, who = await draft(agency), staff.inside[0]
    assert refused(await say(agency, cycle, who)) == (404, "not_found")
    assert refused(await agency.get(f"{cycle}/consultation/comments", who)) == (404, "not_found")


async def test_a_comment_is_ones_own_until_the_end_and_said_the_same_it_is_the_same(
    agency: World, staff: Staff
) -> None:
    cycle, (who, other) = await consulted(agency), staff.inside[:2]
    number = (await comment(agency, cycle, who))["number"]
    assert refused(await change(agency, cycle, number, other)) == (403, "not_yours")
    assert refused(await change(agency, cycle, number, "hr")) == (403, "not_yours")
    assert refused(await change(agency, cycle, number + 1, who)) == (404, "not_found")
    assert (await change(agency, cycle, number, who, If_Match='"1"')).json()["version"] == 2
    stale = await change(agency, cycle, number, who, "Lain lagi.", If_Match='"1"')
    assert (*refused(stale), stale.json()["version"]) == (412, "version_conflict", 2)
    events = len(await trail(agency, cycle))
    assert (await change(agency, cycle, number, who, If_Match='"1"')).json()["version"] == 2
    assert len(await trail(agency, cycle)) == events


async def test_after_its_last_day_nothing_more_is_said(agency: World, staff: Staff) -> None:
    cycle, who = await consulted(agency), staff.inside[0]
    number = (await comment(agency, cycle, who))["number"]
    agency.now = NOW + timedelta(days=DAYS + 1)
    for sent in (await say(agency, cycle, who), await change(agency, cycle, number, who)):
        assert (*refused(sent), sent.json()["until"]) == (409, "consultation_over", LAST_DAY)
    assert LAST_DAY in (await say(agency, cycle, who)).json()["detail"]
    assert (await agency.get(f"{cycle}/consultation", who)).json()["may_comment"] is False
    assert (await answer(agency, cycle, number)).is_success


async def test_the_last_day_is_the_own_one_and_lasts_longest_in_the_west(agency: World, staff: Staff) -> None:
    """At eleven in the evening in Jakarta the day after has begun in the east."""
    cycle, (west, east) = await consulted(agency), staff.inside[:2]
    zone = text("UPDATE person SET zone = :zone WHERE nip = :nip")
    async with agency.database.transaction() as connection:
        for nip, there in ((west, "WIB"), (east, "WIT")):
            await connection.execute(zone, {"zone": there, "nip": nip})
    agency.now = datetime(YEAR - 1, 12, 11, 16, tzinfo=UTC)
    assert (await say(agency, cycle, west)).status_code == 201
    assert refused(await say(agency, cycle, east)) == (409, "consultation_over")
    assert "consultation_not_over" in await blockers(agency, cycle)
    async with agency.database.transaction() as connection:
        await connection.execute(zone, {"zone": "WIB", "nip": east})


async def test_a_person_says_so_much_and_no_more(agency: World, staff: Staff) -> None:
    cycle, (who, other) = await consulted(agency), staff.inside[:2]
    for n in range(COMMENTS_MAX):
        await comment(agency, cycle, who, f"Masukan {n}")
    more = await say(agency, cycle, who)
    assert (*refused(more), more.json()["limit"]) == (409, "too_many", COMMENTS_MAX)
    number = (await comment(agency, cycle, other))["number"]
    for n in range(VERSIONS_MAX - 1):
        assert (await change(agency, cycle, number, other, f"Versi {n}")).is_success
    assert refused(await change(agency, cycle, number, other, "Satu lagi")) == (409, "too_many")
    page = (await agency.get(f"{cycle}/consultation/comments", "hr", limit=15)).json()
    rest = (await agency.get(f"{cycle}/consultation/comments", "hr", limit=15, cursor=page["next"])).json()
    assert [one["number"] for one in page["items"] + rest["items"]] == list(range(1, COMMENTS_MAX + 2))
    wrong = await agency.get(f"{cycle}/consultation/comments", "hr", cursor="YWJj")
    assert wrong.json()["errors"][0]["code"] == "bad_cursor"


async def test_many_at_once_are_each_heard_once(agency: World, staff: Staff) -> None:
    cycle, key = await consulted(agency), str(uuid4())
    path, body = f"{cycle}/consultation/comments", {"text": "Bersamaan."}
    twice = [agency.post(path, staff.inside[0], body, Idempotency_Key=key) for _ in range(3)]
    answers = await asyncio.gather(*twice, *(say(agency, cycle, nip) for nip in staff.inside[1:6]))
    assert {one.status_code for one in answers} == {201}
    assert [one["number"] for one in await read(agency, cycle, "hr")] == [1, 2, 3, 4, 5, 6]


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"answer": "perhaps"}, ("/answer", "enum")),
        ({"answer": None}, ("/answer", "missing")),
        ({"reason": None}, ("/reason", "missing")),
        ({"reason": "  "}, ("/reason", "string_too_short")),
        ({"reason": "x" * 2001}, ("/reason", "string_too_long")),
        ({"text": "Bukan itu."}, ("/text", "extra_forbidden")),
    ],
)
async def test_an_answer_says_what_and_why(agency: World, staff: Staff, said: Body, found: tuple[str, str]) -> None:
    cycle = await consulted(agency)
    number = (await comment(agency, cycle, staff.inside[0]))["number"]
    sent = await answer(agency, cycle, number, **said)
    assert refused(sent) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in sent.json()["errors"]] == [found]
    assert (await read(agency, cycle, "hr"))[0]["answer"] is None


async def test_an_answer_is_to_what_was_read_and_falls_away_where_that_is_said_differently(
    agency: World, staff: Staff
) -> None:
    cycle, (who, other) = await consulted(agency), staff.inside[:2]
    number = (await comment(agency, cycle, who))["number"]
    for nobody in (who, other, "auditor"):
        assert refused(await answer(agency, cycle, number, nobody)) == (403, "not_yours")
    assert refused(await answer(agency, cycle, number + 1)) == (404, "not_found")
    assert (await change(agency, cycle, number, who)).is_success
    stale = await answer(agency, cycle, number, if_match='"1"')
    assert (*refused(stale), stale.json()["version"]) == (412, "version_conflict", 2)
    assert (await answer(agency, cycle, number, if_match='"2"')).json()["answer"]["answer"] == "taken_up"
    before = len(await trail(agency, cycle))
    assert (await answer(agency, cycle, number)).is_success
    assert len(await trail(agency, cycle)) == before, "said again it is the same"
    assert [one["number"] for one in await read(agency, cycle, other)] == [number]
    assert (await change(agency, cycle, number, who, "Bukan begitu maksud saya.")).json()["answer"] is None
    assert await read(agency, cycle, other) == []
    assert (await checked(agency, cycle))[0] == ["consultation_not_over", "comments_unanswered"]
    assert await read(agency, cycle, "hr", answered="true") == []
    assert len(await read(agency, cycle, "hr", answered="false")) == 1


async def test_nobody_answers_her_own_comment(agency: World) -> None:
    made = await agency.post("/cycles", "hr", {"policy": "kami-mendengar", "year": next(YEARS), "name": "Semua"})
    cycle = f"/cycles/{made.json()['id']}"
    assert (await begin(agency, cycle)).status_code == 201
    assert agency.people["hr"] not in await told(agency, cycle, "consultation_begun"), "who began it knows"
    number = (await comment(agency, cycle, "hr"))["number"]
    assert refused(await answer(agency, cycle, number)) == (403, "not_yours")
    assert (await answer(agency, cycle, number, "pyb")).is_success
    assert (await trail(agency, cycle))[-1]["role"] == "appointing_authority"


async def test_words_that_the_law_has_erased_are_gone_and_the_trail_still_holds(agency: World, staff: Staff) -> None:
    cycle, who = await consulted(agency), staff.inside[0]
    number = (await comment(agency, cycle, who, "Saya sedang sakit."))["number"]
    assert (await answer(agency, cycle, number)).is_success
    async with agency.database.transaction() as connection:
        sql = "UPDATE text SET body = NULL WHERE id IN (SELECT reason_id FROM cycle_event WHERE cycle_id = :cycle)"
        await connection.execute(text(sql), {"cycle": cycle.rpartition("/")[2]})
    (left,) = await read(agency, cycle, who)
    assert (left["text"], left["answer"]["reason"], left["answer"]["answer"]) == (None, None, "taken_up")
    assert (await agency.get(f"{cycle}/consultation", who)).json()["purpose"] is None
    assert {event["said"] for event in await proven(agency, cycle)} == {None}
