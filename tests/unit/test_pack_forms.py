"""What the forms of a pack let somebody write may be sent, and can be rated; else the pack is refused."""

from __future__ import annotations

import pytest

from models.forms import FormContext, example
from models.pack_check import read
from models.shelf import Shelf
from models.vocabulary import Form, JobLevel
from tests.unit.test_pack_check import HEAD

SHIPPED = Shelf().files()

ASKED_BY_A_RULE_TOO = """
[forms.answer]
fields = [
    { type = "choice", name = "view", title = { id = "Sikap", en = "View" }, example = "keeps", options = [
        { value = "keeps", title = { id = "Tetap", en = "Keeps it" } },
        { value = "yields", title = { id = "Berubah", en = "Yields" } },
    ] },
    { type = "text", name = "words", title = { id = "Kata", en = "Words" }, required = %s, example = "Tetap." },
    { type = "text", name = "reason", title = { id = "Alasan", en = "Reason" }, example = "Ada buktinya." },
]
rules = [{ field = "view", values = ["yields"], require = ["words", "reason"] }]
"""


@pytest.mark.parametrize(("required", "stand"), [("true", {"view", "words"}), ("false", {"view"})])
def test_what_is_required_of_everybody_stands_in_the_example_though_a_rule_asks_for_it_too(
    required: str, stand: set[str]
) -> None:
    pack, mistakes = read(HEAD + ASKED_BY_A_RULE_TOO % required, SHIPPED)
    assert mistakes == []
    assert pack is not None
    assert example(pack, Form.ANSWER, FormContext(level=JobLevel.PELAKSANA)).keys() == stand


UNRATED = {
    "a significance that the value does not know": (
        '{ value = "rutin", title',
        '{ value = "harian", title',
        "a plan may say significance = 'harian', which the part 'capaian' does not know: nobody could be rated by it",
    ),
    "a direction that the value does not know": (
        '{ value = "more", title',
        '{ value = "higher", title',
        "a plan may say polarity = 'higher', which the part 'capaian' does not know: nobody could be rated by it",
    ),
    "a target of nothing, of which more is better": (
        "minimum = 0.01, maximum = 1000000000000, example = 20",
        "minimum = 0, maximum = 1000000000000, example = 20",
        "a plan may say target = 0, of which nothing can be reached where more is better: it needs a minimum above 0",
    ),
    "a part that is called as the whole is": (
        'capaian = "100"',
        'total = "100"',
        "the part 'total' has the name of another line of the outcome",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), UNRATED.values(), ids=UNRATED)
def test_a_pack_is_refused_whose_plans_could_not_be_rated(old: str, new: str, said: str) -> None:
    text = SHIPPED["denpasar-capaian"].read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new)
    if "total" in new:
        text = text.replace('id = "capaian"', 'id = "total"')
    _, mistakes = read(text, SHIPPED)
    (found,) = (one for one in mistakes if one.message == said)
    assert found.line is not None


def test_a_target_of_nothing_may_be_where_only_less_is_better() -> None:
    text = SHIPPED["denpasar-capaian"].read_text(encoding="utf-8")
    text = text.replace("minimum = 0.01, maximum", "minimum = 0, maximum")
    only_less = "\n".join(line for line in text.splitlines() if '{ value = "more"' not in line)
    _, mistakes = read(only_less, SHIPPED)
    assert not any("target" in one.message for one in mistakes)


def test_a_rule_that_waits_for_one_choice_where_several_are_made_is_refused() -> None:
    rule = '[forms.appeal]\nrules = [{ field = "disputed", values = ["skp"], require = ["evidence"] }]\n'
    _, mistakes = read(HEAD + rule, SHIPPED)
    said = "the rule waits for one value of 'disputed', of which several are chosen: it never holds"
    assert [(one.line, one.message) for one in mistakes] == [(7, said)]
