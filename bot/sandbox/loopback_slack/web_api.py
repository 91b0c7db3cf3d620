"""The HTTP side which the bot calls: the Web API and response_url."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.sandbox.loopback_slack import chat_methods, directory_methods, view_methods
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.faults import Fault
from bot.sandbox.loopback_slack.workspace import Call, Refusal, Workspace

_BODY_LIMIT: Final = 30 * 1024 * 1024
_STRUCTURED: Final = ("blocks", "view", "attachments", "metadata")


@dataclass(frozen=True)
class Method:
    """A Web API method: what it does, and the scopes of which it needs any one."""

    act: Callable[[Workspace, Json], Json]
    scopes: tuple[str, ...] = ()


_CONVERSATIONS: Final = ("channels:read", "groups:read", "im:read", "mpim:read")
METHODS: Final[Mapping[str, Method]] = {
    "auth.test": Method(directory_methods.auth_test),
    "users.info": Method(directory_methods.users_info, ("users:read",)),
    "users.list": Method(directory_methods.users_list, ("users:read",)),
    "users.lookupByEmail": Method(directory_methods.users_lookup, ("users:read.email",)),
    "conversations.open": Method(directory_methods.conversations_open, ("im:write", "mpim:write")),
    "conversations.info": Method(directory_methods.conversations_info, _CONVERSATIONS),
    "conversations.members": Method(directory_methods.conversations_members, _CONVERSATIONS),
    "conversations.list": Method(directory_methods.conversations_list, _CONVERSATIONS),
    "team.info": Method(directory_methods.team_info, ("team:read",)),
    "bots.info": Method(directory_methods.bots_info, ("users:read",)),
    "files.info": Method(directory_methods.files_info, ("files:read",)),
    "chat.postMessage": Method(chat_methods.post_message, ("chat:write",)),
    "chat.postEphemeral": Method(chat_methods.post_ephemeral, ("chat:write",)),
    "chat.update": Method(chat_methods.update, ("chat:write",)),
    "chat.delete": Method(chat_methods.delete, ("chat:write",)),
    "chat.getPermalink": Method(chat_methods.permalink),
    "views.open": Method(view_methods.open_view),
    "views.push": Method(view_methods.push_view),
    "views.update": Method(view_methods.update_view),
    "views.publish": Method(view_methods.publish_view),
}


class WebApi:
    """Answers the bot's requests from the state of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace
        self.app = web.Application(client_max_size=_BODY_LIMIT)
        self.app.router.add_route("*", "/api/{method}", self._method)
        self.app.router.add_post("/response/{token}", self._response_url)

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            arguments = await _arguments(request)
        except ValueError:
            return self._answer(method, {}, {"ok": False, "error": "invalid_json"}, blame="not JSON")
        token = _token(request, arguments)
        fault = self._ws.faults.next_for(method)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        early = self._without_acting(request, method, arguments, fault)
        if early is not None:
            return early
        answer = self._call(method, arguments, token)
        self._ws.changed()
        if fault is not None and fault.kind == "lose_answer":
            return _cut(request, self._note(method, arguments, answer, 0))
        return self._answer(method, arguments, answer)

    def _without_acting(
        self, request: web.Request, method: str, arguments: Json, fault: Fault | None
    ) -> web.Response | None:
        """The answer of a fault, or of the rate limit, which comes instead of the method's own."""
        if self._ws.faults.is_down:
            return self._answer(method, arguments, {}, status=503)
        if fault is None or fault.kind in ("slow", "lose_answer"):
            wait = self._too_fast(method, arguments)
            return self._limited(method, arguments, wait) if wait else None
        if fault.kind == "reset":
            return _cut(request, self._note(method, arguments, {}, 0))
        if fault.kind == "rate_limit":
            return self._limited(method, arguments, int(fault.seconds))
        if fault.kind == "error":
            return self._answer(method, arguments, {"ok": False, "error": fault.error})
        return self._answer(method, arguments, {}, status=fault.status)

    def _too_fast(self, method: str, arguments: Json) -> int:
        """Seconds to wait before this channel takes another post, 0 when it takes one now."""
        rate = self._ws.faults.posts_per_second
        if method != "chat.postMessage" or rate is None:
            return 0
        try:
            channel = self._ws.conversation(arguments.get("channel")).id
        except Refusal:
            return 0
        now = self._ws.clock()
        if now - self._ws.last_post.get(channel, float("-inf")) < 1 / rate:
            return max(1, round(1 / rate))
        self._ws.last_post[channel] = now
        return 0

    def _call(self, method: str, arguments: Json, token: str | None) -> Json:
        try:
            if token is None:
                raise Refusal("not_authed")
            if token != self._ws.bot_token:
                raise Refusal("invalid_auth")
            if self._ws.faults.token_revoked:
                raise Refusal("token_revoked", blame=False)
            if method not in METHODS:
                raise Refusal("unknown_method", req_method=method)
            needed = METHODS[method].scopes
            if needed and not self._ws.scopes & set(needed):
                provided = ",".join(sorted(self._ws.scopes))
                raise Refusal("missing_scope", needed=needed[0], provided=provided)
            return {"ok": True, **METHODS[method].act(self._ws, arguments)}
        except Refusal as refusal:
            if refusal.blame:
                self._blame(method, refusal)
            return _refused(refusal)

    def _blame(self, method: str, refusal: Refusal) -> None:
        self._ws.violations.append(" ".join([f"{method}: {refusal.code}", *refusal.messages]))

    async def _response_url(self, request: web.Request) -> web.Response:
        if self._ws.faults.is_down:
            return web.Response(status=503)
        try:
            arguments = _object(await request.text())
        except ValueError:
            self._ws.violations.append("response_url: invalid_payload")
            return web.Response(status=400, text="invalid_payload")
        try:
            chat_methods.respond(self._ws, request.match_info["token"], arguments)
        except Refusal as refusal:
            self._blame("response_url", refusal)
            status = 404 if refusal.code.endswith("_url") else 400
            self._note("response_url", arguments, _refused(refusal), status)
            return web.json_response(_refused(refusal), status=status)
        self._note("response_url", arguments, {"ok": True}, 200)
        self._ws.changed()
        return web.Response(text="ok")

    def _note(self, method: str, arguments: Json, answer: Json, status: int) -> Json:
        told = {key: value for key, value in arguments.items() if key != "token"}
        self._ws.calls.append(Call(method, told, answer, status, self._ws.clock()))
        self._ws.changed()
        return answer

    def _answer(
        self, method: str, arguments: Json, answer: Json, *, status: int = 200, blame: str = ""
    ) -> web.Response:
        if blame:
            self._ws.violations.append(f"{method}: {answer['error']} ({blame})")
        self._note(method, arguments, answer, status)
        if status != 200:
            return web.Response(status=status, text="upstream connect error")
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self._ws.scopes))})

    def _limited(self, method: str, arguments: Json, seconds: int) -> web.Response:
        answer: Json = {"ok": False, "error": "ratelimited"}
        self._note(method, arguments, answer, 429)
        return web.json_response(answer, status=429, headers={"Retry-After": str(seconds)})


def _refused(refusal: Refusal) -> Json:
    answer: Json = {"ok": False, "error": refusal.code, **refusal.extra}
    if refusal.messages:
        answer["response_metadata"] = {"messages": refusal.messages}
        if refusal.code == "invalid_blocks":
            answer["errors"] = [message.removeprefix("[ERROR] ") for message in refusal.messages]
    return answer


def _cut(request: web.Request, _answer: Json) -> web.Response:
    """Close the connection so that the bot gets no answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _token(request: web.Request, arguments: Json) -> str | None:
    given = arguments.pop("token", None)
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return str(given) if given else None


def _object(body: str) -> Json:
    """A JSON object. Raises ValueError for anything else."""
    thing = json.loads(body)
    if isinstance(thing, dict):
        return thing
    raise ValueError("not a JSON object")


async def _arguments(request: web.Request) -> Json:
    """The arguments, wherever they came: query, form or JSON. Raises ValueError for broken JSON."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        arguments |= _object(await request.text() or "{}")
    elif request.can_read_body:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in _STRUCTURED:
        if isinstance(arguments.get(key), str) and arguments[key]:
            arguments[key] = json.loads(arguments[key])
    for key, value in list(arguments.items()):
        if value is None:
            del arguments[key]
    return arguments
