"""Sentences that several views share, made of the school's own names and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import phonenumbers

from policy.case import Case
from policy.people import Duty, Person, PersonId
from policy.routing import excluded
from policy.school import School

SAFEGUARDING = (Duty.DSL, Duty.DEPUTY_DSL, Duty.HEADTEACHER, Duty.CHAIR_OF_GOVERNORS)
"""Who is named as the one to find in person, first come first."""


def joined(words: Iterable[str]) -> str:
    """The words as a list in a sentence: "A, B and C"."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def names(people: Iterable[PersonId], school: School) -> str:
    """The people's names as a list in a sentence, in the order of the school's list."""
    return joined(school.staff.names(people))


def who_has_it(case: Case, school: School) -> str:
    """The name of whoever has the case, else the names of those who are asked and can be reached."""
    if case.holder is not None:
        return school.staff.name(case.holder)
    return names(case.reached, school) or "nobody yet"


def with_phone(person: Person) -> str:
    """The person's name, with the phone number where the school gave one."""
    return f"{person.name}, {as_dialled(person.phone)}" if person.phone else person.name


@lru_cache(maxsize=1024)
def as_dialled(phone: str) -> str:
    """The number as somebody in the United Kingdom dials it."""
    try:
        number = phonenumbers.parse(phone, "GB")
    except phonenumbers.NumberParseException:
        return phone
    at_home = number.country_code == phonenumbers.country_code_for_region("GB")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def safeguarding_contact(school: School, now: datetime, case: Case | None = None) -> str:
    """Whom to find in person about a child: the DSL, or who covers, never anybody left out of the case."""
    out = excluded(case) if case is not None else frozenset[PersonId]()
    today = school.today(now)
    for duty in SAFEGUARDING:
        for person in school.staff.holding(duty):
            if person.id not in out and not person.away(today):
                return with_phone(person)
    return contacts(school) or "the local authority"


def contacts(school: School) -> str:
    """The numbers outside the school that its profile names, such as the LADO's; empty where it names none."""
    return joined(f"{name}, {as_dialled(number)}" for name, number in school.profile.contacts.items())
