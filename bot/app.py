"""The only wiring: settings in, a Staffroom that runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.clock import SystemClock, wall_clock
from bot.profiles import load_profile
from bot.settings import Settings
from bot.slack.adapter import SlackAdapter
from bot.slack.services import SlackSettings
from bot.web.server import WebServer
from bot.worker.delivery import Delivery
from bot.worker.worker import Worker
from handlers.handlers import Handlers
from handlers.ports import Clock, Messenger
from policy.errors import PeopleFileError, SettingsError
from policy.people import PersonEntry
from policy.people_file import parse_people_bytes
from policy.profile import Profile
from storage.database import Database

log = structlog.get_logger()


def read_people(path: Path) -> tuple[PersonEntry, ...]:
    """The people in the school's CSV.

    Raises:
        PeopleFileError: it cannot be read, or rows in it are wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PeopleFileError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_people_bytes(content, path.name)


def secret_keys(settings: Settings) -> list[str]:
    """The master keys, newest first."""
    return [key.get_secret_value() for key in settings.secret_keys]


@dataclass(kw_only=True)
class Staffroom:
    """Web server and worker in one process, over one database."""

    profile: Profile
    database: Database
    handlers: Handlers
    worker: Worker
    server: WebServer
    slack: SlackAdapter
    entries: Sequence[PersonEntry] | None

    async def start(self) -> None:
        """Takes over the staff list, starts to listen, then to deliver."""
        if self.entries is not None:
            changes = await self.handlers.sync_people(self.entries)
            log.info("staff list", joined=len(changes.joined), left=len(changes.left), changed=len(changes.changed))
        await self.slack.start()
        await self.server.start()
        await self.worker.start()

    async def stop(self) -> None:
        """Stops in the order that loses nothing: listening, delivering, remembering."""
        await self.server.stop()
        await self.worker.stop()
        await self.slack.close()
        await self.database.close()


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    wall: Callable[[], datetime] = wall_clock,
    pace: timedelta = timedelta(seconds=1),
) -> Staffroom:
    """A Staffroom of these settings, not started yet.

    Raises:
        SettingsError: something in the settings, the profile or the staff list is wrong.
        storage.errors.StorageError: the database cannot be opened as it is.
    """
    if settings.slack_bot_token is None or settings.slack_signing_secret is None:
        raise SettingsError(
            "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET: missing; create the app from `staffroom slack-manifest`, "
            "install it, and copy both from its pages"
        )
    clock = clock or SystemClock()
    profile = load_profile(settings.profile or "astor")
    entries = read_people(settings.staff) if settings.staff is not None else None
    database = await Database.open(settings.database_url, secret_keys(settings), clock=clock, wall=wall, exclusive=True)
    try:
        worker: Worker | None = None
        handlers = Handlers(database, profile, wake=lambda: worker.wake() if worker is not None else None)
        slack = SlackAdapter(
            SlackSettings(
                bot_token=settings.slack_bot_token.get_secret_value(),
                signing_secret=settings.slack_signing_secret.get_secret_value(),
                api_url=settings.slack_api_url,
            ),
            handlers,
            wall=lambda: wall().timestamp(),
        )
        messengers: dict[str, Messenger] = {"slack": slack.messenger}
        delivery = Delivery(database, handlers, messengers, wall=wall, pace=pace)
        worker = Worker(database, handlers, delivery, clock=clock, wall=wall)
        running = worker

        async def ready() -> bool:
            return await database.is_alive() and await running.is_well()

        server = WebServer(settings.host, settings.port, ready=ready)
        server.add_post("/slack/events", slack.dispatch)
    except BaseException:
        await database.close()
        raise
    return Staffroom(
        profile=profile,
        database=database,
        handlers=handlers,
        worker=worker,
        server=server,
        slack=slack,
        entries=entries,
    )
