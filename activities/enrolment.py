"""Who a cycle is for: the people in its scope, who of them cannot begin and why, and the rows that say so.

Everybody in scope gets a row, also whoever is left out, so that the numbers of a cycle add up to its roster. Enrolling again adds
newcomers and takes back in whoever was left out for a reason that is gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import LEAVES_POST, Agency
from activities.running import move_facts
from models.circumstances import Term
from models.personnel import Acted, acting_since
from models.vocabulary import Ending, Form, Zone
from models.workdays import ZONES

NO_SUPERVISOR = "no_supervisor"
IN_ANOTHER_CYCLE = "in_another_cycle"
CYCLE_CANCELLED = "cycle_cancelled"
CYCLE_CLOSED = "cycle_closed"


def live(of: str) -> str:
    """The condition on an appraisal of which there is one for a person, year, segment and post; `of` is its name in the statement."""
    return f"({of}.launch <> 'excluded' AND {of}.ending IS DISTINCT FROM 'cancelled' AND NOT {of}.let_go)"


def lets_go(of: str) -> str:
    """The condition on an appraisal that was closed as a part of a year whose rest ends with its cancelled cycle."""
    return f"""({of}.ending IN ('{Ending.SEGMENT_CLOSED}', '{Ending.NOT_RATABLE}')
        AND EXISTS (SELECT FROM cycle y WHERE y.id = {of}.cycle_id AND y.state = 'cancelled')
        AND EXISTS (SELECT FROM appraisal later WHERE later.cycle_id = {of}.cycle_id AND later.person_id = {of}.person_id
                       AND later.acting_for IS NOT DISTINCT FROM {of}.acting_for AND later.segment > {of}.segment
                       AND (later.state IS DISTINCT FROM 'finalisation.done' OR later.ending = '{Ending.CANCELLED}')))"""


SCOPE = """
    WITH RECURSIVE scope AS (
        SELECT id FROM unit WHERE cardinality(CAST(:units AS text[])) = 0 OR id = ANY(:units)
        UNION SELECT u.id FROM unit u JOIN scope ON u.parent_id = scope.id
    )
"""
"""The units named and all below them; where none is named, all."""
HERE = """
    p.active AND EXISTS (SELECT FROM tenure t WHERE t.person_id = p.id AND t.valid_from <= :day
                            AND coalesce(t.valid_until, :day) >= :day)
    AND EXISTS (SELECT FROM tenure t WHERE t.person_id = p.id AND t.valid_from <= make_date(:year, 12, 31))
"""
"""Of a person `p`: here on that day, and come before the year was over."""


_CLOCKS = " ".join(f"WHEN '{zone}' THEN '{ZONES[zone].key}'" for zone in Zone)
MOVED_SINCE_CANCELLED = f"""
    c.person_id = gone.person_id AND c.kind = 'transfer' AND c.standing IS DISTINCT FROM 'coming'
    AND c.standing IS DISTINCT FROM 'taken_back' AND gone.ending = '{Ending.CANCELLED}'
    AND NOT gone.snapshot -> 'forms' ? '{Form.RATING}'
    AND gone.done_at < CAST(c.effective AS timestamp) AT TIME ZONE CASE gone.zone {_CLOCKS} END
    AND c.effective BETWEEN make_date(gone.year, 1, 2) AND make_date(gone.year, 12, 31)
"""
"""Of a transfer `c` and a cancelled appraisal `gone`: it would have ended that part of the year, and has come since."""


def left_behind(of: str) -> str:
    """The condition on an appraisal of whose year nothing goes on by itself, though something of that year is left.

    Its person left and came back within the year, or HR cancelled that part and a transfer has come since, which ended nothing.
    """
    return f"""({_came_back(of)} OR {_cancelled_before_a_transfer(of)})"""


def _cancelled_before_a_transfer(of: str) -> str:
    return f"""EXISTS (
        SELECT FROM appraisal gone JOIN personnel_change c ON {MOVED_SINCE_CANCELLED}
         WHERE gone.person_id = {of}.person_id AND gone.cycle_id = {of}.cycle_id AND gone.own_year
           AND gone.segment >= {of}.segment)"""


def _came_back(of: str) -> str:
    return f"""EXISTS (
        SELECT FROM personnel_change c JOIN tenure back ON back.person_id = c.person_id AND back.valid_from >= c.effective
          JOIN appraisal gone ON gone.person_id = c.person_id AND gone.year = {of}.year AND gone.own_year
         WHERE c.person_id = {of}.person_id AND c.kind = 'exit' AND back.valid_from <= make_date({of}.year, 12, 31)
           AND gone.segment >= {of}.segment AND gone.snapshot ->> 'exit' IS NOT NULL
           AND CAST(gone.snapshot ->> 'until' AS date) < back.valid_from)"""


def had_by_another(of: str, person: str, year: str, cycle: str) -> str:
    """The condition on an appraisal by which another cycle has that person's year, so that she begins none in this one."""
    return f"""({of}.person_id = {person} AND {of}.year = {year} AND {of}.cycle_id <> {cycle} AND {of}.own_year
           AND {live(of)} AND NOT {left_behind(of)})"""


IN_SCOPE = text(
    f"""
    {SCOPE}
    SELECT p.id, p.nip, o.cycle_id AS other_cycle
      FROM person p
      LEFT JOIN appraisal o ON {had_by_another("o", person="p.id", year=":year", cycle=":cycle")}
     WHERE {HERE} AND p.unit_id IN (SELECT id FROM scope)
     ORDER BY p.nip
    """
)
UNBEGUN = """
    revision, incarnation, version, seq, last_hash, suspended, disputed, late, takeover, on_hr_list, let_go, facts_revision
"""
AS_UNBEGUN = "1, 0, 0, 0, '', false, false, false, false, false, false, 0"
"""What stands in a row of an appraisal before its first event."""
ONE_YEAR_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('enrol', :year))")
ENROL = text(
    f"""
    INSERT INTO appraisal (id, cycle_id, person_id, year, segment, unit_id, zone, work_week, launch, launch_problem,
           {UNBEGUN})
    SELECT gen_random_uuid()::text, CAST(:cycle AS text), p.id, :year,
           (SELECT coalesce(max(a.segment), 0) + 1 FROM appraisal a
             WHERE a.person_id = p.id AND a.own_year AND a.year = :year AND (a.cycle_id = :cycle OR {live("a")})
               AND {left_behind("a")}),
           p.unit_id, p.zone, p.work_week,
           CASE WHEN said.why = '' THEN 'pending' ELSE 'excluded' END, nullif(said.why, ''),
           {AS_UNBEGUN}
      FROM unnest(CAST(:people AS text[]), CAST(:whys AS text[])) AS said(person_id, why)
      JOIN person p ON p.id = said.person_id
     WHERE NOT EXISTS (SELECT FROM appraisal a
                        WHERE a.cycle_id = CAST(:cycle AS text) AND a.person_id = p.id AND a.own_year
                          AND NOT {left_behind("a")})
    """
)
"""Who came back after an exit, or was transferred after HR cancelled what ran, begins another part of the year."""
POST_PLACE = f"""
    LATERAL (SELECT coalesce(gone.place ->> 'post', h.post) AS post, coalesce(gone.place ->> 'level', h.level) AS level,
                    coalesce(gone.place ->> 'unit_id', h.unit_id) AS unit_id, coalesce(gone.place ->> 'zone', h.zone) AS zone,
                    coalesce(CAST(gone.place ->> 'work_week' AS int), h.work_week) AS work_week
               FROM (SELECT 1) one LEFT JOIN LATERAL (
                    SELECT c.before AS place FROM personnel_change c
                     WHERE c.person_id = h.id AND {LEAVES_POST} AND c.before IS NOT NULL AND c.effective >= {{since}}
                     ORDER BY c.effective LIMIT 1) gone ON true) there
"""
"""The post in which somebody acts for a person `h`: his own, or the one that he left since."""
ACTING_IN_SCOPE = text(
    f"""
    {SCOPE}
    SELECT x.person_id AS id, x.acting_for, x.valid_from, x.valid_until, p.nip, p.name, 'Plt. ' || there.post AS post, u.name AS unit
      FROM acting x JOIN person p ON p.id = x.person_id JOIN person h ON h.id = x.acting_for
      JOIN {POST_PLACE.format(since="x.valid_from")} ON true JOIN unit u ON u.id = there.unit_id
     WHERE x.kind = 'plt' AND {HERE} AND there.unit_id IN (SELECT id FROM scope)
     ORDER BY p.nip, h.nip, x.valid_from
    """
)
"""Who was ever Plt, in whose post of the scope: every stretch of days."""
ACTING_YEARS = text(
    f"""
    SELECT a.person_id, a.acting_for, a.acting_from, CAST(a.snapshot ->> 'until' AS date) AS until, a.ending
      FROM appraisal a WHERE a.acting_for IS NOT NULL AND a.year = :year AND (a.cycle_id = :cycle OR {live("a")})
    """
)
"""What there is of years about such posts already."""
NEWCOMERS = text(
    f"""
    {SCOPE}
    SELECT p.id, NULL AS acting_for, p.nip, p.name, p.post, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id
     WHERE {HERE} AND p.unit_id IN (SELECT id FROM scope)
       AND NOT EXISTS (SELECT FROM appraisal a
                        WHERE a.person_id = p.id AND a.year = :year AND a.own_year AND NOT {left_behind("a")}
                          AND (a.cycle_id = :cycle AND a.launch_problem IS DISTINCT FROM '{IN_ANOTHER_CYCLE}'
                               OR {live("a")} AND NOT {lets_go("a")}))
     ORDER BY p.nip
    """
)
"""Who has come into the scope since it was opened, or come back, or was transferred after a part of her year had been cancelled,
and has no appraisal of that year yet, or of the rest of it.

Among them who was left out for another cycle that has her no more.
"""
ENROL_ACTING = text(
    f"""
    INSERT INTO appraisal (id, cycle_id, person_id, acting_for, acting_from, acting_post, acting_level, year, segment,
           unit_id, zone, work_week, launch, {UNBEGUN})
    SELECT gen_random_uuid()::text, CAST(:cycle AS text), said.person_id, h.id, said.since,
           there.post, there.level, :year,
           (SELECT coalesce(max(a.segment), 0) + 1 FROM appraisal a
             WHERE a.person_id = said.person_id AND a.acting_for = h.id AND a.year = :year
               AND (a.cycle_id = :cycle OR {live("a")})),
           there.unit_id, there.zone, there.work_week, 'pending',
           {AS_UNBEGUN}
      FROM unnest(CAST(:people AS text[]), CAST(:posts AS text[]), CAST(:sinces AS date[])) AS said(person_id, acting_for, since)
      JOIN person h ON h.id = said.acting_for
      JOIN {POST_PLACE.format(since="said.since")} ON true
    """
)
"""In the place of the post."""
TAKE_IN = text(
    f"""
    UPDATE appraisal a SET launch = 'pending', launch_problem = NULL, unit_id = p.unit_id, zone = p.zone, work_week = p.work_week
      FROM unnest(CAST(:people AS text[]), CAST(:whys AS text[])) AS said(person_id, why)
      JOIN person p ON p.id = said.person_id
     WHERE a.cycle_id = :cycle AND a.person_id = said.person_id AND a.own_year AND a.launch = 'excluded'
       AND said.why = '' AND NOT {left_behind("a")}
    """
)
"""Not the part that another cycle had of who came back since: what follows on it is hers."""
TO_START = text("SELECT count(*) FROM appraisal WHERE cycle_id = :cycle AND launch IN ('pending', 'failed')")
ASKED_UNSTARTED = text(
    """
    SELECT id FROM appraisal
     WHERE cycle_id = :cycle AND launch IN ('pending', 'failed') AND asked_from IS NOT NULL ORDER BY id
    """
)
LEAVE_OUT_UNSTARTED = text(
    """
    UPDATE appraisal SET launch = 'excluded', launch_problem = :why
     WHERE cycle_id = :cycle AND launch IN ('pending', 'failed')
    """
)


LET_GO = text(f"UPDATE appraisal a SET let_go = true WHERE a.year = :year AND NOT a.let_go AND {lets_go('a')}")
"""What was closed of a year that ends with its cycle keeps nobody out of another."""


@dataclass(frozen=True)
class Scope:
    """The people of a cycle by id, in the order of their NIPs; `left_out` says why somebody cannot begin."""

    nips: Mapping[str, str]
    left_out: Mapping[str, str]
    day: date
    """The day whose line was asked: today, or the first of a year that has not begun."""


async def scope_of(
    connection: AsyncConnection, agency: Agency, cycle: str, year: int, units: Sequence[str], today: date
) -> Scope:
    """Who the cycle is for, and who cannot begin, by the rows of now. `units` are ids; none means everybody."""
    await connection.execute(LET_GO, {"year": year})
    day = day_asked(year, today)
    found = (await connection.execute(IN_SCOPE, {"units": list(units), "year": year, "cycle": cycle, "day": day})).all()
    left_out: dict[str, str] = {}
    for row in found:
        if row.other_cycle is not None:
            left_out[row.id] = IN_ANOTHER_CYCLE
        elif agency.parties(row.id, day).supervisor.person_id is None:
            left_out[row.id] = NO_SUPERVISOR
    return Scope({row.id: row.nip for row in found}, left_out, day)


async def enrol(
    connection: AsyncConnection,
    agency: Agency,
    cycle: str,
    year: int,
    units: Sequence[str],
    today: date,
    *,
    acting_plan: bool = False,
) -> int:
    """Give everybody in scope a row of this cycle; answers how many are still to be started.

    With an `acting_plan` who is Plt has another one about that post, beside the one about her own (DOMAIN 2.6).
    """
    await connection.execute(ONE_YEAR_AT_A_TIME, {"year": year})
    scope = await scope_of(connection, agency, cycle, year, units, today)
    said = {
        "cycle": cycle,
        "year": year,
        "people": list(scope.nips),
        "whys": [scope.left_out.get(person, "") for person in scope.nips],
    }
    await connection.execute(ENROL, said)
    await connection.execute(TAKE_IN, {name: said[name] for name in ("cycle", "people", "whys")})
    if acting_plan and (acting := await acting_to_begin(connection, agency, cycle, year, units, today)):
        said = {
            "people": [row["id"] for row, _ in acting],
            "posts": [row["acting_for"] for row, _ in acting],
            "sinces": [since for _, since in acting],
        }
        await connection.execute(ENROL_ACTING, {"cycle": cycle, "year": year, **said})
        await move_facts(connection, cycle)  # what is held in memory of appointments may be of before they were made
    return int((await connection.execute(TO_START, {"cycle": cycle})).scalar_one())


async def newcomers(
    connection: AsyncConnection, agency: Agency, cycle: str, year: int, units: Sequence[str], today: date
) -> tuple[Sequence[RowMapping], Sequence[RowMapping]]:
    """Who has come since the cycle was opened: those who would begin were it opened again, and those whom nobody could rate."""
    day = day_asked(year, today)
    asked = {"cycle": cycle, "units": list(units), "year": year, "day": day}
    found = (await connection.execute(NEWCOMERS, asked)).mappings().all()
    ratable = _ratable(found, agency, day)
    known = {row["id"] for row in ratable}
    return ratable, [row for row in found if row["id"] not in known]


async def acting_to_begin(
    connection: AsyncConnection, agency: Agency, cycle: str, year: int, units: Sequence[str], today: date
) -> Sequence[tuple[RowMapping, date]]:
    """Who is Plt, or was when the year ended, and would begin an appraisal about that post (`acting_for`), each with its first day."""
    day = day_asked(year, today)
    held = min(day, date(year, 12, 31))
    asked = {"cycle": cycle, "units": list(units), "year": year, "day": day}
    there: dict[tuple[str, str], list[Acted]] = defaultdict(list)
    for a in await connection.execute(ACTING_YEARS, asked):
        there[a.person_id, a.acting_for].append(Acted(a.acting_from, a.until, a.ending == Ending.CANCELLED))
    spans: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(ACTING_IN_SCOPE, asked)).mappings():
        spans[row["id"], row["acting_for"]].append(row)
    found = []
    for key, rows in spans.items():
        since = acting_since([Term(row["valid_from"], row["valid_until"]) for row in rows], there[key], held)
        if since is not None and _ratable(rows[:1], agency, day):
            found.append((rows[0], since))
    return found


def day_asked(year: int, today: date) -> date:
    """The day whose line and posts a cycle is asked of: today, or the first of a year that has not begun."""
    return max(today, date(year, 1, 1))


def _ratable(rows: Sequence[RowMapping], agency: Agency, day: date) -> Sequence[RowMapping]:
    """Those whom somebody could rate."""

    def supervisor(row: RowMapping) -> object:
        return agency.parties(row["id"], day, acting_for=row["acting_for"]).supervisor.person_id

    return [row for row in rows if supervisor(row) is not None]


async def asked_and_unstarted(connection: AsyncConnection, cycle: str) -> Sequence[str]:
    """The evaluations on request that have not begun: HR promised each of them, so a cycle waits for them before it closes."""
    return (await connection.execute(ASKED_UNSTARTED, {"cycle": cycle})).scalars().all()


async def leave_out_unstarted(connection: AsyncConnection, cycle: str, why: str) -> None:
    """Nobody who has not begun will begin in this cycle, because it is closed or cancelled."""
    await connection.execute(LEAVE_OUT_UNSTARTED, {"cycle": cycle, "why": why})
