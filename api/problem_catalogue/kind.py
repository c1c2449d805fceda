"""One entry of the catalogue of problems."""

from __future__ import annotations

from dataclasses import dataclass

from models.language import Bilingual


@dataclass(frozen=True)
class Kind:
    """The HTTP status, a title, and a sentence with `{placeholders}`."""

    status: int
    title: Bilingual
    detail: Bilingual


def kind(status: int, title_id: str, title_en: str, detail_id: str, detail_en: str) -> Kind:
    """In both languages, each as it is said."""
    return Kind(status, Bilingual(id=title_id, en=title_en), Bilingual(id=detail_id, en=detail_en))
