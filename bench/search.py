"""`python -m bench.search [CASES]`: how long *Find a report* takes over so many reports, on this machine.

Makes a SQLite database of reports as long as people write them, of every kind, most of them finished, each with a
chronology of six lines; then people who may read much, and people who may read next to nothing, search it: by
reference, by a name, by words that are rare and that stand everywhere, by day. Whole commands, in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.profiles import load_profile
from bot.sandbox.world import PEOPLE
from handlers.commands import SendFind
from handlers.handlers import Handlers
from policy.case import CaseState, Entry, EntryKind, RecordId
from policy.case_life_cycle import start
from policy.people_file import parse_people
from policy.reports import Account, Concerns, ReportKind, Source, Triage
from policy.school import School
from storage.cases import ALPHABET
from storage.database import Database
from storage.sealing import new_master_key

TRANSACTION = 250
SEARCHES = 40
"""Of each kind, by each person."""
LINES = 6
NAMES = 4000
VOCABULARY = 12000


class Fixed:
    """School time that stands still."""

    def now(self) -> datetime:
        """A Friday in November."""
        return NOW


NOW = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)


def _text(chance: random.Random, words: int) -> str:
    """Words as people use them: few of them often, most of them seldom (Zipf)."""
    return " ".join(f"word{min(int(chance.paretovariate(0.6)), VOCABULARY)}" for _ in range(words))


async def fill(database: Database, cases: int) -> None:
    """Makes the reports."""
    chance = random.Random(7)
    async with database.transaction() as uow:
        await uow.sync_people(parse_people(PEOPLE, "people.csv"))
        school = School(load_profile("astor"), await uow.staff())
    people = [person.id for person in school.staff]
    for first in range(0, cases, TRANSACTION):
        async with database.transaction() as uow:
            for number in range(first, min(first + TRANSACTION, cases)):
                concerns = chance.choice([one for one in Concerns if one is not Concerns.COLLEAGUE])
                triage = Triage(
                    kind=chance.choice(list(ReportKind)),
                    concerns=concerns,
                    danger=chance.random() < 0.1,
                    imagery=chance.random() < 0.1,
                )
                said = f"school pupil{chance.randrange(NAMES)} {_text(chance, 100)}"
                at = NOW - timedelta(minutes=30 * (cases - number))
                told = Account(what_happened=said, source=Source.SAW_IT, happened_at=at, where="Snapchat")
                letters = (ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(5))
                record = RecordId(f"{number:032x}")
                case = start(
                    record=record,
                    reference="".join(letters),
                    reporter=chance.choice(people),
                    triage=triage,
                    account=told,
                    now=at,
                    school=school,
                ).case
                if case.asked and chance.random() < 0.97:
                    holder, duty = next(iter(case.asked.items()))
                    case = replace(
                        case, state=CaseState.FINISHED, holder=holder, holder_as=duty, taken_at=at, finished_at=at
                    )
                await uow.add_case(case)
                lines = [
                    Entry(at=at, kind=EntryKind.NOTE, actor=people[0], text=_text(chance, 30)) for _ in range(LINES)
                ]
                await uow.append(record, lines)


def queries(cases: int) -> dict[str, list[dict[str, str]]]:
    """What is searched for."""
    chance = random.Random(8)
    numbers = [chance.randrange(cases) for _ in range(SEARCHES)]
    references = [
        "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(5)) for number in numbers
    ]
    days = [(NOW - timedelta(days=chance.randrange(cases // 48 or 1))).date().isoformat() for _ in numbers]
    return {
        "a reference": [{"words": reference} for reference in references],
        "a pupil's name": [{"words": f"pupil{chance.randrange(NAMES)}"} for _ in numbers],
        "three words": [{"words": _text(chance, 3)} for _ in numbers],
        "a word of every report": [{"words": "school"} for _ in numbers],
        "two of them, and a rare one": [
            {"words": f"school snapchat word{chance.randrange(VOCABULARY)}"} for _ in numbers
        ],
        "a word that is nowhere": [{"words": "kestrel"} for _ in numbers],
        "a day": [{"since": day, "until": day} for day in days],
        "everything since a day": [{"since": day} for day in days],
    }


async def measure(cases: int) -> None:
    """Fills, searches, prints."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/search.db", [new_master_key()], clock=Fixed())
        began = time.perf_counter()
        await fill(database, cases)
        print(f"{cases:,} reports made in {time.perf_counter() - began:.0f} s", flush=True)
        handlers = Handlers(database, load_profile("astor"))
        async with database.reading() as uow:
            people = {person.name: person.id for person in await uow.staff() if person.duties}
        everything: list[float] = []
        processor: list[float] = []
        print("| search | p50 ms | p99 ms | most ms |\n|---|---:|---:|---:|")
        for label, asked in queries(cases).items():
            took = []
            for actor in people.values():
                for number, answers in enumerate(asked):
                    command = SendFind(actor=actor, key=f"{label}{number}", token="a" * 32, answers=answers)
                    began, used = time.perf_counter(), time.process_time()
                    await handlers.handle(command)
                    took.append((time.perf_counter() - began) * 1000)
                    processor.append((time.process_time() - used) * 1000)
            everything += took
            print(_row(label, took), flush=True)
        print(_row(f"all, {len(everything):,} searches by {len(people)} people", everything))
        print(_row("the same, processor time", processor))
        await database.close()


def _row(label: str, took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"| {label} | {cuts[49]:.1f} | {cuts[98]:.1f} | {max(took):.1f} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=int, nargs="?", default=20_000)
    asyncio.run(measure(parser.parse_args().cases))
