"""What a member of staff reports: the answers of the two screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.people import PersonId


class ReportKind(StrEnum):
    """What is it? The first question of the first screen."""

    FRIEND_REQUEST = "friend_request"
    HURTFUL_POSTS = "hurtful_posts"
    CHILD_TOLD_ME = "child_told_me"
    SOMETHING_ELSE = "something_else"


class Concerns(StrEnum):
    """Who did it, or sent it? The second question. It decides who may read."""

    PUPIL = "pupil"
    PARENT = "parent"
    COLLEAGUE = "colleague"
    HEADTEACHER = "headteacher"
    MYSELF = "myself"
    SOMEONE_ELSE = "someone_else"
    DONT_KNOW = "dont_know"


AT_THE_SCHOOL = frozenset({Concerns.COLLEAGUE, Concerns.HEADTEACHER, Concerns.MYSELF})
"""Answers that make a report a staff concern."""


class Source(StrEnum):
    """How the reporter knows."""

    SAW_IT = "saw_it"
    WAS_TOLD = "was_told"


class Level(StrEnum):
    """How fast somebody must answer. S1 is the most urgent that a chain runs on."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"

    @property
    def urgent(self) -> bool:
        """Whether alerts of this level overtake everything else."""
        return self is Level.S1

    def at_least(self, other: Level) -> Level:
        """The more urgent of the two."""
        return min(self, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """The answers of the first screen. `colleague` is set when, and only when, it concerns a named one."""

    kind: ReportKind
    concerns: Concerns
    danger: bool
    imagery: bool
    colleague: PersonId | None = None

    @property
    def child_at_risk(self) -> bool:
        """Whether the answers say that a child may be harmed: then the DSL is told as well (our default)."""
        return (
            self.danger
            or self.imagery
            or self.kind is ReportKind.CHILD_TOLD_ME
            or self.concerns in {Concerns.PUPIL, Concerns.SOMEONE_ELSE, Concerns.DONT_KNOW}
            # Somebody of the school who asks to be a friend asks a pupil, or nobody would report it.
            or (self.kind is ReportKind.FRIEND_REQUEST and self.concerns in AT_THE_SCHOOL)
        )

    @property
    def urgent(self) -> bool:
        """Whether the alert goes out when the first screen is sent, before the second."""
        return self.danger or self.imagery or self.kind is ReportKind.CHILD_TOLD_ME


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The answers of the second screen, verbatim. `happened_at` is UTC."""

    what_happened: str
    source: Source
    happened_at: datetime
    where: str = ""
    must_not_see: frozenset[PersonId] = frozenset()
    must_not_see_why: str = ""
    hide_name: bool = False
