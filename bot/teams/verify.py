"""Is this request from Teams, for us, and about our school? Asked before anything in it is read.

The token is checked with PyJWT and keys fetched beforehand (learn.microsoft.com, "Authentication with the Bot
Connector API"), with the two checks that the Teams SDK leaves out: `exp` must be there, and the tenant must be
ours. No content is ever logged here or put into an exception: not of the body, not of a token.
"""

from __future__ import annotations

import asyncio

import jwt
from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.payload import part, text
from bot.teams.hosts import may_have_token
from bot.teams.keys import Key, SigningKeys
from bot.teams.payload import Activity, Malformed, activity_of, parse
from bot.teams.render.text import Json
from bot.teams.services import TeamsSettings

MOST_BYTES = 1024 * 1024
LEEWAY = 300
"""Seconds by which Microsoft's clock may differ from ours, as in its own libraries."""
READING = 5.0
"""Seconds that sending the body may take."""
CHANNEL = "msteams"


class Refused(Exception):
    """The request is not answered. `status` is all that whoever sent it is told; `why` is for our own log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


NO_TOKEN = "no token"  # noqa: S105 - a phrase for the log
UNKNOWN_KEY = "a token signed with no key that Microsoft is known to have"
OTHER_BOT = "a token for another bot: compare TEAMS_CLIENT_ID"
OUT_OF_DATE = "a token that is out of date: is this server's clock right?"
NOT_MICROSOFTS = "a token that is not Microsoft's"
OTHER_SERVICE = "a service that is not Microsoft's"
OTHER_CHANNEL = "another channel than Teams (Test in Web Chat is one)"
OTHER_TENANT = "another tenant: compare TEAMS_TENANT_ID"
NO_ACTIVITY, TOO_LARGE, TOO_SLOW, BROKEN_OFF = "no activity", "too large", "too slow", "broken off"


async def verified_activity(request: web.Request, keys: SigningKeys, settings: TeamsSettings) -> Activity:
    """The activity in a request whose token Microsoft signed for this bot, from our tenant.

    Raises:
        Refused: 413 above 1 MiB, 401 where the token is wrong, 408 where the body does not come, 400 where it is no
            activity, 403 where it is another channel's or another tenant's, or a service that is not Microsoft's.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused(413, TOO_LARGE)
    key, claims = await _claims(_bearer(request), keys, settings)
    body = await _body(request)
    try:
        payload = parse(body)
        activity = activity_of(payload)
    except Malformed:
        raise Refused(400, NO_ACTIVITY) from None
    if text(claims, "serviceurl").rstrip("/") != activity.service_url.rstrip("/"):
        raise Refused(401, NOT_MICROSOFTS)
    if not may_have_token(activity.service_url, local=settings.local):
        raise Refused(403, OTHER_SERVICE)
    if text(payload, "channelId") != CHANNEL or (key.endorsements and CHANNEL not in key.endorsements):
        raise Refused(403, OTHER_CHANNEL)
    if tenant_of(payload) != settings.tenant_id.lower():
        raise Refused(403, OTHER_TENANT)
    return activity


def tenant_of(payload: Json) -> str:
    """The tenant in whose conversation it happened, in small letters. Whose account acted, `identity` asks."""
    conversation = text(part(payload, "conversation"), "tenantId")
    return (conversation or text(part(part(payload, "channelData"), "tenant"), "id")).lower()


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, NO_TOKEN)
    return token.strip()


async def _claims(token: str, keys: SigningKeys, settings: TeamsSettings) -> tuple[Key, Json]:
    try:
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        key = await keys.find(key_id) if isinstance(key_id, str) and header.get("alg") == "RS256" else None
        if key is None:
            raise Refused(401, UNKNOWN_KEY)
        claims: Json = jwt.decode(
            token,
            key.public,
            algorithms=["RS256"],
            audience=settings.client_id,
            issuer=settings.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"], "strict_aud": True},
        )
    except jwt.InvalidAudienceError:
        raise Refused(401, OTHER_BOT) from None
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise Refused(401, OUT_OF_DATE) from None
    except (jwt.PyJWTError, ValueError, TypeError):
        # Without its cause: its text may hold what the token says.
        raise Refused(401, NOT_MICROSOFTS) from None
    if not text(claims, "serviceurl"):
        raise Refused(401, NOT_MICROSOFTS)
    return key, claims


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READING):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > MOST_BYTES:
                    raise Refused(413, TOO_LARGE)
    except TimeoutError:
        raise Refused(408, TOO_SLOW) from None
    except (web.RequestPayloadError, ClientPayloadError, HttpProcessingError, ConnectionError):
        raise Refused(400, BROKEN_OFF) from None
    return bytes(body)
