"""Buttons that change the card they stand on: `Action.Execute`.

Teams lets such a button answer with another card or with a line of text, and not with a dialog. So taking a report,
which needs no word more, is one of these: the answer is the card as it stands now, and says who has it. Opening,
passing on, finishing and adding show or ask something that others are not to see: they open a dialog
(`Action.Submit` with `task/fetch`), and the card follows as soon as it is sent.
"""

from __future__ import annotations

from bot.payload import part as of
from bot.payload import parts, text
from bot.teams.payload import Activity
from bot.teams.render import Json

EXECUTED = frozenset({"case.take"})
_ACTIVITY = "application/vnd.microsoft.activity"


def executing(card: Json) -> Json:
    """The card with `Action.Execute` in the place of every button that changes it."""
    body = [
        {**element, "actions": [_executing(one) for one in parts(element, "actions")]}
        if "actions" in element
        else element
        for element in parts(card, "body")
    ]
    return {**card, "body": body}


def _executing(button: Json) -> Json:
    data = of(button, "data")
    action = text(data, "action")
    if action not in EXECUTED:
        return button
    kept = {key: value for key, value in data.items() if key != "msteams"}
    return {**button, "type": "Action.Execute", "verb": action, "data": kept}


def may_execute(activity: Activity) -> bool:
    """Whether somebody pressed it in their own chat: not a card that was forwarded, nor one that refreshes itself."""
    return activity.in_own_chat and text(activity.value, "trigger") in {"", "manual"}


def answered_card(card: Json) -> Json:
    """The body that puts this card in the place of the one that was pressed."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": card}


def answered_text(said: str) -> Json:
    """The body that says something to whoever pressed; the card stays as it is."""
    return {"statusCode": 200, "type": f"{_ACTIVITY}.message", "value": said}
