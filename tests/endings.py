"""Every way a year ends, played through the api on the real engine: one coroutine an ending.

Used by the tests of the endings and by `python -m tests.histories`, which stores what the engine kept of each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.launch import workflow_id
from tests.world import YEAR, World

JANUARY = datetime(YEAR, 1, 5, 3, tzinfo=UTC)
JULY = datetime(YEAR, 7, 6, 3, tzinfo=UTC)
DECEMBER = datetime(YEAR, 12, 20, 3, tzinfo=UTC)
FEBRUARY = datetime(YEAR + 1, 2, 10, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """One person's year: who she is and who stands around her."""

    appraisal: str
    employee: str
    supervisor: str
    senior: str

    @classmethod
    async def of(cls, world: World, nip: str, appraisal: str | None = None) -> Played:
        """Of somebody who has years in several cycles the appraisal says which."""
        appraisal = appraisal or await world.appraisal_of(nip)
        seen = await world.seen(appraisal)
        people = [seen[name] for name in ("employee", "supervisor", "senior_supervisor")]
        nips = [str(person["nip"]) for person in people if isinstance(person, dict)]
        return cls(appraisal, *nips)


def at(world: World, instant: datetime) -> None:
    """Set the master clock; each appraisal has a clock of its own, so another year may be played from January again."""
    world.now = instant


async def to_rating(world: World, who: Played, **ratings: object) -> None:
    """Plan, review, self-assessment and rating, each on time; the rating may differ from the example."""
    await until_rating(world, who)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor, ratings)


async def until_rating(world: World, who: Played) -> None:
    """Plan, review and self-assessment, each on time."""
    await until_december(world, who)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)


async def until_december(world: World, who: Played, plan: Mapping[str, object] | None = None) -> None:
    """Plan and review, each on time, the criteria read before; the plan may differ from the example."""
    at(world, JANUARY)
    await world.takes_note(who.appraisal, who.employee)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee, plan)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    await reviewed(world, who)


async def reviewed(world: World, who: Played) -> None:
    """From a plan in force through the review of July, on to December."""
    at(world, JULY)
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "midyear", "submit_midyear", who.employee)
    await world.done(who.appraisal, "complete_midyear", who.supervisor)
    at(world, DECEMBER)
    await world.bring(who.appraisal)


async def to_result(world: World, who: Played, **ratings: object) -> None:
    """On to the rating, and the label of the organisation; the result waits to be seen."""
    await to_rating(world, who, **ratings)
    await world.labelled(who.appraisal)


async def accepted(world: World, who: Played) -> None:
    await to_result(world, who)
    await world.done(who.appraisal, "accept_result", who.employee)


async def accepted_by_lapse(world: World, who: Played) -> None:
    """Told in January that something may come earlier than it sleeps for; when it asks, nothing does."""
    sooner = world.client.get_workflow_handle(workflow_id(who.appraisal))
    await sooner.signal("comes_earlier", args=[2, JANUARY + timedelta(days=2)])
    await to_result(world, who)
    await world.done(who.appraisal, "acknowledge_result", who.employee)
    await world.pass_to(who.appraisal, FEBRUARY)


async def _appealed(world: World, who: Played) -> None:
    await to_result(world, who)
    await world.send(who.appraisal, "appeal", "file_appeal", who.employee)


async def withdrawn(world: World, who: Played) -> None:
    await _appealed(world, who)
    await world.done(who.appraisal, "withdraw_appeal", who.employee)


async def stands(world: World, who: Played) -> None:
    await _appealed(world, who)
    await world.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await world.send(who.appraisal, "decision", "decide_appeal", who.senior, STANDS)


async def changed(world: World, who: Played) -> None:
    await _appealed(world, who)
    await world.send(who.appraisal, "answer", "answer_appeal", who.supervisor)
    await world.send(who.appraisal, "decision", "decide_appeal", who.senior, CHANGED)


async def cancelled(world: World, who: Played) -> None:
    at(world, JANUARY)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})


async def exited(world: World, who: Played) -> None:
    """She retires at the end of May and is rated for the time she was here."""
    at(world, JANUARY)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    await world.decided(who.employee, "exit", {"reason": "retire", "effective": f"{YEAR}-06-01"})
    at(world, JULY)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)


async def _transferred(world: World, who: Played) -> None:
    unit, supervisor = await world.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": f"{YEAR}-06-01"}
    await world.decided(who.employee, "transfer", body)
    await world.pass_to(who.appraisal, JULY)


async def not_ratable(world: World, who: Played) -> None:
    """She is transferred before there was a plan to rate her by."""
    at(world, JANUARY)
    await _transferred(world, who)


async def segment_closed(world: World, who: Played) -> None:
    """She is transferred in June, goes on a leave of five weeks, and is then rated for the first part by who saw it."""
    at(world, JANUARY)
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)
    await world.decided(who.employee, "leave", {"from": f"{YEAR}-06-03", "until": f"{YEAR}-07-08"})
    await _transferred(world, who)
    at(world, JULY + timedelta(days=5))
    await world.bring(who.appraisal)
    await world.send(who.appraisal, "self_assessment", "submit_self_assessment", who.employee)
    await world.send(who.appraisal, "rating", "submit_rating", who.supervisor)


STANDS = {"decision": "stands", "reason": "Bukti yang diajukan sudah dipertimbangkan saat penilaian."}
CHANGED = {
    "decision": "changed",
    "reason": "Hasil utama melampaui target dan buktinya lengkap.",
    "rating": {"result_rating": "above", "behaviour_rating": "above"},
}

Ending = Callable[[World, Played], Awaitable[None]]
"""Plays one person's year to its end."""

ENDINGS: dict[str, Ending] = {
    "accepted": accepted,
    "accepted_by_lapse": accepted_by_lapse,
    "stands": stands,
    "changed": changed,
    "withdrawn": withdrawn,
    "cancelled": cancelled,
    "segment_closed": segment_closed,
    "exited": exited,
    "not_ratable": not_ratable,
}


async def play(world: World, ending: str) -> str:
    """Play one clerk's year to that ending; the id of her appraisal.

    A segment is closed where a year was spent in two posts: the earlier part ends with its rating, without an appeal.
    """
    who = await Played.of(world, await world.next_clerk())
    await ENDINGS[ending](world, who)
    return who.appraisal
