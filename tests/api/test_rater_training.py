"""Whoever rates has learnt how to: recorded by HR, shown beside the rating or asked for before it, as the pack says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.endings import DECEMBER, Played, at, until_rating
from tests.workflow.test_labels import launched
from tests.world import YEAR, World, opened_world

PEOPLE = 60
RATING_LATE = datetime(YEAR + 1, 3, 1, 3, tzinfo=UTC)
SYSTEM = {"course": "rating_system", "date": f"{YEAR}-03-01"}
WORKSHOP = {"course": "fair_rating", "date": f"{YEAR}-03-01"}
ASKS = text("UPDATE cycle SET pack = jsonb_set(pack, '{rater_training}', CAST(:asked AS jsonb)) WHERE id = :id")


async def asking(world: World, mode: str, *counting: str) -> World:
    """An agency whose cycle asks for a training of who rates."""
    made = await world.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP"})
    async with world.database.transaction() as connection:
        asked = json.dumps({"mode": mode, "courses": counting, "valid_years": 3})
        await connection.execute(ASKS, {"id": made.json()["id"], "asked": asked})
    await launched(world, str(made.json()["id"]))
    return world


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """Nobody rates without."""
    return await asking(world, "gate", "rating_system")


@pytest_asyncio.fixture(scope="module")
async def flagged(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """It is only seen, and a workshop counts."""
    folder: Path = tmp_path_factory.mktemp("flagged")
    async with opened_world(postgres_url, engine_address, folder, people=40) as world:
        yield await asking(world, "flag", "fair_rating")


async def recorded(world: World, nip: str, *taken: Mapping[str, object], by: str = "hr") -> httpx.Response:
    return await world.put(f"/people/{nip}/trainings", by, {"trainings": list(taken)})


async def listed(world: World) -> dict[str, tuple[str, list[str]]]:
    """Who is on HR's list for it: the message and what may be done, by NIP; each only once."""
    cycle = (await world.get("/cycles", "hr")).json()["items"][0]["id"]
    items = (await world.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    found = [one for one in items if one["code"] == "rater_untrained"]
    assert len({one["employee"]["nip"] for one in found}) == len(found)
    return {one["employee"]["nip"]: (one["message"], one["actions"]) for one in found}


@pytest.mark.capability("D16")
async def test_where_the_pack_asks_for_it_nobody_rates_before_he_is_trained_and_the_draft_is_kept(year: World) -> None:
    who = await Played.of(year, await year.next_clerk())
    await until_rating(year, who)
    _, actions = (await listed(year))[who.supervisor]
    assert actions == ["trainings"]
    version = await year.fill(who.appraisal, "rating", who.supervisor)
    refused = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (409, "rater_untrained")
    assert "Pelatihan penilai" in refused.json()["courses"]
    kept = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()
    assert (kept["status"], kept["version"]) == ("draft", version)
    assert (await year.seen(who.appraisal))["rater"]["trained"] is False  # type: ignore[index]

    (await recorded(year, who.supervisor, SYSTEM)).raise_for_status()
    assert who.supervisor not in await listed(year)
    await year.done(who.appraisal, "submit_rating", who.supervisor)
    shown = (await year.seen(who.appraisal))["rater"]
    assert (shown["person"]["nip"], shown["trained"]) == (who.supervisor, True)  # type: ignore[index]


@pytest.mark.capability("D16")
async def test_a_rating_that_waits_for_a_trained_rater_goes_up_as_usual_and_the_senior_needs_it_too(
    year: World,
) -> None:
    who = await Played.of(year, await year.next_clerk())
    (await recorded(year, who.supervisor)).raise_for_status()
    (await recorded(year, who.senior)).raise_for_status()
    await until_rating(year, who)
    assert (await year.pass_to(who.appraisal, datetime(YEAR + 1, 1, 25, 3, tzinfo=UTC)))["takeover"]
    assert {who.supervisor, who.senior} <= (await listed(year)).keys()
    await year.fill(who.appraisal, "rating", who.senior)
    assert (await year.act(who.appraisal, "submit_rating", who.senior)).json()["code"] == "rater_untrained"
    (await recorded(year, who.senior, SYSTEM)).raise_for_status()
    await year.done(who.appraisal, "submit_rating", who.senior)


@pytest.mark.parametrize(
    "taken", [WORKSHOP, {**SYSTEM, "date": "2024-01-01"}, {**SYSTEM, "valid_until": f"{YEAR}-12-19"}]
)
async def test_another_course_one_too_long_ago_and_one_that_ran_out_do_not_count(
    year: World, taken: Mapping[str, object]
) -> None:
    who = await Played.of(year, await year.next_clerk())
    at(year, DECEMBER)
    (await recorded(year, who.supervisor, taken)).raise_for_status()
    assert who.supervisor in await listed(year)


@pytest.mark.capability("D16")
async def test_where_it_is_only_seen_the_rating_is_taken_and_all_around_but_she_see_who_was_not_trained(
    flagged: World,
) -> None:
    who = await Played.of(flagged, await flagged.next_clerk())
    await until_rating(flagged, who)
    assert who.supervisor in await listed(flagged)
    await flagged.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    for reader in (who.senior, "hr", "board", who.supervisor):
        assert (await flagged.seen(who.appraisal, reader))["rater"]["trained"] is False  # type: ignore[index]
    assert "rater" not in await flagged.seen(who.appraisal, who.employee)
    (await recorded(flagged, who.supervisor, WORKSHOP)).raise_for_status()
    assert (await flagged.seen(who.appraisal))["rater"]["trained"] is True  # type: ignore[index]
    assert who.supervisor not in await listed(flagged)


# ── the record ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def events(world: World, nip: str) -> int:
    sql = """
        SELECT count(*) FROM agency_event e JOIN person p ON p.id = e.data ->> 'person'
         WHERE e.action = 'trainings_recorded' AND p.nip = :nip
    """
    async with world.database.transaction() as connection:
        return int((await connection.execute(text(sql), {"nip": nip})).scalar_one())


async def test_what_hr_records_is_all_that_there_is_and_the_same_again_is_no_event(year: World) -> None:
    nip = await year.next_clerk()
    for _ in range(2):
        answer = await recorded(year, nip, SYSTEM, WORKSHOP)
        assert [one["course"] for one in answer.json()["trainings"]] == ["fair_rating", "rating_system"]
    assert await events(year, nip) == 1
    assert (await recorded(year, nip)).json()["trainings"] == []
    assert await events(year, nip) == 2
    assert (await year.get(f"/people/{nip}/trainings", nip)).json() == {"nip": nip, "trainings": []}


async def test_nobody_records_the_own_nor_does_who_is_not_hr_and_only_hr_auditor_and_she_read_it(year: World) -> None:
    who = await Played.of(year, await year.next_clerk())
    for by in (who.employee, who.supervisor, "pyb"):
        assert (await recorded(year, who.employee, SYSTEM, by=by)).json()["code"] == "not_yours"
    assert (await recorded(year, year.people["hr"], SYSTEM)).json()["code"] == "not_yours"
    assert (await year.get(f"/people/{who.employee}/trainings", who.senior)).json()["code"] == "not_yours"
    assert (await year.get(f"/people/{who.employee}/trainings", "auditor")).status_code == 200
    assert (await recorded(year, "199001012015011999", SYSTEM)).status_code == 404


@pytest.mark.parametrize(
    ("taken", "pointer", "code"),
    [
        ({**SYSTEM, "course": "cooking"}, "/trainings/1/course", "unknown_course"),
        ({**SYSTEM, "date": f"{YEAR + 5}-01-01"}, "/trainings/1/date", "in_the_future"),
        ({**SYSTEM, "valid_until": f"{YEAR}-02-01"}, "/trainings/1/valid_until", "ends_before_it_begins"),
        (WORKSHOP, "/trainings/1/course", "same_twice"),
        ({**SYSTEM, "date": 5}, "/trainings/1/date", "invalid_value"),
        ({**SYSTEM, "where": "Kupang"}, "/trainings/1/where", "extra_forbidden"),
    ],
)
async def test_what_cannot_be_recorded_is_refused_by_place_and_nothing_of_it_is_kept(
    year: World, taken: Mapping[str, object], pointer: str, code: str
) -> None:
    at(year, DECEMBER)
    nip = await year.next_clerk()
    refused = await recorded(year, nip, WORKSHOP, taken)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input"), refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    assert (await year.get(f"/people/{nip}/trainings", "hr")).json()["trainings"] == []
