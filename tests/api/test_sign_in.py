"""Signing in to the pages by an agency's provider: a real one answers, over the loopback, and every wrong answer is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from oidc_provider_mock import User, run_server_in_thread

from api.rooms import Provider, TokenRules
from api.security import COOKIE, Issuer
from api.web.provider import ENTRY_COOKIE, safe
from tests.world import World

PEOPLE = 24
BASE = "http://siklus"
CLIENT = Provider("siklus-halaman", "rahasia-klien", f"{BASE}/masuk/kembali")
OURS = TokenRules(f"{BASE}/masuk", f"{BASE}/masuk", "sub", secret="kunci-halaman-" * 4)


@pytest_asyncio.fixture
async def provider(world: World) -> AsyncIterator[str]:
    """A provider that vouches for HR, and for somebody whom no roster knows; the pages sign in by it alone."""
    known = [
        User(sub="u-hr", claims={"nip": world.people["hr"]}),
        User(sub="u-lain", claims={"nip": "199001012015011999"}),
        User(sub="u-tanpa", claims={}),
    ]
    transport = world.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    state, rooms = transport.app.state, world.rooms  # type: ignore[attr-defined]
    before = rooms.tokens, rooms.sessions, rooms.provider, rooms.local, state.issuer, world.now
    with run_server_in_thread(user_claims=known, require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        rooms.tokens = dataclasses.replace(rooms.tokens, issuer=issuer, secret=None, jwks_url=f"{issuer}/jwks")
        rooms.sessions, rooms.provider, rooms.local = OURS, CLIENT, False
        state.issuer, world.now = Issuer(), datetime.now(UTC)
        try:
            yield issuer
        finally:
            rooms.tokens, rooms.sessions, rooms.provider, rooms.local, state.issuer, world.now = before


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=world.http._transport, base_url=BASE) as client:
        yield client


async def vouched(goes_to: str, who: str, **form: str) -> str:
    """What the provider sends the browser back with, once somebody signed in there."""
    async with httpx.AsyncClient() as there:
        assert (await there.get(goes_to)).status_code == 200
        answer = await there.post(goes_to, data={"sub": who, **form})
    assert answer.is_redirect, answer.text
    return answer.headers["location"]


async def begun(browser: httpx.AsyncClient, path: str = "/masuk/mulai") -> str:
    begins = await browser.get(path)
    assert begins.status_code == 303
    return begins.headers["location"]


@pytest.mark.usefixtures("provider")
async def test_whoever_the_provider_vouches_for_is_signed_in_and_goes_on_where_she_was(
    browser: httpx.AsyncClient,
) -> None:
    asked = await begun(browser, "/masuk/mulai?lanjut=/tim")
    assert {"code_challenge", "nonce", "state"} <= set(parse_qs(urlsplit(asked).query))
    entered = await browser.get(await vouched(asked, "u-hr"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/tim")
    cookie = next(one for one in entered.headers.get_list("set-cookie") if one.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await browser.get("/tim")).status_code == 200
    assert ENTRY_COOKIE not in browser.cookies


@pytest.mark.usefixtures("provider")
async def test_a_session_ends_by_itself(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await browser.get(await vouched(await begun(browser), "u-hr"))
    assert (await browser.get("/")).status_code == 200
    later = datetime.now(UTC).timestamp() + 13 * 3600
    monkeypatch.setattr("api.security.time.time", lambda: later)
    left = await browser.get("/")
    assert (left.status_code, left.headers["location"]) == (303, "/masuk")


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    ("who", "words"), [("u-lain", "tidak ada di daftar pegawai"), ("u-tanpa", "Masuk tidak selesai")]
)
async def test_whom_no_roster_knows_is_told_so_and_gets_no_session(
    browser: httpx.AsyncClient, who: str, words: str
) -> None:
    answer = await browser.get(await vouched(await begun(browser), who))
    assert answer.status_code == 403
    assert words in answer.text
    assert COOKIE not in browser.cookies


@pytest.mark.usefixtures("provider")
async def test_who_says_no_at_the_provider_is_back_at_the_sign_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(await vouched(await begun(browser), "u-hr", action="deny"))
    assert (answer.status_code, COOKIE in browser.cookies) == (403, False)
    assert "/masuk/mulai" in answer.text


@pytest.mark.usefixtures("provider")
async def test_an_answer_to_a_sign_in_of_another_browser_is_no_sign_in(
    world: World, browser: httpx.AsyncClient
) -> None:
    """Else somebody could make another act in her own name without knowing it."""
    forged = await vouched(await begun(browser), "u-hr")
    async with httpx.AsyncClient(transport=world.http._transport, base_url=BASE) as other:
        assert (await other.get(forged)).status_code == 403
        await begun(other)
        assert (await other.get(forged)).status_code == 403
        assert COOKIE not in other.cookies


@pytest.mark.usefixtures("provider")
async def test_an_answer_is_good_once(browser: httpx.AsyncClient) -> None:
    answer = await vouched(await begun(browser), "u-hr")
    kept = browser.cookies.get(ENTRY_COOKIE)
    assert (await browser.get(answer)).status_code == 303
    browser.cookies.clear()
    browser.cookies.set(ENTRY_COOKIE, kept or "", path="/masuk")
    assert (await browser.get(answer)).status_code == 403


async def test_neither_the_issuers_token_nor_the_half_way_cookie_is_a_session(
    provider: str, world: World, browser: httpx.AsyncClient
) -> None:
    await begun(browser)
    browser.cookies.set(COOKIE, browser.cookies.get(ENTRY_COOKIE, path="/masuk") or "")
    assert (await browser.get("/")).status_code == 303
    assert provider == world.rooms.tokens.issuer


async def test_while_the_provider_is_away_the_page_says_so(
    provider: str, world: World, browser: httpx.AsyncClient
) -> None:
    world.rooms.tokens = dataclasses.replace(world.rooms.tokens, issuer="http://127.0.0.1:1")
    assert provider
    answer = await browser.get("/masuk/mulai")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (503, "text/html")


@pytest.mark.usefixtures("provider")
async def test_outside_local_mode_no_nip_is_enough_and_the_page_offers_the_provider(
    world: World, browser: httpx.AsyncClient
) -> None:
    page = await browser.get("/masuk")
    assert "/masuk/mulai" in page.text
    assert world.people["hr"] not in page.text
    assert (await browser.post("/masuk", data={"nip": world.people["hr"]})).status_code == 404
    world.rooms.provider = None
    assert (await browser.get("/masuk/mulai")).status_code == 404
    assert "/masuk/mulai" not in (await browser.get("/masuk")).text


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_sign_in_leads_to_no_other_site(path: str) -> None:
    assert safe(path) == "/"
