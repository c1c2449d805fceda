"""Comments on criteria as they are read: by HR with their names, by whoever the cycle is for once they are answered, and without.

Numbered within their cycle. The words of every version stand in the cycle's trail; here are those that hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field
from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.consultation import span_of, zone_in_scope
from api.cycle_view import CycleId, find_cycle
from api.exact import Exact
from api.paging import Key, Page, PageDep, bad_cursor, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.criteria import criteria_of
from models.language import Bilingual
from models.participation import Answer as Verdict
from models.participation import Span
from models.vocabulary import GrantedRole, Language, Zone
from models.workdays import local_day

router = APIRouter(tags=["consultation"])

KIND = "comment"
"""What the cursors of this list begin with."""
SEES_ALL = frozenset({GrantedRole.HR, GrantedRole.PYB, GrantedRole.AUDITOR})

SAID = """
    SELECT c.number, c.author_id, c.criterion, c.version, c.written_at, c.answer, c.answered_at, t.body AS text, r.body AS reason
      FROM consultation_comment c JOIN text t ON t.id = c.text_id LEFT JOIN text r ON r.id = c.reason_id
     WHERE c.cycle_id = :cycle
"""
ONE = text(f"{SAID} AND c.number = :number")
SEEN = """
    AND (CAST(:all AS boolean) OR c.author_id = :me OR c.answer IS NOT NULL)
    AND (CAST(:answered AS boolean) IS NULL OR (c.answer IS NOT NULL) = :answered)
"""
PAGE = text(f"{SAID} {SEEN} AND c.number > :after ORDER BY c.number LIMIT :limit")
TOTAL = text(f"SELECT count(*) FROM consultation_comment c WHERE c.cycle_id = :cycle {SEEN}")


class AnswerOut(Exact):
    """`reason` is null where the law had it erased."""

    answer: Verdict
    reason: str | None
    at: AwareDatetime


class CommentOut(Exact):
    """A comment as it stands; `by` is null for colleagues, `text` where the law had it erased. Said differently, it waits again."""

    number: int
    criterion: str | None
    title: Annotated[str | None, Field(description="Of the criterion.")]
    text: str | None
    version: int
    own: bool
    by: PersonShown | None
    written_at: AwareDatetime
    answer: AnswerOut | None
    key: Key


@dataclass(frozen=True)
class Desk:
    """One consultation as this caller finds it; `zone` is None where the cycle is not for her."""

    cycle: RowMapping
    span: Span
    caller: Caller
    zone: Zone | None
    spoken: Language
    titles: Mapping[str, Bilingual]

    @property
    def cycle_id(self) -> str:
        return str(self.cycle["id"])

    @property
    def sees_all(self) -> bool:
        return bool(self.caller.granted & SEES_ALL)

    async def comment(self, connection: AsyncConnection, number: int) -> Row[tuple[object, ...]]:
        """Raises `not_found`."""
        row = (await connection.execute(ONE, {"cycle": self.cycle_id, "number": number})).one_or_none()
        if row is None:
            raise Problem("not_found")
        return row

    async def shown(
        self, connection: AsyncConnection, rows: Sequence[Row[tuple[object, ...]]]
    ) -> list[dict[str, object]]:
        """Rows of comments as answers."""
        me = self.caller.person_id
        people = await people_shown(connection, {row.author_id for row in rows if self.sees_all or row.author_id == me})
        return [
            {
                "number": row.number,
                "criterion": row.criterion,
                "title": self.titles[row.criterion].say(self.spoken) if row.criterion in self.titles else None,
                "text": row.text,
                "version": row.version,
                "own": row.author_id == me,
                "by": people.get(row.author_id),
                "written_at": row.written_at.isoformat(),
                "answer": None
                if row.answer is None
                else {"answer": row.answer, "reason": row.reason, "at": row.answered_at.isoformat()},
                "key": f"{KIND} {row.number}",
            }
            for row in rows
        ]


async def desk_of(
    connection: AsyncConnection, rooms: Rooms, caller: Caller, cycle_id: str, spoken: Language, *, hold: bool = False
) -> Desk:
    """Raises `not_found` also where no consultation was begun, `out_of_scope` for who neither is in its scope nor answers for it."""
    cycle = await find_cycle(connection, cycle_id, hold=hold)
    zone = await zone_in_scope(connection, cycle, caller.person_id, local_day(rooms.now(), Zone.WIB))
    if zone is None and not caller.granted & SEES_ALL:
        raise Problem("out_of_scope")
    span = await span_of(connection, cycle_id)
    if span is None:
        raise Problem("not_found")
    return Desk(cycle, span, caller, zone, spoken, criteria_of(await rooms.facts.pack(connection, cycle_id)))


@router.get("/cycles/{cycle_id}/consultation/comments", response_model=Page[CommentOut])
async def read_comments(
    cycle_id: CycleId,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    page: PageDep,
    answered: bool | None = None,
) -> JSONResponse:
    """All of them with their names for HR, PyB and auditor; for others their own, and without a name those that were answered."""
    kind, _, after = (page.after or f"{KIND} 0").partition(" ")
    if not (kind == KIND and after.isascii() and after.isdigit() and len(after) < 10):
        raise bad_cursor()
    async with rooms.database.transaction() as connection:
        desk = await desk_of(connection, rooms, caller, cycle_id, language(request))
        asked = {"cycle": cycle_id, "all": desk.sees_all, "me": caller.person_id, "answered": answered}
        total = (await connection.execute(TOTAL, asked)).scalar_one()
        rows = (await connection.execute(PAGE, {**asked, "after": int(after), "limit": page.limit + 1})).all()
        items = await desk.shown(connection, rows)
    return listed(paged(items, page, total, key="key"))
