"""The host from which the bot downloads private files; the real one is files.slack.com."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.downloads import serve, sign_in_page
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.files import refusal
from bot.sandbox.loopback_slack.workspace import Call, Workspace

OPERATION = "get_file"
"""What a download is called in `calls` and `faults`."""


class FileHost:
    """Serves the bytes of a workspace's files to whoever has the bot's token, and a page to sign in on to others."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace
        self.app = web.Application()
        self.app.router.add_get("/files-pri/{file}/{name}", self._file)
        self.app.router.add_get("/files-pri/{file}/download/{name}", self._file)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["file"].rpartition("-")[2]
        fault = self._ws.faults.next_for(OPERATION)
        if self._ws.faults.is_down:
            return self._plain(file_id, 503)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.kind == "rate_limit":
            return self._plain(file_id, 429, {"Retry-After": str(int(fault.seconds))})
        elif fault is not None and fault.kind in ("reset", "lose_answer"):
            self._note(file_id, 0)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        elif fault is not None:
            return self._plain(file_id, fault.status)
        return await self._answer(request, file_id)

    async def _answer(self, request: web.Request, file_id: str) -> web.StreamResponse:
        file = self._ws.files.get(file_id)
        if file is None or file.external_url or file.deleted:
            return self._plain(file_id, 404)
        if not self._allowed(request) or refusal(self._ws, file):
            # Slack answers 200 with its sign-in page, which a careless bot then keeps as the evidence.
            self._note(file_id, 200, {"error": "sign_in_page"})
            return sign_in_page()
        self._note(file_id, 200)
        headers = {}
        if "/download/" in request.path:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return await serve(request, file.content, file.mimetype, self._ws.faults.next_download(OPERATION), headers)

    def _allowed(self, request: web.Request) -> bool:
        right = request.headers.get("Authorization") == f"Bearer {self._ws.bot_token}"
        return right and "files:read" in self._ws.scopes and not self._ws.faults.token_revoked

    def _plain(self, file_id: str, status: int, headers: dict[str, str] | None = None) -> web.Response:
        self._note(file_id, status)
        return web.Response(status=status, headers=headers)

    def _note(self, file_id: str, status: int, answer: Json | None = None) -> None:
        self._ws.calls.append(Call(OPERATION, {"file": file_id}, answer or {}, status, self._ws.clock()))
        self._ws.changed()
