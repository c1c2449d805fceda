"""Archive: the full record of a finished appraisal as files, the manifest last, so that a manifest means complete.

The same wish gives the same bytes, so a retry overwrites with what was there; a complete record is never written again.
Time comes from the wish only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from obstore import delete_async, get_async, put_async
from obstore import list as listing
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.documents import Kind, render
from activities.documents.compose import compose
from activities.dossier import Dossier, dossier
from activities.facts import Facts
from activities.people import People
from models.appraisal import ArchiveInput, Snapshot
from models.database import Database
from models.policy import PolicyPack
from models.tables import ArchiveRow
from models.trail import canonical, sha256
from models.vocabulary import Ending

MANIFEST = "manifest.json"
RECORD = "record.json"
KINDS: tuple[Kind, ...] = ("plan", "evaluation", "appeal")
ISSUED = text("SELECT folder, manifest FROM archive WHERE appraisal_id = :id AND revision = :revision")
log = structlog.stdlib.get_logger("siklus.archive")
ARCHIVES = SQLModel.metadata.tables[ArchiveRow.__tablename__]


def open_store(url: str) -> ObjectStore:
    """The object store of an obstore URL; a `file://` folder is made where there is none."""
    return from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)


def folder(year: int, cycle: str, appraisal: str, revision: int) -> str:
    """Where the record of one revision lies in the store."""
    return f"{year}/{cycle}/{appraisal}/r{revision}"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A record that is complete in the store."""

    folder: str
    manifest: bytes


class Archivist:
    """The activity that archives. One per worker process."""

    def __init__(self, database: Database, facts: Facts, people: People, store: ObjectStore) -> None:
        self._database = database
        self._facts = facts
        self._people = people
        self._store = store

    @activity.defn(name="archive")
    async def archive(self, wish: ArchiveInput) -> str:
        """Store the full record of this revision; answers with the manifest's SHA-256."""
        async with self._database.transaction() as connection:
            try:
                whole, pack = await dossier(
                    connection, wish.appraisal_id, at=wish.at, facts=self._facts, people=self._people
                )
                versions = await self._facts.versions(connection, whole.cycle.id)
            except KeyError as missing:
                raise ApplicationError("there is no such appraisal", non_retryable=True) from missing
        if whole.revision != wish.revision:
            raise ApplicationError(f"revision {wish.revision} is not the one in the record", non_retryable=True)
        stored = await self._complete(whole) or await self._write(whole, pack, versions, wish)
        async with self._database.transaction() as connection:
            await _remember(connection, wish, stored)
        return sha256(stored.manifest)

    async def _complete(self, whole: Dossier) -> _Stored | None:
        """The record, where an earlier attempt finished it and nothing was added to the trail since."""
        place = _place(whole)
        manifest = await self._manifest(place)
        if manifest is None or json.loads(manifest).get("trail_head") != whole.trail_head:
            return None
        return _Stored(place, manifest)

    async def _manifest(self, place: str) -> bytes | None:
        """The manifest that lies there; None where there is none."""
        try:
            return bytes(await (await get_async(self._store, f"{place}/{MANIFEST}")).bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None

    async def _write(
        self, whole: Dossier, pack: PolicyPack, versions: Mapping[int, PolicyPack], wish: ArchiveInput
    ) -> _Stored:
        place = _place(whole)
        files = await asyncio.to_thread(contents, whole, pack, versions)
        await self._clear(place, files.keys())
        for name, data in files.items():
            await put_async(self._store, f"{place}/{name}", data)
        manifest = manifest_of(files, whole, wish.at)
        await put_async(self._store, f"{place}/{MANIFEST}", manifest)
        return _Stored(place, manifest)

    async def _clear(self, place: str, wanted: Collection[str]) -> None:
        """Take away what earlier attempts left and nothing will overwrite: what came since may have made it untrue.

        Their manifest goes first, so that none ever stands beside other files; therefore what to take away is not read from it.
        """
        left = {str(one["path"]).rpartition("/")[2] for one in await listing(self._store, place).collect_async()}
        for name in (MANIFEST, *(f"{kind}.pdf" for kind in KINDS)):
            if name in left and name not in wanted:
                with suppress(NotFoundError, FileNotFoundError):
                    await delete_async(self._store, f"{place}/{name}")


async def issued_document(
    connection: AsyncConnection, store: ObjectStore | None, appraisal_id: str, snapshot: Snapshot, kind: Kind
) -> bytes | None:
    """The document as it was archived with this revision; None where it was not, or the store is away, refuses or has another."""
    if not snapshot.archived:
        return None
    return await issued_with(connection, store, appraisal_id, snapshot.revision, kind)


async def issued_with(
    connection: AsyncConnection, store: ObjectStore | None, appraisal_id: str, revision: int, kind: Kind
) -> bytes | None:
    """The same of any revision that was ever archived."""
    if store is None:
        return None
    row = (await connection.execute(ISSUED, {"id": appraisal_id, "revision": revision})).one_or_none()
    hashes = {file["name"]: file["sha256"] for file in row.manifest["files"]} if row else {}
    name = f"{kind}.pdf"
    if row is None or name not in hashes:
        return None
    try:
        issued = bytes(await (await get_async(store, f"{row.folder}/{name}")).bytes_async())
    except (BaseError, OSError) as missing:
        log.warning("archived_document_unreadable", appraisal_id=appraisal_id, kind=kind, error=type(missing).__name__)
        return None
    if sha256(issued) != hashes[name]:
        log.error("archived_document_changed", appraisal_id=appraisal_id, kind=kind)
        return None
    return issued


def contents(whole: Dossier, pack: PolicyPack, versions: Mapping[int, PolicyPack] | None = None) -> dict[str, bytes]:
    """The files of a record by name. Blocks while typesetting; a cancelled appraisal has no evaluation."""
    files = {RECORD: canonical(whole.model_dump(mode="json"))}
    for kind in KINDS:
        facts = compose(whole, pack, kind, versions)
        cancelled = whole.ending == Ending.CANCELLED
        if facts is not None and not (cancelled and kind == "evaluation"):
            files[f"{kind}.pdf"] = render(kind, facts)
    return files


def manifest_of(files: dict[str, bytes], whole: Dossier, at: datetime) -> bytes:
    """Name, size and SHA-256 of every file, and the head of the trail they rest on."""
    listed = [{"name": name, "bytes": len(files[name]), "sha256": sha256(files[name])} for name in sorted(files)]
    return canonical(
        {
            "appraisal_id": whole.appraisal_id,
            "revision": whole.revision,
            "trail_head": whole.trail_head,
            "archived_at": at.isoformat(),
            "files": listed,
        }
    )


def _place(whole: Dossier) -> str:
    return folder(whole.cycle.year, whole.cycle.id, whole.appraisal_id, whole.revision)


async def _remember(connection: AsyncConnection, wish: ArchiveInput, stored: _Stored) -> None:
    manifest = cast(dict[str, Any], json.loads(stored.manifest))
    values = {
        "appraisal_id": wish.appraisal_id,
        "revision": wish.revision,
        "folder": stored.folder,
        "manifest_sha256": sha256(stored.manifest),
        "manifest": manifest,
        "archived_at": datetime.fromisoformat(manifest["archived_at"]),
    }
    changed = {name: value for name, value in values.items() if name not in ("appraisal_id", "revision")}
    await connection.execute(
        insert(ARCHIVES).values(values).on_conflict_do_update(index_elements=["appraisal_id", "revision"], set_=changed)
    )
