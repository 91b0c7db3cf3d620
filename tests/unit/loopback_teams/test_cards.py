"""What Teams takes as an Adaptive Card, and what not."""

from __future__ import annotations

import pytest

from bot.sandbox.loopback_teams import card_problems
from tests.unit.loopback_teams.making import Json, ask, card, choose, execute, submit, words


def test_a_card_of_everything_is_fine() -> None:
    body = [
        words("Hello", size="Large", weight="Bolder", color="attention"),
        {"type": "RichTextBlock", "inlines": ["plain ", {"type": "TextRun", "text": "run", "italic": True}]},
        {"type": "FactSet", "facts": [{"title": "Who", "value": "Tess"}]},
        {"type": "Container", "style": "emphasis", "items": [{"type": "Image", "url": "https://a.example/x.png"}]},
        {"type": "ColumnSet", "columns": [{"type": "Column", "width": "auto", "items": [words("x")]}, {"width": 1}]},
        {
            "type": "Table",
            "columns": [{"width": 1}, {"width": 2}],
            "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [words("x")]}]}],
        },
        ask("Text", "why", label="Why?", isRequired=True, errorMessage="Say why", maxLength=200, isMultiline=True),
        ask("Number", "many", min=1, max=5, value=3),
        ask("Date", "day"),
        ask("Time", "hour", value="09:00"),
        ask("Toggle", "sure", title="I am sure"),
        choose("who", "tess", "sam", style="expanded", isMultiSelect=True, value="tess,sam"),
        ask("ChoiceSet", "account", **{"choices.data": {"type": "Data.Query", "dataset": "accounts"}}),
        {"type": "ActionSet", "actions": [submit("More")]},
    ]
    actions = [
        execute("Approve", "approve"),
        {"type": "Action.ShowCard", "title": "Why", "card": card(words("So"))},
        {"type": "Action.OpenUrl", "title": "Read", "url": "https://astor.example"},
        {"type": "Action.ToggleVisibility", "title": "Show", "targetElements": ["x"]},
    ]
    refresh = {"action": {"type": "Action.Execute", "verb": "refresh"}, "userIds": ["29:1"]}
    assert card_problems(card(*body, actions=actions, refresh=refresh)) == []


def many(count: int, **more: object) -> list[Json]:
    return [submit(str(number)) | more for number in range(count)]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"type": "AdaptiveCard", "body": []}, "version"),
        (card(version="1.6"), "at most 1.5"),
        ({"type": "HeroCard"}, "AdaptiveCard"),
        ([], "object"),
        (card({"type": "Marquee"}), "unknown element 'Marquee' at /body/0"),
        (card({"type": "TextBlock"}), "needs text"),
        (card(words("x", weight="heavy")), "/body/0/weight"),
        (card(words("x", wrap="yes")), "boolean at /body/0/wrap"),
        (card({"type": "Container", "items": [{"type": "Input.Text"}]}), "needs id (str) at /body/0/items/0"),
        (card(ask("Text", "a"), ask("Date", "a")), "already used at /body/0"),
        (card(ask("Text", "a", isRequired=True)), "errorMessage"),
        (card(ask("Text", "a", label="x"), version="1.2"), "1.3"),
        (card(ask("Text", "a", value=7)), "string at /body/0/value"),
        (card(choose("a", "x", "x")), "same value"),
        (card(choose("a", "x,y", isMultiSelect=True)), "comma"),
        (card(ask("ChoiceSet", "a")), "array at /body/0/choices"),
        (card(ask("ChoiceSet", "a", choices=[{"title": "X"}])), "/choices/0/value"),
        (card(ask("ChoiceSet", "a", **{"choices.data": {"dataset": "x"}})), "Data.Query"),
        (card({"type": "FactSet", "facts": [{"title": "x"}]}), "/facts/0/value"),
        (card({"type": "Table", "columns": [], "rows": []}, version="1.4"), "Table needs version 1.5"),
        (card(actions=many(7)), "7 primary actions"),
        (card({"type": "ActionSet", "actions": many(7)}), "7 primary actions, more than 6 at /body/0/actions"),
        (card(actions=[{"type": "Action.Http", "title": "x"}]), "unknown action"),
        (card(actions=[{"type": "Action.Submit"}]), "/actions/0/title"),
        (card(actions=[submit("x") | {"data": "words"}]), "data must be an object"),
        (card(actions=[{"type": "Action.OpenUrl", "title": "x", "url": "javascript:x"}]), "cannot open"),
        (card(actions=[execute("x", "y")], version="1.3"), "Action.Execute needs version 1.4"),
        (card(words("x"), selectAction=execute("x", "") | {"verb": ""}), "/selectAction/verb"),
        (card(refresh={"action": submit("x")}), "must be an Action.Execute"),
        (
            card(refresh={"action": execute("x", "y"), "userIds": [f"29:{n}" for n in range(61)]}),
            "61 users, more than 60",
        ),
        (card(msteams={"entities": [{"type": "mention", "text": "<at>x</at>"}]}), "mentioned.id"),
        (card(words("x" * 29_000)), "bytes, more than 28672"),
    ],
)
def test_what_teams_refuses(wrong: object, reason: str) -> None:
    problems = card_problems(wrong)
    assert any(reason in problem for problem in problems), problems


def test_secondary_actions_are_not_counted() -> None:
    assert card_problems(card(actions=[*many(6), *many(3, mode="secondary")])) == []


def test_a_dialog_takes_no_execute() -> None:
    content = card(actions=[execute("Go", "go")])
    assert card_problems(content) == []
    assert "Action.Submit" in card_problems(content, in_dialog=True)[0]
