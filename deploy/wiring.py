"""Where the rooms meet: the only module that hands settings and clients to workflows, activities and api.

Nothing here decides or keeps anything. Imports of other rooms stay inside the functions, so that `siklus --help` and
the supervisor do not load them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from temporalio.client import Client

from deploy.connect import connect
from deploy.errors import OperatorError
from deploy.home import Home
from deploy.settings import Mode, Settings
from deploy.webhooks import endpoints

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from api.rooms import Provider, Rooms, TokenRules


class ArchiveError(OperatorError):
    """The object store cannot be opened; whether it answers is another matter."""


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker is made of."""

    client: Client
    workflows: Sequence[type]
    activities: Sequence[Callable[..., object]]


@asynccontextmanager
async def worker_parts(settings: Settings, client: Client) -> AsyncIterator[WorkerParts]:
    """Workflows and activities with their database, channels and archive; what they hold is released at the end."""
    from activities.deliver import ensure_delivery
    from activities.digest import ensure_digest
    from activities.hooks import ensure_hooks
    from activities.mail import Channels
    from activities.push import Endpoint, ensure_exchange
    from activities.rooms import build
    from models.database import Database
    from workflows import WORKFLOWS

    store, hooks = archive(settings), endpoints(settings.webhooks)
    database = Database(settings.database_url or "", pool_size=settings.database_pool_size)
    channels = Channels(
        urls=tuple(url.get_secret_value() for url in settings.apprise_urls),
        mail_url=settings.mail_url.get_secret_value() if settings.mail_url else None,
        sender=settings.mail_sender,
        links=settings.links,
    )
    token = settings.exchange_token.get_secret_value() if settings.exchange_token else None
    endpoint = Endpoint(settings.exchange_url, token) if settings.exchange_url else None
    try:
        await ensure_delivery(client, settings.task_queue)
        await ensure_digest(client, settings.task_queue)
        if endpoint is not None:
            await ensure_exchange(client, settings.task_queue)
        if hooks:
            await ensure_hooks(client, settings.task_queue)
        activities = build(database, client, settings.task_queue, store, channels, endpoint, hooks)
        yield WorkerParts(client, WORKFLOWS, activities)
    finally:
        await database.close()


def archive(settings: Settings) -> ObjectStore:
    """Where frozen forms and documents go.

    Raises:
        ArchiveError: a folder that cannot be made, or a store that wants more settings of its own.
    """
    from obstore.exceptions import BaseError

    from activities.archive import open_store

    try:
        return open_store(settings.archive)
    except (BaseError, OSError, ValueError) as error:
        said = str(error).splitlines()[0]  # what follows is obstore's own picture of it
        raise ArchiveError(f"the archive cannot be opened, see SIKLUS_ARCHIVE_URL ({said})") from error


def token_rules(settings: Settings) -> TokenRules:
    """Whose tokens the api believes: the home's own secret in local mode, else the configured issuer."""
    from api.rooms import TokenRules

    local = settings.mode is Mode.LOCAL
    return TokenRules(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        nip_claim=settings.jwt_nip_claim,
        jwks_url=None if local else settings.jwt_jwks_url,
        secret=Home(settings.home).secret() if local else None,
    )


def session_rules(settings: Settings, tokens: TokenRules) -> TokenRules | None:
    """Whose cookies the pages believe: in local mode the tokens' own, else what they sign themselves; None without a provider."""
    from api.rooms import TokenRules

    if settings.mode is Mode.LOCAL:
        return tokens
    if settings.session_secret is None:
        return None
    ours = f"{settings.links}/masuk"
    return TokenRules(ours, ours, "sub", secret=settings.session_secret.get_secret_value())


def provider(settings: Settings) -> Provider | None:
    """Who vouches for people in a browser; nobody in local mode, where a NIP is enough."""
    from api.rooms import Provider

    if settings.mode is Mode.LOCAL or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    return Provider(settings.oidc_client_id, secret, f"{settings.links}/masuk/kembali")


def create_app(settings: Settings) -> FastAPI:
    """The api and the pages; the engine is connected to lazily, so that forms save while it is away.

    Raises:
        ArchiveError, HomeUnusableError: before anything is served.
    """
    from api import app

    tokens, store = token_rules(settings), archive(settings)
    return app.create_app(lambda: _rooms(settings, tokens, store), local=settings.mode is Mode.LOCAL)


async def _rooms(settings: Settings, tokens: TokenRules, store: ObjectStore) -> Rooms:
    from api.rooms import Rooms
    from api.waiting import RecordWaiter
    from models.database import Database
    from models.shelf import Shelf

    url = settings.database_url or ""
    return Rooms(
        database=Database(url, pool_size=settings.database_pool_size),
        engine=await connect(settings, lazy=True),
        task_queue=settings.task_queue,
        tokens=tokens,
        sessions=session_rules(settings, tokens),
        provider=provider(settings),
        local=settings.mode is Mode.LOCAL,
        secure_cookie=settings.secure_cookie,
        archive=store,
        records=RecordWaiter(url),
        shelf=Shelf(settings.own_policies),
    )


async def import_roster(settings: Settings, file: Path, *, dry_run: bool) -> dict[str, object]:
    """What `POST /roster/imports` does, on `settings.database_url`; the answer is the api's, as plain data.

    Raises:
        OSError: the file cannot be read.
        DatabaseAwayError, DatabaseRefusedError: see `deploy.database`.
    """
    from deploy.database import asking

    data = await asyncio.to_thread(file.read_bytes)
    with asking():
        return await _import(settings, file.name, data, dry_run=dry_run)


async def import_earlier_years(settings: Settings, file: Path, *, dry_run: bool) -> dict[str, object]:
    """What `POST /people/earlier-years` does, as `import_roster`."""
    from api.earlier_years import Sent
    from api.earlier_years import import_earlier_years as run
    from deploy.database import asking
    from models.database import Database

    sent = Sent(file.name, await asyncio.to_thread(file.read_bytes), datetime.now(UTC))
    with asking():
        database = Database(settings.database_url or "", pool_size=2)
        try:
            return dict(await run(database, sent, dry_run=dry_run))
        finally:
            await database.close()


async def load_demo(settings: Settings) -> None:
    """The demo agency into `settings.database_url`, unless there are people already: what HR changed since stays."""
    from sqlalchemy import text

    from deploy.demo import generate, write_csv
    from models.database import Database

    database = Database(settings.database_url or "", pool_size=1)
    try:
        async with database.transaction() as connection:
            peopled = (await connection.execute(text("SELECT exists (SELECT FROM person)"))).scalar_one()
    finally:
        await database.close()
    if peopled:
        return
    await _import(settings, "demo.csv", write_csv(generate()), dry_run=False)


async def _import(settings: Settings, name: str, data: bytes, *, dry_run: bool) -> dict[str, object]:
    from api.rosters import import_roster as run
    from models.database import Database

    database = Database(settings.database_url or "", pool_size=2)
    try:
        return dict(await run(database, name, data, dry_run=dry_run, partial=False, now=datetime.now(UTC)))
    finally:
        await database.close()
