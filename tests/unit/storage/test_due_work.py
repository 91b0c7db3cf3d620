import asyncio
from datetime import timedelta

from policy.case import Due, RecordId
from storage.database import Database
from tests.databases import Ticking
from tests.unit.storage.samples import AT

R, OTHER = RecordId("1" * 32), RecordId("2" * 32)


def due(step: int = 1, *, round_: int = 1, record: RecordId = R, minutes: int = 0, kind: str = "escalate") -> Due:
    return Due(record=record, kind=kind, round=round_, step=step, at=AT + timedelta(minutes=minutes))


async def test_what_is_due_comes_when_its_time_has_come_oldest_first(database: Database, clock: Ticking) -> None:
    async with database.transaction() as uow:
        await uow.schedule([due(2, minutes=10), due(1, minutes=5), due(3, minutes=60)])
        await uow.schedule([])
        assert await uow.due_now() == ()
        assert await uow.oldest_due() is None
        assert await uow.next_due() == AT + timedelta(minutes=5)
    clock.forward(timedelta(minutes=10))
    async with database.reading() as uow:
        assert await uow.due_now() == (due(1, minutes=5), due(2, minutes=10))
        assert await uow.due_now(limit=1) == (due(1, minutes=5),)
        assert await uow.oldest_due() == AT + timedelta(minutes=5)
        assert (await uow.counters())["due_pending"] == 3


async def test_a_row_is_scheduled_and_done_once(database: Database) -> None:
    async with database.transaction() as uow:
        assert not await uow.finish_due(due())
        await uow.schedule([due(), due(), due(minutes=5)])
        assert await uow.due_now() == (due(),)
        assert await uow.finish_due(due())
        assert not await uow.finish_due(due())
        await uow.schedule([due()])
        assert await uow.due_now() == ()
        assert await uow.next_due() is None


async def test_the_end_of_a_round_cancels_it_and_those_before(database: Database) -> None:
    kept = [due(1, round_=3), due(1, kind="remind"), due(1, record=OTHER)]
    async with database.transaction() as uow:
        await uow.schedule([due(1), due(2), due(1, round_=2), *kept])
        assert await uow.finish_due(due(1))
        await uow.end_round(R, "escalate", 2)
        assert set(await uow.due_now()) == set(kept)
        assert not await uow.finish_due(due(2))
        await uow.schedule([due(2)])
        assert set(await uow.due_now()) == set(kept)


async def test_several_processes_fire_a_row_once(
    database: Database, database_url: str, key: str, clock: Ticking
) -> None:
    other = await Database.open(database_url, [key], clock=clock)
    rows = [due(step) for step in range(1, 6)]
    async with database.transaction() as uow:
        await uow.schedule(rows)
    fired: list[Due] = []

    async def worker(where: Database) -> None:
        async with where.reading() as uow:
            found = await uow.due_now()
        for row in found:
            async with where.transaction() as uow:
                mine = await uow.finish_due(row)
            if mine:
                fired.append(row)

    await asyncio.gather(*(worker(where) for where in (database, other) * 3))
    assert sorted(row.step for row in fired) == [1, 2, 3, 4, 5]
    await other.close()
