"""Whether a form lets somebody write what the value cannot count, and whether each line of an outcome can be told from the others.

Asked of a pack that is written (`models.pack_check`), not of one that was frozen. Examples show one answer of those that a form takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from models.form_spec import ChoiceField, NumberField
from models.misfits import Misfit, Path
from models.numeric_spec import AchievementPart, NumericScoring
from models.policy import PolicyPack
from models.vocabulary import Form

LINES = frozenset({"total", "label", "withheld", "credit", "organisation"})
"""What the other lines of an outcome are about."""
POLARITIES = frozenset({"more", "less"})


def misfits_of_the_unrated(pack: PolicyPack) -> Iterator[Misfit]:
    """All answers of a plan that nobody could be rated by, rules that wait for what no form says, and parts under a name that is taken."""
    for form, spec in pack.forms.items():
        several = {one.name for one in spec.fields if one.type == "choices"}
        for place, rule in enumerate(spec.rules):
            if rule.field in several:
                said = f"the rule waits for one value of {rule.field!r}, of which several are chosen: it never holds"
                yield Misfit(("forms", form.value, "rules", place), said)
    if isinstance(pack.scoring, NumericScoring):
        for place, part in enumerate(pack.scoring.parts):
            if part.id in LINES:
                said = f"the part {part.id!r} has the name of another line of the outcome"
                yield Misfit(("scoring", "parts", place, "id"), said)
            if isinstance(part, AchievementPart):
                yield from _of_plans(pack, part)


def _of_plans(pack: PolicyPack, part: AchievementPart) -> Iterator[Misfit]:
    """What a plan may say of a result, of which what was realised then comes to nothing that counts."""
    plan = pack.forms[Form.PLAN]
    rows = plan.results
    if rows is None:
        return
    places: dict[str, Path] = {
        field.name: ("forms", "plan", "fields", plan.fields.index(rows), "fields", place)
        for place, field in enumerate(rows.fields)
    }
    asked = {field.name: field for field in rows.fields}
    known: dict[str, Collection[str]] = {part.polarity: POLARITIES, part.significance: part.significances}
    for name, values in known.items():
        choice = asked.get(name)
        for place, option in enumerate(choice.options if isinstance(choice, ChoiceField) else ()):
            if option.value not in values:
                said = f"a plan may say {name} = {option.value!r}, which the part {part.id!r} does not know"
                yield Misfit((*places[name], "options", place), f"{said}: nobody could be rated by it")
    target, direction = asked.get(part.target), asked.get(part.polarity)
    more = isinstance(direction, ChoiceField) and any(option.value == "more" for option in direction.options)
    if more and isinstance(target, NumberField) and target.minimum <= 0:
        said = f"a plan may say {part.target} = 0, of which nothing can be reached where more is better"
        yield Misfit((*places[part.target], "minimum"), f"{said}: it needs a minimum above 0")
