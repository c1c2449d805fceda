"""What HR decides about one person: another supervisor, a transfer, a leave, an exit; it reaches her running appraisals.

Nobody decides about herself, nor about whose superior somebody above her is put; where no HR officer may, the PyB does. A decision
that cannot be is refused with its reason and leaves everything as it was; with `preview` so does one that can.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.appraised import appraised_of
from activities.personnel import (
    Forbidden,
    Order,
    Subject,
    change_supervisor,
    leave,
    leave_agency,
    subject_of,
    transfer,
)
from activities.running import Running
from api.act_bodies import LocalDay, Reason
from api.exact import Exact
from api.named import SUPERIORS, UNKNOWN_UNIT, NipPath
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from api.telling import tell_all
from models.language import Bilingual
from models.vocabulary import Exit, GrantedRole, Zone
from models.workdays import local_day

router = APIRouter(tags=["people"])

SENTENCES = {
    "in_the_past": Bilingual(
        id="Tanggal berlaku sudah lewat. Atasan baru berlaku mulai hari ini atau sesudahnya.",
        en="This day has passed. Another supervisor holds from today or later.",
    ),
    "in_the_future": Bilingual(
        id="Tanggal ini belum tiba.",
        en="This day has not come yet.",
    ),
    **SUPERIORS,
    "unknown_unit": UNKNOWN_UNIT,
    "has_left": Bilingual(
        id="Pegawai ini sudah tercatat berhenti.",
        en="This person is recorded as having left.",
    ),
    "not_here_yet": Bilingual(
        id="Pada tanggal ini pegawai tersebut belum mulai bertugas. Gunakan hari pertamanya atau sesudahnya.",
        en="On this day this person has not come yet. Use her first day or a later one.",
    ),
    "before_earlier_change": Bilingual(
        id="Keputusan kepegawaian dengan tanggal yang sama atau sesudahnya sudah berlaku. Gunakan tanggal yang lebih kemudian.",
        en="A decision of this day or later is in force already. Use a later day.",
    ),
    "before_appraisal_began": Bilingual(
        id="Penilaian yang sedang berjalan baru dimulai pada atau sesudah tanggal ini. Gunakan tanggal yang lebih kemudian.",
        en="The running appraisal began on this day or later. Use a later day.",
    ),
    "beyond_one_year": Bilingual(
        id="Hasil dari instansi lain adalah hasil satu tahun. Catat tiap tahun sendiri-sendiri.",
        en="A result of another agency is of one year. Record each year by itself.",
    ),
    "ends_before_it_begins": Bilingual(
        id="Cuti berakhir sebelum dimulai.",
        en="The leave ends before it begins.",
    ),
    "was_here": Bilingual(
        id="Pada sebagian hari itu pegawai ini sudah tercatat bertugas di sini.",
        en="On some of these days this person is recorded as being here.",
    ),
    "overlapping_elsewhere": Bilingual(
        id="Masa kerja ini beririsan dengan masa kerja di instansi lain yang sudah tercatat.",
        en="This overlaps service in another agency that is recorded.",
    ),
    "no_credit": Bilingual(
        id="Jenjang ini tidak memperoleh angka kredit.",
        en="This level earns no credit points.",
    ),
    "overlapping_leave": Bilingual(
        id="Cuti ini beririsan dengan cuti lain yang sudah tercatat. Jika cuti itu berakhir lebih awal, ubah dahulu hari terakhirnya.",
        en="This leave overlaps another one that is recorded. If that one ends earlier, change its last day first.",
    ),
    "leave_is_over": Bilingual(
        id="Cuti yang dimulai pada tanggal ini sudah berakhir. Catat kelanjutannya sebagai cuti tersendiri.",
        en="The leave of this first day is over. Record what followed as a leave of its own.",
    ),
    "back_in_the_past": Bilingual(
        id="Pegawai ini kembali bertugas paling awal hari ini. Gunakan kemarin atau sesudahnya sebagai hari terakhir cuti.",
        en="This person is back today at the earliest. Use yesterday or later as the last day of the leave.",
    ),
    "no_such_leave": Bilingual(
        id="Tidak ada cuti tercatat yang dimulai pada tanggal ini.",
        en="No leave is recorded that begins on this day.",
    ),
    "leave_has_begun": Bilingual(
        id="Cuti ini sudah dimulai, sehingga tidak dapat ditarik kembali. Isikan hari terakhirnya.",
        en="This leave has begun and cannot be taken back. Give its last day.",
    ),
}

Superior = Annotated[str, Field(pattern=r"^([0-9]{18}|LUAR)$", description="A NIP, or `LUAR` for somebody outside.")]


class SupervisorBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    supervisor: Superior
    effective: LocalDay
    reason: Reason


class TransferBody(BaseModel):
    """`effective` is the first day in the new post (TMT)."""

    model_config = ConfigDict(extra="forbid")

    post: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    unit: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    supervisor: Superior
    effective: LocalDay


class LeaveBody(BaseModel):
    """Both days are days of the leave; `until` is null to take back one that has not begun."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[LocalDay, Field(alias="from")]
    until: LocalDay | None


class ExitBody(BaseModel):
    """`effective` is the first day on which the person is no longer there."""

    model_config = ConfigDict(extra="forbid")

    reason: Exit
    effective: LocalDay


ExactPoints = Annotated[str, Field(pattern=r"^[0-9]{1,4}([.][0-9]{1,4})?$", description="As in 41.667.")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class DecidedOut(Exact):
    """What was decided, and the ids of the running appraisals that it may reach."""

    nip: str
    decided: Literal[
        "supervisor", "transfer", "leave", "exit", "elsewhere", "elsewhere_corrected", "elsewhere_withdrawn"
    ]
    effective: date
    appraisals: list[UUID]


class LeaveOut(DecidedOut):
    """Besides, the ids of those in which silence has settled something on these days: a leave that was heard of late revives nothing."""

    already_lapsed: list[UUID]


PUT = ("supervisor", "transfer")
"""What says who supervises her, and so who stands above whoever is below her."""
FACTS = ("leave", "exit")

Write = Callable[[AsyncConnection, Subject], Awaitable[Sequence[Running]]]
Told = dict[str, object]
"""What a decision is answered with besides."""


@router.post("/people/{nip}/supervisor", response_model=DecidedOut)
async def post_supervisor(
    nip: NipPath, body: SupervisorBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, preview: bool = False
) -> JSONResponse:
    """Another supervisor from a day on: tasks, reminders and rights move with the day, what was decided stays as it is."""

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(body.effective, caller.person_id, rooms.now(), body.reason)
        line = (await rooms.people.agency(connection)).line
        return await change_supervisor(connection, subject, order, line, body.supervisor)

    return await decide(rooms, caller, key, nip, "supervisor", body.effective, body, write, preview=preview)


@router.post("/people/{nip}/transfer", response_model=DecidedOut)
async def post_transfer(
    nip: NipPath, body: TransferBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, preview: bool = False
) -> JSONResponse:
    """Another post: the running segment closes on the day before and is rated by who saw the work; the next one begins.

    One still to come on that day is replaced; said to lead where the person is on the day before, it is taken back. One that came today is
    put right by another of today, as long as nobody has acted in the segment that began with it.
    """

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(body.effective, caller.person_id, rooms.now())
        line = (await rooms.people.agency(connection)).line
        return await transfer(connection, subject, order, line, body.post, body.unit, body.supervisor)

    return await decide(rooms, caller, key, nip, "transfer", body.effective, body, write, preview=preview)


@router.post("/people/{nip}/leave", response_model=LeaveOut)
async def post_leave(
    nip: NipPath, body: LeaveBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, preview: bool = False
) -> JSONResponse:
    """A long leave: what runs pauses, and what is due moves by its length.

    Of one that is recorded with this first day, `until` is its new last day, earlier or later: until it is over, and so that the person is
    back today at the earliest. Null takes it back before it begins. HR's `resume` ends it in one appraisal alone.
    """
    told: Told = {}

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(body.since, caller.person_id, rooms.now())
        reached, lapsed = await leave(connection, subject, order, body.until)
        told["already_lapsed"] = list(lapsed)
        return reached

    return await decide(rooms, caller, key, nip, "leave", body.since, body, write, told, preview=preview)


@router.post("/people/{nip}/exit", response_model=DecidedOut)
async def post_exit(
    nip: NipPath, body: ExitBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep, preview: bool = False
) -> JSONResponse:
    """An exit: a last rating where there is a plan to rate by; after a death nothing more is asked or sent.

    What was still to come from that day on is taken back.
    """

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(body.effective, caller.person_id, rooms.now())
        line = (await rooms.people.agency(connection)).line
        return await leave_agency(connection, subject, order, line, body.reason)

    return await decide(rooms, caller, key, nip, "exit", body.effective, body, write, preview=preview)


async def decide(
    rooms: Rooms,
    caller: Caller,
    key: str,
    nip: str,
    what: str,
    effective: date,
    body: BaseModel,
    write: Write,
    told: Told | None = None,
    about: Mapping[str, str] | None = None,
    *,
    preview: bool = False,
) -> JSONResponse:
    """Write the decision once under this key, then tell who is nudged; who cannot be told now is told later.

    `told` is what `write` fills in for the answer, `about` what the address names besides the person. Raises `invalid_input` where
    `write` raises `Forbidden`. With `preview` only what would be reached is told, and the key stays free.
    """

    async def effect(connection: AsyncConnection) -> Answer:
        subject = await decidable(connection, rooms, caller, nip, what)
        try:
            reached = await write(connection, subject)
        except Forbidden as refused:
            problem = FieldProblem(f"/{refused.field}", refused.code, SENTENCES[refused.code])
            raise Problem("invalid_input", errors=[problem]) from refused
        ids = [one.id for one in reached]
        answer = {"nip": nip, "decided": what, "effective": effective.isoformat(), "appraisals": ids}
        return Answer(200, answer | (told or {}))

    if preview:
        async with rooms.database.engine.connect() as connection, connection.begin() as transaction:
            would = await effect(connection)
            await transaction.rollback()
        return JSONResponse(would.body, headers={"Idempotency-Key": key})
    said = {"nip": nip, **(about or {}), **body.model_dump(mode="json", by_alias=True)}
    answer = await once(rooms, caller, key, f"decide_{what}", said, effect)
    answer.background = BackgroundTask(tell_all, rooms)
    return answer


async def decidable(connection: AsyncConnection, rooms: Rooms, caller: Caller, nip: str, what: str) -> Subject:
    """The person, where the caller is HR to her, or a PyB and no HR officer may decide this. Raises `not_yours`, `not_found`."""
    hr, today = GrantedRole.HR in caller.granted, local_day(rooms.now(), Zone.WIB)
    if nip == caller.nip or not (hr or GrantedRole.PYB in caller.granted):
        raise Problem("not_yours")
    subject = await subject_of(connection, nip, rooms.now())
    if subject is None:
        raise Problem("not_found" if hr else "not_yours")
    agency = await rooms.people.agency(connection)
    officers = agency.holders(GrantedRole.HR, today)
    appraised = await appraised_of(connection, agency.line, {*officers, caller.person_id}, today)

    def may(person: str) -> bool:
        above = appraised[person].posts_above() if what in PUT else ()
        return person != subject.id and UUID(subject.id) not in above

    nobody = bool(officers) and not any(may(officer) for officer in officers)
    if not may(caller.person_id) or not (hr or nobody):
        raise Problem("not_yours")
    return subject


async def to_decide(connection: AsyncConnection, rooms: Rooms, caller: Caller, nip: str) -> frozenset[str]:
    """Which of these decisions about that person are the caller's to take."""
    found: set[str] = set()
    for kind in (PUT, FACTS):
        with contextlib.suppress(Problem):
            await decidable(connection, rooms, caller, nip, kind[0])
            found.update(kind)
    return frozenset(found)
