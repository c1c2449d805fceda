"""The application: routers, problems, limits and what lives as long as the process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from activities.facts import PackUnreadable
from api import health, limits, openapi
from api.acknowledging import router as acknowledging
from api.actions import router as actions
from api.agency import router as agency
from api.agency_days import router as agency_days
from api.appraisals import router as appraisals
from api.comparison import router as comparison
from api.credit import router as credit
from api.cycles import router as cycles
from api.daily_log import router as daily_log
from api.delegations import router as delegations
from api.earlier_years import router as earlier_years
from api.elsewhere import router as elsewhere
from api.evidence import router as evidence
from api.feedback import router as feedback
from api.feedback_asked import router as feedback_asked
from api.follow_ups import router as follow_ups
from api.forms import router as forms
from api.history import router as history
from api.me import dev_router
from api.me import router as me
from api.moderating import router as moderating
from api.observations import router as observations
from api.on_request import router as on_request
from api.people import router as people
from api.personnel import router as personnel
from api.policies import router as policies
from api.problems import Problem, of_database, of_pack
from api.programme_acts import router as programme_acts
from api.programmes import router as programmes
from api.public_input import open_router as public_input
from api.public_input import router as praising
from api.recusals import router as recusals
from api.remarks import router as remarks
from api.rooms import Rooms
from api.rosters import router as rosters
from api.security import Issuer
from api.strict import only_its_parameters
from api.teams import router as teams
from api.trainings import router as trainings
from api.upkeep import keep_promises
from api.validation import from_request
from api.web.door import tell
from api.web.routes import ROUTERS
from api.year_log import router as year_log

BASE = "/api/v1"


def create_app(make_rooms: Callable[[], Awaitable[Rooms]], *, local: bool) -> FastAPI:
    """The api and the pages. `make_rooms` is awaited once at start-up, in the loop that serves; `local` hangs on the dev token."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        rooms = await make_rooms()
        app.state.rooms = rooms
        background = [asyncio.create_task(rooms.records.listen()), asyncio.create_task(keep_promises(rooms))]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await rooms.database.close()

    app = FastAPI(title="Siklus", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.issuer = Issuer()
    strict = [Depends(only_its_parameters)]
    years = (
        *(cycles, appraisals, acknowledging, forms, daily_log, observations, evidence, feedback, feedback_asked),
        *(year_log, comparison, follow_ups, programmes, programme_acts, actions),
    )
    for router in (
        me,
        delegations,
        recusals,
        trainings,
        teams,
        people,
        history,
        credit,
        personnel,
        on_request,
        elsewhere,
        rosters,
        earlier_years,
        policies,
        *years,
        remarks,
        moderating,
        praising,
        public_input,
        agency,
        agency_days,
    ):
        app.include_router(router, prefix=BASE, dependencies=strict)
    if local:
        app.include_router(dev_router, prefix=BASE, dependencies=strict)
    app.include_router(health.router)
    for pages in ROUTERS:
        app.include_router(pages)
    limits.install(app, tell)
    openapi.install(app)
    _install_problems(app)
    return app


def _install_problems(app: FastAPI) -> None:
    """Everything that can go wrong below a route leaves as a problem document; what is unforeseen ends in the watch."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return tell(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return tell(request, from_request(error))

    @app.exception_handler(PackUnreadable)
    async def _pack(request: Request, error: PackUnreadable) -> Response:
        return tell(request, of_pack(error))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_input")
        return tell(request, Problem(code, headers=error.headers))

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    async def _database(request: Request, error: Exception) -> Response:
        return tell(request, of_database(error))
