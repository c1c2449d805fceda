"""An HR officer chooses nobody who stands around a year of hers: reassigned, closed, of last year or by a line to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text

from activities.people import move_line
from api.rosters import import_roster
from tests.api.test_rosters import csv_of, send
from tests.endings import JANUARY, Played, to_result
from tests.workflow.people.changes import JUNE, MAY, planned, row_of, transferred
from tests.world import YEAR, World

PEOPLE = 100

NEXT_YEAR = datetime(YEAR + 1, 1, 5, 3, tzinfo=UTC)
TO_GRANT = text("INSERT INTO role_grant SELECT id, 'hr' FROM person WHERE nip = :nip")
FROM_OUTSIDE = text(
    "UPDATE tenure SET supervisor_id = NULL, outside = true WHERE person_id = (SELECT id FROM person WHERE nip = :nip)"
)
FAR = text(
    """
    SELECT s.nip, up.nip AS superior FROM person s JOIN tenure t ON t.person_id = s.id JOIN person up ON up.id = t.supervisor_id
     WHERE t.valid_until IS NULL AND s.nip <> ALL(:near) AND up.nip <> ALL(:near)
       AND EXISTS (SELECT FROM tenure r WHERE r.supervisor_id = s.id)
       AND NOT EXISTS (SELECT FROM role_grant g WHERE g.person_id IN (s.id, up.id) AND g.role IN ('hr', 'pyb'))
       AND NOT EXISTS (SELECT FROM acting x WHERE x.acting_for IN (s.id, up.id))
     ORDER BY s.nip LIMIT 1
    """
)


@dataclass(frozen=True)
class Far:
    """Somebody who leads people elsewhere, and who is above him; neither is near her line, nor HR or a PyB."""

    nip: str
    superior: str


@pytest.fixture
async def she(year: World) -> Played:
    """An HR officer with two superiors above her, whose year has begun."""
    year.now = JANUARY
    she = await Played.of(year, await year.next_clerk())
    async with year.database.transaction() as connection:
        await connection.execute(TO_GRANT, {"nip": she.employee})
        await move_line(connection)
    return she


@pytest.fixture
async def friend(year: World, she: Played) -> str:
    """Another one's clerk, so that he is below nobody who stands above her."""
    nip = await year.next_clerk()
    while (await Played.of(year, nip)).senior == she.senior:
        nip = await year.next_clerk()
    return nip


async def far_from(year: World, she: Played) -> Far:
    async with year.database.transaction() as connection:
        row = (await connection.execute(FAR, {"near": [she.employee, she.supervisor, she.senior]})).one()
    return Far(row.nip, row.superior)


async def reassigned(year: World, she: Played) -> Far:
    """Another HR officer gives her year to somebody far from her line."""
    rater = await far_from(year, she)
    await year.done(she.appraisal, "reassign", "hr", {"supervisor": rater.nip, "reason": "Benturan kepentingan."})
    seen = await year.seen(she.appraisal)
    assert [seen[one]["nip"] for one in ("supervisor", "senior_supervisor")] == [rater.nip, rater.superior]  # type: ignore[index]
    return rater


async def lends(year: World, she: str, principal: str, friend: str, first: str, last: str) -> httpx.Response:
    offer = {"person": principal, "to": friend, "from": first, "until": last, "reason": "Dinas luar."}
    return await year.post("/delegations", she, offer)


def not_hers(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json().get("code")) == (403, "not_yours"), answer.text


def rejected(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["column"], one["code"]) for one in answer.json().get("rejected", ())]


# ── the line that holds for a year of hers ──────────────────────────────────────────────────────────────────────────


async def test_last_year_stays_with_the_old_line_and_she_lends_nobodys_powers_in_it(
    year: World, she: Played, friend: str
) -> None:
    await to_result(year, she)
    year.now = NEXT_YEAR
    await year.bring(she.appraisal)
    unit = await year.root_unit()
    moved = {"post": "Analis", "unit": unit, "supervisor": year.people["pyb"], "effective": f"{YEAR + 1}-01-01"}
    await year.decided(she.employee, "transfer", moved)
    assert (await year.seen(she.appraisal))["senior_supervisor"]["nip"] == she.senior  # type: ignore[index]
    for officer in (she.supervisor, she.senior):
        not_hers(await lends(year, she.employee, officer, friend, f"{YEAR + 1}-01-05", f"{YEAR + 1}-03-31"))
    other = await lends(year, "hr", she.senior, friend, f"{YEAR + 1}-01-05", f"{YEAR + 1}-03-31")
    assert other.status_code == 201, "another HR officer does"
    ended = await year.http.delete(f"/api/v1/delegations/{other.json()['id']}", headers=year.headers(she.employee))
    not_hers(ended)
    await year.http.delete(f"/api/v1/delegations/{other.json()['id']}", headers=year.headers("hr"))


async def test_she_lends_nobodys_powers_over_a_part_that_was_closed(year: World, she: Played, friend: str) -> None:
    await planned(year, she)
    year.now = MAY
    await transferred(year, she)
    for _ in ("before its last day", "after it"):
        not_hers(await lends(year, she.employee, she.supervisor, friend, f"{YEAR}-06-02", f"{YEAR}-08-01"))
        await year.pass_to(she.appraisal, JUNE)


async def test_she_lends_nobodys_powers_who_is_to_supervise_her_on_a_day_to_come(
    year: World, she: Played, friend: str
) -> None:
    await planned(year, she)
    year.now = MAY
    new = await far_from(year, she)
    comes = {"supervisor": new.nip, "effective": f"{YEAR}-06-01", "reason": "Pejabat baru."}
    await year.decided(she.employee, "supervisor", comes)
    for officer in (new.nip, new.superior):
        not_hers(await lends(year, she.employee, officer, friend, f"{YEAR}-06-01", f"{YEAR}-12-31"))
    assert (await lends(year, "hr", new.nip, friend, f"{YEAR}-06-01", f"{YEAR}-12-31")).status_code == 201


async def test_she_moves_nobody_who_stood_above_her_on_the_last_day_of_a_closed_part(
    year: World, she: Played, friend: str
) -> None:
    await planned(year, she)
    year.now = MAY
    await transferred(year, she, f"{YEAR}-05-20")
    await year.pass_to(she.appraisal, JUNE)
    moved = {
        "post": "Kepala",
        "unit": await year.unit_of(she.supervisor),
        "supervisor": friend,
        "effective": f"{YEAR}-05-10",
    }
    not_hers(await year.post(f"/people/{she.supervisor}/transfer", she.employee, moved))
    said = await row_of(year, friend) | {"plt_untuk": she.supervisor, "plt_mulai": f"{YEAR}-05-01", "plt_selesai": ""}
    assert rejected(await send(year, she.employee, csv_of([said]))) == [("plt_untuk", "own_superior")]
    assert (await year.seen(she.appraisal))["senior_supervisor"]["nip"] == she.senior  # type: ignore[index]


# ── whom her year was given to ──────────────────────────────────────────────────────────────────────────────────────


async def test_to_whom_her_year_was_reassigned_she_lends_nobody_and_puts_nobody_above_or_in_the_place_of(
    year: World, she: Played, friend: str
) -> None:
    rater = await reassigned(year, she)
    today = JANUARY.date().isoformat()
    for officer in (rater.nip, rater.superior):
        not_hers(await lends(year, she.employee, officer, friend, today, f"{YEAR}-12-31"))
        under = {"supervisor": friend, "effective": today, "reason": "Uji benturan kepentingan."}
        not_hers(await year.post(f"/people/{officer}/supervisor", she.employee, under))
        acts = await row_of(year, friend) | {"plt_untuk": officer, "plt_mulai": f"{YEAR}-01-01", "plt_selesai": ""}
        assert rejected(await send(year, she.employee, csv_of([acts]))) == [("plt_untuk", "own_superior")]
    moved = await row_of(year, rater.nip) | {"nip_atasan": friend}
    assert rejected(await send(year, she.employee, csv_of([moved]))) == [("nip_atasan", "own_superior")]
    by_another = await year.post(f"/people/{rater.nip}/supervisor", "hr", {**under, "supervisor": she.senior})
    assert by_another.status_code == 200, by_another.text
    await year.done(she.appraisal, "reassign", "hr", {"supervisor": None, "reason": "Kembali ke garis."})
    again = await year.post(f"/people/{rater.nip}/supervisor", she.employee, {**under, "supervisor": rater.superior})
    assert again.status_code == 200, "now he has nothing to do with her"


# ── who is PyB ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def with_roles(year: World, nip: str, roles: str) -> bytes:
    return csv_of([await row_of(year, nip) | {"peran": roles}])


async def test_who_is_rated_by_a_pyb_says_of_nobody_that_he_is_one_or_is_one_no_more(
    year: World, she: Played, friend: str
) -> None:
    async with year.database.transaction() as connection:
        await connection.execute(FROM_OUTSIDE, {"nip": she.employee})
        await move_line(connection)
    rater = (await year.seen(she.appraisal))["supervisor"]["nip"]  # type: ignore[index]
    granted, revoked = await with_roles(year, friend, "pyb"), await with_roles(year, rater, "")
    for file in (granted, revoked):
        assert rejected(await send(year, she.employee, file)) == [("peran", "own_pyb")]
    both = csv_of(
        [await row_of(year, friend) | {"peran": "pyb"}, await row_of(year, year.people["auditor"]) | {"peran": "board"}]
    )
    part = await send(year, she.employee, both, partial="true")
    assert (rejected(part), part.json()["updated"]) == ([("peran", "own_pyb")], 1), "the rest of a file is taken"
    assert (await year.seen(she.appraisal))["supervisor"]["nip"] == rater  # type: ignore[index]
    nobody = await import_roster(year.database, "p.csv", granted, dry_run=False, partial=False, now=year.now)
    assert nobody["rejected"] == [], "at the command line nobody signed in"
    assert (await send(year, she.employee, granted)).status_code == 200, "what is recorded she sends again"
    assert rejected(await send(year, she.employee, await with_roles(year, friend, ""))) == [("peran", "own_pyb")]


async def test_around_whom_no_pyb_stands_still_says_who_is_one(year: World, she: Played, friend: str) -> None:
    for roles in ("pyb", ""):
        answer = await send(year, she.employee, await with_roles(year, friend, roles))
        assert (answer.status_code, answer.json()["updated"]) == (200, 1), answer.text
