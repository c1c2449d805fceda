"""Which text the fonts at hand can show; what they cannot is printed as `[U+4E2D]`: PDF/A allows no missing glyph.

Nothing but control characters is ever dropped, and no invisible character can turn the order of what is read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import cache

import typst

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]")
"""Characters that reorder what stands beside them, and those whose meaning is private: shown by number."""
PLAIN = re.compile("[\t\n\x20-\x7e\xa0-\u017f\u2010-\u2026]*")
"""What all our fonts surely have."""
LONG_WORD = re.compile(r"[^\s\u200b]{21,}")
ID = re.compile("[0-9a-f-]{32,64}")
"""Ids and hashes stay whole, so that they can be copied from the page."""
BREAK_EVERY = 10
PROBE = b'#set text(font: "Libertinus Serif", lang: "id")\n#set page(width: auto, height: auto)\n#sys.inputs.text'

_known: dict[str, bool] = {}
_lock = threading.Lock()


@cache
def fonts() -> typst.Fonts:
    """The fonts inside typst and no others, so that every machine prints the same."""
    return typst.Fonts(include_system_fonts=False)


def showable(text: str) -> str:
    """The same text in glyphs we have, with places to break where a word is longer than a narrow column."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = TURNS.sub(lambda found: by_number(found.group()), text)
    if not PLAIN.fullmatch(text):
        missing = without_glyph(text)
        text = "".join(by_number(c) if c in missing else c for c in text)
    return LONG_WORD.sub(_breakable, text)


def plain_only(text: str) -> str:
    """Everything that is not plainly Latin by its number: what is left to do when a combination cannot be set."""
    return "".join(c if PLAIN.fullmatch(c) or c == "\u200b" else by_number(c) for c in text)


def by_number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def without_glyph(text: str) -> frozenset[str]:
    """The characters of this text that no font at hand has. Each is tried once in the life of the process."""
    unknown = {c for c in text if not PLAIN.fullmatch(c)}
    with _lock:
        _try(sorted(unknown - _known.keys()))
    return frozenset(c for c in unknown if not _known[c])


def _try(characters: list[str]) -> None:
    """Set them together; where that fails, each half by itself, down to the ones at fault."""
    if not characters:
        return
    good = _can_set(characters)
    if good or len(characters) == 1:
        _known.update(dict.fromkeys(characters, good))
        return
    middle = len(characters) // 2
    _try(characters[:middle])
    _try(characters[middle:])


def _can_set(characters: Iterable[str]) -> bool:
    try:
        typst.compile(
            PROBE,
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"text": " ".join(characters)},
            format="pdf",
            pdf_standards="a-2b",
        )
    except typst.TypstError:
        return False
    return True


def _breakable(found: re.Match[str]) -> str:
    """Zero-width breaks: after a separator, else every few characters."""
    if ID.fullmatch(found.group()):
        return found.group()
    parts, since = [], 0
    for character in found.group():
        parts.append(character)
        since += 1
        if since >= BREAK_EVERY or (since > 2 and character in "/-_.@?&="):
            parts.append("\u200b")
            since = 0
    return "".join(parts)
