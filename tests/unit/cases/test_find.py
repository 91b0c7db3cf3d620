"""Whatever was reported and whatever happened since: a search finds what its reader may read, and nothing else."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.commands import SendFind
from handlers.find import NOTHING, send_find
from handlers.views import Button, Buttons, Form, Words
from policy.case import Case, RecordId
from policy.case_life_cycle import start, step
from policy.people import Person, PersonId
from policy.routing import readers
from policy.school import School
from policy.searching import marks_for, marks_of, words_of
from storage.database import Database
from storage.sealing import new_master_key
from storage.unit_of_work import UnitOfWork
from tests.databases import Ticking
from tests.unit.policy.invented_school import NOW, account
from tests.unit.policy.test_never_told import NAMES, PEOPLE, an_event, schools, triages

KEY = new_master_key()
EVENTS = st.composite(lambda draw, case, at: an_event(draw, case, at))


def history(data: st.DataObject, at: School, number: int = 0) -> Case:
    """A case of anything, after anything has happened to it."""
    moved = start(
        record=RecordId(f"{number:032x}"),
        reference=f"R777{number}",
        reporter=data.draw(PEOPLE),
        triage=data.draw(triages()),
        account=account(*data.draw(st.sets(PEOPLE, max_size=1))),
        now=NOW,
        school=at,
    )
    for _ in range(data.draw(st.integers(0, 4))):
        moved = step(data.draw(EVENTS(moved.case, at)), moved.case, NOW, at)
    return replace(moved.case, received_at=NOW - timedelta(days=number))


@given(st.data(), schools(), schools())
@settings(max_examples=300, deadline=None)
def test_whoever_may_read_it_looks_it_up_by_one_of_its_marks(data: st.DataObject, at: School, later: School) -> None:
    """Also when others hold other duties by then: the marks of a case do not follow the staff list."""
    case = history(data, at)
    for school in (at, later):
        for reader in readers(case, school, NOW):
            person = school.staff.get(reader)
            assert person is not None
            assert marks_of(case) & marks_for(person, school)


async def _hits(uow: UnitOfWork, school: School, person: Person, words: str, day: str = "") -> tuple[Form, set[str]]:
    command = SendFind(actor=person.id, key="k", token="a" * 32, answers={"words": words, "since": day})
    view = (await send_find(command, uow, school)).view
    assert isinstance(view, Form)
    buttons = [button for part in view.parts if isinstance(part, Buttons) for button in part.buttons]
    assert all(isinstance(button, Button) for button in buttons)
    return view, {button.token[:32] for button in buttons}


@given(st.data(), schools(), schools())
@settings(max_examples=40, deadline=None)
def test_nobody_finds_what_they_may_not_read(data: st.DataObject, at: School, later: School) -> None:
    cases = [history(data, at, number) for number in range(data.draw(st.integers(1, 4)))]

    async def play(folder: str) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/s.db", [KEY], clock=Ticking(NOW))
        try:
            await look(database)
        finally:
            await database.close()

    async def look(database: Database) -> None:
        async with database.transaction() as uow:
            for case in cases:
                await uow.add_case(case)
        async with database.reading() as uow:
            for school in (at, later):
                for person in school.staff:
                    may_read = {case.id for case in cases if person.id in readers(case, school, uow.now)}
                    for words, day in (("happened", ""), ("", "2020-01-01")):
                        view, hits = await _hits(uow, school, person, words, day)
                        assert hits == may_read
                        assert hits or Words(text=NOTHING) in view.parts
                    for name in NAMES:
                        _, hits = await _hits(uow, school, person, name)
                        about = {c.id for c in cases if c.holder == person.id and PersonId(name) in c.concerned}
                        assert hits == about & may_read
                    for case in cases:
                        _, hits = await _hits(uow, school, person, case.reference)
                        assert hits == {case.id} & may_read

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(folder))


def test_words_are_compared_without_capitals_and_accents() -> None:
    assert words_of("Zoë's ŻÓŁĆ, O’Brien; ﬁne STRASSE/straße x 9b", "the Café") == {
        "zoe", "zołc", "brien", "fine", "strasse", "9b", "cafe",
    }  # fmt: skip
    assert words_of("\udc80 \x00 …", "🙂") == frozenset()
