"""Checks of Block Kit elements: which keys each type has, and the limits of their values."""

from __future__ import annotations

import re
from typing import Final

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Checker, Json
from bot.sandbox.loopback_slack.composition import (
    STYLES,
    all_options,
    check_confirm,
    check_option,
    check_option_groups,
    check_options,
)

_MENU = ("placeholder", "confirm", "focus_on_load")
_TYPED = ("initial_value", "dispatch_action_config", "focus_on_load", "placeholder")
_MANY = (*_MENU, "max_selected_items")

# The keys of each element besides type and action_id (docs.slack.dev, block elements).
OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    "button": ("url", "value", "style", "confirm", "accessibility_label"),
    "checkboxes": ("initial_options", "confirm", "focus_on_load"),
    "radio_buttons": ("initial_option", "confirm", "focus_on_load"),
    "overflow": ("confirm",),
    "datepicker": ("initial_date", *_MENU),
    "timepicker": ("initial_time", "timezone", *_MENU),
    "datetimepicker": ("initial_date_time", "confirm", "focus_on_load"),
    "image": ("image_url", "slack_file"),
    "plain_text_input": ("multiline", "min_length", "max_length", *_TYPED),
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": ("min_value", "max_value", *_TYPED),
    "rich_text_input": ("min_lines", "max_lines", *_TYPED),
    "file_input": ("filetypes", "max_files"),
    "static_select": ("options", "option_groups", "initial_option", *_MENU),
    "external_select": ("initial_option", "min_query_length", *_MENU),
    "users_select": ("initial_user", *_MENU),
    "conversations_select": (
        "initial_conversation",
        "default_to_current_conversation",
        "response_url_enabled",
        "filter",
        *_MENU,
    ),
    "channels_select": ("initial_channel", "response_url_enabled", *_MENU),
    "multi_static_select": ("options", "option_groups", "initial_options", *_MANY),
    "multi_external_select": ("initial_options", "min_query_length", *_MANY),
    "multi_users_select": ("initial_users", *_MANY),
    "multi_conversations_select": (
        "initial_conversations",
        "default_to_current_conversation",
        "filter",
        *_MANY,
    ),
    "multi_channels_select": ("initial_channels", *_MANY),
}
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "button": ("text",),
    "checkboxes": ("options",),
    "radio_buttons": ("options",),
    "overflow": ("options",),
    "image": ("alt_text",),
    "number_input": ("is_decimal_allowed",),
}
SELECTS: Final = frozenset(kind for kind in OPTIONAL if kind.endswith("_select"))
_CHOICES: Final = frozenset({"checkboxes", "radio_buttons"})
_PICKERS: Final = frozenset({"datepicker", "timepicker"})
_TEXTS: Final = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})

ACCESSORIES: Final = SELECTS | _CHOICES | _PICKERS | {"button", "overflow", "image"}
ACTIONS: Final = SELECTS | _CHOICES | _PICKERS | {"button", "overflow", "datetimepicker"}
INPUTS: Final = SELECTS | _CHOICES | _PICKERS | _TEXTS | {"datetimepicker", "rich_text_input", "file_input"}
# What keeps a value, which Slack then reports in state.values.
STATEFUL: Final = INPUTS


def check_element(check: Checker, element: object, at: str, allowed: frozenset[str]) -> None:
    """Check one element of a block in which only the `allowed` types may stand."""
    if not check.is_object(element, at):
        return
    kind = element.get("type")
    if kind not in allowed or kind not in OPTIONAL:
        check.refuse(f"unsupported type: {kind}", f"{at}/type")
        return
    identified = () if kind == "image" else ("action_id",)
    check.keys(element, ("type", *REQUIRED.get(kind, ())), (*identified, *OPTIONAL[kind]), at)
    if "action_id" in element:
        check.string(element["action_id"], f"{at}/action_id", at_most=limits.IDENTIFIER)
    if "confirm" in element:
        check_confirm(check, element["confirm"], f"{at}/confirm")
    if "placeholder" in element:
        check.text(element["placeholder"], f"{at}/placeholder", at_most=limits.PLACEHOLDER, plain=True)
    if "focus_on_load" in element:
        check.boolean(element["focus_on_load"], f"{at}/focus_on_load")
    if "dispatch_action_config" in element:
        _check_dispatch(check, element["dispatch_action_config"], f"{at}/dispatch_action_config")
    if kind == "button":
        _check_button(check, element, at)
    elif kind == "image":
        check_image(check, element, at)
    elif kind in _TEXTS or kind == "rich_text_input":
        _check_typed(check, element, kind, at)
    elif kind == "file_input":
        _check_file_input(check, element, at)
    elif kind == "overflow":
        _check_overflow(check, element, at)
    elif kind in _CHOICES or kind in SELECTS:
        _check_menu(check, element, kind, at)
    else:
        _check_picker(check, element, at)


def check_image(check: Checker, image: Json, at: str) -> None:
    """Check what an image element and an image block have in common."""
    if ("image_url" in image) == ("slack_file" in image):
        check.refuse("must define exactly one of image_url, slack_file", at)
    if "image_url" in image:
        check.string(image["image_url"], f"{at}/image_url", at_most=limits.URL)
    if image.get("alt_text") is not None:
        check.string(image["alt_text"], f"{at}/alt_text", at_most=limits.IMAGE_TEXT)


def _check_button(check: Checker, button: Json, at: str) -> None:
    if button.get("text") is not None:
        check.text(button["text"], f"{at}/text", at_most=limits.BUTTON_TEXT, plain=True)
    if "value" in button:
        check.string(button["value"], f"{at}/value", at_most=limits.BUTTON_VALUE, at_least=0)
    if "url" in button:
        check.string(button["url"], f"{at}/url", at_most=limits.URL)
    if "style" in button:
        check.one_of(button["style"], STYLES, f"{at}/style")
    if "accessibility_label" in button:
        check.string(button["accessibility_label"], f"{at}/accessibility_label", at_most=limits.BUTTON_TEXT)


def _check_typed(check: Checker, element: Json, kind: str, at: str) -> None:
    if "initial_value" in element and kind != "rich_text_input":
        check.string(element["initial_value"], f"{at}/initial_value", at_most=limits.INPUT_TEXT, at_least=0)
    if "multiline" in element:
        check.boolean(element["multiline"], f"{at}/multiline")
    if "is_decimal_allowed" in element and kind == "number_input":
        check.boolean(element["is_decimal_allowed"], f"{at}/is_decimal_allowed")
    if "min_length" in element:
        check.integer(element["min_length"], f"{at}/min_length", low=0, high=limits.INPUT_TEXT)
    if "max_length" in element:
        check.integer(element["max_length"], f"{at}/max_length", low=1, high=limits.INPUT_TEXT)
    for key in ("min_value", "max_value"):
        if key in element:
            check.string(element[key], f"{at}/{key}", at_most=limits.INPUT_TEXT)


def _check_file_input(check: Checker, element: Json, at: str) -> None:
    if "max_files" in element:
        check.integer(element["max_files"], f"{at}/max_files", low=1, high=limits.FILES)
    if "filetypes" in element and check.is_list(element["filetypes"], f"{at}/filetypes", at_least=1, at_most=1000):
        for index, extension in enumerate(element["filetypes"]):
            check.string(extension, f"{at}/filetypes/{index}", at_most=limits.IDENTIFIER)


def _check_overflow(check: Checker, element: Json, at: str) -> None:
    options = element.get("options")
    if check.is_list(options, f"{at}/options", at_least=1, at_most=limits.OVERFLOW_OPTIONS):
        for index, option in enumerate(element["options"]):
            check_option(check, option, f"{at}/options/{index}", url=True)


def _check_menu(check: Checker, element: Json, kind: str, at: str) -> None:
    choices = kind in _CHOICES
    static = choices or "static" in kind
    if static and ("options" in element) == ("option_groups" in element):
        check.refuse("must define exactly one of options, option_groups", at)
    if "options" in element:
        most = limits.CHOICES if choices else limits.OPTIONS
        check_options(check, element["options"], f"{at}/options", at_most=most, mrkdwn=choices)
    if "option_groups" in element:
        check_option_groups(check, element["option_groups"], f"{at}/option_groups")
    if "max_selected_items" in element:
        check.integer(element["max_selected_items"], f"{at}/max_selected_items", low=1, high=10_000)
    if "min_query_length" in element:
        check.integer(element["min_query_length"], f"{at}/min_query_length", low=0, high=limits.INPUT_TEXT)
    single = element.get("initial_option")
    initial = element.get("initial_options", [] if single is None else [single])
    where = "initial_option" if single is not None else "initial_options"
    if not check.is_list(
        initial, f"{at}/{where}", at_least=1 if "initial_options" in element else 0, at_most=limits.OPTIONS
    ):
        return
    for index, option in enumerate(initial):
        here = f"{at}/{where}" if single is not None else f"{at}/{where}/{index}"
        check_option(check, option, here, mrkdwn=choices)
        if static and not check.problems and option not in all_options(element):
            check.refuse("must match one of the options", here)


def _check_picker(check: Checker, element: Json, at: str) -> None:
    for key, pattern in (
        ("initial_date", r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
        ("initial_time", r"([01]\d|2[0-3]):[0-5]\d"),
    ):
        if key in element and not re.fullmatch(pattern, str(element[key])):
            check.refuse("does not match the expected format", f"{at}/{key}")
    if "initial_date_time" in element:
        check.integer(element["initial_date_time"], f"{at}/initial_date_time", low=10**9, high=10**10 - 1)


def _check_dispatch(check: Checker, config: object, at: str) -> None:
    if not check.is_object(config, at):
        return
    check.keys(config, ("trigger_actions_on",), (), at)
    for index, word in enumerate(config.get("trigger_actions_on") or []):
        check.one_of(word, ("on_enter_pressed", "on_character_entered"), f"{at}/trigger_actions_on/{index}")
