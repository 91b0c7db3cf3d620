"""It concerns somebody of the school, found out later; or it does not after all. They are not told, either way."""

from __future__ import annotations

from functools import partial

from handlers.cases.access import turn_access
from handlers.cases.drafts import ids_of, text_of
from handlers.cases.sending import CHOOSE_ONE, WRITE_SOMETHING, send
from handlers.cases.triage_form import picked
from handlers.commands import Answers, SendName, SendUnname
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, PersonPicker, TextInput, Words
from policy.case import Case
from policy.case_events import Named, NameUndone
from policy.people import PersonId
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork


async def send_name(command: SendName, uow: UnitOfWork, school: School) -> Reply:
    """It is kept from them from now on."""
    why = text_of(command.answers, "why")
    case = (await turn_access(uow, school, command.actor, command.token, kept=why)).case
    chosen = next(iter(ids_of(command.answers, "person")), "")
    person = school.staff.get(PersonId(chosen))
    errors = {} if says_something(why) else {"why": WRITE_SOMETHING}
    if person is None:
        errors["person"] = "Choose somebody on the staff list: only they could see it here."
    elif person.id in case.concerned:
        errors["person"] = "It is kept from them already."
    named = PersonId(chosen)
    return await send(
        command,
        uow,
        school,
        Named(command.actor, named, why),
        typed=why,
        errors=errors,
        form=partial(name_form, school=school),
        action="person-named-late",
        done=Notice(title=case.reference, text=f"It is kept from {school.staff.name(named)} from now on."),
    )


async def send_unname(command: SendUnname, uow: UnitOfWork, school: School) -> Reply:
    """It is not kept from them any more."""
    person, why = PersonId(text_of(command.answers, "person")), text_of(command.answers, "why")
    case = (await turn_access(uow, school, command.actor, command.token, kept=why)).case
    errors = {} if says_something(why) else {"why": WRITE_SOMETHING}
    if person not in case.named_late:
        errors["person"] = CHOOSE_ONE
    return await send(
        command,
        uow,
        school,
        NameUndone(command.actor, person, why),
        typed=why,
        errors=errors,
        form=partial(unname_form, school=school),
        action="person-name-undone",
        done=Notice(title=case.reference, text=f"It is not kept from {school.staff.name(person)} any more."),
    )


def name_form(token: str, case: Case, answers: Answers, *, school: School) -> Form:
    """Whom, and how it was found out."""
    return Form(
        id="case.name",
        title=f"{case.reference}: who",
        submit="Name them",
        token=token,
        parts=(
            Words(
                text="They lose it at once and are not told. If you have it and it is about you, name yourself. "
                "The next in the chain sees that you did this. It can be undone."
            ),
            PersonPicker(
                id="person",
                label="Whom does it concern?",
                required=True,
                value=picked(ids_of(answers, "person")[:1], school),
            ),
            TextInput(id="why", label="How do you know?", multiline=True, required=True, value=text_of(answers, "why")),
        ),
    )


def unname_form(token: str, case: Case, answers: Answers, *, school: School) -> Form:
    """Whom not, of those who were named late."""
    options = tuple(Option(person, school.staff.name(person)) for person in sorted(case.named_late))
    return Form(
        id="case.unname",
        title=f"{case.reference}: undo",
        submit="Undo it",
        token=token,
        parts=(
            Words(
                text="What their duties let them read they may read again, also what was written meanwhile. "
                "That they were named is not shown to them. The next in the chain sees that you did this."
            ),
            Choice(id="person", label="Whom does it not concern?", options=options),
            TextInput(id="why", label="How do you know?", multiline=True, required=True, value=text_of(answers, "why")),
        ),
    )
