"""What went wrong, said without a word of what was sent; and how long to wait."""

from __future__ import annotations

import math
import traceback

UNSAID, LONGEST = 30.0, 3600.0
"""Seconds to wait where a platform forgets to say how long, and the most that it is believed."""


def seconds_to_wait(header: str | None) -> float:
    """What `Retry-After` says, in seconds."""
    try:
        seconds = float(str(header))
    except ValueError:
        return UNSAID
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else UNSAID


def place_of(error: BaseException) -> str:
    """Which kind of exception, and where in the code. Its text stays out: it may hold what somebody typed."""
    frames = traceback.extract_tb(error.__traceback__)
    where = "unknown"
    if frames:
        path = "/".join(frames[-1].filename.replace("\\", "/").split("/")[-3:])
        where = f"{path}:{frames[-1].lineno}"
    return f"{type(error).__module__}.{type(error).__qualname__} at {where}"
