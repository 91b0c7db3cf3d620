"""Two reports of the same: linked for those who may read both. Neither reporter, and no other reader, learns of it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cases.access import stale, turn_access
from handlers.cases.drafts import text_of
from handlers.cases.sending import CHOOSE_ONE, again, happens
from handlers.commands import Answers, SendLink, SendUnlink
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, TextInput, Words
from policy.case import Case, RecordId
from policy.case_events import Linked, Unlinked
from policy.people import PersonId
from policy.routing import readers
from policy.school import School
from storage.unit_of_work import UnitOfWork

NOT_FOUND = "You have no other report of this reference."
"""The same words where there is none and where they may not read it."""


async def linked_to(case: Case, reader: PersonId, uow: UnitOfWork, school: School) -> tuple[Case, ...]:
    """The cases that this one is linked with, of those that the reader may read as well."""
    found = [await uow.case(other) for other in sorted(case.linked)]
    return tuple(other for other in found if other is not None and reader in readers(other, school, uow.now))


async def send_link(command: SendLink, uow: UnitOfWork, school: School) -> Reply:
    """Each shows the other's reference, to readers of both."""
    typed = text_of(command.answers, "reference")
    case = await _held(command, uow, school, typed)
    other = await uow.case_by_reference(typed) if typed.strip() else None
    if other is None or other.id == case.id or command.actor not in readers(other, school, uow.now):
        await uow.audit("link-not-found", actor=command.actor, record=case.id)
        return again(link_form(command.token, case, command.answers), {"reference": NOT_FOUND})
    if other.id in case.linked:
        return again(link_form(command.token, case, command.answers), {"reference": "They are linked already."})
    await happens(Linked(command.actor, other.id), case, uow, school, command, typed=typed, action="case-linked")
    await happens(Linked(command.actor, case.id), other, uow, school, command, typed=typed, action="case-linked")
    return Reply(view=Notice(title="Linked", text=f"{case.reference} and {other.reference}."), replaces=True)


async def send_unlink(command: SendUnlink, uow: UnitOfWork, school: School) -> Reply:
    """They are apart again."""
    case = await _held(command, uow, school, "")
    others = await linked_to(case, command.actor, uow, school)
    chosen = RecordId(text_of(command.answers, "other"))
    other = next((one for one in others if one.id == chosen), None)
    if other is None:
        return again(unlink_form(command.token, case, others), {"other": CHOOSE_ONE})
    await happens(Unlinked(command.actor, other.id), case, uow, school, command, typed="", action="case-unlinked")
    await happens(Unlinked(command.actor, case.id), other, uow, school, command, typed="", action="case-unlinked")
    return Reply(view=Notice(title="Not linked", text=f"{case.reference} and {other.reference}."), replaces=True)


async def _held(command: SendLink | SendUnlink, uow: UnitOfWork, school: School, typed: str) -> Case:
    case = (await turn_access(uow, school, command.actor, command.token, kept=typed)).case
    if case.holder != command.actor:
        raise stale(case, school, kept=typed)
    return case


def link_form(token: str, case: Case, answers: Answers) -> Form:
    """Which other report."""
    return Form(
        id="case.link",
        title=f"{case.reference}: link",
        submit="Link",
        token=token,
        parts=(
            TextInput(
                id="reference",
                label="Reference of the other report",
                hint="Five characters, such as R7K4Q.",
                required=True,
                value=text_of(answers, "reference"),
            ),
            Words(text="Only people who may read both see it. The reporters are not told.", style="small"),
        ),
    )


def unlink_form(token: str, case: Case, others: Sequence[Case]) -> Form | Notice:
    """Which of those that they may read."""
    if not others:
        return Notice(title="Not linked", text=f"{case.reference} is linked with no report of yours.")
    options = tuple(Option(other.id, other.reference) for other in others)
    part = Choice(id="other", label="Which report is not about the same?", options=options)
    return Form(id="case.unlink", title=f"{case.reference}: unlink", submit="Unlink", token=token, parts=(part,))
