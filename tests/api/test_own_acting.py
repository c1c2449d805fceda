"""An HR officer who is Plt of a vacant post is to whoever stands above that post what she is to whoever stands above her own."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from activities.people import move_line
from tests.api.test_own_roster import row_of
from tests.api.test_rosters import csv_of, send
from tests.endings import JANUARY, Played
from tests.world import YEAR, World

HOLDER = "198012192009122001"
"""Leads a division, retires, and nobody of HR is near."""
APPOINT = text(
    """
    INSERT INTO acting (person_id, acting_for, kind, valid_from, valid_until)
    SELECT p.id, h.id, 'plt', CAST(:first AS date), CAST(:last AS date) FROM person p, person h WHERE p.nip = :nip AND h.nip = :holder
    """
)
AS_PLT = text(
    """
    SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE p.nip = :nip AND a.acting_for IS NOT NULL AND a.launch = 'launched'
    """
)
SECOND = text("SELECT p.nip FROM person p JOIN role_grant g ON g.person_id = p.id WHERE g.role = 'hr' AND p.nip <> :hr")


@pytest.fixture(scope="module")
async def above(year: World) -> str:
    """Who stands above the vacant post in which HR acts."""
    year.now = JANUARY
    above = (await Played.of(year, HOLDER)).supervisor
    await year.decided(HOLDER, "exit", {"reason": "retire", "effective": JANUARY.date().isoformat()})
    first = {"first": JANUARY.date(), "last": None}
    async with year.database.transaction() as connection:
        await connection.execute(APPOINT, {"nip": year.people["hr"], "holder": HOLDER, **first})
        await move_line(connection)
    return above


@pytest.fixture
async def friend(year: World, above: str) -> str:
    nip = await year.next_clerk()
    while (await Played.of(year, nip)).supervisor == above:
        nip = await year.next_clerk()
    return nip


def offer(principal: str, to: str) -> dict[str, object]:
    days = {"from": JANUARY.date().isoformat(), "until": f"{YEAR}-01-20"}
    return {"person": principal, "to": to, "reason": "Dinas luar.", **days}


@pytest.mark.parametrize("begun", [False, True])
async def test_she_lends_nobodys_powers_who_rates_her_as_plt(year: World, above: str, friend: str, begun: bool) -> None:
    if begun:
        cycle = (await year.row(await year.appraisal_of(friend)))["cycle_id"]
        await year.post(f"/cycles/{cycle}/open", "hr")
        year_as_plt = await launched(year)
        assert (await year.seen(year_as_plt))["supervisor"]["nip"] == above  # type: ignore[index]
    refused = await year.post("/delegations", "hr", offer(above, friend))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours"), refused.text
    own = {name: value for name, value in offer(above, friend).items() if name != "person"}
    made = (await year.post("/delegations", above, own)).json()["id"]
    ended = await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers("hr"))
    assert (ended.status_code, ended.json()["code"]) == (403, "not_yours")
    async with year.database.transaction() as connection:
        second = (await connection.execute(SECOND, {"hr": year.people["hr"]})).scalar_one()
    ended = await year.http.delete(f"/api/v1/delegations/{made}", headers=year.headers(second))
    assert ended.status_code == 200, "another HR officer does it"


async def launched(year: World) -> str:
    for _ in range(500):
        async with year.database.transaction() as connection:
            found = list((await connection.execute(AS_PLT, {"nip": year.people["hr"]})).scalars())
        if found:
            return str(found[0])
        await asyncio.sleep(0.02)
    raise AssertionError("what she does as Plt did not begin")


async def test_she_appoints_nobody_above_the_post_in_which_she_acts(year: World, above: str, friend: str) -> None:
    acts = {"plt_untuk": above, "plt_mulai": f"{YEAR}-01-01", "plt_selesai": ""}
    refused = await send(year, "hr", csv_of([row_of(friend, **acts)]))
    assert [(one["column"], one["code"]) for one in refused.json().get("rejected")] == [("plt_untuk", "own_superior")]


async def test_she_puts_nobody_above_that_post_under_another_superior(year: World, above: str) -> None:
    body = {"supervisor": "LUAR", "effective": f"{YEAR}-03-01", "reason": "Uji benturan kepentingan."}
    for nip in (above, HOLDER):
        refused = await year.post(f"/people/{nip}/supervisor", "hr", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours"), refused.text
    refused = await send(year, "hr", csv_of([row_of(above, nip_atasan="LUAR")]))
    assert [(one["column"], one["code"]) for one in refused.json()["rejected"]] == [("nip_atasan", "own_superior")]


async def test_whoever_rates_her_as_plt_sees_whom_he_rates(year: World, above: str) -> None:
    seen = await year.get(f"/people/{year.people['hr']}", above)
    assert (seen.status_code, seen.json().get("nip")) == (200, year.people["hr"]), seen.text
    assert (await year.get(f"/people/{above}", "employee")).status_code == 403
    colleague = (await Played.of(year, year.people["employee"])).supervisor
    assert (await year.get(f"/people/{year.people['hr']}", colleague)).json()["code"] == "not_yours"
