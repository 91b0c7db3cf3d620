"""Going through an Adaptive Card from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.sandbox.loopback_teams.checking import Json

# Where an element keeps the elements inside it.
CHILDREN: Final = ("body", "items", "columns", "images", "rows", "cells", "pages", "inlines")
_SINGLE_ACTIONS: Final = ("selectAction", "inlineAction")


@dataclass(frozen=True)
class Place:
    """A thing in a card: its JSON pointer, the Action.ShowCard cards that it is in, and whether it is shown."""

    thing: Json
    pointer: str
    cards: tuple[str, ...]
    shown: bool
    is_action: bool


def walk(card: Json, toggled: Mapping[str, bool] | None = None) -> Iterator[Place]:
    """Every element and action of a card; `toggled` is what Action.ToggleVisibility has shown or hidden."""
    yield from _element(card, "", (), True, toggled or {})


def _element(thing: Json, at: str, cards: tuple[str, ...], shown: bool, toggled: Mapping[str, bool]) -> Iterator[Place]:
    shown = shown and toggled.get(str(thing.get("id", "")), thing.get("isVisible", True) is not False)
    yield Place(thing, at, cards, shown, is_action=False)
    for key in CHILDREN:
        inside = thing.get(key)
        for number, each in enumerate(inside if isinstance(inside, list) else []):
            if isinstance(each, dict):
                yield from _element(each, f"{at}/{key}/{number}", cards, shown, toggled)
    for key in _SINGLE_ACTIONS:
        if isinstance(thing.get(key), dict):
            yield from _action(thing[key], f"{at}/{key}", cards, shown, toggled)
    actions = thing.get("actions")
    for number, each in enumerate(actions if isinstance(actions, list) else []):
        if isinstance(each, dict):
            yield from _action(each, f"{at}/actions/{number}", cards, shown, toggled)


def _action(thing: Json, at: str, cards: tuple[str, ...], shown: bool, toggled: Mapping[str, bool]) -> Iterator[Place]:
    yield Place(thing, at, cards, shown, is_action=True)
    if isinstance(thing.get("card"), dict):
        yield from _element(thing["card"], f"{at}/card", (*cards, at), shown, toggled)
