"""The buttons, fields and choices that a person meets on the screen, and what their client refuses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.loopback_teams.checking import Json


class ClientRefuses(AssertionError):
    """The person's own Teams client does not let them do this, so nothing is sent to the bot."""


@dataclass(frozen=True)
class Option:
    """One choice, as its person reads it (`label`) and as the bot does (`value`)."""

    label: str
    value: str

    @staticmethod
    def of(raw: Json) -> Option:
        """Read a choice of an Input.ChoiceSet or a result of a typeahead search."""
        return Option(str(raw.get("title", "")), str(raw.get("value", "")))


@dataclass(frozen=True)
class Button:
    """A button: what it says, of which type it is, and what the bot is told when it is pressed."""

    label: str
    type: str
    id: str
    verb: str
    data: Json
    style: str = ""
    url: str = ""


@dataclass(frozen=True)
class Field:
    """An input: its label, its type, and what is in it now, as it would be sent ("" while empty)."""

    label: str
    type: str
    id: str
    value: str
    options: list[Option]
    required: bool
    placeholder: str = ""
    error_message: str = ""
    multiline: bool = False
    several: bool = False


@dataclass(frozen=True)
class File:
    """A file in the person's OneDrive, or (`pasted`) an image in the text of a message.

    `url` is the link that the bot is given; an empty one of a pasted image leads to the connector.
    """

    id: str
    name: str
    mimetype: str
    pasted: bool
    url: str
