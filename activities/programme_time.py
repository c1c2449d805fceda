"""The activity that keeps the time of an improvement programme: what has come happens, and the answer says when to look again.

One transaction that holds the row; done again, nothing happens twice, since what came is in the row.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import activity

from activities.facts import Facts
from activities.people import People
from activities.programmes import By, load, move, show
from models.appraisal import Frozen
from models.database import Database
from models.programme import due_now, wake
from models.programme_moves import happen
from models.vocabulary import ProgrammeState


class LookInput(Frozen):
    """`at` is the workflow's time; activities have no clock."""

    programme_id: str
    at: datetime


class Looked(Frozen):
    """`wake` is None while nothing comes by itself."""

    over: bool
    wake: datetime | None = None


class ProgrammeKeeper:
    """One per worker process."""

    def __init__(self, database: Database, facts: Facts, people: People) -> None:
        self._database = database
        self._facts = facts
        self._people = people

    @activity.defn(name="look_after_programme")
    async def look(self, wish: LookInput) -> Looked:
        """Let happen what has come by then; when to ask again. A programme that is over, or is not there, needs nobody."""
        async with self._database.transaction() as connection:
            held = await load(connection, self._facts, wish.programme_id, hold=True)
            if held is None or held.programme.state is ProgrammeState.DONE:
                return Looked(over=True)
            agency = await self._people.agency(connection)
            for moment in due_now(held.programme, held.spec, held.around, wish.at):
                moved = happen(held.programme, moment)
                held = await move(connection, agency, held, [moved], By.engine(max(wish.at, moment.at)))
            if held.programme.state is ProgrammeState.DONE:
                return Looked(over=True)
            wakes = wake(held.programme, held.spec, held.around, wish.at)
            await show(connection, held, wakes)
            return Looked(over=False, wake=wakes)
