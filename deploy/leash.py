"""Becomes a child process that records itself, cannot run twice, and does not outlive its supervisor.

Run as `python -P -m deploy.leash RECORD PARENT SIGNAL USER -- COMMAND...`. Three promises, kept by the kernel and not
by clean-up code: the record (id and creation time) is written by the process it describes; the lock on that record is
held as long as the process or a child of its own lives, so two engines can never open one file; on Linux a supervisor
that is killed takes its children with it. It is a program of its own and not a `preexec_fn`, which is unsafe in a
process that has threads.
"""

import ctypes
import fcntl
import json
import os
import pwd
import sys
import time
from typing import NoReturn

import psutil

LOCK_WAIT_SECONDS = 20
EXIT_STILL_RUNNING = 75
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> NoReturn:
    """Take the lock, write the record, drop privileges, tie the leash, become the command."""
    record, parent, farewell, user, dashes, *command = arguments
    if dashes != "--" or not command:
        raise SystemExit("usage: leash RECORD PARENT SIGNAL USER|- -- COMMAND...")
    lock = os.open(record, os.O_RDWR | os.O_CREAT, 0o644)
    if not _locked(lock):
        print(f"what {record} describes is still running", file=sys.stderr)  # noqa: T201
        raise SystemExit(EXIT_STILL_RUNNING)
    created = psutil.Process().create_time()
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"pid": os.getpid(), "created": created}).encode(), 0)
    os.set_inheritable(lock, True)
    os.umask(0o077)
    if user != "-":
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.environ |= {"HOME": entry.pw_dir, "USER": user, "LOGNAME": user}
    if sys.platform == "linux":  # after setuid, which would clear it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(farewell))
    if os.getppid() != int(parent):
        raise SystemExit("the supervisor is gone")
    os.execvp(command[0], command)


def _locked(descriptor: int) -> bool:
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1:])
