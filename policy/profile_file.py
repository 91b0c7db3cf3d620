"""Reads a school's profile from TOML and says everything that is wrong with it at once.

Each problem is one line: `file:line: key: what is wrong; what was expected`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from policy.errors import ProfileError
from policy.people import Duty
from policy.processes import PROCESSES
from policy.profile import Profile
from policy.reports import Level
from policy.toml_lines import Location, find_lines, line_of

WAIT = 'a wait such as "10m", "2h" or "1d", or a time on school days such as "15:30", in quotes'
NEEDS_ANOTHER = (Duty.HEADTEACHER, Duty.DSL)
"""Duties for which a profile must say who is asked when the report is about their holder."""

Problem = tuple[Location, str]


def parse_profile(text: str, name: str) -> Profile:
    """The profile that the TOML text describes. `name` is the file's name, for messages.

    Raises:
        ProfileError: it is not valid; every problem, one a line, with file, line, key and what was expected.
    """
    # Windows editors put a byte order mark in front; TOML does not know it.
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(_syntax(error, text, name)) from None
    except RecursionError:
        raise ProfileError(f"{name}:1: brackets inside brackets, too deep; expected lists and tables") from None
    problems: list[Problem] = []
    profile: Profile | None = None
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        problems += _told(error.errors(include_url=False))
    problems += _missing_tables(data)
    if profile is not None:
        problems += _contradictions(profile)
    if profile is None or problems:
        lines = find_lines(text.replace("\r\n", "\n"))
        placed = sorted({(line_of(location, lines), _dotted(location), what) for location, what in problems})
        raise ProfileError("\n".join(f"{name}:{line}: {key}: {what}" for line, key, what in placed))
    return profile


def nearest(word: str, known: Iterable[str]) -> str:
    """In brackets, the known word that is most like the word, as a question; nothing where none is like it."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1)
    return f' (did you mean "{found[0]}"?)' if found else ""


def _syntax(error: tomllib.TOMLDecodeError, text: str, name: str) -> str:
    said = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    line = int(place[1]) if place else text.count("\n") + 1
    reason = re.sub(r" \(at .*\)$", "", said)
    column = f"column {place[2]}" if place else "the end"
    return f'{name}:{line}: {column}: not TOML: {reason}; expected lines such as: key = "value"'


def _dotted(location: Location) -> str:
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]+", part) is not None
            text += ("." if text else "") + (part if plain else _shown(part))
    return text or "the profile"


def _told(errors: list[ErrorDetails]) -> list[Problem]:
    """pydantic's errors in words of ours. One choice among several types gives several errors: told once."""
    problems: list[Problem] = []
    for error in errors:
        kind, location = error["type"], error["loc"]
        choices = list(_choices(error))
        if kind == "literal_error":
            # The other half of the choice, the duties, tells it for both.
            continue
        if isinstance(location[-1] if location else 0, str) and str(location[-1]).startswith("str-enum["):
            location, choices = location[:-1], ["recipients", "cover", *choices]
        if location and location[-1] == "[key]":
            location = location[:-1]
        if kind == "too_short" and error["input"]:
            # What stands in it is wrong, and told by itself.
            continue
        if kind == "value_error" and not location:
            # Told by `_missing_tables`, each with its own line.
            continue
        problems.append((location, _words(error, location, choices)))
    return problems


def _words(error: ErrorDetails, location: Location, choices: list[str]) -> str:
    kind, given = error["type"], error["input"]
    if location and location[-1] in {"wait", "repeat"} and kind != "missing":
        return f"{_shown(given)} is no wait; expected {WAIT}"
    if kind == "missing":
        return f"missing; {_expected(location)}"
    if kind == "extra_forbidden":
        known = _keys_beside(location)
        return f"unknown key{nearest(str(location[-1]), known)}; known here: {', '.join(known)}"
    if kind == "enum":
        near = nearest(given, choices) if isinstance(given, str) else ""
        return f"{_shown(given)} is not known{near}; expected one of: {', '.join(choices)}"
    if kind == "value_error":
        return f"{_shown(given)} cannot be taken; expected {error['ctx']['error']}"
    if say := _WORDS.get(kind):
        return say(error)
    if kind.startswith("date"):
        return f"{_shown(given)} is no date; expected one such as 2026-09-01"
    return f"{_shown(given)} cannot be taken; {error['msg'][:1].lower()}{error['msg'][1:]}"


_WORDS: Mapping[str, Callable[[ErrorDetails], str]] = {
    "too_short": lambda _error: "an empty list; expected at least one",
    "too_long": lambda error: f"{error['ctx']['actual_length']} in the list; expected {error['ctx']['max_length']}",
    "string_too_short": lambda _error: "empty; expected some text",
    "string_too_long": lambda error: f"too long; expected at most {error['ctx']['max_length']} characters",
    "string_type": lambda error: f'{_shown(error["input"])} is not text; expected it in quotes, such as "5.14"',
    "bool_parsing": lambda error: f"{_shown(error['input'])} is neither; expected true or false",
    "bool_type": lambda error: f"{_shown(error['input'])} is neither; expected true or false",
    "tuple_type": lambda error: f'{_shown(error["input"])} is not a list; expected one such as ["headteacher"]',
    "dict_type": lambda error: f"{_shown(error['input'])} is not a table; expected keys of its own",
    "model_type": lambda error: f"{_shown(error['input'])} is not a table; expected keys of its own",
}


def _shown(given: object) -> str:
    """What stands in the file, short, as the administrator would look for it."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        line = " ".join(given.split())
        return f'"{line}"' if len(line) <= 60 else f'"{line[:60]}…"'
    if isinstance(given, dict):
        return "this table"
    if isinstance(given, list):
        return "this list"
    return str(given)


def _choices(error: ErrorDetails) -> list[str]:
    return re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))


def _table_around(location: Location) -> type[BaseModel] | None:
    """The model of the table in which the last part of the location stands."""
    here: Any = Profile
    for part in location[:-1]:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field is not None else None
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif get_origin(here) is tuple:
            here = get_args(here)[0]
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _keys_beside(location: Location) -> list[str]:
    table = _table_around(location)
    return sorted(table.model_fields) if table is not None else []


def _expected(location: Location) -> str:
    """What a missing key would have said."""
    if len(location) == 4 and location[:2] == ("calendar", "terms"):
        return "expected the first and the last day of the term, such as [2026-09-01, 2026-12-18]"
    table = _table_around(location)
    if table is None or not location:
        return "expected it"
    annotation: Any = table.model_fields[str(location[-1])].annotation
    is_table = get_origin(annotation) is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel))
    return f"expected a table [{_dotted(location)}]" if is_table else f"expected {location[-1]} = …"


def _missing_tables(data: Mapping[str, Any]) -> list[Problem]:
    """Processes without a route and levels without a chain: each would leave reports with nobody."""
    problems: list[Problem] = []
    for key, wanted, why in (
        ("routes", sorted(PROCESSES), "reports of it would go to nobody"),
        ("escalation", sorted(Level), "nobody would be asked again"),
    ):
        table = data.get(key)
        if not isinstance(table, dict):
            continue
        problems += [
            ((key, one.value), f"missing, so {why}; expected a table [{key}.{one.value}]")
            for one in wanted
            if one.value not in table
        ]
    return problems


def _contradictions(profile: Profile) -> list[Problem]:
    """What every key allows by itself and the whole does not."""
    problems: list[Problem] = []
    for duty in NEEDS_ANOTHER:
        if duty not in profile.if_concerned:
            location = ("if_concerned", duty.value)
            problems.append((location, f"missing; expected who is asked when the report is about {duty.label}"))
    for key, table in (("cover", profile.cover), ("if_concerned", profile.if_concerned)):
        for duty, others in table.items():
            if duty in others:
                problems.append(((key, duty.value), f"{duty.value} stands in for itself; expected other duties"))
            if not others:
                problems.append(((key, duty.value), "an empty list; expected at least one duty"))
    for process, route in profile.routes.items():
        problems += [
            (("routes", process.value, "never"), f'"{duty}" also stands in "to"; expected one or the other')
            for duty in route.never
            if duty in route.to
        ]
    terms = profile.calendar.terms
    for index, (first, last) in enumerate(terms):
        if last < first:
            problems.append((("calendar", "terms", index), f"{last} is before {first}; expected the first day first"))
        problems += [
            (("calendar", "terms", index), f"overlaps the term from {other}; expected terms one after the other")
            for other, end in terms[:index]
            if _overlap((first, last), (other, end))
        ]
    return problems


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
