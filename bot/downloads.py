"""What holds for downloads from any platform: how long they may be silent, and what an answer means."""

from __future__ import annotations

import aiohttp

from bot.failures import seconds_to_wait
from handlers.ports import DeliveryError, FileRefused, RateLimited
from policy.evidence import Reason

SILENCE = 30.0
"""Seconds for which a download may send nothing."""
LIMITS = aiohttp.ClientTimeout(total=None, connect=10, sock_read=SILENCE)
PIECE = 256 * 1024
"""Bytes that are handed on at a time."""
AS_IT_IS = {"Accept-Encoding": "identity"}
"""What is unpacked on the way is neither the original nor of a size that is known."""


def check(answer: aiohttp.ClientResponse) -> None:
    """Nothing, where the file comes.

    Raises:
        FileRefused: it is gone, not ours to see, or elsewhere.
        RateLimited, DeliveryError: not this time.
    """
    if answer.status == 200:
        return
    if answer.status in {404, 410}:
        raise FileRefused(Reason.GONE)
    if answer.status in {401, 403}:
        raise FileRefused(Reason.NO_ACCESS)
    if 300 <= answer.status < 400:
        raise FileRefused(Reason.FOREIGN_LINK)
    if answer.status == 429:
        raise RateLimited(seconds_to_wait(answer.headers.get("Retry-After")))
    raise DeliveryError(f"http_{answer.status}")
