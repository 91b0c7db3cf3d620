"""Drills: who may run one, how it is begun, and how it went."""

from __future__ import annotations

import secrets

from handlers.cases.access import NOT_OPEN
from handlers.cases.apply import apply_new
from handlers.cases.drafts import text_of
from handlers.cases.drill_cards import MARK, how_it_went, times
from handlers.cases.sending import CHOOSE_ONE, again
from handlers.commands import BadToken, SendDrill, ShowDrill, StartDrill, button_token, read_token
from handlers.errors import Refused
from handlers.ports import Reply
from handlers.views import Button, Choice, Form, HomeRow, Notice, Option, Words
from policy.drill import start_drill
from policy.people import Duty, PersonId
from policy.reports import Level
from policy.school import School
from storage.unit_of_work import UnitOfWork

TITLE = "Drill: this is a test"
LEVELS = (
    Option(Level.S1, "Most urgent, as when a child has told somebody (S1)"),
    Option(Level.S2, "Within hours, as for hurtful posts (S2)"),
    Option(Level.S3, "Within days, as for a friend request (S3)"),
)


def may_drill(actor: PersonId, school: School) -> bool:
    """Whether the person runs drills: the DSL does."""
    found = school.staff.get(actor)
    return found is not None and Duty.DSL in found.duties


async def start(command: StartDrill, _uow: UnitOfWork, school: School) -> Reply:
    """Asks which chain, and says what will happen.

    Raises:
        Refused: they are not the DSL.
    """
    _allowed(command.actor, school)
    return Reply(view=drill_form(secrets.token_hex(16), Level.S1))


async def send_drill(command: SendDrill, uow: UnitOfWork, school: School) -> Reply:
    """Runs the chain with a test report. One drill at a time.

    Raises:
        Refused: they are not the DSL, or a drill is under way.
    """
    _allowed(command.actor, school)
    chosen = text_of(command.answers, "level")
    if chosen not in set(Level):
        return again(drill_form(command.token, Level.S1), {"level": CHOOSE_ONE})
    running = await uow.open_drills()
    if running:
        text = f"{MARK} {running[0].reference} is under way. {how_it_went(running[0])} It ends by itself."
        raise Refused(Notice(title=TITLE, text=text), reason="drill-under-way", record=running[0].id)
    moved = start_drill(
        record=uow.new_record_id(),
        reference=await uow.new_reference(),
        starter=command.actor,
        level=Level(chosen),
        now=uow.now,
        school=school,
    )
    await apply_new(uow, moved)
    text = (
        f"{MARK} {moved.case.reference} has begun. Everybody is asked as in a real {chosen} report; it ends by itself."
    )
    return Reply(view=Notice(title=TITLE, text=text), replaces=True)


async def show_drill(command: ShowDrill, uow: UnitOfWork, school: School) -> Reply:
    """How long each person took; looking is audited.

    Raises:
        Refused: they are not the DSL, or it is no drill.
    """
    _allowed(command.actor, school)
    try:
        case = await uow.case(read_token(command.token)[0])
    except BadToken:
        case = None
    if case is None or not case.drill:
        raise Refused(NOT_OPEN, reason="no-such-drill")
    await uow.audit("drill-viewed", actor=command.actor, record=case.id)
    notice = Notice(title=TITLE, text=times(case, await uow.chronology(case.id), school))
    return Reply(view=notice, again=Notice(title=TITLE, text="Press See the times again."))


async def drill_rows(actor: PersonId, uow: UnitOfWork, school: School) -> tuple[HomeRow, ...]:
    """What stands on the DSL's home screen: a drill to run, and how the last one went."""
    if not may_drill(actor, school):
        return ()
    rows = [
        HomeRow(
            text="Try the chain with a marked test report. It rings everybody whom the chain asks.",
            buttons=(Button(action="drill.start", label="Run a drill", token="home"),),  # noqa: S106 - no secret
        )
    ]
    for case in await uow.drills(1):
        token = button_token(case.id, case.turn)
        text = f"Drill {case.reference}, {school.calendar.stamp(case.received_at)}: {how_it_went(case)}"
        rows.append(HomeRow(text=text, buttons=(Button(action="drill.show", label="See the times", token=token),)))
    return tuple(rows)


def drill_form(token: str, level: Level) -> Form:
    """Which chain to try."""
    return Form(
        id="drill.send",
        title=TITLE,
        submit="Start the drill",
        token=token,
        parts=(
            Words(
                text="Phones ring as for a real report, until the last step has been tried. Every card says that it is "
                "a drill. Pressing “I'll take it” acknowledges it, and the chain goes on.",
            ),
            Choice(id="level", label="Which chain?", options=LEVELS, value=level.value),
        ),
    )


def _allowed(actor: PersonId, school: School) -> None:
    if not may_drill(actor, school):
        raise Refused(Notice(title="Not yours", text="The DSL runs drills. Nothing was changed."), reason="not-the-dsl")
