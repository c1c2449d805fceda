"""What no retry mends waits for a person: the appraisal is parked with its reason in the row, on HR's list, and the others go on.

It leaves the list with whatever it stumbled over: `record` writes the row anew, the other activities say so themselves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.exceptions import ApplicationError

from models import rungs
from models.appraisal import Snapshot
from models.database import Database, refused
from models.vocabulary import State

RECORD_BLOCKED = "record_blocked"
"""The error type that tells the workflow to park."""
PARK = text("UPDATE appraisal SET parked = :why, on_hr_list = true WHERE id = :id")
GOES_ON = text("UPDATE appraisal SET parked = NULL, on_hr_list = :on_hr_list WHERE id = :id AND parked IS NOT NULL")
WRONG = (ArithmeticError, LookupError, TypeError, ValueError, NoResultFound, MultipleResultsFound)
"""Wrong in code or data: it would be wrong again at every retry, and nobody would see it."""

log = structlog.stdlib.get_logger("siklus.record")


class Diverged(Exception):
    """What the engine wants written does not follow what is written."""


@asynccontextmanager
async def parking(database: Database, appraisal_id: str) -> AsyncIterator[None]:
    """Run an activity's work; what no retry mends parks the appraisal and raises `record_blocked` (non-retryable).

    Open transactions within, so that they are undone before the row is written.
    """
    try:
        yield
        return
    except DBAPIError as error:
        if not refused(error):
            raise
        why = f"the database refused: {type(error.orig).__name__}"
    except Diverged as diverged:
        why = str(diverged)
    except WRONG as wrong:
        why = f"could not be worked out: {type(wrong).__name__}"
    await park(database, appraisal_id, why)
    # Without its cause, whose words may quote a row: they would be kept in the history.
    raise ApplicationError(why, type=RECORD_BLOCKED, non_retryable=True) from None


async def park(database: Database, appraisal_id: str, why: str) -> None:
    """Put the appraisal on HR's list; other appraisals are not touched."""
    async with database.transaction() as connection:
        await connection.execute(PARK, {"id": appraisal_id, "why": why})
    log.error("appraisal_parked", appraisal_id=appraisal_id, why=why)


async def goes_on(connection: AsyncConnection, snapshot: Snapshot) -> None:
    """Say that what a parked appraisal stumbled over is done; it stays on HR's list only for another reason."""
    await connection.execute(GOES_ON, {"id": snapshot.appraisal_id, "on_hr_list": on_hr_list(snapshot)})


def on_hr_list(snapshot: Snapshot) -> bool:
    """Whether it needs HR, as far as the trail tells."""
    hr_rung = any(rungs.act_of(rung) == rungs.HR_LIST for rung in snapshot.visit.rungs)
    # Silence did not move the step, so a person has to.
    stuck = snapshot.visit.lapsed and snapshot.state is not State.FINALISATION_DONE
    return hr_rung or snapshot.disputed or stuck
