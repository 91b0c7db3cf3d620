"""The record of a report, and what happens to it: states, events, chronology entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from policy.people import Duty, PersonId
from policy.processes import ProcessId
from policy.reports import AT_THE_SCHOOL, Account, Level, ReportKind, Triage

RecordId = NewType("RecordId", str)
"""An opaque, random id; what buttons carry. People read the record's reference instead."""


class CaseState(StrEnum):
    """Where a case stands. `WAITING`: it was sent, and nobody has it yet."""

    WAITING = "waiting"
    TAKEN = "taken"
    FINISHED = "finished"


class EntryKind(StrEnum):
    """What a line of the chronology tells."""

    STARTED = "started"
    TRIAGE_CHANGED = "triage_changed"
    REPORTED = "reported"
    REROUTED = "rerouted"
    ASKED = "asked"
    TOLD = "told"
    UNREACHABLE = "unreachable"
    TAKEN = "taken"
    PASSED_ON = "passed_on"
    NOTE = "note"
    ADDED = "added"
    CORRECTED = "corrected"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    SUPPORT_ASKED = "support_asked"
    FILES_ADDED = "files_added"
    FILES_HELD = "files_held"
    FINISHED = "finished"
    HANDED_OVER = "handed_over"
    NAMED = "named"
    NAME_UNDONE = "name_undone"
    ANSWERED = "answered"
    NEXT_ACTION = "next_action"
    NEXT_DONE = "next_done"
    REMINDED = "reminded"
    OVERDUE = "overdue"
    LADO_OPEN = "lado_open"
    LINKED = "linked"
    UNLINKED = "unlinked"
    IMAGERY_MARKED = "imagery_marked"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    DRILL_OVER = "drill_over"
    PACK_MADE = "pack_made"
    KEPT = "kept"
    HELD = "held"
    HOLD_LIFTED = "hold_lifted"
    PERIOD_OVER = "period_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the chronology: appended, never changed. `actor` is None where Staffroom acted by itself.

    `about` is the key of the question that was answered, or of the outcome; `record` is the other case of a link:
    who may not read that one is not shown the line.
    """

    at: datetime
    kind: EntryKind
    actor: PersonId | None = None
    text: str = ""
    people: tuple[PersonId, ...] = ()
    about: str = ""
    record: RecordId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What whoever has the case wants done next, and by which day; `number` counts those of the case."""

    text: str
    by: date
    number: int
    reminded: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One report. A new value for every change; what it was stays in its chronology.

    `version` grows with every change; `turn` grows when what a card's buttons say no longer holds (somebody
    took it, passed it on, it finished, it went another way): a click made on an older turn is stale.
    `round` counts the times that the chain has started anew, `step` is the last step that fired in it.
    `asked` and `holder_as` remember as holder of which duty a person was asked: whoever loses the duty loses
    the case with it. `concerned` is never told, asked or shown anything; `concerned_as` are the duties they held
    then: whoever stands in for those keeps the case when they lose them. `conflicts` are those whom the
    reporter, or they themselves, have left out.

    `named_late` are those of `concerned` whom a holder named, and what they held then; `reported_as` is what
    `concerned_as` was without them, so that it can be undone. `overseers` may read because something had to be told
    to the next in the chain. `answered` has for each question that was answered its option, or that words were said:
    the words stand in the chronology. `drill`: it is a test, `acknowledged` are those who have answered it (see
    `policy.drill`). `lado_clocks` counts the clocks started (see `LADO_CLOCK`).

    `retentions` counts the ends that were planned (see `RETENTION`); `period_over`: the end has come, and somebody
    is to decide. `held_at`: it is under legal hold, and nobody can erase it.
    """

    id: RecordId
    reference: str
    reporter: PersonId
    received_at: datetime
    triage: Triage
    process: ProcessId
    level: Level
    state: CaseState = CaseState.WAITING
    version: int = 1
    turn: int = 1
    round: int = 1
    step: int = 0
    account: Account | None = None
    concerned: frozenset[PersonId] = frozenset()
    concerned_as: frozenset[Duty] = frozenset()
    conflicts: frozenset[PersonId] = frozenset()
    recused: frozenset[PersonId] = frozenset()
    asked: Mapping[PersonId, Duty] = field(default_factory=dict)
    told: frozenset[PersonId] = frozenset()
    declined: frozenset[PersonId] = frozenset()
    unreachable: frozenset[PersonId] = frozenset()
    reply_by: datetime | None = None
    holder: PersonId | None = None
    holder_as: Duty | None = None
    taken_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: str | None = None
    outcome_note: str = ""
    withdrawal_asked: bool = False
    reporter_wrote_at: datetime | None = None
    named_late: Mapping[PersonId, frozenset[Duty]] = field(default_factory=dict)
    reported_as: frozenset[Duty] = frozenset()
    overseers: Mapping[PersonId, Duty] = field(default_factory=dict)
    changed_at: datetime | None = None
    handed_over_by: PersonId | None = None
    answered: Mapping[str, str] = field(default_factory=dict)
    next_action: NextAction | None = None
    next_actions: int = 0
    lado_clocks: int = 0
    lado_open: bool = False
    lado_late: bool = False
    linked: frozenset[RecordId] = frozenset()
    imagery_marked_at: datetime | None = None
    drill: bool = False
    acknowledged: frozenset[PersonId] = frozenset()
    retentions: int = 0
    period_over: bool = False
    kept_until: date | None = None
    held_by: PersonId | None = None
    held_at: datetime | None = None

    @property
    def concerns_staff(self) -> bool:
        """Whether it concerns somebody who works at the school, as reported or as found out since."""
        return self.triage.concerns in AT_THE_SCHOOL or bool(self.named_late)

    @property
    def imagery(self) -> bool:
        """Whether it may involve imagery of someone under 18, as reported or as found out since."""
        return self.triage.imagery or self.imagery_marked_at is not None

    @property
    def urgent(self) -> bool:
        """Whether nobody waits for the second screen, and the deputies are told at once."""
        return self.triage.urgent or self.imagery

    @property
    def child_at_risk(self) -> bool:
        """Whether a child may be harmed: then the DSL is told as well (our default). Naming somebody leaves it so."""
        # Somebody of the school who asks to be a friend asks a pupil, or nobody would report it.
        found_out = bool(self.named_late) and self.triage.kind is ReportKind.FRIEND_REQUEST
        return self.triage.child_at_risk or self.imagery or found_out

    @property
    def reached(self) -> frozenset[PersonId]:
        """Those of whom were asked who can be reached in chat, as far as is known."""
        return frozenset(self.asked.keys() - self.unreachable)

    @property
    def reaches_nobody(self) -> bool:
        """Whether it waits for an answer and nobody who was asked can be reached: somebody has to phone."""
        return self.state is CaseState.WAITING and not self.reached

    @property
    def on_hold(self) -> bool:
        """Whether a legal hold forbids to erase it."""
        return self.held_at is not None

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state is not CaseState.FINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that time brings: unique by (record, kind, round, step), fired once. `at` is UTC."""

    record: RecordId
    kind: str
    round: int
    step: int
    at: datetime


ESCALATE = "escalate"
"""The kind of due row that asks the next in the chain."""
NEXT_ACTION = "next-action"
"""The kind of due row about a next action: its round is the action's number; it is due, then overdue."""
DIGEST = "digest"
"""The kind of due row that rings somebody once for all that waits for them; its record is the person."""
LADO_CLOCK = "lado"
"""The kind of due row that rings while the LADO question is open: its round counts the clocks of the case."""
RETENTION = "retention"
"""The kind of due row of the end of a period: its round counts the ends that were planned for the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What an event does: the case after it, what the chronology gains, and what has to be sent and scheduled.

    `ping` are those whose phone rings (a fresh card); everybody else who holds a card has it edited.
    `round_ended` is the round of the chain whose due rows no longer count, `ended` are the kind and round of others.
    `receipt_rings`: the reporter's phone rings, because every step was tried and somebody has to phone.
    """

    case: Case
    entries: tuple[Entry, ...] = ()
    ping: frozenset[PersonId] = frozenset()
    due: tuple[Due, ...] = ()
    round_ended: int | None = None
    ended: tuple[tuple[str, int], ...] = ()
    receipt_rings: bool = False
