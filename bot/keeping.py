"""What an administrator does with what is kept: rotate its keys, back it up, restore it. The words, and exit codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.app import secret_keys
from bot.clock import SystemClock
from bot.settings import Settings
from policy.errors import SettingsError
from storage.backup import back_up
from storage.database import Database
from storage.extra import Extra, Folder
from storage.restore import restore
from storage.rotation import Rotated, rotate

Say = Callable[[str], None]

_ROWS = {
    "cases": "cases",
    "people": "people",
    "conversations": "chats",
    "drafts": "drafts",
    "inbox": "answers to clicks",
}


async def rotate_keys(settings: Settings, say: Say) -> int:
    """Seals everything with the newest key and says which keys may go; 1 where some must stay."""
    keys = secret_keys(settings)
    # A wrong address or wrong keys are told before anything is made there.
    await (await Database.look(settings.database_url, keys, clock=SystemClock())).close()
    database = await Database.open(settings.database_url, keys, clock=SystemClock(), alone=True)
    try:
        done = await rotate(database)
    finally:
        await database.close()
    return _say_rotated(done, database.keyring.ids, say)


def _say_rotated(done: Rotated, ids: Sequence[str], say: Say) -> int:
    rows = ", ".join(f"{count:,} {_ROWS.get(name, name)}" for name, count in done.renewed.items())
    if rows:
        say(f"Sealed anew with the key {done.newest}: {rows}.")
    else:
        say(f"Everything that can be opened is sealed with the key {done.newest}.")
    if not done.head_whole:
        say("The end of the audit was not written with any of the keys, and was left so: see `staffroom audit verify`.")
    if done.left:
        left = ", ".join(f"{count:,} {_ROWS.get(name, name)}" for name, count in done.left.items())
        say(
            f"Not sealed anew, because they cannot be opened: {left}. Keep all keys in STAFFROOM_SECRET_KEYS. "
            "Answers to clicks are forgotten after a day of running; for all else see docs/operations.md, Damage."
        )
        return 1
    if not done.removable:
        say(
            "There is no other key in STAFFROOM_SECRET_KEYS. To change it, run `staffroom keys new`, put what it "
            "prints in front of the old one, with a comma between them, and run this again."
        )
    for one in done.removable:
        say(f"Key {one} (number {ids.index(one) + 1} in STAFFROOM_SECRET_KEYS) may be taken out now.")
    if done.removable and not done.renewed:
        say("Is it meant to be the new one? Then put it in front of the others, and run this again.")
    if done.removable:
        say("Keep it apart, and safe, as long as you keep a backup that was made with it; then make a new backup.")
    return 0 if done.head_whole else 1


async def keep(settings: Settings, file: Path, say: Say) -> int:
    """Writes a backup and says what it needs."""
    database = await Database.look(settings.database_url, secret_keys(settings), clock=SystemClock(), older=True)
    try:
        done = await back_up(database, file, extras=extras(settings))
    finally:
        await database.close()
    say(f"{file} is written: {done.rows:,} rows, {done.objects:,} files, {done.bytes / 1e6:,.1f} MB.")
    say(
        f"The keys are not in it. It cannot be read without the key {', '.join(done.keys)}: keep STAFFROOM_SECRET_KEYS "
        "apart from it, in another place."
    )
    return 0


async def take_back(settings: Settings, file: Path, say: Say) -> int:
    """Restores a backup and verifies its audit; 1 where the audit is not intact."""
    done = await restore(
        settings.database_url, secret_keys(settings), file, clock=SystemClock(), extras=extras(settings)
    )
    say(f"Restored: {done.rows:,} rows, {done.objects:,} files, as they were at {done.made_at:%Y-%m-%d %H:%M} UTC.")
    for problem in done.audit.problems:
        say(problem)
    say(f"Audit: {done.audit.rows} rows, head {done.audit.head}: {'intact' if done.audit.whole else 'NOT INTACT'}")
    say("What was done after that moment is not in it. Run `staffroom check`, then start Staffroom.")
    return 0 if done.audit.whole else 1


def extras(settings: Settings) -> Sequence[Extra]:
    """What is kept beside the database: the evidence, where it lies in a directory.

    Raises:
        SettingsError: it lies in a bucket, of which Staffroom makes no backup.
    """
    if settings.evidence_url is not None:
        raise SettingsError(
            "STAFFROOM_EVIDENCE_URL: evidence in a bucket is not part of this backup. Use the bucket's own versions "
            "and copies, and take this one with STAFFROOM_EVIDENCE_URL empty."
        )
    return (Folder("evidence", settings.data_dir / "evidence"),)
