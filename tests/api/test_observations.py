"""Observations: what a supervisor saw all year long; the employee reads what is shared, whoever decides later reads all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from models.vocabulary import Zone
from models.workdays import local_day
from tests.api.noting import DAY, at_work, observe, read, refused, results_of
from tests.endings import Played
from tests.workflow.people.changes import transferred
from tests.world import YEAR, World

PEOPLE = 60


async def test_a_supervisor_notes_what_he_saw_and_the_employee_reads_it(year: World, who: Played) -> None:
    key = (await results_of(year, who))[0]
    said = await observe(year, who.appraisal, who.supervisor, result=key)
    assert said.status_code == 201, said.text
    made = said.json()
    assert (made["role"], made["by"]["nip"], made["on_behalf_of"], made["standing"]) == (
        "supervisor",
        who.supervisor,
        None,
        None,
    )
    (found,) = [one for one in await read(year, who.appraisal, who.employee, "observations") if one["id"] == made["id"]]
    assert (found["text"], found["day"], found["result"]) == ("Menyelesaikan antrean sebelum waktunya.", DAY, key)


async def test_what_is_not_shared_is_read_by_everybody_around_her_but_not_by_her(year: World, who: Played) -> None:
    made = (await observe(year, who.appraisal, who.supervisor, shared=False, criterion="akuntabel")).json()
    for reader, expected in (
        (who.employee, False),
        (who.supervisor, True),
        (who.senior, True),
        ("hr", True),
        ("auditor", True),
    ):
        ids = {one["id"] for one in await read(year, who.appraisal, reader, "observations")}
        assert (made["id"] in ids) is expected, reader
        told = (await year.get(f"/appraisals/{who.appraisal}/year-log", reader)).text
        assert (made["id"] in told) is expected, reader


async def test_nobody_else_observes(year: World, who: Played) -> None:
    for other in (who.employee, who.senior, "hr", "auditor", await year.next_clerk()):
        assert refused(await observe(year, who.appraisal, other)) == (403, "not_yours")


async def test_who_acts_for_the_supervisor_observes_for_him(year: World, who: Played) -> None:
    delegate, today = await year.next_clerk(), local_day(year.now, Zone.WIB).isoformat()
    offer = {"to": delegate, "from": today, "until": today, "reason": "Dinas luar."}
    offered = (await year.post("/delegations", who.supervisor, offer)).raise_for_status()
    (await year.post(f"/delegations/{offered.json()['id']}/accept", delegate)).raise_for_status()
    made = (await observe(year, who.appraisal, delegate)).raise_for_status().json()
    assert (made["by"]["nip"], made["on_behalf_of"]["nip"]) == (delegate, who.supervisor)


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"rating": "above"}, "/rating", "extra_forbidden"),
        ({"result": "tidak-ada"}, "/result", "unknown_result"),
        ({"criterion": "tidak_ada"}, "/criterion", "unknown_criterion"),
        ({"day": f"{YEAR}-05-21"}, "/day", "in_the_future"),
        ({"day": f"{YEAR - 1}-12-31"}, "/day", "before_it_began"),
        ({"text": "  "}, "/text", "string_too_short"),
    ],
)
async def test_an_observation_is_of_a_day_and_never_a_rating(
    year: World, who: Played, said: dict[str, object], pointer: str, code: str
) -> None:
    answer = await observe(year, who.appraisal, who.supervisor, **said)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_an_observation_is_of_a_result_or_of_a_criterion(year: World, who: Played) -> None:
    key = (await results_of(year, who))[0]
    answer = await observe(year, who.appraisal, who.supervisor, result=key, criterion="akuntabel")
    assert [e["code"] for e in answer.json()["errors"]] == ["one_of_both"]


async def test_asked_again_with_its_key_an_observation_is_there_once(year: World, who: Played) -> None:
    body, key = {"day": DAY, "text": "Sekali saja."}, str(uuid4())
    path = f"/appraisals/{who.appraisal}/observations"
    answers = [await year.post(path, who.supervisor, body, Idempotency_Key=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    there = await read(year, who.appraisal, who.supervisor, "observations")
    assert [one["text"] for one in there].count("Sekali saja.") == 1


async def test_of_a_year_that_ended_nothing_more_is_observed(year: World) -> None:
    who = await at_work(year)
    await observe(year, who.appraisal, who.supervisor)
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    assert refused(await observe(year, who.appraisal, who.supervisor)) == (409, "not_running")
    assert len(await read(year, who.appraisal, who.supervisor, "observations")) == 1


async def test_after_a_transfer_the_next_supervisor_reads_what_the_first_saw_and_adds_nothing_to_it(
    year: World,
) -> None:
    who = await at_work(year)
    await observe(year, who.appraisal, who.supervisor, shared=False)
    new = await transferred(year, who)
    await year.pass_to(who.appraisal, datetime(YEAR, 6, 10, 3, tzinfo=UTC))
    first, second = await year.segments_of(who.employee, 2)
    assert [one["by"]["nip"] for one in await read(year, first, new, "observations")] == [who.supervisor]
    assert refused(await observe(year, first, new)) == (403, "not_yours")
    assert (await observe(year, first, who.supervisor)).status_code == 201, "he still has to rate that part"
    assert (await observe(year, second, new, day=f"{YEAR}-06-05")).status_code == 201
