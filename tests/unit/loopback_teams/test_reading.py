"""What a human reads, and what Teams would bring to life."""

from __future__ import annotations

import pytest

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client
from tests.unit.loopback_teams.making import ask, card, choose, execute, message, submit, words

MENTION = {"type": "mention", "text": "<at>Tess</at>", "mentioned": {"id": "29:1", "name": "Tess"}}


def test_all_that_is_read() -> None:
    teams = LoopbackTeams()
    inner = {"type": "Action.ShowCard", "title": "More", "card": card(words("Inside"))}
    shown = card(
        words("A **new** [report](https://astor.example)"),
        {"type": "RichTextBlock", "inlines": ["as ", {"type": "TextRun", "text": "_written_"}]},
        {"type": "FactSet", "facts": [{"title": "Who", "value": r"Tess \*Teacher\*"}]},
        {"type": "Image", "url": "https://astor.example/x.png", "altText": "a cat"},
        words("not yet", isVisible=False),
        ask("Text", "why", label="Why?", placeholder="in a word", isRequired=True, errorMessage="Say"),
        choose("who", "tess", "sam", label="Who", value="sam"),
        ask("Toggle", "sure", title="I am sure", value="true"),
        actions=[execute("Approve", "go"), submit("Later"), inner],
    )
    assert teams.visible_text(shown).splitlines() == [
        "A new report",
        "as _written_",
        "Who: Tess *Teacher*",
        "(a cat)",
        "Why? *: (in a word)",
        "Who: Sam",
        "  ( ) Tess",
        "  (x) Sam",
        "(x) I am sure",
        "[Approve]",
        "[Later]",
        "[More]",
        "Inside",
    ]


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("[here](https://a.example)", ["[here](https://a.example)"]),
        ("[a](https://a.example/(x)) b", ["[a](https://a.example/(x))"]),
        ("see https://a.example/x now", ["https://a.example/x"]),
        ("www.a.example", ["www.a.example"]),
        (r"\[here\](https\://a.example)", []),
        ("<at>Tess</at> and <at>Sam</at>", ["<at>Tess</at>"]),
        ("mail@a.example", []),
    ],
)
def test_links_and_mentions(text: str, live: list[str]) -> None:
    assert LoopbackTeams().links(card(words(text), msteams={"entities": [MENTION]})) == live


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("**bold** and __bold__", ["**bold**", "__bold__"]),
        ("_it_ and *it*", ["_it_", "*it*"]),
        ("snake_case_name 2*3*4", []),
        (r"\*\*not\*\* \_it\_", []),
        ("- item", ["- item"]),
        ("1. first", ["1. first"]),
        (r"1\. first", []),
        ("# Title", ["# Title"]),
    ],
)
def test_markup(text: str, rendered: list[str]) -> None:
    assert LoopbackTeams().markup(card(words(text))) == rendered


async def test_the_words_of_a_message(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    text = "**Hi** <at>Tess</at> &amp; [x](https://a.example)"
    await client.send(tess.conversation_id, message(text=text) | {"entities": [MENTION]})
    assert teams.visible_text(tess.last_message) == "Hi Tess & x"
    assert teams.links(tess.last_message) == ["[x](https://a.example)", "<at>Tess</at>"]
    await client.send(tess.conversation_id, message(text=text) | {"textFormat": "plain"})
    assert teams.visible_text(tess.last_message) == text
    assert teams.markup(tess.last_message) == []
    assert teams.links(tess.last_message) == ["[x](https://a.example)"]
