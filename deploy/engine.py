"""Temporal's own development server as a child process: its command line, its readiness, a throwaway one for tests.

The store is one SQLite file in WAL mode with synchronous=FULL: an acknowledged step survives `kill -9` and a power cut.
Two servers on one file would corrupt it, so only `deploy.supervisor` starts one. Imports of the SDK stay inside the
functions: it takes a second to load, which the start of the server does not have to wait for.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import OperatorError
from deploy.home import free_port
from deploy.supervisor import Child, supervised

if TYPE_CHECKING:
    from temporalio.client import Client

RETENTION = timedelta(days=30)

# One worker and one machine: with one partition per queue no task waits in a partition nobody polls, and the limits
# that protect a shared cluster would only slow down a launch of everybody at once.
DYNAMIC_CONFIG = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "frontend.rps=20000",
    "frontend.namespaceRPS=20000",
    "frontend.namespaceRPS.visibility=1000",
    "frontend.namespaceCount=20000",
    "matching.rps=20000",
    "history.rps=20000",
)
TIME_SKIPPING = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="10ms"',
    # A test need not wait until a task has failed five times, a minute later, to see it reported.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1",
)


class EngineMissingError(OperatorError):
    """The embedded engine is not installed."""


def binary() -> str:
    """The `temporal` program of the wheel, which lies beside the interpreter; else the one on the path.

    Raises:
        EngineMissingError: neither is there.
    """
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise EngineMissingError("the embedded engine is not installed: pip install 'siklus[embedded]'")
    return found


def command(port: int, file: Path | None, *, time_skipping: bool = False) -> tuple[str, ...]:
    """The command line of a server on this loopback port; without a file it keeps everything in memory."""
    pragmas = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL") if file else ()
    config = (*DYNAMIC_CONFIG, *(TIME_SKIPPING if time_skipping else ()))
    return (
        *(binary(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)),
        *("--log-level", "warn", "--log-format", "json"),
        *(("--db-filename", str(file)) if file else ()),
        *pragmas,
        *(part for entry in config for part in ("--dynamic-config-value", entry)),
    )


async def ready(address: str, *, retention: timedelta = RETENTION) -> None:
    """Return when the server answers and keeps closed workflows for `retention` (its own default is one day)."""
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.namespace.v1 import NamespaceConfig
    from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest

    client = await connect_when_up(address)
    kept = Duration(seconds=int(retention.total_seconds()))
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace="default", config=NamespaceConfig(workflow_execution_retention_ttl=kept))
    )


async def connect_when_up(address: str) -> "Client":
    """A bare client as soon as the server takes one; waits for ever, so callers set the limit."""
    from temporalio.client import Client, GrpcCompression

    while True:
        try:
            client = await Client.connect(address, grpc_compression=GrpcCompression.NONE)
            if await client.service_client.check_health():
                return client
        except RuntimeError:  # what the SDK raises for a refused connection
            await asyncio.sleep(0.05)


def child(port: int, file: Path | None, *, log: Path | None = None, time_skipping: bool = False) -> Child:
    """The engine, for the supervisor."""
    return Child(
        name="engine",
        command=command(port, file, time_skipping=time_skipping),
        ready=lambda: ready(f"127.0.0.1:{port}"),
        stop_signal=signal.SIGTERM,
        grace_seconds=15,
        log=log,
    )


@asynccontextmanager
async def throwaway(*, time_skipping: bool = False, durable: bool = False) -> AsyncIterator[str]:
    """The address of a server of its own for tests and rehearsals, gone with everything in it when the block ends.

    In memory unless `durable`; with `time_skipping` an ordinary client can drive `temporalio.testing.TimeSkipper`.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="siklus-engine-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = replace(
            child(port, folder / "engine.db" if durable else None, log=folder / "log", time_skipping=time_skipping),
            stop_signal=signal.SIGKILL,
        )
        async with supervised(folder, [server]):
            yield f"127.0.0.1:{port}"
