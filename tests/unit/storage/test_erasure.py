import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from policy.case import RETENTION, Case, CaseState, Due, RecordId
from policy.evidence import NewFile
from storage.audit import verify
from storage.cards import CardJob
from storage.collecting import Collecting
from storage.database import Database
from storage.drafts import Draft
from storage.errors import StaleRecord
from storage.messages import MessageRef
from tests.databases import Ticking
from tests.unit.storage.samples import AT, MARTIN, PRIYA, SECRET, added, entry

R, OTHER = RecordId("1" * 32), RecordId("2" * 32)
HOUR = timedelta(hours=1)


async def full(database: Database, record: RecordId, reference: str) -> Case:
    """A finished case with something of everything."""
    async with database.transaction() as uow:
        case = await added(uow, record, reference)
        await uow.append(record, [entry(), entry()])
        await uow.add_files(
            record, [NewFile(platform="slack", file_id="F1", place="D1", name=SECRET, added_by=PRIYA)], held=False
        )
        await uow.save_draft(Draft(id=record[::-1], person=PRIYA, at=AT, body=SECRET.encode(), record=record))
        await uow.collect(Collecting(person=PRIYA if record == R else MARTIN, record=record, at=AT, body=b"x"))
        await uow.grant_link(PRIYA, record, HOUR)
        await uow.grant_link(PRIYA, record, HOUR, pack=True)
        await uow.schedule([Due(record=record, kind=RETENTION, round=1, step=0, at=AT)])
        await uow.want_card(PRIYA, record, "receipt", version=1, ring=True, urgent=False)
        await uow.audit("case-received", actor=PRIYA, record=record)
        case = replace(case, state=CaseState.FINISHED, finished_at=AT, version=2)
        await uow.save_case(case)
    return case


async def erase(database: Database, case: Case) -> None:
    async with database.transaction() as uow:
        await uow.case(case.id)
        await uow.erase(case, by=MARTIN, ground="period-over")
        await uow.audit("case-erased", actor=MARTIN, record=case.id)


async def rows_of(database: Database, record: RecordId) -> dict[str, int]:
    async with database.reading() as uow:
        _, tables = await uow.stored_tables()
        found = {}
        for table in tables:
            rows = await uow.stored_rows(table, None, 1000)
            found[table.name] = sum(record in map(str, row) for row in rows)
    return {name: count for name, count in found.items() if count}


async def test_nothing_is_left_but_a_tombstone_the_audit_and_a_card_to_withdraw(database: Database) -> None:
    case = await full(database, R, "R7K4Q")
    other = await full(database, OTHER, "R7K4X")
    before = await rows_of(database, OTHER)
    await erase(database, case)
    assert await rows_of(database, R) == {"audit": 2, "cards": 1, "tombstones": 1}
    assert await rows_of(database, OTHER) == before
    assert (await verify(database)).whole
    async with database.reading() as uow:
        assert await uow.case(R) is None
        assert await uow.case_by_reference("R7K4Q") is None
        assert await uow.evidence(R) == ()
        assert await uow.case(OTHER) == other
        stone = await uow.tombstone(R)
        assert await uow.tombstone(OTHER) is None
    assert stone is not None
    assert (stone.reference, stone.process, stone.erased_by) == ("R7K4Q", "P07", MARTIN)


async def test_what_is_open_or_was_changed_or_erased_is_not_erased(database: Database) -> None:
    case = await full(database, R, "R7K4Q")
    with pytest.raises(ValueError, match="finished"):
        await erase(database, replace(case, state=CaseState.TAKEN))
    with pytest.raises(ValueError, match="no drill"):
        await erase(database, replace(case, drill=True))
    with pytest.raises(StaleRecord):
        await erase(database, replace(case, version=1))
    async with database.reading() as uow:
        assert len(await uow.chronology(R)) == 2, "what failed took a part with it"
    await erase(database, case)
    with pytest.raises(StaleRecord):
        await erase(database, case)


async def test_the_reference_of_what_was_erased_is_not_given_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await erase(database, await full(database, R, "33333"))
    letters = iter("33333" + "44444")
    monkeypatch.setattr("storage.cases.secrets.choice", lambda _alphabet: next(letters))
    async with database.transaction() as uow:
        assert await uow.new_reference() == "44444"


async def test_a_card_that_stands_is_withdrawn_in_silence(database: Database, wall: Ticking) -> None:
    case = await full(database, R, "R7K4Q")

    async def claimed() -> tuple[CardJob, ...]:
        async with database.transaction() as uow:
            return await uow.claim_cards(10, HOUR)

    (job,) = await claimed()
    standing = MessageRef(platform="slack", conversation="D1", message="1")
    async with database.transaction() as uow:
        await uow.card_shown(job, messages=[standing], ended=False)
    wall.forward(HOUR)
    assert await claimed() == ()
    await erase(database, case)
    (job,) = await claimed()
    assert not job.ring
    assert job.messages == (standing,)


async def test_who_decides_finds_what_has_come_to_an_end(database: Database) -> None:
    case = await full(database, R, "R7K4Q")
    await full(database, OTHER, "R7K4X")
    due = Due(record=R, kind=RETENTION, round=1, step=0, at=AT)
    async with database.transaction() as uow:
        assert await uow.cases_at_an_end() == ()
        await uow.finish_due(due)
    async with database.transaction() as uow:
        assert await uow.cases_at_an_end() == (case,)
        await uow.schedule([replace(due, round=2)])
    async with database.reading() as uow:
        assert await uow.cases_at_an_end() == (), "it is kept until another day"


async def test_no_page_of_sqlite_holds_the_key_of_what_was_erased(
    request: pytest.FixtureRequest, database: Database, database_url: str
) -> None:
    if "postgres" in request.node.name:
        pytest.skip("only SQLite keeps its pages in a file of its own")
    case = await full(database, R, "R7K4Q")
    file = Path(make_url(database_url).database or "")
    key, pages = settled(file)
    assert key in pages
    await erase(database, case)
    assert key not in settled(file)[1]


def settled(file: Path) -> tuple[bytes, bytes]:
    """The first key of a case that there is, and the whole file once nothing waits in the log beside it."""
    with sqlite3.connect(file) as found:
        row = found.execute("select data_key from cases").fetchone()
        found.execute("pragma wal_checkpoint(truncate)")
    return (row or (b"",))[0], file.read_bytes()
