"""What a decision about an objection puts in the place of a rating: whether it is another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.form_spec import AnyField, ChoiceField, EachField, GroupField, RowsField, TextField
from models.policy import PolicyPack
from models.vocabulary import Decision, Form

RATING = "rating"
"""The field of a decision that holds the new rating."""


def leaves_the_rating(pack: PolicyPack, decision: Mapping[str, object], rating: Mapping[str, object]) -> bool:
    """Whether a decision says that the rating is changed, and then says the same: every choice and figure that its form asks for.

    Words make no other rating, and a tick that is missing is no tick.
    """
    spec = next((field for field in pack.forms[Form.DECISION].fields if field.name == RATING), None)
    new = decision.get(RATING)
    if not isinstance(spec, GroupField) or decision.get("decision") != Decision.CHANGED or not isinstance(new, Mapping):
        return False
    return _entries(spec.fields, new) == _entries(spec.fields, rating)


def _entries(fields: Sequence[AnyField], data: object) -> dict[str, object]:
    entries = data if isinstance(data, Mapping) else {}
    return {field.name: _judged(field, entries.get(field.name)) for field in fields if not isinstance(field, TextField)}


def _judged(field: AnyField, value: object) -> object:
    match field:
        case GroupField():
            return _entries(field.fields, value)
        case EachField():
            entries = value if isinstance(value, Mapping) else {}
            return {key: _entries(field.fields, one) for key, one in entries.items()}
        case RowsField():
            return [_entries(field.fields, one) for one in value] if isinstance(value, list) else []
        case ChoiceField() if isinstance(value, list):
            return sorted(value)
        case _:
            return None if value is False else value
