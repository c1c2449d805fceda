"""Who calibrates sees the raters of a cycle side by side, what one asks of them, and what was sent back; nobody reads of herself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.api.test_board import BOARD
from tests.api.test_labels import COPY, OUTCOME
from tests.api.test_questions import GIVE, ROWS, granted
from tests.endings import Played, to_rating
from tests.workflow.correcting import corrected
from tests.workflow.test_labels import Office, launched
from tests.world import YEAR, World

PEOPLE = 100
WHY = "Bukti dukung hanya untuk setengah tahun."
ABOVE = {
    "result_rating": "above",
    "result_reason": "Melampaui target.",
    "behaviour_rating": "above",
    "behaviour_reason": "Menjadi teladan.",
}
EXPECTED = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}
BESIDE = text(
    """
    SELECT p.nip FROM person p JOIN person above ON above.unit_id = p.unit_id AND above.nip = :above
     WHERE p.nip <> ALL(:others) ORDER BY p.nip LIMIT 1
    """
)


@dataclass(frozen=True)
class Board:
    """A cycle whose ratings a board calibrates: a school whose head rated everybody kindly, and an office whose head did not."""

    cycle: str
    school: Office
    office: Office
    lowered: Played
    returned: Played
    beside: str


@pytest_asyncio.fixture(scope="module")
async def board(world: World) -> Board:
    """Two ratings at the school were sent back; one has come again, lower."""
    made = await world.post("/cycles", "hr", {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP"})
    cycle = str(made.json()["id"])
    async with world.database.transaction() as connection:
        await connection.execute(BOARD, {"id": cycle})
    await launched(world, cycle)
    school, office = await Office.of(world, "SDN-001"), await Office.of(world, "DUKCAPIL")
    lowered, returned = [await Played.of(world, nip) for nip in school.staff[:2]]
    for who in (lowered, returned):
        assert who.supervisor == school.head
        await to_rating(world, who, **ABOVE)
        await world.done(who.appraisal, "return_rating", "board", {"comment": WHY})
    await world.send(lowered.appraisal, "rating", "submit_rating", school.head, EXPECTED)
    async with world.database.transaction() as connection:
        taken = [lowered.employee, returned.employee, *world.people.values()]
        for row in (await connection.execute(ROWS, {"cycle": cycle, "taken": taken})).all():
            hers, made_of = row.nip in school.staff, {"id": row.id, "copy": str(uuid4()), "outcome": str(uuid4())}
            await connection.execute(COPY, made_of)
            await connection.execute(OUTCOME, made_of | {"label": "sangat_baik" if hers else "baik"})
            rater = school.head if hers else school.above if row.nip == school.head else office.head
            await connection.execute(GIVE, made_of | {"rater": rater})
        others = [school.above, *world.people.values()]
        beside = str((await connection.execute(BESIDE, {"above": school.above, "others": others})).scalar_one())
    assert len(school.staff) >= 7
    return Board(cycle, school, office, lowered, returned, beside)


async def raters(world: World, board: Board, who: str, **params: str) -> dict[str, dict[str, Any]]:
    answer = await world.get(f"/cycles/{board.cycle}/raters", who, **params)
    assert answer.status_code == 200, answer.text
    return {one["rater"]["nip"]: one for one in answer.json()["raters"]}


def counted(row: Mapping[str, Any], what: str) -> dict[str, int]:
    return {one["label"]: one[what] for one in row["labels"] if one[what]}


@pytest.mark.capability("S02")
async def test_a_board_sees_what_each_rater_gave_beside_chance_and_what_one_asks_of_it(
    world: World, board: Board
) -> None:
    found = await raters(world, board, "board")
    kind, usual = found[board.school.head], found[board.office.head]
    staff = len(board.school.staff)
    assert next(iter(found)) == board.school.head, "who is asked about comes first"
    assert kind["people"] == staff - 1, "one is not rated again yet"
    assert counted(kind, "people") == {"sangat_baik": staff - 2, "baik": 1}
    assert counted(kind, "before") == {"sangat_baik": staff}
    best = kind["labels"][0]
    assert (best["label"], best["others"], best["by_chance"]["least"]) == ("sangat_baik", 0, 0)
    assert best["people"] > best["by_chance"]["most"]
    (asked,) = kind["questions"]
    assert asked["asks"] == "lenient"
    assert asked["question"].endswith("?")
    assert usual["questions"] == []
    assert {one["by_chance"] for one in usual["labels"]} == {None}, "others rated too few to hold against"
    assert await raters(world, board, "hr") == await raters(world, board, "auditor")


async def test_it_sees_what_it_sent_back_why_and_what_has_become_of_it(world: World, board: Board) -> None:
    calibration = (await raters(world, board, "board"))[board.school.head]["calibration"]
    assert (calibration["returned"], calibration["changed"]) == (2, 1)
    told = {one["employee"]["nip"]: one for one in calibration["returns"]}
    lowered, away = told[board.lowered.employee], told[board.returned.employee]
    assert (lowered["before"], lowered["after"], lowered["reason"]) == ("sangat_baik", "baik", WHY)
    assert (away["before"], away["after"]) == ("sangat_baik", None)
    assert lowered["by"]["nip"] == world.people["board"]
    events = (await world.get(f"/appraisals/{board.lowered.appraisal}/events", "auditor", limit=200)).json()["items"]
    (sent_back,) = [event for event in events if event["action"] == "return_rating"]
    assert (sent_back["at"], sent_back["comment"]) == (lowered["at"], WHY)


async def test_of_a_handful_no_label_is_counted_and_nothing_asked(world: World, board: Board) -> None:
    few = (await raters(world, board, "board"))[board.school.above]
    assert (few["people"], few["labels"], few["questions"]) == (1, None, [])


async def test_the_head_of_a_unit_reads_of_the_raters_in_it_and_never_whose_rating_came_back(
    world: World, board: Board
) -> None:
    found = await raters(world, board, board.school.above)
    refused = await world.get(f"/cycles/{board.cycle}/raters", board.school.above, unit=board.office.code)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert board.office.head not in found
    row = found[board.school.head]
    assert row["calibration"] == {"returned": 2, "changed": 1, "returns": None}
    assert counted(row, "people")["sangat_baik"] == len(board.school.staff) - 2
    assert {one["before"] for one in row["labels"]} == {None}
    assert [one["asks"] for one in row["questions"]] == ["lenient"]


async def test_a_head_who_could_subtract_one_persons_label_reads_no_labels(world: World, board: Board) -> None:
    """The school without whom its head rated is its head alone, whose label somebody beside who gave it does not know."""
    async with granted(world, board.beside, "kepala_unit"):
        row = (await raters(world, board, board.beside))[board.school.head]
    assert (row["labels"], row["questions"], row["calibration"]["returned"]) == (None, [], 2)


async def test_nobody_reads_about_herself_or_her_rater_nor_counts_her_own_label(world: World, board: Board) -> None:
    async with granted(world, board.school.head, "auditor"):
        assert board.school.head not in await raters(world, board, board.school.head)
    async with granted(world, board.lowered.employee, "auditor"):
        found = await raters(world, board, board.lowered.employee)
        assert board.school.head not in found
        hers = counted(found[board.office.head], "others")
    everything = counted((await raters(world, board, "board"))[board.office.head], "others")
    assert hers["sangat_baik"] == everything["sangat_baik"]
    assert hers["baik"] == everything["baik"] - 1


async def test_one_unit_is_asked_for_and_nobody_else_reads_anything(world: World, board: Board) -> None:
    assert set(await raters(world, board, "board", unit="SDN-001")) == {board.school.head}
    refused = await world.get(f"/cycles/{board.cycle}/raters", board.lowered.employee)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert await raters(world, board, board.school.head) == {}, "he heads a unit in which nobody else rates"
    unknown = await world.get(f"/cycles/{board.cycle}/raters", "board", unit="NIRWANA")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_what_is_sent_back_twice_is_told_twice_each_with_what_came_of_it(world: World, board: Board) -> None:
    again, who = "Tetap tanpa bukti.", board.returned
    await world.send(who.appraisal, "rating", "submit_rating", board.school.head, ABOVE)
    await world.done(who.appraisal, "return_rating", "board", {"comment": again})
    row = (await raters(world, board, "board"))[board.school.head]
    hers = [one for one in row["calibration"]["returns"] if one["employee"]["nip"] == who.employee]
    assert [(one["reason"], one["after"]) for one in hers] == [(WHY, "sangat_baik"), (again, None)]
    assert (row["calibration"]["returned"], row["calibration"]["changed"]) == (3, 1)
    assert counted(row, "before") == {"sangat_baik": len(board.school.staff)}


async def test_a_rating_reads_as_it_was_given_whatever_the_corrected_policy_would_make_of_it(
    world: World, board: Board
) -> None:
    before = await raters(world, board, "board")

    def harder(pack: dict[str, Any]) -> None:
        pack["scoring"]["matrix"]["above"]["above"] = "baik"
        pack["scoring"]["matrix"]["as_expected"]["as_expected"] = "butuh_perbaikan"

    await corrected(world, board.cycle, harder)
    assert await raters(world, board, "board") == before
