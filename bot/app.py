"""The only wiring: settings in, a Staffroom that runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from aiohttp import web

from bot.clock import SystemClock, wall_clock
from bot.profiles import load_profile
from bot.seen import Seen, ServicesOn
from bot.services import Services
from bot.settings import Settings
from bot.slack.adapter import SlackAdapter
from bot.slack.services import SlackSettings
from bot.standing import Standing
from bot.watch import Watch
from bot.web.about import About, pages
from bot.web.evidence import EvidenceSite
from bot.web.server import WebServer
from bot.worker.delivery import Delivery
from bot.worker.fetching import Fetching
from bot.worker.worker import Worker
from handlers.evidence.pack import EvidencePacks
from handlers.evidence.pages import EvidencePages
from handlers.handlers import Handlers
from handlers.ports import Clock, FileSource, Messenger
from policy.errors import PeopleFileError, SettingsError
from policy.people import PersonEntry
from policy.people_file import parse_people_bytes
from policy.profile import Profile
from storage.database import Database
from storage.evidence_store import EvidenceStore

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


class Adapter(Protocol):
    """One platform: how it is listened to, and how it is written to."""

    @property
    def messenger(self) -> Messenger:
        """Posts, edits and deletes cards."""
        ...

    @property
    def files(self) -> FileSource:
        """Fetches what people attach."""
        ...

    @property
    def standing(self) -> Standing:
        """How it stands between Staffroom and the platform."""
        ...

    async def start(self) -> None:
        """Makes ready to listen.

        Raises:
            SettingsError: the platform does not accept our credentials.
        """
        ...

    async def look(self) -> None:
        """Asks the platform whether it lets us in."""
        ...

    async def close(self) -> None:
        """Ends what is under way."""
        ...

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answers what the platform posts."""
        ...


@dataclass(kw_only=True)
class Staffroom:
    """Web server and worker in one process, over one database."""

    profile: Profile
    database: Database
    handlers: Handlers
    worker: Worker
    server: WebServer
    watch: Watch
    adapters: Sequence[Adapter]
    entries: Sequence[PersonEntry] | None

    async def start(self) -> None:
        """Takes over the staff list, starts to listen, then to deliver.

        Raises:
            SettingsError: no platform accepts our credentials. Where one of several does, it is served alone.
        """
        if self.entries is not None:
            changes = await self.handlers.sync_people(self.entries)
            log.info("staff list", joined=len(changes.joined), left=len(changes.left), changed=len(changes.changed))
        await self.handlers.begin()
        refused = []
        for adapter in self.adapters:
            try:
                await adapter.start()
            except SettingsError as error:
                refused.append(str(error))
        if len(refused) == len(self.adapters):
            raise SettingsError("\n".join(refused))
        self.watch.tell()
        await self.server.start()
        await self.worker.start()

    async def stop(self) -> None:
        """Stops in the order that loses nothing: listening, delivering, remembering."""
        await self.server.stop()
        await self.worker.stop()
        for adapter in self.adapters:
            await adapter.close()
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
    if settings.slack_signing_secret is None and (settings.uses_slack or not settings.uses_teams):
        raise SettingsError(
            "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET: missing; create the app from `staffroom slack-manifest`, "
            "install it, and copy both from its pages. For Microsoft Teams set TEAMS_CLIENT_ID, "
            "TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID instead: see docs/teams.md"
        )
    clock = clock or SystemClock()
    profile = load_profile(settings.profile or "astor")
    entries = read_people(settings.staff) if settings.staff is not None else None
    database = await Database.open(settings.database_url, secret_keys(settings), clock=clock, wall=wall, exclusive=True)
    names = _platforms(settings)
    try:
        worker: Worker | None = None
        handlers = Handlers(
            database,
            profile,
            platforms=names,
            public_url=settings.public_url,
            wake=lambda: worker.wake() if worker is not None else None,
        )
        adapters = _adapters(settings, handlers, wall, paced=pace > timedelta(0))
        messengers = {one.messenger.platform: one.messenger for one in adapters.values()}
        delivery = Delivery(database, handlers, messengers, wall=wall, pace=pace)
        store = EvidenceStore.open(settings.evidence_url or settings.data_dir / "evidence")
        sources = {one.files.platform: one.files for one in adapters.values()}
        fetching = Fetching(database, handlers, store, sources, wall=wall)
        watch = Watch(adapters, {path: names[one.messenger.platform] for path, one in adapters.items()}, wall)
        worker = Worker(database, handlers, delivery, fetching, clock=clock, wall=wall, look=watch.look)
        running = worker

        async def ready() -> str:
            if not (await database.is_alive() and await running.is_well()):
                return "the database does not answer, or work is late; the log says more"
            closed = " and ".join(watch.not_ready())
            return f"nothing passes to or from {closed}; the log says why" if closed else ""

        server = WebServer(settings.host, settings.port, ready=ready)
        for path, adapter in adapters.items():
            server.add_post(path, adapter.dispatch)
        about = pages(profile.school.name, profile.school.contact, tuple(names.values()))
        server.add_site(About(about).add_to)
        evidence = EvidencePages(database, profile, store)
        packs = EvidencePacks(database, evidence)
        server.add_site(EvidenceSite(evidence, packs, secure=settings.public_url.startswith("https://")).add_to)
    except BaseException:
        await database.close()
        raise
    return Staffroom(
        profile=profile,
        database=database,
        handlers=handlers,
        worker=worker,
        server=server,
        watch=watch,
        adapters=tuple(adapters.values()),
        entries=entries,
    )


def _platforms(settings: Settings) -> dict[str, str]:
    """The platforms that are set up, and what people call them."""
    slack = {"slack": "Slack"} if settings.uses_slack else {}
    return slack | ({"teams": "Microsoft Teams"} if settings.uses_teams else {})


def _adapters(
    settings: Settings, handlers: Handlers, wall: Callable[[], datetime], *, paced: bool
) -> dict[str, Adapter]:
    """The platforms that are set up, by the path at which each is listened to."""
    seen = Seen(handlers)
    both = settings.uses_slack and settings.uses_teams

    def services(platform: str) -> Services:
        # With one platform there is nothing to prefer, and nothing to note.
        return ServicesOn(platform, handlers, seen) if both else handlers

    found: dict[str, Adapter] = {}
    if settings.slack_bot_token is not None and settings.slack_signing_secret is not None:
        slack = SlackSettings(
            bot_token=settings.slack_bot_token.get_secret_value(),
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            api_url=settings.slack_api_url,
        )
        found["/slack/events"] = SlackAdapter(slack, services("slack"), wall=lambda: wall().timestamp())
    if settings.uses_teams:
        # Imported here: msal and what it brings cost memory that a school on Slack alone need not pay.
        from bot.teams.adapter import TeamsAdapter
        from bot.teams.wiring import teams_settings

        found["/api/messages"] = TeamsAdapter(teams_settings(settings), services("teams"), handlers, paced=paced)
    return found
