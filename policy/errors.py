"""The tree of errors. The docstring says when; the message is what the person reads.

StaffroomError
├── SettingsError            something the administrator wrote is wrong
│   ├── ProfileError         a profile (file, line, key, what was expected)
│   └── PeopleFileError      the CSV of people (file, line, column, reason)
├── InvalidAnswer            something typed in a form; belongs to one field
└── NotAllowed               a click that may not do what it asks, now
"""

from __future__ import annotations


class StaffroomError(Exception):
    """Any error that Staffroom raises itself; its message is fit to be shown."""


class SettingsError(StaffroomError):
    """Something that the administrator wrote is wrong; the message says where and what to write instead."""


class ProfileError(SettingsError):
    """A profile is not as it must be: file, line, key, what was expected."""


class PeopleFileError(SettingsError):
    """The CSV of people has wrong rows: file, line, column, reason; all of them at once, one a line."""


class InvalidAnswer(StaffroomError):
    """An answer in a form cannot be taken. `field` is the field's id; nothing that was typed is lost."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(StaffroomError):
    """The event does not fit the record as it is now; the message says what happened and who decided."""
