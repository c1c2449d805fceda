"""Where the only HR officer is the person appraised: she does nothing of HR's to herself, and the PyB does it in her place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.people import move_line
from models import lifecycle
from models.access import parties, roles
from models.appraisal import Snapshot, Suspension
from models.line import Line, Tenure
from models.vocabulary import Action, Ending, GrantedRole, Role, State
from models.ways import WAYS
from tests.api.test_cycles import Body, cycle_of, move
from tests.api.test_outages import IN_JANUARY
from tests.endings import DECEMBER, JANUARY, Played, at, to_result
from tests.unit.lifecycle_table import standing
from tests.unit.test_access import AGUS, BUDI, DAY, NEW_YEAR, RATNA
from tests.unit.test_access import OTHER as SECOND_HR
from tests.unit.test_access import SARI as HR
from tests.workflow.test_late import NIGHT, sends_her_plan, somebody
from tests.world import YEAR, World, opened_cycle, opened_world

HR_WAYS = sorted({(w.source, w.action) for w in WAYS if Role.HR in w.roles}, key=str)
TENURES = [
    Tenure(HR, BUDI, False, NEW_YEAR),
    Tenure(BUDI, RATNA, False, NEW_YEAR),
    Tenure(RATNA, None, True, NEW_YEAR),
    Tenure(AGUS, None, True, NEW_YEAR),
]


def where_hr_could(source: State, action: Action) -> Snapshot:
    if source is State.FINALISATION_DONE:
        return standing(source, subject=str(HR), ending=Ending.ACCEPTED, archived=True)
    snapshot = standing(source, subject=str(HR))
    if action is Action.RESUME:
        return snapshot.model_copy(update={"suspended": Suspension(since=datetime(2027, 6, 1, tzinfo=UTC))})
    return snapshot


@pytest.mark.parametrize(("source", "action"), HR_WAYS, ids=lambda v: str(v))
def test_every_act_of_hr_on_the_only_hr_officers_appraisal_is_the_pybs(source: State, action: Action) -> None:
    snapshot = where_hr_could(source, action)
    alone = Line(TENURES, pybs=[AGUS], hr=[HR])
    around = parties(str(HR), DAY, alone)
    own = roles(str(HR), (GrantedRole.HR,), around)
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.role_for(snapshot, action, str(HR), own)
    assert refused.value.code == "not_yours"
    pyb = roles(str(AGUS), (GrantedRole.PYB,), around)
    assert lifecycle.role_for(snapshot, action, str(AGUS), pyb) is Role.HR


def test_with_a_second_hr_officer_the_pyb_holds_no_role_of_hr() -> None:
    two = Line(TENURES, pybs=[AGUS], hr=[HR, SECOND_HR])
    around = parties(str(HR), DAY, two)
    assert Role.HR not in roles(str(AGUS), (GrantedRole.PYB,), around)
    assert Role.HR in roles(str(SECOND_HR), (GrantedRole.HR,), around)


def test_the_pyb_is_no_hr_to_anybody_else_nor_to_himself() -> None:
    alone = Line(TENURES, pybs=[AGUS], hr=[HR])
    assert Role.HR not in roles(str(AGUS), (GrantedRole.PYB,), parties(str(BUDI), DAY, alone))
    both = Line(TENURES, pybs=[HR], hr=[HR])
    assert roles(str(HR), (GrantedRole.HR, GrantedRole.PYB), parties(str(HR), DAY, both)) == {Role.EMPLOYEE}
    assert parties(str(HR), DAY, both).hr == frozenset()


# ── through the api ─────────────────────────────────────────────────────────────────────────────────────────────────


async def refused_and_done(year: World, appraisal: str, action: str, body: dict[str, object] | None = None) -> None:
    """The HR officer herself is refused, bulk or not; the PyB's act is recorded as HR's."""
    mine = await year.act(appraisal, action, "hr", body)
    assert (mine.status_code, mine.json()["code"]) == (403, "not_yours"), action
    bulk = (await year.post(f"/appraisals/actions/{action}", "hr", {"ids": [appraisal]})).json()["results"]
    assert [one["ok"] for one in bulk] == [False]
    await year.done(appraisal, action, "pyb", body)
    trail = (await year.get(f"/appraisals/{appraisal}/events", "auditor", limit=200)).json()["items"]
    event = next(e for e in reversed(trail) if e["action"] == action)
    assert (event["actor"]["nip"], event["role"]) == (year.people["pyb"], "hr")


@pytest.mark.usefixtures("alone")
async def test_the_pyb_does_everything_of_hrs_on_the_hr_officers_own_year(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, year.people["hr"])
    mine = who.appraisal
    await year.bring(mine)
    _, new = await year.elsewhere(who.employee)
    before = (await year.get(f"/appraisals/{mine}", "pyb")).json()["supervisor"]["nip"]
    await refused_and_done(year, mine, "reassign", {"supervisor": new, "reason": "Uji benturan kepentingan."})
    await refused_and_done(year, mine, "suspend", {"reason": "Cuti"})
    await refused_and_done(year, mine, "resume")
    await refused_and_done(year, mine, "reassign", {"supervisor": before, "reason": "Kembali ke atasan semula."})
    due = (JANUARY + timedelta(days=40)).isoformat()
    await refused_and_done(year, mine, "extend", {"due_at": due, "reason": "Dinas luar"})
    await to_result(year, who)
    at(year, DECEMBER + timedelta(days=1))
    handed_over = DECEMBER + timedelta(hours=6)
    await refused_and_done(
        year, mine, "record_delivery", {"at": handed_over.isoformat(), "proof": "Diserahkan langsung, ditandatangani."}
    )
    await year.done(mine, "accept_result", "hr")
    body = {"to": "rating.drafting", "reason": "Bukti baru", "authority": "SK Bupati 12/2028"}
    await settled_in_the_archive(year, mine)
    await refused_and_done(year, mine, "reopen", body)
    await refused_and_done(year, mine, "cancel", {"reason": "Ganda"})
    assert (await year.row(mine))["ending"] == "cancelled"
    assert year.now.year == YEAR


async def settled_in_the_archive(year: World, appraisal: str) -> None:
    for _ in range(500):
        row = await year.row(appraisal)
        if row["snapshot"]["archived"]:  # type: ignore[index]
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the year was not archived")


# ── facts that reach many ───────────────────────────────────────────────────────────────────────────────────────────

ALONE = text(
    "INSERT INTO unit (id, code, name, parent_id) SELECT 'sendiri', 'SENDIRI', 'Unit Sendiri', id FROM unit WHERE parent_id IS NULL"
)
INTO = (
    "UPDATE person SET unit_id = 'sendiri' WHERE nip = :nip",
    "UPDATE appraisal SET unit_id = 'sendiri' WHERE id = :id",
)


@pytest_asyncio.fixture
async def apart(postgres_url: str, engine_address: str, tmp_path: Path) -> AsyncIterator[World]:
    async with opened_world(postgres_url, engine_address, tmp_path, people=24) as world:
        await opened_cycle(world)
        yield world


async def test_hr_moves_no_calendar_and_records_no_outage_by_which_only_she_has_more_time(
    apart: World,
) -> None:
    """By a unit in which nobody is but she, and by everybody's where nobody's year runs but hers."""
    world, mine = apart, await apart.appraisal_of("hr")
    async with world.database.transaction() as connection:
        await connection.execute(ALONE)
        for one in INTO:
            await connection.execute(text(one), {"nip": world.people["hr"], "id": mine})
        await move_line(connection)
    world.now = JANUARY + timedelta(days=20)
    cycle = await cycle_of(world)
    before = await world.row(mine)
    later: Body = {"windows": {"plan": {"due_at": f"{YEAR}-02-20"}}, "unit": "SENDIRI"}
    rating: Body = {"windows": {"rating": {"due_at": f"{YEAR + 1}-01-20"}}, "unit": "SENDIRI"}
    for body in (later, rating):
        for preview in (True, False):
            answer = await move(world, cycle, body, preview=preview)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_yours"), answer.text
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE appraisal SET state = 'finalisation.done' WHERE id <> :id"), {"id": mine})
    answer = await move(world, cycle, {"windows": later["windows"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    answer = await world.post(f"/cycles/{cycle['id']}/outages", "hr", IN_JANUARY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert (await world.row(mine), await cycle_of(world)) == (before, cycle)


STANDS_IN = text(
    """
    UPDATE appraisal SET state = CAST(:state AS text), snapshot = jsonb_set(snapshot, '{state}', to_jsonb(CAST(:state AS text)))
     WHERE (id = :mine) = :me AND launch = 'launched'
    """
)


@pytest.mark.parametrize("alone", ["the first who came to it", "the last who is in it"])
async def test_hr_moves_a_window_of_everybodys_or_records_its_outage_as_long_as_others_are_in_it_or_come_to_it(
    apart: World, alone: str
) -> None:
    world, mine = apart, await apart.appraisal_of("hr")
    world.now = JANUARY + timedelta(days=20)
    first = alone == "the first who came to it"
    async with world.database.transaction() as connection:
        stands = {"state": "self_assessment.drafting", "mine": mine, "me": first}
        await connection.execute(STANDS_IN, stands)
    window, before = "self_assessment" if first else "plan", await world.row(mine)
    cycle = await cycle_of(world)
    moved = await move(world, cycle, {"windows": {window: {"due_at": f"{YEAR}-{12 if first else 2:02}-20"}}})
    assert moved.status_code == (200 if first else 403), moved.text
    outages = f"/cycles/{cycle['id']}/outages"
    previewed = await world.post(f"{outages}?preview=true", "hr", IN_JANUARY)
    recorded = await world.post(outages, "hr", IN_JANUARY)
    assert (previewed.status_code, recorded.status_code) == ((200, 201) if first else (403, 403)), recorded.text
    if not first:
        assert (recorded.json()["code"], await world.row(mine)) == ("not_yours", before)
        assert (await world.post(outages, await another_officer(world), IN_JANUARY)).status_code == 201
        assert (await world.row(mine))["due_at"] == before["due_at"] + timedelta(days=2)  # type: ignore[operator]


PERIOD_DONE = text(
    "UPDATE appraisal SET snapshot = jsonb_set(snapshot, '{periods_done}', '1') WHERE id <> :mine AND launch = 'launched'"
)


async def test_hr_moves_no_window_of_a_period_that_all_others_have_behind_them(apart: World) -> None:
    world, mine = apart, await apart.appraisal_of("hr")
    world.now = JANUARY + timedelta(days=20)
    cycle = await cycle_of(world)
    later: Body = {"windows": {"midyear.1": {"due_at": f"{YEAR}-07-25"}}}
    assert (await move(world, cycle, later, preview=True)).status_code == 200
    async with world.database.transaction() as connection:
        await connection.execute(PERIOD_DONE, {"mine": mine})
    refused = await move(world, cycle, later)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    both: Body = {"windows": {**later["windows"], "plan": {"due_at": f"{YEAR}-02-20"}}}  # type: ignore[dict-item]
    assert (await move(world, cycle, both)).status_code == 200


async def another_officer(world: World) -> str:
    """The NIP of the agency's other HR officer."""
    sql = text(
        "SELECT p.nip FROM role_grant g JOIN person p ON p.id = g.person_id WHERE g.role = 'hr' AND p.nip <> :hr"
    )
    async with world.database.transaction() as connection:
        return str((await connection.execute(sql, {"hr": world.people["hr"]})).scalars().first())


async def test_hr_who_is_last_in_a_step_records_an_outage_by_which_a_colleague_was_not_late(apart: World) -> None:
    """That colleague sent her plan on the morning after the night in which the days for plans ended."""
    world, mine = apart, await apart.appraisal_of("hr")
    who = await somebody(world)
    assert await sends_her_plan(world, who, date(YEAR, 2, 1), 8)
    async with world.database.transaction() as connection:
        await connection.execute(STANDS_IN, {"state": "self_assessment.drafting", "mine": mine, "me": False})
    world.now = datetime(YEAR, 2, 4, 3, tzinfo=UTC)
    outages = f"/cycles/{(await cycle_of(world))['id']}/outages"
    assert (await world.post(outages, "hr", NIGHT)).status_code == 201
    assert not (await world.row(who.appraisal))["late"]


@pytest.mark.parametrize("lasts", ["while it is paused", "once it was resumed"])
async def test_hr_records_no_outage_of_a_cycle_in_which_only_her_own_year_is_paused(apart: World, lasts: str) -> None:
    """What it gives her is seen when she is back."""
    world, mine = apart, await apart.appraisal_of("hr")
    world.now = JANUARY + timedelta(days=2)
    officer = await another_officer(world)
    await world.done(mine, "suspend", officer, {"reason": "Pemeriksaan"})
    world.now = JANUARY + timedelta(days=20)
    if lasts == "once it was resumed":
        await world.done(mine, "resume", officer)
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE appraisal SET state = 'finalisation.done' WHERE id <> :id"), {"id": mine})
    outages = f"/cycles/{(await cycle_of(world))['id']}/outages"
    answer = await world.post(outages, "hr", IN_JANUARY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours"), answer.text
