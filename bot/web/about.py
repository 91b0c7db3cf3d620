"""Three pages to read: what this is, what it keeps, and on what terms it is used. The manifests link to them.

They are the same for everybody, ask for nothing and hold nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

_ABOUT = """
<p>Staffroom carries the school's social media policy. Staff use it in Microsoft Teams or Slack; there is nothing to do
on this page.</p>
<p>Seen something on social media that worries you? Open your chat with Staffroom and type
<strong>report-incident</strong>.</p>
<p><strong>Danger now? Call 999 first. A child told you something? Tell your DSL in person.</strong></p>
<p><a href="/privacy">What it keeps</a> · <a href="/terms">How it may be used</a></p>
"""
_PRIVACY = """
<h2>What is kept</h2>
<p>What staff type into Staffroom's own forms, and the message that somebody chooses to report. Who opened, took,
decided or changed what, and when. The names, school e-mail addresses, duties and phone numbers on the school's list
of staff.</p>
<h2>Where, and who can read it</h2>
<p>On a server that the school runs or has run for it. Reports are encrypted in its database. In Staffroom a report is
read by the people whom the policy names for it, and kept from
whoever it is about; every opening is recorded. Whoever
runs the server could read everything on it. Microsoft and Slack keep what is typed there by their own rules.</p>
<h2>What is not done</h2>
<p>Staffroom does not read conversations, and passes nothing on to anybody outside the school.</p>
<h2>Questions, and your rights</h2>
<p>Ask the school's data protection officer. They can tell you what the school holds about you, for how long and why,
and have it put right. You can also ask the Information Commissioner's Office.</p>
"""
_TERMS = """
<p>Staffroom is for staff of the school, with their school accounts, and is part of how its social media policy is
carried out. The policy itself stays as the school has published it.</p>
<p>It is not an emergency service: in danger call 999, and tell your DSL in person if a child may be at risk. It never
replaces what the law or the school's safeguarding policy asks of you.</p>
<p>Report in good faith: you do not need proof. What is sent is kept with its time and its author; it can be
corrected, but not overwritten. Never send a picture that may show a child naked or partly naked.</p>
"""


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


PAGES: Mapping[str, str] = MappingProxyType(
    {
        "/": _page("Staffroom", _ABOUT),
        "/privacy": _page("What Staffroom keeps", _PRIVACY),
        "/terms": _page("How Staffroom may be used", _TERMS),
    }
)
"""The pages by path."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


async def show(request: web.Request) -> web.Response:
    """The page of this path."""
    headers = {"Content-Security-Policy": POLICY}
    return web.Response(text=PAGES[request.path], content_type="text/html", charset="utf-8", headers=headers)
