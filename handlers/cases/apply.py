"""Writes what an event did to a case: record, chronology, due rows, cards, audit; all in the caller's transaction."""

from __future__ import annotations

from policy.case import ESCALATE, Case, CaseState, RecordId, Transition
from policy.case_files import fetches_nothing, file_ended
from policy.people import PersonId
from storage.unit_of_work import UnitOfWork

CASE_CARD = "case"
"""The card of somebody who is asked to handle a case, or has been."""
FILES_CARD = "files"
"""The card that asks whoever reported it for files."""
DIGEST_CARD = "digest"
"""The card that lists what is not urgent and waits for a person; its record is the person."""
RETENTION_CARD = "retention"
"""The card of somebody who decides what becomes of cases whose period is over."""
HEAD_CARD = "audit-head"
"""The card of whoever keeps the head of the audit."""
SCHOOL = RecordId("0" * 32)
"""What cards and buttons about no one record carry: no record has it, ids are random."""
RECEIPT_CARD = "receipt"
"""The card of the person who reported it."""


def digest_of(person: PersonId) -> RecordId:
    """What a person's digest is kept under: a digest is a card about nobody's report."""
    return RecordId(person)


async def apply_new(uow: UnitOfWork, transition: Transition) -> None:
    """Stores a new case, its first entries, its first cards and its next due step."""
    case = transition.case
    await uow.add_case(case)
    if fetches_nothing(case):
        await _stop_collecting(uow, case)
    await _rest(uow, transition, action="case-received", actor=case.reporter, receipt_rings=True)


async def apply(
    uow: UnitOfWork,
    before: Case,
    transition: Transition,
    *,
    action: str,
    actor: PersonId | None = None,
    quiet: bool = False,
) -> None:
    """Stores what became of the case; does nothing where the event changed nothing.

    `quiet`: no card says anything else than before, so none is edited (after years some are gone).
    """
    case = transition.case
    if case == before:
        return
    await uow.save_case(case)
    if fetches_nothing(case) and not fetches_nothing(before):
        # Marked by whoever has it, or answered anew by the reporter on the first screen of a report begun already.
        await quarantine_evidence(uow, case)
        await _stop_collecting(uow, case)
    if not before.level.urgent and not quiet:
        await uow.refresh_kind(before.asked.keys() | case.asked.keys(), DIGEST_CARD)
    if case.holder is not None and case.holder != before.holder and case.holder not in transition.ping:
        # Whoever was asked by a digest alone has no card yet.
        urgent = case.level.urgent
        await uow.want_card(case.holder, case.id, CASE_CARD, version=case.version, ring=False, urgent=urgent)
    picked_up_or_finished = case.state is not before.state and case.state is not CaseState.WAITING
    nobody_left = case.reaches_nobody and not before.reaches_nobody
    rings = picked_up_or_finished or nobody_left or transition.receipt_rings
    await _rest(uow, transition, action=action, actor=actor, receipt_rings=rings, quiet=quiet)


async def quarantine_evidence(uow: UnitOfWork, case: Case) -> None:
    """Called once, in the transaction in which a case turns out to be imagery: what was sent is to be seen by nobody.

    Its bytes stay, unseen, for police advice; what is not fetched yet never is.
    """
    files = await uow.quarantine(case.id)
    await uow.audit("evidence-quarantined", record=case.id, files=len(files))


async def _stop_collecting(uow: UnitOfWork, case: Case) -> None:
    """What the reporter sends in chat from now on may be the imagery: it must not go to another report unasked."""
    now = await uow.collecting(case.reporter)
    if now is None or now.record is None:
        return
    await uow.end_collecting(case.reporter)
    other = await uow.case(now.record) if now.record != case.id else None
    if other is not None:
        await apply(uow, other, file_ended(other), action="files-done", actor=case.reporter)


async def _rest(
    uow: UnitOfWork,
    transition: Transition,
    *,
    action: str,
    actor: PersonId | None,
    receipt_rings: bool,
    quiet: bool = False,
) -> None:
    case = transition.case
    await uow.append(case.id, transition.entries)
    if transition.round_ended is not None:
        await uow.end_round(case.id, ESCALATE, transition.round_ended)
    for kind, number in transition.ended:
        await uow.end_round(case.id, kind, number)
    await uow.schedule(transition.due)
    if not quiet:
        await uow.refresh_cards(case.id, case.version)
    urgent = case.level.urgent
    if receipt_rings:
        await uow.want_card(case.reporter, case.id, RECEIPT_CARD, version=case.version, ring=True, urgent=urgent)
    for person in sorted(transition.ping):
        await uow.want_card(person, case.id, CASE_CARD, version=case.version, ring=True, urgent=urgent)
    # A drill is told apart in the audit, too.
    action = action.replace("case-", "drill-") if case.drill else action
    await uow.audit(action, actor=actor, record=case.id, turn=case.turn, round=case.round, asked=len(case.asked))
