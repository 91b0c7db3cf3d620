"""Everything that Staffroom shows on Teams: what people meet in a real story, and every view with hostile text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.loopback_teams import TeamsPerson
from bot.sandbox.world import World
from bot.teams.render import CARDS, DIALOGS, Json, case_detail
from tests.stories.acting import A_CHILD_TOLD_ME, DETAILS, answer, begin, file, press, take
from tests.unit.teams import views

IMAGERY = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "yes", "imagery": "yes"}
LONG = (
    "She showed me her phone after registration. Three messages from an account she does not know, the last at 23:40. "
    "She said: “he knows what bus I get”.\n\nI did not ask her anything more and I did not take a picture of it. "
) * 3


@dataclass(frozen=True)
class Shown:
    """One card as a person has it in front of them; `title` is that of a dialog, and empty for a message."""

    name: str
    card: Json
    title: str = ""


class Album:
    """Collects what people see, each view once under a name of its own."""

    def __init__(self, school: World) -> None:
        self._school = school
        self.shown: list[Shown] = []

    def dialog(self, name: str, whose: str) -> None:
        """What is open on somebody's screen."""
        open_now = self._on_teams(whose).dialog
        assert open_now is not None, f"{whose} has nothing open for {name}"
        self._keep(name, open_now.card, open_now.title)

    def message(self, name: str, whose: str) -> None:
        """The newest message that somebody has."""
        self._keep(name, self._on_teams(whose).messages[-1].card)

    def about(self, name: str, whose: str) -> None:
        """The newest card about a report that somebody has."""
        newest = self._school.teams_people[whose].cards[-1].thing
        self._keep(name, newest.card)

    async def say(self, name: str, whose: str, text: str) -> None:
        """What is answered to somebody who types this."""
        await self._on_teams(whose).say(text)
        self.message(name, whose)

    def _on_teams(self, whose: str) -> TeamsPerson:
        return self._school.on_teams(whose)

    def _keep(self, name: str, card: Json | None, title: str = "") -> None:
        assert card is not None, f"{name} is no card"
        self.shown.append(Shown(name, card, title))


async def from_a_story(folder: Path) -> list[Shown]:
    """What people meet in the invented school's Teams, from the first greeting to the last notice."""
    school = await World.open(folder, platform="teams", missing=("leo",))
    try:
        album = Album(school)
        await _chat(album)
        await _reports(school, album)
        await _in_trouble(school, album)
        await _of_every_kind(school, album)
    finally:
        await school.close()
    assert school.violations == []
    return album.shown


async def _chat(album: Album) -> None:
    album.message("greeting", "tess")
    for name, typed in (
        ("chat-help", "hello"),
        ("chat-report", "report-incident"),
        ("chat-home", "staffroom"),
        ("chat-did-you-mean", "report-incidnet"),
        ("chat-words-kept", "report-incident A child showed me a message"),
    ):
        await album.say(name, "carl", typed)


async def _reports(school: World, album: Album) -> None:
    await begin(school, "tess")
    album.dialog("report-1-empty", "tess")
    await answer(school, "tess")
    album.dialog("report-1-errors", "tess")
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    album.dialog("report-2-empty", "tess")
    await answer(school, "tess")
    album.dialog("report-2-errors", "tess")
    await answer(school, "tess", **{**DETAILS, "what_happened": LONG, "where": "@invented_name"})
    album.dialog("report-sent", "tess")
    await school.settle()
    album.about("receipt", "tess")
    album.about("alert", "priya")
    reference = school.reference("tess")
    for action, form in (("report.add", "add"), ("report.correct", "correct"), ("report.support", "support")):
        await press(school, "tess", reference, action)
        album.dialog(f"reporter-{form}", "tess")
        await answer(school, "tess")
        album.dialog(f"reporter-{form}-errors" if form != "support" else "reporter-support-sent", "tess")
    await school.people["priya"].command("/staffroom")
    album.dialog("home-something-waits", "priya")
    await press(school, "priya", reference, "case.pass_on")
    album.dialog("case-pass-on", "priya")
    await answer(school, "priya")
    album.dialog("case-pass-on-errors", "priya")
    await take(school, "priya", reference)
    album.dialog("case-taken", "priya")
    album.about("card-of-who-has-it", "priya")
    album.about("receipt-picked-up", "tess")
    for action, form in (("case.record", "record"), ("case.more", "more"), ("case.finish", "finish")):
        await press(school, "priya", reference, action)
        album.dialog(f"case-{form}", "priya")
        await answer(school, "priya")
        album.dialog(f"case-{form}-errors", "priya")
    await answer(school, "priya", outcome="recorded", note=LONG)
    album.dialog("case-finished-notice", "priya")
    await school.settle()
    await press(school, "priya", reference, "case.open")
    album.dialog("case-finished", "priya")
    album.about("card-finished", "priya")
    album.about("receipt-finished", "tess")


async def _in_trouble(school: World, album: Album) -> None:
    await begin(school, "carl")
    album.dialog("report-1-begun-before", "carl")
    await answer(school, "carl", **IMAGERY)
    album.dialog("report-2-imagery", "carl")
    await school.settle()
    album.about("receipt-urgent", "carl")
    await school.later(hours=3)
    album.about("alert-phone", "priya")
    await begin(school, "carl")
    album.dialog("report-2-again", "carl")
    await school.people["carl"].command("/staffroom")
    album.dialog("home-reporter", "carl")
    await school.people["sam"].command("/staffroom")
    album.dialog("home-of-the-slt", "sam")


async def _of_every_kind(school: World, album: Album) -> None:
    """What whoever takes it reads of the other kinds of report, and how it is finished."""
    for kind, concerns, holder in (
        ("friend_request", "pupil", "hana"),
        ("hurtful_posts", "headteacher", "carol"),
        ("hurtful_posts", "pupil", "hana"),
        ("hurtful_posts", "parent", "hana"),
        ("something_else", "dont_know", "hana"),
    ):
        name = f"{kind}-{concerns}".replace("_", "-")
        await file(school, "tess", {"kind": kind, "concerns": concerns, "danger": "no", "imagery": "no"})
        reference = school.reference(holder)
        await take(school, holder, reference)
        album.dialog(f"case-{name}", holder)
        await press(school, holder, reference, "case.finish")
        album.dialog(f"case-{name}-finish", holder)


def plain() -> Iterator[Shown]:
    """What the story does not come to."""
    for name, card in views.PLAIN.items():
        yield Shown(name, CARDS[type(card)](card).card)


def hostile() -> Iterator[Shown]:
    """Every view and every part of a form, with hostile and with long text."""
    for name, card in views.CARDS.items():
        yield Shown(f"hostile-{name}", CARDS[type(card)](card).card)
    for name, dialog in views.DIALOGS.items():
        window = DIALOGS[type(dialog)](dialog)
        yield Shown(f"hostile-{name}", window.card, window.title)
    for page in range(2):
        window = case_detail(views.LONG_CASE, page, "t")
        yield Shown(f"hostile-case-page-{page + 1}", window.card, window.title)


async def gallery(folder: Path) -> list[Shown]:
    """Everything. `folder` is where the story's database goes."""
    shown = [*await from_a_story(folder), *plain(), *hostile()]
    names: dict[str, Any] = {one.name: one for one in shown}
    assert len(names) == len(shown), "two views have one name"
    return shown
