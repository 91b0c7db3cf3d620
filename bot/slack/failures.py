"""What went wrong, said without a word of what was sent: codes and places only."""

from __future__ import annotations

import math
import re
import traceback

from slack_sdk.errors import SlackApiError

UNSAID, LONGEST = 30.0, 3600.0
"""Seconds to wait where Slack forgets to say how long, and the most that it is believed."""
WRONG_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
"""Codes that say that our own token is not accepted."""
_CODE = re.compile(r"[a-z0-9_.]{1,64}", re.ASCII)


def code_of(error: SlackApiError) -> str:
    """Slack's own code, such as `expired_trigger_id`; `http_502` where the answer has none."""
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if isinstance(code, str) and _CODE.fullmatch(code):
        return code
    return f"http_{status_of(error)}"


def status_of(error: SlackApiError) -> int:
    """The HTTP status of Slack's answer, 0 where it is not known."""
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    return status if isinstance(status, int) else 0


def retry_after(error: SlackApiError) -> float | None:
    """For how many seconds Slack asks to wait; None where it does not ask."""
    if status_of(error) != 429 and code_of(error) not in {"ratelimited", "rate_limited"}:
        return None
    headers = getattr(error.response, "headers", None)
    given = headers.get("Retry-After", headers.get("retry-after")) if headers is not None else None
    try:
        seconds = float(str(given))
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
