"""Whose name is read by whom: the reporter may want theirs to be kept back."""

from __future__ import annotations

from policy.case import Case
from policy.people import PersonId
from policy.school import School


def name_to(reader: PersonId, person: PersonId | None, case: Case, school: School) -> str:
    """What this reader of the case reads of who did something: the reporter may want their name to be kept back."""
    if person is None:
        return "Staffroom"
    # Until the second screen is sent nobody knows whether the reporter wants that.
    hidden = reader != case.holder and (case.account is None or case.account.hide_name)
    if hidden and person == case.reporter:
        return "A member of staff (whoever takes it sees the name)"
    return school.staff.name(person)
