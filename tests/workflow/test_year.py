"""`siklus year`, as a program calls it: everybody's year ends, every trail verifies, and the counts add up."""

from __future__ import annotations

import json
import subprocess
import sys

PEOPLE = 24


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


def test_a_year_that_has_begun_cannot_be_skipped_to() -> None:
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--year", "2020"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert "forward" in ended.stderr
    assert not ended.stdout


def test_an_unknown_pack_is_said_in_one_sentence() -> None:
    command = [sys.executable, "-P", "-m", "deploy.cli", "year", "--people", "12", "--policy", "nobody-s"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert not ended.stdout
