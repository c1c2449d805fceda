"""Employees have a say in the criteria before a cycle opens, and each comment is answered."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from activities.deliver import Channels, Deliverer
from activities.digest import Digests, GatherInput
from activities.facts import Facts
from activities.people import People
from tests.api.consulting import (
    DAYS,
    KEY,
    LAST_DAY,
    NOW,
    PURPOSE,
    UNIT,
    Body,
    Staff,
    agency,
    answer,
    begin,
    blockers,
    change,
    checked,
    comment,
    consulted,
    draft,
    listening,
    proven,
    read,
    say,
    staff,
    told,
)
from tests.api.noting import refused
from tests.world import YEAR, World

PEOPLE = 60

__all__ = ["agency", "listening", "staff"]


@pytest.mark.capability("S09", "B15")
async def test_employees_have_a_say_in_the_criteria_before_the_cycle_opens(agency: World, staff: Staff) -> None:
    employee, colleague = staff.inside[:2]
    cycle = await draft(agency, year=YEAR)
    assert await blockers(agency, cycle) == ["consultation_not_held"]
    begun = (await begin(agency, cycle)).json()
    assert (begun["first_day"], begun["last_day"]) == (f"{YEAR - 1}-12-01", LAST_DAY)
    invited = await told(agency, cycle, "consultation_begun")
    everybody = (await agency.get("/people", "hr", unit=UNIT, limit=200)).json()["items"]
    assert set(invited) == {one["nip"] for one in everybody}
    assert {one["at_once"] for one in invited.values()} == {False}, "it waits for the morning's mail"

    seen = (await agency.get(f"{cycle}/consultation", employee)).json()
    assert (seen["purpose"], seen["state"], seen["may_comment"]) == (PURPOSE, "open", True)
    assert KEY in {one["key"] for one in seen["criteria"]}
    pack = (await agency.get(f"{cycle}/policy", employee)).json()
    assert (pack["id"], pack["version"]) == (seen["policy"], seen["policy_version"]) == ("kami-mendengar", 3)
    assert {f"criteria.behaviour.{one['id']}" for one in pack["criteria"]["behaviour"]} <= {
        one["key"] for one in seen["criteria"]
    }

    whole = await comment(agency, cycle, employee, "Bobot perilaku terlalu kecil.")
    one = await comment(agency, cycle, colleague, "Bagaimana akuntabel diukur?", criterion=KEY)
    assert (await change(agency, cycle, whole["number"], employee, "Mohon bobot perilaku ditambah.")).is_success
    assert [c["number"] for c in await read(agency, cycle, employee)] == [whole["number"]]
    assert [(c["text"], c["criterion"], c["by"]["nip"]) for c in await read(agency, cycle, "hr")] == [
        ("Mohon bobot perilaku ditambah.", None, employee),
        ("Bagaimana akuntabel diukur?", KEY, colleague),
    ]
    assert await blockers(agency, cycle) == ["consultation_not_over", "comments_unanswered"]
    agency.now = NOW + timedelta(days=DAYS + 1)
    assert await blockers(agency, cycle) == ["comments_unanswered"]
    assert (await answer(agency, cycle, whole["number"], answer="not_taken_up", reason="Sudah diatur.")).is_success
    assert await blockers(agency, cycle) == ["comments_unanswered"]
    assert (await answer(agency, cycle, one["number"])).is_success
    by_others = {c["number"]: c for c in await read(agency, cycle, employee)}[one["number"]]
    assert (by_others["by"], by_others["own"], by_others["text"]) == (None, False, "Bagaimana akuntabel diukur?")
    assert (by_others["answer"]["answer"], by_others["answer"]["reason"]) == ("taken_up", "Dua butir digabung.")
    answered = await told(agency, cycle, "comment_answered")
    assert {nip: one["at_once"] for nip, one in answered.items()} == {employee: False, colleague: False}
    assert (await agency.post(f"{cycle}/open", "hr")).status_code == 202

    events = await proven(agency, cycle)
    assert [(e["action"], e["said"]) for e in events if e["action"] not in ("cycle_created", "cycle_opened")] == [
        ("consultation_begun", PURPOSE),
        ("criteria_commented", "Bobot perilaku terlalu kecil."),
        ("criteria_commented", "Bagaimana akuntabel diukur?"),
        ("criteria_commented", "Mohon bobot perilaku ditambah."),
        ("comment_answered", "Sudah diatur."),
        ("comment_answered", "Dua butir digabung."),
    ]
    assert not [e for e in events if {"Mohon bobot perilaku ditambah.", employee} & set(map(str, e["data"].values()))]
    late = (await agency.get(f"{cycle}/consultation", employee)).json()
    assert (late["state"], late["may_comment"], late["comments"], late["unanswered"]) == ("over", False, 2, 0)


# ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"days": DAYS - 1}, ("/days", "too_few_days")),
        ({"days": 0}, ("/days", "greater_than_equal")),
        ({"days": 181}, ("/days", "less_than_equal")),
        ({"days": "10"}, ("/days", "int_type")),
        ({"days": True}, ("/days", "int_type")),
        ({"purpose": "  "}, ("/purpose", "string_too_short")),
        ({"purpose": "x" * 4001}, ("/purpose", "string_too_long")),
        ({"purpose": None}, ("/purpose", "string_type")),
        ({"until": LAST_DAY}, ("/until", "extra_forbidden")),
    ],
)
async def test_a_consultation_that_cannot_be_is_refused_with_its_place(
    agency: World, said: Body, found: tuple[str, str]
) -> None:
    cycle = await draft(agency)
    answer = await begin(agency, cycle, **said)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [found]
    assert refused(await agency.get(f"{cycle}/consultation", "hr")) == (404, "not_found")
    assert await told(agency, cycle, "consultation_begun") == {}


async def test_a_consultation_is_hrs_to_begin_once_and_while_the_cycle_is_a_draft(agency: World, staff: Staff) -> None:
    cycle, key = await draft(agency), str(uuid4())
    for other in (staff.inside[0], "auditor", "pyb"):
        assert refused(await begin(agency, cycle, other)) == (403, "not_yours")
    body = {"days": DAYS, "purpose": PURPOSE}
    first = await agency.post(f"{cycle}/consultation", "hr", body, Idempotency_Key=key)
    again = await agency.post(f"{cycle}/consultation", "hr", body, Idempotency_Key=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert refused(await begin(agency, cycle)) == (409, "consultation_held")
    assert (await agency.post(f"{cycle}/cancel", "hr")).status_code == 202
    late = await begin(agency, cycle)
    assert (*refused(late), late.json()["state"]) == (409, "cycle_state", "cancelled")
    assert refused(await begin(agency, f"/cycles/{uuid4()}")) == (404, "not_found")


# ── a pack that does not ask for it ──────────────────────────────────────────────────────────────────────────────────────────


async def test_where_the_pack_does_not_ask_hr_may_hold_one_and_is_only_warned(agency: World, staff: Staff) -> None:
    cycle = await draft(agency, "permenpanrb-6-2022", YEAR + 1)
    assert await checked(agency, cycle) == ([], [])
    assert refused(await begin(agency, cycle, days=6)) == (422, "invalid_input")
    assert (await begin(agency, cycle, days=7)).status_code == 201
    await comment(agency, cycle, staff.inside[0])
    assert await checked(agency, cycle) == ([], ["consultation_not_over", "comments_unanswered"])
    found = (await agency.post(f"{cycle}/check", "hr")).json()["warnings"]
    assert {one["code"]: one["people"] for one in found}["comments_unanswered"] == [staff.inside[0]]
    assert (await agency.post(f"{cycle}/open", "hr")).status_code == 202
    late = await say(agency, cycle, staff.inside[0])
    assert refused(late) == (409, "cycle_state")
    assert (await answer(agency, cycle, 1)).is_success, "who was not answered before may still be"


# ── notices, and whose business it is ────────────────────────────────────────────────────────────────────────────────────────


async def test_who_is_invited_to_what_is_over_or_was_called_off_is_not_told(agency: World) -> None:
    open_one, called_off = await consulted(agency), await consulted(agency)
    assert (await agency.post(f"{called_off}/cancel", "hr")).status_code == 202
    morning = NOW + timedelta(days=1)
    await Digests(agency.database).gather(GatherInput(at=morning))
    await Deliverer(agency.database, People(), Facts(), Channels(), clock=lambda: morning).drain()
    invited = await told(agency, open_one, "consultation_begun")
    assert {one["state"] for one in invited.values()} == {"shown"}
    dropped = await told(agency, called_off, "consultation_begun")
    assert {(one["state"], one["last_error"]) for one in dropped.values()} == {("dropped", "the consultation is over")}
    late = await consulted(agency)
    evening = NOW + timedelta(days=DAYS + 6)
    await Digests(agency.database).gather(GatherInput(at=evening))
    await Deliverer(agency.database, People(), Facts(), Channels(), clock=lambda: evening).drain()
    assert {one["state"] for one in (await told(agency, late, "consultation_begun")).values()} == {"dropped"}
