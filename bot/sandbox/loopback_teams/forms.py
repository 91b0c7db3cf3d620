"""Filling in the inputs of a card and pressing its buttons, up to what the client would send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.filling import fill, required_but_empty, sent
from bot.sandbox.loopback_teams.parts import ClientRefuses
from bot.sandbox.loopback_teams.screen import Surface
from bot.sandbox.loopback_teams.walking import Place


def type_in(surface: Surface, values: Mapping[str, object], *, force: bool = False) -> None:
    """Put values into inputs, by id or by label. Raises AssertionError for an input that is not there."""
    inputs = surface.inputs()
    labels = {str(element.get("label") or element.get("title")): name for name, element in inputs.items()}
    for given, value in values.items():
        name = given if given in inputs else labels.get(given, given)
        if name not in inputs:
            if not force:
                raise AssertionError(f"there is no input {given!r} here, only {sorted(inputs)}")
            surface.entered[name] = str(value)
            continue
        surface.entered[name] = fill(inputs[name], value, surface.offered.get(name, []), force=force)


def gather(surface: Surface, place: Place, *, keep_empty: bool, force: bool = False) -> Json:
    """The values that pressing an action sends. Raises ClientRefuses while a required input is empty."""
    if str(place.thing.get("associatedInputs", "auto")).lower() == "none":
        return {}
    inputs = surface.inputs(place.cards)
    if not force:
        missing = [
            str(element.get("errorMessage") or element.get("label") or name)
            for name, element in inputs.items()
            if required_but_empty(element, surface.value(element))
        ]
        if missing:
            raise ClientRefuses(f"please complete: {missing}")
    values = {name: sent(element, surface.value(element)) for name, element in inputs.items()}
    if force:
        values |= {name: value for name, value in surface.entered.items() if name not in inputs}
    return {name: value for name, value in values.items() if keep_empty or value != ""}


def data_of(place: Place, values: Json, forged: Any = None) -> Any:
    """What the bot is told: the action's data (or a forger's) and the inputs, which win over it."""
    data = place.thing.get("data", {}) if forged is None else forged
    if not isinstance(data, dict):
        return values or data
    return {**data, **values}


def toggle(surface: Surface, place: Place) -> None:
    """Press Action.ToggleVisibility."""
    for target in place.thing.get("targetElements") or []:
        name = target if isinstance(target, str) else str(target.get("elementId"))
        shown = next((p.shown for p in surface.places() if p.thing.get("id") == name), True)
        wanted = target.get("isVisible") if isinstance(target, dict) else None
        surface.toggled[name] = (not shown) if wanted is None else bool(wanted)


def submit_action(surface: Surface, action: str | None) -> Place:
    """The Action.Submit with this title or id; the only one (or the first) for None."""
    if action is not None:
        return surface.find(action)
    for place in surface.places():
        if place.is_action and place.shown and place.thing.get("type") == "Action.Submit":
            return place
    raise ClientRefuses("there is no button to submit with")
