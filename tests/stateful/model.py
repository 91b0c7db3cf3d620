"""What the test itself knows: who works here, what was reported about whom, and so who must learn nothing of it.

Worked out anew from what people did, not asked of the code under test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.sandbox.world import PEOPLE
from handlers.commands import Answer
from policy.case import RecordId
from policy.people import Duty, Leave, PersonEntry, PersonId
from policy.people_file import parse_people

ENTRIES: Mapping[str, PersonEntry] = {
    entry.name.split()[0].lower(): entry for entry in parse_people(PEOPLE, "people.csv")
}
"""Who works at the invented school when it begins, by first name in lower case."""
NAMES = tuple(sorted(ENTRIES))


@dataclass
class StaffList:
    """The school's list of people as it stands; `ids` are for good."""

    ids: Mapping[str, PersonId]
    entries: dict[str, PersonEntry] = field(default_factory=lambda: dict(ENTRIES))

    def name(self, person: PersonId) -> str:
        """The first name of an id."""
        return next(name for name, known in self.ids.items() if known == person)

    def name_at(self, email: str) -> str:
        """The first name of whoever has the e-mail address."""
        return next(name for name, entry in ENTRIES.items() if entry.email == email)

    def holding(self, duty: Duty) -> set[str]:
        """Who holds the duty now, away or not."""
        return {name for name, entry in self.entries.items() if duty in entry.duties}

    def away(self, name: str, day: date) -> bool:
        """Whether they are on leave that day."""
        leave = self.entries[name].leave
        return leave is not None and leave.covers(day)

    def change(self, name: str, *, duties: frozenset[Duty] | None = None, leave: Leave | None = None) -> None:
        """Other duties, or leave."""
        entry = self.entries[name]
        self.entries[name] = replace(entry, duties=entry.duties if duties is None else duties, leave=leave)


@dataclass(eq=False)
class Report:
    """One report, as those who made it and those who were asked know it.

    `form` is what its form carries. `secrets` are words that somebody wrote about it, by who did. `knows` are those
    who have seen its reference.
    """

    number: int
    reporter: str
    form: str
    triage: dict[str, object] = field(default_factory=dict)
    record: RecordId | None = None
    reference: str = ""
    account: dict[str, Answer] = field(default_factory=dict)
    account_leaves_out: set[str] = field(default_factory=set)
    sent: bool = False
    form_gone: bool = False
    concerned: set[str] = field(default_factory=set)
    named_late: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    recused: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    knows: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"report {self.number}"

    def concerns(self, people: set[str]) -> None:
        """The reporter says that it concerns these people: nobody else can take that back."""
        self.concerned |= people
        self.named_late -= people

    @property
    def excluded(self) -> set[str]:
        """Who must learn nothing of it."""
        return self.concerned | self.recused | self.left_out

    def leave_out(self, wish: set[str], staff: StaffList, day: date) -> None:
        """The reporter wants these people left out: never the DSL, nor a deputy while every DSL is out or away."""
        safeguarding = staff.holding(Duty.DSL)
        if all(name in self.excluded or staff.away(name, day) for name in safeguarding):
            safeguarding |= staff.holding(Duty.DEPUTY_DSL)
        self.left_out |= wish - safeguarding

    def about(self, triage: Mapping[str, object], staff: StaffList) -> set[str]:
        """Whom a first screen's answers concern, of those who work here."""
        match triage["concerns"]:
            case "headteacher":
                return staff.holding(Duty.HEADTEACHER)
            case "myself":
                return {self.reporter}
            case "colleague":
                return {str(triage["colleague"])}
            case _:
                return set()
