"""Calls to the engine: whatever keeps an answer from coming is one problem, `engine_away`, whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError as UpdateTimeout
from temporalio.service import RPCError, RPCStatusCode

from api.problems import Problem

PATIENCE = timedelta(seconds=10)
"""How long a call may take before the caller is told that its outcome is unknown."""


@contextmanager
def asking(*, unknown_workflow: str = "engine_away") -> Iterator[None]:
    """Around calls to the engine and nothing else. Raises `engine_away`, or `unknown_workflow` for a workflow it does not run."""
    try:
        yield
    except UpdateTimeout as timeout:
        raise Problem("engine_away") from timeout
    except RPCError as error:
        unknown = error.status is RPCStatusCode.NOT_FOUND
        raise Problem(unknown_workflow if unknown else "engine_away") from error
    except RuntimeError as unreachable:  # a client that connects at its first call, and cannot
        raise Problem("engine_away") from unreachable
