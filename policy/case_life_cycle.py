"""What each event does to a case: pure functions from (case, event, now, school) to a transition.

Whether the actor may read the case at all is `routing.readers`' business and asked before; here stands what
the case itself allows. What each event does stands in `case_reporting`, `case_asking`,
`case_handling`, `case_changes`, `case_record` and `case_retention`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from policy import case_asking, case_changes, case_handling, case_record, case_reporting, case_retention
from policy import case_events as e
from policy.case import Case, Transition
from policy.case_handling import how_it_stands
from policy.case_record import with_lado_clock
from policy.case_reporting import level_of, start
from policy.case_retention import with_end_of_period
from policy.drill import drilled
from policy.routing import excluded
from policy.school import School

__all__ = ["how_it_stands", "level_of", "start", "step"]

STEPS: Mapping[type[Any], Callable[[Any, Case, datetime, School], Transition]] = {
    e.Retriaged: case_reporting.retriaged,
    e.Completed: case_reporting.completed,
    e.ReporterWrote: case_reporting.reporter_wrote,
    e.StepDue: case_asking.step_due,
    e.Unreachable: case_asking.unreachable,
    e.StaffChanged: case_asking.staff_changed,
    e.Taken: case_handling.taken,
    e.PassedOn: case_handling.passed_on,
    e.Noted: case_handling.noted,
    e.Finished: case_handling.finished,
    e.HandedOver: case_handling.handed_over,
    e.Reopened: case_handling.reopened,
    e.Named: case_changes.named,
    e.NameUndone: case_changes.name_undone,
    e.ImageryMarked: case_changes.imagery_marked,
    e.Linked: case_changes.linked,
    e.Unlinked: case_changes.unlinked,
    e.Recorded: case_record.recorded,
    e.NextActionSet: case_record.next_action_set,
    e.NextActionDone: case_record.next_action_done,
    e.ActionDue: case_record.action_due,
    e.LadoDue: case_record.lado_due,
    e.PeriodOver: case_retention.period_over,
    e.KeptUntil: case_retention.kept_until,
    e.HoldSet: case_retention.hold_set,
    e.HoldLifted: case_retention.hold_lifted,
}
"""What does what: one function for each event."""


def step(event: e.Event, case: Case, now: datetime, school: School) -> Transition:
    """What the event does to the case.

    Raises:
        NotAllowed: the case does not allow it as it is now; the message says what happened.
    """
    if case.drill:
        return drilled(event, case, now, school)
    moved = STEPS[type(event)](event, case, now, school)
    if moved.case.version == case.version:
        return moved  # what changes nothing starts no clock
    out = excluded(moved.case)
    overseers = {person: duty for person, duty in moved.case.overseers.items() if person not in out}
    moved = with_lado_clock(replace(moved, case=replace(moved.case, overseers=overseers)), now, school)
    return with_end_of_period(case, moved, school)
