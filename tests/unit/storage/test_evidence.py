import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from policy.case import RecordId
from policy.errors import NotAllowed
from policy.evidence import BlobId, EvidenceFile, FileKind, FileState, NewFile, Reason, Stored
from policy.reports import Level
from storage.database import Database
from storage.errors import CannotOpen, NoSuchRecord, ReadOnly, TooManyFiles
from storage.unit_of_work import FileJob, UnitOfWork
from tests.databases import Ticking
from tests.unit.storage.samples import ODD, PRIYA, SECRET, added, case

R, OTHER = RecordId("1" * 32), RecordId("2" * 32)
LEASE = timedelta(minutes=5)


def picture(file_id: str = "F1", /, **more: object) -> NewFile:
    told = NewFile(platform="slack", file_id=file_id, place=f"D1/{SECRET}", name=f"{SECRET}.png", added_by=PRIYA)
    return replace(told, **more)  # type: ignore[arg-type]


def bytes_of(file: EvidenceFile, blob: str = "b" * 32) -> Stored:
    return Stored(file=file.id, blob=BlobId(blob), size=7, sha256="ab" * 32)


async def reported(
    database: Database, *files: NewFile, held: bool = False, record: RecordId = R
) -> tuple[EvidenceFile, ...]:
    async with database.transaction() as uow:
        if await uow.case(record) is None:
            await added(uow, record, f"R7K4{record[0]}")
        return await uow.add_files(record, files or [picture()], held=held)


async def claim(database: Database, limit: int = 10) -> tuple[FileJob, ...]:
    async with database.transaction() as uow:
        return await uow.claim_files(limit, LEASE)


async def keep(database: Database, job: FileJob, clock: Ticking, blob: str = "b" * 32) -> bool:
    async with database.transaction() as uow:
        return await uow.file_changed(job, job.file.kept(bytes_of(job.file, blob), FileKind.PNG, clock.now()))


async def files(database: Database, record: RecordId = R) -> tuple[EvidenceFile, ...]:
    async with database.reading() as uow:
        return await uow.evidence(record)


async def states(database: Database, record: RecordId = R) -> list[str]:
    return [file.state.value for file in await files(database, record)]


def names(jobs: Sequence[FileJob]) -> list[str]:
    return [job.file.file_id for job in jobs]


async def test_files_are_known_as_the_platform_told_of_them_in_the_order_in_which_they_came(
    database: Database, clock: Ticking
) -> None:
    strange = picture("F2", name=ODD, place=ODD, said_size=10**12)
    new = await reported(database, picture("F1"), strange)
    assert new == await files(database)
    assert [file.number for file in new] == [1, 2]
    assert (new[1].name, new[1].place, new[1].said_size) == (ODD, ODD, 10**12)
    assert {file.added_at for file in new} == {clock.now()}
    assert {len(file.id) for file in new} == {32}
    async with database.reading() as uow:
        assert await uow.evidence_file(new[1].id) == new[1]
        assert await uow.evidence_file(uow.new_evidence_id()) is None
        assert await uow.evidence(OTHER) == ()


async def test_a_redelivered_click_adds_nothing(database: Database) -> None:
    first = await reported(database, picture("F1"), picture("F2"))
    assert await reported(database, picture("F2"), picture("F1", name="renamed")) == ()
    assert await files(database) == first
    third = await reported(database, picture("F1"), picture("F3"), picture("F3"))
    assert [(file.number, file.file_id) for file in third] == [(3, "F3")]
    # The same id on another platform, or on another record, is another file.
    assert len(await reported(database, picture("F1", platform="teams"))) == 1
    assert len(await reported(database, picture("F1"), record=OTHER)) == 1


async def test_two_clicks_at_once_add_each_file_once(database: Database) -> None:
    await reported(database, picture("F0"))

    async def click() -> None:
        async with database.transaction() as uow:
            await uow.add_files(R, [picture(f"F{n}") for n in range(5)], held=False)

    await asyncio.gather(*(click() for _ in range(6)))
    assert [(file.number, file.file_id) for file in await files(database)] == [(n + 1, f"F{n}") for n in range(5)]


async def test_a_record_takes_fifty_files_and_of_too_many_none(database: Database) -> None:
    await reported(database, *(picture(f"F{n}") for n in range(49)))
    with pytest.raises(TooManyFiles, match="50"):
        await reported(database, picture("F49"), picture("F50"))
    assert len(await files(database)) == 49
    assert len(await reported(database, picture("F0"), picture("F49"))) == 1
    with pytest.raises(TooManyFiles):
        await reported(database, picture("F50"))


async def test_files_of_an_unknown_record_are_not_taken(database: Database) -> None:
    async with database.transaction() as uow:
        with pytest.raises(NoSuchRecord):
            await uow.add_files(R, [picture()], held=False)
    async with database.reading() as uow:
        with pytest.raises(NoSuchRecord):
            await uow.record_sealer(R)
        with pytest.raises(ReadOnly):
            await uow.claim_files(1, LEASE)


async def test_nothing_but_ids_states_and_times_is_in_clear(database: Database, clock: Ticking) -> None:
    await reported(database, picture("F-marker-4711"))
    (job,) = await claim(database)
    assert await keep(database, job, clock)
    async with database.reading() as uow:
        rows = (await uow._connection.execute(text("select * from evidence"))).mappings().all()
    shown = repr([dict(row) for row in rows])
    for hidden in (SECRET, "F-marker-4711", "slack", "abab", "image/png", PRIYA):
        assert hidden not in shown


async def test_the_same_file_on_two_records_is_not_seen_to_be_the_same(database: Database) -> None:
    await reported(database, picture("F1"))
    await reported(database, picture("F1"), record=OTHER)
    async with database.reading() as uow:
        marks = (await uow._connection.execute(text("select mark from evidence"))).scalars().all()
    assert len(set(marks)) == 2


async def test_files_are_fetched_and_kept_once(database: Database, clock: Ticking) -> None:
    (file,) = await reported(database, picture())
    (job,) = await claim(database)
    assert job.file == file
    assert await claim(database) == ()
    assert file.stored is None
    assert await keep(database, job, clock)
    (kept,) = await files(database)
    assert (kept.state, kept.kind, kept.kept_at) == (FileState.KEPT, FileKind.PNG, clock.now())
    assert kept.stored == bytes_of(file)
    assert await claim(database) == ()
    async with database.reading() as uow:
        assert await uow.next_file_at() is None
        assert await uow.known_blobs() == {"b" * 32}


async def test_a_file_is_refused_or_lost_with_its_reason(database: Database) -> None:
    await reported(database, picture("F1"), picture("F2"), picture("F3", refused=Reason.FOREIGN_LINK))
    first, second = await claim(database)
    async with database.transaction() as uow:
        assert await uow.file_changed(first, first.file.not_kept(Reason.PROGRAM))
        assert await uow.file_changed(second, second.file.not_kept(Reason.GONE))
    assert [(file.state.value, file.reason) for file in await files(database)] == [
        ("refused", Reason.PROGRAM),
        ("lost", Reason.GONE),
        ("refused", Reason.FOREIGN_LINK),
    ]


async def test_a_worker_that_dies_gives_its_files_back_and_is_too_late(
    database: Database, wall: Ticking, clock: Ticking
) -> None:
    await reported(database)
    (dead,) = await claim(database)
    wall.forward(LEASE - timedelta(seconds=1))
    assert await claim(database) == ()
    wall.forward(timedelta(seconds=1))
    (alive,) = await claim(database)
    assert not await keep(database, dead, clock, "d" * 32)
    async with database.transaction() as uow:
        await uow.file_later(dead, wall.now())
    assert await claim(database) == ()
    assert await keep(database, alive, clock, "a" * 32)
    assert not await keep(database, dead, clock, "d" * 32)
    assert [file.blob for file in await files(database)] == ["a" * 32]


async def test_a_file_that_cannot_be_had_now_is_tried_later(database: Database, wall: Ticking) -> None:
    await reported(database)
    (job,) = await claim(database)
    later = wall.now() + timedelta(minutes=30)
    async with database.transaction() as uow:
        await uow.file_later(job, later)
    async with database.reading() as uow:
        assert await uow.next_file_at() == later
    wall.forward(timedelta(minutes=29))
    assert await claim(database) == ()
    wall.forward(timedelta(minutes=1))
    (job,) = await claim(database)
    assert job.file.attempts == 1
    async with database.transaction() as uow:
        await uow.file_later(job, wall.now(), count_attempt=False)
    (job,) = await claim(database)
    assert job.file.attempts == 1


async def test_urgent_records_come_first_then_who_has_waited_longest(database: Database, wall: Ticking) -> None:
    async def add(record: str, level: Level) -> None:
        async with database.transaction() as uow:
            await uow.add_case(replace(case(record * 32, f"R7K4{record}"), level=level))
            await uow.add_files(RecordId(record * 32), [picture(f"{level}-{n}") for n in (1, 2)], held=False)
        wall.forward(timedelta(seconds=1))

    await add("3", Level.S3)
    await add("2", Level.S2)
    await add("1", Level.S1)
    assert names(await claim(database, 3)) == ["S1-1", "S1-2", "S2-1"]
    assert names(await claim(database, 3)) == ["S2-2", "S3-1", "S3-2"]


async def test_several_workers_at_once_get_each_file_once(database: Database) -> None:
    await reported(database, *(picture(f"F{n:02}") for n in range(30)))
    taken = await asyncio.gather(*(claim(database, 7) for _ in range(8)))
    assert sorted(name for jobs in taken for name in names(jobs)) == [f"F{n:02}" for n in range(30)]


async def test_what_is_held_is_never_fetched_until_the_answer_is_no(database: Database, wall: Ticking) -> None:
    await reported(database, picture("F1"), picture("F2", refused=Reason.FOREIGN_LINK), held=True)
    wall.forward(timedelta(days=400))
    assert await claim(database) == ()
    async with database.reading() as uow:
        assert await uow.next_file_at() is None
    async with database.transaction() as uow:
        assert [file.file_id for file in await uow.release_held(R)] == ["F1"]
        assert await uow.release_held(R) == ()
    assert names(await claim(database)) == ["F1"]
    assert await states(database) == ["waiting", "refused"]


async def test_what_is_just_being_fetched_when_the_answer_changes_is_not_kept(
    database: Database, wall: Ticking, clock: Ticking
) -> None:
    await reported(database, picture("F1"), picture("F2"))
    (job,) = await claim(database, 1)
    async with database.transaction() as uow:
        assert len(await uow.hold_waiting(R)) == 2
    assert not await keep(database, job, clock)
    async with database.transaction() as uow:
        await uow.file_later(job, wall.now())
    wall.forward(timedelta(days=1))
    assert await claim(database) == ()
    assert await states(database) == ["held", "held"]
    async with database.reading() as uow:
        assert await uow.known_blobs() == frozenset()


async def test_nobody_opens_what_is_in_quarantine(database: Database, clock: Ticking) -> None:
    await reported(database, picture("F1"), picture("F2"), picture("F3"), picture("F4", refused=Reason.FOREIGN_LINK))
    await reported(database, picture("F1"), record=OTHER)
    first, second, *_ = await claim(database)
    assert await keep(database, first, clock)
    async with database.transaction() as uow:
        assert [file.number for file in await uow.quarantine(R)] == [1, 2, 3]
        assert await uow.quarantine(R) == ()
    assert await states(database) == ["quarantined", "held", "held", "refused"]
    assert await states(database, OTHER) == ["waiting"]
    (sealed, *_) = await files(database)
    assert sealed.blob == "b" * 32
    assert sealed.stored is None
    assert not await keep(database, second, clock, "c" * 32)
    async with database.transaction() as uow:
        await uow.release_held(R)
        assert await uow.known_blobs() == {"b" * 32}
    assert (await states(database))[0] == "quarantined"
    with pytest.raises(NotAllowed):
        sealed.kept(bytes_of(sealed), FileKind.PNG, clock.now())
    with pytest.raises(NotAllowed):
        sealed.not_kept(Reason.GONE)


async def test_a_file_ends_only_as_what_it_was(database: Database, clock: Ticking) -> None:
    await reported(database, picture("F1"), picture("F2"))
    first, second = await claim(database)
    with pytest.raises(NotAllowed):
        first.file.kept(bytes_of(second.file), FileKind.PNG, clock.now())
    async with database.transaction() as uow:
        with pytest.raises(ValueError, match="ends as"):
            await uow.file_changed(first, first.file)
        with pytest.raises(ValueError, match="ends as"):
            await uow.file_changed(first, second.file.not_kept(Reason.EMPTY))


async def tamper(uow: UnitOfWork, statement: str) -> None:
    await uow._connection.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    [
        "update evidence set state = 'kept' where number = 1",
        "update evidence set blob = 'cccc' where number = 1",
        "update evidence set id = '9999' where number = 1",
        "update evidence set at = '2020-01-01 00:00:00' where number = 1",
        "update evidence set body = (select body from evidence where number = 2) where number = 1",
        "update evidence set number = 9 where number = 1",
        "delete from evidence where number = 1",
    ],
)
async def test_what_is_changed_in_the_database_alone_is_found(database: Database, clock: Ticking, change: str) -> None:
    await reported(database, picture("F1"), picture("F2"))
    for job in await claim(database):
        assert await keep(database, job, clock, str(job.file.number) * 32)
    async with database.transaction() as uow:
        await uow.quarantine(R)
        await tamper(uow, change)
    with pytest.raises(CannotOpen):
        await files(database)


async def test_one_that_cannot_be_read_keeps_nobody_from_the_others(database: Database) -> None:
    await reported(database, picture("F1"), picture("F2"))
    async with database.transaction() as uow:
        await tamper(uow, "update evidence set at = '2020-01-01 00:00:00' where number = 1")
    assert names(await claim(database)) == ["F2"]
    async with database.transaction() as uow:
        assert [file.file_id for file in await uow.quarantine(R)] == ["F2"]
