"""Asking for an evidence pack: what it is, then a link to the page where it is downloaded."""

from __future__ import annotations

from handlers.cases.access import NOT_OPEN, turn_access
from handlers.commands import SendPack
from handlers.errors import Refused
from handlers.evidence.pages import LINK_LASTS
from handlers.ports import Reply
from handlers.views import Form, Link, Notice, Words
from policy.case import Case
from policy.case_files import may_pack
from policy.school import School
from storage.unit_of_work import UnitOfWork


async def send_pack(command: SendPack, uow: UnitOfWork, school: School) -> Reply:
    """A link, for one person, once. The pack is made where it leads, and that is what the chronology tells.

    Raises:
        Refused: they may not, or not any more.
    """
    case = (await turn_access(uow, school, command.actor, command.token)).case
    if not may_pack(case, command.actor, school, uow.now):
        raise Refused(NOT_OPEN, reason="may-not-pack", record=case.id)
    await uow.audit("pack-asked", actor=command.actor, record=case.id)
    link = await uow.grant_link(command.actor, case.id, LINK_LASTS, pack=True)
    return Reply(
        view=Notice(
            title=case.reference,
            text="The pack is made on the page that this opens, once, within ten minutes.",
            link=Link("Go to the evidence pack", f"/evidence/{link}"),
        ),
        again=Notice(title=case.reference, text="You have been given a link. For another one choose it again."),
        replaces=True,
    )


def pack_form(token: str, case: Case) -> Form:
    """What is in it, and what to think of before."""
    return Form(
        id="case.pack",
        title=f"{case.reference}: pack",
        submit="Go on",
        token=token,
        parts=(
            Words(
                text="Everything that you can read of this report, with the original files, sealed with a password: "
                "for the police, the LADO or another authority. That you make it stands in the chronology."
            ),
            Words(
                text="It names people. Give it only to somebody who may have it, and the password by another way.",
                style="warning",
            ),
        ),
    )
