"""A year opened again after its employee died: what is decided anew is about the time before, and nobody asks her for anything."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from activities.notices import TOLD, with_reason
from tests.api.test_reopening import TO_DECISION, TO_RATING, archived, reopen, who
from tests.endings import CHANGED, FEBRUARY, Played, accepted, accepted_by_lapse, stands
from tests.workflow.people.changes import tasks_of
from tests.world import World

PEOPLE = 30
BETTER = {"result_rating": "above", "result_reason": "Bukti yang baru ditemukan."}
HERS = text(f"{TOLD} WHERE p.nip = :nip AND n.at >= :since")

__all__ = ["who"]


async def dies(year: World, who: Played) -> None:
    year.now = FEBRUARY
    await year.decided(who.employee, "exit", {"reason": "die", "effective": f"{FEBRUARY:%Y-%m}-08"})


async def has_until(year: World, who: Played, due: datetime) -> None:
    """The run of a revision begins on the day of this machine, long before: an objection would be handed on every other week until then."""
    body = {"due_at": due.isoformat(), "reason": "Keputusan ditunggu."}
    answer = await year.post(f"/appraisals/{who.appraisal}/actions/extend", "hr", body)
    assert answer.status_code == 200, answer.text


async def endings(year: World, who: Played) -> list[str]:
    sql = "SELECT data ->> 'ending' FROM event WHERE appraisal_id = :id AND data ? 'ending' ORDER BY seq"
    async with year.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"id": who.appraisal})).scalars())


@pytest.mark.case("3.6")
async def test_what_was_accepted_is_rated_anew_after_a_death_and_delivered_to_nobody(year: World, who: Played) -> None:
    """DOMAIN 3.6, 3.8: HR corrects the label for a posthumous promotion; who rated her rates again, and that is all."""
    await accepted(year, who)
    await archived(year, who.appraisal)
    before = (await year.row(who.appraisal))["outcome_id"]
    await dies(year, who)
    answer = await reopen(year, who, TO_RATING)
    assert (answer.status_code, answer.json()["state"]) == (200, "rating.drafting"), answer.text
    row = await year.pass_to(who.appraisal, FEBRUARY + timedelta(days=2))
    assert (row["revision"], row["state"], row["ending"]) == (2, "rating.drafting", None)
    assert who.appraisal in await tasks_of(year, who.supervisor)
    await year.send(who.appraisal, "rating", "submit_rating", who.supervisor, BETTER)
    await archived(year, who.appraisal)
    done = await year.row(who.appraisal)
    assert (done["state"], done["ending"]) == ("finalisation.done", "exited")
    assert done["outcome_id"] not in (None, before)
    assert await endings(year, who) == ["accepted", "exited"], "that she accepted stays in the trail"
    assert "exit" not in await year.actions_of(who.appraisal)
    async with year.database.transaction() as connection:
        agency = await year.rooms.people.agency(connection)
        hers = (await connection.execute(HERS, {"nip": who.employee, "since": FEBRUARY})).mappings().all()
        assert await with_reason(connection, year.rooms.facts, agency, hers, year.now) == [], (
            "nothing of it is sent to her"
        )


@pytest.mark.case("3.6")
async def test_no_year_is_opened_to_a_step_that_asks_who_has_died(year: World, who: Played) -> None:
    await accepted_by_lapse(year, who)
    await archived(year, who.appraisal)
    await dies(year, who)
    wish = {**TO_RATING, "to": "appeal.open"}
    refused = await reopen(year, who, wish)
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_to_ask"), refused.text
    assert (await reopen(year, who, TO_RATING)).status_code == 200


@pytest.mark.case("3.6")
async def test_an_objection_is_decided_anew_after_a_death(year: World, who: Played) -> None:
    await stands(year, who)
    await archived(year, who.appraisal)
    await dies(year, who)
    assert (await reopen(year, who, TO_DECISION)).status_code == 200
    await has_until(year, who, FEBRUARY + timedelta(days=10))
    row = await year.pass_to(who.appraisal, FEBRUARY + timedelta(days=2))
    assert row["state"] == "appeal.deciding"
    assert (await year.seen(who.appraisal))["waiting_on"]["person"]["nip"] == who.senior  # type: ignore[index]
    await year.send(who.appraisal, "decision", "decide_appeal", who.senior, CHANGED)
    assert await endings(year, who) == ["stands", "changed"]


@pytest.mark.case("3.6")
async def test_a_death_that_comes_after_the_reopening_ends_it_as_any_other_year(year: World, who: Played) -> None:
    await accepted(year, who)
    await archived(year, who.appraisal)
    year.now = FEBRUARY - timedelta(days=3)
    assert (await reopen(year, who, TO_RATING)).status_code == 200
    await year.bring(who.appraisal)
    await dies(year, who)
    await year.until(who.appraisal, "exit", 1)
    assert await endings(year, who) == ["accepted", "exited"]
