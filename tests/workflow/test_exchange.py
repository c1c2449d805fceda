"""A final result reaches the system outside whatever that system does: at least once, in the same words, the last one last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping, text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.facts import Facts
from activities.push import EXCHANGE_ID, Endpoint, Pusher, PushInput, ensure_exchange
from deploy.home import free_port
from deploy.supervisor import until
from deploy.worker import build_worker
from models.database import Database
from models.exchange import DOOR_SHUT
from models.shelf import load
from tests.outside import Answer, Outside, cut, drips, hangs, held, outside, says, slow
from tests.workflow._post import Clock, copied_year
from tests.workflow._year import APPRAISAL, DONE_AT, EMPLOYEE, Year
from tests.world import fresh_database
from workflows.exchange import ExchangeWorkflow

PACK = load("permenpanrb-6-2022")
CLONE = f"""
    WITH who AS (
        INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object('id', CAST(:id AS text), 'nip', CAST(:nip AS text)))).*
          FROM person p WHERE p.id = :of
    )
    {copied_year("jsonb_build_object('id', CAST(:id AS text), 'person_id', CAST(:id AS text))", "appraisal a")} WHERE a.id = :year
"""
ARCHIVED = """
    INSERT INTO archive SELECT a.id, a.revision, 'x', 'x', '{"files": [{"name": "evaluation.pdf", "sha256": "abc"}]}', now()
      FROM appraisal a WHERE a.state = 'finalisation.done' ON CONFLICT DO NOTHING
"""


@dataclass
class Office:
    """Sari's year, final and archived; and where its result goes."""

    database: Database
    other: Outside
    clock: Clock = field(default_factory=lambda: Clock(DONE_AT))
    endpoint: Endpoint | None = None
    _pusher: Pusher | None = None

    @property
    def pusher(self) -> Pusher:
        if self._pusher is None:
            self._pusher = self.another()
        return self._pusher

    def another(self) -> Pusher:
        """Another process that does the same."""
        return Pusher(self.database, Facts(), self.endpoint or self.other.endpoint(), clock=self.clock)

    async def drain(self, after: timedelta = timedelta(0)) -> list[str]:
        self.clock.now += after
        return await self.pusher.drain()

    async def change(self, sql: str, **values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(sql), values)

    async def rows(self) -> list[RowMapping]:
        async with self.database.transaction() as connection:
            found = await connection.execute(text("SELECT * FROM push ORDER BY made_at, revision, id"))
            return list(found.mappings())

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def row(self) -> RowMapping:
        [row] = await self.rows()
        return row

    async def colleagues(self, count: int) -> None:
        """So many more years like hers."""
        for number in range(count):
            values = {"id": str(uuid4()), "nip": f"2990031220150320{number:02d}", "of": EMPLOYEE, "year": APPRAISAL}
            await self.change(CLONE, **values)
        await self.change(ARCHIVED)

    async def reopened(self) -> None:
        """Her year is opened again."""
        await self.change(
            "UPDATE appraisal SET revision = revision + 1, state = 'rating.drafting' WHERE id = :id", id=APPRAISAL
        )

    async def final_again(self) -> None:
        self.clock.now += timedelta(days=1)
        await self.change("UPDATE appraisal SET state = 'finalisation.done' WHERE id = :id", id=APPRAISAL)
        await self.change(ARCHIVED)


@pytest_asyncio.fixture
async def office(postgres_url: str) -> AsyncIterator[Office]:
    database = Database(await fresh_database(postgres_url))
    async with database.transaction() as connection:
        await Year(PACK).planned().rated().accepted().store(connection)
        await connection.execute(text("UPDATE appraisal SET state = 'finalisation.done'"))
        await connection.execute(text(ARCHIVED))
    async with outside() as other:
        yield Office(database, other)
    await database.close()


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_final_result_is_sent_once_with_its_key_and_the_token(office: Office) -> None:
    assert await office.drain() == ["sent"]
    assert await office.drain(timedelta(days=400)) == []
    [one] = office.other.asked
    row = await office.row()
    assert (one.key, one.headers["authorization"]) == (row["id"], "Bearer rahasia")
    assert (one.record["pnsDinilaiNip"], one.record["kuadranKinerjaNilai"]) == ("199003122015032004", 2)
    assert (one.record["hasilKinerjaNilai"], one.record["perilakuKerjaNilai"]) == (2, 1)
    assert (one.record["penilaiNama"], one.record["siklus"]["dokumenSha256"]) == ("Drs. Budi Santoso, M.Si.", "abc")
    assert (row["state"], row["attempts"], row["body"], row["last_error"]) == ("sent", 1, None, None)
    assert row["sha256"], "what was said is proven, and is kept nowhere a second time"


async def test_without_an_endpoint_nothing_is_sent_and_nothing_waits(office: Office) -> None:
    pusher = Pusher(office.database, Facts(), None, clock=office.clock)
    assert await pusher.drain() == []
    assert await office.rows() == []


NOT_TO_SEND = {
    "not final": "UPDATE appraisal SET state = 'appeal.open'",
    "not archived yet": "DELETE FROM archive",
    "cancelled": "UPDATE appraisal SET ending = 'cancelled'",
    "a part of a year": "UPDATE appraisal SET ending = 'segment_closed'",
    "what was done as Plt": "UPDATE appraisal SET acting_for = person_id",
    "of a pack that has no codes": "UPDATE cycle SET pack = pack - 'exchange'",
    "of a pack that says null": "UPDATE cycle SET pack = jsonb_set(pack, '{exchange}', 'null')",
    "of a method that counts": "UPDATE outcome SET outcome = jsonb_set(outcome, '{method}', '\"numeric\"')",
}


@pytest.mark.parametrize("what", NOT_TO_SEND)
async def test_what_is_no_result_of_a_year_by_two_ratings_is_not_sent(office: Office, what: str) -> None:
    await office.change(NOT_TO_SEND[what])
    assert await office.drain() == []
    assert (await office.rows(), office.other.asked) == ([], [])


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────

PASSING: dict[str, tuple[Answer, str]] = {
    "it never answers": (hangs, "Timeout"),
    "an error of its own": (says(500, "stack trace"), "HTTP 500 stack trace"),
    "a gateway before it": (says(502), "HTTP 502"),
    "another address": (says(301, location="http://127.0.0.1:1/"), "HTTP 301"),
    "too much at once": (says(429), "HTTP 429"),
    "the token has run out": (says(401, "expired"), "HTTP 401 expired"),
    "an answer that ends in the middle": (cut, "RemoteProtocolError"),
}


@pytest.mark.parametrize("what", PASSING)
async def test_what_passes_is_tried_again_in_the_same_words_until_it_is_taken(office: Office, what: str) -> None:
    answer, said = PASSING[what]
    if answer is hangs:
        office.endpoint = office.other.endpoint(seconds=2)
    office.other.script = [answer, answer]
    assert await office.drain() == ["pending"]
    row = await office.row()
    assert said in row["last_error"]
    assert row["attempts"] == 1
    await office.change("UPDATE person SET name = 'Sari, S.Kom., M.T.', post = 'Lain'")
    assert await office.drain(timedelta(minutes=10)) == ["pending"]
    assert await office.drain(timedelta(minutes=10)) == ["sent"]
    assert len({one.body for one in office.other.asked}) == len({one.key for one in office.other.asked}) == 1
    assert len(office.other.asked) == 3
    assert list(office.other.taken) == [row["id"]], "the key tells it that it has it already"
    assert ((await office.row())["state"], (await office.row())["last_error"]) == ("sent", None)


async def test_what_is_down_is_tried_for_ever_and_ever_less_often(office: Office) -> None:
    office.endpoint = Endpoint(f"http://127.0.0.1:{free_port()}/skp22")
    pauses = []
    for attempt in range(1, 40):
        assert await office.drain() == ["pending"]
        row = await office.row()
        assert (row["attempts"], row["state"]) == (attempt, "pending")
        pauses.append(row["next_try_at"] - office.clock.now)
        assert await office.drain() == [], "nothing is tried before its time"
        office.clock.now = row["next_try_at"]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    office.pusher.endpoint = office.other.endpoint()
    assert await office.drain() == ["sent"]


@pytest.mark.parametrize("answer", [says(422, "NIP\x00 tidak\r\n dikenal \x1b[31m" + "x" * 90000), drips(422)])
async def test_what_is_refused_for_good_is_not_tried_again_and_says_why(office: Office, answer: Answer) -> None:
    office.endpoint = office.other.endpoint(seconds=5)
    office.other.always = answer
    assert await office.drain() == ["refused"]
    row = await office.row()
    assert row["last_error"].startswith("HTTP 422 NIP")
    assert len(row["last_error"]) <= 300
    assert row["last_error"].isprintable()
    assert (row["body"], row["attempts"]) == (None, 1)
    assert await office.drain(timedelta(days=400)) == []
    assert len(office.other.asked) == 1


@pytest.mark.parametrize("answer", [slow(0.5), drips(200)])
async def test_a_slow_answer_is_an_answer(office: Office, answer: Answer) -> None:
    office.endpoint = office.other.endpoint(seconds=5)
    office.other.always = answer
    assert await office.drain() == ["sent"]
    assert len(office.other.taken) == 1


async def test_where_it_is_asked_to_wait_nothing_at_all_is_sent_until_then(office: Office) -> None:
    await office.colleagues(12)
    office.other.script = [says(429, retry_after="600")] * 8
    assert await office.drain() == ["pending"] * 8
    assert await office.drain(timedelta(seconds=599)) == []
    assert len(office.other.asked) == 8
    assert (await office.drain(timedelta(seconds=2)))[0] == "sent"
    assert await office.drain(timedelta(hours=1)) == []
    assert len(office.other.taken) == 13


async def test_a_shut_door_is_not_hammered(office: Office) -> None:
    await office.colleagues(12)
    office.other.always = says(403)
    assert len(await office.drain()) == 8
    assert await office.drain(DOOR_SHUT - timedelta(seconds=1)) == []
    office.other.always = says(201)
    assert (await office.drain(timedelta(seconds=2)))[0] == "sent"


async def test_where_nothing_gets_through_one_record_alone_looks_whether_it_is_back(office: Office) -> None:
    await office.colleagues(12)
    office.other.always = says(500)
    assert len(await office.drain()) == 8
    for _ in range(3):
        assert await office.drain() == ["pending"]
    office.other.always = says(201)
    await office.drain()
    await office.drain(timedelta(hours=2))
    assert len(office.other.taken) == 13


async def test_one_record_that_it_cannot_digest_holds_up_no_other(office: Office) -> None:
    await office.colleagues(12)

    async def chokes(other: Outside, one: object, writer: asyncio.StreamWriter) -> None:
        poison = one.record["pnsDinilaiNip"] == "199003122015032004"  # type: ignore[attr-defined]
        await says(500 if poison else 201)(other, one, writer)  # type: ignore[arg-type]

    office.other.always = chokes
    for _ in range(6):
        await office.drain(timedelta(minutes=1))
    assert sorted(await office.states()) == ["pending"] + ["sent"] * 12


async def test_a_year_without_a_rater_on_record_is_refused_here(office: Office) -> None:
    await office.change("UPDATE appraisal SET snapshot = snapshot - 'rated_by'")
    assert await office.drain() == ["refused"]
    assert "rater" in (await office.row())["last_error"]
    assert office.other.asked == []


async def test_a_cycle_whose_pack_cannot_be_read_waits_until_it_can(office: Office) -> None:
    await office.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', 'null')")
    assert await office.drain() == ["pending"]
    assert await office.drain() == []
    assert "cannot be read" in (await office.row())["last_error"]
    await office.change("UPDATE cycle SET pack = jsonb_set(pack, '{id}', to_jsonb(policy))")
    assert await office.drain(timedelta(hours=1)) == ["sent"]


# ── the last one stands ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_year_that_becomes_final_again_sends_a_record_that_names_what_it_replaces(office: Office) -> None:
    assert await office.drain() == ["sent"]
    await office.reopened()
    assert await office.drain() == []
    await office.final_again()
    assert await office.drain() == ["sent"]
    first, second = office.other.asked
    assert first.record["siklus"]["menggantikan"] == []
    assert (second.record["siklus"]["revisi"], second.record["siklus"]["menggantikan"]) == (2, [first.key])


async def test_what_is_opened_again_before_it_left_never_leaves(office: Office) -> None:
    office.endpoint = Endpoint("http://127.0.0.1:1/")
    office.clock.now -= timedelta(days=1)
    await office.pusher._gather()
    await office.reopened()
    office.pusher.endpoint = office.other.endpoint()
    assert await office.drain() == []
    await office.final_again()
    assert await office.drain() == ["sent"]
    assert await office.states() == ["dropped", "sent"]
    [one] = office.other.asked
    assert (one.record["siklus"]["revisi"], one.record["siklus"]["menggantikan"]) == (2, [])


async def test_what_may_have_been_taken_before_it_was_opened_again_is_named_by_the_next(office: Office) -> None:
    office.other.script = [cut]
    assert await office.drain() == ["pending"]
    await office.reopened()
    await office.final_again()
    assert await office.drain() == ["sent"]
    assert await office.states() == ["superseded", "sent"]
    first, second = office.other.asked
    assert second.record["siklus"]["menggantikan"] == [first.key]


async def test_what_was_refused_before_it_was_opened_again_is_nobody_s_work_any_more(office: Office) -> None:
    office.other.script = [says(422)]
    assert await office.drain() == ["refused"]
    await office.reopened()
    await office.drain()
    assert await office.states() == ["dropped"]


async def test_the_next_result_waits_for_the_one_under_way_and_comes_after_it(office: Office) -> None:
    answers = asyncio.Event()
    office.other.script = [held(answers)]
    under_way = asyncio.create_task(office.drain())
    await until(lambda: _asked(office, 1))
    await office.reopened()
    await office.final_again()
    assert await office.another().drain() == [], "the first one may arrive yet"
    answers.set()
    assert await under_way == ["sent", "sent"]
    first, second = office.other.asked
    assert second.record["siklus"]["menggantikan"] == [first.key]


async def _asked(office: Office, count: int) -> bool:
    return len(office.other.asked) >= count


async def test_side_by_side_each_record_is_sent_once(office: Office) -> None:
    await office.colleagues(20)
    others = [office.another() for _ in range(3)]
    await asyncio.gather(*(one.drain() for one in others))
    await asyncio.gather(*(one.drain() for one in others))
    assert set(await office.states()) == {"sent"}
    keys = [one.key for one in office.other.asked]
    assert len(keys) == len(set(keys)) == 21


async def test_two_years_of_one_person_that_are_final_at_once_do_not_wait_for_each_other(office: Office) -> None:
    await office.change(CLONE, id=str(uuid4()), nip="1", of=EMPLOYEE, year=APPRAISAL)
    await office.change(
        "UPDATE appraisal SET person_id = :she, segment = 2 WHERE id <> :id", she=EMPLOYEE, id=APPRAISAL
    )
    await office.change(ARCHIVED)
    await office.change('INSERT INTO cycle SELECT (jsonb_populate_record(c, \'{"id": "other"}\')).* FROM cycle c')
    await office.change("UPDATE appraisal SET cycle_id = 'other' WHERE segment = 2")
    assert await office.drain() == ["sent", "sent"]
    first, second = office.other.asked
    assert second.record["siklus"]["menggantikan"] == [first.key]


# ── durable ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_round_sends_and_ends_when_the_worker_stops(office: Office) -> None:
    environment = ActivityEnvironment()
    going = asyncio.create_task(environment.run(office.pusher.push, PushInput(seconds=60, rest_seconds=60)))
    await until(lambda: _asked(office, 1))
    environment.worker_shutdown()
    assert (await asyncio.wait_for(going, 30)).sent == 1


async def test_what_was_killed_while_it_sent_is_sent_again_under_the_same_key(office: Office) -> None:
    office.other.script = [hangs]
    going = asyncio.create_task(office.drain())
    await until(lambda: _asked(office, 1))
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert await office.another().drain() == ["sent"]
    first, second = office.other.asked
    assert (first.key, first.body) == (second.key, second.body)


async def test_the_workflow_sends_and_is_started_only_once(office: Office, engine_address: str) -> None:
    client = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    queue = f"exchange-{uuid4().hex[:8]}"
    async with build_worker(client, task_queue=queue, workflows=[ExchangeWorkflow], activities=[office.pusher.push]):
        await ensure_exchange(client, queue)
        handle = client.get_workflow_handle(EXCHANGE_ID)
        run = (await handle.describe()).run_id
        await ensure_exchange(client, queue)
        assert (await handle.describe()).run_id == run
        await until(lambda: _asked(office, 1))
    await handle.terminate()
    assert await office.states() == ["sent"]


def test_no_token_shows_when_an_endpoint_is_printed() -> None:
    assert "rahasia" not in repr(Endpoint("https://siasn.example", "rahasia"))
