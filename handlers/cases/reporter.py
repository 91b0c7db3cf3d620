"""What the reporter can still do: add, correct, ask to withdraw, ask for support. Appended; the holder decides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from handlers.cases.access import reporter_access
from handlers.cases.apply import apply
from handlers.cases.drafts import ids_of, text_of
from handlers.cases.sending import CHOOSE_ONE, WRITE_SOMETHING, FormMaker, again, fresh_token
from handlers.cases.triage_form import picked
from handlers.commands import (
    Answers,
    SendAddition,
    SendCorrection,
    SendForm,
    SendSupport,
    StartAddition,
    StartCorrection,
    StartSupport,
)
from handlers.evidence.give import DONT_SEND, ask_for_files, attach, wants_to_send
from handlers.evidence.words import SEND_NOW
from handlers.ports import Reply
from handlers.views import Choice, FilePicker, Form, Notice, Option, PersonPicker, TextInput, Words
from policy.case import Case, EntryKind
from policy.case_events import ReporterWrote, Retriaged
from policy.case_files import fetches_nothing
from policy.case_life_cycle import step
from policy.people import PersonId
from policy.reports import Concerns
from policy.school import School
from policy.text import says_something
from storage.errors import TooManyFiles
from storage.unit_of_work import UnitOfWork

WHICH = (
    Option("correct", "Correct something"),
    Option("concerns", "It concerns someone at the school whom I have not named"),
    Option("withdraw", "Ask to withdraw the report"),
)


async def start_addition(command: StartAddition, uow: UnitOfWork, _school: School) -> Reply:
    """Asks what to add."""
    case = await reporter_access(uow, command.actor, command.token)
    return Reply(view=_addition_form(fresh_token(case), case, {}))


async def start_correction(command: StartCorrection, uow: UnitOfWork, school: School) -> Reply:
    """Asks what to correct, or why to withdraw."""
    case = await reporter_access(uow, command.actor, command.token)
    return Reply(view=_correction_form(fresh_token(case), case, {}, school=school))


async def start_support(command: StartSupport, uow: UnitOfWork, _school: School) -> Reply:
    """Asks whether to say anything with it."""
    case = await reporter_access(uow, command.actor, command.token)
    return Reply(view=_support_form(fresh_token(case), case, {}))


async def send_addition(command: SendAddition, uow: UnitOfWork, school: School) -> Reply:
    """Something is added to the report: words, files, or both."""
    text = text_of(command.answers, "text")
    follow = "yes" in ids_of(command.answers, "files")
    if (command.files or follow) and not says_something(text):
        return await _add_files(command, uow, school)
    errors = {} if says_something(text) else {"text": WRITE_SOMETHING}
    reply = await _send(command, uow, school, EntryKind.ADDED, text, errors, _addition_form)
    if errors or not (command.files or follow):
        return reply
    of_files = (await _add_files(command, uow, school)).view
    text = f"{DONE[EntryKind.ADDED]} {of_files.text}" if isinstance(of_files, Notice) else DONE[EntryKind.ADDED]
    return replace(reply, view=replace(of_files, text=text) if isinstance(of_files, Notice) else reply.view)


async def _add_files(command: SendAddition, uow: UnitOfWork, school: School) -> Reply:
    case = await reporter_access(uow, command.actor, command.token)
    try:
        case = await attach(uow, case, command.actor, command.files, school)
    except TooManyFiles as error:
        return Reply(view=Notice(title=case.reference, text=str(error)), replaces=True)
    if fetches_nothing(case):
        return Reply(view=Notice(title=case.reference, text=DONT_SEND), replaces=True)
    if wants_to_send(command.answers, case):
        await ask_for_files(uow, command.actor, case)
        return Reply(view=Notice(title=case.reference, text=SEND_NOW), replaces=True)
    return Reply(view=Notice(title=case.reference, text=ADDED_FILES), replaces=True)


async def send_correction(command: SendCorrection, uow: UnitOfWork, school: School) -> Reply:
    """Something is corrected, or the reporter asks to withdraw."""
    text, which = text_of(command.answers, "text"), text_of(command.answers, "which")
    errors = {} if says_something(text) else {"text": WRITE_SOMETHING}
    if which not in {option.value for option in WHICH}:
        errors["which"] = CHOOSE_ONE
    chosen = [person for one in ids_of(command.answers, "person") if (person := school.staff.get(PersonId(one)))]
    if which == "concerns" and not chosen:
        errors["person"] = "Choose who, so that it is kept from them."
    elif which != "concerns" and chosen:
        errors["person"] = "You named somebody: choose that it concerns them, or clear this."
    if which == "concerns" and not errors:
        return await _name(command, uow, school, chosen[0].id, text)
    kind = EntryKind.WITHDRAWAL_ASKED if which == "withdraw" else EntryKind.CORRECTED
    return await _send(command, uow, school, kind, text, errors, partial(_correction_form, school=school))


async def _name(command: SendCorrection, uow: UnitOfWork, school: School, person: PersonId, text: str) -> Reply:
    """It concerns somebody of the school: kept from them from now on, whatever they have had of it so far."""
    case = await reporter_access(uow, command.actor, command.token, kept=text)
    named = step(Retriaged(replace(case.triage, concerns=Concerns.COLLEAGUE, colleague=person)), case, uow.now, school)
    await apply(uow, case, named, action="person-named", actor=command.actor)
    written = step(ReporterWrote(EntryKind.CORRECTED, text), named.case, uow.now, school)
    await apply(uow, named.case, written, action="reporter-corrected", actor=command.actor)
    done = Notice(title=case.reference, text=f"It is kept from {school.staff.name(person)} from now on.")
    return Reply(view=done, replaces=True)


async def send_support(command: SendSupport, uow: UnitOfWork, school: School) -> Reply:
    """The reporter would like support (AS 8.3)."""
    text = text_of(command.answers, "text")
    return await _send(command, uow, school, EntryKind.SUPPORT_ASKED, text, {}, _support_form)


ADDED_FILES = "They are added. Your receipt says how each ends."
DONE = {
    EntryKind.ADDED: "It is added to your report.",
    EntryKind.CORRECTED: "Your correction is added. What you wrote before stays as it was.",
    EntryKind.WITHDRAWAL_ASKED: "Whoever has the report is told that you ask to withdraw it, and decides.",
    EntryKind.SUPPORT_ASKED: "Whoever has the report is told that you would like support.",
}


async def _send(
    command: SendForm,
    uow: UnitOfWork,
    school: School,
    kind: EntryKind,
    text: str,
    errors: dict[str, str],
    form: FormMaker,
) -> Reply:
    case = await reporter_access(uow, command.actor, command.token, kept=text)
    if errors:
        return again(form(command.token, case, command.answers), errors)
    transition = step(ReporterWrote(kind, text), case, uow.now, school)
    await apply(uow, case, transition, action=f"reporter-{kind.replace('_', '-')}", actor=command.actor)
    return Reply(view=Notice(title=case.reference, text=DONE[kind]), replaces=True)


def _addition_form(token: str, case: Case, answers: Answers) -> Form:
    return Form(
        id="report.add",
        title=f"{case.reference}: add",
        submit="Send",
        token=token,
        parts=(
            TextInput(
                id="text",
                label="What would you like to add?",
                multiline=True,
                value=text_of(answers, "text"),
            ),
            *(() if fetches_nothing(case) else (FilePicker(id="files", label="Screenshots"),)),
        ),
    )


def _correction_form(token: str, case: Case, answers: Answers, *, school: School) -> Form:
    return Form(
        id="report.correct",
        title=f"{case.reference}: correct",
        submit="Send",
        token=token,
        parts=(
            Choice(id="which", label="What would you like?", options=WHICH, value=text_of(answers, "which") or None),
            PersonPicker(
                id="person",
                label="If it concerns someone: who?",
                value=picked(ids_of(answers, "person")[:1], school),
            ),
            TextInput(
                id="text",
                label="What is right, or why withdraw it?",
                hint="What you wrote before stays as it was; this is added to it.",
                multiline=True,
                required=True,
                value=text_of(answers, "text"),
            ),
        ),
    )


def _support_form(token: str, case: Case, answers: Answers) -> Form:
    return Form(
        id="report.support",
        title=f"{case.reference}: support",
        submit="Ask for support",
        token=token,
        parts=(
            Words(text="Whoever has your report is told that you would like support. Your union can help too."),
            TextInput(
                id="text", label="Is there anything you want to say?", multiline=True, value=text_of(answers, "text")
            ),
        ),
    )
