"""Notices reach people by real mail, or wait, or are dropped because their reason is gone; none is ever lost or counted twice."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import cast
from uuid import uuid4

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.deliver import DELIVERY_ID, Channels, Deliverer, DeliverInput, Patience, ensure_delivery
from activities.facts import Facts
from activities.outbox import notices_of
from activities.people import People
from deploy.home import free_port
from deploy.supervisor import until
from deploy.worker import build_worker
from models.appraisal import Event, Timing
from models.database import Database
from models.policy import load
from models.vocabulary import Action, EngineAction, Form, Role, Zone
from tests.workflow._year import APPRAISAL, EMPLOYEE, SENIOR, SUPERVISOR, Year
from tests.world import fresh_database
from workflows.delivery import DeliveryWorkflow

PACK = load("permenpanrb-6-2022")
DUE = datetime(2027, 1, 31, 16, 59, 59, tzinfo=UTC)


@dataclass
class Mailbox:
    """A real SMTP server on loopback that keeps what it was given."""

    port: int = field(default_factory=free_port)
    mails: list[tuple[tuple[str, ...], EmailMessage]] = field(default_factory=list)
    _controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        parsed = email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default)
        self.mails.append((tuple(envelope.rcpt_tos), parsed))
        return "250 OK"

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}/?to={{to}}&mode=insecure"

    async def has_mail(self) -> bool:
        return bool(self.mails)

    def bodies(self) -> list[str]:
        return [mail.get_body().get_content() for _, mail in self.mails]  # type: ignore[union-attr]


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Post:
    """A post office: the outbox, the mailbox, and a clock that the test moves."""

    database: Database
    mailbox: Mailbox
    clock: Clock = field(default_factory=Clock)
    patience: Patience = field(default_factory=Patience)
    channels: Channels | None = None

    def deliverer(self) -> Deliverer:
        channels = self.channels or Channels("https://siklus.go.id", self.mailbox.url, "siklus@contoh.go.id")
        return Deliverer(self.database, People(), Facts(), channels, self.patience, self.clock)

    async def lived(self, year: Year, *, told: bool = True) -> Year:
        """Store the year, and with it the notices of its last event."""
        async with self.database.transaction() as connection:
            await year.store(connection)
        if told:
            await self.tell(year, year.events[-1])
        return year

    async def tell(self, year: Year, event: Event | None = None) -> None:
        """Write the notices of an event, of the last one where none is named."""
        async with self.database.transaction() as connection:
            agency = await People().agency(connection)
            timing = Timing(facts_revision=1, visit=1, due_at=DUE)
            events = [event or year.events[-1]]
            rows = notices_of(events, year.snapshot, timing, agency, PACK, Zone.WIB)
            await connection.execute(insert(SQLModel.metadata.tables["notice"]).on_conflict_do_nothing(), rows)
            await connection.execute(text("SELECT pg_notify('outbox', '')"))

    async def somebody_listens(self) -> bool:
        listening = "SELECT count(*) FROM pg_stat_activity WHERE query ~* '^listen' AND datname = current_database()"
        async with self.database.transaction() as connection:
            return bool((await connection.execute(text(listening))).scalar_one())

    async def rows(self) -> list[RowMapping]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(text("SELECT * FROM notice ORDER BY person_id"))).mappings())

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def change(self, sql: str) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(sql))


@pytest_asyncio.fixture
async def post(postgres_url: str, mailbox: Mailbox) -> AsyncIterator[Post]:
    database = Database(await fresh_database(postgres_url))
    yield Post(database, mailbox)
    await database.close()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.open()
    yield box
    box.close()


def returned() -> Year:
    """A plan that came back: a notice to the employee, that she has rights again."""
    year = Year(PACK)
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    return year.act(Action.RETURN_PLAN, Role.SUPERVISOR, SUPERVISOR, comment=year.comment("Rahasia besar.", SUPERVISOR))


def reminded(rung: str = "remind-3") -> Year:
    """The first form is due soon: a reminder to the employee."""
    return Year(PACK).engine(EngineAction.REACH_RUNG, rung=rung)


async def test_a_mail_reaches_its_person_with_the_notices_id_and_a_link(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    assert await post.deliverer().drain() == ["sent"]
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["sent_at"], row["last_error"]) == ("sent", 1, post.clock.now, None)
    [(recipients, mail)] = mailbox.mails
    assert recipients == ("orang0@contoh.go.id",)
    assert mail["Subject"] == "Formulir Anda dikembalikan"
    assert "siklus@contoh.go.id" in mail["From"]
    [body] = mailbox.bodies()
    assert f"Siklus-Notice: {row['id']}" in body
    assert "Sari Dewi Lestari, S.Kom." in body
    assert f"https://siklus.go.id/penilaian/{APPRAISAL}" in body
    assert "31 Januari 2027" in body


async def test_no_comment_and_no_label_is_in_a_mail(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    await post.deliverer().drain()
    assert "Rahasia" not in mailbox.bodies()[0]


async def test_a_result_is_announced_without_its_label(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK).planned().rated()
    await post.lived(year, told=False)
    received = next(e for e in year.events if e.action is EngineAction.RECEIVE_LABEL)
    await post.tell(year, received)
    assert "sent" in await post.deliverer().drain()
    for label in PACK.scoring.labels.values():
        assert not any(f" {label.id} " in body for body in mailbox.bodies())


async def test_mail_is_tried_again_when_the_server_is_back_and_recorded_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    mailbox.close()
    assert await post.deliverer().drain() == ["pending"]
    [row] = await post.rows()
    assert row["attempts"] == 1
    assert row["last_error"]
    assert row["next_try_at"] == post.clock.now + post.patience.first
    mailbox.open()
    assert await post.deliverer().drain() == [], "nothing is tried before its time"
    post.clock.now += post.patience.first
    assert await post.deliverer().drain() == ["sent"]
    post.clock.now += timedelta(days=30)
    assert await post.deliverer().drain() == []
    assert len(mailbox.mails) == 1
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 2, None)


async def test_after_the_last_attempt_a_notice_has_failed_and_holds_up_nobody(post: Post, mailbox: Mailbox) -> None:
    post.patience = Patience(attempts_max=3)
    await post.lived(returned())
    mailbox.close()
    fates = []
    for _ in range(5):
        fates += await post.deliverer().drain()
        post.clock.now += timedelta(days=1)
    assert fates == ["pending", "pending", "failed"]


@pytest.mark.parametrize("attempts", range(1, 40))
def test_patience_grows_to_its_limit_and_never_shrinks(attempts: int) -> None:
    patience = Patience()
    assert patience.first <= patience.until_next(attempts) <= patience.until_next(attempts + 1) <= patience.longest


async def test_the_first_attempt_does_not_wait_for_the_time_of_a_simulated_year(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    [row] = await post.rows()
    assert row["next_try_at"] > post.clock.now
    assert await post.deliverer().drain() == ["sent"]
    assert len(mailbox.mails) == 1


async def test_a_reminder_whose_work_is_still_to_do_is_sent(post: Post, mailbox: Mailbox) -> None:
    await post.lived(reminded())
    assert await post.deliverer().drain() == ["sent"]
    assert "31 Januari 2027" in mailbox.bodies()[0]


STALE: dict[str, Callable[[Post], Awaitable[None]]] = {
    "the work is done": lambda p: p.change("UPDATE appraisal SET state = 'plan.reviewing'"),
    "the form came back, which is another visit": lambda p: p.change(
        "UPDATE appraisal SET entered_at = '2027-02-01 00:00Z'"
    ),
    "the appraisal is suspended": lambda p: p.change("UPDATE appraisal SET suspended = true"),
    "the person has left": lambda p: p.change(f"UPDATE person SET active = false WHERE id = '{EMPLOYEE}'"),
}


@pytest.mark.parametrize("why", STALE)
async def test_a_reminder_without_its_reason_is_dropped(post: Post, mailbox: Mailbox, why: str) -> None:
    await post.lived(reminded())
    await STALE[why](post)
    assert await post.deliverer().drain() == ["dropped"]
    assert mailbox.mails == []
    [row] = await post.rows()
    assert (row["state"], row["attempts"]) == ("dropped", 0)
    assert row["last_error"]


async def test_whoever_no_longer_supervises_is_not_reminded(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK)
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    await post.lived(year.engine(EngineAction.REACH_RUNG, rung="remind-3"))
    assert [row["person_id"] for row in await post.rows()] == [SUPERVISOR]
    await post.change(f"UPDATE appraisal SET supervisor_override = '{SENIOR}'")
    assert await post.deliverer().drain() == ["dropped"]
    assert mailbox.mails == []


async def test_nobody_is_told_he_is_late_after_he_was_given_more_time(post: Post) -> None:
    await post.lived(reminded("overdue+1"))
    await post.change("UPDATE appraisal SET due_at = '2027-06-01 00:00Z'")
    assert set(await post.deliverer().drain()) == {"dropped"}


async def test_what_happened_is_told_even_if_more_happened_since(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    await post.change("UPDATE appraisal SET state = 'plan.reviewing'")
    assert await post.deliverer().drain() == ["sent"]
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("address", ["NULL", "''", "'tanpa alamat'", "'a@contoh.go.id,b@contoh.go.id'"])
async def test_whoever_has_no_usable_address_finds_it_on_the_outbox_page(
    post: Post, mailbox: Mailbox, address: str
) -> None:
    await post.lived(returned())
    await post.change(f"UPDATE person SET email = {address}")
    assert await post.deliverer().drain() == ["shown"]
    assert mailbox.mails == []


async def test_without_a_channel_every_notice_is_shown(post: Post) -> None:
    post.channels = Channels()
    await post.lived(returned())
    assert await post.deliverer().drain() == ["shown"]
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["sent_at"]) == ("shown", 0, None)


async def test_a_name_cannot_add_a_header_or_a_placeholder(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK)
    name = "Sari\r\nBcc: jahat@contoh.go.id {due} {0}"
    year.people[EMPLOYEE] = year.people[EMPLOYEE].model_copy(update={"name": name})
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    await post.lived(year)
    assert "sent" in await post.deliverer().drain()
    for recipients, mail in mailbox.mails:
        assert len(recipients) == 1
        assert mail["Bcc"] is None
        assert "{due}" in mail["Subject"]


async def test_deliverers_side_by_side_send_each_notice_once(post: Post, mailbox: Mailbox) -> None:
    await post.lived(returned())
    keys = sorted(PACK.texts.keys() - {"form_returned"})[:12]
    await post.change(
        "INSERT INTO notice (id, appraisal_id, event_seq, person_id, text, facts, state, attempts, next_try_at) "
        "SELECT gen_random_uuid()::text, appraisal_id, event_seq, person_id, t.key, facts, 'pending', 0, next_try_at "
        f"FROM notice, unnest(ARRAY{keys}) AS t(key)"
    )
    done = await asyncio.gather(*(post.deliverer().drain() for _ in range(3)))
    await asyncio.gather(*(post.deliverer().drain() for _ in range(3)))
    assert sum(len(states) for states in done) <= 13
    assert set(await post.states()) == {"sent"}
    sent = [line for body in mailbox.bodies() for line in body.splitlines() if line.startswith("Siklus-Notice:")]
    assert len(sent) == len(set(sent)) == 13


async def test_a_broken_template_is_one_notices_problem_only(post: Post, mailbox: Mailbox) -> None:
    year = Year(PACK)
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    await post.lived(year)
    await post.change(
        "INSERT INTO notice (id, appraisal_id, event_seq, person_id, text, facts, state, attempts, next_try_at) "
        "SELECT gen_random_uuid()::text, appraisal_id, event_seq, person_id, 'no_such_text', facts, 'pending', 0, "
        "next_try_at FROM notice LIMIT 1"
    )
    assert sorted(await post.deliverer().drain()) == ["pending", "sent"]
    assert len(mailbox.mails) == 1


async def test_a_round_wakes_for_a_notice_that_comes_while_it_rests(post: Post, mailbox: Mailbox) -> None:
    year = await post.lived(returned(), told=False)
    environment = ActivityEnvironment()
    wish = DeliverInput(seconds=60, rest_seconds=60)
    going = asyncio.create_task(environment.run(post.deliverer().deliver, wish))
    await until(post.somebody_listens)
    await post.tell(year)
    await until(mailbox.has_mail)
    environment.worker_shutdown()
    assert (await going).sent == 1


async def test_the_workflow_delivers_and_is_started_only_once(
    post: Post, mailbox: Mailbox, engine_address: str
) -> None:
    client = await Client.connect(engine_address, data_converter=pydantic_data_converter)
    queue = f"delivery-{uuid4().hex[:8]}"
    await post.lived(returned())
    async with build_worker(
        client, task_queue=queue, workflows=[DeliveryWorkflow], activities=[post.deliverer().deliver]
    ):
        await ensure_delivery(client, queue)
        handle = client.get_workflow_handle(DELIVERY_ID)
        run = (await handle.describe()).run_id
        await ensure_delivery(client, queue)
        assert (await handle.describe()).run_id == run
        await until(mailbox.has_mail)
    await handle.terminate()
    assert await post.states() == ["sent"]
    assert len(mailbox.mails) == 1
