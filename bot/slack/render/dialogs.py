"""The dialogs as Slack modals: what opens over the chat, for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.slack.render.blocks import (
    Names,
    Room,
    actions,
    all_typed,
    bullets,
    context,
    line,
    link_button,
    plain,
    quoted,
    rich,
    run,
    section,
    size_of,
    typed,
    warning,
)
from bot.slack.render.parts import PARTS
from bot.slack.render.text import Json, chunks, clip, words
from handlers.views import Button, CaseDetail, Dialog, Form, Home, HomeRow, Line, Notice, Quote

BLOCKS = 100
BYTES = 249_000
TITLE = 24
START_REPORT = "start.report"
"""A button of the home screen: the same as typing `/report-incident`."""
HOW = (
    "Seen or been told about something on social media that worries you? Type /report-incident, or press Report. "
    "You don't need proof."
)


def _modal(title: str, close: str, **more: object) -> Json:
    return {"type": "modal", "title": plain(title, TITLE), "close": plain(close, TITLE), "blocks": [], **more}


def _room(modal: Json) -> Room:
    return Room(BLOCKS, BYTES - size_of(modal))


def form(view: Form, *, mark: str = "") -> Json:
    """The form as a modal. Errors stand on top: a form that is opened afresh has no other place for them.

    `mark` makes the inputs' ids differ from those of the view that the form replaces (see `Names`).
    """
    modal = _modal(view.title, "Cancel", callback_id=view.id, private_metadata=view.token)
    modal["submit"] = plain(view.submit if view.submit.strip() else "Send", TITLE)
    room, names = _room(modal), Names(mark)
    top = [warning(text) for text in _problems(view)]
    room.spend(top)
    rendered: list[list[Json]] = [[] for _ in view.parts]
    for index, part in enumerate(view.parts):
        blocks = [] if isinstance(part, Quote) else PARTS[type(part)](part, names, room)
        if room.has(blocks):
            room.spend(blocks)
            rendered[index] = blocks
    # Quotations come last: they take what room the questions leave.
    quotes = {index: part for index, part in enumerate(view.parts) if isinstance(part, Quote)}
    said = all_typed([(part.label, part.text) for part in quotes.values()], room)
    for index, blocks in zip(quotes, said, strict=True):
        rendered[index] = blocks
    modal["blocks"] = top + [block for blocks in rendered for block in blocks] or [context("Nothing to fill in.")]
    return modal


def _problems(view: Form) -> list[str]:
    labels = {getattr(part, "id", ""): getattr(part, "label", "") for part in view.parts}
    return [f"{labels[field]}: {text}" if labels.get(field) else text for field, text in view.errors.items()][:20]


def notice(view: Notice) -> Json:
    """The notice as a modal; what the person had typed is given back whole."""
    modal = _modal(view.title, "Close", callback_id="notice")
    room = _room(modal)
    blocks = [section(piece) for piece in chunks(words(view.text), 2900)][:20]
    blocks += actions(view.buttons, Names())
    if view.link is not None:
        blocks.append({"type": "actions", "elements": [link_button(view.link)]})
    room.spend(blocks)
    modal["blocks"] = blocks + (typed("What you typed", view.kept, room) if view.kept else [])
    return modal


def case_detail(view: CaseDetail) -> Json:
    """The case as a modal: how it stands and what can be done first, then what was said, then what happened."""
    modal = _modal(f"Report {view.reference}", "Close", callback_id="case")
    room, names = _room(modal), Names()
    head = [rich(line(run(view.title, bold=True)), line(run(view.status))), *actions(view.buttons, names)]
    if view.facts:
        head.append(rich(*(line(run(f"{label}: ", bold=True), run(value)) for label, value in view.facts[:40])))
    if view.files:
        head.append(rich(line(run("Files", bold=True)), bullets(clip(item, 300) for item in view.files[:50])))
    if view.link is not None:
        head.append({"type": "actions", "elements": [link_button(view.link)]})
    asks = [rich(line(run("The policy asks", bold=True)), bullets(view.asks[:40]))] if view.asks else []
    divider = {"type": "divider"}
    room.spend([*head, *asks, divider])
    said = all_typed([(item.label, item.text) for item in view.quotes], room)
    body = [block for blocks in said for block in blocks]
    modal["blocks"] = [*head, divider, *body, *asks, *_chronology(view.chronology, room)]
    return modal


def _chronology(lines: Sequence[Line], room: Room) -> list[Json]:
    """What happened, oldest first; where there is no room for all of it the newest lines are shown."""
    if not lines or room.blocks < 3:
        return []
    title = rich(line(run("Chronology", bold=True)))
    room.spend([title, context("The first 1,000,000 lines are not shown here.")])
    newest_first: list[list[Json]] = []
    for item in reversed(lines):
        said = line(run(f"{item.when} ", bold=True), run(f"{item.who} {item.what}"))
        blocks = [rich(said, *quoted(item.text))]
        if not room.has(blocks):
            blocks = typed(f"{item.when} {item.who} {item.what}", item.text, room) if not newest_first else []
            newest_first += [blocks] if blocks else []
            break
        # Lines share blocks below, but are counted one by one: so a hundred of them fit all the same.
        room.size -= size_of(blocks[0])
        newest_first.append(blocks)
    while len(merged := _merged([block for blocks in reversed(newest_first) for block in blocks])) > room.blocks:
        newest_first.pop()
    hidden = len(lines) - len(newest_first)
    note = [context(f"The first {hidden:,} lines are not shown here.")] if hidden else []
    return [title, *note, *merged]


def _merged(blocks: Sequence[Json]) -> list[Json]:
    """Neighbouring rich text blocks as one, up to some ten thousand bytes each."""
    merged: list[Json] = []
    size = 0
    for block in blocks:
        fits = bool(merged) and size + size_of(block) < 10_000 and len(merged[-1].get("elements", ())) < 60
        if fits and block["type"] == merged[-1]["type"] == "rich_text":
            merged[-1] = rich(*merged[-1]["elements"], *block["elements"])
            size += size_of(block)
        else:
            merged.append(block)
            size = size_of(block)
    return merged


def home(view: Home) -> Json:
    """The home screen as a modal: what to do about a worry, what was begun, what waits, one's own reports."""
    modal = _modal("Staffroom", "Close", callback_id="home")
    room, names = _room(modal), Names()
    head = [rich(line(run(view.school, bold=True))), section(HOW)]
    head += actions([Button(action=START_REPORT, label="Report", token="home", style="primary")], names)  # noqa: S106 - no secret
    if view.contact:
        head.append(warning(f"Danger now? Call 999 first. A child told you something? Tell {view.contact} in person."))
    room.spend(head)
    blocks = list(head)
    for title, rows, none in (
        ("Begun, not sent", view.begun, ""),
        ("Waiting for you", view.waiting, "Nothing waits for you."),
        ("Your reports", view.mine, ""),
        ("Data protection", view.rights, ""),
        ("Find a report", view.find, ""),
        ("Where Staffroom writes to you", view.reached, ""),
        ("Drills", view.drills, ""),
    ):
        blocks += _rows(title, rows, none, names, room)
    explains = [{"type": "divider"}, rich(line(run("How it works", bold=True)), bullets(view.explains))]
    if view.explains and room.has(explains):
        blocks += explains
    modal["blocks"] = blocks
    return modal


def _rows(title: str, rows: Sequence[HomeRow], none: str, names: Names, room: Room) -> list[Json]:
    if not rows and not none:
        return []
    blocks: list[Json] = [{"type": "divider"}, rich(line(run(title, bold=True)))]
    if not rows:
        blocks.append(context(none))
    if not room.has([*blocks, context("x" * 60)]):
        return []
    room.spend([*blocks, context("x" * 60)])
    for index, row in enumerate(rows):
        shown = [section(row.text), *actions(row.buttons, names)]
        if not room.has(shown):
            return [*blocks, context(f"{len(rows) - index:,} more are not shown here.")]
        room.spend(shown)
        blocks += shown
    return blocks


DIALOGS: Mapping[type[Dialog], Callable[[Any], Json]] = MappingProxyType(
    {Form: form, Notice: notice, CaseDetail: case_detail, Home: home}
)
"""A renderer for every dialog: the `view` that `views.open` takes."""
