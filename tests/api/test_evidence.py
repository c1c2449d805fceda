"""Evidence: a file that was handed in is what it says, is there once, and is read as it was handed in or not at all."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote
from uuid import uuid4

import pytest
from obstore import delete_async, put_async
from obstore import list as listing
from sqlalchemy import text

from models.evidence import BYTES_MAX
from models.trail import sha256
from tests.api.noting import at_work, hand_in, read, refused, results_of
from tests.endings import Played
from tests.files import CSV, DOCX, EXE, JPEG, MACROS, PDF, TXT, png, xlsx
from tests.world import World

PEOPLE = 60


async def stored(world: World) -> set[str]:
    """The keys of all that lies in the store as evidence."""
    assert world.rooms.archive is not None
    return {str(one["path"]) for one in await listing(world.rooms.archive, "evidence").collect_async()}


async def place_of(world: World, evidence: str) -> str:
    async with world.database.transaction() as connection:
        asked = text("SELECT place FROM evidence WHERE id = :id")
        return str((await connection.execute(asked, {"id": evidence})).scalar_one())


@pytest.mark.capability("D04")
@pytest.mark.case("3.21")
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Surat Keputusan №3.pdf", PDF),
        ("foto.png", png()),
        ("foto.jpg", JPEG),
        ("rekap.xlsx", xlsx()),
        ("laporan.docx", DOCX),
        ("rekap.csv", CSV),
        ("catatan.txt", TXT),
    ],
)
async def test_what_an_employee_hands_in_is_read_by_whoever_rates_her_byte_by_byte(
    year: World, who: Played, name: str, data: bytes
) -> None:
    key = (await results_of(year, who))[0]
    answer = await hand_in(year, who.appraisal, who.employee, name, data, {"result": key, "note": "Bukti dukung."})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["name"], made["bytes"], made["sha256"], made["result"]) == (name, len(data), sha256(data), key)
    assert (made["by"]["nip"], made["role"], made["note"]) == (who.employee, "employee", "Bukti dukung.")
    assert who.employee not in await place_of(year, made["id"])
    assert who.appraisal not in await place_of(year, made["id"])
    for reader in (who.employee, who.supervisor, who.senior, "auditor"):
        file = await year.get(f"/appraisals/{who.appraisal}/evidence/{made['id']}", reader)
        assert (file.status_code, file.content) == (200, data)
        shown = file.headers
        assert shown["content-type"] == "application/octet-stream"
        assert shown["x-content-type-options"] == "nosniff"
        kind, _, said = shown["content-disposition"].partition("; filename*=UTF-8''")
        assert (kind, unquote(said)) == ("attachment", name)
    assert made["id"] in {one["id"] for one in await read(year, who.appraisal, who.supervisor, "evidence")}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("alat.exe", EXE, "file_kind"),
        ("sk.pdf", EXE, "file_kind"),
        ("rekap.xlsx", MACROS, "file_kind"),
        ("gambar.gif", b"GIF89a\x01\x00", "file_kind"),
        ("sk.pdf", png(), "file_mismatch"),
        ("catatan.txt", PDF, "file_mismatch"),
        ("laporan.docx", xlsx(), "file_mismatch"),
        ("halaman.html", b"<script>alert(1)</script>", "file_mismatch"),
        ("tanpa ekstensi", TXT, "file_mismatch"),
    ],
)
async def test_what_is_not_what_it_says_is_refused_and_not_kept(
    year: World, who: Played, name: str, data: bytes, code: str
) -> None:
    before = await stored(year)
    assert refused(await hand_in(year, who.appraisal, who.employee, name, data)) == (415, code)
    assert await stored(year) == before


async def test_a_file_holds_something_and_ten_mebibytes_at_most(year: World, who: Played) -> None:
    before = await stored(year)
    empty = await hand_in(year, who.appraisal, who.employee, "kosong.txt", b"")
    assert refused(empty) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in empty.json()["errors"]] == [("/file", "empty_file")]
    whole = b"x" * BYTES_MAX
    over = await hand_in(year, who.appraisal, who.employee, "besar.txt", whole + b"x")
    assert (*refused(over), over.json()["limit"]) == (413, "body_too_large", BYTES_MAX)
    assert refused(await hand_in(year, who.appraisal, who.employee, "besar.txt", whole * 2)) == (413, "body_too_large")
    assert await stored(year) == before
    assert (await hand_in(year, who.appraisal, who.employee, "besar.txt", whole)).status_code == 201


async def test_the_same_content_is_there_once_whatever_it_is_called(year: World, who: Played) -> None:
    first = await hand_in(year, who.appraisal, who.employee, "a.txt", b"sama")
    before = await stored(year)
    again = await hand_in(year, who.appraisal, who.employee, "b.txt", b"sama")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert await stored(year) == before


async def test_the_same_content_sent_at_once_by_two_is_there_once(year: World, who: Played) -> None:
    before = await stored(year)
    sent = (hand_in(year, who.appraisal, person, "s.txt", b"serentak") for person in (who.employee, who.supervisor))
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert answers[0].json() == answers[1].json()
    assert len(await stored(year) - before) == 1


async def test_asked_again_with_its_key_it_is_answered_the_same(year: World, who: Played) -> None:
    key = str(uuid4())
    sent = [
        await hand_in(year, who.appraisal, who.employee, "k.txt", data, Idempotency_Key=key)
        for data in (b"kunci", b"kunci", b"lain")
    ]
    assert sent[0].json() == sent[1].json()
    assert refused(sent[2]) == (422, "key_reused")


async def test_only_she_and_whoever_may_rate_her_hand_in(year: World, who: Played) -> None:
    before = await stored(year)
    for other in (who.senior, "hr", "auditor", await year.next_clerk()):
        assert refused(await hand_in(year, who.appraisal, other, "x.txt", b"x")) == (403, "not_yours")
    assert await stored(year) == before
    made = await hand_in(year, who.appraisal, who.supervisor, "teguran.txt", b"Surat teguran.")
    assert (made.status_code, made.json()["role"]) == (201, "supervisor")


async def test_what_is_said_of_a_file_is_looked_at_too(year: World, who: Played) -> None:
    before = await stored(year)
    for about, code in (
        ({"result": "tidak-ada"}, (422, "invalid_input")),
        ({"note": "a\x00b"}, (422, "nul_character")),
        ({"note": "x" * 2001}, (422, "invalid_input")),
        ({"rating": "above"}, (422, "invalid_input")),
    ):
        assert refused(await hand_in(year, who.appraisal, who.employee, "y.txt", b"y", about)) == code, about
    assert await stored(year) == before


@pytest.mark.case("3.21")
async def test_a_file_that_was_changed_or_is_gone_is_an_error_and_nothing_is_served(year: World, who: Played) -> None:
    made = (await hand_in(year, who.appraisal, who.employee, "asli.txt", b"asli")).json()
    path, place = f"/appraisals/{who.appraisal}/evidence/{made['id']}", await place_of(year, made["id"])
    assert year.rooms.archive is not None
    await put_async(year.rooms.archive, place, b"palsu")
    changed = await year.get(path, who.supervisor)
    assert refused(changed) == (500, "evidence_damaged")
    assert b"palsu" not in changed.content
    await delete_async(year.rooms.archive, place)
    assert refused(await year.get(path, who.supervisor)) == (500, "evidence_damaged")


async def test_while_the_store_is_away_nothing_is_kept_and_the_same_key_may_try_again(year: World, who: Played) -> None:
    key, store = str(uuid4()), year.rooms.archive
    year.rooms.archive = None
    away = await hand_in(year, who.appraisal, who.employee, "z.txt", b"z", Idempotency_Key=key)
    year.rooms.archive = store
    assert refused(away) == (503, "archive_away")
    assert (await hand_in(year, who.appraisal, who.employee, "z.txt", b"z", Idempotency_Key=key)).status_code == 201


async def test_a_file_is_read_in_its_own_year_only(year: World, who: Played) -> None:
    made = (await hand_in(year, who.appraisal, who.employee, "milik.txt", b"milik")).json()
    other = await at_work(year)
    assert refused(await year.get(f"/appraisals/{other.appraisal}/evidence/{made['id']}", other.employee)) == (
        404,
        "not_found",
    )
    assert refused(await year.get(f"/appraisals/{who.appraisal}/evidence/{made['id']}", other.employee)) == (
        403,
        "not_yours",
    )


async def test_of_a_year_that_ended_nothing_more_is_handed_in_and_what_was_is_still_read(year: World) -> None:
    who = await at_work(year)
    made = (await hand_in(year, who.appraisal, who.employee, "awal.txt", b"awal")).json()
    await year.done(who.appraisal, "cancel", "hr", {"reason": "Dibuka dua kali."})
    before = await stored(year)
    late = await hand_in(year, who.appraisal, who.employee, "akhir.txt", b"akhir")
    assert refused(late) == (409, "not_running")
    assert await stored(year) == before
    assert (await year.get(f"/appraisals/{who.appraisal}/evidence/{made['id']}", who.employee)).content == b"awal"
