"""The loopback Teams: one object that a test or the sandbox starts, peoples, and points at the bot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from aiohttp import web

from bot.sandbox.downloads import in_address, mimetype_of
from bot.sandbox.loopback_teams import activities, answers, certificate, limits, reading
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.connector import Connector
from bot.sandbox.loopback_teams.delivery import Delivery, bot_token
from bot.sandbox.loopback_teams.interaction import Interaction
from bot.sandbox.loopback_teams.parts import File
from bot.sandbox.loopback_teams.people import TeamsPerson
from bot.sandbox.loopback_teams.screen import Dialog, Message, Surface
from bot.sandbox.loopback_teams.tenant import Conversation, Tenant

_OTHER_TENANT = "5b0e7d3a-0000-4000-8000-00000000e15e"


class LoopbackTeams(Tenant):
    """A Teams on 127.0.0.1 that behaves towards a bot as the real one does, with its connector and its login.

    `clock` gives seconds since the epoch for timestamps and rates; `invoke_seconds` and `message_seconds` are
    real seconds, and tokens live on the real clock. What the bot does that Teams would refuse is in
    `violations`, every request of the bot in `calls`, planned misbehaviour in `faults`. `elsewhere` is a host that is
    not Microsoft's.
    """

    def __init__(
        self,
        *,
        client_id: str = "2f4c3a10-0000-4000-8000-0000000000b0",
        client_secret: str = "loopback-client-secret",  # noqa: S107 - nothing to protect
        tenant_id: str = "7c1d9e55-0000-4000-8000-0000000a5702",
        clock: Callable[[], float] = time.time,
        invoke_seconds: float = limits.INVOKE_SECONDS,
        message_seconds: float = limits.MESSAGE_SECONDS,
    ) -> None:
        super().__init__(client_id=client_id, client_secret=client_secret, tenant_id=tenant_id, clock=clock)
        self.delivery = Delivery(self, invoke_seconds, message_seconds)
        self._team_id = f"19:{self.new_uuid().replace('-', '')}@thread.tacv2"
        self._runner: web.AppRunner | None = None

    # --- the server ---

    async def start(self) -> None:
        """Listen on two free ports of 127.0.0.1: one plain, one with TLS (`ca_bundle` vouches for it)."""
        self._runner = web.AppRunner(Connector(self).app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=certificate.server_context()).start()
        plain, secure = (address[1] for address in self._runner.addresses)
        self.base_url = f"http://127.0.0.1:{plain}"
        self.secure_url = f"https://127.0.0.1:{secure}"
        await self.elsewhere.start()
        await self.delivery.start()

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        await self.delivery.stop()
        await self.elsewhere.stop()
        if self._runner is not None:
            for connection in self._runner.server.connections if self._runner.server else ():
                # A TLS client that keeps its connection (msal does) would never say goodbye.
                if connection.transport is not None and connection.transport.get_extra_info("ssl_object"):
                    connection.transport.abort()
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> LoopbackTeams:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def openid_metadata_url(self) -> str:
        """The connector's metadata; its keys are beside it at `/keys`."""
        return f"{self.base_url}/v1/.well-known/openidconfiguration"

    @property
    def login_url(self) -> str:
        """The login service over plain HTTP, for the SDK's `login_endpoint` and for a simple POST."""
        return self.base_url

    @property
    def secure_login_url(self) -> str:
        """The login service over https, as msal wants its authority (`{secure_login_url}/{tenant_id}`)."""
        return self.secure_url

    @property
    def ca_bundle(self) -> Path:
        """The certificate that a client of the https side has to trust."""
        return certificate.ca_bundle()

    def deliver_to(self, url: str) -> None:
        """Where the bot listens: `…/api/messages`."""
        self.delivery.url = url

    # --- who and what is there ---

    def add_person(
        self,
        name: str,
        email: str,
        *,
        guest: bool = False,
        federated: bool = False,
        installed: bool = True,
        blocked: bool = False,
        aad_object_id: str | None = None,
    ) -> TeamsPerson:
        """Somebody whom the bot may meet. A `federated` person belongs to another organisation's tenant.

        The bot is told nothing: see `TeamsPerson.install`.
        """
        number = self.number()
        person = TeamsPerson(
            f"29:1pairwise-{number:06d}",
            aad_object_id or self.new_uuid(),
            name,
            email,
            _OTHER_TENANT if federated else self.tenant_id,
            f"a:1personal-{number:06d}",
            guest=guest,
            federated=federated,
            installed=installed,
            blocked=blocked,
            teams=self,
        )
        self.people[person.id] = person
        self.conversations[person.conversation_id] = Conversation(
            person.conversation_id, "personal", "", [person.id], person.tenant_id, person=person.id
        )
        return person

    def add_channel(
        self, name: str, members: Iterable[TeamsPerson] = (), *, bot_is_member: bool = True, group_chat: bool = False
    ) -> str:
        """A channel of the school's team, or a group chat; returns its id (19:…). The bot is in it unless told."""
        suffix = "thread.v2" if group_chat else "thread.tacv2"
        place = Conversation(
            f"19:{self.new_uuid().replace('-', '')}@{suffix}",
            "groupChat" if group_chat else "channel",
            name,
            [member.id for member in members],
            self.tenant_id,
            team_id="" if group_chat else self._team_id,
            bot_is_member=bot_is_member,
        )
        self.conversations[place.id] = place
        return place.id

    async def join(self, channel: str, person: TeamsPerson) -> Interaction:
        """Put somebody into a channel; the bot is told."""
        place = self.conversation(channel)
        place.members.append(person.id)
        return await self._told(activities.members(self, person, place, added=[activities.account(person)]))

    async def leave(self, channel: str, person: TeamsPerson) -> Interaction:
        """Take somebody out of a channel; the bot is told."""
        place = self.conversation(channel)
        place.members.remove(person.id)
        return await self._told(activities.members(self, person, place, removed=[activities.account(person)]))

    async def _told(self, interaction: Interaction) -> Interaction:
        await self.delivery.deliver(interaction)
        answers.take_message_answer(self, interaction)
        return interaction

    def add_file(
        self,
        name: str,
        content: bytes,
        *,
        mimetype: str = "",
        pasted: bool = False,
        secure: bool | None = None,
        external: bool = False,
    ) -> File:
        """A file to attach with `say`: one from OneDrive, or an image `pasted` into the text.

        Its type follows from its name unless given. The link of the former holds its own key; the latter needs the
        bot's token. `secure` makes the link https (`secure_files`: unless told otherwise); an `external` one leads
        `elsewhere`.
        """
        file_id = self.new_uuid()
        root = self.secure_url if (self.secure_files if secure is None else secure) else self.base_url
        url = "" if pasted else f"{root}/files/{file_id}/{in_address(name)}?tempauth=key-{file_id}"
        if external:
            url = self.elsewhere.put(name, content)
        file = File(file_id, name, mimetype or mimetype_of(name), pasted, url)
        self.files[file_id] = file
        self.file_contents[file_id] = content
        return file

    def expire_file(self, file: File) -> None:
        """From now on the link to a file answers 401, as a real one does after a while."""
        self.expired_files.add(file.id)

    def delete_file(self, file: File) -> None:
        """Somebody deletes a file: its link answers 404."""
        del self.files[file.id]

    def channel_messages(self, channel: str) -> list[Message]:
        """The messages in a channel (id or name) that everybody sees and are still there, oldest first."""
        return [m for m in self.in_conversation(self.conversation(channel).id) if not m.targeted_to]

    # --- tokens ---

    def token(self, *, alg: str = "RS256", signer: str = "", kid: str | None = None, **claims: object) -> str:
        """A token as the connector sends it; claims by name replace its own, None leaves one out.

        A forger's `alg` is `none` or HS256 (with the public key as the secret); `signer` any other word signs
        with a key that is published nowhere, `login` with the key of the login service.
        """
        return bot_token(self, alg=alg, signer=signer, kid=kid, **claims)

    def rotate_keys(self) -> None:
        """The connector signs with a new key from now on, and publishes only that."""
        self.signing_key = f"connector {int(self.signing_key.split()[1]) + 1}"

    def expire_tokens(self) -> None:
        """The connector takes none of the access tokens any more that the bot has now: 401 until it gets another."""
        self.access_tokens.clear()

    # --- sending to the bot ---

    async def send_activity(self, activity: Json, *, token: str | None = None) -> Interaction:
        """Send any activity, correctly signed (or with this token). The screen does not change."""
        kind = str(activity.get("name") or activity.get("type", ""))
        interaction = Interaction(kind=kind, activity=activity)
        await self.delivery.deliver(interaction, token)
        self.changed()
        return interaction

    async def redeliver(self, interaction: Interaction, *, token: str | None = None) -> Interaction:
        """Send the identical activity again, with a fresh token.

        Returns an Interaction of its own. The screen does not change: a person acts once.
        """
        again = Interaction(
            kind=interaction.kind, activity=interaction.activity, sent=interaction.sent, person=interaction.person
        )
        await self.delivery.deliver(again, token)
        person = self.people[again.person]
        if again.kind == "adaptiveCard/action":
            answers.take_card_answer(self, person, again, None)
        elif again.kind.startswith(("task/", "composeExtension/")):
            answers.take_dialog_answer(self, person, again, Dialog(), act=False)
        self.changed()
        return again

    async def send_raw(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send bytes and headers exactly as given; returns the HTTP status and the body."""
        status, text, _ = await self.delivery.post(body, headers, self.delivery.message_seconds)
        return status, text

    # --- reading ---

    def visible_text(self, surface: Surface | Json) -> str:
        """All the text that a human sees in a message, a dialog, or a card, in order."""
        return reading.visible_text(_surface(surface))

    def links(self, surface: Surface | Json) -> list[str]:
        """Everything that Teams would turn into a live mention or link."""
        return reading.links(_surface(surface))

    def markup(self, surface: Surface | Json) -> list[str]:
        """Everything else that Teams would render as Markdown: bold, italics, lists, headings."""
        return reading.markup(_surface(surface))


def _surface(thing: Surface | Json) -> Surface:
    return thing if isinstance(thing, Surface) else Surface(card=thing)
