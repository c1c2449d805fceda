"""A process that does what a worker does in a morning, to be killed: `python -m tests.workflow._sender DATABASE MAIL INSTANT`."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.facts import Facts
from activities.people import People
from models.database import Database


async def main(url: str, mail_url: str, instant: str) -> None:
    at, database = datetime.fromisoformat(instant), Database(url)
    await Digests(database).gather(GatherInput(at=at))
    channels = Channels("https://siklus.go.id", mail_url, "siklus@contoh.go.id")
    await Deliverer(database, People(), Facts(), channels, clock=lambda: at).drain()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
