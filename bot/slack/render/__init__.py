"""Views as Block Kit: a hand-written renderer for every card, dialog and part of a form."""

from __future__ import annotations

from bot.slack.render.blocks import bare, option
from bot.slack.render.cards import CARDS, Message
from bot.slack.render.dialogs import DIALOGS, START_REPORT, form
from bot.slack.render.parts import PARTS
from bot.slack.render.text import Json

__all__ = ["CARDS", "DIALOGS", "PARTS", "START_REPORT", "Json", "Message", "bare", "form", "option"]
