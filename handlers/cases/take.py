"""Taking a case, and opening it."""

from __future__ import annotations

from handlers.cases.access import reader_access, stale, turn_access
from handlers.cases.apply import apply
from handlers.cases.detail import case_detail
from handlers.cases.link import linked_to
from handlers.commands import OpenCase, TakeCase
from handlers.drill import TITLE
from handlers.errors import Refused
from handlers.evidence.pages import path_to
from handlers.ports import Reply
from handlers.views import CaseDetail, Notice
from policy.case import Case
from policy.case_events import Taken
from policy.case_life_cycle import how_it_stands, step
from policy.errors import NotAllowed
from policy.people import PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork


async def take(command: TakeCase, uow: UnitOfWork, school: School) -> Reply:
    """I'll take it: the pinging stops, everybody's card says who has it, and the details open where they can."""
    access = await turn_access(uow, school, command.actor, command.token, drills=True)
    try:
        transition = step(Taken(command.actor, access.duty), access.case, uow.now, school)
    except NotAllowed:
        raise (_drill_over(access.case) if access.case.drill else stale(access.case, school)) from None
    await apply(uow, access.case, transition, action="case-taken", actor=command.actor)
    case = transition.case
    if case.drill:
        notice = Notice(title=TITLE, text="You have acknowledged it. That is all: nothing has happened.")
        return Reply(view=notice if command.opens else None, again=notice, replaces=True)
    again = Notice(title="You have it", text=how_it_stands(case, school))
    view = await _shown(uow, case, command.actor, school) if command.opens else again
    return Reply(view=view, again=again, replaces=True)


async def open_case(command: OpenCase, uow: UnitOfWork, school: School) -> Reply:
    """Open: the details, for the one who pressed. Looking is audited."""
    access = await reader_access(uow, school, command.actor, command.token, drills=True)
    if access.case.drill:
        return Reply(view=Notice(title=TITLE, text="Nothing has happened, and there is nothing to read."))
    view = await _shown(uow, access.case, command.actor, school)
    again = Notice(title="Opened already", text="Press Open again to see it.")
    return Reply(view=view, again=again)


def _drill_over(case: Case) -> Refused:
    text = "The drill is over, or you are not asked in it. Nothing was changed."
    return Refused(Notice(title=TITLE, text=text), reason="stale", record=case.id)


async def _shown(uow: UnitOfWork, case: Case, actor: PersonId, school: School) -> CaseDetail:
    await uow.audit("case-viewed", actor=actor, record=case.id)
    linked = await linked_to(case, actor, uow, school)
    files = await uow.evidence(case.id)
    path = await path_to(uow, actor, case, files)
    return case_detail(case, await uow.chronology(case.id), actor, school, uow.now, linked, files, path)
