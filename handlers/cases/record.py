"""Record what was done: what the policy asks, partly and as often as one likes, and anything else."""

from __future__ import annotations

from handlers.cases.access import stale, turn_access
from handlers.cases.drafts import text_of
from handlers.cases.questions import before_the_end, is_field, question_part, read_answers
from handlers.cases.sending import again, fresh_token, happens
from handlers.commands import Answers, SendRecord, StartRecord
from handlers.ports import Reply
from handlers.views import Form, Notice, Part, TextInput
from policy.case import Case
from policy.case_events import Noted, Recorded
from policy.case_record import questions_of, still_required
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork

NOTHING = "Answer something, or write what was done."


async def start_record(command: StartRecord, uow: UnitOfWork, school: School) -> Reply:
    """Asks what was done."""
    access = await turn_access(uow, school, command.actor, command.token)
    if access.case.holder != command.actor:
        raise stale(access.case, school)
    return Reply(view=record_form(fresh_token(access.case), access.case, {}))


async def send_record(command: SendRecord, uow: UnitOfWork, school: School) -> Reply:
    """Appended to the chronology; says what is still needed before it can be finished."""
    note = text_of(command.answers, "note")
    fields = (field for field in command.answers if is_field(field))
    typed = "\n".join(text for text in (note, *(text_of(command.answers, field) for field in fields)) if text)
    access = await turn_access(uow, school, command.actor, command.token, kept=typed)
    case = access.case
    answers, errors = read_answers(command.answers, case)
    if not answers and not says_something(note):
        errors.setdefault("note", NOTHING)
    if errors:
        return again(record_form(command.token, case, command.answers), errors)
    if answers:
        recorded = Recorded(command.actor, answers)
        case = await happens(recorded, case, uow, school, command, typed=typed, action="case-recorded")
    if says_something(note):
        noted = Noted(command.actor, note)
        case = await happens(noted, case, uow, school, command, typed=typed, action="case-noted")
    still = "".join(f"\n• {question.text}" for question in still_required(case))
    text = f"It is in the chronology. Needed before you finish:{still}" if still else "It is in the chronology."
    return Reply(view=Notice(title="Recorded", text=text), replaces=True)


def record_form(token: str, case: Case, answers: Answers) -> Form:
    """What was done, and what the policy asks: what is needed first, what was answered already last."""
    needed, others = before_the_end(case)
    answered = [question for question in questions_of(case) if question.key in case.answered]
    note: Part = TextInput(
        id="note",
        label="What was done, said or decided",
        hint="Nothing is overwritten: a correction is a new line. Leave empty below what you cannot answer yet.",
        multiline=True,
        value=text_of(answers, "note"),
    )
    questions = (question_part(question, case, answers) for question in (*needed, *others, *answered))
    title = f"{case.reference}: what was done"
    return Form(id="case.record", title=title, submit="Record", token=token, parts=(note, *questions))
