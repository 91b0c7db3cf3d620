"""Where the bot's own token may go: to Microsoft's connectors, and nowhere else, whoever names the address.

Every activity says at which service it is answered. That address is signed, and yet it decides where our token is
sent: so it has to be one of the hosts that Microsoft publishes for its clouds (learn.microsoft.com, "Send proactive
messages", `serviceUrl`). `trafficmanager.net` is Azure's for all its customers: there the whole name counts.
"""

from __future__ import annotations

from yarl import URL

from bot.settings import is_loopback

HOSTS = frozenset({"smba.trafficmanager.net"})
DOMAINS = (
    ".botframework.com",
    ".botframework.azure.us",
    ".botframework.azure.cn",
    ".teams.microsoft.com",
    ".teams.microsoft.us",
    ".infra.teams.microsoftonline.cn",
)
"""Domains of which Microsoft alone has every name."""


def may_have_token(url: str, *, local: bool) -> bool:
    """Whether the bot's token may be sent to this service.

    `local` says that Microsoft itself is played on this machine: then its service is on this machine, too.
    """
    try:
        # The very parser that makes the request: another one might see another host.
        parsed = URL(url, encoded=True)
        host, user, port = (parsed.host or "").lower(), parsed.raw_authority, parsed.explicit_port
    except ValueError:
        return False
    if "@" in user or "\\" in url or any(letter.isspace() for letter in url):
        return False
    if local:
        return is_loopback(host) and parsed.scheme in {"http", "https"}
    return parsed.scheme == "https" and port in {None, 443} and (host in HOSTS or host.endswith(DOMAINS))
