"""`siklus roster import` and `siklus history import`: the api's own imports, run on whatever database this home has.

On a running home it uses the running database; otherwise it holds the home, starts the database alone and stops it
again. Whoever may read the home may do this: there is no login here.
"""

import asyncio
from pathlib import Path
from typing import Literal

from deploy import stack, wiring
from deploy.errors import OperatorError
from deploy.home import Home, HomeInUseError
from deploy.settings import Settings

RUNS = {"roster": wiring.import_roster, "history": wiring.import_earlier_years}


async def import_file(
    what: Literal["roster", "history"], settings: Settings, file: Path, *, dry_run: bool
) -> dict[str, object]:
    """Import the file; the answer is that of the api's call.

    Raises:
        OperatorError: no such file.
    """
    run = RUNS[what]
    if not await asyncio.to_thread(file.is_file):
        raise OperatorError(f"no such file: {file}")
    if settings.database_url:
        return await run(settings, file, dry_run=dry_run)
    home = Home(settings.home)
    try:
        with home.lock():
            async with stack.database_only(home, settings) as embedded:
                return await run(embedded, file, dry_run=dry_run)
    except HomeInUseError:
        return await run(stack.reach(home, settings), file, dry_run=dry_run)
