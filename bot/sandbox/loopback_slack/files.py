"""Files in the workspace: how Slack describes them, and which of them the bot may see (docs.slack.dev, file object)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.downloads import extension, in_address
from bot.sandbox.loopback_slack.checking import Json

if TYPE_CHECKING:
    from bot.sandbox.loopback_slack.workspace import Workspace

_SAME_TYPE = {"jpeg": "jpg", "": "binary"}


@dataclass(eq=False)
class File:
    """A file that somebody uploaded, or (`external_url`) a link to one that lives outside Slack.

    `size` is what Slack says, in bytes, which need not be true. `given`: the bot got it in a form. `shares` are the
    conversations in which it was posted. `access` is the error that files.info answers instead, if any.
    """

    id: str
    name: str
    content: bytes
    mimetype: str
    owner: str
    team_id: str
    created: int
    size: int
    host: str
    domain: str
    external_url: str = ""
    access: str = ""
    deleted: bool = False
    given: bool = False
    shares: set[str] = field(default_factory=set)

    @property
    def url_private(self) -> str:
        """Where it is."""
        return self.external_url or f"{self.host}/files-pri/{self.team_id}-{self.id}/{in_address(self.name)}"

    @property
    def url_private_download(self) -> str:
        """Where it can be downloaded with the token of a bot that may see it; empty for an external one."""
        return self.url_private.replace(f"{self.id}/", f"{self.id}/download/") if not self.external_url else ""

    def describe(self) -> Json:
        """The file object as files.info and a submitted form carry it."""
        kind = extension(self.name)
        described: Json = {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.name,
            "mimetype": self.mimetype,
            "filetype": "gdoc" if self.external_url else _SAME_TYPE.get(kind, kind),
            "pretty_type": kind.upper(),
            "user": self.owner,
            "user_team": self.team_id,
            "editable": False,
            "size": self.size,
            "mode": "external" if self.external_url else "hosted",
            "is_external": bool(self.external_url),
            "external_type": "gdrive" if self.external_url else "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": self.url_private,
            "permalink": f"https://{self.domain}.slack.com/files/{self.owner}/{self.id}/{in_address(self.name)}",
            "has_rich_preview": False,
            "file_access": "visible",
        }
        if not self.external_url:
            described |= {"url_private_download": self.url_private_download, "media_display_type": "unknown"}
        return described


def refusal(ws: Workspace, file: File) -> str:
    """The error with which files.info answers about a file that the bot may not see; empty when it may.

    It may see what it was given in a form, and what was posted where it is a member.
    """
    if file.deleted:
        return "file_deleted"
    if file.access:
        return file.access
    seen = any(ws.bot_user_id in ws.channels[place].members for place in file.shares)
    return "" if file.given or seen or not file.shares else "file_not_found"


def describe_shared(ws: Workspace, file: File) -> Json:
    """The file as a message carries it, in an event or a shortcut: an id and little else where the bot must ask.

    That is so for another organisation's file (Slack Connect), and where the bot is no member. How Slack marks the
    latter is not documented; that files.info refuses it is.
    """
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    known = "access_denied" if refusal(ws, file) else "check_file_info" if file.team_id != ws.team_id else ""
    if not known:
        return file.describe()
    return {"id": file.id, "mode": "file_access", "file_access": known, "created": 0, "timestamp": 0, "user": ""}
