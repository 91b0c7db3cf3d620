"""A platform that takes one call at a time, and several copies of a card: all of them follow in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import MovableClock
from bot.profiles import load_profile
from bot.sandbox.world import A_TUESDAY, PEOPLE
from bot.worker.delivery import Delivery
from bot.worker.worker import LATE
from handlers.cases.apply import CASE_CARD
from handlers.commands import SendDetails, SendTriage, StartReport, TakeCase, button_token
from handlers.handlers import Handlers
from handlers.ports import RateLimited
from handlers.views import Card, CaseCard, Form
from policy.people import PersonId
from policy.people_file import parse_people_bytes
from storage.database import Database
from storage.messages import MessageRef
from storage.sealing import new_master_key

TRIAGE = {"kind": "friend_request", "concerns": "pupil", "danger": "no", "imagery": "no"}
DETAILS = {
    "what_happened": "He asked to follow me.",
    "source": "saw_it",
    "date": "2026-11-17",
    "time": "10:00",
}


@dataclass
class OneAtATime:
    """A platform that takes one call in each second, and asks to wait for all others."""

    wall: list[datetime]
    platform: str = "teams"
    standing: dict[MessageRef, Card] = field(default_factory=dict)
    taken: datetime | None = None
    calls: int = 0
    shut: bool = False

    async def post(self, email: str, card: Card, *, silent: bool = False) -> MessageRef:  # noqa: ARG002 - the port's
        """See `handlers.ports.Messenger`."""
        self._take()
        message = MessageRef(platform=self.platform, conversation=email, message=str(self.calls))
        self.standing[message] = card
        return message

    async def edit(self, message: MessageRef, card: Card) -> None:
        """See `handlers.ports.Messenger`."""
        self._take()
        self.standing[message] = card

    async def delete(self, message: MessageRef) -> None:
        """See `handlers.ports.Messenger`."""
        self.standing.pop(message)

    def _take(self) -> None:
        self.calls += 1
        if self.shut:
            raise RateLimited(5.0)
        if self.taken is not None and self.wall[0] - self.taken < timedelta(seconds=1):
            raise RateLimited(1.0)
        self.taken = self.wall[0]


@dataclass
class School:
    """What a test needs."""

    handlers: Handlers
    database: Database
    delivery: Delivery
    phones: OneAtATime
    wall: list[datetime]

    async def person(self, first: str) -> PersonId:
        row = next(line for line in PEOPLE.splitlines() if line.lower().startswith(first))
        found = await self.handlers.find_person(row.split(",")[1])
        assert found is not None
        return found

    async def deliver(self, seconds: int) -> int:
        """So many seconds pass; returns in how many of them something was to be done."""
        busy = 0
        for _ in range(seconds):
            busy += bool(await self.delivery.run_once())
            await self.delivery.close(timedelta(seconds=5))
            self.wall[0] += timedelta(seconds=1)
        return busy


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    wall = [datetime(2026, 11, 17, 10, 20, tzinfo=UTC)]
    url = f"sqlite+aiosqlite:///{tmp_path / 'staffroom.db'}"
    database = await Database.open(url, [new_master_key()], clock=MovableClock(A_TUESDAY), wall=lambda: wall[0])
    handlers = Handlers(database, load_profile("astor"))
    await handlers.sync_people(parse_people_bytes(PEOPLE.encode(), "people.csv"))
    phones = OneAtATime(wall)
    delivery = Delivery(database, handlers, {"teams": phones}, wall=lambda: wall[0], pace=timedelta(0))
    yield School(handlers, database, delivery, phones, wall)
    await database.close()


async def reported(school: School) -> None:
    """Tess files a report, to the end."""
    tess = await school.person("tess")
    first = (await school.handlers.handle(StartReport(actor=tess, key="1"))).view
    assert isinstance(first, Form)
    second = (await school.handlers.handle(SendTriage(actor=tess, key="2", token=first.token, answers=TRIAGE))).view
    assert isinstance(second, Form)
    sent = await school.handlers.handle(SendDetails(actor=tess, key="3", token=second.token, answers=DETAILS))
    assert sent.accepted


async def test_copies_of_a_card_follow_one_after_the_other_and_it_ends(school: School) -> None:
    await reported(school)
    await school.deliver(20)
    hana = await school.person("hana")
    async with school.database.transaction() as uow:
        [case] = await uow.open_cases()
        [mine] = await uow.card_messages(hana, case.id)
        # Answers were lost twice: she has the alert three times, and has pressed a button on each.
        for number in ("copy 1", "copy 2"):
            copy = MessageRef(platform="teams", conversation=mine.conversation, message=number)
            school.phones.standing[copy] = school.phones.standing[mine]
            await uow.adopt_message(hana, case.id, copy, CASE_CARD)
    await school.deliver(20)
    token = button_token(case.id, case.turn)
    await school.handlers.handle(TakeCase(actor=hana, key="4", token=token))
    await school.deliver(20)
    hers = [card for message, card in school.phones.standing.items() if message.conversation == mine.conversation]
    assert len(hers) == 3
    for card in hers:
        assert isinstance(card, CaseCard)
        assert "You have had it" in card.status
    assert await school.deliver(5) == 0, "nothing is tried for ever"


async def test_a_platform_that_asks_to_wait_for_ever_is_noticed(school: School) -> None:
    school.phones.shut = True
    await reported(school)
    await school.deliver(301)
    assert school.delivery.failing_for >= LATE, "readiness says so, and the log at its highest level"
    school.phones.shut = False
    await school.deliver(20)
    assert school.delivery.failing_for == timedelta(0)
