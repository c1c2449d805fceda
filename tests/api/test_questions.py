"""A rating better than the results, and a rater unlike all others, are asked about: of whom it concerns to judge, and holding nobody up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.people import move_line
from tests.api.test_indicators import sent
from tests.api.test_labels import COPY, OUTCOME
from tests.api.test_regional_years import laid_over
from tests.endings import Played, until_rating
from tests.workflow.correcting import corrected
from tests.workflow.test_labels import Office
from tests.world import YEAR, World, open_cycle

PEOPLE = 100

ROWS = text(
    """
    SELECT a.id, p.nip FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE a.cycle_id = :cycle AND a.launch = 'launched' AND p.nip <> ALL(:taken) ORDER BY p.nip
    """
)
GIVE = text(
    """
    UPDATE appraisal SET outcome_id = CAST(:outcome AS text), state = 'appeal.open',
           snapshot = snapshot || jsonb_build_object('state', 'appeal.open', 'outcome_id', CAST(:outcome AS text),
                 'rated_by', (SELECT id FROM person WHERE nip = :rater), 'forms', jsonb_build_object('rating',
                 jsonb_build_object('form', 'rating', 'copy_id', CAST(:copy AS text), 'sha256', '', 'version', 1)))
     WHERE id = :id
    """
)
GRANT = text("INSERT INTO role_grant SELECT id, :role FROM person WHERE nip = :nip")
REVOKE = text("DELETE FROM role_grant WHERE role = :role AND person_id = (SELECT id FROM person WHERE nip = :nip)")


@pytest_asyncio.fixture(scope="module")
async def cycle(world: World) -> str:
    return await open_cycle(world, "gayungan", YEAR)


async def rated(world: World, cycle: str, attendance: int) -> Played:
    """Somebody whose work is rated 92 throughout, with this attendance."""
    who = await Played.of(world, await world.next_clerk())
    await until_rating(world, who)
    assert (await sent(world, cycle, f"nip;kehadiran\n{who.employee};{attendance}\n")).status_code == 200
    written = await laid_over(world, who.supervisor, who.appraisal, "rating", {"work": {"*": {"score": 92}}})
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, written)
    return who


@dataclass(frozen=True)
class Years:
    """Two that were rated alike: one comes to work, the other does not."""

    praised: Played
    borne_out: Played


@pytest_asyncio.fixture(scope="module")
async def years(world: World, cycle: str) -> Years:
    return Years(await rated(world, cycle, 60), await rated(world, cycle, 98))


async def asked(world: World, cycle: str, who: str = "hr", **params: str | int) -> list[dict[str, Any]]:
    answer = await world.get(f"/cycles/{cycle}/questions", who, **params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def of_one(world: World, appraisal: str, who: str) -> list[dict[str, Any]]:
    answer = await world.get(f"/appraisals/{appraisal}/questions", who)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


# ── a rating better than the results ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("S02")
async def test_a_rating_better_than_the_results_is_noticed_with_its_figures_and_holds_nobody_up(
    world: World, cycle: str, years: Years
) -> None:
    assert (await world.row(years.praised.appraisal))["state"] == "appeal.open"
    found = {one["appraisal_id"]: one for one in await asked(world, cycle) if one["appraisal_id"]}
    assert years.borne_out.appraisal not in found
    question = found[years.praised.appraisal]
    assert question["asks"] == "label_above_results"
    assert question["employee"]["nip"] == years.praised.employee
    assert question["rater"]["nip"] == years.praised.supervisor
    figures = {figure["what"]: figure["value"] for figure in question["figures"]}
    assert figures == {"label": "baik", "label_by_results": "kurang", "attendance": "60"}
    assert question["question"].endswith("?")
    assert "Kehadiran" in question["question"]


async def test_it_is_asked_in_the_language_of_who_reads_it(world: World, years: Years) -> None:
    path, headers = f"/api/v1/appraisals/{years.praised.appraisal}/questions", world.headers("hr")
    answer = await world.http.get(path, headers={**headers, "Accept-Language": "en"})
    (question,) = answer.json()["items"]
    assert question["question"].startswith("The label is ")


async def test_whoever_calibrates_it_and_the_senior_supervisor_read_it_and_neither_employee_nor_rater(
    world: World, cycle: str, years: Years
) -> None:
    who = years.praised
    for reader in ("hr", "board", "auditor", "pyb", who.senior):
        (question,) = await of_one(world, who.appraisal, reader)
        assert question["asks"] == "label_above_results"
    assert await of_one(world, years.borne_out.appraisal, "hr") == []
    for stranger in (who.employee, who.supervisor):
        refused = await world.get(f"/appraisals/{who.appraisal}/questions", stranger)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    refused = await world.get(f"/cycles/{cycle}/questions", who.employee)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert [one for one in await asked(world, cycle, who.senior) if one["employee"]] == []


@asynccontextmanager
async def granted(world: World, nip: str, role: str) -> AsyncIterator[None]:
    for change in (GRANT, REVOKE):
        async with world.database.transaction() as connection:
            await connection.execute(change, {"nip": nip, "role": role})
            await move_line(connection)
        if change is GRANT:
            yield


async def test_a_role_shows_nobody_a_question_about_herself_or_her_rater(
    world: World, cycle: str, years: Years
) -> None:
    who = years.praised
    for nip in (who.employee, who.supervisor):
        async with granted(world, nip, "auditor"):
            assert who.appraisal not in {one["appraisal_id"] for one in await asked(world, cycle, nip)}
    async with granted(world, who.supervisor, "auditor"):
        assert await of_one(world, who.appraisal, who.supervisor) == []
    async with granted(world, years.borne_out.employee, "auditor"):
        read = {one["appraisal_id"] for one in await asked(world, cycle, years.borne_out.employee)}
        assert (who.appraisal in read) == (who.supervisor != years.borne_out.supervisor)


async def test_what_was_decided_after_both_sides_were_heard_is_not_asked_about(world: World, cycle: str) -> None:
    who = await rated(world, cycle, 58)
    assert len(await of_one(world, who.appraisal, "hr")) == 1
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    await world.send(who.appraisal, "appeal", "file_appeal", who.employee)
    await world.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    rating = await laid_over(world, "hr", who.appraisal, "rating", {"work": {"*": {"score": 90}}})
    changed = {"decision": "changed", "rating": rating}
    await world.send(who.appraisal, "decision", "decide_appeal", who.senior, changed)
    assert await of_one(world, who.appraisal, "hr") == []


# ── a rater unlike all others ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Dealt:
    """Who gave everybody the best label, who supervises that rater, whom they rated, and another rater."""

    lenient: str
    above: str
    people: Sequence[str]
    other: str


@pytest_asyncio.fixture(scope="module")
async def dealt(world: World, cycle: str, years: Years) -> Dealt:
    """Everybody whose year nobody plays is rated: a school by its head, all others by the head of another office."""
    assert years.praised.employee in world.taken
    school, office = await Office.of(world, "SDN-001"), await Office.of(world, "DUKCAPIL")
    async with world.database.transaction() as connection:
        rows = (await connection.execute(ROWS, {"cycle": cycle, "taken": [*world.taken, office.head]})).all()
        for row in rows:
            hers = row.nip in school.staff
            made = {"id": row.id, "copy": str(uuid4()), "outcome": str(uuid4())}
            await connection.execute(COPY, made)
            await connection.execute(OUTCOME, made | {"label": "sangat_baik" if hers else "baik"})
            rater = school.head if hers else office.head
            await connection.execute(
                GIVE, {"id": row.id, "rater": rater, "copy": made["copy"], "outcome": made["outcome"]}
            )
    people = [row.nip for row in rows if row.nip in school.staff]
    assert len(people) >= 6
    return Dealt(school.head, school.above, people, office.head)


async def of_raters(world: World, cycle: str, who: str = "hr") -> list[tuple[str, str]]:
    return [(one["rater"]["nip"], one["asks"]) for one in await asked(world, cycle, who) if one["employee"] is None]


async def test_a_rater_who_gives_everybody_the_best_label_is_asked_about_with_the_figures_of_all_others(
    world: World, cycle: str, dealt: Dealt
) -> None:
    assert await of_raters(world, cycle) == [(dealt.lenient, "lenient")]
    first = (await asked(world, cycle))[0]
    figures = {figure["what"]: figure["value"] for figure in first["figures"]}
    assert (figures["people"], figures["marked"]) == (str(len(dealt.people)),) * 2
    assert int(figures["others"]) > 30
    assert figures["others_marked"] == "1"
    assert int(figures["odds"]) > 1000
    assert (first["appraisal_id"], first["employee"]) == (None, None)


async def test_whoever_supervises_the_rater_reads_it_and_the_rater_and_the_rated_do_not(
    world: World, cycle: str, dealt: Dealt
) -> None:
    assert await of_raters(world, cycle, dealt.above) == [(dealt.lenient, "lenient")]
    assert await of_raters(world, cycle, dealt.lenient) == []
    assert await of_raters(world, cycle, dealt.other) == []
    refused = await world.get(f"/cycles/{cycle}/questions", dealt.people[0])
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    for nip in (dealt.lenient, dealt.people[0]):
        async with granted(world, nip, "auditor"):
            assert await of_raters(world, cycle, nip) == []


async def test_a_list_goes_on_from_page_to_page_and_refuses_another_lists_cursor(
    world: World, cycle: str, dealt: Dealt
) -> None:
    whole = await asked(world, cycle)
    assert whole[0]["rater"]["nip"] == dealt.lenient
    assert len(whole) >= 2
    pages, cursor = list[Any](), dict[str, str]()
    while len(pages) < len(whole):
        page = (await world.get(f"/cycles/{cycle}/questions", "hr", limit=1, **cursor)).json()
        assert page["total"] == len(whole)
        pages += page["items"]
        cursor = {"cursor": page["next"]}
    assert pages == whole
    assert cursor == {"cursor": None}
    for wrong in ("MQ", "MC94L2xlbmllbnQ"):
        assert (await world.get(f"/cycles/{cycle}/questions", "hr", cursor=wrong)).status_code == 422


async def test_of_a_cycle_in_which_nobody_is_rated_nothing_is_asked(world: World) -> None:
    made = await world.post("/cycles", "hr", {"policy": "pp-30-2019", "year": YEAR + 1, "name": "Lain"})
    assert await asked(world, made.json()["id"]) == []
    assert (await world.get(f"/cycles/{uuid4()}/questions", "hr")).status_code == 404


@pytest.mark.usefixtures("dealt")
async def test_a_rating_is_asked_about_by_the_policy_that_it_was_given_by(world: World, cycle: str) -> None:
    before = await asked(world, cycle)
    assert {one["asks"] for one in before} == {"lenient", "label_above_results"}

    def kinder(pack: dict[str, Any]) -> None:
        for band, lowest in zip(pack["scoring"]["bands"], ("90", "55", "53", "51", "0"), strict=True):
            band["lowest"] = lowest

    await corrected(world, cycle, kinder)
    assert await asked(world, cycle) == before
    assert await of_one(world, before[-1]["appraisal_id"], "hr") != []
