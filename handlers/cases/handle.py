"""What whoever was asked, or has the case, does with it: pass it on, add to the chronology, finish."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from handlers.cases.access import stale, turn_access
from handlers.cases.apply import apply
from handlers.cases.drafts import text_of
from handlers.commands import (
    Answers,
    SendFinish,
    SendForm,
    SendNote,
    SendPassOn,
    StartFinish,
    StartNote,
    StartPassOn,
    form_token,
)
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, TextInput, Words
from policy.case import Case
from policy.case_events import Event, Finished, Noted, PassedOn
from policy.case_life_cycle import step
from policy.errors import NotAllowed
from policy.processes import PROCESSES
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork

PASS_ON_REASONS = (
    Option("busy", "I can't right now"),
    Option("too_close", "I'm too close to it, or it concerns me"),
    Option("other", "Someone else should handle it"),
)
WRITE_SOMETHING = "Write a few words."
CHOOSE_ONE = "Choose one."


FormMaker = Callable[[str, Case, Answers], Form]
"""Makes a form about a case, with what was answered before."""


def fresh_token(case: Case) -> str:
    """A token for a new form about the case."""
    return form_token(case.id, case.turn, secrets.token_hex(16))


async def start_pass_on(command: StartPassOn, uow: UnitOfWork, school: School) -> Reply:
    """I shouldn't handle this: asks why."""
    access = await turn_access(uow, school, command.actor, command.token)
    return Reply(view=_pass_on_form(fresh_token(access.case), access.case, {}))


async def start_note(command: StartNote, uow: UnitOfWork, school: School) -> Reply:
    """Asks what to add to the chronology."""
    access = await turn_access(uow, school, command.actor, command.token)
    if access.case.holder != command.actor:
        raise stale(access.case, school)
    return Reply(view=_note_form(fresh_token(access.case), access.case, {}))


async def start_finish(command: StartFinish, uow: UnitOfWork, school: School) -> Reply:
    """Asks for the outcome, and what was done."""
    access = await turn_access(uow, school, command.actor, command.token)
    if access.case.holder != command.actor:
        raise stale(access.case, school)
    return Reply(view=_finish_form(fresh_token(access.case), access.case, {}))


async def send_pass_on(command: SendPassOn, uow: UnitOfWork, school: School) -> Reply:
    """It is passed on: from now on somebody else is asked."""
    why = text_of(command.answers, "why")
    errors = {} if why in {option.value for option in PASS_ON_REASONS} else {"why": CHOOSE_ONE}
    words = text_of(command.answers, "words")
    label = next((option.label for option in PASS_ON_REASONS if option.value == why), "")
    event = PassedOn(command.actor, f"{label}. {words}".strip(), too_close=why == "too_close")
    return await _send(command, uow, school, words, errors, event, _pass_on_form, "case-passed-on", PASSED_ON)


async def send_note(command: SendNote, uow: UnitOfWork, school: School) -> Reply:
    """A line for the chronology."""
    text = text_of(command.answers, "text")
    errors = {} if says_something(text) else {"text": WRITE_SOMETHING}
    return await _send(command, uow, school, text, errors, Noted(command.actor, text), _note_form, "case-noted", NOTED)


async def send_finish(command: SendFinish, uow: UnitOfWork, school: School) -> Reply:
    """It is finished, with an outcome."""
    note, outcome = text_of(command.answers, "note"), text_of(command.answers, "outcome")
    errors: dict[str, str] = {}
    if not says_something(note):
        errors["note"] = "Say what was done, and why, in a few words."
    event = Finished(command.actor, outcome, note)
    return await _send(command, uow, school, note, errors, event, _finish_form, "case-finished", FINISHED)


PASSED_ON = Notice(title="Passed on", text="Thank you for saying so. Someone else is asked now.")
NOTED = Notice(title="Added", text="It is in the chronology.")
FINISHED = Notice(title="Finished", text="It is finished. The reporter is told that it is, not how.")


async def _send(
    command: SendForm,
    uow: UnitOfWork,
    school: School,
    typed: str,
    errors: dict[str, str],
    event: Event,
    form: FormMaker,
    action: str,
    done: Notice,
) -> Reply:
    access = await turn_access(uow, school, command.actor, command.token, kept=typed)
    case = access.case
    if isinstance(event, Finished) and event.outcome not in {one.key for one in PROCESSES[case.process].outcomes}:
        errors["outcome"] = CHOOSE_ONE
    if errors:
        again = form(command.token, case, command.answers)
        return Reply(view=replace(again, errors=errors), replaces=True, accepted=False)
    try:
        transition = step(event, case, uow.now, school)
    except NotAllowed:
        raise stale(case, school, kept=typed) from None
    await apply(uow, case, transition, action=action, actor=command.actor)
    return Reply(view=done, replaces=True)


def _pass_on_form(token: str, case: Case, answers: Answers) -> Form:
    return Form(
        id="case.pass_on",
        title=f"{case.reference}: pass on",
        submit="Pass it on",
        token=token,
        parts=(
            Choice(
                id="why",
                label="Why should you not handle this?",
                hint="If you are too close to it, you will not be able to open it any more.",
                options=PASS_ON_REASONS,
                value=text_of(answers, "why") or None,
            ),
            TextInput(id="words", label="Anything to add?", multiline=True, value=text_of(answers, "words")),
        ),
    )


def _note_form(token: str, case: Case, answers: Answers) -> Form:
    return Form(
        id="case.note",
        title=f"{case.reference}: add",
        submit="Add",
        token=token,
        parts=(
            TextInput(
                id="text",
                label="What was done, said or decided",
                hint="Nothing is overwritten: a correction is a new line.",
                multiline=True,
                required=True,
                value=text_of(answers, "text"),
            ),
        ),
    )


def _finish_form(token: str, case: Case, answers: Answers) -> Form:
    process = PROCESSES[case.process]
    return Form(
        id="case.finish",
        title=f"{case.reference}: finish",
        submit="Finish",
        token=token,
        parts=(
            Words(text="Before you finish:\n" + "\n".join(f"• {ask}" for ask in process.asks), style="small"),
            Choice(
                id="outcome",
                label="How did it end?",
                options=tuple(Option(one.key, one.label) for one in process.outcomes),
                value=text_of(answers, "outcome") or None,
            ),
            TextInput(
                id="note",
                label="What was done, and why",
                hint="And the reference in your safeguarding system, where there is one.",
                multiline=True,
                required=True,
                value=text_of(answers, "note"),
            ),
        ),
    )
