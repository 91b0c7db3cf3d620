"""Erasing a finished case, by who decides at its end: typed once more, and never under legal hold."""

from __future__ import annotations

from handlers.cases.access import decides, may_do
from handlers.cases.apply import RETENTION_CARD, SCHOOL
from handlers.cases.drafts import INBOX_KEPT_FOR, forget_what_has_served, text_of
from handlers.cases.sending import CHOOSE_ONE, again
from handlers.commands import Answers, SendErase
from handlers.errors import Refused
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option, TextInput, Words
from policy.case import Case, EntryKind
from policy.case_retention import Ground, check_erasable
from policy.errors import NotAllowed
from policy.school import School
from storage.unit_of_work import UnitOfWork

GROUNDS = (
    Option(Ground.PERIOD_OVER, "Its period is over"),
    Option(Ground.REQUEST, "Somebody has a right to have it erased"),
)
OF_RETENTION = frozenset({EntryKind.KEPT, EntryKind.HELD, EntryKind.HOLD_LIFTED, EntryKind.PERIOD_OVER})
"""Lines whose stored replies hold nothing of the case."""
TOO_EARLY = "Something was written in it less than a day ago. Copies for repeated clicks are gone by then: come back."


async def send_erase(command: SendErase, uow: UnitOfWork, school: School) -> Reply:
    """Everything of it is gone; a tombstone and the audit stay."""
    case = await may_do(uow, school, command.actor, command.token, decides)
    chosen, typed = text_of(command.answers, "ground"), text_of(command.answers, "reference")
    errors = {}
    if chosen not in {option.value for option in GROUNDS}:
        errors["ground"] = CHOOSE_ONE
    if typed.strip().upper() != case.reference:
        errors["reference"] = f"Type {case.reference}: then it is this one that is erased, and no other."
    if errors:
        return again(erase_form(command.token, case, command.answers), errors)
    ground = Ground(chosen)
    try:
        check_erasable(case, ground)
    except NotAllowed as why:
        raise _refused(case, str(why)) from None
    written = [entry.at for entry in await uow.chronology(case.id) if entry.kind not in OF_RETENTION]
    if written and uow.now - max(written) < INBOX_KEPT_FOR:
        raise _refused(case, TOO_EARLY)
    # What was answered to clicks before that is not known by its record: it goes by its age.
    await forget_what_has_served(uow)
    await uow.erase(case, by=command.actor, ground=ground.value)
    await uow.audit("case-erased", actor=command.actor, record=case.id, ground=ground.value)
    await uow.renew_cards(SCHOOL, RETENTION_CARD)
    text = (
        f"{case.reference} is erased. That it was there, and who did what when, stays in the audit. "
        "Backups made before today still hold it: tell whoever keeps them."
    )
    return Reply(view=Notice(title="Erased", text=text), replaces=True)


def erase_form(token: str, case: Case, answers: Answers) -> Form:
    """Why, and the reference once more."""
    return Form(
        id="retention.erase",
        title=f"{case.reference}: erase",
        submit="Erase for ever",
        token=token,
        parts=(
            Words(
                text="Everything of it goes: what was reported, the chronology, every file. Nobody can undo this.",
                style="warning",
            ),
            Choice(id="ground", label="Why?", options=GROUNDS, value=text_of(answers, "ground") or None),
            TextInput(
                id="reference",
                label="Its reference once more",
                required=True,
                value=text_of(answers, "reference"),
            ),
        ),
    )


def _refused(case: Case, why: str) -> Refused:
    return Refused(
        Notice(title="Not erased", text=f"{why} Nothing was changed."), reason="not-erasable", record=case.id
    )
