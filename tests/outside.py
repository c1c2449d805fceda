"""A system outside that takes records over HTTP, and fails in the ways such systems are known to fail in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from activities.push import Endpoint

Answer = Callable[["Outside", "Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    headers: dict[str, str]
    body: str

    @property
    def key(self) -> str:
        return self.headers.get("webhook-id") or self.headers["idempotency-key"]

    @property
    def record(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass
class Outside:
    """Takes each key once and keeps what it took. `script` says how the next requests are answered, `always` all others."""

    always: Answer
    script: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By key; a person's year as the other side knows it is what came last."""
    port: int = 0
    _server: asyncio.Server | None = None

    def endpoint(self, seconds: float = 30, token: str | None = "rahasia") -> Endpoint:
        return Endpoint(f"http://127.0.0.1:{self.port}/skp22", token, seconds)

    def take(self, one: Asked) -> None:
        self.taken.setdefault(one.key, one.record)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            one = Asked(headers, body.decode())
            self.asked.append(one)
            await (self.script.pop(0) if self.script else self.always)(self, one, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def says(status: int, words: str = "", **headers: str) -> Answer:
    """It answers so, and takes what it says it took."""

    async def answer(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        if status < 300:
            outside.take(one)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(words.encode())}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in sent.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + words).encode())
        await writer.drain()

    return answer


async def cut(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
    """It takes the record, and the connection breaks before it can say so."""
    outside.take(one)
    writer.transport.abort()


async def hangs(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    """It never says a word."""
    await asyncio.sleep(30)


def slow(seconds: float) -> Answer:
    """It takes the record, and takes its time."""

    async def answer(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await says(201)(outside, one, writer)

    return answer


def held(until: asyncio.Event) -> Answer:
    """It takes the record when that has happened."""

    async def answer(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        await until.wait()
        await says(201)(outside, one, writer)

    return answer


def drips(status: int) -> Answer:
    """It begins to answer and never ends."""

    async def answer(outside: Outside, one: Asked, writer: asyncio.StreamWriter) -> None:
        if status < 300:
            outside.take(one)
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 1000000\r\n\r\nNIP".encode())
        for _ in range(300):
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.write(b".")

    return answer


@asynccontextmanager
async def outside(always: Answer | None = None) -> AsyncIterator[Outside]:
    """One that takes everything, unless it is told otherwise."""
    made = Outside(always or says(201))
    await made.open()
    try:
        yield made
    finally:
        await made.close()
