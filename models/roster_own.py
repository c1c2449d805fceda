"""Whoever imports decides nothing about herself: which of her own row's cells would do so.

Her name, her address and the like are hers to put right; her line, her post, her powers and who acts in the posts above hers are somebody
else's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from models.line import ActingKind
from models.roster_problems import RosterProblem, problem
from models.roster_rows import OUTSIDE, Appointed, RosterRow, untuk
from models.vocabulary import GrantedRole

SERVICE = ("jabatan", "jenjang", "jenis_pegawai", "unit", "nip_atasan", "tmt")
"""The columns that say in which post somebody serves, since when and under whom."""


@dataclass(frozen=True)
class Importer:
    """Whoever signed in, as she is recorded `today`: `service` by column, the roles she holds, for whom she acts.

    `above` are the holders of the posts above hers (`Appraised.posts_above`), `acting_above` who acts, will or did in one of them,
    `pybs` who is PyB, all by NIP; `under_pyb` whether one of them stands around her.
    """

    nip: str
    today: date
    service: Mapping[str, object] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    actings: frozenset[Appointed] = frozenset()
    above: frozenset[str] = frozenset()
    acting_above: Mapping[str, frozenset[Appointed]] = field(default_factory=dict)
    pybs: frozenset[str] = frozenset()
    under_pyb: bool = False


def own_problems(rows: Iterable[RosterRow], columns: Collection[str], importer: Importer) -> Iterator[RosterProblem]:
    """Each cell that gives her another post, line or power than is recorded, or says who else acts above her; what she gives up is none."""
    for row in rows:
        if row.nip != importer.nip:
            for kind in ActingKind:
                if untuk(kind) in columns and _changes_above(row, importer, kind):
                    yield problem(row.row, untuk(kind), "own_superior")
            pyb = GrantedRole.PYB in row.granted_roles
            if "peran" in columns and importer.under_pyb and pyb != (row.nip in importer.pybs):
                yield problem(row.row, "peran", "own_pyb")
            continue
        if new := sorted({role.value for role in row.granted_roles} - importer.roles):
            yield problem(row.row, "peran", "own_role", ", ".join(new))
        said = service_of(row)
        for column in SERVICE:
            if column in columns and _plain(said[column]) != _plain(importer.service.get(column)):
                yield problem(row.row, column, "own_row", column)
        for acting in row.actings:
            if acting not in importer.actings:
                yield problem(row.row, acting.column, "own_row", acting.column)


def _changes_above(row: RosterRow, importer: Importer, kind: ActingKind) -> bool:
    """Whether the row lets somebody act in a post above the importer's otherwise than recorded; what is over it need not say any more."""
    recorded = {one for one in importer.acting_above.get(row.nip, ()) if one.kind is kind}
    said = {one for one in row.actings if one.kind is kind and one.holder in importer.above}
    still = {one for one in recorded if one.until is None or one.until >= importer.today}
    return bool(said - recorded or still - said)


def service_of(row: RosterRow) -> Mapping[str, object]:
    """What a row says of somebody's service, by column."""
    return {
        "jabatan": row.post,
        "jenjang": row.level.value,
        "jenis_pegawai": row.kind.value,
        "unit": row.unit_code,
        "nip_atasan": OUTSIDE if row.supervisor_outside else row.supervisor_nip,
        "tmt": row.since,
    }


def _plain(value: object) -> object:
    """Blanks are collapsed in a cell, not in a body of the api."""
    return " ".join(value.split()) if isinstance(value, str) else value
