"""How long a finished case is kept, who decides what happens then, and the legal hold that forbids to erase it.

Nothing is erased by itself (UK GDPR, Article 5(1)(e): no longer than necessary; who decides is a person).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from enum import StrEnum

from policy.calendar import REMINDERS, long_date
from policy.case import RETENTION, Case, Due, Entry, EntryKind, Transition
from policy.case_events import HoldLifted, HoldSet, KeptUntil, PeriodOver
from policy.errors import NotAllowed
from policy.people import Duty, PersonId
from policy.profile import Since
from policy.routing import Resolver, excluded
from policy.school import School


class Ground(StrEnum):
    """Why a case is erased. A choice and no words: what is written here outlives the case."""

    PERIOD_OVER = "period-over"
    REQUEST = "request"


def end_of_period(case: Case, school: School) -> datetime | None:
    """When somebody is to decide about a finished case, in UTC: 08:15 on a school day; None: no end is planned.

    None for a drill: it holds nothing of anybody's.
    """
    if case.drill:
        return None
    retention = school.profile.retention
    start = case.finished_at if retention.since is Since.FINISHED else case.received_at
    period = retention.period(case.process)
    if start is None or period is None:
        return None
    end = period.after(school.calendar.local(start).date())
    midnight = datetime.combine(end, time(), school.calendar.timezone).astimezone(UTC)
    return school.calendar.next_time(midnight, REMINDERS[0])


def with_end_of_period(before: Case, moved: Transition, school: School) -> Transition:
    """Plans the end where the case has just been finished, and takes it back where it is open again."""
    case = moved.case
    if before.open and not case.open:
        return _planned(moved, end_of_period(case, school))
    if case.open and not before.open:
        again = replace(case, period_over=False, kept_until=None)
        return replace(moved, case=again, ended=(*moved.ended, (RETENTION, case.retentions)))
    return moved


def _planned(moved: Transition, end: datetime | None) -> Transition:
    if end is None:
        return moved
    number = moved.case.retentions + 1
    due = Due(record=moved.case.id, kind=RETENTION, round=number, step=0, at=end)
    return replace(moved, case=replace(moved.case, retentions=number), due=(*moved.due, due))


def deciders(case: Case, school: School, now: datetime) -> frozenset[PersonId]:
    """Who decides about the case at its end: the holders of the first duty of the profile's list that anybody holds.

    Never anybody whom it concerns, or who is left out of it, and nobody whom a person concerned leads. Nobody decides
    about a drill.
    """
    for duty in school.profile.retention.review:
        if found := _free(duty, case, school, now):
            return found
    return frozenset()


def may_hold(case: Case, person: PersonId, school: School, now: datetime) -> bool:
    """Whether the person may set and lift a legal hold: who decides at its end, and the headteacher."""
    return person in deciders(case, school, now) | _free(Duty.HEADTEACHER, case, school, now)


def _free(duty: Duty, case: Case, school: School, now: datetime) -> frozenset[PersonId]:
    if case.drill:
        return frozenset()
    resolver, out = Resolver(case, school, now), excluded(case)
    holders = (person.id for person in school.staff.holding(duty))
    return frozenset(person for person in holders if person not in out and not resolver.passes_over(person, duty))


def waits_for_decision(case: Case) -> bool:
    """Whether the case has reached the end of its period, and nothing holds it back."""
    return not case.open and case.period_over and not case.on_hold


def check_erasable(case: Case, ground: Ground | None = None) -> None:
    """Whether the case may be erased as it is now, on this ground.

    Raises:
        NotAllowed: it may not; the message says why.
    """
    if case.drill:
        raise NotAllowed("It is a drill: how it went stays.")
    if case.open:
        raise NotAllowed("It is not finished: it can be put under legal hold, and nothing else.")
    if case.on_hold:
        raise NotAllowed("It is under legal hold: nothing of it can be erased until that is lifted.")
    if ground is Ground.PERIOD_OVER and not case.period_over:
        raise NotAllowed("Its period is not over.")


def period_over(event: PeriodOver, case: Case, now: datetime, school: School) -> Transition:
    """Somebody is to decide; or the profile keeps it longer by now, and a later end is planned."""
    if case.open or event.number != case.retentions:
        return Transition(case=case)
    end = None if case.kept_until is not None else end_of_period(case, school)
    changed = replace(case, version=case.version + 1)
    if end is not None and end > now:
        return _planned(Transition(case=changed), end)
    entry = Entry(at=now, kind=EntryKind.PERIOD_OVER, people=tuple(sorted(deciders(case, school, now))))
    return Transition(case=replace(changed, period_over=True), entries=(entry,))


def kept_until(event: KeptUntil, case: Case, now: datetime, school: School) -> Transition:
    """It is kept until a day, and somebody decides then."""
    if case.open:
        raise NotAllowed("It is not finished.")
    midnight = datetime.combine(event.until, time(), school.calendar.timezone).astimezone(UTC)
    changed = replace(case, period_over=False, kept_until=event.until, version=case.version + 1)
    entry = Entry(at=now, kind=EntryKind.KEPT, actor=event.actor, text=event.why, about=long_date(event.until))
    ended = ((RETENTION, case.retentions),)
    moved = Transition(case=changed, entries=(entry,), ended=ended)
    return _planned(moved, school.calendar.next_time(max(midnight, now), REMINDERS[0]))


def hold_set(event: HoldSet, case: Case, now: datetime, school: School) -> Transition:
    """Nothing of it can be erased from now on."""
    if case.on_hold or not may_hold(case, event.actor, school, now):
        raise NotAllowed("It is under legal hold already, or that is not yours to decide.")
    entry = Entry(at=now, kind=EntryKind.HELD, actor=event.actor, text=event.why)
    return Transition(case=replace(case, held_by=event.actor, held_at=now, version=case.version + 1), entries=(entry,))


def hold_lifted(event: HoldLifted, case: Case, now: datetime, school: School) -> Transition:
    """It is as if there had been none; what the period says counts again."""
    if not case.on_hold or not may_hold(case, event.actor, school, now):
        raise NotAllowed("It is not under legal hold, or that is not yours to decide.")
    entry = Entry(at=now, kind=EntryKind.HOLD_LIFTED, actor=event.actor, text=event.why)
    return Transition(case=replace(case, held_by=None, held_at=None, version=case.version + 1), entries=(entry,))
