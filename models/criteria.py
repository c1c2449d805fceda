"""What of a pack can be spoken of one by one: each criterion, each part of the value, each part of the rating, by its place in the pack."""

from __future__ import annotations

from models.language import Bilingual
from models.numeric_spec import NumericScoring
from models.policy import PolicyPack
from models.vocabulary import Form


def criteria_of(pack: PolicyPack) -> dict[str, Bilingual]:
    """Titles by key, as `criteria.behaviour.akuntabel`; a key names one thing."""
    found = {f"criteria.{name}.{one.id}": one.title for name, listed in pack.criteria.items() for one in listed}
    if isinstance(pack.scoring, NumericScoring):
        found |= {f"scoring.parts.{part.id}": part.title for part in pack.scoring.parts}
    return found | {f"forms.rating.{field.name}": field.title for field in pack.forms[Form.RATING].fields}
