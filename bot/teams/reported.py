"""The message on which somebody chose *Report this message*, as words that wait in the form."""

from __future__ import annotations

import re
from html import unescape

from bot.payload import part, text
from bot.teams.render.text import Json

MOST = 20_000
_TAG = re.compile(r"<([^<>]*)>")
_BREAKS = frozenset({"br", "div", "p", "li", "tr", "blockquote"})


def _text_of(html: str) -> str:
    """What a human reads of it, in one go over it: Python's own parser takes minutes over hostile text, or gives up."""
    pieces: list[str] = []
    at = 0
    for found in _TAG.finditer(html):
        pieces.append(unescape(html[at : found.start()]))
        at = found.end()
        name = found[1].partition(" ")[0].rstrip("/").lower()
        if name in _BREAKS and any(pieces) and not pieces[-1].endswith("\n"):
            pieces.append("\n")
    return "".join([*pieces, unescape(html[at:])])


def words_of(payload: Json) -> str:
    """Who wrote it, what it says and where it stands; pictures are named by nothing but the link."""
    body = part(payload, "body")
    content = text(body, "content")
    if text(body, "contentType") == "html":
        content = _text_of(content[: 4 * MOST])
    author = text(part(part(payload, "from"), "user"), "displayName")
    said = f"A Teams message{f' by {author}' if author else ''}:\n{content.strip()[:MOST]}".rstrip()
    link = text(payload, "linkToMessage")
    return f"{said}\n{link[:2000]}" if link.startswith("https://") else said
