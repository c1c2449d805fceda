"""Signing in by the agency's identity provider: OpenID Connect, authorization code with PKCE.

The provider is the issuer whose bearer tokens the api believes. What is kept between the two halves lies signed in a cookie of ten minutes,
so nothing is stored here; afterwards the session is a cookie of our own, which ends by itself.
"""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.jwk import OctKey

from api.problems import Problem
from api.rooms import Provider, Rooms, TokenRules
from api.security import Issuer, claims_of

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

ENTRY_COOKIE = "siklus_entry"
ENTRY_LIFETIME = timedelta(minutes=10)
DISCOVERY = "/.well-known/openid-configuration"
SECONDS = 10.0


@dataclass(frozen=True)
class Entry:
    """What begins a sign-in: where the browser goes, and what it brings back in its cookie."""

    goes_to: str
    cookie: str


class EntryRefusedError(Exception):
    """The provider did not vouch for anybody, or this is no answer to a sign-in that was begun here."""


def safe(path: str) -> str:
    """A path of ours to go on with; the first page for anything that could lead elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


async def begin(rooms: Rooms, provider: Provider, sessions: TokenRules, goes_on: str) -> Entry:
    """Begin a sign-in that goes on to that page. Raises `issuer_away`."""
    known = await _discovered(rooms.tokens.issuer)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    async with _client(provider) as client:
        url, state = client.create_authorization_url(
            known["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "next": safe(goes_on)}
    return Entry(str(url), _signed(kept, sessions, rooms.now()))


async def finish(
    rooms: Rooms, provider: Provider, sessions: TokenRules, issuer: Issuer, cookie: str, answer: Mapping[str, str]
) -> tuple[str, str]:
    """The NIP that the provider vouches for, and the page to go on with. Raises `EntryRefusedError`, `issuer_away`."""
    try:
        kept = await claims_of(cookie, rooms, _entries(sessions), issuer)
    except Problem as refused:
        raise EntryRefusedError("no sign-in was begun in this browser") from refused
    if "code" not in answer or not secrets.compare_digest(answer.get("state", ""), str(kept["state"])):
        raise EntryRefusedError(answer.get("error", "another sign-in was begun since"))
    known = await _discovered(rooms.tokens.issuer)
    try:
        async with _client(provider) as client:
            given = await client.fetch_token(
                known["token_endpoint"], code=answer["code"], code_verifier=str(kept["verifier"])
            )
            said = await _vouched(rooms, provider, issuer, str(given.get("id_token", "")), str(kept["nonce"]))
            nip = said.get(rooms.tokens.nip_claim)
            if nip is None and "userinfo_endpoint" in known:
                told = (await client.get(known["userinfo_endpoint"])).raise_for_status().json()
                nip = told.get(rooms.tokens.nip_claim) if told.get("sub") == said.get("sub") else None
    except httpx.HTTPError as lost:
        raise Problem("issuer_away") from lost
    except (AuthlibBaseError, ValueError) as refused:
        raise EntryRefusedError("the provider took the code for none of its own") from refused
    if not isinstance(nip, str):
        raise EntryRefusedError("the provider does not say whose account this is")
    return nip, safe(str(kept["next"]))


async def _vouched(rooms: Rooms, provider: Provider, issuer: Issuer, token: str, nonce: str) -> Mapping[str, object]:
    """What the ID token says (OpenID Connect Core 3.1.3.7): signed by the issuer, for us, and for this sign-in."""
    rules = TokenRules(rooms.tokens.issuer, provider.client_id, rooms.tokens.nip_claim, rooms.tokens.jwks_url)
    try:
        said = await claims_of(token, rooms, rules, issuer)
    except Problem as refused:
        if refused.code == "unauthenticated":
            raise EntryRefusedError("the provider's word does not hold") from refused
        raise
    if said.get("nonce") != nonce:
        raise EntryRefusedError("the provider's word is about another sign-in")
    return said


def _client(provider: Provider) -> AsyncOAuth2Client:
    with (
        warnings.catch_warnings()
    ):  # loaded at the first sign-in; it speaks of the successor of httpx, which nobody here can act on
        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import AsyncOAuth2Client
    return AsyncOAuth2Client(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        redirect_uri=provider.returns_to,
        scope="openid profile",
        code_challenge_method="S256",
        timeout=SECONDS,
    )


async def _discovered(issuer: str) -> Mapping[str, str]:
    """Where the provider wants to be asked (OpenID Connect Discovery 4). Raises `issuer_away`."""
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            found = (await client.get(issuer.rstrip("/") + DISCOVERY)).raise_for_status().json()
        return {name: str(found[name]) for name in found if name.endswith("_endpoint")} | {
            name: str(found[name]) for name in ("authorization_endpoint", "token_endpoint")
        }
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as lost:
        raise Problem("issuer_away") from lost


def _entries(sessions: TokenRules) -> TokenRules:
    """The rules of the cookie between the halves: never good for a session."""
    return TokenRules(sessions.issuer, f"{sessions.audience}/entry", "state", secret=sessions.secret)


def _signed(kept: Mapping[str, str], sessions: TokenRules, at: datetime) -> str:
    rules = _entries(sessions)
    ends = int((at + ENTRY_LIFETIME).timestamp())
    claims = {**kept, "iss": rules.issuer, "aud": rules.audience, "exp": ends}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(rules.secret or ""))
