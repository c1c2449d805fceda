"""The production files are well-formed, and hold no secret of their own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
ROOMS = ("models", "activities", "workflows", "api", "deploy")
DOCKER_INSTRUCTIONS = {
    *("FROM", "ARG", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE"),
    *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def test_the_compose_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_service_that_is_waited_for_exists_and_can_say_that_it_is_ready(
    compose: dict[str, dict[str, dict[str, object]]],
) -> None:
    services = compose["services"]
    for name, service in services.items():
        waited_for = service.get("depends_on", {})
        assert isinstance(waited_for, dict)
        for other, how in waited_for.items():
            assert other in services, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for the health of {other}"


def test_every_secret_comes_from_the_environment_and_its_absence_stops_the_start() -> None:
    for line in COMPOSE.read_text().splitlines():
        name, _, value = line.strip().partition(": ")
        if re.search(r"(PASSWORD|_PWD|_SECRET)$", name):
            assert re.fullmatch(r"\$\{\w+:(\?set \w+|-)\}", value), line


def test_engine_and_its_schema_are_of_one_pinned_version(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    images = [str(service["image"]) for service in compose["services"].values()]
    assert {image.partition(":")[2] for image in images if image.startswith("temporalio/")} == {"1.32.0"}


def test_the_image_holds_every_room_runs_as_nobody_special_and_installs_by_hash_only() -> None:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    words = [line.split(maxsplit=1) for line in lines]
    assert {instruction for instruction, _ in words} <= DOCKER_INSTRUCTIONS
    assert all(f"COPY {room} {room}" in lines for room in ROOMS)
    assert all(_by_hash_only(step) for line in lines for step in line.split("&&"))
    assert [rest for instruction, rest in words if instruction == "USER"] == ["siklus"]
    assert lines[-1] == 'CMD ["api"]'


def test_setting_up_a_clone_fetches_nothing_without_a_hash() -> None:
    assert all(_by_hash_only(line) for line in (ROOT / "Makefile").read_text().splitlines())


def _by_hash_only(step: str) -> bool:
    """Whether a line of a shell installs nothing, or what is locked, or only the package itself with tools that are there."""
    if not re.search(r"\bpip (install|sync|wheel)\b", step):
        return True
    itself = {"--no-deps"} & set(step.split()) and {"--no-build-isolation", "--no-index"} & set(step.split())
    return "--require-hashes" in step or bool(itself)
