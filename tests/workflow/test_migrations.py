"""The schema by its migrations is the schema the tables say, and a database that does not have it is told apart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import make_url

from deploy import migrate, wiring
from deploy.database import DatabaseRefusedError
from deploy.demo import generate, write_csv
from deploy.migrate import SchemaError
from deploy.settings import Settings
from models.database import Database
from models.shelf import load
from tests.workflow._year import EMPLOYEE, Year
from tests.world import fresh_database

ASKED = "UPDATE appraisal SET asked_from = '2027-01-01', asked_until = '2027-02-28', asked_document = '800/112/2027'"
PUT_RIGHT = f"""
    INSERT INTO service_elsewhere (id, part, number, withdrawn, person_id, first_day, last_day, agency, result, document,
           recorded_by, recorded_at)
    SELECT v.id, 'brought', v.number, false, '{EMPLOYEE}', '2026-01-01', '2026-05-31', 'Kota Sebelah', 'baik', '800/12/2026', 'hr', now()
      FROM (VALUES ('brought', 1), ('put-right', 2)) v (id, number)
"""


async def test_migrations_and_tables_agree(postgres_url: str) -> None:
    await asyncio.to_thread(migrate.check, postgres_url)


async def test_migrating_again_changes_nothing(postgres_url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, postgres_url)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "bring it there with `siklus migrate`"),
        ("ALTER TABLE notice ADD COLUMN colour text", "not those of this edition"),
        ("UPDATE alembic_version SET version_num = 'of another edition'", "of another edition"),
    ],
)
async def test_a_schema_that_is_not_this_editions_is_told_in_one_sentence(
    postgres_url: str, change: str, sentence: str
) -> None:
    url = await fresh_database(postgres_url)
    await changed(url, change)
    with pytest.raises(SchemaError) as refused:
        await asyncio.to_thread(migrate.check, url)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("revision", "change", "sentence"),
    [
        ("0026", PUT_RIGHT, "corrected or withdrawn"),
        ("0022", ASKED, "evaluations on request"),
    ],
)
async def test_what_a_schema_of_before_would_misread_keeps_a_database_from_going_back_to_it(
    postgres_url: str, revision: str, change: str, sentence: str
) -> None:
    url = await fresh_database(postgres_url)
    database = Database(url, pool_size=1)
    async with database.transaction() as connection:
        await Year(load("permenpanrb-6-2022")).planned().store(connection)
    await database.close()
    await asyncio.to_thread(command.downgrade, migrate.config(url), revision)
    await asyncio.to_thread(migrate.upgrade, url)
    await changed(url, change)
    with pytest.raises(RuntimeError, match=sentence) as refused:
        await asyncio.to_thread(command.downgrade, migrate.config(url), revision)
    assert "\n" not in str(refused.value)
    await asyncio.to_thread(migrate.check, url)


async def test_a_database_of_a_later_edition_is_not_migrated(postgres_url: str) -> None:
    url = await fresh_database(postgres_url)
    await changed(url, "UPDATE alembic_version SET version_num = 'of a later edition'")
    with pytest.raises(SchemaError, match="of a later edition"):
        await asyncio.to_thread(migrate.upgrade, url)


async def test_a_database_that_is_not_there_is_refused_by_its_name(postgres_url: str) -> None:
    nobodys = make_url(postgres_url).set(database="nobodys").render_as_string(hide_password=False)
    with pytest.raises(DatabaseRefusedError, match="nobodys"):
        await asyncio.to_thread(migrate.upgrade, nobodys)


async def test_a_roster_for_a_database_without_the_schema_is_told_what_to_do(postgres_url: str, tmp_path: Path) -> None:
    url = await fresh_database(postgres_url)
    await changed(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    roster = tmp_path / "roster.csv"
    roster.write_bytes(write_csv(generate(12)))
    with pytest.raises(DatabaseRefusedError, match="siklus migrate") as refused:
        await wiring.import_roster(Settings(home=tmp_path, database_url=url), roster, dry_run=False)
    assert "SELECT" not in str(refused.value)


async def changed(url: str, statements: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            for statement in statements.split(";"):
                await connection.execute(text(statement))
    finally:
        await database.close()
