"""The payloads which Slack sends, as docs.slack.dev documents them (interaction payloads, slash commands, events)."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from bot.sandbox.loopback_slack.chat_methods import describe
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.delivery import FORM, JSON, as_form
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.screen import Message, View
from bot.sandbox.loopback_slack.view_methods import describe_view, state_values
from bot.sandbox.loopback_slack.workspace import Channel, Person, Workspace

VERIFICATION_TOKEN = "loopback-verification-token"  # noqa: S105 - deprecated by Slack, still sent


def _interaction(kind: str, person: Person, payload: Json) -> Interaction:
    return Interaction(
        kind=kind,
        payload=payload,
        sent=as_form(payload),
        content_type=FORM,
        person=person.id,
        trigger_id=payload.get("trigger_id", ""),
        response_url=payload.get("response_url", ""),
    )


def _common(ws: Workspace, person: Person, kind: str) -> Json:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.username,
            "name": person.username,
            "team_id": person.team_id,
        },
        "api_app_id": ws.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": ws.team_id, "domain": ws.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel(ws: Workspace, channel_id: str) -> Json:
    return {"id": channel_id, "name": ws.channels[channel_id].name}


def _response_url(ws: Workspace, person: Person, channel: str, message: Message | None) -> str:
    return f"{ws.base_url}/response/{ws.issue_response_url_token(person.id, channel, message)}"


def slash_command(ws: Workspace, person: Person, command: str, text: str, place: Channel) -> Interaction:
    """A slash command: a plain form, not a `payload`."""
    payload: Json = {
        "token": VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": ws.team_domain,
        "channel_id": place.id,
        "channel_name": place.name,
        "user_id": person.id,
        "user_name": person.username,
        "command": command,
        "text": text,
        "api_app_id": ws.app_id,
        "is_enterprise_install": "false",
        "response_url": _response_url(ws, person, place.id, None),
        "trigger_id": ws.issue_trigger(person.id, None),
    }
    return Interaction(
        kind="command",
        payload=payload,
        sent=urlencode(payload).encode(),
        content_type=FORM,
        person=person.id,
        trigger_id=payload["trigger_id"],
        response_url=payload["response_url"],
    )


def shortcut(ws: Workspace, person: Person, callback_id: str) -> Interaction:
    """A global shortcut: no channel and no response_url."""
    payload = _common(ws, person, "shortcut") | {
        "action_ts": ws.new_ts(),
        "callback_id": callback_id,
        "trigger_id": ws.issue_trigger(person.id, None),
    }
    return _interaction("shortcut", person, payload)


def message_shortcut(ws: Workspace, person: Person, callback_id: str, message: Message) -> Interaction:
    """A message shortcut (`message_action`)."""
    payload = _common(ws, person, "message_action") | {
        "action_ts": ws.new_ts(),
        "callback_id": callback_id,
        "trigger_id": ws.issue_trigger(person.id, None),
        "response_url": _response_url(ws, person, message.channel, message),
        "message_ts": message.ts,
        "channel": _channel(ws, message.channel),
        "message": describe(ws, message),
    }
    return _interaction("message_action", person, payload)


def block_actions(
    ws: Workspace, person: Person, where: Message | View, block: Json, element: Json, action: Json
) -> Interaction:
    """A press of a button, or a choice in a menu."""
    payload = _common(ws, person, "block_actions")
    payload["trigger_id"] = ws.issue_trigger(person.id, None)
    if isinstance(where, View):
        payload["container"] = {"type": "view", "view_id": where.id}
        payload["view"] = describe_view(ws, where)
    else:
        original = _on_screen(ws, person, where)
        payload["container"] = {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": where.channel,
            "is_ephemeral": where.ephemeral,
        }
        payload["channel"] = _channel(ws, where.channel)
        if not where.ephemeral:
            payload["message"] = describe(ws, where)
        payload["state"] = {"values": state_values(where)}
        payload["response_url"] = _response_url(ws, person, where.channel, original)
    payload["actions"] = [
        {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": ws.new_ts(),
            **action,
        }
    ]
    return _interaction("block_actions", person, payload)


def _on_screen(ws: Workspace, person: Person, message: Message) -> Message:
    """The message itself, when the caller holds a snapshot of it."""
    for ephemeral in person.ephemerals:
        if ephemeral.ts == message.ts:
            return ephemeral
    return ws.messages.get((message.channel, message.ts), message)


def block_suggestion(
    ws: Workspace, person: Person, where: Message | View, block: Json, element: Json, typed: str
) -> Interaction:
    """What somebody has typed into a menu whose options come from the bot; it has no trigger_id."""
    payload = _common(ws, person, "block_suggestion")
    payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
    if isinstance(where, View):
        payload["container"] = {"type": "view", "view_id": where.id}
        payload["view"] = describe_view(ws, where)
    else:
        payload["container"] = {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": where.channel,
            "is_ephemeral": where.ephemeral,
        }
        payload["channel"] = _channel(ws, where.channel)
        payload["message"] = describe(ws, where)
    return _interaction("block_suggestion", person, payload)


def view_submission(ws: Workspace, person: Person, view: View) -> Interaction:
    """A submitted form."""
    payload = _common(ws, person, "view_submission") | {
        "trigger_id": ws.issue_trigger(person.id, None),
        "view": describe_view(ws, view),
        "response_urls": [],
    }
    return _interaction("view_submission", person, payload)


def view_closed(ws: Workspace, person: Person, view: View, *, cleared: bool) -> Interaction:
    """A closed form; it has no trigger_id."""
    payload = _common(ws, person, "view_closed")
    payload |= {"view": describe_view(ws, view), "is_cleared": cleared}
    return _interaction("view_closed", person, payload)


def event(ws: Workspace, inner: Json, event_id: str | None = None) -> Interaction:
    """The envelope of the Events API round an inner event."""
    payload: Json = {
        "token": VERIFICATION_TOKEN,
        "team_id": ws.team_id,
        "api_app_id": ws.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": event_id or f"Ev{ws.number():09d}",
        "event_time": int(ws.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": ws.team_id,
                "user_id": ws.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{ws.number():09d}",
    }
    sent = json.dumps(payload, separators=(",", ":")).encode()
    return Interaction(kind="event", payload=payload, sent=sent, content_type=JSON, person=inner.get("user", ""))


def home_opened(ws: Workspace, person: Person) -> Json:
    """The inner event app_home_opened; it carries the view once one was published."""
    inner: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": ws.dm(person).id,
        "tab": "home",
        "event_ts": ws.new_ts(),
    }
    if person.home is not None:
        inner["view"] = describe_view(ws, person.home)
    return inner


def message_event(ws: Workspace, message: Message, place: Channel) -> Json:
    """The inner event of a message that a person wrote."""
    inner: Json = {
        "type": "message",
        "channel": place.id,
        "channel_type": "im" if place.user else "group" if place.private else "channel",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "team": ws.people[message.user].team_id,
    }
    if message.files:
        inner |= {"subtype": "file_share", "files": describe(ws, message)["files"], "upload": False}
    return inner
