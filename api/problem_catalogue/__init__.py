"""The catalogue of problems: the contract's list of codes, each with its status, a title and a sentence.

A sentence says what was kept and what to do next; `api.problems` fills its placeholders.
"""

from __future__ import annotations

from api.problem_catalogue.cycles import OF_CYCLES
from api.problem_catalogue.kind import Kind
from api.problem_catalogue.others import OF_OTHERS
from api.problem_catalogue.people import OF_PEOPLE
from api.problem_catalogue.requests import OF_REQUESTS
from api.problem_catalogue.trouble import OF_TROUBLE
from api.problem_catalogue.years import OF_YEARS

CATALOGUE: dict[str, Kind] = {**OF_REQUESTS, **OF_YEARS, **OF_CYCLES, **OF_PEOPLE, **OF_OTHERS, **OF_TROUBLE}
