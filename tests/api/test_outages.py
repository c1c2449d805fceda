"""Outages that HR records, and a running calendar that may not come nearer overnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.appraisal import Snapshot
from models.vocabulary import Zone
from models.workdays import WorkCalendar, end_of_day, local_day
from tests.api.test_cycles import Body, cycle_of, due, made, move
from tests.endings import JANUARY, Played, to_result
from tests.endings import at as place_at
from tests.world import YEAR, World

BEFORE = datetime(YEAR, 1, 20, tzinfo=UTC)
IN_JANUARY = {"from": f"{YEAR}-01-11T08:00:00+07:00", "to": f"{YEAR}-01-13T08:00:00+07:00", "reason": "Server padam"}


async def record(world: World, body: Body, at: datetime = BEFORE, **headers: str) -> Body:
    """Record an outage at that instant; the answer with its status."""
    cycle, before = await cycle_of(world), world.now
    world.now = at
    answer = await world.post(f"/cycles/{cycle['id']}/outages", "hr", body, **headers)
    world.now = before
    said = answer.json()
    assert isinstance(said, dict)
    return said | {"status": answer.status_code}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"to": IN_JANUARY["from"]}, ("/to", "wrong_order")),
        ({"to": f"{YEAR}-01-20T08:00:01+07:00"}, ("/to", "in_the_future")),
        (
            {"from": f"{YEAR - 1}-06-01T08:00:00+07:00", "to": f"{YEAR - 1}-06-02T08:00:00+07:00"},
            ("/from", "outside_year"),
        ),
        ({"from": f"{YEAR}-01-11T08:00:00"}, ("/from", "datetime_type")),
        ({"reason": " "}, ("/reason", "string_too_short")),
    ],
)
async def test_an_outage_that_cannot_have_been_is_refused_by_place(
    year: World, more: Body, found: tuple[str, str]
) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    row = await year.row(mine)
    answer = await record(year, IN_JANUARY | more, datetime(YEAR, 1, 20, 1, tzinfo=UTC))
    assert (answer["status"], answer["code"]) == (422, "invalid_input")
    assert [(one["pointer"], one["code"]) for one in answer["errors"]] == [found]  # type: ignore[attr-defined]
    assert await year.row(mine) == row
    assert await cycle_of(year) == cycle


async def test_an_outage_longer_than_a_stage_it_touches_is_refused(year: World) -> None:
    body = {"from": f"{YEAR}-05-01T00:00:00+07:00", "to": f"{YEAR}-09-30T00:00:00+07:00", "reason": "Server padam"}
    answer = await record(year, body, datetime(YEAR, 10, 1, tzinfo=UTC))
    assert [(one["pointer"], one["code"]) for one in answer["errors"]] == [("/to", "longer_than_stage")]  # type: ignore[attr-defined]


async def test_only_hr_records_an_outage_and_only_of_a_running_cycle(year: World) -> None:
    cycle = await cycle_of(year)
    answer = await year.post(f"/cycles/{cycle['id']}/outages", "employee", IN_JANUARY)
    assert answer.json()["code"] == "not_yours"
    draft = await made(year)
    answer = await year.post(f"/cycles/{draft['id']}/outages", "hr", IN_JANUARY)
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "cycle_state", "draft")


async def test_an_outage_gives_its_time_back_to_what_was_open_and_tells_no_workflow(year: World) -> None:
    cycle, mine = await cycle_of(year), await year.appraisal_of("employee")
    before = await year.row(mine)
    handle = year.client.get_workflow_handle(f"appraisal/{mine}/r1")
    known = len((await handle.fetch_history()).events)
    answer = await record(year, IN_JANUARY, Idempotency_Key="padam")
    assert answer["status"] == 201, answer
    assert answer["affected"] == answer["by_stage"]["plan"] == cycle["counts"]["launched"]  # type: ignore[index]
    assert (answer["becomes_overdue"], answer["already_lapsed"]) == (0, [])
    after = await year.row(mine)
    for end in ("due_at", "lapses_at"):
        assert after[end] == before[end] + timedelta(days=2)  # type: ignore[operator]
    assert after["opens_at"] == before["opens_at"]
    assert len((await handle.fetch_history()).events) == known
    again = await record(year, IN_JANUARY, Idempotency_Key="padam")
    assert again == answer
    assert (await year.row(mine))["due_at"] == after["due_at"]
    shown = await year.seen(mine)
    assert datetime.fromisoformat(str(shown["due_at"])) == after["due_at"]


async def test_time_that_was_recorded_before_is_not_given_twice(year: World) -> None:
    mine = await year.appraisal_of("employee")
    before = await year.row(mine)
    part = IN_JANUARY | {"from": f"{YEAR}-01-12T08:00:00+07:00"}
    assert (await record(year, part))["affected"] == 0
    assert (await year.row(mine))["due_at"] == before["due_at"]


async def test_an_outage_is_in_the_cycles_trail_with_its_reason(year: World) -> None:
    cycle = await cycle_of(year)
    sql = text(
        """
        SELECT t.body AS reason, e.data FROM cycle_event e JOIN text t ON t.id = e.reason_id
         WHERE e.cycle_id = :id AND e.action = 'outage_recorded' ORDER BY e.seq
        """
    )
    async with year.database.transaction() as connection:
        row = (await connection.execute(sql, {"id": cycle["id"]})).first()
    assert row is not None
    assert row.reason == "Server padam"
    assert row.data["from"] == f"{YEAR}-01-11T01:00:00+00:00"


async def test_an_end_of_a_running_cycle_comes_no_nearer_than_the_packs_notice(year: World) -> None:
    cycle, before = await cycle_of(year), year.now
    year.now = datetime(YEAR, 1, 4, 3, tzinfo=UTC)
    earliest = WorkCalendar(5).add(local_day(year.now, Zone.WIB), 7)
    day_before = (earliest - timedelta(days=1)).isoformat()
    refused = await move(year, cycle, due(day_before))
    allowed = await move(year, cycle, due(earliest.isoformat()), preview=True)
    past = await move(year, cycle, due(f"{YEAR}-01-03"), preview=True)
    year.now = before
    assert (refused.status_code, refused.json()["code"]) == (409, "notice_too_short")
    assert refused.json()["earliest"] == earliest.isoformat()
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/windows/plan/due_at", "notice_too_short")
    ]
    assert allowed.status_code == 200, allowed.text
    assert [(e["pointer"], e["code"]) for e in past.json()["errors"]] == [("/windows/plan/due_at", "in_the_past")]


async def test_an_extension_may_be_as_near_as_it_likes(year: World) -> None:
    cycle, before = await cycle_of(year), year.now
    year.now = datetime(YEAR, 1, 31, 3, tzinfo=UTC)
    answer = await move(year, cycle, due(f"{YEAR}-02-01"), preview=True)
    year.now = before
    assert answer.status_code == 200, answer.text


async def test_a_units_end_taken_back_is_a_shortening_too(year: World) -> None:
    cycle, before = await cycle_of(year), year.now
    unit = (await year.get(f"/people/{year.people['employee']}", "hr")).json()["unit_code"]
    await move(year, cycle, due(f"{YEAR}-03-20") | {"unit": unit})
    year.now = datetime(YEAR, 1, 29, 3, tzinfo=UTC)
    answer = await move(year, await cycle_of(year), {"windows": {"plan": None}, "unit": unit})
    year.now = before
    assert (answer.status_code, answer.json()["code"]) == (409, "notice_too_short")
    assert (await move(year, await cycle_of(year), {"windows": {"plan": None}, "unit": unit})).status_code == 200


async def test_a_window_that_has_opened_is_not_shut_before_those_who_work_in_it(year: World) -> None:
    cycle, before = await cycle_of(year), year.now
    unit = (await year.get(f"/people/{year.people['employee']}", "hr")).json()["unit_code"]
    later = {"windows": {"plan": {"opens_at": f"{YEAR}-01-30"}}}
    year.now = datetime(YEAR, 1, 20, 3, tzinfo=UTC)
    for body, preview in ((later, True), (later, False), (later | {"unit": unit}, False)):
        answer = await move(year, cycle, body, preview=preview)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_open"), answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
            ("/windows/plan/opens_at", "already_open")
        ]
    assert await cycle_of(year) == cycle
    year.now = datetime(YEAR, 1, 1, 3, tzinfo=UTC)
    not_yet_open = await move(year, cycle, later, preview=True)
    year.now = before
    assert not_yet_open.status_code == 200, not_yet_open.text


async def test_a_draft_needs_no_notice(year: World) -> None:
    draft, before = await made(year), year.now
    year.now = datetime(YEAR + 1, 1, 20, tzinfo=UTC)
    answer = await move(year, draft, due(f"{YEAR + 1}-01-22"))
    year.now = before
    assert answer.status_code == 200, answer.text


async def test_stages_that_cannot_follow_each_other_are_refused_and_block_a_draft(year: World) -> None:
    early = {
        "rating": {"opens_at": f"{YEAR + 1}-10-01", "due_at": f"{YEAR + 1}-11-01", "closes_at": f"{YEAR + 1}-11-30"}
    }
    answer = await year.post(
        "/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR + 1, "name": "x", "calendar": early}
    )
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/calendar/rating", "out_of_order")]
    draft = await made(year)
    answer = await move(year, draft, {"windows": early})
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/windows/rating", "out_of_order")]
    sql = text("UPDATE calendar_window SET opens = :o, due = :o, closes = :o WHERE cycle_id = :id AND key = 'rating'")
    async with year.database.transaction() as connection:
        await connection.execute(sql, {"id": draft["id"], "o": f"{YEAR + 1}-11-01"})
    found = (await year.post(f"/cycles/{draft['id']}/check", "hr")).json()
    assert [one["code"] for one in found["blockers"]] == ["windows_out_of_order"]
    opened = await year.post(f"/cycles/{draft['id']}/open", "hr")
    assert (opened.status_code, opened.json()["code"]) == (409, "cycle_blocked")


async def test_the_check_tells_the_days_off_and_the_busiest_day(year: World) -> None:
    draft = await made(year)
    found = {
        one["code"]: one["message"]
        for one in (await year.post(f"/cycles/{draft['id']}/check", "hr")).json()["warnings"]
    }
    assert f"self_assessment due {YEAR + 1}-12-31" in found["deadline_on_day_off"]
    assert f"{YEAR + 2}-01" in found["busiest_day"]


async def test_what_every_row_shows_is_what_each_appraisal_alone_is_timed_at(year: World) -> None:
    """The rows were written by groups; each is worked out by itself here."""
    cycle = await cycle_of(year)
    sql = text("SELECT * FROM appraisal WHERE cycle_id = :id AND launch = 'launched'")
    async with year.database.transaction() as connection:
        agency = await year.rooms.people.agency(connection)
        revision = (
            await connection.execute(text("SELECT facts_revision FROM cycle WHERE id = :id"), cycle)
        ).scalar_one()
        rows = (await connection.execute(sql, {"id": cycle["id"]})).mappings().all()
        for row in rows:
            timing = await year.rooms.facts.timing(
                connection,
                Snapshot.model_validate(row["snapshot"]),
                cycle=str(cycle["id"]),
                facts_revision=revision,
                unit_path=agency.unit_path(row["unit_id"]),
                zone=Zone(row["zone"]),
                week=6 if row["work_week"] == 6 else 5,
            )
            assert (row["opens_at"], row["due_at"], row["lapses_at"]) == (
                timing.opens_at,
                timing.due_at,
                timing.lapses_at,
            )
    assert len(rows) > 1


async def test_who_had_lapsed_in_the_outage_is_listed_and_not_revived(year: World) -> None:
    mine = await year.appraisal_of("employee")
    lapses = end_of_day((await year.row(mine))["lapses_at"].date(), Zone.WIB)  # type: ignore[union-attr]
    before = await year.pass_to(mine, lapses + timedelta(days=2))
    assert "lapse" in await year.actions_of(mine)
    late = {"from": (lapses - timedelta(hours=6)).isoformat(), "to": (lapses + timedelta(hours=6)).isoformat()}
    answer = await record(year, late | {"reason": "Server padam"}, year.now)
    assert mine in answer["already_lapsed"]  # type: ignore[operator]
    assert (await year.row(mine))["state"] == before["state"]


async def test_who_took_her_plan_back_after_the_outage_had_been_drafting_in_it(year: World) -> None:
    """Her days went on as if it had not been sent, so the outage took of them."""
    place_at(year, datetime(YEAR, 3, 2, 3, tzinfo=UTC))
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    year.now = datetime(YEAR, 3, 20, 3, tzinfo=UTC)
    await year.done(who.appraisal, "recall_plan", who.employee)
    lapses = (await year.row(who.appraisal))["lapses_at"]
    await year.pass_to(who.appraisal, lapses + timedelta(days=2))  # type: ignore[operator]
    while_it_lay_there = {"from": f"{YEAR}-03-08T08:00:00+07:00", "to": f"{YEAR}-03-08T16:00:00+07:00"}
    answer = await record(year, while_it_lay_there | {"reason": "Server padam"}, year.now)
    assert who.appraisal in answer["already_lapsed"]  # type: ignore[operator]


async def heard_of_the_result(world: World) -> Played:
    """Somebody to whom a result was delivered, and whose days to object are running."""
    place_at(world, JANUARY)
    who = await Played.of(world, await world.next_clerk())
    await to_result(world, who)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    return who


async def test_a_right_of_appeal_that_ended_in_the_outage_is_listed(year: World) -> None:
    who = await heard_of_the_result(year)
    row = await year.row(who.appraisal)
    delivered, lapses = row["due_at"] - timedelta(days=14), row["lapses_at"]  # type: ignore[operator]
    ended = await year.pass_to(who.appraisal, lapses + timedelta(hours=12))  # type: ignore[operator]
    assert ended["ending"] == "accepted_by_lapse"
    before_delivery = {
        "from": (delivered - timedelta(hours=40)).isoformat(),
        "to": (delivered - timedelta(hours=30)).isoformat(),
    }
    answer = await record(year, before_delivery | {"reason": "Server padam"}, year.now)
    assert who.appraisal not in answer["already_lapsed"]  # type: ignore[operator]
    over_the_end = {
        "from": (lapses - timedelta(hours=10)).isoformat(),  # type: ignore[operator]
        "to": (lapses + timedelta(hours=8)).isoformat(),  # type: ignore[operator]
    }
    answer = await record(year, over_the_end | {"reason": "Server padam"}, year.now)
    assert who.appraisal in answer["already_lapsed"]  # type: ignore[operator]
    body = {"to": "appeal.open", "reason": "Server padam pada hari terakhir", "authority": "Nota Dinas 12/BKPSDM"}
    await year.done(who.appraisal, "reopen", "hr", body)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    given = await year.row(who.appraisal)
    assert given["due_at"] > year.now + timedelta(days=13)  # type: ignore[operator]
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    assert (await year.row(who.appraisal))["state"] == "appeal.answering"


async def test_an_opening_that_closes_a_running_review_has_the_packs_notice_and_tells_whom_it_closes(
    year: World,
) -> None:
    place_at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    place_at(year, datetime(YEAR, 7, 30, 3, tzinfo=UTC))
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    year.now = datetime(YEAR, 8, 3, 3, tzinfo=UTC)
    cycle = await cycle_of(year)
    tomorrow = await move(year, cycle, {"windows": {"self_assessment": {"opens_at": f"{YEAR}-08-04"}}}, preview=True)
    later = await move(year, cycle, {"windows": {"self_assessment": {"opens_at": f"{YEAR}-09-01"}}}, preview=True)
    assert (tomorrow.status_code, tomorrow.json()["code"]) == (409, "notice_too_short")
    assert [one["pointer"] for one in tomorrow.json()["errors"]] == ["/windows/self_assessment/opens_at"]
    assert (later.status_code, later.json()["closed_sooner"]) == (200, 1)
