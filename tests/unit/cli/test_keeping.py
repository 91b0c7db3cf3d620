"""Keys, backup and restore, as an administrator does them by docs/operations.md: real processes."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from bot.sandbox.world import PEOPLE
from storage.database import Database
from storage.sealing import Keyring, new_master_key
from tests.databases import Ticking
from tests.unit.cli.test_commands import staffroom
from tests.unit.storage.samples import AT
from tests.unit.storage.school import fill, must_all_be_there


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """A school that has worked for a while, and is stopped now."""
    return a_school(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/data/staffroom.db")


def a_school(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The settings of one that has worked for a while."""
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    key = new_master_key()
    asyncio.run(_work(database_url, key, fill=True))
    return {
        "STAFFROOM_DATABASE_URL": database_url,
        "STAFFROOM_SECRET_KEYS": key,
        "STAFFROOM_PROFILE": "astor",
        "STAFFROOM_STAFF": "people.csv",
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_SIGNING_SECRET": "none",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }


async def _work(url: str, *keys: str, fill: bool = False) -> None:
    database = await Database.open(url, keys, clock=Ticking(AT), exclusive=True)
    try:
        await (_fill(database) if fill else must_all_be_there(database))
    finally:
        await database.close()


async def _fill(database: Database) -> None:
    await fill(database)


def said(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    """What the administrator reads."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "sk1_" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_yearly_change_of_keys(tmp_path: Path, database_url: str) -> None:
    settings = a_school(tmp_path, database_url)
    old = settings["STAFFROOM_SECRET_KEYS"]
    assert "staffroom keys new" in said(staffroom(tmp_path, "keys", "rotate", **settings))
    new = staffroom(tmp_path, "keys", "new").stdout.strip()
    settings["STAFFROOM_SECRET_KEYS"] = f"{new},{old}"
    told = said(staffroom(tmp_path, "keys", "rotate", **settings))
    assert re.search(rf"Key {Keyring([old]).newest} \(number 2 in STAFFROOM_SECRET_KEYS\) may be taken out now", told)
    assert "3 cases, 3 people" in told
    settings["STAFFROOM_SECRET_KEYS"] = new
    assert "intact" in said(staffroom(tmp_path, "audit", "verify", **settings))
    asyncio.run(_work(settings["STAFFROOM_DATABASE_URL"], new))


def test_verifying_with_a_new_key_writes_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    with_new = f"{new_master_key()},{settings['STAFFROOM_SECRET_KEYS']}"
    said(staffroom(tmp_path, "audit", "verify", **{**settings, "STAFFROOM_SECRET_KEYS": with_new}))
    said(staffroom(tmp_path, "audit", "verify", **settings))


def test_a_wrong_key_rotates_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    wrong = {**settings, "STAFFROOM_SECRET_KEYS": new_master_key()}
    for words in (["keys", "rotate"], ["backup", "b.zip"], ["audit", "verify"]):
        assert "STAFFROOM_SECRET_KEYS" in said(staffroom(tmp_path, *words, **wrong), code=2)
    assert not (tmp_path / "b.zip").exists()
    asyncio.run(_work(settings["STAFFROOM_DATABASE_URL"], settings["STAFFROOM_SECRET_KEYS"]))


def test_without_a_database_there_is_nothing_to_rotate_or_keep(tmp_path: Path, settings: dict[str, str]) -> None:
    settings["STAFFROOM_DATABASE_URL"] = "sqlite+aiosqlite:///elsewhere/staffroom.db"
    for words in (["keys", "rotate"], ["backup", "b.zip"], ["audit", "verify"]):
        assert "There is no database" in said(staffroom(tmp_path, *words, **settings), code=2)
    assert not (tmp_path / "elsewhere").exists()


def test_the_drill_of_the_term(tmp_path: Path, database_url: str) -> None:
    settings = a_school(tmp_path, database_url)
    told = said(staffroom(tmp_path, "backup", "drill.zip", **settings))
    assert f"cannot be read without the key {Keyring([settings['STAFFROOM_SECRET_KEYS']]).newest}" in told
    assert "not overwritten" in said(staffroom(tmp_path, "backup", "drill.zip", **settings), code=2)
    assert "empty one only" in said(staffroom(tmp_path, "restore", "drill.zip", **settings), code=2)
    url = "sqlite+aiosqlite:///elsewhere/staffroom.db"
    elsewhere = {**settings, "STAFFROOM_DATABASE_URL": url}
    another_school = {**elsewhere, "STAFFROOM_SECRET_KEYS": new_master_key()}
    assert "another school" in said(staffroom(tmp_path, "restore", "drill.zip", **another_school), code=2)
    assert "cannot be read" in said(staffroom(tmp_path, "restore", "no.zip", **elsewhere), code=2)
    assert not (tmp_path / "elsewhere").exists()
    assert "intact" in said(staffroom(tmp_path, "restore", "drill.zip", **elsewhere))
    assert "intact" in said(staffroom(tmp_path, "audit", "verify", **elsewhere))
    asyncio.run(_work(f"sqlite+aiosqlite:///{tmp_path}/elsewhere/staffroom.db", settings["STAFFROOM_SECRET_KEYS"]))
