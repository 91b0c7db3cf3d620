"""What a process is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from policy.processes.questions import Question
from policy.reports import Level


class ProcessId(StrEnum):
    """The processes that reports start."""

    P01 = "P01"
    P02 = "P02"
    P04 = "P04"
    P05 = "P05"
    P06 = "P06"
    P07 = "P07"
    P09 = "P09"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which a case may end: a stable key and the words that people read."""

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One thing that the policy asks for.

    `level` is the least urgent that a report of this kind can be; `advice` is what the reporter reads on the
    receipt (only what holds in every school: what a school adds is in its profile); `questions`
    is what whoever has the case is asked; `outcomes` is how it may end.
    """

    id: ProcessId
    title: str
    level: Level
    advice: tuple[str, ...]
    questions: tuple[Question, ...]
    outcomes: tuple[Outcome, ...]


DONT_REPLY = "Don't reply to it; keep the original."
KEEP = "Keep the original."
"""What the reporter reads instead where the school's policy does not say that staff must not reply."""

DEALT_WITH = Outcome("dealt_with", "Dealt with in school")
REFERRED = Outcome("referred", "Referred to social care, the LADO or the police")
RECORDED = Outcome("recorded", "Recorded in our safeguarding system")
NO_ACTION = Outcome("no_action", "No further action needed")
ALLEGATION = (
    Outcome("substantiated", "Substantiated"),
    Outcome("unsubstantiated", "Unsubstantiated"),
    Outcome("unfounded", "Unfounded"),
    Outcome("false", "False"),
    Outcome("malicious", "Malicious"),
)
"""How an allegation against somebody of the school may end."""
