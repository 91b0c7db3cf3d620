"""What master keys have sealed themselves, place by place, and sealing it anew with the newest (rotation).

A table with something that a master key seals, or a keyed index, has its place here: a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table, bindparam, func, select, tuple_

from storage.audit_log import AuditLog
from storage.errors import CannotOpen, Unreadable
from storage.inbox import renewed as renewed_click
from storage.known_keys import forget_older
from storage.people import renewed_person
from storage.sealing import Keyring
from storage.search import PURPOSE as SEARCH
from storage.tables import cases, collecting, conversations, drafts, inbox, index_keys, master_keys, people


@dataclass(frozen=True, slots=True)
class Place:
    """One table: the column that a master key seals, and what of a row is written anew."""

    table: Table
    sealed: Column[bytes]
    renewed: Callable[[Keyring, Row[Any]], Mapping[str, object]]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name


PLACES = (
    Place(cases, cases.c.data_key, lambda keys, row: {"data_key": keys.rewrap(row.data_key, row.id)}),
    Place(people, people.c.body, lambda keys, row: renewed_person(keys, row.id, row.email_index, row.body)),
    Place(
        conversations,
        conversations.c.body,
        lambda keys, row: _again(keys, "conversations", row.body, f"{row.platform}:{row.person}"),
    ),
    Place(drafts, drafts.c.body, lambda keys, row: _again(keys, "draft", row.body, f"{row.id}:{row.person}")),
    Place(collecting, collecting.c.body, lambda keys, row: _again(keys, "draft", row.body, f"collecting:{row.person}")),
    # The key alone: the tokens that were made with it stay as they are.
    Place(index_keys, index_keys.c.body, lambda keys, row: _again(keys, SEARCH, row.body, row.id)),
    Place(inbox, inbox.c.reply, lambda keys, row: renewed_click(keys, row.key, row.actor, row.reply)),
)

BY_RECORD = frozenset({"cases.body", "chronology.body", "evidence.body"})
"""What is sealed by a record's own data key: it stays as it is."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did. `last`: where the next begins, None where there is no more."""

    last: tuple[object, ...] | None
    renewed: int


class Resealing(AuditLog):
    """Rows under older keys."""

    async def reseal(self, place: Place, after: tuple[object, ...] | None, most: int) -> Batch:
        """Writes at most so many rows anew that follow `after`. What cannot be opened stays as it is."""
        self._must_write()
        key = tuple(place.table.primary_key.columns)
        statement = select(place.table).where(self._not_by_newest(place)).order_by(*key).limit(most)
        if after is not None:
            statement = statement.where(tuple_(*key) > tuple_(*after))
        rows = (await self._read(statement)).all()
        change = place.table.update().where(*(column == bindparam(f"at_{column.name}") for column in key))
        renewed = 0
        for row in rows:
            try:
                new = place.renewed(self._keyring, row)
            except (CannotOpen, Unreadable):
                continue
            where = {f"at_{column.name}": row._mapping[column.name] for column in key}  # noqa: SLF001 - public API
            await self._write(change.values({name: bindparam(f"new_{name}") for name in new}), where | _new(new))
            renewed += 1
        last = rows[-1] if len(rows) == most else None
        return Batch(None if last is None else tuple(last._mapping[c.name] for c in key), renewed)  # noqa: SLF001

    async def not_by_newest(self) -> dict[str, int]:
        """How many rows of each place still need an older key; places without any are left out."""
        found = {}
        for place in PLACES:
            count = select(func.count()).select_from(place.table).where(self._not_by_newest(place))
            rows = (await self._read(count)).scalar_one()
            if rows:
                found[place.name] = int(rows)
        return found

    async def known_keys(self) -> frozenset[str]:
        """The ids of the keys without which the database is not opened."""
        return frozenset((await self._read(select(master_keys.c.id))).scalars())

    async def forget_older_keys(self) -> None:
        """The database opens with the newest key alone from now on."""
        self._must_write()
        await forget_older(self._connection, self._keyring)

    def _not_by_newest(self, place: Place) -> Any:
        mark = self._keyring.mark
        return func.substr(place.sealed, 1, len(mark)) != mark


def _again(keys: Keyring, purpose: str, sealed: bytes, context: str) -> dict[str, object]:
    return {"body": keys.seal(purpose, keys.open(purpose, sealed, context=context), context=context)}


def _new(values: Mapping[str, object]) -> dict[str, object]:
    return {f"new_{name}": value for name, value in values.items()}
