"""Numbers that change by themselves: who may hear them, for how long, and that nothing of a stream is left when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio
import uvicorn
from sqlalchemy import text

from api import streams
from api.streams import Streams
from api.web.language import COOKIE
from deploy.serve import Server
from tests.api.test_cycles import cycle_of
from tests.api.test_launch_check import without
from tests.endings import JANUARY, Played, at
from tests.world import World

PEOPLE = 40
SOON = 20.0
NIGHT = timedelta(hours=13)


@dataclass
class Listener:
    """Somebody who holds a stream open: what came, by events; `takes` is set while she takes what is sent."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    over: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[str]:
        return [one for one in self.said.split("\n\n") if one.startswith(("data:", "event:"))]

    async def until(self, count: int) -> list[str]:
        """Her events, once there are so many."""
        async with asyncio.timeout(SOON):
            while len(self.events) < count and not self.over:
                self.came.clear()
                await self.came.wait()
        assert len(self.events) >= count, self.said
        return self.events

    async def ends(self) -> str:
        async with asyncio.timeout(SOON):
            while not self.over:
                self.came.clear()
                await self.came.wait()
        return self.said


@contextlib.asynccontextmanager
async def listening(
    world: World, who: str, path: str, *, takes: bool = True, language: str | None = None
) -> AsyncIterator[Listener]:
    """A browser that asks for a stream, over the application itself: a client of tests would wait for its end."""
    signed = await world.http.post(
        "/masuk", data={"nip": world.people.get(who, who)}, headers={"Origin": "http://siklus"}
    )
    cookie = signed.headers["set-cookie"].partition(";")[0] + (f"; {COOKIE}={language}" if language else "")
    world.http.cookies.clear()
    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"siklus"), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("siklus", 80),
    }
    listener, asked = Listener(), False
    if takes:
        listener.takes.set()

    async def receive() -> dict[str, object]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await listener.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            listener.status = int(str(message["status"]))
            pairs: list[tuple[bytes, bytes]] = message["headers"]  # type: ignore[assignment]
            listener.headers = {name.decode(): value.decode() for name, value in pairs}
        else:
            await listener.takes.wait()
            listener.said += bytes(message.get("body", b"")).decode()  # type: ignore[call-overload]
        listener.came.set()

    async def serve() -> None:
        try:
            await world.http._transport.app(scope, receive, send)  # type: ignore[attr-defined]
        finally:
            listener.over = True
            listener.came.set()

    serving = asyncio.create_task(serve())
    try:
        yield listener
    finally:
        listener.gone.set()
        listener.takes.set()
        async with asyncio.timeout(SOON):
            await serving


@pytest_asyncio.fixture
async def live(year: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """January; streams look often, and there is none when a test begins, nor when it has ended."""
    monkeypatch.setattr("api.web.live.TEAM_EVERY", 0.1)
    monkeypatch.setattr("api.web.live.BAR_EVERY", 0.1)
    at(year, JANUARY)
    assert nothing_left(year)
    yield year
    assert nothing_left(year)


def nothing_left(world: World) -> bool:
    rooms = world.rooms
    return not (rooms.streams.taken or rooms.streams._watched or rooms.streams._awake or rooms.records._overhearing)


async def test_the_bar_is_told_at_once_and_again_when_a_record_changes(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    who = await Played.of(live, await live.next_clerk())
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
        (first,) = await hr.until(1)
        assert hr.status == 200
        assert hr.headers["content-type"].startswith("text/event-stream")
        assert hr.headers["cache-control"] == "no-store"
        assert "Sedang berjalan" in first
        assert "<html" not in first
        await live.done(who.appraisal, "cancel", "hr", {"reason": "Salah daftar."})
        second = (await hr.until(2))[1]
        assert "bagian=without_result" in second
        assert "bagian=without_result" not in first


async def test_who_decides_is_told_how_many_wait_and_that_her_list_is_older(live: World) -> None:
    who = await Played.of(live, await live.next_clerk())
    async with listening(live, who.supervisor, "/langsung/tim?ada=0") as supervisor:
        (first,) = await supervisor.until(1)
        assert "Tidak ada orang yang menunggu Anda" in first
        await live.send(who.appraisal, "plan", "submit_plan", who.employee)
        second = (await supervisor.until(2))[1]
        assert "1 orang menunggu Anda" in second
        assert "tampilkan daftar terbaru" in second


async def test_an_opening_is_told_as_its_page_tells_it(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "auditor", f"/langsung/pembukaan/{cycle}") as auditor:
        (first,) = await auditor.until(1)
        assert "Selesai:" in first


@pytest.mark.parametrize("path", ["siklus", "pembukaan"])
async def test_only_who_oversees_the_agency_hears_of_its_cycle(live: World, path: str) -> None:
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "employee", f"/langsung/{path}/{cycle}") as employee:
        await employee.ends()
        assert employee.status == 403
    unsigned = await live.http.get(f"/langsung/{path}/{cycle}")
    assert unsigned.status_code == 401


async def test_a_stream_ends_with_the_sign_in_that_it_was_opened_by(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOKS_WITHIN", 0.2)
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
        await hr.until(1)
        live.now += NIGHT
        assert (await hr.ends()).endswith("event: ended\ndata: -\n\n")
    at(live, JANUARY)


async def test_a_stream_ends_with_the_role_that_it_was_opened_by(live: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOKS_WITHIN", 0.2)
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "auditor", f"/langsung/siklus/{cycle}") as auditor:
        await auditor.until(1)
        async with without(live, "auditor"):
            assert "event: ended" in await auditor.ends()


async def test_a_client_that_goes_leaves_nothing_behind(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
        await hr.until(1)
        assert live.rooms.streams.taken == 1
        hr.gone.set()
        await hr.ends()
        assert nothing_left(live)


async def test_a_client_that_takes_nothing_is_let_go(live: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "TAKES_WITHIN", 0.3)
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}", takes=False) as deaf:
        await deaf.ends()
        assert nothing_left(live)


async def test_a_stream_ends_while_the_database_is_away_and_the_browser_asks_again(
    live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("api.web.desk.bars", away)
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
        assert "ended" not in await hr.ends()
        assert hr.status == 200


async def test_while_nobody_takes_what_was_told_changes_do_not_pile_up(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
        await hr.until(1)
        for _ in range(200):
            live.rooms.records._hear(None, 0, "appraisal", f"{cycle} 0")
        (awake,) = live.rooms.records._overhearing
        assert awake.is_set(), "however many changes there were, one look is left"


async def test_streams_share_their_looks(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    async with listening(live, "hr", f"/langsung/siklus/{cycle}") as one:
        await one.until(1)
        (watched,) = live.rooms.streams._watched.values()
        looked = watched.at
        async with listening(live, "auditor", f"/langsung/siklus/{cycle}") as other:
            await other.until(1)
            assert watched.watchers == 2
            assert watched.at == looked, "nothing changed since the first looked"


@pytest.mark.parametrize(
    ("who", "path", "indonesian", "english"),
    [
        ("hr", "/langsung/siklus/{cycle}", "Sedang berjalan", "Under way"),
        ("auditor", "/langsung/pembukaan/{cycle}", "Selesai:", "Done:"),
        ("employee", "/langsung/tim?ada=0", "Tidak ada orang yang menunggu Anda.", "Nobody waits for you."),
    ],
)
async def test_each_reader_of_the_same_is_told_in_the_language_of_her_page(
    live: World, who: str, path: str, indonesian: str, english: str
) -> None:
    where = path.format(cycle=(await cycle_of(live))["id"])
    async with listening(live, who, where) as one:
        (said,) = await one.until(1)
        assert indonesian in said
        async with listening(live, who, where, language="en") as other:
            (said,) = await other.until(1)
            assert english in said
            assert indonesian not in said


async def test_there_are_only_so_many_streams_of_one_person_and_of_a_process(live: World) -> None:
    cycle, before = (await cycle_of(live))["id"], live.rooms.streams
    live.rooms.streams = Streams(most=2, each=1)
    path = f"/langsung/siklus/{cycle}"
    try:
        async with listening(live, "hr", path) as first:
            await first.until(1)
            async with listening(live, "hr", path) as second:
                await second.ends()
                assert (second.status, second.headers["retry-after"]) == (429, "15")
            async with listening(live, "auditor", path) as third:
                await third.until(1)
                async with listening(live, "board", path) as fourth:
                    await fourth.ends()
                    assert fourth.status == 429
    finally:
        live.rooms.streams = before


async def test_a_process_that_stops_ends_its_streams_and_takes_no_more(live: World) -> None:
    cycle, before = (await cycle_of(live))["id"], live.rooms.streams
    live.rooms.streams = Streams()
    try:
        async with listening(live, "hr", f"/langsung/siklus/{cycle}") as hr:
            await hr.until(1)
            live.rooms.streams.close()
            assert "ended" not in await hr.ends(), "the browser is to ask again"
        async with listening(live, "hr", f"/langsung/siklus/{cycle}") as late:
            await late.ends()
            assert late.status == 429
    finally:
        live.rooms.streams = before


async def test_the_server_ends_its_streams_when_it_is_told_to_stop(live: World) -> None:
    before, live.rooms.streams = live.rooms.streams, Streams()
    try:
        server = Server(uvicorn.Config(live.http._transport.app))  # type: ignore[attr-defined]
        server.handle_exit(signal.SIGTERM, None)
        assert server.should_exit
        async with asyncio.timeout(SOON):
            await live.rooms.streams.closing.wait()
    finally:
        live.rooms.streams = before


async def test_the_pages_carry_their_numbers_without_a_script_too(live: World) -> None:
    cycle = (await cycle_of(live))["id"]
    async with live.database.question() as connection:
        roster = (await connection.execute(text("SELECT count(*) FROM appraisal WHERE own_year"))).scalar_one()
    await live.http.post("/masuk", data={"nip": live.people["hr"]}, headers={"Origin": "http://siklus"})
    page = (await live.http.get(f"/siklus/{cycle}")).text
    script = await live.http.get("/static/langsung.js")
    live.http.cookies.clear()
    assert f'data-live="/langsung/siklus/{cycle}"' in page
    assert f"<dd>{roster}</dd>" in page
    assert script.headers["content-type"].startswith("text/javascript")
