"""The Web API's methods about people, conversations, the team and files (docs.slack.dev, Web API methods)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.files import refusal
from bot.sandbox.loopback_slack.workspace import Channel, Person, Refusal, Workspace

_FULL_PAGE = 100
_T = TypeVar("_T")


def auth_test(ws: Workspace, _args: Json) -> Json:
    """auth.test."""
    return {
        "url": f"https://{ws.team_domain}.slack.com/",
        "team": "Astor School",
        "user": "staffroom",
        "team_id": ws.team_id,
        "user_id": ws.bot_user_id,
        "bot_id": ws.bot_id,
        "is_enterprise_install": False,
    }


def describe_person(ws: Workspace, person: Person) -> Json:
    """A user object; the address only with the scope users:read.email."""
    offset = datetime.fromtimestamp(ws.clock(), UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
    profile: Json = {"real_name": person.name, "display_name": person.name, "team": person.team_id}
    if "users:read.email" in ws.scopes and not person.bot and not person.stranger:
        profile["email"] = person.email
    if person.bot:
        profile["bot_id"] = ws.bot_id
    described: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.username or "staffroom",
        "deleted": person.deleted,
        "is_bot": person.bot,
        "is_app_user": False,
        "profile": profile,
        "updated": int(ws.clock()),
    }
    if person.deleted:
        # Slack leaves the rest out for somebody who has gone.
        return described
    return described | {
        "real_name": person.name,
        "tz": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.guest or person.single_channel_guest,
        "is_ultra_restricted": person.single_channel_guest,
        "is_stranger": person.stranger,
    }


def users_info(ws: Workspace, args: Json) -> Json:
    """users.info."""
    person = ws.people.get(str(args.get("user")))
    if person is None:
        raise Refusal("user_not_found", blame=False)
    return {"user": describe_person(ws, person)}


def users_list(ws: Workspace, args: Json) -> Json:
    """users.list, in pages when `limit` is given."""
    everyone = [p for p in ws.people.values() if not p.stranger]
    page, cursor = _page(everyone, args, default=len(everyone) or 1)
    return {
        "members": [describe_person(ws, person) for person in page],
        "cache_ts": int(ws.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


def users_lookup(ws: Workspace, args: Json) -> Json:
    """users.lookupByEmail."""
    wanted = str(args.get("email") or "").casefold()
    for person in ws.people.values():
        if wanted and person.email.casefold() == wanted and not person.deleted and not person.stranger:
            return {"user": describe_person(ws, person)}
    raise Refusal("users_not_found", blame=False)


def conversations_open(ws: Workspace, args: Json) -> Json:
    """conversations.open with one user, or with the id of direct messages that are known."""
    if args.get("channel"):
        channel = ws.conversation(args["channel"])
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = args.get("users") or ""
    ids = users if isinstance(users, list) else [part.strip() for part in str(users).split(",") if part.strip()]
    if not ids:
        raise Refusal("users_list_not_supplied")
    if len(ids) > 1:
        raise Refusal("method_not_supported_for_channel_type", blame=False)
    person = ws.people.get(str(ids[0]))
    if person is None:
        raise Refusal("user_not_found", blame=False)
    if person.deleted:
        raise Refusal("user_disabled", blame=False)
    if person.bot:
        raise Refusal("cannot_dm_bot", blame=False)
    return {"channel": {"id": ws.dm(person).id}}


def describe_channel(ws: Workspace, channel: Channel) -> Json:
    """A conversation object."""
    if channel.user is not None:
        return {"id": channel.id, "is_im": True, "user": channel.user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_private": channel.private,
        "is_archived": False,
        "is_member": ws.bot_user_id in channel.members,
        "num_members": len(channel.members),
    }


def conversations_info(ws: Workspace, args: Json) -> Json:
    """conversations.info."""
    return {"channel": describe_channel(ws, _known(ws, args))}


def conversations_members(ws: Workspace, args: Json) -> Json:
    """conversations.members, in pages."""
    page, cursor = _page(_known(ws, args).members, args, default=_FULL_PAGE)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def conversations_list(ws: Workspace, args: Json) -> Json:
    """conversations.list, in pages; `types` as Slack has it, public channels unless told otherwise."""
    types = str(args.get("types") or "public_channel").split(",")

    def kind(channel: Channel) -> str:
        if channel.user is not None:
            return "im"
        return "private_channel" if channel.private else "public_channel"

    wanted = [channel for channel in ws.channels.values() if kind(channel) in types and ws.may_see(channel)]
    page, cursor = _page(wanted, args, default=_FULL_PAGE)
    return {
        "channels": [describe_channel(ws, channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


def team_info(ws: Workspace, _args: Json) -> Json:
    """team.info."""
    return {"team": {"id": ws.team_id, "name": "Astor School", "domain": ws.team_domain}}


def bots_info(ws: Workspace, args: Json) -> Json:
    """bots.info."""
    if args.get("bot", ws.bot_id) != ws.bot_id:
        raise Refusal("bot_not_found")
    bot = {"id": ws.bot_id, "name": "Staffroom", "app_id": ws.app_id, "user_id": ws.bot_user_id}
    return {"bot": bot | {"deleted": False}}


def files_info(ws: Workspace, args: Json) -> Json:
    """files.info."""
    file = ws.files.get(str(args.get("file")))
    code = "file_not_found" if file is None else refusal(ws, file)
    if file is None or code:
        raise Refusal(code, blame=False)
    return {"file": file.describe()}


def _known(ws: Workspace, args: Json) -> Channel:
    channel = ws.channels.get(str(args.get("channel")))
    if channel is None or not ws.may_see(channel):
        raise Refusal("channel_not_found", blame=False)
    return channel


def _page(things: Sequence[_T], args: Json, *, default: int) -> tuple[list[_T], str]:
    try:
        limit = int(args.get("limit") or default)
        start = int(str(args.get("cursor") or "page:0").removeprefix("page:"))
    except ValueError as error:
        raise Refusal("invalid_cursor") from error
    end = start + max(1, limit)
    return list(things[start:end]), f"page:{end}" if end < len(things) else ""
