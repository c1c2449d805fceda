"""A deadline of a running cycle that HR moves while everybody in it sleeps: later, and brought forward until all are told.

An extension is held against one `UPDATE` of the same rows, being told against as many bare signals, as many of them at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import TextClause, text

from activities.launch import workflow_id
from api import telling
from deploy import bench_bare
from deploy.bench_load import NotMeasuredError, Signals, Starts, from_outside
from deploy.bench_stack import AT_ONCE, LAUNCHED, Bench, Rounds, ok, side_by_side, until

PLAN_DUE = 60
"""Days from today: brought forward by five weeks, it is still further away than a pack's notice, whatever holidays lie between."""
TELL_LOOK_SECONDS = 0.03

RUNNING = text("SELECT count(*) FROM appraisal WHERE cycle_id = :cycle AND launch = 'launched'")
UNTOLD = text("SELECT EXISTS (SELECT FROM nudge n JOIN appraisal a ON a.id = n.appraisal_id WHERE a.cycle_id = :cycle)")
BARE_UPDATE = text(
    "UPDATE appraisal SET due_at = due_at + interval '1 second' WHERE cycle_id = :cycle AND launch = 'launched'"
)


@dataclass
class Moves:
    """A deadline of a running cycle, moved later and brought forward, while everybody in it sleeps."""

    bench: Bench
    cycle: str
    today: date

    async def measure(self, rounds: Rounds, moves: int, say: Callable[[str], None]) -> None:
        for number in range(1, moves + 1):
            say(f"Extending, round {number} of {moves} …")
            rounds.ours.extend.append(await self._move(PLAN_DUE + number))
            rounds.bare.extend.append(await self._bare_update())
        launched = await self._count(RUNNING)
        workflows = [f"told-{number}" for number in range(launched)]
        address = self.bench.engine_address
        more = {"type": bench_bare.BareYear.__name__, "task_queue": bench_bare.TASK_QUEUE}
        await from_outside(Starts(address=address, workflows=workflows, clients=AT_ONCE, **more))
        years = await self._years()
        await self._heard(workflows, "awake")
        for number in range(1, moves + 1):
            say(f"Bringing forward, round {number} of {moves} …")
            began = time.perf_counter()
            await self._move(PLAN_DUE - 7 * number)
            await until(self._all_told, "not everybody was told", every=TELL_LOOK_SECONDS)
            rounds.ours.bring_forward.append(time.perf_counter() - began)
            await self._heard(years, "snapshot")
            told = Signals(address=address, workflows=workflows, clients=telling.AT_ONCE)
            rounds.bare.bring_forward.append((await from_outside(told)).seconds)
            await self._heard(workflows, "awake")

    async def _move(self, days: int) -> float:
        """Seconds from the call that moves the plan's due day until it is answered."""
        path, due = f"/cycles/{self.cycle}", (self.today + timedelta(days=days)).isoformat()
        seen = ok(await self.bench.http.get(path)).headers["ETag"]
        body = {"reason": "bench", "windows": {"plan": {"due_at": due}}}
        began = time.perf_counter()
        answer = ok(await self.bench.http.put(f"{path}/calendar", json=body, headers={"If-Match": seen}))
        seconds = time.perf_counter() - began
        if answer.json()["affected"] != await self._count(RUNNING):
            raise NotMeasuredError(f"only {answer.json()['affected']} deadlines moved")
        return seconds

    async def _bare_update(self) -> float:
        began = time.perf_counter()
        async with self.bench.database.transaction() as connection:
            await connection.execute(BARE_UPDATE, {"cycle": self.cycle})
        return time.perf_counter() - began

    async def _all_told(self) -> bool:
        return not await self._count(UNTOLD)

    async def _years(self) -> list[str]:
        async with self.bench.database.transaction() as connection:
            launched = (await connection.execute(LAUNCHED, {"cycle": self.cycle})).scalars().all()
        return [workflow_id(appraisal) for appraisal in launched]

    async def _heard(self, workflows: list[str], query: str) -> None:
        """Wait until each has dealt with what it was told, so that the next round has the machine to itself: who answers has."""
        handles = [self.bench.engine.get_workflow_handle(name) for name in workflows]
        await side_by_side([handle.query(query) for handle in handles])

    async def _count(self, statement: TextClause) -> int:
        async with self.bench.database.transaction() as connection:
            return int((await connection.execute(statement, {"cycle": self.cycle})).scalar_one())


def plan_with_room(today: date) -> dict[str, str]:
    """A plan's window with room to move its due day both ways."""
    days = {"opens_at": -7, "due_at": PLAN_DUE, "closes_at": PLAN_DUE + 10}
    return {name: (today + timedelta(days=after)).isoformat() for name, after in days.items()}
