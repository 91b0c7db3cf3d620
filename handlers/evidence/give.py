"""Giving files: with a form, or by sending them in one's own chat. Ids only; the worker fetches what may be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from handlers.cases.access import reporter_access
from handlers.cases.apply import FILES_CARD, apply
from handlers.cases.drafts import ids_of
from handlers.commands import Answers, FilesDone, FilesFor, GiveFiles, OfferedFile, button_token
from handlers.evidence.words import SEND_NOW, counted
from handlers.ports import Reply
from handlers.views import Button, Notice
from policy.case import Case
from policy.case_files import fetches_nothing, file_ended, files_given
from policy.evidence import MOST_FILES, NewFile
from policy.people import PersonId
from policy.school import School
from storage.collecting import Collecting
from storage.errors import TooManyFiles
from storage.unit_of_work import UnitOfWork

COLLECTS_FOR = timedelta(hours=1)
"""How long, after the last file, what is sent in chat belongs to a report."""
MOST_REPORTS = 4
"""Reports of one's own that are offered, newest first."""
DONT_SEND = (
    "Nothing is fetched for this report: it may be about imagery of a child. Don't send any; delete nothing. "
    "Find the DSL and tell them where it is."
)

_PENDING = TypeAdapter(tuple[OfferedFile, ...])


async def attach(uow: UnitOfWork, case: Case, actor: PersonId, files: Sequence[OfferedFile], school: School) -> Case:
    """Adds the files to the case; returns it as it is then. Where the imagery answer is not "no" they are ids for ever.

    Raises:
        storage.errors.TooManyFiles: it would have too many; none of them was added.
    """
    if not files:
        return case
    new = await uow.add_files(
        case.id,
        [
            NewFile(
                platform=file.platform,
                file_id=file.file_id,
                place=file.place,
                name=file.name,
                said_size=file.size,
                refused=file.refused,
                added_by=actor,
            )
            for file in files
        ],
        held=fetches_nothing(case),
    )
    transition = files_given(case, actor, new, uow.now, school)
    await apply(uow, case, transition, action="files-given", actor=actor)
    return transition.case


def wants_to_send(answers: Answers, case: Case) -> bool:
    """Whether the form says that files follow in chat; where nothing is fetched, none is asked for."""
    return "yes" in ids_of(answers, "files") and not fetches_nothing(case)


async def ask_for_files(uow: UnitOfWork, actor: PersonId, case: Case) -> None:
    """Asks in the actor's own chat for the files of this report; what they send from now on belongs to it."""
    before = await uow.collecting(actor)
    await uow.collect(Collecting(person=actor, record=case.id, at=uow.now))
    if before is not None and before.record not in {None, case.id}:
        await _ended(uow, actor, before)
    await uow.want_card(actor, case.id, FILES_CARD, version=case.version, ring=True, urgent=False)


async def give_files(command: GiveFiles, uow: UnitOfWork, school: School) -> Reply:
    """Files came in chat: for the report that they were asked for, else the person says which."""
    now = await uow.collecting(command.actor)
    if now is not None and now.record is not None and now.at > uow.now - COLLECTS_FOR:
        case = await uow.case(now.record)
        if case is not None and case.reporter == command.actor:
            return await _taken(uow, command.actor, case, command.files, school)
    mine = [case for case in await uow.cases_reported_by(command.actor, MOST_REPORTS) if case.open]
    mine.sort(key=fetches_nothing, reverse=True)  # a press without reading is to do no harm
    if not mine:
        text = "Which report are these for? Type report-incident first; then send them again. Nothing was fetched."
        return Reply(view=Notice(title="Files", text=text))
    # Telephones send each picture as a message of its own: the question is about all of them.
    files = {(file.platform, file.file_id): file for file in (*_pending(now, uow.now), *command.files)}
    waiting = tuple(files.values())[:MOST_FILES]
    await uow.collect(Collecting(person=command.actor, record=None, at=uow.now, body=_PENDING.dump_json(waiting)))
    buttons = [
        Button(
            action="files.for",
            label=f"{case.reference}, {school.calendar.says(case.received_at, uow.now)}",
            token=button_token(case.id, case.turn),
        )
        for case in mine
    ]
    these = "is this" if len(waiting) == 1 else f"are these {counted(len(waiting))}"
    text = f"Which report {these} for? Nothing is fetched before that."
    if nothing := next((case for case in mine if fetches_nothing(case)), None):
        text += f" If it may be imagery of someone under 18, choose {nothing.reference}: there it never is."
    if len(files) > len(waiting):
        text += f" A report takes {MOST_FILES} files: the last {len(files) - len(waiting)} are left out."
    return Reply(view=Notice(title="Files", text=text, buttons=tuple(buttons)))


async def files_for(command: FilesFor, uow: UnitOfWork, school: School) -> Reply:
    """The person says which report the files belong to that they have just sent."""
    case = await reporter_access(uow, command.actor, command.token)
    now = await uow.collecting(command.actor)
    files = _pending(now, uow.now)
    if fetches_nothing(case):
        await uow.end_collecting(command.actor)
    else:
        await ask_for_files(uow, command.actor, case)
    if not files and not fetches_nothing(case):
        return Reply(view=Notice(title=case.reference, text=SEND_NOW), replaces=True)
    return await _taken(uow, command.actor, case, files, school)


async def files_done(command: FilesDone, uow: UnitOfWork, _school: School) -> Reply:
    """No more files come for this report."""
    case = await reporter_access(uow, command.actor, command.token)
    now = await uow.collecting(command.actor)
    if now is not None and now.record == case.id:
        await uow.end_collecting(command.actor)
        await _ended(uow, command.actor, now)
    return Reply(view=Notice(title=case.reference, text="Thank you. Your receipt says how each file ended."))


def _pending(what: Collecting | None, now: datetime) -> tuple[OfferedFile, ...]:
    """Files that were sent in chat, of which nobody has said yet what they are for."""
    if what is None or what.record is not None or what.at <= now - COLLECTS_FOR:
        return ()
    return _PENDING.validate_json(what.body)


async def _taken(uow: UnitOfWork, actor: PersonId, case: Case, files: Sequence[OfferedFile], school: School) -> Reply:
    held = fetches_nothing(case)
    try:
        case = await attach(uow, case, actor, files, school)
    except TooManyFiles as error:
        return Reply(view=Notice(title=case.reference, text=str(error)), replaces=True)
    if held:
        return Reply(view=Notice(title=case.reference, text=DONT_SEND), replaces=True)
    await uow.collect(Collecting(person=actor, record=case.id, at=uow.now))
    done = Button(action="files.done", label="Done", token=button_token(case.id, case.turn), style="primary")
    text = f"{case.reference}: {counted(len(files))} received, being saved. Send more, or press Done."
    return Reply(view=Notice(title=case.reference, text=text, buttons=(done,)), replaces=True)


async def _ended(uow: UnitOfWork, actor: PersonId, now: Collecting) -> None:
    case = await uow.case(now.record) if now.record is not None else None
    if case is not None:
        await apply(uow, case, file_ended(case), action="files-done", actor=actor)
