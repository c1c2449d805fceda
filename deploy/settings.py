"""What can be chosen from outside: every `SIKLUS_*` variable, its default and its meaning.

The environment is read here and nowhere else; other rooms are handed values, never this class.
Where the engine is, in production, is Temporal's own affair: its standard `TEMPORAL_*` variables (`deploy.connect`).
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from deploy.webhooks import Webhook

PORT_MAX = 65535
CACHED_WORKFLOWS = 3000
"""The year of an agency of two thousand with room: one workflow too many in turn, and each finds its place just given away."""
SOMEBODY = "somebody@example.org"
"""A recipient to try an address with; nothing is sent to her."""
SECRET_MIN = 32
"""Characters of a secret that signs, as HS256 asks for so many bytes."""
WEBHOOKS_MAX = 8
"""Each holds a connection to the database while it is told something."""
WEBHOOK_NAME = re.compile(r"[a-z0-9_]{1,40}")
DATABASE_EXPECTED = "the database is PostgreSQL: postgresql+asyncpg://user@host/name"


class Mode(StrEnum):
    """`local`: the embedded stack, personas log in by NIP alone. `production`: tokens of the configured issuer only."""

    LOCAL = "local"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """`auto` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
    """All of it, validated once at the start; lists are separated by spaces or commas."""

    model_config = SettingsConfigDict(
        env_prefix="SIKLUS_", env_nested_delimiter="__", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(Path(".siklus"), description="data folder of the embedded stack")
    mode: Mode = Field(Mode.LOCAL, description="local or production")
    host: str = Field("127.0.0.1", description="address the api listens on")
    port: int = Field(8000, ge=1, le=PORT_MAX, description="port the api listens on")
    public_url: str | None = Field(
        None, description="address people use, for the links in notices; production needs it"
    )

    database_url: str | None = Field(None, repr=False, description="postgresql+asyncpg://...; empty: the embedded one")
    database_pool_size: int = Field(10, ge=1, le=80, description="connections one process keeps")
    engine_address: str | None = Field(None, description="host:port of the embedded engine; empty: TEMPORAL_* settings")
    engine_namespace: str = Field("default", description="namespace on the embedded engine")
    task_queue: str = Field("siklus", min_length=1)
    archive_url: str | None = Field(
        None, repr=False, description="object store (obstore URL); empty: the folder archive in home"
    )

    policies: Path | None = Field(None, description="folder of an agency's own policy packs; empty: policies in home")

    apprise_urls: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), description="empty: the outbox page only")
    mail_sender: str = Field("siklus@localhost", description="From: of every mail")
    mail_url: SecretStr | None = Field(None, description="apprise mail URL with {to} where the recipient goes")

    exchange_url: str | None = Field(
        None, repr=False, description="where the yearly record of each final result goes; empty: nowhere"
    )
    exchange_token: SecretStr | None = Field(None, description="the bearer token that goes with it")

    webhooks: Annotated[dict[str, Webhook], NoDecode] = Field(
        default_factory=dict, max_length=WEBHOOKS_MAX, description="who is told what happens, by name"
    )

    jwt_issuer: str = Field("siklus-local", description="`iss` of accepted tokens")
    jwt_jwks_url: str | None = Field(None, description="where the issuer publishes its keys")
    jwt_audience: str = Field("siklus", description="`aud` of accepted tokens")
    jwt_nip_claim: str = Field("nip", description="the claim that holds the NIP")

    oidc_client_id: str | None = Field(
        None, description="the pages' name at the issuer; empty: nobody signs in to them"
    )
    oidc_client_secret: SecretStr | None = Field(None, description="and their secret there")
    session_secret: SecretStr | None = Field(
        None, min_length=SECRET_MIN, description="what the pages' own cookies are signed with"
    )

    log_format: LogFormat = LogFormat.AUTO
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    worker_cache: int = Field(
        CACHED_WORKFLOWS, ge=1, description="workflows a worker keeps in memory, about 90 KiB each"
    )
    worker_activities: int = Field(32, ge=1, description="activities a worker runs at once")
    worker_drain_seconds: int = Field(20, ge=1, description="time a stopping worker gives to what it is doing")
    worker_metrics_port: int | None = Field(
        None, ge=1, le=PORT_MAX, description="Prometheus endpoint of the engine's SDK"
    )
    build_id: str | None = Field(
        None, description="commit of this deployment; empty: unversioned, as embedded runs are"
    )

    @field_validator("apprise_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("home", "policies", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value else None

    @field_validator("database_url", mode="after")
    @classmethod
    def _one_dialect(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, rest = value.split("://", 1) if "://" in value else ("", "")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+asyncpg://{rest}"
        if scheme != "postgresql+asyncpg":
            raise ValueError(DATABASE_EXPECTED)
        return value

    @field_validator("database_url", mode="after")
    @classmethod
    def _to_be_reached(cls, value: str | None) -> str | None:
        if value is None:
            return None
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            port = make_url(value).port
        except (ArgumentError, ValueError):
            raise ValueError(DATABASE_EXPECTED) from None  # what they say quotes the URL, and a password with it
        if port is not None and not 1 <= port <= PORT_MAX:
            raise ValueError(f"the database's port is a number from 1 to {PORT_MAX}")
        return value

    @field_validator("archive_url", mode="after")
    @classmethod
    def _known_store(cls, value: str | None) -> str | None:
        if value is None:
            return None
        from obstore import parse_scheme
        from obstore.exceptions import BaseError

        try:
            parse_scheme(value)
        except (BaseError, ValueError):
            raise ValueError(
                "the archive is an object store, as in s3://bucket/prefix, or a folder: file:///path"
            ) from None
        return value

    @field_validator("public_url", "jwt_jwks_url", "exchange_url", mode="after")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not _is_web_address(value):
            raise ValueError("this is a web address with its scheme, as in https://host/path")
        return value

    @field_validator("apprise_urls", mode="after")
    @classmethod
    def _known_channels(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        from activities.mail import Channels, understood

        for place, url in enumerate(value, start=1):
            if not all(map(understood, Channels(urls=(url.get_secret_value(),)).for_address(SOMEBODY).urls)):
                raise ValueError(
                    f"address {place} is none that apprise knows, as in ntfy://topic or mailto://user:password@host"
                )
        return value

    @field_validator("mail_url", mode="after")
    @classmethod
    def _reaches_a_recipient(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        from activities.mail import Channels, understood

        if "{to}" not in (written := value.get_secret_value()):
            raise ValueError("the mail URL needs {to} where the recipient goes, as in mailto://host/?to={to}")
        channels = Channels(mail_url=written, sender=info.data.get("mail_sender"))
        if not all(map(understood, channels.for_address(SOMEBODY).urls)):
            raise ValueError("the mail URL is none that apprise knows, as in mailto://host/?to={to}")
        return value

    @field_validator("exchange_token", mode="after")
    @classmethod
    def _fits_in_a_header(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        if not info.data.get("exchange_url"):
            raise ValueError("the token goes with SIKLUS_EXCHANGE_URL, which is not set")
        if not all("!" <= one <= "~" for one in value.get_secret_value()):
            raise ValueError("a bearer token is of printable ASCII characters without blanks")
        return value

    @field_validator("webhooks", mode="after")
    @classmethod
    def _endpoints(cls, value: dict[str, Webhook], info: ValidationInfo) -> dict[str, Webhook]:
        local = info.data.get("mode") is Mode.LOCAL
        for name, one in value.items():
            if not WEBHOOK_NAME.fullmatch(name):
                raise ValueError("an endpoint's name is of letters, digits and underscores")
            if not _is_web_address(one.url) or (urlsplit(one.url).scheme != "https" and not local):
                raise ValueError(f"{name}: its URL is a web address with its scheme, in production https://host/path")
        return value

    @model_validator(mode="after")
    def _production_is_whole(self) -> Self:
        if self.mode is Mode.LOCAL:
            return self
        needed = {
            "SIKLUS_DATABASE_URL": self.database_url,
            "SIKLUS_ARCHIVE_URL": self.archive_url,
            "SIKLUS_JWT_JWKS_URL": self.jwt_jwks_url,
            "SIKLUS_PUBLIC_URL": self.public_url,
        }
        missing = sorted(name for name, value in needed.items() if not value)
        if missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        if "jwt_issuer" not in self.model_fields_set:
            raise ValueError("production needs SIKLUS_JWT_ISSUER")
        pages = {
            "SIKLUS_OIDC_CLIENT_ID": self.oidc_client_id,
            "SIKLUS_OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "SIKLUS_SESSION_SECRET": self.session_secret,
        }
        lacking = sorted(name for name, value in pages.items() if not value)
        if lacking and len(lacking) < len(pages):
            raise ValueError(f"signing in to the pages needs {', '.join(lacking)} as well")
        return self

    @property
    def archive(self) -> str:
        """Where frozen forms and documents go, as an obstore URL."""
        return self.archive_url or f"file://{quote(str(self.home / 'archive'))}"

    @property
    def own_policies(self) -> Path:
        """Where an agency keeps its own packs; it need not be there."""
        return self.policies or self.home / "policies"

    @property
    def links(self) -> str:
        """What links in notices begin with, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure_cookie(self) -> bool:
        """Whether the cookie of the pages is for https only."""
        return urlsplit(self.links).scheme == "https"


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
