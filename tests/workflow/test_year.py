"""`siklus year`, as a program calls it: everybody's year ends, every trail verifies, and the counts add up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.year import app
from models.shelf import pack_ids

PEOPLE = 24
ASKING = """
extends = "permenpanrb-6-2022"
id = "kami-dengar"
version = 1
source = "Peraturan Wali Kota 1/2027"
title = { id = "Kriteria yang dibicarakan", en = "Criteria that are talked about" }
[participation]
consultation = true
acknowledgement = true
"""


def test_a_rehearsed_year_ends_for_everybody_and_adds_up() -> None:
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--json", "--people", str(PEOPLE), "--seed", "7"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    (line,) = ended.stdout.splitlines()
    told = json.loads(line)
    assert list(told) == [
        *("people", "finished", "labels", "endings", "returned", "late", "takeovers"),
        *("notices", "events", "seconds"),
    ]
    assert told["finished"] == told["people"] == PEOPLE
    assert sum(told["labels"].values()) == sum(told["endings"].values()) == PEOPLE
    assert set(told["endings"]) == {"accepted", "accepted_by_lapse", "stands", "changed", "withdrawn"}
    assert all(0 < told[name] < PEOPLE for name in ("returned", "late", "takeovers"))
    assert told["events"] > 10 * PEOPLE
    assert told["notices"] > told["events"]


def test_a_year_by_a_pack_that_asks_for_a_say_and_a_word_ends_too(tmp_path: Path) -> None:
    (tmp_path / "kami-dengar.toml").write_text(ASKING, encoding="utf-8")
    wish = ["--policy", "kami-dengar", "--people", "12"]
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--json", *wish]
    own = os.environ | {"SIKLUS_POLICIES": str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=own)
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout)
    assert told["finished"] == told["people"] == 12


def test_a_year_whose_pack_lets_nobody_rate_untrained_is_played_to_its_end(tmp_path: Path) -> None:
    asks = '[rater_training]\nmode = "gate"\ncourses = ["fair_rating"]\nvalid_years = 1\n'
    head = (
        'extends = "pp-30-2019"\nid = "kami"\nversion = 1\nsource = "Perbup 1"\ntitle = { id = "Kami", en = "Ours" }\n'
    )
    (tmp_path / "kami.toml").write_text(head + asks, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--json", "--people", "15", "--policy", "kami"]
    around = os.environ | {"SIKLUS_POLICIES": str(tmp_path)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=around)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert json.loads(ended.stdout)["finished"] == 15


def test_a_year_by_a_pack_that_takes_figures_from_hr_is_played_to_its_end_whoever_is_hr_when_it_begins() -> None:
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--json", "--people", "15", "--policy", "gayungan"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert json.loads(ended.stdout)["finished"] == 15


@pytest.mark.long
@pytest.mark.parametrize("policy", pack_ids())
def test_a_year_by_every_pack_that_comes_along_ends_for_everybody(policy: str) -> None:
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--json", "--people", "20", "--policy", policy]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout)
    assert told["finished"] == told["people"] == sum(told["labels"].values()) == 20


@pytest.mark.parametrize(
    ("wish", "said"),
    [(("--year", "2020"), "skipped time only goes forward"), (("--policy", "nobody-s"), "no policy pack")],
)
def test_what_cannot_be_played_is_said_in_one_sentence_before_anything_starts(wish: tuple[str, str], said: str) -> None:
    told = CliRunner().invoke(app, list(wish))
    assert told.exit_code == 2
    assert said in " ".join(told.stderr.replace("│", " ").split())
    assert not told.stdout
