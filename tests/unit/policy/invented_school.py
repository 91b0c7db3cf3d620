"""Astor with invented people, one for each duty and one with two, for the tests of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.profiles import load_profile
from policy.case import Case, RecordId
from policy.case_events import Recorded
from policy.case_life_cycle import start, step
from policy.case_record import still_required
from policy.people import Duty, Leave, Person, PersonId, Staff
from policy.reports import Account, Concerns, ReportKind, Source, Triage
from policy.school import School

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
"""A Friday in November, 10:20 on the school's clock too."""

TODAY = date(2026, 11, 20)
ASTOR = load_profile("astor")

PEOPLE: Mapping[str, tuple[Duty, ...]] = {
    "head": (Duty.HEADTEACHER,),
    "deputy": (Duty.DEPUTY_HEADTEACHER, Duty.SLT),
    "slt": (Duty.SLT,),
    "dsl": (Duty.DSL,),
    "deputy_dsl": (Duty.DEPUTY_DSL,),
    "chair": (Duty.CHAIR_OF_GOVERNORS,),
    "vice": (Duty.VICE_CHAIR_OF_GOVERNORS,),
    "network": (Duty.NETWORK_MANAGER,),
    "admin": (Duty.ADMINISTRATOR,),
    "teacher": (),
    "colleague": (),
}
"""Who works there, by the name that the tests use, and what they hold."""


def someone(name: str, duties: tuple[Duty, ...] = (), *, away: bool = False) -> Person:
    """One invented person; `away` is for the whole of today."""
    leave = Leave(first=TODAY, last=TODAY) if away else None
    return Person(
        id=PersonId(name), name=name.title(), email=f"{name}@astor.example", duties=frozenset(duties), leave=leave
    )


def school(
    *, away: tuple[str, ...] = (), gone: tuple[str, ...] = (), duties: Mapping[str, tuple[Duty, ...]] | None = None
) -> School:
    """The school, with these people on leave today, these gone, and these duties in place of the usual ones."""
    held = {**PEOPLE, **(duties or {})}
    return School(ASTOR, Staff(someone(name, held[name], away=name in away) for name in held if name not in gone))


def triage(
    kind: ReportKind = ReportKind.SOMETHING_ELSE,
    concerns: Concerns = Concerns.PUPIL,
    *,
    danger: bool = False,
    imagery: bool = False,
    colleague: str | None = None,
) -> Triage:
    """The answers of a first screen."""
    who = PersonId(colleague) if colleague is not None else None
    return Triage(kind=kind, concerns=concerns, danger=danger, imagery=imagery, colleague=who)


def account(*must_not_see: str) -> Account:
    """The answers of a second screen, leaving out these people."""
    return Account(
        what_happened="what happened",
        source=Source.SAW_IT,
        happened_at=NOW,
        must_not_see=frozenset(PersonId(name) for name in must_not_see),
    )


def case_of(answers: Triage, at: School, *, reporter: str = "teacher", leaving_out: tuple[str, ...] = ()) -> Case:
    """The case of a report that has just been sent, its first step fired."""
    return start(
        record=RecordId("record"),
        reference="R7K4Q",
        reporter=PersonId(reporter),
        triage=answers,
        account=account(*leaving_out),
        now=NOW,
        school=at,
    ).case


def with_duties(at: School, name: str, *duties: Duty) -> School:
    """The school after somebody's duties have changed."""
    return School(
        at.profile,
        Staff(replace(person, duties=frozenset(duties)) if person.id == name else person for person in at.staff),
    )


def answered(case: Case, at: School) -> Case:
    """The case after whoever has it answered everything that has to be answered before it is finished."""
    while open_now := still_required(case):
        assert case.holder is not None
        answers = {one.key: one.options[0].key if one.options else "said" for one in open_now}
        case = step(Recorded(case.holder, answers), case, NOW, at).case
    return case
