"""Bantul: she assesses herself first, by competency; her supervisor follows; she reads her strengths, her gaps and what to learn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from models.worked import overlaid
from tests.api.noting import MAY, observe
from tests.endings import DECEMBER, JANUARY, Played, at, reviewed, until_december
from tests.world import YEAR, World, open_cycle

PEOPLE = 80


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    await open_cycle(world, "bantul-kompetensi", YEAR)
    return world


async def in_december(year: World, family: str | None = None) -> Played:
    who = await Played.of(year, await year.next_clerk(family))
    await until_december(year, who)
    return who


async def to_be_rated(year: World, family: str | None = None) -> Played:
    who = await in_december(year, family)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    return who


async def asked_of(year: World, who: Played, form: str, nip: str) -> dict[str, Any]:
    """The form's schema, as that person is shown it."""
    schema: dict[str, Any] = (await year.get(f"/appraisals/{who.appraisal}/forms/{form}", nip)).json()["schema"]
    return schema


async def profile_of(year: World, who: Played, levels: dict[str, int], every: int = 2) -> dict[str, Any]:
    """What these levels come to beside the label, as she reads it; every other competency is at `every`."""
    example = (await asked_of(year, who, "rating", who.supervisor))["examples"][0]
    entries = {"*": {"level": every}} | {name: {"level": level} for name, level in levels.items()}
    written = overlaid(example, {"competencies": entries})
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome: Any = (await year.seen(who.appraisal, who.employee))["outcome"]
    found: dict[str, Any] = outcome["competency"]
    return found


@pytest.mark.capability("B06")
@pytest.mark.capability("B08")
async def test_nobody_is_rated_before_she_has_assessed_herself_however_long_that_takes(year: World) -> None:
    who = await in_december(year)
    early = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert (early.status_code, early.json()["code"], early.json()["state"]) == (
        409,
        "not_now",
        "self_assessment.drafting",
    )
    at(year, DECEMBER + timedelta(days=60))
    await year.bring(who.appraisal)
    assert (await year.row(who.appraisal))["state"] == "self_assessment.drafting"
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    assert (await year.row(who.appraisal))["state"] == "rating.drafting"


@pytest.mark.capability("B05", "B09")
async def test_what_her_supervisor_saw_is_gathered_step_by_step_and_what_came_of_it_is_explained(year: World) -> None:
    who = await Played.of(year, await year.next_clerk("pelayanan_publik"))
    at(year, JANUARY)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    year.now = MAY
    seen_by_him = "Menjelaskan syarat izin terlalu cepat bagi warga."
    for text in (seen_by_him, "Tenang menghadapi warga yang kecewa."):
        noted = await observe(year, who.appraisal, who.supervisor, text=text, criterion="komunikasi")
        assert noted.status_code == 201, noted.text
    await reviewed(year, who)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    (about,) = (await year.get(f"/appraisals/{who.appraisal}/year-log", who.supervisor)).json()["criteria"]
    assert (about["title"], len(about["observations"])) == ("Komunikasi", 2)
    assert seen_by_him in [one["text"] for one in about["observations"]]

    example = (await asked_of(year, who, "rating", who.supervisor))["examples"][0]
    levels = {"*": {"level": 2}, "komunikasi": {"level": 1, "observed": seen_by_him}}
    await year.send(
        who.appraisal, "rating", "submit_rating", who.supervisor, overlaid(example, {"competencies": levels})
    )
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    shown: Any = await year.seen(who.appraisal, who.employee)
    assert all(line["why"] for line in (*shown["outcome"]["lines"], *shown["outcome"]["competency"]["lines"]))
    assert shown["outcome"]["competency"]["to_develop"] == ["komunikasi"]
    read = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert read["competencies"]["komunikasi"]["observed"] == seen_by_him
    steps = [(stop["stage"], stop["status"]) for stop in shown["route"]]
    done = [(stage, "done") for stage in ("plan", "midyear", "self_assessment", "rating")]
    assert steps == [*done, ("appeal", "current"), ("finalisation", "coming")]


@pytest.mark.capability("B01")
@pytest.mark.capability("B02")
@pytest.mark.capability("B04")
@pytest.mark.capability("B07")
@pytest.mark.capability("B13")
async def test_one_rating_gives_a_label_and_beside_it_strengths_gaps_and_a_course_that_she_reads(year: World) -> None:
    who = await in_december(year, "pelayanan_publik")
    asked = (await year.get(f"/appraisals/{who.appraisal}/forms/self_assessment", who.employee)).json()
    aspects = asked["schema"]["properties"]["competencies"]
    assert len(aspects["required"]) == 10
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    path = f"/appraisals/{who.appraisal}/forms/rating"
    example = (await year.get(path, who.supervisor)).json()["schema"]["examples"][0]
    levels: dict[str, Any] = {name: {"level": 4} for name in example["competencies"]}
    levels["komunikasi"] = {"level": 1}
    changes = {"competencies": levels, "behaviour_rating": "above", "behaviour_reason": "Menjadi rujukan."}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, changes)
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    outcome = (await year.seen(who.appraisal, who.employee))["outcome"]
    assert isinstance(outcome, dict)
    assert (outcome["label"], outcome["method"]) == ("baik", "quadrant")
    found = outcome["competency"]
    by_id = {line["id"]: line for line in found["lines"]}
    assert by_id["komunikasi"]["title"] == "Komunikasi"
    assert (by_id["komunikasi"]["required"], by_id["komunikasi"]["gap"]) == (2, 1)
    assert found["to_develop"] == ["komunikasi"]
    assert set(found["strengths"]) == set(by_id) - {"komunikasi"}
    assert [one["id"] for one in found["training"]] == ["public_speaking"]


@pytest.mark.capability("B03", "K06")
async def test_each_gap_is_offered_the_training_that_builds_it_and_who_lacks_nothing_is_offered_none(
    year: World,
) -> None:
    serving = await profile_of(year, await to_be_rated(year, "pelayanan_publik"), {"pelayanan_publik": 1})
    late = await profile_of(year, await to_be_rated(year, "pelayanan_publik"), {"orientasi_hasil": 1, "komunikasi": 1})
    whole = await profile_of(year, await to_be_rated(year, "pelayanan_publik"), {})
    assert [(one["id"], one["builds"]) for one in serving["training"]] == [("pelayanan_prima", "pelayanan_publik")]
    assert [(one["id"], one["builds"]) for one in late["training"]] == [("public_speaking", "komunikasi")]
    assert late["to_develop"] == ["komunikasi"], "her post asks no more of the other than she has"
    assert "Pelayanan publik kurang 1 tingkat" in serving["training"][0]["why"]
    assert (whole["to_develop"], whole["training"]) == ([], [])


@pytest.mark.capability("K08")
async def test_who_works_with_digital_services_and_falls_short_is_offered_a_training_in_information_technology(
    year: World,
) -> None:
    short = {"teknologi_informasi": 1}
    online = await profile_of(year, await to_be_rated(year, "pelayanan_publik"), short)
    assert [(one["id"], one["title"]) for one in online["training"]] == [
        ("teknologi_informasi", "Pelatihan teknologi informasi untuk layanan digital")
    ]
    elsewhere = await profile_of(year, await to_be_rated(year, "administrasi"), short)
    assert elsewhere["training"] == [], "a post that does not need it lacks nothing"


@pytest.mark.capability("B10")
async def test_who_serves_the_public_is_measured_by_how_fast_and_how_accurate_it_was_and_nobody_else_is(
    year: World,
) -> None:
    who, teacher = await in_december(year, "pelayanan_publik"), await in_december(year, "guru")
    asked = await asked_of(year, who, "self_assessment", who.employee)
    indicators = asked["properties"]["service"]["properties"]
    assert indicators["kecepatan"]["title"] == "Kecepatan pelayanan (menit)"
    assert indicators["keakuratan"]["description"] == "Layanan yang selesai tanpa perbaikan."
    assert "service" not in (await asked_of(year, teacher, "self_assessment", teacher.employee))["properties"]
    uncounted = {"kepuasan": {"realised": 88}}
    await year.fill(who.appraisal, "self_assessment", who.employee, {"service": uncounted})
    refused = await year.act(who.appraisal, "submit_self_assessment", who.employee)
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/service/kecepatan", "/service/keakuratan"}
    counted = uncounted | {"kecepatan": {"realised": 9.5}, "keakuratan": {"realised": 98}}
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee, {"service": counted})
    await year.send(teacher.appraisal, "self_assessment", "submit_self_assessment", teacher.employee)
    assert "service" not in (await asked_of(year, teacher, "rating", teacher.supervisor))["properties"]
    judged = {name: one | {"standard": "better"} for name, one in counted.items()}
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, {"service": judged})
    await year.done(who.appraisal, "acknowledge_result", who.employee)
    read = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert read["service"] == judged


@pytest.mark.capability("B17")
async def test_no_rating_at_a_public_service_is_whole_without_its_quality_as_the_public_sees_it(year: World) -> None:
    who = await to_be_rated(year, "pelayanan_publik")
    whole = (await asked_of(year, who, "rating", who.supervisor))["examples"][0]["service"]
    unasked = {name: one for name, one in whole.items() if name != "kepuasan"}
    await year.fill(who.appraisal, "rating", who.supervisor, {"service": unasked})
    refused = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/service/kepuasan"]
    found = await profile_of(year, who, {"pelayanan_publik": 3})
    read = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", who.employee)).json()["data"]
    assert read["service"]["kepuasan"] == {"realised": 88, "standard": "met"}
    served = next(line for line in found["lines"] if line["id"] == "pelayanan_publik")
    assert (served["achieved"], served["required"]) == (3, 2)
    assert "pelayanan_publik" in found["strengths"]


async def test_a_rating_without_a_level_is_not_taken_and_says_which(year: World) -> None:
    who = await in_december(year)
    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    path = f"/appraisals/{who.appraisal}/forms/rating"
    example = (await year.get(path, who.supervisor)).json()["schema"]["examples"][0]
    without = {name: entry for name, entry in example["competencies"].items() if name != "integritas"}
    await year.fill(who.appraisal, "rating", who.supervisor, {"competencies": without})
    refused = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/competencies/integritas"]
