"""`siklus mend`: what an operator asks for once the cause is gone, on a running stack."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.mending import AT_ONCE, let_go_on, lost, parked, restore, runs_of
from deploy import stack
from deploy.connect import connect
from deploy.database import asking
from deploy.errors import OperatorError
from deploy.settings import Settings
from models.database import Database


async def mend(settings: Settings, *, dry_run: bool) -> dict[str, list[str]]:
    """Ids of the appraisals that were `restored` from their rows, and the workflows that were `parked` and try again.

    Raises:
        OperatorError: nothing runs on this home, or engine or database do not answer.
    """
    settings = stack.running(settings)
    database = Database(settings.database_url or "", pool_size=2)
    try:
        with asking():
            rows = await parked(database)
        client = await connect(settings)
        with asking():
            waiting = [name for row in rows for name in await runs_of(client, row)]
            gone = await lost(database, client)
            if not dry_run:
                gate = asyncio.Semaphore(AT_ONCE)
                await asyncio.gather(*(_restore(gate, database, client, settings, appraisal) for appraisal in gone))
                for workflow in waiting:
                    await let_go_on(client, workflow)
    except RuntimeError as error:
        raise OperatorError("the engine does not answer; nothing was done") from error
    except RPCError as error:
        raise OperatorError(
            f"the engine does not answer ({error.status.name}); run it again, nothing is done twice"
        ) from error
    finally:
        await database.close()
    return {"restored": gone, "parked": waiting}


async def _restore(gate: asyncio.Semaphore, database: Database, client: Client, settings: Settings, one: str) -> None:
    async with gate:
        with suppress(WorkflowAlreadyStartedError):  # by who asked a moment ago
            await restore(database, client, settings.task_queue, one)
