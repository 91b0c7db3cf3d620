"""`/staffroom`: everything in one screen, and what waits for one."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import rights
from handlers.cases.apply import RECEIPT_CARD
from handlers.cases.cards import build_card
from handlers.cases.drafts import unsent
from handlers.cases.retention import home_row
from handlers.commands import OpenHome, PreferPlatform, ShowHome, button_token
from handlers.drill import drill_rows
from handlers.errors import Refused
from handlers.find import may_find
from handlers.ports import Reply
from handlers.views import Button, Home, HomeRow, Notice, Receipt
from handlers.words import safeguarding_contact
from policy.calendar import long_date
from policy.case import Case, CaseState
from policy.people import PersonId
from policy.routing import readers
from policy.school import School
from storage.conversations import Whereabouts
from storage.unit_of_work import UnitOfWork

LAST = "last"
"""What a button carries that stands for wherever one acted last."""
MOST_ROWS = 10
"""Rows of each kind: more would not fit on one screen."""


EXPLAINS = (
    "A report takes two short screens. Above Send you see who it goes to, and who will not see it.",
    "Those people are asked, then the next ones, until somebody has it. You are told when, and when it is finished.",
    "The person it concerns is never told by Staffroom, and cannot find out here.",
    "Asked to take one? “I'll take it” stops the asking; “I shouldn't handle this” passes it on.",
    "Staffroom is not an emergency service. Never promise a child to keep a secret.",
)


async def show_home(
    command: ShowHome | OpenHome, uow: UnitOfWork, school: School, platforms: Mapping[str, str]
) -> Reply:
    """What Staffroom does, what waits for this person, and how their own reports stand."""
    return Reply(view=await _home(command.actor, uow, school, platforms))


async def prefer_platform(
    command: PreferPlatform, uow: UnitOfWork, school: School, platforms: Mapping[str, str]
) -> Reply:
    """The person chooses where they are written to; what is urgent comes everywhere all the same."""
    if command.token not in {*platforms, LAST}:
        raise Refused(
            Notice(title="Not here", text="Your school does not use that. Nothing was changed."), reason="bad-token"
        )
    last = (await uow.whereabouts(command.actor)).last or next(iter(platforms))
    await uow.prefer(command.actor, None if command.token == LAST else command.token, seen_on=last)
    return Reply(view=await _home(command.actor, uow, school, platforms), replaces=True)


async def _home(actor: PersonId, uow: UnitOfWork, school: School, platforms: Mapping[str, str]) -> Home:
    now = uow.now
    draft = await unsent(uow, actor)
    begun: tuple[HomeRow, ...] = ()
    if draft is not None:
        resume = Button(action="report.resume", label="Go on with it", token=draft.id, style="primary")
        begun = (HomeRow(text=f"A report that you began at {school.calendar.stamp(draft.at)}.", buttons=(resume,)),)
    cases = [
        case
        for case in await uow.open_cases()
        if actor in readers(case, school, now) and (case.holder == actor or _is_asked(case, actor))
    ]
    # What nobody has yet comes first, and the most urgent of it before all.
    cases.sort(key=lambda case: (case.state is not CaseState.WAITING, case.level, case.received_at))
    waiting = [_waiting(case, actor, school) for case in cases[:MOST_ROWS]]
    if len(cases) > MOST_ROWS:
        waiting.append(HomeRow(text=f"And {len(cases) - MOST_ROWS} more: they are in your messages."))
    waiting += await home_row(actor, uow, school)
    reported = await uow.cases_reported_by(actor, MOST_ROWS)
    mine = [_mine(case, school, uow) for case in reported if case.reporter == actor]
    return Home(
        school=school.profile.school.name,
        begun=begun,
        waiting=tuple(waiting),
        mine=tuple(mine),
        contact=safeguarding_contact(school, now),
        rights=rights.on_home(actor, school),
        reached=(_reached(await uow.whereabouts(actor), platforms),) if len(platforms) > 1 else (),
        find=(_FIND,) if may_find(actor, school) else (),
        explains=EXPLAINS,
        drills=await drill_rows(actor, uow, school),
    )


_FIND = HomeRow(
    text="By reference, words, a pupil's name or the day.",
    buttons=(Button(action="find.start", label="Find a report", token="home"),),  # noqa: S106 - no secret
)


def _reached(whereabouts: Whereabouts, platforms: Mapping[str, str]) -> HomeRow:
    chosen, last = platforms.get(whereabouts.prefers or ""), platforms.get(whereabouts.last or "")
    acted = f"where you were last: {last}" if last else "where you were last"
    where = f"on {chosen}" if chosen else acted
    every = " and ".join(platforms.values())
    others = [name for name in platforms if name != whereabouts.prefers]
    buttons = [Button(action="home.prefer", label=f"Always {platforms[name]}", token=name) for name in others]
    if chosen:
        buttons.append(Button(action="home.prefer", label="Where I was last", token=LAST))
    return HomeRow(text=f"What is urgent comes on {every}. Everything else comes {where}.", buttons=tuple(buttons))


def _is_asked(case: Case, actor: PersonId) -> bool:
    return case.state is CaseState.WAITING and actor in case.asked


def _waiting(case: Case, actor: PersonId, school: School) -> HomeRow:
    token = button_token(case.id, case.turn)
    open_it = Button(action="case.open", label="Open", token=token)
    if case.holder == actor and case.taken_at is not None:
        text = f"{case.reference}: you have had it since {school.calendar.stamp(case.taken_at)}."
        if case.next_action is not None:
            text += f" Next: by {long_date(case.next_action.by)}."
        return HomeRow(text=text, buttons=(open_it,))
    by = school.calendar.stamp(case.reply_by) if case.reply_by is not None else "now"
    take = Button(action="case.take", label="I'll take it", token=token, style="primary")
    return HomeRow(text=f"{case.reference}: reply by {by}.", buttons=(take, open_it))


def _mine(case: Case, school: School, uow: UnitOfWork) -> HomeRow:
    card = build_card(RECEIPT_CARD, case.reporter, case, school, uow.now).card
    if not isinstance(card, Receipt):
        raise TypeError("a receipt card that is no receipt")
    return HomeRow(text=f"{case.reference}, {card.received}: {card.status}", buttons=card.buttons[:2])
