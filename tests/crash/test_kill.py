"""Staffroom dies a hundred times, at random moments, while people use it. Nothing that they were told is lost.

STAFFROOM_CRASH_RUNS says how often, STAFFROOM_CRASH_SEED repeats a sequence: who does what, and after how long it
dies. How far it has got by then is up to the machine.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.players import Attachment
from bot.sandbox.world import BOTH, Platform
from storage.evidence_store import EvidenceStore
from tests.crash.acts import ACTS
from tests.crash.checks import check, check_everything, press_the_copies
from tests.crash.ledger import LONGEST, Ledger
from tests.crash.mortal import SLOWEST, MortalSchool
from tests.stories.acting import A_CHILD_TOLD_ME, asked, file, texts
from tests.stories.files import file_with, picture
from tests.stories.test_evidence import receipt
from tests.stories.test_evidence_attacks import add_files

RUNS = int(os.environ.get("STAFFROOM_CRASH_RUNS", "100"))
SHARE: Mapping[Platform, int] = {"slack": RUNS - RUNS * 2 // 5, "teams": RUNS * 2 // 5}
"""How often on which platform."""
SEED = os.environ.get("STAFFROOM_CRASH_SEED") or str(random.SystemRandom().randrange(10**6))


@pytest.fixture(params=BOTH)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Where people are."""
    found: Platform = request.param
    return found


@pytest.fixture
async def school(tmp_path: Path, platform: Platform) -> AsyncIterator[MortalSchool]:
    """The invented school, with a Staffroom that can be killed."""
    opened = await MortalSchool.open(tmp_path, platform=platform)
    assert isinstance(opened, MortalSchool)
    yield opened
    await opened.close()


async def test_killed_at_any_moment_it_loses_nothing_that_people_were_told(
    school: MortalSchool,
    platform: Platform,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ledger, began = Ledger(school, random.Random(SEED)), time.monotonic()
    for run in range(SHARE[platform]):
        act = ledger.chance.choice(ACTS)
        try:
            report = await act(ledger)
            await check(school, report)
            ledger.count_copies()
            await press_the_copies(ledger, report)
        except BaseException as error:
            error.add_note(f"run {run}, {act.__name__}; again with STAFFROOM_CRASH_SEED={SEED}")
            raise
    await check_everything(ledger)
    figures = {
        "platform": platform,
        "seed": SEED,
        "deaths": school.deaths,
        "reports": len(ledger.reports),
        "lost": 0,
        "duplicates": ledger.seen["duplicates"],
        "known to Staffroom": ledger.seen["duplicates that Staffroom knows of"],
        "messages": school.posted,
        "told before the end": ledger.seen["told"],
        "not told": ledger.seen["not told"],
        "seconds": round(time.monotonic() - began),
    }
    for name, value in figures.items():
        record_property(name, value)
    with capsys.disabled():
        print("\n" + ", ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201 - the result


async def test_killed_while_it_makes_its_database_it_starts_again(school: MortalSchool, platform: Platform) -> None:
    chance = random.Random(SEED)
    for _ in range(10 if platform == "slack" else 5):
        await school.stop()
        for file_of_it in school.folder.glob("staffroom.db*"):
            file_of_it.unlink()
        await school.begin_to_start()
        await school.killed_after(chance.uniform(0, 0.1))
        await school.rise()
    for player in school.teams_people.values():
        await player.install()  # where people can be written to was in the database that is gone
    reference = await file(school, "tess", A_CHILD_TOLD_ME)
    assert asked(school) == {"priya", "leo"}
    assert reference in texts(school, "tess")


async def test_killed_while_files_are_fetched_it_keeps_each_once(school: MortalSchool) -> None:
    chance = random.Random(SEED)
    reference = await file_with(school, "tess", [])
    deaths = max(3, RUNS // 12)
    for number in range(1, deaths + 1):
        for faults in school.faults:
            if chance.random() < 0.5:
                faults.slow("get_file", chance.uniform(0, SLOWEST))
        await add_files(school, "tess", Attachment(f"{number}.png", picture(size=(40 + number, 900))))
        await school.killed_after(chance.uniform(0, 2 * LONGEST))
        await school.rise()
        saved = "1 file saved." if number == 1 else f"{number} files saved."
        assert saved in receipt(school, reference), f"again with STAFFROOM_CRASH_SEED={SEED}"
    async with school.memory() as memory, memory.reading() as uow:
        case = await uow.case_by_reference(reference)
        assert case is not None
        files, known = await uow.evidence(case.id), await uow.known_blobs()
    assert [file.name for file in files] == [f"{number}.png" for number in range(1, deaths + 1)]
    assert len({file.sha256 for file in files}) == len(known) == deaths
    store = EvidenceStore.open(school.folder / "data" / "evidence")
    await store.sweep(known, before=datetime.max.replace(tzinfo=UTC))
    assert {path.name for path in (school.folder / "data" / "evidence").iterdir()} == known
