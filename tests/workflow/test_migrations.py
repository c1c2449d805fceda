"""The schema by its migrations is the schema the tables say."""

from __future__ import annotations

import asyncio

from deploy import migrate


async def test_migrations_and_tables_agree(postgres_url: str) -> None:
    await asyncio.to_thread(migrate.check, postgres_url)


async def test_migrating_again_changes_nothing(postgres_url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, postgres_url)
