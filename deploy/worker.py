"""The process that runs workflows and activities, and drains before it stops.

Every package of ours passes through the sandbox: one that did not would cost 300 KiB for each cached workflow and wedge
the worker after about a thousand. What is registered comes from `deploy.wiring`.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from deploy import wiring
from deploy.connect import connect_patiently, metrics_runtime
from deploy.settings import CACHED_WORKFLOWS, Settings

log = structlog.stdlib.get_logger("siklus.worker")

DEPLOYMENT = "siklus"
UNVERSIONED = "unversioned"
PASSED_THROUGH = (
    *("models", "activities", "workflows", "deploy"),
    *("transitions", "six", "structlog", "sqlmodel", "sqlalchemy", "greenlet", "asyncpg", "holidays", "dateutil"),
    *("jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs", "typst", "obstore", "apprise"),
)


def sandbox() -> SandboxedWorkflowRunner:
    """The sandbox every worker and replayer of ours uses."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def build_worker(
    client: Client,
    *,
    task_queue: str,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., object]],
    cached_workflows_max: int = CACHED_WORKFLOWS,
    activities_max: int = 32,
    drain: timedelta = timedelta(seconds=20),
    build_id: str | None = None,
) -> Worker:
    """A worker as production runs it; tests use the same one.

    Args:
        client: with the pydantic converter, as `deploy.connect` makes it.
        task_queue: the one queue of this deployment.
        workflows: workflow classes.
        activities: bound async activities; nothing synchronous, there is no executor.
        cached_workflows_max: workflows kept in memory; others replay at their next step.
        activities_max: activities at once; keep it near the size of the database pool.
        drain: what running activities are given when the worker is told to stop.
        build_id: the commit; given, workflows follow it as AUTO_UPGRADE. None is unversioned.
    """
    versioned = build_id and WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=sandbox(),
        max_cached_workflows=cached_workflows_max,
        max_concurrent_activities=activities_max,
        graceful_shutdown_timeout=drain,
        deployment_config=versioned or None,
        # Without one the SDK hashes the code of every loaded module, seconds at each start, for nobody.
        build_id=None if versioned else UNVERSIONED,
    )


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is running and return."""
    # A call on workflow.logger must not append a dictionary to the message; it is in the record's extra fields already.
    workflow.logger.workflow_info_on_message = False
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    connecting = asyncio.create_task(connect_patiently(settings, runtime=metrics_runtime(settings.worker_metrics_port)))
    await asyncio.wait([connecting, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        connecting.cancel()
        return
    async with wiring.worker_parts(settings, connecting.result()) as parts:
        worker = build_worker(
            parts.client,
            task_queue=settings.task_queue,
            workflows=parts.workflows,
            activities=parts.activities,
            cached_workflows_max=settings.worker_cache,
            activities_max=settings.worker_activities,
            drain=timedelta(seconds=settings.worker_drain_seconds),
            build_id=settings.build_id,
        )
        working = asyncio.create_task(worker.run())
        log.info("worker_started", task_queue=settings.task_queue)
        await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()  # it ended by itself: let the reason out, the supervisor starts another
        log.info("worker_draining")
        await worker.shutdown()
        await working
    log.info("worker_stopped")
