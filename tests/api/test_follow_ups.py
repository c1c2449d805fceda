"""What follows a result: proposed by the region's rules, decided by HR or a PyB, told to the employee, set aside by a reopening."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from activities.people import move_line
from tests.api.following import WHY, decided, final, follow_ups, history_of, proposed, rated, scored
from tests.api.test_regional_years import laid_over, region
from tests.endings import JANUARY, JULY, Played, at
from tests.world import YEAR, World

PEOPLE = 60

year = region("kepahiang-bobot", PEOPLE)

POOR = scored(55)
UNFIT = scored(55, every=1)


async def told(year: World, nip: str) -> list[str]:
    sql = "SELECT n.text FROM notice n JOIN person p ON p.id = n.person_id WHERE p.nip = :nip AND n.text LIKE 'follow%'"
    async with year.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"nip": nip})).scalars())


async def trail(year: World, who: Played, reader: str = "hr") -> list[dict[str, Any]]:
    items = (await year.get(f"/appraisals/{who.appraisal}/events", reader, limit=200)).json()["items"]
    return [one for one in items if one["action"] == "follow_up_decided" and one["data"]["appraisal"] == who.appraisal]


# ── what is proposed, and what becomes of it ────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("K13", "P18")
async def test_a_poor_result_leads_to_a_decision_for_more_training_or_a_post_that_fits_better(year: World) -> None:
    who = await final(year, UNFIT)
    found = await proposed(year, who)
    assert set(found) == {"training", "development_programme", "placement"}
    assert found["placement"]["reasons"][0]["why"].startswith("Predikat Kurang, dan kesesuaian dengan jabatan ")
    assert "PP 30/2019 art. 57" in found["placement"]["reasons"][0]["source"]
    assert "program pengembangan" in found["development_programme"]["reasons"][0]["why"]
    assert [one["id"] for one in found["training"]["courses"]]
    assert {one["decision"] for one in found.values()} == {None}
    assert (await decided(year, who, "placement", "approve")).status_code == 200
    assert (await decided(year, who, "training", "decline", by="pyb")).status_code == 200
    found = await proposed(year, who)
    assert {kind: one["decision"] and one["decision"]["decision"] for kind, one in found.items()} == {
        "placement": "approve",
        "training": "decline",
        "development_programme": None,
    }
    hr, pyb = found["placement"]["decision"], found["training"]["decision"]
    assert (hr["by"]["nip"], hr["role"], hr["reason"]) == (year.people["hr"], "hr", WHY["reason"])
    assert (pyb["by"]["nip"], pyb["role"]) == (year.people["pyb"], "appointing_authority")


@pytest.mark.capability("P18")
async def test_who_needs_to_improve_is_offered_a_programme_for_it_and_who_does_well_is_not(year: World) -> None:
    weak, well = await final(year, scored(65)), await final(year, scored(80))
    found = await proposed(year, weak)
    assert set(found) == {"development_programme"}
    assert "Butuh Perbaikan" in found["development_programme"]["reasons"][0]["why"]
    assert (await decided(year, weak, "development_programme", "approve")).status_code == 200
    assert (await proposed(year, weak))["development_programme"]["decision"]["decision"] == "approve"
    assert await follow_ups(year, well) == {
        "appraisal_id": well.appraisal,
        "revision": 1,
        "final": True,
        "items": [],
        "set_aside": [],
    }


@pytest.mark.capability("P05")
async def test_who_did_very_well_is_proposed_for_further_education_or_a_special_training(year: World) -> None:
    who = await final(year, scored(96))
    found = await proposed(year, who)
    assert set(found) == {"further_education"}
    [reason] = found["further_education"]["reasons"]
    assert (reason["title"], reason["why"]) == (
        "Pendidikan lanjutan atau pelatihan khusus",
        "Predikat Sangat Baik (di atas standar) dengan nilai 96.",
    )
    assert (await decided(year, who, "further_education", "approve")).status_code == 200
    assert (await proposed(year, who))["further_education"]["decision"]["decision"] == "approve"


async def test_the_employee_is_told_once_in_a_mail_that_names_nothing_and_the_trail_tells_hr_and_her(
    year: World,
) -> None:
    who = await final(year, UNFIT)
    for _ in range(2):
        assert (await decided(year, who, "placement", "approve")).status_code == 200
    assert await told(year, who.employee) == ["follow_up_decided"]
    for reader in ("hr", "auditor", who.employee):
        [event] = await trail(year, who, reader)
        assert event["data"]["decision"] == "approve"
        assert (event["data"]["kind"], event["data"]["revision"]) == ("placement", 1)
        assert (event["comment"], event["role"]) == (WHY["reason"], "hr")
    assert await trail(year, who, who.supervisor) == []


async def test_the_page_that_the_notice_leads_to_shows_what_was_decided_and_why(year: World) -> None:
    who = await final(year, UNFIT)
    await decided(year, who, "placement", "approve")
    shown = (await year.http.get(f"/penilaian/{who.appraisal}", headers=year.headers(who.employee))).text
    for said in ("Jabatan yang lebih sesuai", "disetujui", WHY["reason"], "diusulkan", "PP 30/2019 art. 57"):
        assert said in shown


async def test_a_decision_made_otherwise_later_holds_and_both_stand_in_the_trail(year: World) -> None:
    who = await final(year, UNFIT)
    await decided(year, who, "placement", "approve")
    again = {"reason": "Jabatan yang sesuai sudah terisi."}
    assert (await decided(year, who, "placement", "decline", by="pyb", **again)).status_code == 200
    decision = (await proposed(year, who))["placement"]["decision"]
    assert (decision["decision"], decision["reason"]) == ("decline", again["reason"])
    assert [event["data"]["decision"] for event in await trail(year, who)] == ["approve", "decline"]


async def test_the_same_key_is_answered_the_same(year: World) -> None:
    who = await final(year, UNFIT)
    path, body = f"/appraisals/{who.appraisal}/follow-ups/training", {"decision": "approve", **WHY}
    first = await year.post(path, "hr", body, idempotency_key=f"latih-{who.employee}")
    again = await year.post(path, "hr", body, idempotency_key=f"latih-{who.employee}")
    assert (first.status_code, first.json()) == (200, again.json())
    other = await year.post(path, "hr", {**body, "decision": "decline"}, idempotency_key=f"latih-{who.employee}")
    assert other.json()["code"] == "key_reused"
    assert len(await trail(year, who)) == 1


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_decides_but_hr_and_pyb_never_about_oneself_nor_about_whom_one_stepped_back_from(
    year: World,
) -> None:
    who = await final(year, UNFIT)
    for nip in (who.employee, who.supervisor, who.senior, "auditor", "board", await year.next_clerk()):
        assert (await decided(year, who, "training", "approve", by=nip)).json()["code"] == "not_yours"
    for nip in ("pyb", "hr"):
        await recused(year, nip, who)
        assert (await decided(year, who, "training", "approve", by=nip)).json()["code"] == "not_yours"
        listed = (await year.get(f"/cycles/{await cycle_of(year, who)}/follow-ups", nip, limit=200)).json()["items"]
        assert who.appraisal not in {one["appraisal_id"] for one in listed}
    assert (await proposed(year, who))["training"]["decision"] is None


@pytest.mark.usefixtures("alone")
async def test_the_only_hr_officer_s_own_is_decided_by_the_pyb(year: World) -> None:
    own = await Played.of(year, year.people["hr"])
    assert (await decided(year, own, "training", "approve")).json()["code"] == "not_yours"
    assert (await decided(year, own, "training", "approve", by="pyb")).json()["code"] == "not_final"


async def cycle_of(year: World, who: Played) -> str:
    return str((await year.row(who.appraisal))["cycle_id"])


async def recused(year: World, officer: str, who: Played) -> None:
    """It is on record that the officer stepped back from her, whatever he decides about her."""
    why = {"id": str(uuid4()), "author": "x"}
    sql = """
        INSERT INTO recusal (id, person_id, about_id, kind, valid_from, reason_id, declared_by, declared_at)
        SELECT :id, o.id, e.id, 'family', '2027-01-01', :id, o.id, now() FROM person o, person e WHERE o.nip = :officer AND e.nip = :about
    """
    async with year.database.transaction() as connection:
        await connection.execute(text("INSERT INTO text VALUES (:id, 'x', 'x', 'Saudara.', :author)"), why)
        asked = {"id": why["id"], "officer": year.people[officer], "about": who.employee}
        await connection.execute(text(sql), asked)
        await move_line(connection)


# ── only what is final and proposed ─────────────────────────────────────────────────────────────────────────────────


async def test_before_the_result_is_final_nothing_is_proposed_and_nothing_decided(year: World) -> None:
    who = await Played.of(year, await year.next_clerk())
    assert await follow_ups(year, who) == {
        "appraisal_id": who.appraisal,
        "revision": 1,
        "final": False,
        "items": [],
        "set_aside": [],
    }
    assert (await decided(year, who, "training", "approve")).json()["code"] == "not_final"


async def test_what_no_rule_proposes_is_decided_by_nobody(year: World) -> None:
    who = await final(year, scored(80))
    refused = await decided(year, who, "promotion", "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_proposed")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"decision": "maybe", **WHY}, "/decision"),
        ({"decision": "approve", "reason": " "}, "/reason"),
        (WHY, "/decision"),
    ],
)
async def test_a_decision_says_what_and_why(year: World, body: dict[str, str], pointer: str) -> None:
    who = await Played.of(year, year.people["hr"])
    refused = await year.post(f"/appraisals/{who.appraisal}/follow-ups/training", "pyb", body)
    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer])


async def test_a_year_that_is_opened_again_sets_aside_what_followed_it_and_the_next_result_leads_to_its_own(
    year: World,
) -> None:
    who = await final(year, UNFIT)
    await decided(year, who, "placement", "approve")
    again = {"to": "rating.drafting", "reason": "Data keliru.", "authority": "SK Bupati 12"}
    await year.done(who.appraisal, "reopen", "hr", again)
    found = await follow_ups(year, who, "hr")
    assert (found["final"], found["items"], found["revision"]) == (False, [], 2)
    [aside] = found["set_aside"]
    assert (aside["kind"], aside["revision"], aside["decision"]["decision"]) == ("placement", 1, "approve")
    assert (await decided(year, who, "placement", "decline")).json()["code"] == "not_final"
    await rated(year, who, scored(65))
    found = await follow_ups(year, who)
    assert [(one["kind"], one["decision"]) for one in found["items"]] == [("development_programme", None)]
    assert [one["kind"] for one in found["set_aside"]] == ["placement"]


async def test_nothing_follows_the_year_in_which_somebody_left_nor_a_part_of_a_year(year: World) -> None:
    left, moved = [await Played.of(year, await year.next_clerk()) for _ in range(2)]
    for who in (left, moved):
        at(year, JANUARY)
        await year.send(who.appraisal, "plan", "submit_plan", who.employee)
        await year.done(who.appraisal, "approve_plan", who.supervisor)
    unit, supervisor = await year.elsewhere(moved.employee)
    on = {"effective": f"{YEAR}-06-01"}
    await year.decided(left.employee, "exit", {"reason": "retire", **on})
    await year.decided(moved.employee, "transfer", {"post": "Analis", "unit": unit, "supervisor": supervisor, **on})
    for who, ending in ((left, "exited"), (moved, "segment_closed")):
        at(year, JULY + timedelta(days=5))
        await year.bring(who.appraisal)
        rating = await laid_over(year, who.supervisor, who.appraisal, "rating", UNFIT)
        await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, rating)
        await year.leaves(who.appraisal, "finalisation.running")
        assert (await year.row(who.appraisal))["ending"] == ending
        found = await follow_ups(year, who, "hr")
        assert (found["final"], found["items"]) == (False, [])
        assert (await decided(year, who, "training", "approve")).json()["code"] == "not_final"
    labels = [(one["label"], one["follow_ups"]) for one in (await history_of(year, left.employee, "hr"))["years"]]
    assert labels == [("kurang", [])], "but the label is on record"
    assert (await history_of(year, moved.employee, "hr"))["years"] == []


# ── of a cycle ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_hr_and_pyb_list_what_a_cycle_leads_to_page_by_page(year: World) -> None:
    who = await final(year, UNFIT)
    await decided(year, who, "training", "approve")
    path = f"/cycles/{await cycle_of(year, who)}/follow-ups"
    for nip in (who.employee, who.senior, "auditor", "board"):
        assert (await year.get(path, nip)).json()["code"] == "not_yours"
    whole = (await year.get(path, "hr", limit=200)).json()
    assert whole["total"] == len(whole["items"])
    mine = [one for one in whole["items"] if one["appraisal_id"] == who.appraisal]
    assert [one["kind"] for one in mine] == ["development_programme", "placement", "training"]
    assert {(one["label"], one["employee"]["nip"]) for one in mine} == {("kurang", who.employee)}
    paged: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        part = (await year.get(path, "pyb", limit=2, **cursor)).json()
        paged += part["items"]
        if part["next"] is None:
            break
        cursor = {"cursor": part["next"]}
    assert {one["key"] for one in paged} <= {one["key"] for one in whole["items"]}
    assert len(paged) == part["total"]
    trainings = (await year.get(path, "hr", limit=200, kind="training", decided=True)).json()["items"]
    assert who.appraisal in {one["appraisal_id"] for one in trainings}
    assert all(one["kind"] == "training" and one["decision"] for one in trainings)
    waiting = (await year.get(path, "hr", limit=200, decided=False)).json()["items"]
    assert {one["kind"] for one in waiting if one["appraisal_id"] == who.appraisal} == {
        "development_programme",
        "placement",
    }
