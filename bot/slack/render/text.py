"""Text as Slack takes it: measured, cut and made inert.

Slack counts characters, and nowhere says whether code points or UTF-16 units; the larger count, of UTF-16 units,
is used here, so that either reading of a limit is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

NOTHING = "–"
"""Stands where there is no text: Slack refuses an empty one."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


def units(text: str) -> int:
    """How long the text is, in UTF-16 units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def sendable(text: str) -> str:
    """The text without what no JSON parser is bound to take: lone surrogates and NUL become a question mark."""
    return _UNSENDABLE.sub("\ufffd", text)


def words(text: str) -> str:
    """Our own words, with people's names in them: never empty, and unable to turn round what stands beside them."""
    return _TURNING.sub("", sendable(text)).strip() or NOTHING


def clip(text: str, most: int) -> str:
    """The text, cut to `most` UTF-16 units with an ellipsis where it is longer."""
    if units(text) <= most:
        return text
    return text[: _prefix(text, most - 1)].rstrip() + "…"


def cut(text: str, most: int) -> str:
    """The first `most` UTF-16 units of the text, without a mark where it was cut."""
    return text if units(text) <= most else text[: _prefix(text, most)]


def chunks(text: str, most: int = 3000) -> Iterator[str]:
    """The text in pieces of at most `most` UTF-16 units; nothing is lost and no character is cut in two."""
    while units(text) > most:
        end = _prefix(text, most)
        # A piece ends behind a blank where there is one near: a cluster of combining characters stays whole.
        blank = max(text.rfind("\n", end - 200, end), text.rfind(" ", end - 200, end))
        end = blank + 1 if blank > 0 else end
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def fitting(text: str, room: int) -> int:
    """How many characters of the text take at most `room` bytes of escaped JSON."""
    if len(text) * 12 <= room:
        return len(text)
    taken = 0
    for index, character in enumerate(text):
        taken += len(json.dumps(character)) - 2
        if taken > room:
            return index
    return len(text)


def _prefix(text: str, most: int) -> int:
    """How many characters of the text are at most `most` UTF-16 units."""
    taken = 0
    for index, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > most:
            return index
    return len(text)
