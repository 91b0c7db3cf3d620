"""People who act in the workspace as they would in a Slack client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.loopback_slack import answers, limits, payloads, view_methods
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.files import File
from bot.sandbox.loopback_slack.filling import fill, held
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.parts import ClientRefuses, Option
from bot.sandbox.loopback_slack.screen import Message, View
from bot.sandbox.loopback_slack.workspace import Person

if TYPE_CHECKING:
    from bot.sandbox.loopback_slack.loopback import LoopbackSlack


@dataclass(eq=False)
class SlackPerson(Person):
    """A person, with the hands to type and press.

    Every act sends a signed request to the bot and returns the Interaction with its answer. Acts raise
    AssertionError when there is nothing of that name on the screen, and ClientRefuses (which is one) when the
    person's own client would not send anything.
    """

    slack: LoopbackSlack = field(kw_only=True, repr=False)
    last_interaction: Interaction | None = field(default=None, repr=False)

    @property
    def messages(self) -> list[Message]:
        """The direct messages with the bot that are still there, oldest first."""
        return self.slack.in_channel(self.slack.dm(self).id)

    @property
    def last_message(self) -> Message:
        """The newest direct message. Raises AssertionError when there is none."""
        messages = self.messages
        if not messages:
            raise AssertionError(f"{self.name} has no messages from the bot")
        return messages[-1]

    # --- starting something ---

    async def command(self, command: str, text: str = "", channel: str | None = None) -> Interaction:
        """Type a slash command, in a channel or else in the direct messages with the bot."""
        place = self.slack.conversation(channel) if channel else self.slack.dm(self)
        interaction = payloads.slash_command(self.slack, self, command, text, place)
        await self._send(interaction)
        answers.take_command_answer(self.slack, self, interaction, place.id)
        return interaction

    async def shortcut(self, callback_id: str) -> Interaction:
        """Choose a global shortcut."""
        return await self._send_plain(payloads.shortcut(self.slack, self, callback_id))

    async def message_shortcut(self, callback_id: str, message: Message) -> Interaction:
        """Choose a shortcut in the menu of a message."""
        return await self._send_plain(payloads.message_shortcut(self.slack, self, callback_id, message))

    async def say(
        self, text: str, *, channel: str | None = None, files: Sequence[File] = (), tell: bool = True
    ) -> Message:
        """Write a message (to the bot, unless a channel is named); the bot gets the event if `tell` and it is there."""
        place = self.slack.conversation(channel) if channel else self.slack.dm(self)
        attached = tuple(file.id for file in files)
        message = Message(channel=place.id, ts=self.slack.new_ts(), text=text, user=self.id, files=attached)
        self.slack.messages[place.id, message.ts] = message
        for file in files:
            file.shares.add(place.id)
        if tell and self.slack.bot_user_id in place.members:
            await self.slack.send_event(payloads.message_event(self.slack, message, place))
        return message

    def upload(self, name: str, content: bytes, *, mimetype: str = "") -> File:
        """Upload a file from their device, to put it into a form or a message."""
        return self.slack.add_file(name, content, mimetype=mimetype, owner=self)

    async def open_home(self) -> Interaction:
        """Open the bot's Home tab."""
        return await self.slack.send_event(payloads.home_opened(self.slack, self))

    # --- pressing and choosing ---

    async def press(
        self, where: Message | View, action_id: str, *, value: str | None = None, block_id: str | None = None
    ) -> Interaction:
        """Press a button. A given `value` replaces the button's own: a forged request."""
        block, element = where.find(action_id, block_id)
        if element["type"] != "button":
            raise AssertionError(f"{action_id} is a {element['type']}, not a button; use choose()")
        action: Json = {"text": element["text"]}
        sent_value = element.get("value") if value is None else value
        if sent_value is not None:
            action["value"] = sent_value
        if element.get("style"):
            action["style"] = element["style"]
        self._still_there(where)
        return await self._act(where, block, element, action)

    async def choose(
        self, where: Message | View, action_id: str, value: object, *, block_id: str | None = None
    ) -> Interaction:
        """Choose or type something of which the bot is told at once (`dispatch_action` in an input block)."""
        block, element = where.find(action_id, block_id)
        if element["type"] == "button":
            raise AssertionError(f"{action_id} is a button; use press()")
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise AssertionError(f"{action_id} has no dispatch_action, so Slack tells the bot nothing yet")
        self._still_there(where)
        at = (block["block_id"], element["action_id"])
        state = fill(element, value, where.offered.get(at, []), self.slack.files, force=False)
        if element["type"] != "overflow":
            where.entered[at] = state
        return await self._act(where, block, element, {k: v for k, v in state.items() if k != "type"})

    async def suggest(
        self, where: Message | View, action_id: str, typed: str, *, block_id: str | None = None
    ) -> list[Option]:
        """Type into a menu whose options come from the bot; returns what it offers.

        Below `min_query_length` (3 unless the bot says otherwise) Slack does not ask. The Interaction is in
        `last_interaction`. Raises AssertionError when the bot fails to answer with options.
        """
        block, element = where.find(action_id, block_id)
        if "external_select" not in element["type"]:
            raise AssertionError(f"{action_id} is a {element['type']}: its options do not come from the bot")
        if len(typed) < element.get("min_query_length", limits.SUGGESTION_MINIMUM):
            return []
        interaction = payloads.block_suggestion(self.slack, self, where, block, element, typed)
        await self._send(interaction)
        at = (block["block_id"], element["action_id"])
        answers.take_suggestions(self.slack, interaction, where, at)
        if interaction.failed:
            raise AssertionError(f"no options: {interaction.status} {interaction.body!r}")
        return interaction.options

    async def _act(self, where: Message | View, block: Json, element: Json, action: Json) -> Interaction:
        interaction = payloads.block_actions(self.slack, self, where, block, element, action)
        return await self._send_plain(interaction)

    def _still_there(self, where: Message | View) -> None:
        """A modal that is no longer on the screen cannot be touched. (A message may well be an old copy.)"""
        if isinstance(where, View) and where.type == "modal" and where.id not in [v.id for v in self.views]:
            raise ClientRefuses(f"the view {where.title!r} is not on {self.name}'s screen")

    # --- forms ---

    async def submit(
        self, view: View, values: Mapping[str, object] | None = None, *, force: bool = False
    ) -> Interaction:
        """Fill in a form and submit it.

        `values` go by block_id or action_id; fields not named keep what is in them. With `force` the client's
        own checks are left out: a forged or an outdated request.
        """
        if not force:
            self._still_there(view)
            if self.view is not None and self.view.id != view.id:
                raise ClientRefuses(f"{self.view.title!r} lies on top of {view.title!r}")
            if not view.submit_label and view.fields:
                raise ClientRefuses(f"{view.title!r} has no submit button")
        self._fill_in(view, values or {}, force=force)
        interaction = payloads.view_submission(self.slack, self, view)
        await self._send(interaction)
        answers.take_submission_answer(self.slack, self, interaction, self._real(view))
        return interaction

    def fill_in(self, view: View, values: Mapping[str, object], *, force: bool = False) -> None:
        """Type into a form without submitting it yet; the bot is told nothing."""
        self._still_there(view)
        self._fill_in(view, values, force=force, complete=False)

    def _fill_in(self, view: View, values: Mapping[str, object], *, force: bool, complete: bool = True) -> None:
        known: dict[str, tuple[Json, Json]] = {}
        for block, element in view.elements():
            if element["type"] not in ("button", "image", "overflow"):
                known.setdefault(element["action_id"], (block, element))
        for block, element in view.elements():
            if block["type"] == "input":
                known[block["block_id"]] = (block, element)
        for name, value in values.items():
            if name not in known:
                raise AssertionError(f"the view has no field {name!r}, only {sorted(known)}")
            block, element = known[name]
            at = (block["block_id"], element["action_id"])
            offered = view.offered.get(at, [])
            view.entered[at] = fill(element, value, offered, self.slack.files, force=force)
            for each in view.entered[at].get("files", ()):
                # From now on the bot may see it: its form has it. A forged id gives nothing away.
                if not force and each["id"] in self.slack.files:
                    self.slack.files[each["id"]].given = True
        if complete and not force:
            self._require(view)

    def _require(self, view: View) -> None:
        state = view_methods.state_values(view)
        missing = [
            block["label"]["text"]
            for block, element in view.elements()
            if block["type"] == "input"
            and not block.get("optional", False)
            and held(state[block["block_id"]][element["action_id"]]) in (None, "", [])
        ]
        if missing:
            raise ClientRefuses(f"please complete these required fields: {missing}")

    def _real(self, view: View) -> View:
        """The view on the screen, when the caller holds a snapshot of it."""
        return self.slack.views.get(view.id, view)

    async def close(self, view: View | None = None, *, clear: bool = False) -> Interaction | None:
        """Close a view (the top one); the bot is told if the view has `notify_on_close`.

        `clear`: the cross in the corner, and any view with `clear_on_close`, close the whole stack. Returns
        None when the bot is not told.
        """
        view = view or self.view
        if view is None:
            raise ClientRefuses(f"{self.name} has no view open")
        self._still_there(view)
        view = self._real(view)
        everything = clear or bool(view.raw.get("clear_on_close"))
        if everything:
            self.views = []
        else:
            view_methods.close_view(self.slack, self, view)
        if not view.raw.get("notify_on_close"):
            return None
        interaction = payloads.view_closed(self.slack, self, view, cleared=everything)
        return await self._send_plain(interaction)

    # --- sending ---

    async def _send(self, interaction: Interaction) -> None:
        if self.deleted:
            raise ClientRefuses(f"{self.name}'s account is deactivated")
        self.last_interaction = interaction
        trigger: Any = self.slack.triggers.get(interaction.trigger_id)
        if trigger is not None:
            trigger.interaction = interaction
        before, self.acting = self.acting, interaction
        try:
            await self.slack.delivery.deliver(interaction)
        finally:
            self.acting = before
        self.slack.changed()

    async def _send_plain(self, interaction: Interaction) -> Interaction:
        await self._send(interaction)
        answers.take_plain_answer(self.slack, interaction)
        return interaction
