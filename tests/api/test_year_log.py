"""What was noted during a year lies before whoever rates it, put in order; each part of a year before who rates that part, and the next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from obstore import get_async

from models.trail import sha256
from tests.api.noting import at_work, entry, hand_in, logged, observe, refused, results_of
from tests.endings import DECEMBER, JULY, Played
from tests.files import PDF
from tests.workflow.people.changes import transferred
from tests.world import YEAR, World

PEOPLE = 60


async def year_log(world: World, appraisal: str, who: str) -> dict[str, Any]:
    answer = await world.get(f"/appraisals/{appraisal}/year-log", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def noted(world: World, who: Played) -> str:
    """A spring of work, noted day by day, seen once and shown once; the planned result it is about."""
    key = (await results_of(world, who))[0]
    await logged(
        world,
        who.appraisal,
        who.employee,
        *(
            entry(f"Berkas hari {day}", day=f"{YEAR}-{month}-{day:02d}", result=key, quantity=day, unit="berkas")
            for month in ("03", "04")
            for day in range(1, 11)
        ),
        entry("Antrean habis sebelum jam tutup.", day=f"{YEAR}-05-18", result=key, achievement=True),
        entry("Rapat."),
    )
    await observe(world, who.appraisal, who.supervisor, result=key)
    await observe(world, who.appraisal, who.supervisor, criterion="akuntabel", shared=False)
    await hand_in(world, who.appraisal, who.employee, "rekap.pdf", PDF, {"result": key})
    return key


async def test_a_supervisor_has_the_daily_reports_before_him_while_he_rates(year: World) -> None:
    who = await at_work(year)
    key = await noted(year, who)
    year.now = JULY
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    year.now = DECEMBER
    await year.bring(who.appraisal)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    assert "submit_rating" in (await year.seen(who.appraisal, who.supervisor))["actions"]  # type: ignore[operator]

    shown = await year_log(year, who.appraisal, who.supervisor)
    assert shown["counts"] == {"days": 22, "entries": 22, "achievements": 1, "observations": 2, "evidence": 1}
    assert [(month["month"][-2:], month["counts"]["entries"]) for month in shown["months"]] == [
        ("03", 10),
        ("04", 10),
        ("05", 2),
    ]
    first, *others, nameless = shown["results"]
    assert (first["result"], first["counts"]["entries"]) == (key, 21)
    assert first["title"]
    assert first["quantities"] == [{"unit": "berkas", "total": "110"}]
    assert [one["text"] for one in first["achievements"]] == ["Antrean habis sebelum jam tutup."]
    assert [one["by"]["nip"] for one in first["observations"]] == [who.supervisor]
    assert [one["name"] for one in first["evidence"]] == ["rekap.pdf"]
    assert all(one["title"] and one["counts"]["entries"] == 0 for one in others), "planned, and nothing noted of it"
    assert (nameless["result"], nameless["counts"]["entries"]) == (None, 1)
    assert [(one["title"], len(one["observations"])) for one in shown["criteria"]] == [("Akuntabel", 1)]

    hers = await year_log(year, who.appraisal, who.employee)
    assert (hers["counts"]["observations"], hers["criteria"]) == (1, [])


async def test_after_a_transfer_the_next_supervisor_has_the_first_part_before_him(year: World) -> None:
    who = await at_work(year)
    await noted(year, who)
    new = await transferred(year, who)
    await year.pass_to(who.appraisal, datetime(YEAR, 6, 10, 3, tzinfo=UTC))
    first, second = await year.segments_of(who.employee, 2)
    told = await year_log(year, first, new)
    assert told["counts"]["entries"] == 22
    assert (told["first"], told["last"]) == (f"{YEAR}-01-01", f"{YEAR}-05-31")
    assert (await year_log(year, second, new))["counts"]["entries"] == 0
    assert refused(await year.get(f"/appraisals/{second}/year-log", who.supervisor)) == (403, "not_yours")


async def test_the_archive_names_the_evidence_and_counts_the_log(year: World) -> None:
    who = await at_work(year)
    await noted(year, who)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    row = await year.until(who.appraisal, "archive", 1)
    assert year.rooms.archive is not None
    place = f"{row['year']}/{row['cycle_id']}/{who.appraisal}/r1/record.json"
    record = json.loads(bytes(await (await get_async(year.rooms.archive, place)).bytes_async()))
    assert [(one["name"], one["sha256"]) for one in record["evidence"]] == [("rekap.pdf", sha256(PDF))]
    assert record["noted"] == {"entries": 22, "days": 22, "achievements": 1, "corrections": 0, "observations": 2}
