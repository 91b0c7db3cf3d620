import asyncio
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from policy.case import Case, CaseState, Entry, EntryKind, NextAction, RecordId
from policy.people import Duty
from policy.processes import ProcessId
from policy.reports import Concerns, Level, ReportKind, Triage
from storage.cases import ALPHABET
from storage.database import Database
from storage.errors import CannotOpen, NoSuchRecord, StaleRecord, Unreadable
from tests.unit.storage.samples import AT, MARTIN, ODD, PRIYA, SECRET, added, case, entry

R = case().id


async def test_a_case_comes_back_as_it_was_in_every_particular(database: Database) -> None:
    full = replace(
        case(),
        state=CaseState.FINISHED,
        version=7,
        turn=3,
        round=2,
        step=4,
        conflicts=frozenset({PRIYA}),
        recused=frozenset({MARTIN}),
        asked={MARTIN: Duty.DSL, PRIYA: Duty.DEPUTY_DSL},
        told=frozenset({PRIYA}),
        declined=frozenset({MARTIN}),
        unreachable=frozenset({MARTIN}),
        reply_by=AT + timedelta(minutes=15),
        holder=PRIYA,
        holder_as=Duty.DSL,
        taken_at=AT + timedelta(microseconds=1),
        finished_at=AT + timedelta(days=1),
        outcome="referred",
        outcome_note=ODD,
        withdrawal_asked=True,
        concerned_as=frozenset({Duty.HEADTEACHER, Duty.DSL}),
        reporter_wrote_at=AT + timedelta(hours=3),
        named_late={MARTIN: frozenset({Duty.DSL})},
        reported_as=frozenset({Duty.HEADTEACHER}),
        overseers={PRIYA: Duty.DEPUTY_DSL},
        changed_at=AT + timedelta(hours=4),
        handed_over_by=MARTIN,
        answered={"police": "said", "nature": "yes"},
        next_action=NextAction(text=ODD, by=AT.date(), number=2, reminded=True),
        next_actions=2,
        lado_clocks=1,
        lado_open=True,
        lado_late=True,
        linked=frozenset({RecordId("f" * 32)}),
        imagery_marked_at=AT + timedelta(hours=5),
        drill=True,
        acknowledged=frozenset({MARTIN}),
        retentions=2,
        period_over=True,
        kept_until=date(2032, 9, 1),
        held_by=MARTIN,
        held_at=AT + timedelta(hours=6),
    )
    first = Case(
        id=R,
        reference="X",
        reporter=PRIYA,
        received_at=AT,
        process=ProcessId.P01,
        level=Level.S3,
        triage=Triage(kind=ReportKind.SOMETHING_ELSE, concerns=Concerns.MYSELF, danger=False, imagery=False),
    )
    defaults = [field.name for field in fields(Case) if getattr(full, field.name) == getattr(first, field.name)]
    assert set(defaults) == {"id", "reporter", "received_at"}, "give the full case a value for the new field, too"
    async with database.transaction() as uow:
        await uow.add_case(full)
    async with database.reading() as uow:
        found = await uow.case(R)
    assert found == full
    assert found is not None
    assert list(found.asked) == [MARTIN, PRIYA]
    assert found.received_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "words", [ODD, "x" * 20_000, ODD * 300, "", " \n ", "\x01\x7f\ufeff\uffff", "null", '{"a": "\\u0000"}']
)
async def test_what_was_typed_is_kept_verbatim(database: Database, words: str) -> None:
    async with database.transaction() as uow:
        await uow.add_case(case(what=words))
        await uow.append(R, [entry(words)])
    async with database.reading() as uow:
        found = await uow.case(R)
        assert found is not None
        assert found.account is not None
        assert found.account.what_happened == words
        assert (await uow.chronology(R))[0].text == words


async def test_a_case_is_found_by_id_and_reference(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
        assert await uow.case(R) == case()
    async with database.transaction() as uow:
        assert await uow.case_by_reference(" r7k4q ") == case()
    async with database.reading() as uow:
        assert await uow.case_by_reference("R7K4Q") == case()
        assert await uow.case(RecordId("unknown")) is None
        assert await uow.case_by_reference("XXXXX") is None
        assert await uow.chronology(RecordId("unknown")) == ()


async def test_ids_and_references_tell_nothing(database: Database) -> None:
    async with database.transaction() as uow:
        ids = {uow.new_record_id() for _ in range(50)}
        references = {await uow.new_reference() for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in ids)
    assert len(references) == 50
    assert all(len(one) == 5 and set(one) <= set(ALPHABET) for one in references)
    assert not set(ALPHABET) & set("AEIOU0O1ILS5Z2B8UY") - {"5", "8"}


async def test_a_reference_is_not_given_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("R7K4QR7K4QR7K4T")
    monkeypatch.setattr("storage.cases.secrets.choice", lambda _: next(drawn))
    async with database.transaction() as uow:
        await added(uow, reference="R7K4Q")
        assert await uow.new_reference() == "R7K4T"


async def test_a_newer_version_takes_the_place_of_the_older(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
    async with database.transaction() as uow:
        found = await uow.case(R)
        assert found is not None
        await uow.save_case(replace(found, version=2, outcome_note="two"))
        await uow.save_case(replace(found, version=4, outcome_note="four", state=CaseState.FINISHED, finished_at=AT))
        assert (await uow.case(R) or found).outcome_note == "four"
    async with database.reading() as uow:
        assert (await uow.case(R) or case()).version == 4
        assert await uow.open_cases() == ()


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_a_version_that_is_not_newer_is_stale(database: Database, version: int) -> None:
    async with database.transaction() as uow:
        await uow.add_case(replace(case(), version=3))
    async with database.transaction() as uow:
        with pytest.raises(StaleRecord):
            await uow.save_case(replace(case(), version=version))
    async with database.transaction() as uow:
        with pytest.raises(NoSuchRecord):
            await uow.save_case(case("9" * 32))


async def test_a_case_that_was_read_in_a_transaction_stays_as_it_was(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
    reading = asyncio.Event()

    async def first() -> None:
        async with database.transaction() as uow:
            found = await uow.case(R)
            assert found is not None
            reading.set()
            await asyncio.sleep(0.05)
            await uow.save_case(replace(found, version=found.version + 1, outcome_note="first"))

    async def second() -> None:
        await reading.wait()
        async with database.transaction() as uow:
            found = await uow.case_by_reference("R7K4Q")
            assert found is not None
            assert found.outcome_note == "first"
            await uow.save_case(replace(found, version=found.version + 1))

    await asyncio.gather(first(), second())
    async with database.reading() as uow:
        assert (await uow.case(R) or case()).version == 3


async def test_open_cases_are_the_oldest_first_and_ones_own_the_newest_first(database: Database) -> None:
    async with database.transaction() as uow:
        for number, minutes in ((1, 30), (2, 10), (3, 20), (4, 0)):
            one = case(
                str(number) * 32,
                f"R{number}",
                at=AT + timedelta(minutes=minutes),
                reporter=MARTIN if number == 3 else PRIYA,
            )
            state = CaseState.FINISHED if number == 4 else CaseState.TAKEN if number == 2 else CaseState.WAITING
            await uow.add_case(replace(one, state=state))
    async with database.reading() as uow:
        assert [one.reference for one in await uow.open_cases()] == ["R2", "R3", "R1"]
        assert [one.reference for one in await uow.cases_reported_by(PRIYA)] == ["R1", "R2", "R4"]
        assert [one.reference for one in await uow.cases_reported_by(PRIYA, 1)] == ["R1"]
        assert await uow.cases_reported_by(R) == ()  # type: ignore[arg-type]


async def test_a_chronology_is_appended_to_without_gaps(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
        await uow.append(R, [])
        await uow.append(R, [entry("1"), entry("2")])
        await uow.append(R, [entry("3")])
    async with database.transaction() as uow:
        await uow.append(R, [Entry(at=AT, kind=EntryKind.STARTED)])
        with pytest.raises(NoSuchRecord):
            await uow.append(RecordId("unknown"), [entry()])
    async with database.reading() as uow:
        assert await uow.chronology(R) == (entry("1"), entry("2"), entry("3"), Entry(at=AT, kind=EntryKind.STARTED))
        seqs = await uow._connection.execute(text("select seq from chronology order by seq"))
        assert list(seqs.scalars()) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "tampering",
    [
        "update chronology set seq = 10 - seq",
        "update chronology set body = (select c.body from chronology c where c.seq = 1) where seq = 2",
        "delete from chronology where seq = 1",
        "update chronology set record = '22222222222222222222222222222222'",
    ],
)
async def test_lines_that_were_moved_or_taken_out_do_not_open(database: Database, tampering: str) -> None:
    async with database.transaction() as uow:
        await added(uow)
        await added(uow, "2" * 32, "R7K4R")
        await uow.append(R, [entry("1"), entry("2")])
    async with database.transaction() as uow:
        await uow._connection.execute(text(tampering))
        for record in {R, RecordId("2" * 32)}:
            if tampering.endswith("2'") and record == R:
                continue
            if record == R or tampering.endswith("2'"):
                with pytest.raises(CannotOpen):
                    await uow.chronology(record)


@pytest.mark.parametrize(
    "tampering",
    [
        "update cases set version = 2 where id like '1%'",
        "update cases set body = (select c.body from cases c where c.id like '2%') where id like '1%'",
        "update cases set data_key = (select c.data_key from cases c where c.id like '2%') where id like '1%'",
        (
            "update cases set data_key = (select c.data_key from cases c where c.id like '2%'), "
            "body = (select c.body from cases c where c.id like '2%') where id like '1%'"
        ),
    ],
)
async def test_a_body_of_another_version_or_case_does_not_open(database: Database, tampering: str) -> None:
    async with database.transaction() as uow:
        await added(uow)
        await added(uow, "2" * 32, "R7K4R")
    async with database.transaction() as uow:
        await uow._connection.execute(text(tampering))
        with pytest.raises(CannotOpen):
            await uow.case(R)


async def test_a_body_of_another_shape_is_told_without_its_content(database: Database) -> None:
    async with database.transaction() as uow:
        await added(uow)
    async with database.transaction() as uow:
        row = (await uow._connection.execute(text("select data_key from cases"))).one()
        sealed = database.keyring.record_sealer(row.data_key, R).seal("cases", 1, f'{{"id": "{SECRET}"}}'.encode())
        await uow._connection.execute(text("update cases set body = :body"), {"body": sealed})
        with pytest.raises(Unreadable) as told:
            await uow.case(R)
    assert SECRET not in str(told.value)
    assert told.value.__context__ is None


async def test_moments_are_in_utc_and_never_without_a_zone(database: Database) -> None:
    summer = datetime(2026, 9, 22, 10, 20, tzinfo=timezone(timedelta(hours=1)))
    async with database.transaction() as uow:
        await uow.add_case(case(at=summer))
        found = (await uow._connection.execute(text("select received_at from cases"))).scalar()
        assert "09:20" in str(found)
        with pytest.raises(Exception, match="without a time zone"):
            await uow.add_case(case("2" * 32, "R2", at=datetime(2026, 9, 22)))  # noqa: DTZ001
