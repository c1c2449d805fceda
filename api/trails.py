"""Both trails of an appraisal as one reader may see them: all of its own, and of the cycle's what is her business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import merge

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.loading import Loaded, load
from api.paging import Asked, Found, bad_cursor, paged
from api.people_shown import people_shown
from api.rooms import Rooms
from api.security import Caller
from models.access import sees_result
from models.trail_actions import CONCERNED, EVERYBODYS, about, as_told
from models.vocabulary import Action, GrantedRole, Role

OWN = """
    SELECT e.*, t.body AS comment_body, ac.name AS actor_name FROM event e
      LEFT JOIN text t ON t.id = e.comment_id LEFT JOIN person ac ON ac.id = e.actor
     WHERE e.appraisal_id = :id
"""
SHARED = """
    SELECT e.*, coalesce(t.body, e.reason) AS comment_body FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.cycle_id = :cycle
"""
EVENTS = text(f"{OWN} ORDER BY e.seq")
CYCLE_EVENTS = text(f"{SHARED} ORDER BY e.seq")
SOME_OF_OWN = text(f"{OWN} AND e.seq = ANY(:seqs) ORDER BY e.seq")
SOME_SHARED = text(f"{SHARED} AND e.seq = ANY(:seqs) ORDER BY e.seq")
OF_HERS = f"""
    SELECT 'appraisal' AS source, seq, max(at) OVER (ORDER BY seq) AS at FROM event WHERE appraisal_id = :id
     UNION ALL
    SELECT 'cycle', seq, max(at) OVER (ORDER BY seq) FROM cycle_event
     WHERE cycle_id = :cycle AND (action = ANY(:everybodys)
           OR ARRAY[{", ".join(f"data ->> '{name}'" for name in CONCERNED)}] @> CAST(:whose AS text[]))
"""
"""Where what tells of one year stands: all of its own trail, and of the cycle's what is everybody's or names all of `whose`.

In the order of time no event comes before an earlier one of its own trail.
"""
NEWEST = text(
    f"SELECT source, seq FROM ({OF_HERS}) o ORDER BY at DESC, source DESC, seq DESC OFFSET :skip LIMIT :limit"
)
TOTAL = text(f"SELECT count(*) FROM ({OF_HERS}) o")

SEES_EVERYBODYS = frozenset({GrantedRole.HR, GrantedRole.AUDITOR})
"""Who reads of the cycle's trail also what was decided about others; the agency's trail is theirs too."""

RATED = frozenset({Action.SUBMIT_RATING, Action.CONFIRM_RATING, Action.RETURN_RATING})
"""Whose comments may speak of a result that has not reached the person rated."""


Told = list[dict[str, object]]
Whose = frozenset[str] | None
"""Whom an event is about; None where it is everybody's (`models.trail_actions.about`)."""


async def both_trails(appraisal_id: str, rooms: Rooms, caller: Caller, page: Asked) -> Found:
    """One page of both trails. Raises `not_found`, `not_yours`, and `invalid_input` for a cursor of another list."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        rows = (await connection.execute(EVENTS, {"id": loaded.id})).mappings().all()
        of_cycle = [
            row
            for row in (await connection.execute(CYCLE_EVENTS, {"cycle": loaded.cycle_id})).mappings()
            if _is_told(about(row["action"], row["data"]), caller, loaded)
        ]
        own, shared = await _told(connection, loaded, caller, rows, of_cycle)
    told = _told_before(page.after)
    left = [
        [event for event in trail if int(str(event["seq"])) > told[str(event["source"])]] for trail in (own, shared)
    ]
    items = _in_time(*left)
    for item in items:
        told[str(item["source"])] = int(str(item["seq"]))
        item["position"] = f"{told['appraisal']}.{told['cycle']}"
    return paged(items, page, len(own) + len(shared), key="position")


async def newest(
    connection: AsyncConnection, loaded: Loaded, caller: Caller, limit: int, *, skip: int = 0
) -> tuple[Told, int]:
    """The last events of both trails that tell of this year, in the order of time, and how many there are in all.

    Of what was decided about people, only what is about this one, also where the reader may read of others. Of the newest so
    many are left out as `skip` says.
    """
    subject = str(loaded.row["person_id"])
    asked = {
        "id": loaded.id,
        "cycle": loaded.cycle_id,
        "everybodys": sorted(EVERYBODYS),
        "whose": sorted({subject} if _is_told(frozenset({subject}), caller, loaded) else {subject, caller.person_id}),
    }
    total = (await connection.execute(TOTAL, asked)).scalar_one()
    places = (await connection.execute(NEWEST, {**asked, "skip": skip, "limit": limit})).all()
    seqs = {source: [one.seq for one in places if one.source == source] for source in ("appraisal", "cycle")}
    own = await connection.execute(SOME_OF_OWN, {"id": loaded.id, "seqs": seqs["appraisal"]})
    shared = await connection.execute(SOME_SHARED, {"cycle": loaded.cycle_id, "seqs": seqs["cycle"]})
    both = await _told(connection, loaded, caller, own.mappings().all(), shared.mappings().all())
    return _in_time(*both), total


def _in_time(own: Told, shared: Told) -> Told:
    """Both as one, each in its own order."""
    return list(merge(own, shared, key=lambda event: str(event["at"])))


async def _told(
    connection: AsyncConnection,
    loaded: Loaded,
    caller: Caller,
    rows: Sequence[RowMapping],
    of_cycle: Sequence[RowMapping],
) -> tuple[Told, Told]:
    """These events of the appraisal's own trail, and these of its cycle's, as this reader is told them."""
    ids = {str(v) for r in rows for v in (r["actor"], r["on_behalf_of"], r["data"].get("post_of")) if v}
    shown = await people_shown(connection, ids | {str(r["actor"]) for r in of_cycle})
    hidden = not sees_result(loaded.roles, loaded.snapshot) if loaded.snapshot else False
    own: Told = [
        {
            **link(r, shown),
            "source": "appraisal",
            "effective_at": r["effective_at"].isoformat(),
            "on_behalf_of": shown.get(r["on_behalf_of"]) if r["on_behalf_of"] else None,
            "standing": r["data"].get("standing"),
            "post_of": shown.get(r["data"].get("post_of")),
            "from": r["from_state"],
            "to": r["to_state"],
            "period": r["period"],
            "revision": r["revision"],
            "comment": None if hidden and r["action"] in RATED else r["comment_body"],
        }
        for r in rows
    ]
    shared: Told = [
        {
            **link(r, shown),
            "data": r["data"] if caller.granted & SEES_EVERYBODYS else as_told(r["data"], loaded.id),
            "source": "cycle",
            "effective_at": r["at"].isoformat(),
            "on_behalf_of": None,
            "from": None,
            "to": None,
            "comment": r["comment_body"],
        }
        for r in of_cycle
    ]
    return own, shared


def link(row: RowMapping, shown: Mapping[str, object]) -> dict[str, object]:
    """What every event says, of whichever trail; `shown` are its people by id."""
    return {
        "seq": row["seq"],
        "at": row["at"].isoformat(),
        "action": row["action"],
        "actor": shown.get(row["actor"]) or row["actor"],
        "role": row["role"],
        "data": row["data"],
        "hash": row["hash"],
        "previous_hash": row["previous_hash"],
    }


def _is_told(whose: Whose, caller: Caller, loaded: Loaded) -> bool:
    """Whether an event of the cycle is this reader's business: everybody's, hers, or for HR and auditor anybody's.

    Who is HR to this one person only (`Parties.hr`) reads what was decided about her.
    """
    if whose is None or caller.granted & SEES_EVERYBODYS:
        return True
    minded = {caller.person_id, str(loaded.row["person_id"])} if Role.HR in loaded.roles else {caller.person_id}
    return not minded.isdisjoint(whose)


def _told_before(cursor: str | None) -> dict[str, int]:
    """How far each trail was told by the pages before: an act that is recorded late comes with the next one. Raises `invalid_input`."""
    own, dot, shared = (cursor or "0.0").partition(".")
    if not dot or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (own, shared)):
        raise bad_cursor()
    return {"appraisal": int(own), "cycle": int(shared)}
