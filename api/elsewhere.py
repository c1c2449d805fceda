"""What was served in another agency: HR records it, puts it right or withdraws it, and hands in its document as evidence is handed in.

Whoever may read the year reads what holds, and the document; whoever may read her years reads every version of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.credit import table_of
from activities.elsewhere import (
    Brought,
    Document,
    NoSuchPartError,
    Version,
    attach,
    bring,
    brought,
    correct,
    versions_of,
    withdraw,
)
from activities.personnel import Forbidden, Order, Subject
from activities.running import Running
from api.act_bodies import LocalDay, Reason
from api.appraisal_shown import FileShown, Points
from api.during import AppraisalId
from api.exact import Exact
from api.history import person_read
from api.loading import load
from api.named import NipPath
from api.personnel import DecidedOut, ExactPoints, Words, Write, decidable, decide
from api.problems import Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from api.strict import only_its_parts
from api.uploads import Attachment, attached, looked_at, shelf
from models.vocabulary import JobLevel, Label

router = APIRouter(tags=["people"])

FirstDay = Annotated[LocalDay, Path(description="The first day of the service there.")]


class CreditBody(BaseModel):
    """Credit points, as text so that they stay exact, and the functional level in which they were earned."""

    model_config = ConfigDict(extra="forbid")

    level: JobLevel
    points: ExactPoints


class ElsewhereBody(BaseModel):
    """Both days are days of the service there. `document` is the number and the date of the other agency's evaluation."""

    model_config = ConfigDict(extra="forbid")

    agency: Words
    since: Annotated[LocalDay, Field(alias="from")]
    until: LocalDay
    result: Label
    document: Words
    credit: CreditBody | None = None


class CorrectionBody(ElsewhereBody):
    """All that is so, not only what changes; without `credit` none was earned."""

    reason: Reason


class WithdrawalBody(BaseModel):
    """Why it should not have been recorded."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class CreditBrought(Exact):
    """What the document says that it earned."""

    level: JobLevel
    points: Points


class VersionShown(Exact):
    """A part as it was recorded at that time."""

    start: Annotated[date, Field(alias="from")]
    until: date
    agency: str
    result: Label
    document: str
    credit: CreditBrought | None
    recorded_at: AwareDatetime


class PartShown(VersionShown):
    """What holds of a part, or held until it was `withdrawn`; `before` is what was said of it earlier, the latest first."""

    withdrawn: bool
    before: list[VersionShown]


class PartsOut(Exact):
    """All that was ever brought of her, in the order of its days."""

    nip: str
    parts: list[PartShown]


class DocumentOut(Exact):
    """The document that counts from now on, and of which service it is."""

    nip: str
    since: Annotated[date, Field(alias="from")]
    file: FileShown


@router.get("/people/{nip}/elsewhere", response_model=PartsOut)
async def read_elsewhere(nip: NipPath, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """For herself, whoever supervises her today, HR and auditors; to others `not_yours`, known or not."""
    async with rooms.database.transaction() as connection:
        person, _ = await person_read(connection, rooms, caller, nip)
        parts = await versions_of(connection, person)
    return JSONResponse({"nip": nip, "parts": [_part(one) for one in parts]})


@router.post("/people/{nip}/elsewhere", response_model=DecidedOut)
async def post_elsewhere(
    nip: NipPath, body: ElsewhereBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """A part of the year that was served in another agency, with its result and its document; shown with her years here.

    It counts for the least service where the cycle's policy says so, and with `credit` in her credit points; for nothing else.
    """

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(body.since, caller.person_id, rooms.now())
        return await bring(connection, subject, order, await _said(connection, rooms, subject, body))

    return await decide(rooms, caller, key, nip, "elsewhere", body.since, body, write)


@router.put("/people/{nip}/elsewhere/{first_day}", response_model=DecidedOut)
async def put_elsewhere(
    nip: NipPath, first_day: FirstDay, body: CorrectionBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Put right what was recorded with this first day: her credit points and the least service go by this version from now on.

    What it said before stays to be read, its document stays with it, and a year that has ended stays ended. The same again changes nothing.
    """

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        order = Order(first_day, caller.person_id, rooms.now(), body.reason)
        return await correct(connection, subject, order, await _said(connection, rooms, subject, body))

    about = {"first_day": first_day.isoformat()}
    return await decide(rooms, caller, key, nip, "elsewhere_corrected", body.since, body, _known(write), about=about)


@router.post("/people/{nip}/elsewhere/{first_day}/withdraw", response_model=DecidedOut)
async def withdraw_elsewhere(
    nip: NipPath, first_day: FirstDay, body: WithdrawalBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """What was recorded with this first day counts no more, and is shown with no year, nor its document; every version stays to be read."""

    async def write(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        return await withdraw(connection, subject, Order(first_day, caller.person_id, rooms.now(), body.reason))

    about = {"first_day": first_day.isoformat()}
    return await decide(rooms, caller, key, nip, "elsewhere_withdrawn", first_day, body, _known(write), about=about)


@router.post(
    "/people/{nip}/elsewhere/{first_day}/document",
    status_code=201,
    response_model=DocumentOut,
    responses={200: {"model": DocumentOut, "description": "This very file counts already; nothing was added."}},
)
async def hand_in_document(
    nip: NipPath,
    first_day: FirstDay,
    file: UploadFile,
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """The other agency's evaluation of what was recorded with this first day: a file as evidence takes it, of up to 10 MiB.

    Another one takes its place; both stay in the trail, by their hash.
    """
    await only_its_parts(request, "file")
    found = await looked_at(file)
    about = {"name": found.name, "media_type": found.media_type, "bytes": len(found.data), "sha256": found.sha256}
    said: dict[str, object] = {"nip": nip, "from": first_day.isoformat()}

    async def effect(connection: AsyncConnection) -> Answer:
        subject = await decidable(connection, rooms, caller, nip, "elsewhere")
        await kept.put(found.data)
        document = Document(found.name, found.media_type, len(found.data), found.sha256, kept.place)
        try:
            kept.used = await attach(connection, subject, Order(first_day, caller.person_id, rooms.now()), document)
        except NoSuchPartError as absent:
            raise Problem("not_found") from absent
        return Answer(201 if kept.used else 200, said | {"file": about})

    async with shelf(rooms) as kept:
        return await once(rooms, caller, key, "hand_in_document", said | {"file": about}, effect)


@router.get("/appraisals/{appraisal_id}/elsewhere/{first_day}/document", response_class=Attachment)
async def read_document(appraisal_id: AppraisalId, first_day: FirstDay, rooms: RoomsDep, caller: CallerDep) -> Response:
    """The document that counts, as it was handed in, to be kept; for everybody who may see the appraisal."""
    async with rooms.database.transaction() as connection:
        loaded = await load(connection, rooms, caller, appraisal_id)
        parts = await brought(connection, loaded.around.subject, int(str(loaded.row["year"])))
    part = next((one for one in parts if one["first_day"] == first_day), None)
    if part is None or part["place"] is None:
        raise Problem("not_found")
    return await attached(rooms, part["name"], part["place"], part["sha256"])


def _known(write: Write) -> Write:
    """The same, with `not_found` where no part begins on that day."""

    async def found(connection: AsyncConnection, subject: Subject) -> Sequence[Running]:
        try:
            return await write(connection, subject)
        except NoSuchPartError as absent:
            raise Problem("not_found") from absent

    return found


async def _said(connection: AsyncConnection, rooms: Rooms, subject: Subject, body: ElsewhereBody) -> Brought:
    said = Brought(body.since, body.until, body.agency, body.result, body.document)
    if body.credit is None:
        return said
    table = await table_of(connection, rooms.facts, subject.id)
    if table is not None and body.credit.level not in table.coefficients:
        raise Forbidden("no_credit", "credit/level")
    return replace(said, level=body.credit.level, points=Decimal(body.credit.points))


def _part(versions: Sequence[Version]) -> dict[str, object]:
    holds, *before = versions
    return {**_version(holds), "withdrawn": holds.withdrawn, "before": [_version(one) for one in before]}


def _version(one: Version) -> dict[str, object]:
    said = one.brought
    earned = None if said.points is None else {"level": said.level, "points": str(said.points)}
    return {
        "from": said.first.isoformat(),
        "until": said.last.isoformat(),
        "agency": said.agency,
        "result": said.result,
        "document": said.document,
        "credit": earned,
        "recorded_at": one.recorded_at.isoformat(),
    }
