"""Three pages to read: what this is, what it keeps, and on what terms it is used. The manifests link to them.

They are the same for everybody, ask for nothing and hold nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from aiohttp import web

PATHS = ("/", "/privacy", "/terms")
_ABOUT = """
<p>Staffroom carries the social media policy of {school}. Staff use it in {chats}; there is nothing to do
on this page.</p>
<p>Seen something on social media that worries you? Open your chat with Staffroom and type
<strong>report-incident</strong>.</p>
<p><strong>Danger now? Call 999 first. A child told you something? Tell your DSL in person.</strong></p>
<p><a href="/privacy">What it keeps</a> · <a href="/terms">How it may be used</a></p>
"""
_PRIVACY = """
<h2>Who is responsible</h2>
<p>{school} decides what is kept here, and why: it is the data controller. Questions: {contact}.</p>
<h2>What is kept</h2>
<p>What staff type into Staffroom's own forms, the screenshots and other files that they attach, and the message that
somebody chooses to report. Who opened, took, decided or changed what, and when. The names, school e-mail addresses,
duties and phone numbers on the school's list of staff.</p>
<h2>Where, and who can read it</h2>
<p>On a server that the school runs or has run for it. Reports are encrypted in its database. In Staffroom a report is
read by the people whom the policy names for it, and kept from whoever it is about; every opening is recorded. Whoever
runs the server could read everything on it.</p>
<p>What staff type or are shown in {chats} passes through {services}, under the school's contract, and is kept there by
the school's settings. Nothing is sent to anybody else.</p>
<h2>For how long</h2>
<p>For as long as the school's rules on records say. Staffroom deletes no report by itself.</p>
<h2>What is not done</h2>
<p>Staffroom does not read conversations.</p>
<h2>Your rights</h2>
<p>The school can tell you what it holds about you, for how long and why, and have it put right. You can also ask the
Information Commissioner's Office.</p>
"""
_TERMS = """
<p>Staffroom is for staff of {school}, with their school accounts, and is part of how its social media policy is
carried out. The policy itself stays as the school has published it.</p>
<p>It is not an emergency service: in danger call 999, and tell your DSL in person if a child may be at risk. It never
replaces what the law or the school's safeguarding policy asks of you.</p>
<p>Report in good faith: you do not need proof. What is sent is kept with its time and its author; it can be
corrected, but not overwritten. Never send a picture that may show a child naked or partly naked.</p>
<p>Questions: {contact}.</p>
"""
_NOBODY_NAMED = "the school's data protection officer, whom the school office can name"


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ max-width: 38em; margin: 2em auto; padding: 0 1em; font: 1.05em/1.5 system-ui, sans-serif; color: #1f2a37; }}
h1, h2 {{ color: #1f3a5f; line-height: 1.2; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #14202e; color: #e8edf3; }} h1, h2, a {{ color: #a9c7ec; }}
}}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>
"""


def pages(school: str, contact: str, chats: Sequence[str]) -> Mapping[str, str]:
    """The pages by path. `chats` are the platforms in use; `contact` is whom the school names for questions, or ""."""
    words = {
        "school": escape(school),
        "contact": escape(contact) or _NOBODY_NAMED,
        "chats": " or ".join(chats),
        "services": "that service" if len(chats) == 1 else "these services",
    }
    bodies = (("Staffroom", _ABOUT), ("What Staffroom keeps", _PRIVACY), ("How Staffroom may be used", _TERMS))
    written = {path: _page(title, body.format_map(words)) for path, (title, body) in zip(PATHS, bodies, strict=True)}
    return MappingProxyType(written)


POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class About:
    """Shows the pages."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Adds the routes."""
        for path in self._written:
            router.add_get(path, self._show)

    async def _show(self, request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICY}
        page = self._written[request.path]
        return web.Response(text=page, content_type="text/html", charset="utf-8", headers=headers)
