"""Who is told what happens, as an operator says it: `SIKLUS_WEBHOOKS__NAME__URL` and its companions.

Whoever may set these variables decides where messages go, into the agency's own network too; nobody else ever names an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from deploy.errors import OperatorError
from models.hooks import HookKind, keys_of

if TYPE_CHECKING:
    from activities.hooks import HookEndpoint


class Webhook(BaseModel):
    """One endpoint. Two secrets, parted by a blank or a line, are both valid while one replaces the other."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str = Field(repr=False)
    secret: SecretStr | None = None
    secret_file: Path | None = None
    kinds: Annotated[tuple[HookKind, ...], NoDecode] = tuple(HookKind)

    @field_validator("kinds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("secret", mode="after")
    @classmethod
    def _of_the_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            keys_of(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("an endpoint has a SECRET or a SECRET_FILE")
        return self

    def keys(self) -> tuple[bytes, ...]:
        """What messages are signed with. Raises `OSError` or `ValueError` where the file holds none."""
        if self.secret_file is not None:
            return keys_of(self.secret_file.read_text(encoding="utf-8"))
        assert self.secret is not None
        return keys_of(self.secret.get_secret_value())


def endpoints(webhooks: Mapping[str, Webhook]) -> Sequence[HookEndpoint]:
    """For a worker: with their keys, which no other process reads.

    Raises:
        OperatorError: a secret's file cannot be read, or holds none.
    """
    from activities.hooks import HookEndpoint

    made = []
    for name, one in webhooks.items():
        try:
            made.append(HookEndpoint(name, one.url, one.keys(), frozenset(one.kinds)))
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise OperatorError(f"SIKLUS_WEBHOOKS__{name.upper()}__SECRET_FILE: {said}") from error
    return made
