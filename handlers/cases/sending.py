"""What every form about a case has in common: its token, and what sending it does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers.cases.access import stale, turn_access
from handlers.cases.apply import apply
from handlers.commands import Answers, SendForm, form_token
from handlers.ports import Reply
from handlers.views import Form, Notice
from policy.case import Case
from policy.case_events import Event
from policy.case_life_cycle import step
from policy.errors import NotAllowed
from policy.school import School
from storage.unit_of_work import UnitOfWork

WRITE_SOMETHING = "Write a few words."
CHOOSE_ONE = "Choose one."

FormMaker = Callable[[str, Case, Answers], Form | Notice]
"""Makes a form about a case, with what was answered before; or says why there is none."""


def fresh_token(case: Case) -> str:
    """A token for a new form about the case."""
    return form_token(case.id, case.turn, secrets.token_hex(16))


def again(form: Form | Notice, errors: Mapping[str, str]) -> Reply:
    """The form once more, saying what to do about its answers; nothing has been accepted."""
    view = replace(form, errors=errors) if isinstance(form, Form) else form
    return Reply(view=view, replaces=True, accepted=False)


async def send(
    command: SendForm,
    uow: UnitOfWork,
    school: School,
    event: Event,
    *,
    typed: str,
    errors: Mapping[str, str],
    form: FormMaker,
    action: str,
    done: Notice,
) -> Reply:
    """Does what the form asks, on the turn that it was made for; `typed` is given back where it comes too late.

    Raises:
        Refused: they may not, or not any more.
    """
    access = await turn_access(uow, school, command.actor, command.token, kept=typed)
    if errors:
        return again(form(command.token, access.case, command.answers), errors)
    await happens(event, access.case, uow, school, command, typed=typed, action=action)
    return Reply(view=done, replaces=True)


async def happens(
    event: Event,
    case: Case,
    uow: UnitOfWork,
    school: School,
    command: SendForm,
    *,
    typed: str,
    action: str,
    quiet: bool = False,
) -> Case:
    """Applies the event, and returns the case after it.

    Raises:
        Refused: the case does not allow it as it is now.
    """
    try:
        transition = step(event, case, uow.now, school)
    except NotAllowed:
        raise stale(case, school, kept=typed) from None
    await apply(uow, case, transition, action=action, actor=command.actor, quiet=quiet)
    return transition.case
