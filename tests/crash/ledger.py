"""What people know of their reports, and what Staffroom remembers of them: the two are to agree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.players import Done, Shown
from policy.case import Case, CaseState, Due, Entry, EntryKind
from policy.people import PersonId
from tests.crash.mortal import SLOWEST, MortalSchool
from tests.stories.acting import A_CHILD_TOLD_ME, PUPIL_FOLLOWED_ME, file, shown, take

REPORTERS = ("tess", "carl")
CALLS: tuple[Literal["post", "edit", "delete"], ...] = ("post", "edit", "delete")
SECRET = "xyzzy"
"""In everything that people write: it must be in no log."""
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
    counted: set[str] = field(default_factory=set)

    def moment(self) -> float:
        """When to kill, in seconds after the request."""
        return self.chance.uniform(0, LONGEST)

    def words(self, what: str) -> str:
        """Words that nobody has said before."""
        self.seen["words"] += 1
        return f"{what}, as I say for the {self.seen['words']}th time. {SECRET}"

    def was_told(self, told: bool) -> bool:
        """Counts how often somebody was told before the end that it is done, and how often not."""
        self.seen["told" if told else "not told"] += 1
        return told

    def maybe_slow(self) -> None:
        """The platform is slow half the time, so that deaths fall between a message and its receipt."""
        if self.chance.random() < 0.5:
            for call in CALLS:
                self.school.slow(self.chance.uniform(0.005, SLOWEST), call)

    def count_copies(self) -> None:
        """Counts messages that stand beside another one of the same person about the same report, each once."""
        for report in self.reports:
            for standing in copies(self.school, report.reference).values():
                here = {message.id for message in standing}
                new = here - self.counted
                self.seen["duplicates"] += len(new) - (new == here)
                self.counted |= here

    async def a_report(self, state: CaseState) -> Report:
        """One that is in this state: one of those that there are, else a new one."""
        async with self.school.memory() as memory, memory.reading() as uow:
            fit = [case for case in await uow.open_cases() if case.state is state]
        references = {case.reference for case in fit if case.asked or case.holder is not None}
        found = [report for report in self.reports if report.reference in references]
        if found:
            return self.chance.choice(found)
        triage = self.chance.choice((PUPIL_FOLLOWED_ME, A_CHILD_TOLD_ME))
        reporter, words = self.chance.choice(REPORTERS), self.words("A pupil in 9B wrote to me")
        report = Report(reporter, await file(self.school, reporter, triage, what_happened=words), words)
        self.reports.append(report)
        if state is CaseState.TAKEN:
            name = self.chance.choice(asked(self.school, report.reference))
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
        person = (await uow.staff()).by_email(school.email(reporter))
        assert person is not None
        return len(await uow.cases_reported_by(person.id, 100_000))


async def holder(school: MortalSchool, report: Report) -> str:
    """Who has the report, by first name; nothing where nobody has."""
    return (await look(school, report))[report.reference].holder


async def close(school: MortalSchool, name: str) -> None:
    """The person closes everything that is open on their screen."""
    if school.people[name].screen is not None:
        await school.clear_screen(name)


def sees(school: MortalSchool, name: str, words: str) -> bool:
    """Whether the words stand on the person's screen."""
    return school.people[name].screen is not None and words in shown(school, name)


def was_done(done: Done) -> bool:
    """Whether the person was told, by anything but an error, that it was done."""
    return not done.failed and not done.errors


def asked(school: MortalSchool, reference: str) -> list[str]:
    """Whose newest card about the report asks them to take it or to say that they cannot."""
    names = []
    for name in school.people:
        message = school.card(name, reference)
        if message is not None and {"case.take", "case.pass_on"} <= message.buttons.keys():
            names.append(name)
    return names


def copies(school: MortalSchool, reference: str) -> dict[str, list[Shown]]:
    """Everything about the report that stands in people's messages, oldest first; those who have nothing left out."""
    found = {name: [one for one in school.cards(name) if reference in one.text] for name in school.people}
    return {name: standing for name, standing in found.items() if standing}
