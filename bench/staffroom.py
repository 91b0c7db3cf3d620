"""`staffroom run` with two things of its own: school time that stands still, and a pace that may be switched off.

School time stands still so that no escalation falls due while is measured, whatever the hour.
Run as `python -m bench.staffroom SECONDS`, the pace in each conversation (the product's is 1).
"""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from unittest import mock

from bot import cli
from bot.app import build
from bot.clock import MovableClock
from bot.sandbox.world import A_TUESDAY


def main(pace: float) -> None:
    """Runs until it is stopped."""
    as_measured = partial(build, clock=MovableClock(A_TUESDAY), pace=timedelta(seconds=pace))
    sys.argv = ["staffroom", "run"]
    with mock.patch.object(cli, "build", as_measured):
        cli.main()


if __name__ == "__main__":
    main(float(sys.argv[1]))
