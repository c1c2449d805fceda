"""Refuses what an address does not take, so that nobody believes it was heard: a misspelt `dryrun` must not import for real."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Depends, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from api.problems import FieldProblem, Problem
from api.validation import ERRORS_MAX, SENTENCES, pointer
from models.language import Bilingual

UNKNOWN_PARAMETER = Bilingual(
    id="Alamat ini tidak mengenal parameter itu. Yang dikenal: {known}.",
    en="This address takes no such parameter. It takes: {known}.",
)


async def only_its_parameters(request: Request) -> None:
    """For every route of the api. Raises `invalid_input` with `unknown_parameter` for each that the route does not have."""
    route = request.scope.get("route")
    if not request.scope["query_string"] or not isinstance(route, APIRoute):
        return
    known = _parameters(route)
    message = UNKNOWN_PARAMETER.fill(known=", ".join(sorted(known)) or "–")
    foreign = _foreign(request.query_params.keys(), known)
    if foreign:
        problems = [FieldProblem(pointer([name]), "unknown_parameter", message) for name in foreign]
        raise Problem("invalid_input", errors=problems)


async def only_its_parts(request: Request, *known: str) -> None:
    """For a route that takes a form of parts. Raises `invalid_input` for each part that it does not know."""
    foreign = _foreign((await request.form()).keys(), known)
    if foreign:
        message = SENTENCES["extra_forbidden"]
        raise Problem(
            "invalid_input", errors=[FieldProblem(pointer([name]), "extra_forbidden", message) for name in foreign]
        )


class EmptyBody(BaseModel):
    """Nothing is said here."""

    model_config = ConfigDict(extra="forbid")


async def _nothing_said(body: EmptyBody | None = None) -> None:
    """FastAPI refuses a field, and tells the document."""


NOTHING_SAID = Depends(_nothing_said)
"""For a route that writes and takes no body: a field in one is refused like an unknown one."""


def _parameters(route: APIRoute) -> frozenset[str]:
    return frozenset(one.alias for one in get_flat_params(route.dependant) if isinstance(one.field_info, params.Query))


def _foreign(said: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(said) - set(known))[:ERRORS_MAX]
