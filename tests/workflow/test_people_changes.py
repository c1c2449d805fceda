"""People change under a running year: nothing strands, and each part is rated by who saw the work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.facts import load_facts
from activities.launch import Launcher
from activities.restore import restore
from api.telling import tell_nudged
from models.circumstances import Personnel
from tests.endings import DECEMBER, JANUARY, Played, to_result
from tests.world import YEAR, World, opened_cycle, opened_world

MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
JUNE = datetime(YEAR, 6, 2, 3, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module")
async def year(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """An agency of its own: here supervisors leave, whom other tests' people have."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("people"), people=160) as made:
        await opened_cycle(made)
        yield made


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def planned(world: World, who: Played) -> None:
    world.now = JANUARY
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)


async def transferred(world: World, who: Played, effective: str = f"{YEAR}-06-01") -> str:
    """To another unit from that day on; the NIP of the new supervisor."""
    unit, supervisor = await world.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": effective}
    told = await world.decided(who.employee, "transfer", body)
    assert told["appraisals"] == [who.appraisal]
    return supervisor


async def tasks_of(world: World, nip: str) -> list[str]:
    answer = await world.get("/me/tasks", nip, limit=200)
    return [task["appraisal_id"] for task in answer.raise_for_status().json()["items"]]


@pytest.mark.case("3.1")
async def test_each_segment_is_rated_by_who_saw_the_work(year: World, who: Played) -> None:
    """DOMAIN 3.1: transferred mid-year; the first segment by the old supervisor, the second by the new one."""
    await planned(year, who)
    year.now = MAY
    new = await transferred(year, who)
    await year.bring(who.appraisal)
    assert (await year.row(who.appraisal))["state"] == "execution.running"
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]

    closed = await year.pass_to(who.appraisal, JUNE)
    assert closed["state"] == "self_assessment.drafting"
    first, second = await year.segments_of(who.employee, 2)
    assert first == who.appraisal
    assert (await year.row(second))["segment"] == 2
    shown = await year.seen(first)
    assert shown["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert shown["opens_at"] is None
    assert (await year.seen(second))["supervisor"]["nip"] == new  # type: ignore[index]

    await year.send(first, "self_assessment", "submit_self_assessment", who.employee)
    assert first in await tasks_of(year, who.supervisor)
    assert first not in await tasks_of(year, new)
    refused = await year.act(first, "submit_rating", new)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    await year.send(first, "rating", "submit_rating", who.supervisor)
    done = await year.pass_to(first, JUNE)
    assert done["ending"] == "segment_closed"

    listed = (await year.get("/appraisals", who.supervisor, limit=200)).json()["items"]
    assert first in [item["id"] for item in listed]
    assert second not in [item["id"] for item in listed]

    read = await year.seen(first, new)
    assert read["outcome"] is not None
    assert read["actions"] == []
    assert [s["segment"] for s in read["segments"]] == [1, 2]  # type: ignore[attr-defined]

    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", new)
    assert (await year.row(second))["state"] == "execution.running"


@pytest.mark.case("3.1")
async def test_a_transfer_that_is_told_late_closes_the_segment_at_once(year: World, who: Played) -> None:
    """DOMAIN 3.1: HR learns in June of a transfer of the twentieth of May; the trail knows both instants."""
    await planned(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await transferred(year, who, f"{YEAR}-05-20")
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["state"] == "self_assessment.drafting"
    events = (await year.get(f"/appraisals/{first}/events", "hr", limit=200)).json()["items"]
    closing = next(e for e in events if e["action"] == "close_segment")
    assert closing["effective_at"] == f"{YEAR}-05-19T17:00:00+00:00"
    assert closing["at"] > f"{YEAR}-06-02"
    assert (await year.row(second))["snapshot"]["since"] == f"{YEAR}-05-20"  # type: ignore[index]


@pytest.mark.case("3.1")
async def test_a_segment_without_a_plan_ends_as_not_ratable(year: World, who: Played) -> None:
    """DOMAIN 3.1: there is nothing to rate the first part by, so nothing is invented."""
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["ending"] == "not_ratable"
    assert (await year.row(first))["outcome_id"] is None
    assert (await year.row(second))["state"] == "plan.drafting"


async def test_a_transfer_after_the_rating_opens_no_segment(year: World, who: Played) -> None:
    await to_result(year, who)
    await transferred(year, who, f"{YEAR}-12-21")
    row = await year.pass_to(who.appraisal, DECEMBER + timedelta(days=3))
    assert row["state"] == "appeal.open"
    assert "close_segment" not in await year.actions_of(who.appraisal)
    assert len(await year.segments_of(who.employee, 1)) == 1


async def test_the_numbers_of_progress_count_people_and_not_segments(year: World, who: Played) -> None:
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    before = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 2)
    after = (await year.get(f"/cycles/{cycle}/progress", "hr")).json()
    assert after["roster"] == before["roster"]
    assert after["roster"] == sum(after[launch] for launch in ("pending", "launched", "failed", "excluded"))
    assert after["launched"] == sum(after["by_state"].values())


# ── another supervisor ───────────────────────────────────────────────────────────────────────────────────────────────


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


# ── an exit ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.6")
async def test_a_result_delivered_before_a_death_is_never_accepted_by_silence(year: World, who: Played) -> None:
    """DOMAIN 3.6: she dies between the delivery and the lapse; notices to her stop with the decision itself."""
    await to_result(year, who)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await year.row(who.appraisal))["outcome_id"]
    year.now = DECEMBER + timedelta(days=4)
    await year.decided(who.employee, "exit", {"reason": "die", "effective": year.now.date().isoformat()})
    assert (await year.get("/me", who.employee)).json()["code"] == "unknown_person"
    row = await year.pass_to(who.appraisal, DECEMBER + timedelta(days=40))
    assert (row["ending"], row["outcome_id"]) == ("exited", outcome)
    assert "lapse" not in await year.actions_of(who.appraisal)


@pytest.mark.case("3.6")
async def test_who_retires_before_the_rating_is_rated_for_the_time_she_was_here(year: World, who: Played) -> None:
    """DOMAIN 3.6: the last evaluation is the supervisor's; she may sign in until her year is done, and then no more."""
    await planned(year, who)
    year.now = MAY
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-06-01"})
    assert (await year.row(who.appraisal))["state"] == "execution.running"
    row = await year.pass_to(who.appraisal, JUNE)
    assert row["state"] == "rating.drafting"
    assert row["due_at"] < JUNE + timedelta(days=21)
    assert (await year.get("/me", who.employee)).status_code == 200
    assert who.appraisal in await tasks_of(year, who.supervisor)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    done = await year.pass_to(who.appraisal, JUNE)
    assert (done["ending"], done["outcome_id"] is not None) == ("exited", True)


@pytest.mark.case("3.6")
async def test_who_leaves_without_a_plan_has_nothing_to_be_rated_by(year: World, who: Played) -> None:
    """DOMAIN 3.6"""
    year.now = JANUARY
    await year.decided(
        who.employee, "exit", {"reason": "resign", "effective": (JANUARY.date() + timedelta(days=1)).isoformat()}
    )
    row = await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    assert (row["ending"], row["outcome_id"]) == ("exited", None)


@pytest.mark.case("3.6")
async def test_who_leaves_after_the_rating_keeps_her_appeal(year: World, who: Played) -> None:
    """DOMAIN 3.6: a retirement takes no right away."""
    await to_result(year, who)
    day = DECEMBER.date() + timedelta(days=1)
    await year.decided(who.employee, "exit", {"reason": "retire", "effective": day.isoformat()})
    await year.pass_to(who.appraisal, DECEMBER + timedelta(days=5))
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert (await year.row(who.appraisal))["state"] == "appeal.answering"


# ── leave, and who comes late ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.case("3.17")
async def test_a_leave_pauses_what_is_open_and_moves_its_due_day_by_its_length(year: World, who: Played) -> None:
    """DOMAIN 3.17: back from leave, every day she had is still there."""
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await year.row(who.appraisal))["due_at"]
    first, last = JANUARY.date() + timedelta(days=1), JANUARY.date() + timedelta(days=21)
    await year.decided(who.employee, "leave", {"from": first.isoformat(), "until": last.isoformat()})
    away = await year.pass_to(who.appraisal, JANUARY + timedelta(days=10))
    assert away["suspended"]
    assert away["due_at"] is None
    back = await year.pass_to(who.appraisal, JANUARY + timedelta(days=23))
    assert not back["suspended"]
    assert back["due_at"] == due + timedelta(days=21)
    assert [a for a in await year.actions_of(who.appraisal) if a.endswith("_leave")] == ["begin_leave", "end_leave"]


async def test_a_leave_that_began_before_hr_learnt_of_it_counts_whole(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    due = (await year.row(who.appraisal))["due_at"]
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=4))
    first, last = JANUARY.date() + timedelta(days=1), JANUARY.date() + timedelta(days=10)
    await year.decided(who.employee, "leave", {"from": first.isoformat(), "until": last.isoformat()})
    back = await year.pass_to(who.appraisal, JANUARY + timedelta(days=12))
    assert back["due_at"] == due + timedelta(days=10)


async def test_a_process_that_dies_between_the_row_and_the_signal_loses_nothing(
    year: World, who: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision and its nudge are one transaction; whoever starts next tells the workflow."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)

    async def died(*_: object) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr("api.personnel.tell_nudged", died)
        await transferred(year, who, f"{YEAR}-05-20")
        await year.settled(who.appraisal)
        assert (await year.row(who.appraisal))["state"] == "execution.running"
    await tell_nudged(year.rooms)
    await year.segments_of(who.employee, 2)
    assert (await year.row(who.appraisal))["state"] == "self_assessment.drafting"


# ── what a roster says ───────────────────────────────────────────────────────────────────────────────────────────────


SUPERIOR = text(
    """
    SELECT coalesce(s.nip, CASE WHEN t.outside THEN 'LUAR' ELSE '' END)
      FROM tenure t JOIN person p ON p.id = t.person_id LEFT JOIN person s ON s.id = t.supervisor_id
     WHERE p.nip = :nip ORDER BY t.valid_from DESC LIMIT 1
    """
)


async def row_of(world: World, nip: str) -> dict[str, str]:
    """A person as a roster file would say what is recorded of her."""
    person = (await world.get(f"/people/{nip}", "hr")).json()
    async with world.database.transaction() as connection:
        superior = (await connection.execute(SUPERIOR, {"nip": nip})).scalar_one()
    unit = {"unit": person["unit_code"], "nama_unit": person["unit"]}
    about = {"nip": nip, "nama": person["name"], "jabatan": person["post"], "jenjang": person["level"]}
    return about | unit | {"jenis_pegawai": person["kind"], "nip_atasan": superior}


async def imported(world: World, row: dict[str, str], **params: str) -> dict[str, object]:
    data = "\n".join((",".join(row), ",".join(f'"{value}"' for value in row.values()))).encode()
    files = {"file": ("pegawai.csv", data, "text/csv")}
    answer = await world.http.post("/api/v1/roster/imports", headers=world.headers("hr"), files=files, params=params)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


def named(told: dict[str, object], what: str) -> list[dict[str, object]]:
    changes = told["changes"]
    assert isinstance(changes, list)
    return [change for change in changes if change["what"] == what]


@pytest.mark.case("3.25")
async def test_a_change_of_employment_from_the_roster_is_another_segment(year: World, who: Played) -> None:
    """DOMAIN 3.25: another kind of employment mid-year; the file is previewed, applied, and applied again without effect."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    assert (await imported(year, said))["changes"] == []
    said |= {"jenis_pegawai": "CPNS" if said["jenis_pegawai"] != "CPNS" else "PNS"}
    preview = named(await imported(year, said, dry_run="true"), "kind_changed")
    assert [change["appraisals"] for change in preview] == [1]
    assert "close_segment" not in await year.actions_of(who.appraisal)

    assert named(await imported(year, said), "kind_changed") == preview
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["state"] == "self_assessment.drafting"
    assert (await imported(year, said))["changes"] == []
    await year.settled(second)
    assert len(await year.segments_of(who.employee, 2)) == 2


@pytest.mark.case("3.1")
async def test_another_unit_in_the_roster_is_a_transfer_on_its_day(year: World, who: Played) -> None:
    """DOMAIN 3.1: `tmt` is the first day of the new post."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    unit, supervisor = await year.elsewhere(who.employee)
    there = await row_of(year, supervisor)
    said = await row_of(year, who.employee)
    said |= {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "tmt": f"{YEAR}-06-01"}
    (told,) = named(await imported(year, said), "transferred")
    assert told["fields"]["tmt"] == f"{YEAR}-06-01"  # type: ignore[index]
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.seen(first))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert (await year.seen(second))["supervisor"]["nip"] == supervisor  # type: ignore[index]


@pytest.mark.case("3.19")
async def test_a_unit_that_was_merged_into_another_takes_its_people_and_their_years_along(
    year: World, who: Played
) -> None:
    """DOMAIN 3.19: the post is the same, so nothing is closed; calendar and label are those of the new unit from then on."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    unit, _ = await year.elsewhere(who.employee)
    said = await row_of(year, who.employee)
    async with year.database.transaction() as connection:
        name = (await connection.execute(text("SELECT name FROM unit WHERE code = :code"), {"code": unit})).scalar_one()
    before = said | {}
    (told,) = named(await imported(year, said | {"unit": unit, "nama_unit": name}), "unit_reorganised")
    assert (told["appraisals"], told["fields"]["unit"]) == (1, [before["unit"], unit])  # type: ignore[index]
    await year.pass_to(who.appraisal, JUNE)
    assert "close_segment" not in await year.actions_of(who.appraisal)
    row = await year.row(who.appraisal)
    async with year.database.transaction() as connection:
        now_in = await connection.execute(text("SELECT code FROM unit WHERE id = :id"), {"id": row["unit_id"]})
        assert now_in.scalar_one() == unit
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]


async def test_a_reassignment_outranks_the_line_and_a_new_file_leaves_it(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    _, other = await year.elsewhere(who.employee)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": other, "reason": "Konflik kepentingan."})
    said = await row_of(year, who.employee)
    await imported(year, said | {"nip_atasan": who.senior})
    assert who.appraisal in await tasks_of(year, other)
    assert who.appraisal not in await tasks_of(year, who.senior)
    await imported(year, said)


async def test_a_file_that_does_not_know_of_an_exit_brings_nobody_back(year: World, who: Played) -> None:
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-20"})
    assert (await imported(year, said))["changes"] == []
    assert (await imported(year, said | {"tmt": f"{YEAR}-09-01"}))["updated"] == 1


async def test_who_comes_back_is_decided_about_like_anybody(year: World, who: Played) -> None:
    """An exit holds until the first day of a new post: it ends no later year, and is no reason to refuse a decision."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    await year.decided(who.employee, "exit", {"reason": "resign", "effective": f"{YEAR}-05-20"})
    await imported(year, said | {"tmt": f"{YEAR}-06-01"})
    year.now = JUNE
    await year.decided(who.employee, "leave", {"from": f"{YEAR}-06-07", "until": f"{YEAR}-06-11"})
    row = await year.row(who.appraisal)
    async with year.database.transaction() as connection:
        facts = await load_facts(connection, str(row["cycle_id"]), 0)
    assert [change.kind for change in facts.changes[str(row["person_id"])]] == [Personnel.LEAVE]


@pytest.mark.case("3.22")
async def test_a_segment_begins_once_however_often_it_is_asked_for(year: World, who: Played) -> None:
    """DOMAIN 3.22: one live appraisal per person, year and segment."""
    await planned(year, who)
    year.now = MAY
    await transferred(year, who)
    await year.pass_to(who.appraisal, JUNE)
    known = await year.segments_of(who.employee, 2)
    launcher = Launcher(year.database, year.rooms.facts, year.client, year.task_queue)
    for _ in range(2):
        await ActivityEnvironment().run(launcher.begin_segment, who.appraisal)
    assert await year.segments_of(who.employee, 2) == known


async def test_a_year_restored_after_its_transfer_still_has_its_second_segment(year: World, who: Played) -> None:
    """The engine's store was lost right after the transfer was recorded; the run that is gone began nothing."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    await transferred(year, who)
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    await _set_state(year, cycle, "closed")  # so that what the first run begins comes to nothing
    await year.pass_to(who.appraisal, JUNE)
    await year.segments_of(who.employee, 1)
    await _set_state(year, cycle, "open")
    await restore(year.database, year.client, year.task_queue, who.appraisal)
    first, _ = await year.segments_of(who.employee, 2)
    assert first == who.appraisal


async def _set_state(world: World, cycle: str, state: str) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(text("UPDATE cycle SET state = :state WHERE id = :id"), {"id": cycle, "state": state})


# ── the chain, the double role, the late entrant ─────────────────────────────────────────────────────────────────────


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


@pytest.mark.case("3.17")
async def test_a_late_entrant_has_her_own_days_and_no_period_that_is_over(year: World, who: Played) -> None:
    """DOMAIN 3.17: she comes in September; her plan is due after her own days, and the mid-year review is skipped."""
    september = datetime(YEAR, 9, 6, 3, tzinfo=UTC)
    year.now = september
    nip = "200109062027092001"
    said = await row_of(year, who.employee) | {"nip": nip, "nama": "Pendatang", "tmt": f"{YEAR}-09-06"}
    assert (await imported(year, said))["created"] == 1
    cycle = (await year.row(who.appraisal))["cycle_id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    (appraisal,) = await year.segments_of(nip, 1)
    unit, supervisor = await year.elsewhere(nip)
    before = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-09-06"}
    refused = await year.post(f"/people/{nip}/transfer", "hr", before)
    assert [one["code"] for one in refused.json()["errors"]] == ["before_appraisal_began"]
    await year.bring(appraisal)
    await year.send(appraisal, "plan", "submit_plan", nip)
    await year.done(appraisal, "approve_plan", (await Played.of(year, nip)).supervisor)
    await year.pass_to(appraisal, september + timedelta(days=1))
    assert "skip_period" in await year.actions_of(appraisal)
    assert (await year.row(appraisal))["state"] == "execution.running"
