"""What an element holds, in the shape in which Slack reports it in `state.values` and in actions.

Shapes from docs.slack.dev: view_submission payload, block_actions payload, block elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Final

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.composition import all_options
from bot.sandbox.loopback_slack.files import File
from bot.sandbox.loopback_slack.parts import ClientRefuses, Option

# Element type -> the key of its value, the key of its initial value, whether it holds several.
_KEYS: Final[dict[str, tuple[str, str, bool]]] = {
    "plain_text_input": ("value", "initial_value", False),
    "email_text_input": ("value", "initial_value", False),
    "url_text_input": ("value", "initial_value", False),
    "number_input": ("value", "initial_value", False),
    "rich_text_input": ("rich_text_value", "initial_value", False),
    "static_select": ("selected_option", "initial_option", False),
    "external_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "checkboxes": ("selected_options", "initial_options", True),
    "multi_static_select": ("selected_options", "initial_options", True),
    "multi_external_select": ("selected_options", "initial_options", True),
    "users_select": ("selected_user", "initial_user", False),
    "multi_users_select": ("selected_users", "initial_users", True),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", True),
    "channels_select": ("selected_channel", "initial_channel", False),
    "multi_channels_select": ("selected_channels", "initial_channels", True),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
    "file_input": ("files", "initial_files", True),
    "overflow": ("selected_option", "initial_option", False),
}


def value_key(kind: str) -> str:
    """The key under which an element of this type reports its value."""
    return _KEYS[kind][0]


def initial_state(element: Json) -> Json:
    """What an untouched element holds."""
    kind = element["type"]
    key, initial, several = _KEYS[kind]
    return {"type": kind, key: element.get(initial, [] if several else None)}


def held(state: Json) -> Any:
    """The bare value in a state: an option object, a string, a list, or None."""
    return state.get(value_key(state["type"]))


def readable(state: Json) -> str | list[str] | None:
    """The value in a state as plain words: option values, ids, dates or typed text."""
    value = held(state)
    if isinstance(value, list):
        return [_word(each) for each in value]
    return None if value is None else _word(value)


def _word(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("value", value.get("id", value)))
    return str(value)


def fill(element: Json, value: object, offered: list[Json], files: Mapping[str, File], *, force: bool) -> Json:
    """The state of an element after a person has put `value` into it.

    Options go by their value or by the words on them; users, channels and files by id (a File
    too); dates and times as
    `YYYY-MM-DD` and `HH:MM` or as `datetime` objects. With `force` nothing is refused: a forged request.

    Raises ClientRefuses when a Slack client would not offer or accept the value.
    """
    kind = element["type"]
    key, _, several = _KEYS[kind]
    if not several:
        return {"type": kind, key: None if value in (None, "") else _single(element, value, offered, force)}
    if value is None:
        values: list[object] = []
    elif isinstance(value, (list, tuple, set, frozenset)):
        values = list(value)
    else:
        values = [value]
    if kind == "file_input":
        return {"type": kind, key: _files(element, values, files, force)}
    most = element.get("max_selected_items")
    if most is not None and len(values) > most and not force:
        raise ClientRefuses(f"at most {most} items may be chosen in {element.get('action_id')}")
    return {"type": kind, key: [_single(element, each, offered, force) for each in values]}


def _single(element: Json, value: object, offered: list[Json], force: bool) -> object:
    kind = element["type"]
    if "static" in kind or "external" in kind or kind in ("radio_buttons", "checkboxes", "overflow"):
        return _option(element, value, offered, force)
    if isinstance(value, time):
        value = value.strftime("%H:%M")
    elif isinstance(value, date):
        value = value.isoformat()
    if force:
        return value
    if kind == "datetimepicker":
        return int(str(value))
    if kind == "rich_text_input":
        return value
    _accept(element, str(value))
    return str(value)


def _option(element: Json, value: object, offered: list[Json], force: bool) -> Json:
    options = all_options(element) + offered
    initial = element.get("initial_options") or [element.get("initial_option")]
    options += [option for option in initial if option]
    if isinstance(value, Option):
        value = value.value
    for words in (False, True):
        for option in options:
            if value == (option["text"]["text"] if words else option["value"]):
                return option
    if force:
        if isinstance(value, dict):
            return value
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    advice = "; call suggest() first" if "external" in element["type"] and not offered else ""
    there = [option["value"] for option in options]
    raise ClientRefuses(f"{element.get('action_id')} does not offer {value!r}, only {there}{advice}")


def _files(element: Json, values: list[object], files: Mapping[str, File], force: bool) -> list[Json]:
    if len(values) > element.get("max_files", limits.FILES) and not force:
        raise ClientRefuses(f"at most {element.get('max_files', limits.FILES)} files may be added")
    found: list[Json] = []
    for value in values:
        file_id = value["id"] if isinstance(value, dict) else value.id if isinstance(value, File) else str(value)
        file = files.get(file_id)
        if file is None and not force:
            raise ClientRefuses(f"there is no file {file_id}; upload() it")
        if file is not None and len(file.content) > limits.FILE_BYTES and not force:
            raise ClientRefuses(f"{file.name} is larger than {limits.FILE_BYTES} bytes")
        found.append({"id": file_id} if file is None else file.describe())
    return found


def _accept(element: Json, value: str) -> None:
    """Refuse what the client shows in red under a field before anything is sent."""
    kind, name = element["type"], element.get("action_id")
    most = element.get("max_length", limits.INPUT_TEXT)
    if kind == "plain_text_input" and not element.get("min_length", 0) <= len(value) <= most:
        raise ClientRefuses(f"{name} takes {element.get('min_length', 0)} to {most} characters, not {len(value)}")
    patterns = {
        "email_text_input": r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "url_text_input": r"https?://\S+",
        "number_input": r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+",
        "datepicker": r"\d{4}-\d{2}-\d{2}",
        "timepicker": r"([01]\d|2[0-3]):[0-5]\d",
    }
    if kind in patterns and not re.fullmatch(patterns[kind], value):
        raise ClientRefuses(f"{name} ({kind}) does not take {value!r}")
    if kind == "datepicker":
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise ClientRefuses(f"{name} has no such day: {value}") from error
    if kind == "number_input":
        low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
        if not low <= float(value) <= high:
            raise ClientRefuses(f"{name} takes {low} to {high}, not {value}")
