"""How often one conversation may be written to, kept on our side: Teams answers 429 where it is exceeded.

The limits are Microsoft's for one bot and one conversation, and for one bot in one tenant
(learn.microsoft.com, "Optimize your bot with rate limiting in Teams").
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from handlers.ports import RateLimited

A_CONVERSATION = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
THE_TENANT = ((50, 1.0),)
"""So many calls within so many seconds."""
MOST_CONVERSATIONS = 5000


class Pace:
    """Counts what was sent, by the outbox and in answer to what people typed. A played Teams needs no `waits`."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, waits: bool = True) -> None:
        self._monotonic = monotonic
        self._waits = waits
        self._sent: dict[str, deque[float]] = {}
        self._all: deque[float] = deque(maxlen=THE_TENANT[0][0])

    def take(self, conversation: str) -> None:
        """Counts one more call for this conversation.

        Raises:
            RateLimited: it would be one too many now; it is not counted.
        """
        now = self._monotonic()
        sent = self._of(conversation)
        wait = max(_wait(sent, A_CONVERSATION, now), _wait(self._all, THE_TENANT, now))
        if wait > 0 and self._waits:
            raise RateLimited(wait)
        sent.append(now)
        self._all.append(now)

    def note(self, conversation: str) -> None:
        """Counts a call that is not to wait: an answer to what somebody typed, a card that is taken away."""
        now = self._monotonic()
        self._of(conversation).append(now)
        self._all.append(now)

    def _of(self, conversation: str) -> deque[float]:
        sent = self._sent.pop(conversation, None)
        if sent is None:
            sent = deque(maxlen=A_CONVERSATION[-1][0])
        # Back at the end: those that were written to longest ago are forgotten first.
        self._sent[conversation] = sent
        while len(self._sent) > MOST_CONVERSATIONS:
            del self._sent[next(iter(self._sent))]
        return sent


def _wait(sent: deque[float], limits: tuple[tuple[int, float], ...], now: float) -> float:
    """Seconds until one more would be within all of the limits."""
    return max((sent[-most] + within - now for most, within in limits if len(sent) >= most), default=0.0)
