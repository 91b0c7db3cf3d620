"""The app package that an administrator uploads to Teams: manifest and icons (schema 1.29).

1.29 is the first schema, not counting previews, with slash commands; what is sent so only its author and the bot see.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import urlsplit

from bot.settings import GUID
from bot.teams.icons import colour_icon, outline_icon
from bot.teams.invokes import NEW_REPORT, REPORT_MESSAGE
from bot.teams.render.text import clip
from bot.teams.typed import HOME, REPORT

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.29/MicrosoftTeams.schema.json"
VERSION = "1.0.1"
"""Teams takes a changed package only under another version."""
_VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}", re.ASCII)
DEVELOPER = 32
"""Characters of a developer's name."""
MADE_AT = (2026, 1, 1, 0, 0, 0)
"""Every file's time, so that the same settings make the same package."""


def manifest(client_id: str, public_url: str, school: str = "", version: str = VERSION) -> dict[str, Any]:
    """The manifest, as what becomes JSON. `public_url` is where staff reach Staffroom, without a path.

    `school` stands as the app's publisher: nobody else has a part in it.

    Raises:
        ValueError: the client's id is no GUID, the URL is not https, or the version is none.
    """
    if _VERSION.fullmatch(version) is None:
        raise ValueError("--version: expected three numbers, such as 1.0.2, higher than the last one")
    if not client_id:
        raise ValueError("TEAMS_CLIENT_ID: missing; docs/teams.md says where it is")
    if GUID.fullmatch(client_id) is None:
        raise ValueError("TEAMS_CLIENT_ID: expected the Application (client) ID of the app registration, a GUID")
    if not public_url:
        raise ValueError("STAFFROOM_PUBLIC_URL: missing; give the https address at which staff and Microsoft reach it")
    host = urlsplit(public_url)
    if host.scheme != "https" or not host.hostname:
        raise ValueError("Teams takes https only: set STAFFROOM_PUBLIC_URL to the https address of this server")
    url = public_url.rstrip("/")
    commands = [
        {"title": REPORT, "description": "Report something on social media that worries you"},
        {"title": HOME, "description": "What waits for you, and how your reports stand"},
    ]
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.29",
        "version": version,
        "id": client_id,
        "developer": {
            "name": publisher(school),
            "websiteUrl": f"{url}/",
            "privacyUrl": f"{url}/privacy",
            "termsOfUseUrl": f"{url}/terms",
        },
        "localizationInfo": {"defaultLanguageTag": "en-gb"},
        "name": {"short": "Staffroom", "full": "Staffroom: the school's social media policy"},
        "description": {
            "short": "The school's social media policy, where staff already talk.",
            "full": (
                "Staffroom carries the school's social media policy. Staff report something that worries them in two "
                "short screens; the right person is told at once, and somebody else where it is about them. "
                "Staffroom does not read conversations: it sees what is typed or sent to it, or into its own forms, "
                "and the message that somebody chooses to report. In danger, call 999 first."
            ),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1F3A5F",
        "defaultInstallScope": "personal",
        "bots": [
            {
                "botId": client_id,
                "scopes": ["personal", "team", "groupChat"],
                "isNotificationOnly": False,
                # Otherwise Teams lets nobody attach a file in their chat with the bot (Microsoft, "Receiving files").
                "supportsFiles": True,
                "supportsTargetedMessages": True,
                "commandLists": [
                    {"scopes": ["personal"], "commands": commands},
                    {"scopes": ["team", "groupChat"], "triggers": ["mention", "slash"], "commands": commands},
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": client_id,
                "commands": [
                    {
                        "id": NEW_REPORT,
                        "type": "action",
                        "title": "Report an incident",
                        "description": "Something on social media worries you. Only you see the form.",
                        "context": ["compose"],
                        "fetchTask": True,
                    },
                    {
                        "id": REPORT_MESSAGE,
                        "type": "action",
                        "title": "Report this message",
                        "description": "Report this message to the school. Only you see the form.",
                        "context": ["message"],
                        "fetchTask": True,
                    },
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host.netloc],
    }


def publisher(school: str) -> str:
    """What stands as the app's publisher: the school's name, as much of it as Teams takes."""
    return clip(school, DEVELOPER) or "Your school"


def package(client_id: str, public_url: str, school: str = "", version: str = VERSION) -> bytes:
    """The zip to upload: Teams admin centre, Manage apps, Upload new app.

    Raises:
        ValueError: see `manifest`.
    """
    described = json.dumps(manifest(client_id, public_url, school, version), indent=2, ensure_ascii=False)
    files = {
        "manifest.json": described.encode(),
        "color.png": colour_icon(),
        "outline.png": outline_icon(),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, MADE_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return content.getvalue()
