import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from policy.case import RecordId
from storage.database import Database
from storage.drafts import Draft
from storage.errors import AlreadyAccepted, CannotOpen, KeyBelongsToAnother
from tests.databases import Ticking
from tests.unit.storage.samples import AT, MARTIN, ODD, PRIYA


@pytest.mark.parametrize("pressed", ["Ev123", "", "x" * 5000, ODD, "\udcff"], ids=ascii)
async def test_a_click_that_was_accepted_gets_its_reply_again(database: Database, pressed: str) -> None:
    async with database.transaction() as uow:
        assert await uow.replay(pressed, PRIYA) is None
        await uow.accept(pressed, PRIYA, b"\x00reply" + ODD.encode())
    async with database.reading() as uow:
        assert await uow.replay(pressed, PRIYA) == b"\x00reply" + ODD.encode()


async def test_nobody_replays_the_click_of_somebody_else(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.accept("Ev1", PRIYA, b"reply")
        with pytest.raises(KeyBelongsToAnother):
            await uow.replay("Ev1", MARTIN)
    async with database.transaction() as uow:
        await uow._connection.execute(text("update inbox set actor = :actor"), {"actor": MARTIN})
        with pytest.raises(CannotOpen):
            await uow.replay("Ev1", MARTIN)


async def test_of_two_that_accept_the_same_click_at_once_one_does(
    database: Database, database_url: str, key: str, clock: Ticking
) -> None:
    other = await Database.open(database_url, [key], clock=clock)

    async def press(where: Database, number: int) -> bytes:
        try:
            async with where.transaction() as uow:
                stored = await uow.replay("Ev1", PRIYA)
                if stored is not None:
                    return stored
                await uow.audit("pressed", number=number)
                await asyncio.sleep(0.01)
                await uow.accept("Ev1", PRIYA, str(number).encode())
                return str(number).encode()
        except AlreadyAccepted:
            async with where.reading() as uow:
                return await uow.replay("Ev1", PRIYA) or b""

    replies = await asyncio.gather(*(press((database, other)[number % 2], number) for number in range(6)))
    assert len(set(replies)) == 1
    async with database.reading() as uow:
        assert [str(row.ids["number"]).encode() for row in await uow.audit_rows()] == [replies[0]]
    await other.close()


async def test_the_same_key_twice_in_one_transaction_is_told(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.accept("Ev1", PRIYA, b"1")
        with pytest.raises(AlreadyAccepted):
            await uow.accept("Ev1", PRIYA, b"2")


async def test_a_draft_is_kept_as_it_was_typed(database: Database) -> None:
    body = (ODD * 400).encode()
    async with database.transaction() as uow:
        draft = Draft(id=uow.new_draft_id(), person=PRIYA, at=AT, body=body, record=RecordId("r"), sent=True)
        await uow.save_draft(draft)
    async with database.transaction() as uow:
        assert await uow.draft(draft.id) == draft
        assert await uow.draft("other") is None
        await uow.delete_draft(draft.id)
        await uow.delete_draft(draft.id)
    async with database.reading() as uow:
        assert await uow.draft(draft.id) is None


async def test_the_latest_draft_is_the_persons_newest_unsent_one(database: Database) -> None:
    def draft(name: str, minutes: int, *, sent: bool = False, person: object = PRIYA) -> Draft:
        return Draft(id=name, person=person, at=AT + timedelta(minutes=minutes), body=name.encode(), sent=sent)  # type: ignore[arg-type]

    async with database.transaction() as uow:
        assert await uow.latest_draft(PRIYA) is None
        for one in (draft("new", 2), draft("old", 1), draft("sent", 3, sent=True), draft("other", 4, person=MARTIN)):
            await uow.save_draft(one)
        assert await uow.latest_draft(PRIYA) == draft("new", 2)
        await uow.save_draft(draft("old", 5))
        assert await uow.latest_draft(PRIYA) == draft("old", 5)
        await uow.save_draft(draft("old", 6, sent=True))
        assert await uow.latest_draft(PRIYA) == draft("new", 2)


async def test_what_has_served_is_purged(database: Database, clock: Ticking) -> None:
    async with database.transaction() as uow:
        await uow.accept("old", PRIYA, b"")
        await uow.save_draft(Draft(id="old", person=PRIYA, at=uow.now, body=b""))
    clock.forward(timedelta(days=2))
    async with database.transaction() as uow:
        await uow.accept("new", PRIYA, b"")
        await uow.save_draft(Draft(id="new", person=PRIYA, at=uow.now, body=b""))
        await uow.purge(drafts_before=uow.now - timedelta(days=1), inbox_before=uow.now - timedelta(days=3))
    async with database.transaction() as uow:
        assert await uow.draft("old") is None
        assert await uow.draft("new") is not None
        assert await uow.replay("old", PRIYA) is not None
        await uow.purge(drafts_before=AT, inbox_before=uow.now)
        assert await uow.replay("old", PRIYA) is None
        assert await uow.replay("new", PRIYA) is not None
