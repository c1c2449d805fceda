"""The label comes first and the ratings after it: what each mode of a pattern makes of one that breaks it, on the real engine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.patterns import rating_held
from api.problems import Problem
from models.distribution import Weighed, weigh
from models.shelf import load
from models.vocabulary import Label, OrganisationLabel
from tests.api.test_labels import given, in_mode, trail
from tests.endings import Played, until_rating
from tests.workflow.test_labels import AS_EXPECTED, Office, launched
from tests.world import YEAR, World, opened_world

ABOVE = {
    "result_rating": "above",
    "behaviour_rating": "above",
    "result_reason": "Melampaui target.",
    "behaviour_reason": "Menjadi teladan.",
}
PACK = load("permenpanrb-6-2022")
MODE = text(
    "UPDATE cycle SET pack = jsonb_set(pack, '{distribution,mode}', to_jsonb(CAST(:mode AS text))) WHERE id = :id"
)
COPIES = text("SELECT count(*) FROM form_copy WHERE appraisal_id = :id AND form = 'rating'")


@contextlib.asynccontextmanager
async def judging(url: str, engine: str, folder: Path, mode: str) -> AsyncIterator[tuple[World, str]]:
    """The demo agency with its cycle open under a pack of that mode."""
    async with opened_world(url, engine, folder) as world:
        made = await world.post("/cycles", "hr", {"policy": PACK.id, "year": YEAR, "name": "SKP"})
        cycle = str(made.json()["id"])
        async with world.database.transaction() as connection:
            await connection.execute(MODE, {"id": cycle, "mode": mode})
        await launched(world, cycle)
        yield world, cycle


@pytest_asyncio.fixture(scope="module")
async def reasoned(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[World, str]]:
    """The pack as it ships asks for a reason."""
    async with judging(postgres_url, engine_address, tmp_path_factory.mktemp("p"), "require_reason") as made:
        yield made


@pytest_asyncio.fixture(scope="module")
async def blocked(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[World, str]]:
    async with judging(postgres_url, engine_address, tmp_path_factory.mktemp("p"), "block") as made:
        yield made


async def ready(world: World, nip: str, rating: dict[str, str] = ABOVE) -> Played:
    """Somebody's year up to the rating, which her supervisor has written and not sent."""
    who = await Played.of(world, nip)
    await until_rating(world, who)
    await world.fill(who.appraisal, "rating", who.supervisor, rating)
    return who


async def test_a_rating_that_has_no_place_is_refused_where_the_pack_blocks_and_nothing_is_lost(
    blocked: tuple[World, str],
) -> None:
    world, cycle = blocked
    school = await Office.of(world, "SDN-001")
    (await world.label(cycle, school.code, "sangat_kurang")).raise_for_status()
    who = await ready(world, school.staff[0])
    for body in ({}, {"comment": "Ia memang teladan."}):
        refused = await world.act(who.appraisal, "submit_rating", who.supervisor, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "distribution_blocked")
        assert refused.json()["rules"] == [
            {"labels": ["sangat_baik"], "kind": "at_most", "allowed": "0", "places": 0, "of": 8}
        ]
    assert (await world.row(who.appraisal))["state"] == "rating.drafting"
    draft = (await world.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()
    assert (draft["status"], draft["data"]["result_rating"]) == ("draft", "above")
    async with world.database.transaction() as connection:
        assert (await connection.execute(COPIES, {"id": who.appraisal})).scalar_one() == 0
    receipt = await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, AS_EXPECTED)
    assert "warnings" not in receipt


async def test_ratings_of_one_call_fill_the_places_in_their_order(blocked: tuple[World, str]) -> None:
    """Of ten people one may be Sangat Baik."""
    world, cycle = blocked
    office = await Office.of(world, "DUKCAPIL")
    (await world.label(cycle, office.code, "butuh_perbaikan")).raise_for_status()
    people = [await ready(world, nip) for nip in office.staff[:3]]
    ids = [who.appraisal for who in people]
    answer = await world.post("/appraisals/actions/submit_rating", people[0].supervisor, {"ids": ids})
    results = answer.json()["results"]
    assert [one["ok"] for one in results] == [True, False, False]
    assert [one["problem"]["code"] for one in results[1:]] == ["distribution_blocked"] * 2
    shown = (await world.get(f"/cycles/{cycle}/distribution", "hr", unit=office.code)).json()["units"]
    assert shown[0]["counts"]["sangat_baik"] == 1


async def test_no_label_is_withheld_for_ratings_that_were_given_before_it_so_that_nobody_waits_for_ever(
    blocked: tuple[World, str],
) -> None:
    world, cycle = blocked
    school = await Office.of(world, "SDN-001")
    await given(world, cycle, [school.code], ["sangat_baik"] * 8)
    path = f"/cycles/{cycle}/units/{school.code}/label"
    refused = await world.put(path, "hr", {"label": "kurang", "reason": "Capaian unit."})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    why = {"label": "kurang", "reason": "Capaian unit.", "distribution_reason": "Dinilai sebelum predikat unit ada."}
    label = (await world.put(path, "hr", why)).raise_for_status().json()
    assert (label["explained"], [one["code"] for one in label["warnings"]]) == (True, ["pattern_broken"])


async def test_a_rating_outside_the_pattern_needs_a_reason_that_stands_in_the_trail_with_it(
    reasoned: tuple[World, str],
) -> None:
    world, cycle = reasoned
    school = await Office.of(world, "SDN-001")
    (await world.label(cycle, school.code, "kurang")).raise_for_status()
    who = await ready(world, school.staff[0])
    refused = await world.act(who.appraisal, "submit_rating", who.supervisor, {"comment": " "})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/comment", "reason_required")]
    why = {"comment": "Ia memimpin perbaikan sekolah."}
    taken = await world.act(who.appraisal, "submit_rating", who.supervisor, why, Idempotency_Key="alasan")
    assert taken.status_code == 200, taken.text
    (warning,) = taken.json()["warnings"]
    assert (warning["code"], [(rule["places"], rule["of"]) for rule in warning["rules"]]) == (
        "pattern_broken",
        [(0, 8)],
    )
    told = {}
    for reader in ("hr", who.employee):
        events = (await world.get(f"/appraisals/{who.appraisal}/events", reader, limit=200)).json()["items"]
        told[reader] = next(one["comment"] for one in events if one["action"] == "submit_rating")
    assert told == {"hr": why["comment"], who.employee: None}
    await given(world, cycle, [school.code], ["kurang"] * 8)
    again = await world.act(who.appraisal, "submit_rating", who.supervisor, why, Idempotency_Key="alasan")
    assert again.text == taken.text


async def test_a_standing_label_is_explained_later_once(reasoned: tuple[World, str]) -> None:
    world, cycle = reasoned
    office = await Office.of(world, "DUKCAPIL")
    path, body = f"/cycles/{cycle}/units/DUKCAPIL/label", {"label": "baik", "reason": "Target tercapai."}
    first = (await world.put(path, "hr", body)).json()
    await given(world, cycle, [office.code], ["baik"] * 9 + ["sangat_baik"])
    known = await trail(world, cycle)
    silent = (await world.put(path, "hr", body)).json()
    assert (silent["changed"], silent["explained"], silent["number"]) == (False, False, first["number"])
    assert [warning["code"] for warning in silent["warnings"]] == ["pattern_broken"]
    assert await trail(world, cycle) == known
    for _ in range(2):
        told = (await world.put(path, "hr", body | {"distribution_reason": "Seluruh layanan terlampaui."})).json()
        assert (told["changed"], told["explained"]) == (False, True)
    *before, last = await trail(world, cycle)
    assert before == known
    assert (last.action, last.reason) == ("distribution_explained", "Seluruh layanan terlampaui.")
    assert (last.data["unit"], last.data["number"]) == ("DUKCAPIL", first["number"])
    another = (await world.put(path, "hr", body | {"distribution_reason": "Sesuai bukti."})).json()
    assert (another["explained"], len(await trail(world, cycle))) == (True, len(known) + 2)


async def test_a_warning_is_told_to_whoever_rates(postgres_url: str, engine_address: str, tmp_path: Path) -> None:
    async with judging(postgres_url, engine_address, tmp_path, "warn") as (world, cycle):
        school = await Office.of(world, "SDN-001")
        (await world.label(cycle, school.code, "sangat_kurang")).raise_for_status()
        who = await ready(world, school.staff[0])
        receipt = await world.done(who.appraisal, "submit_rating", who.supervisor)
        assert [rule["allowed"] for rule in receipt["warnings"][0]["rules"]] == ["0"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("mode", "reasoned", "refusal", "warned"),
    [
        ("warn", False, None, 1),
        ("require_reason", False, "reason_required", 0),
        ("require_reason", True, None, 1),
        ("block", False, "distribution_blocked", 0),
        ("block", True, "distribution_blocked", 0),
    ],
)
def test_what_a_rating_outside_the_pattern_means_is_the_packs_to_say(
    mode: str, reasoned: bool, refusal: str | None, warned: int
) -> None:
    spec = in_mode(mode).distribution
    weighed = weigh(spec, OrganisationLabel.SANGAT_KURANG, {}, 9, Label.SANGAT_BAIK)
    assert outcome(mode, weighed, reasoned=reasoned) == (refusal, warned)


def test_nobody_is_blocked_whom_every_other_label_would_block_as_well() -> None:
    spec = in_mode("block").distribution
    others = {Label.KURANG: 5, Label.BAIK: 4}
    found = {label: weigh(spec, OrganisationLabel.KURANG, others, 0, label) for label in Label}
    taken = [label for label, weighed in found.items() if outcome("block", weighed, reasoned=False)[0] is None]
    assert taken == [Label.BUTUH_PERBAIKAN, Label.KURANG]


def outcome(mode: str, weighed: Weighed, *, reasoned: bool) -> tuple[str | None, int]:
    """The code it is refused with, and how many rules its rater is warned of."""
    spec = in_mode(mode).distribution
    assert spec is not None
    try:
        return None, len(rating_held(spec, weighed, reasoned=reasoned))
    except Problem as problem:
        return problem.code, 0
