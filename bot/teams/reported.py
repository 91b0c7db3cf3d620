"""The message on which somebody chose *Report this message*, as words that wait in the form."""

from __future__ import annotations

from html.parser import HTMLParser

from bot.teams.payload import part, text
from bot.teams.render.text import Json

MOST = 20_000
_BREAKS = frozenset({"br", "div", "p", "li", "tr", "blockquote"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _BREAKS and self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def words_of(payload: Json) -> str:
    """Who wrote it, what it says and where it stands; pictures are named by nothing but the link."""
    body = part(payload, "body")
    content = text(body, "content")
    if text(body, "contentType") == "html":
        reader = _Text()
        reader.feed(content[: 4 * MOST])
        reader.close()
        content = "".join(reader.pieces)
    author = text(part(part(payload, "from"), "user"), "displayName")
    said = f"A Teams message{f' by {author}' if author else ''}:\n{content.strip()[:MOST]}".rstrip()
    link = text(payload, "linkToMessage")
    return f"{said}\n{link[:2000]}" if link.startswith("https://") else said
