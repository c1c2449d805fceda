"""DOMAIN 3.4: whoever stands in another's post acts, and everything he does says so: trail, form, paper."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from activities.record import event_of
from models.trail import breaks
from tests.endings import JANUARY, Played, to_result
from tests.workflow.people.changes import imported, row_of
from tests.world import YEAR, World

LETTERS = {"plt": "Plt.", "plh": "Plh."}


@pytest.fixture
async def substitute(year: World, who: Played, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Who acts for the supervisor as `request.param` says, by a roster file."""
    _, nip = await year.elsewhere(who.employee)
    kind, said = request.param, await row_of(year, nip)
    holder, first = {f"{kind}_untuk": who.supervisor}, {f"{kind}_mulai": JANUARY.date().isoformat()}
    await imported(year, said | holder | first | {f"{kind}_selesai": ""})
    yield nip
    await imported(year, said | {f"{kind}_untuk": "", f"{kind}_mulai": "", f"{kind}_selesai": ""})


async def event_named(world: World, appraisal: str, action: str) -> dict[str, object]:
    """The last event of that action as the api shows it, after the whole chain was recomputed from the rows."""
    async with world.database.transaction() as connection:
        stored = await connection.execute(
            text("SELECT * FROM event WHERE appraisal_id = :id ORDER BY seq"), {"id": appraisal}
        )
        assert breaks([event_of(row) for row in stored.mappings()]) == []
    shown = (await world.get(f"/appraisals/{appraisal}/events", "hr", limit=200)).raise_for_status().json()["items"]
    found: dict[str, object] = [event for event in shown if event["action"] == action][-1]
    return found


def nip_of(person: object) -> str | None:
    return person["nip"] if isinstance(person, dict) else None


async def paper(world: World, appraisal: str, kind: str) -> str:
    pdf = (await world.get(f"/appraisals/{appraisal}/documents/{kind}.pdf", "hr")).raise_for_status().content
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.capability("D08")
@pytest.mark.case("3.4")
@pytest.mark.parametrize("substitute", ["plt", "plh"], indirect=True)
async def test_a_rating_by_a_substitute_is_marked_wherever_it_is_read(
    year: World, who: Played, substitute: str, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.params["substitute"]
    refused = await year.act(who.appraisal, "approve_plan", who.supervisor)
    assert refused.status_code == 403, "while somebody acts for him the holder does not"
    await to_result(year, replace(who, supervisor=substitute))
    for action in ("approve_plan", "complete_midyear", "submit_rating"):
        event = await event_named(year, who.appraisal, action)
        assert (nip_of(event["actor"]), event["role"]) == (substitute, "supervisor")
        assert (event["standing"], nip_of(event["post_of"])) == (kind, who.supervisor), action
        assert event["on_behalf_of"] is None
    hers = await event_named(year, who.appraisal, "submit_plan")
    assert (hers["standing"], hers["post_of"]) == (None, None)
    rating = (await year.get(f"/appraisals/{who.appraisal}/forms/rating", "hr")).json()["sent_by"]
    assert (nip_of(rating["actor"]), rating["standing"], nip_of(rating["post_of"])) == (
        substitute,
        kind,
        who.supervisor,
    )
    post = (await year.get(f"/people/{who.supervisor}", "hr")).json()["post"]
    assert f"{LETTERS[kind]} {post}" in await paper(year, who.appraisal, "evaluation")
    assert f"{LETTERS[kind]} {post}" in await paper(year, who.appraisal, "plan")


@pytest.mark.case("3.4")
async def test_the_superior_of_a_vacant_post_acts_in_its_name(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    day = JANUARY.date() + timedelta(days=1)
    await year.decided(who.supervisor, "exit", {"reason": "retire", "effective": day.isoformat()})
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    await year.done(who.appraisal, "approve_plan", who.senior)
    event = await event_named(year, who.appraisal, "approve_plan")
    assert (nip_of(event["actor"]), event["standing"], nip_of(event["post_of"])) == (
        who.senior,
        "superior",
        who.supervisor,
    )
    post = (await year.get(f"/people/{who.supervisor}", "hr")).json()["post"]
    assert f"a.n. {post}" in await paper(year, who.appraisal, "plan")


@pytest.mark.case("3.4")
async def test_where_the_line_ends_the_pyb_acts_and_says_so(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    outside = {"supervisor": "LUAR", "effective": JANUARY.date().isoformat(), "reason": "Atasan di luar daftar."}
    await year.decided(who.employee, "supervisor", outside)
    await year.done(who.appraisal, "approve_plan", "pyb")
    event = await event_named(year, who.appraisal, "approve_plan")
    assert (nip_of(event["actor"]), event["standing"], event["post_of"]) == (year.people["pyb"], "pyb", None)
    assert "a.n. Pejabat Penilai Kinerja" in await paper(year, who.appraisal, "plan")


@pytest.mark.case("3.4")
async def test_where_every_post_above_is_vacant_the_pyb_acts_for_the_nearest(year: World, who: Played) -> None:
    _, lead = await year.elsewhere(who.employee)
    year.taken.append(lead)
    today = JANUARY.date().isoformat()
    await year.decided(
        lead, "supervisor", {"supervisor": "LUAR", "effective": today, "reason": "Langsung di bawah bupati."}
    )
    await year.decided(who.employee, "supervisor", {"supervisor": lead, "effective": today, "reason": "Mutasi."})
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    day = JANUARY.date() + timedelta(days=1)
    await year.decided(lead, "exit", {"reason": "retire", "effective": day.isoformat()})
    await year.pass_to(who.appraisal, JANUARY + timedelta(days=2))
    await year.done(who.appraisal, "approve_plan", "pyb")
    event = await event_named(year, who.appraisal, "approve_plan")
    assert (nip_of(event["actor"]), event["standing"], nip_of(event["post_of"])) == (year.people["pyb"], "pyb", lead)
    assert year.now.year == YEAR
