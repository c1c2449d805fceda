"""The roster file: what is read, what is refused, and that no bytes whatever make it stumble."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from models.line import ActingKind
from models.roster import RosterRow, check_roster
from models.roster_file import COLUMNS, REQUIRED_COLUMNS, Table, read_table
from models.roster_problems import SENTENCES, RosterProblem
from models.roster_rows import Appointed
from models.vocabulary import EmployeeKind, GrantedRole, JobLevel, Zone

HEAD, SARI, BUDI, RETIRED = "197001011995031001", "199002022015032001", "199103032016031001", "196001011985031001"

BASE = {
    "nama": "Sari",
    "jabatan": "Analis",
    "jenjang": "Ahli Muda",
    "jenis_pegawai": "PNS",
    "unit": "BKD",
    "nama_unit": "Badan Kepegawaian",
}


def person(nip: str, **cells: str) -> dict[str, str]:
    return {"nip": nip, **BASE, **cells}


def as_csv(*people: dict[str, str], delimiter: str = ",", bom: bool = False) -> bytes:
    columns = [name for name in COLUMNS if any(name in cells for cells in people)]
    lines = [columns, *([cells.get(name, "") for name in columns] for cells in people)]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    return text.encode("utf-8-sig" if bom else "utf-8")


def as_xlsx(*people: Mapping[str, object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    columns = [name for name in COLUMNS if any(name in cells for cells in people)]
    sheet.append(columns)
    for cells in people:
        sheet.append([cells.get(name) for name in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def check(*people: dict[str, str], **known: str | None) -> tuple[tuple[RosterRow, ...], tuple[RosterProblem, ...]]:
    return check_roster(read_table("a.csv", as_csv(*people)), {nip.removeprefix("n"): up for nip, up in known.items()})


def found(problems: tuple[RosterProblem, ...]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in problems]


def refused(filename: str, data: bytes, **limits: int) -> str:
    table = read_table(filename, data, **limits)
    rows, problems = check_roster(table, {})
    assert rows == ()
    assert not table.readable
    (problem,) = problems
    return problem.code


FULL = person(
    SARI,
    unit_induk="SETDA",
    nip_atasan=HEAD,
    pangkat="Penata (III/c)",
    rumpun="administrasi",
    email="sari@example.go.id",
    peran="HR  kepala_unit",
    plt_untuk=HEAD,
    plt_mulai="2027-02-01",
    plt_selesai="2027-04-30",
    hari_kerja="6",
    zona="wita",
    tmt="2020-01-01",
)
TOP = person(HEAD, unit="SETDA", nama_unit="Sekretariat", nip_atasan="luar", jenjang="jpt  pratama", peran="pyb")


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("r.csv", as_csv(FULL, TOP)),
        ("r.csv", as_csv(FULL, TOP, delimiter=";")),
        ("r.txt", as_csv(FULL, TOP, delimiter=";", bom=True)),
        ("R.XLSX", as_xlsx(FULL, TOP)),
        ("without an ending", as_xlsx(FULL, TOP)),
        ("r.xlsx", as_xlsx({**FULL, "plt_mulai": date(2027, 2, 1), "tmt": datetime(2020, 1, 1), "hari_kerja": 6}, TOP)),  # noqa: DTZ001
    ],
)
def test_the_same_people_come_out_of_every_kind_of_file(filename: str, data: bytes) -> None:
    (sari, top), problems = check_roster(read_table(filename, data), {})
    assert problems == ()
    assert sari == RosterRow(
        nip=SARI,
        name="Sari",
        post="Analis",
        level=JobLevel.AHLI_MUDA,
        kind=EmployeeKind.PNS,
        unit_code="BKD",
        unit_name="Badan Kepegawaian",
        parent_unit="SETDA",
        supervisor_nip=HEAD,
        grade="Penata (III/c)",
        family="administrasi",
        email="sari@example.go.id",
        granted_roles=(GrantedRole.HR, GrantedRole.UNIT_HEAD),
        actings=(Appointed(ActingKind.PLT, HEAD, date(2027, 2, 1), date(2027, 4, 30)),),
        work_week=6,
        zone=Zone.WITA,
        since=date(2020, 1, 1),
    )
    assert (top.level, top.supervisor_nip, top.supervisor_outside) == (JobLevel.JPT_PRATAMA, None, True)
    assert (sari.row, top.row) == (2, 3)


def test_names_come_in_any_order_and_case_and_rows_keep_the_number_seen_in_the_file() -> None:
    text = (
        f" NAMA_UNIT ,Unit,JENIS_PEGAWAI,jenjang,jabatan,nama,NIP\n\n"
        f'Badan,B,PNS,Pelaksana,"Analis,\nmuda",A,{SARI}\n,,,,,,\nBadan,B,X,Pelaksana,Analis,B,{BUDI}\n'
    )
    rows, problems = check_roster(read_table("a.csv", text.encode()), {})
    assert [(row.row, row.name, row.post) for row in rows] == [(3, "A", "Analis, muda")]
    assert found(problems) == [(6, "jenis_pegawai", "unknown_kind")]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("nip", "12345", "bad_nip"),
        ("nip", "199013022015032001", "bad_birth_date"),
        ("nip", "1,99002E+17", "nip_lost_digits"),
        ("nip", "", "missing_value"),
        ("nama", "  ", "missing_value"),
        ("nama", "x" * 201, "value_too_long"),
        ("nama", "Sa\u202eri", "bad_text"),
        ("jenjang", "Direktur", "unknown_level"),
        ("jenis_pegawai", "Honorer", "unknown_kind"),
        ("nip_atasan", "Pak Budi", "bad_nip"),
        ("nip_atasan", RETIRED, "unknown_supervisor"),
        ("nip_atasan", SARI, "self_supervisor"),
        ("unit_induk", "NOWHERE", "unknown_unit_parent"),
        ("unit_induk", "BKD", "loop_in_units"),
        ("email", "sari", "bad_email"),
        ("email", "sari@example.go.id, x@y.id", "bad_email"),
        ("peran", "hr king", "unknown_role"),
        ("hari_kerja", "7", "bad_work_week"),
        ("zona", "UTC", "unknown_zone"),
        ("tmt", "2027-02-29", "bad_date"),
        ("tmt", "31/01/2027", "bad_date"),
        ("tmt", "20270131", "bad_date"),
        ("tmt", "0207-01-31", "bad_date"),
    ],
)
def test_one_wrong_cell_is_refused_with_its_row_column_and_code(column: str, value: str, code: str) -> None:
    rows, problems = check(person(BUDI), person(SARI, **{column: value}) if column != "nip" else person(value))
    assert found(problems) == [(3, column, code)]
    assert [row.nip for row in rows] == [BUDI]


def test_a_number_cell_in_a_nip_column_is_refused_because_a_number_loses_digits() -> None:
    rows, problems = check_roster(read_table("a.xlsx", as_xlsx({**person(SARI), "nip": int(SARI)}, person(BUDI))), {})
    assert found(problems) == [(2, "nip", "nip_lost_digits")]
    assert [row.nip for row in rows] == [BUDI]


def test_a_formula_error_is_not_a_name() -> None:
    _, problems = check_roster(read_table("a.xlsx", as_xlsx({**person(SARI), "nama": "#N/A"})), {})
    assert found(problems) == [(2, "nama", "bad_text")]


def test_the_same_nip_twice_is_refused_where_it_comes_again() -> None:
    _, problems = check(person(SARI), person(BUDI), person(SARI))
    assert found(problems) == [(4, "nip", "duplicate_nip")]
    assert problems[0].message_en == "This NIP already stands in row 2."


def test_a_loop_in_the_line_is_named_whole() -> None:
    _, problems = check(
        person(HEAD, nama="Ani", nip_atasan=SARI),
        person(SARI, nama="Sari", nip_atasan=HEAD),
        person(BUDI, nip_atasan=HEAD),
    )
    assert found(problems) == [(2, "nip_atasan", "loop_in_line"), (3, "nip_atasan", "loop_in_line")]
    assert f"Ani ({HEAD}) → Sari ({SARI}) → Ani ({HEAD})" in problems[0].message_id


def test_a_supervisor_may_be_known_already_and_a_loop_may_close_through_known_people() -> None:
    assert check(person(SARI, nip_atasan=RETIRED), **{"n" + RETIRED: None})[1] == ()
    _, problems = check(person(SARI, nip_atasan=RETIRED), **{"n" + RETIRED: SARI})
    assert found(problems) == [(2, "nip_atasan", "loop_in_line")]


def test_the_file_outranks_what_was_known_about_the_line() -> None:
    people = person(HEAD, nip_atasan="LUAR"), person(SARI, nip_atasan=HEAD)
    assert check(*people, **{"n" + HEAD: SARI, "n" + SARI: None})[1] == ()


def test_a_unit_has_one_name_and_one_parent() -> None:
    _, problems = check(
        person(HEAD, unit="A", nama_unit="Satu"),
        person(SARI, unit="A", nama_unit="Dua"),
        person(BUDI, unit="B", nama_unit="Tiga", unit_induk="A"),
        person(RETIRED, unit="B", nama_unit="Tiga", unit_induk="B"),
    )
    assert found(problems) == [(3, "nama_unit", "unit_conflict"), (5, "unit_induk", "unit_conflict")]


def test_a_parent_said_in_one_row_holds_in_every_row_of_the_unit() -> None:
    rows, problems = check(person(HEAD, unit="A"), person(SARI), person(BUDI, unit_induk="A"))
    assert problems == ()
    assert [row.parent_unit for row in rows] == [None, "A", "A"]


def test_a_parent_unit_may_be_known_already() -> None:
    table = read_table("a.csv", as_csv(person(SARI, unit_induk="OLD")))
    assert check_roster(table, {}, known_units={"OLD": None})[1] == ()


def test_a_loop_that_a_recorded_unit_closes_takes_only_its_own_rows_out_of_a_partial_import() -> None:
    table = read_table(
        "a.csv", as_csv(person(HEAD, unit="A"), person(SARI, unit="B", unit_induk="OLD"), person(BUDI, unit="A"))
    )
    rows, problems = check_roster(table, {}, known_units={"OLD": "B"}, partial=True)
    assert [row.nip for row in rows] == [HEAD, BUDI]
    assert [(problem.row, problem.code) for problem in problems] == [(3, "loop_in_units")]


def test_units_in_a_loop_are_refused_with_the_loop() -> None:
    _, problems = check(person(HEAD, unit="A", unit_induk="B"), person(SARI, unit="B", unit_induk="A"))
    assert [problem.code for problem in problems] == ["loop_in_units", "loop_in_units"]
    assert "B → A → B" in problems[0].message_id


@pytest.mark.parametrize("kind", ["plt", "plh"])
@pytest.mark.parametrize(
    ("holder", "first", "last", "expected"),
    [
        (HEAD, "2027-03-01", "", []),
        (HEAD, "2027-03-01", "2027-03-01", []),
        (HEAD, "", "", [("mulai", "missing_value")]),
        ("", "2027-03-01", "", [("untuk", "missing_value")]),
        ("", "", "2027-03-01", [("untuk", "missing_value")]),
        (HEAD[:17], "2027-03-01", "", [("untuk", "bad_nip")]),
        (HEAD, "besok", "", [("mulai", "bad_date")]),
        (SARI, "2027-03-01", "", [("untuk", "self_acting")]),
        (RETIRED, "2027-03-01", "", [("untuk", "unknown_acting_for")]),
        (HEAD, "2027-03-01", "2027-02-28", [("selesai", "acting_dates_reversed")]),
    ],
)
def test_an_appointment_names_its_post_and_its_span(
    kind: str, holder: str, first: str, last: str, expected: list[tuple[str, str]]
) -> None:
    cells = {f"{kind}_untuk": holder, f"{kind}_mulai": first, f"{kind}_selesai": last}
    _, problems = check(person(HEAD), person(SARI, **cells))
    assert [(problem.column, problem.code) for problem in problems] == [(f"{kind}_{at}", code) for at, code in expected]


def acts(kind: str, holder: str, first: str, last: str = "") -> dict[str, str]:
    return {f"{kind}_untuk": holder, f"{kind}_mulai": first, f"{kind}_selesai": last}


@pytest.mark.parametrize(
    ("plt", "plh", "expected"),
    [
        (acts("plt", HEAD, "2027-03-01"), acts("plh", BUDI, "2027-03-01"), []),
        (acts("plt", HEAD, "2027-03-01"), acts("plh", HEAD, "2027-02-01", "2027-02-28"), []),
        (acts("plt", HEAD, "2027-03-01"), acts("plh", HEAD, "2027-02-01", "2027-03-01"), ["acting_twice"]),
        (acts("plt", HEAD, "2027-03-01"), acts("plh", HEAD, "2027-06-01"), ["acting_twice"]),
    ],
)
def test_somebody_may_be_plt_and_plh_but_not_of_one_post_at_once(
    plt: dict[str, str], plh: dict[str, str], expected: list[str]
) -> None:
    rows, problems = check(person(HEAD), person(BUDI), person(SARI, **plt, **plh))
    assert [(problem.column, problem.code) for problem in problems] == [("plh_untuk", code) for code in expected]
    if not expected:
        assert [acting.kind for acting in rows[-1].actings] == [ActingKind.PLT, ActingKind.PLH]


def test_a_substitute_in_the_post_of_somebody_who_is_rejected_is_rejected_with_him() -> None:
    table = read_table(
        "a.csv", as_csv(person(HEAD, tmt="never"), person(SARI, nip_atasan="LUAR", **acts("plh", HEAD, "2027-03-01")))
    )
    rows, problems = check_roster(table, {}, partial=True)
    assert rows == ()
    assert found(problems) == [(2, "tmt", "bad_date"), (3, "plh_untuk", "unknown_acting_for")]


def test_a_partial_import_leaves_out_whoever_leans_on_a_rejected_row() -> None:
    table = read_table(
        "a.csv",
        as_csv(
            person(HEAD, tmt="never", unit="A", nama_unit="A"),
            person(SARI, nip_atasan=HEAD),
            person(BUDI, nip_atasan=SARI),
            person(RETIRED, unit="C", nama_unit="C", nip_atasan="LUAR"),
        ),
    )
    rows, problems = check_roster(table, {}, partial=True)
    assert [row.nip for row in rows] == [RETIRED]
    assert found(problems) == [
        (2, "tmt", "bad_date"),
        (3, "nip_atasan", "supervisor_rejected"),
        (4, "nip_atasan", "supervisor_rejected"),
    ]
    rows, problems = check_roster(table, {HEAD: None}, partial=True)
    assert [row.nip for row in rows] == [SARI, BUDI, RETIRED]
    assert len(check_roster(table, {})[1]) == 1, "without partial only the cause is told"


def test_a_partial_import_does_not_close_a_loop_through_what_a_rejected_row_would_have_changed() -> None:
    table = read_table("a.csv", as_csv(person(HEAD, tmt="never", nip_atasan="LUAR"), person(SARI, nip_atasan=HEAD)))
    rows, problems = check_roster(table, {HEAD: SARI, SARI: None}, partial=True)
    assert rows == ()
    assert found(problems) == [(2, "tmt", "bad_date"), (3, "nip_atasan", "loop_in_line")]


def test_the_row_of_names_is_judged_before_any_row() -> None:
    table = read_table("a.csv", b"nip,nama,gaji,nama,,jabatan\n1,2,3,4,5,6\n")
    rows, problems = check_roster(table, {})
    assert rows == ()
    assert {(problem.column, problem.code) for problem in problems} == {
        *((name, "missing_column") for name in REQUIRED_COLUMNS if name not in ("nip", "nama", "jabatan")),
        ("gaji", "unknown_column"),
        ("nama", "duplicate_column"),
        ("", "unknown_column"),
    }


def test_a_row_longer_than_the_names_is_refused_but_empty_cells_are_not() -> None:
    data = as_csv(person(SARI)) + b",,\r\n" + as_csv(person(BUDI)).split(b"\r\n")[1] + b",x"
    assert found(check_roster(read_table("a.csv", data), {})[1]) == [(3, "", "extra_cells")]


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


ONE = as_csv(person(SARI))


@pytest.mark.parametrize(
    ("filename", "data", "code"),
    [
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"\xef\xbb\xbf", "empty_file"),
        ("a.csv", b" \r\n,,,\r\n", "empty_file"),
        ("a.csv", ONE.split(b"\r\n")[0], "no_rows"),
        ("a.csv", "é".encode("latin-1") + ONE, "not_utf8"),
        ("a.csv", ONE.decode().encode("utf-16"), "not_utf8"),
        ("a.csv", ONE + b"\0", "nul_byte"),
        ("a.csv", ONE + b'\r\n"never closed', "bad_csv"),
        ("a.csv", ONE + b'\r\n"' + b"x" * 200_000 + b'"', "bad_csv"),
        ("a.xlsx", ONE, "not_xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "not_xlsx"),
        ("a.xlsx", as_xlsx(person(SARI))[:-100], "not_xlsx"),
        ("a.xlsx", archive(**{"readme.txt": b"x"}), "not_xlsx"),
        ("a.xlsx", archive(**{"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "not_xlsx"),
        ("a.xlsx", archive(**{"xl/worksheets/sheet1.xml": bytes(40 * 2**20)}), "file_too_big"),
        ("a.xlsx", archive(**{"xl/styles.xml": bytes(3 * 2**20)}), "file_too_big"),
    ],
)
def test_a_file_that_cannot_be_read_has_one_problem(filename: str, data: bytes, code: str) -> None:
    assert refused(filename, data) == code


@pytest.mark.parametrize(("filename", "make"), [("a.csv", as_csv), ("a.xlsx", as_xlsx)])
def test_the_limits_are_of_people_and_of_bytes(filename: str, make: Callable[..., bytes]) -> None:
    data = make(person(SARI), person(BUDI))
    assert read_table(filename, data, rows_max=2).readable
    assert refused(filename, data, rows_max=1) == "too_many_rows"
    assert refused(filename, data, bytes_max=100) == "file_too_big"


def test_a_sheet_with_a_far_row_and_far_columns_costs_no_memory() -> None:
    row = '<row r="{0}"><c r="XFD{0}" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = "".join(row.format(number) for number in (*range(2, 500), 1_048_576))
    data = io.BytesIO(as_xlsx(person(SARI)))
    out = io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", sheet.encode() + b"</sheetData>")
            new.writestr(part, content)
    table = read_table("a.xlsx", out.getvalue())
    assert len(table.rows) == 1


def test_every_sentence_exists_in_both_languages_and_takes_the_same_values() -> None:
    for indonesian, english in SENTENCES.values():
        assert indonesian.format(value=1, limit=2) != english.format(value=1, limit=2)
        assert english


cells = st.dictionaries(
    st.sampled_from(COLUMNS), st.text(max_size=12) | st.sampled_from([SARI, HEAD, "LUAR", "2027-01-01"])
)


@given(filename=st.sampled_from(["a.csv", "a.xlsx", ""]), data=st.binary(max_size=400))
def test_no_bytes_make_reading_raise(filename: str, data: bytes) -> None:
    assert isinstance(read_table(filename, data), Table)


@given(text=st.text(st.sampled_from('nipama_utjbg,;"\n\r é0\t'), max_size=200), start=st.booleans())
def test_no_text_makes_reading_or_checking_raise(text: str, start: bool) -> None:
    check_roster(read_table("a.csv", (ONE.split(b"\r\n")[0] if start else b"") + text.encode()), {})


@given(people=st.lists(cells, min_size=1, max_size=6), partial=st.booleans())
def test_no_cells_make_checking_raise_and_a_row_is_sound_or_has_a_problem(
    people: list[dict[str, str]], partial: bool
) -> None:
    table = read_table("a.csv", as_csv(*(person(HEAD) | row for row in people)))
    rows, problems = check_roster(table, {}, partial=partial)
    told = {problem.row for problem in problems}
    assert not told & {row.row for row in rows}
    if table.readable:
        assert {row.line for row in table.rows} == told | {row.row for row in rows}
    for problem in problems:
        (problem.message_id + problem.message_en + problem.column).encode()


@settings(max_examples=60)
@given(at=st.integers(0, 6_000), byte=st.integers(0, 255))
def test_no_damage_to_a_workbook_makes_reading_raise(at: int, byte: int) -> None:
    data = bytearray(WORKBOOK)
    data[at % len(data)] = byte
    check_roster(read_table("a.xlsx", bytes(data)), {})


WORKBOOK = as_xlsx(FULL, TOP)
