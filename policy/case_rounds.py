"""The chain of people who are asked until somebody has a case: its steps, its rounds, and a new way for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from policy.case import ESCALATE, Case, CaseState, Due, Entry, EntryKind, Transition
from policy.people import Duty, PersonId
from policy.profile import Wait
from policy.routing import (
    Resolver,
    excluded,
    readers,
)
from policy.school import School


def after(moment: datetime, wait: Wait, school: School) -> datetime:
    """The moment (UTC) that comes this wait after another."""
    return school.calendar.next_time(moment, wait) if isinstance(wait, time) else moment + wait


def fire(
    case: Case,
    number: int,
    now: datetime,
    school: School,
    entries: tuple[Entry, ...],
    *,
    since: int | None = None,
) -> Transition:
    """Fires step `number` (and those from `since` on), or the first after it that asks anybody; schedules the next."""
    chain = school.profile.escalation[case.level]
    resolver = Resolver(case, school, now)
    asked: dict[PersonId, Duty] = {}
    told: frozenset[PersonId] = frozenset()
    for passed in range(number if since is None else since, min(number, len(chain.steps))):
        asked |= resolver.asked_by(chain.step(passed).ask)
        told |= resolver.told_by(chain.step(passed).tell)
    while True:
        asked = {**resolver.asked_by(chain.step(number).ask), **asked}
        told |= resolver.told_by(chain.step(number).tell)
        # A step that adds nobody is skipped, not waited for; the last one is always fired.
        if asked or chain.is_last(number):
            break
        number += 1
    told -= asked.keys()
    reply_by = after(now, chain.wait_before(number + 1), school)
    fired = replace(
        case,
        state=CaseState.WAITING,
        step=number,
        asked={**case.asked, **asked},
        told=case.told | told,
        reply_by=reply_by,
    )
    entries += (Entry(at=now, kind=EntryKind.ASKED, people=tuple(asked)),)
    if told:
        entries += (Entry(at=now, kind=EntryKind.TOLD, people=tuple(sorted(told))),)
    due = Due(record=case.id, kind=ESCALATE, round=case.round, step=number + 1, at=reply_by)
    return Transition(case=fired, entries=entries, ping=frozenset(asked) | told, due=(due,))


def replaced(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
    """Somebody who was asked will not answer: who stands in for them is asked now, not when the step is over."""
    if set(case.asked) <= case.unreachable:
        return next_step(case, now, school, entries)
    known = case.asked.keys() | case.declined | case.unreachable
    more = {person: duty for person, duty in Resolver(case, school, now).recipients().items() if person not in known}
    if not more:
        return Transition(case=case, entries=entries)
    entries += (Entry(at=now, kind=EntryKind.ASKED, people=tuple(more)),)
    return Transition(case=replace(case, asked={**case.asked, **more}), entries=entries, ping=frozenset(more))


def next_step(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
    """Nobody who was asked is left: the next step comes now. The row of the step that came early finds it done."""
    chain = school.profile.escalation[case.level]
    if chain.is_last(case.step):
        return new_round(case, now, school, entries)
    return fire(case, case.step + 1, now, school, entries)


def new_round(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
    """The chain starts anew: who was asked before, and is not asked again, has nothing more to do with it."""
    again = replace(
        case,
        state=CaseState.WAITING,
        holder=None,
        holder_as=None,
        taken_at=None,
        finished_at=None,
        outcome=None,
        outcome_note="",
        asked={},
        told=frozenset(),
        overseers={},
        changed_at=None,
        handed_over_by=None,
        round=case.round + 1,
        turn=case.turn + 1,
    )
    return replace(fire(again, 0, now, school, entries), round_ended=case.round)


def rerouted(
    before: Case,
    case: Case,
    now: datetime,
    school: School,
    entries: tuple[Entry, ...],
    *,
    ping_holder: bool = False,
) -> Transition:
    """After a change of who may see it: a new round where it now goes to others, else an edit of the cards."""
    was = Resolver(before, school, now).recipients()
    is_now = Resolver(case, school, now).recipients()
    out = excluded(case) - excluded(before)
    elsewhere = is_now.keys() != was.keys() or case.level is not before.level or out & case.asked.keys()
    # Whoever has it, or has finished it, and may no longer read it did not end it: it is asked about anew.
    lost = case.holder in readers(before, school, now).keys() - readers(case, school, now).keys()
    if (case.state is CaseState.WAITING and elsewhere) or (case.state is not CaseState.WAITING and lost):
        entries += (Entry(at=now, kind=EntryKind.REROUTED),)
        return new_round(case, now, school, entries)
    asked = {person: duty for person, duty in case.asked.items() if person not in out}
    case = replace(case, asked=asked, told=case.told - out)
    ping = frozenset({case.holder}) if ping_holder and case.holder is not None else frozenset[PersonId]()
    return Transition(case=case, entries=entries, ping=ping)
