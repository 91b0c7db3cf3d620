"""What whoever is asked, or has the case, does with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy.case import Case, CaseState, Entry, EntryKind, Transition
from policy.case_events import (
    Finished,
    HandedOver,
    Noted,
    PassedOn,
    Reopened,
    Taken,
)
from policy.case_record import next_actions_ended, still_required
from policy.case_rounds import new_round, replaced
from policy.errors import NotAllowed
from policy.people import PersonId
from policy.routing import next_in_chain, readers
from policy.school import School


def how_it_stands(case: Case, school: School) -> str:
    """Where the case stands, and who acted, in one sentence."""
    holder = school.staff.name(case.holder)
    holder = holder[:1].upper() + holder[1:]
    match case.state:
        case CaseState.WAITING:
            return f"Nobody has {case.reference} yet."
        case CaseState.TAKEN if case.taken_at is not None:
            return f"{holder} has had {case.reference} since {school.calendar.stamp(case.taken_at)}."
        case CaseState.FINISHED if case.finished_at is not None:
            return f"{holder} finished {case.reference} at {school.calendar.stamp(case.finished_at)}."
        case _:
            return f"{holder} has {case.reference}."


def taken(event: Taken, case: Case, now: datetime, school: School) -> Transition:
    """They take it: nobody else is asked any more."""
    if case.state is not CaseState.WAITING:
        raise NotAllowed(how_it_stands(case, school))
    taken = replace(
        case,
        state=CaseState.TAKEN,
        holder=event.actor,
        holder_as=event.duty,
        taken_at=now,
        reply_by=None,
        turn=case.turn + 1,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.TAKEN, actor=event.actor)
    return Transition(case=taken, entries=(entry,), round_ended=case.round)


def passed_on(event: PassedOn, case: Case, now: datetime, school: School) -> Transition:
    """They should not handle it: others are asked, in a new round where they had it."""
    has_it = case.state is CaseState.TAKEN and case.holder == event.actor
    was_asked = case.state is CaseState.WAITING and event.actor in case.asked
    if not (has_it or was_asked):
        raise NotAllowed(how_it_stands(case, school))
    changed = replace(
        case,
        declined=case.declined | {event.actor},
        recused=case.recused | {event.actor} if event.too_close else case.recused,
        asked={person: duty for person, duty in case.asked.items() if person != event.actor},
        told=case.told - {event.actor} if event.too_close else case.told,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.PASSED_ON, actor=event.actor, text=event.why)
    if has_it:
        return new_round(changed, now, school, (entry,))
    return replaced(changed, now, school, (entry,))


def noted(event: Noted, case: Case, now: datetime, school: School) -> Transition:
    """A line for the chronology."""
    if case.state is not CaseState.TAKEN or case.holder != event.actor:
        raise NotAllowed(how_it_stands(case, school))
    entry = Entry(at=now, kind=EntryKind.NOTE, actor=event.actor, text=event.text)
    return Transition(case=replace(case, version=case.version + 1), entries=(entry,))


def finished(event: Finished, case: Case, now: datetime, school: School) -> Transition:
    """It is finished, with an outcome."""
    if case.state is not CaseState.TAKEN or case.holder != event.actor:
        raise NotAllowed(how_it_stands(case, school))
    if still := still_required(case):
        raise NotAllowed("Still open: " + " ".join(question.text for question in still))
    finished = replace(
        case,
        next_action=None,
        state=CaseState.FINISHED,
        finished_at=now,
        outcome=event.outcome,
        outcome_note=event.note,
        turn=case.turn + 1,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.FINISHED, actor=event.actor, text=event.note, about=event.outcome)
    return Transition(case=finished, entries=(entry,), ended=next_actions_ended(case))


def handed_over(event: HandedOver, case: Case, now: datetime, school: School) -> Transition:
    """Somebody else has it from now on; their phone rings. Whoever had it keeps what their duties let them read."""
    duty = readers(case, school, now).get(event.to)
    if case.state is not CaseState.TAKEN or case.holder != event.actor or duty is None or event.to == event.actor:
        raise NotAllowed(how_it_stands(case, school))
    given = replace(
        case,
        holder=event.to,
        holder_as=duty,
        taken_at=now,
        handed_over_by=event.actor,
        # What they read of it, where they may not read it any more, is what everybody reads who is out of it.
        asked={person: duty for person, duty in case.asked.items() if person != event.actor},
        turn=case.turn + 1,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.HANDED_OVER, actor=event.actor, text=event.why, people=(event.to,))
    return Transition(case=given, entries=(entry,), ping=frozenset({event.to}))


def may_reopen(case: Case, person: PersonId, school: School, now: datetime) -> bool:
    """Whether the person may reopen the case: who finished it, or the next in the chain, where they may read it."""
    if case.state is not CaseState.FINISHED or person not in readers(case, school, now):
        return False
    return person == case.holder or person in next_in_chain(case, school, now)


def reopened(event: Reopened, case: Case, now: datetime, school: School) -> Transition:
    """Something is still to be done: a new round begins."""
    if not may_reopen(case, event.actor, school, now):
        raise NotAllowed(how_it_stands(case, school))
    entry = Entry(at=now, kind=EntryKind.REOPENED, actor=event.actor, text=event.why)
    return new_round(replace(case, version=case.version + 1), now, school, (entry,))
