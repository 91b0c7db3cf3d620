"""What is on a person's screen: messages and dialogs."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.loopback_teams.checking import ADAPTIVE, Json
from bot.sandbox.loopback_teams.filling import choices, initial
from bot.sandbox.loopback_teams.parts import Button, Field, File
from bot.sandbox.loopback_teams.walking import Place, walk

_EMPTY: Json = {"type": "AdaptiveCard", "version": "1.5"}


@dataclass(eq=False)
class Surface:
    """Anything that shows one Adaptive Card (or none). `entered` holds the inputs that were touched, by id."""

    card: Json | None = None
    entered: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[Json]] = field(default_factory=dict)
    toggled: dict[str, bool] = field(default_factory=dict)

    def places(self) -> Iterator[Place]:
        """Every element and action of the card, from top to bottom."""
        yield from walk(self.card or _EMPTY, self.toggled)

    def inputs(self, cards: tuple[str, ...] | None = None) -> dict[str, Json]:
        """The inputs by id; only those which an action in these Action.ShowCard cards would send, when given."""
        return {
            str(place.thing.get("id")): place.thing
            for place in self.places()
            if str(place.thing.get("type", "")).startswith("Input.")
            and (cards is None or cards[: len(place.cards)] == place.cards)
        }

    def value(self, element: Json) -> str:
        """What an input holds now."""
        return self.entered.get(str(element.get("id")), initial(element))

    def find(self, action: str) -> Place:
        """The action with this title, id or verb.

        Raises AssertionError, naming what there is, when there is no such action or more than one.
        """
        actions = [place for place in self.places() if place.is_action and place.shown]
        for key in ("id", "verb", "title"):
            found = [place for place in actions if place.thing.get(key) == action]
            if len(found) == 1:
                return found[0]
            if found:
                raise AssertionError(f"{len(found)} actions here have the {key} {action!r}")
        there = [place.thing.get("title") or place.thing.get("verb") for place in actions]
        raise AssertionError(f"no action {action!r} here; there is: {there or 'none'}")

    @property
    def buttons(self) -> dict[str, Button]:
        """The actions that are shown, by title (or id, or verb), from top to bottom."""
        found: dict[str, Button] = {}
        for place in self.places():
            thing = place.thing
            if place.is_action and place.shown:
                name = str(thing.get("title") or thing.get("id") or thing.get("verb") or "")
                found[name] = Button(
                    label=str(thing.get("title", "")),
                    type=str(thing.get("type", "")),
                    id=str(thing.get("id", "")),
                    verb=str(thing.get("verb", "")),
                    data=thing.get("data") or {},
                    style=str(thing.get("style", "")),
                    url=str(thing.get("url", "")),
                )
        return found

    @property
    def fields(self) -> dict[str, Field]:
        """The inputs by id, from top to bottom."""
        return {
            name: Field(
                label=str(element.get("label") or element.get("title") or ""),
                type=element["type"],
                id=name,
                value=self.value(element),
                options=choices(element, self.offered.get(name, [])),
                required=bool(element.get("isRequired", False)),
                placeholder=str(element.get("placeholder", "")),
                error_message=str(element.get("errorMessage", "")),
                multiline=bool(element.get("isMultiline", False)),
                several=bool(element.get("isMultiSelect", False)),
            )
            for name, element in self.inputs().items()
        }

    def show(self, card: Json | None) -> None:
        """Put another card in place of this one: what was typed is gone."""
        self.card = copy.deepcopy(card)
        self.entered, self.offered, self.toggled = {}, {}, {}


@dataclass(eq=False)
class Message(Surface):
    """A message as it is in its conversation now; an edit changes this very object.

    `seen_as` holds the cards that single people see instead (in a channel an answer to Action.Execute, and a
    refresh, are for one person). `targeted_to` is who alone sees a targeted message, `files`
    what a person attached.
    """

    id: str = ""
    conversation: str = ""
    sender: str = ""
    text: str = ""
    text_format: str = "markdown"
    summary: str = ""
    attachments: list[Json] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)
    reply_to: str = ""
    targeted_to: str = ""
    files: tuple[File, ...] = ()
    edited: bool = False
    deleted: bool = False
    seen_as: dict[str, Surface] = field(default_factory=dict)

    def take(self, activity: Json) -> None:
        """Become what an activity says."""
        self.text = str(activity.get("text") or "")
        self.text_format = str(activity.get("textFormat") or "markdown")
        self.summary = str(activity.get("summary") or "")
        self.attachments = copy.deepcopy(activity.get("attachments") or [])
        self.entities = copy.deepcopy(activity.get("entities") or [])
        cards = [a.get("content") for a in self.attachments if a.get("contentType") == ADAPTIVE]
        self.show(cards[0] if cards else None)
        self.seen_as = {}

    def to(self, person_id: str) -> Surface:
        """The card as this person sees it."""
        return self.seen_as.get(person_id, self)

    def snapshot(self) -> Message:
        """A copy that later edits do not reach: a screen which has not been refreshed."""
        return copy.deepcopy(self)


@dataclass(eq=False)
class Dialog(Surface):
    """A dialog (task module). `kind` is `task`, or `compose` when a message-extension command opened it."""

    id: str = ""
    title: str = ""
    person: str = ""
    kind: str = "task"
    url: str = ""
    height: int | str = ""
    width: int | str = ""
    conversation: str = ""
    command: Json = field(default_factory=dict)
    reply_to: str = ""

    def snapshot(self) -> Dialog:
        """A copy: a screen which has not been refreshed."""
        return copy.deepcopy(self)
