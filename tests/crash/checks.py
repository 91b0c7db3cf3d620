"""What must hold, whenever Staffroom died."""

from __future__ import annotations

from policy.case import ESCALATE, CaseState, EntryKind
from storage.audit import verify
from tests.crash.ledger import REPORTERS, SECRET, Ledger, Report, asked, close, copies, how_many, look
from tests.crash.mortal import MortalSchool
from tests.stories.acting import card, shown


async def check(school: MortalSchool, report: Report) -> None:
    """The report is there as people made it, once and whole; and everybody concerned has been told."""
    seen = (await look(school, report))[report.reference]
    case = seen.case
    assert case.account is not None
    assert case.account.what_happened == report.words
    assert seen.chronology[0].kind in {EntryKind.STARTED, EntryKind.REPORTED}
    assert seen.said(EntryKind.REPORTED) == [""]
    assert seen.said(EntryKind.NOTE) == report.noted
    assert seen.said(EntryKind.ADDED) == report.added
    assert [text.partition(". ")[2] for text in seen.said(EntryKind.PASSED_ON)] == report.passed_on
    assert seen.said(EntryKind.FINISHED) == ([report.finished] if report.finished else [])
    assert len(seen.said(EntryKind.TAKEN)) == report.taken
    receipt = card(school, report.reporter, report.reference).text
    if case.state is CaseState.WAITING:
        assert {one.round for one in seen.due if one.kind == ESCALATE} == {case.round}
        assert [one.step for one in seen.due if one.step > case.step] == [case.step + 1]
        assert set(asked(school, report.reference)) == {seen.names[person] for person in case.asked}
        for name in asked(school, report.reference):
            token = card(school, name, report.reference).buttons["case.take"]
            assert token == f"{case.id}:{case.turn}", f"{name}'s card is an old one"
        assert any(words in receipt for words in ("We'll say when it's picked up", "everybody has been asked"))
        return
    assert [one for one in seen.due if one.kind == ESCALATE] == []
    assert asked(school, report.reference) == []
    theirs = card(school, seen.holder, report.reference).text
    if case.state is CaseState.TAKEN:
        assert "You have had it" in theirs
        assert "Picked up by" in receipt
    else:
        assert "Finished by" in theirs
        assert "Finished by" in receipt


async def press_the_copies(ledger: Ledger, report: Report) -> None:
    """People press what they can on every copy: one takes it, or else they are told who has it."""
    school = ledger.school
    before = (await look(school, report))[report.reference]
    for name, standing in copies(school, report.reference).items():
        if len(standing) == 1:
            continue
        pressed = []
        for message in standing:
            action = next((one for one in ("case.take", "case.open", "report.add") if one in message.buttons), None)
            if action is None or message.deleted:
                continue
            await close(school, name)
            await school.people[name].press(message, action)
            pressed.append(message)
            await school.settle()
            after = (await look(school, report))[report.reference]
            ledger.seen["copies pressed"] += 1
            if action == "case.take" and before.case.state is CaseState.WAITING:
                assert after.holder == name
                assert report.words in shown(school, name)
                report.taken += 1
                before = after
            assert after == before, "a press on a copy has done something twice"
        # What cannot be pressed (whom to phone) stays as it was: nobody will ever tell Staffroom where it stands.
        told = {message.text for message in pressed if not message.deleted}
        assert len(told) <= 1, f"{name}'s copies do not say the same: {told}"


async def check_everything(ledger: Ledger) -> None:
    """Every report that people know of is there, and no other; and nobody has tampered with what was done."""
    school = ledger.school
    for report in ledger.reports:
        await check(school, report)
    references = [report.reference for report in ledger.reports]
    assert len(set(references)) == len(references)
    assert sum([await how_many(school, name) for name in REPORTERS]) == len(references)
    async with school.memory() as memory:
        audit = await verify(memory)
        async with memory.reading() as uow:
            counters = await uow.counters()
    assert audit.problems == ()
    assert counters["cards_given_up"] == 0
    ledger.seen["duplicates that Staffroom knows of"] = counters["duplicate_messages"]
    assert school.violations == []
    assert SECRET not in school.log()
    assert "Traceback" not in school.log()
    assert "fault" not in school.log()
