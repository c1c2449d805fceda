"""The word of others: peers and team leaders say what they saw; who rates reads it with names, she without, and never of too few."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.facts import Facts
from tests.api.document import held_against_the_document
from tests.api.noting import MAY, at_work, refused
from tests.api.others import SAID, colleagues, may_tell, notices_of, team, tell, told, with_colleagues
from tests.endings import Played, reviewed
from tests.world import YEAR, World, open_cycle, opened_cycle, opened_world

PEOPLE = 100


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """A year by a pack that asks peers and team leaders, and shows it with the result."""
    await open_cycle(world, "denpasar-capaian", YEAR)
    return world


@pytest_asyncio.fixture(scope="module")
async def asked(year: World) -> Played:
    """Somebody in May, of whom a module of tests hears what others say."""
    return await with_colleagues(year, 4)


@pytest.fixture
def who(year: World, asked: Played) -> Played:
    year.now = MAY
    return asked


async def rated(world: World, who: Played) -> None:
    """On to the result, which she has read."""
    await reviewed(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await world.done(who.appraisal, "acknowledge_result", who.employee)


@pytest.mark.case("3.11")
@pytest.mark.capability("D20")
async def test_who_leads_a_project_says_how_she_worked_in_it_and_her_supervisor_reads_it_beside_the_rating(
    year: World,
) -> None:
    who = await at_work(year)
    leader = (await colleagues(year, who, beside=False))[0]
    assert who.employee not in await may_tell(year, leader)
    assert refused(await tell(year, who.appraisal, leader)) == (403, "not_yours")
    (await team(year, "hr", leader, [who.employee])).raise_for_status()
    assert "team_led" in await notices_of(year, leader)
    assert "team_joined" in await notices_of(year, who.employee)

    assert (await may_tell(year, leader))[who.employee]["standing"] == "team_leader"
    said = await tell(year, who.appraisal, leader, "Menyelesaikan aplikasi antrean sebelum waktunya.")
    assert said.status_code == 201, said.text
    (mine,) = [one for one in (await may_tell(year, leader)).values() if one["given"]]
    assert mine["given"]["text"] == "Menyelesaikan aplikasi antrean sebelum waktunya."

    (read,) = await told(year, who.appraisal, who.supervisor)
    assert (read["by"]["nip"], read["standing"], read["team"]) == (leader, "team_leader", "Tim Layanan Terpadu")
    await rated(year, who)
    assert await told(year, who.appraisal, who.employee) == [], "one alone would be known by what he says"


@pytest.mark.case("3.12")
async def test_she_reads_with_her_result_what_enough_people_said_and_not_whose_it_is(year: World, who: Played) -> None:
    beside = await colleagues(year, who)
    words = {nip: f"{SAID} {number}" for number, nip in enumerate(beside[:4])}
    for nip, said in words.items():
        assert (await may_tell(year, nip))[who.employee]["standing"] == "peer"
        assert (await tell(year, who.appraisal, nip, said)).status_code == 201
    assert await told(year, who.appraisal, who.employee) == [], "not before her result"
    for reader in (who.supervisor, "hr"):
        assert {one["by"]["nip"]: one["text"] for one in await told(year, who.appraisal, reader)} == words
    for reader in (who.senior, "auditor", "board"):
        found = await told(year, who.appraisal, reader)
        assert {one["text"] for one in found} == set(words.values())
        assert {(one["by"], one["team"], one["written_at"]) for one in found} == {(None, None, None)}

    await rated(year, who)
    found = await told(year, who.appraisal, who.employee)
    assert {one["text"] for one in found} == set(words.values())
    ids = [one["id"] for one in found]
    assert ids == sorted(ids), "an order that tells nothing: ids are made at random"
    for one in found:
        assert (one["by"], one["team"], one["standing"], one["written_at"]) == (None, None, None, None)
    everything = [
        (await year.get(f"/appraisals/{who.appraisal}{part}", who.employee)).text
        for part in ("", "/events", "/feedback", "/year-log", "/observations")
    ]
    assert not [nip for nip in words if nip in "".join(everything)]


async def test_a_supervisor_asks_whom_he_wants_and_sees_who_answered(year: World) -> None:
    who = await at_work(year)
    elsewhere = await colleagues(year, who, beside=False)
    path = f"/appraisals/{who.appraisal}/feedback/requests"
    first = await year.post(path, who.supervisor, {"people": elsewhere[:2]})
    assert first.status_code == 201, first.text
    again = (await year.post(path, who.supervisor, {"people": elsewhere[1:3]})).json()
    assert [one["person"]["nip"] for one in again["requests"]].count(elsewhere[1]) == 1
    assert len(again["requests"]) == 3
    for nip in elsewhere[:3]:
        assert (await notices_of(year, nip)).count("feedback_asked") == 1
    assert (await may_tell(year, elsewhere[1]))[who.employee]["asked"]
    (await tell(year, who.appraisal, elsewhere[1])).raise_for_status()
    for reader in (who.supervisor, "hr"):
        given = (await year.get(path, reader)).raise_for_status().json()["requests"]
        assert [one["person"]["nip"] for one in given if one["given"]] == [elsewhere[1]]
    for reader in (who.employee, who.senior, "auditor", elsewhere[1]):
        assert refused(await year.get(path, reader)) == (403, "not_yours")
    for reader in (who.employee, who.senior, "hr", elsewhere[1]):
        assert refused(await year.post(path, reader, {"people": elsewhere[3:4]})) == (403, "not_yours")


async def test_nobody_is_asked_about_herself_nor_who_stands_above_her_or_stepped_back(year: World) -> None:
    who = await at_work(year)
    stranger = (await colleagues(year, who, beside=False))[0]
    people = [stranger, who.employee, who.senior, "199001012015011999"]
    path = f"/appraisals/{who.appraisal}/feedback/requests"
    wrong = await year.post(path, who.supervisor, {"people": people[:3]})
    assert [(e["pointer"], e["code"]) for e in wrong.json()["errors"]] == [
        ("/people/1", "of_herself"),
        ("/people/2", "officer"),
    ]
    unknown = await year.post(path, who.supervisor, {"people": people[2:]})
    assert [(e["pointer"], e["code"]) for e in unknown.json()["errors"]] == [("/people/1", "unknown_person")]
    assert (await year.get(path, who.supervisor)).json()["requests"] == [], "nothing of it is kept"
    stepped = {"about": who.employee, "kind": "family", "reason": "Saudara kandung."}
    (await year.post("/recusals", who.senior, stepped)).raise_for_status()
    again = await year.post(path, who.supervisor, {"people": [who.senior]})
    assert [e["code"] for e in again.json()["errors"]] == ["recused"]
    (await team(year, "hr", who.senior, [who.employee])).raise_for_status()
    assert refused(await tell(year, who.appraisal, who.senior)) == (403, "not_yours")
    assert who.employee not in await may_tell(year, who.senior)


async def test_nobody_says_something_of_herself_nor_does_who_rates_nor_a_stranger_and_each_says_it_once(
    year: World,
) -> None:
    who = await with_colleagues(year, 1)
    peer, stranger = (await colleagues(year, who))[0], (await colleagues(year, who, beside=False))[0]
    for nobody in (who.employee, who.supervisor, who.senior, "hr", stranger):
        assert refused(await tell(year, who.appraisal, nobody)) == (403, "not_yours"), nobody
    key = str(uuid4())
    answers = [
        await year.post(f"/appraisals/{who.appraisal}/feedback", peer, {"text": SAID}, Idempotency_Key=key)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert refused(await tell(year, who.appraisal, peer, "Lain.")) == (409, "feedback_given")
    assert [one["text"] for one in await told(year, who.appraisal, who.supervisor)] == [SAID]


@pytest.mark.capability("D20")
async def test_a_rating_waits_for_no_word_and_hears_none_once_it_was_given(year: World) -> None:
    who = await with_colleagues(year, 1)
    peer, leader = (await colleagues(year, who))[0], (await colleagues(year, who, beside=False))[0]
    (await team(year, "hr", leader, [who.employee])).raise_for_status()
    path = f"/appraisals/{who.appraisal}/feedback/requests"
    (await year.post(path, who.supervisor, {"people": [peer]})).raise_for_status()
    await rated(year, who)
    for late in (peer, leader):
        assert refused(await tell(year, who.appraisal, late)) == (409, "feedback_closed")
        assert who.employee not in await may_tell(year, late)
    assert refused(await year.post(path, who.supervisor, {"people": [leader]})) == (409, "feedback_closed")


async def test_a_leader_of_a_team_that_did_not_work_in_these_days_says_nothing(year: World) -> None:
    who = await at_work(year)
    leader = (await colleagues(year, who, beside=False))[0]
    over = await team(year, "hr", leader, [who.employee], f"{YEAR - 1}-03-01", until=f"{YEAR - 1}-12-31")
    (await team(year, "hr", leader, [who.employee], f"{YEAR}-06-01")).raise_for_status()
    assert refused(await tell(year, who.appraisal, leader)) == (403, "not_yours")
    body = {"name": "Tim", "leader": leader, "members": [who.employee], "from": f"{YEAR - 1}-03-01"}
    longer = await year.put(f"/teams/{over.json()['id']}", "hr", body | {"until": f"{YEAR}-01-31"})
    assert longer.status_code == 200, longer.text
    assert (await tell(year, who.appraisal, leader)).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/text", "missing"),
        ({"text": "  "}, "/text", "string_too_short"),
        ({"text": "x" * 2001}, "/text", "string_too_long"),
        ({"text": SAID, "rating": "above"}, "/rating", "extra_forbidden"),
    ],
)
async def test_a_word_is_a_sentence_and_never_a_rating(
    year: World, who: Played, body: dict[str, object], pointer: str, code: str
) -> None:
    answer = await year.post(f"/appraisals/{who.appraisal}/feedback", who.senior, body)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


# ── by another pack ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module")
async def elsewhere(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A year by the default pack, which asks nobody."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("plain"), people=60) as world:
        await opened_cycle(world)
        with held_against_the_document(world):
            yield world


ASKS = text("UPDATE cycle SET pack = jsonb_set(pack, '{feedback}', CAST(:spec AS jsonb))")


async def test_where_the_pack_asks_nobody_nothing_is_taken_and_where_it_shows_it_early_never_the_one_that_is_new(
    elsewhere: World,
) -> None:
    who = await with_colleagues(elsewhere, 4)
    beside = await colleagues(elsewhere, who)
    assert refused(await tell(elsewhere, who.appraisal, beside[0])) == (409, "no_feedback")
    path = f"/appraisals/{who.appraisal}/feedback/requests"
    assert refused(await elsewhere.post(path, who.supervisor, {"people": beside[:1]})) == (409, "no_feedback")
    assert await may_tell(elsewhere, beside[0]) == {}

    spec = {"peers": True, "team_leaders": False, "shown_min": 3, "shown": "while_running"}
    async with elsewhere.database.transaction() as connection:
        await connection.execute(ASKS, {"spec": json.dumps(spec)})
    elsewhere.rooms.facts = Facts()
    seen = []
    for nip in beside[:4]:
        (await tell(elsewhere, who.appraisal, nip, f"{SAID} {nip[-3:]}")).raise_for_status()
        seen.append(len(await told(elsewhere, who.appraisal, who.employee)))
    assert seen == [0, 0, 3, 3]
    assert len(await told(elsewhere, who.appraisal, who.supervisor)) == 4
