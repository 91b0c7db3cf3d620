"""The loopback Slack: one object that a test or the sandbox starts, peoples, and points at the bot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from bot.sandbox.downloads import mimetype_of
from bot.sandbox.elsewhere import Elsewhere
from bot.sandbox.loopback_slack import answers, limits, payloads, reading
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.delivery import FORM, Delivery, as_form, retry_headers
from bot.sandbox.loopback_slack.file_host import FileHost
from bot.sandbox.loopback_slack.files import File
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.people import SlackPerson
from bot.sandbox.loopback_slack.screen import Message, View
from bot.sandbox.loopback_slack.web_api import WebApi
from bot.sandbox.loopback_slack.workspace import Channel, Workspace

_STRANGERS_TEAM = "T0ELSEWHERE"


class LoopbackSlack(Workspace):
    """A Slack on 127.0.0.1 that behaves towards a bot as the real one does.

    `clock` gives seconds since the epoch for timestamps, signatures, and the ages of triggers and response
    URLs; `ack_seconds` are real seconds. What the bot does that Slack would refuse is in `violations`, every
    call of the Web API and every download in `calls`, planned misbehaviour in `faults`, granted scopes in `scopes`.
    `files_url` is the host of private files, `elsewhere` one that is not Slack's.
    """

    def __init__(
        self,
        *,
        signing_secret: str = "loopback-signing-secret",  # noqa: S107 - nothing to protect
        bot_token: str = "xoxb-loopback",  # noqa: S107 - nothing to protect
        team_id: str = "T0SCHOOL",
        clock: Callable[[], float] = time.time,
        ack_seconds: float = limits.ACK_SECONDS,
        retry_events: bool = False,
    ) -> None:
        super().__init__(signing_secret=signing_secret, bot_token=bot_token, team_id=team_id, clock=clock)
        self.retry_events = retry_events
        self.delivery = Delivery(self, ack_seconds)
        self.elsewhere = Elsewhere(self.violations.append)
        self._runners: list[web.AppRunner] = []

    # --- the server ---

    async def start(self) -> None:
        """Listen on free ports of 127.0.0.1: for the Web API, for files, and for what is elsewhere."""
        self.base_url = await self._serve(WebApi(self).app)
        self.files_url = await self._serve(FileHost(self).app)
        await self.elsewhere.start()
        await self.delivery.start()

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        await self.delivery.stop()
        await self.elsewhere.stop()
        while self._runners:
            await self._runners.pop().cleanup()

    async def __aenter__(self) -> LoopbackSlack:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """What the bot's Web API client takes as its `base_url`."""
        if not self.base_url:
            raise AssertionError("start() the loopback Slack first")
        return f"{self.base_url}/api/"

    def deliver_to(self, url: str) -> None:
        """Where the bot listens for commands, interactions and events."""
        self.delivery.url = url

    # --- who and what is there ---

    def add_person(
        self,
        name: str,
        email: str,
        *,
        guest: bool = False,
        single_channel_guest: bool = False,
        deleted: bool = False,
        bot: bool = False,
        stranger: bool = False,
        reachable: bool = True,
        user_id: str | None = None,
    ) -> SlackPerson:
        """Somebody in the workspace. A `stranger` comes over Slack Connect from another one."""
        person = SlackPerson(
            user_id or f"U{self.number():08d}",
            name,
            email,
            _STRANGERS_TEAM if stranger else self.team_id,
            guest=guest,
            single_channel_guest=single_channel_guest,
            deleted=deleted,
            bot=bot,
            stranger=stranger,
            reachable=reachable,
            slack=self,
        )
        self.people[person.id] = person
        return person

    def add_channel(
        self,
        name: str,
        members: Iterable[SlackPerson | str] = (),
        *,
        private: bool = False,
        bot_is_member: bool = True,
    ) -> str:
        """A channel; returns its id (C…). The bot is in it unless told otherwise."""
        ids = [member if isinstance(member, str) else member.id for member in members]
        if bot_is_member:
            ids.append(self.bot_user_id)
        channel = Channel(f"C{self.number():08d}", name, ids, private=private)
        self.channels[channel.id] = channel
        return channel.id

    def add_dm(self, one: SlackPerson, other: SlackPerson) -> str:
        """The direct messages between two people, which the bot does not see; returns their id (D…)."""
        channel = Channel(f"D{self.number():08d}", "directmessage", [one.id, other.id], private=True)
        self.channels[channel.id] = channel
        return channel.id

    def add_file(
        self,
        name: str,
        content: bytes,
        *,
        mimetype: str = "",
        owner: SlackPerson | None = None,
        external: bool = False,
        said_size: int | None = None,
        access: str = "",
    ) -> File:
        """A file that somebody uploaded; its type follows from its name unless given.

        An `external` one lives outside Slack, at `elsewhere`. `said_size` is what Slack says of it, in bytes, where
        that is wrong; `access` the error of files.info where the bot may not see it (`access_denied`, …).
        """
        file = File(
            f"F{self.number():08d}",
            name,
            content,
            mimetype or mimetype_of(name),
            owner.id if owner else self.bot_user_id,
            owner.team_id if owner else self.team_id,
            created=int(self.clock()),
            size=0 if external else len(content) if said_size is None else said_size,
            host=self.files_url,
            domain=self.team_domain,
            external_url=self.elsewhere.put(name, content) if external else "",
            access=access,
        )
        self.files[file.id] = file
        return file

    def delete_file(self, file: File) -> None:
        """Somebody deletes a file: files.info says so, and a download answers 404."""
        file.deleted = True

    def channel_messages(self, channel: str) -> list[Message]:
        """The messages in a channel (id or name) that are still there, oldest first."""
        return self.in_channel(self.conversation(channel).id)

    # --- sending to the bot ---

    async def send_event(
        self, event: Json, *, retry_num: int | None = None, event_id: str | None = None
    ) -> Interaction:
        """Send an event in its envelope; `retry_num` marks it as Slack's n-th retry."""
        interaction = payloads.event(self, event, event_id)
        await self.delivery.deliver_event(interaction, retry_num=retry_num, retry=self.retry_events)
        self.changed()
        return interaction

    async def redeliver(
        self, interaction: Interaction, *, retry_num: int | None = None, reason: str = "http_timeout"
    ) -> Interaction:
        """Send the identical body again (same trigger_id, event_id, …), freshly signed.

        Returns an Interaction of its own. The screen does not change: a person acts once.
        """
        again = Interaction(
            kind=interaction.kind,
            payload=interaction.payload,
            sent=interaction.sent,
            content_type=interaction.content_type,
            person=interaction.person,
            trigger_id=interaction.trigger_id,
            response_url=interaction.response_url,
        )
        await self.delivery.deliver(again, retry_headers(retry_num, reason))
        if again.kind == "view_submission":
            view = self.views[again.payload["view"]["id"]]
            answers.take_submission_answer(self, self.people[again.person], again, view, act=False)
        self.changed()
        return again

    async def send_interactive(self, payload: Json) -> Interaction:
        """Send any interaction payload, correctly signed: what a forger inside Slack's walls would send."""
        interaction = Interaction(
            kind=str(payload.get("type", "")),
            payload=payload,
            sent=as_form(payload),
            content_type=FORM,
        )
        await self.delivery.deliver(interaction)
        return interaction

    async def send_raw(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send bytes and headers exactly as given, unsigned; returns the HTTP status and the body."""
        status, text, _ = await self.delivery.post(body, headers)
        return status, text

    def sign(self, body: bytes, timestamp: int | str | None = None, secret: str | None = None) -> dict[str, str]:
        """The signature headers of a body: as of now and with the real secret, unless told otherwise."""
        return self.delivery.sign(body, timestamp, secret)

    # --- reading ---

    def name_of(self, some_id: str) -> str:
        """The name of a person or channel, or the id itself."""
        if some_id in self.people:
            return self.people[some_id].name
        return self.channels[some_id].name if some_id in self.channels else some_id

    def visible_text(self, surface: Message | View) -> str:
        """All the text that a human sees in a message or view, in order."""
        return reading.visible_text(surface, self.name_of)

    def mentions(self, surface: Message | View) -> list[str]:
        """Everything that Slack would turn into a live mention, broadcast or link."""
        return reading.mentions(surface)
