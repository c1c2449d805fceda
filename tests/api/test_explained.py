"""What an agency does for those whom its appraisal troubles: its leaders say what it is for, and what is too strict is heard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from models.shelf import Shelf
from tests.api.test_consultation import DAYS, NOW, answer, comment, read
from tests.api.test_labels import given
from tests.workflow.test_labels import launched
from tests.world import YEAR, World

PEOPLE = 60
UNIT = "DUKCAPIL"
PURPOSE = "Bupati: penilaian ini untuk pelatihan dan karier yang adil, bukan untuk mencari kesalahan."
STRICT = """
extends = "permenpanrb-6-2022"
id = "kami-ketat"
version = {version}
source = "Peraturan Bupati 4/2027"
title = {{ id = "Sebaran yang dijaga", en = "A pattern that is kept" }}
[participation]
consultation = true
consultation_days_min = 10
[distribution]
mode = "{mode}"
"""
TOO_STRICT = "Terlalu ketat bila penilai langsung ditolak sejak tahun pertama."
ANSWERED = "Tahun pertama hanya diberi peringatan."


@pytest_asyncio.fixture(scope="module")
async def packs(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("policies")
    world.rooms.shelf = Shelf(own)
    return own


def written(packs: Path, version: int, mode: str) -> None:
    (packs / "kami-ketat.toml").write_text(STRICT.format(version=version, mode=mode), encoding="utf-8")


async def put_up(world: World, year: int) -> str:
    """A draft for one office, whose criteria are up for consultation with what the leaders say of it; its path."""
    body = {"policy": "kami-ketat", "year": year, "name": f"SKP {year}", "units": [UNIT]}
    cycle = f"/cycles/{(await world.post('/cycles', 'hr', body)).raise_for_status().json()['id']}"
    (await world.post(f"{cycle}/consultation", "hr", {"days": DAYS, "purpose": PURPOSE})).raise_for_status()
    return cycle


async def opened(world: World, cycle: str) -> str:
    """After its consultation; its id."""
    world.now += timedelta(days=DAYS + 1)
    found = cycle.rpartition("/")[2]
    await launched(world, found)
    return found


async def labelled_without_reason(world: World, cycle: str) -> httpx.Response:
    return await world.put(f"/cycles/{cycle}/units/{UNIT}/label", "hr", {"label": "baik", "reason": ANSWERED})


async def staff_of(world: World, unit: str) -> list[str]:
    return [one["nip"] for one in (await world.get("/people", "hr", unit=unit, limit=200)).json()["items"]]


@pytest.mark.capability("G17")
async def test_what_the_leaders_say_it_is_for_is_read_by_everybody_it_is_for_and_stays(
    world: World, packs: Path
) -> None:
    world.now = NOW
    written(packs, 1, "warn")
    cycle = await put_up(world, YEAR + 2)
    everybody = await staff_of(world, UNIT)
    assert len(everybody) >= 8
    for nip in everybody:
        assert (await world.get(f"{cycle}/consultation", nip)).raise_for_status().json()["purpose"] == PURPOSE
    world.now += timedelta(days=DAYS + 1)
    late = (await world.get(f"{cycle}/consultation", everybody[-1])).json()
    assert (late["state"], late["purpose"]) == ("over", PURPOSE)


@pytest.mark.capability("G16")
async def test_who_finds_a_rule_too_strict_is_answered_and_it_begins_as_a_warning_before_it_binds(
    world: World, packs: Path
) -> None:
    world.now = NOW
    written(packs, 2, "block")
    asked = await put_up(world, YEAR)
    employee = (await staff_of(world, UNIT))[-1]
    said = await comment(world, asked, employee, TOO_STRICT)
    assert (await answer(world, asked, said["number"], answer="taken_up", reason=ANSWERED)).is_success
    (heard,) = await read(world, asked, employee)
    assert (heard["text"], heard["answer"]["answer"], heard["answer"]["reason"]) == (TOO_STRICT, "taken_up", ANSWERED)
    (await world.post(f"{asked}/cancel", "hr", {"reason": ANSWERED})).raise_for_status()

    lopsided = ["baik"] * 7 + ["sangat_baik"]
    written(packs, 3, "warn")
    first = await opened(world, await put_up(world, YEAR))
    await given(world, first, [UNIT], lopsided)
    warned = await labelled_without_reason(world, first)
    assert warned.status_code == 200, warned.text
    assert [one["code"] for one in warned.json()["warnings"]] == ["pattern_broken"]

    written(packs, 4, "block")
    second = await opened(world, await put_up(world, YEAR + 1))
    await given(world, second, [UNIT], lopsided)
    asked_why = await labelled_without_reason(world, second)
    assert (asked_why.status_code, asked_why.json()["code"]) == (422, "reason_required")
    kept = [(await world.get(f"/cycles/{one}", "hr")).json()["policy_version"] for one in (first, second)]
    assert kept == [3, 4], "each year by the rules it began under"
