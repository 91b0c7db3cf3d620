"""Bytes over HTTP as a platform's file storage sends them, and as a broken or hostile one does."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

SIGN_IN: Final = "<!DOCTYPE html><html><title>Sign in</title><body>Sign in to your workspace</body></html>"
_BLOCK: Final = b"\0" * 65_536
_LOOK_SECONDS: Final = 0.01
# The standard table alone: what the machine adds to it would make runs differ.
_TYPES: Final = mimetypes.MimeTypes()
_MORE_TYPES: Final = {"heic": "image/heic", "webp": "image/webp", "eml": "message/rfc822"}


@dataclass
class DownloadFault:
    """One planned misbehaviour of a download, for the next `times` requests."""

    kind: str
    operation: str
    times: int
    to: str = ""
    after: int = 0


@dataclass
class DownloadFaults:
    """What goes wrong with the next downloads, after the faults that any request can have.

    `operation` is `get_file`, and on Teams also `get_attachment` (a pasted image).
    """

    downloads: list[DownloadFault] = field(default_factory=list)

    def never_end(self, operation: str = "get_file", times: int = 1) -> None:
        """Send the file, and zeros after it until the bot hangs up; no length is given."""
        self.downloads.append(DownloadFault("never_end", operation, times))

    def stall(self, operation: str = "get_file", times: int = 1, *, after: int = 1) -> None:
        """Fall silent after so many bytes, until the bot hangs up."""
        self.downloads.append(DownloadFault("stall", operation, times, after=after))

    def cut_short(self, operation: str = "get_file", times: int = 1, *, after: int = 1) -> None:
        """Close the connection after so many bytes, short of the length that was given."""
        self.downloads.append(DownloadFault("cut_short", operation, times, after=after))

    def redirect(self, to: str, operation: str = "get_file", times: int = 1) -> None:
        """Answer 302 to another address."""
        self.downloads.append(DownloadFault("redirect", operation, times, to=to))

    def chunked(self, operation: str = "get_file", times: int = 1) -> None:
        """Send the file in chunks, without its length."""
        self.downloads.append(DownloadFault("chunked", operation, times))

    def sign_in_page(self, operation: str = "get_file", times: int = 1) -> None:
        """Answer 200 with a web page to sign in on, although all is right with the request."""
        self.downloads.append(DownloadFault("sign_in_page", operation, times))

    def next_download(self, operation: str) -> DownloadFault | None:
        """Take the next planned fault of a download, using it up by one."""
        for fault in self.downloads:
            if fault.operation == operation:
                fault.times -= 1
                if fault.times <= 0:
                    self.downloads.remove(fault)
                return fault
        return None


def extension(name: str) -> str:
    """What stands after the last dot, in lower case; empty where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def mimetype_of(name: str) -> str:
    """The type that a platform gives to a file of this name; it does not look into it."""
    suffix = extension(name)
    known = _MORE_TYPES.get(suffix) or _TYPES.guess_type(f"file.{suffix}")[0]
    return known or "application/octet-stream"


def in_address(name: str) -> str:
    """A name as it may stand in a URL's path, where it is for show: the id says which file it is."""
    return re.sub(r"[^a-z0-9._-]+", "_", name.lower()) or "file"


async def serve(
    request: web.Request,
    content: bytes,
    mimetype: str,
    fault: DownloadFault | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Send a file, whole or the range that is asked for (RFC 9110, range requests), or as the fault says."""
    if fault is None:
        return _whole_or_range(request, content, mimetype, headers or {})
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": fault.to})
    if fault.kind == "sign_in_page":
        return sign_in_page()
    return await _stream(request, content, mimetype, fault)


def sign_in_page() -> web.Response:
    """What stands in place of a file for whoever is not signed in: a page, with status 200."""
    return web.Response(text=SIGN_IN, content_type="text/html")


def _whole_or_range(
    request: web.Request, content: bytes, mimetype: str, headers: Mapping[str, str]
) -> web.StreamResponse:
    told = {"Accept-Ranges": "bytes", **headers}
    if "Range" not in request.headers:
        return web.Response(body=content, content_type=mimetype, headers=told)
    try:
        start, stop, _ = request.http_range.indices(len(content))
    except ValueError:
        start, stop = 0, 0
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    told["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    return web.Response(status=206, body=content[start:stop], content_type=mimetype, headers=told)


async def _stream(request: web.Request, content: bytes, mimetype: str, fault: DownloadFault) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = mimetype
    if fault.kind in ("chunked", "never_end"):
        response.enable_chunked_encoding()
    else:
        response.content_length = len(content)
    await response.prepare(request)
    try:
        if fault.kind in ("stall", "cut_short"):
            await response.write(content[: fault.after])
        else:
            await response.write(content)
        while fault.kind == "never_end":
            await response.write(_BLOCK)
        # A handler is not told when its client hangs up, so there is no event to wait for.
        while fault.kind == "stall" and request.transport is not None:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
    except ConnectionError:
        # The bot has hung up, as it should.
        return response
    if fault.kind == "cut_short" and request.transport is not None:
        # What is on its way arrives; the rest never does.
        request.transport.close()
    return response
