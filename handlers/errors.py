"""What stops a command without being a fault. Nothing has changed then, and the person is told why.

HandlerError
└── Refused         this person may not do this to this record, now (audited)
"""

from __future__ import annotations

from handlers.views import Notice
from policy.case import RecordId
from policy.errors import StaffroomError


class HandlerError(StaffroomError):
    """A command that changes nothing; carries what the person is shown."""


class Refused(HandlerError):
    """This person may not do this to this record now. `reason` is a word for the audit, without content."""

    def __init__(self, notice: Notice, *, reason: str, record: RecordId | None = None) -> None:
        super().__init__(reason)
        self.notice = notice
        self.reason = reason
        self.record = record
