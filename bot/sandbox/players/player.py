"""What a person sees and does, in words that are neither Slack's nor Teams'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: what it says, and what the bot is told."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in: its kind as the platform calls it, and what is in it now; empty where nothing is."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """How the bot took what somebody did. `errors` are by field; `act` is the platform's own record of it.

    `said` is what the chat itself said in answer, beside what opened.
    """

    status: int
    failed: bool
    act: Any
    errors: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on somebody's device: what it is called there, and its bytes.

    An `external` one lies outside the platform: what is attached is a link to it.
    """

    name: str
    content: bytes
    external: bool = False


class Shown(Protocol):
    """A card in chat, or what is open on somebody's screen."""

    @property
    def id(self) -> str:
        """What the platform calls it."""
        ...

    @property
    def deleted(self) -> bool:
        """Whether it has been taken away since."""
        ...

    @property
    def text(self) -> str:
        """All that a human reads on it."""
        ...

    @property
    def buttons(self) -> Mapping[str, str]:
        """What each button carries, by its action."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """What is to be filled in, by id."""
        ...

    @property
    def live(self) -> Sequence[str]:
        """Mentions, links and mark-up that do something here."""
        ...

    @property
    def links(self) -> Sequence[str]:
        """The addresses that its buttons open in a browser."""
        ...

    def snapshot(self) -> Shown:
        """A copy that later changes do not reach."""
        ...


class Player(Protocol):
    """A person with the hands to type and press. Everything they do goes over HTTP, signed by their platform."""

    @property
    def name(self) -> str:
        """Their name."""
        ...

    @property
    def screen(self) -> Shown | None:
        """What is open on their screen."""
        ...

    @property
    def cards(self) -> Sequence[Shown]:
        """The cards about reports that stand in their chat with Staffroom, oldest first."""
        ...

    @property
    def notifications(self) -> Sequence[str]:
        """What their phone has shown of cards."""
        ...

    @property
    def seen(self) -> str:
        """Everything that they could read in any way since the school opened."""
        ...

    async def command(self, command: str, words: str = "") -> Done:
        """Types a command, and presses what opens where the platform wants that."""
        ...

    async def press(self, where: Shown, action: str, *, value: str | None = None) -> Done:
        """Presses the button with this action. A given `value` replaces what it carries: a forged click."""
        ...

    async def submit(self, where: Shown, answers: Mapping[str, object], *, force: bool = False) -> Done:
        """Fills in and sends; with `force` as a client would not let them."""
        ...

    def fill_in(self, where: Shown, answers: Mapping[str, object]) -> None:
        """Fills in without sending."""
        ...

    async def suggest(self, where: Shown, field: str, typed: str) -> Sequence[Choice]:
        """Types into a picker of people; returns whom it offers."""
        ...

    async def choose(self, where: Shown, field: str, values: Sequence[str]) -> Done:
        """Picks people in a picker that changes the form."""
        ...

    async def close(self, where: Shown | None = None) -> None:
        """Closes what is open, with the cross."""
        ...

    async def quoted(self) -> Sequence[str]:
        """What people typed, to the character, on all the pages of what is open: one text for each label above it."""
        ...

    @property
    def picks_files(self) -> bool:
        """Whether a form can ask them for files (`attach`); where not, they send them in the chat (`send_files`)."""
        ...

    async def attach(self, where: Shown, field: str, files: Sequence[Attachment], *, force: bool = False) -> None:
        """Puts files into a form's picker without sending; with `force` as a client would not let them."""
        ...

    async def send_files(self, files: Sequence[Attachment], words: str = "", *, pasted: bool = False) -> Done:
        """Sends files in their own chat with the bot; `pasted` ones are images in the text, without a name."""
        ...

    async def post(self, channel: str, words: str, files: Sequence[Attachment] = (), *, pasted: bool = False) -> Shown:
        """Writes to others, in a channel of that name, with files."""
        ...

    async def report_message(self, message: Shown, action: str = "report_message") -> Done:
        """Chooses the bot's action of that name in the menu of a message."""
        ...

    def delete_files(self) -> None:
        """Deletes all files that they have ever uploaded."""
        ...

    async def again(self, done: Done) -> Done:
        """The platform delivers what they did once more."""
        ...

    def unreachable(self) -> None:
        """From now on the bot cannot write to them."""
        ...
