import pytest
from sqlalchemy import text

from policy.people import PersonId
from storage.conversations import Whereabouts
from storage.database import Database
from storage.errors import CannotOpen, ReadOnly
from storage.messages import Conversation
from tests.unit.storage.samples import ODD

PRIYA, LEO = PersonId("p-priya"), PersonId("p-leo")
CHAT = Conversation(address="priya@school.uk", id="a:1chat", extra="https://smba.example/uk/")


async def test_a_conversation_is_kept_for_its_person_on_its_platform(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.remember_conversation("teams", PRIYA, CHAT)
    async with database.reading() as uow:
        assert await uow.conversation("teams", PRIYA) == CHAT
        assert await uow.conversation("slack", PRIYA) is None
        assert await uow.conversation("teams", LEO) is None


async def test_the_latest_one_counts_whatever_is_in_it(database: Database) -> None:
    latest = Conversation(address="priya@school.uk", id=ODD, extra="")
    async with database.transaction() as uow:
        await uow.remember_conversation("teams", PRIYA, CHAT)
        await uow.remember_conversation("teams", PRIYA, latest)
    async with database.reading() as uow:
        assert await uow.conversation("teams", PRIYA) == latest


async def test_it_is_unreadable_in_the_database(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.remember_conversation("teams", PRIYA, CHAT)
        stored = bytes((await uow._connection.execute(text("select body from conversations"))).scalar_one())
    for word in (b"priya@", b"a:1chat", b"smba"):
        assert word not in stored


async def test_a_conversation_moved_to_somebody_else_is_not_read(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.remember_conversation("teams", PRIYA, CHAT)
        await uow._connection.execute(text("update conversations set person = :whose"), {"whose": LEO})
    async with database.reading() as uow:
        with pytest.raises(CannotOpen):
            await uow.conversation("teams", LEO)


async def test_where_somebody_acted_last(database: Database) -> None:
    async with database.transaction() as uow:
        assert await uow.whereabouts(PRIYA) == Whereabouts()
        await uow.see(PRIYA, "slack")
        await uow.see(PRIYA, "teams")
    async with database.reading() as uow:
        assert await uow.whereabouts(PRIYA) == Whereabouts("teams")
        assert await uow.whereabouts(LEO) == Whereabouts()
        with pytest.raises(ReadOnly):
            await uow.see(PRIYA, "slack")


async def test_what_somebody_has_chosen_goes_before_where_they_acted_last(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.prefer(LEO, "slack", seen_on="teams")
        await uow.see(LEO, "teams")
        assert await uow.whereabouts(LEO) == Whereabouts("teams", "slack")
        assert (await uow.whereabouts(LEO)).first == "slack"
        await uow.prefer(LEO, None, seen_on="slack")
        assert (await uow.whereabouts(LEO)).first == "teams"
