"""`/evidence/…`: where evidence is seen in a browser. GET changes nothing; *Show* spends the link.

Scanners and link previews fetch whatever they find, so a GET of the link shows a button and no more. The button
posts; that spends the link and sets an HttpOnly cookie for five minutes. Nothing here may be stored, framed, or
run: the policy in the header allows our own style sheet and pictures, sound and films from here, and no script.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from pathlib import Path
from urllib.parse import quote

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.web.server import HEADERS as EVERYWHERE
from handlers.evidence.pack import EvidencePacks, new_password
from handlers.evidence.pages import SESSION_LASTS, Bytes, EvidencePages, NotShown
from policy.evidence import EvidenceId
from storage.errors import StorageError

log = structlog.get_logger()

PAGES = Path(__file__).with_name("pages")
LINK = re.compile(r"[A-Za-z0-9_-]{43}")
FILE = re.compile(r"[0-9a-f]{32}")
RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
COOKIE = "staffroom-evidence"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
FILE_HEADERS = EVERYWHERE | HEADERS | {"Content-Security-Policy": "default-src 'none'; sandbox"}


class EvidenceSite:
    """The routes. `secure` says that people reach it by https: then the cookie goes nowhere else."""

    def __init__(self, pages: EvidencePages, packs: EvidencePacks, *, secure: bool) -> None:
        self._pages = pages
        self._packs = packs
        self._secure = secure
        self._templates = Environment(
            loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, enable_async=False
        )

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Adds the routes."""
        router.add_get("/evidence/style.css", self._style)
        router.add_get("/evidence", self._page)
        # No HEAD: what is streamed after its headers would be taken for the next answer of the connection.
        router.add_get("/evidence/file/{file}", self._file, allow_head=False)
        router.add_post("/evidence/pack", self._pack)
        router.add_get("/evidence/{link}", self._ask)
        router.add_post("/evidence/{link}", self._show)

    async def _style(self, _request: web.Request) -> web.Response:
        return web.Response(text=(PAGES / "style.css").read_text(encoding="utf-8"), content_type="text/css")

    async def _ask(self, request: web.Request) -> web.Response:
        # Nothing is looked up: whoever fetches this learns nothing, not even whether the link is one.
        if LINK.fullmatch(request.match_info["link"]) is None:
            return self._html("over.html", status=404)
        return self._html("ask.html")

    async def _show(self, request: web.Request) -> web.Response:
        link = request.match_info["link"]
        if LINK.fullmatch(link) is None or not _from_here(request):
            return self._html("over.html", status=404)
        try:
            secret = await self._pages.show(link)
        except NotShown:
            return self._html("over.html", status=403)
        response = web.Response(status=303, headers={**HEADERS, "Location": "/evidence"})
        response.set_cookie(
            COOKIE,
            secret,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/evidence",
            httponly=True,
            secure=self._secure,
            samesite="Strict",
        )
        return response

    async def _page(self, request: web.Request) -> web.Response:
        try:
            page = await self._pages.page(_secret(request))
        except NotShown:
            return self._html("over.html", status=403)
        # A password for each time that the page is seen; what seals is the one that the button brings back.
        return self._html("page.html", page=page, password=new_password() if page.pack else "")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["file"]
        try:
            if FILE.fullmatch(wanted) is None:
                raise NotShown
            found = await self._pages.file(_secret(request), EvidenceId(wanted))
        except NotShown:
            return self._html("over.html", status=403)
        return await _send(request, found)

    async def _pack(self, request: web.Request) -> web.StreamResponse:
        if not _from_here(request):
            return self._html("over.html", status=404)
        try:
            given = (await request.post()).get("password", "")
            pack = await self._packs.make(_secret(request), given if isinstance(given, str) else "")
        except NotShown:
            return self._html("over.html", status=403)
        headers = {"Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="{pack.name}"'}
        response = web.StreamResponse(headers=FILE_HEADERS | headers)
        await response.prepare(request)
        try:
            async with aclosing(pack.pieces):
                async for piece in pack.pieces:
                    await response.write(piece)
            await response.write_eof()
        except ConnectionError:
            log.info("a pack was not taken to its end")
        except Exception as error:  # noqa: BLE001 - whatever it is, half of it has gone out
            # Only a broken connection tells the browser that it is no zip.
            log.error("a pack was broken off", error=type(error).__name__)
            if request.transport is not None:
                request.transport.abort()
        return response

    def _html(self, name: str, *, status: int = 200, **values: object) -> web.Response:
        text = self._templates.get_template(name).render(**values)
        return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=HEADERS)


async def _send(request: web.Request, found: Bytes) -> web.StreamResponse:
    start, end = _range(request.headers.get("Range", ""), found.size)
    partly = (start, end) != (0, found.size)
    how = "inline" if found.kind.inline else "attachment"
    headers = {
        **FILE_HEADERS,
        "Content-Type": found.kind.value,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Length": str(end - start),
        "Accept-Ranges": "bytes",
        **({"Content-Range": f"bytes {start}-{end - 1}/{found.size}"} if partly else {}),
    }
    pieces = found.read(start, end)
    try:
        # The first piece is opened before anything is answered: what is damaged is told as such.
        first = await anext(pieces, b"")
    except StorageError as error:
        log.error("evidence cannot be read", file=found.file.id, error=type(error).__name__)
        return web.Response(status=500, text="This file cannot be read: it was changed or is gone.", headers=HEADERS)
    response = web.StreamResponse(status=206 if partly else 200, headers=headers)
    await response.prepare(request)
    try:
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionError:
        pass  # the browser has what it wants: films are asked for in pieces
    except (NotShown, StorageError) as error:
        # The headers are out. What is cut off is seen to be: nothing else may stand where its bytes would.
        log.warning("evidence broken off", file=found.file.id, error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    finally:
        await pieces.aclose()
    return response


def _range(header: str, size: int) -> tuple[int, int]:
    """The bytes that are asked for, `end` excluded; everything where the header says nothing that can be done."""
    found = RANGE.fullmatch(header.strip())
    if found is None or size == 0 or found.groups() == ("", ""):
        return 0, size
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    return (start, end) if start < end else (0, size)


def _from_here(request: web.Request) -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _secret(request: web.Request) -> str:
    given = request.cookies.get(COOKIE, "")
    if LINK.fullmatch(given) is None:
        raise NotShown
    return given
