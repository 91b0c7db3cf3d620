import asyncio
from datetime import timedelta

import pytest

from policy.case import RecordId
from policy.people import PersonId
from storage.cards import CardJob
from storage.database import Database
from storage.messages import MessageRef
from tests.databases import Ticking
from tests.unit.storage.samples import MARTIN, PRIYA

R, OTHER = RecordId("1" * 32), RecordId("2" * 32)
LEASE = timedelta(seconds=60)


def message(name: str) -> MessageRef:
    return MessageRef(platform="slack", conversation="D1", message=name)


async def want(
    database: Database,
    person: PersonId = PRIYA,
    version: int = 1,
    *,
    record: RecordId = R,
    kind: str = "alert",
    ring: bool = True,
    urgent: bool = False,
) -> None:
    async with database.transaction() as uow:
        await uow.want_card(person, record, kind, version=version, ring=ring, urgent=urgent)


async def refresh(database: Database, version: int, record: RecordId = R) -> None:
    async with database.transaction() as uow:
        await uow.refresh_cards(record, version)


async def claim(database: Database, limit: int = 10) -> tuple[CardJob, ...]:
    async with database.transaction() as uow:
        return await uow.claim_cards(limit, LEASE)


async def shown(database: Database, job: CardJob, *names: str, ended: bool = False) -> None:
    async with database.transaction() as uow:
        await uow.card_shown(job, messages=[message(name) for name in names], ended=ended)


async def standing(database: Database, person: PersonId = PRIYA) -> list[str]:
    async with database.reading() as uow:
        return [one.message for one in await uow.card_messages(person, R)]


async def count(database: Database, name: str) -> int:
    async with database.reading() as uow:
        return (await uow.counters())[name]


async def delivered(database: Database, version: int = 1, *names: str, ended: bool = False) -> None:
    await want(database, version=version)
    (job,) = await claim(database)
    await shown(database, job, *(names or ("m1",)), ended=ended)


async def test_a_card_that_is_wanted_is_delivered_once(database: Database) -> None:
    await want(database, urgent=True)
    (job,) = await claim(database)
    assert (job.person, job.record, job.kind, job.wanted, job.shown) == (PRIYA, R, "alert", 1, 0)
    assert (job.rings_wanted, job.rings_sent, job.attempts, job.urgent, job.messages) == (1, 0, 0, True, ())
    assert job.ring
    assert await claim(database) == ()
    await shown(database, job, "m1")
    assert await claim(database) == ()
    assert await standing(database) == ["m1"]
    assert await count(database, "cards_waiting") == 0
    async with database.reading() as uow:
        assert await uow.next_card_at() is None


async def test_newer_versions_collapse_and_are_edited_without_ringing(database: Database) -> None:
    await delivered(database)
    for version in (2, 3, 4, 3):
        await refresh(database, version)
    (job,) = await claim(database)
    assert (job.wanted, job.shown, job.ring, job.messages) == (4, 1, False, (message("m1"),))
    await shown(database, job, "m1")
    await refresh(database, 4)
    assert await claim(database) == ()


async def test_a_ring_is_work_though_the_version_stands_there(database: Database) -> None:
    await delivered(database)
    await want(database, ring=False)
    assert await claim(database) == ()
    await want(database, ring=True)
    (job,) = await claim(database)
    assert job.ring
    await shown(database, job, "m2")
    assert await claim(database) == ()
    assert await standing(database) == ["m2"]


async def test_a_first_card_may_be_silent(database: Database) -> None:
    await want(database, ring=False)
    (job,) = await claim(database)
    assert not job.ring
    assert job.messages == ()


async def test_what_is_wanted_while_a_worker_has_the_card_is_done_next(database: Database) -> None:
    await want(database)
    (job,) = await claim(database)
    await refresh(database, 2)
    await want(database, version=3, ring=True)
    assert await claim(database) == ()  # the lease holds
    await shown(database, job, "m1", ended=True)
    (job,) = await claim(database)
    assert (job.wanted, job.shown, job.rings_wanted, job.rings_sent, job.ring) == (3, 1, 2, 1, True)
    await shown(database, job, "m1")
    await refresh(database, 4)
    assert len(await claim(database)) == 1  # it has not ended


async def test_an_ended_card_follows_nothing_until_it_is_wanted_again(database: Database) -> None:
    await delivered(database, 1, "m1", ended=True)
    await refresh(database, 2)
    assert await claim(database) == ()
    await want(database, version=1, ring=False)
    (job,) = await claim(database)
    assert job.wanted > job.shown
    await shown(database, job, "m1")
    await refresh(database, 5)
    assert len(await claim(database)) == 1


async def test_urgent_ones_come_first_then_those_that_waited_longest(database: Database, wall: Ticking) -> None:
    for number, urgent in enumerate((False, True, False, True)):
        await want(database, PersonId(str(number)), urgent=urgent)
        wall.forward(timedelta(seconds=1))
    assert [job.person for job in await claim(database, 3)] == ["1", "3", "0"]
    assert [job.person for job in await claim(database, 3)] == ["2"]


async def test_a_worker_that_dies_gives_its_cards_back(database: Database, wall: Ticking) -> None:
    await want(database)
    (first,) = await claim(database)
    async with database.reading() as uow:
        assert await uow.next_card_at() == wall.now() + LEASE
    wall.forward(LEASE)
    (second,) = await claim(database)
    assert second.lease != first.lease


async def test_a_slow_worker_that_lost_its_lease_does_not_lose_its_message(database: Database, wall: Ticking) -> None:
    await want(database)
    (slow,) = await claim(database)
    wall.forward(LEASE)
    (quick,) = await claim(database)
    await shown(database, slow, "m1")
    assert await claim(database) == ()  # the lease of the quick one holds
    await shown(database, quick, "m2")
    assert sorted(await standing(database)) == ["m1", "m2"]
    assert await count(database, "duplicate_messages") == 1
    (job,) = await claim(database)  # the duplicate is brought up to date as well
    assert not job.ring
    assert set(job.messages) == {message("m1"), message("m2")}
    await shown(database, job, "m1", "m2")
    assert await claim(database) == ()
    async with database.transaction() as uow:
        await uow.card_later(slow, wall.now())
        await uow.card_given_up(slow)
    assert await claim(database) == ()
    assert await count(database, "cards_given_up") == 0


async def test_a_slow_worker_is_harmless_after_a_quick_one_has_finished(database: Database, wall: Ticking) -> None:
    await want(database)
    (slow,) = await claim(database)
    wall.forward(LEASE)
    (quick,) = await claim(database)
    await shown(database, quick, "m2")
    await shown(database, slow, "m1")
    (job,) = await claim(database)
    assert set(job.messages) == {message("m1"), message("m2")}


async def test_a_failure_is_tried_again_later(database: Database, wall: Ticking) -> None:
    await want(database)
    (job,) = await claim(database)
    async with database.transaction() as uow:
        await uow.card_later(job, wall.now() + timedelta(seconds=5))
    assert await claim(database) == ()
    wall.forward(timedelta(seconds=5))
    (job,) = await claim(database)
    assert job.attempts == 1
    async with database.transaction() as uow:
        await uow.card_later(job, wall.now() + timedelta(seconds=5), count_attempt=False)
    await refresh(database, 2)
    assert await claim(database) == ()  # a refresh does not hurry what the platform asked to wait for
    wall.forward(timedelta(seconds=5))
    (job,) = await claim(database)
    assert (job.attempts, job.wanted) == (1, 2)
    await shown(database, job, "m1")
    await refresh(database, 3)
    assert (await claim(database))[0].attempts == 0


async def test_wanting_it_again_tries_at_once(database: Database, wall: Ticking) -> None:
    await want(database)
    (job,) = await claim(database)
    async with database.transaction() as uow:
        await uow.card_later(job, wall.now() + timedelta(hours=5))
    await want(database)
    (job,) = await claim(database)
    assert (job.attempts, job.rings_wanted) == (0, 2)


async def test_an_unreachable_person_is_counted_and_left_alone_until_wanted_again(database: Database) -> None:
    await want(database)
    (job,) = await claim(database)
    async with database.transaction() as uow:
        await uow.card_given_up(job)
    assert await count(database, "cards_given_up") == 1
    assert await count(database, "cards_waiting") == 0
    await refresh(database, 2)
    assert await claim(database) == ()
    await want(database, version=3)
    assert await count(database, "cards_given_up") == 0
    assert len(await claim(database)) == 1


async def test_a_ring_that_was_wanted_meanwhile_outlives_giving_up(database: Database) -> None:
    await want(database)
    (job,) = await claim(database)
    await want(database)
    async with database.transaction() as uow:
        await uow.card_given_up(job)
    assert len(await claim(database)) == 1


async def test_a_message_that_was_not_known_follows_from_now_on(database: Database) -> None:
    await delivered(database)
    async with database.transaction() as uow:
        await uow.adopt_message(PRIYA, R, message("m1"))
    assert await claim(database) == ()
    for _ in range(2):
        async with database.transaction() as uow:
            await uow.adopt_message(PRIYA, R, message("copy"))
    (job,) = await claim(database)
    assert job.messages == (message("m1"), message("copy"))
    assert not job.ring
    await shown(database, job, "m1", "copy")
    assert await claim(database) == ()
    assert await count(database, "duplicate_messages") == 1
    await refresh(database, 2)  # the next version is not lost
    (job,) = await claim(database)
    assert job.wanted == 2


async def test_a_message_adopted_while_a_worker_has_the_card_is_not_lost(database: Database) -> None:
    await want(database)
    (job,) = await claim(database)
    async with database.transaction() as uow:
        await uow.adopt_message(PRIYA, R, message("copy"))
    assert await claim(database) == ()
    await shown(database, job, "m1", ended=True)
    (job,) = await claim(database)
    assert job.messages == (message("m1"), message("copy"))


async def test_the_message_of_a_worker_that_adopted_it_first_is_no_duplicate(database: Database) -> None:
    await want(database)
    (job,) = await claim(database)
    async with database.transaction() as uow:
        await uow.adopt_message(PRIYA, R, message("m1"))  # pressed before the receipt was stored
    await shown(database, job, "m1")
    assert await standing(database) == ["m1"]


async def test_a_message_joins_the_card_of_its_kind(database: Database) -> None:
    await want(database, kind="alert")
    await want(database, kind="receipt")
    for job in await claim(database):
        await shown(database, job, job.kind)
    async with database.transaction() as uow:
        await uow.adopt_message(PRIYA, R, message("copy"), "receipt")
        await uow.adopt_message(MARTIN, R, message("stray"))
        await uow.adopt_message(PRIYA, R, message("stray"), "home")
    (job,) = await claim(database)
    assert (job.kind, job.messages) == ("receipt", (message("receipt"), message("copy")))
    assert await standing(database) == ["alert", "receipt", "copy"]
    assert await standing(database, MARTIN) == []


async def test_cards_of_other_people_records_and_kinds_are_their_own(database: Database) -> None:
    await want(database)
    await want(database, MARTIN)
    await want(database, record=OTHER)
    await want(database, kind="receipt")
    for job in await claim(database):
        await shown(database, job, "m")
    await refresh(database, 2)
    assert {(job.person, job.record, job.kind) for job in await claim(database)} == {
        (PRIYA, R, "alert"),
        (MARTIN, R, "alert"),
        (PRIYA, R, "receipt"),
    }


async def test_a_receipt_for_a_card_that_is_not_there_changes_nothing(database: Database, wall: Ticking) -> None:
    await want(database)
    (job,) = await claim(database)
    stray = CardJob(
        person=MARTIN,
        record=R,
        kind="alert",
        wanted=1,
        shown=0,
        rings_wanted=1,
        rings_sent=0,
        attempts=0,
        urgent=False,
        messages=(),
        lease=job.lease,
    )
    async with database.transaction() as uow:
        await uow.card_shown(stray, messages=[message("m")], ended=False)
        await uow.card_later(stray, wall.now())
        await uow.card_given_up(stray)
    assert await standing(database, MARTIN) == []


@pytest.mark.parametrize("rounds", range(3))
async def test_several_workers_never_share_a_card(
    database: Database, database_url: str, key: str, clock: Ticking, rounds: int
) -> None:
    other = await Database.open(database_url, [key], clock=clock, wall=database._wall)
    async with database.transaction() as uow:
        for number in range(60):
            await uow.want_card(PersonId(str(number)), R, "alert", version=1, ring=True, urgent=number % 7 == 0)
    taken: list[PersonId] = []

    async def worker(where: Database) -> None:
        while jobs := await claim(where, 4 + rounds):
            taken.extend(job.person for job in jobs)
            await asyncio.sleep(0)
            for job in jobs:
                await shown(where, job, "m")

    await asyncio.gather(*(worker(where) for where in (database, other) * 3))
    assert sorted(taken) == sorted(PersonId(str(number)) for number in range(60))
    await other.close()


async def test_counters_hold_numbers_only(database: Database) -> None:
    async with database.reading() as uow:
        counters = await uow.counters()
    assert dict(counters) == dict.fromkeys(
        ("cards_waiting", "cards_given_up", "duplicate_messages", "cases_open", "due_pending"), 0
    )
