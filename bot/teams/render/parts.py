"""The parts of a form as Adaptive Card inputs. An input's id is the field's; what it is called stands in `KINDS`.

No input is marked as required: Teams would then refuse *Back* as well as *Send* until all is filled in. What is
missing the handlers say, above the field that lacks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.teams.render.elements import LABEL, Tone, actions, close, rows, said, submit, typed_in, wrong
from bot.teams.render.text import Json, clip, fitting, sendable, words
from bot.teams.words import REFRESH, REFRESHES
from handlers.views import (
    Buttons,
    Choice,
    DateInput,
    FilePicker,
    Form,
    Option,
    Part,
    PersonPicker,
    Quote,
    TextInput,
    Tick,
    TimeInput,
    Words,
)

LONG, SHORT = 4500, 1000
"""Characters that a field of many lines and of one line takes: the form can be drawn again with all of them."""
WIDEST = 4
"""Bytes of a character in a card, at the most; control characters apart."""
RADIO_BUTTONS = 10
OPTIONS = 100
PEOPLE = "people"
"""The data set that pickers ask for (`application/search`)."""
TICKED, UNTICKED = "yes", "staffroom:unticked"
"""What a box sends; Teams takes an empty value for "false"."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

KINDS: Mapping[type[Part], str] = MappingProxyType({PersonPicker: "people", Tick: "tick", FilePicker: "tick"})
"""Fields that send something other than text: the form carries the kind of each, and `read` goes by it."""
STYLES: dict[str, Tone] = {"plain": "plain", "warning": "warning", "small": "subtle"}

PartRenderer = Callable[[Any, Form, int], list[Json]]


def kinds(view: Form) -> dict[str, str]:
    """The kind of each field of the form that does not send plain text."""
    return {part.id: KINDS[type(part)] for part in view.parts if isinstance(part, PersonPicker | Tick | FilePicker)}


def choices(options: Sequence[Option]) -> list[Json]:
    """Options as an input takes them; each value once."""
    once = {item.value: item for item in options[:OPTIONS]}
    return [{"title": words(item.label.replace("\n", " ")), "value": value} for value, item in once.items()]


def _input(kind: str, part: Any, view: Form, *, optional: bool, hint: str = "", **more: object) -> list[Json]:
    label = words(part.label) + (" (optional)" if optional else "")
    element: Json = {"type": kind, "id": part.id, "label": clip(label, LABEL), **more}
    field = [element, *([close(said(hint, "subtle"))] if hint else [])]
    error = view.errors.get(part.id)
    return wrong(error, field) if error else field


def _words(part: Words, _view: Form, _room: int) -> list[Json]:
    pieces = [piece for piece in part.text.split("\n") if piece.strip()] or [""]
    first, *more = [said(piece, STYLES[part.style]) for piece in pieces]
    return [first, *map(close, more)]


def _quote(part: Quote, _view: Form, room: int) -> list[Json]:
    return typed_in(part.label, part.text, room)


def _choice(part: Choice, view: Form, _room: int) -> list[Json]:
    offered = choices(part.options)
    few = len(offered) <= RADIO_BUTTONS
    chosen = {"value": part.value} if part.value in {item["value"] for item in offered} else {}
    return _input(
        "Input.ChoiceSet",
        part,
        view,
        optional=not part.required,
        hint=part.hint,
        style="expanded" if few else "compact",
        wrap=True,
        choices=offered,
        **chosen,
    )


def _person_picker(part: PersonPicker, view: Form, _room: int) -> list[Json]:
    picked = choices(part.value if part.many else part.value[:1])
    chosen = {"value": ",".join(item["value"] for item in picked)} if picked else {}
    query = {"choices.data": {"type": "Data.Query", "dataset": PEOPLE}}
    shown = _input(
        "Input.ChoiceSet",
        part,
        view,
        optional=not part.required,
        hint=part.hint,
        style="filtered",
        isMultiSelect=part.many,
        placeholder="Type a name",
        choices=picked,
        **query,
        **chosen,
    )
    if part.action is not None:
        # Nothing in a dialog tells of a change: the person asks for the form again.
        again = submit(REFRESHES.get(part.action, REFRESH), {"action": part.action, **carried(view)})
        shown += map(close, rows([again]))
    return shown


def carried(view: Form) -> Json:
    """What every button of a form carries, so that the answers can be read."""
    return {"token": view.token, "kinds": kinds(view)}


def _text_input(part: TextInput, view: Form, _room: int) -> list[Json]:
    most = LONG if part.multiline else SHORT
    text = sendable(part.value)[:most]
    # In any script all of it fits; only thousands of control characters do not, and a form must open.
    filled = {"value": text[: fitting(text, most * WIDEST)]} if text else {}
    return _input(
        "Input.Text",
        part,
        view,
        optional=not part.required,
        hint=part.hint,
        isMultiline=part.multiline,
        maxLength=most,
        **filled,
    )


def _date_input(part: DateInput, view: Form, _room: int) -> list[Json]:
    filled = {"value": part.value} if _is_date(part.value) else {}
    return _input("Input.Date", part, view, optional=not part.required, **filled)


def _time_input(part: TimeInput, view: Form, _room: int) -> list[Json]:
    filled = {"value": part.value} if _CLOCK.fullmatch(part.value) else {}
    return _input("Input.Time", part, view, optional=not part.required, **filled)


def _tick(part: Tick, view: Form, _room: int) -> list[Json]:
    error = view.errors.get(part.id)
    # Teams reads Markdown in a box's title: it is our own words, and nobody's name.
    box = {
        "type": "Input.Toggle",
        "id": part.id,
        "title": words(part.label),
        "valueOn": TICKED,
        "valueOff": UNTICKED,
        "value": TICKED if part.value else UNTICKED,
        "wrap": True,
    }
    return wrong(error, [box]) if error else [box]


def _file_picker(part: FilePicker, view: Form, room: int) -> list[Json]:
    # A dialog of Teams takes no files: whoever ticks this is asked for them in their own chat.
    label = f"{part.label}: ask me for them in this chat, once this is sent"
    box = _tick(Tick(id=part.id, label=label), view, room)
    below = [close(said(text, "subtle")) for text in (part.hint, part.kept) if text]
    return [*box, *below]


def _buttons(part: Buttons, view: Form, _room: int) -> list[Json]:
    shown = actions(part.buttons)
    for row in shown:
        for action in row["actions"]:
            action["data"]["kinds"] = kinds(view)
    return shown


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
"""A renderer for every part of a form: of the part, its form and the bytes that are left in it."""
