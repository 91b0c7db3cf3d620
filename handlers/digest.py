"""The digest: one message for all that is not urgent and waits for a person, built when it is delivered."""

from __future__ import annotations

from handlers.cases.cards import Built
from handlers.commands import button_token
from handlers.views import Button, Digest, HomeRow
from policy.case import Case
from policy.case_digest import waits_for
from policy.people import PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork

MOST_ROWS = 10
"""Reports in one message: the others are on the home screen."""


async def build_digest(person: PersonId, uow: UnitOfWork, school: School) -> Built:
    """The person's digest as it is to stand now; ended, so that no phone rings, where nothing waits any more.

    Only what they are asked to take and may read is counted: a report about them is neither listed nor a gap.
    """
    cases = waits_for(person, await uow.open_cases(), school, uow.now) if school.staff.get(person) else ()
    more = len(cases) - MOST_ROWS
    return Built(
        Digest(
            rows=tuple(_row(case, school) for case in cases[:MOST_ROWS]),
            more=f"And {more} more: open Staffroom." if more > 0 else "",
            buttons=(Button(action="home.show", label="Open Staffroom", token="home"),),  # noqa: S106 - no secret
        ),
        ended=not cases,
    )


def _row(case: Case, school: School) -> HomeRow:
    by = school.calendar.stamp(case.reply_by) if case.reply_by is not None else "now"
    open_it = Button(action="case.open", label=f"Open {case.reference}", token=button_token(case.id, case.turn))
    return HomeRow(text=f"Report {case.reference}. Reply by {by}.", buttons=(open_it,))
