"""What the public says of a unit, and what colleagues praise: taken within bounds, read by HR first, and advice to whoever rates."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from deploy.rehearsal import API
from tests.api.document import held_against_the_document
from tests.api.noting import MAY, observe, refused
from tests.api.others import SAID, colleagues, notices_of, team, tell, with_colleagues
from tests.endings import Played
from tests.world import YEAR, World, open_cycle, opened_world

PEOPLE = 60
WORDS = "Antrean di loket dua kini hanya sepuluh menit."
PRAISE = {"kind": "praise", "text": WORDS, "programme": "Antrean daring"}


@pytest_asyncio.fixture(scope="module")
async def year(world: World) -> World:
    """A year by a pack that listens to the public."""
    await open_cycle(world, "denpasar-capaian", YEAR)
    return world


@pytest_asyncio.fixture(scope="module")
async def someone(year: World) -> Played:
    return await with_colleagues(year, 1)


@pytest_asyncio.fixture(scope="module")
async def gayungan(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A year by a pack in which colleagues praise programmes, and the public is not asked."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("gayungan"), people=40) as world:
        await open_cycle(world, "gayungan", YEAR)
        with held_against_the_document(world):
            world.now = MAY
            yield world


async def say(world: World, unit: str, address: str, body: object = None, **headers: str) -> httpx.Response:
    """As somebody of the public at that address, whom nobody knows."""
    app = world.http._transport.app  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app=app, client=(address, 40000), raise_app_exceptions=False)
    hooks = world.http.event_hooks
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://siklus", event_hooks=hooks) as http:
        said = {"kind": "suggestion", "text": WORDS} if body is None else body
        return await http.post(f"{API}/public/units/{unit}/remarks", json=said, headers=sent)


async def cycle_of(world: World) -> str:
    return str((await world.get("/cycles", "hr")).json()["items"][0]["id"])


async def read(world: World, path: str, who: str, **asked: str) -> list[dict[str, Any]]:
    answer = await world.get(path, who, limit=200, **asked)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def waiting(world: World, unit: str) -> list[dict[str, Any]]:
    return await read(world, f"/cycles/{await cycle_of(world)}/remarks", "hr", state="pending", unit=unit)


async def decide(world: World, remark: str, decision: str, by: str = "hr", **more: object) -> httpx.Response:
    path = f"/cycles/{await cycle_of(world)}/remarks/{remark}/decision"
    return await world.put(path, by, {"decision": decision, **more})


async def worklist(world: World) -> dict[str, list[str]]:
    items = (await world.get(f"/cycles/{await cycle_of(world)}/worklist", "hr", limit=200)).json()["items"]
    return {one["code"]: one["actions"] for one in items if one["code"] == "remarks_waiting"}


async def trail(world: World, remark: str) -> list[dict[str, Any]]:
    sql = "SELECT data, actor, reason_id FROM cycle_event WHERE action = 'remark_decided' AND data ->> 'remark' = :id ORDER BY seq"
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(text(sql), {"id": remark})).mappings()]


@pytest.mark.capability("D07")
async def test_the_public_says_what_a_service_is_like_and_once_hr_read_it_whoever_rates_does(
    year: World, who: Played
) -> None:
    unit = await year.unit_of(who.employee)
    said = await say(year, unit, "203.0.113.1", {"kind": "complaint", "text": WORDS, "service": "Loket dua"})
    assert said.status_code == 201, said.text
    assert (said.json()["unit"]["code"], said.json()["state"]) == (unit, "pending")
    around, glance = f"/appraisals/{who.appraisal}/remarks", f"/appraisals/{who.appraisal}/year-log"
    counts = f"/cycles/{await cycle_of(year)}/remarks/counts"
    assert await worklist(year) == {"remarks_waiting": ["remarks"]}
    (found,) = await waiting(year, unit)
    assert (found["text"], found["service"], found["by"], found["author"]) == (WORDS, "Loket dua", "public", None)
    for reader in (who.employee, who.supervisor, who.senior, "hr"):
        assert await read(year, around, reader) == [], "nobody but HR reads it before HR did"
    for reader in (who.employee, who.supervisor, "auditor"):
        assert refused(await year.get(f"/cycles/{await cycle_of(year)}/remarks", reader)) == (403, "not_yours")
        assert refused(await decide(year, found["id"], "accepted", reader)) == (403, "not_yours")
    assert (await year.get(counts, who.employee)).json()["units"] == []

    assert (await decide(year, found["id"], "accepted")).status_code == 200
    for reader in (who.employee, who.supervisor, who.senior, "hr"):
        assert [one["text"] for one in await read(year, around, reader)] == [WORDS]
        assert [one["id"] for one in (await year.get(glance, reader)).json()["remarks"]] == [found["id"]]
    told = (await year.get(counts, who.employee)).json()
    assert told["units"] == [
        {"unit": found["unit"], "counts": {"praise": 0, "complaint": 1, "suggestion": 0}},
    ]
    assert await worklist(year) == {}
    assert [one["data"]["decision"] for one in await trail(year, found["id"])] == ["accepted"]

    assert refused(await decide(year, found["id"], "rejected")) == (422, "invalid_input")
    (await decide(year, found["id"], "rejected", reason="Menyebut nama pegawai.")).raise_for_status()
    assert await read(year, around, who.supervisor) == []
    assert (await year.get(counts, who.employee)).json()["units"] == []
    for _ in range(2):
        assert (await decide(year, found["id"], "rejected")).json()["reason"] == "Menyebut nama pegawai."
    assert len(await trail(year, found["id"])) == 2, "the same again is no event"


@pytest.mark.capability("D06")
async def test_what_supervisor_team_leader_colleague_and_public_say_lies_before_who_rates(
    year: World, who: Played
) -> None:
    unit, leader = await year.unit_of(who.employee), (await colleagues(year, who, beside=False))[0]
    (await observe(year, who.appraisal, who.supervisor)).raise_for_status()
    (await team(year, "hr", leader, [who.employee])).raise_for_status()
    (await tell(year, who.appraisal, leader)).raise_for_status()
    (await tell(year, who.appraisal, (await colleagues(year, who))[0])).raise_for_status()
    (await say(year, unit, "203.0.113.2")).raise_for_status()
    for one in await waiting(year, unit):
        (await decide(year, one["id"], "accepted")).raise_for_status()
    beside = (await year.get(f"/appraisals/{who.appraisal}/year-log", who.supervisor)).raise_for_status().json()
    assert beside["counts"]["observations"] == 1
    assert {one["standing"] for one in beside["feedback"]} == {"team_leader", "peer"}
    assert [one["by"] for one in beside["remarks"]] == ["public"]


async def test_what_is_said_of_a_unit_is_read_there_and_above_it_and_not_below(year: World, who: Played) -> None:
    unit, root = await year.unit_of(who.employee), await year.root_unit()
    above = (await year.get("/people", "hr", unit=root, limit=200)).json()["items"]
    heads = [one["nip"] for one in above if await year.unit_of(one["nip"]) == root]
    for code, address in ((unit, "198.51.100.131"), (root, "198.51.100.132")):
        (await say(year, code, address, {"kind": "praise", "text": f"Tentang {code}."})).raise_for_status()
    for one in [*(await waiting(year, unit)), *(await waiting(year, root))]:
        await decide(year, one["id"], "accepted")
    here = [one["text"] for one in await read(year, f"/appraisals/{who.appraisal}/remarks", who.supervisor)]
    there = [one["text"] for one in await read(year, f"/appraisals/{await year.appraisal_of(heads[0])}/remarks", "hr")]
    assert f"Tentang {unit}." in here
    assert f"Tentang {root}." not in here
    assert {f"Tentang {unit}.", f"Tentang {root}."} <= set(there)


# ── what is bounded ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def rows(world: World, unit: str) -> list[dict[str, Any]]:
    sql = "SELECT r.* FROM remark r JOIN unit u ON u.id = r.unit_id WHERE u.code = :unit"
    async with world.database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(text(sql), {"unit": unit})).mappings()]


async def flood(world: World, count: int, unit: str, address: str) -> Counter[int]:
    """So many at once from one address, by how each was answered."""
    answers: Counter[int] = Counter()
    for begun in range(0, count, 50):
        many = await asyncio.gather(*(say(world, unit, address) for _ in range(min(50, count - begun))))
        for one in many:
            answers[one.status_code] += 1
            if one.status_code == 429:
                assert one.json()["code"] == "too_many_of_address"
                assert one.json()["limit"] == 5
                assert "5" in one.json()["detail"]
                assert 0 < int(one.headers["Retry-After"]) <= 86_401
    return answers


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_of_one_address_a_few_are_taken_a_day_and_the_others_refused_with_a_reason_and_leave_nothing(
    year: World, who: Played, count: int
) -> None:
    unit, address = await year.root_unit(), f"203.0.113.{10 + count % 7}"
    before = len(await rows(year, unit))
    assert who.appraisal
    assert await flood(year, count, unit, address) == {201: 5, 429: count - 5}
    assert len(await rows(year, unit)) == before + 5
    async with year.database.transaction() as connection:
        kept = (
            await connection.execute(text("SELECT count(*) FROM receipt WHERE body ->> 'state' = 'pending'"))
        ).scalar_one()
    assert kept == await _receipts(year), "a refusal stores nothing"
    assert (await say(year, unit, f"198.51.100.{count % 200}")).status_code == 201, "another address is another's"
    year.now += timedelta(days=1)
    assert (await say(year, unit, address)).status_code == 201, "tomorrow is another day"


async def _receipts(world: World) -> int:
    async with world.database.transaction() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM remark WHERE author_id IS NULL"))).scalar_one())


async def test_an_address_is_kept_in_disguise_for_a_day_and_then_not_at_all(year: World, who: Played) -> None:
    year.now = MAY + timedelta(days=10)
    unit = await year.root_unit()
    assert who.appraisal
    (await say(year, unit, "198.51.100.201")).raise_for_status()
    kept = [row for row in await rows(year, unit) if row["address"]]
    assert kept
    async with year.database.transaction() as connection:
        for table in ("remark", "receipt", "day_salt", "cycle_event", "notice"):
            found = await connection.execute(text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%198.51.100%'"))
            assert found.scalar_one() == 0, table
    year.now += timedelta(days=1)
    (await say(year, unit, "198.51.100.202")).raise_for_status()
    assert len([row for row in await rows(year, unit) if row["address"]]) == 1
    async with year.database.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM day_salt"))).scalar_one() == 1


async def test_while_too_much_waits_for_hr_nothing_more_of_that_unit_is_taken(year: World, who: Played) -> None:
    unit = await year.unit_of(who.supervisor)
    sql = """
        INSERT INTO remark (id, cycle_id, unit_id, kind, text, day, at, state)
        SELECT gen_random_uuid()::text, :cycle, u.id, 'praise', 'x', current_date, now(), 'pending'
          FROM unit u, generate_series(1, 500) WHERE u.code = :unit
    """
    async with year.database.transaction() as connection:
        await connection.execute(text(sql), {"cycle": await cycle_of(year), "unit": unit})
    answer = await say(year, unit, "198.51.100.77")
    assert refused(answer) == (429, "too_many_waiting")
    async with year.database.transaction() as connection:
        await connection.execute(text("DELETE FROM remark WHERE text = 'x'"))
    assert (await say(year, unit, "198.51.100.77")).status_code == 201


async def test_sent_again_with_its_key_it_is_there_once(year: World, who: Played) -> None:
    unit, key = await year.unit_of(who.employee), str(uuid4())
    before = len(await rows(year, unit))
    answers = [await say(year, unit, "198.51.100.88", Idempotency_Key=key) for _ in range(3)]
    assert [one.json() for one in answers] == [answers[0].json()] * 3
    assert len(await rows(year, unit)) == before + 1
    other = await say(year, unit, "198.51.100.88", {"kind": "praise", "text": "Lain."}, Idempotency_Key=key)
    assert refused(other) == (422, "key_reused")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"text": WORDS}, "/kind", "missing"),
        ({"kind": "praise", "text": "x" * 1001}, "/text", "string_too_long"),
        ({"kind": "praise", "text": " "}, "/text", "string_too_short"),
        ({"kind": "rating", "text": WORDS}, "/kind", "enum"),
        ({"kind": "praise", "text": WORDS, "nip": "1"}, "/nip", "extra_forbidden"),
        ({"kind": "praise", "text": WORDS, "service": "x" * 201}, "/service", "string_too_long"),
    ],
)
async def test_what_is_no_word_about_a_service_is_refused_by_its_place(
    year: World, who: Played, body: object, pointer: str, code: str
) -> None:
    answer = await say(year, await year.unit_of(who.employee), "198.51.100.99", body)
    assert refused(answer) == (422, "invalid_input")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_of_no_unit_and_of_one_that_no_cycle_listens_about_nothing_is_taken(
    year: World, gayungan: World, who: Played
) -> None:
    assert who.appraisal
    assert refused(await say(year, "NIRWANA", "198.51.100.99")) == (404, "not_found")
    assert refused(await say(gayungan, await gayungan.root_unit(), "198.51.100.99")) == (409, "no_public_input")
    body = {"unit": await year.root_unit(), "programme": "Antrean daring", "text": WORDS}
    assert refused(await year.post(f"/cycles/{await cycle_of(year)}/praise", who.employee, body)) == (
        409,
        "no_public_input",
    )


# ── praise that others may follow ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.capability("G03")
async def test_a_colleague_praises_a_new_programme_and_once_hr_makes_it_visible_everybody_may_follow(
    gayungan: World,
) -> None:
    cycle, giver = await cycle_of(gayungan), await gayungan.next_clerk()
    unit, reader = await gayungan.root_unit(), await gayungan.next_clerk()
    body = {"unit": unit, "programme": "Surat pengantar lewat gawai", "text": SAID}
    given = await gayungan.post(f"/cycles/{cycle}/praise", giver, body)
    assert given.status_code == 201, given.text
    path, made = f"/cycles/{cycle}/praise", given.json()["id"]
    assert await read(gayungan, path, reader) == []
    (found,) = await waiting(gayungan, unit)
    assert (found["id"], found["author"]["nip"], found["by"]) == (made, giver, "colleague")
    (await decide(gayungan, made, "published")).raise_for_status()
    (shown,) = await read(gayungan, path, reader)
    assert (shown["programme"], shown["text"], shown["unit"]["code"]) == (body["programme"], SAID, unit)
    assert giver not in str(shown)
    assert "programme_praised" in await notices_of(gayungan, giver)

    (await decide(gayungan, made, "rejected", reason="Program ini ternyata milik kecamatan lain.")).raise_for_status()
    assert await read(gayungan, path, reader) == []
    assert [one["data"]["decision"] for one in await trail(gayungan, made)] == ["published", "rejected"]


async def test_only_praise_of_a_programme_is_made_visible_and_nobody_decides_about_the_own(
    year: World, gayungan: World, who: Played
) -> None:
    unit = await year.unit_of(who.employee)
    said = {name: value for name, value in PRAISE.items() if name != "programme"}
    (await say(year, unit, "198.51.100.111", said)).raise_for_status()
    (plain,) = [one for one in await waiting(year, unit) if one["kind"] == "praise" and one["programme"] is None]
    answer = await decide(year, plain["id"], "published", reason="Bagus.")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/decision", "nothing_to_follow")]
    (await say(year, unit, "198.51.100.112", PRAISE)).raise_for_status()
    (named,) = [one for one in await waiting(year, unit) if one["programme"] == "Antrean daring"]
    (await decide(year, named["id"], "published")).raise_for_status()
    assert [one["id"] for one in await read(year, f"/cycles/{await cycle_of(year)}/praise", who.employee)] == [
        named["id"]
    ]

    own = {"unit": await gayungan.root_unit(), "programme": "Loket malam", "text": SAID}
    made = (await gayungan.post(f"/cycles/{await cycle_of(gayungan)}/praise", "hr", own)).raise_for_status().json()
    assert refused(await decide(gayungan, made["id"], "accepted")) == (403, "not_yours")
    assert (await decide(gayungan, made["id"], "accepted", "pyb")).status_code == 200
