"""Where a card stands in chat."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """One message on a platform: opaque to everything but the platform's adapter."""

    platform: str
    conversation: str
    message: str
    ring: int = field(default=0, compare=False)
    """Which ring of its card it was posted for: a ring that one platform refused is not repeated on the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A person's own chat with the bot. `extra` is what its platform needs beside the id.

    It is an account's, and not a person's: it counts only while the account's `address` is still theirs.
    """

    address: str
    id: str
    extra: str = ""
