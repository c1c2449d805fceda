"""The lifecycle drawn from its own table, so that the picture cannot say anything else than the code.

`python -m models.diagram > docs/lifecycle.md` writes the page; a test says when it is stale.
"""

from __future__ import annotations

import sys

from models.lifecycle import MACHINE
from models.vocabulary import Action, EngineAction, Role, State
from models.ways import FORM_OF, OPEN_STATES, SILENCES, WAITS_ON, WAYS, Way

ASIDE = frozenset({EngineAction.REACH_RUNG, EngineAction.SCORE, EngineAction.RESTORE, Action.CANCEL})
"""Possible in every open state and therefore told in a sentence, not drawn fourteen times."""

INTRODUCTION = """# The lifecycle of an appraisal

Generated from the table in `models/ways.py` by `python -m models.diagram > docs/lifecycle.md`; a test fails when this page is stale.

Only `execution.running` holds: it waits for the next window of the pack's order. Every other stage is entered at once and waits on
somebody. Stages that a pack switches off are never entered. Names in parentheses are the engine's own moves; everything else is
somebody's act. Not drawn: `cancel`, which leads from every open state to `finalisation.done`, and what leaves the state where it is.
"""


def mermaid() -> str:
    """The diagram as mermaid's `stateDiagram-v2`: one arrow for each pair of states, with everything that leads there."""
    lines = ["stateDiagram-v2", f"    [*] --> {_id(State(str(MACHINE.initial)))}"]
    lines += [f"    {_id(state)}: {state.value}" for state in State if state.value in MACHINE.states]
    for source in State:
        for to in State:
            if labels := _labels(source, to):
                lines.append(f"    {_id(source)} --> {_id(to)}: {', '.join(labels)}")
    lines.append(f"    {_id(State.FINALISATION_DONE)} --> [*]")
    return "\n".join(lines)


def _id(state: State) -> str:
    return state.value.replace(".", "_")


def _labels(source: State, to: State) -> list[str]:
    """What leads from one state to another, in the order of the table, each once."""
    leading = [way for way in WAYS if (way.source, way.to) == (source, to) and way.action not in ASIDE]
    return list(dict.fromkeys(_label(way) for way in leading))


def _label(way: Way) -> str:
    return f"({way.action.value})" if Role.ENGINE in way.roles else way.action.value


def table() -> str:
    """Each state, whom it waits on, who may do what there, and what silence may mean, as a table in Markdown."""
    rows = ["| state | waits on | who may do what | silence |", "|---|---|---|---|"]
    for state in State:
        waits_on = WAITS_ON[state]
        acts = "; ".join(f"{', '.join(roles)}: {', '.join(actions)}" for roles, actions in _acts(state).items())
        silences = ", ".join(f"`{meaning.value}`" for meaning in sorted(SILENCES.get(state, ())))
        rows.append(f"| `{state.value}` | {waits_on.value if waits_on else 'nobody'} | {acts} | {silences or '–'} |")
    return "\n".join(rows)


def _acts(state: State) -> dict[tuple[str, ...], list[str]]:
    """The acts of people in a state, by who may take them; what is possible in every open state is left out."""
    anywhere = set[Action].intersection(*({a for w in _by_people(s) for a in _act(w)} for s in OPEN_STATES))
    by_action: dict[Action, set[str]] = {}
    for way in _by_people(state):
        for action in _act(way):
            if action not in anywhere | {Action.SUSPEND, Action.RESUME}:
                by_action.setdefault(action, set()).update(role.value for role in way.roles)
    found: dict[tuple[str, ...], list[str]] = {}
    for action, roles in by_action.items():
        found.setdefault(tuple(sorted(roles)), []).append(f"`{action.value}`" + (" ✎" if action in FORM_OF else ""))
    return found


def _by_people(state: State) -> list[Way]:
    return [way for way in WAYS if way.source is state and Role.ENGINE not in way.roles]


def _act(way: Way) -> tuple[Action, ...]:
    return (way.action,) if isinstance(way.action, Action) else ()


READING = """## Who may do what

✎ sends a form. The senior supervisor stands beside the supervisor once the visit was taken over, the appointing authority beside
the board once it was handed on; the supervisor submits a plan only after it lapsed. In `execution.running` only who approved may take
it back, until the next person acts. A recall to drafting goes on in the days from before, and is refused where silence would go on
without the form by now (decision 22). In any open state HR may also `cancel`, `reassign`, `extend` (where something is due), `suspend`
and `resume` (these two not while the engine archives), and the employee `dispute_supervisor`.
"""


def page() -> str:
    """`docs/lifecycle.md`, whole."""
    return "\n".join((INTRODUCTION, "```mermaid", mermaid(), "```", "", READING, table(), ""))


if __name__ == "__main__":
    sys.stdout.write(page())
