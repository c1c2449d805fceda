"""Who may label a unit, what is refused, and how the labels of its people are held against the pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.distribution import Group, verdict_of
from api.patterns import held_against
from api.problems import Problem
from models.distribution import judge
from models.policy import PolicyPack
from models.shelf import load
from models.vocabulary import Label, OrganisationLabel
from tests.workflow.test_labels import Office
from tests.world import World, opened_cycle


@pytest_asyncio.fixture(scope="module")
async def agency(world: World) -> tuple[World, str]:
    return world, await opened_cycle(world)


APPRAISALS = text(
    """
    SELECT a.id FROM appraisal a JOIN unit u ON u.id = a.unit_id JOIN person p ON p.id = a.person_id
     WHERE a.cycle_id = :cycle AND u.code = ANY(:units) AND a.launch = 'launched' ORDER BY p.nip
    """
)
COPY = text(
    """
    INSERT INTO form_copy (id, appraisal_id, revision, form, period, author_id, version, data, salt, sha256, created_at)
    VALUES (:copy, :id, 1, 'rating', 0, 'x', 1, '{}', '', '', now())
    """
)
OUTCOME = text(
    """
    INSERT INTO outcome (id, appraisal_id, revision, copy_id, label, outcome, created_at)
    VALUES (:outcome, :id, 1, :copy, :label, '{}', now())
    """
)
SHOW = text("UPDATE appraisal SET outcome_id = :outcome WHERE id = :id")
TRAIL = text(
    """
    SELECT e.action, e.role, t.body AS reason, e.data FROM cycle_event e LEFT JOIN text t ON t.id = e.reason_id
     WHERE e.cycle_id = :cycle ORDER BY e.seq
    """
)


async def given(world: World, cycle: str, units: Sequence[str], labels: Sequence[str]) -> int:
    """Let the people of these units have labels, in the order of their NIP; how many people there are."""
    async with world.database.transaction() as connection:
        ids = (await connection.execute(APPRAISALS, {"cycle": cycle, "units": list(units)})).scalars().all()
        for appraisal, label in zip(ids, labels, strict=False):
            row = {"id": appraisal, "copy": str(uuid4()), "outcome": str(uuid4()), "label": label}
            await connection.execute(COPY, row)
            await connection.execute(OUTCOME, row)
            await connection.execute(SHOW, row)
    return len(ids)


async def trail(world: World, cycle: str) -> list[Any]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(TRAIL, {"cycle": cycle})).all())


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whoever_supervises_the_head_the_board_and_hr_label_a_unit_and_nobody_else(
    agency: tuple[World, str],
) -> None:
    world, cycle = agency
    school = await Office.of(world, "SDN-001")
    for who in (school.head, school.staff[0], "employee", "auditor"):
        refused = await world.label(cycle, school.code, "baik", who)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    for label, who, role in (("baik", school.above, "senior"), ("kurang", "board", "board"), ("baik", "hr", "hr")):
        answer = await world.label(cycle, school.code, label, who)
        assert answer.status_code == 200, answer.text
        assert (await trail(world, cycle))[-1].role == role
    actions = [row.action for row in await trail(world, cycle) if row.action.startswith("label_")]
    assert actions == ["label_set", "label_changed", "label_changed"]


async def test_a_head_does_not_label_his_own_unit_whatever_else_he_is(agency: tuple[World, str]) -> None:
    """Both hold the board's role; the one heads Bappeda, and the label of it would reach nobody but him."""
    world, cycle = agency
    refused = await world.label(cycle, "BAPPEDA", "istimewa", "board")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await world.label(cycle, "BAPPEDA", "baik", "hr")).status_code == 200


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────

BAD: dict[str, tuple[str, dict[str, object], int, str]] = {
    "a unit nobody knows": ("NIRWANA", {"label": "baik", "reason": "x"}, 404, "not_found"),
    "a label nobody knows": ("SDN-001", {"label": "lumayan", "reason": "x"}, 422, "invalid_input"),
    "a label of persons": ("SDN-001", {"label": "sangat_baik", "reason": "x"}, 422, "invalid_input"),
    "no reason": ("SDN-001", {"label": "baik"}, 422, "invalid_input"),
    "an empty reason": ("SDN-001", {"label": "baik", "reason": "  "}, 422, "invalid_input"),
    "an unknown field": ("SDN-001", {"label": "baik", "reason": "x", "points": 3}, 422, "invalid_input"),
}


@pytest.mark.parametrize("case", BAD)
async def test_what_cannot_be_is_refused_and_nothing_is_half_done(agency: tuple[World, str], case: str) -> None:
    world, cycle = agency
    unit, body, status, code = BAD[case]
    before = (await world.get(f"/cycles/{cycle}", "hr")).json()["unit_labels"], len(await trail(world, cycle))
    answer = await world.put(f"/cycles/{cycle}/units/{unit}/label", "hr", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert before == ((await world.get(f"/cycles/{cycle}", "hr")).json()["unit_labels"], len(await trail(world, cycle)))


async def test_who_may_not_label_anything_is_not_told_which_units_there_are(agency: tuple[World, str]) -> None:
    world, cycle = agency
    answers = [await world.label(cycle, unit, "baik", "employee") for unit in ("NIRWANA", "SDN-001")]
    assert [answer.json()["code"] for answer in answers] == ["not_yours", "not_yours"]


@pytest.mark.parametrize("state", ["draft", "closed", "cancelled"])
async def test_a_cycle_that_does_not_run_takes_no_label(agency: tuple[World, str], state: str) -> None:
    world, cycle = agency
    move = text("UPDATE cycle SET state = :state WHERE id = :id")
    async with world.database.transaction() as connection:
        await connection.execute(move, {"id": cycle, "state": state})
    try:
        refused = await world.label(cycle, "SDN-001", "istimewa")
    finally:
        async with world.database.transaction() as connection:
            await connection.execute(move, {"id": cycle, "state": "open"})
    assert (refused.status_code, refused.json()["code"]) == (409, "cycle_state")


async def test_a_label_set_again_to_what_it_is_changes_nothing(agency: tuple[World, str]) -> None:
    world, cycle = agency
    first = (await world.label(cycle, "KEC-01", "baik")).json()
    known = await trail(world, cycle)
    again = (await world.label(cycle, "KEC-01", "baik", reason="Sekali lagi.")).json()
    assert (first["changed"], again["changed"]) == (True, False)
    assert (first["number"], first["set_at"]) == (again["number"], again["set_at"])
    assert await trail(world, cycle) == known


# ── the pattern ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_labels_that_break_the_pattern_need_a_written_reason_which_stands_in_the_trail(
    agency: tuple[World, str],
) -> None:
    world, cycle = agency
    people = await given(world, cycle, ["DUKCAPIL"], ["baik"] * 7 + ["sangat_baik"])
    assert people >= 8
    path, body = f"/cycles/{cycle}/units/DUKCAPIL/label", {"label": "baik", "reason": "Perjanjian kinerja tercapai."}
    refused = await world.put(path, "hr", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    assert refused.json()["errors"][0]["pointer"] == "/distribution_reason"
    broken = [(rule["kind"], rule["allowed"], rule["actual"]) for rule in refused.json()["rules"]]
    assert broken == [("at_most", "70", "87.5"), ("some", None, "0")]
    assert "DUKCAPIL" not in (await world.get(f"/cycles/{cycle}", "hr")).json()["unit_labels"]
    given_anyway = await world.put(path, "hr", body | {"distribution_reason": "Target layanan terlampaui."})
    assert given_anyway.status_code == 200
    assert [warning["code"] for warning in given_anyway.json()["warnings"]] == ["pattern_broken"]
    last = (await trail(world, cycle))[-1]
    assert (last.action, last.reason, last.data["unit"]) == (
        "distribution_explained",
        "Target layanan terlampaui.",
        "DUKCAPIL",
    )
    shown = (await world.get(f"/cycles/{cycle}/distribution", "hr", unit="DUKCAPIL")).json()["units"]
    assert [(one["unit"]["code"], one["standing"], one["people"], one["labelled"]) for one in shown] == [
        ("DUKCAPIL", "broken", people, 8)
    ]
    assert shown[0]["counts"] == {"sangat_baik": 1, "baik": 7, "butuh_perbaikan": 0, "kurang": 0, "sangat_kurang": 0}
    assert [(rule["kind"], rule["ok"]) for rule in shown[0]["rules"]] == [
        *(("more_than", True), ("at_most", False), ("some", False))
    ]
    assert [(told["reason"], told["by"]["nip"]) for told in shown[0]["reasons"]] == [
        ("Target layanan terlampaui.", world.people["hr"])
    ]


async def test_a_small_unit_is_not_judged_and_its_head_reads_no_single_label(agency: tuple[World, str]) -> None:
    world, cycle = agency
    clinic = await Office.of(world, "PKM-01")
    await given(world, cycle, [clinic.code], ["kurang"])
    assert (await world.label(cycle, clinic.code, "baik", clinic.above)).json()["warnings"] == []
    for who, counts in (("hr", 1), ("board", 1), (clinic.head, None)):
        answer = await world.get(f"/cycles/{cycle}/distribution", who, unit=clinic.code)
        (unit,) = answer.json()["units"]
        assert (unit["standing"], unit["rules"], unit["withheld"]) == ("small_unit", None, counts is None)
        assert (unit["counts"] or {}).get("kurang") == counts


async def test_a_unit_head_sees_his_own_unit_and_what_is_below_it(agency: tuple[World, str]) -> None:
    world, cycle = agency
    education = await Office.of(world, "DISDIK")
    shown = (await world.get(f"/cycles/{cycle}/distribution", education.head)).json()["units"]
    assert {one["unit"]["code"] for one in shown} == {"DISDIK", "SDN-001"}
    refused = await world.get(f"/cycles/{cycle}/distribution", education.head, unit="DUKCAPIL")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    refused = await world.get(f"/cycles/{cycle}/distribution", "employee")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await world.get(f"/cycles/{cycle}/distribution", "hr", unit="NIRWANA")).status_code == 404


async def test_nobody_reads_her_own_label_out_of_the_counts_before_it_is_delivered(agency: tuple[World, str]) -> None:
    world, cycle = agency
    office = await Office.of(world, "BKPSDM")
    people = await given(world, cycle, [office.code], ["baik"] * 20)

    async def labelled(who: str) -> int:
        (unit,) = (await world.get(f"/cycles/{cycle}/distribution", who, unit=office.code)).json()["units"]
        return int(unit["labelled"])

    assert (await labelled("board"), await labelled("hr")) == (people, people - 1)


async def test_everybody_of_the_cycle_is_counted_once(agency: tuple[World, str]) -> None:
    world, cycle = agency
    shown = (await world.get(f"/cycles/{cycle}/distribution", "hr")).json()["units"]
    progress = (await world.get(f"/cycles/{cycle}/progress", "hr")).json()
    assert sum(one["people"] for one in shown) == progress["launched"]


PACK = load("permenpanrb-6-2022")
CROWD = Group("u", None, 100, {Label.BAIK: 88, Label.SANGAT_BAIK: 11})


def in_mode(mode: str) -> PolicyPack:
    assert PACK.distribution is not None
    return PACK.model_copy(update={"distribution": PACK.distribution.model_copy(update={"mode": mode})})


@pytest.mark.parametrize(
    ("mode", "reasoned", "refusal", "warned"),
    [
        ("off", False, None, 0),
        ("warn", False, None, 2),
        ("require_reason", False, "reason_required", 0),
        ("require_reason", True, None, 2),
        ("block", False, "distribution_blocked", 0),
        ("block", True, "distribution_blocked", 0),
    ],
)
def test_what_a_broken_pattern_means_is_the_packs_to_say(
    mode: str, reasoned: bool, refusal: str | None, warned: int
) -> None:
    pack, label = in_mode(mode), OrganisationLabel.BAIK
    assert pack.distribution is not None
    verdict = judge(pack.distribution, label, CROWD.size, CROWD.counts)
    assert verdict_of(CROWD, pack).rules == ()
    code, rules = None, []
    try:
        rules = held_against(pack.distribution.mode, verdict, reasoned=reasoned, pointer="/comment")
    except Problem as problem:
        code = problem.code
    assert (code, len(rules)) == (refusal, warned)
