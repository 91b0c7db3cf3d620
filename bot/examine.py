"""Everything that `staffroom check` finds out by asking: the database, the platforms, and whom they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.app import read_people, secret_keys
from bot.check import Finding, Met, check, unreached
from bot.clock import SystemClock, wall_clock
from bot.profiles import load_profile
from bot.settings import Settings, given_names
from bot.slack.platform_check import check_slack, reached_on_slack
from policy.people import PersonEntry
from storage.database import Database
from storage.errors import NothingThere, StorageError
from storage.sealing import Keyring

NOBODY_YET = (
    "Microsoft Teams: nobody has the app yet, so nobody can be reached there. Start Staffroom, then upload and install "
    "the app (docs/teams.md, 3 and 4)."
)
RECENT = timedelta(days=14)
"""How far back it matters that somebody could not be reached."""


async def examine(settings: Settings) -> list[Finding]:
    """Everything wrong with the settings, the profile, the people, the database and the platforms, errors first.

    Raises:
        SettingsError: the settings, the profile or the list of people cannot be read at all.
    """
    profile = load_profile(settings.profile or "astor")
    entries = read_people(settings.staff) if settings.staff is not None else ()
    needed = [entry for entry in entries if entry.duties]
    findings = check(settings, profile, entries, now=wall_clock(), env_names=given_names())
    reached: dict[str, Mapping[str, bool]] = {}
    met, wrong = await _ask_database(settings, needed)
    findings += wrong
    slack = await check_slack(settings)
    findings += slack
    if settings.uses_slack:
        reached["Slack"] = await reached_on_slack(settings, needed) if not slack else {}
    if settings.uses_teams:
        # Imported here: a school on Slack alone need not pay for what Teams brings.
        from bot.teams.platform_check import check_teams
        from bot.teams.wiring import teams_settings

        findings += await check_teams(teams_settings(settings))
        if met is not None and not met.anybody_on_teams:
            # Before the upload this is as it should be, and one line about it is enough.
            findings.append(Finding("warning", NOBODY_YET))
        elif met is not None:
            reached["Microsoft Teams"] = {entry.email: entry.email in met.on_teams for entry in needed}
    failed = met.failed if met is not None else {}
    findings += unreached(needed, reached, failed, profile.school_calendar)
    return sorted(findings, key=lambda finding: finding.level)


async def _ask_database(settings: Settings, people: Sequence[PersonEntry]) -> tuple[Met | None, list[Finding]]:
    """Whether the keys open what is stored, and whom Staffroom has met; a database that is not there is left alone."""
    try:
        Keyring(secret_keys(settings))
        database = await Database.look(settings.database_url, secret_keys(settings), clock=SystemClock())
        try:
            return await _met(database, people, wall_clock() - RECENT), []
        finally:
            await database.close()
    except NothingThere:
        return Met(), []
    except StorageError as error:
        return None, [Finding("error", str(error))]


async def _met(database: Database, people: Sequence[PersonEntry], since: datetime) -> Met:
    on_teams: set[str] = set()
    failed: dict[str, datetime] = {}
    async with database.reading() as uow:
        staff = await uow.staff()
        for entry in people:
            person = staff.by_email(entry.email)
            known = await uow.conversation("teams", person.id) if person is not None else None
            if person is not None and known is not None and known.address == person.email:
                on_teams.add(entry.email)
        anybody = bool(on_teams)
        for person in staff:
            anybody = anybody or await uow.conversation("teams", person.id) is not None
        for row in await uow.audit_of("person-unreachable", since):
            found = next((one for one in staff if one.id == row.ids.get("person")), None)
            if found is not None:
                failed[found.email] = row.at
    return Met(frozenset(on_teams), anybody, failed)
