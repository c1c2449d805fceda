"""The process that serves the api and the pages.

The api logs its own requests, by route and never by address, so uvicorn's access log is off. On SIGTERM the process
finishes the requests it has and takes no more.
"""

import uvicorn

from deploy import wiring
from deploy.settings import Settings

DRAIN_SECONDS = 10


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    uvicorn.run(
        wiring.create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
