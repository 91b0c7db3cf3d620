"""What the reporter does to a case: sends it, goes back, adds, corrects, asks to withdraw."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy.case import Case, CaseState, Entry, EntryKind, RecordId, Transition
from policy.case_events import (
    Completed,
    ReporterWrote,
    Retriaged,
)
from policy.case_record import with_lado_clock
from policy.case_rounds import fire, new_round, rerouted
from policy.people import PersonId
from policy.processes import PROCESSES
from policy.reports import Account, Concerns, Level, ReportKind, Triage
from policy.routing import (
    duties_concerned,
    excluded,
    left_out_by_wish,
    people_concerned,
    process_now,
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
    drill: bool = False,
) -> Transition:
    """A new report: routed, and the first step of its chain fired. `drill`: see `policy.drill`."""
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
        drill=drill,
    )
    kind = EntryKind.STARTED if account is None else EntryKind.REPORTED
    return with_lado_clock(fire(case, 0, now, school, (Entry(at=now, kind=kind, actor=reporter),)), now, school)


def retriaged(event: Retriaged, case: Case, now: datetime, school: School) -> Transition:
    """The reporter changed the first screen."""
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
    concerned_as = duties_concerned(triage, concerned, school.staff)
    changed = replace(
        case,
        triage=triage,
        level=level_of(triage).at_least(case.level),
        concerned=case.concerned | concerned,
        concerned_as=case.concerned_as | concerned_as,
        # Whom the reporter names, too, no holder can take back.
        named_late={person: held for person, held in case.named_late.items() if person not in concerned},
        reported_as=case.reported_as | concerned_as,
        version=case.version + 1,
    )
    changed = replace(changed, process=process_now(changed))
    entry = Entry(at=now, kind=EntryKind.TRIAGE_CHANGED, actor=case.reporter)
    return rerouted(case, changed, now, school, (entry,))


def completed(event: Completed, case: Case, now: datetime, school: School) -> Transition:
    """The reporter sent the second screen."""
    changed = replace(
        case,
        account=event.account,
        conflicts=case.conflicts | left_out_by_wish(event.account.must_not_see, excluded(case), school, now),
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=EntryKind.REPORTED, actor=case.reporter)
    if case.state is CaseState.FINISHED:
        # It was finished on the first screen alone: nobody has judged what is told only now.
        return new_round(changed, now, school, (entry, Entry(at=now, kind=EntryKind.REROUTED)))
    return rerouted(case, changed, now, school, (entry,), ping_holder=True)


def reporter_wrote(event: ReporterWrote, case: Case, now: datetime, school: School) -> Transition:
    """The reporter adds, corrects, asks to withdraw or for support: appended, and told to whoever has it."""
    changed = replace(
        case,
        withdrawal_asked=case.withdrawal_asked or event.kind is EntryKind.WITHDRAWAL_ASKED,
        reporter_wrote_at=now,
        conflicts=case.conflicts | left_out_by_wish(event.must_not_see, excluded(case), school, now),
        version=case.version + 1,
    )
    entry = Entry(at=now, kind=event.kind, actor=case.reporter, text=event.text)
    moved = rerouted(case, changed, now, school, (entry,))
    if moved.ping:
        return moved
    return replace(moved, ping=_told_of_news(moved.case, school, now, everybody=event.kind is EntryKind.CORRECTED))


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
