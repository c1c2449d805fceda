"""What people, HR and a file do in the tests of this room."""

from __future__ import annotations

from datetime import UTC, date, datetime

import httpx
from sqlalchemy import text

from tests.endings import JANUARY, Played
from tests.world import YEAR, World

MAY = datetime(YEAR, 5, 20, 3, tzinfo=UTC)
JUNE = datetime(YEAR, 6, 2, 3, tzinfo=UTC)
SUPERIOR = text(
    """
    SELECT coalesce(s.nip, CASE WHEN t.outside THEN 'LUAR' ELSE '' END)
      FROM tenure t JOIN person p ON p.id = t.person_id LEFT JOIN person s ON s.id = t.supervisor_id
     WHERE p.nip = :nip ORDER BY t.valid_from DESC LIMIT 1
    """
)
TOLD = text(
    """
    SELECT p.nip, n.text, a.nip, n.facts ->> 'from', n.at_once FROM notice n
      JOIN person p ON p.id = n.person_id JOIN person a ON a.id = n.facts ->> 'person'
     WHERE n.text LIKE 'supervis%' AND n.id <> ALL(:before)
    """
)
ALREADY = text("SELECT id FROM notice")
BELOW = text(
    """
    SELECT p.nip FROM tenure t JOIN person p ON p.id = t.person_id JOIN person s ON s.id = t.supervisor_id
     WHERE s.nip = :nip AND CAST(:day AS date) BETWEEN t.valid_from AND coalesce(t.valid_until, 'infinity') ORDER BY p.nip
    """
)
NO_ACTING = {f"{kind}_{column}": "" for kind in ("plt", "plh") for column in ("untuk", "mulai", "selesai")}
Told = set[tuple[str, str, str, str, bool]]


async def planned(world: World, who: Played) -> None:
    world.now = JANUARY
    await world.send(who.appraisal, "plan", "submit_plan", who.employee)
    await world.done(who.appraisal, "approve_plan", who.supervisor)


async def transferred(world: World, who: Played, effective: str = f"{YEAR}-06-01") -> str:
    """To another unit from that day on; the NIP of the new supervisor."""
    unit, supervisor = await world.elsewhere(who.employee)
    body = {"post": "Analis Kebijakan", "unit": unit, "supervisor": supervisor, "effective": effective}
    told = await world.decided(who.employee, "transfer", body)
    assert told["appraisals"] == [who.appraisal]
    return supervisor


async def goes_and_comes(world: World, who: Played, leaves: str, back: str, **said: str) -> None:
    """In May HR records that she leaves, and a file that she comes back."""
    await planned(world, who)
    await world.pass_to(who.appraisal, MAY)
    row = await row_of(world, who.employee) | said
    await world.decided(who.employee, "exit", {"reason": "resign", "effective": leaves})
    await imported(world, row | {"tmt": back})


async def tasks_of(world: World, nip: str) -> list[str]:
    answer = await world.get("/me/tasks", nip, limit=200)
    return [task["appraisal_id"] for task in answer.raise_for_status().json()["items"]]


async def row_of(world: World, nip: str) -> dict[str, str]:
    """A person as a roster file would say what is recorded of her."""
    person = (await world.get(f"/people/{nip}", "hr")).json()
    async with world.database.transaction() as connection:
        superior = (await connection.execute(SUPERIOR, {"nip": nip})).scalar_one()
    unit = {"unit": person["unit_code"], "nama_unit": person["unit"]}
    about = {"nip": nip, "nama": person["name"], "jabatan": person["post"], "jenjang": person["level"]}
    return about | unit | {"jenis_pegawai": person["kind"], "nip_atasan": superior}


async def sent(world: World, *rows: dict[str, str], **params: str) -> httpx.Response:
    """A file of these rows, which have the same columns."""
    lines = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
    files = {"file": ("pegawai.csv", "\n".join(lines).encode(), "text/csv")}
    return await world.http.post("/api/v1/roster/imports", headers=world.headers("hr"), files=files, params=params)


async def imported(world: World, *rows: dict[str, str], **params: str) -> dict[str, object]:
    answer = await sent(world, *rows, **params)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


async def refused(world: World, *rows: dict[str, str]) -> list[str]:
    answer = await sent(world, *rows)
    assert answer.status_code == 422, answer.text
    return [one["code"] for one in answer.json()["rejected"]]


def named(told: dict[str, object], what: str) -> list[dict[str, object]]:
    changes = told["changes"]
    assert isinstance(changes, list)
    return [change for change in changes if change["what"] == what]


async def line_of(world: World, nip: str) -> list[tuple[str, str | None]]:
    """From when until when somebody supervises her."""
    sql = """SELECT valid_from, valid_until FROM tenure t JOIN person p ON p.id = t.person_id
              WHERE p.nip = :nip ORDER BY valid_from"""
    async with world.database.transaction() as connection:
        found = await connection.execute(text(sql), {"nip": nip})
        return [(r.valid_from.isoformat(), r.valid_until.isoformat() if r.valid_until else None) for r in found]


async def not_begun(world: World, cycle: str) -> list[str]:
    listed = (await world.get(f"/cycles/{cycle}/worklist", "hr", limit=200)).json()["items"]
    return [one["employee"]["nip"] for one in listed if one["code"] == "not_begun"]


async def already(world: World) -> list[str]:
    """Every notice that there is."""
    async with world.database.transaction() as connection:
        return list((await connection.execute(ALREADY)).scalars())


async def told_since(world: World, before: list[str]) -> Told:
    """Whom, what, about whom, from when on, and whether at once."""
    async with world.database.transaction() as connection:
        return {tuple(row) for row in await connection.execute(TOLD, {"before": before})}  # type: ignore[misc]


async def below(world: World, nip: str, day: date) -> list[str]:
    async with world.database.transaction() as connection:
        return list((await connection.execute(BELOW, {"nip": nip, "day": day})).scalars())


async def substitute_elsewhere(world: World, *superiors: str) -> str:
    """Somebody whom none of these leads."""
    found = await Played.of(world, await world.next_clerk())
    while found.supervisor in superiors:
        found = await Played.of(world, await world.next_clerk())
    return found.employee


async def headed(world: World, who: Played) -> dict[str, str]:
    """A row of another post beside that of her superior."""
    return await row_of(world, who.supervisor) | {"nama": "Kepala Baru", "jabatan": "Kepala Bidang Baru", "peran": ""}
