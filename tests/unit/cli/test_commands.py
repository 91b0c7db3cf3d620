"""The command line as an administrator uses it: real processes, in an empty folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.cli import app
from bot.sandbox.world import PEOPLE
from storage.sealing import new_master_key

PROJECT = Path(__file__).parents[3]


def staffroom(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with these settings and no others."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("STAFFROOM_", "SLACK_", "TEAMS_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(PROJECT), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Settings that are in order."""
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return {
        "STAFFROOM_SECRET_KEYS": new_master_key(),
        "STAFFROOM_PROFILE": "astor",
        "STAFFROOM_STAFF": "people.csv",
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_SIGNING_SECRET": "none",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }


def test_a_new_key_is_a_line_to_copy(tmp_path: Path) -> None:
    first, second = (staffroom(tmp_path, "keys", "new").stdout.strip() for _ in range(2))
    assert first.startswith("sk1_")
    assert first != second


def test_without_settings_every_command_says_what_to_set(tmp_path: Path) -> None:
    for words in (
        ["run"],
        ["check"],
        ["migrate"],
        ["audit", "verify"],
        ["keys", "rotate"],
        ["backup", "b"],
        ["restore", "b"],
    ):
        done = staffroom(tmp_path, *words)
        assert done.returncode == 2
        assert "staffroom keys new" in done.stderr
        assert "Traceback" not in done.stderr


def test_migrate_and_audit_verify(tmp_path: Path, settings: dict[str, str]) -> None:
    done = staffroom(tmp_path, "migrate", **settings)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "staffroom.db").stat().st_mode & 0o777 == 0o600
    verified = staffroom(tmp_path, "audit", "verify", **settings)
    assert verified.returncode == 0, verified.stderr
    assert "intact" in verified.stdout


def test_a_lost_key_is_told_and_nothing_is_overwritten(tmp_path: Path, settings: dict[str, str]) -> None:
    staffroom(tmp_path, "migrate", **settings)
    before = (tmp_path / "data" / "staffroom.db").read_bytes()
    done = staffroom(tmp_path, "migrate", **{**settings, "STAFFROOM_SECRET_KEYS": new_master_key()})
    assert done.returncode == 2
    assert "STAFFROOM_SECRET_KEYS" in done.stderr
    assert (tmp_path / "data" / "staffroom.db").read_bytes() == before


def test_check_tells_a_duty_nobody_holds_and_that_slack_is_away(tmp_path: Path, settings: dict[str, str]) -> None:
    without = "".join(line for line in PEOPLE.splitlines(keepends=True) if ",dsl," not in line)
    (tmp_path / "people.csv").write_text(without, encoding="utf-8")
    done = staffroom(tmp_path, "check", **settings)
    assert done.returncode == 1
    assert re.search(r"error: .*dsl", done.stdout)
    assert "Slack could not be reached" in done.stdout


def test_a_wrong_row_is_told_with_line_column_and_reason(tmp_path: Path, settings: dict[str, str]) -> None:
    wrong = PEOPLE + "Ann Other,not-an-address,headteachr,,,\n"
    (tmp_path / "people.csv").write_text(wrong, encoding="utf-8")
    done = staffroom(tmp_path, "check", **settings)
    assert done.returncode == 2
    line = len(wrong.splitlines())
    assert f"line {line}, column email" in done.stderr
    assert f"line {line}, column duties" in done.stderr
    assert "headteacher" in done.stderr


def test_a_profile_with_a_wrong_key_is_told_with_its_line(tmp_path: Path, settings: dict[str, str]) -> None:
    text = (PROJECT / "policy" / "profiles" / "astor.toml").read_text(encoding="utf-8")
    (tmp_path / "ours.toml").write_text(text.replace("last_resort", "last_resrt"), encoding="utf-8")
    done = staffroom(tmp_path, "run", **{**settings, "STAFFROOM_PROFILE": "ours.toml"})
    assert done.returncode == 2
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("last_resort"))
    assert f"ours.toml:{line}" in done.stderr
    assert "last_resort" in done.stderr


def test_the_manifest_is_json_for_the_public_address(tmp_path: Path) -> None:
    done = staffroom(tmp_path, "slack-manifest", "--public-url", "https://staffroom.astor.example")
    made = json.loads(done.stdout)
    assert made["settings"]["interactivity"]["request_url"] == "https://staffroom.astor.example/slack/events"


TEAMS = {
    "TEAMS_CLIENT_ID": "2f4c3a10-0000-4000-8000-0000000000b0",
    "TEAMS_CLIENT_SECRET": "none",
    "TEAMS_TENANT_ID": "7c1d9e55-0000-4000-8000-0000000a5702",
    "STAFFROOM_PUBLIC_URL": "https://staffroom.astor.example",
}


def test_the_package_for_teams_has_the_version_that_was_asked_for(tmp_path: Path) -> None:
    done = staffroom(tmp_path, "teams-package", "--version", "1.0.2", "app.zip", **TEAMS)
    assert "app.zip is written, version 1.0.2" in done.stdout
    with zipfile.ZipFile(tmp_path / "app.zip") as made:
        assert json.loads(made.read("manifest.json"))["version"] == "1.0.2"


@pytest.mark.parametrize(
    ("path", "why"),
    [("nope/a.zip", "there is no folder nope"), (".", "it is a folder; name a file in it")],
)
def test_where_the_package_cannot_be_written_is_said_in_a_line(tmp_path: Path, path: str, why: str) -> None:
    done = staffroom(tmp_path, "teams-package", path, **TEAMS)
    assert (done.returncode, done.stderr) == (2, f"{path} cannot be written: {why}\n")


def test_a_long_school_name_is_cut_aloud(tmp_path: Path) -> None:
    text = (PROJECT / "policy" / "profiles" / "astor.toml").read_text(encoding="utf-8")
    name = "St Mary Magdalene and St Bartholomew School"
    (tmp_path / "ours.toml").write_text(text.replace("Astor Secondary School", name), encoding="utf-8")
    done = staffroom(tmp_path, "teams-package", STAFFROOM_PROFILE="ours.toml", **TEAMS)
    assert done.returncode == 0
    assert "Teams shows 32 characters of a publisher's name" in done.stdout


def test_what_is_missing_for_the_package_is_named(tmp_path: Path) -> None:
    for missing in ("STAFFROOM_PUBLIC_URL", "TEAMS_CLIENT_ID"):
        left = {name: value for name, value in TEAMS.items() if name != missing}
        done = staffroom(tmp_path, "teams-package", **left)
        assert done.returncode == 2
        assert done.stderr.startswith(f"{missing}: missing")
    done = staffroom(tmp_path, "teams-package", "--public-url", "https://a.example/path", **TEAMS)
    assert "without a path" in done.stderr


def test_every_line_of_the_log_has_its_time() -> None:
    speaks = """
import logging, structlog
from bot.logs import set_up_logs
set_up_logs()
logging.getLogger("a.library").warning("cannot reach %s", "there")
structlog.get_logger().error("%s: cannot be reached", "Slack")
"""
    done = subprocess.run(
        [sys.executable, "-c", speaks], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    form = r"timestamp='20\d\d-\d\d-\d\dT[\d:.]+Z' level='%s' event='%s'\n"
    assert re.fullmatch(form % ("warning", "cannot reach there"), done.stderr)
    assert re.fullmatch(form % ("error", "Slack: cannot be reached"), done.stdout)


def test_every_command_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    names = {
        command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
    }
    names |= {
        f"{group.name} {one.name}"
        for group in app.registered_groups
        if group.typer_instance
        for one in group.typer_instance.registered_commands
    }
    assert names == {
        "run", "check", "migrate", "backup", "restore", "keys new", "keys rotate", "audit verify", "slack-manifest",
        "teams-package", "tour", "drill",
    }  # fmt: skip
    for name in names - {"tour"}:
        assert f"`staffroom {name}" in readme, name
    for target in ("make tour", "make test", "make bench"):
        assert target in readme
