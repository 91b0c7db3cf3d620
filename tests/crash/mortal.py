"""A school whose platform and people outlive its Staffroom, which is a process of its own that can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.sandbox.world import World
from bot.worker import delivery, fetching
from storage.database import Database

PATIENCE = 10.0
"""Seconds (real ones) within which Staffroom has everything delivered, or the test fails."""
SLOWEST = 0.03
"""Seconds that the platform may take to answer when it is slow here."""
ON_SLACK = {"post": "chat.postMessage", "edit": "chat.update", "delete": "chat.delete"}
ON_TEAMS = {"post": "send", "edit": "update", "delete": "delete"}
"""What the platforms call what Staffroom does there."""


class AtTheEndOfTime:
    """A clock on which everything that is pending is due: so it can be listed."""

    def now(self) -> datetime:
        """Later than anything."""
        return datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class MortalSchool(World):
    """A school as in the stories; only its Staffroom dies. `ahead` is how far real time has been moved on."""

    ahead: timedelta = timedelta(0)
    deaths: int = 0
    pid: int | None = None
    _zygote: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _told: dict[str, Any] = field(default_factory=dict, repr=False)

    async def start(self) -> None:
        """Starts Staffroom; it listens."""
        await self.begin_to_start()
        self.deliver_at(await self._answer("listening"))

    async def begin_to_start(self) -> None:
        """Staffroom has a process, and no more yet."""
        self.slack.clock = self.teams.clock = lambda: time.time() + self.ahead.total_seconds()
        now = self.clock.now().isoformat()
        self._told.clear()
        await self._order(start=now, ahead=self.ahead.total_seconds())
        self.pid = await self._answer("started")

    async def kill(self) -> None:
        """`kill -9`: whatever it was doing, it does no more of it. What the platform had received, it still does."""
        if self.pid is None:
            raise RuntimeError("there is nobody to kill")
        os.kill(self.pid, signal.SIGKILL)
        await self._order(bury=self.pid)
        await self._answer("buried")
        self.pid = None
        self.deaths += 1
        kinds = {fault.kind for fault in self.slack.faults.planned} | {
            fault.kind for fault in self.teams.faults.planned
        }
        if "slow" in kinds:
            await asyncio.sleep(SLOWEST)
        self.slack.faults.clear()
        self.teams.faults.clear()

    async def killed_after(self, seconds: float, *doings: Coroutine[Any, Any, Any]) -> None:
        """People do something, and so many seconds later Staffroom is killed, whether or not they have an answer."""
        tasks = [asyncio.ensure_future(doing) for doing in doings]
        await asyncio.sleep(seconds)
        await self.kill()
        await asyncio.gather(*tasks)

    async def rise(self) -> None:
        """Starts Staffroom again after its death, once the leases of the dead have run out; all is delivered."""
        self.ahead += max(delivery.LEASE, fetching.LEASE) + timedelta(seconds=1)
        await self.start()
        await self.settle()

    async def stop(self) -> None:
        """Nobody stops it in order here."""
        if self.pid is not None:
            await self.kill()

    async def close(self) -> None:
        """Ends everything."""
        await self.stop()
        if self._zygote is not None and self._zygote.stdin is not None:
            self._zygote.stdin.close()
            await self._zygote.wait()
        await super().close()

    def slow(self, seconds: float, *calls: Literal["post", "edit", "delete"]) -> None:
        """The platform is this slow with the next three calls of each kind."""
        for call in calls:
            if "slack" in self.platforms:
                self.slack.faults.slow(ON_SLACK[call], seconds, times=3)
            else:
                self.teams.faults.slow(ON_TEAMS[call], seconds, times=3)

    async def clear_screen(self, name: str) -> None:
        """The person closes everything that is open on their screen."""
        if "slack" in self.platforms:
            await self.on_slack(name).close(clear=True)
        else:
            await self.people[name].close()

    def email(self, name: str) -> str:
        """The person's address."""
        return self.on_slack(name).email if "slack" in self.platforms else self.on_teams(name).email

    @property
    def posted(self) -> int:
        """How many messages were posted."""
        on_slack = sum(call.method == ON_SLACK["post"] for call in self.slack.calls)
        return on_slack + sum(call.operation == ON_TEAMS["post"] for call in self.teams.calls)

    async def settle(self) -> None:
        """Until nothing is left to be fired or delivered.

        Raises:
            TimeoutError: something still is.
        """
        async with asyncio.timeout(PATIENCE), self.memory() as memory:
            while True:
                if await self._is_quiet(memory):
                    return
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def memory(self) -> AsyncIterator[Database]:
        """The database, to look into; closed when Staffroom dies, so that nobody holds it open over its death."""
        database = await Database.open(self.database_url, [self.keys], clock=AtTheEndOfTime())
        try:
            yield database
        finally:
            await database.close()

    async def _is_quiet(self, memory: Database) -> bool:
        async with memory.reading() as uow:
            if await uow.next_card_at() is not None or await uow.next_file_at() is not None:
                return False
            return all(due.at > self.clock.now() for due in await uow.due_now(100_000))

    def log(self) -> str:
        """What the processes have written."""
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    async def _order(self, **order: object) -> None:
        if self._zygote is None:
            with (self.folder / "log.txt").open("wb") as log:
                self._zygote = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "tests.crash.zygote",
                    env={**os.environ, **self.settings},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        await self._zygote.stdin.drain()

    async def _answer(self, name: str) -> Any:
        assert self._zygote is not None
        assert self._zygote.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while name not in self._told:
                line = await self._zygote.stdout.readline()
                self._told |= json.loads(line) if line else {"failed": "the zygote"}
                assert "failed" not in self._told, f"Staffroom failed: {self.log()[-3000:]}"
        return self._told.pop(name)
