"""What people are doing when Staffroom is killed, and what they do about it.

Somebody to whom the platform showed an error presses again. Somebody who was told that it is done does nothing more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from policy.case import CaseState, EntryKind
from tests.crash.ledger import (
    LONGEST,
    REPORTERS,
    SECRET,
    Ledger,
    Report,
    asked,
    close,
    holder,
    how_many,
    look,
    sees,
    was_done,
)
from tests.crash.mortal import SLOWEST
from tests.stories.acting import A_CHILD_TOLD_ME, PUPIL_FOLLOWED_ME, answer, begin, card, press, screen, shown

Act = Callable[[Ledger], Awaitable[Report]]


async def the_first_screen(ledger: Ledger) -> Report:
    """A child has told somebody something: the alert is to go out before a word is written."""
    school, name = ledger.school, ledger.chance.choice(REPORTERS)
    before = await how_many(school, name)
    await close(school, name)
    await begin(school, name)
    ledger.maybe_slow()
    await school.killed_after(ledger.moment(), answer(school, name, **A_CHILD_TOLD_ME))
    await school.rise()
    told = ledger.was_told("alerted" in shown(school, name))
    there = await how_many(school, name) - before
    assert there == 1 or (there == 0 and not told), "an alert that was confirmed is lost"
    if there:
        assert set(asked(school, school.reference(name))) == {"priya", "leo"}
    if not told:
        await answer(school, name, **A_CHILD_TOLD_ME)
        assert "alerted" in shown(school, name)
        await school.settle()
    report = Report(name, school.reference(name), ledger.words("He is afraid to go home"))
    ledger.reports.append(report)
    assert await how_many(school, name) == before + 1, "one form, one report"
    assert report.reference in shown(school, name)
    assert set(asked(school, report.reference)) == {"priya", "leo"}
    assert was_done(await answer(school, name, what_happened=report.words, source="was_told"))
    await school.settle()
    return report


async def the_second_screen(ledger: Ledger) -> Report:
    """Somebody sends what happened: of a report that has alerted somebody already, or of one that has not."""
    school, name = ledger.school, ledger.chance.choice(REPORTERS)
    urgent = ledger.chance.random() < 0.5
    before, words = await how_many(school, name), ledger.words("She asked to follow me")
    await close(school, name)
    await begin(school, name)
    await answer(school, name, **(A_CHILD_TOLD_ME if urgent else PUPIL_FOLLOWED_ME))
    await school.settle()
    ledger.maybe_slow()
    details = {"what_happened": words, "source": "saw_it"}
    await school.killed_after(ledger.moment(), answer(school, name, **details))
    await school.rise()
    told = ledger.was_told("Sent to" in shown(school, name))
    there = await how_many(school, name) - before
    assert there == 1 or (there == 0 and not told and not urgent), "a report that was received is lost"
    if there:
        assert set(asked(school, school.reference(name))) == ({"priya", "leo"} if urgent else {"hana", "priya"})
    if not told:
        assert was_done(await answer(school, name, **details))
        await school.settle()
    report = Report(name, school.reference(name), words)
    ledger.reports.append(report)
    assert await how_many(school, name) == before + 1, "one form, one report"
    assert f"{report.reference}, received" in shown(school, name)
    assert set(asked(school, report.reference)) == ({"priya", "leo"} if urgent else {"hana", "priya"})
    return report


async def the_delivery(ledger: Ledger) -> Report:
    """Somebody has been told that their report is received; Staffroom dies before, or while, it tells the others."""
    school, name = ledger.school, ledger.chance.choice(REPORTERS)
    before, words = await how_many(school, name), ledger.words("They post about us")
    await close(school, name)
    await begin(school, name)
    await answer(school, name, **PUPIL_FOLLOWED_ME)
    school.slow(SLOWEST, "post")
    sent = await answer(school, name, what_happened=words, source="saw_it")
    assert was_done(sent), sent
    await school.killed_after(ledger.moment())
    await school.rise()
    assert await how_many(school, name) == before + 1
    report = Report(name, school.reference(name), words)
    ledger.reports.append(report)
    assert report.reference in shown(school, name)
    assert set(asked(school, report.reference)) == {"hana", "priya"}
    return report


async def taking(ledger: Ledger) -> Report:
    """Somebody takes a report, or two people do at once."""
    school, report = ledger.school, await ledger.a_report(CaseState.WAITING)
    there = asked(school, report.reference)
    takers = ledger.chance.sample(there, min(len(there), ledger.chance.choice((1, 1, 2))))
    for name in takers:
        await close(school, name)
    ledger.maybe_slow()
    presses = [school.people[name].press(card(school, name, report.reference), "case.take") for name in takers]
    await school.killed_after(ledger.moment(), *presses)
    await school.rise()
    told = [name for name in takers if ledger.was_told(sees(school, name, report.words))]
    assert len(told) <= 1, "two people were told that they have it"
    has_it = await holder(school, report)
    assert has_it == told[0] if told else has_it in {"", *takers}, "whoever was told that they have it does not"
    for name in takers:
        if name not in told:
            # They press what stands there now: a card that still asks them, or one that says who has it.
            message = card(school, name, report.reference)
            again = "case.take" if "case.take" in message.buttons else "case.open"
            if again in message.buttons:
                await school.people[name].press(message, again)
                await school.settle()
    assert await holder(school, report) in takers
    report.taken += 1
    return report


async def noting(ledger: Ledger) -> Report:
    """Whoever has it adds to the chronology."""
    school, report = ledger.school, await ledger.a_report(CaseState.TAKEN)
    words = ledger.words("I spoke to her mother")
    await _sends(ledger, await holder(school, report), report, "case.record", note=words)
    report.noted.append(words)
    return report


async def adding(ledger: Ledger) -> Report:
    """The reporter adds something."""
    report = await ledger.a_report(ledger.chance.choice((CaseState.WAITING, CaseState.TAKEN)))
    words = ledger.words("It happened again")
    await _sends(ledger, report.reporter, report, "report.add", text=words)
    report.added.append(words)
    return report


async def passing_on(ledger: Ledger) -> Report:
    """Whoever has it, or was asked, passes it on."""
    school = ledger.school
    report = await ledger.a_report(ledger.chance.choice((CaseState.WAITING, CaseState.TAKEN)))
    name = await holder(school, report) or ledger.chance.choice(asked(school, report.reference))
    why = "too_close" if ledger.chance.random() < 0.2 else "busy"
    words = ledger.words("I am at the dentist")
    await _sends(ledger, name, report, "case.pass_on", why=why, words=words)
    report.passed_on.append(words)
    return report


async def finishing(ledger: Ledger) -> Report:
    """Whoever has it finishes it."""
    school, report = ledger.school, await ledger.a_report(CaseState.TAKEN)
    words = ledger.words("Settled with the family")
    await _sends(ledger, await holder(school, report), report, "case.finish", outcome="recorded", note=words)
    report.finished = words
    return report


async def time_passing(ledger: Ledger) -> Report:
    """Ten minutes pass while nothing runs; Staffroom starts, fires what is due, and dies of it."""
    school, report = ledger.school, await ledger.a_report(CaseState.WAITING)
    before = await look(school, *ledger.reports)
    await school.kill()
    school.clock.move(timedelta(minutes=10))
    ledger.maybe_slow()
    await school.begin_to_start()
    await school.killed_after(ledger.chance.uniform(0, 2 * LONGEST))
    await school.rise()
    for reference, now in (await look(school, *ledger.reports)).items():
        was = before[reference]
        fires = was.case.reply_by is not None and was.case.reply_by <= school.clock.now()
        assert now.case.step == was.case.step + fires, "a step that was due fired not once"
        assert len(now.said(EntryKind.ASKED)) == len(was.said(EntryKind.ASKED)) + fires
        ledger.seen["steps fired"] += fires
    return report


ACTS: tuple[Act, ...] = (
    the_first_screen,
    the_first_screen,
    the_second_screen,
    the_second_screen,
    the_delivery,
    the_delivery,
    taking,
    taking,
    noting,
    adding,
    passing_on,
    finishing,
    finishing,
    time_passing,
)


async def _sends(ledger: Ledger, name: str, report: Report, action: str, **answers: str) -> None:
    """The person presses the button on their card, fills in the form and sends it; and again after an error."""
    school = ledger.school
    await close(school, name)
    await press(school, name, report.reference, action)
    ledger.maybe_slow()
    await school.killed_after(ledger.moment(), answer(school, name, **answers))
    await school.rise()
    told = ledger.was_told(not screen(school, name).fields)
    said = (await look(school, report))[report.reference].chronology
    there = [entry for entry in said if any(words in entry.text for words in answers.values() if SECRET in words)]
    assert len(there) == 1 or (not there and not told), f"what {name} was told is done is lost"
    if not told:
        assert was_done(await answer(school, name, **answers))
        await school.settle()
