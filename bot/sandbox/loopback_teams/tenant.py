"""The state of the tenant: people, conversations, messages, files, tokens. It knows no HTTP."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.sandbox.elsewhere import Elsewhere
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.faults import Faults
from bot.sandbox.loopback_teams.parts import File
from bot.sandbox.loopback_teams.screen import Dialog, Message

if TYPE_CHECKING:
    from bot.sandbox.loopback_teams.interaction import Interaction

_SPACE = uuid.UUID("6f1d1c0e-9a55-4a39-8b0c-1d7a5e3f0b11")


class Refusal(Exception):
    """The connector answers this status and error code; with `blame` the bot should never have asked."""

    def __init__(self, status: int, code: str, message: str, *, blame: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.blame = blame


@dataclass(eq=False)
class Person:
    """Somebody whom the bot may meet, and what is on their screen.

    `id` is Teams' own for this bot (29:…), `tenant_id` the one of their own organisation. `left`: the account is
    gone. `notifications` is what the phone showed; `toasts` what an answer showed for a moment.
    """

    id: str
    aad_object_id: str
    name: str
    email: str
    tenant_id: str
    conversation_id: str
    guest: bool = False
    federated: bool = False
    installed: bool = True
    blocked: bool = False
    left: bool = False
    dialog: Dialog | None = None
    dialogs: list[Dialog] = field(default_factory=list)
    notifications: list[str] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    composed: list[Json] = field(default_factory=list)
    last_interaction: Interaction | None = field(default=None, repr=False)

    @property
    def user_principal_name(self) -> str:
        """What the directory calls them: a guest's is made from their address at home."""
        return f"{self.email.replace('@', '_')}#EXT#@astor.onmicrosoft.example" if self.guest else self.email


@dataclass(eq=False)
class Conversation:
    """A personal chat (`person` is set), a channel or a group chat."""

    id: str
    kind: str
    name: str
    members: list[str]
    tenant_id: str
    person: str = ""
    team_id: str = ""
    bot_is_member: bool = True


@dataclass(frozen=True)
class Call:
    """One request of the bot: what it asked, and what it was told (`status` 0: no answer at all)."""

    operation: str
    path: str
    arguments: Json
    answer: Json
    status: int
    at: float


class Tenant:
    """Everything Teams remembers. Times are seconds since the epoch, from `clock`.

    Tokens live on the real clock, since those who check them know no other.
    """

    def __init__(
        self, *, client_id: str, client_secret: str, tenant_id: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.tenant_id = tenant_id
        self.clock = clock
        self.base_url = ""
        self.secure_url = ""
        self.bot_id = f"28:{client_id}"
        self.bot_name = "Staffroom"
        self.faults = Faults()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.people: dict[str, Person] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.files: dict[str, File] = {}
        self.file_contents: dict[str, bytes] = {}
        self.expired_files: set[str] = set()
        self.elsewhere = Elsewhere(self.violations.append)
        self.uploads: dict[str, bytes] = {}
        self.access_tokens: dict[str, float] = {}
        self.signing_key = "connector 1"
        self.sends_empty_inputs = False
        self.secure_files = False
        self.recent: dict[tuple[str, str], list[float]] = {}
        self._numbers = itertools.count(1)
        self._last_message = 0
        self._changed = asyncio.Event()

    @property
    def service_url(self) -> str:
        """Where the bot finds the connector; the real one too ends in a slash."""
        if not self.base_url:
            raise AssertionError("start() the loopback Teams first")
        return f"{self.base_url}/uk/"

    @property
    def graph_url(self) -> str:
        """Microsoft Graph, where the app has no permission: it answers nothing, and is `elsewhere`."""
        return f"{self.elsewhere.url}/graph"

    def number(self) -> int:
        """A number that has not been used yet in this tenant."""
        return next(self._numbers)

    def new_uuid(self) -> str:
        """A UUID that has not been used yet in this tenant, the same in every run."""
        return str(uuid.uuid5(_SPACE, str(self.number())))

    def new_message_id(self) -> str:
        """Milliseconds since the epoch, unique and rising."""
        self._last_message = max(self._last_message + 1, int(self.clock() * 1000))
        return str(self._last_message)

    def now(self) -> str:
        """This moment as activities write it."""
        moment = datetime.fromtimestamp(self.clock(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def changed(self) -> None:
        """Wake whoever waits in `until`."""
        self._changed.set()

    async def until(self, predicate: Callable[[], object], seconds: float = 2.0) -> None:
        """Wait (real seconds) until something is true of this tenant, looking at every change.

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

    def person_of(self, name: str) -> Person:
        """Who has this id, object id or address. Raises Refusal `MemberNotFoundInConversation`."""
        for person in self.people.values():
            known = {person.id, person.aad_object_id, person.user_principal_name.lower(), person.email.lower()}
            if name in known or name.lower() in known:
                return person
        raise Refusal(404, "MemberNotFoundInConversation", f"nobody is called {name}")

    def conversation(self, name: str) -> Conversation:
        """A conversation by its id (a thread's too) or a channel's name.

        Raises Refusal `ConversationNotFound`.
        """
        wanted = name.split(";messageid=")[0]
        for conversation in self.conversations.values():
            if wanted in (conversation.id, conversation.name):
                return conversation
        raise Refusal(404, "ConversationNotFound", "Conversation not found.")

    def dm(self, person: Person) -> Conversation:
        """The personal chat of a person with the bot."""
        return self.conversations[person.conversation_id]

    def require_access(self, conversation: Conversation) -> None:
        """Raise the Refusal with which Teams answers a bot that may not speak in a conversation."""
        person = self.people.get(conversation.person)
        if person is None:
            if not conversation.bot_is_member:
                raise Refusal(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
            return
        if person.left:
            raise Refusal(404, "ConversationNotFound", "Conversation not found.")
        if not person.installed:
            raise Refusal(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        if person.blocked:
            raise Refusal(403, "ConversationBlockedByUser", "User blocked the conversation with the bot.")

    def in_conversation(self, conversation_id: str) -> list[Message]:
        """The messages of a conversation that are still there, oldest first."""
        return [m for m in self.messages.values() if m.conversation == conversation_id and not m.deleted]
