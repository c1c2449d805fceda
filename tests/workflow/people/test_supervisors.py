"""Another supervisor, a vacant post, a double role: the task is always somebody's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tests.endings import JANUARY, Played
from tests.workflow.people.changes import imported, named, planned, row_of, tasks_of
from tests.world import World


@pytest.mark.case("3.3")
async def test_a_supervisor_change_leaves_no_task_with_the_old_one(year: World, who: Played) -> None:
    """DOMAIN 3.3: the open task, the right and the reminders move with the day; what was decided stays his who decided it."""
    await planned(year, who)
    await year.send(who.appraisal, "plan", "amend_plan", who.employee)
    _, new = await year.elsewhere(who.employee)
    assert who.appraisal in await tasks_of(year, who.supervisor)
    body = {"supervisor": new, "effective": JANUARY.date().isoformat(), "reason": "Atasan pindah tugas."}
    await year.decided(who.employee, "supervisor", body)
    assert who.appraisal not in await tasks_of(year, who.supervisor)
    assert who.appraisal in await tasks_of(year, new)
    refused = await year.act(who.appraisal, "approve_plan", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.done(who.appraisal, "approve_plan", new)
    events = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    approvals = [e["actor"]["nip"] for e in events if e["action"] == "approve_plan"]
    assert approvals == [who.supervisor, new]
    sql = "SELECT p.nip, n.text FROM notice n JOIN person p ON p.id = n.person_id WHERE n.text LIKE 'supervis%'"
    async with year.database.transaction() as connection:
        told = {tuple(row) for row in await connection.execute(text(sql))}
    assert {
        (who.employee, "supervisor_changed"),
        (new, "supervises_now"),
        (who.supervisor, "supervises_no_more"),
    } <= told
    assert "supervisor_changed" in [e["action"] for e in events if e["source"] == "cycle"]


@pytest.mark.case("3.3")
async def test_a_supervisor_change_of_next_week_holds_from_next_week(year: World, who: Played) -> None:
    """DOMAIN 3.3: on a date."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    _, new = await year.elsewhere(who.employee)
    day = JANUARY.date() + timedelta(days=7)
    body = {"supervisor": new, "effective": day.isoformat(), "reason": "Berlaku minggu depan."}
    await year.decided(who.employee, "supervisor", body)
    assert who.appraisal in await tasks_of(year, who.supervisor)
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=7))
    assert who.appraisal not in await tasks_of(year, who.supervisor)
    assert who.appraisal in await tasks_of(year, new)


@pytest.mark.case("3.4")
async def test_a_vacant_post_is_filled_by_whom_the_chain_says(year: World, who: Played) -> None:
    """DOMAIN 3.4: the supervisor retired; his superior stands in, and no form strands."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    body = {"reason": "retire", "effective": (JANUARY.date() + timedelta(days=1)).isoformat()}
    await year.decided(who.supervisor, "exit", body)
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    assert who.appraisal in await tasks_of(year, who.senior)
    await year.done(who.appraisal, "approve_plan", who.senior)


async def acts_for(world: World, nip: str, holder: str, day: date) -> None:
    """A Plt, as the roster's columns say it."""
    said = await row_of(world, nip) | {"plt_untuk": holder, "plt_mulai": day.isoformat(), "plt_selesai": ""}
    assert named(await imported(world, said), "acting_changed")


@pytest.mark.case("3.4")
async def test_a_vacant_post_is_acted_for_by_its_plt_before_anybody_above(year: World, who: Played) -> None:
    """DOMAIN 3.4: Plt first; when the appointment ends, the chain goes on to the next superior."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    day = JANUARY.date() + timedelta(days=1)
    _, substitute = await year.elsewhere(who.employee)
    await acts_for(year, substitute, who.supervisor, day)
    await year.decided(who.supervisor, "exit", {"reason": "dismiss", "effective": day.isoformat()})
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    assert who.appraisal in await tasks_of(year, substitute)
    assert who.appraisal not in await tasks_of(year, who.senior)
    await imported(year, await row_of(year, substitute) | {"plt_untuk": "", "plt_mulai": "", "plt_selesai": ""})
    assert who.appraisal in await tasks_of(year, who.senior)
    await year.done(who.appraisal, "approve_plan", who.senior)


@pytest.mark.case("3.15")
async def test_who_acts_as_head_of_her_own_unit_does_not_rate_herself(year: World, who: Played) -> None:
    """DOMAIN 3.15: she is the Plt of her own supervisor; the next superior is asked."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await acts_for(year, who.employee, who.supervisor, JANUARY.date())
    refused = await year.act(who.appraisal, "approve_plan", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert who.appraisal in await tasks_of(year, who.senior)
    await year.done(who.appraisal, "approve_plan", who.senior)
    await imported(year, await row_of(year, who.employee) | {"plt_untuk": "", "plt_mulai": "", "plt_selesai": ""})


async def test_a_reassignment_outranks_the_line_and_a_new_file_leaves_it(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    _, other = await year.elsewhere(who.employee)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": other, "reason": "Konflik kepentingan."})
    said = await row_of(year, who.employee)
    await imported(year, said | {"nip_atasan": who.senior})
    assert who.appraisal in await tasks_of(year, other)
    assert who.appraisal not in await tasks_of(year, who.senior)
    await imported(year, said)
