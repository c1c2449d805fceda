"""A ministry with offices in three zones and a regency: the same engine, the same rules, and neither knows of the other's people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from deploy.rehearsal import import_people, opened
from tests.endings import Played, accepted
from tests.world import World, fresh_database, opened_cycle, opened_world

PEOPLE = 12

SECRETARY, BUREAU, HR = "196803101993031001", "197205151998031002", "198002202005012003"
PAPUA, PAPUA_GENERAL, BALI = "197009091996032004", "198111112006041005", "197107071997031006"
CLERKS = {
    "Asia/Jakarta": "199306062019031007",
    "Asia/Makassar": "199408082020121008",
    "Asia/Jayapura": "199204042018012009",
}
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
CENTRE, EAST, MIDDLE = (
    ("SETJEN", "Sekretariat Jenderal"),
    ("KANWIL-PAPUA", "Kantor Wilayah Papua"),
    ("KANWIL-BALI", "Kantor Wilayah Bali"),
)

MINISTRY = (
    (SECRETARY, "Sekretaris Jenderal", "JPT Madya", ("KEMEN", "Kementerian Contoh"), "LUAR", "WIB", "kepala_unit pyb board"),
    (BUREAU, "Kepala Biro SDM", "JPT Pratama", CENTRE, SECRETARY, "WIB", "kepala_unit board"),
    (HR, "Analis SDM Aparatur", "Ahli Madya", CENTRE, BUREAU, "WIB", "hr"),
    (CLERKS["Asia/Jakarta"], "Penelaah Teknis Kebijakan", "Pelaksana", CENTRE, BUREAU, "WIB", ""),
    (BALI, "Kepala Kantor Wilayah", "JPT Pratama", MIDDLE, SECRETARY, "WITA", "kepala_unit"),
    (CLERKS["Asia/Makassar"], "Penelaah Teknis Kebijakan", "Pelaksana", MIDDLE, BALI, "WITA", ""),
    (PAPUA, "Kepala Kantor Wilayah", "JPT Pratama", EAST, SECRETARY, "WIT", "kepala_unit"),
    (PAPUA_GENERAL, "Kepala Bagian Umum", "Administrator", EAST, PAPUA, "WIT", ""),
    (CLERKS["Asia/Jayapura"], "Penelaah Teknis Kebijakan", "Pelaksana", EAST, PAPUA_GENERAL, "WIT", ""),
)  # fmt: skip


def row(nip: str, post: str, level: str, unit: tuple[str, str], superior: str, zone: str, roles: str) -> dict[str, str]:
    """One person of the ministry, as its roster file says."""
    parent = "" if unit[0] == "KEMEN" else "KEMEN"
    where = {"unit": unit[0], "nama_unit": unit[1], "unit_induk": parent, "zona": zone}
    who = {"nip": nip, "nama": f"Pegawai {nip[-1]}", "jabatan": post, "jenjang": level, "jenis_pegawai": "PNS"}
    return who | where | {"nip_atasan": superior, "peran": roles}


@pytest_asyncio.fixture
async def regency(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("regency")
    async with opened_world(postgres_url, engine_address, folder, people=PEOPLE) as world:
        await opened_cycle(world)
        yield world


@pytest_asyncio.fixture
async def ministry(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    url = await fresh_database(postgres_url)
    async with opened(World, url, engine_address, tmp_path_factory.mktemp("ministry")) as world:
        await import_people(world, [row(*one) for one in MINISTRY])
        world.people = {"hr": HR}
        await opened_cycle(world)
        yield world


async def judged(world: World, nip: str) -> tuple[str, dict[str, Any]]:
    """The year of that person from her plan to the result she accepts: her appraisal, and what it came to."""
    who = await Played.of(world, nip)
    await accepted(world, who)
    seen: Any = await world.seen(who.appraisal, nip)
    return who.appraisal, seen["outcome"]


@pytest.mark.capability("K07")
async def test_a_ministry_and_a_regency_each_run_their_year_and_the_same_work_comes_to_the_same_label(
    regency: World, ministry: World
) -> None:
    ours, regional = await judged(regency, "employee")
    for nip in (CLERKS["Asia/Jakarta"], CLERKS["Asia/Jayapura"]):
        theirs, central = await judged(ministry, nip)
        assert central == regional
    assert (await regency.get(f"/appraisals/{theirs}", "hr")).status_code == 404
    assert (await ministry.get(f"/appraisals/{ours}", "hr")).status_code == 404
    signed_elsewhere = await ministry.http.get(f"/api/v1/appraisals/{theirs}", headers=regency.headers(HR))
    assert signed_elsewhere.status_code == 401


@pytest.mark.capability("K07")
async def test_a_deadline_of_a_ministry_ends_the_day_of_each_of_its_offices(ministry: World) -> None:
    due: dict[str, datetime] = {}
    for zone, nip in CLERKS.items():
        at = (await ministry.row(await ministry.appraisal_of(nip)))["due_at"]
        assert isinstance(at, datetime)
        due[zone] = at.astimezone(ZoneInfo(zone))
    assert len({at.replace(tzinfo=None) for at in due.values()}) == 1, (
        "the same end of the same day, by the clocks there"
    )
    assert len(set(due.values())) == 3
