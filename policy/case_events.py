"""What can happen to a case: the events of its life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from policy.case import EntryKind, RecordId
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


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Whoever has it gives it to somebody else who may read it."""

    actor: PersonId
    to: PersonId
    why: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Whoever has it, or had it last, finds out that it concerns this person of the school."""

    actor: PersonId
    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class NameUndone:
    """It does not concern this person after all."""

    actor: PersonId
    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whoever has it answers some of what the policy asks: words, or the key of an option, by question."""

    actor: PersonId
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NextActionSet:
    """Whoever has it says what is next, and by which day."""

    actor: PersonId
    text: str
    by: date


@dataclass(frozen=True, slots=True)
class NextActionDone:
    """What was next is done."""

    actor: PersonId


@dataclass(frozen=True, slots=True)
class ActionDue:
    """Next action `number` is due (step 0), or overdue."""

    number: int
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LadoDue:
    """The LADO question has been open for a working day, or another one."""

    clock: int
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ImageryMarked:
    """Somebody who may read it finds out that it may involve imagery of someone under 18; `where` is the place."""

    actor: PersonId
    where: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """It is about the same as another case: for those only who may read both."""

    actor: PersonId
    other: RecordId


@dataclass(frozen=True, slots=True)
class Unlinked:
    """It is not about the same as the other case."""

    actor: PersonId
    other: RecordId


@dataclass(frozen=True, slots=True)
class Reopened:
    """Something is still to be done about a finished case."""

    actor: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class PeriodOver:
    """The end that was planned as number so and so has come."""

    number: int
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptUntil:
    """A finished case is kept longer than its period."""

    actor: PersonId
    why: str
    until: date


@dataclass(frozen=True, slots=True)
class HoldSet:
    """A legal hold: nothing of it may be erased."""

    actor: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class HoldLifted:
    """The legal hold is over."""

    actor: PersonId
    why: str


Event = (
    Retriaged
    | Completed
    | StepDue
    | Unreachable
    | StaffChanged
    | Taken
    | PassedOn
    | Noted
    | Finished
    | ReporterWrote
    | HandedOver
    | Named
    | NameUndone
    | Recorded
    | NextActionSet
    | NextActionDone
    | ActionDue
    | LadoDue
    | ImageryMarked
    | Linked
    | Unlinked
    | Reopened
    | PeriodOver
    | KeptUntil
    | HoldSet
    | HoldLifted
)
