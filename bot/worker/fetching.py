"""Fetches files that people have attached: from the platform, through inspection, sealed into the store.

At least once, and never before the imagery answer is "no": what waits to be fetched is decided in the transaction
that takes the answer, and `file_changed` refuses what was held, or put in quarantine, while it was under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.worker.delivery import back_off
from handlers.handlers import Handlers
from handlers.ports import DeliveryError, FileRefused, FileSource, RateLimited
from policy.evidence import MOST_BYTES, EvidenceFile, Reason
from storage.database import Database
from storage.errors import Full, Refused, StorageError, TooLarge
from storage.evidence import FileJob
from storage.evidence_store import EvidenceStore
from storage.inspection import inspect

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
"""Longer than one file can take."""
LONGEST = 540.0
"""Seconds after which a download that does not end is given up, and tried again later."""
AT_ONCE = 4
QUICK = 0.5
"""Seconds that a round waits for its files: longer ones end by themselves."""
LEFT_OVER = timedelta(days=1)
BATCH = 16


class Fetching:
    """Takes files that wait, and brings them home."""

    def __init__(
        self,
        database: Database,
        handlers: Handlers,
        store: EvidenceStore,
        sources: Mapping[str, FileSource],
        *,
        wall: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._store = store
        self._sources = sources
        self._wall = wall
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()

    async def run_once(self) -> int:
        """Begins to fetch what is due; returns how many files that are. It waits a moment for them, no longer."""
        async with self._database.reading() as uow:
            at = await uow.next_file_at()
        if at is None or at > self._wall():
            return 0
        async with self._database.transaction(patient=True) as uow:
            jobs = await uow.claim_files(BATCH, LEASE)
        tasks = {asyncio.create_task(self._fetch(job)) for job in jobs}
        self._under_way |= tasks
        for task in tasks:
            task.add_done_callback(self._under_way.discard)
        if tasks:
            # A large file must hold up nobody's card.
            await asyncio.wait(tasks, timeout=QUICK)
        return len(jobs)

    async def close(self) -> None:
        """Breaks off what is under way: it is fetched again after its lease."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def sweep(self) -> None:
        """Deletes bytes that nothing refers to: what a worker that died has left."""
        async with self._database.reading() as uow:
            known = await uow.known_blobs()
        try:
            swept = await self._store.sweep(known, before=self._wall() - LEFT_OVER)
        except StorageError as error:
            log.error("evidence not swept", error=type(error).__name__)
            return
        if swept:
            log.info("evidence swept", pieces=swept)

    async def _fetch(self, job: FileJob) -> None:
        async with self._gate:
            try:
                async with asyncio.timeout(LONGEST):
                    await self._bring(job)
            except RateLimited as limited:
                await self._later(job, timedelta(seconds=limited.retry_after), count_attempt=False)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
                # The platform's code, or our own fault's kind: never its text, nor a file's name.
                code = str(error) if isinstance(error, DeliveryError) else type(error).__name__
                level = log.critical if isinstance(error, Full) else log.warning
                level("file not fetched", record=job.file.record, attempts=job.file.attempts + 1, error=code)
                await self._later(job, back_off(job.file.attempts, urgent=False))

    async def _bring(self, job: FileJob) -> None:
        file = job.file
        source = self._sources.get(file.platform)
        if source is None:
            raise DeliveryError("platform_not_used")
        async with self._database.reading() as uow:
            sealer = await uow.record_sealer(file.record)
        try:
            async with source.open(file) as chunks:
                stored = await self._store.put(file.id, sealer, chunks, most=MOST_BYTES)
        except TooLarge:
            await self._end(job, file.not_kept(Reason.TOO_LARGE))
            return
        except FileRefused as refused:
            await self._end(job, file.not_kept(refused.reason))
            return
        try:
            kind = await inspect(self._store, stored, sealer)
        except Refused as refused:
            await self._store.delete(stored.blob)
            await self._end(job, file.not_kept(refused.reason))
            return
        except BaseException:
            await self._store.delete(stored.blob)
            raise
        if not await self._end(job, file.kept(stored, kind, self._handlers.now())):
            await self._store.delete(stored.blob)  # held, or in quarantine, meanwhile: nothing of it stays

    async def _end(self, job: FileJob, file: EvidenceFile) -> bool:
        try:
            return await self._handlers.file_ended(job, file)
        except StorageError:
            if file.stored is not None:
                await self._store.delete(file.stored.blob)
            raise

    async def _later(self, job: FileJob, wait: timedelta, *, count_attempt: bool = True) -> None:
        async with self._database.transaction(patient=True) as uow:
            await uow.file_later(job, self._wall() + wait, count_attempt=count_attempt)
