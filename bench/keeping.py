"""`python -m bench.keeping [CASES]`: how long keys, backup and restore take, and how much memory, on this machine.

Makes a database of so many cases, each with a chronology, due work, cards, an accepted click, a draft and audit rows,
then runs `staffroom backup`, `restore` and `keys rotate` in processes of their own. With `--database URL` the first
database is that one (empty); else it is SQLite, like the second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from bot.clock import SystemClock
from bot.sandbox.world import PEOPLE
from policy.case import Case, Due, Entry, EntryKind, RecordId
from policy.people import PersonId
from policy.people_file import parse_people
from policy.processes import ProcessId
from policy.reports import Account, Concerns, Level, ReportKind, Source, Triage
from storage.cases import ALPHABET
from storage.database import Database
from storage.drafts import Draft
from storage.sealing import new_master_key

WORDS = "A made-up account of what was seen, by whom, when and where. " * 10
"""About as much as somebody types: 600 characters."""
TRANSACTION = 500
LINES = 6
"""Lines of a chronology, and rows of the audit, of each case."""


async def fill(url: str, key: str, cases: int) -> None:
    """Makes the database."""
    database = await Database.open(url, [key], clock=SystemClock())
    now = datetime.now(UTC)
    async with database.transaction() as uow:
        await uow.sync_people(parse_people(PEOPLE, "people.csv"))
        people = [person.id for person in await uow.staff()]
    for start in range(0, cases, TRANSACTION):
        async with database.transaction() as uow:
            for number in range(start, min(start + TRANSACTION, cases)):
                record, person = RecordId(f"{number:032x}"), people[number % len(people)]
                await uow.add_case(_case(record, number, person, now))
                lines = [Entry(at=now, kind=EntryKind.NOTE, actor=person, text=WORDS[:200]) for _ in range(LINES)]
                await uow.append(record, lines)
                await uow.accept(f"Ev{number}", person, WORDS.encode())
                await uow.save_draft(Draft(id=f"{number:032x}", person=person, at=now, body=WORDS.encode()))
                await uow.schedule([Due(record=record, kind="chain", round=1, step=1, at=now + timedelta(hours=1))])
                for to in people[:2]:
                    await uow.want_card(to, record, "alert", version=1, ring=True, urgent=False)
                for _ in range(LINES):
                    await uow.audit("case_viewed", actor=person, record=record)
    await database.close()


def _case(record: RecordId, number: int, person: PersonId, now: datetime) -> Case:
    letters = (number // len(ALPHABET) ** place % len(ALPHABET) for place in range(5))
    return Case(
        id=record,
        reference="".join(ALPHABET[letter] for letter in letters),
        reporter=person,
        received_at=now,
        triage=Triage(kind=ReportKind.CHILD_TOLD_ME, concerns=Concerns.PUPIL, danger=False, imagery=False),
        process=ProcessId.P07,
        level=Level.S2,
        account=Account(what_happened=WORDS, source=Source.WAS_TOLD, happened_at=now, where="made up"),
    )


def measured(words: list[str], env: dict[str, str], folder: Path) -> str:
    """Runs a command: seconds, and the most memory that it held."""
    began = time.monotonic()
    process = psutil.Popen(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **env},
        stdout=subprocess.DEVNULL,
    )
    most = 0
    while process.poll() is None:
        # Asked again and again: the system's own maximum counts the process that it was forked from.
        with suppress(psutil.Error):
            most = max(most, process.memory_info().rss)
        time.sleep(0.02)
    seconds = time.monotonic() - began
    assert process.returncode == 0, words
    return f"{seconds:6.1f} s  {most / 1e6:4.0f} MB resident"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.keeping", description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=20_000)
    parser.add_argument("--database", help="an empty database; else SQLite in a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="staffroom-keeping-") as name:
        folder = Path(name)
        old, new = new_master_key(), new_master_key()
        url = given.database or f"sqlite+aiosqlite:///{folder}/first.db"
        asyncio.run(fill(url, old, given.cases))
        env = {"STAFFROOM_PROFILE": "astor", "STAFFROOM_SECRET_KEYS": old, "STAFFROOM_DATABASE_URL": url}
        second = {**env, "STAFFROOM_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/second.db"}
        print(f"{given.cases:,} cases")
        print("a command that does nothing:", measured(["keys", "new"], env, folder))
        print("backup: ", measured(["backup", "b.zip"], env, folder))
        print(f"         {(folder / 'b.zip').stat().st_size / 1e6:.1f} MB file")
        print("restore:", measured(["restore", "b.zip"], second, folder))
        print(f"         {(folder / 'second.db').stat().st_size / 1e6:.1f} MB database")
        print("rotate: ", measured(["keys", "rotate"], {**second, "STAFFROOM_SECRET_KEYS": f"{new},{old}"}, folder))
        print("verify: ", measured(["audit", "verify"], {**second, "STAFFROOM_SECRET_KEYS": new}, folder))


if __name__ == "__main__":
    main()
