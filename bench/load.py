"""What is asked of a platform's load: reports to be filed, requests that file them, a stand-in that takes messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from storage.cases import ALPHABET

TOLD = (
    {"kind": "friend_request", "concerns": "pupil", "danger": "no", "imagery": "no"},
    {"kind": "hurtful_posts", "concerns": "headteacher", "danger": "no", "imagery": "no"},
)
"""What the first screens say, in turn: one goes to the head and the DSL, one to the chair of governors."""
DETAILS = {
    "what_happened": (
        "A pupil in Year 9 asked to follow me on Instagram, twice since Friday. I have not answered. The account "
        "shows her first name and our uniform. I said nothing to her; her form tutor knows."
    ),
    "source": "saw_it",
    "where": "@invented.account",
}
"""What every second screen says."""
REFERENCE = re.compile(rb"\b([%s]{5})\b" % ALPHABET.encode())


@dataclass(frozen=True, slots=True)
class Report:
    """A report to be filed. `user` is the platform's id of who files it, `draft` the id that its form carries."""

    user: str
    draft: str
    kind: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that reached a conversation, at a moment of `time.perf_counter`."""

    at: float
    conversation: str
    body: bytes


class Forge(Protocol):
    """Makes requests, signed as the platform signs them; each is new to whoever gets it."""

    async def learn(self, url: str) -> None:
        """Files one report of each kind at the Staffroom there, as a person would, and keeps what was sent."""
        ...

    def report(self) -> Report:
        """A new report, by the next writer."""
        ...

    def blank_form(self) -> bytes:
        """Opens a form, by somebody who never fills one in."""
        ...

    def first_screen(self, report: Report) -> bytes:
        """The submission of a report's first screen."""
        ...

    def second_screen(self, report: Report) -> bytes:
        """The submission of a report's second screen."""
        ...

    def is_blank_form(self, body: bytes) -> bool:
        """Whether this answer says that the form was opened."""
        ...

    def is_next_screen(self, body: bytes) -> bool:
        """Whether this answer says that the first screen was taken, and shows the second."""
        ...

    def is_received(self, body: bytes) -> bool:
        """Whether this answer says that the report was taken."""
        ...

    def conversation_of(self, user: str) -> str:
        """The id of somebody's conversation with the bot."""
        ...


class Sink(Protocol):
    """The least of a platform that Staffroom needs: it says yes to everything, and remembers when messages came."""

    posted: list[Posted]

    @property
    def env(self) -> Mapping[str, str]:
        """The settings with which Staffroom uses it."""
        ...

    @property
    def bare_env(self) -> Mapping[str, str]:
        """The settings of the bare app."""
        ...

    async def __aenter__(self) -> Sink: ...

    async def __aexit__(self, *_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform to measure Staffroom on, and the bare app beside it. `opens` is what a blank form costs more."""

    name: str
    bare: str
    module: str
    opens: str
    forge: Forge
    sink: Sink


@dataclass(frozen=True, slots=True)
class Crowd:
    """E-mail addresses of invented people: who files reports, who only opens forms, who reads what is filed."""

    writers: tuple[str, ...]
    readers: tuple[str, ...]
    duties: tuple[str, ...]
