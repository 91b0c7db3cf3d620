"""What the connector does for a bot that may call it: conversations, activities, members."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.loopback_teams import limits
from bot.sandbox.loopback_teams.cards import card_problems, over_budget
from bot.sandbox.loopback_teams.checking import ADAPTIVE, Json, size_of
from bot.sandbox.loopback_teams.screen import Message
from bot.sandbox.loopback_teams.tenant import Conversation, Person, Refusal, Tenant


def _bad(message: str) -> Refusal:
    return Refusal(400, "BadSyntax", message, blame=True)


# --- conversations ---


def create_conversation(tenant: Tenant, params: Json) -> Json:
    """A personal chat with a member, or a new thread in a channel, which needs a first activity."""
    channel_data = params.get("channelData") or {}
    told_tenant = (channel_data.get("tenant") or {}).get("id") or params.get("tenantId")
    first = params.get("activity")
    channel = (channel_data.get("channel") or {}).get("id")
    if channel:
        if not isinstance(first, dict):
            raise _bad("a thread in a channel needs a first activity")
        place = tenant.conversation(channel)
        tenant.require_access(place)
        posted = _post(tenant, place, first, "")
        return {"id": f"{place.id};messageid={posted.id}", "activityId": posted.id}
    members = params.get("members")
    if not isinstance(members, list) or len(members) != 1 or not isinstance(members[0], dict):
        raise _bad("a personal conversation has exactly one member")
    if not told_tenant:
        raise _bad("the tenant of the conversation is missing")
    person = _member(tenant, str(members[0].get("id", "")))
    if told_tenant != person.tenant_id:
        raise Refusal(403, "ForbiddenOperationException", "The user is not in this tenant.")
    if not person.installed:
        raise Refusal(403, "ForbiddenOperationException", "Bot is not installed in user's personal scope")
    place = tenant.dm(person)
    tenant.require_access(place)
    answer: Json = {"id": place.id}
    if isinstance(first, dict):
        answer["activityId"] = _post(tenant, place, first, "").id
    return answer


def _member(tenant: Tenant, name: str) -> Person:
    if not name:
        raise _bad("the member has no id")
    person = tenant.person_of(name)
    if person.left:
        raise Refusal(404, "MemberNotFoundInConversation", "The user is not there any more.")
    return person


# --- activities ---


def send(tenant: Tenant, place: Conversation, activity: Json, *, reply_to: str, targeted: bool) -> Json:
    """Post an activity; `targeted` shows it to its recipient alone, and there are no such in a personal chat."""
    tenant.require_access(place)
    if activity.get("type") == "typing":
        return {}
    target = ""
    if targeted:
        target = str((activity.get("recipient") or {}).get("id", ""))
        if place.kind == "personal" or target not in place.members:
            raise _bad("a targeted message goes to a member of a channel or group chat")
    posted = _post(tenant, place, activity, target, reply_to=reply_to or str(activity.get("replyToId") or ""))
    return {"id": posted.id}


def _post(tenant: Tenant, place: Conversation, activity: Json, target: str, *, reply_to: str = "") -> Message:
    _require_good(tenant, "send", activity)
    message = Message(
        id=tenant.new_message_id(),
        conversation=place.id,
        sender=tenant.bot_id,
        reply_to=reply_to,
        targeted_to=target,
    )
    message.take(activity)
    tenant.messages[message.id] = message
    _notify(tenant, place, message)
    return message


def _notify(tenant: Tenant, place: Conversation, message: Message) -> None:
    """What the phone shows: the summary, or the text, or only that there is a card."""
    words = message.summary or message.text or "Sent a card"
    mentioned = {
        str(entity.get("mentioned", {}).get("id"))
        for entity in [*message.entities, *((message.card or {}).get("msteams", {}).get("entities") or [])]
        if entity.get("type") == "mention"
    }
    told = {place.person} if place.person else ({message.targeted_to} if message.targeted_to else mentioned)
    for each in told:
        if each in tenant.people:
            tenant.people[each].notifications.append(words)


def _require_good(tenant: Tenant, operation: str, activity: Json) -> None:
    """Raise the Refusal that Teams has for an activity of no use."""
    if activity.get("type") != "message":
        raise _bad(f"cannot send an activity of type {activity.get('type')!r}")
    attachments: Any = activity.get("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(a, dict) and a.get("contentType") for a in attachments):
        raise _bad("attachments must be a list, each with a contentType")
    if not activity.get("text") and not attachments:
        raise _bad("Activity must have text or an attachment")
    if len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > limits.MESSAGE_BYTES:
        raise Refusal(413, "MessageSizeTooBig", "Message size too large.", blame=True)
    for attachment in attachments:
        if attachment["contentType"] == ADAPTIVE:
            card = attachment.get("content")
            if size_of(card) > limits.CARD_BYTES:
                raise Refusal(413, "MessageSizeTooBig", "Message size too large.", blame=True)
            problems = card_problems(card)
            if problems:
                raise _bad("; ".join(problems))
            if over_budget(card):
                tenant.violations.append(f"{operation}: {over_budget(card)}")


def _own(tenant: Tenant, place: Conversation, activity_id: str) -> Message:
    tenant.require_access(place)
    message = tenant.messages.get(activity_id)
    if message is None or message.deleted or message.conversation != place.id:
        raise Refusal(404, "ActivityNotFoundInConversation", "The message ID provided couldn't be found.")
    if message.sender != tenant.bot_id:
        raise Refusal(403, "NotEnoughPermissions", "Only its sender can change a message.", blame=True)
    return message


def update(tenant: Tenant, place: Conversation, activity_id: str, activity: Json) -> Json:
    """Replace a message of the bot's own. Nobody is notified."""
    message = _own(tenant, place, activity_id)
    _require_good(tenant, "update", activity)
    message.take(activity)
    message.edited = True
    return {"id": message.id}


def delete(tenant: Tenant, place: Conversation, activity_id: str) -> Json:
    """Take back a message of the bot's own."""
    _own(tenant, place, activity_id).deleted = True
    return {}


# --- members ---


def described(person: Person) -> Json:
    """A member of a conversation, as the roster describes them."""
    given, _, surname = person.name.partition(" ")
    return {
        "id": person.id,
        "name": person.name,
        "objectId": person.aad_object_id,
        "aadObjectId": person.aad_object_id,
        "givenName": given,
        "surname": surname,
        "email": person.email,
        "userPrincipalName": person.user_principal_name,
        "tenantId": person.tenant_id,
        "userRole": "guest" if person.guest else "user",
    }


def get_members(tenant: Tenant, place: Conversation) -> list[Json]:
    """Everybody in a conversation, without the bot."""
    tenant.require_access(place)
    return [described(tenant.people[each]) for each in place.members if not tenant.people[each].left]


def get_member(tenant: Tenant, place: Conversation, name: str) -> Json:
    """One member, by id, object id or user principal name."""
    tenant.require_access(place)
    person = _member(tenant, name)
    if person.id not in place.members:
        raise Refusal(404, "MemberNotFoundInConversation", "The user is not part of the conversation.")
    return described(person)


def get_team(tenant: Tenant, team_id: str) -> Json:
    """A team in which the bot is."""
    channels = [c for c in tenant.conversations.values() if c.team_id == team_id and c.bot_is_member]
    if not channels:
        raise Refusal(404, "NotFound", "There is no such team.")
    return {"id": team_id, "name": "Astor School", "channelCount": len(channels)}


def get_team_channels(tenant: Tenant, team_id: str) -> Json:
    """The channels of a team."""
    get_team(tenant, team_id)
    channels = [c for c in tenant.conversations.values() if c.team_id == team_id and c.bot_is_member]
    return {"conversations": [{"id": c.id, "name": c.name} for c in channels]}
