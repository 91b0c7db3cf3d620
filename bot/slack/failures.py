"""What went wrong, said without a word of what was sent: codes and places only."""

from __future__ import annotations

import re

from slack_sdk.errors import SlackApiError

from bot.failures import seconds_to_wait

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
    return seconds_to_wait(given)
