"""Both trails of an appraisal: page by page, while others write, and of the cycle's what is this reader's business."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.loading import load
from api.security import caller_of
from api.trails import Told, newest
from models.trail_actions import EVERYBODYS, TrailAction, about
from tests.api.statements import read_of
from tests.endings import JANUARY, Played, at
from tests.world import YEAR, World

PEOPLE = 100

HOLD = text("SELECT id FROM appraisal WHERE id = :id FOR NO KEY UPDATE")


async def test_an_act_that_is_recorded_late_is_on_a_later_page_and_nothing_is_told_twice(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    await year.fill(who.appraisal, "plan", who.employee)
    await year.bring(who.appraisal)
    path, cycle = f"/appraisals/{who.appraisal}/events", str((await year.row(who.appraisal))["cycle_id"])
    async with year.database.transaction() as connection:
        await connection.execute(HOLD, {"id": who.appraisal})
        late = await year.post(f"/appraisals/{who.appraisal}/actions/submit_plan", who.employee, {})
        assert late.status_code == 202
        year.now += timedelta(hours=1)
        elsewhere = "PKM-01" if await year.unit_of(who.employee) != "PKM-01" else "SDN-001"
        for label in ("kurang", "istimewa"):  # of another unit: one of hers would wait for the row that is held
            (await year.label(cycle, elsewhere, label)).raise_for_status()
        total = (await year.get(path, "hr", limit=200)).json()["total"]
        first = (await year.get(path, "hr", limit=total - 1)).json()
    for _ in range(200):
        if "recall_plan" in (await year.seen(who.appraisal, who.employee))["actions"]:  # type: ignore[operator]
            break
        await asyncio.sleep(0.05)
    rest = (await year.get(path, "hr", limit=200, cursor=first["next"])).json()
    told = [(event["source"], event["seq"]) for event in first["items"] + rest["items"]]
    whole = [(event["source"], event["seq"]) for event in (await year.get(path, "hr", limit=200)).json()["items"]]
    assert sorted(told) == sorted(whole)
    assert ("appraisal", 2) in told


# ── whose business it is ────────────────────────────────────────────────────────────────────────────────────────────

LEAVE = {"from": f"{YEAR}-03-01", "until": f"{YEAR}-03-31"}
WHY = "Atasan dirawat karena stroke."


async def of_cycle(year: World, appraisal: str, who: str) -> list[dict[str, object]]:
    """The cycle's part of a trail, as somebody reads it in one page."""
    answer = (await year.get(f"/appraisals/{appraisal}/events", who, limit=200)).raise_for_status().json()
    assert answer["total"] == len(answer["items"])
    return [event for event in answer["items"] if event["source"] == "cycle"]


async def about_somebody(year: World, appraisal: str, who: str) -> list[str]:
    return [str(e["action"]) for e in await of_cycle(year, appraisal, who) if e["action"] not in EVERYBODYS]


async def test_what_was_decided_about_a_colleague_is_hers_and_hr_and_auditor_read_it(year: World) -> None:
    at(year, JANUARY)
    who, colleague, gone = [await Played.of(year, await year.next_clerk()) for _ in range(3)]
    _, supervisor = await year.elsewhere(colleague.employee)
    today = JANUARY.date().isoformat()
    changed = {"supervisor": supervisor, "effective": today, "reason": WHY}
    await year.decided(colleague.employee, "supervisor", changed)
    await year.decided(colleague.employee, "leave", LEAVE)
    await year.decided(gone.employee, "exit", {"reason": "die", "effective": today})
    known = {"supervisor_changed", "leave_recorded", "person_left"}
    for reader in ("hr", "auditor"):
        events = await of_cycle(year, who.appraisal, reader)
        assert known <= {str(event["action"]) for event in events}
        assert WHY in [event["comment"] for event in events]
    assert await about_somebody(year, colleague.appraisal, colleague.employee) == [
        "supervisor_changed",
        "leave_recorded",
    ]
    for reader in (who.employee, who.supervisor, who.senior, "board"):
        assert await about_somebody(year, who.appraisal, reader) == []
    assert await about_somebody(year, colleague.appraisal, supervisor) == []


async def test_what_everybody_of_a_cycle_lives_by_is_told_to_everybody(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    (await year.label(cycle, "PKM-01", "kurang")).raise_for_status()
    path = f"/cycles/{cycle}/outages"
    outage = {"from": f"{YEAR}-01-02T03:00:00Z", "to": f"{YEAR}-01-02T05:00:00Z", "reason": "Listrik padam."}
    assert (await year.post(path, "hr", outage)).status_code == 201
    everybodys = [event for event in await of_cycle(year, who.appraisal, "auditor") if event["action"] in EVERYBODYS]
    assert {"cycle_created", "cycle_opened", "outage_recorded"} <= {str(event["action"]) for event in everybodys}
    own = await of_cycle(year, who.appraisal, who.employee)
    assert [event["seq"] for event in own if event["action"] in EVERYBODYS] == [event["seq"] for event in everybodys]


async def test_a_delegation_is_told_to_the_two_and_to_nobody_they_lead(year: World) -> None:
    at(year, JANUARY)
    who, delegate = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    lent = {"to": delegate.employee, "from": f"{YEAR}-01-05", "until": f"{YEAR}-01-12", "reason": "Dinas luar."}
    made = (await year.post("/delegations", who.supervisor, lent)).json()["id"]
    assert (await year.post(f"/delegations/{made}/accept", delegate.employee)).status_code == 200
    told = ["delegation_offered", "delegation_accepted"]
    theirs = {delegate.employee: delegate.appraisal, who.supervisor: await year.appraisal_of(who.supervisor)}
    for reader, appraisal in theirs.items():
        assert (await about_somebody(year, appraisal, reader))[-2:] == told
    assert await about_somebody(year, who.appraisal, who.employee) == []


@pytest.mark.usefixtures("alone")
async def test_who_is_hr_to_the_only_hr_officer_reads_there_what_was_decided_about_her(year: World) -> None:
    at(year, JANUARY)
    hers = await year.appraisal_of("hr")
    await year.decided((await Played.of(year, await year.next_clerk())).employee, "leave", LEAVE)
    assert await about_somebody(year, hers, "pyb") == []
    assert (await year.post(f"/people/{year.people['hr']}/leave", "pyb", LEAVE)).status_code == 200
    assert await about_somebody(year, hers, "pyb") == ["leave_recorded"]


async def test_pages_of_one_event_tell_a_reader_what_one_page_tells_her(year: World) -> None:
    at(year, JANUARY)
    who, other = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    await year.decided(other.employee, "leave", LEAVE)
    path = f"/appraisals/{who.appraisal}/events"
    whole = (await year.get(path, who.employee, limit=200)).json()
    paged, more = [], {}
    for _ in range(whole["total"]):
        page = (await year.get(path, who.employee, limit=1, **more)).raise_for_status().json()
        assert page["total"] == whole["total"]
        paged += page["items"]
        more = {"cursor": page["next"]}
    assert page["next"] is None
    assert paged == whole["items"]
    assert "leave_recorded" not in [event["action"] for event in paged]


@pytest.mark.usefixtures("alone")
async def test_a_page_of_the_newest_tells_of_each_event_once_and_of_all_that_is_about_her(year: World) -> None:
    at(year, JANUARY)
    hers = await year.appraisal_of("hr")
    who, other = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    for person in (who, other):
        await year.decided(person.employee, "leave", LEAVE)
    (await year.post(f"/people/{year.people['hr']}/leave", "pyb", LEAVE)).raise_for_status()
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    for appraisal, reader, subject in (
        (who.appraisal, who.employee, who.employee),
        (who.appraisal, who.supervisor, who.employee),
        (who.appraisal, "auditor", who.employee),
        (hers, "pyb", year.people["hr"]),
    ):
        told = (await year.get(f"/appraisals/{appraisal}/events", reader, limit=200)).json()["items"]
        her = await id_of(year, subject)
        wanted = [
            (event["source"], event["seq"])
            for event in told
            if event["source"] == "appraisal" or her in (about(event["action"], event["data"]) or {her})
        ]
        found = []
        for skip in range(len(wanted)):
            page, total = await newest_of(year, reader, appraisal, 1, skip)
            assert total == len(wanted)
            found += [(event["source"], event["seq"]) for event in page]
        assert found == wanted[::-1]
        assert await newest_of(year, reader, appraisal, 9, len(wanted)) == ([], len(wanted))


async def newest_of(year: World, reader: str, appraisal: str, limit: int, skip: int) -> tuple[Told, int]:
    async with year.database.transaction() as connection:
        caller = await caller_of(connection, year.people.get(reader, reader), year.now)
        assert caller is not None
        loaded = await load(connection, year.rooms, caller, appraisal)
        return await newest(connection, loaded, caller, limit, skip=skip)


async def id_of(year: World, nip: str) -> str:
    async with year.database.transaction() as connection:
        return str(
            (await connection.execute(text("SELECT id FROM person WHERE nip = :nip"), {"nip": nip})).scalar_one()
        )


async def test_a_page_reads_of_a_long_trail_what_it_shows(year: World) -> None:
    at(year, JANUARY)
    who = await Played.of(year, await year.next_clerk())
    cycle = str((await year.row(who.appraisal))["cycle_id"])
    for _ in range(4):
        for label in ("kurang", "baik"):
            (await year.label(cycle, "PKM-01", label)).raise_for_status()
    with read_of(year, "event") as read:
        _, total = await newest_of(year, "auditor", who.appraisal, 3, 0)
    assert total > 8
    assert max(read) == 3


def test_what_no_list_calls_everybodys_is_told_to_whom_it_names() -> None:
    for action in TrailAction:
        data = {"person": "a", "principal": "b", "delegate": "c", "supervisor": "d"}
        assert about(action, data) == (None if action in EVERYBODYS else {"a", "b", "c"})
    assert about("of_a_later_edition", {}) == frozenset()
