"""The embedded stack of one home: `siklus run`, and the database alone for commands before the first start.

Engine, database, worker and api are processes of their own under one supervisor; the engine's port and the socket
folder are chosen once and kept. Whatever is killed, in whatever order, the next start goes on where the records say.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy import engine, postgres
from deploy.errors import OperatorError
from deploy.home import Home, HomeState, free_port
from deploy.settings import Mode, Settings
from deploy.supervisor import Child, end_leftover, supervised, until
from models.vocabulary import Zone
from models.workdays import local_day

DATABASE_SECONDS = 600  # recovery after a power cut and a long migration both count
API_SECONDS = 180
NO_DEMO = (
    "The demo was not loaded: this home has a roster already, and the demo's HR officer is not HR in it. "
    "Nothing was changed; for the demo choose another --home."
)
_STOP_ORDER = ("api", "worker", "engine", "database")


class PortInUseError(OperatorError):
    """Something else listens where the api should."""


def run(settings: Settings, *, demo: bool = False, announce: Callable[[str], None] = print) -> None:
    """Run the stack in the foreground until SIGINT, SIGTERM or SIGHUP.

    Raises:
        HomeInUseError: another one runs on this home.
        PortInUseError: the api's port is taken by a stranger.
        ChildFailedError, LeftoverError: see `deploy.supervisor`.
        DemoCycleError: the demo's year could not be opened.
    """
    home = Home(settings.home)
    with home.lock():
        asyncio.run(_run(home, settings, demo=demo, announce=announce))


async def _run(home: Home, settings: Settings, *, demo: bool, announce: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.to_thread(_end_leftovers, home)
    _require_free(settings.host, settings.port)
    embedded = choose(home, settings)
    children = [*stores(home, embedded, demo=demo), *processes(embedded)]
    async with supervised(home.run, children, stop):
        if demo and not stop.is_set():
            await _open_demo(embedded, stop, announce)
        if not stop.is_set():
            announce(f"Siklus is ready: http://{settings.host}:{settings.port}  (stop with Ctrl-C)")
        await stop.wait()


async def _open_demo(settings: Settings, stop: asyncio.Event, announce: Callable[[str], None]) -> None:
    """Open the demo's year, or leave it to the next start where this one is told to stop meanwhile."""
    from deploy.demo_cycle import open_demo_cycle

    opening = asyncio.create_task(open_demo_cycle(settings, local_day(datetime.now(UTC), Zone.WIB)))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([opening, stopped], return_when=asyncio.FIRST_COMPLETED)
    if stopped.done():
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)  # what it says now, the end of the api made it say
        return
    stopped.cancel()
    if not opening.result():
        announce(NO_DEMO)


@asynccontextmanager
async def database_only(home: Home, settings: Settings) -> AsyncIterator[Settings]:
    """The embedded database, started, migrated and stopped again; the caller holds the home's lock."""
    await asyncio.to_thread(_end_leftovers, home)
    embedded = choose(home, settings)
    database = [child for child in stores(home, embedded) if child.name == "database"]
    async with supervised(home.run, database):
        yield embedded


def choose(home: Home, settings: Settings) -> Settings:
    """The settings of the embedded stack; its addresses are kept for the next start and for other commands.

    An engine port that a stranger took meanwhile is chosen again.
    """
    known = home.state
    home.remember(
        HomeState(
            engine_port=free_port(known.engine_port),
            socket_dir=str(postgres.socket_dir(home.postgres, known.socket_dir)),
        )
    )
    return reach(home, settings)


def reach(home: Home, settings: Settings) -> Settings:
    """The settings with the addresses of the stack that runs, or last ran, on this home; set ones are left alone."""
    state = home.state
    database = postgres.url(Path(state.socket_dir)) if state.socket_dir else None
    address = f"127.0.0.1:{state.engine_port}" if state.engine_port else None
    return settings.model_copy(
        update={
            "mode": Mode.LOCAL,
            "database_url": settings.database_url or database,
            "engine_address": settings.engine_address or address,
        }
    )


def running(settings: Settings) -> Settings:
    """Those of the database they name, else of what runs on their home.

    Raises:
        OperatorError: nothing has run there yet.
    """
    if not settings.database_url:
        settings = reach(Home(settings.home), settings)
    if not settings.database_url:
        raise OperatorError(f"nothing has run in {settings.home} yet; start it with `siklus run`")
    return settings


def stores(home: Home, embedded: Settings, *, demo: bool = False) -> list[Child]:
    """Database and engine of this home as children, at the addresses that `choose` gave them.

    The database counts as ready once it is migrated (and, for `demo`, has the demo agency).
    """
    sockets = Path(home.state.socket_dir or home.postgres)

    async def database_ready() -> None:
        await postgres.ready(sockets)
        await asyncio.to_thread(_migrate, embedded.database_url or "")
        if demo:
            from deploy import wiring

            await wiring.load_demo(embedded)

    database = postgres.child(home.postgres, sockets, log=home.logs / "database.log")
    port = int((embedded.engine_address or "").rpartition(":")[2])
    return [
        replace(database, ready=database_ready, ready_seconds=DATABASE_SECONDS),
        engine.child(port, home.engine_file, log=home.logs / "engine.log"),
    ]


def processes(settings: Settings) -> list[Child]:
    """Worker and api as children; they read the same settings from their environment as in production."""
    environment = {
        "SIKLUS_HOME": str(settings.home),
        "SIKLUS_MODE": settings.mode.value,
        "SIKLUS_HOST": settings.host,
        "SIKLUS_PORT": str(settings.port),
        "SIKLUS_DATABASE_URL": settings.database_url or "",
        "SIKLUS_ENGINE_ADDRESS": settings.engine_address or "",
    }
    program = (sys.executable, "-P", "-m", "deploy.cli")
    return [
        Child(
            name="worker",
            command=(*program, "worker"),
            environment=environment,
            needs=("database", "engine"),
            grace_seconds=settings.worker_drain_seconds + 5,
        ),
        Child(
            name="api",
            command=(*program, "api"),
            environment=environment,
            needs=("database", "engine"),
            ready=lambda: _answers(settings),
            ready_seconds=API_SECONDS,
            grace_seconds=15,
        ),
    ]


def _migrate(database_url: str) -> None:
    from deploy import migrate  # a second to load, while the engine starts

    migrate.upgrade(database_url)


async def _answers(settings: Settings) -> None:
    async with httpx.AsyncClient(base_url=f"http://{settings.host}:{settings.port}", timeout=5) as client:

        async def is_ready() -> bool:
            with suppress(httpx.HTTPError):
                return (await client.get("/readyz")).is_success
            return False

        await until(is_ready, every_seconds=0.2)


def _end_leftovers(home: Home) -> None:
    """End what a killed supervisor left, before its ports are looked at."""
    for name in _STOP_ORDER:
        end_leftover(home.run / f"{name}.pid", signal.SIGINT if name == "database" else signal.SIGTERM, 20)


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"port {port} on {host} is in use; choose another with --port or SIKLUS_PORT"
            raise PortInUseError(message) from error
