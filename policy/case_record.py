"""What the policy asks whoever has a case, what they want done next, and the clocks that run on both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from policy.case import LADO_CLOCK, NEXT_ACTION, Case, CaseState, Due, Entry, EntryKind, NextAction, Transition
from policy.case_events import ActionDue, LadoDue, NextActionDone, NextActionSet, Recorded
from policy.errors import NotAllowed
from policy.processes import (
    ALLEGATION,
    ANSWERED_IN_WORDS,
    LADO,
    PROCESSES,
    STAFF_CONCERN,
    Outcome,
    Question,
)
from policy.routing import next_in_chain
from policy.school import School


def questions_of(case: Case) -> tuple[Question, ...]:
    """What the policy asks about the case: its process, and more where somebody of the school is concerned."""
    asked = (*PROCESSES[case.process].questions, *(STAFF_CONCERN if case.concerns_staff else ()))
    return tuple({question.key: question for question in asked}.values())


def still_required(case: Case, answers: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """What has to be answered before the case is finished; `answers` are given with it."""
    answered = {**case.answered, **(answers or {})}
    return tuple(
        question
        for question in questions_of(case)
        if not answered.get(question.key)
        and (
            question.required
            or (question.required_if and answered.get(question.required_if[0]) == question.required_if[1])
        )
    )


def outcomes_of(case: Case) -> tuple[Outcome, ...]:
    """How the case may end: an allegation in five ways more, also where it runs as something else."""
    found = (*PROCESSES[case.process].outcomes, *(ALLEGATION if case.concerns_staff else ()))
    return tuple(dict.fromkeys(found))


def _holds(case: Case, actor: object) -> None:
    if case.state is not CaseState.TAKEN or case.holder != actor:
        raise NotAllowed("Somebody else has it.")


def recorded(event: Recorded, case: Case, now: datetime, school: School) -> Transition:
    """Answers are appended to the chronology; the newest one counts."""
    _holds(case, event.actor)
    questions = {question.key: question for question in questions_of(case)}
    entries = []
    answered = dict(case.answered)
    for key, answer in event.answers.items():
        if key not in questions:
            raise NotAllowed("That is not asked about it any more.")
        labels = {option.key: option.label for option in questions[key].options}
        answered[key] = answer if labels else ANSWERED_IN_WORDS
        text = labels.get(answer, answer)
        entries.append(Entry(at=now, kind=EntryKind.ANSWERED, actor=event.actor, text=text, about=key))
    if not entries:
        return Transition(case=case)
    return Transition(case=replace(case, answered=answered, version=case.version + 1), entries=tuple(entries))


def next_actions_ended(case: Case) -> tuple[tuple[str, int], ...]:
    """The due rows of what was next so far, which do not count any more."""
    return ((NEXT_ACTION, case.next_actions),) if case.next_action is not None else ()


def next_action_set(event: NextActionSet, case: Case, now: datetime, school: School) -> Transition:
    """What is next, and a reminder on the day: early where it is still to come, else in the afternoon."""
    _holds(case, event.actor)
    number = case.next_actions + 1
    changed = replace(
        case,
        next_action=NextAction(text=event.text, by=event.by, number=number),
        next_actions=number,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.NEXT_ACTION, actor=event.actor, text=event.text, about=event.by.isoformat())
    at = school.calendar.reminder(event.by, now)
    due = Due(record=case.id, kind=NEXT_ACTION, round=number, step=0, at=at)
    return Transition(case=changed, entries=(entry,), due=(due,), ended=next_actions_ended(case))


def next_action_done(event: NextActionDone, case: Case, now: datetime, school: School) -> Transition:
    """Nothing is to be reminded of any more."""
    _holds(case, event.actor)
    if case.next_action is None:
        raise NotAllowed("Nothing was noted as next.")
    entry = Entry(at=now, kind=EntryKind.NEXT_DONE, actor=event.actor, text=case.next_action.text)
    changed = replace(case, next_action=None, version=case.version + 1)
    return Transition(case=changed, entries=(entry,), ended=next_actions_ended(case))


def action_due(event: ActionDue, case: Case, now: datetime, school: School) -> Transition:
    """What was next is due: whoever has it is reminded, once. A school day later the next in the chain is told."""
    action = case.next_action
    if action is None or action.number != event.number or not case.open:
        return Transition(case=case)
    changed = replace(case, version=case.version + 1)
    taken = case.state is CaseState.TAKEN and case.holder is not None
    if event.step == 0:
        changed = replace(changed, next_action=replace(action, reminded=True))
        at = school.calendar.next_time(event.at, school.calendar.local(event.at).time())
        later = Due(record=case.id, kind=NEXT_ACTION, round=event.number, step=1, at=at)
        ping = frozenset({case.holder}) if taken and case.holder is not None else frozenset()
        entries = (Entry(at=now, kind=EntryKind.REMINDED, people=tuple(ping)),) if ping else ()
        return Transition(case=changed, entries=entries, ping=ping, due=(later,))
    changed = replace(changed, next_action=replace(action, reminded=True, overdue=True))
    if not taken:
        return Transition(case=changed)  # others are being asked to take it: what is overdue stands on the case
    told = next_in_chain(changed, school, now)
    changed = replace(changed, overseers={**case.overseers, **told}, changed_at=now)
    entry = Entry(at=now, kind=EntryKind.OVERDUE, people=tuple(told))
    return Transition(case=changed, entries=(entry,), ping=frozenset(told))


def with_lado_clock(moved: Transition, now: datetime, school: School) -> Transition:
    """Starts or ends the clock: it runs while somebody of the school is concerned and the LADO question is open.

    One working day (allegations guidance; KCSIE, Part 4): of the council's, so that half-term does not stop it.
    """
    case = moved.case
    wanted = case.open and case.concerns_staff and LADO.key not in case.answered
    if wanted == case.lado_open:
        return moved
    if not wanted:
        over = replace(case, lado_open=False, lado_late=False)
        return replace(moved, case=over, ended=(*moved.ended, (LADO_CLOCK, case.lado_clocks)))
    clock = case.lado_clocks + 1
    due = Due(record=case.id, kind=LADO_CLOCK, round=clock, step=0, at=school.calendar.next_working_day(now))
    return replace(moved, case=replace(case, lado_open=True, lado_clocks=clock), due=(*moved.due, due))


def lado_due(event: LadoDue, case: Case, now: datetime, school: School) -> Transition:
    """The LADO question is still open: whoever has it, or is asked, is rung, each working day."""
    if not case.lado_open or event.clock != case.lado_clocks:
        return Transition(case=case)
    waits = case.state is CaseState.WAITING or case.holder is None
    ping = frozenset(case.asked) if waits else frozenset({case.holder} if case.holder is not None else ())
    at = school.calendar.next_working_day(max(now, event.at))
    again = Due(record=case.id, kind=LADO_CLOCK, round=event.clock, step=event.step + 1, at=at)
    entry = Entry(at=now, kind=EntryKind.LADO_OPEN, people=tuple(sorted(ping)))
    changed = replace(case, lado_late=True, version=case.version + 1)
    return Transition(case=changed, entries=(entry,), ping=ping, due=(again,))
