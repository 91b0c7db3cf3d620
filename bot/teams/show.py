"""Shows what the handlers reply: as a dialog, in answer to whatever invoked the bot."""

from __future__ import annotations

from bot.teams.render import DIALOGS, Json, Window, attachment, case_detail
from handlers.commands import Answers
from handlers.views import CaseDetail, Dialog, Notice

KEPT_LENGTH = 40
"""Characters from which an answer without a blank in it counts as typed, and not as the id of something picked."""


def dialog(view: Dialog, *, page: int = 0, token: str = "") -> Json:
    """The body that opens this dialog, or puts it in the place of the one that is open.

    `page` and `token` are those of the click that opened a case.
    """
    if isinstance(view, CaseDetail):
        return _task(case_detail(view, page, token))
    return _task(DIALOGS[type(view)](view))


def notice(title: str, text: str, answers: Answers | None = None) -> Json:
    """The body that shows one thing to read, and gives back what was typed."""
    return dialog(Notice(title=title, text=text, kept=typed_of(answers or {})))


def typed_of(answers: Answers) -> str:
    """What somebody typed, of everything that is filled in."""
    texts = [answer.strip() for answer in answers.values() if isinstance(answer, str)]
    return "\n\n".join(text for text in texts if len(text) > KEPT_LENGTH or not text.isidentifier())


def chat_text(text: str) -> Json:
    """A message of our own words alone."""
    return {"text": text, "textFormat": "plain", "summary": "Staffroom"}


def chat_card(card: Json, summary: str = "Staffroom") -> Json:
    """A message that is a card; `summary` is what a notification shows."""
    return {"summary": summary, "attachments": [attachment(card)]}


def _task(window: Window) -> Json:
    value = {"title": window.title, "height": window.height, "width": "medium", "card": attachment(window.card)}
    return {"task": {"type": "continue", "value": value}}
