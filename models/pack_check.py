"""Whether a pack keeps what it promises: its forms can be filled by their own examples, and its worked examples come to what it says.

What does not hold together at all is refused when the pack is built (`models.policy`); here a pack that could be built is tried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path as FilePath

from pydantic import ValidationError

from models.form_spec import FormContext, ResultRef
from models.forms import Problem, example, planned, problems, results_of
from models.misfits import Misfit, Path, misfits_of
from models.outcome import MissingPart, Outcome, ScoringContext
from models.pack_dead import misfits_of_the_dead, unused_ladders
from models.pack_file import PackFileError, chain, resolved
from models.pack_lines import line_of
from models.pack_unrated import misfits_of_the_unrated
from models.pack_year import misfits_of_year
from models.policy import PolicyPack
from models.scoring import score
from models.vocabulary import EmployeeKind, Form, JobLevel
from models.worked import WorkedExample, overlaid

ABOVE = (ResultRef(id="a1", title="Hasil kerja pimpinan"),)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a person has to mend in a file: the line, counted from 1, where it is, if the file says it at all."""

    line: int | None
    where: str
    message: str
    of: str | None = None
    """The pack whose file has that line, where this one took it over and says nothing of it itself."""


def read(text: str, shelf: Mapping[str, FilePath]) -> tuple[PolicyPack | None, list[Mistake]]:
    """The pack that a file describes, and all that is wrong with it; None where it is no pack at all."""
    pack: PolicyPack | None = None
    try:
        pack = PolicyPack.model_validate(resolved(text, shelf))
        found = [*tried(pack), *_own_ladders(pack, text)]
    except PackFileError as error:
        found = [Misfit(error.path, str(error))]
    except ValidationError as error:
        found = list(misfits_of(error))
    return pack, [_mistake(text, one, shelf) for one in found]


def _own_ladders(pack: PolicyPack, text: str) -> Iterator[Misfit]:
    for name in unused_ladders(pack):
        if line_of(text, ("ladders", name)) is not None:
            yield Misfit(("ladders", name), f"no step goes by the ladder {name!r}")


def _mistake(text: str, found: Misfit, shelf: Mapping[str, FilePath]) -> Mistake:
    """With its line; a broken file of TOML says its line itself."""
    where = ".".join(str(step) for step in found.path)
    if broken := re.search(r"\(at line (\d+)", found.message):
        return Mistake(int(broken[1]), where, found.message)
    line, of = line_in(text, shelf, found.path, *found.others)
    return Mistake(line, where, found.message, of)


def line_in(text: str, shelf: Mapping[str, FilePath], path: Path, *others: Path) -> tuple[int | None, str | None]:
    """On which line of a file this stands, or of which pack it builds on; None where no file says it at all."""
    line = line_of(text, path, *others)
    if line is not None:
        return line, None
    for pack_id, below in chain(text, shelf):
        if (line := line_of(below, path, *others)) is not None:
            return line, pack_id
    return None, None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A worked example as the pack that holds it says it, and as it comes out by that pack; None where it has no outcome."""

    told: WorkedExample
    comes_to: WorkedExample | None


def reckoned(pack: PolicyPack) -> Iterator[Reckoned]:
    """Every worked example with what it comes to now, for who changed a rule and looks at what that does."""
    for worked in pack.examples:
        try:
            outcome = None if _unfit(pack, worked) else rated(pack, worked)
        except MissingPart:
            outcome = None
        if outcome is None:
            yield Reckoned(worked, None)
            continue
        value = None if worked.value is None else _total(outcome)
        yield Reckoned(worked, worked.model_copy(update={"label": outcome.label, "value": value}))


def _total(outcome: Outcome) -> Decimal | None:
    return next((line.points for line in outcome.lines if line.what == "total"), None)


def tried(pack: PolicyPack) -> list[Misfit]:
    """All that does not keep what the pack promises; empty means it may be used."""
    alone = [*misfits_of_year(pack), *misfits_of_the_dead(pack), *misfits_of_the_unrated(pack)]
    return [*alone, *_forms(pack), *_ratings(pack), *_examples(pack)]


def families(pack: PolicyPack) -> list[str | None]:
    """Every job family that a rule of the pack names, and none."""
    named: set[str] = set()
    waiting: list[object] = [pack.model_dump(mode="json")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            named |= {str(name) for name in node.get("families", ())}
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return [None, *sorted(named)]


def rated(pack: PolicyPack, worked: WorkedExample) -> Outcome:
    """What the rating of a worked example comes to, on the example of a plan. Raises `MissingPart`."""
    plan = _plan(pack, worked)
    return score(pack, _rating(pack, worked, plan), _context(pack, _whose(worked), plan, worked.measured))


def _context(
    pack: PolicyPack, person: FormContext, plan: dict[str, object], measured: Mapping[str, Decimal]
) -> ScoringContext:
    return ScoringContext(
        level=person.level, kind=person.kind, family=person.family, planned=planned(pack, plan), measured=measured
    )


def _whose(worked: WorkedExample) -> FormContext:
    return FormContext(level=worked.level, kind=worked.kind, family=worked.family, superior_results=ABOVE)


def _plan(pack: PolicyPack, worked: WorkedExample) -> dict[str, object]:
    return overlaid(example(pack, Form.PLAN, _whose(worked)), worked.plan)


def _rating(pack: PolicyPack, worked: WorkedExample, plan: dict[str, object]) -> dict[str, object]:
    return overlaid(example(pack, Form.RATING, _planned(pack, _whose(worked), plan)), worked.rating)


def _filled(pack: PolicyPack, person: FormContext) -> tuple[dict[str, object], dict[str, object]]:
    """The examples of the plan and of the rating of that plan."""
    plan = example(pack, Form.PLAN, person)
    return plan, example(pack, Form.RATING, _planned(pack, person, plan))


def _planned(pack: PolicyPack, person: FormContext, plan: dict[str, object]) -> FormContext:
    return FormContext(level=person.level, kind=person.kind, family=person.family, results=results_of(pack, plan))


def _people(pack: PolicyPack) -> Iterator[FormContext]:
    for level, kind, family in product(JobLevel, EmployeeKind, families(pack)):
        yield FormContext(level=level, kind=kind, family=family, superior_results=ABOVE)


def _forms(pack: PolicyPack) -> Iterator[Misfit]:
    """The example of each form may be submitted, by everybody."""
    told: set[tuple[str, str]] = set()
    for person in _people(pack):
        planned_for = _planned(pack, person, example(pack, Form.PLAN, person))
        for form in pack.forms:
            context = person if form is Form.PLAN else planned_for
            for wrong in problems(pack, form, context, example(pack, form, context)):
                if (form.value, wrong.pointer) not in told:
                    told.add((form.value, wrong.pointer))
                    yield Misfit(
                        ("forms", form.value), f"the example cannot be submitted at {wrong.pointer}: {wrong.message.en}"
                    )


def _ratings(pack: PolicyPack) -> Iterator[Misfit]:
    """A rating that may be submitted has an outcome, whoever is rated. What is imported is taken as imported."""
    told: set[tuple[str, ...]] = set()
    imported = dict.fromkeys(pack.scoring.indicators, pack.scoring.maximum) if pack.scoring.method == "numeric" else {}
    for person in _people(pack):
        plan, rating = _filled(pack, person)
        try:
            score(pack, rating, _context(pack, person, plan, imported))
        except MissingPart as missing:
            if missing.parts not in told:
                told.add(missing.parts)
                whom = ", ".join(x for x in (person.level.value, person.kind.value, person.family) if x)
                yield Misfit(("scoring",), f"a whole rating of {whom} lacks {', '.join(missing.parts)}")


def _examples(pack: PolicyPack) -> Iterator[Misfit]:
    """Each worked example may be submitted, and comes to what it says."""
    for number, worked in enumerate(pack.examples):
        path = ("examples", number)
        if unfit := _unfit(pack, worked):
            form, wrong = unfit
            said = f"{worked.title.en}: it cannot be submitted at {wrong.pointer}: {wrong.message.en}"
            yield Misfit((*path, form.value), said)
            continue
        try:
            outcome = rated(pack, worked)
        except MissingPart as missing:
            yield Misfit(path, f"{worked.title.en}: it lacks {', '.join(missing.parts)}")
            continue
        total = _total(outcome)
        if outcome.label is not worked.label:
            said = f"it comes to {outcome.label.value} and not to {worked.label.value}"
            yield Misfit(
                (*path, "label"), f"{worked.title.en}: {said}" + (f" (value {total})" if total is not None else "")
            )
        elif worked.value is not None and total != worked.value:
            yield Misfit((*path, "value"), f"{worked.title.en}: the value is {total} and not {worked.value}")


def _unfit(pack: PolicyPack, worked: WorkedExample) -> tuple[Form, Problem] | None:
    """The first thing for which the plan of a worked example, or its rating, would be refused."""
    person, plan = _whose(worked), _plan(pack, worked)
    for wrong in problems(pack, Form.PLAN, person, plan):
        return Form.PLAN, wrong
    for wrong in problems(pack, Form.RATING, _planned(pack, person, plan), _rating(pack, worked, plan)):
        return Form.RATING, wrong
    return None
