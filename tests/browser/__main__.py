"""Pictures of every page, wide and as a phone shows it: `python -m tests.browser FOLDER`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from deploy import engine, logging, migrate, postgres
from deploy.settings import LogFormat
from tests.browser.looking import Gallery
from tests.browser.person import Room
from tests.browser.stage import NONE, opened_chromium, served
from tests.browser.test_pages import PEOPLE
from tests.browser.tour import tour
from tests.world import opened_cycle, opened_world


async def pictures(folder: Path) -> int:
    """Take the tour and keep what is seen; how many pages that were."""
    folder.mkdir(parents=True, exist_ok=True)
    async with opened_chromium() as browser:
        if browser is None:
            raise SystemExit(NONE)
        with tempfile.TemporaryDirectory(prefix="siklus-pictures-", ignore_cleanup_errors=True) as archive:
            async with postgres.throwaway() as url, engine.throwaway(time_skipping=True) as address:
                await asyncio.to_thread(migrate.upgrade, url)
                async with opened_world(url, address, Path(archive), people=PEOPLE) as world:
                    await opened_cycle(world)
                    async with served(world) as base, Room(browser, base, world).person() as person:
                        gallery = Gallery(person, folder)
                        await gallery.open()
                        await tour(gallery)
    return len(gallery.looks)


if __name__ == "__main__":
    logging.configure(LogFormat.JSON, "WARNING")
    shown = Path(sys.argv[1])
    sys.stdout.write(f"{asyncio.run(pictures(shown))} pages, each wide and narrow, in {shown}\n")
