"""The app's manifest: what an administrator pastes into Slack to create the app (docs.slack.dev, app manifest)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "commands": "to be called by /report-incident, /staffroom and the shortcuts",
        "chat:write": "to post cards in a person's own chat with Staffroom, and to keep them up to date",
        "im:write": "to open that chat with somebody who has to be told",
        "files:read": "to fetch the screenshots that somebody attaches to a report, and no others",
        "users:read": "to tell staff from guests, bots and people of other organisations",
        "users:read.email": "to find a person of the school's staff list by their e-mail address",
    }
)
"""Every scope that the app asks for, and why; it asks for no others, and reads no conversation."""

EVENTS = ("app_home_opened", "user_change")
PATH = "/slack/events"


def manifest(public_url: str | None, socket_mode: bool = False) -> dict[str, Any]:
    """The manifest, as what becomes JSON.

    `public_url` is where Slack reaches Staffroom, without a path; None with Socket Mode, which needs none.

    Raises:
        ValueError: there is neither a public URL nor Socket Mode.
    """
    if public_url is None and not socket_mode:
        raise ValueError("Without Socket Mode Slack has to reach Staffroom: set STAFFROOM_PUBLIC_URL.")
    url = {} if socket_mode or public_url is None else {"url": public_url.rstrip("/") + PATH}
    request_url = {"request_url": url["url"]} if url else {}
    options_url = {"message_menu_options_url": url["url"]} if url else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Staffroom",
            "description": "The school's social media policy, where staff already talk.",
            "long_description": (
                "Staffroom carries the school's social media policy. Staff report something that worries them in two "
                "short screens; the right person is told at once, and somebody else where it is about them. "
                "Staffroom does not read conversations: it sees what is typed and attached in its own forms, and the "
                "message that somebody chooses to report. "
                "In danger, call 999 first."
            ),
            "background_color": "#1f3a5f",
        },
        "features": {
            # Cards stand in the messages tab. It can be typed in, because a tab that cannot hides the bar from which
            # commands are given; what is typed there is not sent to Staffroom, which asks for no such event.
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Staffroom", "always_online": True},
            "shortcuts": [
                {
                    "name": "Report an incident",
                    "type": "global",
                    "callback_id": "report_incident",
                    "description": "Something on social media worries you",
                },
                {
                    "name": "Open Staffroom",
                    "type": "global",
                    "callback_id": "staffroom",
                    "description": "What waits for you, and how your reports stand",
                },
                {
                    "name": "Report this message",
                    "type": "message",
                    "callback_id": "report_message",
                    "description": "Nothing visible happens at the message",
                },
            ],
            "slash_commands": [
                {
                    "command": "/report-incident",
                    "description": "Report something on social media that worries you",
                    "usage_hint": "[what happened, if you like: nobody else sees it]",
                    "should_escape": False,
                    **url,
                },
                {
                    "command": "/staffroom",
                    "description": "What waits for you, and how your reports stand",
                    "should_escape": False,
                    **url,
                },
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **request_url},
            "interactivity": {"is_enabled": True, **request_url, **options_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
