"""The door in front of every route, on a tiny application of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from structlog.testing import capture_logs

from api import limits
from api.limits import JSON_BYTES_MAX, MULTIPART_BYTES_MAX
from api.problems import Problem, answer
from api.validation import from_request

NIP = "199602022022012001"


def tiny() -> FastAPI:
    app = FastAPI()

    @app.post("/api/v1/notes")
    async def keep(note: dict[str, object]) -> dict[str, object]:
        return note

    @app.post("/api/v1/open")
    async def without_body() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/api/v1/files")
    async def take(file: UploadFile) -> dict[str, int]:
        return {"bytes": len(await file.read())}

    @app.get("/api/v1/people/{nip}")
    async def person(nip: str, q: str = "") -> dict[str, str]:
        return {"nip": nip, "q": q}

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("a mistake of ours")

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, from_request(error))

    limits.install(app)
    return app


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=tiny()), base_url="http://siklus") as client:
        yield client


async def pieces(total: int, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """A body without a length, as a chunked upload sends it."""
    for start in range(0, total, size):
        yield b"x" * min(size, total - start)


JSON = {"Content-Type": "application/json"}


def code_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


async def test_an_ordinary_note_comes_back_as_it_was_sent(http: httpx.AsyncClient) -> None:
    note = {"nama": "Sari 😀", "nilai": [1, 2.5, None]}
    response = await http.post("/api/v1/notes", json=note)
    assert (response.status_code, response.json()) == (200, note)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": NaN}', (400, "malformed_json")),
        (b'{"a": "\\u0000"}', (422, "nul_character")),
        (b'{"a": "\x00"}', (422, "nul_character")),
        (b'{"a": "\\ud800"}', (400, "malformed_json")),
        (b"\xff\xfe", (400, "malformed_json")),
        (b'{"a":' * 5000, (400, "malformed_json")),
    ],
)
async def test_what_cannot_be_kept_stops_at_the_door(
    http: httpx.AsyncClient, body: bytes, expected: tuple[int, str]
) -> None:
    assert code_of(await http.post("/api/v1/notes", content=body, headers=JSON)) == expected


async def test_a_large_body_is_refused_by_its_announced_length(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/v1/notes", content=b"x" * 20_000_000, headers=JSON)
    assert code_of(response) == (413, "body_too_large")
    assert response.json()["limit"] == JSON_BYTES_MAX
    assert response.headers["connection"] == "close"


async def test_a_large_body_is_refused_by_what_really_comes(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/v1/notes", content=pieces(JSON_BYTES_MAX + 1), headers=JSON)
    assert code_of(response) == (413, "body_too_large")


async def test_a_body_at_the_limit_passes(http: httpx.AsyncClient) -> None:
    body = b'{"a": "' + b"x" * (JSON_BYTES_MAX - 9) + b'"}'
    assert len(body) == JSON_BYTES_MAX
    assert (await http.post("/api/v1/notes", content=body, headers=JSON)).status_code == 200


async def test_a_file_may_be_larger_than_a_note(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/v1/files", files={"file": ("roster.csv", b"x" * (2 * JSON_BYTES_MAX))})
    assert response.json() == {"bytes": 2 * JSON_BYTES_MAX}


async def test_a_file_over_its_limit_is_refused_however_it_is_sent(http: httpx.AsyncClient) -> None:
    announced = await http.post("/api/v1/files", files={"file": ("roster.csv", b"x" * (MULTIPART_BYTES_MAX + 1))})
    assert code_of(announced) == (413, "body_too_large")

    async def chunked() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n\r\n'
        async for piece in pieces(MULTIPART_BYTES_MAX + 1):
            yield piece
        yield b"\r\n--b--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    counted = await http.post("/api/v1/files", content=chunked(), headers=kind)
    assert code_of(counted) == (413, "body_too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_a_note_is_json_or_nothing(http: httpx.AsyncClient, kind: str) -> None:
    response = await http.post("/api/v1/notes", content=b'{"a": 1}', headers={"Content-Type": kind})
    assert code_of(response) == (415, "unsupported_media_type")
    assert response.json()["expected"] == "application/json"


async def test_a_file_is_no_note_and_a_note_is_no_file(http: httpx.AsyncClient) -> None:
    assert code_of(await http.post("/api/v1/notes", files={"file": ("a", b"x")}))[0] == 415
    assert code_of(await http.post("/api/v1/files", json={"file": "x"}))[0] == 415


async def test_an_act_without_a_body_needs_no_kind(http: httpx.AsyncClient) -> None:
    assert (await http.post("/api/v1/open")).status_code == 200
    assert (await http.post("/api/v1/open", json={})).status_code == 200


async def test_a_missing_body_is_named_as_missing(http: httpx.AsyncClient) -> None:
    assert code_of(await http.post("/api/v1/notes")) == (422, "invalid_input")


@pytest.mark.parametrize("path", ["/api/v1/people/a%00b", "/api/v1/people/a?q=%00"])
async def test_a_nul_in_an_address_is_refused(http: httpx.AsyncClient, path: str) -> None:
    assert code_of(await http.get(path)) == (422, "nul_character")


async def test_a_nul_in_a_header_is_refused(http: httpx.AsyncClient) -> None:
    for name in (b"Idempotency-Key", b"If-Match", b"Accept-Language"):
        assert code_of(await http.post("/api/v1/open", headers=[(name, b"a\x00b")])) == (422, "nul_character")


async def test_a_length_of_thousands_of_digits_is_too_large(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/v1/notes", content=b"{}", headers={**JSON, "Content-Length": "9" * 5000})
    assert code_of(response) == (413, "body_too_large")


async def test_an_error_of_ours_is_a_problem_with_its_id_and_logged_by_it(http: httpx.AsyncClient) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        response = await http.get("/api/v1/broken", headers={"X-Request-Id": "trace-12345678"})
    assert code_of(response) == (500, "internal_error")
    assert response.headers["x-request-id"] == "trace-12345678"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert [line["request_id"] for line in lines if line["event"] == "unexpected"] == ["trace-12345678"]


async def test_every_answer_carries_its_id_and_keeps_the_browser_at_home(http: httpx.AsyncClient) -> None:
    for response in (
        await http.get("/api/v1/people/a"),
        await http.get("/nowhere"),
        await http.post("/api/v1/notes", content=b"{", headers=JSON),
    ):
        assert response.headers["x-request-id"]
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cache-control"] == "no-store"


async def test_a_sent_request_id_is_kept_unless_it_could_be_a_nip(http: httpx.AsyncClient) -> None:
    kept = await http.get("/api/v1/people/a", headers={"X-Request-Id": "trace-12345678"})
    assert kept.headers["x-request-id"] == "trace-12345678"
    for wrong in (NIP, "short", "with space in it"):
        assert (await http.get("/api/v1/people/a", headers={"X-Request-Id": wrong})).headers["x-request-id"] != wrong


async def test_no_nip_of_an_address_is_logged(http: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await http.get(f"/api/v1/people/{NIP}?q={NIP}", headers={"X-Request-Id": NIP})
    assert [line["route"] for line in lines if line["event"] == "request"] == ["/api/v1/people/{nip}"]
    assert NIP not in str(lines)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://elsewhere"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Origin": "http://siklus"}, 200),
        ({}, 200),
        ({"Origin": "http://elsewhere", "Authorization": "Bearer x"}, 200),
    ],
)
async def test_another_site_cannot_press_a_button_with_our_cookie(
    http: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    response = await http.post("/api/v1/open", headers={**headers, "Cookie": "siklus_session=x"})
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "foreign_origin"
