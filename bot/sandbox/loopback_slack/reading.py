"""What a human sees in a message or view, and what in it Slack would bring to life."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

from bot.sandbox.loopback_slack.blocks import elements_of
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.composition import all_options
from bot.sandbox.loopback_slack.filling import held, initial_state, readable
from bot.sandbox.loopback_slack.parts import Option
from bot.sandbox.loopback_slack.screen import Message, Surface, View

_ANGLED: Final = re.compile(r"<([^<>\n]+)>")
_RAW_URL: Final = re.compile(r"(?:https?://|www\.)[^\s<>|]+", re.IGNORECASE)
# A live thing begins like this; anything else between angle brackets stays as it is written.
_LIVE: Final = re.compile(r"^(?:[@#!]|https?://|mailto:|tel:|[a-z][a-z0-9+.-]*://)", re.IGNORECASE)

NameOf = Callable[[str], str]


def live_in_mrkdwn(text: str, *, verbatim: bool = False) -> list[str]:
    """The mentions, broadcasts and links in mrkdwn text (docs.slack.dev, formatting message text).

    `verbatim` text is not searched for bare URLs.
    """
    found = [match.group(0) for match in _ANGLED.finditer(text) if _LIVE.match(match.group(1))]
    if not verbatim:
        found += _RAW_URL.findall(_ANGLED.sub(" ", text))
    return found


def mentions(surface: Message | View) -> list[str]:
    """Everything live in a message or view, rich text written as mrkdwn would be."""
    found: list[str] = []
    if isinstance(surface, Message):
        found += live_in_mrkdwn(surface.text)
    for block in surface.blocks:
        found += _live_in(block)
    return found


def _live_in(thing: object) -> Iterator[str]:
    if isinstance(thing, list):
        for each in thing:
            yield from _live_in(each)
        return
    if not isinstance(thing, dict):
        return
    kind = thing.get("type")
    if kind == "mrkdwn":
        yield from live_in_mrkdwn(str(thing.get("text", "")), verbatim=bool(thing.get("verbatim", False)))
        return
    if kind == "markdown":
        yield from live_in_mrkdwn(str(thing.get("text", "")))
        yield from re.findall(r"\[[^\]]*\]\([^)]+\)", str(thing.get("text", "")))
        return
    for wanted, written in (
        ("user", "<@{user_id}>"),
        ("usergroup", "<!subteam^{usergroup_id}>"),
        ("channel", "<#{channel_id}>"),
        ("broadcast", "<!{range}>"),
        ("link", "<{url}>"),
    ):
        if kind == wanted and written[written.index("{") + 1 : written.index("}")] in thing:
            yield written.format(**thing)
    for value in thing.values():
        if isinstance(value, (dict, list)):
            yield from _live_in(value)


def visible_text(surface: Message | View, name_of: NameOf = str) -> str:
    """All that a person reads, top to bottom; `name_of` turns an id into a name.

    Buttons stand as `[Label]`, inputs as `Label: value` with their options below, an error as `! words`.
    """
    lines: list[str] = []
    if isinstance(surface, View):
        if surface.title:
            lines.append(surface.title)
    elif not surface.blocks:
        return _mrkdwn(surface.text, name_of)
    for block in surface.blocks:
        lines += _block(block, surface, name_of)
    if isinstance(surface, View) and surface.type == "modal":
        labels = [surface.close_label, *([surface.submit_label] if surface.submit_label else [])]
        lines.append(" ".join(f"[{label}]" for label in labels))
    return "\n".join(lines)


def _mrkdwn(text: str, name_of: NameOf) -> str:
    def shown(match: re.Match[str]) -> str:
        inside, _, label = match.group(1).partition("|")
        if not _LIVE.match(inside):
            return match.group(0)
        if inside.startswith(("@", "#")):
            return inside[0] + (label or name_of(inside[1:]))
        if inside.startswith("!"):
            return label or "@" + inside[1:]
        return label or inside

    return html.unescape(_ANGLED.sub(shown, text))


def _text(thing: Json | None, name_of: NameOf) -> str:
    if not thing:
        return ""
    text = str(thing.get("text", ""))
    return _mrkdwn(text, name_of) if thing.get("type") == "mrkdwn" else text


def _block(block: Json, surface: Surface, name_of: NameOf) -> list[str]:
    kind = block.get("type")
    if kind == "section":
        lines = [_text(block.get("text"), name_of)] if block.get("text") else []
        lines += [_text(field, name_of) for field in block.get("fields") or []]
        for element in elements_of(block):
            lines += _element(block, element, surface, name_of)
        return lines
    if kind == "header":
        return [_text(block.get("text"), name_of)]
    if kind == "divider":
        return ["---"]
    if kind == "markdown":
        return [str(block.get("text", ""))]
    if kind == "image":
        return [*([_text(block.get("title"), name_of)] if block.get("title") else []), f"({block['alt_text']})"]
    if kind == "context":
        return [
            " ".join(
                f"({element['alt_text']})" if element.get("type") == "image" else _text(element, name_of)
                for element in block["elements"]
            )
        ]
    if kind == "actions":
        lines = []
        buttons: list[str] = []
        for element in elements_of(block):
            if element["type"] == "button":
                buttons += _element(block, element, surface, name_of)
            else:
                lines += _element(block, element, surface, name_of)
        return lines + ([" ".join(buttons)] if buttons else [])
    if kind == "input":
        return _input(block, surface, name_of)
    if kind == "rich_text":
        return _rich_text(block.get("elements") or [], name_of)
    return []


def _input(block: Json, surface: Surface, name_of: NameOf) -> list[str]:
    label = _text(block.get("label"), name_of) + (" (optional)" if block.get("optional") else "")
    lines = _element(block, block["element"], surface, name_of, label=label)
    if block.get("hint"):
        lines.append(f"  {_text(block['hint'], name_of)}")
    if isinstance(surface, View) and block["block_id"] in surface.errors:
        lines.append(f"  ! {surface.errors[block['block_id']]}")
    return lines


def _element(block: Json, element: Json, surface: Surface, name_of: NameOf, *, label: str = "") -> list[str]:
    kind = element["type"]
    if kind == "button":
        return [f"[{_text(element['text'], name_of)}]"]
    if kind == "image":
        return [f"({element['alt_text']})"]
    state = surface.entered.get((block["block_id"], element.get("action_id", ""))) or initial_state(element)
    options = all_options(element) + surface.offered.get((block["block_id"], element.get("action_id", "")), [])
    value = readable(state)
    chosen = value if isinstance(value, list) else [value] if value is not None else []
    words = {option["value"]: _text(option["text"], name_of) for option in options}
    shown = ", ".join(words.get(each, name_of(each)) for each in chosen)
    if kind == "file_input":
        shown = ", ".join(str(file.get("name", file["id"])) for file in held(state) or [])
    empty = _text(element.get("placeholder"), name_of)
    lines = [f"{label}: {shown or (f'({empty})' if empty else '')}".strip() if label else shown or f"({empty})"]
    for option in all_options(element):
        read = Option.of(option)
        mark = "x" if read.value in chosen else " "
        words_of = _text(option["text"], name_of)
        lines.append(f"  ({mark}) {words_of}" + (f" - {read.description}" if read.description else ""))
    return lines


def _rich_text(elements: list[Json], name_of: NameOf) -> list[str]:
    lines: list[str] = []
    for element in elements:
        kind = element["type"]
        if kind == "rich_text_list":
            for number, item in enumerate(element["elements"], element.get("offset", 0) + 1):
                bullet = f"{number}." if element["style"] == "ordered" else "•"
                indent = "  " * element.get("indent", 0)
                lines.append(f"{indent}{bullet} {_parts(item['elements'], name_of)}")
            continue
        text = _parts(element["elements"], name_of)
        prefix = "> " if kind == "rich_text_quote" else ""
        lines += [prefix + line for line in text.rstrip("\n").split("\n")]
    return lines


def _parts(parts: list[Json], name_of: NameOf) -> str:
    return "".join(_part(part, name_of) for part in parts)


def _part(part: Json, name_of: NameOf) -> str:
    kind = part["type"]
    if kind == "text":
        return str(part["text"])
    if kind == "link":
        return str(part.get("text") or part["url"])
    if kind == "user":
        return f"@{name_of(part['user_id'])}"
    if kind == "channel":
        return f"#{name_of(part['channel_id'])}"
    if kind == "emoji":
        return f":{part['name']}:"
    if kind == "broadcast":
        return f"@{part['range']}"
    return str(part.get("fallback") or part.get("value") or part.get("usergroup_id") or "")
