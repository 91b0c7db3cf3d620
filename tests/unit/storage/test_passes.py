"""Links that are spent once, and the sessions that they open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from policy.case import RecordId
from policy.people import PersonId
from storage.collecting import Collecting
from storage.database import Database
from storage.errors import CannotOpen

PRIYA, CASE = PersonId("a" * 32), RecordId("c" * 32)
LONG = timedelta(days=3650)


async def test_a_link_is_spent_once(database: Database) -> None:
    async with database.transaction() as uow:
        link = await uow.grant_link(PRIYA, CASE, LONG)
    async with database.transaction() as uow:
        spent = await uow.spend_link(link, LONG)
        assert spent is not None
        given, secret = spent
        assert (given.person, given.record) == (PRIYA, CASE)
        assert await uow.spend_link(link, LONG) is None
    async with database.reading() as uow:
        found = await uow.session(secret)
        assert found is not None
        assert found.person == PRIYA
        assert await uow.session(link) is None
        assert await uow.session("made up") is None


async def test_what_is_too_old_is_worth_nothing_and_is_forgotten(database: Database) -> None:
    async with database.transaction() as uow:
        link = await uow.grant_link(PRIYA, CASE, timedelta(0))
        assert await uow.spend_link(link, LONG) is None
        await uow.purge_passes()
        count = await uow._connection.execute(text("select count(*) from passes"))
        assert count.scalar() == 0


async def test_only_a_digest_is_kept(database: Database) -> None:
    async with database.transaction() as uow:
        link = await uow.grant_link(PRIYA, CASE, LONG)
        rows = (await uow._connection.execute(text("select * from passes"))).all()
    assert link not in str(rows)


async def test_who_is_sending_files_and_for_what(database: Database) -> None:
    now = datetime(2026, 11, 17, 10, tzinfo=UTC)
    async with database.transaction() as uow:
        assert await uow.collecting(PRIYA) is None
        await uow.collect(Collecting(person=PRIYA, record=CASE, at=now))
        await uow.collect(Collecting(person=PRIYA, record=None, at=now, body=b"SECRET-MARKER"))
        rows = (await uow._connection.execute(text("select * from collecting"))).all()
        assert b"SECRET-MARKER" not in b"".join(cell for row in rows for cell in row if isinstance(cell, bytes))
    async with database.transaction() as uow:
        assert await uow.collecting(PRIYA) == Collecting(person=PRIYA, record=None, at=now, body=b"SECRET-MARKER")
        await uow._connection.execute(text("update collecting set person = 'somebody'"))
        with pytest.raises(CannotOpen):
            await uow.collecting(PersonId("somebody"))
        await uow.end_collecting(PersonId("somebody"))
        assert await uow.collecting(PersonId("somebody")) is None
