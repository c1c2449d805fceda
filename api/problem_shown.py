"""The shape of a problem document in the OpenAPI document, and which codes each status may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AwareDatetime, Field

from api.exact import Exact
from api.problem_catalogue import CATALOGUE
from models.delegation import DelegationState
from models.vocabulary import CycleState, Form, Role, State

Code = Annotated[str, Field(json_schema_extra={"enum": sorted(CATALOGUE)})]


class FieldProblemShown(Exact):
    """What is wrong at one place; `pointer` is RFC 6901, empty for the whole."""

    pointer: str
    code: Annotated[str, Field(pattern="^[a-z_]+$")]
    message: str


class ProblemOut(Exact):
    """RFC 9457. `code` is stable, the sentences are in the caller's language; what follows `errors` says more where the code has it."""

    type: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    title: str
    status: int
    detail: str
    instance: str
    code: Code
    errors: list[FieldProblemShown] | MISSING = MISSING
    version: Annotated[int, Field(description="The current version.")] | MISSING = MISSING
    state: State | CycleState | DelegationState | MISSING = MISSING
    waits_on: Annotated[Role | Literal[""], Field(description="Empty where it waits on nobody.")] | MISSING = MISSING
    opens_at: AwareDatetime | MISSING = MISSING
    lapsed_at: AwareDatetime | MISSING = MISSING
    closes_at: Annotated[AwareDatetime, Field(description="When the step ends whatever is due.")] | MISSING = MISSING
    earliest: Annotated[date, Field(description="The first date an end may be brought forward to.")] | MISSING = MISSING
    until: Annotated[date, Field(description="The last day of a consultation.")] | MISSING = MISSING
    field: str | MISSING = MISSING
    form: Form | MISSING = MISSING
    limit: (
        Annotated[int, Field(description="Bytes; of `too_many` and those like it, how many there may be.")] | MISSING
    ) = MISSING
    expected: Annotated[str, Field(description="Media types, or kinds of files.")] | MISSING = MISSING
    parts: Annotated[str, Field(description="What a rating still lacks, by title.")] | MISSING = MISSING
    policy: Annotated[str, Field(description="Id of a policy pack.")] | MISSING = MISSING
    appraisals: Annotated[list[UUID], Field(description="Which ones it is about.")] | MISSING = MISSING
    courses: Annotated[str, Field(description="Trainings of which a rater needs one, by title.")] | MISSING = MISSING


def codes_of(status: int) -> list[str]:
    """The codes that are answered with this status."""
    return sorted(code for code, kind in CATALOGUE.items() if kind.status == status)
