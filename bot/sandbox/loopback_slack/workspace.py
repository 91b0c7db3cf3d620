"""The state of the workspace: people, channels, messages, views, triggers. It knows no HTTP."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.faults import Faults
from bot.sandbox.loopback_slack.files import File
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.screen import Message, View

ALL_SCOPES = frozenset(
    {
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "groups:read",
        "im:read",
        "im:write",
        "mpim:read",
        "team:read",
        "users:read",
        "users:read.email",
    }
)


class Refusal(Exception):
    """Slack answers `{"ok": false, "error": code}`; with `blame` the bot should never have asked."""

    def __init__(self, code: str, messages: Iterable[str] = (), *, blame: bool = True, **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.blame = blame
        self.extra = extra


@dataclass
class Person:
    """Somebody in the workspace, and what is on their screen.

    `views` is the stack of open modals, top last; `post_error` is what posting to somebody who is not
    `reachable` answers.
    """

    id: str
    name: str
    email: str
    team_id: str
    guest: bool = False
    single_channel_guest: bool = False
    deleted: bool = False
    bot: bool = False
    stranger: bool = False
    reachable: bool = True
    post_error: str = "channel_not_found"
    tz: str = "Europe/London"
    views: list[View] = field(default_factory=list)
    home: View | None = None
    ephemerals: list[Message] = field(default_factory=list)
    notifications: list[str] = field(default_factory=list)
    acting: Interaction | None = None

    @property
    def view(self) -> View | None:
        """The modal on top, or None."""
        return self.views[-1] if self.views else None

    @property
    def username(self) -> str:
        """The old-style user name which payloads still carry."""
        return self.email.split("@")[0]


@dataclass
class Channel:
    """A conversation: a channel, or (`user` is set) the direct messages between one person and the bot."""

    id: str
    name: str
    members: list[str]
    user: str | None = None
    private: bool = False


@dataclass
class Trigger:
    """A trigger_id: valid for three seconds, once."""

    issued: float
    person: str
    interaction: Interaction | None
    used: bool = False


@dataclass
class ResponseUrl:
    """A response_url: five uses within thirty minutes."""

    issued: float
    person: str
    channel: str
    message: Message | None
    uses: int = 0


@dataclass(frozen=True)
class Call:
    """One call of the Web API: what the bot asked, and what it was told (`status` 0: no answer at all)."""

    method: str
    arguments: Json
    answer: Json
    status: int
    at: float


class Workspace:
    """Everything Slack remembers. Times are seconds since the epoch, from `clock`."""

    def __init__(
        self,
        *,
        signing_secret: str = "loopback-signing-secret",  # noqa: S107 - nothing to protect
        bot_token: str = "xoxb-loopback",  # noqa: S107 - nothing to protect
        team_id: str = "T0SCHOOL",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.team_id = team_id
        self.team_domain = "astor-example"
        self.base_url = ""
        self.files_url = ""
        self.app_id = "A0LOOPBACK"
        self.bot_id = "B0LOOPBACK"
        self.bot_user_id = "U0BOT"
        self.clock = clock
        self.scopes: set[str] = set(ALL_SCOPES)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.views: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.files: dict[str, File] = {}
        self.last_post: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()
        self.people[self.bot_user_id] = Person(self.bot_user_id, "Staffroom", "", team_id, bot=True, reachable=False)

    def number(self) -> int:
        """A number that has not been used yet in this workspace."""
        return next(self._numbers)

    def new_ts(self) -> str:
        """A message timestamp, unique and rising."""
        return f"{int(self.clock())}.{self.number():06d}"

    def changed(self) -> None:
        """Wake whoever waits in `until`."""
        self._changed.set()

    async def until(self, predicate: Callable[[], object], seconds: float = 2.0) -> None:
        """Wait (real seconds) until something is true of this workspace, looking at every change.

        Raises AssertionError when it has not come true by then.
        """
        deadline = time.monotonic() + seconds
        while not predicate():
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"did not come true within {seconds} s")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                continue

    # --- people and conversations ---

    def person_of(self, user_id: object) -> Person:
        """Who has this id. Raises Refusal `user_not_found`."""
        person = self.people.get(str(user_id))
        if person is None:
            raise Refusal("user_not_found")
        return person

    def dm(self, person: Person) -> Channel:
        """The direct messages between a person and the bot, opened when they are not yet."""
        for channel in self.channels.values():
            if channel.user == person.id:
                return channel
        channel = Channel(f"D{self.number():08d}", "directmessage", [person.id, self.bot_user_id], person.id)
        self.channels[channel.id] = channel
        return channel

    def conversation(self, name: object) -> Channel:
        """A conversation by its id, its name with or without `#`, or a user's id (their direct messages).

        Raises Refusal `channel_not_found`.
        """
        wanted = str(name or "")
        if wanted in self.people and not self.people[wanted].bot:
            return self.dm(self.people[wanted])
        for channel in self.channels.values():
            if wanted == channel.id or (channel.user is None and wanted.lstrip("#") == channel.name):
                return channel
        raise Refusal("channel_not_found")

    def may_see(self, channel: Channel) -> bool:
        """Whether the bot knows of a conversation: a public channel, or one that it is in."""
        return not channel.private or self.bot_user_id in channel.members

    def in_channel(self, channel_id: str) -> list[Message]:
        """The messages of a conversation that are still there, oldest first."""
        return [m for m in self.messages.values() if m.channel == channel_id and not m.deleted]

    # --- triggers ---

    def issue_trigger(self, person: str, interaction: Interaction | None) -> str:
        """A new trigger_id for something that a person has just done."""
        number = self.number()
        trigger_id = f"{number}.{self.app_id[1:]}.{number * 2654435761 % 2**32:08x}"
        self.triggers[trigger_id] = Trigger(self.clock(), person, interaction)
        return trigger_id

    def exchange_trigger(self, trigger_id: object) -> Trigger:
        """Use up a trigger_id. Raises Refusal when it is unknown, used, or older than 3 seconds."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.clock() - trigger.issued > limits.TRIGGER_SECONDS:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def issue_response_url_token(self, person: str, channel: str, message: Message | None) -> str:
        """The secret part of a new response_url."""
        token = f"{self.number():06d}r"
        self.response_urls[token] = ResponseUrl(self.clock(), person, channel, message)
        return token
