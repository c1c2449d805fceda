"""The README's first minutes, line by line as they stand there, against a home that `siklus run --demo` serves."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.killable import Stack

README = Path(__file__).parents[2] / "README.md"
SHOWN_AT = "127.0.0.1:8000"


def lines_to_type() -> list[str]:
    """The blocks of shell between the start of the demo and the year that is played in a command of its own."""
    told = README.read_text().partition("In a second terminal")[2].partition(".venv/bin/siklus year")[0]
    return re.findall(r"```sh\n(.*?)```", told, re.DOTALL)


def answers(text: str) -> Iterator[object]:
    """The JSON values in an output, one after the other."""
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].strip()


async def typed(stack: Stack, folder: Path, *blocks: str) -> list[object]:
    """What a shell answers to these blocks; the demo of this test has another port than the README's."""
    script = "".join(blocks).replace(SHOWN_AT, f"127.0.0.1:{stack.port}")
    command = ["bash", "-euo", "pipefail", "-c", script]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(answers(ended.stdout))


@pytest.mark.timeout(300)
async def test_the_first_minutes_go_as_the_readme_says(tmp_path: Path) -> None:
    first, act, back = lines_to_type()
    stack = Stack(tmp_path)
    await stack.start("--demo")
    try:
        await stack.announced()
        tasks, saved, receipt = await typed(stack, tmp_path, first, act)
        assert isinstance(tasks, dict)
        (task,) = tasks["items"]
        assert task["state"] == "plan.drafting"
        assert saved == 200
        assert isinstance(receipt, dict)
        assert receipt["state"] == "plan.reviewing"

        # Stopped and started again, it goes on where it was, and the same key gets the same answer.
        assert stack.stop() == 0
        await stack.start("--demo")
        await stack.announced(2)
        asked_again = f"ID={task['appraisal_id']}\n" + act.splitlines(keepends=True)[-1]
        *_, same = await typed(stack, tmp_path, first, asked_again)
        assert same == receipt

        *_, refused, returned, events = await typed(stack, tmp_path, first, f"ID={task['appraisal_id']}\n", back)
        assert isinstance(refused, dict)
        assert (refused["status"], refused["code"]) == (422, "comment_required")
        assert isinstance(returned, dict)
        assert returned["state"] == "plan.drafting"
        assert isinstance(events, dict)
        assert [event["action"] for event in events["items"]][-2:] == ["submit_plan", "return_plan"]
    finally:
        await stack.left()
