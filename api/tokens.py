"""Makes the tokens of local mode: signed with the home's secret, for any NIP.

The one place where a token is issued; production never comes here, its tokens are the configured issuer's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.jwk import OctKey

if TYPE_CHECKING:  # the command line issues tokens too, and must not load what a request needs
    from api.rooms import TokenRules

LIFETIME = timedelta(hours=12)
ALGORITHM = "HS256"


def issue(rules: TokenRules, nip: str, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """A bearer token for this NIP, valid from `at` on. Raises `ValueError` where the rules hold no secret."""
    if rules.secret is None:
        raise ValueError("these tokens are made by the configured issuer")
    issued = int(at.timestamp())
    claims = {
        "iss": rules.issuer,
        "aud": rules.audience,
        "sub": nip,
        rules.nip_claim: nip,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, OctKey.import_key(rules.secret))
