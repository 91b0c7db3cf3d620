"""What the inputs of a card hold, and what a Teams client lets a person put into them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any, Final

from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.parts import ClientRefuses, Option

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def initial(element: Json) -> str:
    """What an untouched input holds."""
    if element["type"] == "Input.Toggle":
        return str(element.get("value", element.get("valueOff", "false")))
    return str(element.get("value", ""))


def choices(element: Json, offered: Iterable[Json] = ()) -> list[Option]:
    """The choices of an Input.ChoiceSet, with those which a typeahead search has offered."""
    return [Option.of(raw) for raw in [*(element.get("choices") or []), *offered]]


def sent(element: Json, value: str) -> Any:
    """The value as the client sends it: everything is a string but a number."""
    if element["type"] == "Input.Number" and _NUMBER.fullmatch(value):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value


def fill(element: Json, value: object, offered: Iterable[Json], *, force: bool) -> str:
    """What an input holds after a person has put `value` into it.

    Choices go by their value or by the words on them, several as a list; dates and times as `YYYY-MM-DD` and
    `HH:MM` or as `datetime` objects; a toggle as a bool. With `force` nothing is refused: a forged request.

    Raises ClientRefuses when a Teams client would not offer or accept the value.
    """
    kind = element["type"]
    if kind == "Input.Toggle" and isinstance(value, bool):
        return str(element.get("valueOn", "true") if value else element.get("valueOff", "false"))
    if isinstance(value, time):
        value = value.strftime("%H:%M")
    elif isinstance(value, date):
        value = value.isoformat()
    if kind == "Input.ChoiceSet":
        return _choice(element, value, offered, force)
    text = "" if value is None else str(value)
    if text and not force:
        _accept(element, text)
    return text


def _choice(element: Json, value: object, offered: Iterable[Json], force: bool) -> str:
    if value is None or value in ("", []):
        return ""
    wanted = [*value] if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if len(wanted) > 1 and not element.get("isMultiSelect") and not force:
        raise ClientRefuses(f"only one of {element['id']} can be chosen")
    options = choices(element, offered)
    return ",".join(_one(element, each, options, force) for each in wanted)


def _one(element: Json, value: object, options: list[Option], force: bool) -> str:
    wanted = value.value if isinstance(value, Option) else str(value)
    for option in options:
        if wanted == option.value:
            return option.value
    for option in options:
        if wanted == option.label:
            return option.value
    if force:
        return wanted
    advice = "; call search() first" if "choices.data" in element else ""
    there = [option.value for option in options]
    raise ClientRefuses(f"{element['id']} does not offer {wanted!r}, only {there}{advice}")


def _accept(element: Json, value: str) -> None:
    """Refuse what the client does not let a person type, or shows in red before anything is sent."""
    kind, name = element["type"], element["id"]
    if kind == "Input.Text":
        most = element.get("maxLength")
        if most is not None and len(value) > most:
            raise ClientRefuses(f"{name} takes {most} characters, not {len(value)}")
        if element.get("regex") and not re.search(element["regex"], value):
            raise ClientRefuses(f"{name}: {element.get('errorMessage', 'does not match')}")
        if not element.get("isMultiline") and "\n" in value:
            raise ClientRefuses(f"{name} has one line only")
    elif kind == "Input.Number":
        if not _NUMBER.fullmatch(value):
            raise ClientRefuses(f"{name} takes a number, not {value!r}")
        if not float(element.get("min", "-inf")) <= float(value) <= float(element.get("max", "inf")):
            raise ClientRefuses(f"{name} takes {element.get('min')} to {element.get('max')}, not {value}")
    elif kind == "Input.Date":
        _day(name, value)
        _between(element, name, value)
    elif kind == "Input.Time":
        if not _TIME.fullmatch(value):
            raise ClientRefuses(f"{name} takes HH:MM, not {value!r}")
        _between(element, name, value)
    elif kind == "Input.Toggle" and value not in (element.get("valueOn", "true"), element.get("valueOff", "false")):
        raise ClientRefuses(f"{name} is on or off, not {value!r}")


def _day(name: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise ClientRefuses(f"{name} has no such day: {value}") from error


def _between(element: Json, name: str, value: str) -> None:
    # ISO dates and times sort as text.
    if not element.get("min", value) <= value <= element.get("max", value):
        raise ClientRefuses(f"{name} takes {element.get('min', '')} to {element.get('max', '')}, not {value}")


def required_but_empty(element: Json, value: str) -> bool:
    """Whether the client would not send yet; a required toggle must be on."""
    if not element.get("isRequired"):
        return False
    if element["type"] == "Input.Toggle":
        return value != str(element.get("valueOn", "true"))
    return not value.strip()
