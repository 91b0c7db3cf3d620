"""The few kinds of element that the renderers are made of (Adaptive Cards 1.5).

Text is only ever in text runs: a `TextBlock` reads Markdown, a `FactSet` too, so neither is used. So neither what
somebody typed nor a name from the school's list can do anything: no link, no mention, no mark-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from bot.teams.render.text import Json, chunks, clip, inert, sendable, size_of, words
from handlers.views import Button

MOST_BYTES = 25_000
BUTTON_TEXT = 100
LABEL = 2000
IN_A_ROW = 6
"""Buttons that Teams shows side by side before it hides some behind three dots."""
ROW_TEXT, BUTTON_FRAME = 50, 5
"""Characters that a phone has room for side by side, and what a button's frame takes of them: where there are more
in a row, Teams cuts every label, and "Finish" reads "Fi…"."""
PIECE = 5000
"""Bytes of typed text in one run."""
LEAST = 400
"""Bytes that a label and the line about what is not shown may take."""

VERSION = "1.5"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
STYLES = {"plain": "default", "primary": "positive", "danger": "destructive"}

Tone = Literal["plain", "bold", "title", "subtle", "warning"]
TONES: dict[Tone, Json] = {
    "plain": {},
    "bold": {"weight": "Bolder"},
    "title": {"weight": "Bolder", "size": "Large"},
    "subtle": {"isSubtle": True, "size": "Small"},
    "warning": {"color": "Attention", "weight": "Bolder"},
}


def run(text: str, tone: Tone = "plain") -> Json:
    """A stretch of our own words; blanks at its ends are kept."""
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return {"type": "TextRun", "text": f"{lead}{words(text)}{tail}", **TONES[tone]}


def line(*runs: Json) -> Json:
    """A paragraph."""
    return {"type": "RichTextBlock", "inlines": list(runs)}


def said(text: str, tone: Tone = "plain") -> Json:
    """A paragraph of our own words, all in one tone."""
    return line(run(text, tone))


def bullets(items: Iterable[str]) -> list[Json]:
    """A list."""
    return [close(said(f"• {item}")) for item in items]


def close(element: Json) -> Json:
    """The element, close to the one above it: they belong together."""
    return {**element, "spacing": "Small"}


def wrong(error: str, field: Sequence[Json]) -> list[Json]:
    """The field and what is wrong with it, in a box: so it is seen without telling colours apart.

    The words have the box's own colour: red ones cannot be read on it.
    """
    return [{"type": "Container", "style": "attention", "items": [said(error, "bold"), *map(close, field)]}]


def divided(element: Json) -> Json:
    """The element, with a line above it."""
    return {**element, "separator": True, "spacing": "Medium"}


def quoted(text: str) -> list[Json]:
    """What somebody typed, verbatim and inert, on a ground of its own."""
    return [
        {
            "type": "Container",
            "style": "emphasis",
            "spacing": "Small",
            "items": [line({"type": "TextRun", "text": inert(piece)})],
        }
        for piece in chunks(sendable(text), PIECE)
    ]


def typed(label: str, text: str) -> list[Json]:
    """A label of ours and what somebody typed, all of it."""
    if not text:
        return [line(run(f"{label}: ", "bold"), run("nothing"))]
    return [said(label, "bold"), *quoted(text)]


def typed_in(label: str, text: str, room: int) -> list[Json]:
    """The same, as much of it as there is room for, in bytes. What does not fit is counted, in so many words."""
    elements = typed(label, text)
    if sum(map(size_of, elements)) <= room:
        return elements
    kept = elements[:1]
    left = room - size_of(elements[0]) - LEAST // 2
    shown = 0
    for piece in chunks(sendable(text), min(PIECE, max(left, 1))):
        block = quoted(piece)
        if (taken := sum(map(size_of, block))) > left:
            break
        kept += block
        left -= taken
        shown += len(piece)
    return [*kept, said(f"{len(text) - shown:,} more characters are not shown here.", "subtle")]


def button(item: Button, *, opens: bool) -> Json:
    """A button that carries its action and token; `opens` where it stands on a card and opens a dialog."""
    data: Json = {"action": item.action, "token": item.token}
    return submit(item.label, data | ({"msteams": {"type": "task/fetch"}} if opens else {}), STYLES[item.style])


def submit(label: str, data: Json, style: str = "default") -> Json:
    """A button that sends this data, with everything that is filled in."""
    action = {"type": "Action.Submit", "title": clip(words(label.replace("\n", " ")), BUTTON_TEXT), "data": data}
    return action if style == "default" else action | {"style": style}


def actions(buttons: Sequence[Button], *, opens: bool = False) -> list[Json]:
    """The buttons side by side, the one to press first."""
    ordered = sorted(buttons, key=lambda item: item.style != "primary")
    return rows([button(item, opens=opens) for item in ordered])


def rows(elements: Sequence[Json]) -> list[Json]:
    """Buttons in rows of as many as Teams shows, and as a phone has room for."""
    found: list[list[Json]] = []
    left = 0
    for element in elements:
        wide = len(element["title"]) + BUTTON_FRAME
        if not found or wide > left or len(found[-1]) == IN_A_ROW:
            found.append([])
            left = ROW_TEXT
        found[-1].append(element)
        left -= wide
    sets: list[Json] = [{"type": "ActionSet", "actions": row} for row in found]
    return [*sets[:1], *map(close, sets[1:])]


def card(body: Sequence[Json], last: Sequence[Json] = ()) -> Json:
    """An adaptive card; `last` are the buttons at its foot."""
    shown: Json = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": VERSION, "body": list(body)}
    # What a client that cannot show cards says of it: nothing.
    shown["fallbackText"] = "Staffroom"
    return shown | ({"actions": list(last)} if last else {})


def attachment(content: Json) -> Json:
    """The card as messages and dialogs carry it."""
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
