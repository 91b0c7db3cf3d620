"""An administrator sets up Staffroom: what is missing or wrong is told at once, with what to do, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import NAMES, Settings, given_names, load_settings, unknown_names
from policy.errors import SettingsError

ENOUGH = {"STAFFROOM_SECRET_KEYS": "key-one", "STAFFROOM_PROFILE": "astor"}
CLIENT, TENANT = "2f4c3a10-0000-4000-8000-0000000000b0", "7c1d9e55-0000-4000-8000-0000000a5702"


def wrong(env: dict[str, str]) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(SettingsError) as refused:
        load_settings(env)
    return str(refused.value).split("\n")


def test_the_defaults() -> None:
    settings = load_settings(ENOUGH)
    assert settings.database_url == "sqlite+aiosqlite:///data/staffroom.db"
    assert settings.data_dir == Path("data")
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.public_url == "http://localhost:3000"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.staff is None
    assert not settings.uses_slack
    assert not settings.uses_teams


def test_everything_can_be_set() -> None:
    settings = load_settings(
        {
            "STAFFROOM_DATABASE_URL": "postgres://staff:secret@db/staffroom",
            "STAFFROOM_DATA_DIR": "/srv/staffroom",
            "STAFFROOM_EVIDENCE_URL": "s3://bucket/evidence",
            "STAFFROOM_SECRET_KEYS": " new , old ",
            "STAFFROOM_PROFILE": "ours.toml",
            "STAFFROOM_STAFF": "staff.csv",
            "STAFFROOM_PUBLIC_URL": "https://staffroom.astor.example/",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "sign",
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_API_URL": "http://127.0.0.1:9/api",
            "TEAMS_CLIENT_ID": CLIENT,
            "TEAMS_CLIENT_SECRET": "hush",
            "TEAMS_TENANT_ID": f" {TENANT}",
            "TEAMS_OPENID_METADATA_URL": "https://login.example/openid",
            "TEAMS_LOGIN_URL": "https://localhost:9/",
            "HOST": "0.0.0.0",  # noqa: S104 - that is what a server in a container writes
            "PORT": "8080",
        }
    )
    assert settings.database_url == "postgresql+asyncpg://staff:secret@db/staffroom"
    assert [key.get_secret_value() for key in settings.secret_keys] == ["new", "old"]
    assert settings.public_url == "https://staffroom.astor.example"
    assert settings.slack_api_url == "http://127.0.0.1:9/api/"
    assert settings.uses_slack
    assert settings.uses_socket_mode
    assert settings.uses_teams
    assert settings.port == 8080
    shown = f"{settings!r} {settings}"
    for secret in ("secret@", "new", "old", "xoxb", "sign'", "xapp", "hush"):
        assert secret not in shown


def test_nothing_set_says_what_to_do() -> None:
    keys, profile = wrong({})
    assert keys.startswith("STAFFROOM_SECRET_KEYS: missing; run `staffroom keys new`")
    assert profile.startswith("STAFFROOM_PROFILE: missing; give the name of a profile that ships (astor)")


def test_the_demo_needs_neither() -> None:
    assert load_settings({}, demo=True).secret_keys == ()


def test_an_empty_value_is_not_set() -> None:
    assert len(wrong({"STAFFROOM_SECRET_KEYS": "", "STAFFROOM_PROFILE": "", "PORT": ""})) == 2
    assert wrong(ENOUGH | {"STAFFROOM_SECRET_KEYS": " , "})[0].startswith("STAFFROOM_SECRET_KEYS: missing")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("STAFFROOM_DATABASE_URL", "mysql://me:letmein@db/x", "expected sqlite+aiosqlite:///data/staffroom.db or"),
        ("STAFFROOM_DATABASE_URL", "staffroom-letmein.db", "expected sqlite+aiosqlite"),
        ("STAFFROOM_EVIDENCE_URL", "letmein", "expected the address of a store, such as s3://"),
        ("STAFFROOM_PUBLIC_URL", "http://letmein.example", "expected https"),
        ("STAFFROOM_PUBLIC_URL", "letmein", "expected a web address"),
        ("STAFFROOM_PUBLIC_URL", "https://me:letmein@staffroom.example", "without a user"),
        ("STAFFROOM_PUBLIC_URL", "https://[letmein", "expected a web address"),
        ("STAFFROOM_PUBLIC_URL", "https://staffroom.example/letmein", "without a path"),
        ("SLACK_API_URL", "http://letmein.example/api/", "expected https"),
        ("TEAMS_LOGIN_URL", "http://localhost:9/", "expected https: Microsoft's own library"),
        ("TEAMS_LOGIN_URL", "http://letmein.example/", "expected https"),
        ("TEAMS_OPENID_METADATA_URL", "http://letmein.example/", "expected https"),
        ("SLACK_BOT_TOKEN", "xapp-letmein", "expected the bot token, which begins with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-letmein", "expected the app-level token, which begins with xapp-"),
        ("TEAMS_LOGIN_URL", "letmein", "expected a web address"),
        ("PORT", "letmein", "expected the number of a port"),
        ("PORT", "65536", "expected the number of a port"),
        ("PORT", "-1", "expected the number of a port"),
        ("TEAMS_CLIENT_ID", "letmein", "expected the Application (client) ID"),
        ("TEAMS_TENANT_ID", "letmein.onmicrosoft.com", "a GUID, not a domain name"),
    ],
)
def test_each_wrong_value_is_told_by_its_name_and_not_repeated(name: str, value: str, says: str) -> None:
    line = wrong(ENOUGH | {name: value})[0]
    assert line.startswith(f"{name}: ")
    assert says in line
    assert "letmein" not in line


@pytest.mark.parametrize("url", ["http://localhost:3000", "http://127.0.0.1:80", "http://[::1]:3000"])
def test_this_machine_needs_no_https(url: str) -> None:
    assert load_settings(ENOUGH | {"STAFFROOM_PUBLIC_URL": url}).public_url == url


def test_a_server_that_others_reach_needs_its_address() -> None:
    [line] = wrong(ENOUGH | {"HOST": "0.0.0.0"})  # noqa: S104
    assert line.startswith("STAFFROOM_PUBLIC_URL: missing; give the https address")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_SIGNING_SECRET": "x"}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_APP_TOKEN": "xapp-1"}, ["SLACK_BOT_TOKEN"]),
        ({"TEAMS_CLIENT_ID": CLIENT}, ["TEAMS_CLIENT_SECRET", "TEAMS_TENANT_ID"]),
    ],
)
def test_half_a_platform_is_told(given: dict[str, str], missing: list[str]) -> None:
    found = wrong(ENOUGH | given)
    assert [line.split(": missing")[0] for line in found] == missing


def test_an_app_token_is_enough_for_socket_mode() -> None:
    assert load_settings(ENOUGH | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}).uses_socket_mode


def test_several_mistakes_are_told_at_once() -> None:
    assert len(wrong(ENOUGH | {"PORT": "x", "STAFFROOM_PUBLIC_URL": "x", "SLACK_API_URL": "x"})) == 3


def test_given_settings_are_all_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=5000\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOST", "localhost")
    assert (load_settings(ENOUGH).host, load_settings(ENOUGH).port) == ("127.0.0.1", 3000)


def test_the_environment_goes_before_the_file_of_development(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(
        "STAFFROOM_SECRET_KEYS=one,two\nSTAFFROOM_PROFILE=astor\nPORT=5000\nSOMETHING_ELSE=1\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "6000")
    settings = load_settings()
    assert settings.port == 6000
    assert settings.profile == "astor"
    assert len(settings.secret_keys) == 2


def test_a_misspelt_setting_is_found() -> None:
    assert unknown_names(["STAFFROOM_PROFLE", "PATH", "STAFFROOM_PROFILE"]) == [
        "STAFFROOM_PROFLE is not a setting. Did you mean STAFFROOM_PROFILE?"
    ]


def test_of_names_that_may_be_another_programs_only_a_near_miss_is_told() -> None:
    assert unknown_names(["TEAMS_TENNANT_ID", "SLACK_WEBHOOK_URL", "TEAMS_PHONE"]) == [
        "TEAMS_TENNANT_ID is not a setting. Did you mean TEAMS_TENANT_ID?"
    ]


def test_a_misspelt_setting_in_the_file_of_development_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("STAFFROOM_STAF=people.csv\nOTHER=1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "STAFFROOM_STAF is not a setting. Did you mean STAFFROOM_STAFF?" in unknown_names(given_names())


def test_the_id_of_a_secret_is_not_taken_for_the_secret() -> None:
    [line] = wrong(
        ENOUGH | {"TEAMS_CLIENT_ID": CLIENT, "TEAMS_TENANT_ID": TENANT, "TEAMS_CLIENT_SECRET": CLIENT.upper()}
    )
    assert line == "TEAMS_CLIENT_SECRET: this looks like the secret's ID; copy its Value"


def test_settings_do_not_change() -> None:
    settings: Settings = load_settings(ENOUGH)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
