"""Every view, as it goes to Teams, is valid by the schemas that Microsoft has published."""

from __future__ import annotations

import copy
import json
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.teams.render import PEOPLE, Json
from tests.cards.gallery import Shown
from tests.cards.outside import NotHere, card_schema, manifest_schema
from tests.unit.cli.test_commands import staffroom

QUERY = {"type": "Data.Query", "dataset": PEOPLE}
"""How Teams offers people as a name is typed: it takes this, and the style "filtered", in cards of any version; the
schema has both from 1.6 on only (learn.microsoft.com, "Typeahead search in Adaptive Cards")."""


def problems(card: Json) -> list[str]:
    """What the schema says against the card, apart from what Teams adds to it."""
    try:
        published = jsonschema.Draft6Validator(card_schema())
    except NotHere as error:
        pytest.skip(str(error))
    bare = copy.deepcopy(card)
    _without_queries(bare)
    return [error.message[:300] for error in published.iter_errors(bare)]


def _without_queries(thing: Any) -> None:
    if isinstance(thing, dict):
        if "choices.data" in thing:
            assert thing["type"] == "Input.ChoiceSet"
            assert thing.pop("choices.data") == QUERY
            assert thing.pop("style") == "filtered"
        for value in thing.values():
            _without_queries(value)
    elif isinstance(thing, list):
        for value in thing:
            _without_queries(value)


def test_every_view_is_valid_by_the_published_schema(shown: list[Shown]) -> None:
    assert {one.name: found for one in shown if (found := problems(one.card))} == {}
    assert {one.card["version"] for one in shown} == {"1.5"}


ACTIONS = {"Action.Submit", "Action.Execute", "Action.OpenUrl"}


def test_everything_that_can_be_shown_is_there(shown: list[Shown]) -> None:
    names = {one.name for one in shown}
    assert len(names) == len(shown) > 60
    kinds = {found for one in shown for found in _kinds(one.card)}
    fields = {"Input.ChoiceSet", "Input.Text", "Input.Date", "Input.Time", "Input.Toggle"}
    assert kinds == {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "ActionSet", *ACTIONS, *fields}


def _kinds(thing: Any) -> set[str]:
    if isinstance(thing, list):
        return set().union(*map(_kinds, thing))
    if not isinstance(thing, dict):
        return set()
    inner = [value for key, value in thing.items() if key not in {"data", "choices.data"}]
    return {str(thing["type"]), *_kinds(inner)} if "type" in thing else _kinds(inner)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "RichTextBlock"},
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "x", "weight": "Boldest"}]},
        {"type": "Input.Text"},
        {"type": "Input.Toggle", "id": "x", "title": "x", "hint": "not one of theirs"},
        {"type": "Badge", "text": "only Teams has it"},
    ],
)
def test_a_card_that_is_not_valid_is_found_out(wrong: Json) -> None:
    assert problems({"type": "AdaptiveCard", "version": "1.5", "body": [wrong]})


def test_the_app_package_is_valid_by_the_published_schema(tmp_path: Path) -> None:
    try:
        schema = manifest_schema()
    except NotHere as error:
        pytest.skip(str(error))
    settings = {
        "STAFFROOM_PROFILE": "astor",
        "STAFFROOM_PUBLIC_URL": "https://staffroom.example",
        "TEAMS_CLIENT_ID": "2f4c3a10-0000-4000-8000-0000000000b0",
        "TEAMS_TENANT_ID": "7c1d9e55-0000-4000-8000-0000000a5702",
        "TEAMS_CLIENT_SECRET": "none",
    }
    done = staffroom(tmp_path, "teams-package", "app.zip", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(tmp_path / "app.zip") as archive:
        ours = json.loads(archive.read("manifest.json"))
    assert ours["developer"]["name"] == "Astor Secondary School"
    check = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert [error.message for error in check.iter_errors(ours)] == []
    assert ours["$schema"] == schema["properties"]["$schema"].get("const", ours["$schema"])
    assert schema["properties"]["manifestVersion"]["const"] == "1.29"
    ours["bots"][0]["commandLists"][0]["commands"][0]["title"] = "x" * 200
    assert list(check.iter_errors(ours))
