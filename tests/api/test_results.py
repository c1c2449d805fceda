"""What an agency is told of its results once HR closed the cycle, by a pack that names, one that counts and one that does neither."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.facts import Facts
from tests.api.browsing import opened_browser
from tests.api.statements import counted
from tests.endings import JANUARY, Played, at, to_result
from tests.workflow.test_labels import Office
from tests.world import YEAR, World, open_cycle

PEOPLE = 40

SWITCHED = text(
    "UPDATE cycle SET pack = jsonb_set(pack, '{publication,results}', to_jsonb(CAST(:results AS text))), state = :state WHERE id = :id"
)
REASONS = {"result_reason": "Dua tahap belum selesai.", "behaviour_reason": "Menjadi teladan."}
RATINGS = {
    "sangat_baik": {"result_rating": "above", "behaviour_rating": "above", **REASONS},
    "baik": {"result_rating": "as_expected", "behaviour_rating": "as_expected"},
    "butuh_perbaikan": {"result_rating": "below", "behaviour_rating": "as_expected", **REASONS},
}
SCHOOL = ("sangat_baik", "sangat_baik", "baik", "baik", "baik", "butuh_perbaikan")
OF_THE_SCHOOL = {"sangat_baik": 2, "baik": 3, "butuh_perbaikan": 1, "kurang": 0, "sangat_kurang": 0}


@dataclass
class Region:
    """A cycle of Sawahlunto that HR closed: who came to what, by the appraisal, and who did not.

    A school whose labels differ, a clinic whose labels are all the same, an office in which most years are open.
    """

    world: World
    cycle: str
    labels: dict[str, str] = field(default_factory=dict)
    school: list[Played] = field(default_factory=list)
    clinic: list[Played] = field(default_factory=list)
    office: list[Played] = field(default_factory=list)
    appealing: list[Played] = field(default_factory=list)
    cancelled: list[Played] = field(default_factory=list)

    async def came_to(self, nip: str, label: str) -> Played:
        """Somebody's year, until she accepts this label."""
        who = await Played.of(self.world, nip)
        at(self.world, JANUARY)
        await self._rated(who, label)
        await self.world.done(who.appraisal, "accept_result", who.employee)
        await self.world.until(who.appraisal, "archive", 1)
        self.labels[who.appraisal] = label
        return who

    async def _rated(self, who: Played, label: str) -> None:
        await to_result(self.world, who, **RATINGS[label])

    async def appeals(self, nip: str) -> Played:
        who = await Played.of(self.world, nip)
        at(self.world, JANUARY)
        await self._rated(who, "sangat_baik")
        await self.world.send(who.appraisal, "appeal", "file_appeal", who.employee)
        return who

    async def cancel(self, nip: str) -> Played:
        who = await Played.of(self.world, nip)
        await self.world.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
        await self.world.until(who.appraisal, "archive", 1)
        return who

    async def name_of(self, who: Played) -> str:
        seen: Any = await self.world.seen(who.appraisal)
        return str(seen["employee"]["name"])

    async def read(self, who: str, path: str = "", **params: str | int) -> Any:
        answer = await self.world.get(f"/cycles/{self.cycle}/results{path}", who, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, who: str, path: str = "") -> tuple[int, str]:
        answer = await self.world.get(f"/cycles/{self.cycle}/results{path}", who)
        return answer.status_code, answer.json()["code"]

    async def compared(self, who: Played, reader: str | None = None) -> tuple[int, Any]:
        answer = await self.world.get(f"/appraisals/{who.appraisal}/comparison", reader or who.employee)
        body = answer.json()
        return answer.status_code, body if answer.is_success else body["code"]

    @contextlib.asynccontextmanager
    async def under(self, results: str, state: str = "closing") -> AsyncIterator[None]:
        """For a while the cycle's pack makes this much known, and the cycle is in that state."""
        await self._switch(results, state)
        try:
            yield
        finally:
            await self._switch("named", "closing")

    async def _switch(self, results: str, state: str) -> None:
        async with self.world.database.transaction() as connection:
            await connection.execute(SWITCHED, {"id": self.cycle, "results": results, "state": state})
        self.world.rooms.facts = Facts()


@pytest_asyncio.fixture(scope="module")
async def region(world: World) -> Region:
    found = Region(world, await open_cycle(world, "sawahlunto-terbuka", YEAR))
    school, clinic, health = [await Office.of(world, code) for code in ("SDN-001", "PKM-01", "DINKES")]
    *rated, last = school.staff
    found.school = [await found.came_to(nip, label) for nip, label in zip(rated, SCHOOL, strict=True)]
    found.clinic = [await found.came_to(nip, "baik") for nip in (*clinic.staff, clinic.head, health.head)]
    found.office = [await found.came_to(await nip_of(world, "Ahmad Syahrani"), "baik")]
    found.appealing = [await found.appeals("employee")]
    found.cancelled = [await found.cancel(nip) for nip in (last, school.head)]
    (await world.post(f"/cycles/{found.cycle}/close", "hr", {"reason": "Hasil diumumkan."})).raise_for_status()
    return found


async def nip_of(world: World, name: str) -> str:
    found = (await world.get("/people", "hr", q=name)).raise_for_status().json()["items"]
    return str(found[0]["nip"])


def rows(results: Any) -> dict[str, tuple[int, int, dict[str, int] | None]]:
    return {one["unit"]["code"]: (one["results"], one["counted"], one["counts"]) for one in results["units"]}


# ── by name ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("S10")
async def test_every_employee_reads_who_came_to_which_label_and_nothing_more(region: Region) -> None:
    told = await region.read("employee", "/people")
    done = [*region.school, *region.clinic, *region.office]
    expected = Counter([(await region.name_of(who), region.labels[who.appraisal]) for who in done])
    assert Counter((one["name"], one["label"]) for one in told["items"]) == expected
    assert told["total"] == len(done) == 12
    assert all(set(one) == {"name", "unit", "label"} for one in told["items"]), "no NIP, no value, no sentence"
    left_out = [await region.name_of(who) for who in (*region.appealing, *region.cancelled)]
    assert not set(left_out) & {one["name"] for one in told["items"]}, "an open appeal, a cancelled year"


async def test_the_list_of_names_is_paged_and_asked_for_by_unit(region: Region) -> None:
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = await region.read("auditor", "/people", limit=5, **({"cursor": page["next"]} if page["next"] else {}))
        assert len(page["items"]) <= 5
        seen += [one["name"] for one in page["items"]]
    assert len(seen) == 12
    assert seen == [one["name"] for one in (await region.read("hr", "/people"))["items"]]
    assert (await region.read("supervisor", "/people", unit="DINKES"))["total"] == len(region.clinic)
    for path in ("", "/people"):
        nowhere = await region.world.get(f"/cycles/{region.cycle}/results{path}", "hr", unit="NIRWANA")
        assert nowhere.status_code == 404
    for wrong in ("bm9uZQ", "YQph"):
        asked = await region.world.get(f"/cycles/{region.cycle}/results/people", "hr", cursor=wrong)
        assert (asked.status_code, asked.json()["errors"][0]["code"]) == (422, "bad_cursor")


@pytest.mark.capability("S15")
async def test_colleagues_see_who_earned_the_highest_label(region: Region) -> None:
    best = await region.read("senior", "/people", label="sangat_baik")
    earned = [await region.name_of(who) for who in region.school if region.labels[who.appraisal] == "sangat_baik"]
    assert sorted(one["name"] for one in best["items"]) == sorted(earned)
    assert {one["unit"]["code"] for one in best["items"]} == {"SDN-001"}


@pytest.mark.parametrize("path", ["", "/people"])
async def test_nothing_is_announced_before_hr_closes_the_cycle_nor_of_one_that_is_cancelled(
    region: Region, path: str
) -> None:
    for state in ("open", "cancelled"):
        async with region.under("named", state):
            assert await region.refused("employee", path) == (409, "not_published_yet")


async def test_who_is_not_in_the_cycle_reads_no_names(region: Region) -> None:
    outsider = await nip_of(region.world, "Cut Safrina")
    for path in ("", "/people"):
        assert await region.refused(outsider, path) == (403, "not_yours")


# ── where the pack keeps them the person's own ──────────────────────────────────────────────────────────────────────


async def test_where_a_result_is_the_person_s_own_nobody_else_learns_of_it(region: Region) -> None:
    async with region.under("own"):
        for who, path in (("employee", ""), ("employee", "/people"), ("hr", "/people"), ("senior", "")):
            assert await region.refused(who, path) == (403, "not_published")
        assert await region.compared(region.school[0]) == (403, "not_published")
        assert (await region.read("hr"))["whole"], "who is answerable for the whole reads counts"


async def test_where_only_counts_are_told_nobody_reads_names(region: Region) -> None:
    async with region.under("aggregate"):
        for who in ("employee", "hr"):
            assert await region.refused(who, "/people") == (403, "not_published")


# ── unit and agency ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("D21", "P14", "G21")
@pytest.mark.parametrize("reader", ["hr", "board", "auditor"])
async def test_results_of_persons_add_up_to_their_unit_and_to_the_agency(region: Region, reader: str) -> None:
    async with region.under("own"):
        told = await region.read(reader)
        school = await region.read(reader, unit="SDN-001")
    found = rows(told)
    assert found["SDN-001"] == (6, 6, OF_THE_SCHOOL)
    assert rows(school) == {"SDN-001": found["SDN-001"]}
    assert found["DISDIK"] == found["SDN-001"], "with all below it"
    agency = told["units"][0]
    assert agency["unit"]["code"] == await region.world.root_unit()
    assert {label: n for label, n in agency["counts"].items() if n} == dict(Counter(region.labels.values()))
    assert agency["results"] == agency["counted"] == len(region.labels)
    assert told["whole"]


@pytest.mark.capability("P14", "D21")
async def test_the_people_of_an_agency_read_its_counts_where_the_pack_says_so_and_nobody_is_shown_by_them(
    region: Region,
) -> None:
    async with region.under("aggregate"):
        told = await region.read("employee")
    found = rows(told)
    assert (told["openness"], told["group_min"], told["whole"]) == ("aggregate", 5, False)
    assert found["SDN-001"] == found["DISDIK"] == (6, 6, OF_THE_SCHOOL)
    assert found["PKM-01"] == (4, 0, None), "too few"
    assert found["DINKES"] == (5, 0, None), "all alike"
    assert found["DUKCAPIL"] == (1, 0, None), "not finished"
    assert found[await region.world.root_unit()] == (12, 6, OF_THE_SCHOOL)


async def test_what_a_cycle_came_to_is_asked_of_the_database_in_a_few_statements(region: Region) -> None:
    with counted(region.world) as whole:
        await region.read("employee")
    with counted(region.world) as one:
        await region.read("employee", unit="SDN-001")
    with counted(region.world) as compared:
        await region.compared(region.school[0])
    assert len(whole) <= 8
    assert len(one) <= len(whole) + 1, "one more to find the unit"
    assert len(compared) <= 10
    assert sum("FROM outcome" in given or "JOIN outcome" in given for given in whole) == 1, "however many people"


# ── where she stands ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("S11")
@pytest.mark.parametrize("openness", ["named", "aggregate"])
async def test_an_employee_sees_where_she_stands_among_her_colleagues(region: Region, openness: str) -> None:
    async with region.under(openness):
        first, *_, last = [(await region.compared(who))[1] for who in region.school]
        rater = region.school[0].supervisor
        assert (await region.compared(region.school[0], rater))[1] == first, "who may read her year reads it too"
        assert (await region.compared(region.school[0], region.school[1].employee))[1] == "not_yours"
    assert (first["label"], first["higher"], first["same"], first["lower"]) == ("sangat_baik", 0, 1, 4)
    assert (last["label"], last["higher"], last["same"], last["lower"]) == ("butuh_perbaikan", 5, 0, 0)
    assert first["counts"] == last["counts"] == OF_THE_SCHOOL
    assert (first["unit"]["code"], first["people"]) == ("SDN-001", 6)


async def test_a_comparison_that_would_show_a_colleague_is_refused_unless_colleagues_are_named(region: Region) -> None:
    who = region.clinic[0]
    async with region.under("aggregate"):
        assert await region.compared(who) == (409, "comparison_withheld")
    status, told = await region.compared(who)
    assert (status, told["unit"]["code"], told["same"]) == (200, "DINKES", 4), "too few by themselves"


async def test_nobody_is_compared_before_results_are_made_known_nor_without_a_result(region: Region) -> None:
    assert await region.compared(region.appealing[0]) == (409, "not_published_yet")
    assert await region.compared(region.cancelled[0]) == (404, "not_found")
    async with region.under("named", "open"):
        assert await region.compared(region.school[0]) == (409, "not_published_yet")
    async with region.under("aggregate"):
        assert await region.compared(region.office[0]) == (409, "not_published_yet"), "others of her group are open"


# ── the region's plan ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("S05", "S07", "S08")
async def test_sawahlunto_plans_nothing_without_a_figure_and_the_way_to_it_and_everybody_reads_the_criteria(
    region: Region,
) -> None:
    world = region.world
    who = await Played.of(world, await nip_of(world, "Melinda Halim"))
    at(world, JANUARY)
    await world.bring(who.appraisal)
    pack = (await world.get("/policies/sawahlunto-terbuka", who.employee)).raise_for_status().json()
    criteria = {one["id"]: one["guide"] for one in pack["criteria"]["measure"]}
    assert all(said["id"] and said["en"] for guide in criteria.values() for said in guide), "how each is measured"
    await world.takes_note(who.appraisal, who.employee)
    asked = (await world.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()["schema"]
    plan = asked["examples"][0]
    [result] = plan["results"]
    [measure] = result["indicators"]
    unmeasured = {name: value for name, value in measure.items() if name != "target"}
    without = {**result, "way": " ", "indicators": [unmeasured]}
    await world.fill(who.appraisal, "plan", who.employee, {"results": [without]})
    refused = await world.act(who.appraisal, "submit_plan", who.employee)
    assert {one["pointer"] for one in refused.json()["errors"]} == {
        "/results/0/way",
        "/results/0/indicators/0/target",
    }
    project = {**measure, "measure": "proyek", "indicator": "Tahap yang diterima", "target": 100, "unit": "%"}
    assert "proyek" in criteria
    await world.send(
        who.appraisal, "plan", "submit_plan", who.employee, {"results": [{**result, "indicators": [project]}]}
    )


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_year_that_is_opened_again_is_announced_no_more_until_it_is_final(region: Region) -> None:
    who, name = region.school[0], await region.name_of(region.school[0])
    wish = {"to": "rating.drafting", "reason": "Bukti baru.", "authority": "SK 12/2028"}
    await region.world.done(who.appraisal, "reopen", "hr", wish)
    assert name not in {one["name"] for one in (await region.read("employee", "/people"))["items"]}
    assert await region.compared(who) == (409, "not_published_yet")
    async with region.under("aggregate"):
        assert rows(await region.read("employee"))["SDN-001"] == (5, 0, None), "the difference would be hers"


# ── on its page ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_page_tells_as_much_as_the_pack_makes_known_and_where_that_is_nothing_there_is_none(
    region: Region,
) -> None:
    where, best = f"/siklus/{region.cycle}/hasil", await region.name_of(region.school[1])
    async with opened_browser(region.world) as browser:
        await browser.sign_in(region.school[2].employee)
        await browser.go(f"/penilaian/{region.school[2].appraisal}")
        page = await browser.follow("Hasil yang diumumkan di siklus ini")
        assert best in page.text
        assert best not in (await browser.go(f"{where}?predikat=baik")).text
        async with region.under("aggregate"):
            page = await browser.go(where)
            assert "terlalu sedikit, atau terlalu sama, untuk ditampilkan" in page.text
            assert best not in page.text
        async with region.under("named", "open"):
            assert (await browser.go(where)).status == 409
        async with region.under("own"):
            assert (await browser.go(where)).status == 404
            await browser.sign_in(region.world.people["hr"])
            page = await browser.go(where)
            assert "Anda melihat jumlahnya karena tugas" in page.text
            assert best not in page.text
