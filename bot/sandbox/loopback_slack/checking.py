"""The small tools with which a payload is compared with Slack's schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

from bot.sandbox.loopback_slack import limits

Json = dict[str, Any]


class Checker:
    """Collects what Slack would object to, each with the JSON pointer at which it says so.

    `root` is the pointer of the checked thing, for instance `/view`.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []

    def refuse(self, reason: str, pointer: str) -> None:
        """Note one objection in the wording of Slack's `response_metadata.messages`."""
        self.problems.append(f"[ERROR] {reason} [json-pointer:{pointer or '/'}]")

    def is_object(self, thing: object, pointer: str) -> TypeGuard[Json]:
        """Whether `thing` is a JSON object; notes it when not."""
        if isinstance(thing, dict):
            return True
        self.refuse("must be an object", pointer)
        return False

    def is_list(self, thing: object, pointer: str, *, at_least: int, at_most: int) -> TypeGuard[list[Any]]:
        """Whether `thing` is an array; notes when it is not, or holds too few or too many items."""
        if not isinstance(thing, list):
            self.refuse("must be an array", pointer)
            return False
        if len(thing) < at_least:
            self.refuse(f"must have at least {at_least} items", pointer)
        if len(thing) > at_most:
            self.refuse(f"no more than {at_most} items allowed", pointer)
        return True

    def keys(self, thing: Mapping[str, object], required: Collection[str], optional: Collection[str], at: str) -> None:
        """Note missing and unknown keys."""
        for key in required:
            if thing.get(key) is None:
                self.refuse(f"missing required field: {key}", at)
        for key in thing:
            if key not in required and key not in optional:
                self.refuse(f"invalid additional property: {key}", at)

    def string(self, thing: object, pointer: str, *, at_most: int, at_least: int = 1) -> None:
        """Note a value that is no string, or too short, or too long (in characters)."""
        if not isinstance(thing, str):
            self.refuse("must be a string", pointer)
        elif len(thing) < at_least:
            self.refuse(f"must be more than {at_least - 1} characters", pointer)
        elif len(thing) > at_most:
            self.refuse(f"must be less than {at_most + 1} characters", pointer)

    def boolean(self, thing: object, pointer: str) -> None:
        """Note a value that is not true or false."""
        if not isinstance(thing, bool):
            self.refuse("must be a boolean", pointer)

    def integer(self, thing: object, pointer: str, *, low: int, high: int) -> None:
        """Note a value that is no whole number from `low` to `high`."""
        if not isinstance(thing, int) or isinstance(thing, bool) or not low <= thing <= high:
            self.refuse(f"must be an integer between {low} and {high}", pointer)

    def one_of(self, thing: object, allowed: Collection[str], pointer: str) -> None:
        """Note a value outside the allowed words."""
        if thing not in allowed:
            self.refuse(f"must be one of {', '.join(sorted(allowed))}", pointer)

    def text(self, thing: object, pointer: str, *, at_most: int = limits.TEXT, plain: bool = False) -> None:
        """Check a text object (docs.slack.dev, text object); `plain` forbids mrkdwn."""
        if not self.is_object(thing, pointer):
            return
        kind = thing.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.refuse(f"unsupported type: {kind}", f"{pointer}/type")
            return
        self.keys(thing, ("type", "text"), ("emoji",) if kind == "plain_text" else ("verbatim",), pointer)
        if thing.get("text") is not None:
            self.string(thing["text"], f"{pointer}/text", at_most=at_most)
        for flag in ("emoji", "verbatim"):
            if flag in thing:
                self.boolean(thing[flag], f"{pointer}/{flag}")
