"""Asks Microsoft whether the client's id and secret work, for `staffroom check`."""

from __future__ import annotations

from bot.check import Finding
from bot.teams.failures import NoToken
from bot.teams.services import TeamsSettings
from bot.teams.tokens import BotTokens


async def check_teams(settings: TeamsSettings | None) -> list[Finding]:
    """What is wrong with the Teams side of the settings, in words that say what to do."""
    if settings is None:
        return []
    try:
        await BotTokens(settings).get()
    except NoToken as error:
        if error.code.startswith("AADSTS") or error.code.startswith("invalid"):
            return [
                Finding(
                    "error",
                    f"Microsoft does not accept TEAMS_CLIENT_ID and TEAMS_CLIENT_SECRET ({error.code}). Make a new "
                    "secret on the app registration's page, Certificates & secrets.",
                )
            ]
        return [Finding("warning", "Microsoft could not be reached, so the Teams settings were not checked.")]
    return []
