"""A drill: a test report, marked as one, that runs a real chain to its last step and remembers who acknowledged when.

It holds no words of anybody's, and takes none: nothing real can be hidden in it. It is a drill from its first moment,
and nothing else becomes one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.case import DIGEST, Case, CaseState, Entry, EntryKind, RecordId, Transition
from policy.case_asking import staff_changed, step_due, unreachable
from policy.case_events import Event, StaffChanged, StepDue, Taken, Unreachable
from policy.case_reporting import start
from policy.errors import NotAllowed
from policy.people import PersonId
from policy.reports import Concerns, Level, ReportKind, Triage
from policy.school import School

TRIAGES: Mapping[Level, Triage] = {
    level: Triage(kind=kind, concerns=Concerns.PUPIL, danger=False, imagery=False)
    for level, kind in (
        (Level.S1, ReportKind.CHILD_TOLD_ME),
        (Level.S2, ReportKind.HURTFUL_POSTS),
        (Level.S3, ReportKind.FRIEND_REQUEST),
    )
}
"""A report of each level about an invented pupil: it goes where such a report would go."""


def start_drill(
    *, record: RecordId, reference: str, starter: PersonId, level: Level, now: datetime, school: School
) -> Transition:
    """The drill, with the first step of the level's chain fired."""
    return start(
        record=record,
        reference=reference,
        reporter=starter,
        triage=TRIAGES[level],
        account=None,
        now=now,
        school=school,
        drill=True,
    )


def drilled(event: Event, case: Case, now: datetime, school: School) -> Transition:
    """What an event does to a drill: the chain goes on whoever acknowledges, and ends with its last step.

    Raises:
        NotAllowed: it is over, they are not asked, or it is something that is done with real reports alone.
    """
    if case.state is CaseState.FINISHED:
        if isinstance(event, Taken):
            raise NotAllowed("The drill is over.")
        return Transition(case=case)
    match event:
        case Taken():
            return _acknowledged(event, case, now, school)
        case StepDue():
            return _step_due(event, case, now, school)
        case Unreachable():
            moved = unreachable(event, case, now, school)
        case StaffChanged():
            moved = staff_changed(event, case, now, school)
        case _:
            raise NotAllowed("This is a drill: nothing can be recorded in it.")
    # Nobody is left to be asked: a real report would begin anew.
    return moved if moved.case.round == case.round else _over(replace(case, unreachable=moved.case.unreachable), now)


def _acknowledged(event: Taken, case: Case, now: datetime, school: School) -> Transition:
    if event.actor not in case.asked:
        raise NotAllowed("You are not asked in this drill.")
    if event.actor in case.acknowledged:
        return Transition(case=case)
    changed = replace(case, acknowledged=case.acknowledged | {event.actor}, version=case.version + 1)
    entry = Entry(at=now, kind=EntryKind.ACKNOWLEDGED, actor=event.actor)
    last = school.profile.escalation[case.level].is_last(case.step)
    if last and changed.asked.keys() <= changed.acknowledged:
        return _over(changed, now, entry)
    return Transition(case=changed, entries=(entry,))


def _step_due(event: StepDue, case: Case, now: datetime, school: School) -> Transition:
    moved = step_due(event, case, now, school)
    if moved.case == case:
        return moved
    if school.profile.escalation[case.level].is_last(case.step):
        return _over(case, now)
    # A drill is in no digest: its cards ring. Whoever has acknowledged is left in peace.
    listed = {PersonId(due.record) for due in moved.due if due.kind == DIGEST}
    due = tuple(due for due in moved.due if due.kind != DIGEST)
    return replace(moved, ping=(moved.ping | listed) - case.acknowledged, due=due)


def _over(case: Case, now: datetime, *entries: Entry) -> Transition:
    over = replace(
        case,
        state=CaseState.FINISHED,
        finished_at=now,
        reply_by=None,
        turn=case.turn + 1,
        version=case.version + 1,
    )
    return Transition(case=over, entries=(*entries, Entry(at=now, kind=EntryKind.DRILL_OVER)), round_ended=case.round)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How one person fared: when they were first asked, or told whom to phone, and how long they took."""

    person: PersonId
    at: datetime
    told: bool = False
    after: timedelta | None = None
    unreachable: bool = False


def timings(entries: Sequence[Entry]) -> tuple[Timing, ...]:
    """Everybody whom the drill reached for, in the order in which it did."""
    found: dict[PersonId, Timing] = {}
    for entry in entries:
        if entry.kind in {EntryKind.ASKED, EntryKind.TOLD}:
            for person in entry.people:
                found.setdefault(person, Timing(person=person, at=entry.at, told=entry.kind is EntryKind.TOLD))
        elif entry.kind is EntryKind.UNREACHABLE:
            for person in entry.people:
                if person in found:
                    found[person] = replace(found[person], unreachable=True)
        elif entry.kind is EntryKind.ACKNOWLEDGED and entry.actor in found:
            was = found[entry.actor]
            found[entry.actor] = replace(was, after=entry.at - was.at)
    return tuple(found.values())
