"""A small agency on real parts: PostgreSQL, the engine with skipped time, a worker as production runs it, and the api.

Every world has a database and a task queue of its own, so worlds do not disturb each other; the servers are shared by the session.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
from sqlalchemy import text
from sqlalchemy.engine import make_url
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.deliver import Channels
from activities.launch import workflow_id
from deploy.demo import generate
from deploy.home import free_port
from deploy.rehearsal import Rehearsal, import_people, open_cycle, opened

YEAR = 2027
"""The cycle's year: skipped time only goes forward, so it lies ahead of today."""


async def fresh_database(url: str) -> str:
    """The URL of a new database with the schema, copied from the migrated one at `url`."""
    parts = make_url(url)
    name = f"t{uuid4().hex[:12]}"
    admin = await asyncpg.connect(host=str(parts.query["host"]), user=parts.username, database="postgres")
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{parts.database}"')
    finally:
        await admin.close()
    return parts.set(database=name).render_as_string(hide_password=False)


CLERKS = text(
    """
    SELECT p.nip FROM person p JOIN appraisal a ON a.person_id = p.id JOIN tenure t ON t.person_id = p.id
      JOIN tenure s ON s.person_id = t.supervisor_id
     WHERE a.launch = 'launched' AND s.supervisor_id IS NOT NULL AND p.nip <> ALL(:taken)
       AND coalesce(p.family, '') = coalesce(:family, p.family, '')
       AND NOT EXISTS (SELECT FROM tenure r WHERE r.supervisor_id = p.id)
       AND NOT EXISTS (SELECT FROM acting x WHERE x.acting_for IN (t.supervisor_id, s.supervisor_id)
                          OR x.person_id = p.id)
       AND t.supervisor_id NOT IN (SELECT person_id FROM role_grant WHERE role = 'hr')
     ORDER BY p.nip
    """
)
"""Whose superior is HR is left out: HR decides about neither of themselves."""
SEGMENTS = text(
    """
    SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id
     WHERE p.nip = :nip AND a.launch = 'launched' ORDER BY a.segment
    """
)
ELSEWHERE = text(
    """
    SELECT u.code, s.nip FROM person s JOIN unit u ON u.id = s.unit_id JOIN tenure up ON up.person_id = s.id
      JOIN person me ON me.nip = :nip
     WHERE s.unit_id <> me.unit_id AND up.supervisor_id IS NOT NULL AND s.nip <> ALL(:taken)
       AND EXISTS (SELECT FROM tenure r WHERE r.supervisor_id = s.id)
       AND NOT EXISTS (SELECT FROM acting x WHERE x.acting_for = s.id OR x.acting_for = up.supervisor_id)
       AND NOT EXISTS (SELECT FROM tenure t JOIN tenure b ON b.person_id = t.supervisor_id
                        WHERE t.person_id = me.id AND s.id IN (t.supervisor_id, b.supervisor_id))
     ORDER BY s.nip LIMIT 1
    """
)
LEADS = text(
    """
    SELECT s.nip, array_agg(p.nip ORDER BY p.nip) AS people
      FROM person p JOIN tenure t ON t.person_id = p.id JOIN person s ON s.id = t.supervisor_id
      JOIN appraisal a ON a.person_id = p.id
     WHERE a.launch = 'launched' AND p.nip <> ALL(:taken)
       AND NOT EXISTS (SELECT FROM acting x WHERE x.acting_for = s.id)
     GROUP BY s.nip HAVING count(*) >= 3 ORDER BY count(*) DESC, s.nip LIMIT 1
    """
)


async def nowhere() -> Client:
    """A client of an engine that is away."""
    return await Client.connect(f"127.0.0.1:{free_port()}", lazy=True, data_converter=pydantic_data_converter)


@dataclass(frozen=True)
class Lead:
    """A supervisor and some of those she supervises, by NIP."""

    nip: str
    people: list[str]


@dataclass
class World(Rehearsal):
    """`now` is the master clock of a simulated year: whoever acts is first brought to it."""

    taken: list[str] = field(default_factory=list)

    # ── the api ───────────────────────────────────────────────────────────────────────────────────────────────

    async def act(self, appraisal: str, action: str, who: str, body: object = None, **headers: str) -> httpx.Response:
        """Bring the appraisal's clock to now, then press the button.

        Where the record is late the key is asked again, as every client does: on a busy machine it may be late by more than the
        api waits.
        """
        await self.bring(appraisal)
        path = f"/appraisals/{appraisal}/actions/{action}"
        answer = await self.post(path, who, body or {}, **headers)
        for _ in range(20):
            if answer.status_code != 202:
                break
            again = {**headers, "Idempotency_Key": answer.json()["idempotency_key"]}
            answer = await self.post(path, who, body or {}, **again)
        return answer

    async def fill(self, appraisal: str, form: str, who: str, changes: Mapping[str, object] | None = None) -> int:
        """Save the schema's own example as a draft, with some fields changed; answers its version."""
        path = f"/api/v1/appraisals/{appraisal}/forms/{form}"
        asked = (await self.http.get(path, headers=self.headers(who))).raise_for_status().json()
        data = {**asked["schema"]["examples"][0], **(changes or {})}
        saved = await self.http.put(path, headers=self.headers(who), json={"data": data})
        assert saved.status_code == 200, saved.text
        version = saved.json()["version"]
        assert isinstance(version, int)
        return version

    async def takes_note(self, appraisal: str, who: str) -> None:
        """Acknowledge the criteria of the year, where that is asked for."""
        criteria = (await self.seen(appraisal, who))["criteria"]
        if isinstance(criteria, Mapping) and criteria["needed"]:
            (
                await self.post(f"/appraisals/{appraisal}/acknowledgement", who, {"digest": criteria["digest"]})
            ).raise_for_status()

    async def send(
        self, appraisal: str, form: str, action: str, who: str, changes: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Fill in a form and press its button; the receipt."""
        await self.fill(appraisal, form, who, changes)
        return await self.done(appraisal, action, who)

    async def done(self, appraisal: str, action: str, who: str, body: object = None) -> dict[str, object]:
        """Press a button and expect it to be recorded."""
        answer = await self.act(appraisal, action, who, body)
        assert answer.status_code == 200, f"{action}: {answer.status_code} {answer.text}"
        receipt = answer.json()
        assert isinstance(receipt, dict)
        return receipt

    async def seen(self, appraisal: str, who: str = "hr") -> dict[str, object]:
        answer = await self.get(f"/appraisals/{appraisal}", who)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert isinstance(body, dict)
        return body

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def bring(self, appraisal: str) -> None:
        """Advance one appraisal's own clock to the master clock; what was due on the way happens on the way."""
        row = await self.row(appraisal)
        if row["state"] == "finalisation.done":
            return
        name = workflow_id(appraisal, int(str(row["revision"])), int(str(row["incarnation"])))
        handle = self.client.get_workflow_handle(name)
        ahead = self.now - await self.skipper.get_current_time(handle)
        if ahead > timedelta(0):
            await self.skipper.fast_forward(handle, ahead)
        await self.settled(appraisal)

    async def pass_to(self, appraisal: str, at: datetime) -> dict[str, object]:
        """Let time pass for one appraisal until that instant; answers its row."""
        self.now = at
        await self.bring(appraisal)
        return await self.row(appraisal)

    async def settled(self, appraisal: str) -> None:
        """Wait until the record shows what the engine knows."""
        for _ in range(200):
            row = await self.row(appraisal)
            if row["state"] == "finalisation.done" or row["parked"]:
                return
            name = workflow_id(appraisal, int(str(row["revision"])), int(str(row["incarnation"])))
            known = await self.client.get_workflow_handle(name).query("snapshot")
            if known["seq"] == row["seq"]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the record of {appraisal} does not follow its engine")

    # ── organisation labels ───────────────────────────────────────────────────────────────────────────────────

    async def label(self, cycle: str, unit: str, label: str, who: str = "hr", **more: str) -> httpx.Response:
        """Set the label of a unit, by code."""
        body = {"label": label, "reason": "Capaian perjanjian kinerja.", "distribution_reason": "Sesuai bukti.", **more}
        return await self.put(f"/cycles/{cycle}/units/{unit}/label", who, body)

    async def labelled(self, appraisal: str) -> None:
        """See that a label holds where this result waits for one, and wait until it was received."""
        row = await self.row(appraisal)
        cycle, root = str(row["cycle_id"]), await self.root_unit()
        shown = (await self.get(f"/cycles/{cycle}", "hr")).raise_for_status().json()
        if root not in shown["unit_labels"]:
            (await self.label(cycle, root, "baik")).raise_for_status()
        await self.leaves(appraisal, "calibration.waiting")

    async def leaves(self, appraisal: str, state: str) -> Mapping[str, object]:
        """Its row, once it stands there no more."""
        for _ in range(500):
            await self.bring(appraisal)
            row = await self.row(appraisal)
            if row["state"] != state:
                return row
            await asyncio.sleep(0.02)
        raise AssertionError(f"{appraisal} stays in {state}")

    async def until(self, appraisal: str, action: str, times: int) -> Mapping[str, object]:
        """Its row, once that many events of this kind are recorded."""
        for _ in range(500):
            await self.bring(appraisal)
            if (await self.actions_of(appraisal)).count(action) >= times:
                return await self.row(appraisal)
            await asyncio.sleep(0.02)
        raise AssertionError(f"{appraisal} has no {times} {action}: {await self.actions_of(appraisal)}")

    async def texts_of(self, appraisal: str) -> list[str]:
        """What was written into the outbox, by text."""
        sql = "SELECT text FROM notice WHERE appraisal_id = :id ORDER BY event_seq"
        async with self.database.transaction() as connection:
            return list((await connection.execute(text(sql), {"id": appraisal})).scalars())

    async def root_unit(self) -> str:
        """The code of the unit above all."""
        async with self.database.transaction() as connection:
            return str((await connection.execute(text("SELECT code FROM unit WHERE parent_id IS NULL"))).scalar_one())

    async def unit_of(self, who: str) -> str:
        """The code of somebody's unit."""
        sql = "SELECT u.code FROM unit u JOIN person p ON p.unit_id = u.id WHERE p.nip = :nip"
        async with self.database.transaction() as connection:
            return str((await connection.execute(text(sql), {"nip": self.people.get(who, who)})).scalar_one())

    # ── people to take ────────────────────────────────────────────────────────────────────────────────────────

    async def next_clerk(self, family: str | None = None) -> str:
        """The NIP of somebody with a supervisor and a senior supervisor whose year nobody has taken yet."""
        asked = {"taken": [*self.people.values(), *self.taken], "family": family}
        async with self.database.transaction() as connection:
            nips = (await connection.execute(CLERKS, asked)).scalars().all()
        assert nips, "everybody is taken: the module says by PEOPLE how many it needs"
        self.taken.append(nips[0])
        return nips[0]

    async def decided(self, nip: str, what: str, body: object) -> dict[str, object]:
        """Let HR decide about a person, and expect it to be taken."""
        answer = await self.post(f"/people/{nip}/{what}", "hr", body)
        assert answer.status_code == 200, f"{what}: {answer.status_code} {answer.text}"
        told = answer.json()
        assert isinstance(told, dict)
        return told

    async def segments_of(self, nip: str, count: int) -> list[str]:
        """The ids of a person's segments in their order, once that many are launched."""
        for _ in range(500):
            async with self.database.transaction() as connection:
                found = list((await connection.execute(SEGMENTS, {"nip": nip})).scalars())
            if len(found) == count:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"{nip} has {len(found)} segments, not {count}")

    async def elsewhere(self, nip: str) -> tuple[str, str]:
        """Another unit, and the NIP of somebody who leads people there and stands nowhere above or below this person."""
        async with self.database.transaction() as connection:
            row = (await connection.execute(ELSEWHERE, {"nip": nip, "taken": self.taken})).one()
        return row.code, row.nip

    async def supervisor_of_many(self) -> Lead:
        """Somebody who leads at least three people nobody has taken yet, and those people."""
        async with self.database.transaction() as connection:
            row = (await connection.execute(LEADS, {"taken": [*self.people.values(), *self.taken]})).one()
        self.taken += [row.nip, *row.people]
        return Lead(row.nip, list(row.people))

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def row(self, appraisal: str) -> Mapping[str, object]:
        async with self.database.transaction() as connection:
            found = await connection.execute(text("SELECT * FROM appraisal WHERE id = :id"), {"id": appraisal})
            return dict(found.mappings().one())

    async def appraisal_of(self, who: str) -> str:
        nip = self.people.get(who, who)
        sql = "SELECT a.id FROM appraisal a JOIN person p ON p.id = a.person_id WHERE p.nip = :nip ORDER BY a.segment DESC"
        async with self.database.transaction() as connection:
            return str((await connection.execute(text(sql), {"nip": nip})).scalars().first())

    async def actions_of(self, appraisal: str) -> list[str]:
        async with self.database.transaction() as connection:
            found = await connection.execute(
                text("SELECT action FROM event WHERE appraisal_id = :id ORDER BY seq"), {"id": appraisal}
            )
            return list(found.scalars())


@contextlib.asynccontextmanager
async def opened_world(
    postgres_url: str,
    engine_address: str,
    folder: Path,
    *,
    people: int = 40,
    channels: Channels | None = None,
    queue: str | None = None,
) -> AsyncIterator[World]:
    """A world with the demo agency imported and nothing else; given a `queue`, without a worker."""
    url = await fresh_database(postgres_url)
    async with opened(World, url, engine_address, folder, channels=channels, queue=queue) as world:
        await import_people(world, generate(people, seed=1, year=YEAR))
        yield world


async def opened_cycle(world: World, **more: object) -> str:
    """A cycle of the default pack for everybody, open and launched; its id."""
    return await open_cycle(world, "permenpanrb-6-2022", YEAR, **more)
