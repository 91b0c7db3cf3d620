"""Asks Slack whether the token works and has the scopes that Staffroom needs: for `staffroom check`."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.check import Finding
from bot.settings import Settings
from bot.slack.failures import code_of
from bot.slack.manifest import SCOPES


async def check_slack(settings: Settings) -> list[Finding]:
    """What is wrong with the Slack side of the settings, in words that say what to do."""
    if settings.slack_bot_token is None:
        return []
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10
    )
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        return [
            Finding(
                "error",
                f"Slack does not accept SLACK_BOT_TOKEN ({code_of(error)}). Copy the Bot User OAuth Token from the "
                "app's page, OAuth & Permissions.",
            )
        ]
    except (aiohttp.ClientError, TimeoutError, OSError):
        return [Finding("warning", "Slack could not be reached, so the token and its scopes were not checked.")]
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    return [
        Finding("error", f"The Slack app lacks the scope {scope} ({why}). Add it and install the app again.")
        for scope, why in SCOPES.items()
        if scope not in granted
    ]
