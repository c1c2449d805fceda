"""How a correction of a running cycle's pack is told: each place that differs, and whom that reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from api.calendar import EffectOut
from api.exact import Exact
from api.problem_shown import ProblemOut
from models.language import Bilingual
from models.pack_changes import Change, ChangeKind
from models.pack_check import line_in
from models.shelf import Shelf
from models.vocabulary import Language

NAMED_MAX = 200
"""So many years are named; the count is of all."""


class ChangeShown(Exact):
    """One place where the packs differ, by the names of what is there; `line` is of the pack's file, or of that it builds on (`of`).

    `why` says what stands against it in this cycle, where something does.
    """

    kind: ChangeKind
    where: str
    line: int | None
    of: str | None
    why: str | None


class YearsShown(Exact):
    """How many years, and the first of them by id."""

    count: int
    appraisals: Annotated[list[UUID], Field(max_length=NAMED_MAX)]


class CorrectedOut(Exact):
    """What the corrected pack does: `time` to what is due, `drafts` and `handed_in` to forms that it finds problems in.

    `final` are years that are final, stay as they are and would come out differently. `windows` of the cycle's calendar are moved with
    the pack's; `windows_kept` are not, because HR had moved them. `differences` is the digest that the cycle's trail keeps.
    """

    policy: str
    from_version: int
    to_version: int
    differences: str
    changes: list[ChangeShown]
    windows: list[str]
    windows_kept: list[str]
    time: EffectOut
    drafts: YearsShown
    handed_in: YearsShown
    final: YearsShown
    version: int


class NotFollowedOut(ProblemOut):
    """With `policy_not_followed`, every change that cannot be made; `rated` are the years that scoring would have to be done anew for."""

    changes: list[ChangeShown] | MISSING = MISSING
    rated: YearsShown | MISSING = MISSING


@dataclass(frozen=True)
class Shown:
    """Changes as they are told of one pack's file, in one language."""

    shelf: Shelf
    policy: str
    spoken: Language

    def change(self, one: Change, against: Bilingual | None = None) -> dict[str, object]:
        files = self.shelf.files()
        line, of = line_in(files[self.policy].read_text(encoding="utf-8"), files, one.path)
        why = one.why or against
        said = None if why is None else why.say(self.spoken)
        return {"kind": one.kind.value, "where": ".".join(one.where), "line": line, "of": of, "why": said}


def years(ids: Sequence[str]) -> dict[str, object]:
    return {"count": len(ids), "appraisals": list(ids[:NAMED_MAX])}
