"""What time, and the people who can be reached, do to a case that waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from policy.case import Case, CaseState, Entry, EntryKind, Transition
from policy.case_digest import digests
from policy.case_events import (
    StaffChanged,
    StepDue,
    Unreachable,
)
from policy.case_rounds import after, fire, new_round, replaced
from policy.routing import (
    readers,
)
from policy.school import School


def step_due(event: StepDue, case: Case, now: datetime, school: School) -> Transition:
    """Nobody has taken it in time: the next step, and those that fell due meanwhile, come as one."""
    if case.state is not CaseState.WAITING or event.round != case.round or event.step <= case.step:
        return Transition(case=case)
    # After a time without anybody here to fire them, the steps that fell due come as one: whoever should have
    # been asked by now is, and no phone rings once for each step.
    chain = school.profile.escalation[case.level]
    last, at = event.step, event.at
    while (following := after(at, chain.wait_before(last + 1), school)) <= now:
        last, at = last + 1, following
    # Whoever could not be reached before is tried again with every step.
    again = replace(case, unreachable=frozenset(), version=case.version + 1)
    fired = fire(again, last, now, school, (), since=event.step)
    if chain.is_last(fired.case.step) and not chain.is_last(case.step) and not case.drill:
        # What was found out about the reporter is not theirs to learn: their receipt says nothing new then.
        fired = replace(fired, receipt_rings=case.reporter not in case.named_late)
    if not isinstance(chain.wait_before(last), time):
        return fired
    # What comes at a time of the school day rings once for everything that waits for somebody.
    listed = fired.ping & fired.case.asked.keys()
    return replace(fired, ping=fired.ping - listed, due=(*fired.due, *digests(listed, now, school)))


def unreachable(event: Unreachable, case: Case, now: datetime, school: School) -> Transition:
    """Somebody who was asked, or has it, cannot be reached: others are asked in their place."""
    changed = replace(case, unreachable=case.unreachable | {event.person}, version=case.version + 1)
    entry = Entry(at=now, kind=EntryKind.UNREACHABLE, people=(event.person,))
    if case.state is CaseState.TAKEN and event.person == case.holder:
        return new_round(changed, now, school, (entry,))
    if case.state is not CaseState.WAITING or event.person in case.unreachable or event.person not in case.asked:
        return Transition(case=case)
    return replaced(changed, now, school, (entry,))


def staff_changed(_event: StaffChanged, case: Case, now: datetime, school: School) -> Transition:
    """Whoever may not read it any more loses it; others are asked in their place."""
    may = readers(case, school, now)
    changed = replace(case, version=case.version + 1)
    if case.state is CaseState.TAKEN:
        return Transition(case=case) if case.holder in may else new_round(changed, now, school, ())
    asked = {person: duty for person, duty in case.asked.items() if person in may}
    if case.state is CaseState.FINISHED or asked == case.asked:
        return Transition(case=case)
    changed = replace(changed, asked=asked)
    return replaced(changed, now, school, ()) if asked else new_round(changed, now, school, ())
