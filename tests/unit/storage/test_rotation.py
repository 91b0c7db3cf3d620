"""An administrator changes the master key: before, while it is under way, after a crash in the middle, and after."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, text

from storage.audit import verify
from storage.database import Database
from storage.errors import InUse, StorageError, WrongKey
from storage.resealing import BY_RECORD, PLACES
from storage.rotation import rotate
from storage.sealing import Keyring, new_master_key
from storage.tables import metadata
from tests.databases import Ticking
from tests.unit.storage.samples import AT, PRIYA
from tests.unit.storage.school import LEFT, fill, must_all_be_there, report
from tests.unit.storage.test_database import run


class Interrupted(Exception):
    """The power went."""


async def opened(url: str, *keys: str, alone: bool = False) -> Database:
    return await Database.open(url, keys, clock=Ticking(AT), alone=alone)


async def rotated(url: str, *keys: str, most: int = 2) -> tuple[str, ...]:
    """One run of the command; the keys that it says may go."""
    database = await opened(url, *keys, alone=True)
    try:
        return (await rotate(database, most=most)).removable
    finally:
        await database.close()


async def test_afterwards_the_old_key_is_not_needed(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    newer = new_master_key()
    assert await rotated(database_url, newer, key) == (Keyring([key]).newest,)
    database = await opened(database_url, newer)
    await must_all_be_there(database)
    async with database.reading() as uow:
        last = (await uow.audit_rows())[-1]
        assert (last.action, last.ids["key"], last.ids["left"]) == ("keys_rotated", Keyring([newer]).newest, 0)
    await report(database, 3)
    await must_all_be_there(database, range(4))
    await database.close()
    with pytest.raises(WrongKey):
        await opened(database_url, key)


async def test_until_then_both_keys_are_asked_for_and_clicks_are_recognised(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    newer = new_master_key()
    database = await opened(database_url, newer, key)
    await must_all_be_there(database)
    await report(database, 3)
    await database.close()
    for incomplete in (newer, key):
        with pytest.raises(WrongKey, match="older keys"):
            await opened(database_url, incomplete)
    await rotated(database_url, newer, key)
    database = await opened(database_url, newer)
    await must_all_be_there(database, range(4))
    await database.close()


async def test_a_second_run_says_it_again_and_writes_nothing(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    newer = new_master_key()
    await rotated(database_url, newer, key)
    before = await run(database_url, "select * from audit_head")
    assert await rotated(database_url, newer, key) == (Keyring([key]).newest,)
    assert await run(database_url, "select * from audit_head") == before


async def test_with_one_key_there_is_nothing_to_take_out(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    assert await rotated(database_url, key) == ()


async def test_what_cannot_be_opened_keeps_all_keys(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    await run(database_url, "update drafts set person = 'x' where record is null and id like '%2'")
    newer = new_master_key()
    database = await opened(database_url, newer, key, alone=True)
    done = await rotate(database)
    assert (done.left, done.removable) == ({"drafts": 1}, ())
    await database.close()
    with pytest.raises(WrongKey):
        await opened(database_url, newer)
    await run(database_url, "delete from drafts where person = 'x'")
    assert await rotated(database_url, newer, key) == (Keyring([key]).newest,)
    await (await opened(database_url, newer)).close()


async def test_a_click_that_an_earlier_staffroom_accepted_keeps_the_key_for_its_day(
    database_url: str, key: str
) -> None:
    keyring = Keyring([key])
    database = await opened(database_url, key)
    sealed = keyring.seal("inbox", b'{"view":null}', context=f"digest:{PRIYA}")
    async with database.transaction() as uow:
        await uow._connection.execute(
            text("insert into inbox (key, actor, at, reply) values ('digest', :actor, :at, :reply)").bindparams(
                actor=PRIYA,
                at=AT if "postgres" in database_url else AT.replace(tzinfo=None).isoformat(" "),
                reply=sealed,
            )
        )
    await database.close()
    newer = new_master_key()
    assert await rotated(database_url, newer, key) == ()
    await run(database_url, "delete from inbox")
    assert await rotated(database_url, newer, key) == (keyring.newest,)


async def test_a_forged_end_of_the_audit_does_not_become_good(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    await run(database_url, "update audit_head set mac = 'forged'")
    newer = new_master_key()
    database = await opened(database_url, newer, key, alone=True)
    done = await rotate(database)
    assert not done.head_whole
    assert not (await verify(database)).whole
    await database.close()
    database = await opened(database_url, newer)
    assert not (await verify(database)).whole
    await database.close()


async def test_keys_are_not_rotated_beside_somebody_at_work(database_url: str, key: str) -> None:
    at_work = await Database.open(database_url, [key], clock=Ticking(AT), exclusive=True)
    with pytest.raises(InUse, match=r"nothing was changed|stop the other"):
        await opened(database_url, new_master_key(), key, alone=True)
    async with at_work.transaction() as uow:
        await uow.accept("Ev1", PRIYA, b"")
    await at_work.close()
    rotating = await opened(database_url, key, alone=True)
    with pytest.raises(InUse):
        await Database.open(database_url, [key], clock=Ticking(AT), exclusive=True)
    await rotating.close()


async def test_nobody_seals_with_older_keys_beside_the_new_one(postgres_url: str, key: str) -> None:
    with_old = await opened(postgres_url, key)
    with pytest.raises(InUse, match="Stop every process"):
        await opened(postgres_url, new_master_key(), key)
    await (await opened(postgres_url, key, new_master_key())).close()
    await with_old.close()


async def test_a_process_that_slept_through_the_rotation_cannot_write(postgres_url: str, key: str) -> None:
    asleep = await opened(postgres_url, key)
    await run(
        postgres_url,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() "
        "and datname = current_database()",
    )
    await rotated(postgres_url, new_master_key(), key)
    with pytest.raises(WrongKey, match="rotated meanwhile"):
        async with asleep.transaction() as uow:
            await uow.accept("Ev1", PRIYA, b"")
    await asleep.close()


async def test_looking_writes_nothing_and_knows_no_new_key(database_url: str, key: str) -> None:
    database = await opened(database_url, key)
    await fill(database)
    await database.close()
    look = await Database.look(database_url, [new_master_key(), key], clock=Ticking(AT))
    assert (await verify(look)).whole
    with pytest.raises(StorageError):
        async with look.transaction() as uow:
            await uow.accept("Ev9", PRIYA, b"")
    await look.close()
    await (await opened(database_url, key)).close()


async def test_looking_makes_no_database(database_url: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing to look at"):
        await Database.look(database_url, [key], clock=Ticking(AT))
    assert not (tmp_path / "data").exists()


@settings(max_examples=25, deadline=None)
@given(
    first=st.integers(0, 4),
    stops=st.lists(st.integers(0, 12), max_size=3),
    between=st.integers(0, 2),
    most=st.integers(1, 4),
)
def test_broken_off_at_any_batch_nothing_is_lost(first: int, stops: list[int], between: int, most: int) -> None:
    """At any point of a history a new key is put in front, and the rotation dies, more than once, between batches."""

    async def play(url: str) -> None:
        keys = [new_master_key()]
        database = await opened(url, *keys)
        await fill(database, first)
        await database.close()
        reports = first
        for stop in stops:
            keys.insert(0, new_master_key())
            database = await opened(url, *keys, alone=True)
            batches = iter(range(stop))

            def until_the_power_goes(_place: str, _rows: int, batches: object = batches) -> None:
                if next(batches, None) is None:  # type: ignore[call-overload] # an iterator, bound in a loop
                    raise Interrupted

            with suppress(Interrupted):
                await rotate(database, most=most, told=until_the_power_goes)
            await must_all_be_there(database, range(reports))
            await database.close()
            database = await opened(url, *keys)  # Staffroom works on, in between
            for _ in range(between):
                await report(database, reports)
                reports += 1
            await must_all_be_there(database, range(reports))
            await database.close()
        await rotated(url, *keys, most=most)
        database = await opened(url, keys[0])
        await must_all_be_there(database, range(reports))
        async with database.reading() as uow:
            assert (await uow.staff()).by_email(LEFT.email) is None
        await database.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(f"sqlite+aiosqlite:///{folder}/staffroom.db"))


def test_everything_that_is_sealed_has_its_place() -> None:
    sealed = {
        f"{table.name}.{c.name}" for table in metadata.sorted_tables for c in table.c if isinstance(c.type, LargeBinary)
    }
    by_master = {f"{place.name}.{place.sealed.name}" for place in PLACES}
    assert sealed == by_master | BY_RECORD | {"master_keys.proof"}
