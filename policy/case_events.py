"""What can happen to a case: the events of its life cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policy.case import EntryKind
from policy.people import Duty, PersonId
from policy.reports import Account, Triage


@dataclass(frozen=True, slots=True)
class Retriaged:
    """The reporter went back and changed the first screen after the alert had gone out."""

    triage: Triage


@dataclass(frozen=True, slots=True)
class Completed:
    """The reporter sent the second screen of a report that was already alerted."""

    account: Account


@dataclass(frozen=True, slots=True)
class StepDue:
    """Nobody has taken the report in time: step `step` of round `round` was due at `at`."""

    round: int
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A person who was asked cannot be reached in chat (no account, left, blocked)."""

    person: PersonId


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """The school's list of people changed: whoever has the case, or was asked, may have left or lost the duty."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody who may read the case takes it, as holder of `duty`."""

    actor: PersonId
    duty: Duty


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Somebody who was asked, or who has it, says that they should not handle it.

    `too_close` leaves them out for good: they may not read it any more.
    """

    actor: PersonId
    why: str
    too_close: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """Whoever has it adds to the chronology."""

    actor: PersonId
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Whoever has it finishes it with an outcome and what was done, and why."""

    actor: PersonId
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class ReporterWrote:
    """The reporter adds, corrects, asks to withdraw or asks for support. Appended; the holder decides.

    `must_not_see` are people whom the reporter wants left out from now on.
    """

    kind: EntryKind
    text: str
    must_not_see: frozenset[PersonId] = frozenset()


Event = (
    Retriaged | Completed | StepDue | Unreachable | StaffChanged | Taken | PassedOn | Noted | Finished | ReporterWrote
)
