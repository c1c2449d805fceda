"""Whether somebody served long enough for her year to be rated; asked where the rating begins, and again when a leave is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.elsewhere import brought
from activities.segments import segments
from models.appraisal import Moment, Snapshot, Timing
from models.circumstances import Personnel, PersonnelChange
from models.folding import AWAITS_RATING
from models.policy import PolicyPack
from models.vocabulary import EngineAction, Form

FIRST_PART = text(
    """
    SELECT a.id, a.year FROM appraisal a
     WHERE a.cycle_id = :cycle AND a.person_id = :person AND a.own_year AND a.launch = 'launched'
     ORDER BY a.segment LIMIT 1
    """
)


async def with_service(
    connection: AsyncConnection,
    timing: Timing,
    snapshot: Snapshot,
    row: RowMapping,
    pack: PolicyPack,
    changes: Iterable[PersonnelChange],
    now: datetime | None,
) -> Timing:
    """The timing with the end of a year that is too short to rate, at once.

    It counts all her service in the year up to the last day that this appraisal is about, and where the pack says so what she brought from
    elsewhere; while she is still here she is taken to stay.
    What she does as Plt is no service of its own, nor are some months that were asked for.
    """
    entered, least = snapshot.visit.entered_at, pack.min_service
    unrated = snapshot.state in AWAITS_RATING and Form.RATING.value not in snapshot.forms
    if (
        least is None
        or entered is None
        or not unrated
        or snapshot.suspended is not None
        or snapshot.acting_for is not None
        or snapshot.asked_until is not None
    ):
        return timing
    first = (await connection.execute(FIRST_PART, {"cycle": row["cycle_id"], "person": row["person_id"]})).one()
    its = await segments(connection, [first.id], now or entered)
    last = min(snapshot.until or date(first.year, 12, 31), date(first.year, 12, 31))
    leaves = [(one.effective, one.until) for one in changes if one.kind is Personnel.LEAVE and one.until is not None]
    parts = [(its[first.id].first, last)]
    if least.elsewhere:
        parts += [
            (part["first_day"], part["last_day"]) for part in await brought(connection, row["person_id"], first.year)
        ]
    service = least.short(parts, leaves, first.year)
    if service is None:
        return timing
    ends = Moment(action=EngineAction.END_UNRATED, at=entered, wake=entered, service=service)
    return timing.model_copy(update={"moments": (ends, *timing.moments)})
