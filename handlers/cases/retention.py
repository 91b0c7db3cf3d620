"""What is to be decided about cases whose period is over: the card, the list, and what leads to each decision."""

from __future__ import annotations

from handlers.cases.access import NOT_OPEN
from handlers.cases.apply import RETENTION_CARD, SCHOOL, apply
from handlers.cases.cards import Built
from handlers.cases.drafts import text_of
from handlers.cases.erase import erase_form
from handlers.cases.hold import hold_form, keep_form, lift_form
from handlers.cases.sending import CHOOSE_ONE, again, fresh_token
from handlers.commands import (
    Answers,
    BadToken,
    PressButton,
    SendForm,
    SendReview,
    StartReview,
    button_token,
    read_token,
)
from handlers.errors import Refused
from handlers.ports import Reply
from handlers.views import Button, Choice, DutyNote, Form, HomeRow, Option, Part, TextInput, Words
from policy.calendar import long_date
from policy.case import Case, Due
from policy.case_events import PeriodOver
from policy.case_life_cycle import step
from policy.case_retention import check_erasable, deciders, waits_for_decision
from policy.errors import NotAllowed
from policy.people import PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork

MOST_SHOWN = 25
WHAT = (
    Option("erase", "Erase it"),
    Option("keep", "Keep it until a day"),
    Option("hold", "Put it under legal hold"),
    Option("lift", "Lift its legal hold"),
)
NOT_FOUND = "There is no report of this reference for you to decide about."
"""The same words where there is none, where it is erased, and where it is not theirs to decide."""


async def fire(due: Due, uow: UnitOfWork, school: School) -> bool:
    """The end of a period has come: whoever decides is told, once. Nothing is erased by itself."""
    if not await uow.finish_due(due):
        return False
    case = await uow.case(due.record)
    if case is None:
        return False
    moved = step(PeriodOver(due.round, due.step, due.at), case, uow.now, school)
    await apply(uow, case, moved, action="period-over", quiet=True)
    if waits_for_decision(moved.case) and not waits_for_decision(case):
        for person in sorted(deciders(moved.case, school, uow.now)):
            await uow.want_card(person, SCHOOL, RETENTION_CARD, version=1, ring=True, urgent=False)
        await uow.renew_cards(SCHOOL, RETENTION_CARD)
    return True


async def build_retention_card(person: PersonId, uow: UnitOfWork, school: School) -> Built:
    """How many reports wait for this person's decision: a number, and nothing of them."""
    waiting = await to_decide(person, uow, school)
    note = DutyNote(
        title="Records",
        text=_how_many(len(waiting)) if waiting else "No report waits for you to decide what becomes of it.",
        lines=("Nothing is erased by itself.",) if waiting else (),
        buttons=(_review(),) if waiting else (),
    )
    return Built(note, ended=not waiting)


async def home_row(person: PersonId, uow: UnitOfWork, school: School) -> tuple[HomeRow, ...]:
    """For those whose duty decides: always for the first of these duties, else while something waits."""
    if not _reviews(person, school):
        return ()
    found = school.staff.get(person)
    waiting = await to_decide(person, uow, school)
    first = found is not None and school.profile.retention.review[0] in found.duties
    if not waiting and not first:
        return ()
    text = _how_many(len(waiting)) if waiting else "Records: nothing has reached the end of its period."
    return (HomeRow(text=text, buttons=(_review(),)),)


async def to_decide(person: PersonId, uow: UnitOfWork, school: School) -> tuple[Case, ...]:
    """The cases that wait for this person's decision, those finished first before the others."""
    if not _reviews(person, school):
        return ()
    return tuple(
        case
        for case in await uow.cases_at_an_end()
        if waits_for_decision(case) and person in deciders(case, school, uow.now)
    )


async def start_review(command: StartReview, uow: UnitOfWork, school: School) -> Reply:
    """Which, and what becomes of it."""
    _check(command, school)
    return Reply(view=await _form(command, {}, uow, school))


async def send_review(command: SendReview, uow: UnitOfWork, school: School) -> Reply:
    """Asks what that takes; or says why that cannot be decided about it."""
    _check(command, school)
    typed, what = text_of(command.answers, "reference"), text_of(command.answers, "what")
    case = await uow.case_by_reference(typed) if typed.strip() else None
    errors = {} if what in {option.value for option in WHAT} else {"what": CHOOSE_ONE}
    if case is None or command.actor not in deciders(case, school, uow.now):
        await uow.audit("retention-not-found", actor=command.actor)
        errors["reference"] = NOT_FOUND
    elif not errors and (why := _not_now(what, case)):
        errors["reference"] = why
    if errors or case is None:
        return again(await _form(command, command.answers, uow, school), errors)
    makers = {"erase": erase_form, "keep": keep_form, "hold": hold_form, "lift": lift_form}
    return Reply(view=makers[what](fresh_token(case), case, {}), replaces=True)


def _not_now(what: str, case: Case) -> str:
    """Why this cannot be decided about the case as it is; nothing where it can."""
    if what == "hold":
        return "It is under legal hold already." if case.on_hold else ""
    if what == "lift":
        return "" if case.on_hold else "It is not under legal hold."
    try:
        check_erasable(case)
    except NotAllowed as error:
        return str(error) if what == "erase" or case.open else ""
    return ""


def _reviews(person: PersonId, school: School) -> bool:
    found = school.staff.get(person)
    return found is not None and not found.duties.isdisjoint(school.profile.retention.review)


def _check(command: PressButton | SendForm, school: School) -> None:
    try:
        record, _ = read_token(command.token)
    except BadToken:
        raise Refused(NOT_OPEN, reason="forged-token") from None
    if record != SCHOOL or not _reviews(command.actor, school):
        raise Refused(NOT_OPEN, reason="not-their-duty")


async def _form(command: PressButton | SendForm, answers: Answers, uow: UnitOfWork, school: School) -> Form:
    waiting = await to_decide(command.actor, uow, school)
    parts: list[Part] = []
    if waiting:
        shown = [f"• {_said(case, school)}" for case in waiting[:MOST_SHOWN]]
        if len(waiting) > MOST_SHOWN:
            shown.append(f"And {len(waiting) - MOST_SHOWN} more, once these are decided.")
        parts.append(Words(text="\n".join(shown)))
    else:
        parts.append(Words(text="Nothing has reached the end of its period."))
    parts += [
        TextInput(
            id="reference",
            label="Which report?",
            hint="Its reference: one of these, or another one that somebody asks you about.",
            required=True,
            value=text_of(answers, "reference"),
        ),
        Choice(id="what", label="What becomes of it?", options=WHAT, value=text_of(answers, "what") or None),
    ]
    return Form(id="retention.review", title="Records", submit="Next", token=command.token, parts=tuple(parts))


def _said(case: Case, school: School) -> str:
    if case.kept_until is not None:
        return f"{case.reference}: kept until {long_date(case.kept_until)}"
    period = school.profile.retention.period(case.process)
    day = school.calendar.local(case.finished_at or case.received_at).date()
    return f"{case.reference}: finished {long_date(day)}{f', kept {period}' if period is not None else ''}"


def _how_many(number: int) -> str:
    if number == 1:
        return "1 report has reached the end of its period."
    return f"{number} reports have reached the end of their period."


def _review() -> Button:
    return Button(action="retention.review", label="Review", token=button_token(SCHOOL, 0), style="primary")
