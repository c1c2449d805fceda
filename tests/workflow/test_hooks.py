"""Other programs hear what happens whatever they do: at least once, each trail in its order, signed, and nothing of a person."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping, text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.hook_rows import KEPT
from activities.hooks import HOOKS_ID, HookEndpoint, HookInput, HookSender, ensure_hooks
from activities.record import _row as event_row
from deploy.home import free_port
from deploy.supervisor import until
from deploy.worker import build_worker
from models.database import Database
from models.hooks import HookKind, keys_of
from models.shelf import load
from models.vocabulary import Action, EngineAction, Label, OrganisationLabel, Rating, Role, State
from tests.outside import Answer, Asked, Outside, cut, hangs, outside, says, slow
from tests.workflow._post import Clock, copied_year
from tests.workflow._year import APPRAISAL, CYCLE, EMPLOYEE, SUPERVISOR, TOP, Year
from tests.world import fresh_database
from workflows.hooks import HooksWorkflow

PACK = load("permenpanrb-6-2022")
SECRET, NEXT = ("whsec_" + base64.b64encode(bytes([one]) * 32).decode() for one in (7, 8))
DOCS = Path(__file__).parents[2] / "docs" / "operations.md"
CLONE = f"""
    WITH who AS (
        INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', CAST(:id AS text), 'nip', CAST(:nip AS text)))).*
          FROM person p WHERE p.id = :of
    ), its AS (
        {copied_year("jsonb_build_object('id', CAST(:id AS text), 'person_id', :id)", "appraisal a")} WHERE a.id = :year
    )
    INSERT INTO event SELECT (jsonb_populate_record(e, jsonb_build_object('appraisal_id', CAST(:id AS text)))).*
      FROM event e WHERE e.appraisal_id = :year
"""
INSERT = "INSERT INTO event SELECT * FROM jsonb_populate_recordset(NULL::event, CAST(:rows AS jsonb))"
MOVED = "UPDATE appraisal SET seq = :seq, state = :state WHERE id = :id"


def believed(one: Asked, secret: str) -> bool:
    """Whether a receiver who knows this secret believes the message."""
    said = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.{one.body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return made in one.headers["webhook-signature"].split()


def endpoint(port: int, name: str = "payroll", **more: object) -> HookEndpoint:
    return HookEndpoint(name, f"http://127.0.0.1:{port}/hooks", keys_of(SECRET), **more)  # type: ignore[arg-type]


@dataclass
class House:
    """Sari's year as it happens, and who is told of it."""

    database: Database
    other: Outside
    year: Year
    clock: Clock = field(default_factory=Clock)
    stored: int = 0
    _sender: HookSender | None = None

    @property
    def sender(self) -> HookSender:
        if self._sender is None:
            self._sender = self.another()
        return self._sender

    def another(self, *endpoints: HookEndpoint) -> HookSender:
        """Another process that does the same."""
        return HookSender(self.database, endpoints or (endpoint(self.other.port),), clock=self.clock)

    async def told(self, *endpoints: HookEndpoint) -> None:
        """These endpoints listen from now on."""
        self._sender = self.another(*endpoints)
        assert await self.sender.drain() == []

    async def happens(self, year: Year) -> None:
        """What is new in her year is recorded."""
        rows = json.dumps([event_row(event) for event in year.events[self.stored :]], default=str)
        self.stored = len(year.events)
        seen = {"id": APPRAISAL, "seq": year.snapshot.seq, "state": year.snapshot.state.value}
        async with self.database.transaction() as connection:
            await connection.execute(text(INSERT), {"rows": rows})
            await connection.execute(text(MOVED), seen)

    async def colleagues(self, count: int) -> None:
        """So many more years like hers, as it is by now."""
        for number in range(count):
            nip = f"2990031220150320{number:02d}"
            await self.change(CLONE, id=str(uuid4()), nip=nip, of=EMPLOYEE, year=APPRAISAL)

    async def drain(self, after: timedelta = timedelta(0)) -> list[str]:
        self.clock.now += after
        return await self.sender.drain()

    async def change(self, sql: str, **values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(sql), values)

    async def rows(self) -> Sequence[RowMapping]:
        async with self.database.transaction() as connection:
            found = await connection.execute(text("SELECT * FROM hook ORDER BY endpoint, trail, seq"))
            return found.mappings().all()

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def due(self) -> datetime:
        async with self.database.transaction() as connection:
            return (await connection.execute(text("SELECT min(due_at) FROM hook_cursor"))).scalar_one()  # type: ignore[no-any-return]

    async def asked(self, count: int) -> None:
        async def so_many() -> bool:
            return len(self.other.asked) >= count

        await until(so_many)


@pytest_asyncio.fixture
async def house(postgres_url: str) -> AsyncIterator[House]:
    """Her year has just begun, and `payroll` is known."""
    database = Database(await fresh_database(postgres_url))
    year = Year(PACK)
    async with database.transaction() as connection:
        await year.store(connection)
    async with outside(says(204)) as other:
        made = House(database, other, year, stored=len(year.events))
        await made.told()
        yield made
    await database.close()


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_each_change_of_a_year_is_told_once_in_its_order_to_whoever_verifies_it(house: House) -> None:
    year = house.year.planned().rated().accepted()
    await house.happens(year)
    assert set(await house.drain()) == {"sent"}
    assert await house.drain(timedelta(days=2)) == []
    told = [one.record for one in house.other.asked]
    assert [one["seq"] for one in told] == [e.seq for e in year.events[1:] if e.from_state != e.to_state]
    assert {one["type"] for one in told} == {"appraisal.state_changed"}
    assert {(one["appraisal_id"], one["cycle"]) for one in told} == {(APPRAISAL, CYCLE)}
    for one in house.other.asked:
        assert set(one.record) == {"type", "id", "at", "appraisal_id", "cycle", "seq"}
        assert one.record["id"] == one.headers["webhook-id"]
        assert abs(int(one.headers["webhook-timestamp"]) - house.clock.now.timestamp()) < 3 * 86400
        assert believed(one, SECRET)
        assert not believed(one, NEXT)


async def test_nothing_of_a_person_is_in_a_message(house: House) -> None:
    await house.happens(house.year.planned().rated().appealed().decided())
    await house.drain()
    said = " ".join(one.body for one in house.other.asked).lower()
    people = house.year.people.values()
    words = {word.lower() for who in people for word in (who.nip, who.name, who.post, who.unit)}
    values = {value for kind in (Rating, Label, OrganisationLabel) for value in kind}
    ids = {EMPLOYEE, SUPERVISOR, TOP, *(text.id for text in house.year.texts), *(form.id for form in house.year.forms)}
    assert house.other.asked
    assert [word for word in words | values | ids if re.search(rf"\b{re.escape(word)}\b", said)] == []


async def test_an_endpoint_hears_what_happens_once_it_is_known_and_only_what_it_asked_for(house: House) -> None:
    await house.happens(house.year.planned())
    async with outside(says(204)) as late:
        asked = frozenset({HookKind.FINAL, HookKind.REOPENED, HookKind.LABEL_SET})
        wants = endpoint(late.port, "archive", kinds=asked)
        house._sender = house.another(endpoint(house.other.port), wants)
        await house.drain()
        year = house.year.rated().cancelled().engine(EngineAction.ARCHIVE)
        why = {"comment": year.comment("Keliru.", TOP), "authority": year.comment("SK 1", TOP)}
        await house.happens(year.act(Action.REOPEN, Role.HR, TOP, to=State.RATING_DRAFTING, **why))
        await house.drain()
        assert [one.record["type"] for one in late.asked] == ["appraisal.final", "appraisal.reopened"]
        both = {one.key for one in late.asked} & {one.key for one in house.other.asked}
        assert len(both) == 2, "an event has one id, whoever is told"


async def test_without_endpoints_nothing_is_told_and_nothing_waits(house: House) -> None:
    await house.happens(house.year.planned())
    assert await HookSender(house.database, (), clock=house.clock).drain() == []
    assert await house.rows() == []


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────

PASSING: dict[str, tuple[Answer, str]] = {
    "it never answers": (hangs, "Timeout"),
    "an error of its own": (says(500, "stack trace"), "HTTP 500 stack trace"),
    "it does not believe the signature": (says(401), "HTTP 401"),
    "it does not understand": (says(400), "HTTP 400"),
    "another address": (says(301, location="http://127.0.0.1:1/"), "HTTP 301"),
    "it takes it and closes the connection": (cut, "RemoteProtocolError"),
}


@pytest.mark.parametrize("what", PASSING)
async def test_what_is_not_taken_is_told_again_in_the_same_words_and_what_comes_after_it_waits(
    house: House, what: str
) -> None:
    answer, said = PASSING[what]
    if answer is hangs:
        await house.told(endpoint(house.other.port, seconds=2))
    house.other.script = [answer, answer]
    year = house.year.planned()
    await house.happens(year)
    assert await house.drain() == ["pending"]
    assert said in (await house.rows())[0]["last_error"]
    assert await house.drain() == [], "nothing is tried before its time"
    assert await house.drain(timedelta(minutes=10)) == ["pending"]
    assert set(await house.drain(timedelta(minutes=10))) == {"sent"}
    first, again, third, *later = house.other.asked
    assert first.body == again.body == third.body
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert all(believed(one, SECRET) for one in house.other.asked)
    assert [one.record["seq"] for one in (first, *later)] == [event.seq for event in year.events[1:]]
    assert {(row["state"], row["last_error"]) for row in await house.rows()} == {("sent", None)}


async def test_one_event_that_it_cannot_digest_holds_up_that_trail_and_no_other(house: House) -> None:
    await house.colleagues(12)
    await house.drain()
    told = len(house.other.asked)

    async def chokes(other: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        await says(500 if one.record["appraisal_id"] == APPRAISAL else 204)(other, one, writer)

    house.other.always = chokes
    await house.happens(house.year.planned())
    await house.change("UPDATE appraisal SET seq = seq + 1 WHERE id <> :id", id=APPRAISAL)
    await house.change(
        "INSERT INTO event SELECT (jsonb_populate_record(e, jsonb_build_object('appraisal_id', a.id))).*"
        "  FROM event e, appraisal a WHERE e.appraisal_id = :id AND e.seq = 2 AND a.id <> :id",
        id=APPRAISAL,
    )
    for _ in range(6):
        await house.drain(timedelta(minutes=10))
    assert sorted(row["state"] for row in (await house.rows())[-14:]) == ["pending"] * 2 + ["sent"] * 12
    assert {one.record["seq"] for one in house.other.asked[told:] if one.record["appraisal_id"] == APPRAISAL} == {2}


async def test_an_endpoint_that_is_down_for_days_is_asked_ever_less_often_and_hears_everything_after_it(
    house: House,
) -> None:
    year, port = house.year.planned(), house.other.port
    await house.told(endpoint(free_port()))
    await house.happens(year)
    pauses, tries = [], 0
    for _ in range(12):
        states = await house.drain()
        tries += len(states)
        if states:
            pauses.append(await house.due() - house.clock.now)
        house.clock.now += timedelta(hours=1)
    assert pauses == sorted(pauses)
    assert (pauses[-1], tries) == (timedelta(hours=1), 12)
    await house.happens(year.rated())
    house.sender.endpoints = (endpoint(port),)
    assert set(await house.drain(timedelta(hours=1))) == {"sent"}
    assert [one.record["seq"] for one in house.other.asked] == [
        event.seq for event in year.events[1:] if event.from_state != event.to_state
    ]


async def test_one_that_hangs_makes_no_other_wait(house: House) -> None:
    house.other.always = hangs
    async with outside(says(204)) as quick:
        await house.told(endpoint(house.other.port, seconds=20), endpoint(quick.port, "quick"))
        await house.happens(house.year.planned())
        going = asyncio.create_task(house.drain())

        async def heard() -> bool:
            return len(quick.taken) == 2

        await asyncio.wait_for(until(heard), 10)
        assert not going.done()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


async def test_one_that_takes_its_time_with_all_that_waits_makes_no_other_wait_for_what_comes(house: House) -> None:
    house.other.always = slow(1)
    async with outside(says(204)) as quick:
        await house.told(endpoint(house.other.port, seconds=20), endpoint(quick.port, "quick"))
        await house.happens(house.year.planned())
        await house.colleagues(40)
        wish = HookInput(seconds=30, rest_seconds=0.2)
        going = asyncio.create_task(ActivityEnvironment().run(house.sender.tell, wish))

        async def heard(seq: int) -> bool:
            return any(one.record["seq"] == seq for one in quick.asked)

        await asyncio.wait_for(until(lambda: heard(3)), 10)
        await house.happens(house.year.rated())
        await asyncio.wait_for(until(lambda: heard(house.stored)), 10)
        assert len(house.other.taken) < 123
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


async def test_where_it_asks_to_wait_nothing_is_told_until_then(house: House) -> None:
    await house.colleagues(12)
    house.other.script = [says(429, retry_after="600")] * 8
    assert await house.drain() == ["pending"] * 8
    assert await house.drain(timedelta(seconds=599)) == []
    assert (await house.drain(timedelta(seconds=2)))[0] == "sent"


async def test_410_switches_it_off_and_on_again_it_goes_on_where_it_stopped(house: House) -> None:
    year = house.year.planned()
    await house.happens(year)
    house.other.script = [says(410, "moved out")]
    assert await house.drain() == ["pending"]
    await house.happens(year.rated())
    assert await house.drain(timedelta(days=9)) == []
    assert len(house.other.asked) == 1
    assert await house.states() == ["pending"] * 2, "what happens meanwhile makes no rows"
    await house.change("UPDATE hook_endpoint SET off_at = NULL")
    assert set(await house.drain()) == {"sent"}
    seqs = [one.record["seq"] for one in house.other.asked[1:]]
    assert seqs == [event.seq for event in year.events[1:] if event.from_state != event.to_state]


async def test_what_was_told_is_forgotten_after_a_month_and_not_told_again(house: House) -> None:
    await house.happens(house.year.planned())
    await house.drain()
    await house.drain(KEPT - timedelta(days=1))
    assert len(await house.rows()) == 2
    assert await house.drain(timedelta(days=2)) == []
    assert await house.rows() == []
    assert len(house.other.asked) == 2


async def test_side_by_side_each_event_is_told_once(house: House) -> None:
    await house.happens(house.year.planned())
    await house.colleagues(20)
    patient = endpoint(house.other.port, seconds=30)  # what answers late is asked again, and this is about who asks
    others = [house.another(patient) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(one.drain() for one in others))
    assert set(await house.states()) == {"sent"}
    keys = [one.key for one in house.other.asked]
    assert len(keys) == len(set(keys)) == 2 + 20 * 3
    for trail in {one.record["appraisal_id"] for one in house.other.asked}:
        seqs = [one.record["seq"] for one in house.other.asked if one.record["appraisal_id"] == trail]
        assert seqs == sorted(seqs)


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_while_secrets_change_both_receivers_believe_it(house: House) -> None:
    both = HookEndpoint("payroll", f"http://127.0.0.1:{house.other.port}/", keys_of(f"{NEXT} {SECRET}"))
    house._sender = house.another(both)
    await house.happens(house.year.planned())
    await house.drain()
    assert all(believed(one, SECRET) and believed(one, NEXT) for one in house.other.asked)


def test_neither_secret_nor_address_shows_when_an_endpoint_is_printed() -> None:
    shown = repr(HookEndpoint("payroll", "https://u:hidden@host/?token=hidden", keys_of(SECRET)))
    assert "hidden" not in shown
    assert repr(keys_of(SECRET)[0]) not in shown


@asynccontextmanager
async def receiver_of_the_docs(port: int, secrets: str) -> AsyncIterator[None]:
    found = re.search(r"^## Webhooks$.*?^```python\n(.*?)^```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    env = {"PATH": os.environ["PATH"], "HOOK_SECRETS": secrets}
    running = await asyncio.create_subprocess_exec(sys.executable, "-I", "-c", found[1], str(port), env=env)

    async def answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await until(answers)
        yield
    finally:
        running.kill()
        await running.wait()


async def test_the_receiver_of_the_docs_believes_what_is_signed_with_its_secret_and_nothing_else(house: House) -> None:
    port = free_port()
    house.clock.now = datetime.now(UTC)
    await house.told(endpoint(port, seconds=5))
    await house.happens(house.year.planned())
    async with receiver_of_the_docs(port, NEXT):
        assert await house.drain() == ["pending"]
    assert (await house.rows())[0]["last_error"].startswith("HTTP 401")
    async with receiver_of_the_docs(port, f"{NEXT} {SECRET}"):
        assert await house.drain(timedelta(minutes=1)) == ["sent", "sent"]
    await house.happens(house.year.rated())
    async with receiver_of_the_docs(port, SECRET):
        assert await house.drain(timedelta(hours=1)) == ["pending"], "a message of another hour is not believed"


# ── durable ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TO_KILL = """
import asyncio, sys
from activities.hooks import HookSender
from models.database import Database
from tests.workflow.test_hooks import endpoint

asyncio.run(HookSender(Database(sys.argv[1]), (endpoint(int(sys.argv[2]), seconds=60),)).drain())
"""


async def test_whoever_is_killed_between_sending_and_writing_that_down_is_followed_by_the_same_message(
    house: House,
) -> None:
    async def takes_and_says_nothing(other: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        other.take(one)
        await hangs(other, one, writer)

    house.other.script = [takes_and_says_nothing]
    await house.happens(house.year.planned())
    url = house.database.engine.url.render_as_string(hide_password=False)
    running = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", TO_KILL, url, str(house.other.port))
    await house.asked(1)
    house.clock.now = datetime.now(UTC) + timedelta(seconds=5)
    assert await house.drain() == [], "it is being sent"
    running.send_signal(signal.SIGKILL)
    await running.wait()

    async def again() -> bool:
        return set(await house.drain()) == {"sent"}

    await until(again)
    first, second, third = house.other.asked
    assert (first.key, first.body) == (second.key, second.body)
    assert list(house.other.taken) == [first.key, third.key], "the id tells it that it has it already"


async def test_a_round_tells_and_ends_when_the_worker_stops(house: House) -> None:
    await house.happens(house.year.planned())
    environment = ActivityEnvironment()
    going = asyncio.create_task(environment.run(house.sender.tell, HookInput(seconds=60, rest_seconds=60)))
    await house.asked(2)
    environment.worker_shutdown()
    assert (await asyncio.wait_for(going, 30)).sent == 2


async def test_the_workflow_tells_and_is_started_only_once(house: House, engine_address: str) -> None:
    await house.happens(house.year.planned())
    client = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    queue = f"hooks-{uuid4().hex[:8]}"
    async with build_worker(client, task_queue=queue, workflows=[HooksWorkflow], activities=[house.sender.tell]):
        await ensure_hooks(client, queue)
        handle = client.get_workflow_handle(HOOKS_ID)
        run = (await handle.describe()).run_id
        await ensure_hooks(client, queue)
        assert (await handle.describe()).run_id == run
        await house.asked(2)
    await handle.terminate()
    assert await house.states() == ["sent", "sent"]
