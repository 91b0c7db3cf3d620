"""The few kinds of block that the renderers are made of, and how much room a message or view has for them.

Nothing here is `mrkdwn`: text is plain or rich text, in which mark-up, mentions, links and emoji names are
characters like any other. So neither what somebody typed nor a name from the school's list can do anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.slack.render.text import Json, chunks, clip, fitting, sendable, units, words
from handlers.views import Button, Link

TEXT = 3000
LABEL = 2000
BUTTON_TEXT = 75
OPTION_TEXT = 75
OPTION_VALUE = 150
LINK = "link"
LEAST = 600
"""Bytes that a label and the line about what is not shown may take."""
PIECES = 4
"""How many pieces of 3,000 go into one rich text block: what people can type into Slack themselves is 12,000."""


@dataclass
class Room:
    """What is left of a view (100 blocks, 250 kB) or a message (50 blocks, about 13,000 characters)."""

    blocks: int
    size: int

    def spend(self, blocks: Iterable[Json]) -> None:
        """Take off what these blocks use."""
        for block in blocks:
            self.blocks -= 1
            self.size -= size_of(block)

    def has(self, blocks: Sequence[Json]) -> bool:
        """Whether there is room for all of these."""
        return len(blocks) <= self.blocks and sum(map(size_of, blocks)) <= self.size


def size_of(block: object) -> int:
    """The block's size in a request, in bytes: as JSON with everything but ASCII escaped, as the SDK sends it."""
    return len(json.dumps(block)) + 2


def plain(text: str, most: int = TEXT) -> Json:
    """A plain text object of our own words, cut to `most`."""
    return {"type": "plain_text", "text": clip(words(text), most), "emoji": False}


def section(text: str) -> Json:
    """A paragraph of our own words."""
    return {"type": "section", "text": plain(text)}


def context(text: str) -> Json:
    """Small print."""
    return {"type": "context", "elements": [plain(text)]}


def run(text: str, *, bold: bool = False) -> Json:
    """A stretch of rich text of our own words; blanks at its ends are kept."""
    kept = sendable(text)
    inner = words(kept)
    lead, tail = kept[: len(kept) - len(kept.lstrip())], kept[len(kept.rstrip()) :]
    element: Json = {"type": "text", "text": clip(f"{lead}{inner}{tail}", TEXT)}
    return element | {"style": {"bold": True}} if bold else element


def line(*runs: Json) -> Json:
    """A paragraph of a rich text block."""
    return {"type": "rich_text_section", "elements": list(runs)}


def bullets(items: Iterable[str]) -> Json:
    """A list of a rich text block."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [line(run(item)) for item in items]}


def rich(*elements: Json) -> Json:
    """A rich text block."""
    return {"type": "rich_text", "elements": list(elements)}


def warning(text: str) -> Json:
    """What somebody in a hurry must see."""
    return rich(line(run("⚠️ "), run(text, bold=True)))


def quoted(text: str) -> list[Json]:
    """What somebody typed, verbatim, as quotations of at most four pieces of 3,000 each; inert."""
    pieces = [{"type": "text", "text": piece} for piece in chunks(sendable(text), TEXT)]
    return [
        {"type": "rich_text_quote", "elements": pieces[start : start + PIECES]}
        for start in range(0, len(pieces), PIECES)
    ]


def typed(label: str, text: str, room: Room) -> list[Json]:
    """A label of ours and what somebody typed, as much of it as there is room for.

    The blocks are taken off the room. What does not fit is counted, in so many words.
    """
    head = line(run(label, bold=True))
    note_size = size_of(context("1,000,000 more characters are not shown here.")) + size_of(rich(head)) + 200
    # A piece costs its frame as well: two pieces' frames for every 1,500 characters is more than enough.
    left = max(0, room.size - note_size - (len(text) // 1500 + 1) * 120)
    shown = text[: fitting(sendable(text), left)]
    blocks: list[Json] = []
    quotes = quoted(shown)
    wanted = max(1, len(quotes))
    if wanted + 1 > room.blocks:
        kept = quotes[: max(0, room.blocks - 1)]
        shown = shown[: sum(len(piece["text"]) for quote in kept for piece in quote["elements"])]
        quotes = kept
    if room.blocks < 1:
        return []
    blocks = [rich(head, *quotes[:1]), *(rich(quote) for quote in quotes[1:])]
    if not text:
        blocks = [rich(line(run(f"{label}: ", bold=True), run("nothing")))]
    hidden = len(text) - len(shown)
    if hidden:
        blocks.append(context(f"{hidden:,} more characters are not shown here."))
    room.spend(blocks)
    return blocks


def all_typed(items: Sequence[tuple[str, str]], room: Room) -> list[list[Json]]:
    """Several labels and texts, in their order. Each has room at least to say that it is there."""
    room.blocks -= 2 * len(items)
    room.size -= LEAST * len(items)
    found: list[list[Json]] = []
    for label, said in items:
        room.blocks += 2
        room.size += LEAST
        found.append(typed(label, said, room))
    return found


def link_button(link: Link) -> Json:
    """A button that opens an address in the browser; pressing it also tells us, which means nothing."""
    return {"type": "button", "action_id": LINK, "text": plain(link.label, BUTTON_TEXT), "url": link.url}


@dataclass
class Names:
    """Gives every element of a view or message an action id of its own: the second one that is asked for is `x#2`.

    `mark` tells the inputs of one draft from those of another: Slack keeps what was typed where the ids are
    unchanged, and an empty form that replaces a filled one must be empty.
    """

    mark: str = ""
    _given: dict[str, int] = field(default_factory=dict)

    def of_button(self, name: str) -> str:
        """The action id of the next button that does `name`."""
        number = self._given[name] = self._given.get(name, 0) + 1
        return name if number == 1 else f"{name}#{number}"

    def of_input(self, name: str) -> str:
        """The action id of the next input called `name`."""
        given = self.of_button(name)
        if not self.mark:
            return given
        return f"{given}{self.mark}" if "#" in given else f"{given}#{self.mark}"


def bare(action_id: str) -> str:
    """The action, or the field's name, in an action id."""
    return action_id.partition("#")[0]


def button(item: Button, names: Names) -> Json:
    """A button that carries its token."""
    element: Json = {
        "type": "button",
        "action_id": names.of_button(item.action),
        "text": plain(item.label.replace("\n", " "), BUTTON_TEXT),
        "value": item.token,
    }
    return element if item.style == "plain" else element | {"style": item.style}


def actions(buttons: Sequence[Button], names: Names) -> list[Json]:
    """The buttons side by side, the one to press first; at most 25 in a row."""
    ordered = sorted(buttons, key=lambda item: item.style != "primary")
    elements = [button(item, names) for item in ordered]
    return [{"type": "actions", "elements": elements[start : start + 25]} for start in range(0, len(elements), 25)]


def option(value: str, label: str) -> Json:
    """One answer to pick; a label that is too long for its line goes on in the description under it."""
    text = words(label.replace("\n", " "))
    if units(text) <= OPTION_TEXT:
        return {"text": plain(text), "value": value}
    at = text.rfind(" ", 0, OPTION_TEXT)
    at = at if at > 0 and units(text[:at]) <= OPTION_TEXT else OPTION_TEXT // 2
    return {"text": plain(text[:at]), "value": value, "description": plain(text[at:], OPTION_TEXT)}
