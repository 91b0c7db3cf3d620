"""Imagery of someone under 18, found out after the question was answered "no"."""

from __future__ import annotations

from datetime import datetime

from handlers.cases.access import stale, turn_access
from handlers.cases.details_form import imagery_guidance
from handlers.cases.drafts import text_of
from handlers.cases.sending import happens
from handlers.commands import Answers, SendImagery
from handlers.ports import Reply
from handlers.views import Form, Notice, TextInput, Words
from handlers.words import safeguarding_contact
from policy.case import Case
from policy.case_events import ImageryMarked
from policy.school import School
from storage.unit_of_work import UnitOfWork


async def send_imagery(command: SendImagery, uow: UnitOfWork, school: School) -> Reply:
    """The DSL is rung, what was stored is quarantined, and whoever marked it reads what not to do."""
    where = text_of(command.answers, "where")
    case = (await turn_access(uow, school, command.actor, command.token, kept=where)).case
    if case.imagery:
        raise stale(case, school, kept=where)
    event = ImageryMarked(command.actor, where)
    case = await happens(event, case, uow, school, command, typed=where, action="imagery-marked")
    guidance = imagery_guidance(safeguarding_contact(school, uow.now, case))
    return Reply(view=Notice(title=case.reference, text=f"The DSL is alerted.\n{guidance}"), replaces=True)


def imagery_form(token: str, case: Case, answers: Answers, *, school: School, now: datetime) -> Form:
    """The guidance comes before anything else."""
    return Form(
        id="case.imagery",
        title=f"{case.reference}: imagery",
        submit="Alert the DSL",
        token=token,
        parts=(
            Words(text=imagery_guidance(safeguarding_contact(school, now, case)), style="warning"),
            Words(text="The DSL is alerted at once and has it from now on. What was sent is locked away, unseen."),
            TextInput(
                id="where",
                label="Where is it?",
                hint="From memory: don't look again.",
                value=text_of(answers, "where"),
            ),
        ),
    )
