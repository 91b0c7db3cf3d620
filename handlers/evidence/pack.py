"""The evidence pack: one case, sealed, for an outsider who can check it with nothing of ours (docs/evidence-pack.md).

It is made while it is sent: nothing of it is ever stored, and memory stays flat. Inside the sealed zip lies a plain
one, so that names of files cannot be read without the password. The password is made for one page and kept nowhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from handlers.cases.detail import case_detail
from handlers.cases.link import linked_to
from handlers.cases.names import name_to
from handlers.evidence.pack_text import (
    MOST_ROWS,
    Told,
    audit_csv,
    case_text,
    chronology_pdf,
    full_stamp,
    read_me,
    was_named,
)
from handlers.evidence.pages import EvidencePages, NotShown
from policy.case_files import may_pack, pack_made
from policy.evidence import EvidenceFile, EvidenceId
from policy.evidence_names import shown_names
from policy.people import PersonId
from storage.database import Database
from storage.errors import StaleRecord, StorageError, WriteConflict
from storage.passes import Pass
from storage.sealed_zip import SealedZip

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""What passwords are made of: nothing that is mistaken for something else when it is read out."""
PASSWORD = re.compile(rf"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{4}}")
SUMS = "SHA256SUMS"
_TRIES = 5


def new_password() -> str:
    """Twenty random characters in five groups, 99 bits: the form of the zip slows nobody down who guesses."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that may be sent: what the download is called, and its bytes.

    `pieces` raises NotShown where the person loses the case meanwhile, and storage's errors: then what was sent is no
    zip, and is to be broken off.
    """

    name: str
    pieces: AsyncGenerator[bytes, None]


class EvidencePacks:
    """Makes packs, for those who have opened the page for it."""

    def __init__(self, database: Database, pages: EvidencePages) -> None:
        self._database = database
        self._pages = pages

    async def make(self, secret: str, password: str) -> Pack:
        """A pack of this session's case, sealed with this password. Audited.

        Raises:
            NotShown: the session is over or was opened for something else, the person may not (any more), or the
                password is none of `new_password`.
        """
        if PASSWORD.fullmatch(password) is None:
            raise NotShown
        async with self._database.transaction() as uow:
            session, case, school = await self._pages.session(uow, secret)
            reader = session.person
            if not session.pack or not may_pack(case, reader, school, uow.now):
                raise NotShown
            entries, files = await uow.chronology(case.id), await uow.evidence(case.id)
            rows = await uow.audit_rows(case.id, MOST_ROWS + 1)
            linked = await linked_to(case, reader, uow, school)
            await uow.audit("pack-begun", actor=reader, record=case.id)
            now = uow.now

        def stamp(moment: datetime) -> str:
            return full_stamp(school, moment)

        told = Told(
            case=case,
            detail=case_detail(case, entries, reader, school, now, linked, files, stamp=stamp),
            school=school,
            reader=reader,
            made_at=now,
            rows=rows[-MOST_ROWS:],
            cut=len(rows) > MOST_ROWS,
            named=was_named(entries, reader),
        )
        name = f"{case.reference}.zip"
        at = school.calendar.local(now)
        making = _Making(packs=self, session=session, told=told, files=files, at=at)
        return Pack(name=f"evidence-pack-{name}", pieces=_sealed(SealedZip(name, password, at), making.plain()))

    async def read(self, file: EvidenceFile, reader: PersonId) -> AsyncIterator[bytes]:
        """The bytes of a kept file, as they were received, for as long as this person may have them."""
        async for piece in self._pages.read(file, reader, 0, file.size or 0):
            yield piece

    async def check(self, session: Pass) -> None:
        """Raises NotShown where the person may not have the case any more."""
        async with self._database.reading() as uow:
            allowed = await self._pages.allowed(uow, session)
            if allowed is None or not may_pack(allowed[0], session.person, allowed[1], uow.now):
                raise NotShown

    async def made(self, session: Pass, sums: str) -> None:
        """The pack goes out, and its list of hashes has this SHA-256: in the chronology, and in the audit."""
        for _ in range(_TRIES):
            try:
                async with self._database.transaction() as uow:
                    allowed = await self._pages.allowed(uow, session)
                    if allowed is None or not may_pack(allowed[0], session.person, allowed[1], uow.now):
                        raise NotShown
                    moved = pack_made(allowed[0], session.person, sums, uow.now)
                    await uow.save_case(moved.case)
                    await uow.append(moved.case.id, moved.entries)
                    await uow.refresh_cards(moved.case.id, moved.case.version)
                    await uow.audit("pack-made", actor=session.person, record=moved.case.id, sums=sums)
            except (StaleRecord, WriteConflict):
                continue  # another process was quicker; once more, on what it left
            return
        raise RuntimeError("a record that others keep changing")


async def _sealed(seal: SealedZip, plain: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield seal.begin()
    async with aclosing(plain):
        async for piece in plain:
            # Encrypting takes milliseconds a piece: clicks are answered meanwhile.
            yield await asyncio.to_thread(seal.add, piece)
    yield seal.end()


class _Sink:
    """Where the inner zip is written to; it cannot be sought in, so sizes follow the data."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        taken, self._waiting = bytes(self._waiting), bytearray()
        return taken


@dataclass(slots=True, kw_only=True)
class _Making:
    """One pack on its way out."""

    packs: EvidencePacks
    session: Pass
    told: Told
    files: Sequence[EvidenceFile]
    at: datetime
    sums: dict[str, tuple[int, str]] = field(default_factory=dict)
    missing: dict[EvidenceId, str] = field(default_factory=dict)

    async def plain(self) -> AsyncGenerator[bytes, None]:
        """The bytes of the inner zip."""
        sink = _Sink()
        names = shown_names(self.files)
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as inner:  # type: ignore[call-overload]  # no seek: see _Sink
            for file in self.files:
                if file.stored is None:
                    continue
                await self.packs.check(self.session)
                if not await self._is_whole(file):
                    self.missing[file.id] = f"File {file.number} is not here: it was changed in the store, or is gone."
                    continue
                name = f"originals/{file.number}-{names[file.id]}"
                digest = hashlib.sha256()
                with inner.open(self._entry(name), "w") as part:
                    async for piece in self.packs.read(file, self.session.person):
                        part.write(piece)
                        digest.update(piece)
                        yield sink.taken()
                self.sums[name] = file.size or 0, digest.hexdigest()
            missing = tuple(self.missing.values())
            pdf = await asyncio.to_thread(chronology_pdf, self.told, missing)
            self._put(inner, "chronology.pdf", pdf)
            self._put(inner, "case.txt", case_text(self.told, missing))
            self._put(inner, "audit.csv", audit_csv(self.told))
            self._put(inner, "READ ME.txt", read_me(self.told, missing))
            self._put(inner, "manifest.json", self._manifest())
            sums = "".join(f"{digest}  {name}\n" for name, (_, digest) in self.sums.items()).encode()
            # What is told before the last bytes go out cannot be forgotten after them.
            await self.packs.made(self.session, hashlib.sha256(sums).hexdigest())
            inner.writestr(self._entry(SUMS), sums)
        yield sink.taken()

    async def _is_whole(self, file: EvidenceFile) -> bool:
        """Read once before it is sent: a part of a zip that was begun cannot be taken back."""
        try:
            async for _ in self.packs.read(file, self.session.person):
                pass
        except StorageError:
            return False
        return True

    def _put(self, inner: zipfile.ZipFile, name: str, content: bytes) -> None:
        inner.writestr(self._entry(name), content)
        self.sums[name] = len(content), hashlib.sha256(content).hexdigest()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, date_time=self.at.timetuple()[:6])
        entry.external_attr = 0o100600 << 16
        return entry

    def _manifest(self) -> bytes:
        told = self.told
        content = {
            "reference": told.case.reference,
            "school": told.school.profile.school.name,
            "made_at": told.made_at.isoformat(),
            "made_by": told.maker,
            "parts": [{"name": name, "size": size, "sha256": sha} for name, (size, sha) in self.sums.items()],
            "files": [self._about(file) for file in self.files],
            "audit_is_whole": not told.cut,
        }
        return json.dumps(content, indent=1).encode()

    def _about(self, file: EvidenceFile) -> dict[str, object]:
        told = self.told
        return {
            "number": file.number,
            "name_as_sent": file.name,
            "sent_by": name_to(told.reader, file.added_by, told.case, told.school),
            "sent_at": file.added_at.isoformat(),
            "state": "damaged" if file.id in self.missing else file.state.value,
            "type": file.kind.value if file.kind is not None else None,
            "size": file.size,
            "sha256_when_received": file.sha256,
        }
