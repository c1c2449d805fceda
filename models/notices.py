"""What people are told that no policy pack owns: agency-wide texts, and the words around a morning's digest.

Data like a pack's (`models/notices.toml`), validated once: a text may only name what stands in `WORDS`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from models.appraisal import Frozen
from models.language import Bilingual
from models.vocabulary import GrantedRole

FILE = Path(__file__).with_suffix(".toml")
GIVEN = frozenset({"link", "actor", "cycle", "employee"})
"""Words that the notice's row gives; the others are its facts."""
WORDS = GIVEN | {"person", "role", "from", "until", "count"}

ROLE_NAMES: dict[GrantedRole, Bilingual] = {
    GrantedRole.HR: Bilingual(id="pengelola kinerja", en="HR officer"),
    GrantedRole.BOARD: Bilingual(id="tim penilai kinerja", en="performance board"),
    GrantedRole.AUDITOR: Bilingual(id="auditor", en="auditor"),
    GrantedRole.UNIT_HEAD: Bilingual(id="pimpinan unit", en="unit head"),
    GrantedRole.PYB: Bilingual(id="pejabat yang berwenang", en="authorised official"),
}


class AgencyText(Frozen):
    """Templates with the words of `WORDS`; a fact of the notice fills each that its row does not."""

    subject: Bilingual
    body: Bilingual
    heading: Bilingual | None = None
    """What a morning's digest gathers notices of this kind under; without one each is told by its subject."""

    @property
    def asks_for(self) -> frozenset[str]:
        said = (self.subject, self.body, self.heading)
        return frozenset[str]().union(*(sentence.asks_for for sentence in said if sentence is not None))

    @property
    def facts(self) -> frozenset[str]:
        """The facts a notice with this text must carry."""
        return self.asks_for - GIVEN

    @model_validator(mode="after")
    def _says_only_what_it_may(self) -> Self:
        if unknown := self.asks_for - WORDS:
            raise ValueError(f"a notice may not say {', '.join(sorted(unknown))}")
        if self.heading is not None and self.heading.asks_for:
            raise ValueError("a heading stands over many notices, so it names nothing of one")
        return self


class DigestWords(Frozen):
    """The words around a morning's notices: `{count}`, `{due}`, `{link}`."""

    subject: Bilingual
    opening: Bilingual
    due: Bilingual
    overdue: Bilingual
    more: Bilingual
    closing: Bilingual

    @model_validator(mode="after")
    def _says_only_what_it_may(self) -> Self:
        may = {"subject": {"count"}, "due": {"due"}, "overdue": {"due"}, "more": {"count"}, "closing": {"link"}}
        for name in type(self).model_fields:
            said: Bilingual = getattr(self, name)
            if unknown := said.asks_for - may.get(name, set()):
                raise ValueError(f"the digest's {name} may not say {', '.join(sorted(unknown))}")
        return self


class AgencyNotices(Frozen):
    digest: DigestWords
    texts: dict[str, AgencyText] = Field(min_length=1)


@cache
def agency_notices() -> AgencyNotices:
    """The texts that ship with this edition."""
    return AgencyNotices.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
