"""Attendance is measured elsewhere: HR imports it, a rating that needs it waits for it, and nobody enters her own."""

from __future__ import annotations

import httpx
import pytest_asyncio

from tests.endings import Played, to_rating, until_rating
from tests.world import YEAR, World, open_cycle

PEOPLE = 60


@pytest_asyncio.fixture(scope="module")
async def cycle(world: World) -> str:
    return await open_cycle(world, "gayungan", YEAR)


async def sent(world: World, cycle: str, written: str, who: str = "hr", **params: str) -> httpx.Response:
    key = {"Idempotency-Key": params.pop("key")} if "key" in params else {}
    files = {"file": ("kehadiran.csv", written.encode())}
    headers = world.headers(who) | key
    return await world.http.post(f"/api/v1/cycles/{cycle}/indicators", headers=headers, files=files, params=params)


async def figures(world: World, appraisal: str, who: str) -> list[dict[str, object]]:
    items = (await world.get(f"/appraisals/{appraisal}/indicators", who)).raise_for_status().json()["items"]
    return list(items)


async def test_a_file_with_wrong_rows_is_refused_by_row_and_column_and_keeps_nothing(world: World, cycle: str) -> None:
    nip = await world.next_clerk()
    written = f"nip;kehadiran\n199001012015011999;90\n{nip};seratus\n{nip};90\n{world.people['hr']};100\n"
    answer = await sent(world, cycle, written)
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "indicators_rejected"
    assert [(row["row"], row["column"], row["code"]) for row in told["rejected"]] == [
        (2, "nip", "not_in_cycle"),
        (3, "kehadiran", "bad_figure"),
        (4, "nip", "duplicate_nip"),
        (5, "nip", "own_figure"),
    ]
    who = await Played.of(world, nip)
    assert [item["value"] for item in await figures(world, who.appraisal, nip)] == [None]


async def test_a_column_that_the_policy_does_not_count_is_refused(world: World, cycle: str) -> None:
    answer = await sent(world, cycle, f"nip;kehadiran;masa_kerja\n{await world.next_clerk()};90;12\n")
    assert [row["code"] for row in answer.json()["rejected"]] == ["unknown_column"]


async def test_the_sound_part_is_taken_where_that_is_asked_for(world: World, cycle: str) -> None:
    nip = await world.next_clerk()
    answer = await sent(world, cycle, f"nip,kehadiran\n{nip},97.5\n199001012015011999,90\n", partial="true")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["rows"], told["created"], len(told["rejected"])) == (2, 1, 1)
    (shown,) = await figures(world, await world.appraisal_of(nip), nip)
    assert (shown["name"], shown["title"], shown["value"]) == ("kehadiran", "Kehadiran", "97.5")


async def test_the_same_file_again_changes_nothing_and_the_same_key_is_answered_the_same(
    world: World, cycle: str
) -> None:
    written = f"nip;kehadiran\n{await world.next_clerk()};88,25\n"
    first = await sent(world, cycle, written, key="once")
    again = await sent(world, cycle, written, key="once")
    assert first.json() == again.json()
    assert first.json()["created"] == 1
    later = (await sent(world, cycle, written)).json()
    assert (later["created"], later["updated"], later["unchanged"]) == (0, 0, 1)


async def test_who_is_not_hr_imports_nothing_and_whom_it_does_not_concern_reads_nothing(
    world: World, cycle: str
) -> None:
    nip, other = await world.next_clerk(), await world.next_clerk()
    assert (await sent(world, cycle, f"nip;kehadiran\n{other};100\n", nip)).status_code == 403
    appraisal = await world.appraisal_of(other)
    assert (await world.get(f"/appraisals/{appraisal}/indicators", nip)).status_code == 403


async def test_hr_s_own_figure_is_entered_by_another(world: World, cycle: str) -> None:
    written = f"nip;kehadiran\n{world.people['hr']};91\n"
    assert (await sent(world, cycle, written)).status_code == 422
    assert (await sent(world, cycle, written, "pyb")).status_code == 200


async def test_a_policy_that_counts_nothing_from_elsewhere_takes_no_file(world: World) -> None:
    made = await world.post("/cycles", "hr", {"policy": "pp-30-2019", "year": YEAR + 1, "name": "Lain"})
    answer = await sent(world, made.json()["id"], "nip;kehadiran\n")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_indicators")


async def test_a_rating_waits_for_the_attendance_and_is_then_explained_by_it(world: World, cycle: str) -> None:
    who = await Played.of(world, await world.next_clerk())
    await until_rating(world, who)
    await world.fill(who.appraisal, "rating", who.supervisor)
    refused = await world.act(who.appraisal, "submit_rating", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_incomplete")
    assert "Kehadiran" in refused.json()["detail"]
    assert refused.json()["parts"] == "Kehadiran"
    assert (await sent(world, cycle, f"nip;kehadiran\n{who.employee};95\n")).status_code == 200
    await world.done(who.appraisal, "submit_rating", who.supervisor)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await world.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(outcome, dict)
    lines = {line["what"]: line for line in outcome["lines"]}
    assert (lines["attendance"]["value"], lines["attendance"]["weight"], lines["attendance"]["points"]) == (
        "95",
        "20",
        "19",
    )
    assert "data kepegawaian" in lines["attendance"]["why"]
    assert (outcome["label"], lines["total"]["value"]) == ("baik", "83")


async def test_a_figure_that_changes_after_the_rating_is_told_and_rewrites_no_result(world: World, cycle: str) -> None:
    who = await Played.of(world, await world.next_clerk())
    await sent(world, cycle, f"nip;kehadiran\n{who.employee};95\n")
    await to_rating(world, who)
    before = (await world.row(who.appraisal))["outcome_id"]
    told = (await sent(world, cycle, f"nip;kehadiran\n{who.employee};20\n")).json()
    assert (told["updated"], told["already_rated"]) == (1, [who.employee])
    assert (await world.row(who.appraisal))["outcome_id"] == before
