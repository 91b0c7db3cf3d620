"""Asks Slack whether the token works and has the scopes that Staffroom needs: for `staffroom check`."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.check import Finding
from bot.settings import Settings
from bot.slack.failures import code_of
from bot.slack.identity import account_refused
from bot.slack.manifest import SCOPES
from policy.people import PersonEntry


async def reached_on_slack(settings: Settings, people: Sequence[PersonEntry]) -> dict[str, bool]:
    """Which of the people have an account that is served, by e-mail address; whom Slack did not tell of is left out."""
    if settings.slack_bot_token is None:
        return {}
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10
    )
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    found: dict[str, bool] = {}
    try:
        team = str((await client.auth_test())["team_id"])
        for person in people:
            found[person.email] = await _is_served(client, team, person.emails)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
        return found
    return found


async def _is_served(client: AsyncWebClient, team: str, emails: Sequence[str]) -> bool:
    for email in emails:
        try:
            user = (await client.users_lookupByEmail(email=email)).get("user")
        except SlackApiError as error:
            if code_of(error) != "users_not_found":
                raise
        else:
            if isinstance(user, dict) and not account_refused(user, team):
                return True
    return False


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
