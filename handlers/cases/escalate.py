"""What time and failure bring: the next in the chain, somebody who cannot be reached, a holder who has left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from handlers.cases.apply import DIGEST_CARD, apply, digest_of
from policy.case import DIGEST, ESCALATE, LADO_CLOCK, NEXT_ACTION, Due, RecordId, Transition
from policy.case_digest import waits_for
from policy.case_events import ActionDue, Event, LadoDue, StaffChanged, StepDue, Unreachable
from policy.case_life_cycle import step
from policy.people import PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork

EVENTS: Mapping[str, tuple[Callable[[int, int, datetime], Event], str]] = {
    ESCALATE: (StepDue, "case-escalated"),
    NEXT_ACTION: (ActionDue, "case-reminded"),
    LADO_CLOCK: (LadoDue, "case-reminded"),
}
"""What a due row of each kind brings, and what the audit calls it."""


async def fire(due: Due, uow: UnitOfWork, school: School) -> bool:
    """Fires a due row, once; says whether it was still to be fired. The messages are queued with it."""
    if due.kind == DIGEST and await uow.finish_due(due):
        await uow.want_card(PersonId(due.record), due.record, DIGEST_CARD, version=1, ring=True, urgent=False)
        return True
    if due.kind not in EVENTS or not await uow.finish_due(due):
        return False
    case = await uow.case(due.record)
    if case is None:
        return False
    event, action = EVENTS[due.kind]
    transition = step(event(due.round, due.step, due.at), case, uow.now, school)
    await apply(uow, case, transition, action=action)
    return True


async def cannot_reach(person: PersonId, record: RecordId, uow: UnitOfWork, school: School) -> None:
    """The person cannot be reached in chat: the next in the chain is asked now, where nobody else is left."""
    case = await uow.case(record)
    if case is None and record == digest_of(person):  # their digest: everything in it goes on to the next
        for waiting in waits_for(person, await uow.open_cases(), school, uow.now):
            await cannot_reach(person, waiting.id, uow, school)
    if case is None:
        return
    transition = step(Unreachable(person), case, uow.now, school)
    await uow.audit("person-unreachable", record=record, person=person)
    await apply(uow, case, transition, action="case-escalated")


async def review_cases(uow: UnitOfWork, school: School) -> int:
    """After a change of the staff list: cases move on from people who may not read them any more."""
    moved = 0
    for case in (*await uow.open_cases(), *await uow.open_drills()):
        transition = step(StaffChanged(), case, uow.now, school)
        if transition.case == case:
            # Somebody may have lost, or gained, the right to see it: every card is built again.
            transition = Transition(case=replace(case, version=case.version + 1))
        else:
            moved += 1
        await apply(uow, case, transition, action="staff-changed")
    return moved
