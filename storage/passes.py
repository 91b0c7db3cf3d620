"""Passes to evidence: a link that is spent once, and the short session that it opens. Kept as digests only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from policy.case import RecordId
from policy.people import PersonId
from storage.tables import passes
from storage.transaction import Transaction

_SESSION_OF = {"link": "session", "pack-link": "pack"}
"""What each kind of link opens."""
_PACKS = frozenset({"pack-link", "pack"})
_FIND = select(passes).where(passes.c.digest == bindparam("secret"))
_SPEND = (
    update(passes)
    .where(passes.c.digest == bindparam("secret"), passes.c.kind.in_(_SESSION_OF), passes.c.spent.is_(False))
    .values(spent=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Who may see the evidence of which record, until when (real time, UTC); with `pack`, and take it away sealed."""

    person: PersonId
    record: RecordId
    until: datetime
    pack: bool = False


class Passes(Transaction):
    """Links and sessions. They live by real time: moving the school's clock does not prolong them."""

    async def grant_link(self, person: PersonId, record: RecordId, lasts: timedelta, *, pack: bool = False) -> str:
        """A secret for one link, of 256 random bits. Only its digest is kept."""
        return await self._grant(
            "pack-link" if pack else "link", Pass(person=person, record=record, until=self._wall() + lasts)
        )

    async def spend_link(self, secret: str, lasts: timedelta) -> tuple[Pass, str] | None:
        """Spends a link: the session that it opens, and the session's secret.

        None where there is no such link, where it has been spent, or where it is too old; then nothing changes.
        """
        row = (await self._read(_FIND, {"secret": _digest(secret)})).first()
        if row is None or row.kind not in _SESSION_OF or row.until <= self._wall():
            return None
        if (await self._write(_SPEND, {"secret": row.digest})).rowcount != 1:
            return None
        kind = _SESSION_OF[row.kind]
        session = Pass(person=row.person, record=row.record, until=self._wall() + lasts, pack=kind in _PACKS)
        return session, await self._grant(kind, session)

    async def session(self, secret: str) -> Pass | None:
        """The session of this secret, while it lasts."""
        row = (await self._read(_FIND, {"secret": _digest(secret)})).first()
        if row is None or row.kind in _SESSION_OF or row.until <= self._wall():
            return None
        return Pass(person=row.person, record=row.record, until=row.until, pack=row.kind in _PACKS)

    async def purge_passes(self) -> None:
        """Forgets what has run out."""
        await self._write(delete(passes).where(passes.c.until <= self._wall()))

    async def _grant(self, kind: str, given: Pass) -> str:
        secret = secrets.token_urlsafe(32)
        row = {
            "digest": _digest(secret),
            "kind": kind,
            "person": given.person,
            "record": given.record,
            "until": given.until,
            "spent": False,
        }
        await self._write(passes.insert(), row)
        return secret


def _digest(secret: str) -> str:
    # 256 random bits need no salt and no slow hash: nobody can try them.
    return hashlib.sha256(secret.encode()).hexdigest()
