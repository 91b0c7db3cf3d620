"""The legal hold: as long as it is set nothing of the case can be erased. By who decides at its end, or the head."""

from __future__ import annotations

from handlers.cases.access import decides, may_do
from handlers.cases.apply import RETENTION_CARD, SCHOOL
from handlers.cases.drafts import text_of
from handlers.cases.sending import WRITE_SOMETHING, again, happens
from handlers.commands import Answers, SendHold, SendKeep, SendLiftHold
from handlers.ports import Reply
from handlers.views import DateInput, Form, Notice, TextInput, Words
from policy.case import Case
from policy.case_events import HoldLifted, HoldSet, KeptUntil
from policy.case_retention import may_hold
from policy.errors import InvalidAnswer
from policy.school import School
from policy.text import says_something
from storage.unit_of_work import UnitOfWork

MOST_YEARS = 30


async def send_hold(command: SendHold, uow: UnitOfWork, school: School) -> Reply:
    """Set, with the reason in the chronology."""
    why = text_of(command.answers, "why")
    case = await may_do(uow, school, command.actor, command.token, may_hold, kept=why)
    if not says_something(why):
        return again(hold_form(command.token, case, command.answers), {"why": WRITE_SOMETHING})
    await happens(HoldSet(command.actor, why), case, uow, school, command, typed=why, action="hold-set", quiet=True)
    await uow.renew_cards(SCHOOL, RETENTION_CARD)
    text = f"Nothing of {case.reference} can be erased until the hold is lifted."
    return Reply(view=Notice(title="Legal hold", text=text), replaces=True)


async def send_lift_hold(command: SendLiftHold, uow: UnitOfWork, school: School) -> Reply:
    """Lifted, with the reason in the chronology."""
    why = text_of(command.answers, "why")
    case = await may_do(uow, school, command.actor, command.token, may_hold, kept=why)
    if not says_something(why):
        return again(lift_form(command.token, case, command.answers), {"why": WRITE_SOMETHING})
    event = HoldLifted(command.actor, why)
    await happens(event, case, uow, school, command, typed=why, action="hold-lifted", quiet=True)
    await uow.renew_cards(SCHOOL, RETENTION_CARD)
    return Reply(
        view=Notice(title="Hold lifted", text=f"{case.reference} is kept for its period again."), replaces=True
    )


async def send_keep(command: SendKeep, uow: UnitOfWork, school: School) -> Reply:
    """Kept until a day, with the reason in the chronology; whoever decides is told again on that day."""
    why = text_of(command.answers, "why")
    case = await may_do(uow, school, command.actor, command.token, decides, kept=why)
    errors = {} if says_something(why) else {"why": WRITE_SOMETHING}
    today = school.today(uow.now)
    until = today
    try:
        until = school.calendar.day_ahead(text_of(command.answers, "until"), uow.now, years=MOST_YEARS, field="until")
    except InvalidAnswer as error:
        errors[error.field] = str(error)
    if errors:
        return again(keep_form(command.token, case, command.answers), errors)
    event = KeptUntil(command.actor, why, until)
    await happens(event, case, uow, school, command, typed=why, action="case-kept", quiet=True)
    await uow.renew_cards(SCHOOL, RETENTION_CARD)
    text = f"{case.reference} is kept. You are asked again on that day, or the next school day after it."
    return Reply(view=Notice(title="Kept", text=text), replaces=True)


def hold_form(token: str, case: Case, answers: Answers) -> Form:
    """Why."""
    return Form(
        id="case.hold",
        title=f"{case.reference}: legal hold",
        submit="Set the hold",
        token=token,
        parts=(
            Words(text="Until it is lifted nothing of it can be erased, whatever its period says."),
            TextInput(id="why", label="Why?", multiline=True, required=True, value=text_of(answers, "why")),
        ),
    )


def lift_form(token: str, case: Case, answers: Answers) -> Form:
    """Why not any more."""
    return Form(
        id="case.lift_hold",
        title=f"{case.reference}: lift the hold",
        submit="Lift the hold",
        token=token,
        parts=(
            Words(text="Whoever set it may know more: ask them first.", style="warning"),
            TextInput(id="why", label="Why?", multiline=True, required=True, value=text_of(answers, "why")),
        ),
    )


def keep_form(token: str, case: Case, answers: Answers) -> Form:
    """Until when, and why."""
    return Form(
        id="retention.keep",
        title=f"{case.reference}: keep it",
        submit="Keep it",
        token=token,
        parts=(
            DateInput(id="until", label="Until which day?", value=text_of(answers, "until")),
            TextInput(id="why", label="Why?", multiline=True, required=True, value=text_of(answers, "why")),
        ),
    )
