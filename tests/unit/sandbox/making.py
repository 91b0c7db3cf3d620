"""Short ways to write Block Kit in these tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, label: str, value: str = "", **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label), "value": value, **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def option(value: str, label: str | None = None) -> Json:
    return {"text": plain(label or value.title()), "value": value}


def ask(block_id: str, element: Json, label: str = "", **more: object) -> Json:
    shown = plain(label or block_id.title())
    element = {"action_id": f"{block_id}_in", **element}
    return {"type": "input", "block_id": block_id, "label": shown, "element": element, **more}


def typed(block_id: str, **element: object) -> Json:
    return ask(block_id, {"type": "plain_text_input", **element})


def modal(*blocks: Json, **more: object) -> Json:
    view: Json = {"type": "modal", "title": plain("A form"), "submit": plain("Send"), "blocks": list(blocks)}
    return view | {"callback_id": "form"} | more
