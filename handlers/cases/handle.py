"""What whoever was asked, or has the case, does with it: pass it on, add to the chronology, finish."""

from __future__ import annotations

from handlers.cases.access import stale, turn_access
from handlers.cases.drafts import text_of
from handlers.cases.questions import before_the_end, field_of, question_part, read_answers
from handlers.cases.sending import CHOOSE_ONE, WRITE_SOMETHING, again, fresh_token, happens, send
from handlers.commands import Answers, SendFinish, SendNote, SendPassOn, StartFinish, StartNote, StartPassOn
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, Part, TextInput, Words
from policy.case import Case
from policy.case_events import Finished, Noted, PassedOn, Recorded
from policy.case_record import outcomes_of, still_required
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork

PASS_ON_REASONS = (
    Option("busy", "I can't right now"),
    Option("too_close", "I'm too close to it, or it concerns me"),
    Option("other", "Someone else should handle it"),
)


async def start_pass_on(command: StartPassOn, uow: UnitOfWork, school: School) -> Reply:
    """I shouldn't handle this: asks why."""
    access = await turn_access(uow, school, command.actor, command.token)
    return Reply(view=pass_on_form(fresh_token(access.case), access.case, {}))


async def start_note(command: StartNote, uow: UnitOfWork, school: School) -> Reply:
    """Asks what to add to the chronology."""
    access = await turn_access(uow, school, command.actor, command.token)
    if access.case.holder != command.actor:
        raise stale(access.case, school)
    return Reply(view=note_form(fresh_token(access.case), access.case, {}))


async def start_finish(command: StartFinish, uow: UnitOfWork, school: School) -> Reply:
    """Asks for the outcome, and what was done."""
    access = await turn_access(uow, school, command.actor, command.token)
    if access.case.holder != command.actor:
        raise stale(access.case, school)
    return Reply(view=finish_form(fresh_token(access.case), access.case, {}))


async def send_pass_on(command: SendPassOn, uow: UnitOfWork, school: School) -> Reply:
    """It is passed on: from now on somebody else is asked."""
    why = text_of(command.answers, "why")
    errors = {} if why in {option.value for option in PASS_ON_REASONS} else {"why": CHOOSE_ONE}
    words = text_of(command.answers, "words")
    label = next((option.label for option in PASS_ON_REASONS if option.value == why), "")
    event = PassedOn(command.actor, f"{label}. {words}".strip(), too_close=why == "too_close")
    return await send(
        command,
        uow,
        school,
        event,
        typed=words,
        errors=errors,
        form=pass_on_form,
        action="case-passed-on",
        done=PASSED_ON,
    )


async def send_note(command: SendNote, uow: UnitOfWork, school: School) -> Reply:
    """A line for the chronology."""
    text = text_of(command.answers, "text")
    errors = {} if says_something(text) else {"text": WRITE_SOMETHING}
    event = Noted(command.actor, text)
    return await send(
        command, uow, school, event, typed=text, errors=errors, form=note_form, action="case-noted", done=NOTED
    )


async def send_finish(command: SendFinish, uow: UnitOfWork, school: School) -> Reply:
    """It is finished, with an outcome; what has to be answered before that can be answered with it."""
    note, outcome = text_of(command.answers, "note"), text_of(command.answers, "outcome")
    access = await turn_access(uow, school, command.actor, command.token, kept=note)
    case = access.case
    answers, errors = read_answers(command.answers, case)
    if outcome not in {one.key for one in outcomes_of(case)}:
        errors["outcome"] = CHOOSE_ONE
    if not says_something(note):
        errors["note"] = "Say what was done, and why, in a few words."
    errors |= {field_of(question): NEEDED for question in still_required(case, answers)}
    if errors:
        return again(finish_form(command.token, case, command.answers), errors)
    if answers:
        recorded = Recorded(command.actor, answers)
        case = await happens(recorded, case, uow, school, command, typed=note, action="case-recorded")
    finished = Finished(command.actor, outcome, note)
    await happens(finished, case, uow, school, command, typed=note, action="case-finished")
    return Reply(view=FINISHED, replaces=True)


PASSED_ON = Notice(title="Passed on", text="Thank you for saying so. Someone else is asked now.")
NOTED = Notice(title="Added", text="It is in the chronology.")
FINISHED = Notice(title="Finished", text="It is finished. The reporter is told that it is, not how.")
NEEDED = "The policy asks this before it is finished."


def pass_on_form(token: str, case: Case, answers: Answers) -> Form:
    """Why somebody should not handle it."""
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


def note_form(token: str, case: Case, answers: Answers) -> Form:
    """A line for the chronology."""
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


def finish_form(token: str, case: Case, answers: Answers) -> Form:
    """How it ended, what was done, and what has to be answered before that."""
    needed, others = before_the_end(case)
    parts: list[Part] = [
        Choice(
            id="outcome",
            label="How did it end?",
            options=tuple(Option(one.key, one.label) for one in outcomes_of(case)),
            value=text_of(answers, "outcome") or None,
        ),
        TextInput(
            id="note",
            label="What was done, and why",
            multiline=True,
            required=True,
            value=text_of(answers, "note"),
        ),
        *(question_part(question, case, answers) for question in needed),
    ]
    if others:
        still = "\n".join(f"• {question.text}" for question in others)
        parts.append(Words(text=f"Still open, and no obstacle:\n{still}", style="small"))
    return Form(id="case.finish", title=f"{case.reference}: finish", submit="Finish", token=token, parts=tuple(parts))
