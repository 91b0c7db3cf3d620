"""`staffroom run` with two things of its own: school time that stands still, and a pace that may be switched off.

School time stands still so that no escalation falls due while is measured, whatever the hour. Without a pace the
limits that Microsoft sets are not kept either: a chair of governors would get no more than 1,800 alerts an hour.
Run as `python -m bench.staffroom SECONDS`, the pace in each conversation (the product's is 1).
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from unittest import mock

from bench.parent import end_with_parent
from bot import cli
from bot.app import build
from bot.clock import MovableClock
from bot.teams import pace as teams_pace

# Not the sandbox's own: importing it would be weighed with the rest.
A_TUESDAY = datetime(2026, 11, 17, 10, 20, tzinfo=UTC)
UNLIMITED = ((1, 0.0),)


def main(pace: float) -> None:
    """Runs until it is stopped."""
    as_measured = partial(build, clock=MovableClock(A_TUESDAY), pace=timedelta(seconds=pace))
    sys.argv = ["staffroom", "run"]
    with ExitStack() as patched:
        patched.enter_context(mock.patch.object(cli, "build", as_measured))
        if not pace:
            for limits in ("A_CONVERSATION", "THE_TENANT"):
                patched.enter_context(mock.patch.object(teams_pace, limits, UNLIMITED))
        cli.main()


if __name__ == "__main__":
    end_with_parent()
    main(float(sys.argv[1]))
