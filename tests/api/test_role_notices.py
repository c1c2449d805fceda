"""Every role that is granted or taken back is told to the person at once; and a new HR officer to those who were HR before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import text

from activities.deliver import Channels, Deliverer
from activities.facts import Facts
from activities.outbox import tell
from activities.people import People
from api.rosters import import_roster
from models.database import Database
from tests.api.test_rosters import people
from tests.world import fresh_database

NOW = datetime(2027, 3, 10, 3, tzinfo=UTC)
HEAD, HR, STAFF = "197001011995011001", "197501011999011002", "198501012010011003"


@pytest_asyncio.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    made = Database(await fresh_database(postgres_url))
    await imported(made, staff="")
    await delivered(made)
    yield made
    await made.close()


async def imported(database: Database, *, staff: str, actor: str = "roster") -> None:
    data = people(
        f"{HEAD}|Kepala|LUAR|peran=pyb", f"{HR}|Pengelola|{HEAD}|peran=hr", f"{STAFF}|Staf|{HEAD}|peran={staff}"
    )
    answer = await import_roster(database, "pegawai.csv", data, dry_run=False, partial=False, now=NOW, actor=actor)
    assert answer["rejected"] == []


async def delivered(database: Database) -> list[str]:
    return await Deliverer(database, People(), Facts(), Channels(), clock=lambda: NOW).drain()


async def told(database: Database) -> list[tuple[str, str, bool]]:
    """Who is still to be told what, and whether at once."""
    sql = text(
        "SELECT p.nip, n.text, n.at_once FROM notice n JOIN person p ON p.id = n.person_id "
        "WHERE n.state = 'pending' ORDER BY p.nip, n.text"
    )
    async with database.transaction() as connection:
        return [(row.nip, row.text, row.at_once) for row in await connection.execute(sql)]


async def person(database: Database, nip: str) -> str:
    async with database.transaction() as connection:
        found = await connection.execute(text("SELECT id FROM person WHERE nip = :nip"), {"nip": nip})
        return str(found.scalar_one())


async def test_a_grant_is_told_to_the_person_and_a_grant_of_hr_to_hr(database: Database) -> None:
    await imported(database, staff="hr")
    assert await told(database) == [(HR, "hr_granted", True), (STAFF, "role_granted", True)]
    assert await delivered(database) == ["shown", "shown"]


async def test_another_role_is_told_to_the_person_alone(database: Database) -> None:
    await imported(database, staff="auditor board")
    assert await told(database) == [(STAFF, "role_granted", True)] * 2


async def test_a_revocation_is_told_too(database: Database) -> None:
    await imported(database, staff="auditor")
    await delivered(database)
    await imported(database, staff="")
    assert await told(database) == [(STAFF, "role_revoked", True)]


async def test_whoever_granted_it_is_not_told_what_he_did(database: Database) -> None:
    await imported(database, staff="hr", actor=await person(database, HR))
    assert await told(database) == [(STAFF, "role_granted", True)]


async def test_the_same_file_again_tells_nobody(database: Database) -> None:
    await imported(database, staff="")
    assert await told(database) == []


async def test_a_role_that_was_taken_back_before_the_mail_left_is_not_announced(database: Database) -> None:
    await imported(database, staff="auditor")
    await imported(database, staff="")
    assert sorted(await delivered(database)) == ["dropped", "shown"]


async def test_a_notice_that_lacks_a_fact_is_refused_where_it_is_written(database: Database) -> None:
    who = await person(database, STAFF)
    with pytest.raises(ValueError, match="needs the facts role"):
        async with database.transaction() as connection:
            await tell(connection, [who], "role_granted", at=NOW, actor=None)
    with pytest.raises(KeyError):
        async with database.transaction() as connection:
            await tell(connection, [who], "no_such_text", at=NOW, actor=None)
    assert await told(database) == []


async def test_somebody_named_twice_is_told_once(database: Database) -> None:
    who = await person(database, STAFF)
    async with database.transaction() as connection:
        assert await tell(connection, [who, who], "role_revoked", at=NOW, actor=None, facts={"role": "board"}) == 1
    assert await told(database) == [(STAFF, "role_revoked", False)]
