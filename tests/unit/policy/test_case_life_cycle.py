"""What each event does to a case: somebody reports, people are asked, one takes it, it finishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from policy.case import DIGEST, ESCALATE, Case, CaseState, EntryKind, RecordId, Transition
from policy.case_events import (
    Completed,
    Finished,
    Noted,
    PassedOn,
    Recorded,
    ReporterWrote,
    Retriaged,
    StaffChanged,
    StepDue,
    Taken,
    Unreachable,
)
from policy.case_life_cycle import how_it_stands, start, step
from policy.errors import NotAllowed
from policy.people import Duty, PersonId
from policy.processes import ProcessId
from policy.reports import Concerns, Level, ReportKind, Triage
from policy.routing import readers
from policy.school import School
from tests.unit.policy.invented_school import NOW, account, answered, case_of, school, triage

HEAD, DEPUTY, DSL, DEPUTY_DSL = (PersonId(name) for name in ("head", "deputy", "dsl", "deputy_dsl"))
CHAIR, TEACHER = PersonId("chair"), PersonId("teacher")
ASTOR = school()
DISCLOSURE = triage(ReportKind.CHILD_TOLD_ME)
COMPLAINT = triage(concerns=Concerns.PARENT)
PUPIL = triage()
LATER = NOW + timedelta(minutes=7)


def begin(answers: Triage, *, at: School = ASTOR, now: datetime = NOW, sent: bool = True) -> Transition:
    """A report that has just arrived; with `sent` false only the first screen of it."""
    return start(
        record=RecordId("record"),
        reference="R7K4Q",
        reporter=TEACHER,
        triage=answers,
        account=account() if sent else None,
        now=now,
        school=at,
    )


def taken(case: Case, by: PersonId = HEAD, duty: Duty = Duty.HEADTEACHER) -> Case:
    """The case after somebody took it."""
    return step(Taken(by, duty), case, LATER, ASTOR).case


def listed(moved: Transition) -> set[PersonId]:
    """Those whose digest the step brings."""
    return {PersonId(due.record) for due in moved.due if due.kind == DIGEST}


def kinds(moved: Transition) -> list[EntryKind]:
    """What the chronology gained."""
    return [entry.kind for entry in moved.entries]


class TestStart:
    def test_a_disclosure_rings_the_dsl_and_the_deputy_and_gives_them_ten_minutes(self) -> None:
        moved = begin(DISCLOSURE)
        assert moved.ping == {DSL, DEPUTY_DSL} == set(moved.case.asked)
        assert kinds(moved) == [EntryKind.REPORTED, EntryKind.ASKED]
        assert moved.case.reply_by == NOW + timedelta(minutes=10)
        [due] = moved.due
        assert (due.record, due.kind, due.round, due.step, due.at) == ("record", ESCALATE, 1, 1, moved.case.reply_by)

    def test_the_first_screen_alone_starts_the_case(self) -> None:
        moved = begin(DISCLOSURE, sent=False)
        assert kinds(moved) == [EntryKind.STARTED, EntryKind.ASKED]
        assert moved.case.account is None

    def test_a_complaint_on_friday_morning_is_due_at_half_past_three(self) -> None:
        assert begin(COMPLAINT).case.reply_by == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)

    def test_a_complaint_on_friday_evening_is_due_on_monday(self) -> None:
        evening = datetime(2026, 11, 20, 18, tzinfo=UTC)
        assert begin(COMPLAINT, now=evening).case.reply_by == datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


class TestChain:
    def test_each_step_of_an_urgent_chain_comes_ten_minutes_later_and_the_last_repeats(self) -> None:
        moved = begin(DISCLOSURE)
        seen = []
        for number in range(1, 7):
            [due] = moved.due
            assert due.step == number
            assert due.at == NOW + timedelta(minutes=10 * number)
            moved = step(StepDue(due.round, due.step, due.at), moved.case, due.at, ASTOR)
            seen.append((set(moved.ping) - {DSL, DEPUTY_DSL}, set(moved.case.told)))
        leaders = {DEPUTY, PersonId("slt")}
        assert seen == [
            (set(), set()),
            (leaders, set()),
            (leaders | {CHAIR}, {CHAIR}),
            (leaders | {CHAIR}, {CHAIR}),
            (leaders | {CHAIR}, {CHAIR}),
            (leaders | {CHAIR}, {CHAIR}),
        ]
        assert CHAIR not in readers(moved.case, ASTOR, NOW)

    def test_a_chain_of_hours_asks_cover_then_tells_the_chair(self) -> None:
        moved = begin(triage(ReportKind.HURTFUL_POSTS, Concerns.PARENT))
        asked = []
        for number in (1, 2, 3, 4):
            [due] = moved.due
            assert due.at == NOW + timedelta(hours=number)
            moved = step(StepDue(due.round, due.step, due.at), moved.case, due.at, ASTOR)
            asked.append(set(moved.ping))
        assert asked == [{HEAD, DEPUTY}, {HEAD}, {HEAD, CHAIR}, {HEAD, CHAIR}]

    def test_a_complaint_waits_for_the_same_afternoon_then_every_school_morning(self) -> None:
        moved = begin(COMPLAINT)
        when = []
        for _ in range(4):
            [due] = (one for one in moved.due if one.kind == ESCALATE)
            when.append(due.at)
            moved = step(StepDue(due.round, due.step, due.at), moved.case, due.at, ASTOR)
        friday, monday = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
        at_815, at_1530 = timedelta(hours=8, minutes=15), timedelta(hours=15, minutes=30)
        tuesday = monday + timedelta(days=1)
        assert when == [friday + at_1530, monday + at_815, tuesday + at_815, tuesday + timedelta(days=1) + at_815]
        assert DEPUTY in moved.case.asked

    def test_a_step_fires_once(self) -> None:
        first = step(StepDue(1, 1, NOW), begin(DISCLOSURE).case, NOW, ASTOR).case
        again = step(StepDue(1, 1, NOW), first, NOW, ASTOR)
        assert again == Transition(case=first)

    def test_after_hours_without_anybody_to_fire_them_the_steps_come_as_one(self) -> None:
        [due] = begin(DISCLOSURE).due
        late = due.at + timedelta(hours=5)
        moved = step(StepDue(due.round, due.step, due.at), begin(DISCLOSURE).case, late, ASTOR)
        assert moved.ping == {DSL, DEPUTY_DSL, DEPUTY, PersonId("slt"), CHAIR}
        [following] = moved.due
        assert late < following.at <= late + timedelta(minutes=10)
        assert following.step == moved.case.step + 1

    def test_a_step_of_an_older_round_does_nothing(self) -> None:
        case = step(PassedOn(HEAD, "away", too_close=False), taken(begin(PUPIL).case), LATER, ASTOR).case
        assert case.round == 2
        assert step(StepDue(1, 1, NOW), case, LATER, ASTOR) == Transition(case=case)

    def test_a_step_of_a_case_that_somebody_has_does_nothing(self) -> None:
        case = taken(begin(PUPIL).case)
        assert step(StepDue(1, 1, NOW), case, LATER, ASTOR) == Transition(case=case)

    def test_people_are_looked_up_when_the_step_fires(self) -> None:
        case = begin(COMPLAINT).case
        moved = step(StepDue(1, 1, NOW), case, NOW, school(away=("head",)))
        assert listed(moved) == {DEPUTY}
        assert not moved.ping, "the digest rings, and once"

    def test_when_nobody_is_left_the_case_stays_open_and_asks_again(self) -> None:
        nobody = school(gone=("head", "deputy", "chair", "vice", "dsl", "deputy_dsl"))
        moved = begin(COMPLAINT, at=nobody)
        assert not moved.ping
        assert moved.due
        assert listed(step(StepDue(1, moved.due[0].step, NOW), moved.case, NOW, ASTOR)) == {HEAD, DEPUTY}


class TestUnreachable:
    def test_one_of_two_unreachable_is_noted_and_the_other_still_has_time(self) -> None:
        moved = step(Unreachable(DSL), begin(DISCLOSURE).case, NOW, ASTOR)
        assert EntryKind.UNREACHABLE in kinds(moved)
        assert DSL in moved.case.unreachable

    def test_all_unreachable_means_the_next_now(self) -> None:
        case = step(Unreachable(DSL), begin(DISCLOSURE).case, NOW, ASTOR).case
        moved = step(Unreachable(DEPUTY_DSL), case, NOW, ASTOR)
        assert moved.ping == {DEPUTY}
        assert moved.case.step == 1
        assert moved.due[0].step == 2
        # The row of the step that came early finds it done.
        assert step(StepDue(1, 1, NOW), moved.case, NOW, ASTOR) == Transition(case=moved.case)

    def test_a_dsl_who_cannot_be_reached_is_replaced_at_once_though_the_head_was_asked_too(self) -> None:
        moved = step(Unreachable(DSL), begin(PUPIL).case, NOW, ASTOR)
        assert DEPUTY_DSL in moved.ping

    def test_with_nobody_reachable_it_does_not_go_round_in_circles(self) -> None:
        moved = begin(DISCLOSURE)
        for _ in range(20):
            unreached = [person for person in moved.case.asked if person not in moved.case.unreachable]
            if not unreached:
                break
            moved = step(Unreachable(unreached[0]), moved.case, NOW, ASTOR)
        assert moved.case.open
        assert set(moved.case.asked) <= moved.case.unreachable
        assert step(Unreachable(DSL), moved.case, NOW, ASTOR) == Transition(case=moved.case)

    def test_somebody_who_was_not_asked_changes_nothing(self) -> None:
        case = begin(DISCLOSURE).case
        assert step(Unreachable(CHAIR), case, NOW, ASTOR) == Transition(case=case)


class TestTaking:
    def test_whoever_takes_it_has_it_and_the_round_ends(self) -> None:
        before = begin(PUPIL).case
        moved = step(Taken(HEAD, Duty.HEADTEACHER), before, LATER, ASTOR)
        case = moved.case
        assert (case.state, case.holder, case.holder_as) == (CaseState.TAKEN, HEAD, Duty.HEADTEACHER)
        assert case.reply_by is None
        assert case.turn == before.turn + 1
        assert moved.round_ended == before.round
        assert not moved.due

    def test_the_second_of_two_is_told_who_has_it(self) -> None:
        with pytest.raises(NotAllowed, match=r"Head has had R7K4Q since 10:27 on "):
            step(Taken(DSL, Duty.DSL), taken(begin(PUPIL).case), LATER, ASTOR)

    def test_only_who_was_asked_reads_until_then_only_who_has_it_after(self) -> None:
        case = step(StepDue(1, 1, NOW), begin(COMPLAINT, now=NOW).case, NOW, ASTOR).case
        case = step(StepDue(1, 2, NOW), case, NOW, ASTOR).case
        assert set(readers(case, ASTOR, NOW)) == {HEAD, DEPUTY}
        assert set(readers(taken(case), ASTOR, NOW)) == {HEAD}


class TestPassingOn:
    def test_one_of_two_who_declines_leaves_it_to_the_other(self) -> None:
        moved = step(PassedOn(DSL, "in court today", too_close=False), begin(DISCLOSURE).case, NOW, ASTOR)
        assert set(moved.case.asked) == {DEPUTY_DSL}
        assert DSL in readers(moved.case, ASTOR, NOW)

    def test_too_close_to_it_means_not_reading_it_any_more(self) -> None:
        moved = step(PassedOn(DSL, "my nephew", too_close=True), begin(DISCLOSURE).case, NOW, ASTOR)
        assert DSL not in readers(moved.case, ASTOR, NOW)

    def test_a_dsl_who_declines_is_replaced_at_once_though_the_head_was_asked_too(self) -> None:
        moved = step(PassedOn(DSL, "in court", too_close=False), begin(PUPIL).case, NOW, ASTOR)
        assert DEPUTY_DSL in moved.ping

    def test_the_last_who_declines_starts_the_next_step_now(self) -> None:
        moved = step(PassedOn(HEAD, "not mine", too_close=False), begin(COMPLAINT).case, NOW, ASTOR)
        assert moved.ping == {DEPUTY}

    def test_whoever_has_it_passes_it_on_and_the_chain_starts_anew(self) -> None:
        case = taken(begin(PUPIL).case)
        moved = step(PassedOn(HEAD, "a friend's child", too_close=True), case, LATER, ASTOR)
        assert moved.case.state is CaseState.WAITING
        assert moved.case.holder is None
        assert moved.round_ended == case.round
        assert moved.case.round == case.round + 1
        assert set(moved.case.asked) == {DEPUTY, DSL}

    def test_the_only_one_left_is_asked_again_sooner_than_nobody(self) -> None:
        alone = school(gone=("deputy", "chair", "vice", "dsl", "deputy_dsl"))
        moved = step(PassedOn(HEAD, "busy", too_close=False), begin(COMPLAINT, at=alone).case, NOW, alone)
        assert moved.ping == {HEAD}

    def test_nobody_else_passes_it_on(self) -> None:
        with pytest.raises(NotAllowed, match=r"Nobody has R7K4Q yet\."):
            step(PassedOn(CHAIR, "why", too_close=False), begin(PUPIL).case, NOW, ASTOR)
        with pytest.raises(NotAllowed, match="Head has"):
            step(PassedOn(DSL, "why", too_close=False), taken(begin(PUPIL).case), NOW, ASTOR)


class TestStaffChanged:
    def test_the_case_of_somebody_who_left_is_asked_about_anew(self) -> None:
        case = taken(begin(PUPIL).case)
        moved = step(StaffChanged(), case, LATER, school(gone=("head",)))
        assert moved.case.state is CaseState.WAITING
        assert moved.case.round == case.round + 1
        assert set(moved.case.asked) == {DEPUTY, DSL}

    def test_a_case_that_nobody_has_stays_as_it_is(self) -> None:
        case = begin(PUPIL).case
        assert step(StaffChanged(), case, LATER, ASTOR) == Transition(case=case)


class TestHolding:
    def test_notes_and_the_end_are_the_holders_alone(self) -> None:
        case = taken(begin(PUPIL).case)
        for event in (Noted(DSL, "x"), Finished(DSL, "recorded", "x")):
            with pytest.raises(NotAllowed, match="Head has had R7K4Q"):
                step(event, case, LATER, ASTOR)
        for event in (Noted(HEAD, "x"), Finished(HEAD, "recorded", "x")):
            with pytest.raises(NotAllowed, match="Nobody has R7K4Q yet"):
                step(event, begin(PUPIL).case, LATER, ASTOR)

    def test_a_note_is_appended(self) -> None:
        case = taken(begin(PUPIL).case)
        moved = step(Noted(HEAD, "spoke to the parents"), case, LATER, ASTOR)
        assert [(entry.kind, entry.text) for entry in moved.entries] == [(EntryKind.NOTE, "spoke to the parents")]
        assert moved.case.version == case.version + 1
        assert moved.case.turn == case.turn

    def test_it_finishes_with_an_outcome(self) -> None:
        moved = step(Finished(HEAD, "recorded", "done"), answered(taken(begin(PUPIL).case), ASTOR), LATER, ASTOR)
        assert (moved.case.state, moved.case.outcome, moved.case.outcome_note) == (
            CaseState.FINISHED,
            "recorded",
            "done",
        )
        assert not moved.case.open
        with pytest.raises(NotAllowed, match=r"Head finished R7K4Q at 10:27 on "):
            step(Taken(DSL, Duty.DSL), moved.case, LATER, ASTOR)

    def test_how_it_stands_of_somebody_who_left(self) -> None:
        case = taken(begin(PUPIL).case)
        stands = how_it_stands(case, school(gone=("head",)))
        assert stands.startswith("Someone who has left has had R7K4Q since 10:27 on ")


class TestReporter:
    def test_what_the_reporter_adds_is_told_to_whoever_has_it(self) -> None:
        case = taken(begin(PUPIL).case)
        moved = step(ReporterWrote(EntryKind.ADDED, "there is more"), case, LATER, ASTOR)
        assert moved.ping == {HEAD}
        assert not moved.case.withdrawal_asked

    def test_a_wish_to_withdraw_changes_nothing_but_is_there_to_decide(self) -> None:
        case = begin(PUPIL).case
        moved = step(ReporterWrote(EntryKind.WITHDRAWAL_ASKED, "a mistake"), case, LATER, ASTOR)
        assert moved.case.withdrawal_asked
        assert moved.case.state is CaseState.WAITING
        assert not moved.ping


class TestChangedMind:
    def test_the_same_answers_change_nothing(self) -> None:
        case = begin(DISCLOSURE, sent=False).case
        assert step(Retriaged(DISCLOSURE), case, LATER, ASTOR) == Transition(case=case)

    def test_naming_the_head_takes_it_from_them_and_starts_anew(self) -> None:
        case = begin(triage(concerns=Concerns.PARENT, danger=True), sent=False).case
        assert HEAD in case.asked
        moved = step(Retriaged(triage(concerns=Concerns.HEADTEACHER, danger=True)), case, LATER, ASTOR)
        assert set(moved.case.asked) == {CHAIR, DSL, DEPUTY_DSL}
        assert HEAD not in readers(moved.case, ASTOR, LATER)
        assert moved.round_ended == case.round

    def test_a_head_who_took_it_before_they_were_named_has_it_no_longer(self) -> None:
        case = taken(begin(triage(concerns=Concerns.PARENT, danger=True), sent=False).case)
        moved = step(Retriaged(triage(concerns=Concerns.HEADTEACHER, danger=True)), case, LATER, ASTOR)
        assert moved.case.state is CaseState.WAITING
        assert HEAD not in moved.ping | readers(moved.case, ASTOR, LATER).keys()

    def test_the_heads_deputy_who_took_it_before_the_head_was_named_has_it_no_longer(self) -> None:
        at = school(away=("head",))
        case = begin(triage(concerns=Concerns.PARENT, danger=True), at=at, sent=False).case
        case = step(Taken(DEPUTY, Duty.DEPUTY_HEADTEACHER), case, LATER, at).case
        moved = step(Retriaged(triage(concerns=Concerns.HEADTEACHER, danger=True)), case, LATER, at)
        assert moved.case.state is CaseState.WAITING
        assert DEPUTY not in readers(moved.case, at, LATER)

    def test_a_head_who_finished_it_before_they_were_named_did_not_end_it(self) -> None:
        case = taken(begin(triage(concerns=Concerns.PARENT, danger=True), sent=False).case)
        case = step(Finished(HEAD, "no_action", "nothing in it"), answered(case, ASTOR), LATER, ASTOR).case
        moved = step(Retriaged(triage(concerns=Concerns.HEADTEACHER, danger=True)), case, LATER, ASTOR)
        assert moved.case.open
        assert CHAIR in moved.ping
        assert HEAD not in moved.ping | readers(moved.case, ASTOR, LATER).keys()

    def test_imagery_once_possible_stays_and_the_level_never_falls(self) -> None:
        case = begin(triage(concerns=Concerns.PARENT, imagery=True), sent=False).case
        moved = step(Retriaged(COMPLAINT), case, LATER, ASTOR)
        assert moved.case.process is ProcessId.P04
        assert moved.case.level is Level.S1

    def test_danger_taken_back_does_not_switch_off_the_dsl(self) -> None:
        case = begin(triage(concerns=Concerns.PARENT, danger=True), sent=False).case
        moved = step(Retriaged(COMPLAINT), case, LATER, ASTOR)
        assert moved.case.level is Level.S1
        assert DSL in readers(moved.case, ASTOR, LATER)

    def test_the_second_screen_leaves_somebody_out_who_was_asked(self) -> None:
        case = begin(DISCLOSURE, sent=False).case
        moved = step(Completed(account("deputy_dsl")), case, LATER, ASTOR)
        assert EntryKind.REROUTED in kinds(moved)
        assert set(moved.case.asked) == {DSL}

    def test_the_second_screen_never_leaves_out_the_dsl(self) -> None:
        moved = step(Completed(account("dsl")), begin(DISCLOSURE, sent=False).case, LATER, ASTOR)
        assert set(moved.case.asked) == {DSL, DEPUTY_DSL}

    def test_the_second_screen_of_a_case_that_somebody_has_rings_them(self) -> None:
        case = taken(begin(DISCLOSURE, sent=False).case, DSL, Duty.DSL)
        moved = step(Completed(account()), case, LATER, ASTOR)
        assert moved.ping == {DSL}
        assert moved.case.state is CaseState.TAKEN


def test_the_version_grows_with_every_change() -> None:
    case = case_of(PUPIL, ASTOR)
    done = Recorded(HEAD, {"nature": "no"})
    handled = (Taken(HEAD, Duty.HEADTEACHER), Noted(HEAD, "x"), done, Finished(HEAD, "recorded", "x"))
    for event in (StepDue(1, 1, NOW), *handled):
        after = step(event, case, LATER, ASTOR).case
        assert after.version == case.version + 1
        case = after
