"""A fuzzer reads the OpenAPI document and sends whatever it allows, and worse: no answer is a 5xx, each is one the document names."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from sqlalchemy import text

from api.problems import CATALOGUE
from tests.world import World, opened_cycle, opened_world

BASE = "http://siklus"
ROLES = ("hr", "employee", "")
"""The last is nobody: no token."""


@pytest_asyncio.fixture(scope="module")
async def fuzzed(
    postgres_url: str, engine_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """An agency of its own, with a cycle open: a fuzzer cancels, transfers and imports as it likes."""
    async with opened_world(postgres_url, engine_address, tmp_path_factory.mktemp("fuzz"), people=24) as world:
        await opened_cycle(world)
        yield world


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize(
    "examples", [pytest.param(6, id="few"), pytest.param(150, id="many", marks=[pytest.mark.long])]
)
@pytest.mark.timeout(1500)
async def test_nothing_the_document_allows_is_answered_with_a_5xx(fuzzed: World, who: str, examples: int) -> None:
    document = (await fuzzed.http.get("/openapi.json")).json()
    loop = asyncio.get_running_loop()
    known = {(o.method, o.path) for o in operations(document)}
    assert len(known) > 40

    real = await something_real(fuzzed)
    sent = itertools.count()

    def send(case: Case) -> httpx.Response:
        if next(sent) % 4:  # what is asked about is mostly there: what is not is answered with 404 and nothing more
            case.path_parameters = {name: real.get(name, value) for name, value in case.path_parameters.items()}
        request = case.as_transport_kwargs(base_url=BASE)
        headers = {**dict(request.pop("headers", None) or {}), **(fuzzed.headers(who) if who else {})}
        request.pop("cookies", None)
        asked = fuzzed.http.request(headers=headers, **request)
        return asyncio.run_coroutine_threadsafe(asked, loop).result(60)

    def fuzz(operation: schemathesis.openapi.models.APIOperation) -> None:  # type: ignore[name-defined]
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def one(case: Case) -> None:
            answer = send(case)
            told = f"{case.method} {case.formatted_path} {case.query} {case.body!r:.300}: {answer.status_code} {answer.text:.300}"
            assert answer.status_code < 500, told
            assert (
                str(answer.status_code) in document["paths"][operation.path][operation.method.lower()]["responses"]
            ), told
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json", told
                assert answer.json()["code"] in CATALOGUE, told

        one()

    for operation in operations(document):
        await asyncio.to_thread(fuzz, operation)


async def something_real(world: World) -> dict[str, str]:
    """Names of what is there, by path parameter."""
    mine = await world.appraisal_of("employee")
    row = await world.row(mine)
    async with world.database.transaction() as connection:
        unit = (
            await connection.execute(text("SELECT code FROM unit WHERE id = :id"), {"id": row["unit_id"]})
        ).scalar_one()
    cycle, nip = str(row["cycle_id"]), world.people["employee"]
    return {"appraisal_id": mine, "cycle_id": cycle, "nip": nip, "unit": str(unit), "policy_id": "permenpanrb-6-2022"}


def operations(document: dict[str, object]) -> list[object]:
    schema = schemathesis.openapi.from_dict(document)
    return [found.ok() for found in schema.get_all_operations()]
