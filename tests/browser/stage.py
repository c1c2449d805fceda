"""What the browser tests stand on: a Chromium that is found, and the application served to it on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from socket import socket

import uvicorn
from playwright.async_api import Browser, Playwright, async_playwright

from tests.world import World

NAMED_BY = "SIKLUS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
NONE = f"no Chromium found: not by {NAMED_BY}, no {', '.join(NAMES)} on PATH, and none of Playwright's own"


def chromium_of(playwright: Playwright) -> str | None:
    """The program to open: the one that is named, else the first on the path, else Playwright's own."""
    own = playwright.chromium.executable_path
    return (
        os.environ.get(NAMED_BY)
        or next(filter(None, map(shutil.which, NAMES)), None)
        or (own if Path(own).exists() else None)
    )


@contextlib.asynccontextmanager
async def opened_chromium() -> AsyncIterator[Browser | None]:
    """A headless Chromium; None where there is none."""
    async with async_playwright() as playwright:
        program = chromium_of(playwright)
        if program is None:
            yield None
            return
        # Root, as in a container, has no sandbox; the pages that are opened are our own.
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


class _Quiet(uvicorn.Server):
    """A server that says when it is up, and leaves the signals to whoever runs the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """Where the world's own application answers browsers: the same that the tests of the api ask, over a socket."""
    app = world.http._transport.app  # type: ignore[attr-defined]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False, server_header=False
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve())
    await server.up.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
