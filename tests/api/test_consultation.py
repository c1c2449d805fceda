"""Employees have a say in the criteria before a cycle opens, and each comment is answered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.cycle_trail import CycleEvent
from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.facts import Facts
from activities.people import People
from models.participation import COMMENTS_MAX, VERSIONS_MAX
from models.shelf import Shelf
from models.trail import GENESIS
from tests.api.noting import refused
from tests.world import YEAR, World

PEOPLE = 60
DAYS = 10
PURPOSE = "Agar setiap pegawai tahu apa yang diharapkan dan memperoleh pelatihan yang sesuai."
KEY = "criteria.behaviour.akuntabel"
LISTENING = """
extends = "permenpanrb-6-2022"
id = "kami-mendengar"
version = 3
source = "Peraturan Wali Kota 1/2027"
title = { id = "Kriteria yang dibicarakan", en = "Criteria that are talked about" }
[participation]
consultation = true
consultation_days_min = 10
"""
"""A pack of the agency's own."""
NOW = datetime(YEAR - 1, 12, 1, 3, tzinfo=UTC)
LAST_DAY = f"{YEAR - 1}-12-11"
UNIT = "DINKES"
YEARS = itertools.count(YEAR + 2)
"""Of what is never opened."""
OFFICERS = ("hr", "auditor", "pyb")
Body = dict[str, Any]


@dataclass(frozen=True)
class Staff:
    """Of the health office, by NIP, and of elsewhere; none of them has a role."""

    inside: Sequence[str]
    outside: Sequence[str]


@pytest_asyncio.fixture(scope="module")
async def listening(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-mendengar.toml").write_text(LISTENING, encoding="utf-8")
    world.rooms.shelf = Shelf(own)
    return world


@pytest.fixture
def agency(listening: World) -> World:
    listening.now = NOW
    return listening


@pytest_asyncio.fixture(scope="module")
async def staff(listening: World) -> Staff:
    sql = "SELECT p.nip FROM person p WHERE EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id)"
    async with listening.database.transaction() as connection:
        officers = set((await connection.execute(text(sql))).scalars())
    inside = [one["nip"] for one in (await listening.get("/people", "hr", unit=UNIT, limit=200)).json()["items"]]
    everybody = [one["nip"] for one in (await listening.get("/people", "hr", limit=200)).json()["items"]]
    return Staff(
        [nip for nip in inside if nip not in officers],
        [nip for nip in everybody if nip not in officers and nip not in inside],
    )


async def draft(world: World, policy: str = "kami-mendengar", year: int | None = None) -> str:
    """A draft for the health office, of a year of its own; its path."""
    body = {"policy": policy, "year": year or next(YEARS), "name": "Penilaian", "units": [UNIT]}
    made = await world.post("/cycles", "hr", body)
    assert made.status_code == 201, made.text
    return f"/cycles/{made.json()['id']}"


async def begin(world: World, cycle: str, who: str = "hr", **said: object) -> httpx.Response:
    return await world.post(f"{cycle}/consultation", who, {"days": DAYS, "purpose": PURPOSE, **said})


async def consulted(world: World, policy: str = "kami-mendengar") -> str:
    """A draft whose criteria are up for consultation; its path."""
    cycle = await draft(world, policy)
    answer = await begin(world, cycle)
    assert answer.status_code == 201, answer.text
    return cycle


async def say(
    world: World, cycle: str, who: str, said: object = "Terlalu banyak butir.", **more: object
) -> httpx.Response:
    return await world.post(f"{cycle}/consultation/comments", who, {"text": said, **more})


async def comment(world: World, cycle: str, who: str, said: str = "Terlalu banyak butir.", **more: object) -> Body:
    answer = await say(world, cycle, who, said, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(
    world: World, cycle: str, number: int, who: str, said: str = "Terlalu sedikit butir.", **headers: str
) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/api/v1{cycle}/consultation/comments/{number}"
    return await world.http.put(path, headers=world.headers(who, **sent), json={"text": said})


async def answer(
    world: World, cycle: str, number: int, who: str = "hr", if_match: str | None = None, **said: object
) -> httpx.Response:
    body = {"answer": "taken_up", "reason": "Dua butir digabung.", **said}
    headers = world.headers(who, **({"If-Match": if_match} if if_match else {}))
    path = f"/api/v1{cycle}/consultation/comments/{number}/answer"
    return await world.http.put(path, headers=headers, json={k: v for k, v in body.items() if v is not None})


async def read(world: World, cycle: str, who: str, **asked: str | int) -> list[Body]:
    page = (await world.get(f"{cycle}/consultation/comments", who, limit=200, **asked)).raise_for_status().json()
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def checked(world: World, cycle: str) -> tuple[list[str], list[str]]:
    """What blocks, and what is only warned of, as far as it is about being heard."""
    found = (await world.post(f"{cycle}/check", "hr")).raise_for_status().json()
    ours = ("consultation_not_held", "consultation_not_over", "comments_unanswered")
    blockers, warnings = (
        [one["code"] for one in found[kind] if one["code"] in ours] for kind in ("blockers", "warnings")
    )
    return blockers, warnings


async def blockers(world: World, cycle: str) -> list[str]:
    found = await world.post(f"{cycle}/open", "hr")
    assert refused(found) == (409, "cycle_blocked"), found.text
    assert all(one["message"] for one in found.json()["blockers"])
    return [str(one["code"]) for one in found.json()["blockers"]]


async def trail(world: World, cycle: str) -> list[Mapping[str, Any]]:
    sql = """SELECT e.*, t.body AS said FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
              WHERE e.cycle_id = :cycle ORDER BY e.seq"""
    async with world.database.transaction() as connection:
        found = await connection.execute(text(sql), {"cycle": cycle.rpartition("/")[2]})
        return [dict(row) for row in found.mappings()]


async def proven(world: World, cycle: str) -> list[Mapping[str, Any]]:
    """The trail, every link of which holds."""
    events, link = await trail(world, cycle), GENESIS
    for event in events:
        chained = CycleEvent(**{name: event[name] for name in CycleEvent.model_fields})
        assert (chained.previous_hash, chained.own_hash()) == (link, chained.hash)
        link = chained.hash
    return events


async def told(world: World, cycle: str, key: str) -> dict[str, Mapping[str, Any]]:
    """Who is told of it, by NIP."""
    sql = """SELECT p.nip, n.at_once, n.state, n.last_error FROM notice n JOIN person p ON p.id = n.person_id
              WHERE n.cycle_id = :cycle AND n.text = :key"""
    async with world.database.transaction() as connection:
        rows = await connection.execute(text(sql), {"cycle": cycle.rpartition("/")[2], "key": key})
        return {row["nip"]: dict(row) for row in rows.mappings()}


@pytest.mark.capability("S09", "B15")
async def test_employees_have_a_say_in_the_criteria_before_the_cycle_opens(agency: World, staff: Staff) -> None:
    employee, colleague = staff.inside[:2]
    cycle = await draft(agency, year=YEAR)
    assert await blockers(agency, cycle) == ["consultation_not_held"]
    begun = (await begin(agency, cycle)).json()
    assert (begun["first_day"], begun["last_day"]) == (f"{YEAR - 1}-12-01", LAST_DAY)
    invited = await told(agency, cycle, "consultation_begun")
    everybody = (await agency.get("/people", "hr", unit=UNIT, limit=200)).json()["items"]
    assert set(invited) == {one["nip"] for one in everybody}
    assert {one["at_once"] for one in invited.values()} == {False}, "it waits for the morning's mail"

    seen = (await agency.get(f"{cycle}/consultation", employee)).json()
    assert (seen["purpose"], seen["state"], seen["may_comment"]) == (PURPOSE, "open", True)
    assert KEY in {one["key"] for one in seen["criteria"]}
    pack = (await agency.get(f"{cycle}/policy", employee)).json()
    assert (pack["id"], pack["version"]) == (seen["policy"], seen["policy_version"]) == ("kami-mendengar", 3)
    assert {f"criteria.behaviour.{one['id']}" for one in pack["criteria"]["behaviour"]} <= {
        one["key"] for one in seen["criteria"]
    }

    whole = await comment(agency, cycle, employee, "Bobot perilaku terlalu kecil.")
    one = await comment(agency, cycle, colleague, "Bagaimana akuntabel diukur?", criterion=KEY)
    assert (await change(agency, cycle, whole["number"], employee, "Mohon bobot perilaku ditambah.")).is_success
    assert [c["number"] for c in await read(agency, cycle, employee)] == [whole["number"]]
    assert [(c["text"], c["criterion"], c["by"]["nip"]) for c in await read(agency, cycle, "hr")] == [
        ("Mohon bobot perilaku ditambah.", None, employee),
        ("Bagaimana akuntabel diukur?", KEY, colleague),
    ]
    assert await blockers(agency, cycle) == ["consultation_not_over", "comments_unanswered"]
    agency.now = NOW + timedelta(days=DAYS + 1)
    assert await blockers(agency, cycle) == ["comments_unanswered"]
    assert (await answer(agency, cycle, whole["number"], answer="not_taken_up", reason="Sudah diatur.")).is_success
    assert await blockers(agency, cycle) == ["comments_unanswered"]
    assert (await answer(agency, cycle, one["number"])).is_success
    by_others = {c["number"]: c for c in await read(agency, cycle, employee)}[one["number"]]
    assert (by_others["by"], by_others["own"], by_others["text"]) == (None, False, "Bagaimana akuntabel diukur?")
    assert (by_others["answer"]["answer"], by_others["answer"]["reason"]) == ("taken_up", "Dua butir digabung.")
    answered = await told(agency, cycle, "comment_answered")
    assert {nip: one["at_once"] for nip, one in answered.items()} == {employee: False, colleague: False}
    assert (await agency.post(f"{cycle}/open", "hr")).status_code == 202

    events = await proven(agency, cycle)
    assert [(e["action"], e["said"]) for e in events if e["action"] not in ("cycle_created", "cycle_opened")] == [
        ("consultation_begun", PURPOSE),
        ("criteria_commented", "Bobot perilaku terlalu kecil."),
        ("criteria_commented", "Bagaimana akuntabel diukur?"),
        ("criteria_commented", "Mohon bobot perilaku ditambah."),
        ("comment_answered", "Sudah diatur."),
        ("comment_answered", "Dua butir digabung."),
    ]
    assert not [e for e in events if {"Mohon bobot perilaku ditambah.", employee} & set(map(str, e["data"].values()))]
    late = (await agency.get(f"{cycle}/consultation", employee)).json()
    assert (late["state"], late["may_comment"], late["comments"], late["unanswered"]) == ("over", False, 2, 0)


# ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"days": DAYS - 1}, ("/days", "too_few_days")),
        ({"days": 0}, ("/days", "greater_than_equal")),
        ({"days": 181}, ("/days", "less_than_equal")),
        ({"days": "10"}, ("/days", "int_type")),
        ({"days": True}, ("/days", "int_type")),
        ({"purpose": "  "}, ("/purpose", "string_too_short")),
        ({"purpose": "x" * 4001}, ("/purpose", "string_too_long")),
        ({"purpose": None}, ("/purpose", "string_type")),
        ({"until": LAST_DAY}, ("/until", "extra_forbidden")),
    ],
)
async def test_a_consultation_that_cannot_be_is_refused_with_its_place(
    agency: World, said: Body, found: tuple[str, str]
) -> None:
    cycle = await draft(agency)
    answer = await begin(agency, cycle, **said)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [found]
    assert refused(await agency.get(f"{cycle}/consultation", "hr")) == (404, "not_found")
    assert await told(agency, cycle, "consultation_begun") == {}


async def test_a_consultation_is_hrs_to_begin_once_and_while_the_cycle_is_a_draft(agency: World, staff: Staff) -> None:
    cycle, key = await draft(agency), str(uuid4())
    for other in (staff.inside[0], "auditor", "pyb"):
        assert refused(await begin(agency, cycle, other)) == (403, "not_yours")
    body = {"days": DAYS, "purpose": PURPOSE}
    first = await agency.post(f"{cycle}/consultation", "hr", body, Idempotency_Key=key)
    again = await agency.post(f"{cycle}/consultation", "hr", body, Idempotency_Key=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert refused(await begin(agency, cycle)) == (409, "consultation_held")
    assert (await agency.post(f"{cycle}/cancel", "hr")).status_code == 202
    late = await begin(agency, cycle)
    assert (*refused(late), late.json()["state"]) == (409, "cycle_state", "cancelled")
    assert refused(await begin(agency, f"/cycles/{uuid4()}")) == (404, "not_found")


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


# ── a pack that does not ask for it ──────────────────────────────────────────────────────────────────────────────────────────


async def test_where_the_pack_does_not_ask_hr_may_hold_one_and_is_only_warned(agency: World, staff: Staff) -> None:
    cycle = await draft(agency, "permenpanrb-6-2022", YEAR + 1)
    assert await checked(agency, cycle) == ([], [])
    assert refused(await begin(agency, cycle, days=6)) == (422, "invalid_input")
    assert (await begin(agency, cycle, days=7)).status_code == 201
    await comment(agency, cycle, staff.inside[0])
    assert await checked(agency, cycle) == ([], ["consultation_not_over", "comments_unanswered"])
    found = (await agency.post(f"{cycle}/check", "hr")).json()["warnings"]
    assert {one["code"]: one["people"] for one in found}["comments_unanswered"] == [staff.inside[0]]
    assert (await agency.post(f"{cycle}/open", "hr")).status_code == 202
    late = await say(agency, cycle, staff.inside[0])
    assert refused(late) == (409, "cycle_state")
    assert (await answer(agency, cycle, 1)).is_success, "who was not answered before may still be"


# ── notices, and whose business it is ────────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_invited_to_what_is_over_or_was_called_off_is_not_told(agency: World) -> None:
    open_one, called_off = await consulted(agency), await consulted(agency)
    assert (await agency.post(f"{called_off}/cancel", "hr")).status_code == 202
    morning = NOW + timedelta(days=1)
    await Digests(agency.database).gather(GatherInput(at=morning))
    await Deliverer(agency.database, People(), Facts(), Channels(), clock=lambda: morning).drain()
    invited = await told(agency, open_one, "consultation_begun")
    assert {one["state"] for one in invited.values()} == {"shown"}
    dropped = await told(agency, called_off, "consultation_begun")
    assert {(one["state"], one["last_error"]) for one in dropped.values()} == {("dropped", "the consultation is over")}
    late = await consulted(agency)
    evening = NOW + timedelta(days=DAYS + 6)
    await Digests(agency.database).gather(GatherInput(at=evening))
    await Deliverer(agency.database, People(), Facts(), Channels(), clock=lambda: evening).drain()
    assert {one["state"] for one in (await told(agency, late, "consultation_begun")).values()} == {"dropped"}
