"""What is done to the servers, phase by phase."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Shot, closed_loop, open_loop
from bench.figures import Figures, Latency, Round, Throughput
from bench.load import REFERENCE, Platform, Report
from bench.plan import Plan
from bench.servers import Server

Check = Callable[[bytes], bool]
PREPARING = 8
"""Connections for what is not measured."""
DRAINING = 120
"""Seconds in which the worker must have delivered what a round left behind."""


class NothingWorked(Exception):
    """Every request of a round failed: there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what shows that Staffroom did what it asks."""

    request: bytes
    check: Check


class Outbox:
    """The database of the measured Staffroom, looked at from outside while nothing is measured."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def drained(self) -> None:
        """Until every card is delivered.

        Raises:
            TimeoutError: it takes too long.
        """
        async with asyncio.timeout(DRAINING):
            while self._count("cards where try_at is not null"):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)

    def cases(self) -> int:
        """How many cases there are."""
        return self._count("cases")

    def copy(self, to: Path) -> None:
        """A copy of the database as it is now."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)

    def _count(self, what: str) -> int:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"select count(*) from {what}").fetchone()[0])  # noqa: S608 - our own words


class Phases:
    """One platform: the plan, the load, the two servers."""

    def __init__(self, plan: Plan, platform: Platform, staffroom: Server, bare: Server, outbox: Outbox) -> None:
        self._plan = plan
        self._platform = platform
        self._forge = platform.forge
        self._sink = platform.sink
        self._staffroom = staffroom
        self._bare = bare
        self._outbox = outbox
        self.figures = Figures()

    def weigh(self, when: str) -> None:
        """Notes the resident memory of both."""
        self.figures.resident[when] = (self._staffroom.resident, self._bare.resident)

    async def warm_up(self, share: float = 1) -> None:
        """Lets both answer each kind of request, until caches and pools are as they stay."""
        plan, forge = self._plan, self._forge
        reports = [forge.report() for _ in range(round(share * plan.warm_reports))]
        for requests in (
            [forge.blank_form() for _ in range(round(share * plan.warm_commands))],
            [forge.first_screen(report) for report in reports],
            [forge.second_screen(report) for report in reports],
        ):
            for server in dict.fromkeys((self._bare, self._staffroom)):
                await closed_loop(server.url, requests, PREPARING)
        await self._outbox.drained()

    async def throughput(self) -> None:
        """Closed loop at 64 connections: both servers get the same bytes, in turn, and take turns at being first."""
        plan, forge = self._plan, self._forge
        opens = f"; {self._platform.opens}" if self._platform.opens else ""
        kinds = [
            Throughput(f"blank form (reads{opens})"),
            Throughput("first screen (writes: draft)"),
            Throughput("second screen (writes: report)"),
        ]
        self.figures.throughput = kinds
        for number in range(plan.rounds):
            reports = [forge.report() for _ in range(plan.reports)]
            asked = (
                [Asked(forge.blank_form(), forge.is_blank_form) for _ in range(plan.commands)],
                [Asked(forge.first_screen(report), forge.is_next_screen) for report in reports],
                [Asked(forge.second_screen(report), forge.is_received) for report in reports],
            )
            for kind, batch in zip(kinds, asked, strict=True):
                repeated = list(itertools.islice(itertools.cycle(batch), plan.baseline))
                if number % 2:
                    await self._own_round(kind, batch)
                    kind.bare.append(await self._round(self._bare, repeated))
                else:
                    kind.bare.append(await self._round(self._bare, repeated))
                    await self._own_round(kind, batch)

    async def _own_round(self, kind: Throughput, asked: Sequence[Asked]) -> None:
        """A round against Staffroom, which has delivered everything before the bare app has its turn."""
        kind.staffroom.append(await self._round(self._staffroom, asked))
        delivered, start = len(self._sink.posted), time.perf_counter()
        await self._outbox.drained()
        delivered = len(self._sink.posted) - delivered
        if delivered:
            self.figures.delivered_per_second.append(delivered / (time.perf_counter() - start))
        self._sink.posted.clear()

    async def _round(self, server: Server, asked: Sequence[Asked]) -> Round:
        requests = [one.request for one in asked]
        with _undisturbed():
            cpu, own, start = server.cpu, time.process_time(), time.perf_counter()
            shots = await closed_loop(server.url, requests, self._plan.connections)
            seconds = time.perf_counter() - start
            cpu, own = (server.cpu - cpu) / seconds, (time.process_time() - own) / seconds
        failed = self._failed(server, shots, asked)
        return Round((len(shots) - failed) / seconds, cpu, own, failed)

    async def acks(self) -> None:
        """Open loop: how long acks take when requests come by the clock."""
        plan = self._plan
        for rate in plan.rates:
            mixed, bare = Latency(f"Staffroom, whole reports, {rate}/s"), Latency(f"bare app, the same, {rate}/s")
            self.figures.acks += [mixed, bare]
            for number in range(plan.rounds):
                asked = await self._mixed(round(rate * plan.mixed_seconds))
                few = asked[: round(rate * plan.bare_seconds)]
                await self._latency(self._bare, few, rate, bare, seed=number)
                await self._latency(self._staffroom, asked, rate, mixed, seed=number)
        rate = plan.rates[0]
        second = Latency(f"Staffroom, second screens only, {rate}/s")
        self.figures.acks.append(second)
        for number in range(plan.rounds):
            reports = await self._begun(round(rate * plan.second_screens_seconds))
            asked = [Asked(self._forge.second_screen(report), self._forge.is_received) for report in reports]
            await self._latency(self._staffroom, asked, rate, second, seed=number)

    async def alerts(self, name: str, rate: float, seconds: float) -> None:
        """From sending the second screen until the alerts, and the receipt, are with the platform."""
        reports = await self._begun(round(rate * seconds))
        self._sink.posted.clear()
        requests = [self._forge.second_screen(report) for report in reports]
        with _undisturbed():
            shots = await open_loop(self._staffroom.url, requests, rate, self._plan.connections)
            await self._outbox.drained()
        alerts, receipts = Latency(f"alert, {name}"), Latency(f"receipt, {name}")
        self.figures.alerts += [alerts, receipts]
        alerts.rounds.append([])
        receipts.rounds.append([])
        for report, shot in zip(reports, shots, strict=True):
            self._match(report, shot, alerts, receipts)

    def _match(self, report: Report, shot: Shot, alerts: Latency, receipts: Latency) -> None:
        found = REFERENCE.search(shot.body)
        if found is None:
            alerts.failed += 1
            return
        came = [posted for posted in self._sink.posted if found[1] in posted.body]
        mine = self._forge.conversation_of(report.user)
        to_readers = [posted.at - shot.due for posted in came if posted.conversation != mine]
        to_reporter = [posted.at - shot.due for posted in came if posted.conversation == mine]
        alerts.rounds[0] += to_readers
        alerts.failed += not to_readers
        receipts.rounds[0] += to_reporter
        receipts.failed += not to_reporter

    async def _latency(self, server: Server, asked: Sequence[Asked], rate: float, into: Latency, *, seed: int) -> None:
        requests = [one.request for one in asked]
        with _undisturbed():
            shots = await open_loop(server.url, requests, rate, self._plan.connections, seed=seed)
        into.rounds.append([shot.took for shot in shots])
        into.late += [shot.late for shot in shots]
        into.failed += self._failed(server, shots, asked)
        await self._outbox.drained()
        self._sink.posted.clear()

    async def _mixed(self, count: int) -> list[Asked]:
        """Blank forms, first and second screens in equal numbers, shuffled: what people filing reports send."""
        third = max(count // 3, 1)
        begun, forge = await self._begun(third), self._forge
        asked = [Asked(forge.second_screen(report), forge.is_received) for report in begun]
        asked += [Asked(forge.blank_form(), forge.is_blank_form) for _ in range(third)]
        asked += [Asked(forge.first_screen(forge.report()), forge.is_next_screen) for _ in range(third)]
        random.Random(third).shuffle(asked)
        return asked

    async def _begun(self, count: int) -> list[Report]:
        """Reports whose first screen was sent."""
        reports = [self._forge.report() for _ in range(count)]
        requests = [self._forge.first_screen(report) for report in reports]
        shots = await closed_loop(self._staffroom.url, requests, PREPARING)
        return [report for report, shot in zip(reports, shots, strict=True) if self._forge.is_next_screen(shot.body)]

    def _failed(self, server: Server, shots: Sequence[Shot], asked: Sequence[Asked]) -> int:
        bare = server is self._bare
        good = sum(
            shot.status == 200 and (bare or one.check(shot.body)) for shot, one in zip(shots, asked, strict=True)
        )
        if not good:
            raise NothingWorked(f"{server.url}: {shots[0].status} {shots[0].body[:300]!r}" if shots else server.url)
        return len(shots) - good


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The load's own garbage is not collected meanwhile: its pauses would look like the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
