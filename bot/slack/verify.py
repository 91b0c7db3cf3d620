"""Is this request Slack's? Asked before anything in it is read (docs.slack.dev, "Verifying requests from Slack").

No content is ever logged here or put into an exception: not of the body, not of a header.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.slack.payload import parse
from bot.slack.render.text import Json

MOST_BYTES = 1024 * 1024
WINDOW = 300
"""Seconds by which a request's own time may differ from ours."""
READING = 5.0
"""Seconds that sending the body may take: Slack itself gives up after three."""

NO_TIME = "no time of sending, or another one than now: is this server's clock right?"
NOT_SIGNED = "not signed by our Slack app: compare SLACK_SIGNING_SECRET"


class Refused(Exception):
    """The request is not answered. `status` is what HTTP says; the message is short, plain and without content.

    `why` is for our own log, where that may say more.
    """

    def __init__(self, status: int, message: str, why: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.why = why or message.rstrip(".").lower()


async def verified_payload(request: web.Request, secret: str, wall: Callable[[], float]) -> Json:
    """The payload of a request that Slack signed with `secret`, no more than five minutes ago.

    `wall` gives real time in seconds since 1970, never school time.

    Raises:
        Refused: 401 where time or signature are wrong, 413 above 1 MiB, 408 where the body does not come,
            400 where what Slack signed is not a payload.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused(413, "Too large.")
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13 and abs(wall() - int(stamp)) <= WINDOW):
        raise Refused(401, "Not from Slack, or too old.", NO_TIME)
    given = request.headers.get("x-slack-signature", "").encode("utf-8", "surrogateescape")
    body = await _body(request)
    signed = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given, b"v0=" + signed.encode()):
        raise Refused(401, "Not from Slack.", NOT_SIGNED)
    try:
        return parse(body, request.content_type if "content-type" in request.headers else "")
    except ValueError:
        # Without its cause: the text of a decoder's error holds the body.
        raise Refused(400, "Not a Slack payload.", "no payload of Slack's") from None


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READING):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MOST_BYTES:
                    raise Refused(413, "Too large.")
    except TimeoutError:
        raise Refused(408, "Too slow.") from None
    except (web.RequestPayloadError, ClientPayloadError, HttpProcessingError, ConnectionError):
        raise Refused(400, "Broken off.") from None
    return bytes(body)
