"""A process that has imported everything, and forks a Staffroom whenever it is asked to: no run waits for imports.

Its settings are in the environment. On its standard input come orders, one JSON object a line: `{"start": …}`
forks, `{"bury": pid}` waits for the end of a fork. On its standard output go `{"started": pid}`, and from the
fork `{"listening": url}` or `{"failed": kind}`. It holds no event loop, no thread and no connection of its own,
so that a fork begins as a fresh process does. When its standard input ends, so do the forks and it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from datetime import datetime, timedelta
from typing import Any

from bot.app import build
from bot.clock import MovableClock, wall_clock
from bot.logs import set_up_logs
from bot.settings import load_settings


async def staffroom(order: dict[str, Any], answers: int) -> None:
    """Runs Staffroom as `staffroom run` does, on clocks that the test has set, until it is killed."""
    ahead = timedelta(seconds=order["ahead"])
    running = await build(
        load_settings(os.environ),
        clock=MovableClock(datetime.fromisoformat(order["start"])),
        wall=lambda: wall_clock() + ahead,
        pace=timedelta(0),
    )
    await running.start()
    tell(answers, listening=running.server.url)
    await asyncio.Event().wait()


def tell(answers: int, **what: object) -> None:
    """One line to the test, written at once: never torn, whoever else writes."""
    os.write(answers, json.dumps(what).encode() + b"\n")


def fork(order: dict[str, Any], answers: int) -> int:
    """Forks a Staffroom; returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        asyncio.run(staffroom(order, answers))
    except BaseException as error:  # noqa: BLE001 - the test is told, and must not wait
        traceback.print_exc()
        tell(answers, failed=type(error).__name__)
    finally:
        os._exit(1)


def main() -> None:
    """Takes orders until there are none."""
    # Whatever is printed goes to the log: standard output is for answers.
    answers = os.dup(1)
    os.dup2(2, 1)
    set_up_logs()
    if "TEAMS_CLIENT_ID" in os.environ:
        import bot.teams.adapter  # noqa: F401 - what the wiring would import in every fork
    alive: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "bury" in order:
            os.waitpid(order["bury"], 0)
            alive.remove(order["bury"])
            tell(answers, buried=order["bury"])
        else:
            pid = fork(order, answers)
            alive.add(pid)
            tell(answers, started=pid)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
