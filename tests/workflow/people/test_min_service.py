"""A pack may say how much of a year somebody has to serve to be rated; who served less is told so, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from models.evidence import BYTES_MAX
from models.trail import sha256
from tests.api.noting import refused
from tests.api.test_evidence import stored
from tests.endings import DECEMBER, JANUARY, JULY, Played, until_december
from tests.files import EXE, PDF, png
from tests.workflow.people.changes import MAY, imported, planned, row_of
from tests.world import YEAR, World

PEOPLE = 40
LEAVE = {"from": f"{YEAR}-02-01", "until": f"{YEAR}-09-30"}
WHY = "Masa kerja yang dihitung pada tahun ini {} bulan, sedangkan penilaian mensyaratkan 6."


@pytest.fixture(scope="module")
def year(half_a_year: World) -> World:
    return half_a_year


async def page_of(year: World, who: Played) -> str:
    """Her page, as she reads it in a browser."""
    async with httpx.AsyncClient(transport=year.http._transport, base_url="http://siklus") as browser:
        await browser.post("/masuk", data={"nip": who.employee}, headers={"Origin": "http://siklus"})
        return (await browser.get(f"/penilaian/{who.appraisal}")).raise_for_status().text


async def ended(year: World, who: Played, months: int) -> None:
    """Her year ended without a rating, and she reads why, on her page and in the trail."""
    row = await year.row(who.appraisal)
    assert (row["state"], row["ending"], row["outcome_id"]) == ("finalisation.done", "not_ratable", None)
    shown = await year.seen(who.appraisal, who.employee)
    assert (shown["why_not_rated"], shown["outcome"]) == (WHY.format(months), None)
    assert WHY.format(months) in await page_of(year, who)
    events = (await year.get(f"/appraisals/{who.appraisal}/events", who.employee, limit=200)).json()["items"]
    told = next(event for event in events if event["action"] == "end_unrated")
    assert told["data"]["service"] == {"served": months, "needed": 6, "unit": "months"}
    assert (await year.texts_of(who.appraisal)).count("not_rated") == 2, "she, and who would have rated her"


async def test_who_was_on_leave_for_most_of_the_year_is_not_rated_and_reads_why(year: World, who: Played) -> None:
    await planned(year, who)
    await year.decided(who.employee, "leave", LEAVE)
    await year.pass_to(who.appraisal, JULY)
    await year.pass_to(who.appraisal, DECEMBER)
    await ended(year, who, 4)


async def test_who_served_all_of_it_is_rated(year: World, who: Played) -> None:
    await until_december(year, who)
    shown = await year.seen(who.appraisal, who.employee)
    assert (shown["state"], shown["why_not_rated"]) == ("self_assessment.drafting", None)


async def test_a_leave_that_is_recorded_once_the_rating_has_begun_ends_the_year_too(year: World, who: Played) -> None:
    await until_december(year, who)
    await year.decided(who.employee, "leave", LEAVE)
    await year.pass_to(who.appraisal, DECEMBER + timedelta(hours=1))
    await ended(year, who, 4)


async def test_what_was_rated_stays_rated_though_a_leave_is_recorded_later(year: World, who: Played) -> None:
    await until_december(year, who)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await year.decided(who.employee, "leave", LEAVE)
    await year.pass_to(who.appraisal, DECEMBER + timedelta(hours=1))
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"


async def test_a_part_of_the_year_too_short_to_rate_counts_for_the_part_that_follows(year: World, who: Played) -> None:
    await planned(year, who)
    unit, supervisor = await year.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-05-01"}
    await year.decided(who.employee, "transfer", body)
    await year.pass_to(who.appraisal, MAY)
    await ended(year, who, 4)
    _, second = await year.segments_of(who.employee, 2)
    later = Played(second, who.employee, supervisor, who.senior)
    year.now = MAY
    await year.bring(second)
    await year.send(second, "plan", "submit_plan", who.employee)
    await year.done(second, "approve_plan", supervisor)
    await year.pass_to(second, JULY)
    await year.pass_to(second, DECEMBER)
    assert (await year.row(later.appraisal))["state"] == "self_assessment.drafting", "twelve months, in two posts"


async def test_a_part_of_the_year_without_a_plan_says_that_there_was_none(year: World, who: Played) -> None:
    year.now = JANUARY
    unit, supervisor = await year.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-05-01"}
    await year.decided(who.employee, "transfer", body)
    await year.pass_to(who.appraisal, MAY)
    shown = await year.seen(who.appraisal, who.employee)
    assert shown["why_not_rated"] == "Sampai bagian tahun ini ditutup belum ada rencana kinerja yang berlaku."


# ── service in another agency ────────────────────────────────────────────────────────────────────────────────────────

SEPTEMBER = datetime(YEAR, 9, 6, 3, tzinfo=UTC)
BROUGHT = {
    "agency": "Kota Sebelah",
    "from": f"{YEAR}-01-01",
    "until": f"{YEAR}-08-31",
    "result": "baik",
    "document": "800/12/2027, 31 Agustus 2027",
}


async def in_september(year: World, beside: Played, nip: str) -> Played:
    """Somebody comes from another agency, and has a plan here."""
    year.now = SEPTEMBER
    said = await row_of(year, beside.employee) | {"nip": nip, "nama": "Pendatang", "tmt": f"{YEAR}-09-06"}
    assert (await imported(year, said))["created"] == 1
    cycle = (await year.row(beside.appraisal))["cycle_id"]
    assert (await year.post(f"/cycles/{cycle}/open", "hr")).status_code == 202
    await year.segments_of(nip, 1)
    who = await Played.of(year, nip)
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "plan", "submit_plan", nip)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    return who


async def test_service_in_another_agency_is_brought_with_its_document_and_counts_as_the_pack_says(
    year: World, who: Played
) -> None:
    with_it = await in_september(year, who, "200109062027092001")
    without = await in_september(year, who, "200109062027092002")
    told = await year.decided(with_it.employee, "elsewhere", BROUGHT)
    assert told["appraisals"] == [with_it.appraisal]
    for reader in (with_it.employee, with_it.supervisor):
        assert (await year.seen(with_it.appraisal, reader))["elsewhere"] == [BROUGHT | {"file": None}]
    assert (await year.seen(without.appraisal, without.employee))["elsewhere"] == []
    assert f"Kota Sebelah: Baik ({BROUGHT['document']})" in await page_of(year, with_it)
    events = (await year.get(f"/appraisals/{with_it.appraisal}/events", with_it.employee, limit=200)).json()["items"]
    noted = next(event for event in events if event["action"] == "service_elsewhere")
    assert noted["data"]["document"] == BROUGHT["document"]

    await year.pass_to(with_it.appraisal, DECEMBER)
    assert (await year.row(with_it.appraisal))["state"] == "self_assessment.drafting"
    await year.pass_to(without.appraisal, DECEMBER)
    await ended(year, without, 4)


async def handed_in(
    year: World, nip: str, name: str, data: bytes, who: str = "hr", day: str = BROUGHT["from"], **headers: str
) -> httpx.Response:
    path = f"/api/v1/people/{nip}/elsewhere/{day}/document"
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return await year.http.post(path, headers=year.headers(who, **sent), files={"file": (name, data)})


async def test_its_document_is_read_by_whoever_may_read_the_year_and_stands_in_the_trail_by_its_hash(
    year: World,
) -> None:
    year.now = SEPTEMBER
    her = await Played.of(year, "200109062027092001")
    hers = f"/appraisals/{her.appraisal}/elsewhere/{BROUGHT['from']}/document"
    assert refused(await year.get(hers, her.employee)) == (404, "not_found")
    for number, data in enumerate((png(), PDF), start=1):
        name = f"SKP Kota Sebelah {number}.{'png' if number == 1 else 'pdf'}"
        first = await handed_in(year, her.employee, name, data, Idempotency_Key=name)
        assert first.status_code == 201, first.text
        assert (await handed_in(year, her.employee, name, data, Idempotency_Key=name)).json() == first.json()
        assert (await handed_in(year, her.employee, name, data)).status_code == 200, "this very file counts already"
        file = first.json()["file"]
        assert (file["name"], file["bytes"], file["sha256"]) == (name, len(data), sha256(data))
        for reader in (her.employee, her.supervisor, her.senior, "auditor", "hr"):
            (part,) = (await year.seen(her.appraisal, reader))["elsewhere"]  # type: ignore[misc]
            assert part == BROUGHT | {"file": file}
            assert (await year.get(hers, reader)).content == data
    assert hers in await page_of(year, her)
    events = (await year.get(f"/appraisals/{her.appraisal}/events", her.employee, limit=200)).json()["items"]
    noted = [event["data"] for event in events if event["action"] == "service_elsewhere_document"]
    assert [one["sha256"] for one in noted] == [sha256(png()), sha256(PDF)]
    assert "Kota Sebelah" not in str(noted)
    agency = (await year.get("/agency/events", "auditor", limit=200)).json()["items"]
    assert [one["data"] for one in agency if one["action"] == "service_elsewhere_document"][-1]["sha256"] == sha256(PDF)


async def test_who_may_not_read_the_year_is_refused_its_document_as_its_evidence(year: World) -> None:
    year.now = SEPTEMBER
    her = await Played.of(year, "200109062027092001")
    (await handed_in(year, her.employee, "skp.pdf", PDF)).raise_for_status()
    stranger = await year.next_clerk()
    hers = await year.get(f"/appraisals/{her.appraisal}/elsewhere/{BROUGHT['from']}/document", stranger)
    evidence = await year.get(f"/appraisals/{her.appraisal}/evidence/{uuid4()}", stranger)
    assert refused(hers) == refused(evidence) == (403, "not_yours")
    for other in (her.employee, her.supervisor, "auditor"):
        assert refused(await handed_in(year, her.employee, "skp.pdf", PDF, other)) == (403, "not_yours")


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("skp.pdf", EXE, (415, "file_kind")),
        ("skp.pdf", png(), (415, "file_mismatch")),
        ("skp.pdf", b"", (422, "invalid_input")),
        ("skp.txt", b"x" * (BYTES_MAX + 1), (413, "body_too_large")),
    ],
)
async def test_a_document_that_is_not_what_it_says_is_refused_and_not_kept(
    year: World, name: str, data: bytes, found: tuple[int, str]
) -> None:
    year.now = SEPTEMBER
    before = await stored(year)
    assert refused(await handed_in(year, "200109062027092001", name, data)) == found
    assert await stored(year) == before


async def test_a_document_belongs_to_what_was_brought_and_is_kept_for_nothing_else(year: World) -> None:
    year.now = SEPTEMBER
    before = await stored(year)
    absent = await handed_in(year, "200109062027092001", "skp.pdf", PDF, day=f"{YEAR}-02-01")
    assert refused(absent) == (404, "not_found")
    store, year.rooms.archive = year.rooms.archive, None
    away = await handed_in(year, "200109062027092001", "lain.pdf", PDF)
    year.rooms.archive = store
    assert refused(away) == (503, "archive_away")
    assert await stored(year) == before


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"until": f"{YEAR - 1}-12-31"}, ("/until", "ends_before_it_begins")),
        ({"from": f"{YEAR - 1}-11-01"}, ("/until", "beyond_one_year")),
        ({"until": f"{YEAR}-09-06"}, ("/until", "in_the_future")),
        ({"from": f"{YEAR}-08-31"}, ("/from", "overlapping_elsewhere")),
        ({"document": " "}, ("/document", "string_too_short")),
        ({"result": "lumayan"}, ("/result", "enum")),
    ],
)
async def test_service_elsewhere_that_cannot_be_is_refused_with_its_place(
    year: World, said: dict[str, str], found: tuple[str, str]
) -> None:
    year.now = SEPTEMBER
    answer = await year.post("/people/200109062027092001/elsewhere", "hr", BROUGHT | said)
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [found]


async def test_nobody_was_elsewhere_while_she_was_here_and_only_hr_says_so(year: World, who: Played) -> None:
    year.now = SEPTEMBER
    answer = await year.post(f"/people/{who.employee}/elsewhere", "hr", BROUGHT)
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/from", "was_here")]
    refused = await year.post(f"/people/{who.employee}/elsewhere", who.supervisor, BROUGHT)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
