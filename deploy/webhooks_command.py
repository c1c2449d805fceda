"""`siklus webhooks`: how those fare who are told what happens, and what an operator does about it."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.hook_rows import drop, standing, switch_on
from deploy import stack
from deploy.database import asking
from deploy.errors import OperatorError
from deploy.settings import Settings
from models.database import Database


async def webhooks(settings: Settings, *, on: str | None, forget: str | None) -> list[dict[str, object]]:
    """Every endpoint that the database knows, after one of them was switched on again or forgotten.

    Raises:
        OperatorError: nothing runs on this home, the database does not answer, or it knows no such endpoint.
    """
    settings = stack.running(settings)
    database = Database(settings.database_url or "", pool_size=1)
    try:
        with asking():
            async with database.transaction() as connection:
                if on and not await switch_on(connection, on, datetime.now(UTC)):
                    raise OperatorError(f"there is no endpoint {on}")
                if forget and not await drop(connection, forget):
                    raise OperatorError(f"there is no endpoint {forget}")
                return [dict(row) for row in await standing(connection)]
    finally:
        await database.close()
