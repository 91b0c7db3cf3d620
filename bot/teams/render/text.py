"""Text as Teams takes it: measured, cut and made inert.

A message has room for about 100 KB counted in UTF-16, and older pages say 28 KB; 25,000 bytes of UTF-8 keep
every reading of the limit (learn.microsoft.com, "Format your bot messages").
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

NOTHING = "–"
"""Stands where there is no text: Teams drops an empty one."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
_MACRO = re.compile(r"\{(?=\{)")


def packed(thing: object) -> str:
    """JSON as it is sent: without blanks, and with every letter as itself."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"))


def size_of(thing: object) -> int:
    """How many bytes this takes in a card, with the comma behind it."""
    return len(packed(thing).encode()) + 1


def sendable(text: str) -> str:
    """The text without what no JSON parser is bound to take: lone surrogates and NUL become a question mark."""
    return _UNSENDABLE.sub("\ufffd", text)


def inert(text: str) -> str:
    """What somebody typed, so that it does nothing in a text run, where `{{DATE(…)}}` alone would be filled in.

    An invisible word joiner comes between the braces; everything else stands as it was typed.
    """
    return _MACRO.sub("{\u2060", sendable(text))


def words(text: str) -> str:
    """Our own words, with people's names in them: never empty, and unable to turn round what stands beside them."""
    return _TURNING.sub("", inert(text)).strip() or NOTHING


def clip(text: str, most: int) -> str:
    """The text, cut to `most` characters with an ellipsis where it is longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def chunks(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most `most` bytes of JSON; nothing is lost and no character is cut in two."""
    while text:
        end = fitting(text, most)
        if end < len(text):
            # A piece ends behind a blank where there is one near: a cluster of combining characters stays whole.
            blank = max(text.rfind("\n", end - 200, end), text.rfind(" ", end - 200, end))
            end = blank + 1 if blank > 0 else max(end, 1)
        yield text[:end]
        text = text[end:]


def fitting(text: str, room: int) -> int:
    """How many characters of the text, which is sendable, take at most `room` bytes of JSON."""
    most = min(len(text), max(room, 0))
    if _bytes(text[:most]) <= room:
        return most
    return bisect_right(range(most + 1), room, key=lambda end: _bytes(text[:end])) - 1


def _bytes(text: str) -> int:
    return len(packed(text).encode()) - 2
