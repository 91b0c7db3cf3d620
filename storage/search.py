"""The blind index: words and marks of cases as keyed tokens, and finding cases by them, newest first.

The tokens are made with a random key of the database's own, which the master keys keep wrapped as they do the data
keys: rotation wraps it anew, and what was indexed stays as it is. Whoever has the database alone sees which reports
share a word, and no word.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from policy.case import Case, Entry, RecordId
from policy.searching import marks_of, words_of_case, words_of_entry
from storage.sealing import Keyring
from storage.tables import index_keys, search_words
from storage.transaction import Transaction

PURPOSE = "search"
KEY_ID = "words"
_KEY_BYTES = 32
_LENGTH = 20
"""Hexadecimal characters of a token: 80 bits, so that two words do not meet."""
_COUNTED = 2000
"""Beyond so many hits a word is common, and another one leads the search where there is one."""

_THE_KEY = select(index_keys.c.body).where(index_keys.c.id == KEY_ID)


async def make_index_key(connection: AsyncConnection, keyring: Keyring) -> None:
    """Makes the key of the index where there is none. Inside the caller's transaction, which nobody else is in."""
    if (await connection.execute(_THE_KEY)).first() is None:
        body = keyring.seal(PURPOSE, os.urandom(_KEY_BYTES), context=KEY_ID)
        await connection.execute(index_keys.insert(), {"id": KEY_ID, "body": body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: one of each set of words or marks, received from `since` on and before `before`.

    `after` is the last one that was found: the search goes on with older ones.
    """

    groups: tuple[AbstractSet[str], ...]
    since: datetime | None = None
    before: datetime | None = None
    after: tuple[datetime, RecordId] | None = None


class SearchIndex(Transaction):
    """Tokens of cases. `Cases` writes them with the case itself, in the same transaction."""

    _index_key: bytes | None = None

    async def _found(self, wanted: Wanted, most: int) -> list[tuple[datetime, RecordId]]:
        """At most so many cases, newest first. Who may read them is not asked here. Nothing without a group."""
        if not wanted.groups or not all(wanted.groups):
            return []
        tokens = [await self._tokens(group) for group in wanted.groups]
        leading = await self._leading(tokens, wanted)
        others = [group for group in tokens if group is not leading]
        # Each token's newest hits are read as they lie in the index; together they have the newest of all.
        one = [_hits([token], others, wanted, most).subquery().select() for token in leading]
        both = union_all(*one).subquery()
        newest = select(both).distinct().order_by(both.c.received_at.desc(), both.c.record.desc()).limit(most)
        return [(row.received_at, row.record) for row in await self._read(newest)]

    async def _leading(self, tokens: Sequence[list[str]], wanted: Wanted) -> list[str]:
        """The group that fewest cases have; of equals the one with fewest tokens."""
        if len(tokens) == 1:
            return tokens[0]
        counts = [
            select(func.count()).select_from(_within(group, wanted).limit(_COUNTED).subquery()).scalar_subquery()
            for group in tokens
        ]
        row = (await self._read(select(*(count.label(f"n{number}") for number, count in enumerate(counts))))).one()
        return min(zip(row, tokens, strict=True), key=lambda pair: (pair[0], len(pair[1])))[1]

    async def _index_entries(self, record: str, received_at: datetime, entries: Iterable[Entry]) -> None:
        words = frozenset[str]().union(*(words_of_entry(entry) for entry in entries))
        await self._add_tokens(record, received_at, words)

    async def _index_case(self, case: Case, before: Case | None = None) -> None:
        """Adds what the case has more than before, and takes away the marks that it has not any more. No drill."""
        if case.drill:
            return
        words, marks = words_of_case(case), marks_of(case)
        if before is not None:
            words -= words_of_case(before)
            old = marks_of(before)
            await self._remove_tokens(case.id, case.received_at, old - marks)
            marks -= old
        await self._add_tokens(case.id, case.received_at, words | marks)

    async def _add_tokens(self, record: str, received_at: datetime, texts: AbstractSet[str]) -> None:
        if texts:
            rows = [{"token": one, "received_at": received_at, "record": record} for one in await self._tokens(texts)]
            await self._write(self._insert(search_words).on_conflict_do_nothing(), rows)

    async def _remove_tokens(self, record: str, received_at: datetime, texts: AbstractSet[str]) -> None:
        if texts:
            gone = delete(search_words).where(
                search_words.c.token.in_(await self._tokens(texts)),
                search_words.c.received_at == received_at,
                search_words.c.record == record,
            )
            await self._write(gone)

    async def _tokens(self, texts: AbstractSet[str]) -> list[str]:
        if self._index_key is None:
            body = (await self._read(_THE_KEY)).scalar_one()
            self._index_key = self._keyring.open(PURPOSE, body, context=KEY_ID)
        key = self._index_key
        # In one order always, so that two transactions that write the same do not wait for each other in a circle.
        return sorted(hmac.digest(key, text.encode(), "sha256").hex()[:_LENGTH] for text in texts)


def _within(tokens: Sequence[str], wanted: Wanted) -> Select[Any]:
    hits = search_words
    statement = select(hits.c.received_at, hits.c.record).where(hits.c.token.in_(tokens))
    if wanted.since is not None:
        statement = statement.where(hits.c.received_at >= wanted.since)
    if wanted.before is not None:
        statement = statement.where(hits.c.received_at < wanted.before)
    if wanted.after is not None:
        at, record = wanted.after
        statement = statement.where(
            hits.c.received_at <= at, tuple_(hits.c.received_at, hits.c.record) < tuple_(at, record)
        )
    return statement


def _hits(leading: Sequence[str], others: Sequence[Sequence[str]], wanted: Wanted, most: int) -> Select[Any]:
    hits, statement = search_words, _within(leading, wanted)
    for group in others:
        other = search_words.alias()
        same = and_(other.c.received_at == hits.c.received_at, other.c.record == hits.c.record)
        statement = statement.where(select(other.c.token).where(other.c.token.in_(group), same).exists())
    return statement.order_by(hits.c.received_at.desc(), hits.c.record.desc()).limit(most)
