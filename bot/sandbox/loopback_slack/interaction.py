"""One thing that a person did, and how the bot took it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.loopback_slack.checking import Json

if TYPE_CHECKING:
    from bot.sandbox.loopback_slack.parts import Option
    from bot.sandbox.loopback_slack.screen import View


@dataclass
class Interaction:
    """What was sent to the bot, and what came back.

    `status` is the HTTP status, 0 when there was no answer; `body` the parsed JSON, or else the text; `latency`
    in seconds. `failed`: the person saw an error (no 200 within 3 s, or an answer that Slack cannot use).
    `opened` is the view which it opened, pushed or updated. `errors` are those of `response_action: errors`.
    """

    kind: str
    payload: Json
    sent: bytes
    content_type: str
    person: str = ""
    trigger_id: str = ""
    response_url: str = ""
    status: int = 0
    body: Any = ""
    latency: float = 0.0
    failed: bool = False
    timed_out: bool = False
    opened: View | None = None
    response_action: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    attempts: int = 0
    headers: dict[str, str] = field(default_factory=dict)
