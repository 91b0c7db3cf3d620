"""People and the duties they hold. Rules exclude people, never duties or accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
"""An opaque, random id; it outlives a change of name, e-mail address or duty."""


class Duty(StrEnum):
    """What a person may hold. The value is what profiles and the CSV of people write."""

    HEADTEACHER = "headteacher"
    DEPUTY_HEADTEACHER = "deputy-headteacher"
    SLT = "slt"
    DSL = "dsl"
    DEPUTY_DSL = "deputy-dsl"
    DPO = "dpo"
    NETWORK_MANAGER = "network-manager"
    ONLINE_SAFETY_OFFICER = "online-safety-officer"
    MARKETING_OFFICER = "marketing-officer"
    COMMUNICATIONS_OFFICER = "communications-officer"
    CHAIR_OF_GOVERNORS = "chair-of-governors"
    VICE_CHAIR_OF_GOVERNORS = "vice-chair-of-governors"
    CHIEF_EXECUTIVE = "chief-executive"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The duty as people read it in a sentence, such as "the deputy DSL"."""
        return _LABELS[self]


_LABELS = {
    Duty.HEADTEACHER: "the headteacher",
    Duty.DEPUTY_HEADTEACHER: "the deputy headteacher",
    Duty.SLT: "the senior leadership team",
    Duty.DSL: "the DSL",
    Duty.DEPUTY_DSL: "the deputy DSL",
    Duty.DPO: "the data protection officer",
    Duty.NETWORK_MANAGER: "the network manager",
    Duty.ONLINE_SAFETY_OFFICER: "the online safety officer",
    Duty.MARKETING_OFFICER: "the marketing officer",
    Duty.COMMUNICATIONS_OFFICER: "the communications officer",
    Duty.CHAIR_OF_GOVERNORS: "the chair of governors",
    Duty.VICE_CHAIR_OF_GOVERNORS: "the vice-chair of governors",
    Duty.CHIEF_EXECUTIVE: "the chief executive",
    Duty.ADMINISTRATOR: "the Staffroom administrator",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days on which a person is away, both included, in the school's own calendar."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether the person is away on `day`."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """One row of the CSV of people: a person as the school writes them down, before they have an id.

    `other_emails` are those of further chat accounts that are theirs too, where `email` does not link them.
    """

    name: str
    email: str
    duties: frozenset[Duty] = frozenset()
    phone: str | None = None
    leave: Leave | None = None
    other_emails: tuple[str, ...] = ()

    @property
    def emails(self) -> tuple[str, ...]:
        """Every address at which a chat account is theirs, the one they are known by first."""
        return (self.email, *self.other_emails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(PersonEntry):
    """A human. `email` is lower-case: it is what links them to their chat accounts."""

    id: PersonId

    @classmethod
    def of(cls, entry: PersonEntry, person: PersonId) -> Person:
        """The person whom the school has written down so, by this id."""
        return cls(id=person, **{each.name: getattr(entry, each.name) for each in fields(PersonEntry)})

    def away(self, day: date) -> bool:
        """Whether the person is on leave on `day` (a day of the school's own calendar)."""
        return self.leave is not None and self.leave.covers(day)


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody whom the school has named, in the order of its list. `former` are those who left: names, no more."""

    people: tuple[Person, ...]
    former: tuple[Person, ...]
    _by_id: dict[PersonId, Person] = field(init=False, repr=False, compare=False)
    _by_email: dict[str, Person] = field(init=False, repr=False, compare=False)

    def __init__(self, people: Iterable[Person], former: Iterable[Person] = ()) -> None:
        object.__setattr__(self, "people", tuple(people))
        object.__setattr__(self, "former", tuple(former))
        object.__setattr__(self, "_by_id", {person.id: person for person in self.people})
        others = {email: person for person in self.people for email in person.other_emails}
        object.__setattr__(self, "_by_email", others | {person.email: person for person in self.people})

    def __iter__(self) -> Iterator[Person]:
        return iter(self.people)

    def get(self, person: PersonId | None) -> Person | None:
        """The person of this id, or None where nobody at the school has it now."""
        return None if person is None else self._by_id.get(person)

    def by_email(self, email: str) -> Person | None:
        """The person with a chat account at this e-mail address, in any case."""
        return self._by_email.get(email.strip().lower())

    def holding(self, duty: Duty) -> tuple[Person, ...]:
        """Everybody who holds the duty, away or not, in the order of the school's list."""
        return tuple(person for person in self.people if duty in person.duties)

    def name(self, person: PersonId | None) -> str:
        """The person's name, also where they have left; "someone who has left" where nobody ever had this id."""
        found = self.get(person)
        if found is not None:
            return found.name
        gone = next((one for one in self.former if one.id == person), None)
        return f"{gone.name} (has left)" if gone is not None else "someone who has left"

    def names(self, people: Iterable[PersonId]) -> list[str]:
        """Their names, in the order of the school's list; those who have left last."""
        wanted = set(people)
        return [self.name(person.id) for person in (*self.people, *self.former) if person.id in wanted]


def same_person(one: str, other: str) -> bool:
    """Whether two names that stand at one e-mail address can be one person's: they share a word.

    People marry, and are called Tess or Theresa; but an address such as head@ goes on to somebody else.
    """
    return bool(set(one.casefold().split()) & set(other.casefold().split()))


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals and blanks."""
    return one.casefold().split() == other.casefold().split()
