"""An invented regency of any size, as the rows of a roster file.

The same seed gives the same people, and the cast's NIPs do not depend on the size, so a persona's login stays valid
when the agency grows. Every roster passes the import's own check without a problem.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from deploy.demo_cast import CAST, PERSONAS, UNITS, Part, Unit
from deploy.demo_names import (
    DEGREES,
    DISTRICTS,
    GENERAL_STAFF,
    HEALTH_STAFF,
    OFFICES,
    REGENCY,
    REGIONS,
    SCHOOL_STAFF,
)
from models.roster_file import COLUMNS

PEOPLE_MIN = 12
PEOPLE_MAX = 20_000
SPAN = 18
"""Staff under one leader, unless nobody stands between: a school head, the head of all schools."""
SECOND_UNPLACED_FROM = 200

Row = dict[str, str]
StaffKinds = Sequence[tuple[str, str, Sequence[str]]]

_GRADES = {
    "JPT Pratama": "Pembina Utama Muda (IV/c)",
    "Administrator": "Pembina (IV/a)",
    "Pengawas": "Penata Tingkat I (III/d)",
    "Pelaksana": "Pengatur (II/c)",
    "Ahli Madya": "Pembina (IV/a)",
    "Ahli Muda": "Penata (III/c)",
    "Ahli Pertama": "Penata Muda (III/a)",
    "Penyelia": "Penata (III/c)",
    "Mahir": "Penata Muda (III/a)",
    "Terampil": "Pengatur (II/c)",
    "Pemula": "Pengatur Muda (II/a)",
}
_PPPK_GRADES = {"Ahli Pertama": "IX", "Ahli Muda": "XI", "Terampil": "VII", "Pelaksana": "V"}
_AGES = {
    "Administrator": (40, 56),
    "Pengawas": (35, 56),
    "Ahli Madya": (43, 57),
    "Ahli Muda": (34, 56),
    "Penyelia": (38, 56),
    "Mahir": (30, 52),
}


def generate(people: int = 300, seed: int = 1, year: int = 2027, zone: str = "WIB") -> list[Row]:
    """Exactly `people` rows in roster columns, superiors first; nobody retires by age within `year`."""
    if not PEOPLE_MIN <= people <= PEOPLE_MAX:
        raise ValueError(f"the demo agency has {PEOPLE_MIN} to {PEOPLE_MAX} people, not {people}")
    agency = _Agency(year, zone)
    cast = Random(f"cast {seed}")
    for part in CAST[:people]:
        agency.play(part, cast)
    if people > len(CAST):
        _grow(agency, people - len(CAST), Random(f"everybody else {seed}"))
    assert len(agency.rows) == people, "every group spends exactly its share"
    return agency.rows


def write_csv(rows: Iterable[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def personas(rows: Iterable[Row]) -> list[Row]:
    """`{key, nip, name, role}` of those who show the product, found again in rows that `generate` made."""
    posts = {(row["nama"], row["jabatan"]): row["nip"] for row in rows}
    parts = {part.key: part for part in CAST}
    return [
        {"key": key, "nip": nip, "name": parts[key].name, "role": role}
        for key, role in PERSONAS.items()
        if (nip := posts.get((parts[key].name, parts[key].post))) is not None
    ]


@dataclass
class _Agency:
    """The rows so far, and what must stay unique among them."""

    year: int
    zone: str
    rows: list[Row] = field(default_factory=list)
    nips: dict[str, str] = field(default_factory=dict)
    """The cast's, by key."""
    _serials: dict[str, int] = field(default_factory=dict)
    _addresses: dict[str, int] = field(default_factory=dict)

    def play(self, part: Part, dice: Random) -> None:
        row = self._row(part.name, part.woman, part.age, part.kind, part.level, dice)
        row |= self._place(UNITS[part.unit], part.post, part.family, part.roles)
        row["nip_atasan"] = self.nips.get(part.boss, part.boss)
        if part.acting_for:
            row |= {
                "plt_untuk": self.nips[part.acting_for],
                "plt_mulai": f"{self.year}-06-01",
                "plt_selesai": f"{self.year}-08-31",
            }
        self.nips[part.key] = row["nip"]
        self.rows.append(row)

    def hire(
        self,
        unit: Unit,
        boss: str,
        post: str,
        level: str,
        family: str,
        dice: Random,
        roles: str = "",
        kind: str = "PNS",
    ) -> str:
        """One more person; answers with the NIP."""
        youngest, oldest = _AGES.get(level, (24, 34 if kind == "CPNS" else 56))
        age = dice.randint(youngest, oldest)
        woman = post == "Bidan" or dice.random() < 0.55
        row = self._row(_name(woman, family, post, level, dice), woman, age, kind, level, dice)
        row |= self._place(unit, post, family, roles)
        row["nip_atasan"] = boss
        self.rows.append(row)
        return row["nip"]

    def _row(self, name: str, woman: bool, age: int, kind: str, level: str, dice: Random) -> Row:
        born = date(self.year - age, dice.randint(1, 12), dice.randint(1, 28))
        if kind == "CPNS":
            appointed, started = f"{self.year - 1}04", date(self.year - 1, 4, 1)
        elif kind == "PPPK":
            since = dice.randint(max(self.year - 6, born.year + 20), self.year - 1)
            appointed, started = f"{since}21", date(since, dice.randint(3, 12), 1)
        else:
            since = dice.randint(born.year + 21, max(born.year + 21, min(born.year + 32, self.year - 2)))
            month = dice.choice((1, 3, 4, 12))
            appointed = f"{since}{month:02d}"
            started = date(dice.randint(max(since + 1, self.year - 9), self.year - 1), dice.randint(1, 12), 1)
        grade = _PPPK_GRADES.get(level, "IX") if kind == "PPPK" else _GRADES[level]
        row = dict.fromkeys(COLUMNS, "") | {
            "nip": self._nip(f"{born:%Y%m%d}{appointed}{2 if woman else 1}"),
            "nama": name,
            "jenjang": level,
            "jenis_pegawai": kind,
            "pangkat": grade,
            "email": self._address(name),
            "tmt": started.isoformat(),
        }
        return row | ({"zona": self.zone} if self.zone != "WIB" else {})

    def _place(self, unit: Unit, post: str, family: str, roles: str) -> Row:
        return {
            "unit": unit.code,
            "nama_unit": unit.name,
            "unit_induk": unit.parent,
            "jabatan": post,
            "rumpun": family,
            "peran": roles,
            "hari_kerja": "6" if unit.work_week == 6 else "",
        }

    def _nip(self, prefix: str) -> str:
        serial = self._serials[prefix] = self._serials.get(prefix, 0) + 1
        return f"{prefix}{serial:03d}"

    def _address(self, name: str) -> str:
        """Unique and made from the name: no NIP in an address. `.invalid` can never be delivered to (RFC 2606)."""
        plain = name.split(",")[0].casefold().replace("'", "")
        words = [word for word in plain.split() if not word.endswith(".")]
        local = ".".join(words)
        count = self._addresses[local] = self._addresses.get(local, 0) + 1
        return f"{local}{count if count > 1 else ''}@demo.invalid"


def _grow(agency: _Agency, count: int, dice: Random) -> None:
    """The shares of a real regency: half in schools (DOMAIN 6), a sixth in health, the rest in offices, districts."""
    if count + len(CAST) >= SECOND_UNPLACED_FROM:
        agency.hire(UNITS["SETDA"], "", "Pengelola Layanan Operasional", "Pelaksana", "administrasi", dice)
        count -= 1
    schools, health, districts = count // 2, count * 15 // 100, count * 8 // 100
    _schools(agency, schools, dice)
    _health(agency, health, dice)
    _districts(agency, districts, dice)
    _offices(agency, count - schools - health - districts, dice)


def _schools(agency: _Agency, count: int, dice: Random) -> None:
    staff = min(count, 12)
    _staff(agency, UNITS["SDN-001"], agency.nips["school_head"], staff, SCHOOL_STAFF, dice, leaders=())
    count -= staff
    number = 1
    while count > 0:
        number += 1
        size = min(count, dice.randint(10, 24))
        primary = number % 4 != 0
        unit = Unit(
            f"{'SDN' if primary else 'SMPN'}-{number:03d}",
            f"{'SD' if primary else 'SMP'} Negeri {number} {dice.choice(DISTRICTS)}",
            "DISDIK",
            6,
        )
        head = agency.hire(unit, agency.nips["education"], "Kepala Sekolah", "Ahli Madya", "guru", dice, "kepala_unit")
        _staff(agency, unit, head, size - 1, SCHOOL_STAFF, dice, leaders=())
        count -= size


def _health(agency: _Agency, count: int, dice: Random) -> None:
    """A hospital from 300 on; else health centres of about thirty, twenty at most, one in each district."""
    leaders = (("Kepala Bidang", "Administrator"), ("Kepala Ruang", "Pengawas"))
    if count > 300:
        hospital = Unit("RSUD", f"RSUD {REGENCY.removeprefix('Kabupaten ')}", "DINKES", 6)
        share = count * 2 // 5
        director = agency.hire(
            hospital, agency.nips["health"], "Direktur RSUD", "Administrator", "tenaga_kesehatan", dice, "kepala_unit"
        )
        _staff(agency, hospital, director, share - 1, HEALTH_STAFF, dice, leaders)
        count -= share
    for number, share in enumerate(_shares(count, min(len(DISTRICTS), max(1, count // 30))), start=1):
        unit, head = UNITS["PKM-01"], agency.nips["clinic_head"]
        if number > 1:
            unit = Unit(f"PKM-{number:02d}", f"Puskesmas {DISTRICTS[number - 1]}", "DINKES", 6)
            head = agency.hire(
                unit, agency.nips["health"], "Kepala Puskesmas", "Ahli Madya", "tenaga_kesehatan", dice, "kepala_unit"
            )
            share -= 1
        _staff(agency, unit, head, share, HEALTH_STAFF, dice, (("Koordinator Layanan", "Pengawas"),))


def _districts(agency: _Agency, count: int, dice: Random) -> None:
    leaders = (("Kepala Seksi", "Pengawas"),)
    for number, share in enumerate(_shares(count, min(len(DISTRICTS), max(1, count // 16))), start=1):
        unit, head = UNITS["KEC-01"], agency.nips["district_head"]
        if number > 1:
            name = DISTRICTS[number - 1]
            unit = Unit(f"KEC-{number:02d}", f"Kecamatan {name}", "PEMKAB")
            boss = agency.nips["assistant_people"]
            head = agency.hire(unit, boss, f"Camat {name}", "Administrator", "pelayanan_publik", dice, "kepala_unit")
            share -= 1
        _staff(agency, unit, head, share, GENERAL_STAFF, dice, leaders)


def _offices(agency: _Agency, count: int, dice: Random) -> None:
    """First the offices of the cast get staff, then new ones open, in a fixed order."""
    leaders = (("Kepala Bidang", "Administrator"), ("Kepala Subbagian", "Pengawas"))
    homes = ("general_affairs", "hr", "inspector", "absent_head", "board", "education", "health")
    parts = {part.key: part for part in CAST}
    opened = OFFICES[: max(0, (count - 20) // 12)]
    shares = _shares(count, len(homes) + len(opened))
    for key, share in zip(homes, shares, strict=False):
        _staff(agency, UNITS[parts[key].unit], agency.nips[key], share, GENERAL_STAFF, dice, leaders)
    for (code, name, post, family), share in zip(opened, shares[len(homes) :], strict=True):
        unit = Unit(code, name, "PEMKAB")
        boss = agency.nips["pyb"]
        head = agency.hire(unit, boss, f"Kepala {name}", "JPT Pratama", family, dice, "kepala_unit")
        kinds = (*GENERAL_STAFF, *((post, family, ("Ahli Pertama", "Ahli Muda", "Terampil", "Mahir")),) * 4)
        _staff(agency, unit, head, share - 1, kinds, dice, leaders)


def _shares(count: int, parts: int) -> list[int]:
    """`count` in `parts` whole parts that differ by one at most."""
    return [count // parts + (at < count % parts) for at in range(parts)]


def _staff(
    agency: _Agency,
    unit: Unit,
    boss: str,
    count: int,
    kinds: StaffKinds,
    dice: Random,
    leaders: Sequence[tuple[str, str]],
) -> None:
    """`count` people below `boss`: directly while one can lead them, else under leaders, who are counted in."""
    if count <= SPAN or not leaders:
        for _ in range(count):
            post, family, levels = dice.choice(kinds)
            kind = dice.choices(("PNS", "PPPK", "CPNS"), (63, 35, 2))[0]
            level = dice.choice(levels if kind == "PNS" else levels[:1])
            agency.hire(unit, boss, post, level, family, dice, kind=kind)
        return
    (title, level), *below = leaders
    reach = (SPAN + 1) * (SPAN if below else 1)
    groups = max(2, min(SPAN, -(-count // reach)))
    for number, share in enumerate(_shares(count, groups), start=1):
        leader = agency.hire(unit, boss, f"{title} {_roman(number)}", level, kinds[0][1], dice)
        _staff(agency, unit, leader, share - 1, kinds, dice, below)


def _roman(number: int) -> str:
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _name(woman: bool, family: str, post: str, level: str, dice: Random) -> str:
    women, men, second = (names.split() for names in dice.choice(REGIONS))
    first, last = dice.choice(women if woman else men), dice.choice(second)
    name = (first if dice.random() < 0.04 else f"{first} {last}").replace("_", " ")
    if post == "Dokter":
        return f"dr. {name}"
    degrees = DEGREES.get(post) or DEGREES.get(family, ("S.Sos.", "S.IP.", "A.Md."))
    return f"{name}, {dice.choice(degrees)}" if level != "Pelaksana" or dice.random() < 0.3 else name
