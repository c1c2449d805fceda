"""What a roster file says of people whose year runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.endings import Played
from tests.workflow.people.changes import JUNE, MAY, imported, named, planned, row_of
from tests.world import YEAR, World


@pytest.mark.case("3.25")
async def test_a_change_of_employment_from_the_roster_is_another_segment(year: World, who: Played) -> None:
    """DOMAIN 3.25: another kind of employment mid-year; the file is previewed, applied, and applied again without effect."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    said = await row_of(year, who.employee)
    assert (await imported(year, said))["changes"] == []
    said |= {"jenis_pegawai": "CPNS" if said["jenis_pegawai"] != "CPNS" else "PNS"}
    preview = named(await imported(year, said, dry_run="true"), "kind_changed")
    assert [change["appraisals"] for change in preview] == [1]
    assert "close_segment" not in await year.actions_of(who.appraisal)

    assert named(await imported(year, said), "kind_changed") == preview
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.row(first))["state"] == "self_assessment.drafting"
    assert (await imported(year, said))["changes"] == []
    await year.settled(second)
    assert len(await year.segments_of(who.employee, 2)) == 2


@pytest.mark.case("3.1")
async def test_another_unit_in_the_roster_is_a_transfer_on_its_day(year: World, who: Played) -> None:
    """DOMAIN 3.1: `tmt` is the first day of the new post."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    unit, supervisor = await year.elsewhere(who.employee)
    there = await row_of(year, supervisor)
    said = await row_of(year, who.employee)
    said |= {"unit": unit, "nama_unit": there["nama_unit"], "nip_atasan": supervisor, "tmt": f"{YEAR}-06-01"}
    (told,) = named(await imported(year, said), "transferred")
    assert told["fields"]["tmt"] == f"{YEAR}-06-01"  # type: ignore[index]
    await year.pass_to(who.appraisal, JUNE)
    first, second = await year.segments_of(who.employee, 2)
    assert (await year.seen(first))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]
    assert (await year.seen(second))["supervisor"]["nip"] == supervisor  # type: ignore[index]


@pytest.mark.case("3.19")
async def test_a_unit_that_was_merged_into_another_takes_its_people_and_their_years_along(
    year: World, who: Played
) -> None:
    """DOMAIN 3.19: the post is the same, so nothing is closed; calendar and label are those of the new unit from then on."""
    await planned(year, who)
    await year.pass_to(who.appraisal, MAY)
    unit, _ = await year.elsewhere(who.employee)
    said = await row_of(year, who.employee)
    async with year.database.transaction() as connection:
        name = (await connection.execute(text("SELECT name FROM unit WHERE code = :code"), {"code": unit})).scalar_one()
    before = said | {}
    (told,) = named(await imported(year, said | {"unit": unit, "nama_unit": name}), "unit_reorganised")
    assert (told["appraisals"], told["fields"]["unit"]) == (1, [before["unit"], unit])  # type: ignore[index]
    await year.pass_to(who.appraisal, JUNE)
    assert "close_segment" not in await year.actions_of(who.appraisal)
    row = await year.row(who.appraisal)
    async with year.database.transaction() as connection:
        now_in = await connection.execute(text("SELECT code FROM unit WHERE id = :id"), {"id": row["unit_id"]})
        assert now_in.scalar_one() == unit
    assert (await year.seen(who.appraisal))["supervisor"]["nip"] == who.supervisor  # type: ignore[index]


@pytest.mark.case("3.17")
async def test_a_late_entrant_has_her_own_days_and_no_period_that_is_over(year: World, who: Played) -> None:
    """DOMAIN 3.17: she comes in September; her plan is due after her own days, and the mid-year review is skipped."""
    september = datetime(YEAR, 9, 6, 3, tzinfo=UTC)
    year.now = september
    nip = "200109062027092001"
    said = await row_of(year, who.employee) | {"nip": nip, "nama": "Pendatang", "tmt": f"{YEAR}-09-06"}
    assert (await imported(year, said))["created"] == 1
    cycle = (await year.row(who.appraisal))["cycle_id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    (appraisal,) = await year.segments_of(nip, 1)
    unit, supervisor = await year.elsewhere(nip)
    before = {"post": "Analis", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-09-06"}
    refused = await year.post(f"/people/{nip}/transfer", "hr", before)
    assert [one["code"] for one in refused.json()["errors"]] == ["before_appraisal_began"]
    await year.bring(appraisal)
    await year.send(appraisal, "plan", "submit_plan", nip)
    await year.done(appraisal, "approve_plan", (await Played.of(year, nip)).supervisor)
    await year.pass_to(appraisal, september + timedelta(days=1))
    assert "skip_period" in await year.actions_of(appraisal)
    assert (await year.row(appraisal))["state"] == "execution.running"
