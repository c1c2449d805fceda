"""Which kinds of files may be handed in as evidence, told by what is in them. Pure; nothing is unpacked.

A name is only believed where the content agrees: what a browser or an office program would open is what was looked at.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath

BYTES_MAX = 10 * 2**20
NAME_MAX = 150
ZIP_PARTS_MAX = 2000


class FileKind(StrEnum):
    """The kinds that are taken, by the ending of a name."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    XLSX = "xlsx"
    DOCX = "docx"
    CSV = "csv"
    TXT = "txt"


TAKEN = ", ".join(kind.name for kind in FileKind)
OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.XLSX: f"{OFFICE}.spreadsheetml.sheet",
    FileKind.DOCX: f"{OFFICE}.wordprocessingml.document",
    FileKind.CSV: "text/csv",
    FileKind.TXT: "text/plain",
}
MAGIC = {
    b"%PDF-": FileKind.PDF,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"\xff\xd8\xff": FileKind.JPEG,
}
MAIN_PART = {"xl/workbook.xml": FileKind.XLSX, "word/document.xml": FileKind.DOCX}
ALSO = {"jpeg": "jpg", "text": "txt"}
UNREADABLE = (zipfile.BadZipFile, ValueError, OSError, RuntimeError)
"""What `zipfile` raises where it cannot read the list of parts, of a newer edition of the format too."""
UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
"""What no text holds."""


def kind_of(data: bytes) -> FileKind | None:
    """What the content is; `TXT` for whatever is text, which a name may still call CSV. None for what is not taken."""
    for start, kind in MAGIC.items():
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return FileKind.TXT if _is_text(data) else None


def agrees(name: str, kind: FileKind) -> bool:
    """Whether a file of this name may hold this content."""
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    said = ALSO.get(ending, ending)
    return said == kind or (said == FileKind.CSV and kind is FileKind.TXT)


def media_type(name: str, kind: FileKind) -> str:
    """Of a file whose name agrees with its content."""
    is_csv = kind is FileKind.TXT and name.lower().endswith(".csv")
    return MEDIA_TYPES[FileKind.CSV if is_csv else kind]


def plain_name(name: str) -> str:
    """The name without a path and without what is not seen or turns the direction of reading; shortened before its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip()
    stem, dot, ending = seen.rpartition(".")
    return f"{stem[: NAME_MAX - len(ending) - 1]}{dot}{ending}" if dot and len(ending) < 10 else seen[:NAME_MAX]


def _office(data: bytes) -> FileKind | None:
    """XLSX or DOCX by the part that makes it one; with macros it is neither."""
    # Each part is an object while the list is read, and ten megabytes have room for two hundred thousand.
    if data.count(b"PK\x01\x02") > ZIP_PARTS_MAX:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = set(archive.namelist())
    except UNREADABLE:
        return None
    macros = any(part.lower().endswith("vbaproject.bin") for part in parts)
    if macros or "[Content_Types].xml" not in parts:
        return None
    found = [kind for part, kind in MAIN_PART.items() if part in parts]
    return found[0] if len(found) == 1 else None


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return UNWRITTEN.search(text) is None
