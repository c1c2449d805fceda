"""A fuzzer led by the OpenAPI document finds no answer that the document does not tell, and none of 500 and above.

In the suite it makes the same few choices each time, so that it never fails by luck; a longer search is marked `long`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.demo import generate, write_csv
from models.shelf import pack_ids
from models.vocabulary import Action, Form
from tests.api.document import served
from tests.api.mid_year import stand_at
from tests.api.noting import entry, hand_in, log, observe
from tests.api.others import listen, team
from tests.endings import DECEMBER
from tests.world import YEAR, World, opened_cycle

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DAY = DECEMBER.date().isoformat()
OPERATIONS = [f"{method} {path}" for method, path in served().operations]
STEPS = ("/open", "/close", "/cancel")
DECISIONS = ("/supervisor", "/transfer", "/leave", "/exit")
STANDING = ("returned", "disputed", "appealed")
"""Where the years stand about which the fuzzer asks."""


# ── what exists ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Grounds:
    """Where the fuzzer plays: a world, who is calling, and values that exist, by the name of a parameter or a field."""

    world: World
    callers: Mapping[str, str]
    years: Mapping[str, Sequence[str]]
    parameters: Mapping[str, Sequence[str]]
    fields: Mapping[str, Sequence[object]]

    def of_path(self, name: str, operation: str, caller: str) -> Sequence[str]:
        if name == "appraisal_id":
            return self.years.get(caller, ())
        if name == "cycle_id" and "/consultation" in operation:
            return self.parameters["consulted_cycle_id"]
        if name == "cycle_id" and ("/remarks" in operation or operation.endswith(("/praise", *STEPS))):
            return self.parameters["unit_cycle_id"]
        if name == "nip" and operation.endswith(DECISIONS):
            return self.parameters["spare"]
        return self.parameters.get(name, ())


@pytest_asyncio.fixture(scope="module")
async def grounds(world: World) -> Grounds:
    world.http.event_hooks = {}  # here the fuzzer judges
    cycle = await opened_cycle(world)
    places = {place: await stand_at(world, place) for place in STANDING}
    world.now = DECEMBER
    years = [who.appraisal for who in places.values()]
    her = places["appealed"]
    small = {"policy": pack_ids()[0], "year": YEAR + 1, "name": "SKP", "units": ["INSPEKTORAT"]}
    of_a_unit = [(await world.post("/cycles", "hr", small)).json()["id"] for _ in range(4)]
    await listen(world, of_a_unit[0])
    await world.post(f"/cycles/{of_a_unit[0]}/open", "hr")
    lists = ("/people", "/appraisals", "/policies", f"/appraisals/{her.appraisal}/events", "/cycles")
    cursors = [(await world.get(path, "hr", limit=1)).json()["next"] for path in lists]
    put_up = [(await world.post("/cycles", "hr", {**small, "units": []})).json()["id"] for _ in range(2)]
    await world.post(f"/cycles/{put_up[0]}/consultation", "hr", {"days": 20, "purpose": "Adil."})
    for caller in (her.employee, her.supervisor):
        await world.post(f"/cycles/{put_up[0]}/consultation/comments", caller, {"text": "Terlalu banyak."})
    said = {"kind": "praise", "text": "Cepat.", "programme": "Antrean daring"}
    await world.http.post("/api/v1/public/units/INSPEKTORAT/remarks", json=said)
    heard = [one["id"] for one in (await world.get(f"/cycles/{of_a_unit[0]}/remarks", "hr")).json()["items"]]
    known = (await world.seen(her.appraisal))["criteria"]
    assert isinstance(known, dict)
    offer = {"to": places["returned"].employee, "from": DAY, "until": DAY, "reason": "Dinas luar"}
    offered = (await world.post("/delegations", her.employee, offer)).json()["id"]
    notes = [entry(day=DAY), {**entry("Melayani 12 pemohon.", day=DAY), "achievement": True}]
    await log(world, her.appraisal, her.employee, *notes)
    await observe(world, her.appraisal, her.supervisor)
    files = [(await hand_in(world, her.appraisal, her.employee, "bukti.txt", b"Bukti.")).json()["id"]]
    teams = [(await team(world, "hr", places["returned"].employee, [her.employee])).json()["id"]]
    forms = [(await world.get(f"/appraisals/{her.appraisal}/forms/{form.value}", her.employee)).json() for form in Form]
    return Grounds(
        world,
        callers={"hr": world.people["hr"], "employee": her.employee, "supervisor": her.supervisor},
        years={
            "hr": years,
            "employee": [her.appraisal],
            "supervisor": [who.appraisal for who in places.values() if who.supervisor == her.supervisor],
        },
        parameters={
            "cycle_id": [cycle],
            "unit_cycle_id": of_a_unit,
            "consulted_cycle_id": put_up,
            "number": ["1", "2"],
            "delegation_id": [offered],
            "evidence_id": files,
            "team_id": teams,
            "remark_id": heard,
            "unit": ["DINKES", "INSPEKTORAT"],
            "spare": [await world.next_clerk() for _ in range(2)],
            "nip": [her.employee, her.supervisor, world.people["auditor"]],
            "policy_id": pack_ids(),
            "action": [action.value for action in Action],
            "form": [form.value for form in Form],
            "cursor": [cursor for cursor in cursors if cursor],
        },
        fields={
            "policy": pack_ids(),
            "year": [YEAR, YEAR + 1],
            "units": [["INSPEKTORAT"], ["NIRWANA"]],
            "unit": ["DINKES"],
            "days": [{f"{YEAR}-12-28": {"kind": "off", "name": "Libur"}}, {f"{YEAR}-12-28": None}, 7],
            "windows": [
                {"plan": {"due_at": f"{YEAR}-02-15"}},
                {"midyear.1": {"closes_at": f"{YEAR}-09-01T00:00:00+07:00"}},
            ],
            "ids": [years[:3], [{"id": years[0], "version": 1}, "none"]],
            "supervisor": [her.senior],
            "to": [her.senior],
            "from": [DAY],
            "until": [DAY],
            "effective": [DAY],
            "people": [[her.employee]],
            "leader": [places["returned"].employee],
            "members": [[her.employee]],
            "day": [DAY],
            "entries": [notes, [{**notes[0], "text": "Lain.", "replaces": 1}], [entry(day=DAY, result="none")]],
            "criterion": ["akuntabel", "criteria.behaviour.akuntabel"],
            "answer": ["taken_up", "not_taken_up"],
            "digest": [known["digest"]],
            "label": ["baik", "istimewa"],
            "data": [form["schema"]["examples"][0] for form in forms],
            "file": [write_csv(generate(40, seed=seed, year=YEAR)) for seed in (1, 2)],
        },
    )


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WEIRD: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63 - 1, 2**63, -(10**30), 1e308, "\x00", "", " ", "9" * 5000, [], {}, [[]], {"": None}]),
    st.text(max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def perturbed(draw: st.DrawFn, node: object) -> object:
    """A document with something weird in one place, or in none."""
    if isinstance(node, dict) and node and draw(st.integers(0, 5)):
        name = draw(st.sampled_from(sorted(node)))
        return {**node, name: draw(perturbed(node[name]))}
    if isinstance(node, list) and node and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(node) - 1))
        return [*node[:at], draw(perturbed(node[at])), *node[at + 1 :]]
    return draw(st.one_of(st.just(node), WEIRD))


@cache
def schema() -> Any:
    """The document without its locks: the token is ours to give."""
    document = json.loads(json.dumps(served().document))
    del document["components"]["securitySchemes"]
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(document)


@cache
def cases(operation: str, mode: GenerationMode) -> st.SearchStrategy[Case]:
    method, _, path = operation.partition(" ")
    made: st.SearchStrategy[Case] = schema()[path][method].as_strategy(generation_mode=mode)
    return made


def modes(operation: str) -> list[GenerationMode]:
    """What fits the document and what does not; there is no wrong way to ask where nothing but headers may be said."""
    method, _, path = operation.partition(" ")
    told = served().document["paths"][path][method.lower()]
    wrong = "requestBody" in told or any(parameter.get("in", "header") != "header" for parameter in told["parameters"])
    return list(GenerationMode) if wrong else [GenerationMode.POSITIVE]


def mostly(data: st.DataObject) -> bool:
    """In seven of eight cases; the odd one stands inside, since the ends are drawn more often."""
    return data.draw(st.sampled_from((True, True, True, False, True, True, True, True)))


def ground(data: st.DataObject, case: Case, operation: str, caller: str, grounds: Grounds) -> bool:
    """Put something that exists in some places of the case; whether anything was."""
    before = (dict(case.path_parameters), dict(case.query), dict(case.headers), case.body)
    for name in case.path_parameters:
        if (known := grounds.of_path(name, operation, caller)) and mostly(data):
            case.path_parameters[name] = data.draw(st.sampled_from(known))
    if "cursor" in case.query and data.draw(st.booleans()):
        case.query["cursor"] = data.draw(st.sampled_from(grounds.parameters["cursor"]))
    if "if-match" in case.headers or operation.endswith(("/calendar", "/policy")):
        case.headers["if-match"] = data.draw(st.sampled_from(['"1"', '"2"', '"3"', '"4"', "*"]))
    if isinstance(case.body, dict):
        case.body = grounded(data, case.body, operation, grounds)
    return before != (dict(case.path_parameters), dict(case.query), dict(case.headers), case.body)


def grounded(data: st.DataObject, body: dict[str, object], operation: str, grounds: Grounds) -> dict[str, object]:
    """The body with values that exist, some of them odd in one place; of an action often the comment alone."""
    if operation.endswith("/actions/{action}") and mostly(data):
        body = {name: value for name, value in body.items() if name in ("comment", "ids")}
    for name in sorted(grounds.fields.keys() & body.keys()):
        if mostly(data):
            value = data.draw(st.sampled_from(grounds.fields[name]))
            odd = name != "file" and data.draw(st.booleans())
            body = {**body, name: data.draw(perturbed(value)) if odd else value}
    return body


async def answered(grounds: Grounds, case: Case, caller: str) -> httpx.Response:
    """What the application answers, asked in process."""
    asked = case.as_transport_kwargs(base_url="http://siklus")
    asked.pop("timeout", None)
    prepared = requests.Request(**asked).prepare()
    headers = {**prepared.headers}
    if caller in grounds.callers:
        headers |= grounds.world.headers(grounds.callers[caller])
    spelled = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return await grounds.world.http.send(
        httpx.Request(str(prepared.method), str(prepared.url), headers=spelled, content=prepared.body or b"")
    )


async def fuzz(grounds: Grounds, operation: str, caller: str, data: st.DataObject) -> None:
    mode = data.draw(st.sampled_from(modes(operation)))
    case = data.draw(cases(operation, mode))
    as_made = not ground(data, case, operation, caller, grounds)
    response = await answered(grounds, case, caller)
    checks = [*CHECKS, negative_data_rejection] if mode.is_negative and as_made else CHECKS
    if operation == "GET /readyz":  # that a part is slow to answer is what it is there to say
        checks = [check for check in checks if check is not not_a_server_error]
    case.validate_response(response, checks=checks)


# ── the fuzzer ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

QUICK = settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same choices each time, so that the suite never fails by luck."""

WRITING = settings(QUICK, max_examples=4)
PATIENT = settings(QUICK, max_examples=200, derandomize=False, phases=[Phase.generate, Phase.shrink])
READS = [operation for operation in OPERATIONS if operation.startswith("GET ")]
WRITES = [operation for operation in OPERATIONS if operation not in READS]
SIGNED_IN = ["hr", "employee", "supervisor"]


@pytest.mark.parametrize("caller", SIGNED_IN)
@pytest.mark.parametrize("operation", READS)
@QUICK
@given(data=st.data())
async def test_a_fuzzer_reads_nothing_that_the_document_does_not_tell(
    grounds: Grounds, operation: str, caller: str, data: st.DataObject
) -> None:
    await fuzz(grounds, operation, caller, data)


@pytest.mark.parametrize("caller", SIGNED_IN)
@pytest.mark.parametrize("operation", WRITES)
@WRITING
@given(data=st.data())
async def test_a_fuzzer_that_writes_is_answered_as_the_document_tells(
    grounds: Grounds, operation: str, caller: str, data: st.DataObject
) -> None:
    await fuzz(grounds, operation, caller, data)


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(QUICK, max_examples=1)
@given(data=st.data())
async def test_a_fuzzer_without_a_token_is_answered_as_the_document_tells(
    grounds: Grounds, operation: str, data: st.DataObject
) -> None:
    await fuzz(grounds, operation, "nobody", data)


@pytest.mark.long
@pytest.mark.parametrize("caller", [*SIGNED_IN, "nobody"])
@pytest.mark.parametrize("operation", OPERATIONS)
@PATIENT
@given(data=st.data())
async def test_a_patient_fuzzer_finds_no_more(
    grounds: Grounds, operation: str, caller: str, data: st.DataObject
) -> None:
    await fuzz(grounds, operation, caller, data)
