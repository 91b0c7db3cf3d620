"""An invented school with its Slack and its Staffroom on loopback; the tour and the tests play in it.

Everything is real but the people and Slack's server: signed HTTP requests in, Web API calls out, a database
file, the worker. Its school time is a clock that is moved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Staffroom, build
from bot.clock import MovableClock
from bot.sandbox.loopback_slack import LoopbackSlack, Message, SlackPerson
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


@dataclass(kw_only=True)
class World:
    """One school. `people` are their Slack selves, by first name in lower case."""

    folder: Path
    slack: LoopbackSlack
    clock: MovableClock
    database_url: str
    keys: str
    profile: str = "astor"
    pace: timedelta = timedelta(0)
    people: dict[str, SlackPerson] = field(default_factory=dict)
    staffroom: Staffroom | None = None

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
    ) -> World:
        """Sets the school up and starts everything; `missing` are first names of those without a Slack account."""
        slack = LoopbackSlack(signing_secret=SIGNING_SECRET, bot_token=BOT_TOKEN, team_id="T0ASTOR")
        await slack.start()
        world = cls(
            folder=folder,
            slack=slack,
            clock=MovableClock(now),
            database_url=database_url or f"sqlite+aiosqlite:///{folder / 'staffroom.db'}",
            keys=new_master_key(),
            profile=profile,
        )
        world.write_people(people)
        for row in people.splitlines()[1:]:
            name, email, *_ = row.split(",")
            first = name.split()[0].lower()
            if first not in missing:
                world.people[first] = slack.add_person(name, email)
        await world.start()
        return world

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
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": self.slack.api_url,
            "PORT": "0",
        }

    async def start(self) -> None:
        """Starts Staffroom."""
        self.staffroom = await build(load_settings(self.settings), clock=self.clock, pace=self.pace)
        await self.staffroom.start()
        self.slack.deliver_to(f"{self.staffroom.server.url}/slack/events")

    async def stop(self) -> None:
        """Stops Staffroom; Slack stays."""
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
        await self.slack.stop()

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

    def card(self, name: str, reference: str) -> Message | None:
        """The card about this report that stands in the person's messages, if any; the newest one."""
        return next((one for one in reversed(self.cards(name)) if reference in self.slack.visible_text(one)), None)

    def reference(self, name: str) -> str:
        """The reference on the newest card in the person's messages."""
        found = REFERENCE.search(self.slack.visible_text(self.cards(name)[-1]))
        if found is None:
            raise LookupError(f"there is no reference on {name}'s newest card")
        return found[0]

    def cards(self, name: str) -> list[Message]:
        """What stands in the person's messages with Staffroom, oldest first."""
        return [message for message in self.people[name].messages if not message.deleted]
