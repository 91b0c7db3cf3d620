"""The first screen of a report: what is asked, and how the answers are read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from handlers.cases.drafts import ReportDraft, ids_of, text_of
from handlers.commands import Answers
from handlers.views import Button, Buttons, Choice, Form, Option, Part, PersonPicker, Words
from handlers.words import safeguarding_contact
from policy.people import PersonId
from policy.reports import Concerns, ReportKind, Triage
from policy.school import School

E = TypeVar("E", bound=StrEnum)

KINDS = (
    Option(ReportKind.FRIEND_REQUEST, "Friend or follow request"),
    Option(ReportKind.HURTFUL_POSTS, "Hurtful or threatening posts"),
    Option(ReportKind.CHILD_TOLD_ME, "A child told me something"),
    Option(ReportKind.SOMETHING_ELSE, "Something else"),
)
WHO = (
    Option(Concerns.PUPIL, "A pupil"),
    Option(Concerns.PARENT, "A parent"),
    Option(Concerns.COLLEAGUE, "A colleague (say who below)"),
    Option(Concerns.HEADTEACHER, "The headteacher"),
    Option(Concerns.MYSELF, "Me"),
    Option(Concerns.SOMEONE_ELSE, "Someone else"),
    Option(Concerns.DONT_KNOW, "I don't know"),
)
UNLISTED = Option("unlisted", "Someone who is not in this list")
NO, YES = "no", "yes"


def triage_form(token: str, draft: ReportDraft, school: School, now: datetime, *, begun: str = "") -> Form:
    """The first screen, with what was answered before; `begun` says when an unsent report was begun."""
    answers = draft.triage
    contact = safeguarding_contact(school, now)
    parts: list[Part] = []
    if begun:
        parts += [
            Words(text=f"You began this report at {begun} and have not sent it. It is as you left it."),
            Buttons((Button(action="report.afresh", label="Start a new one instead", token=token),)),
        ]
    parts += [
        Words(
            text=f"Danger now? Call 999 first. A child told you something? Tell {contact} in person.", style="warning"
        ),
        Choice(id="kind", label="1. What is it?", options=KINDS, value=_one(answers, "kind")),
        Choice(
            id="concerns",
            label="2. Who does it concern?",
            hint="Whoever did it or sent it. They will not see this report.",
            options=WHO,
            value=_one(answers, "concerns"),
        ),
        PersonPicker(
            id="colleague",
            label="If a colleague: who?",
            hint="So that it is kept from them.",
            value=picked(ids_of(answers, "colleague")[:1], school),
        ),
        Choice(
            id="danger",
            label="3. Is anyone in danger now?",
            options=(Option(NO, "No"), Option(YES, "Yes, or not sure")),
            value=_one(answers, "danger"),
        ),
        Choice(
            id="imagery",
            label="4. Could any picture or video show someone under 18 naked or partly naked?",
            hint="Include AI-made ones. Don't look to check.",
            options=(Option(NO, "No, or no pictures"), Option(YES, "Yes, or not sure")),
            value=_one(answers, "imagery"),
        ),
        Words(text="You don't need proof.", style="small"),
    ]
    if text_of(draft.details, "what_happened"):
        parts.append(Words(text="What you typed is kept for the next screen.", style="small"))
    return Form(id="report.triage", title="Report an incident", submit="Next", token=token, parts=tuple(parts))


def read_triage(answers: Answers, reporter: PersonId, school: School) -> tuple[Triage | None, dict[str, str]]:
    """The answers, or what to do about those that cannot be taken, by field."""
    errors: dict[str, str] = {}
    kind = _enum(ReportKind, answers, "kind", errors)
    concerns = _enum(Concerns, answers, "concerns", errors)
    danger = _yes_or_no(answers, "danger", errors)
    imagery = _yes_or_no(answers, "imagery", errors)
    chosen = ids_of(answers, "colleague")
    colleague: PersonId | None = None
    if concerns is Concerns.COLLEAGUE and not chosen:
        errors["colleague"] = f'Choose who. Not in the list? Choose "{UNLISTED.label}".'
    elif chosen and concerns is not None and concerns is not Concerns.COLLEAGUE:
        errors["colleague"] = 'You named a colleague: choose "A colleague" in question 2, or clear this.'
    elif chosen and chosen[0] != UNLISTED.value:
        person = school.staff.get(PersonId(chosen[0]))
        if person is None:
            errors["colleague"] = "They are not on the staff list any more. Choose again."
        else:
            colleague = person.id
    if errors or kind is None or concerns is None:
        return None, errors
    if colleague == reporter:
        concerns, colleague = Concerns.MYSELF, None
    return Triage(kind=kind, concerns=concerns, danger=danger, imagery=imagery, colleague=colleague), {}


def picked(ids: tuple[str, ...], school: School) -> tuple[Option, ...]:
    """The people of these ids as a picker shows them; those unknown now are left out."""
    options = [UNLISTED if one == UNLISTED.value else _person(one, school) for one in ids]
    return tuple(option for option in options if option is not None)


def _person(one: str, school: School) -> Option | None:
    person = school.staff.get(PersonId(one))
    return Option(person.id, person.name) if person is not None else None


def _one(answers: Answers, field: str) -> str | None:
    return text_of(answers, field) or None


def _enum(kind: type[E], answers: Answers, field: str, errors: dict[str, str]) -> E | None:
    answer = text_of(answers, field)
    if answer in list(kind):
        return kind(answer)
    errors[field] = "Choose one."
    return None


def _yes_or_no(answers: Answers, field: str, errors: dict[str, str]) -> bool:
    answer = text_of(answers, field)
    if answer not in {YES, NO}:
        errors[field] = "Choose one. If you are not sure, choose yes."
    return answer == YES
