"""People and units as a caller names them, by NIP and by code; and units as an answer names them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.exact import Exact
from api.problems import FieldProblem, Problem
from models.language import Bilingual

Nip = Annotated[str, StringConstraints(pattern=r"^[0-9]{18}$")]
NipPath = Annotated[str, Path(pattern=r"^[0-9]{18}$")]

PERSON = text("SELECT id FROM person WHERE nip = :nip AND active")
UNIT = text("SELECT id FROM unit WHERE code = :code")
UNITS = text("SELECT id, code, name FROM unit WHERE id = ANY(:ids)")
UNKNOWN_PERSON = Bilingual(id="NIP ini tidak ada di daftar pegawai.", en="This NIP is not on the roster.")
UNKNOWN_UNIT = Bilingual(id="Unit dengan kode ini tidak dikenal.", en="There is no unit with this code.")
SUPERIORS = {
    "unknown_person": Bilingual(
        id="NIP ini tidak ada di daftar pegawai, atau pegawainya sudah berhenti.",
        en="This NIP is not on the roster, or the person has left.",
    ),
    "self_supervisor": Bilingual(
        id="Pegawai tidak dapat menjadi atasannya sendiri.",
        en="Nobody supervises himself.",
    ),
    "oneself": Bilingual(
        id="Tidak seorang pun menetapkan dirinya sendiri sebagai pejabat penilai, kecuali garis atasannya memang menuju kepadanya. "
        "Mintalah pengelola kinerja lain menetapkannya.",
        en="Nobody makes herself somebody's supervisor, unless the line leads to her. Ask another HR officer to do it.",
    ),
    "loop_in_line": Bilingual(
        id="Pegawai ini berada di bawah orang yang akan dinilainya; garis atasan akan berputar.",
        en="This person is below the one to be supervised; the line would run in a circle.",
    ),
}
"""Why somebody cannot be another's supervisor (`models.line.why_not_superior`, `models.officers.leads_to`)."""


class UnitRef(Exact):
    """An organisational unit."""

    code: str
    name: str


async def person_named(connection: AsyncConnection, nip: str, pointer: str) -> str:
    """The id of an active person. Raises `invalid_input` at that place of the body."""
    found = (await connection.execute(PERSON, {"nip": nip})).scalar_one_or_none()
    if found is None:
        raise Problem("invalid_input", errors=[FieldProblem(pointer, "unknown_person", UNKNOWN_PERSON)])
    return str(found)


async def unit_named(connection: AsyncConnection, code: str, pointer: str) -> str:
    """The id of a unit. Raises `invalid_input` at that place of the body."""
    found = await unit_of(connection, code)
    if found is None:
        raise Problem("invalid_input", errors=[FieldProblem(pointer, "unknown_unit", UNKNOWN_UNIT)])
    return found


async def unit_of(connection: AsyncConnection, code: str) -> str | None:
    """The id of the unit with that code."""
    found: str | None = (await connection.execute(UNIT, {"code": code})).scalar_one_or_none()
    return found


async def units_shown(connection: AsyncConnection, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Code and name, by id."""
    return {u.id: {"code": u.code, "name": u.name} for u in await connection.execute(UNITS, {"ids": sorted(ids)})}
