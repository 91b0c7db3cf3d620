"""Cards: what should stand in whose chat, as desired state. No text: a card is built when it is delivered.

A card is to be worked on while `wanted > shown` or `rings_wanted > rings_sent`. One column says when: `try_at`,
in real time. It is empty where nothing is to be done, and the end of the lease while a worker has the card, so
that a worker that dies gives it back by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, false, func, null, or_, select, true, update

from policy.case import RecordId
from policy.people import PersonId
from storage.codec import messages_text, read_messages
from storage.messages import MessageRef
from storage.sealing import random_id
from storage.tables import cards, numbers
from storage.tables import cases as cases_table
from storage.tables import due as due_table
from storage.transaction import Transaction

_DUPLICATES = "duplicate_messages"
_THIS = and_(
    cards.c.person == bindparam("whose"), cards.c.record == bindparam("about"), cards.c.kind == bindparam("what")
)
_LOCK = select(cards).where(_THIS).with_for_update()
_OF = select(cards).where(cards.c.person == bindparam("whose"), cards.c.record == bindparam("about"))
_OF_IN_ORDER = _OF.order_by(cards.c.ended, cards.c.kind)
_MESSAGES = select(cards.c.messages).where(cards.c.person == bindparam("whose"))
_CLAIMABLE = (
    select(cards)
    .where(cards.c.try_at <= bindparam("wall"))
    .order_by(cards.c.urgent.desc(), cards.c.try_at, cards.c.record, cards.c.person, cards.c.kind)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(cards)
    .where(_THIS, cards.c.try_at <= bindparam("wall"))
    .values(lease=bindparam("token"), try_at=bindparam("until"))
)
_REFRESH = (
    update(cards)
    .where(cards.c.record == bindparam("about"), cards.c.ended == false(), cards.c.wanted < bindparam("version"))
    .values(
        wanted=bindparam("version"),
        # A lease, or a moment that the platform asked to wait for, stays; whoever is unreachable stays so.
        try_at=case(
            (or_(cards.c.try_at.is_not(None), cards.c.given_up == true()), cards.c.try_at),
            # With its type: else the driver writes it with a time zone, and it is later than the same moment without.
            else_=bindparam("wall", type_=cards.c.try_at.type),
        ),
    )
)
_REFRESH_KIND = (
    update(cards)
    .where(cards.c.person == bindparam("whose"), cards.c.kind == bindparam("what"), cards.c.ended == false())
    .values(
        wanted=cards.c.wanted + 1,
        try_at=case(
            (or_(cards.c.try_at.is_not(None), cards.c.given_up == true()), cards.c.try_at),
            else_=bindparam("wall", type_=cards.c.try_at.type),
        ),
    )
)
_RENEW = (
    update(cards)
    .where(cards.c.record == bindparam("about"), cards.c.kind == bindparam("what"), cards.c.ended == false())
    .values(
        wanted=cards.c.wanted + 1,
        try_at=case(
            (or_(cards.c.try_at.is_not(None), cards.c.given_up == true()), cards.c.try_at),
            else_=bindparam("wall", type_=cards.c.try_at.type),
        ),
    )
)
_NEXT = select(func.min(cards.c.try_at))
_COUNTERS = select(
    select(func.count()).where(cards.c.try_at.is_not(None)).scalar_subquery().label("cards_waiting"),
    select(func.count()).where(cards.c.given_up == true()).scalar_subquery().label("cards_given_up"),
    func.coalesce(select(numbers.c.value).where(numbers.c.name == _DUPLICATES).scalar_subquery(), 0).label(_DUPLICATES),
    select(func.count()).where(cases_table.c.state.in_(("waiting", "taken"))).scalar_subquery().label("cases_open"),
    select(func.count()).where(due_table.c.state == "pending").scalar_subquery().label("due_pending"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardJob:
    """A card that a worker has leased: bring what stands there from `shown` to `wanted`."""

    person: PersonId
    record: RecordId
    kind: str
    wanted: int
    shown: int
    rings_wanted: int
    rings_sent: int
    attempts: int
    urgent: bool
    messages: tuple[MessageRef, ...]
    lease: str

    @property
    def ring(self) -> bool:
        """Whether the phone has to ring: a fresh message, instead of an edit."""
        return self.rings_wanted > self.rings_sent


class Cards(Transaction):
    """What should stand in whose chat."""

    async def want_card(
        self, person: PersonId, record: RecordId, kind: str, *, version: int, ring: bool, urgent: bool
    ) -> None:
        """This person should have this card, of at least this version. It is tried at once, whatever went before.

        An ended card is opened again; one whose person was unreachable is tried again.
        """
        wall = self._wall()
        row = {
            "person": person,
            "record": record,
            "kind": kind,
            "wanted": version,
            "shown": 0,
            "rings_wanted": int(ring),
            "rings_sent": 0,
            "urgent": urgent,
            "ended": False,
            "given_up": False,
            "attempts": 0,
            "try_at": wall,
            "lease": None,
            "messages": "[]",
        }
        insert = self._insert(cards)
        new = insert.excluded
        wanted = case((cards.c.wanted > new.wanted, cards.c.wanted), else_=new.wanted)
        shown = case((cards.c.ended == true(), 0), else_=cards.c.shown)
        leased = and_(cards.c.lease.is_not(None), cards.c.try_at > new.try_at)
        changes = {
            "wanted": wanted,
            "shown": shown,
            "rings_wanted": cards.c.rings_wanted + new.rings_wanted,
            "urgent": new.urgent,
            "ended": False,
            "given_up": False,
            "attempts": 0,
            "try_at": case(
                (leased, cards.c.try_at),  # its worker gives it back, and finds that more is wanted
                (or_(wanted > shown, cards.c.rings_wanted + new.rings_wanted > cards.c.rings_sent), new.try_at),
                else_=null(),
            ),
        }
        await self._write(insert.on_conflict_do_update(index_elements=["person", "record", "kind"], set_=changes), row)

    async def refresh_cards(self, record: RecordId, version: int) -> None:
        """Every card of the record that has not ended should show at least this version; no phone rings."""
        await self._write(_REFRESH, {"about": record, "version": version, "wall": self._wall()})

    async def refresh_kind(self, people: Collection[PersonId], kind: str) -> None:
        """Every card of this kind that these people have, and that has not ended, is built again; no phone rings."""
        if people:
            wall = self._wall()
            await self._write(
                _REFRESH_KIND, [{"whose": person, "what": kind, "wall": wall} for person in sorted(people)]
            )

    async def renew_cards(self, record: RecordId, kind: str) -> None:
        """Every card of this kind that has not ended should be built again; no phone rings.

        For cards of no one record: nothing counts their versions but they themselves.
        """
        await self._write(_RENEW, {"about": record, "what": kind, "wall": self._wall()})

    async def claim_cards(self, limit: int, lease: timedelta) -> tuple[CardJob, ...]:
        """Takes cards that are to be worked on, urgent ones first, then those that have waited longest.

        Nobody else gets them before `lease` has passed in real time, or they were given back.
        """
        self._must_write()
        wall = self._wall()
        rows = (await self._read(_CLAIMABLE, {"wall": wall, "most": limit})).all()
        if not rows:
            return ()
        token = random_id()
        taken = {"token": token, "wall": wall, "until": wall + lease}
        await self._write(
            _LEASE, [{"whose": row.person, "about": row.record, "what": row.kind, **taken} for row in rows]
        )
        return tuple(_job(row, token) for row in rows)

    async def card_shown(self, job: CardJob, *, messages: Sequence[MessageRef], ended: bool) -> None:
        """The card stands there as it was wanted when the job was claimed, in these messages.

        `ended` says that nothing has to follow any more. What was wanted meanwhile is still to be done.
        """
        row = await self._locked(job)
        if row is None:
            return
        before = read_messages(row.messages)
        adopted = [message for message in before if message not in job.messages and message not in messages]
        if row.lease != job.lease:  # the lease ran out and another worker has, or had, the card
            await self._adopt(row, [message for message in messages if message not in before])
            return
        shown = max(row.shown, job.wanted)
        rings_sent = max(row.rings_sent, job.rings_wanted)
        if adopted:
            shown = min(shown, row.wanted - 1)
        more = row.wanted > shown or row.rings_wanted > rings_sent
        await self._set(
            job,
            shown=shown,
            rings_sent=rings_sent,
            ended=ended and not more,
            given_up=False,
            attempts=0,
            lease=None,
            try_at=self._wall() if more else None,
            messages=messages_text((*messages, *adopted)),
        )

    async def card_posted(self, job: CardJob, messages: Sequence[MessageRef]) -> None:
        """A part of the card stands there, in these messages; the rest of the job is still to be done."""
        row = await self._locked(job)
        if row is None:
            return
        before = read_messages(row.messages)
        if row.lease != job.lease:
            await self._adopt(row, [message for message in messages if message not in before])
            return
        adopted = [message for message in before if message not in job.messages and message not in messages]
        await self._set(job, messages=messages_text((*messages, *adopted)))

    async def card_later(self, job: CardJob, not_before: datetime, *, count_attempt: bool = True) -> None:
        """Gives the card back, to be tried again at `not_before` (real time). A lease that was lost stays lost."""
        row = await self._locked(job)
        if row is None or row.lease != job.lease:
            return
        await self._set(job, attempts=row.attempts + int(count_attempt), lease=None, try_at=not_before)

    async def card_given_up(self, job: CardJob) -> None:
        """The person cannot be reached: no more tries until the card is wanted again. It stays countable."""
        row = await self._locked(job)
        if row is None or row.lease != job.lease:
            return
        again = row.rings_wanted > job.rings_wanted
        await self._set(job, given_up=not again, lease=None, try_at=self._wall() if again else None)

    async def adopt_message(
        self, person: PersonId, record: RecordId, message: MessageRef, kind: str | None = None
    ) -> None:
        """A click came from a message that was not known: a duplicate after a lost answer. It follows from now on.

        Without `kind`, it joins the person's first card about the record that has not ended. Nothing happens
        where the message is known, or the person has no card.
        """
        self._must_write()
        rows = (await self._read(_OF_IN_ORDER.with_for_update(), {"whose": person, "about": record})).all()
        if any(message in read_messages(row.messages) for row in rows):
            return
        row = next((row for row in rows if kind is None or row.kind == kind), None)
        if row is None:
            return
        await self._adopt(row, [message])

    async def card_messages(self, person: PersonId, record: RecordId) -> tuple[MessageRef, ...]:
        """Every message in which this person has a card about the record."""
        rows = await self._read(_OF_IN_ORDER, {"whose": person, "about": record})
        return tuple(message for row in rows for message in read_messages(row.messages))

    async def has_message(self, person: PersonId, message: MessageRef) -> bool:
        """Whether this is a message of any of the person's cards."""
        rows = await self._read(_MESSAGES, {"whose": person})
        return any(message in read_messages(row.messages) for row in rows)

    async def next_card_at(self) -> datetime | None:
        """The earliest moment, in real time, at which a card may be tried; None where nothing is to be done."""
        return (await self._read(_NEXT)).scalar()

    async def counters(self) -> Mapping[str, int]:
        """Numbers for metrics: cards_waiting, cards_given_up, duplicate_messages, cases_open, due_pending."""
        return {name: int(value) for name, value in (await self._read(_COUNTERS)).mappings().one().items()}

    async def _locked(self, job: CardJob) -> Row[Any] | None:
        self._must_write()
        values = {"whose": job.person, "about": job.record, "what": job.kind}
        return (await self._read(_LOCK, values)).first()

    async def _adopt(self, row: Row[Any], extra: Sequence[MessageRef]) -> None:
        """Messages that stand there beside those that are known: counted, and edited with them from now on."""
        if not extra:
            return
        wall = self._wall()
        leased = row.lease is not None and row.try_at is not None and row.try_at > wall
        await self._set(
            row,
            messages=messages_text((*read_messages(row.messages), *extra)),
            shown=min(row.shown, row.wanted - 1),
            ended=False,
            given_up=False,
            try_at=row.try_at if leased else wall,
        )
        insert = self._insert(numbers)
        add = insert.on_conflict_do_update(index_elements=["name"], set_={"value": numbers.c.value + len(extra)})
        await self._write(add, {"name": _DUPLICATES, "value": len(extra)})

    async def _set(self, card: CardJob | Row[Any], **values: object) -> None:
        where = {"whose": card.person, "about": card.record, "what": card.kind}
        await self._write(update(cards).where(_THIS).values(values), where)


def _job(row: Row[Any], lease: str) -> CardJob:
    return CardJob(
        person=row.person,
        record=row.record,
        kind=row.kind,
        wanted=row.wanted,
        shown=row.shown,
        rings_wanted=row.rings_wanted,
        rings_sent=row.rings_sent,
        attempts=row.attempts,
        urgent=row.urgent,
        messages=read_messages(row.messages),
        lease=lease,
    )
