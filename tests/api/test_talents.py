"""Denpasar over two years: effort that is recognised, careers that follow results, and who can be found for larger tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.api.following import decided, final, follow_ups, next_year, proposed, rated, second_cycle
from tests.api.test_regional_years import region
from tests.endings import Played
from tests.world import YEAR, World

PEOPLE = 40

denpasar = region("denpasar-capaian")


def waited(minutes: int) -> dict[str, Any]:
    """A waiting time against the target of 20: less is better."""
    return {"results": {"*": {"realised": minutes}}}


@dataclass(frozen=True)
class Office:
    """Four people in the second of two years: always better than planned, always good, fallen, and excellent for the first time."""

    world: World
    cycle: str
    first_star: Played
    star: Played
    steady: Played
    fallen: Played
    new: Played


@pytest_asyncio.fixture(scope="module")
async def office(denpasar: World) -> AsyncIterator[Office]:
    first = [await final(denpasar, waited(minutes)) for minutes in (15, 22, 15, 25)]
    cycle = await second_cycle(denpasar, "denpasar-capaian")
    second = []
    for who, minutes in zip(first, (15, 22, 30, 15), strict=True):
        second.append(await next_year(denpasar, who))
        await rated(denpasar, second[-1], waited(minutes))
    yield Office(denpasar, cycle, first[0], *second)


async def talents(office: Office, reader: str = "hr", **asked: str | int) -> list[dict[str, Any]]:
    answer = await office.world.get(f"/cycles/{office.cycle}/talents", reader, **asked)
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


@pytest.mark.capability("D17")
async def test_effort_is_recognised_by_an_award_that_is_decided_and_reaches_her(office: Office) -> None:
    world, who = office.world, office.first_star
    award = (await proposed(world, who))["award"]
    assert award["reasons"][0]["why"] == "Capaian bernilai 120, predikat Sangat Baik: usahanya diakui."
    assert (
        await decided(world, who, "award", "approve", reason="Waktu tunggu turun sejak jadwalnya.")
    ).status_code == 200
    read = (await proposed(world, who))["award"]["decision"]
    assert (read["decision"], read["reason"]) == ("approve", "Waktu tunggu turun sejak jadwalnya.")
    assert "follow_up_decided" in await world.texts_of(who.appraisal)
    assert "award" not in await proposed(world, office.steady)


@pytest.mark.capability("D11")
async def test_two_good_years_lead_to_a_proposal_for_a_higher_post_and_a_poor_one_to_help(office: Office) -> None:
    world = office.world
    assert "promotion" not in await proposed(world, office.first_star), "one year is not two"
    for who in (office.star, office.steady):
        promotion = (await proposed(world, who))["promotion"]
        assert "Baik 2 tahun berturut-turut" in promotion["reasons"][0]["why"]
        assert "kenaikan pangkat" in promotion["reasons"][0]["source"]
    assert set(await proposed(world, office.fallen)) == {"development_programme"}
    assert (await decided(world, office.steady, "promotion", "approve", by="pyb")).status_code == 200
    assert (await proposed(world, office.steady))["promotion"]["decision"]["decision"] == "approve"


@pytest.mark.capability("K15")
async def test_nobody_is_put_forward_for_a_higher_post_but_by_results_and_whoever_has_them_is(office: Office) -> None:
    world = office.world
    for who in (office.fallen, office.new):
        refused = await decided(world, who, "promotion", "approve", by="pyb")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_proposed")
    listed = (await world.get(f"/cycles/{office.cycle}/follow-ups", "pyb", kind="promotion")).json()["items"]
    assert {one["appraisal_id"] for one in listed} == {office.star.appraisal, office.steady.appraisal}
    assert all(one["reasons"] for one in listed)
    declined = await decided(world, office.star, "promotion", "decline", reason="Belum ada jabatan yang lowong.")
    read = next(one for one in declined.json()["items"] if one["kind"] == "promotion")
    assert read["decision"]["reason"] == "Belum ada jabatan yang lowong."
    events = (await world.get(f"/appraisals/{office.star.appraisal}/events", office.star.employee, limit=200)).json()
    assert "follow_up_decided" in [event["action"] for event in events["items"]]


@pytest.mark.capability("D18")
async def test_hr_and_pyb_see_nine_boxes_in_counts_and_find_in_them_who_is_fit_for_a_larger_task(
    office: Office,
) -> None:
    world, path = office.world, f"/cycles/{office.cycle}/nine-box"
    for nip in (office.star.employee, office.star.supervisor, "board", "auditor"):
        assert (await world.get(path, nip)).json()["code"] == "not_yours"
        assert (await world.get(f"/cycles/{office.cycle}/talents", nip)).json()["code"] == "not_yours"
    for reader in ("hr", "pyb"):
        found = (await world.get(path, reader)).raise_for_status().json()
        assert {one["box"]: one["people"] for one in found["boxes"] if one["people"]} == {7: 1, 5: 1, 1: 1, 4: 1}
        assert (found["placed"], found["without"]) == (4, 0)
        assert [one["box"] for one in found["boxes"] if one["talents"]] == [7, 8, 9]
    [talent] = await talents(office)
    assert (talent["employee"]["nip"], talent["box"], talent["value"]) == (office.star.employee, 7, "120")
    assert talent["talent_pool"] is None
    assert (await decided(world, office.star, "talent_pool", "approve", by="pyb")).status_code == 200
    [talent] = await talents(office, "pyb")
    assert talent["talent_pool"]["decision"] == "approve"
    assert [one["employee"]["nip"] for one in await talents(office, box=5)] == [office.steady.employee]
    assert (await world.get(f"/cycles/{office.cycle}/talents", "hr", box=10)).status_code == 422


@pytest.mark.capability("D19")
async def test_who_did_well_over_several_years_is_found_and_put_forward_to_lead_larger_work(office: Office) -> None:
    [talent] = await talents(office)
    assert talent["years"] == [{"year": year, "label": "sangat_baik", "source": "siklus"} for year in (YEAR + 1, YEAR)]
    pool = (await proposed(office.world, office.star))["talent_pool"]
    assert "2 tahun berturut-turut: dapat memimpin pekerjaan yang lebih besar." in pool["reasons"][0]["why"]
    assert "talent_pool" not in await proposed(office.world, office.new), "excellent once is not constant"
    assert "talent_pool" not in await proposed(office.world, office.first_star), "nor was it then"


async def test_an_earlier_year_that_is_opened_again_counts_in_no_row_until_it_is_final_again(office: Office) -> None:
    world, who = office.world, office.first_star
    await decided(world, office.star, "promotion", "decline")
    again = {"to": "rating.drafting", "reason": "Data keliru.", "authority": "SK Walikota 3"}
    await world.done(who.appraisal, "reopen", "hr", again)
    promotion = (await proposed(world, office.star)).get("promotion")
    assert promotion is not None, "it was decided, and stays to be read"
    assert promotion["proposed"] is False
    assert [one["box"] for one in await talents(office)] == []
    await rated(world, who, waited(15))
    assert (await proposed(world, office.star))["promotion"]["proposed"] is True
    aside = (await follow_ups(world, who))["set_aside"]
    assert [(one["kind"], one["revision"]) for one in aside] == [("award", 1)]
