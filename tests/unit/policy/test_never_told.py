"""Whatever is reported, by whom and about whom, and whatever happens then: nobody learns what is about them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.case import Case, CaseState, EntryKind, RecordId, Transition
from policy.case_events import (
    ActionDue,
    Completed,
    Event,
    Finished,
    HandedOver,
    ImageryMarked,
    LadoDue,
    Named,
    NameUndone,
    NextActionSet,
    PassedOn,
    Recorded,
    Reopened,
    ReporterWrote,
    Retriaged,
    StaffChanged,
    StepDue,
    Taken,
    Unreachable,
)
from policy.case_handling import may_reopen
from policy.case_life_cycle import start, step
from policy.case_record import questions_of, still_required
from policy.people import Duty, PersonId, Staff
from policy.reports import Concerns, ReportKind, Triage
from policy.routing import excluded, readers
from policy.school import School
from tests.unit.policy.invented_school import ASTOR, NOW, TODAY, account, someone

NAMES = ("ann", "bob", "cat", "dan", "eve", "flo")
PEOPLE = st.sampled_from([PersonId(name) for name in NAMES])


@st.composite
def schools(draw: st.DrawFn) -> School:
    """Six people who hold anything, several of them the same, some on leave, some holding nothing."""
    duties = st.lists(st.sampled_from(list(Duty)), max_size=4).map(tuple)
    return School(ASTOR, Staff(someone(name, draw(duties), away=draw(st.booleans())) for name in NAMES))


@st.composite
def triages(draw: st.DrawFn) -> Triage:
    """Any answers to the first screen."""
    concerns = draw(st.sampled_from(list(Concerns)))
    return Triage(
        kind=draw(st.sampled_from(list(ReportKind))),
        concerns=concerns,
        danger=draw(st.booleans()),
        imagery=draw(st.booleans()),
        colleague=draw(PEOPLE) if concerns is Concerns.COLLEAGUE else None,
    )


def an_event(draw: st.DrawFn, case: Case, at: School) -> Event:
    """Anything that can happen to the case as it is now."""
    may_read = sorted(readers(case, at, NOW).items())
    events: list[Event] = [
        StepDue(case.round, case.step + 1, NOW),
        StaffChanged(),
        Retriaged(draw(triages())),
        Completed(account(*draw(st.sets(PEOPLE, max_size=2)))),
        ReporterWrote(EntryKind.ADDED, "more"),
    ]
    if case.state is CaseState.WAITING:
        events += [Unreachable(person) for person in case.asked]
        events += [PassedOn(person, "why", too_close=draw(st.booleans())) for person in case.asked]
        events += [Taken(person, duty) for person, duty in may_read]
    if case.state is CaseState.TAKEN and case.holder is not None:
        events += [PassedOn(case.holder, "why", too_close=draw(st.booleans()))]
        if not still_required(case):
            events.append(Finished(case.holder, "recorded", "x"))
        events += [HandedOver(case.holder, other) for other, _ in may_read if other != case.holder]
        answers = {one.key: one.options[0].key if one.options else "said" for one in questions_of(case)}
        events += [Recorded(case.holder, answers), NextActionSet(case.holder, "ring them", TODAY)]
    if case.state is not CaseState.WAITING and case.holder is not None:
        people = [person for person in at.staff if person.id not in case.concerned]
        events += [Named(case.holder, person.id, "why") for person in people]
        events += [NameUndone(case.holder, person, "why") for person in case.named_late]
    if case.next_action is not None:
        events += [ActionDue(case.next_action.number, step, NOW) for step in (0, 1)]
    if case.lado_open:
        events.append(LadoDue(case.lado_clocks, 0, NOW))
    if not case.imagery:
        events += [ImageryMarked(person) for person, _ in may_read]
    events += [Reopened(person, "why") for person, _ in may_read if may_reopen(case, person, at, NOW)]
    return draw(st.sampled_from(events))


def leaks(moved: Transition, at: School) -> dict[str, set[PersonId]]:
    """Where somebody appears who must learn nothing of the case."""
    out = excluded(moved.case)
    places = {
        "asked": set(moved.case.asked),
        "told": set(moved.case.told),
        "ping": set(moved.ping),
        "overseers": set(moved.case.overseers),
        "readers": set(readers(moved.case, at, NOW)),
        "holder": {moved.case.holder} if moved.case.holder is not None else set(),
        "entries": {
            person
            for entry in moved.entries
            if entry.kind in {EntryKind.ASKED, EntryKind.TOLD, EntryKind.OVERDUE, EntryKind.LADO_OPEN}
            for person in entry.people
        },
    }
    return {place: people & out for place, people in places.items() if people & out}


@given(st.data(), schools(), triages(), PEOPLE, st.sets(PEOPLE, max_size=3))
@settings(max_examples=200, deadline=None)
def test_nobody_learns_what_is_about_them(
    data: st.DataObject, at: School, answers: Triage, reporter: PersonId, left_out: set[PersonId]
) -> None:
    sent = account(*left_out) if data.draw(st.booleans(), label="both screens at once") else None
    moved = start(
        record=RecordId("record"),
        reference="R7K4Q",
        reporter=reporter,
        triage=answers,
        account=sent,
        now=NOW,
        school=at,
    )
    assert not leaks(moved, at)
    for _ in range(data.draw(st.integers(0, 8), label="events")):
        event = data.draw(st.composite(lambda draw, case: an_event(draw, case, at))(moved.case), label="event")
        before = moved.case
        moved = step(event, before, NOW, at)
        assert not leaks(moved, at), event
        assert moved.case.concerned >= before.concerned - (before.named_late.keys() - moved.case.named_late.keys())
        assert moved.case.level <= before.level
        assert moved.case.version >= before.version


@given(schools(), triages(), PEOPLE, st.sets(PEOPLE, max_size=3))
@settings(max_examples=200, deadline=None)
def test_somebody_is_asked_wherever_somebody_may_be(
    at: School, answers: Triage, reporter: PersonId, left_out: set[PersonId]
) -> None:
    case = start(
        record=RecordId("record"),
        reference="R7K4Q",
        reporter=reporter,
        triage=answers,
        account=account(*left_out),
        now=NOW,
        school=at,
    ).case
    governors = {Duty.CHAIR_OF_GOVERNORS, Duty.VICE_CHAIR_OF_GOVERNORS}
    free = {person.id for person in at.staff if person.duties & governors} - excluded(case)
    assert case.asked or not free


@given(schools(), triages(), PEOPLE, st.sets(PEOPLE, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_child_at_risk_reaches_every_dsl_at_work_whom_it_does_not_concern(
    at: School, answers: Triage, reporter: PersonId, left_out: set[PersonId]
) -> None:
    case = start(
        record=RecordId("record"),
        reference="R7K4Q",
        reporter=reporter,
        triage=answers,
        account=account(*left_out),
        now=NOW,
        school=at,
    ).case
    dsls = {person.id for person in at.staff.holding(Duty.DSL)}
    if answers.child_at_risk and not dsls & case.concerned:
        at_work = {person.id for person in at.staff.holding(Duty.DSL) if not person.away(NOW.date())}
        assert at_work <= set(case.asked)
