"""Shows what the handlers reply: as the answer to a sent form, or as a view opened with a trigger."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.payload import part, parts, text
from bot.slack.failures import code_of
from bot.slack.payload import input_blocks
from bot.slack.render import DIALOGS, Json, form
from handlers.ports import Reply
from handlers.views import Dialog, Form, Notice

FRESH = "~"
"""What marks the inputs of a form that took the place of another one with the same fields (see `render.Names`)."""


class NotShown(Exception):
    """Slack did not open the view. `code` is Slack's, such as `expired_trigger_id`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def rendered(dialog: Dialog, instead_of: Json | None = None) -> Json:
    """The dialog as a view. `instead_of` is the view, as Slack sent it, whose place it takes."""
    if not isinstance(dialog, Form):
        return DIALOGS[type(dialog)](dialog)
    return form(dialog, mark=_mark(dialog, instead_of))


def _mark(dialog: Form, instead_of: Json | None) -> str:
    # Slack keeps what was typed where ids are unchanged. It is to be kept for the same draft, and for no other.
    if instead_of is None or not parts(instead_of, "blocks"):
        return ""
    marked = any(text(part(block, "element"), "action_id").endswith(FRESH) for block in parts(instead_of, "blocks"))
    same = text(instead_of, "private_metadata") == dialog.token
    return FRESH if marked == same else ""


def answer_to_form(view: Json, reply: Reply) -> Json:
    """The body of the answer to a `view_submission` of this view."""
    dialog = reply.view
    if dialog is None:
        return {"response_action": "clear"}
    if (
        isinstance(dialog, Form)
        and dialog.errors
        and (dialog.id, dialog.token) == (text(view, "callback_id"), text(view, "private_metadata"))
        and set(dialog.errors) <= set(input_blocks(view))
    ):
        return {"response_action": "errors", "errors": dict(dialog.errors)}
    return {"response_action": "update", "view": rendered(dialog, view)}


def refusal_of_form(view: Json, message: str) -> Json:
    """The same, where nothing was done: the form stays as it is, with the message at its first question."""
    inputs = input_blocks(view)
    if inputs:
        return {"response_action": "errors", "errors": {inputs[0]: message}}
    return {"response_action": "push", "view": rendered(Notice(title="Not done", text=message))}


class Screen:
    """Opens views on the screen of whoever clicked."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger: str, dialog: Dialog) -> None:
        """Opens the dialog over the chat.

        Raises:
            NotShown, aiohttp.ClientError, TimeoutError: see there.
        """
        await _shown(self._client.views_open(trigger_id=trigger, view=rendered(dialog)))

    async def answer_to_click(self, payload: Json, reply: Reply) -> None:
        """Shows the reply to a click: in the place of the pressed view, on top of it, or over the chat.

        Raises:
            NotShown, aiohttp.ClientError, TimeoutError: see there.
        """
        if reply.view is None:
            return
        view, trigger = part(payload, "view"), text(payload, "trigger_id")
        if text(view, "type") != "modal":
            await self.open(trigger, reply.view)
        elif reply.replaces:
            await self._update(view, reply.view)
        else:
            try:
                await _shown(self._client.views_push(trigger_id=trigger, view=rendered(reply.view)))
            except NotShown as error:
                # Three views are Slack's most. One in which nothing can be typed gives way.
                if error.code != "push_limit_reached" or input_blocks(view):
                    raise
                await self._update(view, reply.view)

    async def _update(self, view: Json, dialog: Dialog) -> None:
        await _shown(self._client.views_update(view_id=text(view, "id"), view=rendered(dialog, view)))


async def _shown(call: Awaitable[Any]) -> None:
    try:
        await call
    except SlackApiError as error:
        raise NotShown(code_of(error)) from None
