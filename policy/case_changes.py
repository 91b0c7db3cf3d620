"""What is found out about a case since it was reported: whom it concerns, imagery, another report of the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy.case import Case, CaseState, Entry, EntryKind, Transition
from policy.case_events import ImageryMarked, Linked, Named, NameUndone, Unlinked
from policy.case_rounds import new_round, rerouted
from policy.errors import NotAllowed
from policy.people import Duty, PersonId
from policy.processes import PROCESSES
from policy.routing import Resolver, next_in_chain, process_now
from policy.school import School


def _as_it_is_now(case: Case) -> Case:
    """The case, run as what it has turned out to be. A level that was raised stays so."""
    case = replace(case, process=process_now(case), version=case.version + 1)
    return replace(case, level=case.level.at_least(PROCESSES[case.process].level))


def _told(before: Case, case: Case, now: datetime, school: School, entry: Entry, but: PersonId) -> Transition:
    """Who may read follows; beside whoever did it, the next in the chain is told that it was done."""
    moved = rerouted(before, case, now, school, (entry,))
    if moved.case.state is CaseState.WAITING:
        return moved
    overseers = {**moved.case.overseers, **next_in_chain(moved.case, school, now)}
    overseers = {person: duty for person, duty in overseers.items() if person not in {but, case.holder}}
    told = replace(moved.case, overseers=overseers, changed_at=now)
    return replace(moved, case=told, ping=frozenset(overseers))


def _held_last(case: Case, actor: PersonId) -> None:
    if case.state is CaseState.WAITING or case.holder != actor:
        raise NotAllowed("Somebody else has it.")


def named(event: Named, case: Case, now: datetime, school: School) -> Transition:
    """It is kept from them from now on, whatever they hold and whatever they have had of it; they are not told."""
    _held_last(case, event.actor)
    person = school.staff.get(event.person)
    if person is None or event.person in case.concerned:
        raise NotAllowed("They are named already, or not on the staff list.")
    changed = replace(
        case,
        concerned=case.concerned | {person.id},
        concerned_as=case.concerned_as | person.duties,
        reported_as=case.reported_as if case.named_late else case.concerned_as,
        named_late={**case.named_late, person.id: person.duties},
        overseers={other: duty for other, duty in case.overseers.items() if other != person.id},
    )
    entry = Entry(at=now, kind=EntryKind.NAMED, actor=event.actor, text=event.why, people=(person.id,))
    return _told(case, _as_it_is_now(changed), now, school, entry, but=event.actor)


def name_undone(event: NameUndone, case: Case, now: datetime, school: School) -> Transition:
    """It does not concern them: they may read what their duties let them read. The next in the chain is told."""
    _held_last(case, event.actor)
    if event.person not in case.named_late:
        raise NotAllowed("They were not named here.")
    left = {person: held for person, held in case.named_late.items() if person != event.person}
    changed = replace(
        case,
        concerned=case.concerned - {event.person},
        concerned_as=case.reported_as.union(*left.values()),
        named_late=left,
    )
    entry = Entry(at=now, kind=EntryKind.NAME_UNDONE, actor=event.actor, text=event.why, people=(event.person,))
    moved = _told(case, _as_it_is_now(changed), now, school, entry, but=event.actor)
    # That they were named is nothing they are told, either.
    return replace(moved, ping=moved.ping - {event.person}) if moved.round_ended is None else moved


def imagery_marked(event: ImageryMarked, case: Case, now: datetime, school: School) -> Transition:
    """It runs as imagery (P04) from now on: the DSL is rung at once, and has it where nobody of theirs does.

    The evidence is quarantined, unseen, by whoever stores what became of the case.
    """
    if case.imagery:
        raise NotAllowed("It is marked already.")
    changed = _as_it_is_now(replace(case, imagery_marked_at=now))
    entry = Entry(at=now, kind=EntryKind.IMAGERY_MARKED, actor=event.actor, text=event.where)
    recipients: dict[PersonId, Duty] = Resolver(changed, school, now).recipients()
    if case.state is not CaseState.TAKEN or case.holder not in recipients:
        return new_round(changed, now, school, (entry, Entry(at=now, kind=EntryKind.REROUTED)))
    told = {person: duty for person, duty in recipients.items() if person != event.actor}
    changed = replace(changed, changed_at=now, overseers={**case.overseers, **told})
    return Transition(case=changed, entries=(entry,), ping=frozenset(told))


def linked(event: Linked, case: Case, now: datetime, school: School) -> Transition:
    """It is about the same as the other case. Nobody's card changes."""
    if event.other == case.id or event.other in case.linked:
        raise NotAllowed("They are linked already.")
    entry = Entry(at=now, kind=EntryKind.LINKED, actor=event.actor, record=event.other)
    both = replace(case, linked=case.linked | {event.other}, version=case.version + 1)
    return Transition(case=both, entries=(entry,))


def unlinked(event: Unlinked, case: Case, now: datetime, school: School) -> Transition:
    """It is not about the same as the other case after all."""
    if event.other not in case.linked:
        raise NotAllowed("They are not linked.")
    entry = Entry(at=now, kind=EntryKind.UNLINKED, actor=event.actor, record=event.other)
    apart = replace(case, linked=case.linked - {event.other}, version=case.version + 1)
    return Transition(case=apart, entries=(entry,))
