"""The worker: wakes when something was written, and at every tick; fires what is due and delivers cards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.worker.delivery import Delivery
from bot.worker.fetching import Fetching
from handlers.handlers import Handlers
from handlers.ports import Clock
from policy.case import Due
from storage.database import Database

log = structlog.get_logger()

TICK = timedelta(seconds=2)
"""How often is asked what is due: nothing waits longer than this for time alone."""
PURGE_EVERY = timedelta(hours=1)
PATIENCE = timedelta(seconds=10)
AGAIN = timedelta(minutes=1)
"""When due work that failed is tried again."""
LATE = timedelta(minutes=5)
"""Due work older than this means that the worker does not keep up, or was away."""


async def _nothing() -> Mapping[str, str]:
    return {}


class Worker:
    """One for each process. Everything it does is in the database first: killing it at any point loses nothing."""

    def __init__(
        self,
        database: Database,
        handlers: Handlers,
        delivery: Delivery,
        fetching: Fetching,
        *,
        clock: Clock,
        wall: Callable[[], datetime],
        look: Callable[[], Awaitable[Mapping[str, str]]] = _nothing,
    ) -> None:
        self._database = database
        self._look = look
        self._handlers = handlers
        self._delivery = delivery
        self._fetching = fetching
        self._clock = clock
        self._wall = wall
        self._awake = asyncio.Event()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._task: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()
        self._stopping = False
        self._not_before: dict[Due, datetime] = {}
        self._all_indexed = False

    def wake(self) -> None:
        """There is something to deliver: no need to wait for the next tick."""
        self._awake.set()

    async def start(self) -> None:
        """Begins to work until `stop`."""
        # The scheduler only ticks; what is due stands in the database. Its own job stores lose and double
        # jobs across restarts.
        self._scheduler.add_job(self._tick, IntervalTrigger(seconds=TICK.total_seconds()), coalesce=True)
        self._scheduler.add_job(self._watch, IntervalTrigger(seconds=60), coalesce=True)
        self._scheduler.add_job(self._purge, IntervalTrigger(seconds=PURGE_EVERY.total_seconds()), coalesce=True)
        self._scheduler.start()
        self._stopping = False
        self._awake.set()
        self._task = asyncio.create_task(self._run(), name="staffroom-worker")

    async def stop(self) -> None:
        """Stops after what is being delivered now; what takes longer than `PATIENCE` is cut off, and tried again."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._task is not None:
            self._stopping = True
            self._awake.set()
            await asyncio.wait({self._task}, timeout=PATIENCE.total_seconds())
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._delivery.close(PATIENCE)
        await self._fetching.close()

    async def _run(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            if self._stopping:
                return
            try:
                if await self.work():
                    self._awake.set()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
                # The database may be away: what is to be done stays there, and the next tick tries again.
                log.error("worker fault", error=type(error).__name__)

    async def work(self) -> int:
        """One round: fires what is due, delivers a batch; returns how much there was to do."""
        async with self._busy:
            fired = await self._fire_due()
            tried = await self._delivery.run_once()
            return fired + tried + await self._fetching.run_once() + await self._index_older()

    async def _index_older(self) -> int:
        """Cases from before there was an index become findable. What comes new is indexed as it is stored."""
        if self._all_indexed:
            return 0
        indexed = await self._handlers.index_older()
        self._all_indexed = indexed == 0
        return indexed

    async def _fire_due(self) -> int:
        fired = 0
        for one in await self._handlers.due():
            not_before = self._not_before.get(one)
            if not_before is not None and self._wall() < not_before:
                continue
            try:
                await self._handlers.fire(one)
                self._not_before.pop(one, None)
                fired += 1
            except Exception as error:  # noqa: BLE001 - one record in trouble must not silence all the others
                log.critical("due work failed", record=one.record, error=type(error).__name__)
                self._not_before[one] = self._wall() + AGAIN
        return fired

    async def drain(self, *, patience: timedelta = timedelta(seconds=10)) -> None:
        """Works until nothing is left to fire or to deliver, waiting for what may only be tried later.

        Raises:
            TimeoutError: something is still to be delivered after `patience` of real time.
        """
        async with asyncio.timeout(patience.total_seconds()):
            while True:
                if await self.work():
                    continue
                async with self._database.reading() as uow:
                    ahead = [at for at in (await uow.next_card_at(), await uow.next_file_at()) if at is not None]
                if not ahead:
                    if await self._fetching.finish():
                        continue
                    return
                at = min(ahead)
                # Another process may have what is left, and be done with it before its lease ends.
                await asyncio.sleep(min(max((at - self._wall()).total_seconds(), 0.01), 0.1))

    async def late_by(self) -> timedelta:
        """How late the oldest due work is; nothing where nothing is."""
        async with self._database.reading() as uow:
            oldest = await uow.oldest_due()
        return max(self._clock.now() - oldest, timedelta(0)) if oldest is not None else timedelta(0)

    async def is_well(self) -> bool:
        """Whether due work is fired and cards arrive: else the administrator has to look."""
        return await self.late_by() < LATE and self._delivery.failing_for < LATE

    async def _tick(self) -> None:
        self._awake.set()

    async def _watch(self) -> None:
        late = await self.late_by()
        async with self._database.reading() as uow:
            counters = await uow.counters()
        if late > LATE:
            log.critical("due work is late", minutes=round(late.total_seconds() / 60))
        if self._delivery.failing_for > LATE:
            log.critical("nothing is delivered", minutes=round(self._delivery.failing_for.total_seconds() / 60))
        log.info("watch", **counters, **await self._look())

    async def _purge(self) -> None:
        await self._handlers.purge()
        await self._fetching.sweep()
