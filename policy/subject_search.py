"""Whether somebody is named in what was written: for a subject access request (UK GDPR, Article 15).

A search finds names as they were typed. It is a beginning, and no proof that nothing else is about the person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 3
"""Letters: what is shorter is found everywhere."""


def terms_of(typed: str) -> tuple[str, ...]:
    """What is looked for: a line, or a part between commas, each; folded, and each once."""
    return tuple(dict.fromkeys(term for part in re.split(r"[\n,;]", typed) if (term := folded(part))))


def folded(text: str) -> str:
    """The text without capitals, invisible characters and the difference between forms of one letter."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(seen.casefold().split())


def is_named(terms: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether one of the terms (see `terms_of`) stands in one of the texts as words of its own."""
    wanted = re.compile("|".join(rf"(?<!\w){re.escape(term)}(?!\w)" for term in terms))
    return any(wanted.search(folded(text)) is not None for text in texts)
