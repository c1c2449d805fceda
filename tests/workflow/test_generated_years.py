"""A few generated packs, each written as a file and played for a whole year on the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.pack_check import read
from models.pack_file import said
from models.shelf import Shelf
from tests.unit.pack_names import named
from tests.unit.test_generated_packs import SEEN_AS_DRAWN, stages, weights

PEOPLE = 12


PACKS = {
    "any": st.one_of(stages(), weights()),
    "twelve reviews": stages(reviews=[12]),
    "targets and imported figures": weights(figures_min=2),
}


@pytest.mark.long
@pytest.mark.parametrize("packs", PACKS.values(), ids=PACKS)
@settings(max_examples=2, derandomize=True, phases=SEEN_AS_DRAWN)
@given(drawn=st.data())
def test_a_year_by_a_generated_pack_ends_for_everybody(
    packs: st.SearchStrategy[dict[str, Any]], drawn: st.DataObject
) -> None:
    data = drawn.draw(named(packs))
    data |= {"id": "kami", "version": 1}
    if data.get("distribution", {}).get("mode") == "block":  # who is cast to rate so has no other rating to give
        data["distribution"]["mode"] = "require_reason"
    text = "".join(f"{key} = {said(value)}\n" for key, value in data.items())
    pack, mistakes = read(text, Shelf().files())
    assert (pack is not None, mistakes) == (True, [])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kami.toml").write_text(text, encoding="utf-8")
        wish = ["--json", "--people", str(PEOPLE), "--policy", "kami"]
        own = os.environ | {"SIKLUS_POLICIES": folder}
        command = [sys.executable, "-P", "-m", "deploy.cli", "year", *wish]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=own)
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout)
    assert told["finished"] == told["people"] == PEOPLE
