"""What an answer of the bot to an invoke does to the screen, and what Teams cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.sandbox.loopback_teams import limits
from bot.sandbox.loopback_teams.cards import card_problems, over_budget
from bot.sandbox.loopback_teams.checking import ADAPTIVE, Json
from bot.sandbox.loopback_teams.parts import Option
from bot.sandbox.loopback_teams.screen import Dialog, Message, Surface

if TYPE_CHECKING:
    from bot.sandbox.loopback_teams.interaction import Interaction
    from bot.sandbox.loopback_teams.tenant import Person, Tenant

_MESSAGE: Final = "application/vnd.microsoft.activity.message"
_ERROR: Final = "application/vnd.microsoft.error"
_OTHER_TYPES: Final = {
    "application/vnd.microsoft.activity.loginRequest": 401,
    "application/vnd.microsoft.error.incorrectAuthCode": 401,
    "application/vnd.microsoft.error.preconditionFailed": 412,
}
_SEARCH: Final = "application/vnd.microsoft.search.searchResponse"
_SIZES: Final = ("small", "medium", "large")


def blame(tenant: Tenant, interaction: Interaction, *problems: str) -> None:
    """Note that Teams cannot use this answer: the person sees an error."""
    interaction.failed = True
    tenant.violations.extend(f"{interaction.kind}: {problem}" for problem in problems)


def _object(tenant: Tenant, interaction: Interaction) -> Json | None:
    """The body of an answer to an invoke, None when there is none to use."""
    if interaction.failed:
        return None
    if interaction.status != 200:
        blame(tenant, interaction, f"an invoke is answered with 200, not {interaction.status}")
        return None
    if interaction.body in ("", None):
        return {}
    if not isinstance(interaction.body, dict):
        blame(tenant, interaction, "the answer is no JSON object")
        return None
    return interaction.body


def take_message_answer(tenant: Tenant, interaction: Interaction) -> None:
    """After anything that is not an invoke: the body says nothing, the status does."""
    if not interaction.failed and interaction.status not in (200, 201, 202):
        blame(tenant, interaction, f"a message is answered with 200, not {interaction.status}")


# --- Action.Execute ---


def take_card_answer(tenant: Tenant, person: Person, interaction: Interaction, where: Message | None) -> None:
    """After `adaptiveCard/action`: another card, a message, an error. `where` is None when nothing is to change."""
    body = _object(tenant, interaction)
    if body is None:
        return
    value: Any = body.get("value")
    status, kind = body.get("statusCode"), body.get("type")
    if kind == ADAPTIVE:
        problems = card_problems(value) + ([] if status == 200 else [f"statusCode must be 200, not {status}"])
        if problems:
            blame(tenant, interaction, *problems)
            return
        _note_budget(tenant, interaction, value)
        interaction.card = value
        if where is not None:
            _replace(tenant, person, where, value)
    elif kind == _MESSAGE and status == 200 and isinstance(value, str):
        interaction.toast = value
        if where is not None:
            person.toasts.append(value)
    elif kind == _ERROR and status in (400, 500) and isinstance(value, dict):
        interaction.error = str(value.get("message", ""))
        interaction.failed = True
    elif kind in _OTHER_TYPES and status == _OTHER_TYPES[kind]:
        interaction.failed = True
    else:
        blame(tenant, interaction, f"cannot use statusCode {status!r}, type {kind!r}, value {value!r:.80}")


def _note_budget(tenant: Tenant, interaction: Interaction, card: Json) -> None:
    word = over_budget(card)
    if word:
        tenant.violations.append(f"{interaction.kind}: {word}")


def _replace(tenant: Tenant, person: Person, where: Message, card: Json) -> None:
    """In a personal chat the message itself changes; elsewhere only this person sees the new card."""
    if tenant.conversations[where.conversation].kind == "personal":
        where.show(card)
    else:
        where.seen_as[person.id] = Surface()
        where.seen_as[person.id].show(card)


# --- dialogs ---


def take_dialog_answer(tenant: Tenant, person: Person, interaction: Interaction, before: Dialog, *, act: bool) -> None:
    """After a fetch or submit: `continue` shows a dialog, `message` a toast, nothing closes (after a submit).

    `before` is the dialog that was submitted, or an empty one that says where a fetch came from.
    """
    body = _object(tenant, interaction)
    if body is None:
        return
    fetching = interaction.kind in ("task/fetch", "composeExtension/fetchTask")
    composed = body.get("composeExtension")
    if interaction.kind.startswith("compose") and composed is not None:
        _compose(tenant, person, interaction, composed, act=act)
        return
    task = body.get("task")
    if task is None:
        if fetching:
            blame(tenant, interaction, "a fetch must be answered with a task")
        elif act:
            person.dialog = None
        return
    kind = task.get("type") if isinstance(task, dict) else None
    if kind == "message" and isinstance(task.get("value"), str):
        interaction.toast = task["value"]
        if act:
            person.toasts.append(task["value"])
            person.dialog = None
    elif kind == "continue" and isinstance(task.get("value"), dict):
        _continue(tenant, person, interaction, task["value"], before, act=act)
    else:
        blame(tenant, interaction, f"cannot use task {task!r:.120}")


def _continue(
    tenant: Tenant, person: Person, interaction: Interaction, info: Json, before: Dialog, *, act: bool
) -> None:
    problems = [
        f"task/value/{key} must be pixels or one of {', '.join(_SIZES)}"
        for key in ("height", "width")
        if key in info and not (isinstance(info[key], int) or info[key] in _SIZES)
    ]
    if "title" in info and not isinstance(info["title"], str):
        problems.append("task/value/title must be a string")
    attached: Any = info.get("card")
    card: Json | None = None
    if isinstance(attached, dict):
        if attached.get("contentType") != ADAPTIVE:
            problems.append(f"task/value/card has contentType {attached.get('contentType')!r}")
        card = attached.get("content")
        problems += card_problems(card, in_dialog=True)
    elif not isinstance(info.get("url"), str):
        problems.append("task/value needs a card or a url")
    if problems:
        blame(tenant, interaction, *problems)
        return
    if card is not None:
        _note_budget(tenant, interaction, card)
    dialog = Dialog(
        id=f"dialog{tenant.number()}",
        title=str(info.get("title", "")),
        person=person.id,
        kind=before.kind,
        url=str(info.get("url") or ""),
        height=info.get("height", ""),
        width=info.get("width", ""),
        conversation=before.conversation,
        command=before.command,
        reply_to=before.reply_to,
    )
    dialog.show(card)
    interaction.opened = dialog
    if act:
        person.dialog = dialog
        person.dialogs.append(dialog)


def _compose(tenant: Tenant, person: Person, interaction: Interaction, composed: Any, *, act: bool) -> None:
    kind = composed.get("type") if isinstance(composed, dict) else None
    if kind == "message" and isinstance(composed.get("text"), str):
        interaction.toast = composed["text"]
        if act:
            person.toasts.append(composed["text"])
            person.dialog = None
        return
    attachments = composed.get("attachments") if kind == "result" else None
    if not isinstance(attachments, list):
        blame(tenant, interaction, f"cannot use composeExtension {composed!r:.120}")
        return
    problems = [
        problem
        for each in attachments
        if each.get("contentType") == ADAPTIVE
        for problem in card_problems(each.get("content"))
    ]
    if problems:
        blame(tenant, interaction, *problems)
    elif act:
        person.composed.extend(attachments)
        person.dialog = None


# --- typeahead ---


def take_search_answer(tenant: Tenant, interaction: Interaction, where: Surface, input_id: str) -> None:
    """After `application/search`: the choices that the list now offers."""
    body = _object(tenant, interaction)
    if body is None:
        return
    value = body.get("value")
    results = value.get("results") if isinstance(value, dict) else None
    if body.get("statusCode") != 200 or body.get("type") != _SEARCH or not isinstance(results, list):
        blame(tenant, interaction, f"cannot use {body!r:.160}")
        return
    if any(not isinstance(r, dict) or not isinstance(r.get("title"), str) or "value" not in r for r in results):
        blame(tenant, interaction, "every result needs a title and a value")
        return
    shown = results[: limits.TYPEAHEAD_RESULTS]
    interaction.options = [Option.of(result) for result in shown]
    where.offered[input_id] = where.offered.get(input_id, []) + shown
