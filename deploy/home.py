"""The data folder: what lies where, who may use it, and the few facts that outlive a process.

One process at a time holds the lock of a home. Secrets and state are readable by their owner only and are replaced
as a whole, so a crash leaves the old file or the new one.
"""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.errors import OperatorError


class HomeInUseError(OperatorError):
    """Another process holds this home."""


class HomeUnusableError(OperatorError):
    """There is no folder, and none can be made, or nothing can be written into it."""


class HomeState(BaseModel):
    """What the next start should find again, and other commands need to reach a running stack."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    engine_port: int | None = None
    socket_dir: str | None = None


class Home:
    """The paths of one data folder; making the object touches nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run = root / "run"
        self.logs = root / "logs"
        self.postgres = root / "postgres"
        self.engine_file = root / "engine.db"
        self.archive = root / "archive"
        self._state = root / "state.json"
        self._secret = root / "secret"
        self._lock = root / "lock"

    def create(self) -> None:
        """Make the folders, their owner's alone; one that is there keeps its permissions.

        Raises:
            HomeUnusableError: a file is in the way, or we may not write there.
        """
        try:
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.root, self.run, self.logs, self.archive):
                folder.mkdir(mode=0o700, exist_ok=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError(EACCES, os.strerror(EACCES), str(self.root))
        except OSError as error:
            blocked = isinstance(error, FileExistsError | NotADirectoryError)
            why = "a file is in the way" if blocked else error.strerror
            message = f"{self.root} cannot be used as the data folder ({why}: {error.filename})"
            raise HomeUnusableError(f"{message}; choose another with --home or SIKLUS_HOME") from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this home until the block ends or the process dies.

        Raises:
            HomeInUseError: another process holds it; the sentence names its id.
            HomeUnusableError: see `create`.
        """
        self.create()
        with self._lock.open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                message = f"Siklus is already running on {self.root} (process {holder}); stop it first"
                raise HomeInUseError(message) from None
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            yield

    @property
    def state(self) -> HomeState:
        """The state as last written; an unreadable file counts as none, everything in it can be chosen again."""
        try:
            return HomeState.model_validate_json(self._state.read_bytes())
        except (FileNotFoundError, ValidationError):
            return HomeState()

    def remember(self, state: HomeState) -> None:
        """Replace the state file."""
        _replace(self._state, json.dumps(state.model_dump(), indent=1).encode())

    def secret(self) -> str:
        """The random secret of local mode, made at the first call and kept, mode 0600."""
        self.create()
        with suppress(FileExistsError):
            _replace(self._secret, secrets.token_hex(32).encode(), only_if_absent=True)
        return self._secret.read_text("ascii").strip()


def free_port(preferred: int | None = None) -> int:
    """A loopback port nobody listens on: the preferred one when it is free, else any."""
    for candidate in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            # Without it a port whose last connections are in TIME_WAIT looks taken, and would change at every restart.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free loopback port")


def _replace(path: Path, content: bytes, *, only_if_absent: bool = False) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if only_if_absent:
            path.hardlink_to(draft)
        else:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
