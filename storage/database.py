"""The database: opening it, and its transactions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import engines
from storage.errors import StorageError, Unavailable, WriteConflict
from storage.known_keys import check_keys, know_keys
from storage.schema import bring_up, look, make_tables
from storage.sealing import Keyring
from storage.search import make_index_key
from storage.transaction import Clock, StaffCache, utcnow
from storage.unit_of_work import UnitOfWork

_ALIVE_SECONDS = 5
_PATIENCE_SECONDS = 1
_CONFLICTS = {"40001", "40P01"}
"""What PostgreSQL calls a failed serialisation and a deadlock."""


class Database:
    """One database, open. Made by `Database.open`; `close` it at the end."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        keyring: Keyring,
        *,
        clock: Clock,
        wall: Callable[[], datetime],
        lock: int | None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._keyring = keyring
        self._clock = clock
        self._wall = wall
        self._lock = lock
        self._staff_cache = StaffCache()
        self._waiting = 0
        self._nobody_waits = asyncio.Event()
        self._nobody_waits.set()
        self._one_writer: asyncio.Lock | nullcontext[None] = (
            asyncio.Lock() if writer.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    async def open(
        cls,
        url: str,
        keys: Sequence[str],
        *,
        clock: Clock,
        wall: Callable[[], datetime] = utcnow,
        exclusive: bool = False,
        migrate: bool = False,
        alone: bool = False,
    ) -> Database:
        """Opens the database, and makes it where there is none.

        `keys` are the master keys, newest first. `clock` is school time, `wall` real time (leases, back-off).
        `exclusive` keeps other exclusive processes off a SQLite file. `migrate` brings older tables up to date.
        `alone`: nobody else may be at work on it, on either database, until it is closed.

        Raises:
            BadUrl, BadKey: a setting is wrong.
            WrongKey: the keys are not those of this database; nothing was changed.
            InUse: another process has the file, or works alone on the database, or works on it with other keys.
            SchemaBehind, SchemaAhead: see there.
            Unavailable: it cannot be reached or made.
        """
        keyring = Keyring(keys)
        address = engines.read_url(url)
        lock = None
        at_work = None
        if address.drivername.startswith("sqlite"):
            path = Path(address.database or "")
            engines.make_file(path)
            lock = engines.lock_file(path) if exclusive or alone else None
            writer, reader = engines.sqlite_engines(address)
        else:
            at_work = engines.AtWork(newest=keyring.newest, alone=alone)
            writer, reader = engines.postgres_engines(address, at_work)
        database = cls(writer, reader, keyring, clock=clock, wall=wall, lock=lock)
        try:
            with _told():
                async with database._connected(writer) as connection:
                    await connection.run_sync(bring_up, migrate=migrate)
                    await know_keys(connection, keyring, wall())
                    await make_index_key(connection, keyring)
                    await connection.commit()
        except BaseException:
            await database.close()
            raise
        if at_work is not None:
            at_work.registered = True
        return database

    @classmethod
    async def look(cls, url: str, keys: Sequence[str], *, clock: Clock, older: bool = False) -> Database:
        """Opens what is there to read it, also beside a Staffroom that runs. Nothing is made and nothing written.

        `older` tables than those of this Staffroom are accepted where asked for.

        Raises:
            NothingThere: there is no database, or an empty one.
            BadUrl, BadKey, WrongKey, SchemaBehind, SchemaAhead, Unavailable: as for `open`.
        """
        keyring = Keyring(keys)
        address = engines.read_url(url)
        if address.drivername.startswith("sqlite"):
            reader = engines.sqlite_looker(address)
        else:
            _, reader = engines.postgres_engines(address, None)
        # Whatever would write is refused by the database itself.
        database = cls(reader, reader, keyring, clock=clock, wall=utcnow, lock=None)
        try:
            with _told():
                async with database._connected(reader) as connection:
                    await connection.run_sync(look, older=older)
                    await check_keys(connection, keyring)
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    @asynccontextmanager
    async def fill(
        cls, url: str, keys: Sequence[str], *, clock: Clock, revision: str
    ) -> AsyncIterator[tuple[UnitOfWork, AsyncConnection]]:
        """Makes the tables of this migration in an empty database, to be filled in one transaction with these rows.

        At the end the tables are brought up to date and the keys are checked; where that fails, or an exception
        leaves it, nothing is stored and no file is left that was not there before.

        Raises:
            NotEmpty: there are tables already.
            BadUrl, BadKey, WrongKey, InUse, Unavailable, WriteConflict: as for `open`.
        """
        keyring = Keyring(keys)
        address = engines.read_url(url)
        path = Path(address.database or "") if address.drivername.startswith("sqlite") else None
        new = path is not None and not path.exists()
        lock = None
        if path is not None:
            engines.make_file(path)
            lock = engines.lock_file(path)
            writer, reader = engines.sqlite_engines(address)
        else:
            writer, reader = engines.postgres_engines(address, engines.AtWork(newest=keyring.newest, alone=True))
        database = cls(writer, reader, keyring, clock=clock, wall=utcnow, lock=lock)
        try:
            with _told():
                async with database._connected(writer) as connection:
                    await connection.run_sync(make_tables, revision)
                    uow = database._unit(connection, writing=True)
                    yield uow, connection
                    await connection.run_sync(bring_up, migrate=True)
                    await know_keys(connection, keyring, utcnow())
                    await make_index_key(connection, keyring)
                    await uow.flush()
                    await _to_the_end(connection.commit())
                    new = False
        finally:
            if path is not None and new:
                engines.remove_file(path)
            await database.close()

    @property
    def keyring(self) -> Keyring:
        """The keys that it was opened with."""
        return self._keyring

    def now(self) -> datetime:
        """School time, in UTC."""
        return self._clock.now()

    def transaction(
        self, limit: asyncio.Timeout | None = None, *, patient: bool = False
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that writes: committed at the end, rolled back as a whole where an exception leaves it.

        The commit is not interrupted: a cancellation that comes while it runs is raised after it. `limit`, a time
        limit that the caller has set with `asyncio.timeout`, ends where the commit begins, so that nothing that was
        stored is reported as too late. A `patient` one (the worker's) lets people's clicks go first, for a second at
        the most: there is one writer on SQLite, and somebody waits for each click.

        Raises:
            Unavailable, WriteConflict: nothing was stored.
        """
        return self._transaction(limit, patient=patient)

    @asynccontextmanager
    async def _transaction(self, limit: asyncio.Timeout | None, *, patient: bool) -> AsyncIterator[UnitOfWork]:
        with _told():
            async with self._turn(patient=patient), self._connected(self._writer) as connection:
                uow = self._unit(connection, writing=True)
                yield uow
                await uow.flush()
                if limit is not None:
                    limit.reschedule(None)
                await _to_the_end(connection.commit())

    @asynccontextmanager
    async def _turn(self, *, patient: bool) -> AsyncIterator[None]:
        if patient:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._nobody_waits.wait()
            async with self._one_writer:
                yield
            return
        self._waiting += 1
        self._nobody_waits.clear()
        try:
            async with self._one_writer:
                yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._nobody_waits.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that sees one moment of the database and cannot write. It never waits for writers.

        Raises:
            Unavailable: the database cannot be read.
        """
        with _told():
            async with self._connected(self._reader) as connection:
                yield self._unit(connection, writing=False)

    async def is_alive(self) -> bool:
        """Whether the database answers within five seconds."""
        try:
            async with asyncio.timeout(_ALIVE_SECONDS), self._connected(self._reader) as connection:
                await connection.execute(text("select 1"))
        except (StorageError, SQLAlchemyError, OSError):  # a TimeoutError is an OSError
            return False
        return True

    async def close(self) -> None:
        """Closes every connection and gives the file free."""
        await self._reader.dispose()
        await self._writer.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _unit(self, connection: AsyncConnection, *, writing: bool) -> UnitOfWork:
        return UnitOfWork(
            connection,
            self._keyring,
            now=self._clock.now(),
            wall=self._wall,
            writing=writing,
            staff_cache=self._staff_cache,
        )

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction, which is rolled back unless it was committed."""
        try:
            connection = await engine.connect()
        except OSError as error:  # asyncpg's own, where there is no server
            raise _unavailable() from error
        try:
            await connection.begin()
            yield connection
        finally:
            await _to_the_end(connection.close())


async def _to_the_end(work: Awaitable[Any]) -> None:
    """Waits until the work is done, also when cancelled meanwhile; the cancellation is raised afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001, S110 - it is raised by result() below
            pass
    task.result()
    if cancelled is not None:
        raise cancelled


@contextmanager
def _told() -> Iterator[None]:
    """Turns the driver's errors into ours: what people read, without statements or values."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _CONFLICTS:
            raise WriteConflict("Two changes met and this one was undone. Please try again.") from error
        raise _unavailable() from error
    except PoolTimeout as error:  # every connection is taken, and stays so
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable(
        "The database cannot be reached, read or written just now. Is it running, is its disk full, may Staffroom "
        "write there (STAFFROOM_DATABASE_URL)?"
    )
