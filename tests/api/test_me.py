"""Who I am and what waits on me, on the demo agency's open year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.inbox import is_turn
from api.rooms import Rooms
from models.vocabulary import Role, State
from tests.world import YEAR, Lead, World


async def tasks(year: World, who: str) -> list[dict[str, object]]:
    answer = await year.get("/me/tasks", who, limit=200)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["total"] == len(body["items"])
    assert body["next"] is None
    return list(body["items"])


async def states(year: World, who: str, employee: str) -> list[object]:
    nip = year.people[employee]
    return [t["state"] for t in await tasks(year, who) if t["employee"]["nip"] == nip]  # type: ignore[index]


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_of_local_mode_opens_the_door(world: World) -> None:
    world.now = datetime.now(UTC)
    nip = world.people["supervisor"]
    made = await world.http.post("/api/v1/dev/token", json={"nip": nip}, headers={"Idempotency-Key": "k1"})
    assert made.status_code == 200
    assert made.json()["token_type"] == "bearer"
    assert made.headers["idempotency-key"] == "k1"
    bearer = {"Authorization": f"Bearer {made.json()['access_token']}"}
    me = (await world.http.get("/api/v1/me", headers=bearer)).json()
    assert me["person"]["nip"] == nip
    assert set(me["person"]) == {"nip", "name", "post", "unit"}
    assert "supervisor" in me["roles"]
    assert me["delegations"] == []


@pytest.mark.parametrize("asked", [{"json": {"nip": "1" * 18}}, {"json": {}}, {"content": b"x"}])
async def test_there_is_no_dev_token_outside_local_mode(world: World, asked: dict[str, Any]) -> None:
    async def rooms() -> Rooms:
        return world.rooms

    app = create_app(rooms, local=False)
    app.state.rooms = world.rooms
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://siklus") as http:
        refused = await http.post("/api/v1/dev/token", **asked)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert (await http.get("/api/v1/dev/token")).status_code == 404
        assert "/api/v1/dev/token" not in (await http.get("/openapi.json")).json()["paths"]


@pytest.mark.parametrize(
    "body", [{}, {"nip": "12"}, {"nip": "19960202202201200x"}, {"nip": 1}, {"nip": "1" * 18, "x": 1}]
)
async def test_a_token_is_for_eighteen_digits_and_nothing_else(world: World, body: dict[str, object]) -> None:
    refused = await world.http.post("/api/v1/dev/token", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


async def test_nobody_is_anybody_without_a_token(world: World) -> None:
    for path in ("/me", "/me/tasks"):
        refused = await world.http.get(f"/api/v1{path}")
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        assert refused.headers["www-authenticate"] == "Bearer"


async def test_a_nip_that_is_not_on_the_roster_is_told_so(world: World) -> None:
    refused = await world.get("/me", "199001012015011999")
    assert (refused.status_code, refused.json()["code"]) == (403, "unknown_person")


async def test_granted_roles_are_named_as_the_roster_spells_them(world: World) -> None:
    for persona in ("hr", "board", "auditor", "pyb"):
        assert persona in (await world.get("/me", persona)).json()["roles"]
    assert (await world.get("/me", "employee")).json()["roles"] == ["employee"]


async def test_nothing_waits_on_anybody_before_a_cycle_opens(world: World) -> None:
    for persona in world.people:
        assert await tasks(world, persona) == []


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    refused = await world.get("/me/tasks", "hr", cursor="bm9uZQ")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


# ── what waits ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "held", "standing", "expected"),
    [
        (State.PLAN_DRAFTING, Role.EMPLOYEE, {}, True),
        (State.PLAN_DRAFTING, Role.SUPERVISOR, {}, False),
        (State.PLAN_DRAFTING, Role.SUPERVISOR, {"lapsed": True}, True),
        (State.PLAN_REVIEWING, Role.EMPLOYEE, {}, False),
        (State.PLAN_REVIEWING, Role.SENIOR, {}, False),
        (State.PLAN_REVIEWING, Role.SENIOR, {"takeover": True}, True),
        (State.APPEAL_ANSWERING, Role.SENIOR, {"takeover": True}, False),
        (State.CALIBRATION_REVIEWING, Role.BOARD, {}, True),
        (State.CALIBRATION_REVIEWING, Role.APPOINTING_AUTHORITY, {}, False),
        (State.CALIBRATION_REVIEWING, Role.APPOINTING_AUTHORITY, {"level": 1}, True),
        (State.APPEAL_DECIDING, Role.APPEAL_AUTHORITY, {}, True),
        (State.EXECUTION_RUNNING, Role.EMPLOYEE, {}, False),
        (State.FINALISATION_RUNNING, Role.HR, {}, False),
    ],
)
def test_whose_turn_it_is(state: State, held: Role, standing: dict[str, int], expected: bool) -> None:
    marks = {"takeover": False, "lapsed": False, "level": 0} | standing
    turn = is_turn(
        state, {held}, takeover=bool(marks["takeover"]), lapsed=bool(marks["lapsed"]), level=int(marks["level"])
    )
    assert turn is expected


async def test_a_plan_waits_on_its_employee_then_on_her_supervisor_then_on_nobody(year: World) -> None:
    year.now = datetime(YEAR, 1, 20, 3, tzinfo=UTC)
    mine = await year.appraisal_of("employee")
    assert await states(year, "employee", "employee") == ["plan.drafting"]
    assert await states(year, "supervisor", "employee") == []

    await year.send(mine, "plan", "submit_plan", "employee")
    assert await states(year, "employee", "employee") == []
    assert await states(year, "supervisor", "employee") == ["plan.reviewing"]
    [task] = [t for t in await tasks(year, "supervisor") if t["appraisal_id"] == mine]
    assert {"approve_plan", "return_plan"} <= set(task["actions"])  # type: ignore[call-overload]
    assert set(task) == {
        *("appraisal_id", "employee", "unit", "state", "due_at", "overdue", "blocked_people", "actions"),
    }

    await year.done(mine, "approve_plan", "supervisor")
    assert await states(year, "supervisor", "employee") == []


async def test_a_supervisors_own_plan_comes_first_because_others_wait_for_it(year: World) -> None:
    found = await tasks(year, "supervisor")
    blocked = [int(str(t["blocked_people"])) for t in found]
    assert blocked == sorted(blocked, reverse=True)
    own = [t for t in found if t["employee"]["nip"] == year.people["supervisor"]]  # type: ignore[index]
    assert own
    assert int(str(own[0]["blocked_people"])) > 0


async def test_pages_of_the_inbox_hold_everything_once(year: World) -> None:
    whole = [t["appraisal_id"] for t in await tasks(year, "supervisor")]
    seen: list[object] = []
    cursor: str | None = None
    while True:
        asked = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await year.get("/me/tasks", "supervisor", **asked)).json()
        seen += [t["appraisal_id"] for t in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole


async def test_what_is_suspended_waits_on_nobody(year: World) -> None:
    theirs = await year.appraisal_of("senior")
    await year.bring(theirs)
    assert await states(year, "senior", "senior") == ["plan.drafting"]
    await year.done(theirs, "suspend", "hr", {"comment": "Cuti di luar tanggungan negara."})
    assert await states(year, "senior", "senior") == []
    await year.done(theirs, "resume", "hr")
    assert await states(year, "senior", "senior") == ["plan.drafting"]


async def test_after_a_takeover_the_senior_supervisor_sees_the_task_too(year: World) -> None:
    mine = await year.appraisal_of("employee")
    await year.send(mine, "plan", "amend_plan", "employee")
    assert await states(year, "senior", "employee") == []
    row = await year.row(mine)
    due = row["due_at"]
    assert isinstance(due, datetime)
    await year.pass_to(mine, due + timedelta(days=10))
    assert await states(year, "senior", "employee") == ["plan.reviewing"]
    [task] = [t for t in await tasks(year, "supervisor") if t["appraisal_id"] == mine]
    assert task["overdue"] is True


# ── the inbox while others write ─────────────────────────────────────────────────────────────────────────────────────────────


async def reviewed_next(year: World, lead: Lead) -> list[str]:
    """The ids of the plans that wait on this supervisor, in the order of the inbox."""
    found = [t for t in await tasks(year, lead.nip) if t["employee"]["nip"] in lead.people]  # type: ignore[index]
    return [str(t["appraisal_id"]) for t in found if t["state"] == "plan.reviewing"]


class Pages:
    """The inbox of one person, turned page by page."""

    def __init__(self, year: World, who: str) -> None:
        self.year, self.who = year, who
        self.seen: list[str] = []
        self.cursor: str | None = None

    async def turn(self, limit: int = 1) -> None:
        asked: dict[str, str | int] = {"limit": limit} | ({"cursor": self.cursor} if self.cursor else {})
        page = (await self.year.get("/me/tasks", self.who, **asked)).raise_for_status().json()
        self.seen += [t["appraisal_id"] for t in page["items"]]
        self.cursor = page["next"]

    async def until_shown(self, appraisal: str) -> None:
        while appraisal not in self.seen:
            await self.turn()

    async def to_the_end(self) -> None:
        while self.cursor is not None:
            await self.turn()


@pytest.fixture
async def reviewing(year: World) -> tuple[Lead, dict[str, str]]:
    """A supervisor on whom at least three plans wait, and whose they are, by appraisal."""
    year.now = datetime(YEAR, 1, 20, 3, tzinfo=UTC)
    lead = await year.supervisor_of_many()
    owners = {await year.appraisal_of(nip): nip for nip in lead.people}
    for appraisal, nip in owners.items():
        await year.send(appraisal, "plan", "submit_plan", nip)
    return lead, owners


async def test_whoever_turns_the_pages_misses_nobody_when_rows_before_go_away_or_come(
    year: World, reviewing: tuple[Lead, dict[str, str]]
) -> None:
    lead, owners = reviewing
    first, second, third, *_ = order = await reviewed_next(year, lead)

    pages = Pages(year, lead.nip)
    await pages.until_shown(second)
    await year.done(first, "recall_plan", owners[first])
    await pages.to_the_end()
    assert [one for one in pages.seen if one in order] == order

    pages = Pages(year, lead.nip)
    await pages.until_shown(second)
    await year.done(first, "submit_plan", owners[first])
    assert await reviewed_next(year, lead) == order, "it is back where it was, before the page"
    await year.done(second, "approve_plan", lead.nip)
    await pages.turn()
    assert pages.seen[-1] == third
    await pages.to_the_end()
    assert [one for one in pages.seen if one in order] == order[1:]
