"""Fetches files that people have attached: from the platform, through inspection, sealed into the store.

At least once, and never before the imagery answer is "no": what waits to be fetched is decided in the transaction
that takes the answer. Whether it still is to be is asked before the first byte and every two seconds; `file_changed`
refuses what was held, or put in quarantine, in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.worker.delivery import back_off
from handlers.handlers import Handlers
from handlers.ports import DeliveryError, FileRefused, FileSource, RateLimited
from policy.evidence import MOST_BYTES, Reason
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
ASKED_EVERY = 2.0
"""Seconds of a download after which is asked whether it is still wanted."""
AT_ONCE = 4
QUICK = 0.5
"""Seconds that a round waits for its files: longer ones end by themselves."""
LEFT_OVER = timedelta(days=1)


class _NotWanted(Exception):
    """Imagery was marked, or another worker has the file: nothing more of it is fetched."""


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
        self._under_way: set[asyncio.Task[None]] = set()

    async def run_once(self) -> int:
        """Begins to fetch what is due; returns how many files that are. It waits a moment for them, no longer."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return 0  # what is claimed is begun at once: a lease must not run out while it waits
        async with self._database.reading() as uow:
            at = await uow.next_file_at()
        if at is None or at > self._wall():
            return 0
        async with self._database.transaction(patient=True) as uow:
            jobs = await uow.claim_files(room, LEASE)
        tasks = {asyncio.create_task(self._fetch(job)) for job in jobs}
        self._under_way |= tasks
        for task in tasks:
            task.add_done_callback(self._under_way.discard)
        if tasks:
            # A large file must hold up nobody's card.
            await asyncio.wait(tasks, timeout=QUICK)
        return len(jobs)

    async def finish(self) -> bool:
        """Waits for what is under way; whether anything was."""
        if not self._under_way:
            return False
        await asyncio.wait(self._under_way)
        return True

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
        try:
            async with asyncio.timeout(LONGEST):
                await self._bring(job)
        except _NotWanted:
            return
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
        if file.said_size is not None and file.said_size > MOST_BYTES:
            await self._handlers.file_ended(job, file.not_kept(Reason.TOO_LARGE))
            return
        async with self._database.reading() as uow:
            if not await uow.file_is_wanted(job):
                raise _NotWanted
            sealer = await uow.record_sealer(file.record)
        try:
            async with source.open(file) as chunks:
                stored = await self._store.put(file.id, sealer, self._while_wanted(job, chunks), most=MOST_BYTES)
        except TooLarge:
            await self._handlers.file_ended(job, file.not_kept(Reason.TOO_LARGE))
            return
        except FileRefused as refused:
            await self._handlers.file_ended(job, file.not_kept(refused.reason))
            return
        try:
            kind = await inspect(self._store, stored, sealer)
        except Refused as refused:
            await self._store.delete(stored.blob)
            await self._handlers.file_ended(job, file.not_kept(refused.reason))
            return
        except BaseException:
            await self._store.delete(stored.blob)
            raise
        # Where this fails nobody knows whether it was remembered: the sweep deletes the bytes if it was not.
        if not await self._handlers.file_ended(job, file.kept(stored, kind, self._handlers.now())):
            await self._store.delete(stored.blob)  # held, or in quarantine, meanwhile: nothing of it stays

    async def _while_wanted(self, job: FileJob, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async for chunk in chunks:
            if loop.time() - asked >= ASKED_EVERY:
                if not await self._handlers.file_is_wanted(job):
                    raise _NotWanted
                asked = loop.time()
            yield chunk

    async def _later(self, job: FileJob, wait: timedelta, *, count_attempt: bool = True) -> None:
        async with self._database.transaction(patient=True) as uow:
            await uow.file_later(job, self._wall() + wait, count_attempt=count_attempt)
