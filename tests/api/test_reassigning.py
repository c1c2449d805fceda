"""Another supervisor on one appraisal: somebody who can be, as with any other decision about who supervises, until it is cleared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import pytest

from models.vocabulary import Zone
from models.workdays import local_day
from tests.api.test_own_person import SECOND
from tests.endings import JANUARY, Played, to_result
from tests.world import YEAR, World

PEOPLE = 60
MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def reassign(
    year: World, appraisal: str, supervisor: str | None, *, language: str = "id", **more: object
) -> httpx.Response:
    body = {"supervisor": supervisor, "reason": "Konflik kepentingan.", **more}
    return await year.act(appraisal, "reassign", "hr", body, Accept_Language=language)


async def supervisor_of(year: World, appraisal: str) -> str:
    person: Mapping[str, str] = (await year.seen(appraisal))["supervisor"]  # type: ignore[assignment]
    return person["nip"]


def refused(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    return answer.status_code, body["code"], [(error["pointer"], error["code"]) for error in body["errors"]]


# ── who cannot be ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["id", "en"])
async def test_nobody_is_put_under_whoever_is_below_him(year: World, who: Played, language: str) -> None:
    for officer in (who.supervisor, who.senior):
        theirs = await year.appraisal_of(officer)
        before = await supervisor_of(year, theirs)
        answer = await reassign(year, theirs, who.employee, language=language)
        assert refused(answer) == (422, "invalid_input", [("/supervisor", "loop_in_line")])
        assert ("below" if language == "en" else "di bawah") in answer.json()["errors"][0]["message"]
        assert await supervisor_of(year, theirs) == before
        assert "reassign" not in await year.actions_of(theirs)


async def test_nobody_is_his_own_supervisor(year: World, who: Played) -> None:
    answer = await reassign(year, who.appraisal, who.employee)
    assert refused(answer) == (422, "invalid_input", [("/supervisor", "self_supervisor")])


async def test_hr_makes_herself_nobodys_supervisor_unless_the_line_leads_to_her(year: World, who: Played) -> None:
    """As she borrows nobody's powers by a delegation; another officer names her, and from then on it is the line."""
    hr, today = year.people["hr"], JANUARY.date().isoformat()
    unit, _ = await year.elsewhere(who.employee)
    herself = {"supervisor": hr, "effective": today, "reason": "Uji."}
    moved = {"supervisor": hr, "effective": today, "unit": unit, "post": "Analis"}
    answers = [
        await reassign(year, who.appraisal, hr),
        await year.post(f"/people/{who.employee}/supervisor", "hr", herself),
        await year.post(f"/people/{who.employee}/transfer", "hr", moved),
    ]
    assert [refused(one) for one in answers] == [(422, "invalid_input", [("/supervisor", "oneself")])] * 3
    assert await supervisor_of(year, who.appraisal) == who.supervisor
    async with year.database.transaction() as connection:
        second = (await connection.execute(SECOND, {"hr": hr})).scalar_one()
    by_another = await year.post(f"/people/{who.employee}/supervisor", second, herself)
    assert by_another.status_code == 200, by_another.text
    assert (await reassign(year, who.appraisal, hr)).status_code == 200


async def test_hr_is_given_no_year_of_a_post_that_the_person_has_left_for_one_under_her(
    year: World, who: Played
) -> None:
    """Whoever supervised then goes on with it; that she leads her today is no reason."""
    hr = year.people["hr"]
    await to_result(year, who)
    async with year.database.transaction() as connection:
        second = (await connection.execute(SECOND, {"hr": hr})).scalar_one()
    unit, _ = await year.elsewhere(who.employee)
    body = {"supervisor": hr, "effective": local_day(year.now, Zone.WIB).isoformat(), "unit": unit, "post": "Analis"}
    assert (await year.post(f"/people/{who.employee}/transfer", second, body)).status_code == 200
    assert refused(await reassign(year, who.appraisal, hr)) == (422, "invalid_input", [("/supervisor", "oneself")])
    assert await supervisor_of(year, who.appraisal) == who.supervisor


@pytest.mark.parametrize("reason", ["retire", "die"])
async def test_whoever_has_left_takes_nobody_over(year: World, who: Played, reason: str) -> None:
    gone = await year.next_clerk()
    year.now = MAY
    await year.decided(gone, "exit", {"reason": reason, "effective": f"{YEAR}-05-20"})
    answer = await reassign(year, who.appraisal, gone)
    assert refused(answer) == (422, "invalid_input", [("/supervisor", "unknown_person")])
    assert await supervisor_of(year, who.appraisal) == who.supervisor


async def test_the_line_and_a_reassignment_refuse_the_same_people_for_the_same_reason(year: World, who: Played) -> None:
    theirs = await year.appraisal_of(who.supervisor)
    for nip in (who.employee, who.supervisor):
        by_line = await year.post(
            f"/people/{who.supervisor}/supervisor",
            "hr",
            {"supervisor": nip, "effective": JANUARY.date().isoformat(), "reason": "Uji."},
        )
        assert refused(by_line) == refused(await reassign(year, theirs, nip))


# ── until it is cleared ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_reassignment_that_is_cleared_gives_the_line_back(year: World, who: Played) -> None:
    _, other = await year.elsewhere(who.employee)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert (await reassign(year, who.appraisal, other)).status_code == 200
    assert await supervisor_of(year, who.appraisal) == other
    assert (await reassign(year, who.appraisal, None)).status_code == 200
    assert await supervisor_of(year, who.appraisal) == who.supervisor
    assert (await year.row(who.appraisal))["supervisor_override"] is None
    assert (await year.act(who.appraisal, "approve_plan", other)).json()["code"] == "not_yours"
    await year.done(who.appraisal, "approve_plan", who.supervisor)


async def test_to_go_back_to_the_line_settles_a_dispute(year: World, who: Played) -> None:
    await year.done(who.appraisal, "dispute_supervisor", who.employee)
    assert (await reassign(year, who.appraisal, None)).status_code == 200
    assert (await year.row(who.appraisal))["disputed"] is False


async def test_where_nothing_was_reassigned_there_is_nothing_to_clear(year: World, who: Played) -> None:
    answer = await reassign(year, who.appraisal, None)
    assert refused(answer) == (422, "invalid_input", [("/supervisor", "not_reassigned")])


async def test_a_reassignment_says_to_whom_though_it_be_nobody(year: World, who: Played) -> None:
    _, other = await year.elsewhere(who.employee)
    await reassign(year, who.appraisal, other)
    for body, field in (({"reason": "Uji."}, "supervisor"), ({"supervisor": None}, "reason")):
        answer = await year.act(who.appraisal, "reassign", "hr", body)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "missing_value", field)


async def test_a_key_that_cleared_is_not_used_for_another_reassignment(year: World, who: Played) -> None:
    _, other = await year.elsewhere(who.employee)
    await reassign(year, who.appraisal, other)
    path, key = f"/appraisals/{who.appraisal}/actions/reassign", "satu-kunci"
    cleared = {"supervisor": None, "reason": "Uji."}
    first = await year.post(path, "hr", cleared, Idempotency_Key=key)
    again = await year.post(path, "hr", cleared, Idempotency_Key=key)
    assert (first.status_code, again.json()) == (200, first.json())
    for body in ({"reason": "Uji."}, {"supervisor": other, "reason": "Uji."}):
        answer = await year.post(path, "hr", body, Idempotency_Key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


async def test_who_acted_finds_her_receipt_by_its_key_though_it_is_somebody_elses_now(year: World, who: Played) -> None:
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    approve = f"/appraisals/{who.appraisal}/actions/approve_plan"
    first = await year.post(approve, who.supervisor, {}, Idempotency_Key="mine")
    assert first.status_code == 200, first.text
    _, other = await year.elsewhere(who.employee)
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": other, "reason": "Konflik kepentingan."})
    again = await year.post(approve, who.supervisor, {}, Idempotency_Key="mine")
    assert (again.status_code, again.json()) == (200, first.json())
    another = await year.post(approve, who.supervisor, {}, Idempotency_Key="another")
    assert (another.status_code, another.json()["code"]) == (403, "not_yours")


# ── in whose list ───────────────────────────────────────────────────────────────────────────────────────────────────


async def listed(year: World, reader: str) -> set[str]:
    """The whole of somebody's list."""
    found: set[str] = set()
    more: dict[str, str] = {}
    while True:
        page = (await year.get("/appraisals", reader, limit=200, **more)).raise_for_status().json()
        found |= {one["id"] for one in page["items"]}
        if page["next"] is None:
            assert page["total"] == len(found)
            return found
        more = {"cursor": page["next"]}


async def opened(year: World, reader: str) -> set[str]:
    """Every appraisal that is not refused to somebody who asks for it by its id."""
    ids = await listed(year, "hr")
    return {one for one in ids if (await year.get(f"/appraisals/{one}", reader)).status_code == 200}


async def reads_everything(year: World, nip: str) -> bool:
    return bool({"hr", "auditor", "board", "pyb"} & set((await year.get("/me", nip)).json()["roles"]))


async def test_a_list_shows_what_may_be_opened_whoever_was_put_in_the_supervisors_place(
    year: World, who: Played
) -> None:
    while any([await reads_everything(year, officer) for officer in (who.supervisor, who.senior)]):
        who = await Played.of(year, await year.next_clerk())
    _, other = await year.elsewhere(who.employee)
    assert (await reassign(year, who.appraisal, other)).status_code == 200
    above = str((await year.seen(who.appraisal))["senior_supervisor"]["nip"])  # type: ignore[index]
    assert who.senior not in (other, above), "the test needs another line"
    for reader in (who.employee, other, above):
        assert who.appraisal in await listed(year, reader)
    for reader in (who.supervisor, who.senior):
        assert who.appraisal not in await listed(year, reader)
    for reader in (who.employee, who.supervisor, who.senior, other, above, "pyb"):
        assert await listed(year, reader) == await opened(year, reader)


async def test_who_acts_for_an_appeal_authority_is_shown_only_whose_appeal_is_that_ones(
    year: World, who: Played
) -> None:
    delegate = await year.next_clerk()
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    today = local_day(year.now, Zone.WIB).isoformat()
    lent = {"to": delegate, "from": today, "until": today, "reason": "Dinas luar."}
    made = await year.post("/delegations", "pyb", lent)
    assert made.status_code == 201, made.text
    assert (await year.post(f"/delegations/{made.json()['id']}/accept", delegate)).status_code == 200
    shown = await listed(year, delegate)
    assert who.appraisal not in shown, "the senior supervisor decides, and the PyB only after him"
    assert shown == await opened(year, delegate)
