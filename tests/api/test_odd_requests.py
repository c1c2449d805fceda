"""What no sensible program sends is answered with a problem that says so, whatever route it is sent to; never with an error of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.paging import cursor_of
from models.shelf import pack_ids
from tests.api.document import served
from tests.api.mid_year import stand_at
from tests.endings import JANUARY
from tests.world import YEAR, World, opened_cycle

PATHS = served().document["paths"]
NONE_SUCH = "3f0b8f6e-5f0e-4b0e-9d0e-0c1d2e3f4a5b"
SAMPLE = {
    "form": "plan",
    "kind": "plan",
    "action": "suspend",
    "policy_id": pack_ids()[0],
    "unit": "DINKES",
    "evidence_id": NONE_SUCH,
    "first_day": f"{YEAR}-01-01",
    "number": "1",
    "team_id": NONE_SUCH,
    "remark_id": NONE_SUCH,
    "follow_up": "training",
    "format": "csv",
    "programme_id": NONE_SUCH,
}
"""What a parameter of a path may be, beside what the world gives; a new one says it here."""


def asked_with(name: str) -> list[tuple[str, str]]:
    """Method and address of everything of the api that has this parameter, or a body."""
    found = []
    for path, operations in PATHS.items():
        for method, operation in operations.items():
            names = {parameter.get("name") for parameter in operation["parameters"]} | operation.keys()
            if path.startswith("/api/") and name in names:
                found.append((method.upper(), path))
    return found


LISTS = [path for _, path in asked_with("cursor")]
IN_PATHS = [
    (method.upper(), path, name)
    for path, operations in PATHS.items()
    for method in operations
    for name in re.findall(r"{(\w+)}", path)
]
PERSON = "199001012015011001"
DAY = f"{YEAR}-02-01"
BODIES: dict[str, dict[str, object]] = {
    "/api/v1/dev/token": {"nip": PERSON},
    "/api/v1/delegations": {"to": PERSON, "from": DAY, "until": DAY, "reason": "x"},
    "/api/v1/recusals": {"about": PERSON, "kind": "family", "reason": "x"},
    "/api/v1/recusals/{recusal_id}/withdraw": {"reason": "x"},
    "/api/v1/people/{nip}/trainings": {"trainings": []},
    "/api/v1/teams": {"name": "x", "leader": PERSON, "members": [PERSON], "from": DAY},
    "/api/v1/teams/{team_id}": {"name": "x", "leader": PERSON, "members": [PERSON], "from": DAY},
    "/api/v1/people/{nip}/supervisor": {"supervisor": PERSON, "effective": DAY, "reason": "x"},
    "/api/v1/people/{nip}/transfer": {"supervisor": PERSON, "effective": DAY, "post": "x", "unit": "DINKES"},
    "/api/v1/people/{nip}/leave": {"from": DAY, "until": DAY},
    "/api/v1/people/{nip}/elsewhere": {
        "agency": "x",
        "from": DAY,
        "until": DAY,
        "result": "baik",
        "document": "1/2027",
    },
    "/api/v1/people/{nip}/elsewhere/{first_day}": {
        "agency": "x",
        "from": DAY,
        "until": DAY,
        "result": "baik",
        "document": "1/2027",
        "reason": "x",
    },
    "/api/v1/people/{nip}/elsewhere/{first_day}/withdraw": {"reason": "x"},
    "/api/v1/people/{nip}/evaluation": {"from": DAY[:7], "until": DAY[:7], "reason": "x", "document": "1/2027"},
    "/api/v1/people/{nip}/credit/opening": {"points": "1", "level": "Ahli Muda", "at": DAY, "document": "1/2027"},
    "/api/v1/people/{nip}/exit": {"effective": DAY, "reason": "retire"},
    "/api/v1/cycles": {"policy": pack_ids()[0], "year": YEAR + 1, "name": "SKP"},
    "/api/v1/cycles/{cycle_id}/calendar": {"reason": "x", "windows": {"plan": {"due_at": DAY}}},
    "/api/v1/cycles/{cycle_id}/policy": {"policy": pack_ids()[0], "reason": "x"},
    "/api/v1/cycles/{cycle_id}/outages": {"reason": "x", "from": f"{DAY}T00:00:00Z", "to": f"{DAY}T01:00:00Z"},
    "/api/v1/cycles/{cycle_id}/units/{unit}/label": {"reason": "x", "label": "baik"},
    "/api/v1/cycles/{cycle_id}/consultation": {"days": 1, "purpose": "x"},
    "/api/v1/cycles/{cycle_id}/consultation/comments": {"text": "x"},
    "/api/v1/cycles/{cycle_id}/consultation/comments/{number}": {"text": "x"},
    "/api/v1/cycles/{cycle_id}/consultation/comments/{number}/answer": {"answer": "taken_up", "reason": "x"},
    "/api/v1/cycles/{cycle_id}/nudges": {},
    "/api/v1/cycles/{cycle_id}/praise": {"unit": "DINKES", "programme": "x", "text": "x"},
    "/api/v1/cycles/{cycle_id}/remarks/{remark_id}/decision": {"decision": "accepted"},
    "/api/v1/public/units/{unit}/remarks": {"kind": "praise", "text": "x"},
    "/api/v1/cycles/{cycle_id}/notices/retry": {},
    "/api/v1/agency/days": {"reason": "x", "days": {DAY: {"kind": "off", "name": "x"}}},
    "/api/v1/appraisals/{appraisal_id}/forms/{form}": {"data": {}},
    "/api/v1/appraisals/actions/{action}": {"ids": [NONE_SUCH]},
    "/api/v1/appraisals/{appraisal_id}/log": {"entries": [{"id": NONE_SUCH, "day": DAY, "text": "x"}]},
    "/api/v1/appraisals/{appraisal_id}/acknowledgement": {"digest": "0" * 64},
    "/api/v1/appraisals/{appraisal_id}/observations": {"day": DAY, "text": "x"},
    "/api/v1/appraisals/{appraisal_id}/feedback": {"text": "x"},
    "/api/v1/appraisals/{appraisal_id}/feedback/requests": {"people": [PERSON]},
    "/api/v1/appraisals/{appraisal_id}/follow-ups/{follow_up}": {"decision": "approve", "reason": "x"},
    "/api/v1/appraisals/{appraisal_id}/programme": {"reason": "x"},
    "/api/v1/programmes/{programme_id}/goals": {"goals": ["x"]},
    "/api/v1/programmes/{programme_id}/checkpoints/{number}": {"progress": "behind", "note": "x"},
    "/api/v1/programmes/{programme_id}/evaluation": {"outcome": "met", "reason": "x"},
    "/api/v1/programmes/{programme_id}/confirmation": {"decision": "confirm", "reason": "x"},
    "/api/v1/programmes/{programme_id}/extension": {"months": 1, "reason": "x"},
    "/api/v1/programmes/{programme_id}/cancellation": {"reason": "x"},
}
"""The least that each address takes; nothing where it is not said."""


@dataclass(frozen=True)
class Office:
    """A world in which every list has several items, and something for each parameter of a path."""

    world: World
    known: Mapping[str, str]

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str | bytes] | None = None, **more: Any
    ) -> httpx.Response:
        mine = {**self.world.headers("hr"), **(headers or {})}
        return await self.world.http.request(method, self.filled(path), headers=mine, **more)

    def filled(self, path: str, **other: str) -> str:
        known = {**SAMPLE, **self.known, **other}
        return re.sub(r"{(\w+)}", lambda found: known[found[1]], path)


@pytest_asyncio.fixture(scope="module")
async def office(world: World) -> Office:
    cycle = await opened_cycle(world)
    await world.post("/cycles", "hr", {"policy": pack_ids()[0], "year": YEAR + 1, "name": "SKP"})
    years = [await stand_at(world, place) for place in ("disputed", "disputed", "drafted")]
    offers = []
    for day in (JANUARY.date(), JANUARY.date() + timedelta(days=1)):
        body = {"to": years[1].employee, "from": day.isoformat(), "until": day.isoformat(), "reason": "Dinas"}
        offers.append((await world.post("/delegations", years[0].employee, body)).json()["id"])
    off = {f"{YEAR}-02-0{day}": {"kind": "off", "name": "Libur"} for day in (1, 2)}
    (await world.put("/agency/days", "hr", {"reason": "Keputusan bupati", "days": off})).raise_for_status()
    recusals = []
    for year in years[:2]:
        said = {"about": year.employee, "kind": "family", "reason": "Saudara kandung."}
        recusals.append((await world.post("/recusals", year.senior, said)).json()["id"])
    known = {"cycle_id": cycle, "appraisal_id": years[-1].appraisal, "nip": years[-1].employee}
    return Office(world, {**known, "delegation_id": offers[0], "recusal_id": recusals[0]})


def refused(answer: httpx.Response, *expected: tuple[int, str]) -> None:
    told = f"{answer.request.method} {answer.request.url}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", told
    assert (answer.status_code, answer.json()["code"]) in expected, told


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("method", "path", "name"), IN_PATHS)
async def test_what_is_no_id_is_not_found_and_a_nul_is_refused(
    office: Office, method: str, path: str, name: str
) -> None:
    for odd in ("no-id", "%2e%2e", "a%2Fb", "%D9%A1%D9%A2", "x" * 3000, "%0A", "%FF", "*"):
        answer = await office.ask(method, office.filled(path, **{name: odd}), json=BODIES.get(path))
        refused(answer, (404, "not_found"))
    refused(await office.ask(method, office.filled(path, **{name: "%00"})), (422, "nul_character"))


EVERYTHING = [(method.upper(), path) for path in PATHS if path.startswith("/api/") for method in PATHS[path]]


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
async def test_a_parameter_that_nobody_knows_is_refused(office: Office, method: str, path: str) -> None:
    answer = await office.ask(method, path, params={"unheard_of": "true"}, json=BODIES.get(path))
    refused(answer, (422, "invalid_input"))
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/unheard_of", "unknown_parameter")]


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", LISTS)
async def test_a_page_holds_1_to_200_items(office: Office, path: str) -> None:
    for limit in ("0", "-1", "201", str(10**30), "9" * 5000, "1e3", "", "x", "1.5", "nan"):
        answer = await office.ask("GET", path, params={"limit": limit})
        refused(answer, (422, "invalid_input"))
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/limit"]


MADE = {
    "/policies": pack_ids()[0],
    "/tasks": f"0 {YEAR}-01-31T16:59:59.999999+00:00 {NONE_SUCH}",
    "/suggestions": f"{DAY}/{NONE_SUCH}/{NONE_SUCH}",
    "/log": f"log {DAY} {NONE_SUCH}",
    "/observations": f"observation {DAY} {NONE_SUCH}",
    "/evidence": f"evidence {DAY} {NONE_SUCH}",
    "{cycle_id}/remarks": f"remark {DAY} {NONE_SUCH}",
    "{appraisal_id}/remarks": f"said {DAY} {NONE_SUCH}",
    "/praise": f"praise {DAY} {NONE_SUCH}",
    "/teams": f"team {NONE_SUCH}",
    "/me/feedback": f"tell {NONE_SUCH}",
    "/feedback": f"feedback {NONE_SUCH}",
    "/questions": f"0/{NONE_SUCH}/lenient",
    "/consultation/comments": "comment 1",
    "/results/people": f"Nama\n{NONE_SUCH}",
    "/follow-ups": f"follow_up {NONE_SUCH} training",
    "/talents": f"talent 7 {NONE_SUCH}",
    "/programmes": f"programme {NONE_SUCH}",
}
"""The key of an item, where there may be one page only: there is one pack so far, little waits on HR in January, nothing is noted,
nobody leads a team or is asked for a word of another, nothing is said of a unit, no rating asks a question, no criteria are up for
consultation, nobody's result is made known, nothing follows one, and nobody is in a programme."""
ABSENT = {"/results/people": 403, "/consultation/comments": 404, "/talents": 404}
"""What is answered where there is no such list yet."""


async def cursor_from(office: Office, path: str) -> str:
    """A cursor of that list, as it is given or would be."""
    made = next((key for end, key in MADE.items() if path.endswith(end)), None)
    if made is not None:
        return cursor_of(made)
    cursor = (await office.ask("GET", path, params={"limit": 1})).json()["next"]
    assert isinstance(cursor, str), f"{path} has one page only"
    return cursor


@pytest.mark.parametrize("other", LISTS)
async def test_a_cursor_of_another_list_is_refused(office: Office, other: str) -> None:
    cursor = await cursor_from(office, other)
    expected = next((status for end, status in ABSENT.items() if other.endswith(end)), 200)
    assert (await office.ask("GET", other, params={"cursor": cursor})).status_code == expected
    for path in LISTS:
        if path != other:
            answer = await office.ask("GET", path, params={"cursor": cursor})
            refused(answer, (422, "invalid_input"))
            assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/cursor", "bad_cursor")]


NO_KEYS = (
    *(" ", "\n", "x", "é", "\x00", "9999|x", "0 9999-12-31T23:59:59-23:59 x", "1" * 290, f"{NONE_SUCH}/x", "9" * 18),
    *(f"{DAY}/x", f"x/{NONE_SUCH}", "/", "/x", f"0 {DAY}T00:00:00Z {NONE_SUCH[:-1]}"),
)


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_of_no_list_is_refused(office: Office, path: str) -> None:
    for cursor in ("=", "é", *map(cursor_of, NO_KEYS)):
        refused(await office.ask("GET", path, params={"cursor": cursor}), (422, "invalid_input"))


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

FILES = [
    path
    for method, path in asked_with("requestBody")
    if "multipart/form-data" in PATHS[path][method.lower()]["requestBody"]["content"]
]
"""What takes a file."""
TEXTS = [(method, path) for method, path in EVERYTHING if method != "GET" and path not in FILES]
"""Everything that writes, also where nothing is to be said."""


@pytest.mark.parametrize(("method", "path"), TEXTS)
async def test_a_field_that_nobody_knows_is_refused(office: Office, method: str, path: str) -> None:
    answer = await office.ask(method, path, json={**BODIES.get(path, {}), "unheard_of": 1})
    refused(answer, (422, "invalid_input"))
    assert ("/unheard_of", "extra_forbidden") in {(e["pointer"], e["code"]) for e in answer.json()["errors"]}


@pytest.mark.parametrize(("method", "path"), TEXTS)
async def test_a_body_that_cannot_be_kept_is_refused_everywhere(office: Office, method: str, path: str) -> None:
    for raw, code in (
        (b'{"a": "\x00"}', "nul_character"),
        (b'{"\\u0000": 1}', "nul_character"),
        (b'{"a": "\\ud800"}', "malformed_json"),
        (b'{"a": 1e400}', "malformed_json"),
        (b"9" * 5000, "malformed_json"),
        (b'{"a": %d}' % 2**63, "invalid_input"),
        (b'{"reason": "a", "reason": "b"}', "invalid_input"),
        (b"[" * 100, "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (b"{} {}", "malformed_json"),
        (b"[]", "invalid_input"),
        (b'"x"', "invalid_input"),
    ):
        answer = await office.ask(method, path, content=raw, headers={"Content-Type": "application/json"})
        refused(answer, (400, code), (422, code))


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spoken", ["", "*", "en;q=0", b"\xff\xfe", "a" * 9000, ",,,;", "en-;q=abc", "EN-us", "zxx"])
async def test_an_odd_language_is_no_obstacle(office: Office, spoken: str | bytes) -> None:
    path = "/api/v1/appraisals/{appraisal_id}"
    assert (await office.ask("GET", path, headers={"Accept-Language": spoken})).status_code == 200
    answer = await office.ask("POST", f"{path}/actions/approve_plan", headers={"Accept-Language": spoken})
    refused(answer, (403, "not_yours"))


@pytest.mark.parametrize(("method", "path"), asked_with("idempotency-key"))
async def test_a_key_has_1_to_64_characters(office: Office, method: str, path: str) -> None:
    files = {"file": ("pegawai.csv", b"nip;nama\r\n")}
    sent: dict[str, Any] = {"files": files} if path in FILES else {"json": BODIES.get(path, {})}
    for key in ("", "x" * 65):
        answer = await office.ask(method, path, headers={"Idempotency-Key": key}, **sent)
        refused(answer, (422, "invalid_input"))
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/idempotency-key"]


@pytest.mark.parametrize(("method", "path"), asked_with("if-match"))
async def test_a_version_is_a_whole_number(office: Office, method: str, path: str) -> None:
    for version in ("", "x", '"', '"-1"', "1" * 5000, b"\xff", b"\xb2", '"1", "2"', "W/", '"1.0"'):
        answer = await office.ask(method, path, headers={"If-Match": version}, json=BODIES.get(path, {}))
        refused(answer, (422, "invalid_input"))
        assert [error["code"] for error in answer.json()["errors"]] == ["bad_version"]
