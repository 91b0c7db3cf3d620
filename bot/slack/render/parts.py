"""The parts of a form as Block Kit. The block's id is the field's: errors and typed text are kept by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.slack.render.blocks import (
    LABEL,
    TEXT,
    Names,
    Room,
    actions,
    context,
    option,
    plain,
    section,
    typed,
    warning,
)
from bot.slack.render.text import Json, chunks, cut, sendable, words
from handlers.views import (
    Buttons,
    Choice,
    DateInput,
    FilePicker,
    Part,
    PersonPicker,
    Quote,
    TextInput,
    Tick,
    TimeInput,
    Words,
)

RADIO_BUTTONS = 10
OPTIONS = 100
FILES = 10
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

PartRenderer = Callable[[Any, Names, Room], list[Json]]


def _input(part: Any, element: Json, *, required: bool, hint: str = "", dispatch: bool = False) -> list[Json]:
    block: Json = {
        "type": "input",
        "block_id": part.id,
        "label": plain(part.label, LABEL),
        "element": element,
        "optional": not required,
    }
    if hint:
        block["hint"] = plain(hint, LABEL)
    if dispatch:
        block["dispatch_action"] = True
    return [block]


def _words(part: Words, _names: Names, _room: Room) -> list[Json]:
    show = {"warning": warning, "small": context, "plain": section}[part.style]
    return [show(piece) for piece in chunks(words(part.text), TEXT - 10)]


def _quote(part: Quote, _names: Names, room: Room) -> list[Json]:
    # `typed` takes its blocks off the room; whoever asked for the part does so as well.
    return typed(part.label, part.text, Room(room.blocks, room.size))


def _choice(part: Choice, names: Names, _room: Room) -> list[Json]:
    offered = {item.value: option(item.value, item.label) for item in part.options[:OPTIONS]}
    few = len(offered) <= RADIO_BUTTONS
    element: Json = {
        "type": "radio_buttons" if few else "static_select",
        "action_id": names.of_input(part.id),
        "options": list(offered.values()),
    }
    if part.value in offered:
        element["initial_option"] = offered[part.value]
    return _input(part, element, required=part.required, hint=part.hint)


def _person_picker(part: PersonPicker, names: Names, _room: Room) -> list[Json]:
    element: Json = {
        "type": "multi_external_select" if part.many else "external_select",
        "action_id": names.of_input(part.action or part.id),
        "min_query_length": 0,
        "placeholder": plain("Type a name"),
    }
    picked = [option(item.value, item.label) for item in part.value[:OPTIONS]]
    if picked and part.many:
        element["initial_options"] = picked
    elif picked:
        element["initial_option"] = picked[0]
    return _input(part, element, required=part.required, hint=part.hint, dispatch=part.action is not None)


def _text_input(part: TextInput, names: Names, _room: Room) -> list[Json]:
    element: Json = {
        "type": "plain_text_input",
        "action_id": names.of_input(part.id),
        "multiline": part.multiline,
        "max_length": TEXT,
    }
    if part.value:
        # Whoever builds the form splits what is longer; a form that does not open would lose all of it.
        element["initial_value"] = cut(sendable(part.value), TEXT)
    return _input(part, element, required=part.required, hint=part.hint)


def _date_input(part: DateInput, names: Names, _room: Room) -> list[Json]:
    element: Json = {"type": "datepicker", "action_id": names.of_input(part.id)}
    if _is_date(part.value):
        element["initial_date"] = part.value
    return _input(part, element, required=part.required)


def _time_input(part: TimeInput, names: Names, _room: Room) -> list[Json]:
    element: Json = {"type": "timepicker", "action_id": names.of_input(part.id), "timezone": "Europe/London"}
    if _CLOCK.fullmatch(part.value):
        element["initial_time"] = part.value
    return _input(part, element, required=part.required)


def _tick(part: Tick, names: Names, _room: Room) -> list[Json]:
    yes = option("yes", "Yes")
    element: Json = {"type": "checkboxes", "action_id": names.of_input(part.id), "options": [yes]}
    if part.value:
        element["initial_options"] = [yes]
    return _input(part, element, required=False)


def _file_picker(part: FilePicker, names: Names, _room: Room) -> list[Json]:
    element: Json = {
        "type": "file_input",
        "action_id": names.of_input(part.id),
        "max_files": max(1, min(part.most, FILES)),
    }
    block = _input(part, element, required=False, hint=part.hint)
    return [*([context(part.kept)] if part.kept else []), *block]


def _buttons(part: Buttons, names: Names, _room: Room) -> list[Json]:
    return actions(part.buttons, names)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


PARTS: Mapping[type[Part], PartRenderer] = MappingProxyType(
    {
        Words: _words,
        Quote: _quote,
        Choice: _choice,
        PersonPicker: _person_picker,
        TextInput: _text_input,
        DateInput: _date_input,
        TimeInput: _time_input,
        FilePicker: _file_picker,
        Tick: _tick,
        Buttons: _buttons,
    }
)
"""A renderer for every part of a form: of the part, the names of the view and the room that is left in it."""
