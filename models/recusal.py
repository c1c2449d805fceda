"""Recusal: whoever is close to somebody neither rates her nor decides about her; the next in the chain does (DOMAIN 3.14).

It is about two people, not about an appraisal: every year of hers that is open asks for it, by date, as it asks for the line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from models.language import Bilingual

FILE = Path(__file__).with_name("relations.toml")


@dataclass(frozen=True, slots=True)
class Recusal:
    """`person` steps back from `about` from that local day of hers on, until it is withdrawn."""

    person: UUID
    about: UUID
    start: date


class Refusal(NamedTuple):
    """Why something cannot be declared, and which field says it."""

    field: Literal["about", "kind"]
    code: Literal["of_oneself", "unknown_kind", "already_recused", "decides_nothing"]


@cache
def relation_kinds() -> Mapping[str, Bilingual]:
    """The kinds of relations that ship with this edition, by id."""
    return TypeAdapter(dict[str, Bilingual]).validate_python(tomllib.loads(FILE.read_text(encoding="utf-8"))["kinds"])


def refusal(wanted: Recusal, kind: str, known: Collection[UUID], deciding: Collection[UUID]) -> Refusal | None:
    """Why this cannot be declared; None where it can.

    `known` have stepped back from her already, and so are not among `deciding`: who rates her, may take over or decides about her,
    today or by what is recorded.
    """
    if wanted.person == wanted.about:
        return Refusal("about", "of_oneself")
    if kind not in relation_kinds():
        return Refusal("kind", "unknown_kind")
    if wanted.person in known:
        return Refusal("about", "already_recused")
    if wanted.person not in deciding:
        return Refusal("about", "decides_nothing")
    return None
