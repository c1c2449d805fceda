"""Who is calling: a bearer token of the configured issuer, or the pages' cookie, turned into a person of the roster.

Roles are never in a token: they are looked up in the rows of today, at every request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import httpx
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from fastapi import Depends, Request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.people import GONE
from api.problems import Problem
from api.rooms import Rooms, RoomsDep, TokenRules
from models.vocabulary import GrantedRole, Zone
from models.workdays import local_day

COOKIE = "siklus_session"
JWKS_SECONDS = 300.0
RETRY_SECONDS = 10.0
ASYMMETRIC = ["RS256", "ES256", "PS256", "EdDSA"]
WHO = f"""
    SELECT p.id, p.nip, p.name, p.post, p.unit_id, u.code AS unit_code, u.name AS unit_name,
           array(SELECT role FROM role_grant g JOIN tenure t ON t.person_id = g.person_id
                  WHERE g.person_id = p.id AND t.valid_from <= :today AND coalesce(t.valid_until, 'infinity') >= :today) AS granted
      FROM person p JOIN unit u ON u.id = p.unit_id
      JOIN LATERAL (SELECT {GONE.format(day=":today")} AS now) left_by ON true
     WHERE p.active
       AND (NOT left_by.now OR EXISTS (SELECT FROM appraisal a WHERE a.person_id = p.id AND a.launch = 'launched'
            AND a.state <> 'finalisation.done'))
"""
"""Granted roles are hers who is here that day. Who left signs in for as long as a year of hers is open, and again when she is back."""
PERSON = text(f"{WHO} AND p.nip = :nip")
PERSON_BY_ID = text(f"{WHO} AND p.id = :id")
log = structlog.stdlib.get_logger("siklus.api")


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
    """The issuer's public keys as they were last read.

    Old keys are kept while the issuer is away: a token stays believed or refused by its signature, whoever is down.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._keys: tuple[Key, ...] = ()
        self._read_at = -math.inf
        self._tried_at = -math.inf
        self._reading = asyncio.Lock()

    async def keys(self, url: str, kid: str | None) -> Sequence[Key]:
        """The keys a token may be signed with: those of its `kid`, all where it names none. Raises `issuer_away`."""
        if self._wanting(kid) and not (self._named(kid) and self._reading.locked()):
            async with self._reading:
                if self._wanting(kid):
                    await self._read(url)
        if not self._keys:
            raise Problem("issuer_away")
        return self._named(kid)

    def _named(self, kid: str | None) -> Sequence[Key]:
        return [key for key in self._keys if kid is None or key.kid == kid]

    def _wanting(self, kid: str | None) -> bool:
        now = self._monotonic()
        enough = self._named(kid) and now - self._read_at <= JWKS_SECONDS
        return not enough and now - self._tried_at >= RETRY_SECONDS

    async def _read(self, url: str) -> None:
        self._tried_at = self._monotonic()
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                found = readable((await client.get(url)).raise_for_status().json())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("issuer_away", error=type(error).__name__, keys_kept=len(self._keys))
            return
        if not found:
            log.warning("issuer_without_keys", keys_kept=len(self._keys))
            return
        self._keys, self._read_at = found, self._monotonic()


def readable(document: object) -> tuple[Key, ...]:
    """The public signing keys of a JWK set; what we cannot read is passed over (RFC 7517 section 5)."""
    listed = document.get("keys") if isinstance(document, dict) else None
    found: list[Key] = []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
            continue
        with contextlib.suppress(JoseError, ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm):
            found.append(JWKRegistry.import_key(one))
    return tuple(found)


async def nip_of(token: str, rooms: Rooms, rules: TokenRules, issuer: Issuer) -> str:
    """The NIP a token vouches for under these rules. Raises `unauthenticated`, `issuer_away`."""
    nip = (await claims_of(token, rooms, rules, issuer)).get(rules.nip_claim)
    if not isinstance(nip, str):
        raise Problem("unauthenticated")
    return nip


async def claims_of(token: str, rooms: Rooms, rules: TokenRules, issuer: Issuer) -> Mapping[str, object]:
    """What a token says, of one that holds under these rules. Raises `unauthenticated`, `issuer_away`."""
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
    except (JoseError, ValueError, KeyError, TypeError) as refused:
        raise Problem("unauthenticated") from refused
    return decoded.claims


async def _decode_by_issuer(token: str, url: str, issuer: Issuer) -> jwt.Token:
    """The token, checked with the issuer's keys. What is no token of ours is refused before any key is looked for."""
    kid = _kid_of(token)
    refused: Exception = ValueError("no key of the issuer signed this")
    for key in await issuer.keys(url, kid):
        try:
            return jwt.decode(token, key, algorithms=ASYMMETRIC)
        except (JoseError, ValueError, TypeError) as error:
            refused = error
    raise refused


def _kid_of(token: str) -> str | None:
    """The `kid` of a well-formed JWT with an algorithm we take. Raises `JoseError`, `ValueError`."""
    unchecked = jws.extract_compact(token.encode())
    try:
        header, claims = unchecked.headers(), json.loads(unchecked.payload)
    except RecursionError:
        raise ValueError("nested deeper than any token") from None
    kid = header.get("kid")
    if header.get("alg") not in ASYMMETRIC or not isinstance(claims, dict) or not isinstance(kid, str | None):
        raise ValueError("not a token of an issuer")
    return kid


async def caller(request: Request, rooms: RoomsDep) -> Caller:
    """The caller of this request. Raises `unauthenticated`, `issuer_away`, `unknown_person`."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    rules: TokenRules | None = rooms.tokens
    if scheme.lower() != "bearer" or not credential:
        credential, rules = request.cookies.get(COOKIE, ""), rooms.sessions
    if not credential or rules is None:
        raise Problem("unauthenticated")
    nip = await nip_of(credential, rooms, rules, request.app.state.issuer)
    async with rooms.database.question() as connection:
        found = await caller_of(connection, nip, rooms.now())
    if found is None:
        raise Problem("unknown_person")
    return found


async def caller_of(connection: AsyncConnection, nip: str, now: datetime) -> Caller | None:
    """The person of that NIP with the roles of today; None where nobody may sign in by it."""
    row = (await connection.execute(PERSON, {"nip": nip, "today": local_day(now, Zone.WIB)})).one_or_none()
    return None if row is None else _caller(row)


async def person_by_id(rooms: Rooms, person: str) -> Caller | None:
    """Somebody in whose name what she began is gone on with, by the rows of now; None where she has left."""
    today = local_day(rooms.now(), Zone.WIB)
    async with rooms.database.question() as connection:
        row = (await connection.execute(PERSON_BY_ID, {"id": person, "today": today})).one_or_none()
    return None if row is None else _caller(row)


def _caller(row: Row[tuple[object, ...]]) -> Caller:
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
