"""`python -m bench`: measures Staffroom on this machine and prints a table. `--quick` only proves that it runs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from rich.console import Console

from bench import forge, report
from bench.phases import Outbox, Phases
from bench.plan import FULL, QUICK, Plan
from bench.servers import Server, running
from bench.sink import Sink
from bot.sandbox.world import BOT_TOKEN, PEOPLE, SIGNING_SECRET
from storage.sealing import new_master_key

WRITERS, READERS = 40, 40
LIMIT = 600
"""Seconds after which a run is broken off, whatever it is doing."""
WIDTH = 132
"""Columns of what goes into a file."""
UNPACED, PACED = "0", "1"


class Bench:
    """One run in one folder."""

    def __init__(self, plan: Plan, folder: Path, console: Console) -> None:
        self._plan = plan
        self._folder = folder
        self._console = console
        self._began = time.monotonic()
        writers, readers = dict(forge.users(WRITERS, 100)), dict(forge.users(READERS, 500))
        rows = [row.split(",")[1] for row in PEOPLE.splitlines()[1:]]
        duties = {f"U9{number:07d}": email for number, email in enumerate(rows)}
        self._forge = forge.Forge(list(writers), list(readers))
        self._sink = Sink({**writers, **readers, **duties})
        self._keys = new_master_key()
        self._people = folder / "people.csv"
        others = "".join(f"{user} Example,{email},,,,\n" for user, email in {**writers, **readers}.items())
        self._people.write_text(PEOPLE + others, encoding="utf-8")

    def _env(self, database: Path) -> Mapping[str, str]:
        return {
            "STAFFROOM_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "STAFFROOM_SECRET_KEYS": self._keys,
            "STAFFROOM_PROFILE": "astor",
            "STAFFROOM_STAFF": str(self._people),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self._sink.url,
            "PORT": "0",
        }

    async def run(self) -> None:
        """All phases, then the tables."""
        self._console.print(report.conditions(self._folder))
        neighbours = report.Neighbours()
        plan, folder, many = self._plan, self._folder, self._folder / "many.db"
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._sink)
            outbox = Outbox(folder / "load.db")
            env = {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
            bare = await stack.enter_async_context(running("bench.bare", env=env, folder=folder))
            ours = await stack.enter_async_context(self._staffroom(outbox.path, UNPACED))
            phases = Phases(plan, self._forge, self._sink, ours, bare, outbox)
            phases.weigh("after start")
            self._says("warming up")
            await self._forge.learn(ours.url, self._sink)
            await phases.warm_up()
            phases.weigh(f"after {plan.warm_commands + 2 * plan.warm_reports:,} requests")
            self._says("closed loop")
            await phases.throughput()
            cases = outbox.cases()
            outbox.copy(many)
            self._says("open loop")
            await phases.acks()
            self._says("alerts")
            await phases.alerts(f"{plan.alerts_rate:g} reports/s, pace off", plan.alerts_rate, plan.alerts_seconds)
            phases.weigh(f"at the end ({outbox.cases():,} reports)")
            figures = phases.figures
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._sink)
            outbox = Outbox(folder / "paced.db")
            paced = await stack.enter_async_context(self._staffroom(outbox.path, PACED))
            phases = Phases(plan, self._forge, self._sink, paced, paced, outbox)
            phases.figures = figures
            name = f"{plan.paced_rate:g} report/s, pace 1/s a conversation"
            await phases.alerts(name, plan.paced_rate, plan.paced_seconds, warm=True)
            self._says("starts")
        async with self._sink:
            figures.starts["empty database"] = [await self._start(folder / f"empty{n}.db") for n in range(plan.starts)]
            figures.starts[f"{cases:,} open cases"] = [await self._start(many) for _ in range(plan.starts)]
        report.show(figures, self._console)
        self._console.print(neighbours.told())

    def _staffroom(self, database: Path, pace: str) -> AbstractAsyncContextManager[Server]:
        return running("bench.staffroom", pace, env=self._env(database), folder=self._folder, ready="/readyz")

    async def _start(self, database: Path) -> float:
        async with self._staffroom(database, PACED) as server:
            return server.started

    def _says(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"[dim]{seconds:4.0f} s  {text} …[/dim]")


async def _measure(plan: Plan, console: Console) -> None:
    task = asyncio.current_task()
    assert task is not None
    # Stopped by a signal, it stops the servers, too.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="staffroom-bench-") as folder:
        async with asyncio.timeout(LIMIT):
            await Bench(plan, Path(folder), console).run()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and meaningless: only proves that it runs")
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    asyncio.run(_measure(QUICK if parser.parse_args().quick else FULL, console))


if __name__ == "__main__":
    main()
