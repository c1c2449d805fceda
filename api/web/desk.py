"""What the pages show beside the api's own answers: personas, the caller's own years, a cycle's bar, the outbox.

Each number is counted from rows in people, so that the parts of a bar always sum to its roster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.notices import TOLD, Told, look
from activities.wording import compose
from api.progress import Counts, counted, summed
from api.rooms import Rooms
from api.web.language import N_, ngettext, spoken
from api.web.language import gettext as _
from models.vocabulary import GrantedRole, Zone
from models.workdays import local_day

GRANTED = text(
    """
    SELECT DISTINCT ON (g.role) g.role, p.nip, p.name, p.post FROM role_grant g JOIN person p ON p.id = g.person_id
     WHERE p.active AND g.role = ANY(:roles) ORDER BY g.role, p.nip
    """
)
LEADERS = text(
    """
    SELECT s.nip, s.name, s.post, count(*) AS reports FROM tenure t
      JOIN person s ON s.id = t.supervisor_id JOIN person p ON p.id = t.person_id
     WHERE s.active AND p.active AND t.valid_from <= :today AND (t.valid_until IS NULL OR t.valid_until >= :today)
       AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = s.id AND g.role <> 'kepala_unit')
     GROUP BY s.id, s.nip, s.name, s.post ORDER BY count(*) DESC, s.nip LIMIT 1
    """
)
REPORT = text(
    """
    SELECT p.nip, p.name, p.post, s.name AS supervisor FROM tenure t
      JOIN person p ON p.id = t.person_id JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :supervisor AND p.active AND t.valid_from <= :today
       AND (t.valid_until IS NULL OR t.valid_until >= :today)
       AND NOT EXISTS (SELECT 1 FROM tenure below WHERE below.supervisor_id = p.id) ORDER BY p.nip LIMIT 1
    """
)
MINE = text(
    """
    SELECT a.id, a.year, a.segment, a.state, a.period, a.due_at, a.zone, a.suspended, c.name AS cycle_name,
           a.acting_post, a.asked_from, a.asked_until
      FROM appraisal a JOIN cycle c ON c.id = a.cycle_id
     WHERE a.person_id = :me AND a.launch = 'launched' ORDER BY a.year DESC, NOT a.own_year, a.asked_from, a.segment DESC
    """
)
CYCLES = text(
    """
    SELECT id, name, year, state FROM cycle WHERE CAST(:only AS text) IS NULL OR id = :only
     ORDER BY year DESC, created_at DESC
    """
)
OUTBOX = text(f"{TOLD} ORDER BY n.at DESC, n.id LIMIT :limit")
OUTBOX_TOTAL = text("SELECT count(*) FROM notice")

OVERSIGHT = frozenset({GrantedRole.HR, GrantedRole.BOARD, GrantedRole.AUDITOR})
"""Who sees all of an agency's cycle."""
PARTS: Sequence[tuple[str, str, Callable[[Counts], int]]] = (
    ("on_time", N_("Selesai tepat waktu"), lambda counts: counts.done_on_time),
    ("late", N_("Selesai terlambat"), lambda counts: counts.done_late),
    ("without_result", N_("Berakhir tanpa hasil"), lambda counts: counts.done_without_result),
    ("going", N_("Sedang berjalan"), lambda counts: counts.going),
    ("overdue", N_("Lewat tenggat"), lambda counts: counts.overdue),
    ("pending", N_("Belum dimulai"), lambda counts: counts.pending),
    ("failed", N_("Gagal dimulai"), lambda counts: counts.failed),
    ("excluded", N_("Dikecualikan"), lambda counts: counts.excluded),
)
PERSONAS = {
    GrantedRole.HR: N_("membuka siklus, mengatur tenggat, mengurai hambatan"),
    GrantedRole.BOARD: N_("menetapkan predikat organisasi dan melihat sebaran"),
    GrantedRole.AUDITOR: N_("membaca semua jejak dan membuktikan tidak ada yang diubah"),
    GrantedRole.PYB: N_("bertindak bagi pejabat di luar daftar dan memutus keberatan"),
}


@dataclass(frozen=True)
class Persona:
    """Somebody of the demo agency to sign in as, and why."""

    nip: str
    name: str
    post: str
    why: str


@dataclass(frozen=True)
class Part:
    """One part of a cycle's bar; `start` and `share` are percents of the roster."""

    key: str
    name: str
    people: int
    start: float
    share: float


@dataclass(frozen=True)
class Bar:
    """A cycle and where its people are; the parts sum to the roster."""

    cycle: RowMapping
    roster: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Letter:
    """One notice as it was, or will be, said to somebody."""

    to: str
    at: datetime
    zone: str
    state: str
    """The notice's, or `waits` where it is for the next morning's digest."""
    appraisal_id: str | None
    subject: str
    body: str


async def personas(connection: AsyncConnection, now: datetime) -> list[Persona]:
    """An employee, her supervisor, and one holder of each role, as far as the roster has them."""
    today = {"today": local_day(now, Zone.WIB)}
    found: list[Persona] = []
    leader = (await connection.execute(LEADERS, today)).one_or_none()
    if leader is not None:
        report = (await connection.execute(REPORT, {**today, "supervisor": leader.nip})).one_or_none()
        if report is not None:
            why = _("menyusun rencana dan menerima hasil; dinilai oleh %(name)s") % {"name": report.supervisor}
            found.append(Persona(report.nip, report.name, report.post, why))
        why = ngettext(
            "menyetujui rencana dan menilai %(people)s orang",
            "menyetujui rencana dan menilai %(people)s orang",
            leader.reports,
        ) % {"people": leader.reports}
        found.append(Persona(leader.nip, leader.name, leader.post, why))
    wanted = {"roles": [role.value for role in PERSONAS]}
    granted = {row.role: row for row in await connection.execute(GRANTED, wanted)}
    for role, why in PERSONAS.items():
        if (row := granted.get(role.value)) is not None:
            found.append(Persona(row.nip, row.name, row.post, _(why)))
    return found


async def own_years(connection: AsyncConnection, person: str) -> list[RowMapping]:
    return list((await connection.execute(MINE, {"me": person})).mappings())


async def bars(connection: AsyncConnection, now: datetime, only: str | None = None) -> list[Bar]:
    """Every cycle with its bar, the newest first; or that `only` one."""
    cycles = (await connection.execute(CYCLES, {"only": only})).mappings().all()
    its: dict[str, list[RowMapping]] = defaultdict(list)
    for row in await counted(connection, [cycle["id"] for cycle in cycles], now):
        its[row["cycle_id"]].append(row)
    return [_bar(cycle, summed(its[cycle["id"]])) for cycle in cycles]


def _bar(cycle: RowMapping, counts: Counts) -> Bar:
    start, parts = 0.0, []
    for key, name, people_of in PARTS:
        people = people_of(counts)
        share = 100 * people / counts.roster if counts.roster else 0.0
        parts.append(Part(key, _(name), people, start, share))
        start += share
    assert sum(part.people for part in parts) == counts.roster, "everybody of the roster is in exactly one part"
    return Bar(cycle, counts.roster, tuple(parts))


async def letters(connection: AsyncConnection, rooms: Rooms, limit: int) -> tuple[list[Letter], int]:
    """The newest notices in their own words, also those that wait for a morning, and how many there are in all."""
    total = int((await connection.execute(OUTBOX_TOTAL)).scalar_one())
    rows = (await connection.execute(OUTBOX, {"limit": limit})).mappings().all()
    return await letters_of(connection, rooms, rows), total


async def letters_of(connection: AsyncConnection, rooms: Rooms, rows: Sequence[RowMapping]) -> list[Letter]:
    """These notices (rows of `TOLD`) in their own words."""
    agency = await rooms.people.agency(connection)
    return [_letter(it) for it in await look(connection, rooms.facts, agency, rows, rooms.now())]


def _letter(it: Told) -> Letter:
    row = it.row
    try:
        # The page itself leads to the appraisal, so the address is left out of the text.
        message = compose(it, "", spoken())
        subject, body = message.subject, message.body.partition("\n\n-- \n")[0].strip()
    except KeyError:  # a text that an edition before this one had
        subject, body = str(row["text"]), ""
    waits = row["notice_state"] == "pending" and not row["at_once"]
    state = "waits" if waits else row["notice_state"]
    return Letter(row["person"], row["at"], row["zone"], state, row["appraisal_id"], subject, body)
