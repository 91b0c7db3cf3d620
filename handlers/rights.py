"""A subject access search: which reports name somebody. For the DPO, who reads references and whom to ask, no more.

A person redacts what is about others and weighs the exemptions (harm to a child among them): nothing is given out here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.cases.access import NOT_OPEN
from handlers.cases.drafts import text_of
from handlers.commands import SendSearch, StartSearch, button_token
from handlers.errors import Refused
from handlers.ports import Reply
from handlers.views import Button, Form, HomeRow, Notice, TextInput, Words
from handlers.words import who_has_it
from policy.case import Case, CaseState
from policy.people import Duty, PersonId
from policy.routing import excluded, readers
from policy.school import School
from policy.subject_search import SHORTEST, is_named, terms_of
from storage.cases import Written
from storage.unit_of_work import UnitOfWork

BATCH = 50
"""Cases that are read at once."""
MOST = 100
"""References that are shown: what names more is no name."""
MOST_OPEN = 5
STATES = {CaseState.WAITING: "nobody has it yet", CaseState.TAKEN: "open", CaseState.FINISHED: "finished"}
REDACT = (
    "This finds names as they were typed, and is no answer to the request. A person reads each report, redacts what is "
    "about others, and considers the exemptions, such as harm to a child. Ask whoever has it."
)


def may_search(actor: PersonId, school: School) -> bool:
    """Whether they are the data protection officer."""
    person = school.staff.get(actor)
    return person is not None and Duty.DPO in person.duties


def on_home(actor: PersonId, school: School) -> tuple[HomeRow, ...]:
    """The button, for the DPO."""
    if not may_search(actor, school):
        return ()
    search = Button(action="rights.search", label="Subject access search", token="home")  # noqa: S106 - no secret
    return (HomeRow(text="Somebody asks what the school holds on them.", buttons=(search,)),)


async def start_search(command: StartSearch, uow: UnitOfWork, school: School) -> Reply:  # noqa: ARG001 - as every use case
    """Asks for whom."""
    _must_be_dpo(command.actor, school)
    return Reply(view=_form(""))


async def send_search(command: SendSearch, uow: UnitOfWork, school: School) -> Reply:
    """Reads every report, and says which name them. It was audited before this began."""
    _must_be_dpo(command.actor, school)
    typed = text_of(command.answers, "names")
    terms = terms_of(typed)
    if not terms or any(len(term) < SHORTEST for term in terms):
        error = {"names": f"Write names of {SHORTEST} letters or more, one on each line."}
        return Reply(view=_form(typed, error), replaces=True, accepted=False)
    known = frozenset(person.id for person in school.staff if is_named(terms, (person.name, *person.emails)))
    found: list[Case] = []
    after = ""
    while batch := await uow.written_after(after, BATCH):
        after = batch[-1].id
        # Looking through text takes its time: clicks are answered meanwhile.
        found += await asyncio.to_thread(_naming, batch, _Wanted(terms, known), command.actor)
    return Reply(view=_told(found, command.actor, uow, school), replaces=True)


@dataclass(frozen=True, slots=True)
class _Wanted:
    terms: tuple[str, ...]
    people: frozenset[PersonId]


def _naming(batch: Sequence[Written], wanted: _Wanted, actor: PersonId) -> list[Case]:
    # What is about the DPO is not theirs to find, nor what somebody has left them out of.
    return [
        one.case
        for one in batch
        if one.case is not None
        and actor not in excluded(one.case)
        and (not wanted.people.isdisjoint(one.texts) or is_named(wanted.terms, one.texts))
    ]


def _told(found: Sequence[Case], actor: PersonId, uow: UnitOfWork, school: School) -> Notice:
    cases = sorted(found, key=lambda case: case.reference)  # no order that tells when they came
    lines = [f"{case.reference}: {STATES[case.state]}. Ask {who_has_it(case, school)}." for case in cases[:MOST]]
    if len(cases) > MOST:
        lines.append(f"And {len(cases) - MOST} more. Search for a fuller name.")
    buttons = tuple(
        Button(action="case.open", label=f"Open {case.reference}", token=button_token(case.id, case.turn))
        for case in cases
        if actor in readers(case, school, uow.now)
    )
    said = lines or ["No report that you can be told of has the name."]
    return Notice(title="Subject access search", text="\n".join([*said, REDACT]), buttons=buttons[:MOST_OPEN])


def _must_be_dpo(actor: PersonId, school: School) -> None:
    if not may_search(actor, school):
        raise Refused(NOT_OPEN, reason="not-the-dpo")


def _form(typed: str, errors: dict[str, str] | None = None) -> Form:
    return Form(
        id="rights.search",
        title="Subject access",
        submit="Search",
        token="rights",  # noqa: S106 - no secret
        parts=(
            Words(text="You read references and whom to ask, not what was written. That you search is recorded."),
            TextInput(
                id="names",
                label="Name, e-mail address, nicknames",
                hint="One on each line.",
                multiline=True,
                required=True,
                value=typed,
            ),
        ),
        errors=errors or {},
    )
