"""The client of a measurement, in a process of its own: a job comes in as JSON, what was measured goes out as JSON.

Only what a client would wait for is timed; connections are open before the clock starts. Whatever is not done raises.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, Field, TypeAdapter

from deploy.engine import connect_when_up
from deploy.errors import OperatorError

TIMEOUT_SECONDS = 60
REPEATS_MAX = 20


class NotMeasuredError(OperatorError):
    """Something that was to be measured did not happen."""


class Acts(BaseModel):
    """One act on each of these appraisals through the api, each until the record has it."""

    kind: Literal["acts"] = "acts"
    base_url: str
    action: str
    who: list[tuple[str, str]]
    """Appraisal and bearer token."""
    clients: int


class Updates(BaseModel):
    """One update on each of these bare workflows."""

    kind: Literal["updates"] = "updates"
    address: str
    workflows: list[str]
    clients: int


class Starts(BaseModel):
    """One bare workflow started under each of these ids; whether it is done is not waited for."""

    kind: Literal["starts"] = "starts"
    address: str
    type: str
    task_queue: str
    workflows: list[str]
    clients: int


class Signals(BaseModel):
    """One signal to each of these bare workflows."""

    kind: Literal["signals"] = "signals"
    address: str
    workflows: list[str]
    clients: int


class Measured(BaseModel):
    """`seconds` from the first call to the last answer, `each` by call, in the order they ended."""

    began: datetime
    seconds: float
    each: list[float]


Job = Acts | Updates | Starts | Signals
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="kind")])

Call = Callable[[], Awaitable[None]]


async def measure(job: Job) -> Measured:
    """Prepare, then make all calls, so many at once as the job says."""
    async with AsyncExitStack() as stack:
        calls = await _calls(job, stack)
        waiting, each = iter(calls), list[float]()

        async def client() -> None:
            for call in waiting:
                start = time.perf_counter()
                await call()
                each.append(time.perf_counter() - start)

        began, start = datetime.now(UTC), time.perf_counter()
        await asyncio.gather(*(client() for _ in range(job.clients)))
        return Measured(began=began, seconds=time.perf_counter() - start, each=each)


async def _calls(job: Job, stack: AsyncExitStack) -> list[Call]:
    match job:
        case Acts():
            return await _acts(job, stack)
        case Updates():
            return await _updates(job)
        case Starts():
            return await _starts(job)
        case Signals():
            return await _signals(job)


async def _acts(job: Acts, stack: AsyncExitStack) -> list[Call]:
    import httpx

    http = await stack.enter_async_context(httpx.AsyncClient(base_url=job.base_url, timeout=TIMEOUT_SECONDS))
    await asyncio.gather(*(http.get("/healthz") for _ in range(job.clients)))

    def act(appraisal: str, token: str) -> Call:
        path = f"/api/v1/appraisals/{appraisal}/actions/{job.action}"
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}

        async def call() -> None:
            answer = await http.post(path, headers=headers)
            for _ in range(REPEATS_MAX):  # accepted and not yet recorded, or unknown: the same key finds out
                if answer.status_code not in (202, 503):
                    break
                answer = await http.post(path, headers=headers)
            if answer.status_code != 200:
                raise NotMeasuredError(f"{job.action}: {answer.status_code} {answer.text}")

        return call

    return [act(*who) for who in job.who]


async def _updates(job: Updates) -> list[Call]:
    client = await connect_when_up(job.address)

    def update(workflow: str) -> Call:
        async def call() -> None:
            await client.get_workflow_handle(workflow).execute_update("act")

        return call

    return [update(workflow) for workflow in job.workflows]


async def _starts(job: Starts) -> list[Call]:
    client = await connect_when_up(job.address)

    def start(workflow: str) -> Call:
        async def call() -> None:
            await client.start_workflow(job.type, id=workflow, task_queue=job.task_queue)

        return call

    return [start(workflow) for workflow in job.workflows]


async def _signals(job: Signals) -> list[Call]:
    client = await connect_when_up(job.address)

    def signal(workflow: str) -> Call:
        async def call() -> None:
            await client.get_workflow_handle(workflow).signal("told")

        return call

    return [signal(workflow) for workflow in job.workflows]


async def in_own_process(module: str, job: str = "") -> bytes:
    """What that module prints when it is run as a process of its own on this job. Raises `NotMeasuredError`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate(job.encode())
    if process.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotMeasuredError(f"{module} failed: {last}")
    return out


async def from_outside(job: Job) -> Measured:
    """Run a job in a client process of its own. Raises `NotMeasuredError`."""
    return Measured.model_validate_json(await in_own_process("deploy.bench_load", job.model_dump_json()))


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(measure(JOB.validate_json(sys.stdin.read()))).model_dump_json())
    sys.stdout.flush()
    os._exit(0)  # an interpreter that has used the engine's client can abort when it ends by itself
