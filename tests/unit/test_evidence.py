"""A file is what is in it: a name is only believed where the content agrees."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evidence import BYTES_MAX, NAME_MAX, agrees, kind_of, media_type, plain_name
from tests.files import CSV, DOCX, EXE, JPEG, MACROS, PDF, TXT, png, xlsx, zipped

OFFICE = "application/vnd.openxmlformats-officedocument"
TAKEN = [
    ("sk.pdf", PDF, "application/pdf"),
    ("foto.PNG", png(), "image/png"),
    ("foto.jpeg", JPEG, "image/jpeg"),
    ("rekap.xlsx", xlsx(), f"{OFFICE}.spreadsheetml.sheet"),
    ("laporan.docx", DOCX, f"{OFFICE}.wordprocessingml.document"),
    ("rekap.csv", CSV, "text/csv"),
    ("catatan.txt", TXT, "text/plain"),
]


@pytest.mark.parametrize(("name", "data", "expected"), TAKEN)
def test_a_file_is_taken_as_what_it_is(name: str, data: bytes, expected: str) -> None:
    kind = kind_of(data)
    assert kind is not None
    assert agrees(name, kind)
    assert media_type(name, kind) == expected


@pytest.mark.parametrize(
    "data",
    [
        EXE,
        b"GIF89a\x01\x00\x01\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        MACROS,
        zipped("berkas.txt"),
        zipped("[Content_Types].xml", "xl/workbook.xml", "word/document.xml"),
        b"PK\x03\x04 and nothing more",
        b"PK\x05\x06" + b"\x00" * 18,
        "catatan".encode("utf-16"),
        b"teks\x00biner",
        b"\x1b[31mmerah",
    ],
)
def test_what_is_none_of_these_is_not_taken(data: bytes) -> None:
    assert kind_of(data) is None


def test_a_name_that_says_something_else_does_not_agree() -> None:
    for name, data, _ in TAKEN:
        kind = kind_of(data)
        assert kind is not None
        others = {
            other for other, content, _ in TAKEN if other != name and not (content in (CSV, TXT) and data in (CSV, TXT))
        }
        for other in {*others, "alat.exe", "tanpa", "", ".pdf", "sk.pdf.html"} - {name}:
            assert not agrees(other, kind), (other, kind)


def test_a_list_of_two_hundred_thousand_parts_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: object) -> None:
        raise AssertionError("the list was read")

    monkeypatch.setattr(zipfile, "ZipFile", read)
    with pytest.raises(AssertionError, match="the list was read"):
        kind_of(xlsx())
    assert kind_of(b"PK\x03\x04" + b"PK\x01\x02" * (BYTES_MAX // 4 - 1)) is None


def test_an_archive_of_a_newer_edition_of_the_format_is_not_taken() -> None:
    needed = 6  # where an entry of the list says the edition that reads it, in tenths
    newer = bytearray(xlsx())
    newer[newer.index(b"PK\x01\x02") + needed] = 99
    assert kind_of(bytes(newer)) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("C:\\Users\\sari\\bukti.pdf", "bukti.pdf"),
        ("../../etc/passwd", "passwd"),
        ("bukti\r\nSet-Cookie: a=b.pdf", "buktiSet-Cookie: a=b.pdf"),
        ("laporan\u202efdp.txt", "laporanfdp.txt"),
        ("x" * 400 + ".pdf", "x" * (NAME_MAX - 4) + ".pdf"),
        ("", ""),
    ],
)
def test_a_name_is_kept_without_a_path_and_without_what_is_not_seen(name: str, expected: str) -> None:
    assert plain_name(name) == expected


@given(st.text(max_size=400), st.binary(max_size=200))
def test_whatever_comes_is_judged_and_never_raises(name: str, data: bytes) -> None:
    plain = plain_name(name)
    assert len(plain) <= NAME_MAX
    assert plain_name(plain) == plain
    for start in (b"", b"PK\x03\x04", b"%PDF-"):
        kind = kind_of(start + data)
        assert kind is None or agrees(plain, kind) in (True, False)
