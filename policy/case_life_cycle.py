"""What each event does to a case: pure functions from (case, event, now, school) to a transition.

Whether the actor may read the case at all is `routing.readers`' business and asked before; here stands what
the case itself allows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from functools import singledispatch

from policy.case import ESCALATE, Case, CaseState, Due, Entry, EntryKind, RecordId, Transition
from policy.case_events import (
    Completed,
    Event,
    Finished,
    Noted,
    PassedOn,
    ReporterWrote,
    Retriaged,
    StaffChanged,
    StepDue,
    Taken,
    Unreachable,
)
from policy.errors import NotAllowed
from policy.people import Duty, PersonId
from policy.processes import PROCESSES
from policy.profile import Wait
from policy.reports import Account, Concerns, Level, ReportKind, Triage
from policy.routing import (
    Resolver,
    duties_concerned,
    excluded,
    left_out_by_wish,
    people_concerned,
    process_of,
    readers,
)
from policy.school import School


def level_of(triage: Triage) -> Level:
    """How fast somebody must answer: danger, imagery and a child's own words are S1, else as the process says.

    Somebody unknown to the school may be after a child: that is never left to the next school day.
    """
    if triage.urgent:
        return Level.S1
    level = PROCESSES[process_of(triage)].level
    return level.at_least(Level.S2) if triage.concerns in {Concerns.SOMEONE_ELSE, Concerns.DONT_KNOW} else level


def start(
    *,
    record: RecordId,
    reference: str,
    reporter: PersonId,
    triage: Triage,
    account: Account | None,
    now: datetime,
    school: School,
) -> Transition:
    """A new report: routed, and the first step of its chain fired."""
    concerned = people_concerned(triage, reporter, school.staff)
    case = Case(
        id=record,
        reference=reference,
        reporter=reporter,
        received_at=now,
        triage=triage,
        process=process_of(triage),
        level=level_of(triage),
        account=account,
        concerned=concerned,
        concerned_as=duties_concerned(triage, concerned, school.staff),
        conflicts=left_out_by_wish(account.must_not_see, concerned, school, now) if account else frozenset(),
    )
    kind = EntryKind.STARTED if account is None else EntryKind.REPORTED
    return _fire(case, 0, now, school, (Entry(at=now, kind=kind, actor=reporter),))


@singledispatch
def step(event: Event, case: Case, now: datetime, school: School) -> Transition:
    """What the event does to the case.

    Raises:
        NotAllowed: the case does not allow it as it is now; the message says what happened.
    """
    raise TypeError(f"no such event: {type(event).__name__}")


@step.register
def _(event: Retriaged, case: Case, now: datetime, school: School) -> Transition:
    # What has been raised stays raised: a changed mind never lowers the level, nor takes it from the DSL;
    # danger, imagery and a child's own words once reported are the holder's to rule out.
    told = case.triage.kind is ReportKind.CHILD_TOLD_ME
    triage = replace(
        event.triage,
        kind=case.triage.kind if told else event.triage.kind,
        danger=event.triage.danger or case.triage.danger,
        imagery=event.triage.imagery or case.triage.imagery,
    )
    if triage == case.triage:
        return Transition(case=case)
    concerned = people_concerned(triage, case.reporter, school.staff)
    changed = replace(
        case,
        triage=triage,
        process=process_of(triage),
        level=level_of(triage).at_least(case.level),
        concerned=case.concerned | concerned,
        concerned_as=case.concerned_as | duties_concerned(triage, concerned, school.staff),
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.TRIAGE_CHANGED, actor=case.reporter)
    return _rerouted(case, changed, now, school, (entry,))


@step.register
def _(event: Completed, case: Case, now: datetime, school: School) -> Transition:
    changed = replace(
        case,
        account=event.account,
        conflicts=case.conflicts | left_out_by_wish(event.account.must_not_see, excluded(case), school, now),
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.REPORTED, actor=case.reporter)
    if case.state is CaseState.FINISHED:
        # It was finished on the first screen alone: nobody has judged what is told only now.
        return _new_round(changed, now, school, (entry, Entry(at=now, kind=EntryKind.REROUTED)))
    return _rerouted(case, changed, now, school, (entry,), ping_holder=True)


@step.register
def _(event: StepDue, case: Case, now: datetime, school: School) -> Transition:
    if case.state is not CaseState.WAITING or event.round != case.round or event.step <= case.step:
        return Transition(case=case)
    # After a time without anybody here to fire them, the steps that fell due come as one: whoever should have
    # been asked by now is, and no phone rings once for each step.
    chain = school.profile.escalation[case.level]
    last, at = event.step, event.at
    while (following := _after(at, chain.wait_before(last + 1), school)) <= now:
        last, at = last + 1, following
    # Whoever could not be reached before is tried again with every step.
    again = replace(case, unreachable=frozenset(), version=case.version + 1)
    return _fire(again, last, now, school, (), since=event.step)


@step.register
def _(event: Unreachable, case: Case, now: datetime, school: School) -> Transition:
    changed = replace(case, unreachable=case.unreachable | {event.person}, version=case.version + 1)
    entry = Entry(at=now, kind=EntryKind.UNREACHABLE, people=(event.person,))
    if case.state is CaseState.TAKEN and event.person == case.holder:
        return _new_round(changed, now, school, (entry,))
    if case.state is not CaseState.WAITING or event.person in case.unreachable or event.person not in case.asked:
        return Transition(case=case)
    return _replaced(changed, now, school, (entry,))


@step.register
def _(_event: StaffChanged, case: Case, now: datetime, school: School) -> Transition:
    may = readers(case, school, now)
    changed = replace(case, version=case.version + 1)
    if case.state is CaseState.TAKEN:
        return Transition(case=case) if case.holder in may else _new_round(changed, now, school, ())
    asked = {person: duty for person, duty in case.asked.items() if person in may}
    if case.state is CaseState.FINISHED or asked == case.asked:
        return Transition(case=case)
    changed = replace(changed, asked=asked)
    return _replaced(changed, now, school, ()) if asked else _new_round(changed, now, school, ())


@step.register
def _(event: Taken, case: Case, now: datetime, school: School) -> Transition:
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


@step.register
def _(event: PassedOn, case: Case, now: datetime, school: School) -> Transition:
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
        return _new_round(changed, now, school, (entry,))
    return _replaced(changed, now, school, (entry,))


@step.register
def _(event: Noted, case: Case, now: datetime, school: School) -> Transition:
    if case.state is not CaseState.TAKEN or case.holder != event.actor:
        raise NotAllowed(how_it_stands(case, school))
    entry = Entry(at=now, kind=EntryKind.NOTE, actor=event.actor, text=event.text)
    return Transition(case=replace(case, version=case.version + 1), entries=(entry,))


@step.register
def _(event: Finished, case: Case, now: datetime, school: School) -> Transition:
    if case.state is not CaseState.TAKEN or case.holder != event.actor:
        raise NotAllowed(how_it_stands(case, school))
    finished = replace(
        case,
        state=CaseState.FINISHED,
        finished_at=now,
        outcome=event.outcome,
        outcome_note=event.note,
        turn=case.turn + 1,
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.FINISHED, actor=event.actor, text=event.note)
    return Transition(case=finished, entries=(entry,))


@step.register
def _(event: ReporterWrote, case: Case, now: datetime, school: School) -> Transition:
    changed = replace(
        case,
        withdrawal_asked=case.withdrawal_asked or event.kind is EntryKind.WITHDRAWAL_ASKED,
        reporter_wrote_at=now,
        conflicts=case.conflicts | left_out_by_wish(event.must_not_see, excluded(case), school, now),
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=event.kind, actor=case.reporter, text=event.text)
    after = _rerouted(case, changed, now, school, (entry,))
    if after.ping:
        return after
    return replace(after, ping=_told_of_news(after.case, school, now, everybody=event.kind is EntryKind.CORRECTED))


def _told_of_news(case: Case, school: School, now: datetime, *, everybody: bool) -> frozenset[PersonId]:
    """Whose phone rings for what the reporter wrote: whoever has it, or had it last; with them away, every reader.

    A correction is for every reader: it may be about whoever has it. Nobody's while it waits: they are rung anyway.
    """
    if case.state is CaseState.WAITING:
        return frozenset()
    today = school.today(now)
    there = {
        person
        for person in readers(case, school, now)
        if person not in case.unreachable and (found := school.staff.get(person)) is not None and not found.away(today)
    }
    return frozenset(there if everybody or case.holder not in there else there & {case.holder})


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


def _after(moment: datetime, wait: Wait, school: School) -> datetime:
    return school.calendar.next_time(moment, wait) if isinstance(wait, time) else moment + wait


def _fire(
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
    reply_by = _after(now, chain.wait_before(number + 1), school)
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


def _replaced(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
    """Somebody who was asked will not answer: who stands in for them is asked now, not when the step is over."""
    if set(case.asked) <= case.unreachable:
        return _next_step(case, now, school, entries)
    known = case.asked.keys() | case.declined | case.unreachable
    more = {person: duty for person, duty in Resolver(case, school, now).recipients().items() if person not in known}
    if not more:
        return Transition(case=case, entries=entries)
    entries += (Entry(at=now, kind=EntryKind.ASKED, people=tuple(more)),)
    return Transition(case=replace(case, asked={**case.asked, **more}), entries=entries, ping=frozenset(more))


def _next_step(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
    """Nobody who was asked is left: the next step comes now. The row of the step that came early finds it done."""
    chain = school.profile.escalation[case.level]
    if chain.is_last(case.step):
        return _new_round(case, now, school, entries)
    return _fire(case, case.step + 1, now, school, entries)


def _new_round(case: Case, now: datetime, school: School, entries: tuple[Entry, ...]) -> Transition:
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
        round=case.round + 1,
        turn=case.turn + 1,
    )
    return replace(_fire(again, 0, now, school, entries), round_ended=case.round)


def _rerouted(
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
        return _new_round(case, now, school, entries)
    asked = {person: duty for person, duty in case.asked.items() if person not in out}
    case = replace(case, asked=asked, told=case.told - out)
    ping = frozenset({case.holder}) if ping_holder and case.holder is not None else frozenset[PersonId]()
    return Transition(case=case, entries=entries, ping=ping)
