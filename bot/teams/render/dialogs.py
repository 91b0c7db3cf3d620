"""The dialogs as Teams shows them: an adaptive card in a window over the chat, for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from bot.teams import words
from bot.teams.render.elements import (
    MOST_BYTES,
    actions,
    bullets,
    card,
    close,
    divided,
    line,
    quoted,
    rows,
    run,
    said,
    submit,
    typed,
    typed_in,
)
from bot.teams.render.pages import in_pages
from bot.teams.render.parts import PARTS, carried
from bot.teams.render.text import Json, clip, size_of
from handlers.views import Button, Buttons, CaseDetail, Dialog, Form, Home, HomeRow, Line, Notice, Quote, Words

TITLE = 60
START_REPORT, START_HOME = "start.report", "start.home"
"""Buttons of the adapter's own: the same as typing `report-incident` and `staffroom`."""
OPEN_CASE = "case.open"
"""What turns the pages of a case: each page is opened, re-authorised and audited, as the first one was."""
HOW = (
    "Seen or been told about something on social media that worries you? Press Report. You don't need proof. "
    "Others read along in teams and group chats: write about people here or in a report only."
)
LOOK = "Not sent yet. Please look at each answer in a box."
ROOM = MOST_BYTES - 400
"""Bytes for a card's body; the rest is its frame."""


@dataclass(frozen=True, slots=True)
class Window:
    """A dialog: its title, its card, and how high it opens."""

    title: str
    card: Json
    height: Literal["small", "medium", "large"] = "medium"


def form(view: Form) -> Window:
    """The form; errors stand in a box with their field, those of no field on top.

    Buttons that come last, such as *Back*, stand beside the one that sends.
    """
    fields = {part.id for part in view.parts if not isinstance(part, Words | Quote | Buttons)}
    top = [said(text, "warning") for field, text in view.errors.items() if field not in fields]
    if len(top) < len(view.errors):
        top.insert(0, said(LOOK, "bold"))
    send = submit(view.submit.strip() or "Send", {"form": view.id, **carried(view)}, "positive")
    room = ROOM - size_of(send) - sum(map(size_of, top))
    rendered = [[] if isinstance(part, Quote) else PARTS[type(part)](part, view, room) for part in view.parts]
    foot: list[Json] = []
    if view.parts and isinstance(view.parts[-1], Buttons):
        beside = [action for row in rendered[-1] for action in row["actions"]]
        if len(rows([send, *beside])) == 1:
            room -= sum(map(size_of, beside))
            foot, rendered[-1] = beside, []
    room -= sum(map(size_of, (element for elements in rendered for element in elements)))
    # Quotations come last: they share the room that the questions leave.
    quotes = [index for index, part in enumerate(view.parts) if isinstance(part, Quote)]
    for index in quotes:
        rendered[index] = PARTS[Quote](view.parts[index], view, room // len(quotes))
    body = [*top, *(element for elements in rendered for element in elements)]
    shown = card(body or [said("Nothing to fill in.", "subtle")], [send, *foot])
    return Window(clip(view.title, TITLE), shown, "large")


def notice(view: Notice) -> Window:
    """The notice; what the person had typed is given back."""
    body = [said(piece) for piece in view.text.split("\n") if piece.strip()] or [said("")]
    body += actions(view.buttons)
    if view.link is not None:
        body += rows([{"type": "Action.OpenUrl", "title": view.link.label, "url": view.link.url}])
    if view.kept:
        body += typed_in("What you typed", view.kept, ROOM - sum(map(size_of, body)))
    return Window(clip(view.title, TITLE), card(body), "medium" if view.kept else "small")


def case_detail(view: CaseDetail, page: int = 0, token: str = "") -> Window:
    """The case: how it stands and what can be done first, then what was said, then what happened.

    What is too long for one card goes on the next page. `token` is what opening the case took; without it there
    is nothing to turn pages with, and what does not fit is counted.
    """
    head = [said(clip(view.title, 300), "title"), close(said(view.status))]
    top = [*head, *actions(view.buttons)]
    facts = [line(run(f"{label}: ", "bold"), run(clip(value, 1200))) for label, value in view.facts[:40]]
    top += [*facts[:1], *map(close, facts[1:])]
    if view.files:
        top += [divided(said("Files", "bold")), *bullets(clip(item, 300) for item in view.files[:10])]
        if len(view.files) > 10:
            top.append(said(f"{len(view.files) - 10} more files", "subtle"))
    if view.link is not None:
        top += rows([{"type": "Action.OpenUrl", "title": view.link.label, "url": view.link.url}])
    flow = [element for item in view.quotes for element in typed(item.label, item.text)]
    if view.asks:
        flow += [divided(said("The policy asks", "bold")), *bullets(clip(item, 600) for item in view.asks[:40])]
    if view.chronology:
        flow.append(divided(said("What happened so far", "bold")))
        above = ("", *(item.text for item in view.chronology))
        flow += [
            element
            for item, quote in zip(view.chronology, above, strict=False)
            for element in _line(item, apart=bool(quote or item.text))
        ]
    pages = in_pages(top, head, flow, ROOM - 900)
    page = min(max(page, 0), len(pages) - 1)
    body = [*pages[page], *_turning(page, len(pages), token)]
    return Window(clip(f"Report {view.reference}", TITLE), card(body), "large")


def _line(item: Line, *, apart: bool) -> list[Json]:
    happened = line(run(f"{item.when} ", "bold"), run(clip(f"{item.who} {item.what}", 1200)))
    return [happened if apart else close(happened), *quoted(item.text)]


def _turning(page: int, pages: int, token: str) -> list[Json]:
    if pages == 1:
        return []
    if not token:
        return [divided(said(f"{pages - 1:,} more pages are not shown here.", "subtle"))]
    turns = [(words.PREVIOUS, page - 1), (words.NEXT, page + 1)]
    buttons = [
        submit(label, {"action": OPEN_CASE, "token": token, "page": to}) for label, to in turns if 0 <= to < pages
    ]
    return [divided(said(f"Page {page + 1:,} of {pages:,}", "subtle")), *rows(buttons)]


def home(view: Home) -> Window:
    """The home screen: what to do about a worry, what was begun, what waits, one's own reports."""
    body = [
        said(clip(view.school, 300), "title"),
        said(HOW),
        *rows([submit(words.REPORT, _start(START_REPORT), "positive")]),
    ]
    if view.contact:
        danger = f"Danger now? Call 999 first. A child told you something? Tell {view.contact} in person."
        body.append(said(danger, "warning"))
    for title, home_rows, none in (
        ("Begun, not sent", view.begun, ""),
        ("Waiting for you", view.waiting, "Nothing waits for you."),
        ("Your reports", view.mine, ""),
        ("Data protection", view.rights, ""),
        ("Find a report", view.find, ""),
        ("Where Staffroom writes to you", view.reached, ""),
        ("Drills", view.drills, ""),
    ):
        body += _rows(title, home_rows, none, ROOM - sum(map(size_of, body)))
    explains = [divided(said("How it works", "bold")), *bullets(view.explains)]
    if view.explains and sum(map(size_of, [*body, *explains])) <= ROOM:
        body += explains
    return Window("Staffroom", card(body), "large")


def _start(action: str) -> Json:
    return {"action": action, "token": "home"}


def _rows(title: str, home_rows: Sequence[HomeRow], none: str, room: int) -> list[Json]:
    if not home_rows and not none:
        return []
    shown = [divided(said(title, "bold"))]
    if not home_rows:
        return [*shown, said(none, "subtle")]
    room -= size_of(shown) + 200
    for index, row in enumerate(home_rows):
        elements = [said(clip(row.text, 1200)), *actions(row.buttons)]
        room -= sum(map(size_of, elements))
        if room < 0:
            return [*shown, said(f"{len(home_rows) - index:,} more are not shown here.", "subtle")]
        shown += elements
    return shown


def launcher(text: str, buttons: Sequence[Button], more: Sequence[str] = ()) -> Json:
    """A card that says something of ours and has buttons that open dialogs; it holds nothing about anybody."""
    return card([*map(said, [text, *more]), *actions(buttons, opens=True)])


DIALOGS: Mapping[type[Dialog], Callable[[Any], Window]] = MappingProxyType(
    {Form: form, Notice: notice, CaseDetail: case_detail, Home: home}
)
"""A renderer for every dialog."""
