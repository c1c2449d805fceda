"""A pack is written as what differs from another, and read as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.pack_file import PackFileError, resolved
from models.shelf import Shelf, load, pack_ids

BASE = """
id = "base"
version = 1
title = "Base"
source = "Law 1"
list = [1, 2]
notices = [
    { on = "a", text = "always" },
    { on = "b", text = "with", calibrated = true },
    { on = "b", text = "otherwise", calibrated = false },
]
[stages]
calibration = "label"
appeal = true
[texts]
always = "1"
with = "2"
otherwise = "3"
[calendar."midyear.1"]
opens = 1
due = 2
[forms.rating]
fields = [{ name = "a" }, { name = "b" }]
[[forms.decision.fields]]
type = "group"
name = "rating"
like = "rating"
"""
HEAD = 'extends = "base"\nid = "new"\nversion = 1\ntitle = "New"\nsource = "Law 2"\n'


@pytest.fixture
def shelf(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "base.toml"
    path.write_text(BASE, encoding="utf-8")
    return {"base": path}


def test_tables_are_laid_over_one_another_and_everything_else_replaces(shelf: dict[str, Path]) -> None:
    pack = resolved(HEAD + 'list = [3]\n[stages]\nappeal = false\n[calendar."midyear.1"]\ndue = 5', shelf)
    assert (pack["id"], pack["list"]) == ("new", [3])
    assert pack["stages"] == {"calibration": "label", "appeal": False}
    assert pack["calendar"] == {"midyear.1": {"opens": 1, "due": 5}}


def test_what_is_left_out_is_gone_before_anything_is_laid_over(shelf: dict[str, Path]) -> None:
    pack = resolved(HEAD + 'without = [\'calendar."midyear.1".due\', "list"]\n', shelf)
    assert pack["calendar"] == {"midyear.1": {"opens": 1}}
    assert "list" not in pack


def test_a_group_like_a_form_has_its_fields(shelf: dict[str, Path]) -> None:
    pack = resolved(HEAD + '[forms.rating]\nfields = [{ name = "c" }]', shelf)
    assert pack["forms"]["decision"]["fields"] == [{"type": "group", "name": "rating", "fields": [{"name": "c"}]}]  # type: ignore[index]


@pytest.mark.parametrize(("calibration", "told"), [("label", ["always", "with"]), ("none", ["always", "otherwise"])])
def test_a_notice_counts_where_the_pack_calibrates_or_where_it_does_not(
    shelf: dict[str, Path], calibration: str, told: list[str]
) -> None:
    pack = resolved(HEAD + f'[stages]\ncalibration = "{calibration}"', shelf)
    assert [notice["text"] for notice in pack["notices"]] == told  # type: ignore[attr-defined, index]
    assert list(pack["texts"]) == told  # type: ignore[call-overload]
    assert not any("calibrated" in notice for notice in pack["notices"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "this is not TOML"),
        ('extends = "base"\nid = "new"', "says its own version, title, source"),
        (HEAD.replace('"base"', '"nobody"', 1), "no pack 'nobody' to build on"),
        (HEAD.replace('"base"', "3", 1), "no pack 3 to build on"),
        (HEAD + 'without = ["scoring"]', "has no 'scoring' to leave out"),
        (HEAD + 'without = ["a b"]', "is no name of a table"),
        (HEAD + 'without = "list"', "a list of names"),
        (HEAD + '[[forms.answer.fields]]\ntype = "group"\nname = "x"\nlike = "moon"', "is like the form 'moon'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_a_sentence(shelf: dict[str, Path], text: str, said: str) -> None:
    with pytest.raises(PackFileError, match=said):
        resolved(text, shelf)


def test_no_pack_builds_on_itself(shelf: dict[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(HEAD.replace('"base"', '"new"', 1).replace('id = "new"', 'id = "other"'), encoding="utf-8")
    with pytest.raises(PackFileError, match="new builds on other builds on new"):
        resolved(HEAD.replace('"base"', '"other"', 1), shelf | {"other": other, "new": tmp_path / "new.toml"})


# ── an agency's own folder ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_agency_adds_a_pack_by_a_file_and_changes_none_of_ours(tmp_path: Path) -> None:
    ours = (
        'extends = "pp-30-2019"\nid = "{id}"\nversion = 1\nsource = "Perbup 1"\ntitle = {{ id = "Ini", en = "This" }}\n'
    )
    (tmp_path / "kami.toml").write_text(ours.format(id="kami"), encoding="utf-8")
    (tmp_path / "pp-30-2019.toml").write_text(ours.format(id="pp-30-2019"), encoding="utf-8")
    shelf = Shelf(tmp_path)
    assert shelf.ids() == sorted([*pack_ids(), "kami"])
    assert shelf.load("kami").title.en == "This"
    assert shelf.load("pp-30-2019") == load("pp-30-2019")


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "kami.toml"
    head = 'extends = "pp-30-2019"\nid = "kami"\nversion = {}\nsource = "Perbup 1"\ntitle = {{ id = "Ini", en = "This" }}\n'
    path.write_text(head.format(1), encoding="utf-8")
    assert Shelf(tmp_path).load("kami").version == 1
    path.write_text(head.format(22), encoding="utf-8")
    assert Shelf(tmp_path).load("kami").version == 22


def test_a_file_is_named_as_the_pack_it_holds(tmp_path: Path) -> None:
    head = (
        'extends = "pp-30-2019"\nid = "kami"\nversion = 1\nsource = "Perbup 1"\ntitle = { id = "Ini", en = "This" }\n'
    )
    (tmp_path / "mereka.toml").write_text(head, encoding="utf-8")
    with pytest.raises(ValueError, match=r"the file mereka\.toml holds the pack 'kami'"):
        Shelf(tmp_path).load("mereka")
