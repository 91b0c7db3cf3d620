"""What each person's card about a case says now: built, and re-authorised, at the moment it is delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.cases.apply import FILES_CARD, RECEIPT_CARD
from handlers.cases.drill_cards import drill_card
from handlers.commands import button_token
from handlers.evidence.words import on_receipt
from handlers.views import AccessEnded, Button, Card, CaseAlert, CaseCard, FilesWanted, Receipt, Unanswered
from handlers.words import as_dialled, joined, safeguarding_contact, who_has_it, with_phone
from policy.case import Case, CaseState
from policy.evidence import EvidenceFile
from policy.people import PersonId
from policy.processes import PROCESSES
from policy.processes.process import DONT_REPLY, KEEP
from policy.routing import Resolver, excluded, process_of, readers
from policy.school import School

NOTHING_MORE = "Nothing more for you to do."


@dataclass(frozen=True, slots=True)
class Built:
    """A card as it is to stand now; `ended` where it follows the case no further."""

    card: Card
    ended: bool = False


def build_card(
    kind: str,
    person: PersonId,
    case: Case,
    school: School,
    now: datetime,
    *,
    files: Sequence[EvidenceFile] = (),
    collects: bool = False,
) -> Built:
    """The person's card of this kind about the case. `files` are the case's; `collects`: they are sending more."""
    found = school.staff.get(person)
    if found is None:
        return Built(_access_ended(person, case, school), ended=True)  # they have left
    if case.drill:
        return Built(*drill_card(kind, person, case, school, now, _phones(case.asked, school)))
    if kind == RECEIPT_CARD:
        return Built(receipt(case, school, now, files))
    if kind == FILES_CARD:
        return Built(_files_wanted(case, files, collects=collects), ended=not collects)
    if person in readers(case, school, now):
        return Built(_readers_card(person, case, school, now))
    if case.state is CaseState.WAITING and found.duties and person in case.told - excluded(case):
        return Built(_unanswered(case, school, now))
    return Built(_access_ended(person, case, school), ended=True)


def receipt(case: Case, school: School, now: datetime, files: Sequence[EvidenceFile] = ()) -> Receipt:
    """What the reporter sees of their report: that it was received and how it stands, no more."""
    profile, stamp = school.profile, school.calendar.stamp
    token = button_token(case.id, case.turn)
    # What was found out since, but for imagery, is not the reporter's to learn: least of all that it is about them.
    process = process_of(case.triage, imagery=case.imagery)
    hidden = case.reporter in case.named_late
    holder = "a colleague" if hidden else school.staff.name(case.holder)
    known = replace(case, concerned=case.concerned - {case.reporter}) if hidden else case
    clause = profile.clause(process)
    advice = [*PROCESSES[process].advice]
    if not profile.do_not_reply:
        advice = [KEEP if one == DONT_REPLY else one for one in advice]
    if clause:
        advice[0] = f"{advice[0]} ({clause})"
    advice.append("Keep this private; you may still talk to your union, the LADO or the police.")
    match case.state:
        case CaseState.WAITING if case.reaches_nobody and not hidden:
            phone = joined(_phones(Resolver(case, school, now).recipients(), school))
            status = f"Nobody could be reached in chat. Phone now: {phone or 'your local authority'}."
        case CaseState.WAITING if every_step_tried(case, school) and not hidden:
            phone = joined(_phones(case.asked, school))
            status = f"Nobody has answered yet, and everybody has been asked. Phone now: {phone}."
        case CaseState.WAITING if case.account is None:
            status = "You have not said yet what happened: press Add, or type /report-incident to go on."
        case CaseState.WAITING:
            status = "We'll say when it's picked up. We may not be able to share the outcome."
        case CaseState.TAKEN if case.taken_at is not None:
            status = f"Picked up by {holder}, {stamp(case.taken_at)}."
        case _ if case.finished_at is not None:
            status = f"Finished by {holder}, {stamp(case.finished_at)}. We may not be able to share the outcome."
        case _:
            raise AssertionError("a case that is taken or finished without a time")
    if case.withdrawal_asked and case.open:
        status += " You asked to withdraw it: whoever has it decides."
    return Receipt(
        reference=case.reference,
        received=stamp(case.received_at),
        sent_to="the school's chain" if hidden else who_has_it(case, school),
        status=status,
        advice=tuple(advice),
        contact=safeguarding_contact(school, now, known),
        urgent=case.triage.danger,
        files=on_receipt(files),
        buttons=(
            Button(action="report.add", label="Add", token=token),
            Button(action="report.correct", label="Correct or withdraw", token=token),
            Button(action="report.support", label="I'd like support", token=token),
        ),
    )


def every_step_tried(case: Case, school: School) -> bool:
    """Whether the last step of the chain has fired, after another one, and nobody has it: somebody has to phone."""
    last = school.profile.escalation[case.level].is_last(case.step)
    return case.state is CaseState.WAITING and case.step > 0 and last


def _files_wanted(case: Case, files: Sequence[EvidenceFile], *, collects: bool) -> FilesWanted:
    done = Button(action="files.done", label="Done", token=button_token(case.id, case.turn), style="primary")
    return FilesWanted(
        reference=case.reference, files=on_receipt(files), open=collects, buttons=(done,) if collects else ()
    )


def _readers_card(person: PersonId, case: Case, school: School, now: datetime) -> Card:
    token = button_token(case.id, case.turn)
    open_it = Button(action="case.open", label="Open", token=token)
    take = Button(action="case.take", label="I'll take it", token=token, style="primary")
    pass_on = Button(action="case.pass_on", label="I shouldn't handle this", token=token)
    stamp = school.calendar.stamp
    holder = school.staff.name(case.holder)
    match case.state:
        case CaseState.WAITING if person in case.asked:
            return _alert(case, school, now, (take, open_it, pass_on))
        case CaseState.WAITING:
            return CaseCard(
                reference=case.reference,
                status="Others are being asked to take it.",
                news=_news(person, case, school),
                buttons=(take, open_it),
            )
        case CaseState.TAKEN if person == case.holder and case.taken_at is not None:
            return CaseCard(
                reference=case.reference,
                status=f"You have had it since {stamp(case.taken_at)}.",
                news=_news(person, case, school),
                buttons=(
                    Button(action="case.open", label="Open", token=token, style="primary"),
                    Button(action="case.record", label="Record what was done", token=token),
                    Button(action="case.finish", label="Finish", token=token),
                    pass_on,
                    Button(action="case.more", label="More…", token=token),
                ),
            )
        case CaseState.TAKEN if case.taken_at is not None:
            news = _news(person, case, school)
            status = f"{holder} has had it since {stamp(case.taken_at)}.{'' if news else f' {NOTHING_MORE}'}"
            return CaseCard(reference=case.reference, status=status, news=news, buttons=(open_it,))
        case _ if case.finished_at is not None:
            status = f"Finished by {holder}, {stamp(case.finished_at)}."
            return CaseCard(
                reference=case.reference, status=status, news=_news(person, case, school), buttons=(open_it,)
            )
        case _:
            raise AssertionError("a case that is taken or finished without a time")


def _alert(case: Case, school: School, now: datetime, buttons: tuple[Button, ...]) -> CaseAlert:
    chain = school.profile.escalation[case.level]
    last = chain.is_last(case.step)
    following = Resolver(case, school, now).asked_by(chain.step(case.step + 1).ask)
    then = "you are asked again" if following.keys() <= case.asked.keys() else "the next person is asked"
    if case.reply_by is None:
        raise AssertionError("a waiting case without a time to reply by")
    return CaseAlert(
        reference=case.reference,
        reply_by=school.calendar.stamp(case.reply_by),
        then=then,
        phone=_phones(case.asked, school) if last else (),
        buttons=buttons,
    )


def _news(person: PersonId, case: Case, school: School) -> str:
    """What came since, in words that tell nothing about anybody."""
    stamp, news = school.calendar.stamp, []
    action = case.next_action
    if person == case.holder:
        if case.handed_over_by is not None:
            news.append(f"{school.staff.name(case.handed_over_by)} handed it over to you.")
        if action is not None and action.reminded:
            news.append("What you noted as next is due.")
        if case.lado_late:
            news.append("Something that the policy asks by now is still open.")
    elif case.changed_at is not None:
        news.append(f"Something about it changed at {stamp(case.changed_at)}: open it to read.")
    if person != case.holder and action is not None and action.overdue:
        news.append("What was to be done next is overdue.")
    if case.withdrawal_asked:
        news.append("The reporter asks to withdraw it: whoever has it decides.")
    elif case.reporter_wrote_at is not None:
        news.append(f"The reporter added something at {stamp(case.reporter_wrote_at)}: open it to read.")
    return " ".join(news)


def _phones(asked: Iterable[PersonId], school: School) -> tuple[str, ...]:
    """Whom to phone once every step has been tried: whom it goes to first of all, then the school's own contacts."""
    people = [found for person in asked if (found := school.staff.get(person)) is not None]
    numbers = school.profile.contacts.items()
    return (*map(with_phone, people), *(f"{name}, {as_dialled(number)}" for name, number in numbers))


def _unanswered(case: Case, school: School, now: datetime) -> Unanswered:
    recipients = Resolver(case, school, now).recipients()
    return Unanswered(
        reference=case.reference,
        since=school.calendar.stamp(case.received_at),
        phone=_phones({**recipients, **case.asked}, school),
    )


def _access_ended(person: PersonId, case: Case, school: School) -> AccessEnded:
    # Whoever was asked up to the end learns who took it. Everybody else, for whatever reason they are out,
    # reads the same words without a name: a name could tell the person it concerns what it is about.
    to_the_end = (case.asked.keys() | case.told) - excluded(case)
    if person in to_the_end and case.taken_at is not None:
        status = f"{school.staff.name(case.holder)} has had it since {school.calendar.stamp(case.taken_at)}."
    else:
        status = "It is with someone else now."
    return AccessEnded(reference=case.reference, status=f"{status} {NOTHING_MORE}")
