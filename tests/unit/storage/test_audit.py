import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from policy.case import RecordId
from storage import audit as audit_module
from storage.audit import verify
from storage.audit_log import row_hash
from storage.database import Database
from storage.errors import StorageError
from storage.sealing import new_master_key
from tests.databases import Ticking
from tests.unit.storage.samples import AT, MARTIN, PRIYA

R = RecordId("1" * 32)


async def written(database: Database, rows: int) -> None:
    async with database.transaction() as uow:
        for number in range(rows):
            await uow.audit("case-viewed", actor=PRIYA, record=R if number % 2 else None, number=number, kind="alert")


async def tamper(database: Database, *statements: str) -> None:
    """Somebody with every right on the database, but without the keys."""
    async with database.transaction() as uow:
        connection = uow._connection
        if connection.dialect.name == "sqlite":
            found = await connection.execute(text("select name from sqlite_master where type = 'trigger'"))
            for name in found.scalars().all():
                await connection.execute(text(f"drop trigger {name}"))
        else:
            await connection.execute(text("alter table audit disable trigger all"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_an_audit_that_nobody_touched_is_whole(database: Database) -> None:
    report = await verify(database)
    assert (report.rows, report.problems, report.whole) == (0, (), True)
    await written(database, 5)
    await written(database, 0)
    await written(database, 2)
    report = await verify(database)
    assert (report.rows, report.problems) == (7, ())
    async with database.reading() as uow:
        assert report.head == (await uow.audit_rows())[-1].hash


async def test_rows_say_who_did_what_to_which_record(database: Database, clock: Ticking) -> None:
    async with database.transaction() as uow:
        await uow.audit("case-taken", actor=PRIYA, record=R, turn=3, duty="deputy-dsl")
        await uow.audit("rerouted", person=MARTIN)
    clock.forward(timedelta(hours=1))
    async with database.transaction() as uow:
        await uow.audit("case-viewed", actor=MARTIN, record=R)
    async with database.reading() as uow:
        rows = await uow.audit_rows()
        assert [(row.seq, row.at, row.action, row.actor, row.record, dict(row.ids)) for row in rows] == [
            (1, AT, "case-taken", PRIYA, R, {"duty": "deputy-dsl", "turn": 3}),
            (2, AT, "rerouted", None, None, {"person": MARTIN}),
            (3, AT + timedelta(hours=1), "case-viewed", MARTIN, R, {}),
        ]
        assert await uow.audit_rows(R) == (rows[0], rows[2])
        assert await uow.audit_rows(limit=2) == rows[1:]
        assert await uow.audit_rows(R, limit=1) == rows[2:]
        assert await uow.audit_rows(RecordId("none")) == ()


@pytest.mark.parametrize("value", ["Jamie Smith", "jamie@school.uk", "x" * 81, "", "a\nb", "é", "<b>", 1.5, None, b"x"])
async def test_text_is_refused_and_not_shown(database: Database, value: Any) -> None:
    async with database.transaction() as uow:
        with pytest.raises(ValueError, match="what"):
            await uow.audit("case-viewed", what=value if value is not None else object())  # type: ignore[arg-type]
        for place in ("actor", "record"):
            if value is not None:
                with pytest.raises(ValueError, match=place) as told:
                    await uow.audit("case-viewed", **{place: value})
                assert not value or str(value) not in str(told.value)
        with pytest.raises(ValueError, match="short word"):
            await uow.audit("Somebody did something")
    assert (await verify(database)).rows == 0


@pytest.mark.parametrize("statement", ["update audit set actor = 'x' where seq = 2", "delete from audit where seq = 2"])
async def test_the_database_itself_refuses_to_change_it(database: Database, statement: str) -> None:
    await written(database, 3)
    with pytest.raises(StorageError) as told:
        async with database.transaction() as uow:
            await uow._connection.execute(text(statement))
    assert isinstance(told.value.__cause__, DBAPIError)
    assert "append-only" in str(told.value.__cause__)
    assert (await verify(database)).whole


TAMPERINGS = {
    "changed row 3": ["update audit set actor = 'somebody' where seq = 3"],
    "changed row 4": ["update audit set ids = '{ }' where seq = 4"],
    "changed row 5": ["update audit set at = (select at from audit_moment) where seq = 5"],
    "gap after 2: row 3 is missing": ["delete from audit where seq = 3"],
    "gap after 0: rows 1 to 4 are missing": ["delete from audit where seq < 5"],
    "out of order: row 2 was written as row 3": [
        "update audit set seq = 100 where seq = 2",
        "update audit set seq = 2 where seq = 3",
        "update audit set seq = 3 where seq = 100",
    ],
    "cut off at the end: rows 8 to 10 are missing": ["delete from audit where seq > 7"],
    "cut off at the end: row 10 is missing": ["delete from audit where seq = 10"],
    "head forged: it was not written with one of the secret keys": [
        "delete from audit where seq > 7",
        "update audit_head set seq = 7, hash = (select hash from audit where seq = 7)",
    ],
    "head forged: there is none": ["delete from audit_head"],
}


@pytest.mark.parametrize("problem", TAMPERINGS)
async def test_tampering_is_found(database: Database, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "_BATCH", 3)
    await written(database, 10)
    statements = [
        one.replace("(select at from audit_moment)", "'2020-01-01 00:00:00.000000'") for one in TAMPERINGS[problem]
    ]
    await tamper(database, *statements)
    report = await verify(database)
    assert problem in report.problems
    assert not report.whole


async def test_a_row_that_was_rewritten_with_its_hash_is_found(database: Database) -> None:
    await written(database, 5)
    async with database.reading() as uow:
        row = (await uow.audit_batch(2, 1))[0]
    forged = row_hash(3, row.at, row.action, "somebody", row.record, row.ids, row.previous)
    await tamper(
        database, "update audit set actor = 'somebody', hash = 'FORGED' where seq = 3".replace("FORGED", forged)
    )
    assert (await verify(database)).problems == ("out of order: row 4 was not written after row 3 as it is now",)


async def test_a_row_that_was_added_without_the_key_is_found(database: Database) -> None:
    await written(database, 2)
    async with database.reading() as uow:
        last = (await uow.audit_batch(1, 1))[0]
    forged = row_hash(3, last.at, "x", None, None, "{}", last.hash)
    await tamper(
        database,
        (
            "insert into audit (seq, at, action, actor, record, ids, previous, hash) "
            "select 3, at, 'x', null, null, '{}', hash, 'FORGED' from audit where seq = 2"
        ).replace("FORGED", forged),
    )
    assert (await verify(database)).problems == ("head forged: row 3 is not known to it",)


async def test_a_forged_head_is_not_made_good_by_writing_on(database: Database) -> None:
    await written(database, 5)
    await tamper(
        database,
        "delete from audit where seq > 3",
        "update audit_head set seq = 3, hash = (select hash from audit where seq = 3)",
    )
    await written(database, 2)
    report = await verify(database)
    assert report.rows == 5
    assert report.problems == ("head forged: it was not written with one of the secret keys",)


async def test_the_head_stays_good_under_a_new_key(database_url: str, clock: Ticking) -> None:
    old, new = new_master_key(), new_master_key()
    database = await Database.open(database_url, [old], clock=clock)
    await written(database, 2)
    await database.close()
    database = await Database.open(database_url, [new, old], clock=clock)
    assert (await verify(database)).whole
    await written(database, 2)
    assert (await verify(database)).whole
    await database.close()


async def test_many_problems_are_told_in_few_lines(database: Database) -> None:
    await written(database, 150)
    await tamper(database, "update audit set action = 'nothing'")
    report = await verify(database)
    assert len(report.problems) == 101
    assert report.problems[-1] == "and 50 more"


async def test_several_processes_write_one_chain(
    database: Database, database_url: str, key: str, clock: Ticking
) -> None:
    other = await Database.open(database_url, [key], clock=clock)
    await asyncio.gather(*(written((database, other)[number % 2], 3) for number in range(10)))
    report = await verify(database)
    assert (report.rows, report.problems) == (30, ())
    await other.close()


async def test_a_head_that_was_kept_elsewhere_is_found_or_missed(database: Database) -> None:
    await written(database, 3)
    async with database.reading() as uow:
        head = await uow.audit_head()
    assert head is not None
    await written(database, 2)
    assert (await verify(database, (head.seq, head.hash))).whole
    for known, says in (((head.seq, "0" * 64), "another one now"), ((head.seq + 9, head.hash), "ends before that")):
        report = await verify(database, known)
        assert not report.whole
        assert says in report.problems[0]
