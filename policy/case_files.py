"""What files do to a case: nothing but a line in its chronology, and cards that are brought up to date."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy.case import Case, Entry, EntryKind, Transition
from policy.evidence import EvidenceFile, FileState
from policy.people import PersonId
from policy.processes import ProcessId
from policy.routing import Resolver, readers, reading_duties
from policy.school import School


def fetches_nothing(case: Case) -> bool:
    """Whether no file of this case is ever fetched: the imagery answer is not "no" (`domain.md` N2)."""
    return case.imagery or case.process is ProcessId.P04


def files_given(
    case: Case, actor: PersonId, files: tuple[EvidenceFile, ...], now: datetime, school: School
) -> Transition:
    """Somebody has attached files. Whoever has the case hears of it; where nothing is fetched, every reader does."""
    if not files:
        return Transition(case=case)
    held = any(file.state is FileState.HELD for file in files)
    entry = Entry(
        at=now, kind=EntryKind.FILES_HELD if held else EntryKind.FILES_ADDED, actor=actor, text=_counted(files)
    )
    may = readers(case, school, now).keys()
    ping = frozenset({case.holder} & may) if case.holder is not None and case.holder != actor else frozenset[PersonId]()
    return Transition(case=replace(case, version=case.version + 1), entries=(entry,), ping=ping)


def file_ended(case: Case) -> Transition:
    """A file was kept, refused or lost: the cards that tell of files are brought up to date."""
    return Transition(case=replace(case, version=case.version + 1))


def may_pack(case: Case, person: PersonId, school: School, now: datetime) -> bool:
    """Whether they may take the case out of the school's hands: whoever has it, or reads such cases by their duty.

    Who was only asked, or told as the next in the chain, reads it here.
    """
    duty = readers(case, school, now).get(person)
    if duty is None:
        return False
    return person == case.holder or duty in reading_duties(case, school, Resolver(case, school, now))


def pack_made(case: Case, actor: PersonId, sums: str, now: datetime) -> Transition:
    """Somebody has made an evidence pack; `sums` is the SHA-256 of its list of hashes, in hexadecimal."""
    entry = Entry(at=now, kind=EntryKind.PACK_MADE, actor=actor, text=sums)
    return Transition(case=replace(case, version=case.version + 1), entries=(entry,))


def _counted(files: tuple[EvidenceFile, ...]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"
