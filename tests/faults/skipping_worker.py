"""A worker in a process of its own, for workflows with skipped time, so that a test can kill it."""

from __future__ import annotations

import asyncio
import signal
import sys

from activities.archive import open_store
from activities.deliver import Channels
from deploy import logging
from deploy.rehearsal import skipping, skipping_worker
from deploy.settings import LogFormat
from models.database import Database


async def work(engine_address: str, database_url: str, queue: str, folder: str) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(database_url, pool_size=20)
    async with skipping_worker(await skipping(engine_address), database, queue, open_store(folder), Channels()):
        await stop.wait()
    await database.close()


if __name__ == "__main__":
    from tests.faults import skipping_worker as named  # by its full name, so that the sandbox imports the same module

    logging.configure(LogFormat.JSON, "WARNING")
    asyncio.run(named.work(*sys.argv[1:]))
