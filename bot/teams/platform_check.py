"""Asks Microsoft whether the client's id and secret work, for `staffroom check`."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.check import Finding
from bot.teams.failures import NoToken
from bot.teams.login_words import words
from bot.teams.services import TeamsSettings
from bot.teams.tokens import BotTokens


async def check_teams(settings: TeamsSettings | None) -> list[Finding]:
    """What is wrong with the Teams side of the settings, in words that say what to do."""
    if settings is None:
        return []
    try:
        await BotTokens(settings).get()
    except NoToken as error:
        said = words(error, urlsplit(settings.login_url).hostname or "")
        if error.refused:
            return [Finding("error", said)]
        return [Finding("warning", f"{said} So the Teams settings were not checked.")]
    return []
