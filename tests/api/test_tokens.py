"""Tokens of a configured issuer: its keys are read over HTTP, kept while it is away, and never asked for by garbage."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from api.security import JWKS_SECONDS, RETRY_SECONDS, Issuer, readable
from tests.world import World

OLD, NEW, FOREIGN = (
    RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True) for kid in ("old", "new", "foreign")
)
CURVED = ECKey.generate_key("P-256", {"kid": "curved"}, private=True)
POST_QUANTUM = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA"}
BROKEN = [
    {"kty": "RSA", "kid": "half", "n": "AQAB"},
    {"kty": "EC", "kid": "odd", "crv": "P-999", "x": "AA", "y": "AA"},
    {"kty": "RSA", "kid": "types", "n": 7, "e": []},
    {"kty": ["RSA"]},
    {"kid": "nothing"},
    {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
    {**RSAKey.generate_key(2048).as_dict(private=False), "kid": "for-encryption", "use": "enc"},
    "no key at all",
]


@dataclass
class Published:
    """What the issuer serves; `keys` None is an issuer that answers 500. `asked` counts the visits."""

    keys: list[object] | None
    url: str = ""
    asked: int = 0
    clock: float = 1000.0
    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        self.issuer = Issuer(lambda: self.clock)


def public(*keys: RSAKey | ECKey) -> list[object]:
    return [key.as_dict(private=False) for key in keys]


@pytest.fixture
def published(world: World) -> Iterator[Published]:
    """An issuer on the loopback, believed by the world's api as long as the test runs."""
    here = Published(public(OLD))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked += 1
            body = json.dumps({"keys": here.keys}).encode()
            self.send_response(500 if here.keys is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    here.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
    transport = world.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    state = transport.app.state  # type: ignore[attr-defined]
    before = world.rooms.tokens, state.issuer, world.now
    world.rooms.tokens = dataclasses.replace(world.rooms.tokens, jwks_url=here.url, secret=None)
    state.issuer, world.now = here.issuer, datetime.now(UTC)
    try:
        yield here
    finally:
        world.rooms.tokens, state.issuer, world.now = before
        server.shutdown()
        server.server_close()
        serving.join()


def signed(world: World, key: RSAKey | ECKey | OctKey, alg: str = "RS256", **other: object) -> str:
    """A token for HR's NIP by that key; `other` changes claims, and `kid` the header."""
    rules, now = world.rooms.tokens, int(world.now.timestamp())
    header = {"alg": alg, "kid": other.pop("kid", key.kid)}
    claims = {
        "iss": rules.issuer,
        "aud": rules.audience,
        rules.nip_claim: world.people["hr"],
        "exp": now + 600,
    }
    named = {name: value for name, value in header.items() if value is not None}
    return jwt.encode(named, claims | other, key, algorithms=[alg])


async def met(world: World, token: str) -> tuple[int, str]:
    """Status and problem code (`` where let in) of the caller with that token."""
    answer = await world.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
    return answer.status_code, answer.json().get("code", "")


LET_IN = (200, "")
REFUSED = (401, "unauthenticated")
AWAY = (503, "issuer_away")


async def test_a_token_of_the_issuer_opens_the_door_and_its_keys_are_read_once(
    world: World, published: Published
) -> None:
    for _ in range(3):
        assert await met(world, signed(world, OLD)) == LET_IN
    assert await met(world, signed(world, OLD, kid=None)) == LET_IN
    assert published.asked == 1


async def test_a_key_that_came_by_rotation_is_fetched_when_it_is_first_met(world: World, published: Published) -> None:
    assert await met(world, signed(world, OLD)) == LET_IN
    published.keys = public(OLD, NEW, CURVED)
    published.clock += RETRY_SECONDS
    assert await met(world, signed(world, NEW)) == LET_IN
    assert await met(world, signed(world, CURVED, "ES256")) == LET_IN
    assert published.asked == 2


async def test_a_key_taken_back_is_believed_no_longer_than_the_keys_are_kept(
    world: World, published: Published
) -> None:
    assert await met(world, signed(world, OLD)) == LET_IN
    published.keys = public(NEW)
    published.clock += JWKS_SECONDS + 1
    assert await met(world, signed(world, OLD)) == REFUSED


async def test_unknown_keys_are_looked_for_at_most_once_in_a_while(world: World, published: Published) -> None:
    assert await met(world, signed(world, OLD)) == LET_IN
    for number in range(5):
        assert await met(world, signed(world, FOREIGN, kid=f"k{number}")) == REFUSED
    assert published.asked == 1
    published.clock += RETRY_SECONDS
    for number in range(5):
        assert await met(world, signed(world, FOREIGN, kid=f"k{number}")) == REFUSED
    assert published.asked == 2


async def test_the_old_keys_serve_while_the_issuer_is_away(world: World, published: Published) -> None:
    assert await met(world, signed(world, OLD)) == LET_IN
    published.keys = None
    published.clock += 10 * JWKS_SECONDS
    assert await met(world, signed(world, OLD)) == LET_IN
    assert await met(world, signed(world, OLD)) == LET_IN
    assert await met(world, signed(world, FOREIGN)) == REFUSED
    assert published.asked == 2


async def test_without_any_keys_nobody_is_judged(world: World, published: Published) -> None:
    published.keys = None
    assert await met(world, signed(world, OLD)) == AWAY
    published.keys = public(OLD)
    published.clock += RETRY_SECONDS
    assert await met(world, signed(world, OLD)) == LET_IN


@pytest.mark.usefixtures("published")
async def test_an_issuer_nobody_listens_for_is_away(world: World) -> None:
    world.rooms.tokens = dataclasses.replace(world.rooms.tokens, jwks_url="http://127.0.0.1:1/keys")
    assert await met(world, signed(world, OLD)) == AWAY


async def test_keys_we_cannot_read_are_passed_over(world: World, published: Published) -> None:
    published.keys = [POST_QUANTUM, *BROKEN, *public(OLD)]
    assert await met(world, signed(world, OLD)) == LET_IN
    assert [key.kid for key in readable({"keys": published.keys})] == ["old"]


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": None}, {"keys": {}}, {"keys": []}])
def test_what_is_no_key_set_holds_no_keys(document: object) -> None:
    assert readable(document) == ()


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


GARBAGE = [
    "x",
    "a.b.c",
    "a.b.c.d",
    f"{segment({'alg': 'RS256', 'kid': 'k'})}.{segment({})}",
    f"{segment({'alg': 'RS256', 'kid': 'k'})}.bm8.AA",
    f"{segment({'alg': 'RS256', 'kid': 'k'})}.{segment([1])}.AA",
    f"{segment({'alg': 'RS256', 'kid': 7})}.{segment({})}.AA",
    f"{segment({'alg': ['RS256'], 'kid': 'k'})}.{segment({})}.AA",
    f"{segment(['RS256'])}.{segment({})}.AA",
    f"{segment({'alg': 'none', 'kid': 'k'})}.{segment({})}.",
    f"{segment({'kid': 'k'})}.{segment({})}.AA",
    f"{segment({'alg': 'HS256', 'kid': 'k'})}.{segment({})}.AA",
]


@pytest.mark.parametrize("token", GARBAGE)
async def test_garbage_costs_the_issuer_nothing(world: World, published: Published, token: str) -> None:
    assert await met(world, token) == REFUSED
    assert published.asked == 0


@pytest.mark.usefixtures("published")
async def test_a_public_key_is_no_shared_secret(world: World) -> None:
    """The well-known confusion: a token signed by HS256 with the text of the public key."""
    shared = OctKey.import_key(OLD.as_pem(private=False).hex(), {"kid": "old"})
    assert await met(world, signed(world, OLD)) == LET_IN
    assert await met(world, signed(world, shared, "HS256")) == REFUSED


@pytest.mark.parametrize(
    "claims", [{"exp": 1_000_000_000}, {"iss": "another"}, {"aud": "another"}, {"nip": 5}, {"nip": None}]
)
@pytest.mark.usefixtures("published")
async def test_a_good_signature_does_not_mend_bad_claims(world: World, claims: dict[str, object]) -> None:
    assert await met(world, signed(world, OLD, "RS256", **claims)) == REFUSED


@pytest.mark.usefixtures("published")
async def test_another_key_under_a_known_name_is_refused(world: World) -> None:
    assert await met(world, signed(world, OLD)) == LET_IN
    assert await met(world, signed(world, FOREIGN, kid="old")) == REFUSED
    assert await met(world, signed(world, CURVED, "ES256", kid="old")) == REFUSED


@pytest.mark.usefixtures("published")
async def test_a_token_nested_without_end_is_no_token(world: World) -> None:
    header, payload, signature = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (b'{"alg":"RS256","kid":"k"}', b"[" * 5000, b"x")
    )
    assert await met(world, f"{header}.{payload}.{signature}") == REFUSED
