"""Somebody on the loopback Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.sandbox.loopback_slack import File, Interaction, LoopbackSlack, Message, SlackPerson, View
from bot.sandbox.players.player import Attachment, Choice, Done, Field, Shown


@dataclass(frozen=True)
class SlackShown:
    """A message, a view."""

    thing: Message | View
    slack: LoopbackSlack

    @property
    def id(self) -> str:
        """See `Shown`."""
        return self.thing.ts if isinstance(self.thing, Message) else self.thing.id

    @property
    def deleted(self) -> bool:
        """See `Shown`."""
        return isinstance(self.thing, Message) and self.thing.deleted

    @property
    def text(self) -> str:
        """See `Shown`."""
        return self.slack.visible_text(self.thing)

    @property
    def buttons(self) -> Mapping[str, str]:
        """See `Shown`."""
        return {action: button.value for action, button in self.thing.buttons.items()}

    @property
    def fields(self) -> Mapping[str, Field]:
        """See `Shown`."""
        found = self.thing.fields if isinstance(self.thing, View) else {}
        return {name: Field(one.type, one.value or "") for name, one in found.items()}

    @property
    def live(self) -> Sequence[str]:
        """See `Shown`."""
        return self.slack.mentions(self.thing)

    @property
    def links(self) -> Sequence[str]:
        """See `Shown`."""
        rows = (block["elements"] for block in self.thing.blocks if block["type"] == "actions")
        return [str(element["url"]) for row in rows for element in row if "url" in element]

    def snapshot(self) -> SlackShown:
        """See `Shown`."""
        return SlackShown(self.thing.snapshot(), self.slack)


@dataclass(frozen=True)
class SlackPlayer:
    """A person on Slack."""

    person: SlackPerson
    slack: LoopbackSlack

    @property
    def name(self) -> str:
        """See `Player`."""
        return self.person.name

    @property
    def screen(self) -> SlackShown | None:
        """See `Player`."""
        view = self.person.view
        return SlackShown(view, self.slack) if view is not None else None

    @property
    def cards(self) -> Sequence[SlackShown]:
        """See `Player`."""
        return [SlackShown(message, self.slack) for message in self.person.messages if message.user != self.person.id]

    @property
    def notifications(self) -> Sequence[str]:
        """See `Player`."""
        return self.person.notifications

    @property
    def seen(self) -> str:
        """See `Player`."""
        read = [card.text for card in self.cards]
        read += [self.slack.visible_text(view) for view in self.person.views]
        return "\n".join([*read, *self.person.notifications, *map(str, self.person.ephemerals)])

    async def command(self, command: str, words: str = "") -> Done:
        """See `Player`."""
        before = len(self.person.ephemerals)
        done = _done(await self.person.command(command, words))
        return replace(done, said="\n".join(map(str, [done.act.body, *self.person.ephemerals[before:]])))

    async def press(self, where: Shown, action: str, *, value: str | None = None) -> Done:
        """See `Player`."""
        return _done(await self.person.press(_thing(where), action, value=value))

    async def submit(self, where: Shown, answers: Mapping[str, object], *, force: bool = False) -> Done:
        """See `Player`."""
        return _done(await self.person.submit(_view(where), _boxes(answers), force=force))

    def fill_in(self, where: Shown, answers: Mapping[str, object]) -> None:
        """See `Player`."""
        self.person.fill_in(_view(where), _boxes(answers))

    async def suggest(self, where: Shown, field: str, typed: str) -> Sequence[Choice]:
        """See `Player`."""
        view = _view(where)
        offered = await self.person.suggest(view, view.fields[field].action_id, typed)
        return [Choice(one.label, one.value) for one in offered]

    async def choose(self, where: Shown, field: str, values: Sequence[str]) -> Done:
        """See `Player`."""
        view = _view(where)
        return _done(await self.person.choose(view, view.fields[field].action_id, list(values)))

    async def close(self, where: Shown | None = None) -> None:
        """See `Player`."""
        await self.person.close(_view(where) if where is not None else None)

    async def quoted(self) -> Sequence[str]:
        """See `Player`."""
        view = self.person.view
        if view is None:
            raise AssertionError(f"{self.name} has nothing open")
        texts: list[list[str]] = []
        for block in view.blocks:
            if block["type"] != "rich_text":
                continue
            for element in block["elements"]:
                if element["type"] == "rich_text_section":
                    texts.append([])
                elif texts and element["type"] in {"rich_text_quote", "rich_text_preformatted"}:
                    texts[-1] += [part["text"] for part in element["elements"]]
        return ["".join(parts) for parts in texts if parts]

    @property
    def picks_files(self) -> bool:
        """See `Player`."""
        return True

    async def attach(self, where: Shown, field: str, files: Sequence[Attachment], *, force: bool = False) -> None:
        """See `Player`."""
        self.person.fill_in(_view(where), {field: self._uploaded(files)}, force=force)

    async def send_files(self, files: Sequence[Attachment], words: str = "", *, pasted: bool = False) -> Done:
        """See `Player`. Slack tells only those apps of a message that have asked for it; Staffroom does not."""
        message = await self.person.say(words, files=self._uploaded(files, pasted=pasted), tell=False)
        return Done(0, failed=False, act=message)

    async def post(
        self, channel: str, words: str, files: Sequence[Attachment] = (), *, pasted: bool = False
    ) -> SlackShown:
        """See `Player`."""
        uploaded = self._uploaded(files, pasted=pasted)
        return SlackShown(await self.person.say(words, channel=channel, files=uploaded, tell=False), self.slack)

    async def report_message(self, message: Shown, action: str = "report_message") -> Done:
        """See `Player`."""
        thing = _thing(message)
        if not isinstance(thing, Message):
            raise TypeError("this is no message")
        return _done(await self.person.message_shortcut(action, thing))

    def delete_files(self) -> None:
        """See `Player`."""
        for file in self.slack.files.values():
            if file.owner == self.person.id:
                self.slack.delete_file(file)

    def _uploaded(self, files: Sequence[Attachment], *, pasted: bool = False) -> list[File]:
        """What is pasted has no name on the device: Slack calls it image.png."""
        return [
            self.slack.add_file(
                "image.png" if pasted else file.name, file.content, owner=self.person, external=file.external
            )
            for file in files
        ]

    async def again(self, done: Done) -> Done:
        """See `Player`."""
        return _done(await self.slack.redeliver(done.act))

    def unreachable(self) -> None:
        """See `Player`."""
        self.person.reachable = False


def _done(act: Interaction | None) -> Done:
    if act is None:
        raise AssertionError("nothing was sent")
    return Done(act.status, act.failed, act, dict(act.errors))


def _thing(where: Shown) -> Message | View:
    if not isinstance(where, SlackShown):
        raise TypeError("this is not on Slack")
    return where.thing


def _view(where: Shown) -> View:
    thing = _thing(where)
    if not isinstance(thing, View):
        raise TypeError("this is not open on a screen")
    return thing


def _boxes(answers: Mapping[str, object]) -> dict[str, object]:
    """Slack knows lists of ticked boxes only."""
    return {name: ["yes"] if value is True else [] if value is False else value for name, value in answers.items()}
