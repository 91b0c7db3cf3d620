"""What whoever has a case does with it, to its end: hand over, name, answer, be reminded, mark, reopen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from policy.case import LADO_CLOCK, NEXT_ACTION, Case, CaseState, EntryKind, RecordId
from policy.case_events import (
    ActionDue,
    Completed,
    Finished,
    HandedOver,
    ImageryMarked,
    LadoDue,
    Linked,
    Named,
    NameUndone,
    NextActionDone,
    NextActionSet,
    Recorded,
    Reopened,
    Taken,
    Unlinked,
)
from policy.case_handling import may_reopen
from policy.case_life_cycle import start, step
from policy.case_record import outcomes_of, questions_of, still_required
from policy.errors import NotAllowed
from policy.people import Duty, PersonId
from policy.processes import ProcessId
from policy.reports import Concerns, Level, ReportKind
from policy.routing import readers
from tests.unit.policy.invented_school import NOW, TODAY, account, answered, case_of, school, triage

HEAD, DEPUTY, DSL, DEPUTY_DSL = (PersonId(name) for name in ("head", "deputy", "dsl", "deputy_dsl"))
CHAIR, TEACHER, COLLEAGUE = (PersonId(name) for name in ("chair", "teacher", "colleague"))
ASTOR = school()
POSTS = triage(ReportKind.HURTFUL_POSTS, Concerns.PUPIL)
COMPLAINT = triage(concerns=Concerns.PARENT)
STAFF = triage(concerns=Concerns.COLLEAGUE, colleague="colleague")
MONDAY = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)


def held(answers: object = POSTS, by: PersonId = HEAD, duty: Duty = Duty.HEADTEACHER) -> Case:
    """A case that somebody has."""
    return step(Taken(by, duty), case_of(answers, ASTOR), NOW, ASTOR).case  # type: ignore[arg-type]


def may(case: Case) -> set[PersonId]:
    """Who may read it."""
    return set(readers(case, ASTOR, NOW))


class TestHandedOver:
    def test_the_other_has_it_and_is_rung(self) -> None:
        moved = step(HandedOver(HEAD, DSL, "you know the family"), held(), NOW, ASTOR)
        assert (moved.case.holder, moved.case.holder_as) == (DSL, Duty.DSL)
        assert moved.case.turn == held().turn + 1
        assert moved.ping == {DSL}
        assert HEAD not in moved.case.asked

    @pytest.mark.parametrize("to", [DEPUTY, TEACHER, HEAD])
    def test_not_to_somebody_who_may_not_read_it(self, to: PersonId) -> None:
        with pytest.raises(NotAllowed):
            step(HandedOver(HEAD, to), held(), NOW, ASTOR)


class TestNamed:
    def test_the_head_is_named_by_the_dsl_and_the_chair_is_told(self) -> None:
        case = held(by=DSL, duty=Duty.DSL)
        moved = step(Named(DSL, HEAD, "it was the head"), case, NOW, ASTOR)
        assert moved.case.process is ProcessId.P06
        assert moved.case.holder == DSL
        assert HEAD not in may(moved.case)
        assert CHAIR in moved.ping
        assert may(moved.case) >= {DSL, CHAIR}

    def test_whoever_has_it_names_themselves_and_loses_it(self) -> None:
        moved = step(Named(HEAD, HEAD, "it is about me"), held(), NOW, ASTOR)
        assert moved.case.state is CaseState.WAITING
        assert HEAD not in may(moved.case)
        assert CHAIR in moved.case.asked

    def test_undone_it_is_as_it_was(self) -> None:
        before = held(by=DSL, duty=Duty.DSL)
        named = step(Named(DSL, HEAD, "it was the head"), before, NOW, ASTOR).case
        moved = step(NameUndone(DSL, HEAD, "it was not"), named, NOW, ASTOR)
        after = moved.case
        assert (after.process, after.concerned, after.concerned_as) == (before.process, frozenset(), frozenset())
        assert HEAD in may(after)
        assert HEAD not in moved.ping
        assert not after.lado_open

    def test_one_of_two_is_undone_and_the_other_stays_out(self) -> None:
        case = held(by=DSL, duty=Duty.DSL)
        for person in (HEAD, DEPUTY):
            case = step(Named(DSL, person, "x"), case, NOW, ASTOR).case
        case = step(NameUndone(DSL, DEPUTY, "x"), case, NOW, ASTOR).case
        assert case.concerned == {HEAD}
        assert case.concerned_as == {Duty.HEADTEACHER}

    def test_a_child_at_risk_stays_one(self) -> None:
        case = step(Named(HEAD, COLLEAGUE, "x"), held(), NOW, ASTOR).case
        assert DSL in may(case)

    def test_whom_the_reporter_named_no_holder_takes_back(self) -> None:
        with pytest.raises(NotAllowed):
            step(NameUndone(HEAD, COLLEAGUE, "x"), held(STAFF), NOW, ASTOR)


class TestQuestions:
    def test_the_police_question_is_required_where_it_is_threatening(self) -> None:
        case = held()
        assert [one.key for one in still_required(case)] == ["nature"]
        case = step(Recorded(HEAD, {"nature": "yes"}), case, NOW, ASTOR).case
        assert [one.key for one in still_required(case)] == ["police"]
        with pytest.raises(NotAllowed, match="Police"):
            step(Finished(HEAD, "recorded", "x"), case, NOW, ASTOR)
        case = step(Recorded(HEAD, {"police": "Not asked: no offence."}), case, NOW, ASTOR).case
        assert step(Finished(HEAD, "recorded", "x"), case, NOW, ASTOR).case.state is CaseState.FINISHED

    def test_answers_are_appended_and_the_newest_counts(self) -> None:
        case = step(Recorded(HEAD, {"nature": "yes"}), held(), NOW, ASTOR).case
        moved = step(Recorded(HEAD, {"nature": "no"}), case, NOW, ASTOR)
        assert [(one.kind, one.about, one.text) for one in moved.entries] == [(EntryKind.ANSWERED, "nature", "No")]
        assert still_required(moved.case) == ()

    def test_a_colleague_named_brings_the_questions_about_staff(self) -> None:
        case = step(Named(HEAD, COLLEAGUE, "x"), held(), NOW, ASTOR).case
        assert "lado" in {one.key for one in questions_of(case)}
        assert {"substantiated", "malicious"} <= {one.key for one in outcomes_of(case)}

    def test_somebody_else_answers_nothing(self) -> None:
        with pytest.raises(NotAllowed):
            step(Recorded(DSL, {"nature": "no"}), held(), NOW, ASTOR)


class TestNextAction:
    def test_a_reminder_then_the_next_in_the_chain(self) -> None:
        moved = step(NextActionSet(HEAD, "ring the mother", date(2026, 11, 23)), held(), NOW, ASTOR)
        [due] = moved.due
        assert (due.kind, due.round, due.step) == (NEXT_ACTION, 1, 0)
        assert due.at == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
        moved = step(ActionDue(1, 0, due.at), moved.case, due.at, ASTOR)
        assert moved.ping == {HEAD}
        [late] = moved.due
        assert late.at == due.at + timedelta(days=1)
        moved = step(ActionDue(1, 1, late.at), moved.case, late.at, ASTOR)
        assert HEAD not in moved.ping
        assert moved.ping
        assert moved.ping <= may(moved.case)

    def test_today_reminds_in_the_afternoon(self) -> None:
        [due] = step(NextActionSet(HEAD, "x", TODAY), held(), NOW, ASTOR).due
        assert due.at == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)

    def test_a_new_one_takes_its_place_and_done_ends_it(self) -> None:
        case = step(NextActionSet(HEAD, "x", TODAY), held(), NOW, ASTOR).case
        moved = step(NextActionSet(HEAD, "y", TODAY), case, NOW, ASTOR)
        assert moved.ended == ((NEXT_ACTION, 1),)
        assert step(ActionDue(1, 0, NOW), moved.case, NOW, ASTOR).case == moved.case
        assert step(NextActionDone(HEAD), moved.case, NOW, ASTOR).ended == ((NEXT_ACTION, 2),)

    def test_finishing_ends_it(self) -> None:
        case = step(NextActionSet(HEAD, "x", TODAY), answered(held(), ASTOR), NOW, ASTOR).case
        assert step(Finished(HEAD, "recorded", "x"), case, NOW, ASTOR).ended == ((NEXT_ACTION, 1),)


class TestLadoClock:
    def test_one_working_day_from_the_report(self) -> None:
        moved = start(
            record=RecordId("record"),
            reference="R7K4Q",
            reporter=TEACHER,
            triage=STAFF,
            account=account(),
            now=NOW,
            school=ASTOR,
        )
        assert [(due.kind, due.at) for due in moved.due if due.kind == LADO_CLOCK] == [(LADO_CLOCK, MONDAY)]

    def test_whoever_has_it_is_rung_until_it_is_answered(self) -> None:
        case = held(STAFF)
        moved = step(LadoDue(1, 0, MONDAY), case, MONDAY, ASTOR)
        assert moved.ping == {HEAD}
        assert [(due.kind, due.step, due.at) for due in moved.due] == [(LADO_CLOCK, 1, MONDAY + timedelta(days=1))]
        told = step(Recorded(HEAD, {"lado": "Told on Friday."}), moved.case, MONDAY, ASTOR)
        assert told.ended == ((LADO_CLOCK, 1),)
        assert not told.case.lado_open
        assert step(LadoDue(1, 1, MONDAY), told.case, MONDAY, ASTOR).case == told.case

    def test_it_begins_when_somebody_is_named(self) -> None:
        moved = step(Named(HEAD, COLLEAGUE, "x"), held(), NOW, ASTOR)
        assert LADO_CLOCK in {due.kind for due in moved.due}
        undone = step(NameUndone(HEAD, COLLEAGUE, "x"), moved.case, NOW, ASTOR).case
        again = step(Named(HEAD, COLLEAGUE, "x"), undone, NOW, ASTOR)
        assert [due.round for due in again.due if due.kind == LADO_CLOCK] == [2]

    def test_a_report_about_no_colleague_has_none(self) -> None:
        assert not step(Completed(account()), held(), NOW, ASTOR).case.lado_open


class TestImagery:
    def test_it_goes_to_the_dsl_at_once(self) -> None:
        moved = step(ImageryMarked(HEAD), held(COMPLAINT), NOW, ASTOR)
        assert (moved.case.process, moved.case.level) == (ProcessId.P04, Level.S1)
        assert moved.case.imagery_marked_at == NOW
        assert moved.case.state is CaseState.WAITING
        assert moved.ping == {DSL, DEPUTY_DSL} == may(moved.case)

    def test_a_dsl_who_has_it_keeps_it_and_the_deputy_is_told(self) -> None:
        moved = step(ImageryMarked(DSL), held(by=DSL, duty=Duty.DSL), NOW, ASTOR)
        assert moved.case.holder == DSL
        assert moved.ping == {DEPUTY_DSL}

    def test_once(self) -> None:
        case = step(ImageryMarked(DSL), held(by=DSL, duty=Duty.DSL), NOW, ASTOR).case
        with pytest.raises(NotAllowed):
            step(ImageryMarked(DSL), case, NOW, ASTOR)


class TestReopened:
    def test_a_new_round(self) -> None:
        case = step(Finished(HEAD, "recorded", "x"), answered(held(), ASTOR), NOW, ASTOR).case
        moved = step(Reopened(DSL, "it began again"), case, NOW, ASTOR)
        assert (moved.case.state, moved.case.round) == (CaseState.WAITING, case.round + 1)
        assert moved.case.outcome is None
        assert {HEAD, DSL} <= moved.ping

    def test_not_by_anybody_else(self) -> None:
        case = step(Finished(HEAD, "recorded", "x"), answered(held(), ASTOR), NOW, ASTOR).case
        assert not may_reopen(case, DEPUTY, ASTOR, NOW)
        with pytest.raises(NotAllowed):
            step(Reopened(DEPUTY, "x"), case, NOW, ASTOR)


def test_two_cases_are_linked_once_and_taken_apart() -> None:
    other = RecordId("other")
    case = step(Linked(HEAD, other), held(), NOW, ASTOR).case
    assert case.linked == {other}
    with pytest.raises(NotAllowed):
        step(Linked(HEAD, other), case, NOW, ASTOR)
    assert step(Unlinked(HEAD, other), case, NOW, ASTOR).case.linked == frozenset()
