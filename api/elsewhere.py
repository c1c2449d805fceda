"""The document of what was served in another agency: HR hands it in as evidence is handed in, and whoever may read the year reads it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.elsewhere import Document, NoSuchPartError, attach, brought
from activities.personnel import Order
from api.act_bodies import LocalDay
from api.appraisal_shown import FileShown
from api.during import AppraisalId
from api.exact import Exact
from api.loading import load
from api.named import NipPath
from api.personnel import decidable
from api.problems import Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import RoomsDep
from api.security import CallerDep
from api.strict import only_its_parts
from api.uploads import Attachment, attached, looked_at, shelf

router = APIRouter(tags=["people"])

FirstDay = Annotated[LocalDay, Path(description="The first day of the service there.")]


class DocumentOut(Exact):
    """The document that counts from now on, and of which service it is."""

    nip: str
    since: Annotated[date, Field(alias="from")]
    file: FileShown


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
