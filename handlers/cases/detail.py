"""The case screen: everything about one case, for one person who may read it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from handlers.cases.more import choices
from handlers.cases.names import name_to
from handlers.cases.questions import before_the_end
from handlers.cases.triage_form import KINDS, WHO
from handlers.commands import button_token
from handlers.evidence.words import in_case
from handlers.views import Button, CaseDetail, Line, Link, Quote
from handlers.words import joined, names
from policy.calendar import long_date
from policy.case import Case, CaseState, Entry, EntryKind, RecordId
from policy.case_life_cycle import how_it_stands
from policy.case_record import questions_of, still_required
from policy.evidence import EvidenceFile
from policy.people import PersonId
from policy.processes import PROCESSES
from policy.reports import AT_THE_SCHOOL, Source
from policy.school import School

WHAT = {
    EntryKind.STARTED: "began the report; the alert went out",
    EntryKind.TRIAGE_CHANGED: "changed the first answers",
    EntryKind.REPORTED: "sent the report",
    EntryKind.REROUTED: "it goes to others now",
    EntryKind.ASKED: "asked",
    EntryKind.TOLD: "told whom to phone",
    EntryKind.UNREACHABLE: "could not reach in chat:",
    EntryKind.TAKEN: "took it",
    EntryKind.PASSED_ON: "passed it on",
    EntryKind.NOTE: "noted",
    EntryKind.ADDED: "added",
    EntryKind.CORRECTED: "corrected",
    EntryKind.WITHDRAWAL_ASKED: "asked to withdraw it",
    EntryKind.SUPPORT_ASKED: "would like support",
    EntryKind.FILES_ADDED: "attached",
    EntryKind.FILES_HELD: "attached, and nothing was fetched:",
    EntryKind.FINISHED: "finished it",
    EntryKind.HANDED_OVER: "handed it over to",
    EntryKind.NAMED: "found out that it concerns",
    EntryKind.NAME_UNDONE: "found out that it does not concern",
    EntryKind.ANSWERED: "answered",
    EntryKind.NEXT_ACTION: "noted as next, by",
    EntryKind.NEXT_DONE: "did what was next",
    EntryKind.REMINDED: "reminded of what is next",
    EntryKind.OVERDUE: "told that what is next is overdue",
    EntryKind.LADO_OPEN: "told that the LADO question is open",
    EntryKind.LINKED: "linked it with",
    EntryKind.UNLINKED: "undid the link with",
    EntryKind.IMAGERY_MARKED: "marked it as imagery; the DSL was alerted",
    EntryKind.REOPENED: "reopened it",
    EntryKind.ACKNOWLEDGED: "acknowledged the drill",
    EntryKind.DRILL_OVER: "ended the drill",
    EntryKind.PACK_MADE: "made an evidence pack; the SHA-256 of its SHA256SUMS is",
    EntryKind.KEPT: "decided to keep it until",
    EntryKind.HELD: "put it under legal hold",
    EntryKind.HOLD_LIFTED: "lifted the legal hold",
    EntryKind.PERIOD_OVER: "its period is over; asked",
}
ABOUT_PEOPLE = frozenset({EntryKind.HANDED_OVER, EntryKind.NAMED, EntryKind.NAME_UNDONE})
"""Lines in which one person does something about another."""
QUESTIONS = {question.key: question.text for process in PROCESSES.values() for question in process.questions}
SOURCES = {Source.SAW_IT: "The reporter saw it", Source.WAS_TOLD: "The reporter was told"}


def case_detail(
    case: Case,
    entries: tuple[Entry, ...],
    reader: PersonId,
    school: School,
    now: datetime,
    linked: Sequence[Case] = (),
    files: Sequence[EvidenceFile] = (),
    path: str = "",
    stamp: Callable[[datetime], str] | None = None,
) -> CaseDetail:
    """What this reader sees of the case; whether they may is `access`' business.

    `linked` are the cases that it is linked with, of those that they may read as well; `path` is where
    they see the files; `stamp` says when something was, where that is not to be as on a card.
    """
    triage, account = case.triage, case.account
    stamp = stamp or school.calendar.stamp
    reporter = name_to(reader, case.reporter, case, school)
    process = PROCESSES[case.process]
    facts = [
        ("Reported by", reporter),
        ("Received", stamp(case.received_at)),
        ("What", next(option.label for option in KINDS if option.value == triage.kind)),
        ("Concerns", _concerns(case, school)),
        ("Danger now", "Yes, or not sure" if triage.danger else "No"),
        ("Imagery of someone under 18", _imagery(case, stamp)),
    ]
    quotes: list[Quote] = []
    if account is None:
        facts.append(("Not finished", "The reporter has sent the first screen only. Speak to them."))
    else:
        facts += [("When", stamp(account.happened_at)), ("How they know", SOURCES[account.source])]
        quotes.append(Quote(label="What happened", text=account.what_happened))
        if account.where:
            quotes.append(Quote(label="Where", text=account.where))
        named = reader in account.must_not_see  # who is named learns neither that nor why
        if account.must_not_see and not named:
            facts.append(("Asked to keep it from", names(account.must_not_see, school)))
        if account.must_not_see_why and not named:
            quotes.append(Quote(label="Why", text=account.must_not_see_why))
    if clause := school.profile.clause(case.process):
        facts.append(("Policy", clause))
    if case.outcome is not None:
        facts.append(("Outcome", _outcome(case.outcome)))
    if case.held_at is not None:
        facts.append(("Legal hold", f"Since {stamp(case.held_at)}, by {school.staff.name(case.held_by)}"))
    if case.kept_until is not None:
        facts.append(("Kept until", long_date(case.kept_until)))
    if linked:
        facts.append(("Linked with", joined(sorted(other.reference for other in linked))))
    if case.next_action is not None:
        overdue = " (overdue)" if case.next_action.overdue else ""
        label = f"Next, by {long_date(case.next_action.by)}{overdue}"
        quotes.insert(0, Quote(label=label, text=case.next_action.text))
    quotes += _answers(case, entries, stamp)
    references = {other.id: other.reference for other in linked}
    shown = [entry for entry in entries if _may_see(entry, reader, references)]
    lines = tuple(_line(entry, reader, case, school, references, stamp) for entry in shown)
    return CaseDetail(
        reference=case.reference,
        title=process.title,
        status=how_it_stands(case, school),
        facts=tuple(facts),
        quotes=tuple(quotes),
        asks=_open_questions(case),
        chronology=lines,
        buttons=_buttons(case, reader, school, now),
        files=in_case(files),
        link=Link("See the evidence", path) if path else None,
    )


def _concerns(case: Case, school: School) -> str:
    label = next(option.label for option in WHO if option.value == case.triage.concerns)
    label = label.replace(" (say who below)", "").replace("Me", "The reporter")
    if case.triage.concerns not in AT_THE_SCHOOL and case.named_late:
        label = f"{label}, as reported. Found out since"
    return f"{label}: {names(case.concerned, school)}" if case.concerned else label


def _imagery(case: Case, stamp: Callable[[datetime], str]) -> str:
    if case.imagery_marked_at is not None:
        return f"Yes, or not sure: marked {stamp(case.imagery_marked_at)}"
    return "Yes, or not sure" if case.triage.imagery else "No"


def _outcome(key: str) -> str:
    labels = {outcome.key: outcome.label for process in PROCESSES.values() for outcome in process.outcomes}
    return labels.get(key, key)


def _open_questions(case: Case) -> tuple[str, ...]:
    needed, others = before_the_end(case)
    required = still_required(case)
    first = [f"{one.text} (needed to finish)" if one in required else one.text for one in needed]
    return (*first, *(one.text for one in others))


def _answers(case: Case, entries: Sequence[Entry], stamp: Callable[[datetime], str]) -> list[Quote]:
    """What was answered last to each question; what was answered before stands in the chronology."""
    newest = {entry.about: entry for entry in entries if entry.kind is EntryKind.ANSWERED}
    return [
        Quote(label=f"{question.text} ({stamp(newest[question.key].at)})", text=newest[question.key].text)
        for question in questions_of(case)
        if question.key in newest
    ]


def _may_see(entry: Entry, reader: PersonId, references: Mapping[RecordId, str]) -> bool:
    """A link is shown to readers of both; that somebody was named, never to them, also where it was undone."""
    if entry.record is not None:
        return entry.record in references
    return not (entry.kind in {EntryKind.NAMED, EntryKind.NAME_UNDONE} and reader in entry.people)


def _line(
    entry: Entry,
    reader: PersonId,
    case: Case,
    school: School,
    references: Mapping[RecordId, str],
    stamp: Callable[[datetime], str],
) -> Line:
    return Line(
        when=stamp(entry.at),
        who=name_to(reader, entry.actor, case, school),
        what=f"{WHAT[entry.kind]}{_what(entry, school, references)}",
        text=entry.text,
    )


def _what(entry: Entry, school: School, references: Mapping[RecordId, str]) -> str:
    """What a line goes on with: whom, which question, which other report."""
    if entry.record is not None:
        return f" {references[entry.record]}"
    match entry.kind:
        case EntryKind.ANSWERED:
            return f": {QUESTIONS.get(entry.about, entry.about)}"
        case EntryKind.FINISHED if entry.about:
            return f": {_outcome(entry.about)}"
        case EntryKind.KEPT:
            return f" {entry.about}"
        case EntryKind.NEXT_ACTION:
            return f" {long_date(date.fromisoformat(entry.about))}"
        case EntryKind.REROUTED:
            return ""
        case kind if kind in ABOUT_PEOPLE:
            return f" {names(entry.people, school)}"
        case _ if entry.actor is None:
            return f" {names(entry.people, school) or 'nobody: no one can be reached'}"
    return ""


def _buttons(case: Case, reader: PersonId, school: School, now: datetime) -> tuple[Button, ...]:
    token = button_token(case.id, case.turn)
    more = Button(action="case.more", label="More…", token=token)
    ending = (more,) if choices(case, reader, school, now) else ()
    if case.state is CaseState.WAITING:
        take = Button(action="case.take", label="I'll take it", token=token, style="primary")
        pass_on = Button(action="case.pass_on", label="I shouldn't handle this", token=token)
        return (take, pass_on, *ending) if reader in case.asked else (take, *ending)
    if case.state is CaseState.TAKEN and reader == case.holder:
        return (
            Button(action="case.record", label="Record what was done", token=token, style="primary"),
            Button(action="case.finish", label="Finish", token=token),
            more,
        )
    return ending
