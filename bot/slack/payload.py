"""What Slack sends, as JSON of the expected shape: later code need not ask again whether a field is there."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from bot.payload import part, parts, text
from bot.slack.render.text import Json

MOST_FIELDS = 100
_INTERACTIVE = frozenset(
    {"block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action"}
)
_TRIGGERED = _INTERACTIVE - {"view_closed", "block_suggestion"}


class Malformed(ValueError):
    """Signed by Slack, and yet not a payload as Slack documents them. It says no more: content stays out of errors."""


def parse(body: bytes, content_type: str) -> Json:
    """The payload in a request's body, which is JSON or a form that may have JSON in its field `payload`.

    Raises:
        Malformed: it is neither.
    """
    try:
        source = body.decode("utf-8")
        if content_type == "application/json" or (not content_type and source.startswith("{")):
            return _object(source)
        fields = dict(
            parse_qsl(source, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS)
        )
        return _object(fields["payload"]) if "payload" in fields else fields
    except (ValueError, RecursionError):
        raise Malformed from None


def check(payload: Json) -> None:
    """Whether the payload has what one of its type must have; types that Staffroom does not know pass.

    Raises:
        Malformed: it has not.
    """
    kind = text(payload, "type")
    if not kind and payload.get("ssl_check") == "1":
        return
    if not isinstance(payload.get("event", {}), dict):
        raise Malformed
    if "command" in payload:
        # A slash command has no type; what has both would be taken for either.
        _need(payload, "command", "user_id", "team_id", "trigger_id")
        if kind:
            raise Malformed
    elif kind == "url_verification":
        _need(payload, "challenge")
    elif kind == "event_callback":
        _need(payload, "event_id", "team_id")
        _need(part(payload, "event"), "type")
    elif kind in _INTERACTIVE:
        _check_interaction(payload, kind)
    elif not kind:
        raise Malformed


def _check_interaction(payload: Json, kind: str) -> None:
    _need(part(payload, "user"), "id")
    if not team_of(payload):
        raise Malformed
    if kind in _TRIGGERED:
        _need(payload, "trigger_id")
    if kind in {"view_submission", "view_closed"} or "view" in payload:
        view = part(payload, "view")
        _need(view, "id", "type", "callback_id") if kind.startswith("view_") else _need(view, "id", "type")
    if kind == "block_actions":
        actions = payload.get("actions")
        if not isinstance(actions, list) or not actions or not all(isinstance(action, dict) for action in actions):
            raise Malformed
        _need(actions[0], "action_id", "type")
    elif kind == "block_suggestion":
        _need(payload, "action_id")
        if not isinstance(payload.get("value"), str):
            raise Malformed
    elif kind in {"shortcut", "message_action"}:
        _need(payload, "callback_id")


def team_of(payload: Json) -> frozenset[str]:
    """Every workspace that the payload names as the one of whoever acted."""
    named = {
        text(payload, "team_id"),
        text(part(payload, "team"), "id"),
        text(part(payload, "user"), "team_id"),
    }
    return frozenset(named - {""})


def user_of(payload: Json) -> str:
    """The Slack id of whoever acted."""
    return text(payload, "user_id") or text(part(payload, "user"), "id")


def input_blocks(view: Json) -> list[str]:
    """The ids of the view's input blocks, from top to bottom."""
    return [text(block, "block_id") for block in parts(view, "blocks") if block.get("type") == "input"]


def _object(source: str) -> Json:
    found = json.loads(source)
    if not isinstance(found, dict):
        raise Malformed
    return found


def _need(thing: Json, *keys: str) -> None:
    if not all(text(thing, key) for key in keys):
        raise Malformed
