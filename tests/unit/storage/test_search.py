"""Cases are found by words, newest first; what is kept of the words tells none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from policy.case import Case, CaseState, EntryKind, RecordId
from policy.people import Duty
from policy.searching import own, words_of
from storage.database import Database
from storage.rotation import rotate
from storage.sealing import new_master_key
from storage.search import Wanted
from storage.unit_of_work import UnitOfWork
from tests.databases import Ticking
from tests.unit.storage.samples import AT, MARTIN, PRIYA, case, entry
from tests.unit.storage.test_database import run


async def found(uow: UnitOfWork, *texts: str, most: int = 10, wanted: Wanted | None = None) -> list[str]:
    """The references of what has all of these words."""
    groups = tuple(frozenset({word}) for text in texts for word in sorted(words_of(text)))
    cases, _ = await uow.find_cases(replace(wanted or Wanted(groups=()), groups=groups), most)
    return [one.reference for one in cases]


def of(number: int, what: str) -> Case:
    """A case of this number, received so many days after the first."""
    return case(f"{number:032x}", f"R777{number}", at=AT + timedelta(days=number), what=what)


async def test_by_words_of_the_report_and_its_chronology(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.add_case(of(1, "Zoë’s photo, on the BUS"))
        await uow.add_case(of(2, "A photo of Åsa"))
    async with database.transaction() as uow:
        await uow.append(of(1, "").id, [entry("Rang the grandmother")])
    async with database.reading() as uow:
        assert await found(uow, "photo") == ["R7772", "R7771"]
        assert await found(uow, "zoe bus") == ["R7771"]
        assert await found(uow, "ASA") == ["R7772"]
        assert await found(uow, "grandmother photo") == ["R7771"]
        assert await found(uow, "r7772") == ["R7772"]
        assert await found(uow, "grandfather") == await found(uow, "grandmother asa") == await found(uow) == []


async def test_what_was_written_about_a_person_kept_out_is_found_by_nobody(database: Database) -> None:
    async with database.transaction() as uow:
        await uow.add_case(of(1, "photo"))
        for kind in (EntryKind.NAMED, EntryKind.NAME_UNDONE):
            await uow.append(of(1, "").id, [replace(entry("lapwing"), kind=kind)])
    async with database.reading() as uow:
        assert await found(uow, "lapwing") == []


async def test_a_draft_that_becomes_a_report_and_a_case_that_changes_hands(database: Database) -> None:
    urgent = replace(of(1, ""), account=None)
    async with database.transaction() as uow:
        await uow.add_case(urgent)
    taken = replace(of(1, "kestrel"), version=2, state=CaseState.TAKEN, holder=MARTIN, holder_as=Duty.DSL)
    async with database.transaction() as uow:
        await uow.save_case(taken)
    handed = replace(taken, version=3, holder=PRIYA)
    mine = [Wanted(groups=(frozenset({own(person)}),)) for person in (MARTIN, PRIYA)]
    async with database.transaction() as uow:
        assert [len((await uow.find_cases(one, 5))[0]) for one in mine] == [1, 0]
        await uow.save_case(handed)
    async with database.reading() as uow:
        assert await found(uow, "kestrel") == ["R7771"]
        assert [len((await uow.find_cases(one, 5))[0]) for one in mine] == [0, 1]


async def test_a_drill_is_not_indexed_and_not_found(database: Database, database_url: str) -> None:
    drill = replace(of(1, "kestrel"), drill=True, account=None)
    over = replace(of(2, "kestrel"), drill=True, state=CaseState.FINISHED)
    async with database.transaction() as uow:
        for one in (drill, over):
            await uow.add_case(one)
            await uow.append(one.id, [entry("heron")])
    async with database.transaction() as uow:
        await uow.save_case(replace(drill, version=2, state=CaseState.FINISHED, overseers={PRIYA: Duty.DSL}))
    assert await run_tokens(database) == []
    await run(database_url, "insert into unindexed (record) select id from cases")
    async with database.transaction() as uow:
        assert await uow.index_older(5) == 2
    assert await run_tokens(database) == []
    async with database.transaction() as uow:
        await uow.add_case(of(3, "kestrel"))
    # Also where something had indexed one.
    of_another = "insert into search_words select token, received_at, '{}' from search_words where record = '{}'"
    await run(database_url, of_another.format(drill.id, of(3, "").id))
    async with database.reading() as uow:
        assert await found(uow, "kestrel") == ["R7773"]


async def test_what_is_rolled_back_is_not_found(database: Database) -> None:
    try:
        async with database.transaction() as uow:
            await uow.add_case(of(1, "kestrel"))
            raise KeyError
    except KeyError:
        pass
    async with database.reading() as uow:
        assert await found(uow, "kestrel") == []
    assert len(await run_tokens(database)) == 0


async def run_tokens(database: Database) -> list[str]:
    """Everything in the index, as it lies there."""
    async with database.reading() as uow:
        table = next(table for table in (await uow.stored_tables())[1] if table.name == "search_words")
        return [row.token for row in await uow.stored_rows(table, None, 1000)]


async def test_days_and_going_on_from_batch_to_batch(database: Database) -> None:
    async with database.transaction() as uow:
        for number in range(1, 8):
            await uow.add_case(of(number, "kestrel" if number % 2 else "heron"))
    async with database.reading() as uow:
        either: Wanted | None = Wanted(groups=(frozenset({"kestrel", "heron"}),))
        seen: list[str] = []
        while either is not None:
            cases, either = await uow.find_cases(either, 2)
            seen += [one.reference for one in cases]
        assert seen == [f"R777{number}" for number in range(7, 0, -1)]
        days = Wanted(groups=(), since=AT + timedelta(days=2), before=AT + timedelta(days=5))
        assert await found(uow, "kestrel", wanted=days) == ["R7773"]
        assert await found(uow, "heron", wanted=days) == ["R7774", "R7772"]


async def test_the_index_holds_no_word_and_differs_from_school_to_school(database_url: str, key: str) -> None:
    database = await Database.open(database_url, [key], clock=Ticking(AT))
    async with database.transaction() as uow:
        await uow.add_case(of(1, "kestrel"))
        await uow.add_case(of(2, "kestrel"))
    tokens = await run_tokens(database)
    await database.close()
    assert len(tokens) > len(set(tokens)) > 2
    assert all(len(token) == 20 and set(token) <= set("0123456789abcdef") for token in tokens)


async def test_found_while_keys_are_rotated_and_afterwards(database_url: str, key: str) -> None:
    database = await Database.open(database_url, [key], clock=Ticking(AT))
    async with database.transaction() as uow:
        await uow.add_case(of(1, "kestrel"))
    await database.close()
    newer = new_master_key()
    for keys, rotates in (([newer, key], False), ([newer, key], True), ([newer], False)):
        database = await Database.open(database_url, keys, clock=Ticking(AT), alone=True)
        if rotates:
            await rotate(database)
        async with database.transaction() as uow:
            await uow.append(of(1, "").id, [entry(f"Line{len(keys)}{rotates}")])
        async with database.reading() as uow:
            assert await found(uow, "kestrel") == ["R7771"]
        await database.close()
    database = await Database.open(database_url, [newer], clock=Ticking(AT))
    async with database.reading() as uow:
        assert await found(uow, "line2false line2true line1false kestrel") == ["R7771"]
    await database.close()


async def test_what_is_older_than_the_index_is_indexed_batch_by_batch(database_url: str, key: str) -> None:
    database = await Database.open(database_url, [key], clock=Ticking(AT))
    async with database.transaction() as uow:
        for number in range(1, 4):
            await uow.add_case(of(number, f"kestrel {number}x"))
            await uow.append(of(number, "").id, [entry("heron")])
    await run(database_url, "delete from search_words")
    await run(database_url, "insert into unindexed (record) select id from cases")
    await run(database_url, "update cases set body = data_key where reference = 'R7772'")
    async with database.transaction() as uow:  # what changes meanwhile is found at once
        await uow.append(RecordId(f"{1:032x}"), [entry("lapwing")])
    async with database.reading() as uow:
        assert not await uow.is_indexed()
        assert await found(uow, "lapwing") == ["R7771"]
        assert await found(uow, "heron") == []
    for indexed in (2, 1, 0):
        async with database.transaction() as uow:
            assert await uow.index_older(2) == indexed
    async with database.reading() as uow:
        assert await uow.is_indexed()
        assert await found(uow, "kestrel heron") == ["R7773", "R7771"]
        assert await found(uow, "lapwing kestrel") == ["R7771"]
    await database.close()
