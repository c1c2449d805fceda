"""A refusal beside the fields that it is about, on the page of its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.problems import Problem, as_document
from api.web.door import told
from api.web.language import spoken


@dataclass(frozen=True)
class Refusal:
    """`errors` are the sentences by field, as the body names it; what is about none of the fields is in `rest`."""

    status: int = 200
    title: str = ""
    detail: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    def rest(self, *fields: str) -> list[str]:
        return [said for name, said in self.errors.items() if name not in fields]


def refusal_of(problem: Problem) -> Refusal:
    """What the page of a form says of it. Raises the problem again where it is not about the form: another page tells it."""
    if problem.code in ("not_yours", "not_found", "unauthenticated", "unknown_person"):
        raise problem
    said, plain = as_document(problem, spoken()), told(problem)
    errors: dict[str, str] = {}
    for one in said.get("errors") or ():  # type: ignore[attr-defined]
        errors.setdefault(str(one["pointer"]).strip("/"), str(one["message"]))
    return Refusal(int(str(said["status"])), str(plain["title"]), str(plain["detail"]), errors)
