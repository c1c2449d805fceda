"""Some months that were evaluated on request are no year: whatever counts, compares, proposes or reports is as it was before them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from activities.facts import Facts
from activities.push import Pusher
from models.shelf import Shelf
from tests.api.document import held_against_the_document
from tests.api.test_earlier_years import counts, row, sent, years_of
from tests.api.test_patterns import ABOVE, ready
from tests.endings import DECEMBER, FEBRUARY, Played, until_rating
from tests.outside import Outside, outside
from tests.workflow._post import Clock
from tests.workflow.people.test_on_request import APRIL, WITH_REASONS, accepted, expert, opened, rated
from tests.workflow.test_labels import AS_EXPECTED, Office
from tests.world import YEAR, World, open_cycle, opened_world

PEOPLE = 40
OURS = """
extends = "permenpanrb-6-2022"
id = "kami-menghitung"
version = 1
source = "Peraturan Wali Kota 3/2027"
title = { id = "Yang dihitung adalah orang", en = "Counted are people" }

[distribution]
mode = "block"
unit_size_min = 1

[fairness.raters]
people_min = 2
others_min = 2

[[follow_ups]]
kind = "award"
title = { id = "Penghargaan", en = "Award" }
source = "Peraturan Wali Kota 3/2027"
labels = ["sangat_baik", "baik"]
why = { id = "Predikat {label}.", en = "Label {label}." }

[nine_box]
potential_title = { id = "Tahun berturut-turut", en = "Years on end" }
performance = { by = "label", high = ["sangat_baik"], middle = ["baik"] }
potential = { by = "years", labels = ["sangat_baik", "baik"], high = "3", middle = "2" }
"""
READS = (
    *("", "/progress", "/distribution", "/results", "/raters", "/questions", "/nine-box", "/follow-ups"),
    *("/talents?box=1", "/talents?box=2", "/talents?box=4"),
)
"""Of a cycle, as HR reads them: whatever counts its people or draws conclusions about them."""


@dataclass(frozen=True)
class Agency:
    """A school in which one year is final and another waits for a rating that the pattern has no place for, in December."""

    world: World
    cycle: str
    outside: Outside
    asked: Played
    """Who is evaluated on request; her own year goes on."""
    final: Played
    rated: Played

    async def counted(self) -> dict[str, object]:
        """Every read that counts, by what it is."""
        world = self.world
        world.now = DECEMBER
        found: dict[str, object] = {
            path: (await world.get(f"/cycles/{self.cycle}{path}", "hr")).raise_for_status().json() for path in READS
        }
        found["export"] = (await world.get(f"/cycles/{self.cycle}/export.csv", "hr")).raise_for_status().text
        for who in (self.asked, self.final):
            history = await world.get(f"/people/{who.employee}/history", "hr")
            found[f"history of {who.employee}"] = history.raise_for_status().json()
        refused = await world.act(self.rated.appraisal, "submit_rating", self.rated.supervisor)
        assert refused.json()["code"] == "distribution_blocked"
        found["places in the pattern"] = refused.json()["rules"]
        await Pusher(world.database, Facts(), self.outside.endpoint(), clock=Clock(DECEMBER)).drain()
        found["sent outside"] = sorted(one.record["pnsDinilaiNip"] for one in self.outside.asked)
        return found


@pytest_asyncio.fixture(scope="module")
async def agency(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Agency]:
    own = tmp_path_factory.mktemp("policies")
    (own / "kami-menghitung.toml").write_text(OURS, encoding="utf-8")
    folder = tmp_path_factory.mktemp("archive")
    async with opened_world(postgres_url, engine_address, folder, people=PEOPLE) as world, outside() as other:
        world.rooms.shelf = Shelf(own)
        cycle = await open_cycle(world, "kami-menghitung", YEAR)
        school = await Office.of(world, "SDN-001")
        asked, final = [await Played.of(world, nip) for nip in school.staff[:2]]
        await expert(world, asked)
        (await world.label(cycle, school.code, "sangat_kurang")).raise_for_status()
        await until_rating(world, final)
        await rated(world, final, AS_EXPECTED)
        await accepted(world, final)
        waits = await ready(world, school.staff[2], ABOVE)
        await world.pass_to(asked.appraisal, APRIL)
        with held_against_the_document(world):
            yield Agency(world, cycle, other, asked, final, waits)


async def test_a_final_evaluation_on_request_changes_nothing_that_counts(agency: Agency) -> None:
    world, who = agency.world, agency.asked
    before = await agency.counted()
    assert before["sent outside"] == [agency.final.employee], "what is compared is not empty"
    world.now = APRIL
    there = await opened(world, who)
    await rated(world, there, WITH_REASONS)
    await accepted(world, there)
    seen: Any = await world.seen(there.appraisal)
    assert (seen["state"], seen["outcome"]["label"]) == ("finalisation.done", "sangat_baik")
    after = await agency.counted()
    assert [name for name in before if after[name] != before[name]] == []
    assert who.employee not in str(after["export"])


async def test_where_her_year_ends_without_a_result_that_of_another_system_is_taken_for_it(agency: Agency) -> None:
    world, who = agency.world, agency.asked
    world.now = APRIL
    await world.done(who.appraisal, "cancel", "hr", {"reason": "Dinilai di sistem lama."})
    world.now = datetime(YEAR + 1, FEBRUARY.month, FEBRUARY.day, 3, tzinfo=UTC)
    assert counts((await sent(world, row(who.employee, YEAR, "Baik"))).raise_for_status().json()) == (1, 1, 0, 0)
    assert [(one["year"], one["label"]) for one in await years_of(world, who.employee, "hr")] == [(YEAR, "baik")]
    history = (await world.get(f"/people/{who.employee}/history", "hr")).raise_for_status().json()
    assert [(one["year"], one["source"]) for one in history["years"]] == [(YEAR, "imported")]
