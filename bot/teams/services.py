"""What the adapter needs from the wiring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from bot.settings import is_loopback


class Conversations(Protocol):
    """Where people have their own chat with the bot, remembered across restarts: a bot of Teams cannot look it up."""

    async def remember(self, platform: str, email: str, conversation: str, extra: str) -> None:
        """Keeps the conversation of whoever has this e-mail address; `extra` is the service URL it is reached at."""
        ...

    async def conversation(self, platform: str, email: str) -> tuple[str, str] | None:
        """What was remembered: conversation and `extra`; None where this person has never been heard of."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsSettings:
    """The Teams part of the settings; the secret is not in its `repr`."""

    client_id: str
    client_secret: str = field(repr=False)
    tenant_id: str
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    login_url: str = "https://login.microsoftonline.com"
    issuer: str = "https://api.botframework.com"
    scope: str = "https://api.botframework.com/.default"

    @property
    def local(self) -> bool:
        """Whether Microsoft is played on this machine, as in the tour and the tests."""
        return is_loopback(urlsplit(self.openid_metadata_url).hostname or "")
