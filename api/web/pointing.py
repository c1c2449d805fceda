"""Where on a form's page each problem stands, and the list of them at its top: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.web.fields import Field, Kind


@dataclass(frozen=True)
class Pointer:
    """One problem as the top of the page names it: a link to its field; `id` is empty where it is the whole form's."""

    id: str
    where: str
    """The rows and parts that the field lies in, for who reads the list before she sees the field."""
    message: str


def at_fields(form: Field, problems: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Each sentence at the closest field that can be seen, of its pointer or above; at last at the form itself."""
    seen = {field.name for field in _all(form) if field.kind is not Kind.KEY}
    found: dict[str, list[str]] = {}
    for pointer, sentences in problems.items():
        place = pointer
        while place not in seen:
            place = place.rpartition("/")[0]
        found.setdefault(place, []).extend(sentences)
    return found


def pointers(form: Field) -> list[Pointer]:
    """What is wrong with a form, in the order of its page."""
    return list(_pointed(form, (), ()))


def _pointed(field: Field, around: tuple[str, ...], within: tuple[str, ...]) -> Iterator[Pointer]:
    """`around` is what the field lies in, `within` what lies in it has around it."""
    for message in field.problems:
        yield Pointer(field.id if field.name else "", ", ".join(around), message)
    for number, inner in enumerate(field.inside, 1):
        if field.kind is Kind.ROWS:
            row = (*around, f"{field.title} {number}")
            yield from _pointed(inner, row, row)
        else:
            part = (inner.title,) if inner.kind is Kind.GROUP and inner.title else ()
            yield from _pointed(inner, within, within + part)


def _all(field: Field) -> Iterator[Field]:
    yield field
    for inner in field.inside:
        yield from _all(inner)
