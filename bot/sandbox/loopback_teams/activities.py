"""The activities that Teams sends to a bot (learn.microsoft.com, Bot Framework activity schema and Teams' own)."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import quote

from bot.sandbox.downloads import extension
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.interaction import Interaction
from bot.sandbox.loopback_teams.parts import File
from bot.sandbox.loopback_teams.screen import Dialog, Message
from bot.sandbox.loopback_teams.tenant import Conversation, Person, Tenant

_DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"


def account(person: Person) -> Json:
    """A person as `from` names them."""
    return {"id": person.id, "name": person.name, "aadObjectId": person.aad_object_id}


def base(tenant: Tenant, person: Person, place: Conversation, kind: str, *, thread: str = "") -> Json:
    """What every activity has. Somebody of another organisation carries their own tenant."""
    conversation: Json = {"conversationType": place.kind, "tenantId": place.tenant_id, "id": place.id}
    channel_data: Json = {"tenant": {"id": person.tenant_id}}
    if place.kind != "personal":
        conversation["isGroup"] = True
    if place.kind == "channel":
        conversation["id"] = f"{place.id};messageid={thread or tenant.new_message_id()}"
        channel_data |= {
            "teamsChannelId": place.id,
            "teamsTeamId": place.team_id,
            "channel": {"id": place.id},
            "team": {"id": place.team_id},
        }
    return {
        "type": kind,
        "id": tenant.new_message_id(),
        "timestamp": tenant.now(),
        "localTimestamp": tenant.now(),
        "localTimezone": "Europe/London",
        "channelId": "msteams",
        "serviceUrl": tenant.service_url,
        "from": account(person),
        "conversation": conversation,
        "recipient": {"id": tenant.bot_id, "name": tenant.bot_name},
        "entities": [
            {"locale": "en-GB", "country": "GB", "platform": "Web", "timezone": "Europe/London", "type": "clientInfo"}
        ],
        "channelData": channel_data,
        "locale": "en-GB",
    }


def _interaction(person: Person, activity: Json) -> Interaction:
    return Interaction(kind=str(activity.get("name") or activity["type"]), activity=activity, person=person.id)


def message(
    tenant: Tenant,
    person: Person,
    place: Conversation,
    written: Message,
    *,
    mention: bool = False,
    targeted: bool = False,
) -> Interaction:
    """A typed message. A file reaches the bot in a personal chat only."""
    activity = base(tenant, person, place, "message", thread=written.reply_to or written.id)
    activity |= {"id": written.id, "text": written.text, "textFormat": "plain"}
    body: Json = {"contentType": "text/html", "content": f"<p>{written.text}</p>"}
    personal = place.kind == "personal"
    activity["attachments"] = [attachment(tenant, file) for file in written.files if personal or file.pasted] + [body]
    if mention:
        at = f"<at>{tenant.bot_name}</at>"
        activity["text"] = f"{at} {written.text}"
        mentioned = {"id": tenant.bot_id, "name": tenant.bot_name}
        activity["entities"].append({"type": "mention", "mentioned": mentioned, "text": at})
    if targeted:
        activity["recipient"]["isTargeted"] = True
    return _interaction(person, activity)


def attachment(tenant: Tenant, file: File) -> Json:
    """A file, or a pasted image, as a message carries it."""
    if file.pasted:
        place = file.url or f"{tenant.service_url}v3/attachments/{file.id}/views/original"
        return {"contentType": "image/*", "contentUrl": place}
    return {
        "contentType": _DOWNLOAD,
        "contentUrl": _in_drive(file),
        "name": file.name,
        "content": {"downloadUrl": file.url, "uniqueId": file.id, "fileType": extension(file.name)},
    }


def _in_drive(file: File) -> str:
    return f"https://astor.sharepoint.example/personal/Documents/{quote(file.name, safe='')}"


def changed_message(tenant: Tenant, person: Person, written: Message, event: str) -> Interaction:
    """An edited (`editMessage`), deleted (`softDeleteMessage`) or restored (`undeleteMessage`) message."""
    place = tenant.conversations[written.conversation]
    kind = "messageDelete" if event == "softDeleteMessage" else "messageUpdate"
    activity = base(tenant, person, place, kind, thread=written.reply_to or written.id) | {"id": written.id}
    activity["channelData"]["eventType"] = event
    if kind == "messageUpdate":
        activity |= {"text": written.text, "textFormat": "plain"}
    return _interaction(person, activity)


def installation(tenant: Tenant, person: Person, place: Conversation, action: str) -> Interaction:
    """The app was added to or removed from a conversation."""
    activity = base(tenant, person, place, "installationUpdate") | {"action": action}
    activity["channelData"] |= {"settings": {"selectedChannel": {"id": place.id}}, "source": {"name": "message"}}
    activity["conversation"]["id"] = place.id
    return _interaction(person, activity)


def members(
    tenant: Tenant,
    person: Person,
    place: Conversation,
    *,
    added: list[Json] | None = None,
    removed: list[Json] | None = None,
) -> Interaction:
    """Somebody (or the bot) came to or left a conversation."""
    activity = base(tenant, person, place, "conversationUpdate")
    activity["conversation"]["id"] = place.id
    if added:
        activity["membersAdded"] = added
    if removed:
        activity["membersRemoved"] = removed
    if place.kind == "channel":
        activity["channelData"]["eventType"] = "teamMemberAdded" if added else "teamMemberRemoved"
    return _interaction(person, activity)


def _invoke(tenant: Tenant, person: Person, place: Conversation, name: str, value: Any, reply_to: str) -> Interaction:
    activity = base(tenant, person, place, "invoke", thread=reply_to) | {"name": name, "value": value}
    if reply_to:
        activity["replyToId"] = reply_to
        activity["channelData"]["legacy"] = {"replyToId": f"1:{reply_to}"}
    activity["channelData"]["source"] = {"name": "compose" if name.startswith("compose") else "message"}
    return _interaction(person, activity)


def card_action(
    tenant: Tenant, person: Person, where: Message, action: Json, data: Any, *, trigger: str = "manual"
) -> Interaction:
    """Action.Execute was pressed, or its card refreshed (`automatic`)."""
    pressed: Json = {"type": "Action.Execute", "data": data}
    pressed |= {key: action[key] for key in ("id", "title", "verb") if key in action}
    value = {"action": pressed, "trigger": trigger}
    return _invoke(tenant, person, tenant.conversations[where.conversation], "adaptiveCard/action", value, where.id)


def card_submit(tenant: Tenant, person: Person, where: Message, data: Any, text: str | None) -> Interaction:
    """Action.Submit was pressed: a message with a value, and with text when the button says something."""
    place = tenant.conversations[where.conversation]
    activity = base(tenant, person, place, "message", thread=where.id)
    activity |= {"value": data, "replyToId": where.id}
    activity["channelData"] |= {"source": {"name": "message"}, "legacy": {"replyToId": f"1:{where.id}"}}
    if text is not None:
        activity |= {"text": text, "textFormat": "plain"}
    return _interaction(person, activity)


def task_fetch(tenant: Tenant, person: Person, where: Message, data: Any) -> Interaction:
    """A button that opens a dialog was pressed."""
    value = {"data": data, "context": {"theme": "default"}}
    return _invoke(tenant, person, tenant.conversations[where.conversation], "task/fetch", value, where.id)


def dialog_submit(tenant: Tenant, person: Person, dialog: Dialog, data: Any) -> Interaction:
    """A dialog was submitted: `task/submit`, or `composeExtension/submitAction` for one of a command."""
    place = tenant.conversations[dialog.conversation]
    value = {**copy.deepcopy(dialog.command), "data": data, "context": {"theme": "default"}}
    name = "composeExtension/submitAction" if dialog.kind == "compose" else "task/submit"
    return _invoke(tenant, person, place, name, value, dialog.reply_to)


def command(
    tenant: Tenant, person: Person, place: Conversation, command_id: str, context: str, about: Message | None
) -> Interaction:
    """A message-extension command was chosen, on a message or in the compose box."""
    value: Json = {"commandId": command_id, "commandContext": context, "context": {"theme": "default"}}
    if about is not None:
        value["messagePayload"] = _payload(tenant, about)
    return _invoke(tenant, person, place, "composeExtension/fetchTask", value, "")


def _payload(tenant: Tenant, about: Message) -> Json:
    author = tenant.people.get(about.sender)
    who: Json = {
        "application": {"id": tenant.client_id, "displayName": tenant.bot_name, "applicationIdentityType": "bot"}
    }
    if author is not None:
        user = {"id": author.aad_object_id, "displayName": author.name, "userIdentityType": "aadUser"}
        who = {"user": user}
    payload: Json = {
        "id": about.id,
        "replyToId": about.reply_to or None,
        "createdDateTime": tenant.now(),
        "lastModifiedDateTime": None,
        "deleted": about.deleted,
        "importance": "normal",
        "locale": "en-gb",
        "linkToMessage": f"https://teams.example/l/message/{quote(about.conversation)}/{about.id}",
        "from": who,
        "body": {"contentType": "html", "content": f"<div>{about.text}{_images(tenant, about)}</div>"},
        "attachments": [_reference(file) for file in about.files if not file.pasted],
        "mentions": [],
        "reactions": [],
    }
    return payload


def _reference(file: File) -> Json:
    """A file of a message as a message action tells of it: where it is, for those who may ask Graph."""
    return {
        "id": file.id,
        "contentType": "reference",
        "contentUrl": _in_drive(file),
        "content": None,
        "name": file.name,
        "thumbnailUrl": None,
    }


def _images(tenant: Tenant, about: Message) -> str:
    """The images in a message's text, which lie with Graph; this app has no permission there."""
    chat = f"{tenant.graph_url}/v1.0/chats/{quote(about.conversation, safe='')}/messages/{about.id}"
    return "".join(
        f'<img src="{chat}/hostedContents/{file.id}/$value" itemid="{file.id}" alt="image">'
        for file in about.files
        if file.pasted
    )


def typeahead(
    tenant: Tenant, person: Person, place: Conversation, query: Json, typed: str, data: Json | None, reply_to: str
) -> Interaction:
    """Somebody types into an Input.ChoiceSet whose choices come from the bot."""
    options = {"skip": query.get("skip", 0), "top": query.get("count", 15)}
    value: Json = {"queryText": typed, "queryOptions": options, "dataset": query.get("dataset")}
    if data is not None:
        value["data"] = data
    return _invoke(tenant, person, place, "application/search", value, reply_to)


def file_consent(
    tenant: Tenant, person: Person, where: Message, card: Json, *, accept: bool, upload: Json
) -> Interaction:
    """Somebody takes or declines the file that the bot offers."""
    content = card.get("content") or {}
    value: Json = {"type": "fileUpload", "action": "accept" if accept else "decline"}
    value["context"] = content.get("acceptContext" if accept else "declineContext")
    if accept:
        value["uploadInfo"] = upload
    return _invoke(tenant, person, tenant.conversations[where.conversation], "fileConsent/invoke", value, where.id)
