"""Settings are refused at the start, with the variable's name, or they are whole."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.errors import OperatorError
from deploy.home import Home
from deploy.settings import Mode, Settings
from deploy.webhooks import endpoints
from models.hooks import HookKind

PRODUCTION = {
    "SIKLUS_MODE": "production",
    "SIKLUS_DATABASE_URL": "postgresql+asyncpg://siklus@db/siklus",
    "SIKLUS_ARCHIVE_URL": "s3://bucket/siklus",
    "SIKLUS_JWT_JWKS_URL": "https://login.example/keys",
    "SIKLUS_JWT_ISSUER": "https://login.example",
    "SIKLUS_PUBLIC_URL": "https://siklus.example",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SIKLUS_"):
            monkeypatch.delenv(name)


def given(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_without_any_variable_it_is_the_local_stack_in_this_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert settings.mode is Mode.LOCAL
    assert settings.home == tmp_path / ".siklus"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url is None
    assert settings.archive == f"file://{tmp_path}/.siklus/archive"
    assert settings.links == "http://127.0.0.1:8000"


def test_production_is_taken_when_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, PRODUCTION)
    assert settings.mode is Mode.PRODUCTION
    assert settings.archive == "s3://bucket/siklus"


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"SIKLUS_MODE"}))
def test_production_with_one_thing_missing_names_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        given(monkeypatch, {name: value for name, value in PRODUCTION.items() if name != missing})


PAGES = {
    "SIKLUS_OIDC_CLIENT_ID": "siklus",
    "SIKLUS_OIDC_CLIENT_SECRET": "rahasia",
    "SIKLUS_SESSION_SECRET": "kunci-halaman-" * 4,
}


@pytest.mark.parametrize("missing", PAGES)
def test_signing_in_to_the_pages_is_set_up_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    assert given(monkeypatch, PRODUCTION | PAGES).oidc_client_id == "siklus"
    monkeypatch.delenv(missing)
    with pytest.raises(ValidationError, match=missing):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SIKLUS_PORT", "70000", "65535"),
        ("SIKLUS_MODE", "staging", "'local' or 'production'"),
        ("SIKLUS_DATABASE_URL", "sqlite:///siklus.db", "postgresql+asyncpg://user@host/name"),
        ("SIKLUS_DATABASE_URL", "siklus", "postgresql+asyncpg://user@host/name"),
        ("SIKLUS_DATABASE_URL", "postgresql://u:hidden@db:port/siklus", "postgresql+asyncpg://user@host/name"),
        ("SIKLUS_DATABASE_URL", "postgresql://u:hidden@db:99999/siklus", "65535"),
        ("SIKLUS_DATABASE_URL", "postgresql://u:hidden@[::1/siklus", "postgresql+asyncpg://user@host/name"),
        ("SIKLUS_ARCHIVE_URL", "foo", "s3://bucket/prefix"),
        ("SIKLUS_ARCHIVE_URL", "foo://bucket", "s3://bucket/prefix"),
        ("SIKLUS_ARCHIVE_URL", "s3://", "s3://bucket/prefix"),
        ("SIKLUS_JWT_JWKS_URL", "notaurl", "https://"),
        ("SIKLUS_JWT_JWKS_URL", "ftp://login.example/keys", "https://"),
        ("SIKLUS_JWT_JWKS_URL", "https:///keys", "https://"),
        ("SIKLUS_PUBLIC_URL", "siklus.example", "https://"),
        ("SIKLUS_EXCHANGE_URL", "siasn.example", "https://"),
        ("SIKLUS_EXCHANGE_TOKEN", "hidden", "SIKLUS_EXCHANGE_URL"),
        ("SIKLUS_SESSION_SECRET", "hidden", "32"),
        ("SIKLUS_PUBLIC_URL", "https://siklus.example:port", "https://"),
        ("SIKLUS_MAIL_URL", "mailto://post.example", "{to}"),
        ("SIKLUS_MAIL_URL", "nonsense://hidden/{to}", "mailto://"),
        ("SIKLUS_APPRISE_URLS", "json://example, nonsense://hidden", "address 2"),
        ("SIKLUS_LOG_LEVEL", "chatty", "DEBUG"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_with_what_is_expected_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        given(monkeypatch, PRODUCTION | {name: value})
    (problem,) = refused.value.errors()
    assert problem["loc"][0] == name.removeprefix("SIKLUS_").lower()
    assert expected in problem["msg"]
    assert "hidden" not in problem["msg"]
    assert "\n" not in problem["msg"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIKLUS_DATABASE_URL", "postgresql+asyncpg://siklus:p%40ss@db:5432/siklus"),
        ("SIKLUS_DATABASE_URL", "postgresql+asyncpg://siklus@/siklus?host=/run/postgresql"),
        ("SIKLUS_ARCHIVE_URL", "file:///var/lib/siklus/archive"),
        ("SIKLUS_ARCHIVE_URL", "gs://bucket"),
        ("SIKLUS_ARCHIVE_URL", "az://container/siklus"),
        ("SIKLUS_JWT_JWKS_URL", "http://login:8080/realms/siklus/keys"),
        ("SIKLUS_PUBLIC_URL", "https://siklus.example/kinerja"),
        ("SIKLUS_MAIL_URL", "mailto://host/?to={to}"),
        ("SIKLUS_MAIL_URL", "mailtos://u:p@smtp.example:587/?to={to}&from=siklus@example.org"),
    ],
)
def test_production_takes_what_is_usual(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    given(monkeypatch, PRODUCTION | {name: value})


@pytest.mark.parametrize("written", ["json://a,ntfy://b", "json://a ntfy://b", " json://a,  ntfy://b "])
def test_addresses_of_notices_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    settings = given(monkeypatch, {"SIKLUS_APPRISE_URLS": written})
    assert [url.get_secret_value() for url in settings.apprise_urls] == ["json://a", "ntfy://b"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_usual_ways_to_write_a_postgresql_address_are_one(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    settings = given(monkeypatch, {"SIKLUS_DATABASE_URL": f"{scheme}://u@h/d"})
    assert settings.database_url == "postgresql+asyncpg://u@h/d"


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "correct-horse-battery-staple"
    printed = repr(
        given(
            monkeypatch,
            {
                **PRODUCTION,
                "SIKLUS_APPRISE_URLS": f"json://u:{secret}@host",
                "SIKLUS_MAIL_URL": f"mailto://u:{secret}@host/?to={{to}}",
                "SIKLUS_DATABASE_URL": f"postgresql://u:{secret}@h/d",
            },
        )
    )
    assert secret not in printed


def test_the_secret_of_a_home_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert home.secret() == Home(tmp_path / "home").secret()
    assert len(home.secret()) == 64
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


SIGNED = "whsec_aGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVu"
HOOK = {"SIKLUS_WEBHOOKS__PAYROLL__URL": "https://payroll.example/hooks", "SIKLUS_WEBHOOKS__PAYROLL__SECRET": SIGNED}


def test_each_endpoint_of_webhooks_is_told_apart_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SIGNED}\n{SIGNED}\n")
    more = {
        "SIKLUS_WEBHOOKS__BKN_1__URL": "https://bkn.example",
        "SIKLUS_WEBHOOKS__BKN_1__SECRET_FILE": str(tmp_path / "secret"),
        "SIKLUS_WEBHOOKS__BKN_1__KINDS": "appraisal.final cycle.closed",
    }
    settings = given(monkeypatch, PRODUCTION | HOOK | more)
    other, payroll = sorted(endpoints(settings.webhooks), key=lambda one: one.name)
    assert (other.name, payroll.name) == ("bkn_1", "payroll")
    assert (other.kinds, payroll.kinds) == ({HookKind.FINAL, HookKind.CYCLE_CLOSED}, set(HookKind))
    assert (len(other.keys), len(payroll.keys)) == (2, 1)
    assert SIGNED not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"SIKLUS_WEBHOOKS": "https://hidden"}, "valid dictionary"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__URL": "http://payroll.example/?hidden"}, "payroll: its URL"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__URL": "hidden"}, "payroll: its URL"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__SECRET": "hidden"}, "whsec_"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__SECRET_FILE": "/run/secrets/payroll"}, "a SECRET or a SECRET_FILE"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__SECRET": ""}, "a SECRET or a SECRET_FILE"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__KINDS": "appraisal.hidden"}, "appraisal.final"),
        ({"SIKLUS_WEBHOOKS__PAYROLL__COLOUR": "hidden"}, "not permitted"),
        ({"SIKLUS_WEBHOOKS__PAY-ROLL__URL": "https://h", "SIKLUS_WEBHOOKS__PAY-ROLL__SECRET": SIGNED}, "letters"),
        (
            {
                f"SIKLUS_WEBHOOKS__A{number}__{name}": value
                for number in range(8)
                for name, value in (("URL", "https://h"), ("SECRET", SIGNED))
            },
            "at most 8",
        ),
    ],
)
def test_an_endpoint_that_is_none_is_refused_with_what_is_expected_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], expected: str
) -> None:
    with pytest.raises(ValidationError, match=expected) as refused:
        given(monkeypatch, PRODUCTION | HOOK | changed)
    for problem in refused.value.errors():
        assert problem["loc"][0] == "webhooks"
        assert "hidden" not in problem["msg"]


def test_locally_an_endpoint_may_be_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOOK | {"SIKLUS_WEBHOOKS__PAYROLL__URL": "http://127.0.0.1:8099/"})


@pytest.mark.parametrize("held", [None, "", "hidden"])
def test_a_worker_whose_secret_s_file_holds_none_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: str | None
) -> None:
    file = tmp_path / "secret"
    if held is not None:
        file.write_text(held)
    settings = given(
        monkeypatch,
        {"SIKLUS_WEBHOOKS__PAYROLL__URL": "https://h", "SIKLUS_WEBHOOKS__PAYROLL__SECRET_FILE": str(file)},
    )
    with pytest.raises(OperatorError, match="SIKLUS_WEBHOOKS__PAYROLL__SECRET_FILE: ") as refused:
        endpoints(settings.webhooks)
    assert "hidden" not in str(refused.value)
