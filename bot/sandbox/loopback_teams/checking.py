"""The small tools with which an answer or a card is compared with what Teams takes."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Final, TypeGuard

Json = dict[str, Any]

ADAPTIVE: Final = "application/vnd.microsoft.card.adaptive"


def size_of(thing: object) -> int:
    """The size of a thing as JSON in UTF-8, in bytes."""
    return len(json.dumps(thing, separators=(",", ":"), ensure_ascii=False).encode())


class Checker:
    """Collects what Teams would object to, each with the JSON pointer of the place."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def refuse(self, reason: str, pointer: str) -> None:
        """Note one objection."""
        self.problems.append(f"{reason} at {pointer or '/'}")

    def is_object(self, thing: object, pointer: str) -> TypeGuard[Json]:
        """Whether `thing` is a JSON object; notes it when not."""
        if isinstance(thing, dict):
            return True
        self.refuse("must be an object", pointer)
        return False

    def is_list(self, thing: object, pointer: str) -> TypeGuard[list[Any]]:
        """Whether `thing` is an array; notes it when not."""
        if isinstance(thing, list):
            return True
        self.refuse("must be an array", pointer)
        return False

    def string(self, thing: object, pointer: str, *, empty: bool = True) -> None:
        """Note a value that is no string, or is empty although it must not be."""
        if not isinstance(thing, str):
            self.refuse("must be a string", pointer)
        elif not empty and not thing:
            self.refuse("must not be empty", pointer)

    def boolean(self, thing: object, pointer: str) -> None:
        """Note a value that is not true or false."""
        if not isinstance(thing, bool):
            self.refuse("must be a boolean", pointer)

    def one_of(self, thing: object, allowed: Collection[str], pointer: str) -> None:
        """Note a value outside the allowed words; upper and lower case are the same."""
        if not isinstance(thing, str) or thing.lower() not in {word.lower() for word in allowed}:
            self.refuse(f"must be one of {', '.join(sorted(allowed))}, not {thing!r}", pointer)
