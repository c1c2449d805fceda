"""The papers of an appraisal as PDF/A-2b: plan (SKP), evaluation, appeal.

Typeset by typst from templates beside this file, with the fonts inside typst, without network or clock: the same facts
give the same bytes. All text travels as JSON data, so nothing a person wrote is ever markup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import typst

from activities.documents.glyphs import fonts, plain_only, showable
from activities.documents.sheet import DocumentFacts, Kind
from models.trail import canonical, sha256

TEMPLATES = Path(__file__).parent

__all__ = ["DocumentFacts", "Kind", "content_hash", "render"]


def content_hash(facts: DocumentFacts) -> str:
    """The hash printed on every page: of the facts, since a file cannot contain its own."""
    return sha256(canonical(facts.model_dump(mode="json")))


def render(kind: Kind, facts: DocumentFacts) -> bytes:
    """The document as PDF/A-2b. Blocks for some 50 ms, so call it in a thread.

    Raises `ValueError` for an evaluation or an appeal without a result.
    """
    if kind != "plan" and facts.result is None:
        raise ValueError(f"the document {kind!r} needs a result")
    shown = _texts(facts.model_dump(mode="json"), showable)
    try:
        return _compiled(kind, shown, facts)
    except typst.TypstError:
        # Every character has a glyph, so it is a combination that the fonts cannot set together.
        return _compiled(kind, _texts(shown, plain_only), facts)


def _compiled(kind: Kind, shown: object, facts: DocumentFacts) -> bytes:
    compiler = typst.Compiler(
        TEMPLATES / f"{kind}.typ",
        root=TEMPLATES,
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"facts": canonical(shown).decode(), "content_hash": content_hash(facts)},
    )
    made = compiler.compile(
        format="pdf", pdf_standards="a-2b", timestamp=facts.at.astimezone(UTC).replace(microsecond=0)
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made no single PDF")
    return made


def _texts(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {name: _texts(item, change) for name, item in value.items()}
    return value
