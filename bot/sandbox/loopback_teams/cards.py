"""Whether Teams takes an Adaptive Card (adaptivecards.io schema 1.5, and what Teams adds to or takes from it)."""

from __future__ import annotations

import re
from typing import Any, Final

from bot.sandbox.loopback_teams import limits
from bot.sandbox.loopback_teams.checking import Checker, Json, size_of
from bot.sandbox.loopback_teams.walking import walk

_VERSION: Final = re.compile(r"(\d+)\.(\d+)")

# Element -> the properties that it must have, and of what kind they are.
ELEMENTS: Final[dict[str, dict[str, type]]] = {
    "TextBlock": {"text": str},
    "Image": {"url": str},
    "Media": {"sources": list},
    "RichTextBlock": {"inlines": list},
    "TextRun": {"text": str},
    "ActionSet": {"actions": list},
    "Container": {"items": list},
    "ColumnSet": {},
    "Column": {},
    "FactSet": {"facts": list},
    "ImageSet": {"images": list},
    "Table": {"columns": list, "rows": list},
    "TableRow": {"cells": list},
    "TableCell": {"items": list},
    "Input.Text": {"id": str},
    "Input.Number": {"id": str},
    "Input.Date": {"id": str},
    "Input.Time": {"id": str},
    "Input.Toggle": {"id": str, "title": str},
    "Input.ChoiceSet": {"id": str},
    # Teams' own, outside the 1.5 schema.
    "Icon": {"name": str},
    "Badge": {},
    "CodeBlock": {"codeSnippet": str},
    "ProgressBar": {},
    "ProgressRing": {},
}
ACTIONS: Final[dict[str, dict[str, type]]] = {
    "Action.Execute": {},
    "Action.Submit": {},
    "Action.OpenUrl": {"url": str},
    "Action.ShowCard": {"card": dict},
    "Action.ToggleVisibility": {"targetElements": list},
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "spacing": ("default", "none", "small", "medium", "large", "extraLarge", "padding", "extraSmall"),
    "weight": ("default", "lighter", "bolder"),
    "color": ("default", "dark", "light", "accent", "good", "warning", "attention"),
    "horizontalAlignment": ("left", "center", "right"),
    "mode": ("primary", "secondary"),
    "associatedInputs": ("auto", "none"),
    "fontType": ("default", "monospace"),
}
_STYLES: Final[dict[str, tuple[str, ...]]] = {
    "TextBlock": ("default", "heading", "columnHeader"),
    "Input.Text": ("text", "tel", "url", "email", "password"),
    "Input.ChoiceSet": ("compact", "expanded", "filtered"),
    "Image": ("default", "person", "roundedCorners"),
    "action": ("default", "positive", "destructive"),
    "box": ("default", "emphasis", "good", "attention", "warning", "accent"),
}
_BOXES: Final = ("Container", "ColumnSet", "Column", "TableCell", "TableRow")
_FLAGS: Final = (
    *("wrap", "separator", "isVisible", "isRequired", "isMultiline", "isMultiSelect", "isSubtle", "isEnabled"),
    *("italic", "strikethrough", "underline", "highlight"),
)


def card_problems(card: object, *, in_dialog: bool = False) -> list[str]:
    """What Teams would refuse in a card, each with its JSON pointer; in a dialog Action.Execute does nothing."""
    checker = Checker()
    if not checker.is_object(card, ""):
        return checker.problems
    if card.get("type") != "AdaptiveCard":
        checker.refuse(f"must have type AdaptiveCard, not {card.get('type')!r}", "/type")
        return checker.problems
    version = _version(checker, card)
    seen: dict[str, str] = {}
    for place in walk(card):
        if place.is_action:
            _action(checker, place.thing, place.pointer, version, in_dialog)
        else:
            _element(
                checker,
                place.thing,
                place.pointer,
                version,
                seen,
                is_card=place.pointer == "" or bool(place.cards and place.pointer.endswith("/card")),
            )
    _entities(checker, card)
    _refresh(checker, card, version)
    if size_of(card) > limits.CARD_BYTES:
        checker.refuse(f"is {size_of(card)} bytes, more than {limits.CARD_BYTES}", "")
    return checker.problems


def over_budget(card: Json) -> str:
    """A word about a card that Teams still takes, but that has outgrown this project's budget; "" otherwise."""
    size = size_of(card)
    return f"card of {size} bytes is over the budget of {limits.CARD_BUDGET}" if size > limits.CARD_BUDGET else ""


def _version(checker: Checker, card: Json) -> tuple[int, int]:
    match = _VERSION.fullmatch(str(card.get("version", "")))
    if match is None:
        checker.refuse(f"must have a version, not {card.get('version')!r}", "/version")
        return limits.CARD_VERSION
    version = int(match[1]), int(match[2])
    if version > limits.CARD_VERSION:
        checker.refuse(f"version {card['version']} is not supported in Teams, at most 1.5", "/version")
    return version


def _required(checker: Checker, thing: Json, needed: dict[str, type], at: str) -> None:
    for key, kind in needed.items():
        if not isinstance(thing.get(key), kind):
            checker.refuse(f"{thing.get('type')} needs {key} ({kind.__name__})", at)


def _common(checker: Checker, thing: Json, at: str, style: str) -> None:
    for key, words in _WORDS.items():
        if key in thing and not (key == "mode" and style != "action"):
            checker.one_of(thing[key], words, f"{at}/{key}")
    for key in _FLAGS:
        if key in thing:
            checker.boolean(thing[key], f"{at}/{key}")
    if "style" in thing and style in _STYLES:
        checker.one_of(thing["style"], _STYLES[style], f"{at}/style")
    if "id" in thing:
        checker.string(thing["id"], f"{at}/id", empty=False)


def _element(
    checker: Checker, thing: Json, at: str, version: tuple[int, int], seen: dict[str, str], *, is_card: bool
) -> None:
    kind = str(thing.get("type", ""))
    if is_card:
        _actions_fit(checker, thing, at)
        return
    # Columns and rows need not say what they are.
    kind = kind or {"columns": "Column", "rows": "TableRow", "cells": "TableCell", "images": "Image"}.get(
        at.rsplit("/", 2)[-2], ""
    )
    if "/columns/" in at and kind == "Column" and "width" in thing and len(thing) <= 3 and "items" not in thing:
        return  # a Table's column definition
    if kind not in ELEMENTS:
        checker.refuse(f"unknown element {kind!r}", at)
        return
    _required(checker, thing, ELEMENTS[kind], at)
    _common(checker, thing, at, "box" if kind in _BOXES else kind)
    if kind == "Table" and version < limits.TABLE_VERSION:
        checker.refuse("Table needs version 1.5", at)
    if kind == "ActionSet":
        _actions_fit(checker, thing, at)
    if kind == "FactSet":
        _pairs(checker, thing.get("facts"), f"{at}/facts", ("title", "value"))
    if kind.startswith("Input."):
        _input(checker, kind, thing, at, version, seen)


def _pairs(checker: Checker, pairs: object, at: str, keys: tuple[str, ...]) -> None:
    if not checker.is_list(pairs, at):
        return
    for number, pair in enumerate(pairs):
        if checker.is_object(pair, f"{at}/{number}"):
            for key in keys:
                checker.string(pair.get(key), f"{at}/{number}/{key}")


def _input(checker: Checker, kind: str, thing: Json, at: str, version: tuple[int, int], seen: dict[str, str]) -> None:
    name = str(thing.get("id", ""))
    if name in seen:
        checker.refuse(f"input id {name!r} is already used at {seen[name]}", at)
    seen[name] = at
    if version < limits.VALIDATION_VERSION and {"label", "isRequired", "errorMessage"} & set(thing):
        checker.refuse("label, isRequired and errorMessage need version 1.3", at)
    if thing.get("isRequired") and not thing.get("errorMessage"):
        checker.refuse("a required input needs an errorMessage", at)
    for key in ("label", "placeholder", "errorMessage"):
        if key in thing:
            checker.string(thing[key], f"{at}/{key}")
    if "value" in thing and kind != "Input.Number":
        checker.string(thing["value"], f"{at}/value")
    if "maxLength" in thing and not _is_number(thing["maxLength"]):
        checker.refuse("must be a number", f"{at}/maxLength")
    if kind == "Input.ChoiceSet":
        _choices(checker, thing, at)


def _choices(checker: Checker, thing: Json, at: str) -> None:
    query = thing.get("choices.data")
    if query is None or "choices" in thing:
        _pairs(checker, thing.get("choices"), f"{at}/choices", ("title", "value"))
    if query is not None and checker.is_object(query, f"{at}/choices.data"):
        if query.get("type") != "Data.Query":
            checker.refuse("must have type Data.Query", f"{at}/choices.data")
        checker.string(query.get("dataset"), f"{at}/choices.data/dataset", empty=False)
    values = [str(c.get("value")) for c in thing.get("choices") or [] if isinstance(c, dict)]
    if len(values) != len(set(values)):
        checker.refuse("two choices have the same value", f"{at}/choices")
    if thing.get("isMultiSelect") and any("," in value for value in values):
        checker.refuse("a value with a comma cannot be told from two values", f"{at}/choices")


def _is_number(thing: object) -> bool:
    return isinstance(thing, (int, float)) and not isinstance(thing, bool)


def _actions_fit(checker: Checker, thing: Json, at: str) -> None:
    actions = thing.get("actions", [])
    if not checker.is_list(actions, f"{at}/actions"):
        return
    primary = [a for a in actions if not (isinstance(a, dict) and str(a.get("mode", "")).lower() == "secondary")]
    if len(primary) > limits.PRIMARY_ACTIONS:
        checker.refuse(f"{len(primary)} primary actions, more than {limits.PRIMARY_ACTIONS}", f"{at}/actions")


def _action(checker: Checker, thing: Json, at: str, version: tuple[int, int], in_dialog: bool) -> None:
    kind = str(thing.get("type", ""))
    if kind not in ACTIONS:
        checker.refuse(f"unknown action {kind!r}", at)
        return
    _required(checker, thing, ACTIONS[kind], at)
    _common(checker, thing, at, "action")
    if not at.endswith(("selectAction", "inlineAction")):
        checker.string(thing.get("title"), f"{at}/title", empty=False)
    if kind == "Action.Execute":
        if version < limits.EXECUTE_VERSION:
            checker.refuse("Action.Execute needs version 1.4", at)
        if in_dialog:
            checker.refuse("a dialog takes Action.Submit, not Action.Execute", at)
        if "verb" in thing:
            checker.string(thing["verb"], f"{at}/verb", empty=False)
    data: Any = thing.get("data", {})
    if kind in ("Action.Execute", "Action.Submit") and not isinstance(data, dict):
        checker.refuse("data must be an object, or the inputs have no place in it", f"{at}/data")
    if kind == "Action.OpenUrl" and not str(thing.get("url", "")).startswith(("https://", "http://", "mailto:")):
        checker.refuse(f"cannot open {thing.get('url')!r}", f"{at}/url")


def _entities(checker: Checker, card: Json) -> None:
    extra = card.get("msteams", {})
    if not checker.is_object(extra, "/msteams"):
        return
    for number, entity in enumerate(extra.get("entities") or []):
        mentioned = entity.get("mentioned") if isinstance(entity, dict) else None
        if not isinstance(mentioned, dict) or not mentioned.get("id") or not entity.get("text"):
            checker.refuse("a mention needs text and mentioned.id", f"/msteams/entities/{number}")


def _refresh(checker: Checker, card: Json, version: tuple[int, int]) -> None:
    if "refresh" not in card:
        return
    refresh = card["refresh"]
    if not checker.is_object(refresh, "/refresh"):
        return
    if version < limits.EXECUTE_VERSION:
        checker.refuse("refresh needs version 1.4", "/refresh")
    action = refresh.get("action")
    if not isinstance(action, dict) or action.get("type") != "Action.Execute":
        checker.refuse("must be an Action.Execute", "/refresh/action")
    users = refresh.get("userIds", [])
    if checker.is_list(users, "/refresh/userIds") and len(users) > limits.REFRESH_USERS:
        checker.refuse(f"{len(users)} users, more than {limits.REFRESH_USERS}", "/refresh/userIds")
