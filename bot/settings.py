"""The settings, from the environment (and `.env` in development). Each is explained in `docs/settings.md`."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from policy.errors import SettingsError

KEYS = "STAFFROOM_SECRET_KEYS"
PROFILE = "STAFFROOM_PROFILE"
PUBLIC_URL = "STAFFROOM_PUBLIC_URL"
SLACK = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN")
TEAMS = ("TEAMS_CLIENT_ID", "TEAMS_CLIENT_SECRET", "TEAMS_TENANT_ID")

GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
"""How Microsoft writes the ids of tenants and apps, and those of secrets."""
ENV_FILE = ".env"

DRIVERS = {
    # What hosting services hand out, and the driver that Staffroom uses for it.
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


def _database(given: str) -> str:
    scheme, separator, rest = given.partition("://")
    scheme = DRIVERS.get(scheme, scheme)
    if not separator or not rest or scheme not in DRIVERS.values():
        raise ValueError(
            "expected sqlite+aiosqlite:///data/staffroom.db or postgresql+asyncpg://user:password@host/name"
        )
    return f"{scheme}://{rest}"


def _keys(given: object) -> object:
    return [key.strip() for key in given.split(",") if key.strip()] if isinstance(given, str) else given


def is_loopback(host: str) -> bool:
    """Whether the host is this very machine, seen from itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _web(given: str) -> str:
    """A web address whose way nobody can read along: https, or this machine."""
    expected = "expected a web address such as https://staffroom.school.example"
    try:
        parts = urlsplit(given)
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(expected)
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("expected the address alone, without a user, a question mark or a #")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("expected https: what is sent there is confidential (http is only for this machine itself)")
    return given


def _login(given: str) -> str:
    if urlsplit(_web(given)).scheme != "https":
        raise ValueError("expected https: Microsoft's own library logs in nowhere else, not even on this machine")
    return given


def _page(given: str) -> str:
    page = _web(given).rstrip("/")
    if urlsplit(page).path:
        raise ValueError("expected the address alone, without a path: Staffroom has it to itself")
    return page


def _api(given: str) -> str:
    return _web(given).rstrip("/") + "/"


def _bucket(given: str) -> str:
    if not urlsplit(given).scheme or "://" not in given:
        raise ValueError("expected the address of a store, such as s3://bucket/staffroom")
    return given


def _not_the_app_token(given: SecretStr) -> SecretStr:
    if given.get_secret_value().startswith(("xapp-", "xoxp-")):
        raise ValueError("this is another kind of token; expected the bot token, which begins with xoxb-")
    return given


def _not_the_bot_token(given: SecretStr) -> SecretStr:
    if given.get_secret_value().startswith(("xoxb-", "xoxp-")):
        raise ValueError("this is another kind of token; expected the app-level token, which begins with xapp-")
    return given


def _client_id(given: str) -> str:
    if GUID.fullmatch(given.strip()) is None:
        raise ValueError("expected the Application (client) ID of the app registration, a GUID")
    return given.strip()


def _tenant_id(given: str) -> str:
    if GUID.fullmatch(given.strip()) is None:
        raise ValueError("expected the Directory (tenant) ID of the app registration, a GUID, not a domain name")
    return given.strip()


def _not_the_secrets_id(given: SecretStr) -> SecretStr:
    if GUID.fullmatch(given.get_secret_value().strip()) is not None:
        raise ValueError("this looks like the secret's ID; copy its Value")
    return given


WebAddress = Annotated[str, AfterValidator(_web)]


class Settings(BaseSettings):
    """Everything that the administrator sets. Secrets, and what may hold one, are not in its `repr`.

    Get one from `load_settings`, which says what is wrong in words.
    """

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default="sqlite+aiosqlite:///data/staffroom.db", validation_alias="STAFFROOM_DATABASE_URL", repr=False
    )
    data_dir: Path = Field(default=Path("data"), validation_alias="STAFFROOM_DATA_DIR")
    evidence_url: Annotated[str, AfterValidator(_bucket)] | None = Field(
        default=None, validation_alias="STAFFROOM_EVIDENCE_URL", repr=False
    )
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_keys)] = Field(
        default=(), validation_alias=KEYS
    )
    profile: str | None = Field(default=None, validation_alias=PROFILE)
    staff: Path | None = Field(default=None, validation_alias="STAFFROOM_STAFF")
    given_public_url: Annotated[str, AfterValidator(_page)] | None = Field(default=None, validation_alias=PUBLIC_URL)

    slack_bot_token: Annotated[SecretStr, AfterValidator(_not_the_app_token)] | None = Field(
        default=None, validation_alias="SLACK_BOT_TOKEN"
    )
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: Annotated[SecretStr, AfterValidator(_not_the_bot_token)] | None = Field(
        default=None, validation_alias="SLACK_APP_TOKEN"
    )
    slack_api_url: Annotated[str, AfterValidator(_api)] = Field(
        default="https://slack.com/api/", validation_alias="SLACK_API_URL"
    )

    teams_client_id: Annotated[str, AfterValidator(_client_id)] | None = Field(
        default=None, validation_alias="TEAMS_CLIENT_ID"
    )
    teams_client_secret: Annotated[SecretStr, AfterValidator(_not_the_secrets_id)] | None = Field(
        default=None, validation_alias="TEAMS_CLIENT_SECRET"
    )
    teams_tenant_id: Annotated[str, AfterValidator(_tenant_id)] | None = Field(
        default=None, validation_alias="TEAMS_TENANT_ID"
    )
    teams_openid_metadata_url: WebAddress | None = Field(default=None, validation_alias="TEAMS_OPENID_METADATA_URL")
    teams_login_url: Annotated[str, AfterValidator(_login)] | None = Field(
        default=None, validation_alias="TEAMS_LOGIN_URL"
    )

    host: str = Field(default="127.0.0.1", validation_alias="HOST")
    port: int = Field(default=3000, ge=0, le=65535, validation_alias="PORT")

    @property
    def public_url(self) -> str:
        """Where evidence pages are seen from, without a slash at the end."""
        return self.given_public_url or f"http://localhost:{self.port}"

    @property
    def uses_slack(self) -> bool:
        """Whether Slack is set up."""
        return self.slack_bot_token is not None

    @property
    def uses_socket_mode(self) -> bool:
        """Whether Slack is listened to over a socket that we open, instead of requests that it makes."""
        return self.uses_slack and self.slack_app_token is not None

    @property
    def uses_teams(self) -> bool:
        """Whether Microsoft Teams is set up."""
        return self.teams_client_id is not None


class _Given(Settings):
    """Settings from a mapping alone: the environment of the process is not looked at."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's own signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


NAMES: tuple[str, ...] = tuple(str(field.validation_alias) for field in Settings.model_fields.values())
"""The name of every setting, as the environment writes it."""


def load_settings(env: Mapping[str, str] | None = None, *, demo: bool = False) -> Settings:
    """The settings, from `env` alone when given, else from the environment and `.env`.

    The demo makes its own keys and brings its own profile: with `demo` neither is asked for.

    Raises:
        SettingsError: something is missing or wrong; every problem, one a line, with what to do. Values are
            not repeated.
    """
    problems: list[str] = []
    try:
        settings = Settings() if env is None else _Given(**_known(env))
    except ValidationError as error:
        problems += [
            f"{one['loc'][0]}: {_words(one['type'], one['msg'], one.get('ctx', {}))}"
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise SettingsError("\n".join(problems)) from None
    except UnicodeDecodeError:
        raise SettingsError(".env: not UTF-8 text; save the file as UTF-8") from None
    problems += _incomplete(settings)
    if not demo:
        problems += _missing(settings)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def unknown_names(names: Iterable[str]) -> list[str]:
    """For each name that looks like a setting of ours and is none: what it is most like, in words.

    Names that begin with SLACK_ or TEAMS_ may be other programs': of these only what is nearly one of ours is told.
    """
    found = []
    for name in sorted(set(names) - set(NAMES)):
        near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.6 if name.startswith("STAFFROOM_") else 0.8)
        if name.startswith("STAFFROOM_") or (name.startswith(("SLACK_", "TEAMS_")) and near):
            found.append(f"{name} is not a setting." + (f" Did you mean {near[0]}?" if near else ""))
    return found


def given_names() -> list[str]:
    """The names that stand in the environment and in `.env`, for `unknown_names`."""
    try:
        return [*os.environ, *dotenv_values(ENV_FILE, interpolate=False)]
    except (OSError, UnicodeDecodeError):
        return [*os.environ]


def _known(env: Mapping[str, str]) -> dict[str, Any]:
    return {name: env[name] for name in NAMES if env.get(name)}


def _words(kind: str, said: str, ctx: Mapping[str, object]) -> str:
    if kind == "value_error":
        return str(ctx["error"])
    if kind in {"int_parsing", "greater_than_equal", "less_than_equal"}:
        return "expected the number of a port, from 0 (any that is free) to 65535"
    return said


def _incomplete(settings: Settings) -> list[str]:
    """Platforms of which only a part is set."""
    problems = []
    given = {name: getattr(settings, name.lower()) is not None for name in (*SLACK, *TEAMS)}
    bot, secret, app = SLACK
    if (given[secret] or given[app]) and not given[bot]:
        problems.append(f"{bot}: missing; copy it from your Slack app, OAuth & Permissions: it begins with xoxb-")
    if given[bot] and not (given[secret] or given[app]):
        problems.append(
            f"{secret}: missing; copy it from your Slack app, Basic Information, or set {app} to use Socket Mode"
        )
    if any(given[name] for name in TEAMS):
        problems += [f"{name}: missing; Teams needs {', '.join(TEAMS)}" for name in TEAMS if not given[name]]
    return problems


def _missing(settings: Settings) -> list[str]:
    """What only the demo can do without."""
    problems = []
    if not settings.secret_keys:
        problems.append(
            f"{KEYS}: missing; run `staffroom keys new`, put what it prints there, and keep a copy "
            "apart from your backups: without it nothing can be read again"
        )
    if not settings.profile:
        problems.append(f"{PROFILE}: missing; give the name of a profile that ships (astor), or the path of yours")
    if settings.given_public_url is None and not is_loopback(settings.host):
        problems.append(
            f"{PUBLIC_URL}: missing; give the https address at which staff reach this server, "
            "such as https://staffroom.school.example"
        )
    return problems
