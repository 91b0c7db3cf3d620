"""People who act in the tenant as they would in a Teams client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.loopback_teams import activities, answers, forms
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.interaction import Interaction
from bot.sandbox.loopback_teams.parts import ClientRefuses, File, Option
from bot.sandbox.loopback_teams.screen import Dialog, Message, Surface
from bot.sandbox.loopback_teams.tenant import Conversation, Person
from bot.sandbox.loopback_teams.walking import Place

if TYPE_CHECKING:
    from bot.sandbox.loopback_teams.loopback import LoopbackTeams

_CONSENT = "application/vnd.microsoft.teams.card.file.consent"


@dataclass(eq=False)
class TeamsPerson(Person):
    """A person, with the hands to type and press.

    Every act sends a signed activity to the bot and returns the Interaction with its answer. Acts raise
    AssertionError when there is nothing of that name on the screen, and ClientRefuses (which is one) when the
    person's own client would not send anything.
    """

    teams: LoopbackTeams = field(kw_only=True, repr=False)

    @property
    def chat(self) -> list[Message]:
        """Everything in their personal chat with the bot that is still there, oldest first."""
        return self.teams.in_conversation(self.conversation_id)

    @property
    def messages(self) -> list[Message]:
        """What the bot wrote in their personal chat and is still there, oldest first."""
        return [message for message in self.chat if message.sender == self.teams.bot_id]

    @property
    def last_message(self) -> Message:
        """The newest message of the bot. Raises AssertionError when there is none."""
        messages = self.messages
        if not messages:
            raise AssertionError(f"{self.name} has no messages from the bot")
        return messages[-1]

    # --- writing ---

    async def say(
        self,
        text: str,
        channel: str | None = None,
        attachments: Sequence[File] = (),
        *,
        mention: bool = True,
        reply_to: str = "",
        tell: bool = True,
    ) -> Interaction:
        """Write a message: to the bot, or in a channel, where the bot is told only when it is mentioned.

        With `tell=False` nothing is sent. The message is the Interaction's `message`.
        """
        place = self._place(channel)
        personal = place.kind == "personal"
        written = self._written(place, text, reply_to=reply_to)
        written.files = tuple(attachments)
        interaction = activities.message(self.teams, self, place, written, mention=mention and not personal)
        interaction.message = written
        if tell and (personal or (mention and place.bot_is_member)):
            await self._tell(interaction)
        return interaction

    async def slash(self, text: str, channel: str) -> Interaction:
        """Send a targeted (slash) message in a channel: only this person and the bot see it."""
        place = self._place(channel)
        if place.kind == "personal":
            raise ClientRefuses("there are no slash commands in a personal chat")
        written = self._written(place, text, targeted_to=self.id)
        interaction = activities.message(self.teams, self, place, written, targeted=True)
        interaction.message = written
        return await self._tell(interaction)

    async def edit(self, message: Message, text: str) -> Interaction:
        """Change a message of their own."""
        message.text, message.edited = text, True
        return await self._tell(activities.changed_message(self.teams, self, message, "editMessage"))

    async def delete(self, message: Message) -> Interaction:
        """Delete a message of their own."""
        message.deleted = True
        return await self._tell(activities.changed_message(self.teams, self, message, "softDeleteMessage"))

    def _place(self, channel: str | None) -> Conversation:
        if channel is None:
            if not self.installed:
                raise ClientRefuses(f"{self.name} has not installed the app")
            return self.teams.dm(self)
        place = self.teams.conversation(channel)
        if self.id not in place.members:
            raise ClientRefuses(f"{self.name} is not in {place.name}")
        return place

    def _written(self, place: Conversation, text: str, *, reply_to: str = "", targeted_to: str = "") -> Message:
        message = Message(
            id=self.teams.new_message_id(),
            conversation=place.id,
            sender=self.id,
            text=text,
            text_format="plain",
            reply_to=reply_to,
            targeted_to=targeted_to,
        )
        self.teams.messages[message.id] = message
        return message

    # --- installing ---

    async def install(self) -> Interaction:
        """Add the app for themselves; the bot is told twice, as by Teams. Returns the `installationUpdate`."""
        self.installed, self.blocked = True, False
        place = self.teams.dm(self)
        bot = [{"id": self.teams.bot_id}]
        await self._tell(activities.members(self.teams, self, place, added=bot))
        return await self._tell(activities.installation(self.teams, self, place, "add"))

    async def uninstall(self) -> Interaction:
        """Remove the app."""
        self.installed = False
        return await self._tell(activities.installation(self.teams, self, self.teams.dm(self), "remove"))

    # --- pressing ---

    async def press(
        self,
        message: Message,
        action: str,
        values: Mapping[str, object] | None = None,
        *,
        data: Any = None,
        force: bool = False,
    ) -> Interaction:
        """Press a button (by title, id or verb) of a message's card, filling in its inputs first.

        A given `data` replaces the button's own: a forged request. With `force` the client's checks are left out.
        """
        surface = message.to(self.id)
        place = surface.find(action)
        if place.thing.get("isEnabled", True) is False and not force:
            raise ClientRefuses(f"{action!r} is greyed out")
        kind = place.thing.get("type")
        if kind == "Action.ToggleVisibility":
            forms.toggle(surface, place)
        if kind in ("Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility"):
            return Interaction(kind=kind, activity={}, person=self.id)
        forms.type_in(surface, values or {}, force=force)
        gathered = forms.gather(surface, place, keep_empty=self.teams.sends_empty_inputs, force=force)
        return await self._pressed(message, place, forms.data_of(place, gathered, data))

    async def _pressed(self, message: Message, place: Place, data: Any) -> Interaction:
        if place.thing["type"] == "Action.Execute":
            interaction = activities.card_action(self.teams, self, message, place.thing, data)
            await self._send(interaction)
            # Somebody with an old copy of a message on their screen changes what is there now.
            current = self.teams.messages.get(message.id, message)
            answers.take_card_answer(self.teams, self, interaction, current)
            self.teams.changed()
            return interaction
        found = data.get("msteams") if isinstance(data, dict) else None
        extra: Json = found if isinstance(found, dict) else {}
        special = extra.get("type")
        if special == "task/fetch":
            return await self._fetch(
                activities.task_fetch(self.teams, self, message, data),
                Dialog(conversation=message.conversation, reply_to=message.id),
            )
        if special == "imBack":
            return await self.say(str(extra.get("value", "")))
        text = str(extra.get("text", "")) if special == "messageBack" else None
        value = extra.get("value") if special == "messageBack" else _without_msteams(data)
        return await self._tell(activities.card_submit(self.teams, self, message, value, text))

    async def refresh(self, message: Message) -> Interaction | None:
        """Look at a message: a card with `refresh` asks the bot for this person's own card. None when it does not."""
        refresh = (message.card or {}).get("refresh")
        if not refresh or self.id not in refresh.get("userIds", [self.id]):
            return None
        action = refresh["action"]
        interaction = activities.card_action(
            self.teams, self, message, action, action.get("data") or {}, trigger="automatic"
        )
        await self._send(interaction)
        answers.take_card_answer(self.teams, self, interaction, None)
        if interaction.card is not None:
            message.seen_as[self.id] = Surface()
            message.seen_as[self.id].show(interaction.card)
        return interaction

    # --- message-extension commands ---

    async def message_action(self, command_id: str, message: Message) -> Interaction:
        """Choose a command in the menu of a message."""
        place = self.teams.conversations[message.conversation]
        return await self._command(activities.command(self.teams, self, place, command_id, "message", message), place)

    async def compose_action(self, command_id: str, channel: str | None = None) -> Interaction:
        """Choose a command in the compose box."""
        place = self._place(channel)
        return await self._command(activities.command(self.teams, self, place, command_id, "compose", None), place)

    async def _command(self, interaction: Interaction, place: Conversation) -> Interaction:
        value = interaction.activity["value"]
        command = {key: value[key] for key in ("commandId", "commandContext", "messagePayload") if key in value}
        return await self._fetch(interaction, Dialog(kind="compose", conversation=place.id, command=command))

    async def _fetch(self, interaction: Interaction, before: Dialog) -> Interaction:
        await self._send(interaction)
        answers.take_dialog_answer(self.teams, self, interaction, before, act=True)
        self.teams.changed()
        return interaction

    # --- dialogs ---

    def fill_in(self, values: Mapping[str, object]) -> None:
        """Type into the open dialog without submitting it yet; the bot is told nothing."""
        forms.type_in(self._open(None, force=False), values)

    async def submit(
        self,
        values: Mapping[str, object] | None = None,
        action: str | None = None,
        *,
        dialog: Dialog | None = None,
        data: Any = None,
        force: bool = False,
    ) -> Interaction:
        """Fill in the open dialog and submit it, with the first button or the one named.

        `values` go by input id or label; inputs not named keep what is in them. With `force` the client's own
        checks are left out, and `dialog` may be one that is no longer open: a forged or an outdated request.
        """
        shown = self._open(dialog, force=force)
        place = forms.submit_action(shown, action)
        forms.type_in(shown, values or {}, force=force)
        gathered = forms.gather(shown, place, keep_empty=self.teams.sends_empty_inputs, force=force)
        sent = forms.data_of(place, gathered, data)
        interaction = activities.dialog_submit(self.teams, self, shown, sent)
        await self._send(interaction)
        answers.take_dialog_answer(self.teams, self, interaction, shown, act=True)
        self.teams.changed()
        return interaction

    def close(self) -> None:
        """Close the dialog with the cross: the bot is told nothing, and what was typed is gone."""
        self._open(None, force=False)
        self.dialog = None

    def _open(self, dialog: Dialog | None, *, force: bool) -> Dialog:
        if dialog is not None and (force or dialog is self.dialog):
            return dialog
        if dialog is not None or self.dialog is None:
            raise ClientRefuses(f"{self.name} does not have that dialog open")
        return self.dialog

    async def search(self, input_id: str, typed: str, where: Message | None = None) -> list[Option]:
        """Type into a list whose choices come from the bot: in the open dialog, or in a message's card.

        The Interaction is in `last_interaction`. Raises AssertionError when the bot fails to answer with choices.
        """
        surface: Surface = self._open(None, force=False) if where is None else where.to(self.id)
        element: Json = surface.inputs().get(input_id, {})
        query = element.get("choices.data")
        if query is None:
            raise AssertionError(f"the choices of {input_id!r} do not come from the bot")
        source = where if where is not None else self.dialog
        conversation = source.conversation if source is not None else self.conversation_id
        data = None
        if str(query.get("associatedInputs", "none")).lower() == "auto":
            data = {name: surface.value(each) for name, each in surface.inputs().items() if name != input_id}
        reply_to = where.id if where is not None else ""
        place = self.teams.conversations[conversation]
        interaction = activities.typeahead(self.teams, self, place, query, typed, data, reply_to)
        await self._send(interaction)
        answers.take_search_answer(self.teams, interaction, surface, input_id)
        if interaction.failed:
            raise AssertionError(f"no choices: {interaction.status} {interaction.body!r}")
        return interaction.options

    # --- files ---

    async def take_file(self, message: Message, *, accept: bool = True) -> Interaction:
        """Accept or decline a file that the bot offers (a file consent card); `teams.uploads` then holds it."""
        for card in message.attachments:
            if card.get("contentType") == _CONSENT:
                break
        else:
            raise AssertionError("the message offers no file")
        name = str(card.get("name", "file"))
        upload = {
            "name": name,
            "uploadUrl": f"{self.teams.base_url}/upload/{self.teams.new_uuid()}/{name}",
            "contentUrl": f"https://astor.sharepoint.example/personal/Documents/{name}",
            "uniqueId": self.teams.new_uuid(),
            "fileType": name.rpartition(".")[2],
        }
        interaction = activities.file_consent(self.teams, self, message, card, accept=accept, upload=upload)
        await self._send(interaction)
        return interaction

    # --- sending ---

    async def _send(self, interaction: Interaction) -> None:
        if self.left:
            raise ClientRefuses(f"{self.name}'s account is gone")
        self.last_interaction = interaction
        await self.teams.delivery.deliver(interaction)
        self.teams.changed()

    async def _tell(self, interaction: Interaction) -> Interaction:
        await self._send(interaction)
        answers.take_message_answer(self.teams, interaction)
        return interaction


def _without_msteams(data: Any) -> Any:
    return {key: value for key, value in data.items() if key != "msteams"} if isinstance(data, dict) else data
