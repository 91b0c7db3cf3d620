"""Checks of blocks, messages and views against Block Kit (docs.slack.dev) as Slack's Web API makes them."""

from __future__ import annotations

import json
from typing import Final

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Checker, Json
from bot.sandbox.loopback_slack.elements import ACCESSORIES, ACTIONS, INPUTS, check_element, check_image
from bot.sandbox.loopback_slack.rich_text import check_rich_text

# Block type -> required keys, optional keys (besides type and block_id).
_BLOCKS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "section": ((), ("text", "fields", "accessory", "expand")),
    "divider": ((), ()),
    "header": (("text",), ()),
    "image": (("alt_text",), ("image_url", "slack_file", "title")),
    "actions": (("elements",), ()),
    "context": (("elements",), ()),
    "input": (("label", "element"), ("hint", "optional", "dispatch_action")),
    "rich_text": (("elements",), ()),
    "markdown": (("text",), ()),
}
_ALLOWED: Final = {
    "message": frozenset(_BLOCKS) - {"input"},
    "modal": frozenset(_BLOCKS) - {"markdown"},
    "home": frozenset(_BLOCKS) - {"markdown"},
}
_VIEW_KEYS: Final = {
    "modal": (
        ("type", "title", "blocks"),
        (
            "close",
            "submit",
            "private_metadata",
            "callback_id",
            "clear_on_close",
            "notify_on_close",
            "external_id",
        ),
    ),
    "home": (("type", "blocks"), ("private_metadata", "callback_id", "external_id")),
}


def check_blocks(check: Checker, blocks: object, at: str, surface: str) -> None:
    """Check the blocks of a `message`, `modal` or `home`.

    `at` is the JSON pointer of the array, for instance `/view/blocks`.
    """
    most = limits.MESSAGE_BLOCKS if surface == "message" else limits.VIEW_BLOCKS
    if not check.is_list(blocks, at, at_least=0, at_most=most):
        return
    seen: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        if not check.is_object(block, here):
            continue
        kind = block.get("type")
        if kind not in _ALLOWED[surface]:
            check.refuse(f"unsupported type: {kind}", f"{here}/type")
            continue
        required, optional = _BLOCKS[kind]
        check.keys(block, ("type", *required), ("block_id", *optional), here)
        if "block_id" in block:
            check.string(block["block_id"], f"{here}/block_id", at_most=limits.IDENTIFIER)
            if block["block_id"] in seen:
                check.refuse(f"`block_id` already exists: {block['block_id']}", f"{here}/block_id")
            seen.add(str(block["block_id"]))
        _check_block(check, block, kind, here, surface)
        _check_action_ids(check, block, here)
        focused += sum(1 for element in elements_of(block) if element.get("focus_on_load") is True)
    if focused > 1:
        check.refuse("only one element can have focus_on_load", at)


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of one block, in the order in which a person meets them."""
    kind = block.get("type")
    if kind == "input":
        found = [block.get("element")]
    elif kind == "section":
        found = [block.get("accessory")]
    elif kind == "actions":
        found = list(block.get("elements") or [])
    else:
        found = []
    return [element for element in found if isinstance(element, dict)]


def _check_action_ids(check: Checker, block: Json, at: str) -> None:
    seen: set[str] = set()
    for index, element in enumerate(elements_of(block)):
        action_id = element.get("action_id")
        if isinstance(action_id, str) and action_id in seen:
            check.refuse(f"`action_id` already exists: {action_id}", f"{at}/elements/{index}/action_id")
        seen.add(str(action_id))


def _check_block(check: Checker, block: Json, kind: str, at: str, surface: str) -> None:
    if kind == "section":
        _check_section(check, block, at)
    elif kind == "header" and block.get("text") is not None:
        check.text(block["text"], f"{at}/text", at_most=limits.HEADER, plain=True)
    elif kind == "image":
        check_image(check, block, at)
        if "title" in block:
            check.text(block["title"], f"{at}/title", at_most=limits.IMAGE_TEXT, plain=True)
    elif kind == "actions":
        _check_each(check, block.get("elements"), f"{at}/elements", limits.ACTIONS_ELEMENTS, ACTIONS)
    elif kind == "context":
        _check_context(check, block.get("elements"), f"{at}/elements")
    elif kind == "input":
        _check_input(check, block, at, surface)
    elif kind == "rich_text":
        check_rich_text(check, block.get("elements"), f"{at}/elements")
    elif kind == "markdown":
        check.string(block.get("text"), f"{at}/text", at_most=limits.MARKDOWN)


def _check_section(check: Checker, block: Json, at: str) -> None:
    if "text" not in block and "fields" not in block:
        check.refuse("must define either `fields` or `text`", at)
    if "text" in block:
        check.text(block["text"], f"{at}/text")
    if "fields" in block:
        fields = block["fields"]
        if check.is_list(fields, f"{at}/fields", at_least=1, at_most=limits.SECTION_FIELDS):
            for index, field in enumerate(fields):
                check.text(field, f"{at}/fields/{index}", at_most=limits.SECTION_FIELD)
    if "accessory" in block:
        check_element(check, block["accessory"], f"{at}/accessory", ACCESSORIES)
    if "expand" in block:
        check.boolean(block["expand"], f"{at}/expand")


def _check_each(check: Checker, elements: object, at: str, most: int, allowed: frozenset[str]) -> None:
    if check.is_list(elements, at, at_least=1, at_most=most):
        for index, element in enumerate(elements):
            check_element(check, element, f"{at}/{index}", allowed)


def _check_context(check: Checker, elements: object, at: str) -> None:
    if not check.is_list(elements, at, at_least=1, at_most=limits.CONTEXT_ELEMENTS):
        return
    for index, element in enumerate(elements):
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(check, element, f"{at}/{index}", frozenset({"image"}))
        else:
            check.text(element, f"{at}/{index}")


def _check_input(check: Checker, block: Json, at: str, surface: str) -> None:
    for key, most in (("label", limits.INPUT_LABEL), ("hint", limits.INPUT_LABEL)):
        if block.get(key) is not None:
            check.text(block[key], f"{at}/{key}", at_most=most, plain=True)
    for key in ("optional", "dispatch_action"):
        if key in block:
            check.boolean(block[key], f"{at}/{key}")
    allowed = INPUTS if surface == "modal" else INPUTS - {"file_input"}
    if block.get("element") is not None:
        check_element(check, block["element"], f"{at}/element", allowed)


def check_view(view: object) -> tuple[str, list[str]]:
    """Slack's verdict on a view: an error code (empty when it is fine) and the messages that go with it."""
    check = Checker()
    if not check.is_object(view, "/view"):
        return "invalid_arguments", check.problems
    if len(json.dumps(view, ensure_ascii=False).encode()) > limits.VIEW_BYTES:
        return "view_too_large", []
    kind = view.get("type")
    if kind not in _VIEW_KEYS:
        check.refuse(f"unsupported type: {kind}", "/view/type")
        return "invalid_arguments", check.problems
    required, optional = _VIEW_KEYS[kind]
    check.keys(view, required, optional, "/view")
    for key in ("title", "submit", "close"):
        if view.get(key) is not None:
            check.text(view[key], f"/view/{key}", at_most=limits.VIEW_BUTTON, plain=True)
    for key, most in (
        ("private_metadata", limits.PRIVATE_METADATA),
        ("callback_id", limits.CALLBACK_ID),
        ("external_id", limits.EXTERNAL_ID),
    ):
        if key in view:
            check.string(view[key], f"/view/{key}", at_most=most, at_least=0)
    for key in ("clear_on_close", "notify_on_close"):
        if key in view:
            check.boolean(view[key], f"/view/{key}")
    check_blocks(check, view.get("blocks"), "/view/blocks", kind)
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if kind == "modal" and has_input and view.get("submit") is None:
        check.refuse("must define `submit` to use an `input` block in modals", "/view")
    return ("invalid_arguments" if check.problems else ""), check.problems


def check_message(text: object, blocks: object) -> tuple[str, list[str]]:
    """Slack's verdict on a message: an error code (empty when it is fine) and the messages that go with it."""
    if text is not None and not isinstance(text, str):
        return "invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"]
    if not (text or "").strip() and not blocks:
        return "no_text", []
    if len(text or "") > limits.MESSAGE_TEXT:
        return "msg_too_long", []
    if blocks is None:
        return "", []
    check = Checker()
    check_blocks(check, blocks, "/blocks", "message")
    if check.problems:
        return "invalid_blocks", check.problems
    if isinstance(blocks, list) and sum(map(_weight, blocks)) > limits.MESSAGE_ALL_BLOCKS:
        return "msg_blocks_too_long", []
    return "", []


def _weight(block: Json) -> int:
    """How many characters of the message's allowance a block uses.

    Slack does not say. Text counts; of rich_text the containers count too (bolt-js issue 2867: refused at
    11,341 characters of text), so that is weighed as it is sent.
    """
    if block.get("type") == "rich_text":
        return len(json.dumps(block, ensure_ascii=False, separators=(",", ":")))
    return _text_length(block)


def _text_length(thing: object) -> int:
    if isinstance(thing, dict):
        return sum(
            len(value) if key == "text" and isinstance(value, str) else _text_length(value)
            for key, value in thing.items()
        )
    if isinstance(thing, list):
        return sum(map(_text_length, thing))
    return 0
