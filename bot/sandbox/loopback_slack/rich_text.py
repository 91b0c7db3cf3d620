"""Checks of `rich_text` blocks (docs.slack.dev, rich text block)."""

from __future__ import annotations

from typing import Final

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Checker, Json

# Element type -> required keys, optional keys.
_PARTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "text": (("text",), ("style",)),
    "link": (("url",), ("text", "style", "unsafe")),
    "user": (("user_id",), ("style",)),
    "usergroup": (("usergroup_id",), ("style",)),
    "channel": (("channel_id",), ("style",)),
    "emoji": (("name",), ("skin_tone", "unicode", "style")),
    "broadcast": (("range",), ("style",)),
    "date": (("timestamp", "format"), ("url", "fallback", "style")),
    "color": (("value",), ("style",)),
    "team": (("team_id",), ("style",)),
}
_STYLES: Final = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_CONTAINERS: Final[dict[str, tuple[str, ...]]] = {
    "rich_text_section": (),
    "rich_text_quote": ("border",),
    "rich_text_preformatted": ("border", "language"),
    "rich_text_list": ("indent", "offset", "border"),
}


def check_rich_text(check: Checker, elements: object, at: str) -> None:
    """Check the elements of a rich_text block."""
    if not check.is_list(elements, at, at_least=1, at_most=1000):
        return
    for index, element in enumerate(elements):
        here = f"{at}/{index}"
        if not check.is_object(element, here):
            continue
        kind = element.get("type")
        if kind not in _CONTAINERS:
            check.refuse(f"unsupported type: {kind}", f"{here}/type")
            continue
        required = ("type", "elements", "style") if kind == "rich_text_list" else ("type", "elements")
        check.keys(element, required, _CONTAINERS[kind], here)
        if kind == "rich_text_list":
            _check_list(check, element, here)
        else:
            only = ("text", "link") if kind == "rich_text_preformatted" else tuple(_PARTS)
            _check_parts(check, element.get("elements"), f"{here}/elements", only)


def _check_list(check: Checker, element: Json, at: str) -> None:
    check.one_of(element.get("style"), ("bullet", "ordered"), f"{at}/style")
    if "indent" in element:
        check.integer(element["indent"], f"{at}/indent", low=0, high=8)
    if "offset" in element:
        check.integer(element["offset"], f"{at}/offset", low=0, high=10_000)
    items = element.get("elements")
    if not check.is_list(items, f"{at}/elements", at_least=1, at_most=1000):
        return
    for index, item in enumerate(element["elements"]):
        here = f"{at}/elements/{index}"
        if not check.is_object(item, here):
            continue
        if item.get("type") != "rich_text_section":
            check.refuse(f"unsupported type: {item.get('type')}", f"{here}/type")
            continue
        check.keys(item, ("type", "elements"), (), here)
        _check_parts(check, item.get("elements"), f"{here}/elements", tuple(_PARTS))


def _check_parts(check: Checker, parts: object, at: str, allowed: tuple[str, ...]) -> None:
    if not check.is_list(parts, at, at_least=0, at_most=10_000):
        return
    for index, part in enumerate(parts):
        here = f"{at}/{index}"
        if not check.is_object(part, here):
            continue
        kind = part.get("type")
        if kind not in allowed:
            check.refuse(f"unsupported type: {kind}", f"{here}/type")
            continue
        required, optional = _PARTS[kind]
        check.keys(part, ("type", *required), optional, here)
        if kind == "text" and part.get("text") is not None:
            check.string(part["text"], f"{here}/text", at_most=limits.MESSAGE_TEXT)
        if kind == "link" and part.get("url") is not None:
            check.string(part["url"], f"{here}/url", at_most=limits.URL)
        if kind == "broadcast":
            check.one_of(part.get("range"), ("here", "channel", "everyone"), f"{here}/range")
        style = part.get("style", {})
        if check.is_object(style, f"{here}/style"):
            check.keys(style, (), _STYLES, f"{here}/style")
            for name, flag in style.items():
                check.boolean(flag, f"{here}/style/{name}")
