"""kill -9 of every part of a running home while people act: every acknowledged act is there once, nothing runs twice.

People repeat an unanswered act with the same key, as the contract tells them to, and go on so through the kills that follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import RowMapping, text
from sqlalchemy.exc import DBAPIError

from activities.record import event_of
from models.trail import breaks, key_hash
from tests.faults.killable import PARTS, Stack, opened_home, processes_of, runs_each_part

Asking = Callable[[str, str, str, str, object], Awaitable[httpx.Response]]

AT_ONCE = 5
TRAIL = text("SELECT * FROM event ORDER BY appraisal_id, seq")


class People:
    """Who has a plan to send, and what was acknowledged: the appraisal and the key of each act."""

    def __init__(self, stack: Stack, nips: list[str]) -> None:
        self.stack = stack
        self.waiting = list(nips)
        self.acting: list[asyncio.Task[None]] = []
        self.acknowledged: list[tuple[str, str]] = []

    async def next_draft(self) -> tuple[str, str]:
        """The next who has a plan to write, and its appraisal; a cycle excludes who has nobody above him."""
        while self.waiting:
            nip = self.waiting.pop(0)
            tasks = (await self.stack.patiently("GET", "/me/tasks", nip, "tasks")).json()["items"]
            for task in tasks:
                if task["employee"]["nip"] == nip and task["state"] == "plan.drafting":
                    return nip, task["appraisal_id"]
        raise AssertionError("nobody waits any more")

    async def save(self, ask: Asking, nip: str, appraisal: str) -> None:
        """Fill in the plan and save it."""
        path = f"/appraisals/{appraisal}/forms/plan"
        form = await ask("GET", path, nip, "form", None)
        assert form.status_code == 200, form.text
        saved = await ask("PUT", path, nip, "save", {"data": form.json()["schema"]["examples"][0]})
        assert saved.status_code == 200, saved.text

    async def submit(self, nip: str, appraisal: str, key: str) -> None:
        """Send it until it is acknowledged."""
        answer = await self.stack.patiently("POST", submitting(appraisal), nip, key, {})
        assert answer.status_code in (200, 202), answer.text
        self.acknowledged.append((appraisal, key))

    async def amid(self) -> None:
        """Return when one more act is acknowledged of those begun since, while others of them wait for their answer."""
        unanswered: set[asyncio.Task[None]] = set()
        while not unanswered:
            drafts = [await self.next_draft() for _ in range(AT_ONCE)]
            await asyncio.gather(*(self.save(self.stack.patiently, *draft) for draft in drafts))
            sent = [asyncio.create_task(self.submit(*draft, str(uuid4()))) for draft in drafts]
            self.acting += sent
            answered, unanswered = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
            for act in answered:
                act.result()

    async def find_the_engine_away(self) -> None:
        """One saves a draft, sends it, is told that nobody knows what came of it, and goes on asking with the same key."""
        nip, appraisal = await self.next_draft()
        await self.save(self.stack.once, nip, appraisal)
        key = str(uuid4())
        answer = await self.stack.once("POST", submitting(appraisal), nip, key, {})
        assert (answer.status_code, answer.json()["code"]) == (503, "engine_away")
        assert int(answer.headers["Retry-After"]) > 0
        self.acting.append(asyncio.create_task(self.submit(nip, appraisal, key)))


def submitting(appraisal: str) -> str:
    return f"/appraisals/{appraisal}/actions/submit_plan"


async def trail(stack: Stack) -> list[RowMapping]:
    database = stack.database()
    try:
        async with database.transaction() as connection:
            return list((await connection.execute(TRAIL)).mappings())
    finally:
        await database.close()


async def acknowledged_once(stack: Stack, acknowledged: list[tuple[str, str]]) -> None:
    """Each acknowledged act is in the trail exactly once, under its key, and every chain is sound.

    One whose record was under way on a killed worker is begun anew when the engine gives that attempt up, after half a minute.
    """
    expected = sorted((appraisal, key_hash(key)) for appraisal, key in acknowledged)
    found: list[tuple[str, str]] = []
    rows: list[RowMapping] = []
    for _ in range(300):
        with suppress(OSError, DBAPIError):  # what a killed supervisor left may still serve, or be ending
            rows = await trail(stack)
            found = sorted((r["appraisal_id"], r["key_hash"] or "") for r in rows if r["action"] == "submit_plan")
        if found == expected:
            break
        await asyncio.sleep(0.2)
    assert found == expected
    for appraisal, events in groupby(rows, key=lambda row: row["appraisal_id"]):
        assert breaks([event_of(row) for row in events]) == [], appraisal


async def killed_amid(people: People, part: str) -> None:
    """Kill that part while people act, and wait until there is one of each again."""
    await people.amid()
    killed = people.stack.pid(part)
    people.stack.kill(part)
    await people.stack.replaced(part, killed)
    await runs_each_part(people.stack, 1)


@pytest.mark.timeout(420)
async def test_killing_every_part_in_turn_while_people_act_loses_nothing(tmp_path: Path) -> None:
    async with opened_home(tmp_path) as (stack, nips):
        people = People(stack, nips)

        # Everything at once, the supervisor first.
        await people.amid()
        stack.kill_supervisor()
        stack.kill(*PARTS)
        await stack.started_again()
        await runs_each_part(stack, 1)

        await killed_amid(people, "worker")

        # The supervisor alone: what it leaves is ended by the next start.
        await people.amid()
        stack.kill_supervisor()
        await stack.started_again()
        await runs_each_part(stack, 1)

        # The engine, and it stays away for a while.
        await people.amid()
        killed = stack.pid("engine")
        with stack.unsupervised():
            stack.kill("engine")
            await people.find_the_engine_away()
            assert processes_of(stack)["engine"] == 0
        await stack.replaced("engine", killed)
        await runs_each_part(stack, 1)

        await killed_amid(people, "api")
        await killed_amid(people, "database")

        await asyncio.gather(*people.acting)
        assert len(people.acknowledged) == len(people.acting)
        await acknowledged_once(stack, people.acknowledged)
        await runs_each_part(stack, 1)
        assert stack.stop() == 0
        await runs_each_part(stack, 0)
