"""Views as Adaptive Cards: a hand-written renderer for every card, dialog and part of a form."""

from __future__ import annotations

from bot.teams.render.cards import CARDS, Message
from bot.teams.render.dialogs import DIALOGS, START_HOME, START_REPORT, Window, case_detail, launcher
from bot.teams.render.elements import MOST_BYTES, attachment
from bot.teams.render.parts import PARTS, PEOPLE, UNTICKED
from bot.teams.render.text import Json

__all__ = [
    "CARDS",
    "DIALOGS",
    "MOST_BYTES",
    "PARTS",
    "PEOPLE",
    "START_HOME",
    "START_REPORT",
    "UNTICKED",
    "Json",
    "Message",
    "Window",
    "attachment",
    "case_detail",
    "launcher",
]
