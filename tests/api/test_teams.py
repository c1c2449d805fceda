"""Teams: recorded by HR or by who supervises everybody in one, never by whom they are about, and told to those they are about."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.api.noting import refused
from tests.api.others import colleagues, notices_of, team
from tests.endings import JANUARY, Played
from tests.world import YEAR, World

PEOPLE = 60


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def teams(world: World, who: str) -> dict[str, dict[str, Any]]:
    page = (await world.get("/teams", who, limit=200)).raise_for_status().json()
    assert page["total"] == len(page["items"])
    return {one["id"]: one for one in page["items"]}


async def events(world: World, made: str) -> list[dict[str, Any]]:
    sql = "SELECT data, role FROM agency_event WHERE action = 'team_recorded' AND data ->> 'team' = :team ORDER BY seq"
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(text(sql), {"team": made})).mappings()]


async def test_a_supervisor_records_a_project_of_his_people_and_whoever_it_is_about_reads_it(
    year: World, who: Played
) -> None:
    leader = (await colleagues(year, who, beside=False))[0]
    made = (await team(year, who.supervisor, leader, [who.employee], until=f"{YEAR}-09-30")).raise_for_status().json()
    assert (made["leader"]["nip"], [one["nip"] for one in made["members"]]) == (leader, [who.employee])
    assert (made["from"], made["until"], made["recorded_by"]["nip"]) == (
        f"{YEAR}-03-01",
        f"{YEAR}-09-30",
        who.supervisor,
    )
    for reader in (leader, who.employee, who.supervisor, "hr", "auditor"):
        assert made["id"] in await teams(year, reader), reader
    assert made["id"] not in await teams(year, (await colleagues(year, who, beside=False))[1])
    (event,) = await events(year, made["id"])
    assert event["role"] == "supervisor"


async def test_what_became_of_a_team_replaces_what_it_was_and_the_same_again_is_no_event(
    year: World, who: Played
) -> None:
    leader, other, third = (await colleagues(year, who, beside=False))[:3]
    made = (await team(year, "hr", leader, [who.employee])).raise_for_status().json()["id"]
    told = (await notices_of(year, who.employee)).count("team_joined")
    body = {"name": "Tim Layanan Terpadu", "leader": leader, "members": [who.employee], "from": f"{YEAR}-03-01"}
    for _ in range(2):
        assert (await year.put(f"/teams/{made}", "hr", body)).status_code == 200
    assert len(await events(year, made)) == 1
    await year.put(f"/teams/{made}", "hr", body | {"members": [other, who.employee], "until": f"{YEAR}-05-31"})
    assert (await notices_of(year, who.employee)).count("team_joined") == told, "she was in it before"
    assert "team_joined" in await notices_of(year, other)
    changed = (await year.put(f"/teams/{made}", "hr", body | {"leader": third})).raise_for_status().json()
    assert (changed["leader"]["nip"], changed["until"]) == (third, None)
    assert (await notices_of(year, who.employee)).count("team_joined") == told + 1, "another leads it"
    assert len(await events(year, made)) == 3


async def test_nobody_records_a_team_she_is_in_or_leads_nor_one_of_people_who_are_not_hers(
    year: World, who: Played
) -> None:
    leader = (await colleagues(year, who, beside=False))[0]
    for by in (who.employee, leader, who.senior, "auditor"):
        assert refused(await team(year, by, leader, [who.employee])) == (403, "not_yours")
    assert refused(await team(year, who.supervisor, who.supervisor, [who.employee])) == (403, "not_yours")
    assert refused(await team(year, "hr", year.people["hr"], [who.employee])) == (403, "not_yours")
    assert refused(await team(year, who.supervisor, leader, [who.employee, leader])) == (403, "not_yours")
    made = (await team(year, "hr", leader, [who.employee])).raise_for_status().json()["id"]
    body = {"name": "Tim", "leader": who.employee, "members": [leader], "from": f"{YEAR}-03-01"}
    assert refused(await year.put(f"/teams/{made}", leader, body)) == (403, "not_yours")
    assert refused(await year.put(f"/teams/{made}", who.supervisor, body)) == (403, "not_yours")


async def test_what_is_no_team_is_refused_by_its_place_and_nothing_of_it_is_kept(year: World, who: Played) -> None:
    leader = (await colleagues(year, who, beside=False))[0]
    before = await teams(year, "hr")
    for members, more, expected in (
        ([who.employee, leader], {}, [("/members/1", "leads_herself")]),
        ([who.employee, who.employee], {}, [("/members/1", "same_twice")]),
        (["199001012015011999"], {}, [("/members/0", "unknown_person")]),
        ([who.employee], {"until": f"{YEAR}-02-28"}, [("/until", "ends_before_it_begins")]),
        ([], {}, [("/members", "too_short")]),
        ([who.employee], {"name": " "}, [("/name", "string_too_short")]),
        ([who.employee], {"salary": 1}, [("/salary", "extra_forbidden")]),
    ):
        answer = await team(year, "hr", leader, members, **more)
        assert refused(answer) == (422, "invalid_input"), answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == expected
    unknown = await team(year, "hr", "199001012015011999", [who.employee])
    assert [(e["pointer"], e["code"]) for e in unknown.json()["errors"]] == [("/leader", "unknown_person")]
    assert await teams(year, "hr") == before
