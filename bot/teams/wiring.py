"""From Staffroom's settings to the adapter's own."""

from __future__ import annotations

from bot.settings import Settings
from bot.teams.services import TeamsSettings
from policy.errors import SettingsError


def teams_settings(settings: Settings) -> TeamsSettings:
    """The Teams part of the settings; what is not given is Microsoft's own.

    Raises:
        SettingsError: Teams is not set up.
    """
    if settings.teams_client_id is None or settings.teams_client_secret is None or settings.teams_tenant_id is None:
        raise SettingsError(
            "TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID: missing; docs/teams.md tells where they are"
        )
    given = {"openid_metadata_url": settings.teams_openid_metadata_url, "login_url": settings.teams_login_url}
    return TeamsSettings(
        client_id=settings.teams_client_id,
        client_secret=settings.teams_client_secret.get_secret_value(),
        tenant_id=settings.teams_tenant_id,
        **{name: value for name, value in given.items() if value is not None},
    )
