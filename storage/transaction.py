"""What every topic of the unit of work stands on: a connection inside a transaction, the keys and the clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from policy.people import Staff
from storage.errors import ReadOnly
from storage.sealing import Keyring


class Clock(Protocol):
    """School time, which tests and the tour move."""

    def now(self) -> datetime:
        """Now, in UTC."""
        ...


def utcnow() -> datetime:
    """Real time, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class StaffCache:
    """The staff as they were at one version of the people; shared by the transactions of one `Database`."""

    version: int = -1
    staff: Staff = field(default_factory=lambda: Staff(()))


class Transaction:
    """One transaction. `now` is school time at its start, in UTC; `wall` is real time, for leases only."""

    def __init__(
        self,
        connection: AsyncConnection,
        keyring: Keyring,
        *,
        now: datetime,
        wall: Callable[[], datetime],
        writing: bool,
        staff_cache: StaffCache,
    ) -> None:
        self.now = now
        self._connection = connection
        self._keyring = keyring
        self._wall = wall
        self._writing = writing
        self._staff_cache = staff_cache
        # Version and wrapped key of the cases that this transaction has read (and, where it writes, locked).
        self._seen: dict[str, tuple[int, bytes]] = {}

    @property
    def _postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    async def _read(self, statement: Executable, values: Mapping[str, object] | None = None) -> CursorResult[Any]:
        return await self._connection.execute(statement, values)

    async def _write(
        self, statement: Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None
    ) -> CursorResult[Any]:
        self._must_write()
        return await self._connection.execute(statement, values)

    def _must_write(self) -> None:
        if not self._writing:
            raise ReadOnly("This unit of work was opened for reading: nothing can be written in it.")

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that knows `on conflict`, which both databases spell alike."""
        return postgresql.insert(table) if self._postgres else sqlite.insert(table)
