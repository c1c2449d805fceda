"""Who has learnt what: how to rate, or a course of a catalogue. HR records it, the person reads it, a cycle's pack says what it means."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import Agency
from activities.trainings import courses_for, record_trainings, trainings_of
from api.act_bodies import LocalDay
from api.as_hr import is_hr_beside
from api.exact import Exact
from api.loading import Loaded
from api.named import NipPath
from api.people_shown import people_shown
from api.problems import FieldProblem, Problem, language
from api.rooms import Rooms, RoomsDep
from api.security import Caller, CallerDep
from models.appraisal import Snapshot
from models.language import Bilingual
from models.policy import PolicyPack
from models.rater_training import Training, courses, refusals, trained_until
from models.vocabulary import Form, GrantedRole, Language, Role, Stage, Zone
from models.workdays import local_day

router = APIRouter(tags=["people"])

TRAININGS_MAX = 50
PERSON = text("SELECT id FROM person WHERE nip = :nip AND active")
RATED_AT = text("SELECT created_at FROM form_copy WHERE id = :copy")

SENTENCES = {
    "unknown_course": Bilingual(
        id="Pelatihan ini tidak dikenal. Yang dikenal: {known}.",
        en="There is no such training. There are: {known}.",
    ),
    "in_the_future": Bilingual(id="Tanggal ini belum tiba.", en="This day has not come yet."),
    "ends_before_it_begins": Bilingual(
        id="Masa berlakunya berakhir sebelum pelatihannya.",
        en="It is valid until a day before the training itself.",
    ),
    "same_twice": Bilingual(
        id="Pelatihan ini disebut dua kali pada tanggal yang sama.",
        en="This training is named twice with the same day.",
    ),
}


class TrainingBody(BaseModel):
    """A course somebody took part in; without `valid_until` it counts for as long as a pack says."""

    model_config = ConfigDict(extra="forbid")

    course: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    day: Annotated[LocalDay, Field(alias="date")]
    valid_until: LocalDay | None = None

    def said(self) -> Training:
        return Training(self.course, self.day, self.valid_until)


class TrainingsBody(BaseModel):
    """All that is on record of her; what is not named here is no longer."""

    model_config = ConfigDict(extra="forbid")

    trainings: Annotated[list[TrainingBody], Field(max_length=TRAININGS_MAX)]


class TrainingShown(Exact):
    """A course somebody took part in, by its id and in words."""

    course: str
    title: str
    day: Annotated[date, Field(alias="date")]
    valid_until: date | None


class TrainingsOut(Exact):
    """What is on record of somebody, the earliest first."""

    nip: str
    trainings: list[TrainingShown]


@router.get("/people/{nip}/trainings", response_model=TrainingsOut)
async def read_trainings(nip: NipPath, request: Request, rooms: RoomsDep, caller: CallerDep) -> JSONResponse:
    """For HR, for the auditor and for herself."""
    async with rooms.database.transaction() as connection:
        sees = caller.granted & {GrantedRole.HR, GrantedRole.AUDITOR}
        agency = await rooms.people.agency(connection)
        person = await _person(connection, nip)
        if nip != caller.nip and not sees and not _records(agency, caller, person or "", rooms):
            raise Problem("not_yours")
        if person is None:
            raise Problem("not_found")
        return JSONResponse(await _shown(connection, nip, person, language(request)))


@router.put("/people/{nip}/trainings", response_model=TrainingsOut)
async def put_trainings(
    nip: NipPath, body: TrainingsBody, request: Request, rooms: RoomsDep, caller: CallerDep
) -> JSONResponse:
    """HR records what somebody took part in, all of it at once; nobody records her own. The same again changes nothing."""
    async with rooms.database.transaction() as connection:
        agency = await rooms.people.agency(connection)
        person = await _person(connection, nip)
        if not _records(agency, caller, person or "", rooms):
            raise Problem("not_yours")
        if person is None:
            raise Problem("not_found")
        taken = [one.said() for one in body.trainings]
        there_are = await courses_for(connection, person)
        wrong = refusals(taken, there_are, local_day(rooms.now(), Zone.WIT))
        if wrong:
            known = ", ".join(sorted(there_are))
            raise Problem(
                "invalid_input",
                errors=[
                    FieldProblem(f"/trainings/{one.place}/{one.field}", one.code, SENTENCES[one.code].fill(known=known))
                    for one in wrong
                ],
            )
        await record_trainings(connection, person, taken, actor=caller.person_id, at=rooms.now())
        return JSONResponse(await _shown(connection, nip, person, language(request)))


def _records(agency: Agency, caller: Caller, person: str, rooms: Rooms) -> bool:
    return is_hr_beside(agency, caller, {person}, local_day(rooms.now(), Zone.WIB))


async def _person(connection: AsyncConnection, nip: str) -> str | None:
    found: str | None = (await connection.execute(PERSON, {"nip": nip})).scalar_one_or_none()
    return found


async def _shown(connection: AsyncConnection, nip: str, person: str, spoken: Language) -> dict[str, object]:
    taken = (await trainings_of(connection, [person]))[person]
    known = await courses_for(connection, person)
    return {
        "nip": nip,
        "trainings": [
            {
                "course": one.course,
                "title": known[one.course].say(spoken) if one.course in known else one.course,
                "date": one.day.isoformat(),
                "valid_until": one.until.isoformat() if one.until else None,
            }
            for one in taken
        ],
    }


# ── what a pack makes of it ─────────────────────────────────────────────────────────────────────────────────────────


async def must_be_trained(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, pack: PolicyPack, rater: str
) -> None:
    """Where the pack lets nobody rate without: raises `rater_untrained` for who is not trained that day. An earlier draft is kept."""
    asked = pack.rater_training
    if asked.mode != "gate":
        return
    taken = (await trainings_of(connection, [rater]))[rater]
    if trained_until(taken, asked, local_day(rooms.now(), Zone(str(loaded.row["zone"])))) is None:
        known = [courses()[one] for one in asked.courses]
        said = Bilingual(id=" / ".join(one.id for one in known), en=" / ".join(one.en for one in known))
        raise Problem("rater_untrained", courses=said)


async def rater_shown(
    connection: AsyncConnection, rooms: Rooms, loaded: Loaded, snapshot: Snapshot, pack: PolicyPack
) -> dict[str, object]:
    """Who rated her, or is to, and until when he is trained: for who is around her and not herself, where the pack asks."""
    if not pack.rater_training.asked or not loaded.roles - {Role.EMPLOYEE, Role.SUCCESSOR}:
        return {}
    zone, sent = Zone(str(loaded.row["zone"])), snapshot.forms.get(Form.RATING.value)
    rater, at = loaded.around.person_in(Role.SUPERVISOR), rooms.now()
    given = snapshot.state.stage is not Stage.RATING  # one that came back is to be given anew
    if given and sent is not None and snapshot.rated_by is not None:
        rater = snapshot.rated_by
        at = (await connection.execute(RATED_AT, {"copy": sent.copy_id})).scalar_one()
    if rater is None:
        return {}
    taken = (await trainings_of(connection, [rater]))[rater]
    until = trained_until(taken, pack.rater_training, local_day(at, zone))
    person = (await people_shown(connection, [rater]))[rater]
    return {"rater": {"person": person, "trained": until is not None, "until": until.isoformat() if until else None}}
