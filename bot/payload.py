"""Reading JSON whose shape is anybody's guess: what is not as it should be counts as not being there."""

from __future__ import annotations

from typing import Any, cast

Json = dict[str, Any]


def text(thing: Json, key: str) -> str:
    """The text under this key; empty where there is none, or something that is no text."""
    value = thing.get(key)
    return value if isinstance(value, str) else ""


def part(thing: Json, key: str) -> Json:
    """The object under this key; empty where there is none, or something that is no object."""
    value = thing.get(key)
    return cast("Json", value) if isinstance(value, dict) else {}


def parts(thing: Json, key: str) -> list[Json]:
    """The objects in the list under this key."""
    value: Any = thing.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(thing: Json, key: str) -> int:
    """The number under this key; 0 where there is none."""
    value = thing.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
