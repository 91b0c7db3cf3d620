"""The Web API's `views.*` methods (docs.slack.dev, Web API methods and modals)."""

from __future__ import annotations

import copy

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.blocks import check_view, elements_of
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.elements import STATEFUL
from bot.sandbox.loopback_slack.filling import initial_state
from bot.sandbox.loopback_slack.screen import Surface, View
from bot.sandbox.loopback_slack.workspace import Person, Refusal, Workspace


def open_view(ws: Workspace, args: Json) -> Json:
    """views.open: a new stack with one modal."""
    raw = checked_view(ws, args.get("view"), "modal")
    trigger = ws.exchange_trigger(_trigger_of(args))
    person = ws.people[trigger.person]
    view = new_view(ws, person, raw)
    person.views = [view]
    if trigger.interaction is not None:
        trigger.interaction.opened = view
    return {"view": describe_view(ws, view)}


def push_view(ws: Workspace, args: Json) -> Json:
    """views.push: one more modal on the stack, at most three in all."""
    raw = checked_view(ws, args.get("view"), "modal")
    trigger = ws.exchange_trigger(_trigger_of(args))
    person = ws.people[trigger.person]
    view = push_onto(ws, person, raw)
    if trigger.interaction is not None:
        trigger.interaction.opened = view
    return {"view": describe_view(ws, view)}


def push_onto(ws: Workspace, person: Person, raw: Json) -> View:
    """Push a checked view. Raises Refusal `not_found` without a stack, `push_limit_reached` above three."""
    if not person.views:
        raise Refusal("not_found")
    if len(person.views) >= limits.VIEW_STACK:
        raise Refusal("push_limit_reached")
    view = new_view(ws, person, raw)
    view.root_view_id = person.views[0].id
    view.previous_view_id = person.views[-1].id
    person.views.append(view)
    return view


def update_view(ws: Workspace, args: Json) -> Json:
    """views.update, by view_id or external_id, with an optional hash against races."""
    view_id, external_id = args.get("view_id"), args.get("external_id")
    if not view_id and not external_id:
        raise Refusal("invalid_arguments", ["[ERROR] one of view_id, external_id is required"])
    found = [
        view for view in ws.views.values() if view.id == view_id or (not view_id and view.external_id == external_id)
    ]
    if not found:
        raise Refusal("not_found")
    view = found[-1]
    person = ws.people[view.user]
    if view not in person.views and view is not person.home:
        # The person closed it meanwhile, which is no fault of the bot's.
        raise Refusal("not_found", blame=False)
    raw = checked_view(ws, args.get("view"), view.type, replaced=view)
    if args.get("hash") and args["hash"] != view.hash:
        raise Refusal("hash_conflict", blame=False)
    replace(ws, view, raw)
    if person.acting is not None:
        person.acting.opened = view
    return {"view": describe_view(ws, view)}


def publish_view(ws: Workspace, args: Json) -> Json:
    """views.publish: the Home tab of one person."""
    raw = checked_view(ws, args.get("view"), "home")
    person = ws.person_of(args.get("user_id"))
    if person.home is None:
        person.home = new_view(ws, person, raw)
    else:
        if args.get("hash") and args["hash"] != person.home.hash:
            raise Refusal("hash_conflict", blame=False)
        replace(ws, person.home, raw)
    return {"view": describe_view(ws, person.home)}


def checked_view(ws: Workspace, raw: object, kind: str, replaced: View | None = None) -> Json:
    """A view that Slack accepts, of the wanted type. Raises Refusal."""
    code, messages = check_view(raw)
    if code:
        raise Refusal(code, messages)
    assert isinstance(raw, dict)  # noqa: S101 - check_view has seen to it
    if raw["type"] != kind:
        raise Refusal("invalid_arguments", [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"])
    if "files:read" not in ws.scopes and any(
        element.get("type") == "file_input" for block in raw["blocks"] for element in elements_of(block)
    ):
        raise Refusal("missing_scope", needed="files:read", provided=",".join(sorted(ws.scopes)))
    external_id = raw.get("external_id")
    for view in ws.views.values():
        if external_id and view.external_id == external_id and view is not replaced:
            raise Refusal("duplicate_external_id")
    return raw


def new_view(ws: Workspace, person: Person, raw: Json) -> View:
    """A view that is not on any screen yet."""
    view = View(id=f"V{ws.number():08d}", type=raw["type"], user=person.id)
    view.root_view_id = view.id
    ws.views[view.id] = view
    replace(ws, view, raw)
    return view


def replace(ws: Workspace, view: View, raw: Json) -> None:
    """Give a view other contents and another hash; it stays the same view."""
    view.raw = copy.deepcopy(raw)
    view.blocks = view.raw["blocks"]
    view.errors = {}
    view.hash = f"{int(ws.clock())}.{ws.number():08x}"
    view.name_everything(f"v{ws.number()}")
    view.forget_what_is_gone()


def close_view(ws: Workspace, person: Person, view: View) -> None:
    """Take a view off the screen."""
    person.views = [other for other in person.views if other is not view]
    ws.changed()


def state_values(surface: Surface) -> Json:
    """`state.values`: what every element that holds something holds now, untouched ones included."""
    values: Json = {}
    for block in surface.blocks:
        for element in elements_of(block):
            if element.get("type") in STATEFUL:
                at = (block["block_id"], element["action_id"])
                state = surface.entered.get(at) or initial_state(element)
                values.setdefault(at[0], {})[at[1]] = copy.deepcopy(state)
    return values


def describe_view(ws: Workspace, view: View) -> Json:
    """A view as payloads and answers carry it."""
    described: Json = {
        "id": view.id,
        "team_id": ws.team_id,
        "type": view.type,
        "blocks": copy.deepcopy(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": state_values(view)},
        "hash": view.hash,
        "clear_on_close": bool(view.raw.get("clear_on_close", False)),
        "notify_on_close": bool(view.raw.get("notify_on_close", False)),
        "close": view.raw.get("close"),
        "submit": view.raw.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": ws.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": ws.team_id,
        "bot_id": ws.bot_id,
    }
    described["title"] = view.raw.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True}
    return described


def _trigger_of(args: Json) -> object:
    if not args.get("trigger_id"):
        raise Refusal("invalid_arguments", ["[ERROR] missing required field: trigger_id [json-pointer:/]"])
    return args["trigger_id"]
