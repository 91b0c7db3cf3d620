"""Somebody on the loopback Teams."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.loopback_teams import Dialog, File, Interaction, LoopbackTeams, Message, TeamsPerson
from bot.sandbox.players.player import Attachment, Choice, Done, Field, Shown

Json = dict[str, Any]

ABOUT_A_REPORT = re.compile(
    r"Nothing in this list|\b(?:Report [B-DF-HJ-NP-TV-XZ2-9]{5}\.|Received |^Records\.|^The audit, )"
)
"""How cards about reports, and what a duty brings, begin; what is merely answered to a message in chat does not."""
OPEN = "case.open"
ANSWERED = "Staffroom"
"""What a phone shows of an answer in the chat that is on its screen anyway."""


@dataclass(frozen=True)
class TeamsShown:
    """A message, a dialog."""

    thing: Message | Dialog
    teams: LoopbackTeams

    @property
    def id(self) -> str:
        """See `Shown`."""
        return self.thing.id

    @property
    def deleted(self) -> bool:
        """See `Shown`."""
        return isinstance(self.thing, Message) and self.thing.deleted

    @property
    def text(self) -> str:
        """See `Shown`."""
        return self.teams.visible_text(self.thing)

    @property
    def buttons(self) -> Mapping[str, str]:
        """See `Shown`."""
        return {str(data["action"]): str(data.get("token", "")) for _, data in self.actions if "action" in data}

    @property
    def actions(self) -> Iterator[tuple[str, Json]]:
        """The buttons: what each says, and what it carries."""
        for place in self.thing.places():
            if place.is_action and place.shown:
                yield str(place.thing.get("title", "")), place.thing.get("data") or {}

    @property
    def fields(self) -> Mapping[str, Field]:
        """See `Shown`."""
        return {
            name: Field(one.type, [each for each in one.value.split(",") if each] if one.several else one.value)
            for name, one in self.thing.fields.items()
        }

    @property
    def live(self) -> Sequence[str]:
        """See `Shown`."""
        return [*self.teams.links(self.thing), *self.teams.markup(self.thing)]

    @property
    def errors(self) -> Mapping[str, str]:
        """What stands first in the box of each field that has one."""
        boxes = [one for one in (self.thing.card or {}).get("body", []) if one.get("style") == "attention"]
        return {
            str(element["id"]): str(box["items"][0]["inlines"][0]["text"])
            for box in boxes
            for element in box["items"]
            if "id" in element
        }

    @property
    def links(self) -> Sequence[str]:
        """See `Shown`."""
        things = (place.thing for place in self.thing.places() if place.is_action and place.shown)
        return [str(thing["url"]) for thing in things if thing.get("type") == "Action.OpenUrl"]

    def snapshot(self) -> TeamsShown:
        """See `Shown`."""
        return TeamsShown(self.thing.snapshot(), self.teams)


@dataclass(frozen=True)
class TeamsPlayer:
    """A person on Teams. What greets them when the app is added is not counted as seen."""

    person: TeamsPerson
    teams: LoopbackTeams
    greetings: set[str] = field(default_factory=set)

    async def install(self) -> None:
        """The app comes to them; what it greets them with is forgotten."""
        await self.person.install()
        self.greetings.update(message.id for message in self.person.messages)
        self.person.notifications.clear()

    @property
    def name(self) -> str:
        """See `Player`."""
        return self.person.name

    @property
    def screen(self) -> TeamsShown | None:
        """See `Player`."""
        dialog = self.person.dialog
        return TeamsShown(dialog, self.teams) if dialog is not None else None

    @property
    def cards(self) -> Sequence[TeamsShown]:
        """See `Player`."""
        shown = [TeamsShown(message, self.teams) for message in self.person.messages]
        return [card for card in shown if ABOUT_A_REPORT.search(card.text)]

    @property
    def notifications(self) -> Sequence[str]:
        """See `Player`."""
        return [words for words in self.person.notifications if words != ANSWERED]

    @property
    def seen(self) -> str:
        """See `Player`."""
        read = [message for message in self.teams.messages.values() if self._reads(message)]
        texts = [self.teams.visible_text(thing) for thing in (*read, *self.person.dialogs)]
        return "\n".join([*texts, *self.person.notifications, *self.person.toasts])

    def _reads(self, message: Message) -> bool:
        """What the bot has written to them, or where they are, also what it has taken away since."""
        if message.sender != self.teams.bot_id or message.id in self.greetings:
            return False
        return self.person.id in ([message.targeted_to] if message.targeted_to else self._members(message))

    def _members(self, message: Message) -> Sequence[str]:
        return self.teams.conversations[message.conversation].members

    async def command(self, command: str, words: str = "") -> Done:
        """See `Player`."""
        before = {message.id for message in self.person.messages}
        typed = await self.person.say(f"{command} {words}".strip())
        answers = [message for message in self.person.messages if message.id not in before]
        if not answers:
            return self._done(typed)
        said = "\n".join(self.teams.visible_text(message) for message in answers)
        launcher = TeamsShown(answers[-1], self.teams)
        first = next((title for title, data in launcher.actions if "action" in data), None)
        done = self._done(await self.person.press(answers[-1], first) if first is not None else typed)
        return replace(done, said=said)

    async def press(self, where: Shown, action: str, *, value: str | None = None) -> Done:
        """See `Player`."""
        shown = _shown(where)
        found = next(((title, data) for title, data in shown.actions if data.get("action") == action), None)
        if found is None:
            raise AssertionError(f"no button {action!r} here; there is: {sorted(shown.buttons)}")
        title, data = found
        if value is not None:
            data = {**data, "token": value}
        if isinstance(shown.thing, Message):
            return self._done(await self._pressed(shown.thing, title, data))
        return self._done(await self.person.submit(dialog=shown.thing, data=data))

    async def _pressed(self, message: Message, title: str, data: Json) -> Interaction:
        """What opens is read; where the card itself changes, they open it next; a line of text is read, too."""
        act = await self.person.press(message, title, data=data)
        now = self.teams.messages.get(message.id, message)
        opens = next(
            (each for each, carried in TeamsShown(now, self.teams).actions if carried.get("action") == OPEN), ""
        )
        if act.card is not None and opens:
            await self.person.press(now, opens)
        elif act.toast:
            self.person.dialog = Dialog(id=f"toast of {message.id}", person=self.person.id)
            self.person.dialog.show(_said(act.toast))
        return act

    async def submit(self, where: Shown, answers: Mapping[str, object], *, force: bool = False) -> Done:
        """See `Player`."""
        shown = _shown(where)
        if not isinstance(shown.thing, Dialog):
            raise TypeError("this is not open on a screen")
        send = next((title for title, data in shown.actions if "form" in data), None)
        act = await self.person.submit(answers, send, dialog=shown.thing, force=force)
        after = TeamsShown(act.opened, self.teams) if act.opened is not None else None
        return self._done(act, after.errors if after is not None else {})

    def fill_in(self, where: Shown, answers: Mapping[str, object]) -> None:
        """See `Player`."""
        _shown(where)
        self.person.fill_in(answers)

    async def suggest(self, where: Shown, field: str, typed: str) -> Sequence[Choice]:
        """See `Player`."""
        _shown(where)
        return [Choice(one.label, one.value) for one in await self.person.search(field, typed)]

    async def choose(self, where: Shown, field: str, values: Sequence[str]) -> Done:
        """See `Player`."""
        shown = _shown(where)
        self.person.fill_in({field: list(values)})
        refresh = next(action for action in shown.buttons if action.endswith(".refresh"))
        return await self.press(shown, refresh)

    async def close(self, where: Shown | None = None) -> None:
        """See `Player`."""
        if where is not None:
            _shown(where)
        self.person.close()

    async def quoted(self) -> Sequence[str]:
        """See `Player`."""
        texts: list[list[str]] = []
        page = 0
        while True:
            shown = self.screen
            if shown is None:
                raise AssertionError(f"{self.name} has nothing open")
            # A text that began on the page before goes on below the two lines at the top of every page.
            for element in (shown.thing.card or {}).get("body", [])[2 if page else 0 :]:
                if element["type"] == "Container" and element.get("style") == "emphasis":
                    runs = [run for item in element["items"] for run in item["inlines"]]
                    texts[-1] += [str(run["text"]) for run in runs]
                elif not element.get("separator") and element["type"] != "ActionSet":
                    texts.append([])
            page += 1
            turn = next((data for _, data in shown.actions if data.get("page") == page), None)
            if turn is None:
                return ["".join(parts) for parts in texts if parts]
            await self.person.submit(dialog=self.person.dialog, data=turn)

    @property
    def picks_files(self) -> bool:
        """See `Player`."""
        return False

    async def attach(self, where: Shown, field: str, files: Sequence[Attachment], *, force: bool = False) -> None:
        """See `Player`."""
        del where, field, files, force
        raise TypeError("a dialog on Teams takes no files: send_files()")

    async def send_files(self, files: Sequence[Attachment], words: str = "", *, pasted: bool = False) -> Done:
        """See `Player`."""
        return self._done(await self.person.say(words, attachments=self._uploaded(files, pasted=pasted)))

    async def post(
        self, channel: str, words: str, files: Sequence[Attachment] = (), *, pasted: bool = False
    ) -> TeamsShown:
        """See `Player`."""
        uploaded = self._uploaded(files, pasted=pasted)
        written = (await self.person.say(words, channel, uploaded, mention=False)).message
        if written is None:
            raise AssertionError("nothing was written")
        return TeamsShown(written, self.teams)

    async def report_message(self, message: Shown, action: str = "report_message") -> Done:
        """See `Player`."""
        thing = _shown(message).thing
        if not isinstance(thing, Message):
            raise TypeError("this is no message")
        return self._done(await self.person.message_action(action, thing))

    def delete_files(self) -> None:
        """See `Player`."""
        for message in self.teams.messages.values():
            for file in message.files:
                if message.sender == self.person.id and file.id in self.teams.files:
                    self.teams.delete_file(file)

    def _uploaded(self, files: Sequence[Attachment], *, pasted: bool) -> list[File]:
        return [self.teams.add_file(file.name, file.content, pasted=pasted, external=file.external) for file in files]

    async def again(self, done: Done) -> Done:
        """See `Player`."""
        return self._done(await self.teams.redeliver(done.act))

    def unreachable(self) -> None:
        """See `Player`."""
        self.person.blocked = True

    def _done(self, act: Interaction, errors: Mapping[str, str] | None = None) -> Done:
        return Done(act.status, act.failed, act, errors or {})


def _said(text: str) -> Json:
    return {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": text, "wrap": True}]}


def _shown(where: Shown) -> TeamsShown:
    if not isinstance(where, TeamsShown):
        raise TypeError("this is not on Teams")
    return where
