"""Find a report: by reference, words, a pupil's name or day; only among those that this person may read now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from handlers.cases.drafts import text_of
from handlers.commands import Answers, BadToken, SendFind, StartFind, button_token, read_draft_token
from handlers.ports import Reply
from handlers.views import Button, Buttons, DateInput, Form, Part, TextInput, Words
from policy.case import Case
from policy.case_life_cycle import how_it_stands
from policy.people import Person, PersonId
from policy.routing import readers
from policy.school import School
from policy.searching import about, colleagues_called, marks_for, own, words_of
from storage.search import Wanted
from storage.unit_of_work import UnitOfWork

SHOWN = 20
COUNTED = 40
"""Of more that they may read only this is said: there are more than that."""
LOOKED_AT = 164
"""Reports that are opened for one search at the most."""
BATCH = 41
MOST_WORDS = 20

NOTHING = "No report that is open to you has all of this."
"""The same words where there is none and where they may not read it."""
SAY_SOMETHING = "Write a word, a name or a reference, or pick a day."
NO_SUCH_DAY = "There is no such day. Pick it again."
STILL_INDEXING = "Older reports are being made findable: try again in a few minutes."


def may_find(actor: PersonId, school: School) -> bool:
    """Whether the person holds a duty that a report can reach: to others the form is not offered."""
    person = school.staff.get(actor)
    return person is not None and bool(person.duties & school.profile.duties_used)


async def start_find(command: StartFind, uow: UnitOfWork, school: School) -> Reply:  # noqa: ARG001 - one shape for all
    """The blank form."""
    return Reply(view=_form(uow.new_draft_id(), {}, ()), replaces=True)


async def send_find(command: SendFind, uow: UnitOfWork, school: School) -> Reply:
    """What was found, in the form, so that it can be narrowed down at once."""
    token, answers, errors = _token(command, uow), command.answers, dict[str, str]()
    days = {}
    for field in ("since", "until"):
        try:
            days[field] = date.fromisoformat(text) if (text := text_of(answers, field)) else None
        except ValueError:
            errors[field] = NO_SUCH_DAY
    words = words_of(text_of(answers, "words"))
    if not errors and not words and not any(days.values()):
        errors["words"] = SAY_SOMETHING
    if errors:
        return Reply(view=_form(token, answers, (), errors), replaces=True, accepted=False)
    person = school.staff.get(command.actor)
    found: list[Case] = []
    if person is not None:
        called = {word: colleagues_called(word, school) for word in sorted(words)[:MOST_WORDS]}
        wanted = Wanted(
            groups=tuple(frozenset({word, *map(about, colleagues)}) for word, colleagues in called.items()),
            since=_begins(days["since"], school),
            before=_begins(days["until"], school, days=1),
        )
        # A colleague's name finds what the person has themselves, and nothing else: also where it stands in a text.
        found = await _readable(person, wanted, uow, school, held=any(called.values()))
    said = (*_results(found, school), *([] if await uow.is_indexed() else [Words(text=STILL_INDEXING)]))
    return Reply(view=_form(token, answers, said), replaces=True, hits=len(found))


def _token(command: SendFind, uow: UnitOfWork) -> str:
    try:
        return read_draft_token(command.token)
    except BadToken:
        return uow.new_draft_id()


def _begins(day: date | None, school: School, days: int = 0) -> datetime | None:
    """When the day, or one so many days later, begins on the school's clock (UTC)."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days), time(), school.calendar.timezone).astimezone(UTC)
    except OverflowError:
        return None


async def _readable(person: Person, wanted: Wanted, uow: UnitOfWork, school: School, *, held: bool) -> list[Case]:
    """Those of the newest that the person may read now; one more than is counted shows that there are more.

    `held`: only those that the person has, or finished.
    """
    marks = frozenset({own(person.id)}) if held else marks_for(person, school)
    wanted = replace(wanted, groups=(*wanted.groups, marks))
    found: list[Case] = []
    more: Wanted | None = wanted
    looked_at = 0
    while more is not None and looked_at < LOOKED_AT and len(found) <= COUNTED:
        cases, more = await uow.find_cases(more, BATCH)
        looked_at += BATCH
        found += [
            case
            for case in cases
            if person.id in readers(case, school, uow.now) and (not held or case.holder == person.id)
        ]
    return found


def _results(found: list[Case], school: School) -> tuple[Part, ...]:
    if not found:
        return (Words(text=NOTHING),)
    parts: list[Part] = []
    for case in found[:SHOWN]:
        received = f"{school.calendar.stamp(case.received_at)} {school.calendar.local(case.received_at).year}"
        parts.append(Words(text=f"{case.reference}, received {received}. {how_it_stands(case, school)}"))
        open_it = Button(action="case.open", label="Open", token=button_token(case.id, case.turn))
        parts.append(Buttons((open_it,)))
    if len(found) > COUNTED:
        parts.append(Words(text=f"More than {COUNTED - SHOWN} more: narrow it down."))
    elif len(found) > SHOWN:
        parts.append(Words(text=f"{len(found) - SHOWN} more: narrow it down."))
    return tuple(parts)


def _form(token: str, answers: Answers, results: tuple[Part, ...], errors: dict[str, str] | None = None) -> Form:
    return Form(
        id="find",
        title="Find a report",
        submit="Find",
        token=token,
        parts=(
            TextInput(
                id="words",
                label="Reference, words, or a pupil's name",
                hint="Whole words; all of them must be in the report.",
                value=text_of(answers, "words"),
            ),
            DateInput(id="since", label="Received from", required=False, value=text_of(answers, "since")),
            DateInput(id="until", label="Received up to", required=False, value=text_of(answers, "until")),
            *results,
            # Said always, whatever was found: it tells nothing.
            Words(
                text="The newest come first, and of very many only the newest are looked at: days find older ones. "
                "A colleague's name finds reports that you have. That you searched is audited, your words are not.",
                style="small",
            ),
        ),
        errors=errors or {},
    )
