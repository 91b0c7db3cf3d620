"""More…: what is done with a case less often, one question away; so that what is done most stands first."""

from __future__ import annotations

from datetime import datetime

from handlers.cases.access import turn_access
from handlers.cases.drafts import text_of
from handlers.cases.hand_over import hand_over_form, reopen_form
from handlers.cases.handle import note_form, pass_on_form
from handlers.cases.hold import hold_form, lift_form
from handlers.cases.imagery import imagery_form
from handlers.cases.link import link_form, linked_to, unlink_form
from handlers.cases.naming import name_form, unname_form
from handlers.cases.next_action import next_action_form
from handlers.cases.sending import CHOOSE_ONE, again, fresh_token
from handlers.commands import SendMore, StartMore
from handlers.evidence.ask_pack import pack_form
from handlers.ports import Reply
from handlers.views import Choice, Form, Notice, Option
from policy.case import Case, CaseState
from policy.case_files import may_pack
from policy.case_handling import may_reopen
from policy.case_retention import may_hold
from policy.people import PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork

NOTE = Option("note", "Add to the chronology")
NEXT = Option("next", "What is next, and by when")
HAND_OVER = Option("hand_over", "Hand it over")
NAME = Option("name", "It concerns someone at the school who is not named")
UNNAME = Option("unname", "It does not concern someone who was named here")
LINK = Option("link", "Link it with another report of the same")
UNLINK = Option("unlink", "Undo a link")
IMAGERY = Option("imagery", "A picture or video may show someone under 18 naked or partly naked")
PASS_ON = Option("pass_on", "I shouldn't handle this")
REOPEN = Option("reopen", "Reopen it")
PACK = Option("pack", "Evidence pack")
HOLD = Option("hold", "Put it under legal hold")
LIFT = Option("lift", "Lift the legal hold")


def choices(case: Case, person: PersonId, school: School, now: datetime) -> tuple[Option, ...]:
    """What this reader can do with the case now, beside what has a button of its own."""
    held = case.holder == person
    offered = {
        REOPEN: may_reopen(case, person, school, now),
        NEXT: held and case.state is CaseState.TAKEN,
        HAND_OVER: held and case.state is CaseState.TAKEN,
        NAME: held,
        UNNAME: held and bool(case.named_late),
        IMAGERY: not case.imagery,
        LINK: held,
        UNLINK: held and bool(case.linked),
        NOTE: held and case.state is CaseState.TAKEN,
        PASS_ON: held and case.state is CaseState.TAKEN,
        PACK: may_pack(case, person, school, now),
        HOLD: not case.on_hold and may_hold(case, person, school, now),
        LIFT: case.on_hold and may_hold(case, person, school, now),
    }
    return tuple(option for option, can in offered.items() if can)


async def start_more(command: StartMore, uow: UnitOfWork, school: School) -> Reply:
    """Asks what."""
    case = (await turn_access(uow, school, command.actor, command.token)).case
    options = choices(case, command.actor, school, uow.now)
    if not options:
        return Reply(view=Notice(title=case.reference, text="There is nothing more to do with it here."))
    return Reply(view=_form(fresh_token(case), case, options))


async def send_more(command: SendMore, uow: UnitOfWork, school: School) -> Reply:
    """Asks what that takes."""
    case = (await turn_access(uow, school, command.actor, command.token)).case
    options = choices(case, command.actor, school, uow.now)
    what = next((option for option in options if option.value == text_of(command.answers, "what")), None)
    if what is None:
        return again(_form(command.token, case, options), {"what": CHOOSE_ONE})
    return Reply(view=await _asks(what, fresh_token(case), case, command.actor, uow, school), replaces=True)


async def _asks(
    what: Option, token: str, case: Case, actor: PersonId, uow: UnitOfWork, school: School
) -> Form | Notice:
    match what.value:
        case NEXT.value:
            return next_action_form(token, case, {}, school=school, uow=uow)
        case HAND_OVER.value:
            return hand_over_form(token, case, {}, school=school, now=uow.now)
        case NAME.value:
            return name_form(token, case, {}, school=school)
        case UNNAME.value:
            return unname_form(token, case, {}, school=school)
        case IMAGERY.value:
            return imagery_form(token, case, {}, school=school, now=uow.now)
        case LINK.value:
            return link_form(token, case, {})
        case UNLINK.value:
            return unlink_form(token, case, await linked_to(case, actor, uow, school))
        case REOPEN.value:
            return reopen_form(token, case, {})
        case PACK.value:
            return pack_form(token, case)
        case HOLD.value:
            return hold_form(token, case, {})
        case LIFT.value:
            return lift_form(token, case, {})
        case PASS_ON.value:
            return pass_on_form(token, case, {})
        case _:
            return note_form(token, case, {})


def _form(token: str, case: Case, options: tuple[Option, ...]) -> Form:
    what = Choice(id="what", label="What would you like to do?", options=options)
    return Form(id="case.more", title=f"{case.reference}: more", submit="Next", token=token, parts=(what,))
