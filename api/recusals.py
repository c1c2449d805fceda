"""Recusals: whoever would rate somebody, or decide about her, steps back from it because he is close to her.

He says so himself, or HR records it with a reason; only HR withdraws it. The employee asks for one by `dispute_supervisor`, which HR's
work list shows and a recusal settles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.recusals import Change, deciding_about, declare, hold, withdraw
from api.act_bodies import Reason
from api.as_hr import is_hr_beside
from api.exact import Exact
from api.loading import checked_id
from api.named import Nip, person_named
from api.paging import Asked, Key, Page, PageDep, bad_cursor, known_id, listed, paged
from api.people_shown import PersonShown, people_shown
from api.problems import FieldProblem, Problem, language
from api.receipts import Answer, KeyDep, once
from api.rooms import RoomsDep
from api.security import CallerDep
from models.language import Bilingual
from models.recusal import Recusal, refusal, relation_kinds
from models.vocabulary import GrantedRole, Role, Zone
from models.workdays import local_day

router = APIRouter(tags=["recusals"])

ROWS = "SELECT r.*, t.body AS reason, p.zone FROM recusal r JOIN text t ON t.id = r.reason_id JOIN person p ON p.id = r.about_id"
ONE = text(f"{ROWS} WHERE r.id = :id")
MINE = text(
    f"{ROWS} WHERE CAST(:everybody AS boolean) OR r.person_id = :me OR r.about_id = CAST(:alone AS text) ORDER BY r.id"
)
KNOWN = text("SELECT person_id FROM recusal WHERE about_id = :about AND withdrawn_at IS NULL")
ZONE = text("SELECT zone FROM person WHERE id = :id")

SENTENCES = {
    "of_oneself": Bilingual(
        id="Tidak ada yang menilai dirinya sendiri, jadi tidak ada yang perlu dinyatakan.",
        en="Nobody rates himself, so there is nothing to step back from.",
    ),
    "unknown_kind": Bilingual(
        id="Jenis hubungan ini tidak dikenal. Yang dikenal: {known}.",
        en="There is no such kind of relation. There are: {known}.",
    ),
    "already_recused": Bilingual(
        id="Hubungan ini sudah tercatat.",
        en="This is on record already.",
    ),
    "decides_nothing": Bilingual(
        id="Pejabat ini tidak menilai pegawai tersebut dan tidak memutuskan tentangnya.",
        en="This officer neither rates this person nor decides about her.",
    ),
}


class Declaration(BaseModel):
    """From whom somebody steps back, and why. `person` is who steps back; only HR names another than himself."""

    model_config = ConfigDict(extra="forbid")

    about: Nip
    kind: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    reason: Reason
    person: Nip | None = None


class Withdrawal(BaseModel):
    """Why it holds no more."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class RecusalOut(Exact):
    """`person` neither rates `about` nor decides about her, from that day on until it was withdrawn; `reason` is null once erased."""

    id: UUID
    person: PersonShown | None
    about: PersonShown | None
    kind: str
    start: Annotated[date, Field(alias="from")]
    reason: str | None
    declared_by: PersonShown | None
    declared_at: AwareDatetime
    withdrawn_by: PersonShown | None
    withdrawn_at: AwareDatetime | None
    key: Key


class RelationKind(Exact):
    """A kind of relation that may be declared."""

    id: str
    name: str
    key: Key


@router.get("/recusals", response_model=Page[RecusalOut])
async def list_recusals(rooms: RoomsDep, caller: CallerDep, page: PageDep) -> JSONResponse:
    """From whom the caller stepped back; HR's are all, the withdrawn ones included."""
    after = _after(page, "recusal", known_id)
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        asked = {
            "me": caller.person_id,
            "everybody": GrantedRole.HR in caller.granted,
            "alone": agency.hr_for(caller.person_id, local_day(rooms.now(), Zone.WIB)),
        }
        rows = (await connection.execute(MINE, asked)).mappings().all()
        left = [row for row in rows if row["id"] > after]
        items = await _shown(connection, left[: page.limit + 1])
    return listed(paged(items, page, len(rows), key="key"))


@router.get("/recusals/kinds", response_model=Page[RelationKind])
async def list_kinds(request: Request, caller: CallerDep, page: PageDep) -> JSONResponse:  # noqa: ARG001 - whoever is signed in
    """Which kinds of relations there are, for everybody."""
    kinds = sorted(relation_kinds().items())
    after = _after(page, "kind", _known_kind)
    left = [(kind, name) for kind, name in kinds if kind > after]
    items = [{"id": kind, "name": name.say(language(request)), "key": f"kind {kind}"} for kind, name in left]
    return listed(paged(items, page, len(kinds), key="key"))


@router.post("/recusals", status_code=201, response_model=RecusalOut)
async def post_recusal(body: Declaration, rooms: RoomsDep, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Step back from somebody: from now on the next in the chain rates and decides, and what was done before stays whose it is.

    HR records another's, but of nobody who rates herself: nobody chooses who appraises her.
    """

    async def effect(connection: AsyncConnection) -> Answer:
        await hold(connection)
        agency, today = await rooms.people.agency(connection), local_day(rooms.now(), Zone.WIB)
        of_another = body.person not in (None, caller.nip)
        if of_another and agency.hr_for(caller.person_id, today) is None:
            caller.needs(GrantedRole.HR)
        person = await person_named(connection, body.person, "/person") if body.person else caller.person_id
        about = await person_named(connection, body.about, "/about")
        if of_another and not is_hr_beside(agency, caller, {about}, today):
            raise Problem("not_yours")
        here = local_day(rooms.now(), Zone((await connection.execute(ZONE, {"id": about})).scalar_one()))
        known = {UUID(one) for one in (await connection.execute(KNOWN, {"about": about})).scalars()}
        wanted = Recusal(UUID(person), UUID(about), here)
        deciding = await deciding_about(connection, agency, about, here)
        if (why := refusal(wanted, body.kind, known, deciding)) is not None:
            message = SENTENCES[why.code].fill(known=", ".join(sorted(relation_kinds())))
            raise Problem("invalid_input", errors=[FieldProblem(f"/{why.field}", why.code, message)])
        role = Role.HR if of_another else Role.EMPLOYEE
        made = str(uuid4())
        change = Change(made, person, about, body.reason, caller.person_id, role, here, rooms.now())
        await declare(connection, agency, change, body.kind)
        return await _answer(connection, made, 201)

    return await once(rooms, caller, key, "declare_recusal", body.model_dump(mode="json"), effect)


@router.post("/recusals/{recusal_id}/withdraw", response_model=RecusalOut)
async def post_withdrawal(
    recusal_id: str, body: Withdrawal, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """HR ends it from now on, and neither of the two it is about does. Withdrawn again, nothing changes."""

    async def effect(connection: AsyncConnection) -> Answer:
        await hold(connection)
        agency, today = await rooms.people.agency(connection), local_day(rooms.now(), Zone.WIB)
        row = (await connection.execute(ONE, {"id": checked_id(recusal_id)})).mappings().one_or_none()
        if row is None:
            raise Problem("not_found")
        person, about = str(row["person_id"]), str(row["about_id"])
        if not is_hr_beside(agency, caller, {person, about}, today):
            knows = caller.person_id == person or GrantedRole.HR in caller.granted
            raise Problem("not_yours" if knows else "not_found")
        if row["withdrawn_at"] is None:
            here = local_day(rooms.now(), Zone(row["zone"]))
            now, actor = rooms.now(), caller.person_id
            await withdraw(connection, agency, Change(row["id"], person, about, body.reason, actor, Role.HR, here, now))
        return await _answer(connection, row["id"], 200)

    said = {"recusal": recusal_id, **body.model_dump(mode="json")}
    return await once(rooms, caller, key, "withdraw_recusal", said, effect)


def _after(page: Asked, what: str, known: Callable[[str], str]) -> str:
    """The id after which the page begins. Raises `invalid_input` for a cursor of another list."""
    if page.after is None:
        return ""
    named, _, after = page.after.partition(" ")
    if named != what:
        raise bad_cursor()
    return known(after)


def _known_kind(kind: str) -> str:
    if kind not in relation_kinds():
        raise bad_cursor()
    return kind


async def _answer(connection: AsyncConnection, recusal: str, status: int) -> Answer:
    row = (await connection.execute(ONE, {"id": recusal})).mappings().one()
    return Answer(status, (await _shown(connection, [row]))[0])


async def _shown(connection: AsyncConnection, rows: Iterable[RowMapping]) -> list[dict[str, object]]:
    found = list(rows)
    ids = {row[name] for row in found for name in ("person_id", "about_id", "declared_by", "withdrawn_by") if row[name]}
    people = await people_shown(connection, ids)
    return [
        {
            "id": row["id"],
            "person": people.get(row["person_id"]),
            "about": people.get(row["about_id"]),
            "kind": row["kind"],
            "from": row["valid_from"].isoformat(),
            "reason": row["reason"],
            "declared_by": people.get(row["declared_by"]),
            "declared_at": row["declared_at"].isoformat(),
            "withdrawn_by": people.get(row["withdrawn_by"]),
            "withdrawn_at": row["withdrawn_at"].isoformat() if row["withdrawn_at"] else None,
            "key": f"recusal {row['id']}",
        }
        for row in found
    ]
