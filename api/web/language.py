"""In which language a page is: chosen by a link, kept in a cookie, held for one request (decision 39).

What templates and tables of words say is Indonesian; another language is a catalog of translations beside them, read as text at the start.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType, ModuleType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from models.vocabulary import Language

COOKIE = "siklus_language"
NAMES: Mapping[Language, str] = MappingProxyType({"id": "Bahasa Indonesia", "en": "English"})
"""Each language as it calls itself."""


def catalog_of(language: Language) -> Path:
    """Where the translations into that language stand."""
    return Path(__file__).parent / "locale" / language / "LC_MESSAGES" / "siklus.po"


def _translations(language: Language) -> NullTranslations:
    """The catalog as the standard library takes it, made in memory: nothing has to be compiled before the start."""
    if language == "id":
        return NullTranslations()
    made = BytesIO()
    with catalog_of(language).open("rb") as written:
        write_mo(made, read_po(written, locale=language))
    made.seek(0)
    return GNUTranslations(made)


TRANSLATIONS: Mapping[Language, NullTranslations] = {one: _translations(one) for one in NAMES}


@dataclass(frozen=True)
class Reading:
    """What one request is answered in, and where it stands, for the link to the other language."""

    language: Language = "id"
    here: str = "/"


_NOTHING = Reading()
_READING: ContextVar[Reading] = ContextVar("reading", default=_NOTHING)


@contextlib.contextmanager
def reading(language: Language, here: str = "/") -> Iterator[None]:
    """Whatever is said in here, and in what is begun in here, is said in this language; nowhere else is."""
    token = _READING.set(Reading(language, here))
    try:
        yield
    finally:
        _READING.reset(token)


def spoken() -> Language:
    """The language of the page that is being made; Indonesian outside any."""
    return _READING.get().language


def here() -> str:
    """The address of the page that is being made, without the host."""
    return _READING.get().here


def chosen(cookies: Mapping[str, str]) -> Language:
    """What was chosen in this browser; Indonesian where nothing was, whatever language the browser is in."""
    wanted = cookies.get(COOKIE)
    return next((one for one in NAMES if one == wanted), "id")


def N_(said: str) -> str:  # as it is called wherever there are catalogs
    """The sentence as it is: marks for the catalog what is translated where it is shown."""
    return said


def gettext(said: str) -> str:
    """The sentence in the language of the page."""
    return TRANSLATIONS[spoken()].gettext(said) if said else said  # of nothing a catalog would tell its header


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence about so many, in the language of the page. Indonesian has one for any number."""
    return TRANSLATIONS[spoken()].ngettext(one, many, count)


class Words:
    """A module of words, as templates see it: its tables say everything in the language of the page."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> object:
        found = getattr(self._module, name)
        return Table(found) if isinstance(found, Mapping) else found


class Table(Mapping[str, object]):
    """A table of words in the language of the page."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table

    def __getitem__(self, key: str) -> object:
        found = self._table[key]
        if isinstance(found, tuple):
            return tuple(gettext(one) for one in found)
        return gettext(found) if isinstance(found, str) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
