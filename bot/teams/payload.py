"""What Teams sends, as an activity of the expected shape: later code need not ask again whether a field is there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.payload import part, parts, text
from bot.teams.render.text import Json

PERSONAL = "personal"
_EXTENSION = "composeExtension/"
_THREAD = "19:"
"""How the ids of teams, group chats and chats between two people begin; a bot's own chats begin with `a:`."""
_AT, _END = "<at", "</at>"


class Malformed(ValueError):
    """Sent by Teams, and yet no activity as Microsoft documents them. It says no more: content stays out of errors."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Activity:
    """One thing that happened in Teams. `user` is the sender's Teams id, `account` their Entra object id.

    `conversation` is where it happened; `message` the card on which a button was pressed.
    """

    kind: str
    name: str
    id: str
    service_url: str
    conversation: str
    conversation_type: str
    user: str
    account: str
    bot: str
    message: str
    raw: Json

    @property
    def in_own_chat(self) -> bool:
        """Whether it happened in the sender's own chat with the bot.

        A message extension is also called from chats between two people, which are of type "personal" too; so is
        a card that was forwarded into one. Where Teams does not say what it is, others may read along.
        """
        return (
            self.conversation_type == PERSONAL
            and part(self.raw, "conversation").get("isGroup") is not True
            and not self.name.startswith(_EXTENSION)
            and (not self.conversation.startswith(_THREAD) or _id_in(self.bot) in self.conversation)
        )

    @property
    def only_for_us(self) -> bool:
        """Whether nobody but the sender and the bot sees it: the own chat, or a targeted (slash) message."""
        return self.in_own_chat or part(self.raw, "recipient").get("isTargeted") is True

    @property
    def value(self) -> Json:
        """What an invoke or a pressed button carries."""
        return part(self.raw, "value")

    @property
    def mentions_bot(self) -> bool:
        """Whether the bot is mentioned in it."""
        named = (part(entity, "mentioned") for entity in parts(self.raw, "entities") if entity.get("type") == "mention")
        return any(text(one, "id") == self.bot for one in named)

    @property
    def typed(self) -> str:
        """What was typed, without mentions."""
        return _without_mentions(text(self.raw, "text")).replace("\xa0", " ").strip()

    @property
    def has_files(self) -> bool:
        """Whether something was sent along; Teams also attaches the text itself, as HTML."""
        return any(not text(item, "contentType").startswith("text/") for item in parts(self.raw, "attachments"))


def parse(body: bytes) -> Json:
    """The JSON object in a request's body.

    Raises:
        Malformed: it is none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(found, dict):
        raise Malformed
    return found


def activity_of(payload: Json) -> Activity:
    """The activity in a payload.

    Raises:
        Malformed: it lacks what every activity has.
    """
    sender, conversation = part(payload, "from"), part(payload, "conversation")
    found = Activity(
        kind=text(payload, "type"),
        name=text(payload, "name"),
        id=text(payload, "id"),
        service_url=text(payload, "serviceUrl"),
        conversation=text(conversation, "id"),
        conversation_type=text(conversation, "conversationType"),
        user=text(sender, "id"),
        account=text(sender, "aadObjectId"),
        bot=text(part(payload, "recipient"), "id"),
        message=text(payload, "replyToId"),
        raw=payload,
    )
    if not (found.kind and found.service_url and found.conversation and found.user):
        raise Malformed
    if found.kind in {"message", "invoke"} and not found.id:
        raise Malformed
    if found.kind == "invoke" and not found.name:
        raise Malformed
    return found


def _without_mentions(said: str) -> str:
    """The text without `<at>…</at>`, in one go: a pattern that looks back would take minutes over a hostile text."""
    kept, at = [], 0
    while (start := said.find(_AT, at)) != -1:
        after = start + len(_AT)
        if said[after : after + 1] not in {">", " "}:
            kept.append(said[at:after])
            at = after
            continue
        end = said.find(_END, after)
        if end == -1:
            break
        kept.append(said[at:start])
        at = end + len(_END)
    return "".join([*kept, said[at:]])


def _id_in(bot: str) -> str:
    """The app's id in the bot's own (`28:…`), which a chat between two names both of (`19:…_…@unq.gbl.spaces`)."""
    return bot.partition(":")[2] or "nobody"
