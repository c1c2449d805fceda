"""An archived appraisal can be verified by a stranger with nothing but json and hashlib."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from obstore import delete_async
from obstore.store import ObjectStore
from sqlalchemy import text

from activities.archive import Archivist, folder, issued_document, open_store
from activities.documents import Kind
from activities.dossier import dossier
from activities.facts import Facts
from activities.people import People
from models.appraisal import ArchiveInput
from models.database import Database
from models.shelf import load
from models.vocabulary import EngineAction
from tests.endings import Played, to_result
from tests.workflow._year import APPRAISAL, CYCLE, DONE_AT, Year
from tests.world import World, fresh_database

PACK = load("permenpanrb-6-2022")
WISH = ArchiveInput(appraisal_id=APPRAISAL, revision=1, at=DONE_AT)


@pytest_asyncio.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    made = Database(await fresh_database(postgres_url))
    yield made
    await made.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "not made yet" / "archive"


def archivist(database: Database, shelf: Path, store: ObjectStore | None = None) -> Archivist:
    return Archivist(database, Facts(), People(), store or open_store(shelf.as_uri()))


async def lived(database: Database, year: Year) -> Year:
    async with database.transaction() as connection:
        await year.store(connection)
    return year


def files(shelf: Path) -> dict[str, bytes]:
    place = shelf / folder(2027, CYCLE, APPRAISAL, 1)
    return {path.name: path.read_bytes() for path in place.iterdir()}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def verified(record: bytes) -> None:
    """What the record's own readme tells a stranger to do."""

    def canonical(value: Any) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    whole = json.loads(record)
    previous = "0" * 64
    for seq, event in enumerate(whole["events"], 1):
        claimed = event.pop("hash")
        assert event["seq"] == seq
        assert event["previous_hash"] == previous
        assert sha256(canonical(event)) == claimed
        previous = claimed
    assert previous == whole["trail_head"]
    forms = {form["id"]: form for form in whole["forms"]}
    for form in forms.values():
        assert form["data"] is None or sha256(form["salt"].encode() + canonical(form["data"])) == form["sha256"]
    for event in whole["events"]:
        sent = event["data"].get("form")
        assert sent is None or forms[sent["copy_id"]]["sha256"] == sent["sha256"]
    sentences = {sentence["id"]: sentence for sentence in whole["texts"]}
    for sentence in sentences.values():
        erased = sentence["body"] is None
        assert erased or sha256(sentence["salt"].encode() + canonical(sentence["body"])) == sentence["sha256"]
    for event in whole["events"]:
        said = event.get("comment")
        assert said is None or sentences[said["id"]]["sha256"] == said["sha256"]


async def test_the_full_record_of_an_appealed_year_is_archived_and_verifies_offline(
    database: Database, shelf: Path
) -> None:
    await lived(
        database,
        Year(PACK).planned().rated().appealed().decided({"result_rating": "above", "behaviour_rating": "above"}),
    )
    answered = await archivist(database, shelf).archive(WISH)
    stored = files(shelf)
    assert set(stored) == {"plan.pdf", "evaluation.pdf", "appeal.pdf", "record.json", "manifest.json"}
    assert sha256(stored["manifest.json"]) == answered
    manifest = json.loads(stored["manifest.json"])
    assert {f["name"]: (f["bytes"], f["sha256"]) for f in manifest["files"]} == {
        name: (len(data), sha256(data)) for name, data in stored.items() if name != "manifest.json"
    }
    assert manifest["trail_head"] == json.loads(stored["record.json"])["trail_head"]
    verified(stored["record.json"])


async def test_archiving_twice_gives_the_same_manifest_and_one_row(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).planned().rated().accepted())
    first = await archivist(database, shelf).archive(WISH)
    before = files(shelf)
    assert await archivist(database, shelf).archive(WISH) == first
    assert files(shelf) == before
    async with database.transaction() as connection:
        rows = (await connection.execute(text("SELECT * FROM archive"))).mappings().all()
    assert [(r["manifest_sha256"], r["folder"]) for r in rows] == [(first, folder(2027, CYCLE, APPRAISAL, 1))]
    assert rows[0]["archived_at"] == DONE_AT
    assert rows[0]["manifest"] == json.loads(before["manifest.json"])


async def test_an_attempt_that_died_before_the_manifest_is_written_over_with_the_same_bytes(
    database: Database, shelf: Path
) -> None:
    await lived(database, Year(PACK).planned().rated().accepted())
    first = await archivist(database, shelf).archive(WISH)
    before = files(shelf)
    place = shelf / folder(2027, CYCLE, APPRAISAL, 1)
    (place / "manifest.json").unlink()
    (place / "record.json").write_bytes(b"half")
    assert await archivist(database, shelf).archive(WISH) == first
    assert files(shelf) == before


async def test_an_attempt_that_died_before_the_row_finds_its_complete_record(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).planned().rated().accepted())
    first = await archivist(database, shelf).archive(WISH)
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM archive"))
    later = WISH.model_copy(update={"at": DONE_AT.replace(year=2029)})
    assert await archivist(database, shelf).archive(later) == first
    async with database.transaction() as connection:
        at = (await connection.execute(text("SELECT archived_at FROM archive"))).scalar_one()
    assert at == DONE_AT


async def test_a_cancelled_appraisal_is_archived_without_an_evaluation(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).planned().rated().cancelled())
    await archivist(database, shelf).archive(WISH)
    stored = files(shelf)
    assert set(stored) == {"plan.pdf", "record.json", "manifest.json"}
    verified(stored["record.json"])


async def test_a_year_cancelled_on_its_first_day_is_archived_too(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).cancelled())
    await archivist(database, shelf).archive(WISH)
    assert set(files(shelf)) == {"record.json", "manifest.json"}


async def cancelled_since(postgres_url: str, database: Database, shelf: Path) -> Database:
    """A year that is on the shelf as accepted, and the database in which it was cancelled after all."""
    year = Year(PACK).planned().rated().accepted()
    await lived(database, year)
    await archivist(database, shelf).archive(WISH)
    assert "evaluation.pdf" in files(shelf)
    later = Database(await fresh_database(postgres_url))
    await lived(later, year.cancelled())
    return later


def has_no_evaluation(shelf: Path) -> None:
    listed = {file["name"] for file in json.loads(files(shelf)["manifest.json"])["files"]}
    assert set(files(shelf)) == {*listed, "manifest.json"} == {"plan.pdf", "record.json", "manifest.json"}


@pytest.mark.parametrize("manifest", [True, False], ids=["its manifest lies there", "died before its manifest"])
async def test_a_year_cancelled_while_its_archive_was_written_has_no_evaluation_of_before_on_the_shelf(
    postgres_url: str, database: Database, shelf: Path, manifest: bool
) -> None:
    later = await cancelled_since(postgres_url, database, shelf)
    if not manifest:
        (shelf / folder(2027, CYCLE, APPRAISAL, 1) / "manifest.json").unlink()
    await archivist(later, shelf).archive(WISH)
    await later.close()
    has_no_evaluation(shelf)


async def test_nor_where_an_attempt_died_when_only_the_manifest_of_before_was_gone(
    postgres_url: str, database: Database, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = await cancelled_since(postgres_url, database, shelf)

    async def delete_and_die(store: ObjectStore, path: str) -> None:
        await delete_async(store, path)
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("activities.archive.delete_async", delete_and_die)
        with pytest.raises(ConnectionError):
            await archivist(later, shelf).archive(WISH)
    assert set(files(shelf)) == {"plan.pdf", "evaluation.pdf", "record.json"}
    await archivist(later, shelf).archive(WISH)
    await later.close()
    has_no_evaluation(shelf)


async def test_a_document_that_is_not_the_one_that_was_issued_is_not_handed_out_as_it(
    database: Database, shelf: Path
) -> None:
    year = Year(PACK).planned().rated().accepted()
    await lived(database, year)
    await archivist(database, shelf).archive(WISH)
    year.engine(EngineAction.ARCHIVE)

    async def issued(kind: Kind) -> bytes | None:
        async with database.transaction() as connection:
            store = open_store(shelf.as_uri())
            return await issued_document(connection, store, APPRAISAL, year.snapshot, kind)

    assert await issued("evaluation") == files(shelf)["evaluation.pdf"]
    (shelf / folder(2027, CYCLE, APPRAISAL, 1) / "evaluation.pdf").write_bytes(files(shelf)["plan.pdf"])
    assert await issued("evaluation") is None
    assert await issued("plan") == files(shelf)["plan.pdf"]
    assert await issued("appeal") is None, "there was none"


async def test_the_trail_verifies_after_a_form_and_a_comment_were_erased(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).planned().rated().cancelled())
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE form_copy SET data = NULL"))
        await connection.execute(text("UPDATE text SET body = NULL"))
    await archivist(database, shelf).archive(WISH)
    record = files(shelf)["record.json"]
    whole = json.loads(record)
    assert {form["data"] for form in whole["forms"]} == {None}
    assert {sentence["body"] for sentence in whole["texts"]} == {None}
    verified(record)


async def test_one_changed_word_breaks_the_verification(database: Database, shelf: Path) -> None:
    await lived(database, Year(PACK).planned().rated().accepted())
    await archivist(database, shelf).archive(WISH)
    record = files(shelf)["record.json"]
    verified(record)
    for before, after in ((b"submit_rating", b"submit_ratinG"), (b"Sesuai bukti.", b"Sesuai buktI.")):
        assert before in record
        with pytest.raises(AssertionError):
            verified(record.replace(before, after))


async def test_the_dossier_read_from_rows_is_the_one_that_was_lived(database: Database) -> None:
    year = await lived(database, Year(PACK).planned().rated().accepted())
    async with database.transaction() as connection:
        whole, pack = await dossier(connection, APPRAISAL, at=DONE_AT, facts=Facts(), people=People())
    expected = year.dossier()
    assert whole.trail() == tuple(year.events)
    assert whole.folded() == year.snapshot
    assert whole.roles == expected.roles
    assert whole.agency == expected.agency
    assert {p: whole.people[p] for p in whole.people} == {p: expected.people[p] for p in whole.people}
    assert pack == PACK


async def test_an_act_that_comes_while_a_year_is_archived_is_in_the_archive(year: World) -> None:
    """Accepted and cancelled within a moment: the last word, and only that, is what the manifest covers."""
    who = await Played.of(year, await year.next_clerk())
    await to_result(year, who)
    await year.done(who.appraisal, "accept_result", who.employee)
    await year.post(f"/appraisals/{who.appraisal}/actions/cancel", "hr", {"reason": "Ternyata sudah mutasi."})
    for _ in range(200):
        if (await year.actions_of(who.appraisal))[-1] == "archive":
            break
        await asyncio.sleep(0.05)
    row = await year.row(who.appraisal)
    async with year.database.transaction() as connection:
        asked = {"id": who.appraisal}
        manifest = (
            await connection.execute(text("SELECT manifest FROM archive WHERE appraisal_id = :id"), asked)
        ).scalar_one()
        hashes = (
            (await connection.execute(text("SELECT hash FROM event WHERE appraisal_id = :id ORDER BY seq"), asked))
            .scalars()
            .all()
        )
    assert manifest["trail_head"] == hashes[-2], "all but the event that says it was archived"
    assert row["state"] == "finalisation.done"
