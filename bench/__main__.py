"""`python -m bench`: measures Staffroom on this machine and prints tables. `--quick` only proves that it runs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from rich.console import Console

from bench import report
from bench.figures import Figures, Size
from bench.forge_slack import slack
from bench.forge_teams import teams
from bench.load import Crowd, Platform
from bench.phases import Outbox, Phases
from bench.plan import FULL, QUICK, Plan
from bench.servers import Server, running
from bot.sandbox.world import PEOPLE
from storage.sealing import new_master_key

WRITERS, READERS = 40, 40
LIMIT = 1200
"""Seconds after which a run is broken off, whatever it is doing."""
WIDTH = 132
"""Columns of what goes into a file."""
UNPACED = 0.0
PLATFORMS = ("slack", "teams")


class Bench:
    """One run in one folder."""

    def __init__(self, plan: Plan, folder: Path, console: Console) -> None:
        self._plan = plan
        self._folder = folder
        self._console = console
        self._began = time.monotonic()
        emails = [f"person.{number}@astor.example" for number in range(WRITERS + READERS)]
        rows = tuple(row.split(",")[1] for row in PEOPLE.splitlines()[1:])
        crowd = Crowd(tuple(emails[:WRITERS]), tuple(emails[WRITERS:]), rows)
        self._slack, self._teams = slack(crowd), teams(crowd)
        self._sizes: dict[str, Size] = {}
        self._keys = new_master_key()
        self._people = folder / "people.csv"
        others = "".join(f"Person {number} Example,{email},,,,\n" for number, email in enumerate(emails))
        self._people.write_text(PEOPLE + others, encoding="utf-8")

    def _env(self, database: Path, platforms: Sequence[Platform]) -> Mapping[str, str]:
        env = {
            "STAFFROOM_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "STAFFROOM_SECRET_KEYS": self._keys,
            "STAFFROOM_PROFILE": "astor",
            "STAFFROOM_STAFF": str(self._people),
            "PORT": "0",
        }
        for platform in platforms:
            env |= platform.sink.env
        return env

    async def run(self, names: Collection[str]) -> None:
        """All phases, then the tables. What Teams costs in memory is measured with it."""
        self._console.print(report.conditions(self._folder))
        neighbours = report.Neighbours()
        async with self._slack.sink, self._teams.sink:
            for name, platform in zip(PLATFORMS, (self._slack, self._teams), strict=True):
                if name in names:
                    report.show(platform, await self._measured(platform), self._console)
            if "teams" in names:
                alone = [await self._size(one) for one in (self._slack, self._teams) if one.name not in self._sizes]
                both = await self._size(self._slack, self._teams)
                report.show_sizes([*alone, *self._sizes.values(), both], self._console)
        self._console.print(neighbours.told())

    async def _measured(self, platform: Platform) -> Figures:
        plan, many = self._plan, self._folder / f"{platform.name}-many.db"
        async with AsyncExitStack() as stack:
            outbox = Outbox(self._folder / f"{platform.name}-load.db")
            bare = await stack.enter_async_context(self._bare(platform))
            ours = await stack.enter_async_context(self._staffroom(outbox.path, UNPACED, platform))
            phases = Phases(plan, platform, ours, bare, outbox)
            at_start = ours.resident
            phases.weigh("after start")
            self._says(f"{platform.name}: warming up")
            await platform.forge.learn(ours.url)
            await phases.warm_up()
            phases.weigh(f"after {plan.warm_requests:,} requests")
            self._sizes[platform.name] = Size(platform.name, at_start, ours.resident, plan.warm_requests)
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
        outbox = Outbox(self._folder / f"{platform.name}-paced.db")
        async with self._staffroom(outbox.path, plan.pace, platform) as paced:
            # From now on everybody's conversation is known.
            await platform.forge.learn(paced.url)
            await outbox.drained()
            phases = Phases(plan, platform, paced, paced, outbox)
            phases.figures = figures
            name = f"{plan.paced_rate:g} report/s, pace {1 / plan.pace:g}/s a conversation"
            await phases.alerts(name, plan.paced_rate, plan.paced_seconds)
        self._says("starts")
        figures.starts["empty database"] = [
            ours.started,
            *[await self._start(self._folder / f"{platform.name}-{n}.db", platform) for n in range(1, plan.starts)],
        ]
        figures.starts[f"{cases:,} open cases"] = [await self._start(many, platform) for _ in range(plan.starts)]
        figures.bare_starts = [bare.started, *[await self._bare_start(platform) for _ in range(1, plan.starts)]]
        return figures

    async def _size(self, *platforms: Platform) -> Size:
        """A fresh Staffroom with these platforms; the requests are shared out among them."""
        name = " and ".join(platform.name for platform in platforms)
        self._says(f"memory: {name}")
        outbox = Outbox(self._folder / f"{name}-size.db")
        async with self._staffroom(outbox.path, UNPACED, *platforms) as server:
            at_start = server.resident
            for platform in platforms:
                await platform.forge.learn(server.url)
                await Phases(self._plan, platform, server, server, outbox).warm_up(1 / len(platforms))
            return Size(name, at_start, server.resident, self._plan.warm_requests)

    def _bare(self, platform: Platform) -> AbstractAsyncContextManager[Server]:
        return running(platform.module, env=platform.sink.bare_env, folder=self._folder)

    def _staffroom(self, database: Path, pace: float, *platforms: Platform) -> AbstractAsyncContextManager[Server]:
        env = self._env(database, platforms)
        return running("bench.staffroom", str(pace), env=env, folder=self._folder, ready="/readyz")

    async def _start(self, database: Path, platform: Platform) -> float:
        async with self._staffroom(database, self._plan.pace, platform) as server:
            return server.started

    async def _bare_start(self, platform: Platform) -> float:
        async with self._bare(platform) as server:
            return server.started

    def _says(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"[dim]{seconds:4.0f} s  {text} …[/dim]")


async def _measure(plan: Plan, names: Collection[str], console: Console) -> None:
    task = asyncio.current_task()
    assert task is not None
    # Stopped by a signal, it stops the servers, too.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="staffroom-bench-") as folder:
        async with asyncio.timeout(LIMIT):
            await Bench(plan, Path(folder), console).run(names)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and meaningless: only proves that it runs")
    parser.add_argument("--only", choices=PLATFORMS, help="this platform alone; else both, one after the other")
    given = parser.parse_args()
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    names = (given.only,) if given.only else PLATFORMS
    asyncio.run(_measure(QUICK if given.quick else FULL, names, console))


if __name__ == "__main__":
    main()
