"""Whether somebody rates more kindly, more sternly, or more alike than everybody else of a cycle, by statistics that hold for a handful.

Pure and exact. Had the labels been dealt to the raters by chance, how many better ones would fall to this rater? That is counting cards
(the hypergeometric distribution), exact for two people as for two thousand. Where organisations have labels, each is a deck of its own:
a rater is compared with those who rate under the same label. See docs/decisions/0023.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import comb

from pydantic import Field

from models.appraisal import Frozen
from models.language import Bilingual
from models.questions import Asks, Figure, Question
from models.vocabulary import Label

ODDS_SHOWN_MAX = 10**9
"""Rarer than that is told as that."""
PLACE = {label: place for place, label in enumerate(Label)}
"""The best label comes first."""

SAID = {
    Asks.LENIENT: Bilingual(
        id="{marked} dari {people} pegawai yang dinilainya berpredikat lebih baik daripada yang lazim; pada penilai lain "
        "{others_marked} dari {others}. Secara kebetulan itu terjadi paling sering sekali dalam {odds}. Apa yang membuat "
        "mereka menonjol?",
        en="{marked} of the {people} people rated here have a better label than is usual; with other raters {others_marked} of "
        "{others}. By chance that happens at most once in {odds}. What makes these people stand out?",
    ),
    Asks.SEVERE: Bilingual(
        id="{marked} dari {people} pegawai yang dinilainya berpredikat lebih rendah daripada yang lazim; pada penilai lain "
        "{others_marked} dari {others}. Secara kebetulan itu terjadi paling sering sekali dalam {odds}. Apa yang kurang pada "
        "mereka, atau apakah ukurannya lebih ketat?",
        en="{marked} of the {people} people rated here have a lower label than is usual; with other raters {others_marked} of "
        "{others}. By chance that happens at most once in {odds}. What do they lack, or is the measure a stricter one?",
    ),
    Asks.ALIKE: Bilingual(
        id="{marked} dari {people} pegawai yang dinilainya berpredikat {label}; pada penilai lain {others_marked} dari {others}. "
        "Secara kebetulan predikat seserupa itu terjadi paling sering sekali dalam {odds}. Apakah hasil mereka memang begitu "
        "serupa?",
        en="{marked} of the {people} people rated here have the label {label}; with other raters {others_marked} of {others}. "
        "By chance labels are so much alike at most once in {odds}. Are their results really so much alike?",
    ),
}
MARKED = {
    Asks.LENIENT: Bilingual(id="berpredikat lebih baik daripada yang lazim", en="with a better label than is usual"),
    Asks.SEVERE: Bilingual(id="berpredikat lebih rendah daripada yang lazim", en="with a lower label than is usual"),
    Asks.ALIKE: Bilingual(id="berpredikat sama", en="with the same label"),
}
PEOPLE = Bilingual(id="pegawai yang dinilainya", en="people rated here")
OTHERS = Bilingual(id="pegawai yang dinilai penilai lain", en="people rated by others")
OTHERS_MARKED = Bilingual(id="di antaranya pada penilai lain", en="of them with other raters")
ODDS = Bilingual(id="secara kebetulan paling sering sekali dalam", en="by chance at most once in")
SAME_LABEL = Bilingual(id="predikat yang sama", en="the label they share")


class RatersSpec(Frozen):
    """When a pack lets a rater be asked about the labels given."""

    people_min: int = Field(ge=2)
    """Of fewer people nothing is asked."""
    others_min: int = Field(ge=2)
    """Nor where others have rated fewer people so far."""
    level: Decimal = Field(gt=0, le=Decimal("0.5"))
    """The chance that in a whole cycle anybody is asked at all though labels fell by chance."""
    alike: Decimal = Field(gt=50, le=100)
    """From this share of one label on, in percent, labels are all alike."""


@dataclass(frozen=True, slots=True)
class Given:
    """One person's label as her rater gave it. Only what has the same `deck` is compared."""

    rater: str
    label: Label
    deck: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """So many of a deck's people fell to one rater; `marked` of the deck have what is counted."""

    people: int
    marked: int
    drawn: int

    def ways(self) -> list[int]:
        """In how many ways none, one, two … of those drawn are marked."""
        plain = self.people - self.marked
        return [comb(self.marked, k) * comb(plain, self.drawn - k) for k in range(self.drawn + 1)]


def deals(draws: Iterable[Draw]) -> tuple[list[int], int]:
    """In how many ways together none, one, two … of those drawn are marked, and in how many ways they may be drawn at all."""
    ways, every = [1], 1
    for draw in draws:
        ways, every = _together(ways, draw.ways()), every * comb(draw.people, draw.drawn)
    return ways, every


def chance(draws: Iterable[Draw], least: int) -> Fraction:
    """The probability that together at least so many of those drawn are marked."""
    ways, every = deals(draws)
    return Fraction(sum(ways[least:]), every)


def _together(one: Sequence[int], other: Sequence[int]) -> list[int]:
    found = [0] * (len(one) + len(other) - 1)
    for place, ways in enumerate(one):
        for more, others in enumerate(other):
            found[place + more] += ways * others
    return found


def holm(chances: Sequence[Fraction], level: Fraction) -> list[bool]:
    """Which of these are too rare to be chance, so that with `level` at most any is wrongly taken for it (Holm 1979)."""
    rare = [False] * len(chances)
    for done, place in enumerate(sorted(range(len(chances)), key=lambda n: chances[n])):
        if chances[place] * (len(chances) - done) > level:
            break
        rare[place] = True
    return rare


@dataclass(frozen=True, slots=True)
class Comparison:
    """One rater held against all others: how many are marked of the people of each, and how rare that is by chance."""

    rater: str
    asks: Asks
    marked: int
    people: int
    others_marked: int
    others: int
    chance: Fraction
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """What one rater gave out of one deck, and what the others did."""

    own: Counter[Label]
    others: Counter[Label]

    def draw(self, marks: Collection[Label]) -> Draw:
        marked = sum(self.own[label] + self.others[label] for label in marks)
        return Draw(self.own.total() + self.others.total(), marked, self.own.total())


Dealt = Sequence[tuple[Hand, Collection[Label]]]
"""The hands of one rater, and which labels are counted in each."""


def comparisons(spec: RatersSpec, given: Iterable[Given]) -> list[Comparison]:
    """Three for everybody who rated enough people, where others did too; the same in whatever order they are given.

    What is no more frequent than with the others has the chance 1: it is not asked about, whatever the level.
    """
    found: list[Comparison] = []
    for rater, dealt in hands(given).items():
        compared = [hand for hand in dealt if hand.others]
        if comparable(spec, compared):
            found += _of_one(spec, rater, [(hand, middle(hand.own + hand.others)) for hand in compared])
    return found


def hands(given: Iterable[Given]) -> dict[str, list[Hand]]:
    """What each rater gave out of each deck, beside what the others did; in an order of its own."""
    decks: dict[str, Counter[Label]] = {}
    raters: dict[str, dict[str, Counter[Label]]] = {}
    for one in given:
        decks.setdefault(one.deck, Counter())[one.label] += 1
        raters.setdefault(one.rater, {}).setdefault(one.deck, Counter())[one.label] += 1
    return {
        rater: [Hand(own, decks[deck] - own) for deck, own in sorted(by_deck.items())]
        for rater, by_deck in sorted(raters.items())
    }


def comparable(spec: RatersSpec, compared: Sequence[Hand]) -> bool:
    """Whether a rater gave enough people a label under which enough others did, to be held against them."""
    people = sum(hand.own.total() for hand in compared)
    return people >= spec.people_min and sum(hand.others.total() for hand in compared) >= spec.others_min


def middle(labels: Counter[Label]) -> tuple[Label, Label]:
    """What is usual: the label in the middle; where that lies between two, the better and the worse of them."""
    people, so_far, found = labels.total(), 0, list[Label]()
    for label in Label:
        so_far += labels[label]
        while len(found) < 2 and so_far > ((people - 1) // 2, people // 2)[len(found)]:
            found.append(label)
    return found[0], found[1]


def _of_one(spec: RatersSpec, rater: str, hands: Sequence[tuple[Hand, tuple[Label, Label]]]) -> Iterator[Comparison]:
    better = [(hand, [label for label in Label if PLACE[label] < PLACE[best]]) for hand, (best, _) in hands]
    worse = [(hand, [label for label in Label if PLACE[label] > PLACE[worst]]) for hand, (_, worst) in hands]
    yield _compared(rater, Asks.LENIENT, better)
    yield _compared(rater, Asks.SEVERE, worse)
    own = sum((hand.own for hand, _ in hands), Counter[Label]())
    common = max(Label, key=lambda label: own[label])
    found = _compared(rater, Asks.ALIKE, [(hand, [common]) for hand, _ in hands])
    rare = Fraction(1)
    if found.chance < 1 and own[common] * 100 >= spec.alike * own.total():
        # Two labels never have more than half each, so that the chances of the one and of the other add up.
        every = [chance([hand.draw([label]) for hand, _ in hands], own[common]) for label in Label]
        rare = sum(every, start=Fraction(0))
    yield replace(found, chance=rare, label=common)


def _compared(rater: str, asks: Asks, dealt: Dealt) -> Comparison:
    draws = [hand.draw(marks) for hand, marks in dealt]
    marked = sum(hand.own[label] for hand, marks in dealt for label in marks)
    people, everybody = sum(draw.drawn for draw in draws), sum(draw.people for draw in draws)
    share = sum((Fraction(draw.marked * draw.drawn, draw.people) for draw in draws), start=Fraction(0))
    rare = chance(draws, marked) if marked > share else Fraction(1)
    others_marked = sum(draw.marked for draw in draws) - marked
    return Comparison(rater, asks, marked, people, others_marked, everybody - people, rare)


def questions(
    spec: RatersSpec, given: Iterable[Given], labels: Mapping[Label, Bilingual]
) -> list[tuple[str, Question]]:
    """Whom to ask about her labels, and what; by rater. `labels` are their names in this pack."""
    found = comparisons(spec, given)
    rare = holm([one.chance for one in found], Fraction(spec.level))
    return [(one.rater, _question(one, labels)) for one, asked in zip(found, rare, strict=True) if asked]


def _question(found: Comparison, labels: Mapping[Label, Bilingual]) -> Question:
    odds = min(int(1 / found.chance), ODDS_SHOWN_MAX)
    words: dict[str, Bilingual | str] = {
        "marked": str(found.marked),
        "people": str(found.people),
        "others_marked": str(found.others_marked),
        "others": str(found.others),
        "odds": Bilingual(id=f"{odds:,}".replace(",", "."), en=f"{odds:,}"),
        "label": labels[found.label] if found.label else "",
    }
    figures = [
        Figure("people", PEOPLE, str(found.people)),
        Figure("marked", MARKED[found.asks], str(found.marked)),
        Figure("others", OTHERS, str(found.others)),
        Figure("others_marked", OTHERS_MARKED, str(found.others_marked)),
        Figure("odds", ODDS, str(odds)),
    ]
    if found.label:
        figures.append(Figure("label", SAME_LABEL, found.label.value))
    return Question(found.asks, SAID[found.asks].fill(**words), figures)
