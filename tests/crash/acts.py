"""What people are doing when Staffroom is killed, what they do about it, and what must hold then.

Somebody to whom Slack showed an error presses again. Somebody who was told that it is done does nothing more.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox.loopback_slack import Interaction, Message
from policy.case import Case, CaseState, Due, Entry, EntryKind
from policy.people import PersonId
from tests.crash.mortal import SLOWEST, MortalSchool
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    card,
    file,
    press,
    screen,
    shown,
    take,
)

REPORTERS = ("tess", "carl")
LONGEST = 0.06
"""Seconds from the moment a request is sent until Staffroom is killed, at most."""


@dataclass
class Report:
    """What the people know of one report: who sent it, their words, and what else was said about it."""

    reporter: str
    reference: str
    words: str = ""
    noted: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    passed_on: list[str] = field(default_factory=list)
    taken: int = 0
    finished: str = ""


@dataclass
class Ledger:
    """Everything that people were told is done, to be compared with what is there; and how often what was seen."""

    school: MortalSchool
    chance: random.Random
    reports: list[Report] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    known_copies: Counter[tuple[str, str]] = field(default_factory=Counter)

    def moment(self) -> float:
        """When to kill, in seconds after the request."""
        return self.chance.uniform(0, LONGEST)

    def words(self, what: str) -> str:
        """Words that nobody has said before."""
        self.seen["words"] += 1
        return f"{what}, as I say for the {self.seen['words']}th time. xyzzy"

    def maybe_slow(self) -> None:
        """Slack is slow half the time, so that deaths fall between a message and its receipt."""
        if self.chance.random() < 0.5:
            for method in ("chat.postMessage", "chat.update", "chat.delete"):
                self.school.slack.faults.slow(method, self.chance.uniform(0.005, SLOWEST), times=3)

    def count_copies(self) -> None:
        """Counts messages that stand beside another one of the same person about the same report."""
        for report in self.reports:
            for name, standing in copies(self.school, report.reference).items():
                more = max(len(standing) - 1, 0)
                self.seen["duplicates"] += max(more - self.known_copies[name, report.reference], 0)
                self.known_copies[name, report.reference] = more

    async def a_report(self, state: CaseState) -> Report:
        """One that is in this state: one of those that there are, else a new one."""
        async with self.school.memory() as memory, memory.reading() as uow:
            references = {case.reference for case in await uow.open_cases() if case.state is state}
        found = [report for report in self.reports if report.reference in references]
        if found:
            return self.chance.choice(found)
        triage = self.chance.choice((PUPIL_FOLLOWED_ME, A_CHILD_TOLD_ME))
        reporter, words = self.chance.choice(REPORTERS), self.words("A pupil in 9B wrote to me")
        report = Report(reporter, await file(self.school, reporter, triage, what_happened=words), words)
        self.reports.append(report)
        if state is CaseState.TAKEN:
            name = self.chance.choice(asked(self.school, report))
            await take(self.school, name, report.reference)
            await close(self.school, name)
            report.taken += 1
        return report


@dataclass(frozen=True)
class Seen:
    """What Staffroom remembers of a report."""

    case: Case
    chronology: tuple[Entry, ...]
    due: tuple[Due, ...]
    names: Mapping[PersonId, str]

    @property
    def holder(self) -> str:
        """Who has it, or has finished it, by first name; nothing where nobody has."""
        return self.names[self.case.holder] if self.case.holder is not None else ""

    def said(self, kind: EntryKind) -> list[str]:
        """The texts of all entries of one kind."""
        return [entry.text for entry in self.chronology if entry.kind is kind]


Act = Callable[[Ledger], Awaitable[Report]]


async def look(school: MortalSchool, *reports: Report) -> dict[str, Seen]:
    """What Staffroom remembers of the reports, by reference."""
    found = {}
    async with school.memory() as memory, memory.reading() as uow:
        names = {person.id: person.name.split()[0].lower() for person in await uow.staff()}
        pending = await uow.due_now(100_000)
        for report in reports:
            case = await uow.case_by_reference(report.reference)
            assert case is not None, f"{report.reference} is lost"
            due = tuple(one for one in pending if one.record == case.id)
            found[report.reference] = Seen(case, await uow.chronology(case.id), due, names)
    return found


async def how_many(school: MortalSchool, reporter: str) -> int:
    """How many reports of this person Staffroom remembers."""
    async with school.memory() as memory, memory.reading() as uow:
        person = (await uow.staff()).by_email(school.people[reporter].email)
        assert person is not None
        return len(await uow.cases_reported_by(person.id, 100_000))


async def holder(school: MortalSchool, report: Report) -> str:
    """Who has the report, by first name; nothing where nobody has."""
    return (await look(school, report))[report.reference].holder


async def close(school: MortalSchool, name: str) -> None:
    """The person closes everything that is open on their screen."""
    if school.people[name].view is not None:
        await school.people[name].close(clear=True)


def was_done(done: Interaction) -> bool:
    """Whether the person was told, by anything but an error, that it was done."""
    return not done.failed and not done.errors


def asked(school: MortalSchool, report: Report) -> list[str]:
    """Whose newest card about the report asks them to take it or to say that they cannot."""
    names = []
    for name in school.people:
        message = school.card(name, report.reference)
        if message is not None and {"case.take", "case.pass_on"} <= message.buttons.keys():
            names.append(name)
    return names


def copies(school: MortalSchool, reference: str) -> dict[str, list[Message]]:
    """Everything about the report that stands in people's messages, oldest first."""
    found: dict[str, list[Message]] = {name: [] for name in school.people}
    for name in school.people:
        for message in school.cards(name):
            if reference in str(message.blocks):
                found[name].append(message)
    return found


# --- the acts --------------------------------------------------------------------------------------------------


async def the_first_screen(ledger: Ledger) -> Report:
    """A child has told somebody something: the alert is to go out before a word is written."""
    school, name = ledger.school, ledger.chance.choice(REPORTERS)
    before = await how_many(school, name)
    await close(school, name)
    await begin(school, name)
    ledger.maybe_slow()
    await school.killed_after(ledger.moment(), answer(school, name, **A_CHILD_TOLD_ME))
    await school.rise()
    told = "alerted" in shown(school, name)
    ledger.seen["told" if told else "not told"] += 1
    there = await how_many(school, name) - before
    assert there == 1 or (there == 0 and not told), "an alert that was confirmed is lost"
    if not told:
        await answer(school, name, **A_CHILD_TOLD_ME)
        assert "alerted" in shown(school, name)
        await school.settle()
    report = Report(name, school.reference(name), ledger.words("He is afraid to go home"))
    ledger.reports.append(report)
    assert await how_many(school, name) == before + 1, "one form, one report"
    assert report.reference in shown(school, name)
    assert set(asked(school, report)) == {"priya", "leo"}
    sent = await answer(school, name, what_happened=report.words, source="was_told")
    assert was_done(sent), sent
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
    told = "Received" in shown(school, name)
    ledger.seen["told" if told else "not told"] += 1
    there = await how_many(school, name) - before
    assert there == 1 or (there == 0 and not told and not urgent), "a report that was received is lost"
    if not told:
        assert was_done(await answer(school, name, **details))
        await school.settle()
    assert "Received" in shown(school, name)
    assert await how_many(school, name) == before + 1, "one form, one report"
    report = Report(name, school.reference(name), words)
    ledger.reports.append(report)
    assert report.reference in shown(school, name)
    assert set(asked(school, report)) == ({"priya", "leo"} if urgent else {"hana", "priya"})
    return report


async def the_delivery(ledger: Ledger) -> Report:
    """Somebody has been told that their report is received; Staffroom dies before, or while, it tells the others."""
    school, name = ledger.school, ledger.chance.choice(REPORTERS)
    before, words = await how_many(school, name), ledger.words("They post about us")
    await close(school, name)
    await begin(school, name)
    await answer(school, name, **PUPIL_FOLLOWED_ME)
    school.slack.faults.slow("chat.postMessage", SLOWEST, times=3)
    sent = await answer(school, name, what_happened=words, source="saw_it")
    assert was_done(sent), sent
    await school.killed_after(ledger.moment())
    await school.rise()
    assert await how_many(school, name) == before + 1
    report = Report(name, school.reference(name), words)
    ledger.reports.append(report)
    assert report.reference in shown(school, name)
    assert set(asked(school, report)) == {"hana", "priya"}
    return report


async def taking(ledger: Ledger) -> Report:
    """Somebody takes a report, or two people do at once."""
    school, report = ledger.school, await ledger.a_report(CaseState.WAITING)
    there = asked(school, report)
    takers = ledger.chance.sample(there, min(len(there), ledger.chance.choice((1, 1, 2))))
    for name in takers:
        await close(school, name)
    ledger.maybe_slow()
    presses = [school.people[name].press(card(school, name, report.reference), "case.take") for name in takers]
    await school.killed_after(ledger.moment(), *presses)
    await school.rise()
    told = [name for name in takers if school.people[name].view is not None and report.words in shown(school, name)]
    ledger.seen["told" if told else "not told"] += 1
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
    await _sends(ledger, await holder(school, report), report, "case.note", text=words)
    report.noted.append(words)
    return report


async def adding(ledger: Ledger) -> Report:
    """The reporter adds something."""
    school = ledger.school
    report = await ledger.a_report(ledger.chance.choice((CaseState.WAITING, CaseState.TAKEN)))
    words = ledger.words("It happened again")
    await _sends(ledger, report.reporter, report, "report.add", text=words)
    report.added.append(words)
    return report


async def passing_on(ledger: Ledger) -> Report:
    """Whoever has it, or was asked, passes it on."""
    school = ledger.school
    report = await ledger.a_report(ledger.chance.choice((CaseState.WAITING, CaseState.TAKEN)))
    name = await holder(school, report) or ledger.chance.choice(asked(school, report))
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
    told = screen(school, name).submit_label == ""
    ledger.seen["told" if told else "not told"] += 1
    said = (await look(school, report))[report.reference].chronology
    there = [entry for entry in said if any(words in entry.text for words in answers.values() if "xyzzy" in words)]
    assert len(there) == 1 or (not there and not told), f"what {name} was told is done is lost"
    if not told:
        assert was_done(await answer(school, name, **answers))
        await school.settle()


# --- what must hold --------------------------------------------------------------------------------------------


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
    receipt = school.slack.visible_text(card(school, report.reporter, report.reference))
    if case.state is CaseState.WAITING:
        assert {one.round for one in seen.due} == {case.round}
        assert [one.step for one in seen.due if one.step > case.step] == [case.step + 1]
        assert set(asked(school, report)) == {seen.names[person] for person in case.asked}
        for name in asked(school, report):
            token = card(school, name, report.reference).buttons["case.take"].value
            assert token == f"{case.id}:{case.turn}", f"{name}'s card is an old one"
        assert "We'll say when it's picked up" in receipt
        return
    assert seen.due == ()
    assert asked(school, report) == []
    theirs = school.slack.visible_text(card(school, seen.holder, report.reference))
    if case.state is CaseState.TAKEN:
        assert "You have it" in theirs
        assert "Picked up by" in receipt
    else:
        assert "Finished by" in theirs
        assert "Finished by" in receipt


async def press_the_copies(ledger: Ledger, report: Report) -> None:
    """People press what they can on every copy: one takes it, or else they are told who has it."""
    school = ledger.school
    for name, standing in copies(school, report.reference).items():
        if len(standing) == 1 or name in REPORTERS:
            continue
        for message in standing:
            action = next((one for one in ("case.take", "case.open") if one in message.buttons), None)
            if action is None:
                continue
            before = (await look(school, report))[report.reference]
            await close(school, name)
            await school.people[name].press(message, action)
            await school.settle()
            after = (await look(school, report))[report.reference]
            ledger.seen["copies pressed"] += 1
            if action == "case.take" and before.case.state is CaseState.WAITING:
                assert after.holder == name
                assert report.words in shown(school, name)
                report.taken += 1
            else:
                assert after.case == before.case
        told = {school.slack.visible_text(message) for message in copies(school, report.reference)[name]}
        assert len(told) <= 1, f"{name}'s copies do not say the same: {told}"
