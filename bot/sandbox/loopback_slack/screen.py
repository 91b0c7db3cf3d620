"""What is on a person's screen: messages and views."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.loopback_slack.blocks import elements_of
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.composition import all_options
from bot.sandbox.loopback_slack.filling import initial_state, readable
from bot.sandbox.loopback_slack.parts import Button, Field, Option


@dataclass(eq=False)
class Surface:
    """Anything that shows blocks. `entered` holds the state of elements by (block_id, action_id)."""

    blocks: list[Json] = field(default_factory=list)
    entered: dict[tuple[str, str], Json] = field(default_factory=dict)
    offered: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def elements(self) -> Iterator[tuple[Json, Json]]:
        """Every interactive element with its block, from top to bottom."""
        for block in self.blocks:
            for element in elements_of(block):
                yield block, element

    def find(self, action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
        """The block and the element with this action_id.

        Raises AssertionError, naming what there is, when there is no such element.
        """
        for block, element in self.elements():
            if element.get("action_id") == action_id and block_id in (None, block.get("block_id")):
                return block, element
        there = [f"{e.get('action_id')} ({e.get('type')})" for _, e in self.elements()]
        raise AssertionError(f"nothing here has action_id {action_id!r}; there is: {there or 'no element'}")

    @property
    def buttons(self) -> dict[str, Button]:
        """The buttons by action_id, from top to bottom."""
        return {
            element["action_id"]: Button(
                label=element["text"]["text"],
                value=element.get("value", ""),
                block_id=block["block_id"],
                style=element.get("style", ""),
                url=element.get("url", ""),
                confirm=element.get("confirm", {}).get("text", {}).get("text", ""),
            )
            for block, element in self.elements()
            if element.get("type") == "button"
        }

    def name_everything(self, prefix: str) -> None:
        """Give blocks and elements the ids that Slack makes up where the bot gave none."""
        for number, block in enumerate(self.blocks):
            block.setdefault("block_id", f"{prefix}{number}")
            for place, element in enumerate(elements_of(block)):
                if element.get("type") != "image":
                    element.setdefault("action_id", f"{prefix}{number}.{place}")

    def forget_what_is_gone(self) -> None:
        """After an update: what was typed stays only where block_id, action_id and type are unchanged."""
        kept = {(b["block_id"], e.get("action_id", "")): e.get("type") for b, e in self.elements()}
        self.entered = {at: v for at, v in self.entered.items() if kept.get(at) == v.get("type")}
        self.offered = {at: v for at, v in self.offered.items() if at in kept}


@dataclass(eq=False)
class Message(Surface):
    """A message as it is in its channel now; an edit changes this very object.

    `ts` is Slack's timestamp, which is also the message's id. `user` is its author, `files` the ids of what
    is attached.
    """

    channel: str = ""
    ts: str = ""
    text: str = ""
    user: str = ""
    edited: bool = False
    deleted: bool = False
    ephemeral: bool = False
    thread_ts: str | None = None
    files: tuple[str, ...] = ()

    def snapshot(self) -> Message:
        """A copy that later edits do not reach: a screen which has not been refreshed."""
        return copy.deepcopy(self)


@dataclass(eq=False)
class View(Surface):
    """A modal or a Home tab as it is on the screen now; an update changes this very object."""

    id: str = ""
    hash: str = ""
    type: str = "modal"
    user: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    raw: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The words at the top."""
        return str((self.raw.get("title") or {}).get("text", ""))

    @property
    def submit_label(self) -> str:
        """The words on the submit button, empty when there is none."""
        return str((self.raw.get("submit") or {}).get("text", ""))

    @property
    def close_label(self) -> str:
        """The words on the close button (Slack says "Cancel" when the bot gives none)."""
        return str((self.raw.get("close") or {}).get("text", "Cancel"))

    @property
    def callback_id(self) -> str:
        """The bot's name for this view."""
        return str(self.raw.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """The bot's own note in the view, which nobody sees."""
        return str(self.raw.get("private_metadata", ""))

    @property
    def external_id(self) -> str:
        """The bot's unique id for this view, or nothing."""
        return str(self.raw.get("external_id", ""))

    @property
    def fields(self) -> dict[str, Field]:
        """The input blocks by block_id, from top to bottom."""
        found: dict[str, Field] = {}
        for block in self.blocks:
            if block.get("type") != "input":
                continue
            element = block["element"]
            initial = initial_state(element)
            state = self.entered.get((block["block_id"], element["action_id"]), initial)
            found[block["block_id"]] = Field(
                label=block["label"]["text"],
                type=element["type"],
                action_id=element["action_id"],
                value=readable(state),
                initial=readable(initial),
                options=[Option.of(option) for option in all_options(element)],
                optional=bool(block.get("optional", False)),
                hint=(block.get("hint") or {}).get("text", ""),
                placeholder=(element.get("placeholder") or {}).get("text", ""),
                multiline=bool(element.get("multiline", False)),
            )
        return found

    def snapshot(self) -> View:
        """A copy that later updates do not reach: a screen which has not been refreshed."""
        return copy.deepcopy(self)
