"""Results of years before this engine: which label a value stood for in its time, and what a row of a file may not say."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from models.earlier_schemes import scheme_of, schemes
from models.earlier_years import COLUMNS, EarlierYear, Recorded, Said, checked
from models.roster_file import read_table
from models.roster_problems import RosterProblem
from models.vocabulary import JobLevel, Label

SARI, BUDI, NOBODY = "199602022022012001", "198604172015011001", "199001012015011999"
KNOWN = EarlierYear(
    2019, Label.BAIK, "pp-46-2011", "SKP Online", Decimal("85.5"), "SK-7", "Rina", JobLevel.PELAKSANA, 12
)


def read(
    *rows: str, columns: str = "nip;tahun;predikat;nilai;sumber", recorded: EarlierYear = KNOWN, importer: str = ""
) -> tuple[list[Said], list[RosterProblem]]:
    """What a file of these rows says, in 2027, when Sari's 2019 is recorded and her 2026 is appraised here."""
    held = Recorded({SARI, BUDI}, {(SARI, recorded.year): recorded}, {(SARI, 2026)}, 2027, importer or None)
    written = "\n".join((columns, *rows))
    return checked(read_table("hasil.csv", written.encode(), columns=COLUMNS), held)


def label(year: int, value: str) -> Label:
    [said], problems = read(f"{BUDI};{year};;{value};Arsip")
    assert not problems
    return said.now.label


def refused(*rows: str, **more: str) -> list[tuple[int, str, str]]:
    said, problems = read(*rows, **more)  # type: ignore[arg-type]
    rejected = {found.row for found in problems}
    assert not rejected & {one.row for one in said}, "a row that is wrong is not taken"
    assert all("{" not in found.message_id + found.message_en for found in problems)
    return [(found.row, found.column, found.code) for found in problems]


# ── which label a value stood for ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("200", "sangat_baik"),
        ("91", "sangat_baik"),
        ("90.99", "baik"),
        ("90,99", "baik"),
        ("76", "baik"),
        ("75.99", "butuh_perbaikan"),
        ("61", "butuh_perbaikan"),
        ("60.99", "kurang"),
        ("51", "kurang"),
        ("50.99", "sangat_kurang"),
        ("0", "sangat_kurang"),
    ],
)
@pytest.mark.parametrize("year", [2014, 2020])
def test_a_value_of_pp_46_has_the_label_of_its_band_from_the_lower_bound_on(
    year: int, value: str, expected: str
) -> None:
    assert label(year, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("109.99", "baik"),
        ("90", "baik"),
        ("89.99", "butuh_perbaikan"),
        ("70", "butuh_perbaikan"),
        ("69.99", "kurang"),
        ("50", "kurang"),
        ("49.99", "sangat_kurang"),
    ],
)
def test_a_value_of_pp_30_tells_its_label_where_no_idea_is_asked_for(value: str, expected: str) -> None:
    assert label(2021, value) == expected


def test_from_110_on_pp_30_needs_the_label_for_the_value_does_not_tell_of_an_idea() -> None:
    assert refused(f"{BUDI};2021;;110;Arsip") == [(2, "predikat", "label_needed")]
    for word, expected in (("Sangat Baik", Label.SANGAT_BAIK), ("baik", Label.BAIK)):
        [said], problems = read(f"{BUDI};2021;{word};110;Arsip")
        assert (said.now.label, problems) == (expected, [])


@pytest.mark.parametrize(
    ("year", "word", "expected"),
    [
        (2018, "Cukup", "butuh_perbaikan"),
        (2018, "buruk", "sangat_kurang"),
        (2021, "SANGAT  KURANG", "sangat_kurang"),
        (2024, "Butuh Perbaikan", "butuh_perbaikan"),
        (2024, "butuh_perbaikan", "butuh_perbaikan"),
    ],
)
def test_a_label_is_understood_in_the_words_of_its_time(year: int, word: str, expected: str) -> None:
    [said], problems = read(f"{BUDI};{year};{word};;Arsip")
    assert (said.now.label, problems) == (expected, [])


def test_every_year_since_2014_has_one_scheme_and_each_names_its_source() -> None:
    assert [(one.first, one.last) for one in schemes()] == [(2014, 2020), (2021, 2021), (2022, None)]
    assert all(one.source for one in schemes())
    assert scheme_of(2013) is None


# ── what a row may not say ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (f"{NOBODY};2020;baik;;Arsip", "nip", "unknown_person"),
        ("1996;2020;baik;;Arsip", "nip", "bad_nip"),
        (";2020;baik;;Arsip", "nip", "missing_value"),
        ("1.98503E+17;2020;baik;;Arsip", "nip", "nip_lost_digits"),
        (f"{BUDI};2027;baik;;Arsip", "tahun", "year_not_over"),
        (f"{BUDI};2031;baik;;Arsip", "tahun", "year_not_over"),
        (f"{SARI};2026;baik;;Arsip", "tahun", "year_is_here"),
        (f"{BUDI};2013;baik;;Arsip", "tahun", "no_scheme"),
        (f"{BUDI};24;baik;;Arsip", "tahun", "bad_year"),
        (f"{BUDI};;baik;;Arsip", "tahun", "missing_value"),
        (f"{BUDI};2020;;;Arsip", "predikat", "missing_value"),
        (f"{BUDI};2020;Sangat Kurang;;Arsip", "predikat", "unknown_label"),
        (f"{BUDI};2024;Buruk;;Arsip", "predikat", "unknown_label"),
        (f"{BUDI};2020;Baik;75,5;Arsip", "predikat", "label_against_value"),
        (f"{BUDI};2021;Sangat Baik;109,99;Arsip", "predikat", "label_against_value"),
        (f"{BUDI};2020;;200,01;Arsip", "nilai", "bad_figure"),
        (f"{BUDI};2021;;120,01;Arsip", "nilai", "bad_figure"),
        (f"{BUDI};2020;;-1;Arsip", "nilai", "bad_figure"),
        (f"{BUDI};2020;Baik;baik;Arsip", "nilai", "bad_figure"),
        (f"{BUDI};2024;Baik;85;Arsip", "nilai", "no_value_in_scheme"),
        (f"{BUDI};2020;Baik;;", "sumber", "missing_value"),
        (f"{BUDI};2020;Baik;;{'x' * 201}", "sumber", "value_too_long"),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_its_column_and_for_one_reason(row: str, column: str, code: str) -> None:
    assert refused(row) == [(2, column, code)]


@pytest.mark.parametrize(
    ("column", "said", "code"),
    [("bulan", "0", "bad_months"), ("bulan", "13", "bad_months"), ("jenjang", "Raja", "unknown_level")],
)
def test_what_is_said_beside_a_result_is_looked_at_too(column: str, said: str, code: str) -> None:
    columns = f"nip;tahun;predikat;sumber;{column}"
    assert refused(f"{BUDI};2020;Baik;Arsip;{said}", columns=columns) == [(2, column, code)]


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    found = refused(f"{NOBODY};2020;Hebat;;")
    assert {code for _, _, code in found} == {"unknown_person", "unknown_label", "missing_value"}


def test_a_year_twice_is_refused_where_it_stands_the_second_time() -> None:
    rows = (f"{BUDI};2020;Baik;;Arsip", f"{SARI};2020;Baik;;Arsip", f"{BUDI};2020;Cukup;;Arsip")
    said, problems = read(*rows)
    assert [one.row for one in said] == [2, 3]
    assert [(found.row, found.column, found.code) for found in problems] == [(4, "tahun", "duplicate_year")]
    assert "baris 2" in problems[0].message_id


def test_nobody_records_a_result_of_her_own_but_may_leave_one_as_it_is() -> None:
    assert refused(f"{SARI};2020;Sangat Baik;;Arsip", importer=SARI) == [(2, "nip", "own_result")]
    [same], problems = read(f"{SARI};2019;Baik;85,50;SKP Online", importer=SARI)
    assert (same.changed, problems) == (False, [])


# ── what a row changes ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_column_that_the_file_lacks_leaves_what_is_recorded_and_an_empty_cell_takes_it_back() -> None:
    [same], _ = read(f"{SARI};2019;Baik;85,5;SKP Online")
    assert not same.changed
    [emptied], _ = read(f"{SARI};2019;Baik;85,5;SKP Online;", columns="nip;tahun;predikat;nilai;sumber;pejabat_penilai")
    assert emptied.told()["fields"] == {"pejabat_penilai": ["Rina", None]}


def test_a_correction_says_what_it_was_and_a_label_without_a_value_leaves_none_behind() -> None:
    [said], _ = read(f"{SARI};2019;Cukup;SKP Online", columns="nip;tahun;predikat;sumber")
    assert said.told() == {
        "what": "year_corrected",
        "row": 2,
        "nip": SARI,
        "year": 2019,
        "fields": {"predikat": ["baik", "butuh_perbaikan"], "nilai": ["85.5", None]},
    }


def test_a_value_with_more_zeros_is_the_same_value() -> None:
    [said], _ = read(f"{SARI};2019;Baik;85,500;Arsip")
    assert said.told()["fields"] == {"sumber": ["SKP Online", "Arsip"]}


def test_a_spreadsheet_is_read_as_the_roster_is() -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["NIP", "Tahun", "Nilai", "Sumber", "Bulan", "Jenjang"])
    sheet.append([BUDI, 2018, 90.99, "Arsip", 7, "ahli muda"])
    book.save(out)
    held = Recorded({BUDI}, {}, set(), 2027)
    [said], problems = checked(read_table("hasil.xlsx", out.getvalue(), columns=COLUMNS), held)
    assert problems == []
    assert said.now == EarlierYear(
        2018, Label.BAIK, "pp-46-2011", "Arsip", Decimal("90.99"), level=JobLevel.AHLI_MUDA, months=7
    )
