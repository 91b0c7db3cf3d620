"""What a human sees in a message or dialog, and what in it Teams would bring to life."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.filling import choices
from bot.sandbox.loopback_teams.screen import Dialog, Message, Surface

_LINK: Final = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^)]*\)")
_BARE: Final = re.compile(r"(?:https?://|www\.)[^\s<>()\]\\]+", re.IGNORECASE)
_AT: Final = re.compile(r"<at>.*?</at>")
_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRONG: Final = re.compile(r"(?<!\\)(\*\*|__)(?=\S)(.+?)(?<=[^\s\\])\1")
_EMPHASIS: Final = re.compile(r"(?<![\\\w*_])([*_])(?=[^\s*_])(.+?)(?<=[^\s\\*_])\1(?![\w*_])")
_LIST: Final = re.compile(r"^[ ]{0,3}(?:[-*+]|\d{1,9}[.)])[ ]+\S.*", re.MULTILINE)
_HEADING: Final = re.compile(r"^[ ]{0,3}#{1,6}[ ]+\S.*", re.MULTILINE)
# Stands for an escaped character while the markup around it is taken away.
_KEPT: Final = "\ue000{}\ue001"


def _texts(surface: Surface) -> Iterator[str]:
    """The texts in which Teams renders Markdown: the message's own, TextBlocks and facts."""
    if isinstance(surface, Message) and surface.text_format != "plain":
        yield surface.text
    for place in surface.places():
        thing = place.thing
        if thing.get("type") == "TextBlock":
            yield str(thing.get("text", ""))
        for fact in thing.get("facts") or []:
            yield str(fact.get("title", ""))
            yield str(fact.get("value", ""))


def links(surface: Surface) -> list[str]:
    """Every live mention and link: `[words](address)`, a bare address, `<at>` with its entity."""
    mentioned = {str(entity.get("text")) for entity in (surface.card or {}).get("msteams", {}).get("entities") or []}
    if isinstance(surface, Message):
        mentioned |= {str(entity.get("text")) for entity in surface.entities if entity.get("type") == "mention"}
    texts = list(_texts(surface))
    if isinstance(surface, Message) and surface.text_format == "plain":
        texts.append(surface.text)
    found: list[str] = []
    for text in texts:
        found += [match.group(0) for match in _LINK.finditer(text)]
        found += _BARE.findall(_LINK.sub(" ", text))
        found += [at for at in _AT.findall(text) if at in mentioned]
    return found


def markup(surface: Surface) -> list[str]:
    """Every piece of Markdown but links that Teams would render: bold, italics, lists, headings."""
    found: list[str] = []
    for text in _texts(surface):
        for pattern in (_STRONG, _EMPHASIS, _LIST, _HEADING):
            found += [match.group(0) for match in pattern.finditer(text)]
    return found


def plain(text: str) -> str:
    """Markdown as it is read: without its marks, a link as its words, escaped characters as themselves."""
    text = _ESCAPED.sub(lambda match: _KEPT.format(ord(match[1])), text)
    text = _LINK.sub(lambda match: match[1], text)
    text = _EMPHASIS.sub(lambda match: match[2], _STRONG.sub(lambda match: match[2], text))
    text = html.unescape(_TAG.sub("", text))
    return re.sub("\ue000(\\d+)\ue001", lambda match: chr(int(match[1])), text)


def visible_text(surface: Surface) -> str:
    """All that a person reads, top to bottom.

    Buttons stand as `[Label]`, facts as `Title: value`, inputs as `Label: value` with their choices below.
    """
    lines: list[str] = []
    if isinstance(surface, Dialog):
        lines.append(surface.title)
    if isinstance(surface, Message) and surface.text:
        lines.append(surface.text if surface.text_format == "plain" else plain(surface.text))
    for place in surface.places():
        if place.shown:
            lines += _action(place.thing) if place.is_action else _element(place.thing, surface)
    return "\n".join(lines)


def _action(thing: Json) -> list[str]:
    return [f"[{thing['title']}]"] if thing.get("title") else []


def _element(thing: Json, surface: Surface) -> list[str]:
    kind = str(thing.get("type", ""))
    if kind == "TextBlock":
        return [plain(str(thing.get("text", "")))]
    if kind == "RichTextBlock":
        runs = thing.get("inlines") or []
        return ["".join(run if isinstance(run, str) else str(run.get("text", "")) for run in runs)]
    if kind == "FactSet":
        facts = thing.get("facts") or []
        return [f"{plain(str(fact.get('title', '')))}: {plain(str(fact.get('value', '')))}" for fact in facts]
    if kind == "Image":
        return [f"({thing['altText']})"] if thing.get("altText") else []
    if kind in ("Badge", "CodeBlock"):
        return [str(thing.get("text") or thing.get("codeSnippet") or "")]
    return _input(thing, surface) if kind.startswith("Input.") else []


def _input(thing: Json, surface: Surface) -> list[str]:
    label = str(thing.get("label") or "") + (" *" if thing.get("isRequired") else "")
    value = surface.value(thing)
    if thing["type"] == "Input.Toggle":
        mark = "x" if value == thing.get("valueOn", "true") else " "
        return [*([label] if thing.get("label") else []), f"({mark}) {plain(str(thing.get('title', '')))}"]
    options = choices(thing, surface.offered.get(str(thing.get("id")), []))
    chosen = value.split(",") if thing.get("isMultiSelect") else [value]
    words = {option.value: option.label for option in options}
    shown = ", ".join(words.get(each, each) for each in chosen if each)
    placeholder = f"({thing['placeholder']})" if thing.get("placeholder") else ""
    lines = [f"{label}: {shown or placeholder}".strip()]
    lines += [f"  ({'x' if option.value in chosen else ' '}) {option.label}" for option in options]
    return lines
