"""What is next, by which day: whoever has the case is reminded; once it is overdue, the next in the chain is told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from handlers.cases.access import turn_access
from handlers.cases.drafts import ids_of, text_of
from handlers.cases.sending import WRITE_SOMETHING, again, happens
from handlers.commands import Answers, SendNextAction
from handlers.ports import Reply
from handlers.views import DateInput, Form, Notice, Part, Quote, TextInput, Tick
from policy.calendar import long_date
from policy.case import Case
from policy.case_events import NextActionDone, NextActionSet
from policy.errors import InvalidAnswer
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork


async def send_next_action(command: SendNextAction, uow: UnitOfWork, school: School) -> Reply:
    """What was next is done, something else is next, or both."""
    text = text_of(command.answers, "text")
    access = await turn_access(uow, school, command.actor, command.token, kept=text)
    case, happen = access.case, partial(happens, uow=uow, school=school, command=command, typed=text)
    done = case.next_action is not None and bool(ids_of(command.answers, "done"))
    if done and not says_something(text):
        await happen(NextActionDone(command.actor), case, action="case-next-done")
        return Reply(
            view=Notice(title="Done", text="It is in the chronology. Nothing is noted as next."), replaces=True
        )
    errors = {} if says_something(text) else {"text": WRITE_SOMETHING}
    by = school.today(uow.now)
    try:
        by = school.calendar.coming_day(text_of(command.answers, "by"), uow.now, field="by")
    except InvalidAnswer as error:
        errors[error.field] = str(error)
    if errors:
        return again(next_action_form(command.token, case, command.answers, school=school, uow=uow), errors)
    if done:
        case = await happen(NextActionDone(command.actor), case, action="case-next-done")
    await happen(NextActionSet(command.actor, text, by), case, action="case-next-set")
    words = f"You are reminded on {long_date(by)}, or the next school day after it."
    return Reply(view=Notice(title="Noted", text=words), replaces=True)


def next_action_form(token: str, case: Case, answers: Answers, *, school: School, uow: UnitOfWork) -> Form:
    """What is next, and by when."""
    parts: list[Part] = []
    if case.next_action is not None:
        parts.append(Quote(label=f"Next so far, by {long_date(case.next_action.by)}", text=case.next_action.text))
        parts.append(Tick(id="done", label="That is done", value=bool(ids_of(answers, "done"))))
    tomorrow = school.today(uow.now) + timedelta(days=1)
    parts += [
        TextInput(id="text", label="What is next?", multiline=True, value=text_of(answers, "text")),
        DateInput(id="by", label="By which day?", value=text_of(answers, "by") or tomorrow.isoformat()),
    ]
    return Form(id="case.next", title=f"{case.reference}: next", submit="Save", token=token, parts=tuple(parts))
