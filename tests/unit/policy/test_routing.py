"""Who is asked about which report, and who may read it (domain brief §4, §5 and §8; Astor's profile)."""

from __future__ import annotations

import pytest

from policy.case_events import StepDue
from policy.case_life_cycle import step
from policy.people import Duty, PersonId
from policy.processes import ProcessId
from policy.reports import Concerns, Level, ReportKind, Triage
from policy.routing import process_of, readers
from policy.school import School
from tests.unit.policy.invented_school import ASTOR, NOW, case_of, school, triage, with_duties

FRIEND, POSTS = ReportKind.FRIEND_REQUEST, ReportKind.HURTFUL_POSTS
TOLD, OTHER = ReportKind.CHILD_TOLD_ME, ReportKind.SOMETHING_ELSE
SAFE, DANGER, IMAGERY = (False, False), (True, False), (False, True)
HEAD, CHAIR = {"head"}, {"chair"}
HEAD_AND_DSL = {"head", "dsl"}
SAFEGUARDING = {"dsl", "deputy_dsl"}
ALL_THREE = {"head", "dsl", "deputy_dsl"}
CHAIR_TOO = {"chair", "dsl", "deputy_dsl"}


@pytest.mark.parametrize(
    ("kind", "concerns", "flags", "process", "level", "asked"),
    [
        # A pupil, or nobody knows who: the DSL as well.
        (FRIEND, Concerns.PUPIL, SAFE, "P01", "S3", HEAD_AND_DSL),
        (FRIEND, Concerns.DONT_KNOW, SAFE, "P01", "S2", HEAD_AND_DSL),
        # Somebody unknown to the school may be after a child: not left to the next school day.
        (FRIEND, Concerns.SOMEONE_ELSE, SAFE, "P01", "S2", HEAD_AND_DSL),
        (POSTS, Concerns.SOMEONE_ELSE, SAFE, "P02", "S2", HEAD_AND_DSL),
        (OTHER, Concerns.SOMEONE_ELSE, SAFE, "P09", "S2", HEAD_AND_DSL),
        (POSTS, Concerns.PUPIL, SAFE, "P02", "S2", HEAD_AND_DSL),
        (OTHER, Concerns.PUPIL, SAFE, "P05", "S2", HEAD_AND_DSL),
        (OTHER, Concerns.DONT_KNOW, SAFE, "P05", "S2", HEAD_AND_DSL),
        # A parent: the head alone.
        (FRIEND, Concerns.PARENT, SAFE, "P01", "S3", HEAD),
        (POSTS, Concerns.PARENT, SAFE, "P02", "S2", HEAD),
        (OTHER, Concerns.PARENT, SAFE, "P09", "S3", HEAD),
        # A colleague, whatever it is: P06, not the DSL by default.
        (FRIEND, Concerns.COLLEAGUE, SAFE, "P06", "S2", HEAD_AND_DSL),  # who asks to be a friend asks a pupil
        (POSTS, Concerns.COLLEAGUE, SAFE, "P06", "S2", HEAD),
        (OTHER, Concerns.COLLEAGUE, SAFE, "P06", "S2", HEAD),
        (OTHER, Concerns.MYSELF, SAFE, "P06", "S2", HEAD),
        # A child's own words, danger, imagery: at once, to the DSL and the deputy.
        (TOLD, Concerns.PUPIL, SAFE, "P07", "S1", SAFEGUARDING),
        (TOLD, Concerns.PARENT, SAFE, "P07", "S1", SAFEGUARDING),
        (TOLD, Concerns.COLLEAGUE, SAFE, "P06", "S1", ALL_THREE),
        (FRIEND, Concerns.PARENT, DANGER, "P01", "S1", ALL_THREE),
        (OTHER, Concerns.PARENT, DANGER, "P09", "S1", ALL_THREE),
        (OTHER, Concerns.COLLEAGUE, DANGER, "P06", "S1", ALL_THREE),
        (FRIEND, Concerns.PUPIL, IMAGERY, "P04", "S1", SAFEGUARDING),
        (OTHER, Concerns.PARENT, IMAGERY, "P04", "S1", SAFEGUARDING),
        (OTHER, Concerns.COLLEAGUE, IMAGERY, "P04", "S1", ALL_THREE),
        # About the headteacher: the chair in the head's place.
        (OTHER, Concerns.HEADTEACHER, SAFE, "P06", "S2", CHAIR),
        (FRIEND, Concerns.HEADTEACHER, SAFE, "P06", "S2", {"chair", "dsl"}),
        (TOLD, Concerns.HEADTEACHER, SAFE, "P06", "S1", CHAIR_TOO),
        (OTHER, Concerns.HEADTEACHER, DANGER, "P06", "S1", CHAIR_TOO),
        (OTHER, Concerns.HEADTEACHER, IMAGERY, "P04", "S1", CHAIR_TOO),
    ],
)
def test_each_report_goes_where_the_policy_says(
    kind: ReportKind, concerns: Concerns, flags: tuple[bool, bool], process: str, level: str, asked: set[str]
) -> None:
    colleague = "colleague" if concerns is Concerns.COLLEAGUE else None
    answers = triage(kind, concerns, danger=flags[0], imagery=flags[1], colleague=colleague)
    case = case_of(answers, school())
    assert process_of(answers) is case.process is ProcessId(process)
    assert case.level is Level(level)
    assert set(case.asked) == asked


def asked_over_time(answers: Triage, at: School, *, leaving_out: tuple[str, ...] = (), steps: int = 6) -> set[str]:
    """Everybody who is asked if nobody ever answers."""
    case = case_of(answers, at, leaving_out=leaving_out)
    for _ in range(steps):
        case = step(StepDue(case.round, case.step + 1, NOW), case, NOW, at).case
    return set(case.asked)


def may_read(answers: Triage, at: School, *, leaving_out: tuple[str, ...] = ()) -> set[str]:
    """Who may read the report just after it was sent."""
    return set(readers(case_of(answers, at, leaving_out=leaving_out), at, NOW))


ABOUT_THE_HEAD = triage(OTHER, Concerns.HEADTEACHER)


def test_a_report_about_the_head_is_read_by_the_chair_alone() -> None:
    assert may_read(ABOUT_THE_HEAD, school()) == {"chair"}


def test_a_report_about_the_head_that_nobody_takes_reaches_the_vice_chair_and_nobody_whom_the_head_leads() -> None:
    assert asked_over_time(ABOUT_THE_HEAD, school()) == {"chair", "vice"}


def test_the_head_chosen_by_name_as_a_colleague_is_the_head() -> None:
    assert may_read(triage(OTHER, Concerns.COLLEAGUE, colleague="head"), school()) == {"chair"}


def test_a_head_who_reports_themselves_does_not_handle_it() -> None:
    at = school()
    case = case_of(triage(OTHER, Concerns.MYSELF), at, reporter="head")
    assert set(case.asked) == {"chair"}
    assert set(readers(case, at, NOW)) == {"chair"}


@pytest.mark.parametrize("flags", [DANGER, IMAGERY])
def test_a_child_at_risk_from_the_head_reaches_chair_and_dsl_and_never_the_heads_deputies(
    flags: tuple[bool, bool],
) -> None:
    answers = triage(OTHER, Concerns.HEADTEACHER, danger=flags[0], imagery=flags[1])
    assert asked_over_time(answers, school()) == {"chair", "vice", "dsl", "deputy_dsl"}


def test_the_heads_deputy_is_skipped_as_a_person_whatever_else_they_hold() -> None:
    at = school(gone=("chair", "vice"))
    routes = {**ASTOR.routes, ProcessId.P06: ASTOR.routes[ProcessId.P06].model_copy(update={"never": ()})}
    at = School(ASTOR.model_copy(update={"routes": routes}), at.staff)
    answers = triage(OTHER, Concerns.HEADTEACHER, danger=True)
    assert asked_over_time(answers, at) == {"dsl", "deputy_dsl", "slt"}


def test_a_head_who_is_the_deputy_dsl_as_well_still_hears_of_the_dsl() -> None:
    at = school(gone=("deputy_dsl",), duties={"head": (Duty.HEADTEACHER, Duty.DEPUTY_DSL)})
    assert set(case_of(triage(OTHER, Concerns.COLLEAGUE, danger=True, colleague="dsl"), at).asked) == {"head"}


def test_a_deputy_head_who_is_the_dsl_still_hears_of_a_child_at_risk_from_the_head() -> None:
    at = school(gone=("dsl",), duties={"deputy": (Duty.DEPUTY_HEADTEACHER, Duty.DSL)})
    answers = triage(OTHER, Concerns.HEADTEACHER, danger=True)
    assert set(case_of(answers, at).asked) == {"chair", "deputy", "deputy_dsl"}


def test_the_chair_away_the_vice_chair_is_asked_about_the_head() -> None:
    at = school(away=("chair",))
    case = case_of(ABOUT_THE_HEAD, at)
    assert set(case.asked) == {"vice"}
    assert set(readers(case, at, NOW)) == {"chair", "vice"}


def test_a_report_about_the_dsl_goes_to_the_head_and_not_to_the_dsls_deputy() -> None:
    at = school()
    case = case_of(triage(TOLD, Concerns.COLLEAGUE, colleague="dsl"), at)
    assert set(case.asked) == {"head"}
    assert set(readers(case, at, NOW)) == {"head"}


def test_imagery_that_concerns_the_dsl_goes_to_the_head() -> None:
    answers = triage(OTHER, Concerns.COLLEAGUE, imagery=True, colleague="dsl")
    assert set(case_of(answers, school()).asked) == {"head"}


def test_one_of_two_dsls_concerned_the_other_hears_of_a_child_at_risk() -> None:
    at = school(duties={"colleague": (Duty.DSL,)})
    case = case_of(triage(TOLD, Concerns.COLLEAGUE, colleague="dsl"), at)
    assert set(case.asked) == {"head", "colleague"}
    assert set(readers(case, at, NOW)) == {"head", "colleague"}


def test_a_head_who_is_the_dsl_as_well_is_out_of_both_and_the_deputy_dsl_hears() -> None:
    at = school(gone=("dsl",), duties={"head": (Duty.HEADTEACHER, Duty.DSL)})
    case = case_of(triage(OTHER, Concerns.HEADTEACHER, danger=True), at)
    assert set(case.asked) == {"chair", "deputy_dsl"}
    assert set(readers(case, at, NOW)) == {"chair", "deputy_dsl"}


def test_the_dsl_on_leave_is_covered_by_the_deputy() -> None:
    at = school(away=("dsl",))
    case = case_of(triage(OTHER, Concerns.PUPIL), at)
    assert case.asked == {PersonId("head"): Duty.HEADTEACHER, PersonId("deputy_dsl"): Duty.DEPUTY_DSL}


def test_the_head_on_leave_is_covered_by_the_deputy_head() -> None:
    assert set(case_of(triage(OTHER, Concerns.PARENT), school(away=("head",))).asked) == {"deputy"}


def test_somebody_with_two_duties_is_asked_once() -> None:
    at = school(gone=("dsl",), duties={"head": (Duty.HEADTEACHER, Duty.DSL)})
    case = case_of(triage(OTHER, Concerns.PUPIL), at)
    assert case.asked == {PersonId("head"): Duty.HEADTEACHER}


def test_a_reporters_wish_leaves_people_out_but_never_the_dsl() -> None:
    at = school()
    answers = triage(OTHER, Concerns.PUPIL)
    case = case_of(answers, at, leaving_out=("head", "dsl"))
    assert set(case.asked) == {"deputy", "dsl"}
    assert "head" not in readers(case, at, NOW)
    assert "head" not in asked_over_time(answers, at, leaving_out=("head", "dsl"))


def test_the_person_it_concerns_is_never_asked_nor_reads_whatever_they_hold() -> None:
    at = school()
    for name in ("deputy", "slt", "dsl", "deputy_dsl", "chair", "vice", "network"):
        answers = triage(TOLD, Concerns.COLLEAGUE, danger=True, imagery=True, colleague=name)
        assert name not in asked_over_time(answers, at)
        assert name not in may_read(answers, at)


def test_colleagues_of_the_person_it_concerns_are_not_asked() -> None:
    answers = triage(OTHER, Concerns.COLLEAGUE, danger=True, colleague="colleague")
    assert not asked_over_time(answers, school()) & {"slt"}


def test_senior_leaders_are_asked_in_the_end_about_a_child_in_danger() -> None:
    assert {"deputy", "slt"} <= asked_over_time(triage(OTHER, Concerns.PUPIL, danger=True), school())


def test_with_everybody_on_leave_somebody_is_asked_all_the_same() -> None:
    at = school(away=("head", "deputy", "slt", "dsl", "deputy_dsl", "chair", "vice"))
    assert set(case_of(triage(OTHER, Concerns.PUPIL), at).asked) == {"head"}
    assert set(case_of(triage(TOLD, Concerns.PUPIL), at).asked) == {"dsl"}
    assert set(case_of(ABOUT_THE_HEAD, at).asked) == {"chair"}


def test_the_last_resort_is_deputy_head_then_head_then_chair_then_vice_chair() -> None:
    safeguarding = ("dsl", "deputy_dsl")
    answers = triage(TOLD, Concerns.PUPIL)
    assert set(case_of(answers, school(gone=safeguarding)).asked) == {"deputy"}
    assert set(case_of(answers, school(gone=safeguarding, away=("deputy",))).asked) == {"head"}
    assert set(case_of(answers, school(gone=(*safeguarding, "deputy", "head"))).asked) == {"chair"}
    assert set(case_of(answers, school(gone=(*safeguarding, "deputy", "head", "chair"))).asked) == {"vice"}


def test_with_nobody_left_nobody_is_asked_and_the_case_stays_open() -> None:
    assert set(case_of(ABOUT_THE_HEAD, school(gone=("chair", "vice"))).asked) == {"dsl"}
    at = school(gone=("chair", "vice", "dsl", "deputy_dsl"))
    case = case_of(ABOUT_THE_HEAD, at)
    assert not case.asked
    assert case.open
    assert not readers(case, at, NOW)


@pytest.mark.parametrize("name", ["head", "dsl"])
def test_whoever_loses_the_duty_loses_the_case(name: str) -> None:
    at = school()
    case = case_of(triage(OTHER, Concerns.PUPIL), at)
    assert name in readers(case, at, NOW)
    assert name not in readers(case, with_duties(at, name, Duty.SLT), NOW)
    assert name not in readers(case, school(gone=(name,)), NOW)


def test_technical_staff_and_the_reporter_read_nothing() -> None:
    for concerns in Concerns:
        answers = triage(
            OTHER, concerns, danger=True, colleague="colleague" if concerns is Concerns.COLLEAGUE else None
        )
        assert not may_read(answers, school()) & {"network", "admin", "teacher"}
