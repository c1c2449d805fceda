"""Where the pack asks for it, an employee takes note of her criteria before she sends her plan; what she wrote is kept meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from models.shelf import Shelf
from tests.api.noting import refused
from tests.endings import JANUARY, Played, at
from tests.workflow.people.changes import transferred
from tests.world import YEAR, World, nowhere, open_cycle

PEOPLE = 100
KNOWN = """
extends = "permenpanrb-6-2022"
id = "kami-ketahui"
version = 2
source = "Peraturan Wali Kota 2/2027"
title = { id = "Kriteria yang diketahui", en = "Criteria that are known" }
[participation]
consultation = true
acknowledgement = true
"""
"""A pack of the agency's own; the cycle of it is opened after a consultation on which nobody had to say anything."""
APRIL = datetime(YEAR, 4, 6, 3, tzinfo=UTC)
ANOTHER = "0" * 64


@pytest_asyncio.fixture(scope="module")
async def agency(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-ketahui.toml").write_text(KNOWN, encoding="utf-8")
    world.rooms.shelf = Shelf(own)
    await open_cycle(world, "kami-ketahui", YEAR)
    return world


@pytest.fixture
async def who(agency: World) -> Played:
    at(agency, JANUARY)
    found = await Played.of(agency, await agency.next_clerk())
    await agency.bring(found.appraisal)
    return found


async def criteria(world: World, appraisal: str, who: str = "hr") -> Mapping[str, object]:
    shown = (await world.seen(appraisal, who))["criteria"]
    assert isinstance(shown, dict)
    return shown


async def acknowledge(world: World, appraisal: str, who: str, digest: object = None, **headers: str) -> httpx.Response:
    said = (await criteria(world, appraisal))["digest"] if digest is None else digest
    return await world.post(f"/appraisals/{appraisal}/acknowledgement", who, {"digest": said}, **headers)


async def wrong_with_the_plan(world: World, appraisal: str, who: str) -> list[str]:
    form = (await world.get(f"/appraisals/{appraisal}/forms/plan", who)).raise_for_status().json()
    return [one["code"] for one in form["problems"]]


@pytest.mark.capability("S04")
async def test_an_employee_takes_note_of_the_criteria_before_she_sends_her_plan(agency: World, who: Played) -> None:
    version = await agency.fill(who.appraisal, "plan", who.employee)
    assert await wrong_with_the_plan(agency, who.appraisal, who.employee) == ["criteria_unacknowledged"]
    sent = await agency.act(who.appraisal, "submit_plan", who.employee)
    assert refused(sent) == (409, "criteria_unacknowledged")
    assert "Rancangan Anda tetap tersimpan" in sent.json()["detail"]
    kept = (await agency.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert (kept["version"], kept["status"]) == (version, "draft")

    before = await criteria(agency, who.appraisal, who.employee)
    assert (before["needed"], before["acknowledged_at"], before["policy_version"]) == (True, None, 2)
    cycle = (await agency.row(who.appraisal))["cycle_id"]
    pack = (await agency.get(f"/cycles/{cycle}/policy", who.employee)).json()
    assert pack["criteria"]["behaviour"], "what she takes note of is there to be read"
    assert (await acknowledge(agency, who.appraisal, who.employee)).status_code == 200
    for reader in (who.employee, who.supervisor, "hr"):
        assert (await criteria(agency, who.appraisal, reader))["acknowledged_at"] == JANUARY.isoformat()
    assert await wrong_with_the_plan(agency, who.appraisal, who.employee) == []
    await agency.done(who.appraisal, "submit_plan", who.employee)
    assert (await agency.row(who.appraisal))["state"] == "plan.reviewing"


async def test_it_is_her_own_word_given_once(agency: World, who: Played) -> None:
    for other in (who.supervisor, who.senior, "hr", "auditor", await agency.next_clerk()):
        assert refused(await acknowledge(agency, who.appraisal, other)) == (403, "not_yours")
    first = await acknowledge(agency, who.appraisal, who.employee, Idempotency_Key="saya tahu")
    again = await acknowledge(agency, who.appraisal, who.employee, Idempotency_Key="saya tahu")
    agency.now = APRIL
    later = await acknowledge(agency, who.appraisal, who.employee)
    assert first.json() == again.json() == later.json()
    assert await agency.actions_of(who.appraisal) == ["open"], "no event, and no workflow hears of it"


@pytest.mark.parametrize(
    ("digest", "found"),
    [
        (ANOTHER, ("/digest", "not_in_force")),
        ("", ("/digest", "string_pattern_mismatch")),
        ("kami-ketahui", ("/digest", "string_pattern_mismatch")),
        (2, ("/digest", "string_type")),
    ],
)
async def test_of_criteria_that_do_not_hold_she_takes_no_note(
    agency: World, who: Played, digest: object, found: tuple[str, str]
) -> None:
    answer = await acknowledge(agency, who.appraisal, who.employee, digest)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [found]
    assert (await criteria(agency, who.appraisal))["acknowledged_at"] is None


async def test_what_was_acknowledged_of_an_earlier_edition_does_not_count_for_another(
    agency: World, who: Played
) -> None:
    async with agency.database.transaction() as connection:
        sql = "INSERT INTO acknowledgement VALUES (:id, :digest, 1, :at)"
        await connection.execute(text(sql), {"id": who.appraisal, "digest": ANOTHER, "at": agency.now})
    await agency.fill(who.appraisal, "plan", who.employee)
    assert refused(await agency.act(who.appraisal, "submit_plan", who.employee)) == (409, "criteria_unacknowledged")


async def test_many_plans_sent_at_once_are_each_asked(agency: World, who: Played) -> None:
    await agency.fill(who.appraisal, "plan", who.employee)
    answer = await agency.post("/appraisals/actions/submit_plan", who.employee, {"ids": [who.appraisal]})
    (result,) = answer.json()["results"]
    assert (result["ok"], result["problem"]["code"]) == (False, "criteria_unacknowledged")


async def test_a_plan_that_somebody_writes_for_who_was_silent_waits_for_no_word_of_hers(
    agency: World, who: Played
) -> None:
    agency.now = APRIL
    await agency.bring(who.appraisal)
    await agency.send(who.appraisal, "plan", "submit_plan", who.supervisor)
    assert (await criteria(agency, who.appraisal))["acknowledged_at"] is None
    await agency.fill(who.appraisal, "plan", who.employee)
    amended = await agency.act(who.appraisal, "amend_plan", who.employee)
    assert refused(amended) == (409, "criteria_unacknowledged"), "one of her own does"
    assert (await acknowledge(agency, who.appraisal, who.employee)).status_code == 200
    await agency.done(who.appraisal, "amend_plan", who.employee)


async def test_in_another_post_she_is_asked_again(agency: World, who: Played) -> None:
    assert (await acknowledge(agency, who.appraisal, who.employee)).status_code == 200
    await agency.send(who.appraisal, "plan", "submit_plan", who.employee)
    await agency.done(who.appraisal, "approve_plan", who.supervisor)
    agency.now = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
    await agency.bring(who.appraisal)
    await transferred(agency, who)
    await agency.pass_to(who.appraisal, datetime(YEAR, 6, 10, 3, tzinfo=UTC))
    _, second = await agency.segments_of(who.employee, 2)
    shown = await criteria(agency, second)
    assert (shown["needed"], shown["acknowledged_at"]) == (True, None), "another post may be weighed by another row"


async def test_she_takes_note_while_the_engine_is_away_and_not_once_her_year_is_over(
    agency: World, who: Played
) -> None:
    engine, agency.rooms.engine = agency.rooms.engine, await nowhere()
    assert (await acknowledge(agency, who.appraisal, who.employee)).status_code == 200
    agency.rooms.engine = engine
    other = await Played.of(agency, await agency.next_clerk())
    await agency.done(other.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    assert refused(await acknowledge(agency, other.appraisal, other.employee)) == (409, "not_running")


async def test_the_default_pack_asks_nobody_for_it(agency: World) -> None:
    made = await agency.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "SKP"})
    pack = (await agency.get(f"/cycles/{made.json()['id']}/policy", "employee")).json()
    assert pack["participation"] == {"consultation": False, "consultation_days_min": 7, "acknowledgement": False}
