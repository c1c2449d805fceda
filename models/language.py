"""Sentences for people, each in both languages.

Indonesian comes first: whatever language is asked for that is not English is answered in Indonesian.
"""

from __future__ import annotations

from string import Formatter

from models.appraisal import Frozen
from models.vocabulary import Language


class Bilingual(Frozen):
    """A sentence for people, in both languages."""

    id: str
    en: str

    def say(self, language: Language) -> str:
        return self.en if language == "en" else self.id

    @property
    def asks_for(self) -> frozenset[str]:
        """The names that its `{placeholders}` have in either language."""
        parsed = (part for said in (self.id, self.en) for part in Formatter().parse(said))
        return frozenset(name for _, name, _, _ in parsed if name is not None)

    def fill(self, **words: Bilingual | str) -> Bilingual:
        """The same sentence with its `{placeholders}` filled, each language with its own words."""
        return Bilingual(
            id=self.id.format_map({k: w.id if isinstance(w, Bilingual) else w for k, w in words.items()}),
            en=self.en.format_map({k: w.en if isinstance(w, Bilingual) else w for k, w in words.items()}),
        )
