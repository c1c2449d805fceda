"""A faulty pack, corrected in a running cycle: what reaches whom, what stays, and what is refused whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from activities import corrected_pack
from activities.dossier import dossier
from activities.notices import TOLD, with_reason
from api import corrected_policy
from api.telling import tell_nudged
from models import scoring
from models.shelf import Shelf, load
from tests.api.test_cycles import cycle_of, due, move
from tests.endings import JANUARY, Played, at, to_result, until_rating
from tests.workflow.test_moving_deadlines import nudged, rungs, timing
from tests.world import YEAR, World, open_cycle

PEOPLE = 60
PACK = "kami"
HEAD = """extends = "permenpanrb-6-2022"
id = "kami"
version = {version}
source = "Perbup 1/2027"
title = {{ id = "Kami", en = "Ours" }}
examples = []
"""
WHY = {"policy": PACK, "reason": "Salah ketik pada lampiran."}
LADDER = """
[ladders]
employee = [{ days = -10, act = "remind" }, { days = -3, act = "remind" }, { days = 1, act = "overdue" }, { days = 7, act = "hr_list" }]
"""
STATE = """
    SELECT (SELECT jsonb_agg(to_jsonb(c) ORDER BY id) FROM cycle c) AS cycles,
           (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM appraisal a) AS appraisals,
           (SELECT jsonb_agg(to_jsonb(w) ORDER BY id) FROM calendar_window w) AS windows,
           (SELECT jsonb_agg(to_jsonb(n) ORDER BY appraisal_id) FROM nudge n) AS nudges,
           (SELECT count(*) FROM cycle_event) AS events, (SELECT count(*) FROM policy_before) AS packs,
           (SELECT count(*) FROM notice) AS notices, (SELECT count(*) FROM text) AS texts, (SELECT count(*) FROM receipt) AS receipts
"""


class Office:
    """The agency's folder of packs: each correction that was made stays in the file, and the version counts up."""

    def __init__(self, folder: Path) -> None:
        self.path, self.version, self.said = folder / f"{PACK}.toml", 1, ""
        self.write("")

    def write(self, more: str) -> None:
        self.path.write_text(HEAD.format(version=self.version) + self.said + more, encoding="utf-8")

    async def correct(
        self, world: World, more: str, *, preview: bool = False, who: str = "hr", **headers: str
    ) -> httpx.Response:
        """Put a newer file there and move the cycle to it; refused, or only asked, the file is taken away again."""
        self.version += 1
        self.write(more)
        answer = await self.ask(world, preview=preview, who=who, **headers)
        if answer.status_code == 200 and not preview:
            self.said += more
        else:
            self.version -= 1
            self.write("")
        return answer

    async def ask(
        self, world: World, body: Mapping[str, object] = WHY, *, preview: bool = False, who: str = "hr", **headers: str
    ) -> httpx.Response:
        cycle = await cycle_of(world)
        seen = {"If-Match": f'"{cycle["version"]}"'} | {name.replace("_", "-"): said for name, said in headers.items()}
        return await world.http.put(
            f"/api/v1/cycles/{cycle['id']}/policy",
            headers=world.headers(who, **{name: said for name, said in seen.items() if said}),
            json=body,
            params={"preview": str(preview).lower()},
        )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("policies"))


@pytest_asyncio.fixture(scope="module")
async def year(world: World, office: Office) -> World:
    world.rooms.shelf = Shelf(office.path.parent)
    await open_cycle(world, PACK, YEAR)
    return world


@pytest.fixture
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies between the commit and the signal."""

    async def dies(*_: object) -> None:
        return None

    monkeypatch.setattr(corrected_policy, "tell_nudged", dies)


async def everything(world: World) -> Mapping[str, object]:
    async with world.database.transaction() as connection:
        return dict((await connection.execute(text(STATE))).mappings().one())


async def anybody(world: World) -> Played:
    at(world, JANUARY)
    return await Played.of(world, await world.next_clerk())


async def named_by(world: World, appraisal: str) -> list[int | None]:
    """The version that each event of a year names."""
    sql = "SELECT CAST(data ->> 'policy' AS int) AS version FROM event WHERE appraisal_id = :id ORDER BY seq"
    async with world.database.transaction() as connection:
        return list((await connection.execute(text(sql), {"id": appraisal})).scalars())


def kinds(answer: httpx.Response) -> dict[str, str]:
    """What each place that differs means."""
    assert answer.status_code in (200, 409), answer.text
    told = {one["where"]: one["kind"] for one in answer.json()["changes"]}
    return {where: kind for where, kind in told.items() if where != "version"}


TITLED = '[forms.plan.title]\nid = "SKP"\nen = "Plan"\n'


# ── what reaches a running cycle ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_preview_tells_what_it_would_do_and_changes_nothing(year: World, office: Office) -> None:
    await anybody(year)
    before = await everything(year)
    told = await office.correct(year, TITLED + LADDER, preview=True)
    assert told.status_code == 200, told.text
    assert kinds(told) == {"forms.plan.title": "words", "ladders.employee": "time"}
    assert (told.json()["from_version"], told.json()["to_version"]) == (office.version, office.version + 1)
    assert told.json()["time"]["affected"] > 0
    lines = {one["where"]: one["line"] for one in told.json()["changes"]}
    text_of = (HEAD + office.said + TITLED + LADDER).splitlines()
    assert text_of[lines["ladders.employee"] - 1].startswith("employee")
    assert await everything(year) == before
    assert (await year.get(f"/cycles/{(await cycle_of(year))['id']}/policy", "employee")).json()["version"] == 1


async def test_a_corrected_sentence_is_said_from_now_on_and_wakes_nobody(year: World, office: Office) -> None:
    who, before = await anybody(year), await cycle_of(year)
    held = await timing(year, who.appraisal)
    answer = await office.correct(year, TITLED)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    assert await nudged(year) == []
    assert await timing(year, who.appraisal) == held
    form = (await year.get(f"/appraisals/{who.appraisal}/forms/plan", who.employee)).json()
    assert form["schema"]["title"] == "SKP"
    after = await cycle_of(year)
    assert (after["policy_version"], before["policy_version"]) == (office.version, office.version - 1)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    assert await named_by(year, who.appraisal) == [None, office.version]


async def test_the_same_words_sent_again_are_found_whole_by_the_policy_of_that_day(year: World, office: Office) -> None:
    who = await anybody(year)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    await year.done(who.appraisal, "return_plan", who.supervisor, {"comment": "Tidak jadi."})
    (await office.correct(year, '[forms.appeal.title]\nid = "Keberatan"\nen = "Objection"\n')).raise_for_status()
    await year.done(who.appraisal, "submit_plan", who.employee)
    async with year.database.transaction() as connection:
        rooms = year.rooms
        whole, _ = await dossier(connection, who.appraisal, at=rooms.now(), facts=rooms.facts, people=rooms.people)
    by_day = sorted(whole.forms, key=lambda form: form.policy_version or 0)
    assert [one.policy_version for one in by_day] == [office.version - 1, office.version]
    assert by_day[0].data == by_day[1].data


async def test_the_cycle_s_trail_says_from_what_to_what_and_why(year: World, office: Office) -> None:
    answer = await office.correct(year, '[texts.year_begun.subject]\nid = "Mulai"\nen = "Begun"\n')
    assert answer.status_code == 200, answer.text
    told = (await year.get(f"/appraisals/{await year.appraisal_of('employee')}/events", "employee", limit=200)).json()
    (*_, last) = [one for one in told["items"] if one["action"] == "policy_corrected"]
    assert last["comment"] == WHY["reason"]
    assert (last["data"]["from_version"], last["data"]["to_version"]) == (office.version - 1, office.version)
    assert last["data"]["differences"] == answer.json()["differences"]
    assert last["data"]["changes"] == {"words": 2}


async def test_what_was_made_before_is_read_by_the_pack_of_then(year: World, office: Office) -> None:
    cycle = (await cycle_of(year))["id"]
    (await office.correct(year, '[forms.midyear.title]\nid = "Dialog"\nen = "Dialogue"\n')).raise_for_status()
    first = (await year.get(f"/cycles/{cycle}/policy", "employee", version=1)).json()
    now = (await year.get(f"/cycles/{cycle}/policy", "employee")).json()
    assert (first["version"], now["version"]) == (1, office.version)
    assert first["forms"]["midyear"]["title"]["en"] != now["forms"]["midyear"]["title"]["en"] == "Dialogue"
    assert (await year.get(f"/cycles/{cycle}/policy", "employee", version=99)).status_code == 404


@pytest.mark.usefixtures("nobody_is_told")
async def test_a_corrected_ladder_reaches_who_sleeps_too_long_and_a_lost_signal_forgets_none(
    year: World, office: Office
) -> None:
    planning, executing = await anybody(year), await anybody(year)
    await year.send(executing.appraisal, "plan", "submit_plan", executing.employee)
    await year.done(executing.appraisal, "approve_plan", executing.supervisor)
    answer = await office.correct(year, LADDER)
    assert answer.status_code == 200, answer.text
    waiting = await nudged(year)
    assert planning.appraisal in waiting
    assert executing.appraisal not in waiting
    await tell_nudged(year.rooms)
    assert await nudged(year) == []
    await year.pass_to(planning.appraisal, datetime(YEAR, 1, 20, 9, tzinfo=UTC))
    assert await rungs(year, planning.appraisal) == ["remind-10"]
    assert (await named_by(year, planning.appraisal))[-1] == office.version


async def test_a_window_moves_with_the_pack_s_own_unless_hr_has_moved_it(year: World, office: Office) -> None:
    at(year, JANUARY)
    assert (await move(year, await cycle_of(year), due(f"{YEAR}-02-10"))).status_code == 200
    corrected = "[calendar.plan]\ndue = { month = 2, day = 5 }\n[calendar.rating]\ndue = { month = 1, day = 20, years_later = 1 }\n"
    answer = await office.correct(year, corrected)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["windows"], answer.json()["windows_kept"]) == (["rating"], ["plan"])
    calendar = (await cycle_of(year))["calendar"]
    assert calendar["plan"]["due_at"] == f"{YEAR}-02-10"  # type: ignore[index]
    assert calendar["rating"]["due_at"] == f"{YEAR + 1}-01-20"  # type: ignore[index]


async def without_resources(world: World, who: Played) -> None:
    """Draft a plan that asks for no resources."""
    path = f"/appraisals/{who.appraisal}/forms/plan"
    example = (await world.get(path, who.employee)).json()["schema"]["examples"][0]
    data = {name: value for name, value in example.items() if name != "resources"}
    (await world.put(path, who.employee, {"data": data})).raise_for_status()


async def test_what_was_handed_in_stays_and_a_draft_is_shown_its_problems(year: World, office: Office) -> None:
    drafting, planned = await anybody(year), await anybody(year)
    for one in (drafting, planned):
        await without_resources(year, one)
    await year.done(planned.appraisal, "submit_plan", planned.employee)
    path = f"/appraisals/{planned.appraisal}/forms/plan"
    sent = (await year.get(path, planned.employee)).json()["data"]
    asks = '[[forms.plan.rules]]\nfield = "approach"\nvalues = ["kualitatif"]\nrequire = ["resources"]\n'
    answer = await office.correct(year, asks)
    assert answer.status_code == 200, answer.text
    assert kinds(answer) == {"forms.plan.rules": "forms"}
    assert drafting.appraisal in answer.json()["drafts"]["appraisals"]
    assert planned.appraisal in answer.json()["handed_in"]["appraisals"]
    assert planned.appraisal not in answer.json()["drafts"]["appraisals"]
    assert (await year.get(path, planned.employee)).json()["data"] == sent
    await year.done(planned.appraisal, "approve_plan", planned.supervisor)
    shown = (await year.get(f"/appraisals/{drafting.appraisal}/forms/plan", drafting.employee)).json()
    assert [one["pointer"] for one in shown["problems"]] == ["/resources"]
    refused = await year.act(drafting.appraisal, "submit_plan", drafting.employee)
    assert (refused.status_code, refused.json()["code"]) == (422, "form_incomplete")


# ── results ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

HARDER = '[scoring.matrix]\nas_expected = { below = "kurang", as_expected = "baik", above = "sangat_baik" }\n'


async def test_scoring_is_not_changed_while_anybody_is_rated_and_what_is_final_stays_and_is_listed(
    year: World, office: Office
) -> None:
    rated, same, later = await anybody(year), await anybody(year), await anybody(year)
    above = {"behaviour_rating": "above", "behaviour_reason": "Selalu membantu rekan."}
    await to_result(year, rated, **above)
    await to_result(year, same)
    before = await everything(year)
    refused = await office.correct(year, HARDER)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_not_followed")
    assert kinds(refused) == {"scoring.matrix.as_expected.above": "scoring"}
    assert refused.json()["changes"][0]["why"]
    assert refused.json()["rated"] == {"count": 2, "appraisals": sorted([rated.appraisal, same.appraisal])}
    assert await everything(year) == before

    for one in (rated, same):
        await year.done(one.appraisal, "accept_result", one.employee)
        await year.until(one.appraisal, "archive", 1)
    told = await office.correct(year, HARDER)
    assert told.status_code == 200, told.text
    assert told.json()["final"] == {"count": 1, "appraisals": [rated.appraisal]}
    seen = (await year.seen(rated.appraisal))["outcome"]
    assert (seen["label"], seen["policy_version"]) == ("baik", office.version - 1)  # type: ignore[index]
    assert await on_the_list(year) == {rated.appraisal}
    async with year.database.transaction() as connection:
        rooms = year.rooms
        whole, _ = await dossier(connection, rated.appraisal, at=rooms.now(), facts=rooms.facts, people=rooms.people)
    assert whole.cycle.policy_version == whole.outcomes[-1].policy_version == office.version - 1

    await to_result(year, later, **above)
    seen = (await year.seen(later.appraisal))["outcome"]
    assert (seen["label"], seen["policy_version"]) == ("sangat_baik", office.version)  # type: ignore[index]
    await year.done(later.appraisal, "accept_result", later.employee)
    await year.until(later.appraisal, "archive", 1)
    assert (await named_by(year, later.appraisal))[-1] == office.version
    assert await on_the_list(year) == {rated.appraisal}


async def test_whom_the_corrected_policy_overtakes_is_worked_out_once_and_holds_up_nobody(
    year: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored_by, score = list[threading.Thread](), scoring.quadrant

    def noticed(*asked: Any) -> Any:
        scored_by.append(threading.current_thread())
        return score(*asked)

    first = await on_the_list(year)
    assert first
    monkeypatch.setattr(scoring, "quadrant", noticed)
    assert await on_the_list(year) == first
    assert scored_by == []
    year.rooms.overtaken = corrected_pack.Overtaken()  # a process that has just begun
    monkeypatch.setattr(corrected_pack, "PAGE", 1)
    assert await on_the_list(year) == first
    assert len(scored_by) >= 4, "two years, each by two packs"
    assert threading.main_thread() not in scored_by


async def test_while_it_is_worked_out_for_one_cycle_no_other_cycle_waits(year: World) -> None:
    """The first cannot read its outcomes yet; the other has none to read."""
    before, after = load("permenpanrb-6-2022"), load("bantul-kompetensi")
    overtaken, database = corrected_pack.Overtaken(), year.database
    async with database.transaction() as holds, database.transaction() as first, database.transaction() as other:
        agency = await year.rooms.people.agency(other)
        await holds.execute(text("LOCK TABLE outcome IN ACCESS EXCLUSIVE MODE"))
        waits = asyncio.create_task(overtaken.years(first, agency, "one", {1: before}, after, year.now))
        await asyncio.sleep(0)
        other_list = asyncio.create_task(overtaken.years(other, agency, "another", {1: before}, before, year.now))
        done, _ = await asyncio.wait({other_list}, timeout=20)
        assert not waits.done()
        await holds.rollback()
        assert (await waits, await other_list) == ([], [])
    assert done == {other_list}, "it did not wait for the first"


async def on_the_list(world: World) -> set[str]:
    found = await world.get(f"/cycles/{(await cycle_of(world))['id']}/worklist", "hr", limit=200)
    items = [one for one in found.raise_for_status().json()["items"] if one["code"] == "policy_after_final"]
    assert all(one["actions"] == ["reopen"] for one in items)
    return {one["appraisal_id"] for one in items}


CREDIT = '[scoring.credit.percentages]\nbaik = "90"\n'


async def scored(world: World, who: Played) -> int:
    sql = text("SELECT count(*) FROM outcome WHERE appraisal_id = :id")
    async with world.database.transaction() as connection:
        return int((await connection.execute(sql, {"id": who.appraisal})).scalar_one())


async def test_whose_rating_is_being_recorded_is_rated_already(year: World, office: Office) -> None:
    who = await anybody(year)
    await until_rating(year, who)
    await year.fill(who.appraisal, "rating", who.supervisor)
    async with year.database.engine.connect() as held, held.begin():
        await held.execute(text("SELECT FROM appraisal WHERE id = :id FOR NO KEY UPDATE"), {"id": who.appraisal})
        sending = asyncio.create_task(year.act(who.appraisal, "submit_rating", who.supervisor))
        for _ in range(500):
            if await scored(year, who):
                break
            await asyncio.sleep(0.02)
        assert (await year.row(who.appraisal))["state"] == "rating.drafting"
        refused = await office.correct(year, CREDIT)
        assert refused.status_code == 409, refused.text
        assert who.appraisal in refused.json()["rated"]["appraisals"]
    assert (await sending).status_code == 200


async def test_nobody_is_scored_while_a_pack_is_corrected(year: World) -> None:
    who = await anybody(year)
    await until_rating(year, who)
    await year.fill(who.appraisal, "rating", who.supervisor)
    cycle = (await cycle_of(year))["id"]
    async with year.database.engine.connect() as held, held.begin():
        await held.execute(text("SELECT FROM cycle WHERE id = :id FOR UPDATE"), {"id": cycle})
        sending = asyncio.create_task(year.act(who.appraisal, "submit_rating", who.supervisor))
        await asyncio.sleep(1)
        assert (await scored(year, who), sending.done()) == (0, False)
    assert (await sending).status_code == 200
    assert await scored(year, who) == 1


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────────

LONGER = '[steps."midyear.drafting"]\ndays = 9\n'
IMPOSSIBLE = {
    "another number of periods": ("[stages]\nmidyear_periods = 0\n", "stages.midyear_periods", "[stages]"),
    "another meaning of silence": (
        '[steps."plan.reviewing"]\nsilence = "hold"\n',
        "steps.plan.reviewing.silence",
        '[steps."plan.reviewing"]',
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
async def test_what_a_running_cycle_cannot_follow_is_refused_whole_with_its_place(
    year: World, office: Office, name: str
) -> None:
    change, where, header = IMPOSSIBLE[name]
    before = await everything(year)
    for preview in (True, False):
        refused = await office.correct(year, LONGER + change, preview=preview)
        assert (refused.status_code, refused.json()["code"]) == (409, "policy_not_followed"), refused.text
        told = {one["where"]: one for one in refused.json()["changes"]}
        assert set(told) == {where}
        assert told[where]["why"]
        lines = (HEAD + office.said + LONGER + change).splitlines()
        assert lines[told[where]["line"] - 2] == header
    assert await everything(year) == before


async def test_an_end_that_would_come_nearer_than_the_notice_is_refused_whole(year: World, office: Office) -> None:
    who = await anybody(year)
    await year.send(who.appraisal, "plan", "submit_plan", who.employee)
    before = await everything(year)
    refused = await office.correct(year, '[steps."plan.reviewing"]\ndays = 1\n')
    assert (refused.status_code, refused.json()["code"]) == (409, "notice_too_short"), refused.text
    assert await everything(year) == before


async def test_only_hr_corrects_the_cycle_s_own_policy_and_only_to_a_newer_version(year: World, office: Office) -> None:
    before = await everything(year)
    assert (await office.correct(year, TITLED, who="employee")).status_code == 403
    assert (await office.correct(year, TITLED, If_Match='"0"')).status_code == 412
    assert (await office.correct(year, TITLED, If_Match="")).status_code == 428
    other = await office.ask(year, WHY | {"policy": "pp-30-2019"})
    assert [(one["pointer"], one["code"]) for one in other.json()["errors"]] == [("/policy", "another_policy")]
    meant = await office.ask(year, WHY | {"version": office.version + 1})
    assert [(one["pointer"], one["code"]) for one in meant.json()["errors"]] == [("/version", "unknown_version")]
    again = await office.ask(year)
    assert (again.status_code, again.json()["code"]) == (409, "policy_not_newer")
    faulty = await office.correct(year, "[stages]\nlunch = true\n")
    assert (faulty.status_code, faulty.json()["code"]) == (409, "policy_faulty")
    draft = (await year.post("/cycles", "hr", {"policy": PACK, "year": YEAR + 3, "name": "Lain"})).json()
    said = await year.http.put(
        f"/api/v1/cycles/{draft['id']}/policy", headers=year.headers("hr", **{"If-Match": '"1"'}), json=WHY
    )
    assert (said.status_code, said.json()["code"]) == (409, "cycle_state")
    (await year.post(f"/cycles/{draft['id']}/cancel", "hr", {"reason": "x"})).raise_for_status()
    after = await everything(year)
    assert after["packs"] == before["packs"]
    assert after["appraisals"] == before["appraisals"]


async def test_asked_twice_with_one_key_it_is_corrected_once(year: World, office: Office) -> None:
    cycle, key = await cycle_of(year), str(uuid4())
    seen = {"If_Match": f'"{cycle["version"]}"', "Idempotency_Key": key}
    first = await office.correct(year, '[texts.reminder.subject]\nid = "Ingat"\nen = "Remember"\n', **seen)
    once = await everything(year)
    again = await office.ask(year, **seen)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert (first.json(), first.headers["ETag"]) == (again.json(), again.headers["ETag"])
    assert await everything(year) == once


async def test_of_two_at_once_one_is_stale(year: World, office: Office) -> None:
    office.version += 1
    office.write("")
    answers = await asyncio.gather(office.ask(year), office.ask(year))
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_notice_that_the_corrected_policy_does_not_know_is_not_sent(year: World, office: Office) -> None:
    async def waiting() -> int:
        sql = text(f"{TOLD} WHERE n.state = 'pending' AND n.text = 'year_begun'")
        async with year.database.transaction() as connection:
            agency, rows = await year.rooms.people.agency(connection), (await connection.execute(sql)).mappings().all()
            return len(await with_reason(connection, year.rooms.facts, agency, rows, year.now))

    assert await waiting() > 0
    told_alone = '[[notices]]\non = "archive"\nto = ["employee"]\ntext = "year_done"\n'
    answer = await office.correct(year, told_alone)
    assert answer.status_code == 200, answer.text
    assert await waiting() == 0
