"""What the pages over a whole cycle cost the server, against their own statements asked bare and a route that does nothing.

A page is timed as a whole: signing in, statements, drawing. Its statements are then asked anew, in one transaction, as the driver had them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import httpx
from pydantic import BaseModel
from sqlalchemy import Engine, event

from models.database import Database

ROUNDS = 15
NOTHING = "/healthz"

OF_A_CYCLE = (
    "",
    "/orang",
    "/kerja",
    "/kalender",
    "/kotak-keluar",
    "/ingatkan",
    "/hasil",
    "/sebaran",
    "/predikat",
    "/penilai",
)
OF_ALL = ("/", "/notifikasi", "/pegawai", "/pelimpahan", "/jejak")
OF_A_SUPERVISOR = ("/", "/tim")

Said = tuple[str, Any]
"""A statement and its parameters, as the driver has them."""


class Opened(BaseModel):
    """Seconds that one page took, that its statements took alone, and that a route took which does nothing; in turn."""

    path: str
    page: list[float]
    bare: list[float]
    nothing: list[float]

    @property
    def heavy(self) -> float:
        return median(self.page)


async def heaviest(http: httpx.AsyncClient, database: Database, cycle: str, hr: str, supervisor: str) -> Opened:
    """The page that took longest, of all that HR and a supervisor open of a whole cycle."""
    found: list[Opened] = []
    for nip, paths in (
        (hr, [*OF_ALL, *(f"/siklus/{cycle}{rest}" for rest in OF_A_CYCLE)]),
        (supervisor, OF_A_SUPERVISOR),
    ):
        http.cookies.clear()
        entered = await http.post("/masuk", data={"nip": nip}, headers={"Origin": str(http.base_url).rstrip("/")})
        if not entered.has_redirect_location:
            entered.raise_for_status()
        found += [await _opened(http, database, path) for path in paths]
    return max(found, key=lambda one: one.heavy)


async def _opened(http: httpx.AsyncClient, database: Database, path: str) -> Opened:
    with _heard(database.engine.sync_engine) as said:
        (await http.get(path)).raise_for_status()
    asked = tuple(said)
    of = Opened(path=path, page=[], bare=[], nothing=[])
    for _ in range(ROUNDS):
        of.page.append(await _seconds(http, path))
        of.nothing.append(await _seconds(http, NOTHING))
        of.bare.append(await _bare(database, asked))
    return of


async def _seconds(http: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await http.get(path)
    took = time.perf_counter() - began
    answer.raise_for_status()
    return took


async def _bare(database: Database, asked: Sequence[Said]) -> float:
    async with database.question() as connection:
        began = time.perf_counter()
        for statement, parameters in asked:
            (await connection.exec_driver_sql(statement, parameters)).all()
        return time.perf_counter() - began


@contextmanager
def _heard(engine: Engine) -> Iterator[list[Said]]:
    """What is asked of the database meanwhile."""
    said: list[Said] = []

    def hear(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)
