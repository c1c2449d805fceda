"""The process that serves the api and the pages.

The api logs its own requests, by route and never by address, so uvicorn's access log is off. On SIGTERM the process
finishes the requests it has and takes no more; streams it ends, for they would go on.
"""

import asyncio
from types import FrameType

import uvicorn

from deploy import wiring
from deploy.settings import Settings

DRAIN_SECONDS = 10


class Server(uvicorn.Server):
    """Ends its streams before it waits for what is under way."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        rooms = getattr(getattr(self.config.app, "state", None), "rooms", None)
        if rooms is not None:
            asyncio.get_running_loop().call_soon_threadsafe(rooms.streams.close)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        wiring.create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    Server(config).run()
