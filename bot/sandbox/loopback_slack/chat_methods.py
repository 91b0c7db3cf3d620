"""The Web API's `chat.*` methods and response_url (docs.slack.dev, Web API methods)."""

from __future__ import annotations

import copy
import re

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.blocks import check_message
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.files import describe_shared
from bot.sandbox.loopback_slack.screen import Message
from bot.sandbox.loopback_slack.workspace import Channel, Person, Refusal, Workspace

NOT_SHOWN = "This content can't be displayed."


def post_message(ws: Workspace, args: Json) -> Json:
    """chat.postMessage."""
    channel = ws.conversation(args.get("channel"))
    _may_post(ws, channel)
    message = put_message(ws, channel, args, thread_ts=args.get("thread_ts"))
    return {"channel": channel.id, "ts": message.ts, "message": describe(ws, message)}


def put_message(ws: Workspace, channel: Channel, args: Json, *, thread_ts: str | None = None) -> Message:
    """Check what the bot wants to say, say it, and let phones show it. Raises Refusal."""
    text, blocks = _checked(args)
    message = Message(
        channel=channel.id,
        ts=ws.new_ts(),
        text=text,
        user=ws.bot_user_id,
        blocks=blocks or [],
        thread_ts=thread_ts,
    )
    message.name_everything(f"m{ws.number()}")
    ws.messages[channel.id, message.ts] = message
    for member in channel.members:
        mentioned = f"<@{member}>" in text or re.search(r"<!(channel|here|everyone)[|>]", text)
        if member in ws.people and not ws.people[member].bot and (channel.user or mentioned):
            ws.people[member].notifications.append(text or NOT_SHOWN)
    return message


def post_ephemeral(ws: Workspace, args: Json) -> Json:
    """chat.postEphemeral."""
    channel = ws.conversation(args.get("channel"))
    _may_post(ws, channel)
    person = ws.person_of(args.get("user"))
    if person.id not in channel.members:
        raise Refusal("user_not_in_channel")
    return {"message_ts": put_ephemeral(ws, person, channel.id, args).ts}


def put_ephemeral(ws: Workspace, person: Person, channel: str, args: Json) -> Message:
    """Show something to one person only. Raises Refusal."""
    text, blocks = _checked(args)
    message = Message(
        channel=channel, ts=ws.new_ts(), text=text, user=ws.bot_user_id, blocks=blocks or [], ephemeral=True
    )
    message.name_everything(f"e{ws.number()}")
    person.ephemerals.append(message)
    return message


def update(ws: Workspace, args: Json) -> Json:
    """chat.update: blocks that are not given stay, an empty list removes them."""
    channel_id = str(args.get("channel") or "")
    # Slack wants the D… id here: a user's id, which chat.postMessage takes, is not found.
    if channel_id not in ws.channels:
        raise Refusal("channel_not_found")
    message = _own_message(ws, channel_id, args.get("ts"), "cant_update_message")
    text, blocks = _checked(args, keeps=bool(message.blocks))
    change(ws, message, text, blocks)
    return {"channel": channel_id, "ts": message.ts, "text": message.text, "message": describe(ws, message)}


def change(ws: Workspace, message: Message, text: str, blocks: list[Json] | None) -> None:
    """Edit a message in place."""
    message.text = text
    if blocks is not None:
        message.blocks = blocks
        message.name_everything(f"m{ws.number()}")
        message.forget_what_is_gone()
    message.edited = True


def delete(ws: Workspace, args: Json) -> Json:
    """chat.delete."""
    channel_id = str(args.get("channel") or "")
    if channel_id not in ws.channels:
        raise Refusal("channel_not_found")
    message = _own_message(ws, channel_id, args.get("ts"), "cant_delete_message")
    message.deleted = True
    return {"channel": channel_id, "ts": message.ts}


def permalink(ws: Workspace, args: Json) -> Json:
    """chat.getPermalink."""
    channel = ws.conversation(args.get("channel"))
    if not ws.may_see(channel):
        raise Refusal("channel_not_found", blame=False)
    ts = str(args.get("message_ts") or "")
    message = ws.messages.get((channel.id, ts))
    if message is None or message.deleted:
        raise Refusal("message_not_found", blame=message is None)
    place = f"{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": f"https://{ws.team_domain}.slack.com/archives/{place}"}


def respond(ws: Workspace, token: str, args: Json) -> None:
    """A POST to a response_url. Raises Refusal `used_url` or `expired_url`, or what is wrong with the message."""
    url = ws.response_urls.get(token)
    if url is None:
        raise Refusal("invalid_url")
    if ws.clock() - url.issued > limits.RESPONSE_URL_SECONDS:
        raise Refusal("expired_url")
    if url.uses >= limits.RESPONSE_URL_USES:
        raise Refusal("used_url")
    original = url.message
    if args.get("delete_original") and original is not None:
        original.deleted = True
        if original in ws.people[url.person].ephemerals:
            ws.people[url.person].ephemerals.remove(original)
    elif args.get("replace_original") and original is not None:
        text, blocks = _checked(args)
        change(ws, original, text, blocks or [])
    elif args.get("response_type") == "in_channel":
        put_message(ws, ws.conversation(url.channel), args)
    else:
        put_ephemeral(ws, ws.people[url.person], url.channel, args)
    url.uses += 1


def describe(ws: Workspace, message: Message) -> Json:
    """A message as payloads and answers carry it."""
    described: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": ws.team_id,
    }
    if message.user == ws.bot_user_id:
        described |= {"bot_id": ws.bot_id, "app_id": ws.app_id}
    if message.blocks:
        described["blocks"] = copy.deepcopy(message.blocks)
    if message.files:
        described["files"] = [describe_shared(ws, ws.files[file_id]) for file_id in message.files]
    if message.edited:
        described["edited"] = {"user": message.user, "ts": message.ts}
    if message.thread_ts:
        described["thread_ts"] = message.thread_ts
    return described


def _checked(args: Json, *, keeps: bool = False) -> tuple[str, list[Json] | None]:
    text, blocks = args.get("text"), args.get("blocks")
    if blocks is not None and not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if args.get("attachments") and not text and not blocks:
        return "", None
    code, messages = check_message(text, blocks)
    # An edit that leaves both out would only be pointless if blocks are kept: Slack refuses that all the same.
    if code and not (code == "no_text" and keeps and text is not None):
        raise Refusal(code, messages)
    return str(text or ""), copy.deepcopy(blocks)


def _may_post(ws: Workspace, channel: Channel) -> None:
    if channel.user is None:
        if ws.bot_user_id not in channel.members:
            raise Refusal("not_in_channel", blame=False)
        return
    person = ws.people[channel.user]
    if person.deleted or not person.reachable:
        raise Refusal(person.post_error, blame=False)


def _own_message(ws: Workspace, channel_id: str, ts: object, not_own: str) -> Message:
    message = ws.messages.get((channel_id, str(ts)))
    if message is None or message.deleted:
        raise Refusal("message_not_found", blame=message is None)
    if message.user != ws.bot_user_id:
        raise Refusal(not_own)
    return message
