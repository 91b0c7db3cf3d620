"""May this person do this to this case, now? Asked at every click, whatever the card said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.commands import BadToken, read_token
from handlers.errors import Refused
from handlers.views import Notice
from policy.case import Case
from policy.case_life_cycle import how_it_stands
from policy.case_retention import deciders
from policy.people import Duty, PersonId
from policy.routing import readers
from policy.school import School
from storage.unit_of_work import UnitOfWork

NOT_OPEN = Notice(
    title="Not open to you",
    text="This report isn't open to you, or not any more. If you think it should be, speak to the DSL.",
)
"""The same words for a record that is not there and for one that this person may not see."""

IN_A_DRILL = Notice(
    title="Drill: this is a test",
    text="Nothing can be written in a drill, so that nothing real is lost in one. To report something, type "
    "/report-incident.",
)


@dataclass(frozen=True, slots=True)
class Access:
    """A case that the person may read now, and as holder of which duty."""

    case: Case
    duty: Duty


def _kept(notice: Notice, kept: str) -> Notice:
    return Notice(title=notice.title, text=notice.text, kept=kept)


async def reader_access(
    uow: UnitOfWork, school: School, actor: PersonId, token: str, *, kept: str = "", drills: bool = False
) -> Access:
    """The case that the token names, for somebody who may read it; a drill only where `drills` are meant as well.

    Raises:
        Refused: the token is made up, or they may not.
    """
    case = await _case(uow, token, kept, drills=drills)
    duty = readers(case, school, uow.now).get(actor)
    if duty is None:
        raise Refused(_kept(NOT_OPEN, kept), reason="not-a-reader", record=case.id)
    return Access(case, duty)


async def turn_access(
    uow: UnitOfWork, school: School, actor: PersonId, token: str, *, kept: str = "", drills: bool = False
) -> Access:
    """As `reader_access`, for an action that only holds on the turn that the card or form was made for.

    Raises:
        Refused: as there; or the card is stale, and this says what happened and who acted.
    """
    access = await reader_access(uow, school, actor, token, kept=kept, drills=drills)
    if read_token(token)[1] != access.case.turn:
        raise stale(access.case, school, kept=kept)
    return access


async def reporter_access(uow: UnitOfWork, actor: PersonId, token: str, *, kept: str = "") -> Case:
    """The case that the token names, for the one who reported it.

    Raises:
        Refused: the token is made up, or somebody else reported it.
    """
    case = await _case(uow, token, kept)
    if case.reporter != actor:
        raise Refused(_kept(NOT_OPEN, kept), reason="not-the-reporter", record=case.id)
    return case


def decides(case: Case, person: PersonId, school: School, now: datetime) -> bool:
    """Whether the person decides what becomes of the case at its end."""
    return person in deciders(case, school, now)


async def may_do(
    uow: UnitOfWork,
    school: School,
    actor: PersonId,
    token: str,
    may: Callable[[Case, PersonId, School, datetime], bool],
    *,
    kept: str = "",
) -> Case:
    """The case that the token names, for somebody whose duty decides about it without their reading it.

    Raises:
        Refused: the token is made up, they may not, or something happened to the case since.
    """
    case = await _case(uow, token, kept)
    if not may(case, actor, school, uow.now):
        raise Refused(_kept(NOT_OPEN, kept), reason="not-their-duty", record=case.id)
    if read_token(token)[1] != case.turn:
        text = f"Something happened to {case.reference} since you opened this. Nothing was changed: look again."
        raise Refused(Notice(title="Changed meanwhile", text=text, kept=kept), reason="stale", record=case.id)
    return case


def stale(case: Case, school: School, *, kept: str = "") -> Refused:
    """The refusal of a click that comes too late."""
    text = f"{how_it_stands(case, school)} Nothing was changed."
    return Refused(Notice(title="Already dealt with", text=text, kept=kept), reason="stale", record=case.id)


async def _case(uow: UnitOfWork, token: str, kept: str, *, drills: bool = False) -> Case:
    try:
        record, _ = read_token(token)
    except BadToken:
        raise Refused(_kept(NOT_OPEN, kept), reason="forged-token") from None
    case = await uow.case(record)
    if case is None:
        raise Refused(_kept(NOT_OPEN, kept), reason="no-such-record")
    if case.drill and not drills:
        raise Refused(_kept(IN_A_DRILL, kept), reason="a-drill", record=case.id)
    return case
