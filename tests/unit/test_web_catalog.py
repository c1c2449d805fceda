"""Everything that a page says can be said in English: what is new, changed, gone or bare is told here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from api.web.catalog import HERE, as_text, kept, said, untranslated, updated
from api.web.door import PAGES
from api.web.language import NAMES, catalog_of
from tests.unit.bare_words import bare

TRANSLATED = [one for one in NAMES if one != "id"]
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
PLACE = re.compile(r"%\(\w+\)s|%%|</?\w[^>]*>")
"""What a translation has to have as the sentence has it: places for words, and tags."""
SENTENCE = re.compile(r"""["'`][A-Z][a-z]+ [a-z]+[^"'`]*["'`]""")
ASK_NO_API = re.compile(r"(^|\.)(next|get|pop)$")


def first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_the_pages_has_a_translation_that_somebody_has_looked_at(language: str) -> None:
    """Where this fails: `make catalog`, translate what it tells, take away `fuzzy` where the translation fits again."""
    there, now = {first(one) for one in kept(language)}, {first(one) for one in said()}
    assert sorted(now - there) == [], "new, and not yet in the catalog"
    assert sorted(there - now) == [], "in the catalog, and said no more"
    assert [first(one) for one in untranslated(kept(language))] == []
    assert [first(one) for one in kept(language).obsolete.values()] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalog_stands_as_it_is_gathered(language: str) -> None:
    assert as_text(updated(language)) == catalog_of(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_places_and_the_tags_of_its_sentence(language: str) -> None:
    for message in kept(language):
        if message.id:
            wanted = sorted(PLACE.findall(first(message)))
            assert [form for form in forms(message) if sorted(PLACE.findall(form)) != wanted] == [], first(message)
            assert list(message.check(kept(language))) == [], first(message)


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_was_translated_is_not_translated_again(language: str) -> None:
    """A word of a table may pass through the catalog twice, so no translation is itself a sentence with another."""
    to = {first(one): forms(one)[0] for one in kept(language) if one.id}
    assert {one: to[one] for one in to.values() if to.get(one, one) != one} == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_template_says_nothing_past_the_catalog(template: Path) -> None:
    assert bare(PAGES, template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "said",
    [
        "<p>Belum ada.</p>",
        "<p>{{ _('Ada') }} orang</p>",
        '<nav aria-label="Halaman">1</nav>',
        '<input placeholder="Cari">',
        '<input data-name="{{ x }} orang">',
        "{{ 'Giliran' if mine else 'Menunggu' }}",
        "{{ name ~ ' orang' }}",
        "{{ name or 'belum ada' }}",
        "{{ name | default('belum ada') }}",
        "{% if a %}<b>{% else %}kosong{% endif %}",
        "{% set name = 'Seluruh daftar' %}",
        "{% macro who() %}Anda{% endmacro %}",
        "{{ again(held, 'Coba lagi') }}",
        "{% for value, title in (('true', 'Ya'), ('false', 'Tidak')) %}{{ title }}{% endfor %}",
        '{% set about %} aria-label="Halaman"{% endset %}',
    ],
)
def test_words_past_the_catalog_are_found_wherever_they_stand(said: str) -> None:
    assert bare(PAGES, said)


@pytest.mark.parametrize(
    "said",
    [
        "<p>{{ _('Belum ada') }} {% trans n=count %}{{ n }} orang{% pluralize %}{{ n }} orang{% endtrans %}</p>",
        "<code>siklus run</code> › 12 · Siklus",
        "<input name=\"nip\"{{ ' checked' if on }} class=\"{{ 'late' if x == 'overdue' }}\">",
        "{% macro where(form) %}/penilaian/{{ form }}?periode={{ n }}{% endmacro %}",
        "{% set field = 'comment' if x else 'reason' %}",
        "{{ words.word(words.STATES, 'done') }} {{ at.strftime('%m/%Y') }} {{ ', ' if not loop.last }}",
    ],
)
def test_what_nobody_reads_is_no_word(said: str) -> None:
    assert bare(PAGES, said) == []


@pytest.mark.parametrize("script", sorted((HERE / "static").glob("*.js")), ids=lambda one: one.name)
def test_a_script_holds_no_sentence_for_its_page_holds_them(script: Path) -> None:
    code = [line for line in script.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("//")]
    assert [line.strip() for line in code if SENTENCE.search(line)] == []


@pytest.mark.parametrize("module", sorted(HERE.glob("*.py")), ids=lambda one: one.name)
def test_a_page_asks_the_api_for_no_language_but_its_own(module: Path) -> None:
    """`spoken()` is to stand where a function of the api takes a language."""
    calls = (one for one in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(one, ast.Call))
    asked = [
        ast.unparse(call)
        for call in calls
        if not ASK_NO_API.search(ast.unparse(call.func))
        for argument in (*call.args, *(one.value for one in call.keywords))
        if isinstance(argument, ast.Constant) and argument.value in NAMES
    ]
    assert asked == []
