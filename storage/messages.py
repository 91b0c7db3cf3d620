"""Where a card stands in chat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """One message on a platform: opaque to everything but the platform's adapter."""

    platform: str
    conversation: str
    message: str
