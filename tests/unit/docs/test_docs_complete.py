"""What a school can set is documented, or this fails; and what the documents show is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.cli import app
from bot.settings import NAMES, Settings
from policy.people import Duty
from policy.people_file import COLUMNS, parse_people
from policy.processes import PROCESSES
from policy.profile import Profile
from policy.profile_file import parse_profile
from policy.reports import Level

DOCS = Path(__file__).parents[3] / "docs"
PROFILE = (DOCS / "profile.md").read_text(encoding="utf-8")
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")


def sections(text: str) -> list[str]:
    """The page, cut at its second-level headings."""
    return re.split(r"^## ", text, flags=re.MULTILINE)


def rows(text: str) -> dict[str, str]:
    """The rows of the page's tables: what their first cell shows as code, and the rest of the line."""
    found = {}
    for line in text.split("\n"):
        if line.startswith("| `"):
            first, _, rest = line.strip("| ").partition(" | ")
            found.update(dict.fromkeys(re.findall(r"`([^`]+)`", first), rest))
    return found


def fences(text: str, language: str) -> str:
    """Everything that the page shows in this language, put together."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def tables(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model that its keys hold."""
    yield model
    for field in model.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            here = waiting.pop()
            waiting += get_args(here)
            if isinstance(here, type) and issubclass(here, BaseModel):
                yield from tables(here)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name: str) -> None:
    assert name in rows(SETTINGS)


@pytest.mark.parametrize("field", ["database_url", "data_dir", "slack_api_url", "host", "port"])
def test_the_defaults_of_the_settings_are_as_documented(field: str) -> None:
    info = Settings.model_fields[field]
    assert rows(SETTINGS)[str(info.validation_alias)].startswith(f"`{info.default}` |")


def test_no_setting_is_documented_that_there_is_not() -> None:
    assert set(rows(sections(SETTINGS)[0])) == set(NAMES)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_list_of_people_is_documented(column: str) -> None:
    assert column in rows(sections(SETTINGS)[1])


@pytest.mark.parametrize(
    ("table", "key"), sorted({(table.__name__, key) for table in tables(Profile) for key in table.model_fields})
)
def test_every_key_of_a_profile_is_documented(table: str, key: str) -> None:
    has_row = key in rows(PROFILE)
    has_section = re.search(rf"^## .*`\[{key}[].]", PROFILE, re.MULTILINE) is not None
    in_heading = re.search(rf"^## .*`\[{key}\]`", PROFILE, re.MULTILINE) is not None
    assert has_row or has_section or in_heading, f"{key} of {table}"


@pytest.mark.parametrize("duty", list(Duty))
def test_every_duty_is_documented(duty: Duty) -> None:
    assert duty.value in rows(sections(PROFILE)[-1])


@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_every_process_is_documented(process: str) -> None:
    assert process in rows(PROFILE)


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_documented(level: Level) -> None:
    assert f"`{level}`" in PROFILE


def test_the_examples_put_together_are_a_whole_profile() -> None:
    profile = parse_profile(fences(PROFILE, "toml"), "docs/profile.md")
    assert set(profile.routes) == set(PROCESSES)
    assert profile.calendar.terms
    assert profile.contacts


def test_the_example_of_a_list_of_people_is_one() -> None:
    assert len(parse_people(fences(SETTINGS, "csv"), "docs/settings.md")) == 3


COMMANDS = {
    *(one.name or (one.callback.__name__ if one.callback else "") for one in app.registered_commands),
    *(
        f"{group.name} {one.name}"
        for group in app.registered_groups
        if group.typer_instance
        for one in group.typer_instance.registered_commands
    ),
}


@pytest.mark.parametrize(
    "command", ["keys new", "keys rotate", "backup", "restore", "audit verify", "check", "migrate", "drill"]
)
def test_what_an_administrator_does_is_in_the_operations(command: str) -> None:
    assert command in COMMANDS
    assert f"`staffroom {command}" in OPERATIONS


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_no_command_is_documented_that_there_is_not(page: Path) -> None:
    shown = re.findall(r"`staffroom ([a-z][a-z -]*?)(?: [A-Z<-].*?| [a-z]+\.zip)?`", page.read_text(encoding="utf-8"))
    for command in shown:
        assert any(command == one or command.startswith(f"{one} ") for one in COMMANDS), command
