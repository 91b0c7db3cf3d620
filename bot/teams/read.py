"""What people filled in and pressed. Anything that is not shaped as Teams documents it counts as unanswered."""

from __future__ import annotations

from dataclasses import dataclass

from bot.payload import number, part, text
from bot.teams.connector import Place
from bot.teams.payload import Activity
from bot.teams.render import UNTICKED, Json
from handlers.commands import Answer, Answers
from storage.messages import MessageRef

PLATFORM = "teams"
EXECUTE = "adaptiveCard/action"
_OURS = frozenset({"action", "form", "token", "kinds", "page", "msteams"})
MOST_FIELDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A pressed button: which action, what it carries, the card it stands on, what is filled in.

    `form` instead of `action` says that a form was sent.
    """

    action: str
    form: str
    token: str
    page: int
    answers: Answers
    seen_on: MessageRef | None


def read_click(activity: Activity) -> Click:
    """The click in an invoke that carries a button's data."""
    # Action.Execute wraps what its button carries once more.
    pressed = part(activity.value, "action") if activity.name == EXECUTE else activity.value
    data = part(pressed, "data")
    return Click(
        action=text(data, "action"),
        form=text(data, "form"),
        token=text(data, "token"),
        page=number(data, "page"),
        answers=read_answers(data),
        seen_on=_message(activity),
    )


def read_answers(data: Json) -> Answers:
    """The answers in a button's data, by the id of their field; `kinds` says which are people or ticks."""
    kinds = part(data, "kinds")
    fields = [name for name in data if name not in _OURS]
    answers: dict[str, Answer] = {}
    for name in dict.fromkeys([*fields, *kinds]):
        if len(answers) < MOST_FIELDS and name not in _OURS:
            answers[name] = _answer(text(data, name), kinds.get(name))
    return answers


def _answer(given: str, kind: object) -> Answer:
    if kind == "people":
        return tuple(dict.fromkeys(one for one in given.split(",") if one))
    if kind == "tick":
        return "yes" if given == "yes" else None
    return given if given and given != UNTICKED else None


def _message(activity: Activity) -> MessageRef | None:
    # A card that was carried elsewhere is not the one that follows the record.
    if activity.name not in {"task/fetch", EXECUTE} or not activity.in_own_chat or not activity.message:
        return None
    place = Place.of(activity.service_url, activity.conversation)
    return MessageRef(platform=PLATFORM, conversation=str(place), message=activity.message)
