"""Whoever is close to somebody steps back from rating her: declared, recorded, moved at once, withdrawn; and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from tests.api.test_worklist import codes
from tests.endings import JANUARY, STANDS, Played, to_result, until_rating
from tests.world import YEAR, World

PEOPLE = 100

RELATED = {"kind": "family", "reason": "Adik kandung."}


@pytest.fixture
async def who(year: World) -> Played:
    year.now = JANUARY
    return await Played.of(year, await year.next_clerk())


async def stepped_back(year: World, officer: str, about: str, by: str | None = None) -> str:
    """The id of a recusal that holds from now on."""
    named = {} if by is None else {"person": officer}
    answer = await year.post("/recusals", by or officer, {"about": about, **RELATED, **named})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def waiting(year: World, nip: str) -> list[str]:
    return [task["appraisal_id"] for task in (await year.get("/me/tasks", nip, limit=200)).json()["items"]]


async def waits_on(year: World, appraisal: str) -> str:
    seen: Mapping[str, Mapping[str, Mapping[str, str]]] = await year.seen(appraisal)  # type: ignore[assignment]
    return seen["waiting_on"]["person"]["nip"]


async def told(year: World, nip: str) -> list[str]:
    """The agency's texts that were written to somebody of this."""
    sql = """
        SELECT n.text FROM notice n JOIN person p ON p.id = n.person_id WHERE p.nip = :nip AND n.event_seq IS NULL
           AND n.text IN ('supervisor_changed', 'supervises_now', 'supervises_no_more', 'task_moved', 'recusal_declared',
                          'recusal_withdrawn')
    """
    async with year.database.transaction() as connection:
        return sorted((await connection.execute(text(sql), {"nip": nip})).scalars())


async def trail(year: World, appraisal: str, who: str = "auditor") -> list[dict[str, object]]:
    return list((await year.get(f"/appraisals/{appraisal}/events", who, limit=200)).json()["items"])


@pytest.mark.capability("S01", "P20")
async def test_a_supervisor_who_is_close_to_her_steps_back_and_the_next_superior_rates_her_to_the_end(
    year: World, who: Played
) -> None:
    await until_rating(year, who)
    assert who.appraisal in await waiting(year, who.supervisor)
    heard = await told(year, who.senior)
    await stepped_back(year, who.supervisor, who.employee)

    assert who.appraisal not in await waiting(year, who.supervisor)
    assert who.appraisal in await waiting(year, who.senior)
    refused = await year.act(who.appraisal, "submit_rating", who.supervisor)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await year.get(f"/appraisals/{who.appraisal}", who.supervisor)).status_code == 403
    assert await told(year, who.employee) == ["supervisor_changed"]
    assert await told(year, who.senior) == sorted([*heard, "supervises_now"])

    await year.send(who.appraisal, "rating", "submit_rating", who.senior)
    await year.labelled(who.appraisal)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    decider = await waits_on(year, who.appraisal)
    assert decider not in (who.employee, who.supervisor, who.senior)
    await year.send(who.appraisal, "decision", "decide_appeal", decider, STANDS)

    events = {str(event["action"]): event for event in await trail(year, who.appraisal)}
    by = {action: event["actor"]["nip"] for action, event in events.items() if isinstance(event["actor"], dict)}
    assert (by["approve_plan"], by["submit_rating"], by["decide_appeal"]) == (who.supervisor, who.senior, decider)
    assert events["submit_rating"]["standing"] == "superior"
    assert events["submit_rating"]["post_of"]["nip"] == who.supervisor  # type: ignore[index]


@pytest.mark.capability("S01", "P20")
async def test_an_appeal_authority_who_is_close_to_her_hands_the_decision_to_the_next_at_once(
    year: World, who: Played
) -> None:
    await to_result(year, who)
    await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await year.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    assert await waits_on(year, who.appraisal) == who.senior
    await stepped_back(year, who.senior, who.employee)
    decider = await waits_on(year, who.appraisal)
    assert decider not in (who.employee, who.supervisor, who.senior)
    assert who.appraisal in await waiting(year, decider)
    assert "task_moved" in await told(year, decider)
    assert await told(year, who.employee) == []
    refused = await year.act(who.appraisal, "decide_appeal", who.senior)
    assert refused.json()["code"] == "not_yours"
    await year.send(who.appraisal, "decision", "decide_appeal", decider, STANDS)


@pytest.mark.capability("P20")
async def test_she_says_so_by_a_dispute_and_hr_settles_it_by_recording_the_relation(year: World, who: Played) -> None:
    await year.bring(who.appraisal)
    version = await year.fill(who.appraisal, "plan", who.employee)
    await year.done(who.appraisal, "dispute_supervisor", who.employee, {"reason": "Beliau mantan suami saya."})
    assert "supervisor_disputed" in await codes(year, who.appraisal)
    await stepped_back(year, who.supervisor, who.employee, by="hr")
    assert await codes(year, who.appraisal) == {}
    assert "recusal_declared" in await told(year, who.supervisor)
    assert (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()["version"] == version
    await year.done(who.appraisal, "submit_plan", who.employee)
    await year.done(who.appraisal, "approve_plan", who.senior)


async def test_the_trails_tell_the_two_hr_and_the_auditor_and_never_which_relation_it_is(
    year: World, who: Played
) -> None:
    made = await stepped_back(year, who.supervisor, who.employee)
    for reader in (who.employee, "hr", "auditor"):
        events = [e for e in await trail(year, who.appraisal, reader) if e["action"] == "recusal_declared"]
        assert made in [event["data"]["recusal"] for event in events]  # type: ignore[index]
        assert "family" not in str([event["data"] for event in events])
        assert len(events) == 1 or reader != who.employee
    assert made not in str([event["data"] for event in await trail(year, who.appraisal, who.senior)])
    agency = (await year.get("/agency/events", "auditor", limit=200)).json()["items"]
    assert made in [event["data"].get("recusal") for event in agency]


async def test_who_acts_for_a_supervisor_steps_back_for_himself_and_who_lent_rates_on(year: World, who: Played) -> None:
    delegate = await year.next_clerk()
    while (await Played.of(year, delegate)).supervisor in (who.supervisor, who.senior):
        delegate = await year.next_clerk()
    offer = {"to": delegate, "from": f"{YEAR}-01-05", "until": f"{YEAR}-01-12", "reason": "Dinas luar"}
    lent = (await year.post("/delegations", who.supervisor, offer)).json()["id"]
    assert (await year.post(f"/delegations/{lent}/accept", delegate)).status_code == 200
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert who.appraisal in await waiting(year, delegate)
    await stepped_back(year, delegate, who.employee)
    assert who.appraisal not in await waiting(year, delegate)
    assert who.appraisal in await waiting(year, who.supervisor)
    await year.http.delete(f"/api/v1/delegations/{lent}", headers=year.headers("hr"))


async def test_a_board_member_who_is_close_to_her_is_shown_no_year_of_hers_in_a_list_or_alone(
    year: World, who: Played
) -> None:
    assert who.appraisal in await listed(year, "board", who)
    await stepped_back(year, year.people["board"], who.employee)
    assert await listed(year, "board", who) == []
    assert (await year.get(f"/appraisals/{who.appraisal}", "board")).status_code == 403


async def listed(year: World, reader: str, who: Played) -> list[str]:
    return [one["id"] for one in (await year.get("/appraisals", reader, q=who.employee)).json()["items"]]


# ── withdrawn ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_only_hr_withdraws_it_and_then_it_is_as_it_was(year: World, who: Played) -> None:
    made = await stepped_back(year, who.supervisor, who.employee)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    path, why = f"/recusals/{made}/withdraw", {"reason": "Ternyata bukan saudara."}
    assert (await year.post(path, who.supervisor, why)).json()["code"] == "not_yours"
    for stranger in (who.employee, who.senior):
        assert (await year.post(path, stranger, why)).json()["code"] == "not_found"
    for _ in range(2):
        ended = await year.post(path, "hr", why)
        assert ended.status_code == 200, ended.text
        assert ended.json()["withdrawn_by"]["nip"] == year.people["hr"]
    assert who.appraisal in await waiting(year, who.supervisor)
    assert who.appraisal not in await waiting(year, who.senior)
    assert "recusal_withdrawn" in await told(year, who.supervisor)
    assert [e["action"] for e in await trail(year, who.appraisal)].count("recusal_withdrawn") == 1
    await stepped_back(year, who.supervisor, who.employee)


async def test_each_sees_his_own_and_hr_all_with_the_reason(year: World, who: Played) -> None:
    made = await stepped_back(year, who.supervisor, who.employee)
    for reader in (who.supervisor, "hr"):
        [shown] = [one for one in (await year.get("/recusals", reader, limit=200)).json()["items"] if one["id"] == made]
        assert (shown["person"]["nip"], shown["about"]["nip"]) == (who.supervisor, who.employee)
        assert (shown["kind"], shown["reason"], shown["withdrawn_at"]) == ("family", "Adik kandung.", None)
    assert made not in [one["id"] for one in (await year.get("/recusals", who.senior)).json()["items"]]
    kinds = (await year.get("/recusals/kinds", who.employee)).json()["items"]
    assert {"family", "marriage", "business"} <= {kind["id"] for kind in kinds}


# ── refused, and nothing changed ────────────────────────────────────────────────────────────────────────────────────


async def rows_and_events(year: World) -> tuple[object, ...]:
    sql = "SELECT (SELECT count(*) FROM recusal), (SELECT max(seq) FROM agency_event), (SELECT count(*) FROM notice)"
    async with year.database.transaction() as connection:
        return tuple((await connection.execute(text(sql))).one())


BAD: list[tuple[str, dict[str, object], str, str]] = [
    ("supervisor", {"about": "supervisor"}, "/about", "of_oneself"),
    ("supervisor", {"kind": "friendship"}, "/kind", "unknown_kind"),
    ("supervisor", {"about": "199001012015011999"}, "/about", "unknown_person"),
    ("supervisor", {"about": "senior"}, "/about", "decides_nothing"),
    ("employee", {"about": "supervisor"}, "/about", "decides_nothing"),
    ("hr", {"person": "employee", "about": "supervisor"}, "/about", "decides_nothing"),
    ("hr", {"person": "employee", "about": "employee"}, "/about", "of_oneself"),
    ("hr", {"person": "199001012015011999"}, "/person", "unknown_person"),
    ("supervisor", {"reason": " "}, "/reason", "string_too_short"),
    ("supervisor", {"about": "12"}, "/about", "string_pattern_mismatch"),
    ("supervisor", {"until": "2027-01-01"}, "/until", "extra_forbidden"),
]


@pytest.mark.parametrize(("by", "changes", "pointer", "code"), BAD)
async def test_what_cannot_be_declared_is_refused_by_place_and_changes_nothing(
    year: World, who: Played, by: str, changes: dict[str, object], pointer: str, code: str
) -> None:
    nips = {"employee": who.employee, "supervisor": who.supervisor, "senior": who.senior}
    body = {"about": who.employee, **RELATED, **{name: nips.get(str(said), said) for name, said in changes.items()}}
    before = await rows_and_events(year)
    refused = await year.post("/recusals", nips.get(by, by), body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input"), refused.text
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert await rows_and_events(year) == before


async def test_it_is_declared_once_and_the_same_key_is_answered_the_same(year: World, who: Played) -> None:
    body = {"about": who.employee, **RELATED}
    first = await year.post("/recusals", who.supervisor, body, idempotency_key=f"back-{who.employee}")
    again = await year.post("/recusals", who.supervisor, body, idempotency_key=f"back-{who.employee}")
    assert (first.status_code, first.json()) == (201, again.json())
    twice = await year.post("/recusals", who.supervisor, body)
    assert twice.json()["errors"][0]["code"] == "already_recused"


async def test_nobody_but_hr_records_anothers_and_hr_none_about_herself(year: World, who: Played) -> None:
    body = {"about": who.employee, "person": who.supervisor, **RELATED}
    for nip in (who.employee, who.senior, "pyb"):
        assert (await year.post("/recusals", nip, body)).json()["code"] == "not_yours"
    mine = await Played.of(year, year.people["hr"])
    herself = {"about": mine.employee, "person": mine.supervisor, **RELATED}
    assert (await year.post("/recusals", "hr", herself)).json()["code"] == "not_yours"


@pytest.mark.usefixtures("alone")
async def test_about_the_only_hr_officer_the_pyb_records_and_withdraws(year: World) -> None:
    mine = await Played.of(year, year.people["hr"])
    made = await stepped_back(year, mine.supervisor, mine.employee, by="pyb")
    why = {"reason": "Keliru."}
    assert (await year.post(f"/recusals/{made}/withdraw", "hr", why)).json()["code"] == "not_yours"
    assert (await year.post(f"/recusals/{made}/withdraw", "pyb", why)).status_code == 200


async def test_nobody_is_reassigned_to_who_stepped_back_from_her(year: World, who: Played) -> None:
    await stepped_back(year, who.supervisor, who.employee)
    body = {"supervisor": who.supervisor, "reason": "Kembali ke atasan semula."}
    refused = await year.act(who.appraisal, "reassign", "hr", body)
    assert refused.json()["errors"][0]["code"] == "recused"
