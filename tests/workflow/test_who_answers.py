"""Who explains a rating that the senior supervisor gave by a takeover, once HR puts another in the supervisor's place (DOMAIN 3.3, 3.7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.endings import Played, to_result, until_rating
from tests.workflow.objecting import decider, led_by_another
from tests.workflow.test_appeals import rated_by_takeover, rating_taken_over, tasks, told_of, waits_on
from tests.world import World

PEOPLE = 60


async def reassigned(year: World, who: Played, supervisor: str | None) -> None:
    await year.done(who.appraisal, "reassign", "hr", {"supervisor": supervisor, "reason": "Sesuai SK penempatan."})


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
async def test_a_reassigned_supervisor_does_not_answer_for_a_rating_by_takeover(year: World, who: Played) -> None:
    """DOMAIN 1.3, 3.3: another comes in the place of who was silent; what was decided stays with whoever decided it."""
    await rated_by_takeover(year, who)
    new = await led_by_another(year, who)
    await reassigned(year, who, new)
    assert await waits_on(year, who) == ("supervisor", who.senior)
    assert who.appraisal in await tasks(year, who.senior)
    assert who.appraisal not in await tasks(year, new)
    seen = await year.seen(who.appraisal, new)
    assert (seen["supervisor"]["nip"], seen["actions"]) == (new, [])  # type: ignore[index]
    refused = await year.act(who.appraisal, "answer_appeal", new)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert new in await told_of(year, who, "reassigned"), "who supervises now hears of it, and not who answers"
    assert who.senior not in await told_of(year, who, "reassigned")
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)
    assert await decider(year, who) not in (who.senior, new)


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
@pytest.mark.parametrize("back", [True, False], ids=["taken back", "to yet another"])
async def test_nor_does_who_comes_after_a_reassignment_under_which_it_was_rated(
    year: World, who: Played, *, back: bool
) -> None:
    """The superior of the reassigned supervisor took over; then the line holds again, or somebody else was put in."""
    await until_rating(year, who)
    await reassigned(year, who, await led_by_another(year, who))
    under = replace(who, senior=str((await year.seen(who.appraisal))["senior_supervisor"]["nip"]))  # type: ignore[index]
    assert under.senior != who.senior
    await rating_taken_over(year, under)
    await reassigned(year, who, None if back else await led_by_another(year, under))
    assert await waits_on(year, who) == ("supervisor", under.senior)
    assert who.appraisal in await tasks(year, under.senior)
    await year.send(who.appraisal, "answer", "answer_appeal", under.senior)


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
async def test_who_took_over_answers_also_once_who_was_silent_has_left_and_another_came(
    year: World, who: Played
) -> None:
    await rated_by_takeover(year, who)
    await year.decided(who.supervisor, "exit", {"reason": "retire", "effective": year.now.date().isoformat()})
    await reassigned(year, who, await led_by_another(year, who))
    assert await waits_on(year, who) == ("supervisor", who.senior)
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
async def test_who_rated_by_takeover_answers_as_the_supervisor_that_he_becomes(year: World, who: Played) -> None:
    await rated_by_takeover(year, who)
    await reassigned(year, who, who.senior)
    assert await waits_on(year, who) == ("supervisor", who.senior)
    await year.send(who.appraisal, "answer", "answer_appeal", who.senior)


@pytest.mark.case("3.3")
@pytest.mark.case("3.7")
@pytest.mark.parametrize("left", [True, False], ids=["who rated has left", "the supervisor rated"])
async def test_the_answer_moves_with_a_reassignment_where_no_takeover_holds_it(
    year: World, who: Played, *, left: bool
) -> None:
    """DOMAIN 3.3: the open tasks of a supervisor are those of who comes in his place."""
    if left:
        await rated_by_takeover(year, who)
        await year.decided(who.senior, "exit", {"reason": "retire", "effective": year.now.date().isoformat()})
    else:
        await to_result(year, who)
        await year.send(who.appraisal, "appeal", "file_appeal", who.employee)
    new = await led_by_another(year, who)
    await reassigned(year, who, new)
    assert await waits_on(year, who) == ("supervisor", new)
    await year.send(who.appraisal, "answer", "answer_appeal", new)
