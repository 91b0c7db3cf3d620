"""The second screen of a report: what is asked, who will see it, and how the answers are read."""

from __future__ import annotations

from datetime import datetime

from handlers.cases.drafts import ReportDraft, ids_of, text_of
from handlers.cases.triage_form import UNLISTED, picked
from handlers.commands import Answers
from handlers.evidence.words import counted
from handlers.views import (
    Button,
    Buttons,
    Choice,
    DateInput,
    FilePicker,
    Form,
    Option,
    Part,
    PersonPicker,
    TextInput,
    Tick,
    TimeInput,
    Words,
)
from handlers.words import joined, names, safeguarding_contact, who_has_it
from policy.case import Case, RecordId
from policy.case_events import Completed
from policy.case_files import fetches_nothing
from policy.case_life_cycle import start, step
from policy.errors import InvalidAnswer
from policy.people import PersonId
from policy.processes import ProcessId
from policy.reports import Account, Source, Triage
from policy.routing import excluded
from policy.school import School
from policy.text import says_something

SOURCES = (Option(Source.SAW_IT, "I saw it myself"), Option(Source.WAS_TOLD, "I was told by someone"))


def details_form(
    token: str, draft: ReportDraft, case: Case, school: School, now: datetime, *, alerted: Case | None
) -> Form:
    """The second screen, for the case that sending it makes; `alerted` is the one that the first screen made."""
    answers, calendar = draft.details, school.calendar
    contact = safeguarding_contact(school, now, case)
    local = calendar.local(now)
    parts: list[Part] = []
    if case.triage.danger:
        parts.append(Words(text="Danger now? Call 999 before you write anything.", style="warning"))
    if case.process is ProcessId.P04:
        parts.append(Words(text=imagery_guidance(contact), style="warning"))
    if alerted is not None:
        parts.append(
            Words(
                text=f"{alerted.reference}: alerted {who_has_it(alerted, school)}. "
                f"Don't wait for an answer: find {contact}. Then say here what happened."
            )
        )
    parts.append(
        TextInput(
            id="what_happened",
            label="What happened, and the words used",
            hint="Just what you saw or were told. A child's words as they said them.",
            multiline=True,
            required=not draft.rest,
            value=text_of(answers, "what_happened"),
        )
    )
    if draft.rest:
        parts.append(
            Words(
                text=f"Your text is long: its beginning stands above, and the other {len(draft.rest):,} characters "
                "are kept and sent with it.",
                style="small",
            )
        )
    parts += [
        Choice(id="source", label="How do you know?", options=SOURCES, value=text_of(answers, "source") or None),
        DateInput(id="date", label="When: day", value=text_of(answers, "date") or local.date().isoformat()),
        TimeInput(id="time", label="When: time", value=text_of(answers, "time") or f"{local:%H:%M}"),
        TextInput(
            id="where",
            label="Where is it? Link or username",
            hint="Don't send the picture." if case.process is ProcessId.P04 else "If you have it.",
            value=text_of(answers, "where"),
        ),
        *_files(case, draft),
        PersonPicker(
            id="must_not_see",
            label="Anyone who must not see this?",
            many=True,
            value=picked(ids_of(answers, "must_not_see"), school),
            action="report.refresh",
        ),
        TextInput(id="why", label="If so, why?", value=text_of(answers, "why")),
        Tick(
            id="hide_name",
            label="Share my name only with whoever takes it",
            value=bool(ids_of(answers, "hide_name")),
        ),
        Words(text=audience(case, school)),
        Buttons((Button(action="report.back", label="Back", token=token),)),
    ]
    return Form(id="report.details", title="Report an incident", submit="Send", token=token, parts=tuple(parts))


def _files(case: Case, draft: ReportDraft) -> list[Part]:
    """The picker comes after the imagery question, and only after a "no" (`domain.md` N2)."""
    if fetches_nothing(case):
        count = len(draft.files)
        return [Words(text=f"{counted(count)} of that message will not be fetched.", style="small")] if count else []
    kept = f"{counted(len(draft.files))} attached already." if draft.files else ""
    return [FilePicker(id="files", label="Screenshots", hint="Of the words, the name and the time.", kept=kept)]


def imagery_guidance(contact: str) -> str:
    """What to do, and not to do, about imagery of someone under 18."""
    return (
        "Stop. Don't send it here.\n"
        "Don't look again, copy, screenshot, save, share or delete it. Don't ask to be shown it. "
        "Don't question or blame the child.\n"
        f"Already seen it? Find {contact} now: they will support you."
    )


def audience(case: Case, school: School) -> str:
    """Who it goes to, and who will not see it."""
    goes_to = who_has_it(case, school)
    out = excluded(case)
    not_seen = joined([*school.staff.names(out), "staff outside that chain"])
    text = f"Goes to {goes_to}; if nobody takes it, to the next in the school's chain. Not seen by {not_seen}."
    wished = case.account.must_not_see if case.account is not None else frozenset[PersonId]()
    if still := wished - out:
        text += (
            f" {names(still, school)} may still see it, as DSL. "
            "Is it about them? Go back and choose them in question 2."
        )
    return text


def preview_of(case: Case, conflicts: frozenset[PersonId], school: School, now: datetime) -> Case:
    """What a case that was alerted already becomes when the second screen is sent as it is; never stored."""
    return step(Completed(_empty_account(conflicts, now)), case, now, school).case


def preview(triage: Triage, conflicts: frozenset[PersonId], reporter: PersonId, school: School, now: datetime) -> Case:
    """The case that sending the report now would make; never stored."""
    transition = start(
        record=RecordId("0" * 32),
        reference="",
        reporter=reporter,
        triage=triage,
        account=_empty_account(conflicts, now),
        now=now,
        school=school,
    )
    return transition.case


def _empty_account(conflicts: frozenset[PersonId], now: datetime) -> Account:
    return Account(what_happened="", source=Source.SAW_IT, happened_at=now, must_not_see=conflicts)


def left_out(answers: Answers, reporter: PersonId, school: School) -> frozenset[PersonId]:
    """The people of the school who, says the reporter, must not see it."""
    people = (PersonId(one) for one in ids_of(answers, "must_not_see"))
    return frozenset(person for person in people if school.staff.get(person) is not None and person != reporter)


def read_account(
    answers: Answers, draft: ReportDraft, reporter: PersonId, school: School, now: datetime
) -> tuple[Account | None, dict[str, str]]:
    """The answers, or what to do about those that cannot be taken, by field."""
    errors: dict[str, str] = {}
    what_happened = draft.whole(text_of(answers, "what_happened"))
    if not says_something(what_happened):
        errors["what_happened"] = "Write what happened, in a few words. You don't need proof."
    source = text_of(answers, "source")
    if source not in list(Source):
        errors["source"] = "Choose one."
    happened_at = now
    try:
        happened_at = school.calendar.moment(text_of(answers, "date"), text_of(answers, "time"), now)
    except InvalidAnswer as error:
        errors[error.field] = str(error)
    known = left_out(answers, reporter, school)
    unknown = {*ids_of(answers, "must_not_see")} - known - {UNLISTED.value, reporter}
    if unknown:
        errors["must_not_see"] = "One of them is not on the staff list any more. Choose again."
    if errors:
        return None, errors
    return (
        Account(
            what_happened=what_happened,
            source=Source(source),
            happened_at=happened_at,
            where=text_of(answers, "where"),
            must_not_see=known,
            must_not_see_why=text_of(answers, "why"),
            hide_name=bool(ids_of(answers, "hide_name")),
        ),
        {},
    )
