"""The buttons, fields and choices that a person meets on the screen, and what their client refuses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.loopback_slack.checking import Json


class ClientRefuses(AssertionError):
    """The person's own Slack client does not let them do this, so nothing is sent to the bot."""


@dataclass(frozen=True)
class Option:
    """One choice in a menu, as its person reads it (`label`, `description`) and as the bot does (`value`)."""

    label: str
    value: str
    description: str = ""

    @staticmethod
    def of(raw: Json) -> Option:
        """Read an option object."""
        described = raw.get("description") or {}
        return Option(str(raw["text"]["text"]), str(raw["value"]), str(described.get("text", "")))


@dataclass(frozen=True)
class Button:
    """A button: what it says, and what the bot is told when it is pressed."""

    label: str
    value: str
    block_id: str
    style: str = ""
    url: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Field:
    """An input block: its label, the type of its element, and what is in it now.

    `value` is a string, a list of strings (several may be chosen), or None while empty.
    """

    label: str
    type: str
    action_id: str
    value: str | list[str] | None
    initial: str | list[str] | None
    options: list[Option]
    optional: bool
    hint: str = ""
    placeholder: str = ""
    multiline: bool = False
