"""The command line: `staffroom run`, `check`, `migrate`, `backup`, `restore`, `keys new`, `keys rotate`,
`audit verify`, `slack-manifest`, `teams-package`, `drill`, `tour`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import signal
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.app import build, secret_keys
from bot.clock import SystemClock
from bot.drill import begin_drill
from bot.examine import examine
from bot.keeping import keep, rotate_keys, take_back
from bot.logs import set_up_logs
from bot.profiles import load_profile
from bot.settings import Settings, load_settings
from bot.slack.manifest import manifest
from policy.errors import SettingsError, StaffroomError
from policy.reports import Level
from storage.audit import AuditReport, verify
from storage.database import Database
from storage.sealing import new_master_key

log = structlog.get_logger()

app = typer.Typer(
    help="Staffroom carries a school's social-media policy on Slack and Microsoft Teams.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
keys = typer.Typer(help="Master keys.", no_args_is_help=True)
audit = typer.Typer(help="The audit.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")


@app.command()
def run() -> None:
    """Run Staffroom: web server and worker in one process, until it is stopped."""
    set_up_logs()
    asyncio.run(_run(load_settings()))


@app.command(name="check")
def check_command() -> None:
    """List what is wrong with the settings, the profile, the people and the platforms, and what to do."""
    findings = asyncio.run(examine(load_settings()))
    for finding in findings:
        typer.echo(f"{finding.level}: {finding.text}")
    errors = sum(finding.level == "error" for finding in findings)
    typer.echo(
        f"{errors} to put right, {len(findings) - errors} to look at." if findings else "Everything is in order."
    )
    raise typer.Exit(1 if errors else 0)


@app.command()
def migrate() -> None:
    """Bring the database to this version's tables. Make a backup first."""
    asyncio.run(_migrate(load_settings()))
    typer.echo("The database is up to date.")


@keys.command(name="new")
def keys_new() -> None:
    """Print a new master key for STAFFROOM_SECRET_KEYS. Keep a copy apart from your backups."""
    typer.echo(new_master_key())


@keys.command(name="rotate")
def keys_rotate() -> None:
    """Seal everything with the newest key, so that the older ones can be taken out. Stop Staffroom first."""
    raise typer.Exit(asyncio.run(rotate_keys(load_settings(), typer.echo)))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is not overwritten.")],
) -> None:
    """Write everything that is stored into one file, still sealed. Staffroom may run meanwhile."""
    raise typer.Exit(asyncio.run(keep(load_settings(), file, typer.echo)))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `staffroom backup` has written.")]) -> None:
    """Put a backup into an empty database, of either kind."""
    raise typer.Exit(asyncio.run(take_back(load_settings(), file, typer.echo)))


@audit.command(name="verify")
def audit_verify(
    head: Annotated[
        str | None, typer.Option(help="A head that was sent to the DPO, NUMBER:HASH: is it still in the audit?")
    ] = None,
) -> None:
    """Check the audit for changed, missing or reordered rows."""
    report = asyncio.run(_verify(load_settings(), known_head(head)))
    for problem in report.problems:
        typer.echo(problem)
    typer.echo(f"{report.rows} rows, head {report.head}: {'NOT INTACT' if report.problems else 'intact'}")
    raise typer.Exit(1 if report.problems else 0)


@app.command(name="slack-manifest")
def slack_manifest(
    public_url: Annotated[
        str | None, typer.Option(help="Where Slack reaches Staffroom; else STAFFROOM_PUBLIC_URL.")
    ] = None,
) -> None:
    """Print the manifest to create the Slack app from (api.slack.com/apps, Create New App, From a manifest)."""
    given = {"STAFFROOM_PUBLIC_URL": public_url} if public_url else None
    url = load_settings(given, demo=True).given_public_url
    if url is None:
        raise SettingsError("STAFFROOM_PUBLIC_URL: missing; set it, or give --public-url, the https address.")
    if not url.startswith("https://"):
        raise SettingsError("--public-url: give the https address at which Slack reaches Staffroom.")
    typer.echo(json.dumps(manifest(url), indent=2))


@app.command(name="teams-package")
def teams_package(
    path: Annotated[Path, typer.Argument(help="The zip to write.")] = Path("staffroom-teams.zip"),
    public_url: Annotated[
        str | None, typer.Option(help="Where staff reach Staffroom; else STAFFROOM_PUBLIC_URL.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The app's version: Teams takes a changed package only under a higher one.")
    ] = None,
) -> None:
    """Write the app package for Teams (Teams admin center, Manage apps, Upload new app)."""
    # Imported here: a school on Slack alone need not pay for what Teams brings.
    from bot.teams.package import DEVELOPER, VERSION, package, publisher

    version = version or VERSION
    settings = load_settings(demo=True)
    given = load_settings({"STAFFROOM_PUBLIC_URL": public_url}, demo=True) if public_url else settings
    school = load_profile(settings.profile).school.name if settings.profile else ""
    try:
        content = package(settings.teams_client_id or "", given.given_public_url or "", school, version)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    try:
        path.write_bytes(content)
    except IsADirectoryError:
        raise SettingsError(f"{path} cannot be written: it is a folder; name a file in it") from None
    except FileNotFoundError:
        raise SettingsError(f"{path} cannot be written: there is no folder {path.parent}") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    if publisher(school) != school and school:
        typer.echo(f"Teams shows {DEVELOPER} characters of a publisher's name: yours is “{publisher(school)}”.")
    typer.echo(
        f"{path} is written, version {version}. Staffroom should be running before the app is installed for anybody. "
        "Upload it in the Teams admin center: Manage apps, Upload new app."
    )


@app.command()
def drill(
    level: Annotated[Level, typer.Option(help="Which chain to try.")] = Level.S1,
) -> None:
    """Try a chain with a marked test report: it rings everybody whom the chain asks. Staffroom must be running."""
    raise typer.Exit(asyncio.run(begin_drill(load_settings(), level.value, typer.echo)))


@app.command()
def tour() -> None:
    """Play the main job on a pretend Slack and Teams on this computer. Takes less than a minute."""
    # Imported here: only the tour and the tests need the sandbox.
    from bot.sandbox.tour import play

    raise typer.Exit(asyncio.run(play()))


async def _run(settings: Settings) -> None:
    staffroom = await build(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    try:
        await staffroom.start()
        # What was made while starting stays: looking through it again and again would hold up clicks.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        log.info("listening", url=staffroom.server.url)
        await stopped.wait()
        log.info("stopping")
    finally:
        await staffroom.stop()


async def _migrate(settings: Settings) -> None:
    database = await Database.open(
        settings.database_url, secret_keys(settings), clock=SystemClock(), exclusive=True, migrate=True
    )
    await database.close()


async def _verify(settings: Settings, known: tuple[int, str] | None) -> AuditReport:
    database = await Database.look(settings.database_url, secret_keys(settings), clock=SystemClock())
    try:
        return await verify(database, known)
    finally:
        await database.close()


def known_head(text: str | None) -> tuple[int, str] | None:
    """The number and the hash of a head as the DPO has it.

    Raises:
        SettingsError: it is not one.
    """
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text.strip().lower())
    if found is None:
        raise SettingsError("--head: give the number, a colon and the 64 letters and digits, as the message has them.")
    return int(found[1]), found[2]


def main() -> None:
    """The console script: errors of ours are words and exit code 2, not a traceback."""
    try:
        app()
    except StaffroomError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
