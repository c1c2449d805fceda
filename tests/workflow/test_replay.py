"""Years that began under an earlier edition go on under this one: every stored history replays, every change of commands is seen.

What may change without a patch: fields of payloads with a default, timeouts, retry policies, what an activity does. What may not: which
activities, timers and continuations a workflow asks for, and in which order. That goes behind `workflow.patched`.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from deploy.demo import generate
from deploy.worker import sandbox
from models.vocabulary import Label, OrganisationLabel, Rating
from tests.endings import ENDINGS
from workflows import WORKFLOWS

ROOT = Path(__file__).parents[2]
HISTORIES = sorted((ROOT / "tests" / "histories").glob("*.json"))
COMMANDS = {
    "execute_activity_method",
    "execute_local_activity_method",
    "execute_child_workflow",
    "sleep",
    "wait_condition",
    "continue_as_new",
    "patched",
    "upsert_search_attributes",
    "create_task",
    "go_round",
}
BASELINE = ROOT / "tests" / "histories" / "commands.txt"


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_stored_history_replays(file: Path) -> None:
    history = WorkflowHistory.from_json("appraisal/stored/r1", file.read_text(encoding="utf-8"))
    replayer = Replayer(workflows=list(WORKFLOWS), workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)


def test_every_way_of_ending_has_a_stored_history() -> None:
    stored = {file.stem.rpartition(".")[2] for file in HISTORIES}
    assert {*ENDINGS, "programme"} <= stored


def test_histories_name_nobody_and_rate_nobody() -> None:
    """Ids, hashes, states and instants only: never a name, a NIP, a text, a rating or a label."""
    people = generate(40, seed=1, year=2027)
    names = {row["nama"].partition(",")[0].lower() for row in people} | {row["jabatan"].lower() for row in people}
    values = {f'"{value}"' for kind in (Rating, Label, OrganisationLabel) for value in kind}
    for file in HISTORIES:
        for event in json.loads(file.read_text(encoding="utf-8"))["events"]:
            held = json.dumps(_decoded(event)).lower().replace("\\", "")
            found = [word for word in names | values | {"keliru", "melampaui"} if word in held]
            assert not found, f"{file.name} holds {found} in event {event['eventId']}"
            assert not re.search(r"(?<![0-9a-f-])[0-9]{18}(?![0-9])", held), (
                f"a NIP in event {event['eventId']} of {file.name}"
            )


def _decoded(node: object) -> object:
    """The event with its payloads as the text they are."""
    import base64

    if isinstance(node, dict):
        return {
            k: base64.b64decode(v).decode() if k == "data" and isinstance(v, str) else _decoded(v)
            for k, v in node.items()
        }
    return [_decoded(item) for item in node] if isinstance(node, list) else node


def commands() -> str:
    """Every call of a workflow that may become a command, in the order of the source, one a line."""
    lines = []
    for file in sorted((ROOT / "workflows").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in sorted(
                    (n for n in ast.walk(node) if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset)
                ):
                    if isinstance(call.func, ast.Attribute) and call.func.attr in COMMANDS:
                        target = ast.unparse(call.args[0]) if call.func.attr.startswith(("execute", "go_round")) else ""
                        timed = " timed" if any(k.arg == "timeout" for k in call.keywords) else ""
                        lines.append(f"{file.stem}.{node.name}: {call.func.attr}({target}){timed}")
    return "\n".join(lines) + "\n"


def test_the_commands_of_the_workflows_are_the_known_ones() -> None:
    """Changed on purpose, behind a patch or before any release? Then `python -m tests.workflow.test_replay` writes the new list."""
    assert commands() == BASELINE.read_text(encoding="utf-8"), (
        "the order of a workflow's commands changed: patch, then replay"
    )


if __name__ == "__main__":
    BASELINE.write_text(commands(), encoding="utf-8")
