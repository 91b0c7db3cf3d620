"""Somebody else is to have the case: hand it over, or take a finished one up again."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from handlers.cases.access import turn_access
from handlers.cases.drafts import text_of
from handlers.cases.sending import CHOOSE_ONE, WRITE_SOMETHING, send
from handlers.commands import Answers, SendHandOver, SendReopen
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, TextInput, Words
from policy.case import Case
from policy.case_events import HandedOver, Reopened
from policy.people import Duty, PersonId
from policy.routing import readers
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork


def eligible(case: Case, school: School, now: datetime) -> dict[PersonId, Duty]:
    """Who may read the case, is there, can be reached, and has not got it."""
    today = school.today(now)
    return {
        person: duty
        for person, duty in readers(case, school, now).items()
        if person not in {case.holder, *case.unreachable}
        and (found := school.staff.get(person)) is not None
        and not found.away(today)
    }


async def send_hand_over(command: SendHandOver, uow: UnitOfWork, school: School) -> Reply:
    """They have it from now on; their phone rings."""
    to, why = PersonId(text_of(command.answers, "to")), text_of(command.answers, "why")
    access = await turn_access(uow, school, command.actor, command.token, kept=why)
    return await send(
        command,
        uow,
        school,
        HandedOver(command.actor, to, why),
        typed=why,
        errors={} if to in eligible(access.case, school, uow.now) else {"to": CHOOSE_ONE},
        form=partial(hand_over_form, school=school, now=uow.now),
        action="case-handed-over",
        done=Notice(title="Handed over", text=f"{school.staff.name(to)} has {access.case.reference} now."),
    )


async def send_reopen(command: SendReopen, uow: UnitOfWork, school: School) -> Reply:
    """It is asked about anew."""
    why = text_of(command.answers, "why")
    return await send(
        command,
        uow,
        school,
        Reopened(command.actor, why),
        typed=why,
        errors={} if says_something(why) else {"why": WRITE_SOMETHING},
        form=reopen_form,
        action="case-reopened",
        done=Notice(title="Reopened", text="People are asked to take it, as when it was new."),
    )


def hand_over_form(token: str, case: Case, answers: Answers, *, school: School, now: datetime) -> Form | Notice:
    """To whom; nobody is offered who may not read it."""
    people = eligible(case, school, now)
    if not people:
        text = "Nobody else may read it and is there. Press “I shouldn't handle this”: then the next person is asked."
        return Notice(title="Nobody to hand it to", text=text)
    options = tuple(Option(person, f"{school.staff.name(person)}, {duty.label}") for person, duty in people.items())
    return Form(
        id="case.hand_over",
        title=f"{case.reference}: hand over",
        submit="Hand over",
        token=token,
        parts=(
            Choice(id="to", label="Who has it from now on?", options=options, value=text_of(answers, "to") or None),
            TextInput(id="why", label="What should they know?", multiline=True, value=text_of(answers, "why")),
            Words(text="Their phone rings. Your buttons on it end.", style="small"),
        ),
    )


def reopen_form(token: str, case: Case, answers: Answers) -> Form:
    """Why."""
    why = TextInput(
        id="why", label="What is still to be done?", multiline=True, required=True, value=text_of(answers, "why")
    )
    return Form(id="case.reopen", title=f"{case.reference}: reopen", submit="Reopen", token=token, parts=(why,))
