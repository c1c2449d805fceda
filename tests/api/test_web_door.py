"""What the door refuses, told to a browser as a page and to a program as a problem document."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.limits import JSON_BYTES_MAX, MULTIPART_BYTES_MAX
from tests.api.browsing import Browser, opened_browser, read
from tests.api.page import HERE
from tests.world import World

PEOPLE = 12
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FOREIGN = {"Origin": "http://elsewhere"}


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with opened_browser(world) as opened:
        await opened.sign_in(world.people["hr"])
        yield opened


async def refused(browser: Browser, case: str) -> httpx.Response:
    """One request that the door or the map of addresses refuses."""
    client = browser.client
    match case:
        case "not found":
            return await client.get("/tidak-ada", headers=BROWSER)
        case "method":
            return await client.put("/tim", headers=BROWSER | {"Origin": HERE})
        case "foreign origin":
            return await client.post("/keluar", headers=BROWSER | FOREIGN)
        case "nul":
            return await client.get("/penilaian/%00", headers=BROWSER)
        case "nul in a form":
            return await client.post("/tim", content=b"do-x=%00", headers=BROWSER | FORM | {"Origin": HERE})
        case "large form":
            much = b"x=" + b"a" * JSON_BYTES_MAX
            return await client.post("/tim", content=much, headers=BROWSER | FORM | {"Origin": HERE})
    files = {"file": ("a.pdf", b"%PDF-" + b"0" * MULTIPART_BYTES_MAX)}
    return await client.post("/penilaian/x/bukti", files=files, headers=BROWSER | {"Origin": HERE})


MULTIPART: dict[str, tuple[str, str, bytes]] = {
    "value": ("text", "", b"a\x00b"),
    "name": ("te\x00xt", "", b"a"),
    "name of a file": ("file", '; filename="a\x00.txt"', b"a"),
}
"""Where in a form of several parts a NUL may stand: the name of a part, what else is said of it, its content."""


@pytest.mark.parametrize("path", ["/layanan/SDN-001", "/pelimpahan", "/penilaian/x/bukti", "/masuk"])
@pytest.mark.parametrize("case", MULTIPART)
async def test_a_nul_in_a_form_of_several_parts_is_refused_wherever_it_stands(
    browser: Browser, path: str, case: str
) -> None:
    name, more, content = MULTIPART[case]
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.client.post(path, content=part, headers=BROWSER | kind | {"Origin": HERE})
    assert answer.status_code == 422
    assert "karakter NUL" in read(answer).text


@pytest.mark.parametrize(
    ("case", "status", "said"),
    [
        ("not found", 404, "Halaman tidak ditemukan"),
        ("method", 405, "Alamat ini bukan halaman"),
        ("foreign origin", 403, "dikirim oleh halaman situs lain"),
        ("nul", 422, "karakter NUL"),
        ("nul in a form", 422, "karakter NUL"),
        ("large form", 413, "Tulisan dapat dikirim sampai 1 MB, berkas sampai 10 MB"),
        ("large file", 413, "Tulisan dapat dikirim sampai 1 MB, berkas sampai 10 MB"),
    ],
)
async def test_what_the_door_refuses_a_browser_reads_as_a_page_that_leads_on(
    browser: Browser, case: str, status: int, said: str
) -> None:
    answer = await refused(browser, case)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = read(answer)
    assert said in page.text
    assert page.link("Kembali ke beranda") == f"{HERE}/"
    assert (await browser.go("/")).status == 200, "the session goes on"


async def test_a_program_reads_every_refusal_as_a_problem_document_and_so_does_everybody_below_the_api(
    browser: Browser,
) -> None:
    for path, headers in (("/tidak-ada", {"Accept": "*/*"}), ("/api/v1/tidak-ada", BROWSER)):
        answer = await browser.client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["code"] == "not_found"
