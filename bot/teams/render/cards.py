"""The cards as Teams messages. What a notification shows of them holds nothing but, at most, a reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.teams.render.elements import actions, bullets, card, line, run, said
from bot.teams.render.text import Json, clip
from handlers.views import (
    AccessEnded,
    Button,
    Card,
    CaseAlert,
    CaseCard,
    Digest,
    DutyNote,
    FilesWanted,
    Receipt,
    Unanswered,
)

ALERT_TEXT = "Staffroom needs you"
"""What a locked phone shows of an alert, and all that it shows (design, "Chat holds as little as possible")."""
DUTY_TEXT = "Staffroom has something for you to keep or decide"
"""What it shows of a message that a duty brings: nobody waits for an answer."""
DRILL_TEXT = "Staffroom drill: this is a test"
STRETCH = 1200
ITEMS = 6
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Message:
    """What becomes an activity: `summary` is what a notification shows."""

    summary: str
    card: Json


def _message(reference: str, buttons: Sequence[Button], *body: Json, summary: str = "") -> Message:
    # Every button opens a dialog: an answer in the chat itself would stay there.
    shown = card([*body, *actions(buttons, opens=True)])
    return Message(summary or f"Staffroom: report {clip(reference, 20)}", shown)


def _mark(drill: bool) -> list[Json]:
    return [said("Drill: this is a test. Nothing has happened.", "warning")] if drill else []


def _short(text: str) -> str:
    # Our own sentences are far below; a strange name may not be.
    return clip(text, STRETCH)


def _paragraph(bold: str, text: str) -> Json:
    return line(run(_short(bold), "bold"), *([run(_short(f" {text}"))] if text else []))


def _phones(label: str, phones: Sequence[str]) -> list[Json]:
    return [said(label, "bold"), *bullets(_short(phone) for phone in phones[:ITEMS])] if phones else []


def case_alert(view: CaseAlert) -> Message:
    """Somebody is asked to take a report: its reference, the time, and nothing that tells what it is."""
    then = f", then {view.then}" if view.then else ""
    return _message(
        view.reference,
        view.buttons,
        *_mark(view.drill),
        _paragraph(f"Report {view.reference}.", f"Reply by {view.reply_by}{then}."),
        *_phones("Nobody has answered yet. Phone:", view.phone),
        said("Open it where nobody sees your screen.", "subtle"),
        summary=DRILL_TEXT if view.drill else ALERT_TEXT,
    )


def receipt(view: Receipt) -> Message:
    """The reporter's receipt: received, to whom, how it stands; then what to do meanwhile."""
    sent = f"Sent to {view.sent_to}." if view.sent_to else ""
    body = [_paragraph(f"Received {view.received}: {view.reference}.", sent)]
    at_risk = f"Child at risk? Don't wait: {_short(view.contact)}."
    if view.urgent and view.contact:
        body.insert(0, said(at_risk, "warning"))
    if view.status:
        body.append(said(_short(view.status)))
    body += bullets(_short(item) for item in view.files[:MOST_FILES])
    body += bullets(_short(item) for item in view.advice[:ITEMS])
    if view.contact and not view.urgent:
        body.append(said(at_risk, "subtle"))
    return _message(view.reference, view.buttons, *body)


def case_card(view: CaseCard) -> Message:
    """How a report stands, for those who may still read it."""
    body = [*_mark(view.drill), _paragraph(f"Report {view.reference}.", view.status)]
    if view.news:
        body.append(said(_short(view.news), "bold"))
    return _message(view.reference, view.buttons, *body)


def unanswered(view: Unanswered) -> Message:
    """Nobody has answered: whom to phone."""
    return _message(
        view.reference,
        (),
        *_mark(view.drill),
        _paragraph(f"Report {view.reference}.", f"Nobody has answered since {view.since}. You can't open it yourself."),
        *_phones("Phone now:", view.phone),
    )


def files_wanted(view: FilesWanted) -> Message:
    """Asks for files in chat, and tells how each ended."""
    asks = "Send the screenshots here, then press Done." if view.open else "No more files are expected here."
    body = [_paragraph(f"Report {view.reference}.", asks), *bullets(_short(item) for item in view.files[:MOST_FILES])]
    return _message(view.reference, view.buttons, *body)


def access_ended(view: AccessEnded) -> Message:
    """The reader has nothing more to do with it."""
    return _message(view.reference, (), _paragraph(f"Report {view.reference}.", view.status))


def digest(view: Digest) -> Message:
    """What is not urgent and waits: references, and the times to reply by."""
    if not view.rows:
        nothing = said("Nothing in this list waits for you any more.")
        return Message("Staffroom", card([nothing, *actions(view.buttons, opens=True)]))
    body = [said("Waiting for you", "bold")]
    for row in view.rows:
        body += [said(_short(row.text)), *actions(row.buttons, opens=True)]
    body += [said(_short(view.more))] if view.more else []
    return Message(ALERT_TEXT, card([*body, *actions(view.buttons, opens=True)]))


def duty_note(view: DutyNote) -> Message:
    """Something that a duty brings, about no one report."""
    body = [_paragraph(f"{view.title}.", view.text), *bullets(_short(item) for item in view.lines[:ITEMS])]
    return Message(DUTY_TEXT, card([*body, *actions(view.buttons, opens=True)]))


CARDS: Mapping[type[Card], Callable[[Any], Message]] = MappingProxyType(
    {
        Receipt: receipt,
        CaseAlert: case_alert,
        CaseCard: case_card,
        Unanswered: unanswered,
        FilesWanted: files_wanted,
        AccessEnded: access_ended,
        Digest: digest,
        DutyNote: duty_note,
    }
)
"""A renderer for every card."""
