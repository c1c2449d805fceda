"""A form as it is printed, by the pack's own description of it: a new pack prints without a line of code.

Short answers become pairs, long ones texts, lists tables; a list inside a list stands beside its row as long as the page
is wide enough, else in a table of its own. Optional columns that nobody filled are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from activities.documents import indonesian
from activities.documents.sheet import Cell, Column, Line, Section, Table
from models.form_spec import (
    AnyField,
    BooleanField,
    ChoiceField,
    DateField,
    EachField,
    FormSpec,
    GroupField,
    KeyField,
    NumberField,
    RowsField,
    TextField,
)
from models.policy import PolicyPack

Leaf = TextField | NumberField | DateField | BooleanField | ChoiceField
Data = Mapping[str, object]

NOTHING = "–"
NUMBER = Column(title="No.", share=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a source: a planned result, or a criterion with its guide lines."""

    title: str
    guide: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What keys in forms mean: `results`, `superior_results`, `criteria:<name>`."""

    entries: Mapping[str, Mapping[str, Entry]]

    @classmethod
    def of(cls, pack: PolicyPack, results: Mapping[str, str], superior_results: Mapping[str, str]) -> Sources:
        criteria = {
            f"criteria:{name}": {c.id: Entry(c.title.id, tuple(line.id for line in c.guide)) for c in listed}
            for name, listed in pack.criteria.items()
        }
        return cls(
            {
                "results": {key: Entry(title) for key, title in results.items()},
                "superior_results": {key: Entry(title) for key, title in superior_results.items()},
                **criteria,
            }
        )

    def title(self, source: str, key: str) -> str:
        entry = self.entries.get(source, {}).get(key)
        return entry.title if entry else key


def printed(spec: FormSpec, data: Data, sources: Sources, *, columns_max: int) -> tuple[Section, ...]:
    """The sections of a form, in the order of the pack; `columns_max` is what the page is wide enough for."""
    return tuple(_sections(spec.fields, data, sources, columns_max, None))


def _sections(
    fields: Sequence[AnyField], data: Data, sources: Sources, columns_max: int, title: str | None
) -> Iterator[Section]:
    pairs = [
        Line(title=field.title.id, text=said(field, data.get(field.name), sources))
        for field in fields
        if _is_leaf(field) and not _is_long(field) and (field.required or _filled(data.get(field.name)))
    ]
    if pairs:
        yield Section(title=title, pairs=tuple(pairs))
    for field in fields:
        value = data.get(field.name)
        if not _filled(value):
            continue
        if isinstance(field, RowsField | EachField):
            yield Section(title=field.title.id, tables=tuple(_tables(field, value, sources, columns_max)))
        elif isinstance(field, GroupField) and isinstance(value, Mapping):
            yield from _sections(field.fields, value, sources, columns_max, field.title.id)
        elif _is_long(field):
            yield Section(title=title, texts=(Line(title=field.title.id, text=str(value)),))


def _tables(field: RowsField | EachField, value: object, sources: Sources, columns_max: int) -> Iterator[Table]:
    """The list itself, and each list inside it that has no room beside its row."""
    rows = _rows(field, value, sources)
    inner: list[RowsField] = [f for f in field.fields if isinstance(f, RowsField) and _any(f, rows)]
    leaves = _leaves(field.fields, rows)
    width = 1 + isinstance(field, EachField) + len(leaves)
    beside = inner[0] if inner and width + len(inner[0].fields) <= columns_max else None
    yield _table(field, rows, leaves, beside, sources)
    for nested in inner:
        if nested is not beside:
            yield _nested(field, nested, rows, sources)


def _table(
    field: RowsField | EachField,
    rows: Sequence[tuple[Entry, Data]],
    leaves: Sequence[AnyField],
    beside: RowsField | None,
    sources: Sources,
) -> Table:
    nested = (
        _leaves(beside.fields, [r for _, row in rows for r in _rows(beside, row.get(beside.name), sources)])
        if beside
        else []
    )
    columns = [NUMBER]
    if isinstance(field, EachField):
        columns.append(Column(title=_entry_title(field), share=1.6))
    columns += [_column(f) for f in (*leaves, *nested)]
    lines: list[tuple[Cell, ...]] = []
    for number, (entry, row) in enumerate(rows, 1):
        inner = _rows(beside, row.get(beside.name), sources) if beside else []
        span = max(1, len(inner))
        first = [Cell(text=f"{number}", span=span)]
        if isinstance(field, EachField):
            first.append(Cell(text=entry.title, guide=entry.guide, span=span))
        first += [Cell(text=said(f, row.get(f.name), sources), span=span) for f in leaves]
        beginnings = [[Cell(text=said(f, part.get(f.name), sources)) for f in nested] for _, part in inner]
        if nested and not beginnings:
            beginnings = [[Cell(text=NOTHING) for _ in nested]]
        lines.append((*first, *(beginnings[0] if beginnings else ())))
        lines += [tuple(more) for more in beginnings[1:]]
    return Table(columns=tuple(columns), rows=tuple(lines))


def _nested(
    field: RowsField | EachField, nested: RowsField, rows: Sequence[tuple[Entry, Data]], sources: Sources
) -> Table:
    parts = [
        (number, r) for number, (_, row) in enumerate(rows, 1) for _, r in _rows(nested, row.get(nested.name), sources)
    ]
    leaves = _leaves(nested.fields, [(Entry(""), r) for _, r in parts])
    return Table(
        title=f"{nested.title.id} (nomor menurut {field.title.id.lower()})",
        columns=(NUMBER, *(_column(f) for f in leaves)),
        rows=tuple(
            (Cell(text=f"{n}"), *(Cell(text=said(f, r.get(f.name), sources)) for f in leaves)) for n, r in parts
        ),
    )


def _rows(field: RowsField | EachField, value: object, sources: Sources) -> list[tuple[Entry, Data]]:
    """The rows that were written, or one for every entry of the source that was answered."""
    if isinstance(field, RowsField):
        return [(Entry(""), row) for row in value if isinstance(row, Mapping)] if isinstance(value, Sequence) else []
    answers = value if isinstance(value, Mapping) else {}
    known = sources.entries.get(field.of, {})
    listed = {key: entry for key, entry in known.items() if key in answers or field.of == "results"}
    listed |= {str(key): Entry(str(key)) for key in answers if key not in known}
    return [(entry, row if isinstance(row := answers.get(key), Mapping) else {}) for key, entry in listed.items()]


def _leaves(fields: Sequence[AnyField], rows: Sequence[tuple[Entry, Data]]) -> list[AnyField]:
    return [f for f in fields if _is_leaf(f) and (f.required or _any(f, rows))]


def _any(field: AnyField, rows: Sequence[tuple[Entry, Data]]) -> bool:
    return any(_filled(row.get(field.name)) for _, row in rows)


def _filled(value: object) -> bool:
    return value not in (None, "", [], {}, ())


def _is_leaf(field: AnyField) -> bool:
    return not isinstance(field, RowsField | EachField | GroupField | KeyField)


def _is_long(field: AnyField) -> bool:
    return isinstance(field, TextField) and field.type == "long_text"


def _column(field: AnyField) -> Column:
    if _is_long(field):
        return Column(title=field.title.id, share=2)
    return Column(title=field.title.id, share=1.5 if isinstance(field, TextField) and field.limit > 300 else 1)


def _entry_title(field: EachField) -> str:
    return "Hasil kerja" if field.of == "results" else "Uraian"


def said(field: AnyField, value: object, sources: Sources) -> str:
    """One answer as a person reads it."""
    if not _filled(value):
        return NOTHING
    match field:
        case ChoiceField():
            options = {option.value: option.title.id for option in field.options}
            chosen = value if isinstance(value, list) else [value]
            return "; ".join(
                sources.title(field.options_from, str(v)) if field.options_from else options.get(str(v), str(v))
                for v in chosen
            )
        case BooleanField():
            return "Ya" if value else "Tidak"
        case NumberField() if isinstance(value, int | float):
            return indonesian.figure(value)
        case DateField():
            return indonesian.day(date.fromisoformat(str(value)))
    return str(value)
