"""How Slack takes the bot's answer to an interaction: the screen changes, or the person sees an error."""

from __future__ import annotations

from bot.sandbox.loopback_slack import chat_methods, view_methods
from bot.sandbox.loopback_slack.composition import check_suggestions
from bot.sandbox.loopback_slack.interaction import Interaction
from bot.sandbox.loopback_slack.parts import Option
from bot.sandbox.loopback_slack.screen import Surface, View
from bot.sandbox.loopback_slack.workspace import Person, Refusal, Workspace

_NO_BODY: tuple[object, ...] = ("", {})


def take_command_answer(ws: Workspace, person: Person, interaction: Interaction, channel: str) -> None:
    """A body in the answer to a slash command is a message, ephemeral unless it says `in_channel`."""
    body = interaction.body
    if interaction.failed or body in _NO_BODY:
        return
    args = body if isinstance(body, dict) else {"text": str(body)}
    try:
        if args.get("response_type") == "in_channel":
            chat_methods.put_message(ws, ws.conversation(channel), args)
        else:
            chat_methods.put_ephemeral(ws, person, channel, args)
    except Refusal as refusal:
        _refuse(ws, interaction, " ".join([refusal.code, *refusal.messages]))


def take_plain_answer(ws: Workspace, interaction: Interaction) -> None:
    """The answer to a shortcut, an action or a closed view is an empty 200; Slack ignores a body."""
    if not interaction.failed and interaction.body not in _NO_BODY:
        ws.violations.append(f"{interaction.kind}: the answer has a body which Slack ignores: {interaction.body!r}")


def take_suggestions(ws: Workspace, interaction: Interaction, where: Surface, at: tuple[str, str]) -> None:
    """The answer to a block_suggestion: the options that the menu shows."""
    if interaction.failed:
        return
    problems = check_suggestions(interaction.body)
    if problems:
        _refuse(ws, interaction, " ".join(problems))
        return
    options = list(interaction.body.get("options") or [])
    for group in interaction.body.get("option_groups") or []:
        options.extend(group["options"])
    interaction.options = [Option.of(option) for option in options]
    # Options chosen earlier stay chosen, so what was offered before stays valid.
    known = where.offered.setdefault(at, [])
    known.extend(option for option in options if option not in known)


def take_submission_answer(
    ws: Workspace, person: Person, interaction: Interaction, view: View, *, act: bool = True
) -> None:
    """The answer to a view_submission. With `act` false (a redelivery) the screen does not change."""
    if interaction.failed:
        return
    body = interaction.body
    if body in _NO_BODY:
        if act:
            view_methods.close_view(ws, person, view)
        return
    if not isinstance(body, dict) or "response_action" not in body:
        _refuse(ws, interaction, f"the answer has no response_action: {body!r}")
        return
    interaction.response_action = str(body["response_action"])
    try:
        _respond(ws, person, interaction, view, act=act)
    except Refusal as refusal:
        _refuse(ws, interaction, " ".join([interaction.response_action, refusal.code, *refusal.messages]))
    ws.changed()


def _respond(ws: Workspace, person: Person, interaction: Interaction, view: View, *, act: bool) -> None:
    body, action = interaction.body, interaction.response_action
    if action == "errors":
        _show_errors(interaction, view)
    elif action == "update":
        raw = view_methods.checked_view(ws, body.get("view"), "modal", replaced=view)
        if act:
            view_methods.replace(ws, view, raw)
            interaction.opened = view
    elif action == "push":
        raw = view_methods.checked_view(ws, body.get("view"), "modal")
        if act:
            interaction.opened = view_methods.push_onto(ws, person, raw)
    elif action == "clear":
        if act:
            person.views = []
    else:
        raise Refusal("unknown response_action")


def _show_errors(interaction: Interaction, view: View) -> None:
    errors = interaction.body.get("errors")
    if not isinstance(errors, dict) or not errors:
        raise Refusal("no errors given")
    interaction.errors = {str(key): str(words) for key, words in errors.items()}
    unknown = [key for key in errors if key not in view.fields]
    if unknown:
        raise Refusal(f"errors for {unknown}, which are no input blocks of the view (those are {list(view.fields)})")
    if not all(isinstance(words, str) and words.strip() for words in errors.values()):
        raise Refusal("an error without words")
    view.errors = dict(interaction.errors)


def _refuse(ws: Workspace, interaction: Interaction, reason: str) -> None:
    interaction.failed = True
    ws.violations.append(f"{interaction.kind}: {reason}")
