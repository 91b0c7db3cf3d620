"""Looking at text that people typed. It is kept verbatim; nothing here changes it."""

from __future__ import annotations

import unicodedata

INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"})
INVISIBLE_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing: Hangul fillers and the empty Braille pattern."""


def says_something(text: str) -> bool:
    """Whether the text has at least one character that a reader can see (zero-width ones do not count)."""
    return any(
        unicodedata.category(character) not in INVISIBLE_CATEGORIES and character not in INVISIBLE_LETTERS
        for character in text
    )


def storable(text: str) -> bool:
    """Whether the text can be encoded: lone surrogates, which no keyboard produces, cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
