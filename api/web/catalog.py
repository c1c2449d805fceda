"""What the pages say, gathered for whoever translates it: `make catalog`, after which each sentence without a translation is told.

Gathered are `_("…")` and `{% trans %}` of the templates, `_`, `gettext`, `ngettext` and `N_` of this package, and every table of `TABLES`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from api import words
from api.web import sayings
from api.web.language import NAMES, catalog_of

HERE = Path(__file__).parent
TABLES: tuple[ModuleType, ...] = (words, sayings)
"""Modules whose tables are words, all of them."""
OPTIONS = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
OF_THE_DAY = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By): .*\n', re.M
)
"""What a catalog's head says of its making, which would differ in each change."""


def said() -> Catalog:
    """Everything that is to be translated, as it is written now."""
    found = Catalog(project="siklus", fuzzy=False)
    for message, where in sorted(_messages(), key=lambda one: (one[1], str(one[0]))):
        found.add(message, locations=[(where, 1)])
    return found


def kept(language: str) -> Catalog:
    """The translations into that language, as they stand."""
    with catalog_of(language).open("rb") as written:
        return read_po(written, locale=language, abort_invalid=True)


def updated(language: str) -> Catalog:
    """The translations with what is new, and without what is said no more.

    Of a sentence that was changed a little the former translation is kept, marked as fuzzy, which no page shows.
    """
    catalog = kept(language) if catalog_of(language).exists() else Catalog(locale=language, project="siklus")
    catalog.update(said(), update_creation_date=False)
    catalog.obsolete.clear()
    catalog.header_comment = (
        f"# What the pages say in {NAMES[language]}. Gathered by `make catalog`; translated here, by hand."
    )
    catalog.fuzzy = False
    return catalog


def as_text(catalog: Catalog) -> str:
    """The catalog as it stands in its file, in the order of the sentences, so that two changes seldom touch one line."""
    written = BytesIO()
    write_po(written, catalog, sort_output=True, width=120, include_lineno=False)
    return OF_THE_DAY.sub("", written.getvalue().decode())


def untranslated(catalog: Catalog) -> list[Message]:
    """What has no translation, or one that nobody has looked at since the sentence was changed."""
    return [one for one in catalog if one.id and (one.fuzzy or not _whole(one))]


def _whole(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms) and bool(forms)


def _messages() -> Iterator[tuple[str | tuple[str, ...], str]]:
    for template in sorted((HERE / "templates").rglob("*.html")):
        with template.open("rb") as source:
            for _, _, message, _ in babel_extract(source, ("_", "gettext", "ngettext"), (), OPTIONS):
                yield _plain(message), str(template.relative_to(HERE.parent.parent))
    for module in sorted(HERE.glob("*.py")):
        with module.open("rb") as source:
            for _, message, _, _ in extract("python", source):
                yield _plain(message), str(module.relative_to(HERE.parent.parent))
    for table in TABLES:
        where = str(Path(table.__file__ or "").relative_to(HERE.parent.parent))
        for name, value in vars(table).items():
            for one in _strings(value) if name.isupper() and isinstance(value, Mapping) else ():
                yield one, where


def _plain(message: object) -> str | tuple[str, ...]:
    """The sentence, or both of them, without the number that it is about."""
    if isinstance(message, tuple):
        both = tuple(str(one) for one in message if one is not None)
        return both[:2] if len(both) > 1 else both[0]
    return str(message)


def _strings(table: Mapping[object, object]) -> Iterator[str]:
    for value in table.values():
        for one in value if isinstance(value, tuple) else (value,):
            if type(one) is str and one:
                yield one


def main() -> None:
    for language in NAMES:
        if language == "id":
            continue
        catalog, where = updated(language), catalog_of(language)
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(as_text(catalog), encoding="utf-8")
        lacking = untranslated(catalog)
        for one in lacking:
            sys.stdout.write(f"{'fuzzy' if one.fuzzy else 'new'}: {one.id if isinstance(one.id, str) else one.id[0]}\n")
        sys.stdout.write(f"{where}: {len(catalog)} sentences, {len(lacking)} to translate\n")


if __name__ == "__main__":
    main()
