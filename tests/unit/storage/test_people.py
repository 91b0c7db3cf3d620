from datetime import date, timedelta

import pytest
from sqlalchemy import text

from policy.people import Duty, Leave, PersonEntry, PersonId
from storage.database import Database
from storage.errors import CannotOpen
from storage.people import PeopleChanges
from storage.sealing import new_master_key
from tests.databases import Ticking
from tests.unit.storage.samples import ODD

PRIYA = PersonEntry(name="Priya Shah", email="priya@school.uk", duties=frozenset({Duty.DSL, Duty.DEPUTY_HEADTEACHER}))
MARTIN = PersonEntry(name="Martin Cole", email="martin@school.uk")
OMAR = PersonEntry(
    name=ODD,
    email="omar@school.uk",
    phone="+44 20 7946 0000",
    leave=Leave(first=date(2026, 9, 1), last=date(2026, 9, 9)),
)


async def sync(database: Database, *entries: PersonEntry) -> PeopleChanges:
    async with database.transaction() as uow:
        return await uow.sync_people(entries)


async def ids(database: Database) -> dict[str, PersonId]:
    async with database.reading() as uow:
        return {person.email: person.id for person in await uow.staff()}


async def test_the_list_is_kept_in_its_order_with_every_particular(database: Database) -> None:
    changes = await sync(database, OMAR, PRIYA, MARTIN)
    async with database.reading() as uow:
        staff = await uow.staff()
    assert [person.id for person in staff] == list(changes.joined)
    for person, entry in zip(staff, (OMAR, PRIYA, MARTIN), strict=True):
        assert (person.name, person.email, person.duties, person.phone, person.leave) == (
            entry.name,
            entry.email,
            entry.duties,
            entry.phone,
            entry.leave,
        )
    await sync(database, MARTIN, OMAR, PRIYA)
    async with database.reading() as uow:
        assert [person.email for person in await uow.staff()] == [MARTIN.email, OMAR.email, PRIYA.email]


async def test_nobody_is_there_before_the_first_list(database: Database) -> None:
    async with database.reading() as uow:
        assert (await uow.staff()).people == ()


async def test_the_same_list_again_changes_nothing(database: Database) -> None:
    await sync(database, PRIYA, MARTIN)
    before = await ids(database)
    assert await sync(database, PRIYA, MARTIN) == PeopleChanges()
    assert await ids(database) == before
    async with database.reading() as uow:
        assert [row.action for row in await uow.audit_rows()].count("person_joined") == 2


async def test_whoever_leaves_and_returns_keeps_their_id(database: Database) -> None:
    await sync(database, PRIYA, MARTIN)
    before = await ids(database)
    gone = await sync(database, MARTIN)
    assert gone == PeopleChanges(left=(before[PRIYA.email],))
    async with database.reading() as uow:
        assert (await uow.staff()).get(before[PRIYA.email]) is None
    back = await sync(database, MARTIN, PRIYA)
    assert back == PeopleChanges(joined=(before[PRIYA.email],))
    assert await ids(database) == before
    assert await sync(database, MARTIN) == gone


async def test_an_id_outlives_a_change_of_name_and_case_of_address(database: Database) -> None:
    await sync(database, PRIYA)
    before = await ids(database)
    changed = PersonEntry(name="Priya Shah-Jones", email=" Priya@School.UK ", duties=frozenset({Duty.DSL}))
    assert await sync(database, changed) == PeopleChanges(changed=(before[PRIYA.email],))
    assert await ids(database) == before


async def test_duties_given_and_taken_are_audited_by_ids(database: Database) -> None:
    await sync(database, PRIYA)
    priya = (await ids(database))[PRIYA.email]
    await sync(database, PersonEntry(name="P Shah", email=PRIYA.email, duties=frozenset({Duty.DSL, Duty.DPO})))
    await sync(database)
    async with database.reading() as uow:
        rows = await uow.audit_rows()
    assert [(row.action, row.ids.get("duty")) for row in rows] == [
        ("person_joined", None),
        ("duty_given", "deputy-headteacher"),
        ("duty_given", "dsl"),
        ("duty_taken", "deputy-headteacher"),
        ("duty_given", "dpo"),
        ("duty_taken", "dpo"),
        ("duty_taken", "dsl"),
        ("person_left", None),
    ]
    assert {row.ids["person"] for row in rows} == {priya}


async def test_two_people_of_one_address_are_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="same e-mail address") as told:
        await sync(database, PRIYA, PersonEntry(name="Other", email=PRIYA.email.upper()))
    assert PRIYA.email not in str(told.value).lower()


async def test_nobody_sees_a_list_that_was_not_committed(database: Database) -> None:
    await sync(database, PRIYA)

    async def half_way() -> None:
        async with database.transaction() as uow:
            await uow.staff()
            await uow.sync_people([MARTIN])
            assert [person.email for person in await uow.staff()] == [MARTIN.email]
            async with database.reading() as beside:
                assert [person.email for person in await beside.staff()] == [PRIYA.email]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_way()
    assert list(await ids(database)) == [PRIYA.email]
    await sync(database, OMAR)
    assert list(await ids(database)) == [OMAR.email]


async def test_a_new_list_is_seen_by_other_processes(
    database: Database, database_url: str, key: str, clock: Ticking
) -> None:
    other = await Database.open(database_url, [key], clock=clock)
    await sync(database, PRIYA)
    assert list(await ids(other)) == [PRIYA.email]
    await sync(other, PRIYA, MARTIN)
    assert len(await ids(database)) == 2
    await other.close()


async def test_staff_is_opened_once_for_many_transactions(database: Database) -> None:
    await sync(database, PRIYA)
    async with database.reading() as uow:
        first = await uow.staff()
    async with database.transaction() as uow:
        assert await uow.staff() is first


async def test_the_index_follows_a_new_key(database_url: str, clock: Ticking) -> None:
    old, new = new_master_key(), new_master_key()
    database = await Database.open(database_url, [old], clock=clock)
    await sync(database, PRIYA, MARTIN)
    before = await ids(database)
    await database.close()
    database = await Database.open(database_url, [new, old], clock=clock)
    assert await sync(database, PRIYA, MARTIN) == PeopleChanges()
    assert await ids(database) == before
    async with database.reading() as uow:
        stored = (
            await uow._connection.execute(
                text("select email_index from people where id = :id"), {"id": before[PRIYA.email]}
            )
        ).scalar()
    assert stored == database.keyring.index("people", PRIYA.email)
    await database.close()


async def test_a_body_put_into_another_row_is_found(database: Database, clock: Ticking) -> None:
    await sync(database, PRIYA, MARTIN)
    clock.forward(timedelta(days=1))
    async with database.transaction() as uow:
        await uow._connection.execute(text("update people set body = (select body from people where position = 0)"))
        await uow._connection.execute(text("update numbers set value = value + 1 where name = 'people'"))
    async with database.reading() as uow:
        with pytest.raises(CannotOpen):
            await uow.staff()


async def test_an_address_that_goes_on_to_somebody_else_takes_nothing_along(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.sync_people([PersonEntry(name="Tess Turner", email="office@astor.example")])
        tess = (await uow.staff()).people[0].id
    async with database.transaction() as uow:
        changes = await uow.sync_people([PersonEntry(name="Tina Tubbs", email="office@astor.example")])
        staff = await uow.staff()
    assert changes.left == (tess,)
    assert staff.people[0].id != tess
    assert staff.name(tess) == "Tess Turner (has left)"
    async with database.transaction() as uow:
        await uow.sync_people([PersonEntry(name="Tina Tubbs-Smith", email="office@astor.example")])
        assert (await uow.staff()).people[0].id == staff.people[0].id, "who marries stays who they are"


async def test_a_new_address_under_the_same_name_is_the_same_person(database: Database) -> None:
    before = [
        PersonEntry(name="Leo Lane", email="leo@old.example"),
        PersonEntry(name="Ann One", email="a1@old.example"),
    ]
    async with database.transaction() as uow:
        await uow.sync_people(before)
        ids = [person.id for person in await uow.staff()]
    async with database.transaction() as uow:
        after = [
            PersonEntry(name="leo  lane", email="leo@new.example"),
            PersonEntry(name="Ann Two", email="a2@new.example"),
        ]
        changes = await uow.sync_people(after)
        now = [person.id for person in await uow.staff()]
    assert now[0] == ids[0]
    assert now[1] != ids[1], "another name at another address is somebody else"
    assert changes.left == (ids[1],)


async def test_two_of_one_name_are_never_taken_for_each_other(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.sync_people([PersonEntry(name="Olivia Smith", email="o1@astor.example")])
        first = (await uow.staff()).people[0].id
    async with database.transaction() as uow:
        both = [PersonEntry(name="Olivia Smith", email=f"o{n}@astor.example") for n in (2, 3)]
        await uow.sync_people(both)
        assert first not in [person.id for person in await uow.staff()]
