"""An invented school with its Slack, its Teams and its Staffroom on loopback; the tour and the tests play in it.

Everything is real but the people and the platforms' servers: signed HTTP requests in, API calls out, a database
file, the worker. Its school time is a clock that is moved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.app import Staffroom, build
from bot.clock import MovableClock, wall_clock
from bot.sandbox.elsewhere import Visit
from bot.sandbox.loopback_slack import Faults as SlackFaults
from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from bot.sandbox.loopback_teams import Faults as TeamsFaults
from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from bot.sandbox.players import Player, Shown, SlackPlayer, TeamsPlayer
from bot.settings import load_settings
from storage.sealing import new_master_key

PEOPLE = """\
name,email,duties,phone,leave_from,leave_to
Tess Turner,tess.turner@astor.example,,,,
Carl Cole,carl.cole@astor.example,,,,
Hana Hughes,hana.hughes@astor.example,headteacher,01632 960101,,
David Dean,david.dean@astor.example,deputy-headteacher;slt,01632 960102,,
Sam Slater,sam.slater@astor.example,slt,01632 960103,,
Priya Shah,priya.shah@astor.example,dsl,01632 960104,,
Leo Lane,leo.lane@astor.example,deputy-dsl,01632 960105,,
Nina North,nina.north@astor.example,network-manager;administrator,01632 960106,,
Carol Chambers,carol.chambers@astor.example,chair-of-governors,01632 960107,,
Victor Vance,victor.vance@astor.example,vice-chair-of-governors,01632 960108,,
"""
"""Nobody here exists. The numbers are Ofcom's for drama, the addresses are of a domain for examples."""

REFERENCE = re.compile(r"\b[B-DF-HJ-NP-TV-XZ2-9]{5}\b")
"""How a record's reference looks."""
A_TUESDAY = datetime(2026, 11, 17, 10, 20, tzinfo=UTC)
"""A school day on which nothing else happens."""
SIGNING_SECRET = "loopback-signing-secret"  # noqa: S105 - the loopback Slack's own, good for nothing else
BOT_TOKEN = "xoxb-loopback"  # noqa: S105 - likewise
TRUST = "REQUESTS_CA_BUNDLE"
"""Names the certificates that msal trusts: those of the loopback Teams here."""

Platform = Literal["slack", "teams"]
BOTH: tuple[Platform, ...] = ("slack", "teams")


@dataclass(kw_only=True)
class World:
    """One school. `people` are those who act, by first name in lower case, each on one platform; see `on` for both.

    `amended` are settings as the administrator has changed, or mistyped, them; they count from the next start.
    """

    folder: Path
    clock: MovableClock
    database_url: str
    keys: str
    platforms: tuple[Platform, ...]
    profile: str = "astor"
    pace: timedelta = timedelta(0)
    wall: Callable[[], datetime] = wall_clock
    slack: LoopbackSlack = field(
        default_factory=lambda: LoopbackSlack(signing_secret=SIGNING_SECRET, bot_token=BOT_TOKEN, team_id="T0ASTOR")
    )
    teams: LoopbackTeams = field(default_factory=LoopbackTeams)
    people: dict[str, Player] = field(default_factory=dict)
    slack_people: dict[str, SlackPlayer] = field(default_factory=dict)
    teams_people: dict[str, TeamsPlayer] = field(default_factory=dict)
    amended: dict[str, str] = field(default_factory=dict)
    staffroom: Staffroom | None = None
    trusted: str | None = None

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        people: str = PEOPLE,
        now: datetime = A_TUESDAY,
        database_url: str | None = None,
        profile: str = "astor",
        missing: Sequence[str] = (),
        platform: Literal["slack", "teams", "both"] = "slack",
        only: Mapping[str, Platform] | None = None,
        wall: Callable[[], datetime] = wall_clock,
    ) -> World:
        """Sets the school up and starts everything.

        `missing` are first names of those without an account; `only` says who has one on a single platform where
        there are both. Who has two acts on Slack, unless a story says otherwise.
        """
        world = cls(
            folder=folder,
            clock=MovableClock(now),
            database_url=database_url or f"sqlite+aiosqlite:///{folder / 'staffroom.db'}",
            keys=new_master_key(),
            profile=profile,
            wall=wall,
            platforms=BOTH if platform == "both" else (platform,),
        )
        if "slack" in world.platforms:
            await world.slack.start()
        if "teams" in world.platforms:
            await world.teams.start()
            world.trusted = os.environ.get(TRUST)
            os.environ[TRUST] = str(world.teams.ca_bundle)
        world.write_people(people)
        await world.start()
        for row in people.splitlines()[1:]:
            name, email, *_ = row.split(",")
            first = name.split()[0].lower()
            if first not in missing:
                await world.join(first, name, email, *([only[first]] if only and first in only else world.platforms))
        return world

    async def join(self, first: str, name: str, email: str, *platforms: Platform) -> Player:
        """Somebody gets accounts on these platforms; on all there are where none is named."""
        for platform in reversed(platforms or self.platforms):
            if platform == "slack":
                self.slack_people[first] = SlackPlayer(self.slack.add_person(name, email), self.slack)
                self.people[first] = self.slack_people[first]
            else:
                met = self.teams_people[first] = TeamsPlayer(self.teams.add_person(name, email), self.teams)
                self.people[first] = met
                await met.install()
        return self.people[first]

    def on_slack(self, first: str) -> SlackPerson:
        """The person's own Slack client."""
        return self.slack_people[first].person

    def on_teams(self, first: str) -> TeamsPerson:
        """The person's own Teams client."""
        return self.teams_people[first].person

    @property
    def violations(self) -> list[str]:
        """What Staffroom sent that a platform would refuse."""
        return [*self.slack.violations, *self.teams.violations]

    def add_channel(self, name: str, *members: str, bot_is_member: bool = False) -> None:
        """A channel of these people (by first name), on every platform; Staffroom is not in it unless told."""
        if "slack" in self.platforms:
            on_slack = [self.on_slack(first) for first in members if first in self.slack_people]
            self.slack.add_channel(name, on_slack, bot_is_member=bot_is_member)
        if "teams" in self.platforms:
            on_teams = [self.on_teams(first) for first in members if first in self.teams_people]
            self.teams.add_channel(name, on_teams, bot_is_member=bot_is_member)

    @property
    def faults(self) -> Sequence[SlackFaults | TeamsFaults]:
        """What goes wrong on each platform that there is."""
        found: dict[Platform, SlackFaults | TeamsFaults] = {"slack": self.slack.faults, "teams": self.teams.faults}
        return [found[platform] for platform in self.platforms]

    @property
    def visits(self) -> Sequence[Visit]:
        """What was fetched from hosts that are no platform's."""
        return [*self.slack.elsewhere.visits, *self.teams.elsewhere.visits]

    def write_people(self, people: str) -> None:
        """Writes the school's list of people; it is read at the next start."""
        self.people_file.write_text(people, encoding="utf-8")

    @property
    def people_file(self) -> Path:
        """Where the list of people stands."""
        return self.folder / "people.csv"

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings that Staffroom runs with."""
        return {
            "STAFFROOM_DATABASE_URL": self.database_url,
            "STAFFROOM_SECRET_KEYS": self.keys,
            "STAFFROOM_PROFILE": self.profile,
            "STAFFROOM_STAFF": str(self.people_file),
            "STAFFROOM_DATA_DIR": str(self.folder / "data"),
            "PORT": "0",
            **(self._slack_settings if "slack" in self.platforms else {}),
            **(self._teams_settings if "teams" in self.platforms else {}),
            **self.amended,
        }

    @property
    def _slack_settings(self) -> Mapping[str, str]:
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self.slack.api_url,
        }

    @property
    def _teams_settings(self) -> Mapping[str, str]:
        return {
            "TEAMS_CLIENT_ID": self.teams.client_id,
            "TEAMS_CLIENT_SECRET": self.teams.client_secret,
            "TEAMS_TENANT_ID": self.teams.tenant_id,
            "TEAMS_OPENID_METADATA_URL": self.teams.openid_metadata_url,
            "TEAMS_LOGIN_URL": self.teams.secure_login_url,
        }

    async def start(self) -> None:
        """Starts Staffroom."""
        self.staffroom = await build(load_settings(self.settings), clock=self.clock, wall=self.wall, pace=self.pace)
        await self.staffroom.start()
        self.deliver_to(self.staffroom)

    def deliver_to(self, staffroom: Staffroom) -> None:
        """What people do goes to this Staffroom."""
        self.deliver_at(staffroom.server.url)

    def deliver_at(self, url: str) -> None:
        """What people do goes to the Staffroom at this address."""
        self.slack.deliver_to(f"{url}/slack/events")
        self.teams.deliver_to(f"{url}/api/messages")

    async def stop(self) -> None:
        """Stops Staffroom; the platforms stay."""
        if self.staffroom is not None:
            await self.staffroom.stop()
            self.staffroom = None

    async def restart(self) -> None:
        """Stops Staffroom and starts it again, on the same database."""
        await self.stop()
        await self.start()

    async def close(self) -> None:
        """Stops everything."""
        await self.stop()
        if "slack" in self.platforms:
            await self.slack.stop()
        if "teams" in self.platforms:
            await self.teams.stop()
            if self.trusted is None:
                os.environ.pop(TRUST, None)
            else:
                os.environ[TRUST] = self.trusted

    @property
    def running(self) -> Staffroom:
        """The Staffroom that runs."""
        if self.staffroom is None:
            raise RuntimeError("Staffroom is stopped")
        return self.staffroom

    async def settle(self) -> None:
        """Until everything that is to be fired and delivered now is."""
        await self.running.worker.drain()

    async def later(self, **by: float) -> None:
        """Time passes (hours, minutes …), and what it brings is delivered."""
        self.clock.move(timedelta(**by))
        await self.settle()

    def card(self, name: str, reference: str) -> Shown | None:
        """The card about this report that stands in the person's chat, if any; the newest one."""
        return next((one for one in reversed(self.cards(name)) if reference in one.text), None)

    def reference(self, name: str) -> str:
        """The reference on the newest card in the person's chat."""
        found = REFERENCE.search(self.cards(name)[-1].text)
        if found is None:
            raise LookupError(f"there is no reference on {name}'s newest card")
        return found[0]

    def cards(self, name: str) -> Sequence[Shown]:
        """What stands in the person's chat with Staffroom, oldest first."""
        return self.people[name].cards
