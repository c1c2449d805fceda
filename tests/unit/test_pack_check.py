"""Every pack that ships keeps what it promises, and a file that does not is explained line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.policy_command import app
from models.pack_check import read, tried
from models.shelf import Shelf, load, pack_ids

SHIPPED = Shelf().files()
HEAD = """extends = "pp-30-2019"
id = "kami"
version = 1
source = "Perbup 1/2027"
title = { id = "Kami", en = "Ours" }
"""


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_pack_that_ships_can_be_filled_rated_and_comes_to_what_its_examples_say(pack_id: str) -> None:
    pack = load(pack_id)
    assert tried(pack) == []
    assert {worked.label for worked in pack.examples} == set(pack.scoring.labels)


MISTAKES = {
    "weights that are not a hundred": (
        '[[scoring.weights]]\nof = { skp = "70", behaviour = "20" }\n',
        "the weights make 90, and have to make 100",
        6,
    ),
    "an unknown field": ("[stages]\nlunch = true\n", "Extra inputs are not permitted", 7),
    "a criterion twice": (
        '[[criteria.behaviour]]\nid = "a"\ntitle = { id = "A", en = "A" }\n' * 2,
        "two criteria of 'behaviour' have the same id 'a'",
        9,
    ),
    "a stage without a way out": (
        "without = ['steps.\"rating.drafting\"']\n",
        "rating.drafting waits, but the pack has no step for it",
        2,
    ),
    "a rung that no ladder has": (
        '[steps."plan.drafting"]\nladder = "rope"\n',
        "names the ladder 'rope'",
        7,
    ),
    "a band that lets values fall through": (
        '[[scoring.bands]]\nlowest = "10"\nlabel = "baik"\n',
        "so that every value has a label",
        6,
    ),
    "a window that closes before it opens": (
        "[calendar.plan]\nopens = { month = 5, day = 1 }\n",
        "a window opens, is due and closes in this order",
        6,
    ),
    "windows in an order that no year has": (
        '[calendar."midyear.1"]\nopens = { month = 1, day = 1 }\n',
        "the windows 'plan' and 'midyear.1' cannot work in this order",
        6,
    ),
    "a rung after the close of its window": (
        "[ladders]\nemployee = [\n"
        '    { days = -1, act = "remind" },\n'
        '    { days = 7, act = "overdue" },\n'
        '    { days = 14, act = "hr_list" },\n]\n',
        "the rung 'hr_list' may come 20 days after self_assessment.drafting is due, "
        "and the window 'self_assessment' closes 12 days after",
        10,
    ),
    "a window that closes before its last rung": (
        "[calendar.plan]\n\n# announced by decree\ncloses = { month = 2, day = 1 }\n",
        "the rung 'hr_list' may come 11 days after plan.drafting is due, and the window 'plan' closes 1 days after",
        9,
    ),
    "a step on a ladder that is longer than its window": (
        '[ladders]\npatient = [{ days = 60, act = "hr_list" }]\n[steps."rating.drafting"]\nladder = "patient"\n',
        "the rung 'hr_list' may come 84 days after rating.drafting is due, and the window 'rating' closes 21 days after",
        7,
    ),
    "a silence that a step cannot have": (
        '[steps."rating.drafting"]\nsilence = "accept"\n',
        "silence in rating.drafting cannot mean accept",
        7,
    ),
    "a pattern of labels that is none": (
        '[distribution]\nmode = "often"\n',
        "Input should be 'off', 'warn', 'require_reason' or 'block'",
        7,
    ),
    "a pack to build on that is not there": (
        None,
        "there is no pack 'pp-46-2011' to build on",
        1,
    ),
    "a table left out that is not there": (
        "without = ['forms.praise']\n",
        "the pack it builds on has no 'forms.praise' to leave out",
        2,
    ),
    "an example that comes to something else": (
        '[[examples]]\ntitle = { id = "X", en = "Exactly 90" }\nlabel = "kurang"\n'
        '[examples.rating]\nresults."*".score = 90\nbehaviours."*".score = 90\n',
        "Exactly 90: it comes to baik and not to kurang (value 90)",
        8,
    ),
    "an example that the form does not take": (
        '[[examples]]\ntitle = { id = "X", en = "Typo" }\nlabel = "baik"\n[examples.rating]\nskor = 90\n',
        "Typo: it cannot be submitted at /skor",
        9,
    ),
    "an example that the plan does not take": (
        '[[examples]]\ntitle = { id = "X", en = "No approach" }\nlabel = "baik"\n[examples.plan]\napproach = "lisan"\n'
        "[examples.rating]\nidea = false\n",
        "No approach: it cannot be submitted at /approach",
        9,
    ),
    "an example that plans no rows at all": (
        '[[examples]]\ntitle = { id = "X", en = "No rows" }\nlabel = "baik"\n[examples.plan]\nresults = "satu"\n'
        "[examples.rating]\nidea = false\n",
        "No rows: it cannot be submitted at /results",
        9,
    ),
    "a figure that nobody writes": (
        '[[scoring.parts]]\nid = "skp"\nby = "score"\nfield = "hasil.score"\ntitle = { id = "S", en = "S" }\n'
        '[[scoring.weights]]\nof = { skp = "100" }\n',
        "a whole rating of JPT Madya, PNS lacks skp",
        6,
    ),
    "a least service in two measures": (
        "[min_service]\nmonths = 3\ndays = 90\n",
        "the least service is said in months or in days, one of both",
        6,
    ),
    "a least service that no year has": (
        "[min_service]\nmonths = 13\n",
        "Input should be less than or equal to 12",
        7,
    ),
    "a consultation without a day": (
        "[participation]\nconsultation = true\nconsultation_days_min = 0\n",
        "Input should be greater than or equal to 1",
        8,
    ),
    "a consultation that is neither asked for nor not": (
        '[participation]\nconsultation = "sometimes"\n',
        "Input should be a valid boolean",
        7,
    ),
    "a way of taking part that nobody knows": (
        "[participation]\nvote = true\n",
        "Extra inputs are not permitted",
        7,
    ),
    "a training of raters that is none": (
        '[rater_training]\nmode = "gate"\ncourses = ["cooking"]\n',
        "there is no training 'cooking': there are fair_rating, rating_system",
        8,
    ),
    "a training that is asked for and cannot be had": (
        '[rater_training]\nmode = "flag"\n',
        "a training is asked for, but `courses` names none that counts",
        7,
    ),
    "a group in which nobody is hidden": (
        "[publication]\ngroup_min = 2\n",
        "Input should be greater than or equal to 3",
        7,
    ),
    "results made known to who knows whom": (
        '[publication]\nresults = "everybody"\n',
        "Input should be 'own', 'aggregate' or 'named'",
        7,
    ),
    "a word of so few that each knows whose it is": (
        "[feedback]\npeers = true\nshown_min = 2\n",
        "Input should be greater than or equal to 3",
        8,
    ),
    "a public that is heard and of which nothing is taken": (
        "[public_input]\nopen = true\nper_address = 0\n",
        "Input should be greater than or equal to 1",
        8,
    ),
    "a rung that stands twice": (
        '[[ladders.employee]]\ndays = 1\nact = "remind"\n' * 2,
        "the rung 'remind' after 1 days stands twice",
        9,
    ),
    "a ladder that no step goes by": (
        '[ladders]\nplann = [{ days = 1, act = "remind" }]\n',
        "no step goes by the ladder 'plann'",
        7,
    ),
    "weights of posts that have some already": (
        '[[scoring.weights]]\nwhen = { levels = ["Pengawas"] }\nof = { skp = "60", behaviour = "40" }\n' * 2
        + '[[scoring.weights]]\nof = { skp = "70", behaviour = "30" }\n',
        "an earlier row of weights is said of the same posts",
        9,
    ),
    "a band that another one takes everything from": (
        "".join(
            f'[[scoring.bands]]\nlowest = "{lowest}"\nlabel = "{label}"\n'
            for lowest, label in (("90", "sangat_baik"), ("90", "baik"), ("0", "kurang"))
        ),
        "an earlier band begins at 90 too, and needs nothing",
        9,
    ),
    "a band above the highest value": (
        '[[scoring.bands]]\nlowest = "130"\nlabel = "sangat_baik"\n[[scoring.bands]]\nlowest = "0"\nlabel = "baik"\n',
        "no value is more than 120, and this band begins at 130",
        6,
    ),
    "credit points below nothing": (
        '[scoring.credit.coefficients]\n"Ahli Muda" = "-5"\n',
        "Input should be greater than or equal to 0",
        7,
    ),
    "a percentage below nothing": (
        '[scoring.credit.percentages]\nbaik = "-100"\n',
        "Input should be greater than or equal to 0",
        7,
    ),
    "no TOML at all": ("[stages\n", "this is not TOML", 6),
}


@pytest.mark.parametrize(("written", "said", "line"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_is_said_with_the_line_to_mend(written: str | None, said: str, line: int) -> None:
    if written is None:
        text = HEAD.replace("pp-30-2019", "pp-46-2011")
    elif written.startswith("without"):
        text = HEAD.replace("id = ", written + "id = ", 1)
    else:
        text = HEAD + written
    _, mistakes = read(text, SHIPPED)
    assert any(said in mistake.message and mistake.line == line for mistake in mistakes), mistakes


def test_all_mistakes_of_a_file_are_said_at_once() -> None:
    _, mistakes = read(
        HEAD + '[steps."plan.drafting"]\nladder = "rope"\n[steps."rating.drafting"]\nladder = "string"\n', SHIPPED
    )
    assert [mistake.line for mistake in mistakes] == [7, 9]


def test_a_row_that_is_wrong_is_not_said_to_be_missing_too() -> None:
    _, mistakes = read(HEAD + '[[scoring.weights]]\nof = { skp = "60", behaviour = "30" }\n', SHIPPED)
    assert [mistake.message for mistake in mistakes] == ["the weights make 90, and have to make 100"]


def test_a_cap_that_no_sentence_tells_of_is_a_mistake() -> None:
    text = HEAD.replace("pp-30-2019", "denpasar-capaian").replace("id = ", 'without = ["scoring.why.capped"]\nid = ', 1)
    _, mistakes = read(text, SHIPPED)
    assert [one.message.partition(":")[0] for one in mistakes] == ["the scoring has no sentence for 'capped'"]


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_begun_as_a_copy_holds_together_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKLUS_POLICIES", str(tmp_path))
    assert CliRunner().invoke(app, ["copy", "pp-30-2019", "kabupaten-kami"]).exit_code == 0
    told = CliRunner().invoke(app, ["check", str(tmp_path / "kabupaten-kami.toml")])
    assert (told.exit_code, told.stdout.split(",")[0]) == (0, "kabupaten-kami")
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)
    assert {"id": "kabupaten-kami", "file": str(tmp_path / "kabupaten-kami.toml")} in listed


@pytest.mark.parametrize("wish", [("nobody", "kami"), ("pp-30-2019", "pp-30-2019"), ("pp-30-2019", "Kami!")])
def test_a_copy_that_cannot_be_is_refused_and_writes_nothing(
    wish: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIKLUS_POLICIES", str(tmp_path / "own"))
    assert CliRunner().invoke(app, ["copy", *wish]).exit_code == 1
    assert not (tmp_path / "own").exists()


def test_a_file_with_mistakes_ends_with_status_1_and_says_each(tmp_path: Path) -> None:
    path = tmp_path / "kami.toml"
    path.write_text(HEAD + "[stages]\nlunch = true\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["check", "--json", str(path)])
    assert told.exit_code == 1
    (mistake,) = json.loads(told.stdout)["mistakes"]
    assert mistake == {"line": 7, "where": "stages.lunch", "message": "Extra inputs are not permitted", "of": None}


def test_what_was_taken_over_and_fits_no_more_is_said_with_the_pack_and_the_line_that_has_it() -> None:
    _, mistakes = read(HEAD + '[[scoring.weights]]\nof = { skp = "60", behaviour = "40" }\n', SHIPPED)
    first = next(mistake for mistake in mistakes if mistake.where == "examples.0.value")
    line = SHIPPED["pp-30-2019"].read_text(encoding="utf-8").splitlines()[(first.line or 0) - 1]
    assert (first.of, line) == ("pp-30-2019", 'value = "116.2"')


def test_an_officer_who_changes_the_weights_reads_what_the_examples_come_to_and_takes_them_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk-through of docs/policies.md, word by word."""
    monkeypatch.setenv("SIKLUS_POLICIES", str(tmp_path))
    path = tmp_path / "kami.toml"
    assert CliRunner().invoke(app, ["copy", "pp-30-2019", "kami"]).exit_code == 0
    with path.open("a", encoding="utf-8") as file:
        file.write('\n[[scoring.weights]]\nof = { skp = "60", behaviour = "40" }\n')
    refused = CliRunner().invoke(app, ["check", str(path)])
    assert (refused.exit_code, "siklus policy examples" in refused.stderr) == (1, True)
    told = CliRunner().invoke(app, ["examples", str(path)])
    assert "A new idea below 110: baik (109.9) before, sangat_baik (110.2) now" in told.stderr
    assert "Exactly 90" not in told.stderr
    with path.open("a", encoding="utf-8") as file:
        file.write(told.stdout)
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 0
    assert len(Shelf(tmp_path).load("kami").examples) == len(load("pp-30-2019").examples)


def test_an_officer_who_changes_the_weights_again_is_told_that_the_examples_of_the_file_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIKLUS_POLICIES", str(tmp_path))
    path = tmp_path / "kami.toml"
    changed = HEAD + '[[scoring.weights]]\nof = { skp = "60", behaviour = "40" }\n'
    path.write_text(changed, encoding="utf-8")
    first = CliRunner().invoke(app, ["examples", str(path)])
    path.write_text(changed.replace('"60"', '"65"').replace('"40"', '"35"') + first.stdout, encoding="utf-8")
    second = CliRunner().invoke(app, ["examples", str(path)])
    assert "kami.toml" not in first.stderr
    assert (
        "kami.toml has examples of its own, from line 9 on: put these in their place, not after them" in second.stderr
    )
    path.write_text(changed.replace('"60"', '"65"').replace('"40"', '"35"') + second.stdout, encoding="utf-8")
    assert CliRunner().invoke(app, ["check", str(path)]).exit_code == 0
