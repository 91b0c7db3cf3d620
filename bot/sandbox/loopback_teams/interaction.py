"""One thing that a person did, and how the bot took it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.loopback_teams.checking import Json

if TYPE_CHECKING:
    from bot.sandbox.loopback_teams.parts import Option
    from bot.sandbox.loopback_teams.screen import Dialog, Message


@dataclass
class Interaction:
    """What was sent to the bot, and what came back.

    `kind` is the activity's type, or its name for an invoke. `status` is the HTTP status, 0 when there was no
    answer; `body` the parsed JSON, or else the text; `latency` in seconds. `failed`: the person saw an error
    (no 2xx in time, or an answer that Teams cannot use). `opened` is the dialog that it opened; `toast` a message
    that the answer showed; `error` the words of an `application/vnd.microsoft.error`.
    """

    kind: str
    activity: Json
    sent: bytes = b""
    person: str = ""
    status: int = 0
    body: Any = ""
    latency: float = 0.0
    failed: bool = False
    timed_out: bool = False
    opened: Dialog | None = None
    message: Message | None = None
    card: Json | None = None
    toast: str = ""
    error: str = ""
    options: list[Option] = field(default_factory=list)
    attempts: int = 0
    headers: dict[str, str] = field(default_factory=dict)
