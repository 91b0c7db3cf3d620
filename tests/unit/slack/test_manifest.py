"""The manifest is one that Slack takes, and asks for no more than is used."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from bot.slack.manifest import SCOPES, manifest


def text(most: int, least: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def thing(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


def several(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": items, "uniqueItems": True}


NAME = "^[A-Za-z0-9_. -]+$"
INTERACTIVE = ("request_url", "message_menu_options_url")
YES_OR_NO = {"type": "boolean"}
WEB = text(3000, pattern="^https://")
# The parts that Staffroom uses, from the tables of docs.slack.dev/reference/app-manifest and the limits of Slack's
# published schema (github.com/slackapi/manifest-schema, manifest.schema.1.0.0).
SLACKS = thing(
    {
        "_metadata": thing({"major_version": {"const": 1}}, {"minor_version": {"type": "integer"}}),
        "display_information": thing(
            {"name": text(35)},
            {
                "description": text(140),
                "long_description": text(4000, 175),
                "background_color": {"type": "string", "pattern": "^#([0-9a-fA-F]{3}){1,2}$"},
            },
        ),
        "features": thing(
            {
                "app_home": thing(
                    {
                        "home_tab_enabled": YES_OR_NO,
                        "messages_tab_enabled": {"const": True},
                        "messages_tab_read_only_enabled": YES_OR_NO,
                    }
                ),
                "bot_user": thing(
                    {"display_name": text(80, pattern="^[A-Za-z0-9_. -]+$")}, {"always_online": YES_OR_NO}
                ),
                "shortcuts": several(
                    thing(
                        {
                            "name": text(24),
                            "type": {"enum": ["message", "global"]},
                            "callback_id": text(255),
                            "description": text(150),
                        }
                    ),
                    10,
                ),
                "slash_commands": several(
                    thing(
                        {"command": text(32, 2, pattern="^/[a-z0-9_-]+$"), "description": text(2000)},
                        {"url": WEB, "usage_hint": text(1000), "should_escape": YES_OR_NO},
                    ),
                    50,
                ),
            }
        ),
        "oauth_config": thing({"scopes": thing({"bot": several(text(50), 255)})}),
        "settings": thing(
            {
                "event_subscriptions": thing({"bot_events": several(text(50), 100)}, {"request_url": WEB}),
                "interactivity": thing(
                    {"is_enabled": YES_OR_NO}, {"request_url": WEB, "message_menu_options_url": WEB}
                ),
                "org_deploy_enabled": YES_OR_NO,
                "socket_mode_enabled": YES_OR_NO,
                "token_rotation_enabled": YES_OR_NO,
            }
        ),
    }
)


def test_slack_takes_it_over_http() -> None:
    ours = manifest("https://staffroom.school.example/")
    jsonschema.validate(ours, SLACKS)
    url = "https://staffroom.school.example/slack/events"
    assert {command["url"] for command in ours["features"]["slash_commands"]} == {url}
    assert ours["settings"]["event_subscriptions"]["request_url"] == url
    assert ours["settings"]["interactivity"]["message_menu_options_url"] == url
    assert json.loads(json.dumps(ours)) == ours


def test_slack_takes_it_with_socket_mode() -> None:
    ours = manifest(None, socket_mode=True)
    jsonschema.validate(ours, SLACKS)
    assert "http" not in json.dumps(ours)
    assert ours["settings"]["socket_mode_enabled"] is True
    with pytest.raises(ValueError, match="STAFFROOM_PUBLIC_URL"):
        manifest(None)


def test_it_asks_for_nothing_that_reads_conversations() -> None:
    ours = manifest(None, socket_mode=True)
    assert ours["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert not [scope for scope in SCOPES if "history" in scope or scope.startswith(("channels", "groups"))]
    assert not [event for event in ours["settings"]["event_subscriptions"]["bot_events"] if "message" in event]
