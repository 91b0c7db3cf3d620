"""Staffroom dies a hundred times, at random moments, while people use it. Nothing that they were told is lost.

STAFFROOM_CRASH_RUNS says how often, STAFFROOM_CRASH_SEED repeats a sequence (which act, and after how long it
dies; how far it has got by then is up to the machine).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.audit import verify
from tests.crash.acts import ACTS, Ledger, check, copies, how_many, press_the_copies, REPORTERS
from tests.crash.mortal import MortalSchool

RUNS = int(os.environ.get("STAFFROOM_CRASH_RUNS", "100"))
SEED = os.environ.get("STAFFROOM_CRASH_SEED") or str(random.SystemRandom().randrange(10**6))


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[MortalSchool]:
    """The invented school, with a Staffroom that can be killed."""
    opened = await MortalSchool.open(tmp_path)
    assert isinstance(opened, MortalSchool)
    yield opened
    await opened.close()


async def test_killed_at_any_moment_it_loses_nothing(
    school: MortalSchool, record_property: pytest.RecordProperty, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hundred deaths between the press of a button and the last message about it."""
    ledger = Ledger(school, random.Random(SEED))
    started = time.monotonic()
    for run in range(RUNS):
        act = ledger.chance.choice(ACTS)
        try:
            report = await act(ledger)
            await check(school, report)
            ledger.count_copies()
            await press_the_copies(ledger, report)
            await check(school, report)
        except BaseException as error:
            error.add_note(f"run {run}, {act.__name__}; again with STAFFROOM_CRASH_SEED={SEED}")
            raise
    print(ledger.seen, time.monotonic()-started)
