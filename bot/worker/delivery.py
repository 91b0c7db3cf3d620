"""Delivers cards: posts or edits until what stands in chat is what is wanted.

A card is desired state. It is built at delivery, for the person as they are now, so no text lies in the queue.
At least once: where an answer is lost the card may stand twice, which is harmless (its buttons are
re-authorised and done once) and counted; the first press on the copy makes it follow, too.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.worker.platforms import Address, Outcome, Platforms
from handlers.cases.cards import Built
from handlers.handlers import Handlers
from handlers.ports import DeliveryError, Messenger, RateLimited, Unreachable
from storage.cards import CardJob
from storage.database import Database
from storage.messages import MessageRef

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""Longer than a delivery can take: four calls of ten seconds each, one after the other."""
BATCH = 50
AT_ONCE = 32
"""Conversations that are written to at the same time."""
QUICK = 0.5
"""Seconds that a round waits for its cards: longer ones end by themselves."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before the second try, and between the last ones; an urgent card waits a tenth of that at the most."""


def back_off(attempts: int, *, urgent: bool, jitter: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after `attempts` tries that failed: doubling, with jitter, never beyond the longest wait."""
    longest = LONGEST_WAIT / 10 if urgent else LONGEST_WAIT
    wait = min(FIRST_WAIT * 2 ** min(attempts, 16), longest)
    return timedelta(seconds=wait * (0.5 + jitter() / 2))


class Delivery:
    """Takes due cards from the outbox and brings them to their people."""

    def __init__(
        self,
        database: Database,
        handlers: Handlers,
        messengers: Mapping[str, Messenger],
        *,
        wall: Callable[[], datetime],
        pace: timedelta = timedelta(seconds=1),
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._platforms = Platforms(messengers, handlers.platform_of)
        self._wall = wall
        self._pace = pace
        self._posted: dict[str, datetime] = {}
        self._edited: dict[tuple[str, str, str], tuple[int, frozenset[MessageRef]]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._one_at_a_time: dict[str, asyncio.Lock] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._failing_since: datetime | None = None

    async def run_once(self) -> int:
        """Begins to deliver what may be delivered now; returns how many cards. Slow ones go on in the background."""
        async with self._database.reading() as uow:
            at = await uow.next_card_at()
        if at is None or at > self._wall():
            return 0
        async with self._database.transaction(patient=True) as uow:
            jobs = await uow.claim_cards(BATCH, LEASE)
        by_person: dict[str, list[CardJob]] = defaultdict(list)
        for job in jobs:
            by_person[job.person].append(job)
        turns = {asyncio.create_task(self._turn(person, mine)) for person, mine in by_person.items()}
        self._under_way |= turns
        for turn in turns:
            turn.add_done_callback(self._under_way.discard)
        if turns:
            # One conversation that is slow or dead holds up nobody else's, nor what falls due meanwhile.
            await asyncio.wait(turns, timeout=QUICK)
        return len(jobs)

    async def close(self, patience: timedelta) -> None:
        """Waits for what is under way, no longer than `patience`; the rest is tried again after its lease."""
        if self._under_way:
            _, slow = await asyncio.wait(self._under_way, timeout=patience.total_seconds())
            for turn in slow:
                turn.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    @property
    def failing_for(self) -> timedelta:
        """For how long nothing at all could be delivered, though something should be."""
        return self._wall() - self._failing_since if self._failing_since is not None else timedelta(0)

    async def _turn(self, person: str, jobs: list[CardJob]) -> None:
        """One person's cards, in order. After one that fails the others wait: their conversation is in trouble."""
        async with self._gate, self._one_at_a_time.setdefault(person, asyncio.Lock()):
            wait: timedelta | None = None
            for job in jobs:
                if wait is None:
                    wait = await self._deliver(job)
                else:
                    await self._later(job, wait, count_attempt=False)

    async def _deliver(self, job: CardJob) -> timedelta | None:
        """Delivers one card; returns how long to leave the conversation alone where that failed."""
        try:
            await self._bring(job)
        except RateLimited as limited:
            # No fault for a moment; but a platform that asks to wait for minutes on end delivers nothing either.
            self._failing_since = self._failing_since or self._wall()
            return await self._later(job, timedelta(seconds=limited.retry_after), count_attempt=False)
        except Unreachable:
            log.error("person unreachable", person=job.person, record=job.record)
            await self._handlers.cannot_reach(job)
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
            # The platform's code, or our own fault's kind: never its text. The card stays wanted.
            code = str(error) if isinstance(error, DeliveryError) else type(error).__name__
            log.warning("delivery failed", record=job.record, attempts=job.attempts + 1, error=code)
            self._failing_since = self._failing_since or self._wall()
            return await self._later(job, back_off(job.attempts, urgent=job.urgent))
        self._failing_since = None
        return None

    async def _bring(self, job: CardJob) -> None:
        built = await self._handlers.build(job.kind, job.person, job.record)
        emails = await self._handlers.emails(job.person)
        if built is None or (not emails and not job.messages):
            async with self._database.transaction(patient=True) as uow:
                await uow.card_given_up(job)
            return
        if built.ended and not job.messages:
            await self._shown(job, (), ended=True)  # never seen, and nothing to say any more
            return
        # That somebody has nothing more to do with it is no reason to ring: least of all about themselves.
        if not job.messages or (job.ring and not built.ended):
            if not emails:
                raise Unreachable
            if self._too_soon(job.person):
                await self._later(job, self._pace, count_attempt=False)
                return
            await self._ring(job, built, emails)
            return
        edited = await self._edit(job, job.messages, built)
        lost = {one.platform for one in job.messages} - {one.platform for one in edited.messages}
        if lost and not built.ended:
            edited = await self._again(job, built, emails, edited)
        await self._stands(job, edited, ended=built.ended)

    async def _ring(self, job: CardJob, built: Built, emails: tuple[str, ...]) -> None:
        """Posts afresh, so that the phone rings: wherever this ring has not been posted before something failed."""
        rung = [one for one in job.messages if job.ring and one.ring == job.rings_wanted]
        before = [one for one in job.messages if one not in rung]
        edited = await self._edit(job, rung, built)
        posted = await self._platforms.post(self._address(job, emails), built.card, edited.messages)
        self._posted[job.person] = self._wall()
        # The new one stands before the old one goes, so that there is always one; a failure to take the old one
        # away must not post again.
        failure = edited.failure or posted.failure
        waiting = [one for one in before if failure is not None and _is_last(one, posted.messages)]
        kept = await self._platforms.take_away([one for one in before if one not in waiting])
        await self._stands(job, Outcome((*posted.messages, *waiting, *kept), failure), ended=built.ended)

    async def _edit(self, job: CardJob, messages: Sequence[MessageRef], built: Built) -> Outcome:
        """Edits what has not been edited before something failed: else a pace of one at a time would never end."""
        key = (job.person, job.record, job.kind)
        wanted, done = self._edited.pop(key, (0, frozenset()))
        done = done & frozenset(messages) if wanted == job.wanted else frozenset()
        outcome = await self._platforms.edit([one for one in messages if one not in done], built.card)
        if outcome.failure is not None:
            self._edited[key] = (job.wanted, done | outcome.edited)
        kept = done | frozenset(outcome.messages)
        return Outcome(tuple(one for one in messages if one in kept), outcome.failure)

    async def _again(self, job: CardJob, built: Built, emails: tuple[str, ...], edited: Outcome) -> Outcome:
        """The card was taken away somewhere: it is posted there again."""
        if not emails:
            if not edited.messages:
                raise Unreachable
            return edited
        try:
            posted = await self._platforms.post(self._address(job, emails), built.card, edited.messages)
        except Unreachable:
            if edited.messages:
                return edited
            raise
        return Outcome(posted.messages, edited.failure or posted.failure)

    def _address(self, job: CardJob, emails: tuple[str, ...]) -> Address:
        return Address(person=job.person, emails=emails, everywhere=job.urgent, ring=job.rings_wanted)

    async def _stands(self, job: CardJob, outcome: Outcome, *, ended: bool) -> None:
        """Notes what stands there, also where a part has failed.

        Raises:
            DeliveryError: a part has failed and is to be tried again.
        """
        if outcome.failure is None:
            await self._shown(job, outcome.messages, ended=ended)
            return
        if outcome.messages != job.messages:
            async with self._database.transaction() as uow:
                await uow.card_posted(job, outcome.messages)
        raise outcome.failure

    def _too_soon(self, person: str) -> bool:
        last = self._posted.get(person)
        return last is not None and self._wall() - last < self._pace

    async def _shown(self, job: CardJob, messages: tuple[MessageRef, ...], *, ended: bool) -> None:
        async with self._database.transaction(patient=True) as uow:
            await uow.card_shown(job, messages=messages, ended=ended)

    async def _later(self, job: CardJob, wait: timedelta, *, count_attempt: bool = True) -> timedelta:
        async with self._database.transaction(patient=True) as uow:
            await uow.card_later(job, self._wall() + wait, count_attempt=count_attempt)
        return wait


def _is_last(message: MessageRef, others: Sequence[MessageRef]) -> bool:
    """Whether this is the only message on its platform."""
    return message.platform not in {other.platform for other in others}
