"""Nobody reads less on one platform than on the other: all that a view says is on Slack and on Teams."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.loopback_slack import reading as slack_reading
from bot.sandbox.loopback_slack import screen as slack_screen
from bot.sandbox.loopback_teams import reading as teams_reading
from bot.sandbox.loopback_teams.screen import Surface
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.home import EXPLAINS
from handlers.views import (
    AccessEnded,
    Button,
    Buttons,
    Card,
    CaseAlert,
    CaseCard,
    CaseDetail,
    Choice,
    DateInput,
    Dialog,
    Digest,
    DutyNote,
    FilePicker,
    FilesWanted,
    Form,
    Home,
    HomeRow,
    Line,
    Link,
    Notice,
    Option,
    PersonPicker,
    Quote,
    Receipt,
    TextInput,
    Tick,
    TimeInput,
    Unanswered,
    Words,
)

BUTTONS = (
    Button(action="case.take", label="Take this one", token="t", style="primary"),
    Button(action="case.finish", label="End this one", token="t", style="danger"),
)
ROWS = tuple(HomeRow(text=f"Row {n} of it.", buttons=BUTTONS) for n in range(3))
VIEWS: tuple[Card | Dialog, ...] = (
    Receipt(
        reference="R7K4Q",
        received="10:20",
        sent_to="Dee",
        status="How it stands.",
        advice=("First advice.", "Second advice."),
        contact="Ben, 01632 960104",
        buttons=BUTTONS,
        files=("1 file saved.",),
    ),
    CaseAlert(reference="R7K4Q", reply_by="10:40", then="Ada is next", phone=("Ben, 01632",), buttons=BUTTONS),
    CaseCard(reference="R7K4Q", status="How it stands.", news="What came since.", buttons=BUTTONS),
    Unanswered(reference="R7K4Q", since="10:20", phone=("Ben, 01632 960104",)),
    CaseCard(reference="R7K4Q", status="How it stands.", news="", buttons=BUTTONS, drill=True),
    AccessEnded(reference="R7K4Q", status="Nothing more to do."),
    Digest(rows=ROWS, more="And 2 more.", buttons=(Button(action="home.show", label="Open Staffroom", token="home"),)),
    DutyNote(title="Records", text="Two wait.", lines=("Nothing by itself.",), buttons=BUTTONS[:1]),
    FilesWanted(reference="R7K4Q", files=("2 files saved.",), open=True, buttons=BUTTONS[:1]),
    Notice(title="Not kept", text="Somebody was faster.\nThis is theirs.", kept="What I had typed.", buttons=BUTTONS),
    Home(
        school="Astor Secondary School",
        begun=ROWS[:1],
        waiting=ROWS[1:2],
        mine=ROWS[2:],
        reached=(HomeRow(text="Where it writes.", buttons=BUTTONS),),
        contact="Ben, 01632 960104",
        explains=EXPLAINS,
        drills=(HomeRow(text="The last drill.", buttons=BUTTONS),),
    ),
    CaseDetail(
        reference="R7K4Q",
        title="A child told me",
        status="Ada has it.",
        facts=(("Reported by", "Tess Turner"), ("Concerns", "A parent")),
        quotes=(Quote(label="What was seen", text="Every word of it."),),
        asks=("Is the child safe?", "Do the parents know?"),
        chronology=(Line(when="10:20 today", who="Ada", what="added a line", text="This line."),),
        buttons=BUTTONS,
        files=("1. a.png: saved, 2 KB",),
        link=Link("See it all", "https://staffroom.school.example/evidence/x"),
    ),
    Form(
        id="f",
        title="A form",
        submit="Send it",
        token="t",
        parts=(
            Words(text="Read this first."),
            Words(text="And this in a hurry.", style="warning"),
            Quote(label="They wrote", text="Their words."),
            Choice(id="a", label="Which one?", hint="Only one.", options=(Option("x", "Ex"), Option("y", "Why"))),
            PersonPicker(id="b", label="Who is it?", hint="By name."),
            TextInput(id="c", label="What else?", hint="A few words.", value="As typed."),
            DateInput(id="d", label="Which day?", value="2026-11-20"),
            TimeInput(id="e", label="What time?", value="10:20"),
            FilePicker(id="f", label="Screenshots", kept="2 files attached already."),
            Tick(id="g", label="Keep my name back"),
            Buttons(BUTTONS),
        ),
        errors={"a": "Choose one first.", "": "Something else is wrong."},
    ),
)
NOT_READ = {"id", "token", "action", "style", "value", "urgent", "url", "open", "most"}


def said(view: Any) -> Iterator[str]:
    """Every text that the view gives a person to read."""
    if isinstance(view, str):
        yield from (line for line in view.split("\n") if line)
    elif isinstance(view, dict):
        yield from view.values()
    elif isinstance(view, tuple):
        for each in view:
            yield from said(each)
    elif dataclasses.is_dataclass(view):
        for part in dataclasses.fields(view):
            if part.name not in NOT_READ or isinstance(getattr(view, part.name), tuple):
                yield from said(getattr(view, part.name))


def on_teams(view: Any) -> str:
    if type(view) in teams.CARDS:
        return teams_reading.visible_text(Surface(card=teams.CARDS[type(view)](view).card))
    window = teams.DIALOGS[type(view)](view)
    return f"{window.title}\n{teams_reading.visible_text(Surface(card=window.card))}"


def on_slack(view: Any) -> str:
    seen: slack_screen.Message | slack_screen.View
    if type(view) in slack.CARDS:
        message = slack.CARDS[type(view)](view)
        seen = slack_screen.Message(blocks=message.blocks, text=message.text)
    else:
        modal = slack.DIALOGS[type(view)](view)
        seen = slack_screen.View(blocks=modal["blocks"], raw=modal)
    seen.name_everything("x")
    return slack_reading.visible_text(seen)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: type(view).__name__)
def test_all_of_it_is_read_on_both(view: Card | Dialog) -> None:
    texts = list(said(view))
    assert texts
    assert [text for text in texts if text not in on_teams(view)] == []
    assert [text for text in texts if text not in on_slack(view)] == []


def test_every_view_is_compared() -> None:
    assert {type(view) for view in VIEWS} == {*teams.CARDS, *teams.DIALOGS} == {*slack.CARDS, *slack.DIALOGS}
