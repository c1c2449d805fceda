"""Whether somebody rates more kindly, more sternly, or more alike than everybody else of a cycle, by statistics that hold for a handful.

Pure and exact. Had the labels been dealt to the raters by chance, how many better ones would fall to this rater? That is counting cards
(the hypergeometric distribution), exact for two people as for two thousand. Where organisations have labels, each is a deck of its own:
a rater is compared with those who rate under the same label. See docs/decisions/0023.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def chance(draws: Iterable[Draw], least: int) -> Fraction:
    """The probability that together at least so many of those drawn are marked."""
    ways, every = [1], 1
    for draw in draws:
        ways, every = _together(ways, draw.ways()), every * comb(draw.people, draw.drawn)
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
class Tested:
    """One comparison of one rater: how many are marked of her people and of the others', and how rare that is by chance."""

    rater: str
    asks: Asks
    marked: int
    people: int
    others_marked: int
    others: int
    chance: Fraction
    label: Label | None = None


def tests(spec: RatersSpec, given: Iterable[Given]) -> list[Tested]:
    """Three comparisons for everybody who rated enough people, where others did too; the same in whatever order they are given.

    What is no more frequent than with the others has the chance 1: it is not asked about, whatever the level.
    """
    decks: dict[str, Counter[Label]] = {}
    hands: dict[str, dict[str, Counter[Label]]] = {}
    for one in given:
        decks.setdefault(one.deck, Counter())[one.label] += 1
        hands.setdefault(one.rater, {}).setdefault(one.deck, Counter())[one.label] += 1
    found: list[Tested] = []
    for rater in sorted(hands):
        compared = [(hand, decks[deck] - hand) for deck, hand in sorted(hands[rater].items())]
        compared = [(hand, others) for hand, others in compared if others]
        people, around = (sum(side[place].total() for side in compared) for place in (0, 1))
        if people >= spec.people_min and around >= spec.others_min:
            found += _of_one(spec, rater, compared)
    return found


Compared = Sequence[tuple[Counter[Label], Counter[Label]]]
"""A rater's labels and the others', deck by deck."""
Marks = Sequence[set[Label]]
"""The labels that are counted, deck by deck."""


def _of_one(spec: RatersSpec, rater: str, compared: Compared) -> Iterator[Tested]:
    usual = [_usual(others) for _, others in compared]
    better = [{label for label in Label if PLACE[label] < PLACE[middle]} for middle, _ in usual]
    worse = [{label for label in Label if PLACE[label] > PLACE[middle]} for _, middle in usual]
    for asks, marks in ((Asks.LENIENT, better), (Asks.SEVERE, worse)):
        counted = _counted(compared, marks)
        yield Tested(rater, asks, *counted, _chance(compared, marks, counted[0]))
    hers = sum((hand for hand, _ in compared), Counter[Label]())
    common = max(Label, key=lambda label: hers[label])
    counted = _counted(compared, [{common}] * len(compared))
    rare = Fraction(1)
    if counted[0] * 100 >= spec.alike * counted[1] and _chance(compared, [{common}] * len(compared), counted[0]) < 1:
        # No two labels have more than half each: the chances of one and of another are of different deals, and add up.
        rare = sum(
            (chance(_draws(compared, [{label}] * len(compared)), counted[0]) for label in Label), start=Fraction(0)
        )
    yield Tested(rater, Asks.ALIKE, *counted, rare, common)


def _usual(others: Counter[Label]) -> tuple[Label, Label]:
    """The label in the middle; where there are two, the better and the worse of them."""
    in_order = [label for label in Label for _ in range(others[label])]
    return in_order[(len(in_order) - 1) // 2], in_order[len(in_order) // 2]


def _counted(compared: Compared, marks: Marks) -> tuple[int, int, int, int]:
    """Of her people how many are marked and how many there are, and the same of the others'."""
    mine, others = [
        sum(side[of][label] for side, marked in zip(compared, marks, strict=True) for label in marked) for of in (0, 1)
    ]
    return mine, sum(hand.total() for hand, _ in compared), others, sum(rest.total() for _, rest in compared)


def _draws(compared: Compared, marks: Marks) -> list[Draw]:
    return [
        Draw(hand.total() + rest.total(), sum(hand[label] + rest[label] for label in marked), hand.total())
        for (hand, rest), marked in zip(compared, marks, strict=True)
    ]


def _chance(compared: Compared, marks: Marks, marked: int) -> Fraction:
    """1 where it is no more than her share of those marked."""
    draws = _draws(compared, marks)
    share = sum((Fraction(draw.marked * draw.drawn, draw.people) for draw in draws), start=Fraction(0))
    return chance(draws, marked) if marked > share else Fraction(1)


def questions(
    spec: RatersSpec, given: Iterable[Given], labels: Mapping[Label, Bilingual]
) -> list[tuple[str, Question]]:
    """Whom to ask about her labels, and what; by rater. `labels` are their names in this pack."""
    found = tests(spec, given)
    rare = holm([one.chance for one in found], Fraction(spec.level))
    return [(one.rater, _question(one, labels)) for one, asked in zip(found, rare, strict=True) if asked]


def _question(found: Tested, labels: Mapping[Label, Bilingual]) -> Question:
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
