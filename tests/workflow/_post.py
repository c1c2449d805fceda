"""A post office for tests: the outbox on a real database, a real SMTP server, and a clock that the test moves."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import RowMapping, text

from activities.deliver import Channels, Deliverer, Patience
from activities.digest import Digests, GatherInput
from activities.facts import Facts
from activities.outbox import notices_of
from activities.people import People
from deploy.home import free_port
from models.appraisal import Event, Timing
from models.database import Database
from models.folding import replay
from models.shelf import load
from models.tables import AppraisalRow
from models.vocabulary import Action, EngineAction, Form, Role, Zone
from tests.workflow._year import EMPLOYEE, SUPERVISOR, UNIT, Year

PACK = load("permenpanrb-6-2022")
DUE = datetime(2027, 1, 31, 16, 59, 59, tzinfo=UTC)


def copied_year(changes: str, rows: str) -> str:
    """The statement that copies a year `a` of these rows with some values changed; what the database works out itself is left to it."""
    names = [column.name for column in AppraisalRow.metadata.tables["appraisal"].columns if column.computed is None]
    copy = ", ".join(f"copy.{name}" for name in names)
    return f"INSERT INTO appraisal ({', '.join(names)}) SELECT {copy} FROM {rows}, jsonb_populate_record(a, {changes}) copy"


@dataclass
class Mailbox:
    """A real SMTP server on loopback that keeps what it was given."""

    port: int = field(default_factory=free_port)
    mails: list[tuple[tuple[str, ...], EmailMessage]] = field(default_factory=list)
    on_mail: Callable[[], None] = field(default=lambda: None)
    """Called with the mail in hand, before the sender hears that it was taken."""
    _controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        parsed = email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default)
        self.mails.append((tuple(envelope.rcpt_tos), parsed))
        self.on_mail()
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

    async def morning(self, at: datetime) -> list[str]:
        """Let that instant come: make the digests of everybody whose morning it is, and deliver what is due."""
        self.clock.now = at
        await Digests(self.database).gather(GatherInput(at=at))
        return await self.deliverer().drain()

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
            event = event or year.events[-1]
            before = replay(year.events[: event.seq - 1]) if event.seq > 1 else None
            rows = notices_of([event], before, year.snapshot, timing, agency, PACK, UNIT, Zone.WIB)
            await connection.execute(
                text(
                    "INSERT INTO notice SELECT * FROM jsonb_populate_recordset(NULL::notice, CAST(:rows AS jsonb)) "
                    "ON CONFLICT DO NOTHING"
                ),
                {"rows": json.dumps(rows)},
            )
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

    async def digests(self) -> list[RowMapping]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(text("SELECT * FROM digest ORDER BY at, person_id"))).mappings())

    async def change(self, sql: str, **values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(sql), values)


def returned() -> Year:
    """A plan that came back: a notice to the employee, that she has rights again."""
    year = Year(PACK)
    year.act(Action.SUBMIT_PLAN, Role.EMPLOYEE, EMPLOYEE, form=year.copy(Form.PLAN, EMPLOYEE))
    return year.act(Action.RETURN_PLAN, Role.SUPERVISOR, SUPERVISOR, comment=year.comment("Rahasia besar.", SUPERVISOR))


def reminded(rung: str = "remind-3") -> Year:
    """The first form is due soon: a reminder to the employee."""
    return Year(PACK).engine(EngineAction.REACH_RUNG, rung=rung)
