"""The tree of errors. The docstring says when; the message says what to do.

StorageError
├── Unavailable              the database cannot be reached, read or written just now
├── WriteConflict            two transactions met; do the whole of it again
├── BadUrl                   the address of the database is not one that Staffroom can use
├── InUse                    another process works on the database
├── NothingThere             there is no database yet
├── NotEmpty                 a backup cannot be restored over what is there
├── BadBackup                a file is not a whole backup, or cannot be restored here
├── CannotWrite              a backup cannot be written to this file
├── SchemaBehind             the tables are older than this Staffroom
├── SchemaAhead              the tables are newer than this Staffroom
├── BadKey                   a master key is missing or mistyped
├── WrongKey                 the master keys are not those of this database
├── CannotOpen               something sealed was changed, or its key is missing
│   └── Damaged              the bytes of a file were changed, cut short, or are gone
├── Full                     there is no room for a file
├── TooLarge                 a file has more bytes than may be
├── TooManyFiles             a record has as many files as it may
├── Refused                  a file is of no kind that is kept
├── Unreadable               something was opened, and is not what Staffroom writes
├── ReadOnly                 a write was tried where only reading was asked for
├── NoSuchRecord             there is no record of this id
├── StaleRecord              the record has changed since it was read
├── AlreadyAccepted          the same click was accepted before
└── KeyBelongsToAnother      the key of a click was accepted for somebody else
"""

from __future__ import annotations

from policy.errors import StaffroomError
from policy.evidence import Reason


class StorageError(StaffroomError):
    """Something could not be remembered or found. The message never holds a key, a name or anybody's words."""


class Unavailable(StorageError):
    """The database cannot be reached, read or written just now: down, disk full, locked, not a database."""


class WriteConflict(StorageError):
    """Two transactions met, or one stored twice what is stored once: it was undone as a whole, so do it again."""


class BadUrl(StorageError):
    """The address of the database is not one that Staffroom can use."""


class InUse(StorageError):
    """Another process works on the database, and this cannot be done beside it."""


class NothingThere(StorageError):
    """There is no database there yet, so there is nothing to look at."""


class NotEmpty(StorageError):
    """A backup is restored into an empty database only, and there is something."""


class BadBackup(StorageError):
    """A file is not a backup, not whole, changed since it was made, or made by a newer Staffroom."""


class CannotWrite(StorageError):
    """A backup cannot be written to this file; nothing was overwritten."""


class SchemaBehind(StorageError):
    """The tables were made by an older Staffroom and have not been brought up to date."""


class SchemaAhead(StorageError):
    """The tables were made by a newer Staffroom than this one."""


class BadKey(StorageError):
    """A master key is missing, or is not in the form that `staffroom keys new` writes."""


class WrongKey(StorageError):
    """The master keys are not those that this database was written with; nothing was changed."""


class CannotOpen(StorageError):
    """Something sealed was changed by somebody, moved from elsewhere, or its key is missing."""


class Damaged(CannotOpen):
    """The bytes of a file were changed, cut short, moved from elsewhere, or are not where they were put."""


class Full(StorageError):
    """There is no room for a file: the disk is full, or a quota is used up. Nothing of it was kept."""


class TooLarge(StorageError):
    """A file has more bytes than may be; nothing of it was kept."""


class TooManyFiles(StorageError):
    """A record would have more files than it may; none of the new ones was added."""


class Refused(StorageError):
    """The bytes of a file are of no kind that is kept, or not what they say; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The file cannot be kept: {reason.value}.")
        self.reason = reason


class Unreadable(StorageError):
    """Something sealed was opened, but is not in the form that this Staffroom writes."""


class ReadOnly(StorageError):
    """A write was tried in a unit of work that was opened for reading: a fault of the program."""


class NoSuchRecord(StorageError):
    """There is no record of this id."""


class StaleRecord(StorageError):
    """The record has changed since it was read: read it again and decide afresh."""


class AlreadyAccepted(StorageError):
    """The same click was accepted by a transaction that was faster: give its stored reply."""


class KeyBelongsToAnother(StorageError):
    """The key of a click was accepted before, for somebody else: a forgery."""
