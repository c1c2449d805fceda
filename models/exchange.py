"""What a final result is outside: the yearly record of SIASN (`skp22`), by the codes of a pack.

Pure. No public text gives the codes that SIASN writes: a pack says them, and marks what was only inferred. What an answer to a record
means is decided here too, since it is a matter of statuses and of an instant alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.vocabulary import Label, Rating

KIND = "skp22"
TO_MEND = frozenset({401, 403, 407})
"""It is the door that refuses, whatever the record: a token that ran out is the operator's to mend."""
PASSING = frozenset({408, 421, 423, 425, 429})
"""Refusals that speak of the moment and not of the record."""
WAIT_MAX = timedelta(days=1)
"""As long as an answer may ask us to wait: a slip in a header must not silence us for a year."""
DOOR_SHUT = timedelta(minutes=5)

Code = Annotated[int, Field(ge=1, le=99)]


class Skp22(Frozen):
    """The codes of ratings and labels in the yearly record; no two of a kind are alike."""

    ratings: dict[Rating, Code]
    labels: dict[Label, Code]

    @model_validator(mode="after")
    def _each_its_own(self) -> Self:
        for codes, all_of in ((self.ratings, Rating), (self.labels, Label)):
            if missing := [one.value for one in all_of if one not in codes]:
                raise ValueError(f"the record has no code for {', '.join(missing)}")
            if len(set(codes.values())) < len(codes):
                raise ValueError("two of a kind have the same code, so nobody could tell them apart")
        return self


class Exchange(Frozen):
    """What of a result is told to other systems, and in which words."""

    skp22: Skp22


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody as the record names her."""

    nip: str
    name: str
    grade: str | None
    post: str
    unit: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A final result of a quadrant, the two ratings as the label rests on them.

    `document` is the SHA-256 of the archived evaluation, None where the year has none; `replaces` are the keys of earlier records of this
    person and year that the other side has, or may have.
    """

    key: str
    appraisal: str
    revision: int
    year: int
    label: Label
    result: Rating
    behaviour: Rating
    subject: Party
    rater: Party
    document: str | None = None
    replaces: Sequence[str] = ()


def record_of(codes: Skp22, it: Standing) -> Mapping[str, object]:
    """The yearly record, in the names that SIASN uses; what it has no name for stands under `siklus`."""
    return {
        "tahun": it.year,
        "pnsDinilaiNip": it.subject.nip,
        "pnsDinilaiNama": it.subject.name,
        "hasilKinerjaNilai": codes.ratings[it.result],
        "perilakuKerjaNilai": codes.ratings[it.behaviour],
        "kuadranKinerjaNilai": codes.labels[it.label],
        "penilaiNipNrp": it.rater.nip,
        "penilaiNama": it.rater.name,
        "penilaiGolongan": it.rater.grade,
        "penilaiJabatan": it.rater.post,
        "penilaiUnorNama": it.rater.unit,
        "statusPenilai": "ASN",  # a rater is always of the roster; who is outside it never acts here
        "siklus": {
            "jenis": KIND,
            "kunci": it.key,
            "penilaian": it.appraisal,
            "revisi": it.revision,
            "predikat": it.label.value,
            "dokumenSha256": it.document,
            "menggantikan": list(it.replaces),
        },
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means: the record was taken, is refused for good, or is to be brought again.

    `pause` is how long nothing at all is to be sent, where the answer speaks of more than this record.
    """

    fate: Literal["taken", "refused", "later"]
    pause: timedelta | None = None


def verdict(status: int, retry_after: str | None, now: datetime) -> Verdict:
    """What a status means for a record. Only a refusal that speaks of the record itself is for good."""
    if 200 <= status < 300:
        return Verdict("taken")
    if status in TO_MEND:
        return Verdict("later", DOOR_SHUT)
    if 400 <= status < 500 and status not in PASSING:
        return Verdict("refused")
    return Verdict("later", wait_asked(retry_after, now))


def wait_asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait, in seconds or until an instant; None where it asks nothing that can be meant."""
    said = (retry_after or "").strip()
    if said.isascii() and said.isdigit():
        return min(WAIT_MAX, timedelta(seconds=int(said[:9])))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(WAIT_MAX, until - now) if until > now else None
