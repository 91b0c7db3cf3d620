"""The message on which somebody chose *Report this message*, as words that wait in the form; its files by id only."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.payload import part, parts, text
from bot.slack.read import offered
from bot.slack.render import Json
from handlers.commands import OfferedFile

MOST = 20_000
MOST_FILES = 10


def words_of(body: Json) -> str:
    """When it was written, what it says and where it stands. Whose it is Slack tells by id only; it says the name."""
    message, channel = part(body, "message"), part(body, "channel")
    said = text(message, "text").strip()[:MOST]
    where = text(channel, "name")
    author = text(part(message, "user_profile"), "real_name") or text(message, "username")
    head = "A Slack message" + (f" by {author}" if author else "") + (f" in {where}" if where else "")
    stamp = text(message, "ts")
    when = f", {_moment(stamp)}" if stamp else ""
    link = link_of(body)
    return "\n".join(piece for piece in (f"{head}{when}:", said, link) if piece)


def files_of(body: Json) -> tuple[OfferedFile, ...]:
    """Its files, known by their ids: they are fetched after the imagery answer, where the bot may see them."""
    return offered(parts(part(body, "message"), "files")[:MOST_FILES], place=link_of(body) or "a Slack message")


def link_of(body: Json) -> str:
    """Where the message stands, as far as the payload tells."""
    given = text(part(body, "message"), "permalink")
    if given.startswith("https://"):
        return given[:2000]
    channel, stamp = text(part(body, "channel"), "id"), text(part(body, "message"), "ts")
    domain = text(part(body, "team"), "domain")
    if not (channel and stamp and domain):
        return ""
    return f"https://{domain}.slack.com/archives/{channel}/p{stamp.replace('.', '')}"


def _moment(stamp: str) -> str:
    try:
        return f"{datetime.fromtimestamp(float(stamp), UTC):%d %B %Y %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"
