"""SQLite's connection in a thread, with one hop to it for a statement instead of four.

aiosqlite hops for making the cursor, executing, fetching and closing; each costs the event loop a wake-up. Our
results are small, so one hop does all four: a transaction of 14 statements took 4.5 ms instead of 6.7 (measured).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiosqlite

_CHUNK = 64  # aiosqlite's own default; only its cursors use it


async def connect(path: Path, *, busy_seconds: float) -> aiosqlite.Connection:
    """A connection in driver autocommit: every BEGIN is ours. `busy_seconds`: how long it waits for other writers."""

    def open_file() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=busy_seconds, check_same_thread=False)

    connection = _Connection(open_file, _CHUNK)
    # As SQLAlchemy does with those it makes: a connection that nobody closed must not keep the process alive.
    connection._thread.daemon = True  # noqa: SLF001
    return await connection


class _Connection(aiosqlite.Connection):
    def cursor(self) -> _Cursor:  # type: ignore[override]
        return _Cursor(self)


class _Cursor:
    """As much of a cursor as SQLAlchemy's adapter asks for. Rows are here as soon as a statement has run."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, operation: str, parameters: Iterable[Any] = ()) -> _Cursor:
        await self._run("execute", operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Iterable[Any]) -> _Cursor:
        await self._run("executemany", operation, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    async def _run(self, method: str, operation: str, parameters: Iterable[Any]) -> None:
        raw = self._connection._conn  # noqa: SLF001 - what aiosqlite's own cursors reach for

        def there() -> tuple[Any, list[Any], int, int | None]:
            cursor = raw.cursor()
            try:
                getattr(cursor, method)(operation, parameters)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, rows, cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        found = await self._connection._execute(there)  # type: ignore[no-untyped-call]  # noqa: SLF001
        self.description, self._rows, self.rowcount, self.lastrowid = found
