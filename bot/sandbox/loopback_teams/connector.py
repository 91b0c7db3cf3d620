"""The HTTP side which the bot calls: the connector's REST API, files, and the login service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from bot.sandbox.downloads import serve
from bot.sandbox.loopback_teams import connector_methods as methods
from bot.sandbox.loopback_teams import limits
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.faults import Fault
from bot.sandbox.loopback_teams.login import Login
from bot.sandbox.loopback_teams.tenant import Call, Conversation, Refusal, Tenant

_BODY_LIMIT: Final = 30 * 1024 * 1024
_RATES: Final = {
    "create_conversation": limits.SEND_RATES,
    "send": limits.SEND_RATES,
    "update": limits.SEND_RATES,
    "delete": limits.SEND_RATES,
    "get_members": limits.ROSTER_RATES,
    "get_member": limits.ROSTER_RATES,
}
_BAD_JSON: Final = Refusal(400, "BadSyntax", "The body is not a JSON object.", blame=True)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connector:
    """Answers the bot's requests from the state of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        login = Login(tenant)
        self.app = web.Application(client_max_size=_BODY_LIMIT)
        route = self.app.router
        root = "/uk/v3/conversations"
        one = root + "/{conversation}"
        route.add_post(root, self._create)
        route.add_post(one + "/activities", self._send)
        route.add_post(one + "/activities/{activity}", self._send)
        route.add_put(one + "/activities/{activity}", self._update)
        route.add_delete(one + "/activities/{activity}", self._delete)
        route.add_get(one + "/activities/{activity}/members", self._members)
        route.add_get(one + "/members", self._members)
        route.add_get(one + "/pagedmembers", self._members)
        route.add_get(one + "/members/{member}", self._member)
        route.add_get("/uk/v3/teams/{team}", self._team)
        route.add_get("/uk/v3/teams/{team}/conversations", self._team)
        route.add_get("/uk/v3/attachments/{file}/views/{view}", self._attachment)
        route.add_get("/files/{file}/{name}", self._file)
        route.add_put("/upload/{file}/{name}", self._upload)
        route.add_get("/v1/.well-known/openidconfiguration", self._open("openid", login.connector_metadata))
        route.add_get("/v1/.well-known/keys", self._open("keys", login.connector_keys))
        route.add_get("/common/discovery/instance", self._open("openid", login.instance))
        route.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._open("openid", login.metadata))
        route.add_get("/{tenant}/discovery/v2.0/keys", self._open("keys", login.login_keys))
        route.add_post("/{tenant}/oauth2/v2.0/token", self._open("token", login.token))

    # --- the connector's operations ---

    async def _create(self, request: web.Request) -> web.StreamResponse:
        return await self._act(
            request, "create_conversation", lambda body: methods.create_conversation(self._tenant, body), status=201
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        targeted = request.query.get("isTargetedActivity", "").lower() == "true"
        reply_to = request.match_info.get("activity", "")

        def send(body: Json) -> Json:
            place = self._place(request)
            thread = request.match_info["conversation"].partition(";messageid=")[2]
            return methods.send(self._tenant, place, body, reply_to=reply_to or thread, targeted=targeted)

        return await self._act(request, "send", send, status=201)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["activity"]
        return await self._act(
            request, "update", lambda body: methods.update(self._tenant, self._place(request), name, body)
        )

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["activity"]
        return await self._act(request, "delete", lambda _: methods.delete(self._tenant, self._place(request), name))

    async def _members(self, request: web.Request) -> web.StreamResponse:
        def members(_: Json) -> Any:
            found = methods.get_members(self._tenant, self._place(request))
            return {"members": found} if request.path.endswith("/pagedmembers") else found

        return await self._act(request, "get_members", members)

    async def _member(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["member"]
        return await self._act(
            request, "get_member", lambda _: methods.get_member(self._tenant, self._place(request), name)
        )

    async def _team(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["team"]
        find = methods.get_team_channels if request.path.endswith("/conversations") else methods.get_team
        return await self._act(request, "get_team", lambda _: find(self._tenant, name))

    def _place(self, request: web.Request) -> Conversation:
        return self._tenant.conversation(request.match_info["conversation"])

    async def _act(
        self, request: web.Request, operation: str, act: Callable[[Json], Any], *, status: int = 200
    ) -> web.StreamResponse:
        try:
            body = await _body(request)
        except ValueError:
            return self._refused(operation, request, {}, _BAD_JSON)
        fault = self._tenant.faults.next_for(operation)
        early = await self._without_acting(request, operation, body, fault)
        if early is not None:
            return early
        try:
            self._require_token(request)
            wait = self._too_fast(request, operation)
            if wait:
                return self._limited(operation, request, body, wait)
            answer = act(body)
        except Refusal as refusal:
            return self._refused(operation, request, body, refusal)
        return self._answer(operation, request, body, answer, status, fault)

    def _answer(
        self, operation: str, request: web.Request, body: Json, answer: Any, status: int, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is not None and fault.kind == "lose_answer":
            self._note(operation, request, body, answer, 0)
            return _cut(request)
        self._note(operation, request, body, answer, status)
        return web.json_response(answer, status=status)

    async def _without_acting(
        self, request: web.Request, operation: str, body: Json, fault: Fault | None
    ) -> web.StreamResponse | None:
        """The answer of a fault, which comes instead of the operation's own."""
        if self._tenant.faults.is_down:
            return self._refused(operation, request, body, Refusal(503, "ServiceError", "Service is unavailable"))
        if fault is None or fault.kind == "lose_answer":
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind == "reset":
            self._note(operation, request, body, {}, 0)
            return _cut(request)
        if fault.kind == "rate_limit":
            return self._limited(operation, request, body, int(fault.seconds))
        return self._refused(operation, request, body, Refusal(fault.status, fault.code, "As the test asked."))

    def _require_token(self, request: web.Request) -> None:
        header = request.headers.get("Authorization", "")
        expires = self._tenant.access_tokens.get(header.removeprefix("Bearer "), 0.0)
        if not header.startswith("Bearer ") or expires <= time.time():
            raise Refusal(401, "Unauthorized", "Authorization has been denied for this request.")

    def _too_fast(self, request: web.Request, operation: str) -> int:
        """Seconds to wait before this conversation takes another request, 0 when it takes one now."""
        if not self._tenant.faults.rates_enforced or operation not in _RATES:
            return 0
        now = self._tenant.clock()
        counted = "get" if operation.startswith("get") else "post"
        times = self._tenant.recent.setdefault((request.match_info.get("conversation", ""), counted), [])
        times[:] = [at for at in times if now - at < 3600]
        for most, seconds in _RATES[operation]:
            within = [at for at in times if now - at < seconds]
            if len(within) >= most:
                return max(1, round(within[-most] + seconds - now))
        times.append(now)
        return 0

    # --- files ---

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        return await self._bytes(request, "get_attachment", needs_token=True)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self._tenant.violations.append("get_file: the bot's token was sent to the file storage")
        return await self._bytes(request, "get_file", needs_token=False)

    async def _bytes(self, request: web.Request, operation: str, *, needs_token: bool) -> web.StreamResponse:
        fault = self._tenant.faults.next_for(operation)
        early = await self._without_acting(request, operation, {}, fault)
        if early is not None:
            return early
        name = request.match_info["file"]
        try:
            if needs_token:
                self._require_token(request)
            elif request.query.get("tempauth") != f"key-{name}" or name in self._tenant.expired_files:
                raise Refusal(401, "unauthenticated", "The link has expired.")
            file = self._tenant.files.get(name)
            if file is None or file.pasted != needs_token:
                raise Refusal(404, "NotFound", "There is no such file.")
        except Refusal as refusal:
            return self._refused(operation, request, {}, refusal)
        if fault is not None and fault.kind == "lose_answer":
            return _cut(request)
        self._note(operation, request, {}, {}, 200)
        broken = self._tenant.faults.next_download(operation)
        return await serve(request, self._tenant.file_contents[name], file.mimetype, broken)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        early = await self._without_acting(request, "put_file", {}, self._tenant.faults.next_for("put_file"))
        if early is not None:
            return early
        self._tenant.uploads[request.match_info["name"]] = content
        self._note("put_file", request, {}, {}, 201)
        return web.json_response({"size": len(content)}, status=201)

    # --- login and metadata ---

    def _open(self, operation: str, act: Callable[[web.Request], Awaitable[tuple[int, Json]]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            fault = self._tenant.faults.next_for(operation)
            early = await self._without_acting(request, operation, {}, fault)
            if early is not None:
                return early
            status, answer = await act(request)
            if status >= 400:
                self._tenant.violations.append(f"{operation}: {answer.get('error_description', status)}")
            # A token is nothing for a list that a failing test prints.
            shown = {key: value for key, value in answer.items() if key != "access_token"}
            self._note(operation, request, {}, shown, status)
            return web.json_response(answer, status=status)

        return handle

    # --- noting ---

    def _note(self, operation: str, request: web.Request, body: Json, answer: Any, status: int) -> None:
        told = answer if isinstance(answer, dict) else {"members": answer}
        self._tenant.calls.append(Call(operation, request.path, body, told, status, self._tenant.clock()))
        self._tenant.changed()

    def _refused(self, operation: str, request: web.Request, body: Json, refusal: Refusal) -> web.StreamResponse:
        if refusal.blame:
            self._tenant.violations.append(f"{operation}: {refusal}")
        answer = {"error": {"code": refusal.code, "message": refusal.message}}
        self._note(operation, request, body, answer, refusal.status)
        return web.json_response(answer, status=refusal.status)

    def _limited(self, operation: str, request: web.Request, body: Json, seconds: int) -> web.StreamResponse:
        answer: Json = {"error": {"code": "TooManyRequests", "message": "Too many requests."}}
        self._note(operation, request, body, answer, 429)
        headers = {} if seconds < 0 else {"Retry-After": str(seconds)}
        return web.json_response(answer, status=429, headers=headers)


def _cut(request: web.Request) -> web.StreamResponse:
    """Close the connection so that the bot gets no answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _body(request: web.Request) -> Json:
    """The JSON object in a body, an empty one for none. Raises ValueError for anything else."""
    text = await request.text()
    thing = json.loads(text) if text else {}
    if isinstance(thing, dict):
        return thing
    raise ValueError("not a JSON object")
