"""The case screen: everything about one case, for one person who may read it now."""

from __future__ import annotations

from handlers.cases.triage_form import KINDS, WHO
from handlers.commands import button_token
from handlers.views import Button, CaseDetail, Line, Quote
from handlers.words import names
from policy.case import Case, CaseState, Entry, EntryKind
from policy.case_life_cycle import how_it_stands
from policy.people import PersonId
from policy.processes import PROCESSES
from policy.reports import Source
from policy.school import School

WHAT = {
    EntryKind.STARTED: "began the report; the alert went out",
    EntryKind.TRIAGE_CHANGED: "changed the first answers",
    EntryKind.REPORTED: "sent the report",
    EntryKind.REROUTED: "it goes to others now",
    EntryKind.ASKED: "asked",
    EntryKind.TOLD: "told whom to phone",
    EntryKind.UNREACHABLE: "could not be reached in chat",
    EntryKind.TAKEN: "took it",
    EntryKind.PASSED_ON: "passed it on",
    EntryKind.NOTE: "noted",
    EntryKind.ADDED: "added",
    EntryKind.CORRECTED: "corrected",
    EntryKind.WITHDRAWAL_ASKED: "asked to withdraw it",
    EntryKind.SUPPORT_ASKED: "would like support",
    EntryKind.FINISHED: "finished it",
}
SOURCES = {Source.SAW_IT: "The reporter saw it", Source.WAS_TOLD: "The reporter was told"}


def case_detail(case: Case, entries: tuple[Entry, ...], reader: PersonId, school: School) -> CaseDetail:
    """What this reader sees of the case; whether they may is `access`' business."""
    stamp, triage, account = school.calendar.stamp, case.triage, case.account
    # Until the second screen is sent nobody knows whether the reporter wants their name to be kept back.
    hidden = reader != case.holder and (account is None or account.hide_name)
    reporter = "A member of staff (whoever takes it sees the name)" if hidden else school.staff.name(case.reporter)
    process = PROCESSES[case.process]
    facts = [
        ("Reported by", reporter),
        ("Received", stamp(case.received_at)),
        ("What", next(option.label for option in KINDS if option.value == triage.kind)),
        ("Concerns", _concerns(case, school)),
        ("Danger now", "Yes, or not sure" if triage.danger else "No"),
        ("Imagery of someone under 18", "Yes, or not sure" if triage.imagery else "No"),
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
        label = {outcome.key: outcome.label for outcome in process.outcomes}.get(case.outcome, case.outcome)
        facts.append(("Outcome", label))
    lines = tuple(_line(entry, case, school, reporter) for entry in entries)
    return CaseDetail(
        reference=case.reference,
        title=process.title,
        status=how_it_stands(case, school),
        facts=tuple(facts),
        quotes=tuple(quotes),
        asks=process.asks,
        chronology=lines,
        buttons=_buttons(case, reader),
    )


def _concerns(case: Case, school: School) -> str:
    label = next(option.label for option in WHO if option.value == case.triage.concerns)
    label = label.replace(" (say who below)", "").replace("Me", "The reporter")
    return f"{label}: {names(case.concerned, school)}" if case.concerned else label


def _line(entry: Entry, case: Case, school: School, reporter: str) -> Line:
    if entry.actor is None:
        who = "Staffroom"
    else:
        who = reporter if entry.actor == case.reporter else school.staff.name(entry.actor)
    people = f" {names(entry.people, school) or 'nobody: no one can be reached'}" if entry.actor is None else ""
    if entry.kind is EntryKind.REROUTED:
        people = ""
    return Line(when=school.calendar.stamp(entry.at), who=who, what=f"{WHAT[entry.kind]}{people}", text=entry.text)


def _buttons(case: Case, reader: PersonId) -> tuple[Button, ...]:
    token = button_token(case.id, case.turn)
    if case.state is CaseState.WAITING:
        take = Button(action="case.take", label="I'll take it", token=token, style="primary")
        pass_on = Button(action="case.pass_on", label="I shouldn't handle this", token=token)
        return (take, pass_on) if reader in case.asked else (take,)
    if case.state is CaseState.TAKEN and reader == case.holder:
        return (
            Button(action="case.note", label="Add to the chronology", token=token, style="primary"),
            Button(action="case.finish", label="Finish", token=token),
            Button(action="case.pass_on", label="I shouldn't handle this", token=token),
        )
    return ()
