"""A small school with something of everything in it, and what must be found in it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from policy.case import Due, RecordId
from policy.people import Duty, PersonEntry, PersonId
from storage.audit import verify
from storage.database import Database
from storage.drafts import Draft
from storage.errors import KeyBelongsToAnother
from storage.messages import Conversation
from tests.unit.storage.samples import AT, MARTIN, PRIYA, case, entry

ENTRIES = (
    PersonEntry(name="Priya Patel", email="p.patel@astor.example", duties=frozenset({Duty.DSL})),
    PersonEntry(name="Martin Reid", email="m.reid@astor.example"),
)
LEFT = PersonEntry(name="Olu Ade", email="o.ade@astor.example")


def record(number: int) -> RecordId:
    """The id of a case."""
    return RecordId(f"{number:032x}")


async def report(database: Database, number: int) -> None:
    """One report with everything around it, accepted with a click."""
    async with database.transaction() as uow:
        await uow.add_case(case(record(number), f"R{number:04d}", what=f"what happened {number}"))
        await uow.append(record(number), [entry(f"note {number}"), entry("another")])
        await uow.accept(f"Ev{number}", PRIYA, f"reply {number}".encode())
        await uow.save_draft(Draft(id=f"{number:032x}", person=PRIYA, at=AT, body=f"draft {number}".encode()))
        await uow.remember_conversation(
            "slack", PersonId(f"{number:032x}"), Conversation(address="p@astor.example", id=f"D{number}")
        )
        await uow.want_card(PRIYA, record(number), "alert", version=1, ring=True, urgent=True)
        await uow.schedule([Due(record=record(number), kind="chain", round=1, step=1, at=AT + timedelta(hours=1))])
        await uow.audit("case_added", actor=PRIYA, record=record(number))


async def fill(database: Database, reports: int = 3) -> None:
    """People, somebody who has left, and reports."""
    async with database.transaction() as uow:
        await uow.sync_people([*ENTRIES, LEFT])
    async with database.transaction() as uow:
        await uow.sync_people(ENTRIES)
        await uow.see(PRIYA, "slack")
    for number in range(reports):
        await report(database, number)


async def must_all_be_there(database: Database, reports: Sequence[int] = range(3)) -> None:
    """Everything opens, people are found, clicks are recognised, and the audit is intact."""
    async with database.reading() as uow:
        staff = await uow.staff()
        for person in ENTRIES:
            found = staff.by_email(person.email)
            assert found is not None
            assert found.name == person.name
        for number in reports:
            opened = await uow.case(record(number))
            assert opened is not None
            assert opened.account is not None
            assert opened.account.what_happened == f"what happened {number}"
            assert [line.text for line in await uow.chronology(record(number))] == [f"note {number}", "another"]
            assert await uow.replay(f"Ev{number}", PRIYA) == f"reply {number}".encode()
            draft = await uow.draft(f"{number:032x}")
            assert draft is not None
            assert draft.body == f"draft {number}".encode()
            chat = await uow.conversation("slack", PersonId(f"{number:032x}"))
            assert chat is not None
            assert chat.id == f"D{number}"
            try:
                await uow.replay(f"Ev{number}", MARTIN)
            except KeyBelongsToAnother:
                continue
            raise AssertionError("a click of somebody else was replayed")
        assert len(await uow.open_cases()) == len(reports)
    report = await verify(database)
    assert report.whole, report.problems
    async with database.transaction() as uow:  # nobody is taken for somebody new
        changes = await uow.sync_people(ENTRIES)
        assert (changes.joined, changes.left, changes.changed) == ((), (), ())
