"""An evaluation of some months outside the calendar, which HR opens on request for who lacks a few credit points (decision 32)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask

from activities.on_request import CycleOver, ask
from activities.personnel import Forbidden, Order
from api.act_bodies import Reason
from api.exact import Exact
from api.named import NipPath
from api.personnel import Words, decidable
from api.problems import FieldProblem, Problem
from api.receipts import Answer, KeyDep, once
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from api.telling import start_opening
from models.language import Bilingual
from models.on_request import Months

router = APIRouter(tags=["people"])

SENTENCES = {
    "outside_year": Bilingual(
        id="Bulan pertama dan terakhir harus berada pada tahun yang sama.",
        en="The first and the last month lie in one year.",
    ),
    "no_year": Bilingual(
        id="Pegawai ini tidak mempunyai penilaian yang berjalan untuk tahun itu.",
        en="This person has no appraisal of that year.",
    ),
    "not_in_policy": Bilingual(
        id="Paket kebijakan siklus ini tidak mengenal evaluasi di luar jadwal.",
        en="The policy of this cycle knows no evaluation outside the calendar.",
    ),
    "ends_before_it_begins": Bilingual(
        id="Bulan terakhir mendahului bulan pertama.",
        en="The last month comes before the first.",
    ),
    "too_many_months": Bilingual(
        id="Bulan yang diminta lebih banyak daripada yang diizinkan paket kebijakan.",
        en="These are more months than the policy lets be evaluated outside the calendar.",
    ),
    "too_few_months": Bilingual(
        id="Bulan yang diminta lebih sedikit daripada yang disyaratkan paket kebijakan.",
        en="These are fewer months than the policy asks for.",
    ),
    "in_the_future": Bilingual(
        id="Bulan pertama belum dimulai.",
        en="The first month has not begun.",
    ),
    "across_a_transfer": Bilingual(
        id="Di antara bulan-bulan ini ada mutasi. Mintalah bulan-bulan pada satu jabatan saja.",
        en="A transfer lies within these months. Ask for months in one post.",
    ),
    "before_the_post": Bilingual(
        id="Pada bulan pertama pegawai ini belum menduduki jabatannya.",
        en="In the first month this person did not hold the post yet.",
    ),
    "not_in_the_post": Bilingual(
        id="Pada bulan terakhir pegawai ini tidak lagi menduduki jabatannya.",
        en="In the last month this person held the post no more.",
    ),
    "credited_already": Bilingual(
        id="Angka kredit sebagian bulan ini sudah dihitung pada hasil yang final.",
        en="Some of these months are credited in a final result already.",
    ),
    "overlapping_on_request": Bilingual(
        id="Sebagian bulan ini sudah dievaluasi atas permintaan.",
        en="Some of these months are evaluated on request already.",
    ),
    "no_credit": Bilingual(
        id="Jabatan pada bulan-bulan ini bukan jabatan fungsional yang memperoleh angka kredit.",
        en="The post in these months is not a functional one that earns credit points.",
    ),
    "no_plan": Bilingual(
        id="Belum ada rencana kinerja yang berlaku sebagai dasar penilaian.",
        en="There is no plan in force yet to rate these months by.",
    ),
    "no_supervisor": Bilingual(
        id="Tidak ada yang dapat menilai bulan-bulan ini.",
        en="There is nobody who could rate these months.",
    ),
}

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A month, as in 2027-01.")]


class OnRequestBody(BaseModel):
    """Whole months of one year, both included. `document` is the number and the date of the letter that asks for it."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Month, Field(alias="from")]
    until: Month
    reason: Reason
    document: Words


class OnRequestOut(Exact):
    """The evaluation that was opened; it begins at once and is rated once its months are over."""

    appraisal_id: UUID
    nip: str
    start: Annotated[date, Field(alias="from")]
    until: date


@router.post("/people/{nip}/evaluation", status_code=201, response_model=OnRequestOut)
async def post_evaluation(
    nip: NipPath, body: OnRequestBody, rooms: RoomsDep, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """An evaluation of these months outside the calendar, by who supervised her on the last day of them.

    Her year goes on beside it; each month's credit counts once.
    """

    async def effect(connection: AsyncConnection) -> Answer:
        subject = await decidable(connection, rooms, caller, nip, "evaluation")
        order = Order(date.fromisoformat(f"{body.since}-01"), caller.person_id, rooms.now(), body.reason)
        agency = await rooms.people.agency(connection)
        try:
            months = _months(body)
            asked = await ask(connection, subject, order, months, body.document, rooms.facts, agency)
        except Forbidden as refused:
            problem = FieldProblem(f"/{refused.field}", refused.code, SENTENCES[refused.code])
            raise Problem("invalid_input", errors=[problem]) from refused
        except CycleOver as over:
            raise Problem("cycle_state", state=over.state) from over
        days = {"from": months.begins.isoformat(), "until": months.ends.isoformat()}
        return Answer(201, {"appraisal_id": asked.appraisal, "nip": nip, **days})

    said = {"nip": nip, **body.model_dump(mode="json", by_alias=True)}
    answer = await once(rooms, caller, key, "ask_for_evaluation", said, effect)
    answer.background = BackgroundTask(_begin, rooms)
    return answer


async def _begin(rooms: Rooms) -> None:
    """An engine that is away begins it later (`api.upkeep`)."""
    with suppress(Problem):
        await start_opening(rooms)


def _months(body: OnRequestBody) -> Months:
    (year, first), (its_year, last) = (map(int, month.split("-")) for month in (body.since, body.until))
    if its_year != year:
        raise Forbidden("outside_year", "until")
    return Months(year, first, last)
