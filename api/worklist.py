"""What needs a person: everything in a cycle that no rule moves on by itself, each with what HR may do about it.

Computed from rows when it is asked for; nothing has to be taken off it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.enrolment import NO_SUPERVISOR
from activities.labels import outdated
from activities.people import Agency
from api.cycle_view import CycleId, find_cycle
from api.paging import Page, PageDep, paged
from api.problems import language
from api.rooms import Rooms, RoomsDep
from api.security import CallerDep
from models.appraisal import Snapshot
from models.language import Bilingual
from models.timetable import NO_PLAN_RUNG, UNDELIVERED_RUNG
from models.vocabulary import Action, CycleState, GrantedRole, Language, Role, State, Zone
from models.ways import WAITS_ON
from models.workdays import local_day

router = APIRouter(tags=["cycles"])

ROWS = text(
    """
    SELECT a.id, a.person_id, a.launch, a.launch_problem, a.state, a.parked, a.zone, a.supervisor_override,
           CASE WHEN a.on_hr_list OR a.state = 'appeal.deciding' THEN a.snapshot END AS snapshot,
           p.nip, p.name, p.post, u.name AS unit,
           EXISTS (SELECT FROM notice n WHERE n.appraisal_id = a.id AND n.state = 'failed') AS notice_failed
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id
     WHERE a.cycle_id = :cycle AND a.state IS DISTINCT FROM 'finalisation.done' ORDER BY a.id
    """
)


DONE = text(
    """
    SELECT a.id, a.launch_problem, p.nip, p.name, p.post, u.name AS unit
      FROM appraisal a JOIN person p ON p.id = a.person_id JOIN unit u ON u.id = a.unit_id WHERE a.id = ANY(:ids)
    """
)


@dataclass(frozen=True)
class Kind:
    """One kind of entry. `actions` are an appraisal's actions, or calls of the contract by their last word."""

    message: Bilingual
    actions: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "launch_failed": Kind(
        Bilingual(
            id="Penilaian gagal dimulai: {why}. Buka siklus sekali lagi untuk mengulang.",
            en="The appraisal could not be started: {why}. Open the cycle again to retry.",
        ),
        ("open",),
    ),
    "no_supervisor": Kind(
        Bilingual(
            id="Tidak ada atasan yang dapat menilai. Perbaiki daftar pegawai, lalu buka siklus sekali lagi.",
            en="Nobody is eligible to rate. Correct the roster, then open the cycle again.",
        ),
        ("import", "open"),
    ),
    "nobody_left": Kind(
        Bilingual(
            id="Tahap ini menunggu pejabat yang tidak ada lagi. Tetapkan atasan lain.",
            en="This step waits on somebody who is not there. Assign another supervisor.",
        ),
        (Action.REASSIGN, Action.SUSPEND, Action.CANCEL),
    ),
    "record_blocked": Kind(
        Bilingual(
            id="Pencatatan dihentikan agar tidak keliru. Hubungi pengelola sistem.",
            en="The record was stopped rather than be wrong. Ask the operator of the system.",
        ),
        (),
    ),
    "undelivered": Kind(
        Bilingual(
            id="Hasil belum terbukti diterima pegawai. Sampaikan dan catat penyerahannya.",
            en="The result is not proven delivered. Deliver it and record the delivery.",
        ),
        (Action.RECORD_DELIVERY, Action.SUSPEND, Action.CANCEL),
    ),
    "supervisor_disputed": Kind(
        Bilingual(
            id="Pegawai menyatakan atasannya keliru. Periksa dan tetapkan atasan.",
            en="The employee says her supervisor is the wrong one. Look into it and assign one.",
        ),
        (Action.REASSIGN,),
    ),
    "no_plan": Kind(
        Bilingual(
            id="Masa penilaian sudah dibuka, tetapi SKP belum ditetapkan.",
            en="The rating window has opened and no plan was set.",
        ),
        (Action.EXTEND, Action.REASSIGN, Action.CANCEL),
    ),
    "nobody_acted": Kind(
        Bilingual(
            id="Batas waktu tahap ini lewat tanpa tindakan. Perpanjang, alihkan, atau batalkan.",
            en="Nobody acted on this step in time. Extend it, reassign it, or cancel.",
        ),
        (Action.EXTEND, Action.REASSIGN, Action.CANCEL),
    ),
    "label_missing": Kind(
        Bilingual(
            id="Hasil menunggu predikat organisasi unit {unit}. Tetapkan predikatnya.",
            en="The result waits for the organisation's label of {unit}. See that it is set.",
        ),
        ("label", Action.EXTEND, Action.CANCEL),
    ),
    "label_after_final": Kind(
        Bilingual(
            id="Predikat organisasi diubah setelah penilaian selesai dan akan mengubah hasilnya. Buka kembali bila perlu.",
            en="The organisation's label was changed after this year was final and would change its outcome. Reopen it if need be.",
        ),
        (Action.REOPEN,),
    ),
    "notice_failed": Kind(
        Bilingual(
            id="Pemberitahuan tidak terkirim. Hubungi pegawai dengan cara lain.",
            en="A notice could not be sent. Reach the person another way.",
        ),
        (),
    ),
}

EMPLOYEE = ("nip", "name", "post", "unit")


@router.get("/cycles/{cycle_id}/worklist")
async def read_worklist(cycle_id: CycleId, request: Request, rooms: RoomsDep, caller: CallerDep, page: PageDep) -> Page:
    """For HR: `{code, appraisal_id, employee, message, actions, key}`, by appraisal."""
    caller.needs(GrantedRole.HR)
    spoken, now = language(request), rooms.now()
    async with rooms.database.transaction() as connection:
        cycle = await find_cycle(connection, cycle_id)
        agency = await rooms.people.agency(connection)
        rows = (await connection.execute(ROWS, {"cycle": cycle_id})).mappings().all()
        late = await _labelled_too_late(connection, rooms, cycle, agency)
    items = [
        _item(row, code, spoken) for row in rows for code in reasons(row, agency, local_day(now, Zone(row["zone"])))
    ]
    items += [_item(row, "label_after_final", spoken) for row in late]
    items.sort(key=lambda item: str(item["key"]))
    left = [item for item in items if str(item["key"]) > (page.after or "")]
    return paged(left, page, len(items), key="key")


def _item(row: RowMapping, code: str, spoken: Language) -> dict[str, object]:
    kind = KINDS[code]
    return {
        "code": code,
        "appraisal_id": row["id"],
        "employee": {name: row[name] for name in EMPLOYEE},
        "message": kind.message.fill(why=row["launch_problem"] or "–", unit=row["unit"]).say(spoken),
        "actions": [str(action) for action in kind.actions],
        "key": f"{row['id']}/{code}",
    }


async def _labelled_too_late(
    connection: AsyncConnection, rooms: Rooms, cycle: RowMapping, agency: Agency
) -> Sequence[RowMapping]:
    """The finished years that the labels of today would change, while the cycle is not over."""
    if cycle["state"] in (CycleState.CLOSED, CycleState.CANCELLED):
        return ()
    facts = await rooms.facts.cycle(connection, cycle["id"], cycle["facts_revision"])
    pack = await rooms.facts.pack(connection, cycle["id"])
    if not facts.labels:
        return ()
    ids = await outdated(
        connection, pack, agency, cycle["id"], lambda unit: facts.label(agency.unit_path(unit)), rooms.now()
    )
    return (await connection.execute(DONE, {"ids": ids})).mappings().all()


def reasons(row: RowMapping, agency: Agency, today: date) -> Iterator[str]:
    """Why an appraisal needs a person; nothing for one that goes its way."""
    if row["launch"] == "failed":
        yield "launch_failed"
    if row["launch"] == "excluded" and row["launch_problem"] == NO_SUPERVISOR:
        yield "no_supervisor"
    if row["parked"]:
        yield "record_blocked"
    if row["notice_failed"]:
        yield "notice_failed"
    snapshot = Snapshot.model_validate(row["snapshot"]) if row["snapshot"] else None
    if row["launch"] == "launched" and _nobody_left(row, snapshot, agency, today):
        yield "nobody_left"
    if snapshot is not None:
        yield from _given_up(snapshot)


def _given_up(snapshot: Snapshot) -> Iterator[str]:
    """What the engine put on HR's list."""
    visit, known = snapshot.visit, {UNDELIVERED_RUNG: "undelivered", NO_PLAN_RUNG: "no_plan"}
    if snapshot.disputed:
        yield "supervisor_disputed"
    for rung, code in known.items():
        if rung in visit.rungs and (rung != UNDELIVERED_RUNG or visit.delivered_at is None):
            yield code
    if visit.lapsed or any(rung.startswith("hr_list") and rung not in known for rung in visit.rungs):
        yield "label_missing" if snapshot.state is State.CALIBRATION_WAITING else "nobody_acted"


def _nobody_left(row: RowMapping, snapshot: Snapshot | None, agency: Agency, today: date) -> bool:
    """Whether the step waits on an officer of whom the line knows none today."""
    role, override = WAITS_ON[State(row["state"])], row["supervisor_override"]
    if role is Role.SUPERVISOR:
        return agency.parties(row["person_id"], today, reassigned=override).person_in(role) is None
    if role is not Role.APPEAL_AUTHORITY or snapshot is None:
        return False
    around = agency.parties(row["person_id"], today, reassigned=override, rated_by=snapshot.rated_by)
    return around.person_in(role, snapshot.visit.level) is None
