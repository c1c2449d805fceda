"""`siklus roster import`: the api's own import, run from the command line on whatever database this home has.

On a running home it uses the running database; otherwise it holds the home, starts the database alone and stops it
again. Whoever may read the home may do this: there is no login here.
"""

import asyncio
from pathlib import Path

from deploy import stack, wiring
from deploy.errors import OperatorError
from deploy.home import Home, HomeInUseError
from deploy.settings import Settings


async def import_file(settings: Settings, file: Path, *, dry_run: bool) -> dict[str, object]:
    """Import the file; the answer is that of `POST /roster/imports`.

    Raises:
        OperatorError: no such file.
    """
    if not await asyncio.to_thread(file.is_file):
        raise OperatorError(f"no such file: {file}")
    if settings.database_url:
        return await wiring.import_roster(settings, file, dry_run=dry_run)
    home = Home(settings.home)
    try:
        with home.lock():
            async with stack.database_only(home, settings) as embedded:
                return await wiring.import_roster(embedded, file, dry_run=dry_run)
    except HomeInUseError:
        return await wiring.import_roster(stack.reach(home, settings), file, dry_run=dry_run)
