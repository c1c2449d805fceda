"""One form that several people write: what is shown, saved, sent and found wanting is always the same text."""

from __future__ import annotations

import asyncio
import copy
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from api.form_desk import Draft, Slot
from tests.api.test_reopening import TO_RATING, archived
from tests.endings import DECEMBER, JANUARY, JULY, Played, at, until_rating
from tests.world import World

PEOPLE = 60

SENT = text(
    """
    SELECT f.data FROM event e JOIN form_copy f ON f.id = e.data -> 'form' ->> 'copy_id'
     WHERE e.appraisal_id = :id ORDER BY e.seq DESC LIMIT 1
    """
)
BELOW = {"result_rating": "below", "result_reason": "Bukti baru."}
DRAFTS = text("SELECT data FROM draft WHERE appraisal_id = :id AND form = 'plan'")


@pytest.fixture
async def who(year: World) -> Played:
    """Somebody whose year nobody has touched yet."""
    at(year, JANUARY)
    return await Played.of(year, await year.next_clerk())


async def read(world: World, who: Played, person: str, form: str = "plan") -> httpx.Response:
    return (await world.get(f"/appraisals/{who.appraisal}/forms/{form}", person)).raise_for_status()


async def save(world: World, who: Played, person: str, data: object, etag: str | None = None) -> httpx.Response:
    headers = world.headers(person, **({"If-Match": etag} if etag else {}))
    return await world.http.put(f"/api/v1/appraisals/{who.appraisal}/forms/plan", headers=headers, json={"data": data})


async def sent(world: World, who: Played) -> object:
    """What was last sent, as the trail has it."""
    async with world.database.transaction() as connection:
        return (await connection.execute(SENT, {"id": who.appraisal})).scalar_one()


def saying(data: dict[str, object], words: str) -> dict[str, object]:
    """The same plan with another title of its first result."""
    said = copy.deepcopy(data)
    rows = said["results"]
    assert isinstance(rows, list)
    rows[0]["title"] = words
    return said


async def amended_by_the_supervisor(world: World, who: Played) -> dict[str, object]:
    """Her plan is in force, then his amendment of it, which took him several saves; answers his text."""
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    his = saying((await read(world, who, who.supervisor)).json()["data"], "Diubah atasan.")
    for _ in range(3):
        assert (await save(world, who, who.supervisor, his)).status_code == 200
    await world.done(who.appraisal, "amend_plan", who.supervisor)
    return his


async def test_what_somebody_else_sent_is_what_its_author_goes_on_from(year: World, who: Played) -> None:
    his = await amended_by_the_supervisor(year, who)
    shown = await read(year, who, who.employee)
    body = shown.json()
    assert (shown.headers["ETag"], body["status"], body["data"]) == ('"4"', "submitted", his)
    assert body["superseded"] is None, "her own text was sent: it is in the trail"
    hers = saying(his, "Tulisan pegawai.")
    saved = await save(year, who, who.employee, hers, shown.headers["ETag"])
    assert (saved.status_code, saved.headers["ETag"], saved.json()["status"]) == (200, '"5"', "draft"), saved.text
    assert saved.json()["data"] == (await read(year, who, who.employee)).json()["data"] == hers
    await year.done(who.appraisal, "amend_plan", who.employee)
    assert await sent(year, who) == hers


async def test_what_was_saved_without_a_version_is_shown(year: World, who: Played) -> None:
    his = await amended_by_the_supervisor(year, who)
    hers = saying(his, "Tulisan pegawai.")
    saved = (await save(year, who, who.employee, hers)).json()
    assert (saved["version"], saved["status"], saved["data"]) == (5, "draft", hers)
    assert (await read(year, who, who.supervisor)).json()["data"] == his


async def test_a_version_from_before_somebody_else_sent_is_stale(year: World, who: Played) -> None:
    his = await amended_by_the_supervisor(year, who)
    stale = await save(year, who, who.employee, his, '"1"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "version_conflict", 4)
    assert (await read(year, who, who.employee)).json()["version"] == 4


async def test_who_sends_without_typing_sends_what_she_was_shown(year: World, who: Played) -> None:
    his = await amended_by_the_supervisor(year, who)
    assert (await read(year, who, who.employee)).json()["data"] == his
    version = (await year.row(who.appraisal))["version"]
    answer = await year.act(who.appraisal, "amend_plan", who.employee, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    assert await sent(year, who) == his
    reviewed = (await read(year, who, "hr")).json()
    assert (reviewed["data"], reviewed["version"], reviewed["sent_by"]["role"]) == (his, 4, "employee")


async def test_words_that_were_never_sent_are_kept_and_told_when_somebody_else_sends(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    plan = (await read(year, who, who.employee)).json()["data"]
    hers, his = saying(plan, "Rancangan pegawai."), saying(plan, "Diubah atasan.")
    assert (await save(year, who, who.employee, hers)).json()["version"] == 2
    assert (await save(year, who, who.supervisor, his)).json()["version"] == 3
    assert (await read(year, who, who.employee)).json()["data"] == hers, "a draft is its author's"
    await year.done(who.appraisal, "amend_plan", who.supervisor)
    shown = (await read(year, who, who.employee)).json()
    assert (shown["version"], shown["data"]) == (3, his)
    assert shown["superseded"] == {"version": 2, "data": hers}
    async with year.database.transaction() as connection:
        assert hers in list((await connection.execute(DRAFTS, {"id": who.appraisal})).scalars())
    again = (await save(year, who, who.employee, hers)).json()
    assert (again["version"], again["data"], again["superseded"]) == (4, hers, None)


async def test_of_two_who_write_at_once_no_two_texts_have_one_version(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    plan = (await read(year, who, who.employee)).json()["data"]
    saves = [save(year, who, person, plan) for person in (who.employee, who.supervisor) for _ in range(3)]
    answers = await asyncio.gather(*saves)
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6, 7]


async def test_of_two_first_saves_of_the_same_version_one_is_refused(year: World, who: Played) -> None:
    shown = await read(year, who, who.employee)
    example = shown.json()["schema"]["examples"][0]
    texts = [saying(example, f"Tulisan {n}.") for n in range(4)]
    answers = await asyncio.gather(*(save(year, who, who.employee, one, shown.headers["ETag"]) for one in texts))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    [kept] = [answer.json() for answer in answers if answer.status_code == 200]
    assert kept["version"] == 1
    assert (await read(year, who, who.employee)).json()["data"] == kept["data"]


async def test_the_problems_shown_are_those_that_sending_is_refused_for(year: World, who: Played) -> None:
    empty = (await read(year, who, who.employee)).json()
    assert (empty["status"], bool(empty["problems"])) == ("empty", True)
    assert (await year.act(who.appraisal, "submit_plan", who.employee)).json()["code"] == "form_missing"
    await amended_by_the_supervisor(year, who)
    assert (await read(year, who, who.employee)).json()["problems"] == []
    whole = (await read(year, who, who.employee)).json()["data"]
    assert (await save(year, who, who.employee, {**whole, "results": []})).status_code == 200
    shown = (await read(year, who, who.employee)).json()
    refused = (await year.act(who.appraisal, "amend_plan", who.employee)).json()
    pointers = [(one["pointer"], one["code"]) for one in shown["problems"]]
    assert (refused["code"], [(one["pointer"], one["code"]) for one in refused["errors"]]) == (
        "form_incomplete",
        pointers,
    )


async def test_a_plan_the_supervisor_made_in_her_place_stands_before_her_unsent_draft(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    hers = (await read(year, who, who.employee)).json()["schema"]["examples"][0]
    assert (await save(year, who, who.employee, saying(hers, "Rancangan pegawai."))).status_code == 200
    lapses_at = (await year.row(who.appraisal))["lapses_at"]
    assert isinstance(lapses_at, datetime)
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))
    await year.send(who.appraisal, "plan", "submit_plan", who.supervisor)
    shown = (await read(year, who, who.employee)).json()
    assert (shown["status"], shown["data"]) == ("submitted", await sent(year, who))
    assert shown["superseded"] == {"version": 1, "data": saying(hers, "Rancangan pegawai.")}


async def test_after_a_takeover_a_reopened_rating_is_the_senior_supervisors_for_both_to_go_on_from(
    year: World, who: Played
) -> None:
    await until_rating(year, who)
    his = await year.fill(who.appraisal, "rating", who.supervisor, BELOW)
    lapses_at = (await year.row(who.appraisal))["lapses_at"]
    assert isinstance(lapses_at, datetime)
    await year.pass_to(who.appraisal, lapses_at + timedelta(days=1))
    await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    seniors = await sent(year, who)
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "accept_result", who.employee)
    await archived(year, who.appraisal)
    await year.done(who.appraisal, "reopen", "hr", TO_RATING)
    shown = (await read(year, who, who.supervisor, "rating")).json()
    assert (shown["data"], shown["version"], shown["problems"]) == (seniors, his + 1, [])
    assert shown["superseded"]["data"]["result_rating"] == "below"
    await year.done(who.appraisal, "submit_rating", who.supervisor)
    assert await sent(year, who) == seniors


# ── an amendment that was sent back ─────────────────────────────────────────────────────────────────────────────────

REASON = "Target belum terukur."


async def amended_by_the_employee(world: World, who: Played) -> tuple[dict[str, object], dict[str, object]]:
    """Her plan is in force, and her amendment of it waits for review; answers both texts."""
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    plan = (await read(world, who, who.employee)).json()["data"]
    hers = saying(plan, "Diubah pegawai.")
    assert (await save(world, who, who.employee, hers)).status_code == 200
    await world.done(who.appraisal, "amend_plan", who.employee)
    return plan, hers


async def until_july(world: World, who: Played) -> None:
    at(world, JULY)
    await world.bring(who.appraisal)


async def shown_to(world: World, who: Played, person: str) -> tuple[object, ...]:
    body = (await read(world, who, person)).json()
    return body["status"], body["version"], body["data"], body["return_comment"]


@pytest.mark.parametrize("approved", [False, True], ids=["in review", "already approved"])
async def test_a_returned_amendment_is_its_authors_to_mend_and_to_everybody_else_the_plan_in_force_is_the_plan(
    year: World, who: Played, approved: bool
) -> None:
    plan, hers = await amended_by_the_employee(year, who)
    if approved:
        await year.done(who.appraisal, "approve_plan", who.supervisor)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": REASON})
    for later in (None, until_july):
        if later is not None:
            await later(year, who)
        assert await shown_to(year, who, who.employee) == ("returned", 2, hers, REASON)
        for other in (who.supervisor, "hr"):
            assert await shown_to(year, who, other) == ("submitted", 1, plan, None)
        assert (await year.seen(who.appraisal))["forms"]["plan"] == {"status": "submitted", "version": 1}  # type: ignore[index]


async def test_after_the_rating_the_plan_is_the_one_that_was_in_force_and_in_an_earlier_revision_too(
    year: World, who: Played
) -> None:
    plan, hers = await amended_by_the_employee(year, who)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": REASON})
    await until_july(year, who)
    await year.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await year.done(who.appraisal, "complete_midyear", who.supervisor)
    assert await shown_to(year, who, who.employee) == ("returned", 2, hers, REASON)
    at(year, DECEMBER)
    await year.bring(who.appraisal)
    in_force = ("submitted", 1, plan, None)
    assert await shown_to(year, who, who.employee) == in_force
    late = await save(year, who, who.employee, saying(hers, "Terlambat."), '"1"')
    assert (late.status_code, late.json()["code"]) == (409, "not_now"), "no way leads back to a plan"
    stale = await save(year, who, who.employee, saying(hers, "Terlambat."), '"2"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "version_conflict", 1)
    assert await shown_to(year, who, who.employee) == in_force

    await year.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor)
    await year.labelled(who.appraisal)
    await year.done(who.appraisal, "accept_result", who.employee)
    await archived(year, who.appraisal)
    await year.done(who.appraisal, "reopen", "hr", TO_RATING)
    for person in (who.employee, who.supervisor, "hr"):
        assert await shown_to(year, who, person) == in_force
        then = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", person, revision=1)).json()
        assert (then["version"], then["data"]) == (1, plan)


async def test_a_returned_amendment_that_its_author_mends_is_a_draft_beside_the_reason_until_she_sends_it(
    year: World, who: Played
) -> None:
    _, hers = await amended_by_the_employee(year, who)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": REASON})
    mended = saying(hers, "Diubah lagi.")
    assert (await save(year, who, who.employee, mended, '"2"')).status_code == 200
    assert await shown_to(year, who, who.employee) == ("draft", 3, mended, REASON)
    await year.done(who.appraisal, "amend_plan", who.employee)
    assert await shown_to(year, who, who.employee) == ("submitted", 3, mended, None)
    await year.done(who.appraisal, "approve_plan", who.supervisor)
    for person in (who.employee, who.supervisor):
        assert await shown_to(year, who, person) == ("submitted", 3, mended, None)


async def test_a_recalled_amendment_is_a_draft_again_and_nobody_elses_plan(year: World, who: Played) -> None:
    plan, hers = await amended_by_the_employee(year, who)
    await year.done(who.appraisal, "recall_plan", who.employee)
    assert await shown_to(year, who, who.employee) == ("draft", 2, hers, None)
    assert await shown_to(year, who, who.supervisor) == ("submitted", 1, plan, None)


async def test_a_supervisor_who_amends_without_typing_never_puts_the_refused_amendment_in_force(
    year: World, who: Played
) -> None:
    plan, hers = await amended_by_the_employee(year, who)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": REASON})
    await year.done(who.appraisal, "amend_plan", who.supervisor)
    assert await sent(year, who) == plan
    assert await shown_to(year, who, who.supervisor) == ("submitted", 1, plan, None)
    assert await shown_to(year, who, who.employee) == ("draft", 2, hers, None)


ONE, TWO = {"a": "1"}, {"a": "2"}


@pytest.mark.parametrize(
    ("draft", "copied", "held"),
    [
        (None, None, None),
        (Draft(1, ONE), None, ONE),
        (None, Draft(1, ONE, "c"), ONE),
        (Draft(1, ONE), Draft(2, TWO, "c"), TWO),
        (Draft(2, ONE), Draft(1, TWO, "c"), ONE),
        (Draft(2, ONE), Draft(2, TWO, "c"), TWO),
        (Draft(2, ONE), Draft(2, ONE, "c"), ONE),
    ],
)
def test_of_a_draft_and_a_copy_that_was_sent_the_later_text_is_held(
    draft: Draft | None, copied: Draft | None, held: object
) -> None:
    slot = Slot(draft, copied)
    assert (slot.held and slot.held.data) == held
    lost = draft is not None and draft.data != held
    assert slot.superseded == (draft if lost else None)
