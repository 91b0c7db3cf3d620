"""A report that is being written: kept sealed between its two screens, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import TypeAdapter

from handlers.commands import Answers, BadToken, OfferedFile, read_draft_token
from handlers.errors import Refused
from handlers.views import Notice
from policy.evidence import MOST_FILES
from policy.people import PersonId
from policy.text import storable
from storage.drafts import Draft
from storage.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(days=1)
"""How long a report that was begun waits to be sent."""
INBOX_KEPT_FOR = timedelta(days=1)
"""Platforms repeat within minutes; a day leaves room for one that was down."""
FIELD_UNITS = 3000
"""How much text a form's field takes, in UTF-16 units as chat platforms count (Slack: plain_text_input)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """The answers so far. `rest` is text beyond what fits in the field of the form; it is sent with it."""

    triage: Answers = field(default_factory=dict)
    details: Answers = field(default_factory=dict)
    rest: str = ""
    files: tuple[OfferedFile, ...] = ()

    @classmethod
    def of_words(cls, words: str, files: Sequence[OfferedFile] = ()) -> ReportDraft:
        """A draft that begins with words typed after the command, or with the message that was reported."""
        first, rest = split(words)
        return cls(details={"what_happened": first} if first else {}, rest=rest).with_files(files)

    def with_files(self, files: Sequence[OfferedFile]) -> ReportDraft:
        """The draft with these files as well: a form that is shown again has forgotten them."""
        known = {(file.platform, file.file_id): file for file in (*self.files, *files)}
        return replace(self, files=tuple(known.values())[:MOST_FILES])

    def with_details(self, answers: Answers) -> ReportDraft:
        """The draft with the second screen's answers; text too long for the field moves to `rest`."""
        first, more = split(text_of(answers, "what_happened"))
        return replace(self, details={**answers, "what_happened": first}, rest=more + self.rest)

    def whole(self, answer: str) -> str:
        """What the person wrote: what stands in the field, and what did not fit in it."""
        return answer + self.rest


_BODY = TypeAdapter(ReportDraft)


def split(text: str, units: int = FIELD_UNITS) -> tuple[str, str]:
    """The text in two: what fits in a field, and the rest; together they are the text, to the character."""
    if len(text) * 2 <= units:
        return text, ""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > units:
            return text[:index], text[index:]
    return text, ""


def read_body(draft: Draft) -> ReportDraft:
    """The answers that a stored draft holds."""
    return _BODY.validate_json(draft.body)


async def begin(uow: UnitOfWork, actor: PersonId, body: ReportDraft, *, token: str | None = None) -> Draft:
    """Stores a new draft, under the id that its blank form was given where there is one."""
    draft = Draft(
        id=token or uow.new_draft_id(), person=actor, at=uow.now, body=_BODY.dump_json(body), record=None, sent=False
    )
    await uow.save_draft(draft)
    return draft


async def keep(uow: UnitOfWork, draft: Draft, body: ReportDraft) -> Draft:
    """Stores what a draft holds now."""
    kept = replace(draft, at=uow.now, body=_BODY.dump_json(body))
    await uow.save_draft(kept)
    return kept


async def forget_what_has_served(uow: UnitOfWork) -> None:
    """Drafts, and answers to clicks, that are too old to be asked for again."""
    await uow.purge(drafts_before=uow.now - KEPT_FOR, inbox_before=uow.now - INBOX_KEPT_FOR)


async def unsent(uow: UnitOfWork, actor: PersonId) -> Draft | None:
    """The report that this person began within the last day and has not sent."""
    draft = await uow.latest_draft(actor)
    return draft if draft is not None and draft.at > uow.now - KEPT_FOR else None


async def open_draft(uow: UnitOfWork, actor: PersonId, token: str, *, kept: str = "") -> Draft | None:
    """The actor's own draft that the token names; None where there is none yet, or not any more.

    Raises:
        Refused: the token is made up, or the draft is somebody else's.
    """
    try:
        draft = await uow.draft(read_draft_token(token))
    except BadToken:
        draft, foreign = None, True
    else:
        foreign = draft is not None and draft.person != actor
    if foreign:
        notice = Notice(title="Start again", text="This form isn't yours. Type /report-incident to begin.", kept=kept)
        raise Refused(notice, reason="foreign-draft")
    return draft


def text_of(answers: Answers, field_id: str) -> str:
    """The text answered in a field, verbatim; empty where there is none, or it cannot be stored."""
    answer = answers.get(field_id)
    return answer if isinstance(answer, str) and storable(answer) else ""


def ids_of(answers: Answers, field_id: str) -> tuple[str, ...]:
    """The ids that were picked in a field; a single one counts too."""
    answer = answers.get(field_id)
    if isinstance(answer, str):
        return (answer,)
    return answer or ()
