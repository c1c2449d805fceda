"""Tokens of local mode: signed with the secret of the home, for any NIP, and refused by every production.

In production only the configured issuer makes tokens; `issue` then refuses.
"""

import time
from datetime import UTC, datetime

from deploy.errors import OperatorError
from deploy.home import Home
from deploy.settings import Mode, Settings


class NotLocalError(OperatorError):
    """Tokens are made by the issuer, not by us."""


def issue(settings: Settings, nip: str, *, now: float | None = None) -> str:
    """A bearer token for this person, valid for twelve hours.

    Raises:
        NotLocalError: the mode is production.
        OperatorError: not eighteen digits.
    """
    if settings.mode is not Mode.LOCAL:
        raise NotLocalError("tokens are made by the issuer in production")
    if len(nip) != 18 or not nip.isascii() or not nip.isdigit():
        raise OperatorError("a NIP has 18 digits")
    from api import tokens
    from api.rooms import TokenRules

    rules = TokenRules(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        nip_claim=settings.jwt_nip_claim,
        secret=Home(settings.home).secret(),
    )
    return tokens.issue(rules, nip, datetime.fromtimestamp(time.time() if now is None else now, UTC))
