"""The organisation's label and the years that wait for it: on the real engine with skipped time, a unit for each sentence."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.telling import tell_nudged
from deploy.home import free_port
from models.appraisal import LabelScore, Snapshot
from models.shelf import load
from tests.endings import CHANGED, FEBRUARY, JANUARY, Played, at, to_rating
from tests.workflow.correcting import corrected
from tests.world import YEAR, World, opened_cycle, opened_world

AS_EXPECTED = {"result_rating": "as_expected", "behaviour_rating": "as_expected"}


HEADS_FIRST = text(
    """
    SELECT p.nip, s.nip AS supervisor, EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id AND g.role = 'kepala_unit')
      FROM person p JOIN unit u ON u.id = p.unit_id JOIN tenure t ON t.person_id = p.id
      LEFT JOIN person s ON s.id = t.supervisor_id WHERE u.code = :unit ORDER BY 3 DESC, p.nip
    """
)


@dataclass(frozen=True)
class Office:
    """One unit of the demo agency: who heads it, who supervises the head, and the others, by NIP."""

    code: str
    head: str
    above: str
    staff: list[str]

    @classmethod
    async def of(cls, world: World, code: str) -> Office:
        async with world.database.transaction() as connection:
            rows = (await connection.execute(HEADS_FIRST, {"unit": code})).all()
        return cls(code, rows[0].nip, rows[0].supervisor, [row.nip for row in rows[1:]])


async def cycle_of(world: World, who: Played) -> str:
    return str((await world.row(who.appraisal))["cycle_id"])


async def given(world: World, who: Played) -> str:
    """Her year up to a rating that waits for its label; the cycle."""
    at(world, JANUARY)
    await to_rating(world, who, **AS_EXPECTED)
    assert (await world.row(who.appraisal))["state"] == "calibration.waiting"
    return await cycle_of(world, who)


async def test_a_result_is_not_delivered_before_the_label_and_says_who_sets_it(year: World) -> None:
    clinic = await Office.of(year, "PKM-01")
    who = await Played.of(year, clinic.staff[0])
    cycle = await given(year, who)
    seen = await year.seen(who.appraisal, who.employee)
    assert seen["waiting_on"]["role"] == "organisation_label"  # type: ignore[index]
    assert seen["waiting_on"]["unit"]["code"] == "PKM-01"  # type: ignore[index]
    assert seen["waiting_on"]["person"]["nip"] == clinic.above  # type: ignore[index]
    assert (seen["outcome"], seen["organisation_label"]) == (None, None)
    assert not {"accept_result", "acknowledge_result", "file_appeal"} & set(seen["actions"])  # type: ignore[call-overload]
    refused = await year.act(who.appraisal, "accept_result", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_now")
    waited = await year.pass_to(who.appraisal, FEBRUARY)
    assert (waited["state"], waited["on_hr_list"]) == ("calibration.waiting", True)
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    assert [i["code"] for i in listed if i["appraisal_id"] == who.appraisal] == ["label_missing"]
    answer = await year.label(cycle, "PKM-01", "baik", clinic.above)
    assert (answer.status_code, answer.json()["affected"]) == (200, 1)
    row = await year.leaves(who.appraisal, "calibration.waiting")
    assert (row["state"], row["on_hr_list"]) == ("appeal.open", False)
    assert "result_ready" in await year.texts_of(who.appraisal)
    seen = await year.seen(who.appraisal)
    assert seen["outcome"]["lines"][-1]["what"] == "organisation"  # type: ignore[index]
    assert seen["organisation_label"]["label"] == "baik"  # type: ignore[index]
    await year.done(who.appraisal, "accept_result", who.employee)


async def test_a_label_that_comes_first_is_received_with_the_rating(year: World) -> None:
    district = await Office.of(year, "KEC-01")
    who = await Played.of(year, district.staff[0])
    at(year, JANUARY)
    cycle = await cycle_of(year, who)
    answer = await year.label(cycle, "KEC-01", "istimewa", district.above)
    assert (answer.status_code, answer.json()["affected"], answer.json()["number"]) == (200, 0, 2)
    await to_rating(year, who, **AS_EXPECTED)
    assert (await year.row(who.appraisal))["state"] == "appeal.open"
    assert (await year.actions_of(who.appraisal))[-2:] == ["submit_rating", "receive_label"]
    assert "result_ready" in await year.texts_of(who.appraisal)


async def test_a_label_set_while_the_worker_is_down_reaches_everybody(
    postgres_url: str, engine_address: str, tmp_path: Path
) -> None:
    async with opened_world(postgres_url, engine_address, tmp_path) as world:
        await opened_cycle(world)
        school = await Office.of(world, "SDN-001")
        people = [await Played.of(world, nip) for nip in school.staff[:4]]
        for who in people:
            cycle = await given(world, who)
        await world.worker.shutdown()
        answer = await world.label(cycle, "SDN-001", "baik", school.above)
        assert (answer.status_code, answer.json()["affected"]) == (200, 4)
        assert {(await world.row(who.appraisal))["state"] for who in people} == {"calibration.waiting"}
        async with world.make_worker():
            for who in people:
                assert (await world.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"


async def test_a_label_whose_word_was_lost_with_the_engine_away_is_told_later(year: World) -> None:
    inspectorate = await Office.of(year, "INSPEKTORAT")
    who = await Played.of(year, inspectorate.staff[0])
    cycle = await given(year, who)
    engine = year.rooms.engine
    year.rooms.engine = await Client.connect(
        f"127.0.0.1:{free_port()}", lazy=True, data_converter=pydantic_data_converter
    )
    try:
        assert (await year.label(cycle, "INSPEKTORAT", "baik")).status_code == 200
    finally:
        year.rooms.engine = engine
    assert (await year.row(who.appraisal))["state"] == "calibration.waiting"
    await tell_nudged(year.rooms)
    assert (await year.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"


async def test_a_label_that_is_gone_while_it_is_scored_delivers_no_result_without_one(
    year: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A roster hangs the unit elsewhere, and back again, between the moment of the label and the scoring."""
    office = await Office.of(year, "SETDA")
    who = await Played.of(year, office.staff[0])
    cycle = await given(year, who)
    asked: list[int | None] = []

    def gone_at_first(*, label: int | None, **found: Any) -> LabelScore:
        asked.append(label)
        return LabelScore(label=label if len(asked) > 1 else None, **found)

    monkeypatch.setattr("activities.score.LabelScore", gone_at_first)
    (await year.label(cycle, office.code, "baik")).raise_for_status()
    assert (await year.leaves(who.appraisal, "calibration.waiting"))["state"] == "appeal.open"
    trail = (await year.get(f"/appraisals/{who.appraisal}/events", "hr", limit=200)).json()["items"]
    assert [e["data"].get("label") for e in trail if e["action"] == "receive_label"] == [asked[-1]]
    assert len(asked) == 2


async def test_a_label_that_is_again_the_one_received_while_it_is_scored_stops_nobodys_year(
    year: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await Office.of(year, "BAPPEDA")
    who = await Played.of(year, office.head)
    cycle = await given(year, who)
    (await year.label(cycle, office.code, "baik")).raise_for_status()
    received = await year.leaves(who.appraisal, "calibration.waiting")
    asked: list[int | None] = []

    def as_before_at_first(*, label: int | None, outcome_id: str, **found: Any) -> LabelScore:
        asked.append(label)
        if len(asked) > 1:
            return LabelScore(label=label, outcome_id=outcome_id, **found)
        snapshot = Snapshot.model_validate(received["snapshot"])
        return LabelScore(label=snapshot.label, outcome_id=snapshot.outcome_id or "", same_result=True)

    monkeypatch.setattr("activities.score.LabelScore", as_before_at_first)
    (await year.label(cycle, office.code, "sangat_kurang")).raise_for_status()
    for _ in range(100):
        await year.bring(who.appraisal)
        snapshot = Snapshot.model_validate((await year.row(who.appraisal))["snapshot"])
        if asked and snapshot.label == asked[-1]:
            break
        await asyncio.sleep(0.1)
    assert (snapshot.label, len(asked)) == (asked[-1], 2)
    assert (await year.row(who.appraisal))["parked"] is None


async def test_a_label_changed_later_reopens_the_appeal_only_where_the_outcome_changes(year: World) -> None:
    school = await Office.of(year, "SDN-001")
    head, teacher = await Played.of(year, school.head), await Played.of(year, school.staff[0])
    for who in (head, teacher):
        cycle = await given(year, who)
    (await year.label(cycle, school.code, "baik", school.above)).raise_for_status()
    for who in (head, teacher):
        await year.leaves(who.appraisal, "calibration.waiting")
        await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(head.appraisal, "answer", "answer_appeal", head.supervisor)
    versions = [(await year.row(who.appraisal))["version"] for who in (head, teacher)]
    answer = await year.label(cycle, school.code, "kurang", school.above)
    assert (answer.json()["affected"], answer.json()["changed"]) == (2, True)
    reopened = await year.leaves(head.appraisal, "appeal.deciding")
    assert reopened["state"] == "appeal.open"
    seen = await year.seen(head.appraisal)
    assert seen["outcome"]["label"] == "butuh_perbaikan"  # type: ignore[index]
    assert (await year.seen(head.appraisal, head.employee))["outcome"] is None
    untouched = await year.until(teacher.appraisal, "receive_label", 2)
    assert untouched["state"] == "appeal.answering"
    seen = await year.seen(teacher.appraisal)
    assert (seen["outcome"]["label"], seen["outcome"]["lines"][-1]["value"]) == ("baik", "kurang")  # type: ignore[index]
    after = [(await year.row(who.appraisal))["version"] for who in (head, teacher)]
    assert [later > earlier for earlier, later in zip(versions, after, strict=True)] == [True, True]
    told = await year.texts_of(head.appraisal)
    assert "result_changed" in told
    assert "result_changed" not in await year.texts_of(teacher.appraisal)
    hers = [(await year.get(f"/appraisals/{w.appraisal}/forms/appeal", w.employee)).json() for w in (head, teacher)]
    assert [(one["status"], bool(one["data"])) for one in hers] == [("draft", True), ("submitted", True)]

    for form, person in (("appeal", "hr"), ("answer", head.supervisor)):
        path = f"/appraisals/{head.appraisal}/forms/{form}"
        assert (await year.get(path, person)).json()["status"] == "empty"
        before = (await year.get(path, person, revision=1)).json()
        assert (before["status"], bool(before["data"])) == ("submitted", True), "what was sent before stays readable"

    await year.done(head.appraisal, "acknowledge_result", head.employee)
    await year.done(head.appraisal, "file_appeal", head.employee)
    refused = await year.act(head.appraisal, "answer_appeal", head.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (422, "form_missing"), "he answered another objection"
    await year.send(head.appraisal, "answer", "answer_appeal", head.supervisor)


async def test_a_label_changed_after_the_end_is_listed_and_rewrites_nothing(year: World) -> None:
    office = await Office.of(year, "DUKCAPIL")
    head = await Played.of(year, office.head)
    clerk = await Played.of(year, year.people["employee"])
    for who in (head, clerk):
        cycle = await given(year, who)
    (await year.label(cycle, office.code, "baik", office.above)).raise_for_status()
    for who in (head, clerk):
        await year.leaves(who.appraisal, "calibration.waiting")
        await year.done(who.appraisal, "accept_result", who.employee)
        await year.until(who.appraisal, "archive", 1)
    before = [await year.row(who.appraisal) for who in (head, clerk)]
    answer = await year.label(cycle, office.code, "sangat_kurang", office.above)
    assert (answer.json()["affected"], answer.json()["final"]) == (0, [head.appraisal])
    assert [await year.row(who.appraisal) for who in (head, clerk)] == before
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    late = [item for item in listed if item["code"] == "label_after_final"]
    assert [(item["appraisal_id"], item["actions"]) for item in late] == [(head.appraisal, ["reopen"])]


async def test_the_label_of_a_nearer_unit_wins(year: World) -> None:
    above, office = await Office.of(year, "PEMKAB"), await Office.of(year, "BKPSDM")
    clerk = await Played.of(year, office.staff[-1])
    cycle = await given(year, clerk)
    (await year.label(cycle, office.code, "baik", above.head)).raise_for_status()
    received = (await year.until(clerk.appraisal, "receive_label", 1))["snapshot"]
    # The head of a unit without a label of its own: what is above him explains his result and does not make it.
    education = await Office.of(year, "DISDIK")
    head = await Played.of(year, education.head)
    await given(year, head)
    answer = await year.label(cycle, above.code, "sangat_kurang")
    assert answer.json()["affected"] == 1
    assert (await year.leaves(head.appraisal, "calibration.waiting"))["state"] == "appeal.open"
    assert (await year.seen(head.appraisal))["outcome"]["label"] == "baik"  # type: ignore[index]
    assert (await year.row(clerk.appraisal))["snapshot"] == received
    assert (await year.label(cycle, education.code, "kurang", above.head)).json()["affected"] == 1
    await year.until(head.appraisal, "receive_label", 2)
    assert (await year.seen(head.appraisal))["outcome"]["label"] == "butuh_perbaikan"  # type: ignore[index]
    shown = (await year.get(f"/cycles/{cycle}", "hr")).json()["unit_labels"]
    labels = {code: shown[code]["label"] for code in (above.code, office.code, education.code)}
    assert labels == {above.code: "sangat_kurang", office.code: "baik", education.code: "kurang"}
    # What she objects to is what the unit made of her result, so to decide by her supervisor's rating is another result.
    await year.send(head.appraisal, "appeal", "file_appeal", head.employee)
    await year.send(head.appraisal, "answer", "answer_appeal", head.supervisor)
    decider = (await year.seen(head.appraisal))["waiting_on"]["person"]["nip"]  # type: ignore[index]
    await year.send(head.appraisal, "decision", "decide_appeal", decider, CHANGED | {"rating": AS_EXPECTED})
    decided = await year.seen(head.appraisal)
    assert (decided["ending"], decided["outcome"]["label"]) == ("changed", "baik")  # type: ignore[index]


async def test_of_a_year_that_ended_by_an_earlier_policy_a_label_changes_nothing_that_the_policy_would(
    year: World,
) -> None:
    clinic = await Office.of(year, "PKM-01")
    who = await Played.of(year, clinic.staff[-1])
    at(year, JANUARY)
    cycle = await cycle_of(year, who)
    (await year.label(cycle, clinic.code, "butuh_perbaikan", clinic.above)).raise_for_status()
    await to_rating(year, who, **AS_EXPECTED)
    await year.done(who.appraisal, "accept_result", who.employee)
    await year.until(who.appraisal, "archive", 1)

    def harder(pack: dict[str, Any]) -> None:
        pack["scoring"]["matrix"]["as_expected"]["as_expected"] = "butuh_perbaikan"

    await corrected(year, cycle, harder)
    assert (await year.label(cycle, clinic.code, "kurang", clinic.above)).json()["final"] == []
    listed = (await year.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    assert [one["code"] for one in listed if one["appraisal_id"] == who.appraisal] == ["policy_after_final"]


async def test_a_cycle_frozen_before_there_were_labels_goes_on_without(
    postgres_url: str, engine_address: str, tmp_path: Path
) -> None:
    async with opened_world(postgres_url, engine_address, tmp_path) as world:
        wish = {"policy": "permenpanrb-6-2022", "year": YEAR, "name": "SKP lama"}
        cycle = (await world.post("/cycles", "hr", wish)).json()["id"]
        pack = load("permenpanrb-6-2022").model_dump(mode="json")
        pack["version"], pack["stages"]["calibration"] = 1, "none"
        del pack["distribution"], pack["scoring"]["head_result"], pack["calendar"]["calibration"]
        pack["steps"]["calibration.waiting"] |= {"basis": "visit", "window": None}
        async with world.database.transaction() as connection:
            frozen = {"pack": json.dumps(pack), "id": cycle}
            await connection.execute(text("UPDATE cycle SET pack = CAST(:pack AS jsonb) WHERE id = :id"), frozen)
        await launched(world, cycle)
        who = await Played.of(world, await world.next_clerk())
        at(world, JANUARY)
        (await world.label(cycle, "PEMKAB", "kurang")).raise_for_status()
        await to_rating(world, who, **AS_EXPECTED)
        seen = await world.seen(who.appraisal)
        assert (seen["state"], seen["organisation_label"]) == ("appeal.open", None)
        assert [line["what"] for line in seen["outcome"]["lines"]][:3] == LINES  # type: ignore[index]
        answer = await world.label(cycle, "PEMKAB", "baik")
        assert (answer.json()["affected"], answer.json()["final"], answer.json()["warnings"]) == (0, [], [])
        await world.done(who.appraisal, "accept_result", who.employee)
        shown = (await world.get(f"/cycles/{cycle}/distribution", "hr")).json()
        assert (shown["mode"], shown["unit_size_min"]) == ("off", None)


LINES = ["result_rating", "behaviour_rating", "label"]


async def launched(world: World, cycle: str) -> None:
    """Open a draft and wait until everybody was launched."""
    (await world.post(f"/cycles/{cycle}/open", "hr")).raise_for_status()
    for _ in range(500):
        if (await world.get(f"/cycles/{cycle}/progress", "hr")).json()["pending"] == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the cycle was not launched")
