"""Who is calling: a bearer token of the configured issuer, or the pages' cookie, turned into a person of the roster.

Roles are never in a token: they are looked up in the rows of today, at every request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from sqlalchemy import text

from api.problems import Problem
from api.rooms import Rooms, RoomsDep
from models.vocabulary import GrantedRole

COOKIE = "siklus_session"
JWKS_SECONDS = 300.0
PERSON = text(
    """
    SELECT p.id, p.nip, p.name, p.post, p.unit_id, u.code AS unit_code, u.name AS unit_name,
           array(SELECT role FROM role_grant g WHERE g.person_id = p.id) AS granted
      FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.nip = :nip AND p.active
    """
)


@dataclass(frozen=True)
class Caller:
    """The person who is calling, by the rows of this request."""

    person_id: str
    nip: str
    name: str
    post: str
    unit_id: str
    unit_code: str
    unit_name: str
    granted: frozenset[GrantedRole]

    def needs(self, *anyone_of: GrantedRole) -> None:
        """Raises `not_yours` unless one of these roles was granted."""
        if not self.granted & set(anyone_of):
            raise Problem("not_yours")


class Issuer:
    """The issuer's keys, fetched when first needed and again when a key is unknown or old."""

    def __init__(self) -> None:
        self._keys: KeySet | None = None
        self._fetched = 0.0

    async def keys(self, url: str, *, fresh: bool = False) -> KeySet:
        if self._keys is None or fresh or time.monotonic() - self._fetched > JWKS_SECONDS:
            async with httpx.AsyncClient(timeout=5) as client:
                self._keys = KeySet.import_key_set((await client.get(url)).raise_for_status().json())
            self._fetched = time.monotonic()
        return self._keys


async def nip_of(token: str, rooms: Rooms, issuer: Issuer) -> str:
    """The NIP a token vouches for. Raises `unauthenticated`."""
    rules = rooms.tokens
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(rooms.now().timestamp()) if rooms.local else int(time.time()),
        leeway=30,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "value": rules.audience},
        exp={"essential": True},
    )
    try:
        if rules.secret is not None:
            decoded = jwt.decode(token, OctKey.import_key(rules.secret), algorithms=["HS256"])
        else:
            decoded = await _decode_by_issuer(token, rules.jwks_url or "", issuer)
        registry.validate(decoded.claims)
        nip = decoded.claims[rules.nip_claim]
    except (JoseError, ValueError, KeyError, TypeError, httpx.HTTPError) as refused:
        raise Problem("unauthenticated") from refused
    if not isinstance(nip, str):
        raise Problem("unauthenticated")
    return nip


async def _decode_by_issuer(token: str, url: str, issuer: Issuer) -> jwt.Token:
    asymmetric = ["RS256", "ES256", "PS256", "EdDSA"]
    try:
        return jwt.decode(token, await issuer.keys(url), algorithms=asymmetric)
    except (JoseError, ValueError):
        return jwt.decode(token, await issuer.keys(url, fresh=True), algorithms=asymmetric)


async def caller(request: Request, rooms: RoomsDep) -> Caller:
    """The caller of this request. Raises `unauthenticated`, `unknown_person`."""
    token = request.headers.get("authorization", "")
    scheme, _, credential = token.partition(" ")
    if scheme.lower() != "bearer" or not credential:
        credential = request.cookies.get(COOKIE, "")
    if not credential:
        raise Problem("unauthenticated")
    nip = await nip_of(credential, rooms, request.app.state.issuer)
    async with rooms.database.transaction() as connection:
        row = (await connection.execute(PERSON, {"nip": nip})).one_or_none()
    if row is None:
        raise Problem("unknown_person")
    return Caller(
        row.id,
        row.nip,
        row.name,
        row.post,
        row.unit_id,
        row.unit_code,
        row.unit_name,
        frozenset(GrantedRole(r) for r in row.granted),
    )


CallerDep = Annotated[Caller, Depends(caller)]
