"""A person's credit points (angka kredit) over her years: what each part of a year gave her, and what her level still needs.

Pure. Sums are exact fractions, since 1/12 of a coefficient has no end in decimals and three thirds have to be a whole; nothing is rounded
but what a person reads (`rounded`). What is not known is not zero: without an opening balance nobody says what is lacking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from models.language import Bilingual
from models.outcome import PRECISION, Credit, CreditNeed, credit_line, figure
from models.segments import Segment
from models.vocabulary import JobLevel, Label

HUNDREDTH = Decimal("0.01")
CORRECTED = Bilingual(
    id="Koreksi oleh revisi {revision}: {before} menjadi {after}.",
    en="Corrected by revision {revision}: from {before} to {after}.",
)
TAKEN_BACK = Bilingual(
    id="Ditarik oleh revisi {revision}: {before} tidak lagi dihitung.",
    en="Taken back by revision {revision}: {before} count no more.",
)
PUT_RIGHT = Bilingual(
    id="Diperbaiki menurut {document} dari {agency}: {before} menjadi {after}.",
    en="Put right by {document} of {agency}: from {before} to {after}.",
)
NO_MORE = Bilingual(
    id="Diperbaiki atau ditarik: {before} menurut {document} dari {agency} tidak lagi dihitung di sini.",
    en="Put right or withdrawn: {before} by {document} of {agency} count here no more.",
)
FROM_ELSEWHERE = Bilingual(
    id="Diperoleh di {agency}, menurut {document}.",
    en="Earned at {agency}, by {document}.",
)


class Source(StrEnum):
    """Where an entry comes from."""

    RESULT = "result"
    CORRECTION = "correction"
    """What a later revision, or version of another agency's part, adds to the one before, or takes from it."""
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Given:
    """What one revision came to when it was final; no `credit` where it was cancelled, or the level earns none.

    `said` is the label as the pack called it that it was scored by; `why` that pack's sentence for credit points, where it knows any.
    """

    revision: int
    at: datetime
    label: Label
    credit: Credit | None
    said: Bilingual
    why: Bilingual | None


@dataclass(frozen=True, slots=True)
class Account:
    """One appraisal with the months that it credits, 1 to 12, and each of its revisions that was final, the earliest first."""

    appraisal: str
    year: int
    months: frozenset[int]
    given: Sequence[Given]


@dataclass(frozen=True, slots=True)
class Brought:
    """A part of a year that was served in another agency, with the points that agency says it earned."""

    segment: Segment
    label: Label
    level: JobLevel
    points: Decimal
    agency: str
    document: str


@dataclass(frozen=True, slots=True)
class Version:
    """What was known of such a part from then on; None where it was withdrawn, or no points were said."""

    brought: Brought | None
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What she had earned in a level by the end of that day, by a document of the system before; `recorded` is when HR said so."""

    points: Decimal
    level: JobLevel
    at: date
    document: str
    recorded: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `coefficient` and `percentage` are not known of what another agency says."""

    source: Source
    year: int
    months: tuple[int, ...]
    level: JobLevel
    label: Label
    points: Fraction
    why: Bilingual
    appraisal: str | None = None
    revision: int | None = None
    coefficient: Decimal | None = None
    percentage: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What was earned in a level against what it needs: enough for so many `ranks`, and lacking for the next one and for the next level."""

    counted: Fraction
    need: CreditNeed
    ranks: int
    rank_lacks: Fraction
    grade_lacks: Fraction | None


def ledger(accounts: Iterable[Account], elsewhere: Iterable[Brought], opening: Opening | None) -> list[Entry]:
    """Every entry in the order of its months; those over by the day of the opening balance count in it, and in no entry."""
    found = [entry for account in accounts for entry in _of_account(account, _beside(account, opening))]
    found += [_of_elsewhere(one) for one in elsewhere if opening is None or one.segment.last > opening.at]
    return sorted(found, key=_place)


def behind(accounts: Iterable[Account], parts: Iterable[Sequence[Version]], opening: Opening | None) -> list[Entry]:
    """What came to be known, since the balance was recorded, of months that count in it: no entry has it, and the balance may lack it.

    Of each part of another agency all its versions, the latest first; what changed is told in one, whatever it said meanwhile.
    """
    if opening is None:
        return []
    found = []
    for account in accounts:
        later = {one.revision for one in account.given if one.at > opening.recorded}
        months = account.months - _beside(account, opening)
        found += [entry for entry in _of_account(account, months) if entry.revision in later]
    for versions in parts:
        known = (one.brought for one in versions if one.recorded <= opening.recorded)
        now = versions[0].brought if versions else None
        found += _changed(
            *(one if one and one.segment.last <= opening.at else None for one in (next(known, None), now))
        )
    return sorted(found, key=_place)


def by_year(entries: Iterable[Entry]) -> dict[int, Fraction]:
    """The points of each year that has any entry, the earliest first."""
    found: dict[int, Fraction] = defaultdict(Fraction)
    for one in entries:
        found[one.year] += one.points
    return dict(sorted(found.items()))


def standing(
    entries: Iterable[Entry], opening: Opening | None, level: JobLevel, need: CreditNeed | None
) -> Standing | None:
    """By what was earned in that level alone; None where the need or what came before is not known."""
    if opening is None or need is None:
        return None
    before = Fraction(opening.points) if opening.level is level else Fraction()
    counted = max(sum((one.points for one in entries if one.level is level), before), Fraction())
    enough = counted if need.grade is None else min(counted, Fraction(need.grade))
    ranks = int(enough / Fraction(need.rank))
    through = need.grade is not None and counted >= need.grade
    next_rank = Fraction(need.rank) * (ranks + 1)
    if need.grade is not None:  # a level need not be a whole number of ranks
        next_rank = min(next_rank, Fraction(need.grade))
    return Standing(
        counted=counted,
        need=need,
        ranks=ranks,
        rank_lacks=Fraction() if through else next_rank - counted,
        grade_lacks=None if need.grade is None else max(Fraction(need.grade) - counted, Fraction()),
    )


def exact(points: Fraction) -> Decimal:
    """Without an end it has `PRECISION` digits."""
    with localcontext() as precise:
        precise.prec = PRECISION
        return Decimal(points.numerator) / Decimal(points.denominator)


def rounded(points: Fraction) -> Decimal:
    """For a person to read: two decimals, half up."""
    return exact(points).quantize(HUNDREDTH, ROUND_HALF_UP)


def _place(one: Entry) -> tuple[int, tuple[int, ...], str, int]:
    return one.year, one.months, one.appraisal or "", one.revision or 0


def _beside(account: Account, opening: Opening | None) -> frozenset[int]:
    """Its months that do not count in the balance."""
    return frozenset(month for month in account.months if not _in_opening(account.year, month, opening))


def _of_account(account: Account, months: frozenset[int]) -> Iterator[Entry]:
    before: Given | None = None
    for given in account.given if months else ():
        yield from _of_revision(account, tuple(sorted(months)), before, given)
        before = given


def _of_revision(account: Account, months: tuple[int, ...], before: Given | None, given: Given) -> Iterator[Entry]:
    old, new = (None if one is None else one.credit for one in (before, given))
    earned = None if new is None else _points(new, len(months))
    if before is None or old is None:
        if new is not None and earned is not None:
            assert given.why is not None, "a pack that gives credit points has a sentence for them"
            said = credit_line(new.over(len(months)), given.label, given.why, given.said).why
            yield _entry(Source.RESULT, account, months, given, new, earned, said)
        return
    was = _points(old, len(months))
    if new is not None and earned is not None and new.level is old.level:
        if earned != was:
            said = CORRECTED.fill(revision=str(given.revision), before=_read(was), after=_read(earned))
            yield _entry(Source.CORRECTION, account, months, given, new, earned - was, said)
        return
    said = TAKEN_BACK.fill(revision=str(given.revision), before=_read(was))
    yield _entry(Source.CORRECTION, account, months, given, old, -was, said)
    if new is not None:
        yield from _of_revision(account, months, None, given)


def _entry(
    source: Source,
    account: Account,
    months: tuple[int, ...],
    given: Given,
    credit: Credit,
    points: Fraction,
    why: Bilingual,
) -> Entry:
    return Entry(
        source=source,
        year=account.year,
        months=months,
        level=credit.level,
        label=given.label,
        points=points,
        why=why,
        appraisal=account.appraisal,
        revision=given.revision,
        coefficient=credit.coefficient,
        percentage=credit.percentage,
    )


def _of_elsewhere(one: Brought) -> Entry:
    return Entry(
        source=Source.ELSEWHERE,
        year=one.segment.last.year,
        months=tuple(one.segment.counted),
        level=one.level,
        label=one.label,
        points=Fraction(one.points),
        why=FROM_ELSEWHERE.fill(agency=one.agency, document=one.document),
    )


def _changed(was: Brought | None, now: Brought | None) -> Iterator[Entry]:
    """What another agency's part came to when the balance was recorded, against what it comes to."""
    if was is not None and (now is None or now.level is not was.level):
        points = Fraction(was.points)
        said = NO_MORE.fill(agency=was.agency, document=was.document, before=_read(points))
        yield replace(_of_elsewhere(was), source=Source.CORRECTION, points=-points, why=said)
        was = None
    if now is None:
        return
    if was is None:
        yield _of_elsewhere(now)
    elif now.points != was.points:
        before, after = Fraction(was.points), Fraction(now.points)
        said = PUT_RIGHT.fill(agency=now.agency, document=now.document, before=_read(before), after=_read(after))
        yield replace(_of_elsewhere(now), source=Source.CORRECTION, points=after - before, why=said)


def _in_opening(year: int, month: int, opening: Opening | None) -> bool:
    """Whether the month was over when the balance was struck."""
    if opening is None:
        return False
    following = date(year + month // 12, month % 12 + 1, 1)
    return following.toordinal() - 1 <= opening.at.toordinal()


def _points(credit: Credit, months: int) -> Fraction:
    return Fraction(credit.coefficient) * Fraction(credit.percentage) * months / 1200


def _read(points: Fraction) -> Bilingual:
    return figure(rounded(points))
