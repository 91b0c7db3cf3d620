"""Filing a report: the command, the two screens, back and forth between them, and sending it."""

from __future__ import annotations

import secrets
from dataclasses import replace

from handlers.cases.apply import apply, apply_new
from handlers.cases.details_form import details_form, left_out, preview, preview_of, read_account
from handlers.cases.drafts import (
    ReportDraft,
    begin,
    keep,
    open_draft,
    read_body,
    text_of,
    unsent,
)
from handlers.cases.triage_form import read_triage, triage_form
from handlers.commands import (
    BackToTriage,
    RefreshDetails,
    ResumeReport,
    SendDetails,
    SendTriage,
    StartAfresh,
    StartReport,
)
from handlers.errors import Refused
from handlers.evidence.give import ask_for_files, attach, wants_to_send
from handlers.ports import Reply
from handlers.views import Form, Notice
from handlers.words import safeguarding_contact, who_has_it
from policy.case import Case, EntryKind
from policy.case_events import Completed, ReporterWrote, Retriaged
from policy.case_life_cycle import start, step
from policy.reports import Triage
from policy.school import School
from policy.text import says_something
from storage.drafts import Draft
from storage.errors import TooManyFiles
from storage.unit_of_work import UnitOfWork


async def start_report(command: StartReport, uow: UnitOfWork, school: School) -> Reply:
    """Opens the first screen, or the screen on which the person left a report unsent."""
    if says_something(command.words) or command.files:
        draft = await begin(uow, command.actor, ReportDraft.of_words(command.words, command.files))
        return Reply(view=triage_form(draft.id, read_body(draft), school, uow.now))
    draft_begun = await unsent(uow, command.actor)
    if draft_begun is not None:
        return Reply(view=await _where_it_was_left(draft_begun, uow, school))
    # Nothing to keep yet: a fresh id, and no row before there is something in it.
    return Reply(view=triage_form(secrets.token_hex(16), ReportDraft(), school, uow.now))


async def resume_report(command: ResumeReport, uow: UnitOfWork, school: School) -> Reply:
    """Goes on with a report that was begun."""
    draft = await open_draft(uow, command.actor, command.token)
    if draft is None or draft.sent:
        raise Refused(Notice(title="Already sent", text="This report was sent, or is over a day old."), reason="stale")
    return Reply(view=await _where_it_was_left(draft, uow, school))


async def start_afresh(command: StartAfresh, uow: UnitOfWork, school: School) -> Reply:
    """An empty form. One that has alerted somebody is not thrown away: it is only not asked about again here."""
    draft = await open_draft(uow, command.actor, command.token)
    if draft is not None and not draft.sent:
        await uow.delete_draft(draft.id)
    return Reply(view=triage_form(secrets.token_hex(16), ReportDraft(), school, uow.now), replaces=True)


async def send_triage(command: SendTriage, uow: UnitOfWork, school: School) -> Reply:
    """The first screen: kept, and where it is urgent the alert goes out now."""
    draft = await _draft_to_fill(command.token, command, uow)
    body = replace(read_body(draft), triage=dict(command.answers))
    triage, errors = read_triage(command.answers, command.actor, school)
    if triage is None:
        await keep(uow, draft, body)
        return _incomplete(triage_form(draft.id, body, school, uow.now), errors)
    case = await uow.case(draft.record) if draft.record is not None else None
    if case is not None:
        transition = step(Retriaged(triage), case, uow.now, school)
        await apply(uow, case, transition, action="triage-changed", actor=command.actor)
        case = transition.case
    elif triage.urgent:
        transition = start(
            record=uow.new_record_id(),
            reference=await uow.new_reference(),
            reporter=command.actor,
            triage=triage,
            account=None,
            now=uow.now,
            school=school,
        )
        await apply_new(uow, transition)
        case = transition.case
        draft = replace(draft, record=case.id)
    await keep(uow, draft, body)
    return Reply(view=_details(draft, body, triage, case, uow, school), replaces=True)


async def back_to_triage(command: BackToTriage, uow: UnitOfWork, school: School) -> Reply:
    """The first screen again; what was typed on the second is kept."""
    draft = await _draft_to_fill(command.token, command, uow)
    body = read_body(draft).with_details(command.answers).with_files(command.files)
    await keep(uow, draft, body)
    return Reply(view=triage_form(draft.id, body, school, uow.now), replaces=True)


async def refresh_details(command: RefreshDetails, uow: UnitOfWork, school: School) -> Reply:
    """The second screen again, after a change of who must not see it."""
    draft = await _draft_to_fill(command.token, command, uow)
    body = read_body(draft).with_details(command.answers).with_files(command.files)
    triage, _ = read_triage(body.triage, command.actor, school)
    if triage is None:
        return Reply(view=triage_form(draft.id, body, school, uow.now), replaces=True)
    case = await uow.case(draft.record) if draft.record is not None else None
    await keep(uow, draft, body)
    return Reply(view=_details(draft, body, triage, case, uow, school), replaces=True)


async def send_details(command: SendDetails, uow: UnitOfWork, school: School) -> Reply:
    """The second screen: the report is received, and sent to whom it goes to."""
    typed = text_of(command.answers, "what_happened")
    draft = await open_draft(uow, command.actor, command.token, kept=typed)
    if draft is None:
        raise Refused(
            Notice(
                title="Please send it again",
                text="This form is over a day old and was not sent. Type /report-incident; your words are below.",
                kept=typed,
            ),
            reason="no-such-draft",
        )
    body = read_body(draft)
    if draft.sent:
        return await _sent_twice(command, draft, typed, uow, school)
    body = replace(body, details=dict(command.answers)).with_files(command.files)
    triage, triage_errors = read_triage(body.triage, command.actor, school)
    if triage is None:
        return _incomplete(triage_form(draft.id, body, school, uow.now), triage_errors)
    case = await uow.case(draft.record) if draft.record is not None else None
    account, errors = read_account(command.answers, body, command.actor, school, uow.now)
    if account is None:
        await keep(uow, draft, body)
        return _incomplete(_details(draft, body, triage, case, uow, school), errors)
    if case is None:
        transition = start(
            record=uow.new_record_id(),
            reference=await uow.new_reference(),
            reporter=command.actor,
            triage=triage,
            account=account,
            now=uow.now,
            school=school,
        )
        await apply_new(uow, transition)
    else:
        transition = step(Completed(account), case, uow.now, school)
        await apply(uow, case, transition, action="case-completed", actor=command.actor)
    case = await attach(uow, transition.case, command.actor, body.files, school)
    if wants_to_send(command.answers, case):
        await ask_for_files(uow, command.actor, case)
    # The text is in the case now; the draft only remembers that it was sent, so that a second press adds nothing.
    await keep(uow, replace(draft, record=case.id, sent=True), ReportDraft())
    return Reply(view=_received(case, school, uow), replaces=True)


async def _sent_twice(command: SendDetails, draft: Draft, typed: str, uow: UnitOfWork, school: School) -> Reply:
    """The form was sent already, and comes with other words: they are added to the report, not lost."""
    case = await uow.case(draft.record) if draft.record is not None else None
    if case is None:
        raise AssertionError("a draft that was sent without a case")
    wish = left_out(command.answers, command.actor, school)
    transition = step(ReporterWrote(EntryKind.ADDED, typed, wish), case, uow.now, school)
    await apply(uow, case, transition, action="reporter-added", actor=command.actor)
    text = f"{case.reference} was sent already. What stands in this form now was added to it."
    try:
        await attach(uow, transition.case, command.actor, command.files, school)
    except TooManyFiles as error:
        text = f"{text} But: {error}"
    return Reply(view=Notice(title="Added", text=text), replaces=True)


async def _draft_to_fill(token: str, command: SendTriage | BackToTriage | RefreshDetails, uow: UnitOfWork) -> Draft:
    typed = text_of(command.answers, "what_happened")
    draft = await open_draft(uow, command.actor, token, kept=typed)
    if draft is None:
        return await begin(uow, command.actor, ReportDraft(), token=token)
    if draft.sent:
        notice = Notice(
            title="Already sent",
            text="This report was sent. To add to it or correct it, use the buttons on its receipt.",
            kept=typed,
        )
        raise Refused(notice, reason="stale", record=draft.record)
    return draft


async def _where_it_was_left(draft: Draft, uow: UnitOfWork, school: School) -> Form:
    body = read_body(draft)
    triage, _ = read_triage(body.triage, draft.person, school)
    case = await uow.case(draft.record) if draft.record is not None else None
    if case is not None and triage is not None:
        return _details(draft, body, triage, case, uow, school)
    begun = school.calendar.says(draft.at, uow.now)
    return triage_form(draft.id, body, school, uow.now, begun=begun)


def _details(
    draft: Draft, body: ReportDraft, triage: Triage, case: Case | None, uow: UnitOfWork, school: School
) -> Form:
    conflicts = left_out(body.details, draft.person, school)
    if case is not None:
        shown = preview_of(case, conflicts, school, uow.now)
    else:
        shown = preview(triage, conflicts, draft.person, school, uow.now)
    return details_form(draft.id, body, shown, school, uow.now, alerted=case)


def _incomplete(form: Form, errors: dict[str, str]) -> Reply:
    return Reply(view=replace(form, errors=errors), replaces=True, accepted=False)


def _received(case: Case, school: School, uow: UnitOfWork) -> Notice:
    sent_to = who_has_it(case, school)
    child = ""
    if case.triage.child_at_risk:
        child = f" A child at risk? Don't wait: find {safeguarding_contact(school, uow.now, case)}."
    return Notice(
        title="Received",
        text=f"{case.reference}, received {school.calendar.says(uow.now, uow.now)}. Sent to {sent_to}.{child} "
        "Your receipt is in your messages with Staffroom.",
    )
