"""Rotating the master keys: everything under older keys is sealed anew with the newest, batch by batch.

What a row was sealed with stands in the row itself, so a rotation that was broken off goes on where it stopped, and
until the end all keys open and find everything. Only the last transaction, which finds that nothing needs an older
key any more, lets the database do without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storage.database import Database
from storage.resealing import PLACES
from storage.sealing import Keyring

_MOST = 500
"""Rows of a batch, which is one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What a rotation did. `left`: rows that could not be opened, by table; while there are any, all keys stay.

    `removable` are the ids of the keys that may be taken out of the settings. `head_whole`: whether the end of the
    audit was written with one of the keys; one that was not is not made good.
    """

    newest: str
    renewed: Mapping[str, int]
    left: Mapping[str, int]
    removable: tuple[str, ...]
    head_whole: bool


async def rotate(database: Database, *, most: int = _MOST, told: Callable[[str, int], None] | None = None) -> Rotated:
    """Seals everything with the newest key. The database must be open for this process alone (`alone`).

    `told` hears after every batch the table and how many of its rows are done.

    Raises:
        Unavailable, WriteConflict: it was broken off; what is done stays done, and another run goes on from there.
    """
    renewed: dict[str, int] = {}
    for place in PLACES:
        done = 0
        after: tuple[object, ...] | None = None
        while True:
            async with database.transaction() as uow:
                batch = await uow.reseal(place, after, most)
            done += batch.renewed
            after = batch.last
            if done:
                renewed[place.name] = done
            if told is not None and batch.renewed:
                told(place.name, done)
            if after is None:
                break
    return await _finish(database, renewed)


async def _finish(database: Database, renewed: Mapping[str, int]) -> Rotated:
    keyring: Keyring = database.keyring
    async with database.transaction() as uow:
        left = await uow.not_by_newest()
        older = await uow.known_keys() - {keyring.newest}
        head = await uow.audit_head()
        whole = head is not None and head.whole
        if older and not left:
            await uow.forget_older_keys()
        if (renewed or older) and head is not None:
            # Being audited, the audit itself is written on: its head is keyed by the newest key from here on.
            uow.audit_later("keys_rotated", key=keyring.newest, rows=sum(renewed.values()), left=sum(left.values()))
    removable = () if left else tuple(one for one in keyring.ids if one != keyring.newest)
    return Rotated(newest=keyring.newest, renewed=renewed, left=left, removable=removable, head_whole=whole)
