import asyncio
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import create_async_engine

from policy.people import PersonEntry, PersonId
from storage import schema
from storage.database import Database
from storage.drafts import Draft
from storage.errors import BadUrl, InUse, ReadOnly, SchemaAhead, SchemaBehind, Unavailable, WriteConflict, WrongKey
from storage.sealing import new_master_key
from storage.tables import metadata
from tests.databases import Ticking
from tests.unit.storage.samples import PRIYA, SECRET, added, case, entry

R = case().id


async def run(url: str, *statements: str) -> list[object]:
    """Somebody with access to the database alone."""
    engine = create_async_engine(url)
    found: list[object] = []
    async with engine.begin() as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
            found = list(result) if result.returns_rows else []
    await engine.dispose()
    return found


async def test_what_was_committed_is_there_after_opening_again(database_url: str, key: str, clock: Ticking) -> None:
    first = await Database.open(database_url, [key], clock=clock)
    async with first.transaction() as uow:
        await added(uow)
        await uow.append(R, [entry()])
    await first.close()
    second = await Database.open(database_url, [key], clock=clock)
    async with second.reading() as uow:
        assert await uow.case(R) == case()
        assert await uow.chronology(R) == (entry(),)
    await second.close()


async def test_a_transaction_that_fails_leaves_nothing_of_any_topic(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as uow:
            await added(uow)
            await uow.append(R, [entry()])
            await uow.want_card(PRIYA, R, "alert", version=1, ring=True, urgent=True)
            await uow.accept("key", PRIYA, b"reply")
            await uow.audit("case-added", record=R)
            assert len(await uow.audit_rows()) == 1
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail()
    async with database.reading() as uow:
        assert await uow.case(R) is None
        assert await uow.card_messages(PRIYA, R) == ()
        assert await uow.replay("key", PRIYA) is None
        assert await uow.audit_rows() == ()
        assert (await uow.counters())["cards_waiting"] == 0


async def test_a_savepoint_does_not_survive_its_rollback(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
        savepoint = await uow._connection.begin_nested()
        await added(uow, "2" * 32, "R7K4R")
        await savepoint.rollback()
    async with database.reading() as uow:
        assert [found.reference for found in await uow.open_cases()] == ["R7K4Q"]


async def test_reading_sees_one_moment_and_waits_for_no_writer(database: Database) -> None:
    async with database.reading() as before:
        assert await before.open_cases() == ()
        async with database.transaction() as uow:
            await added(uow)
            async with asyncio.timeout(5), database.reading() as beside:
                assert await beside.open_cases() == ()
        assert await before.open_cases() == ()
    async with database.reading() as after:
        assert len(await after.open_cases()) == 1


async def test_reading_cannot_write(database: Database) -> None:
    async with database.reading() as uow:
        with pytest.raises(ReadOnly):
            await added(uow)
        with pytest.raises(ReadOnly):
            await uow.audit("case-viewed")
        with pytest.raises(ReadOnly):
            await uow.accept("key", PRIYA, b"")
        with pytest.raises(ReadOnly):
            await uow.sync_people([])
        with pytest.raises(ReadOnly):
            await uow.purge(drafts_before=uow.now, inbox_before=uow.now)
    with pytest.raises(Unavailable):
        async with database.reading() as uow:
            await uow._connection.execute(text("delete from cases"))


async def test_writers_take_turns_and_lose_nothing(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)

    async def note(number: int) -> None:
        async with database.transaction() as uow:
            found = await uow.case(R)
            assert found is not None
            await asyncio.sleep(0)
            await uow.save_case(replace(found, version=found.version + 1))
            await uow.append(R, [entry(str(number))])
            await uow.audit("note", record=R)

    await asyncio.gather(*(note(number) for number in range(20)))
    async with database.reading() as uow:
        found = await uow.case(R)
        assert found is not None
        assert found.version == 21
        assert {line.text for line in await uow.chronology(R)} == {str(number) for number in range(20)}
        assert [row.seq for row in await uow.audit_rows()] == list(range(1, 21))


async def test_a_commit_that_was_begun_is_finished_though_cancelled(database: Database) -> None:
    begun = asyncio.Event()
    event.listen(database._writer.sync_engine, "commit", lambda _connection: begun.set())
    stored = 0
    for number in range(40):
        begun.clear()

        async def write(number: int = number) -> None:
            async with database.transaction() as uow:
                await uow.accept(str(number), PRIYA, b"")

        task = asyncio.create_task(write())
        await begun.wait()
        for _ in range(number % 3 + 1):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.reading() as uow:
            stored += await uow.replay(str(number), PRIYA) is not None
    assert stored == 40


async def test_a_cancellation_before_the_commit_leaves_nothing_and_the_next_can_write(database: Database) -> None:
    for delay in range(30):

        async def write(delay: int = delay) -> None:
            async with database.transaction() as uow:
                await uow.accept(f"a{delay}", PRIYA, b"")
                await uow.accept(f"b{delay}", PRIYA, b"")
                await asyncio.sleep(60)

        task = asyncio.create_task(write())
        await asyncio.sleep(delay / 3000)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with database.transaction() as uow:
        assert [await uow.replay(f"{name}{delay}", PRIYA) for name in "ab" for delay in range(30)] == [None] * 60
        await uow.accept("after", PRIYA, b"")


async def test_a_time_limit_ends_where_the_commit_begins(database: Database) -> None:
    async with asyncio.timeout(0.5) as limit:
        async with database.transaction(limit) as uow:
            await uow.accept("in time", PRIYA, b"")
        await asyncio.sleep(0.6)

    async def too_late() -> None:
        async with asyncio.timeout(0.05) as limit, database.transaction(limit) as uow:
            await uow.accept("too late", PRIYA, b"")
            await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        await too_late()
    async with database.reading() as uow:
        assert await uow.replay("in time", PRIYA) is not None
        assert await uow.replay("too late", PRIYA) is None


async def test_killed_before_the_commit_leaves_nothing_and_after_it_everything(
    database_url: str, key: str, clock: Ticking
) -> None:
    program = """
import asyncio, os, sys
from datetime import UTC, datetime
from storage.database import Database
class Now:
    def now(self): return datetime.now(UTC)
async def main():
    database = await Database.open(sys.argv[1], [os.environ["KEY"]], clock=Now(), exclusive=True)
    async with database.transaction() as uow:
        await uow.accept("kept", "p", b"reply")
    async with database.transaction() as uow:
        await uow.accept("lost", "p", b"reply")
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, database_url],
        env={"KEY": key},
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert ended.returncode == -9
    database = await Database.open(database_url, [key], clock=clock, exclusive=True)
    async with database.reading() as uow:
        assert await uow.replay("kept", PersonId("p")) == b"reply"
        assert await uow.replay("lost", PersonId("p")) is None
    await database.close()


async def test_another_key_is_told_and_changes_nothing(database_url: str, key: str, clock: Ticking) -> None:
    await (await Database.open(database_url, [key], clock=clock)).close()
    before = await run(database_url, "select id, proof from master_keys")
    other = new_master_key()
    with pytest.raises(WrongKey, match=r"STAFFROOM_SECRET_KEYS.*STAFFROOM_DATABASE_URL") as told:
        await Database.open(database_url, [other], clock=clock)
    assert other not in str(told.value)
    assert await run(database_url, "select id, proof from master_keys") == before
    await (await Database.open(database_url, [key], clock=clock)).close()


async def test_a_key_that_has_sealed_here_must_stay_among_the_keys(database_url: str, key: str, clock: Ticking) -> None:
    newer = new_master_key()
    await (await Database.open(database_url, [key], clock=clock)).close()
    await (await Database.open(database_url, [newer, key], clock=clock)).close()
    for incomplete in ([key], [newer]):
        with pytest.raises(WrongKey):
            await Database.open(database_url, incomplete, clock=clock)
    await (await Database.open(database_url, [key, newer], clock=clock)).close()


async def test_a_forged_proof_is_told(database_url: str, key: str, clock: Ticking) -> None:
    await (await Database.open(database_url, [key], clock=clock)).close()
    await run(
        database_url,
        "update master_keys set proof = id" if "sqlite" in database_url else "update master_keys set proof = 'x'",
    )
    with pytest.raises(WrongKey):
        await Database.open(database_url, [key], clock=clock)


async def test_newer_tables_are_told(database_url: str, key: str, clock: Ticking) -> None:
    await (await Database.open(database_url, [key], clock=clock)).close()
    await run(database_url, "update alembic_version set version_num = '9999'")
    with pytest.raises(SchemaAhead, match="newer"):
        await Database.open(database_url, [key], clock=clock, migrate=True)


async def test_older_tables_are_told_and_brought_up_to_date(
    database_url: str, key: str, clock: Ticking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await Database.open(database_url, [key], clock=clock)).close()
    later = tmp_path / "migrations"
    shutil.copytree(Path(schema.__file__).parent / "migrations", later)
    (later / "versions" / "0007_more.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = '0007'\ndown_revision = '0006'\n"
        "def upgrade():\n    op.create_table('more', sa.Column('id', sa.Integer(), primary_key=True))\n"
    )
    config = schema.config

    def with_another() -> Config:
        made = config()
        made.set_main_option("script_location", str(later))
        return made

    monkeypatch.setattr(schema, "config", with_another)
    with pytest.raises(SchemaBehind, match="staffroom migrate"):
        await Database.open(database_url, [key], clock=clock)
    await (await Database.open(database_url, [key], clock=clock, migrate=True)).close()
    assert await run(database_url, "select * from more") == []
    await (await Database.open(database_url, [key], clock=clock)).close()


async def test_the_migrated_tables_are_those_of_the_program(database: Database) -> None:
    def compare(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.transaction() as uow:
        assert await uow._connection.run_sync(compare) == []


async def test_two_that_open_an_empty_database_at_once_make_it_once(
    database_url: str, key: str, clock: Ticking
) -> None:
    opened = await asyncio.gather(*(Database.open(database_url, [key], clock=clock) for _ in range(3)))
    for database in opened:
        await database.close()
    assert len(await run(database_url, "select * from master_keys")) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://u:hunter2@h/d",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///staffroom.db?mode=ro",
        "postgresql+psycopg://u:hunter2@h/d",
    ],
)
async def test_a_wrong_address_is_told_without_its_password(url: str, key: str, clock: Ticking) -> None:
    with pytest.raises(BadUrl, match="STAFFROOM_DATABASE_URL") as told:
        await Database.open(url, [key], clock=clock)
    assert "hunter2" not in str(told.value)


async def test_a_server_that_is_not_there_is_told(key: str, clock: Ticking, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="STAFFROOM_DATABASE_URL"):
        await Database.open(f"postgresql+asyncpg://u:hunter2@/d?host={tmp_path}", [key], clock=clock)


async def test_is_alive(database: Database) -> None:
    assert await database.is_alive()


class TestSqliteFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "new" / "deeper" / "staffroom.db"

    async def test_is_for_its_owner_only(self, path: Path, key: str, clock: Ticking) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{path}", [key], clock=clock, exclusive=True)
        async with database.transaction() as uow:
            await uow.accept("key", PRIYA, b"")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert modes == dict.fromkeys(
            ("staffroom.db", "staffroom.db-wal", "staffroom.db-shm", "staffroom.db.lock"), 0o600
        )
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        await database.close()

    async def test_is_set_up_to_survive(self, path: Path, key: str, clock: Ticking) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{path}", [key], clock=clock)
        expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
        for opened in (database.transaction(), database.reading()):
            async with opened as uow:
                for pragma, value in expected.items():
                    assert (await uow._connection.execute(text(f"pragma {pragma}"))).scalar() == value
        await database.close()

    async def test_serves_one_process_that_runs_and_others_that_look(
        self, path: Path, key: str, clock: Ticking
    ) -> None:
        url = f"sqlite+aiosqlite:///{path}"
        first = await Database.open(url, [key], clock=clock, exclusive=True)
        with pytest.raises(InUse, match="stop the other one"):
            await Database.open(url, [key], clock=clock, exclusive=True)
        looking = await Database.open(url, [key], clock=clock)
        async with looking.reading() as uow:
            assert await uow.open_cases() == ()
        await looking.close()
        await first.close()
        await (await Database.open(url, [key], clock=clock, exclusive=True)).close()

    @pytest.fixture
    def letter(self, path: Path) -> Path:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"a letter, not a database" * 1000)
        return path

    async def test_that_is_no_database_is_told(self, letter: Path, key: str, clock: Ticking) -> None:
        path = letter
        with pytest.raises(Unavailable):
            await Database.open(f"sqlite+aiosqlite:///{path}", [key], clock=clock)

    async def test_that_cannot_be_made_is_told(self, path: Path, key: str, clock: Ticking) -> None:
        path.parent.parent.write_text("a file where a directory should be")
        with pytest.raises(Unavailable, match="STAFFROOM_DATABASE_URL"):
            await Database.open(f"sqlite+aiosqlite:///{path}", [key], clock=clock)

    async def test_holds_nothing_confidential_in_the_clear(self, path: Path, key: str, clock: Ticking) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{path}", [key], clock=clock)
        async with database.transaction() as uow:
            await uow.sync_people([PersonEntry(name=SECRET, email=f"{SECRET}@school.uk", phone=SECRET)])
            await added(uow)
            await uow.append(R, [entry()])
            await uow.accept(SECRET, PRIYA, SECRET.encode())
            await uow.save_draft(Draft(id="d", person=PRIYA, at=uow.now, body=SECRET.encode()))
        found = {file.name: file.read_bytes() for file in path.parent.iterdir()}
        assert len(found) == 3
        for content in found.values():
            assert SECRET.lower().encode() not in content.lower()
            assert key.encode() not in content
        assert b"R7K4Q" in b"".join(found.values())  # this would have found it
        await database.close()


async def test_no_error_tells_what_was_to_be_stored(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
    with pytest.raises(WriteConflict) as told:
        async with database.transaction() as uow:
            await added(uow)
    error: BaseException | None = told.value
    while error is not None:
        assert SECRET not in str(error)
        assert SECRET not in repr(error)
        error = error.__cause__ or error.__context__
