"""The page on which evidence is seen: a link that is spent once opens it for one person, for five minutes.

Every request asks anew whether that person may read the case now: who has lost it sees nothing more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.cases.names import name_to
from handlers.evidence.words import size
from policy.case import Case
from policy.case_files import may_pack
from policy.errors import StaffroomError
from policy.evidence import EvidenceFile, EvidenceId, FileKind, FileState
from policy.evidence_names import shown_names
from policy.people import PersonId
from policy.profile import Profile
from policy.routing import readers
from policy.school import School
from storage.database import Database
from storage.evidence_store import EvidenceStore
from storage.passes import Pass
from storage.unit_of_work import UnitOfWork

LINK_LASTS = timedelta(minutes=10)
"""How long a link waits to be spent (real time)."""
SESSION_LASTS = timedelta(minutes=5)
"""How long what it opens can be seen (real time)."""
ASKED_AGAIN_AFTER = 4 * 1024 * 1024
"""Bytes of a file after which is asked again whether that person may see it."""


class NotShown(StaffroomError):
    """The link was used before or is too old, or the person may not see it (any more). Press Open in Staffroom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One file on the page: `kind` is None where there is nothing to see; `says` is what stands beside it."""

    id: EvidenceId
    number: int
    name: str
    says: str
    sha256: str
    kind: FileKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one person sees of the files of one report; with `pack`, they came to take them away sealed."""

    reference: str
    reader: str
    until: str
    pack: bool
    files: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A file that may be sent to the browser; `read` gives its bytes from `start` to before `end`."""

    kind: FileKind
    name: str
    size: int
    file: EvidenceFile
    person: PersonId
    pages: EvidencePages

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes, as they were received.

        Raises:
            storage.errors.Damaged: they were changed or cut short in the store; Unavailable: it cannot be read.
            NotShown: the person has lost the case, or it was put in quarantine, meanwhile.
        """
        return self.pages.read(self.file, self.person, start, end)


class EvidencePages:
    """Links, sessions, and what they show."""

    def __init__(self, database: Database, profile: Profile, store: EvidenceStore) -> None:
        self._database = database
        self._profile = profile
        self._store = store

    async def show(self, link: str) -> str:
        """Spends the link; returns the secret of the session that it opens.

        Raises:
            NotShown: see there; nothing was changed but the audit.
        """
        async with self._database.transaction() as uow:
            spent = await uow.spend_link(link, SESSION_LASTS)
            if spent is None:
                raise NotShown
            session, secret = spent
            allowed = await self.allowed(uow, session)
            # A link that was spent in vain is spent, and the attempt stands in the audit.
            action = "evidence-opened" if allowed is not None else "evidence-refused"
            await uow.audit(action, actor=session.person, record=session.record)
        if allowed is None:
            raise NotShown
        return secret

    async def page(self, secret: str) -> Page:
        """The files, for the person of this session.

        Raises:
            NotShown: see there.
        """
        async with self._database.reading() as uow:
            session, case, school = await self.session(uow, secret)
            files, now = await uow.evidence(case.id), uow.now
        return Page(
            reference=case.reference,
            reader=school.staff.name(session.person),
            until=school.calendar.says(session.until, session.until),
            pack=session.pack and may_pack(case, session.person, school, now),
            files=_shown(files, session.person, case, school),
        )

    async def file(self, secret: str, file: EvidenceId) -> Bytes:
        """One kept file of this session's case, for its bytes to be sent. Audited.

        Raises:
            NotShown: see there; or it is another case's, not kept, or in quarantine.
        """
        async with self._database.transaction() as uow:
            session, case, _ = await self.session(uow, secret)
            files = await uow.evidence(case.id)
            found = next((one for one in files if one.id == file), None)
            if found is None or found.kind is None or found.stored is None:
                raise NotShown
            await uow.audit("evidence-viewed", actor=session.person, record=case.id, file=found.id)
        return Bytes(
            kind=found.kind,
            name=shown_names(files)[found.id],
            size=found.size or 0,
            file=found,
            person=session.person,
            pages=self,
        )

    async def read(self, file: EvidenceFile, person: PersonId, start: int, end: int) -> AsyncGenerator[bytes]:
        """See `Bytes.read`. A slow browser takes minutes for a film: the session may end meanwhile, access may not."""
        stored = file.stored
        if stored is None:
            raise NotShown
        async with self._database.reading() as uow:
            sealer = await uow.record_sealer(file.record)
        since = 0
        async for piece in self._store.read(stored, sealer, start=start, end=end):
            if since >= ASKED_AGAIN_AFTER:
                await self._still(file, person)
                since = 0
            since += len(piece)
            yield piece

    async def _still(self, file: EvidenceFile, person: PersonId) -> None:
        async with self._database.reading() as uow:
            now = await uow.evidence_file(file.id)
            case = await uow.case(file.record)
            school = School(self._profile, await uow.staff())
            allowed = case is not None and person in readers(case, school, uow.now)
        if now is None or now.stored is None or not allowed:
            raise NotShown

    async def session(self, uow: UnitOfWork, secret: str) -> tuple[Pass, Case, School]:
        """Whose session it is, and the case that they may read now.

        Raises:
            NotShown: see there.
        """
        session = await uow.session(secret)
        allowed = await self.allowed(uow, session) if session is not None else None
        if session is None or allowed is None:
            raise NotShown
        return session, *allowed

    async def allowed(self, uow: UnitOfWork, session: Pass) -> tuple[Case, School] | None:
        """The case, where this person may read it now, however old the session is."""
        school = School(self._profile, await uow.staff())
        case = await uow.case(session.record)
        if case is None or session.person not in readers(case, school, uow.now):
            return None
        return case, school


async def path_to(uow: UnitOfWork, person: PersonId, case: Case, files: Sequence[EvidenceFile]) -> str:
    """Where this person sees the files of a case that they may read, once: a new path; empty with none to see."""
    if not any(file.state is FileState.KEPT for file in files):
        return ""
    return f"/evidence/{await uow.grant_link(person, case.id, LINK_LASTS)}"


def _shown(files: Sequence[EvidenceFile], reader: PersonId, case: Case, school: School) -> tuple[Shown, ...]:
    names = shown_names(files)
    return tuple(
        Shown(
            id=file.id,
            number=file.number,
            name=names[file.id],
            says=_says(file, name_to(reader, file.added_by, case, school), school),
            sha256=file.sha256 or "",
            kind=file.kind,
        )
        for file in files
        if file.state is FileState.KEPT
    )


def _says(file: EvidenceFile, by: str, school: School) -> str:
    kept: datetime = file.kept_at or file.added_at
    return f"{size(file.size or 0)}, sent by {by}, saved {school.calendar.stamp(kept)}"
