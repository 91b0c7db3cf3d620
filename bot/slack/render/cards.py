"""The cards as Slack messages. Their notification text holds nothing but, at most, a reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.slack.render.blocks import Names, actions, bullets, context, line, rich, run, warning
from bot.slack.render.text import Json, clip
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
    """What `chat.postMessage` and `chat.update` take: `text` is what a notification shows."""

    text: str
    blocks: list[Json]


def _message(reference: str, buttons: Sequence[Button], *blocks: Json, text: str = "") -> Message:
    return Message(text or f"Staffroom: report {reference}", [*blocks, *actions(buttons, Names())])


def _mark(drill: bool) -> list[Json]:
    return [warning("Drill: this is a test. Nothing has happened.")] if drill else []


def _short(text: str) -> str:
    # A message takes some 13,000 characters in all; our own sentences are far below, a strange name may not be.
    return clip(text, STRETCH)


def _paragraph(bold: str, text: str) -> Json:
    more = [run(_short(f" {text}"))] if text else []
    return rich(line(run(_short(bold), bold=True), *more))


def _phones(label: str, phones: Sequence[str]) -> list[Json]:
    return [rich(line(run(label, bold=True)), bullets(_short(phone) for phone in phones[:ITEMS]))] if phones else []


def case_alert(card: CaseAlert) -> Message:
    """Somebody is asked to take a report: its reference, the time, and nothing that tells what it is."""
    then = f", then {card.then}" if card.then else ""
    return _message(
        card.reference,
        card.buttons,
        *_mark(card.drill),
        _paragraph(f"Report {card.reference}.", f"Reply by {card.reply_by}{then}."),
        *_phones("Nobody has answered yet. Phone:", card.phone),
        context("Open it where nobody sees your screen."),
        text=DRILL_TEXT if card.drill else ALERT_TEXT,
    )


def receipt(card: Receipt) -> Message:
    """The reporter's receipt: received, to whom, how it stands; then what to do meanwhile."""
    sent = f"Sent to {card.sent_to}." if card.sent_to else ""
    blocks = [_paragraph(f"Received {card.received}: {card.reference}.", sent)]
    at_risk = f"Child at risk? Don't wait: {_short(card.contact)}."
    if card.urgent and card.contact:
        blocks.insert(0, warning(at_risk))
    if card.status:
        blocks.append(rich(line(run(_short(card.status)))))
    if card.files:
        blocks.append(rich(bullets(_short(item) for item in card.files[:MOST_FILES])))
    if card.advice:
        blocks.append(rich(bullets(_short(item) for item in card.advice[:ITEMS])))
    if card.contact and not card.urgent:
        blocks.append(context(at_risk))
    return _message(card.reference, card.buttons, *blocks)


def case_card(card: CaseCard) -> Message:
    """How a report stands, for those who may still read it."""
    blocks = [*_mark(card.drill), _paragraph(f"Report {card.reference}.", card.status)]
    if card.news:
        blocks.append(rich(line(run(_short(card.news), bold=True))))
    return _message(card.reference, card.buttons, *blocks)


def unanswered(card: Unanswered) -> Message:
    """Nobody has answered: whom to phone."""
    return _message(
        card.reference,
        (),
        *_mark(card.drill),
        _paragraph(f"Report {card.reference}.", f"Nobody has answered since {card.since}. You can't open it yourself."),
        *_phones("Phone now:", card.phone),
    )


def files_wanted(card: FilesWanted) -> Message:
    """Asks for files in chat, and tells how each ended."""
    asks = "Send the screenshots here, then press Done." if card.open else "No more files are expected here."
    blocks = [_paragraph(f"Report {card.reference}.", asks)]
    if card.files:
        blocks.append(rich(bullets(_short(item) for item in card.files[:MOST_FILES])))
    return _message(card.reference, card.buttons, *blocks)


def access_ended(card: AccessEnded) -> Message:
    """The reader has nothing more to do with it."""
    return _message(card.reference, (), _paragraph(f"Report {card.reference}.", card.status))


def digest(card: Digest) -> Message:
    """What is not urgent and waits: references, and the times to reply by."""
    names = Names()
    if not card.rows:
        nothing = rich(line(run("Nothing in this list waits for you any more.")))
        return Message("Staffroom", [nothing, *actions(card.buttons, names)])
    blocks = [rich(line(run("Waiting for you", bold=True)))]
    for row in card.rows:
        blocks += [rich(line(run(_short(row.text)))), *actions(row.buttons, names)]
    blocks += [rich(line(run(_short(card.more))))] if card.more else []
    return Message(ALERT_TEXT, [*blocks, *actions(card.buttons, names)])


def duty_note(card: DutyNote) -> Message:
    """Something that a duty brings, about no one report."""
    blocks = [_paragraph(f"{card.title}.", card.text)]
    if card.lines:
        blocks.append(rich(bullets(_short(item) for item in card.lines[:ITEMS])))
    return Message(DUTY_TEXT, [*blocks, *actions(card.buttons, Names())])


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
