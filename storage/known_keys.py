"""Which master keys a database was written with: its own table knows their ids, and a proof of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.audit_log import FIRST, head_data
from storage.engines import IN_USE, OTHER_KEYS
from storage.errors import CannotOpen, InUse, NothingThere, WrongKey
from storage.sealing import Keyring
from storage.tables import audit_head, master_keys

_PROOF = b"staffroom"


async def check_keys(connection: AsyncConnection, keyring: Keyring) -> frozenset[str]:
    """The ids of the keys that this database was written with, all of which are at hand. Writes nothing.

    Raises:
        WrongKey: one of them is not, or is another one.
        NothingThere: it was never written.
    """
    rows = (await connection.execute(select(master_keys))).all()
    if not rows:
        raise NothingThere("The database is empty (STAFFROOM_DATABASE_URL), so there is nothing to look at.")
    return _checked(rows, keyring)


async def know_keys(connection: AsyncConnection, keyring: Keyring, now: datetime) -> None:
    """Checks that every key that has ever sealed here is among the keys, and remembers the newest.

    Raises:
        WrongKey: one of them is not, or is another one; nothing was changed.
        InUse: the newest is a new one, and somebody is at work with older keys alone (PostgreSQL).
    """
    known = _checked((await connection.execute(select(master_keys))).all(), keyring)
    if keyring.newest in known:
        return
    if known and connection.dialect.name == "postgresql":
        await _nobody_with_older_keys(connection, keyring)
    proof = keyring.seal("check", _PROOF, context=keyring.newest)
    await connection.execute(master_keys.insert(), {"id": keyring.newest, "proof": proof, "since": now})
    if not known:
        mac = keyring.mac("audit", head_data(0, FIRST))
        await connection.execute(audit_head.insert(), {"id": 1, "seq": 0, "hash": FIRST, "mac": mac})


async def forget_older(connection: AsyncConnection, keyring: Keyring) -> None:
    """Only the newest key is needed from now on (rotation)."""
    await connection.execute(delete(master_keys).where(master_keys.c.id != keyring.newest))


def _checked(rows: Iterable[Row[Any]], keyring: Keyring) -> frozenset[str]:
    known = set()
    for row in rows:
        try:
            whole = keyring.open("check", row.proof, context=row.id) == _PROOF
        except CannotOpen:
            whole = False
        if not whole:
            raise WrongKey(
                f"The secret keys do not belong to this database: it was written with a key {row.id}…, which is not "
                "among them. Check STAFFROOM_SECRET_KEYS (are the older keys still in it?) and STAFFROOM_DATABASE_URL "
                "(is it the right database?). Nothing was changed."
            )
        known.add(row.id)
    return frozenset(known)


async def _nobody_with_older_keys(connection: AsyncConnection, keyring: Keyring) -> None:
    """Whoever has the older keys alone could neither read what the new one seals, nor stop sealing with them."""
    values = {"mine": int(keyring.newest, 16), "lock": IN_USE}
    if (await connection.execute(text(OTHER_KEYS), values)).first() is not None:
        raise InUse(
            "Another Staffroom is at work on this database with other keys. Stop every process, put the new key in "
            "front of the others in STAFFROOM_SECRET_KEYS of all of them, then start them again. Nothing was changed."
        )
