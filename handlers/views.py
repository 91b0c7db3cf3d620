"""What a person is shown, in the school's words and no platform's.

Each platform has a hand-written renderer for every view and every part of a form; a test compares the sets.
Text that somebody typed is only ever in a `Quote` or in a field's value: renderers show it inert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

# ── Parts of a form ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be picked: what is stored, and what is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Something to read. A `warning` stands out; it is what somebody in a hurry must see."""

    text: str
    style: Literal["plain", "warning", "small"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody typed, verbatim, under a label of ours; inert, of any length."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few answers, all in sight. `live` asks for the form again as soon as it is changed."""

    id: str
    label: str
    options: tuple[Option, ...]
    hint: str = ""
    required: bool = True
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPicker:
    """Somebody of the school, found by typing. `action` (when given) is pressed at every change."""

    id: str
    label: str
    many: bool = False
    hint: str = ""
    required: bool = False
    value: tuple[Option, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInput:
    """Text, of one line or many."""

    id: str
    label: str
    multiline: bool = False
    hint: str = ""
    required: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateInput:
    """A day; `value` is ISO."""

    id: str
    label: str
    required: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInput:
    """A time of day on the school's clock; `value` is HH:MM."""

    id: str
    label: str
    required: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePicker:
    """Files from the person's device, `most` at the most. `kept` says which are attached already.

    Where a platform's forms take no files it is a box to tick (answer "yes"): they are then sent in chat.
    """

    id: str
    label: str
    most: int = 10
    hint: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A box to tick. Its answer is "yes" or nothing."""

    id: str
    label: str
    value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press: an action of `commands.ACTIONS`, and the token that it carries."""

    action: str
    label: str
    token: str
    style: Literal["plain", "primary", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side."""

    buttons: tuple[Button, ...]


Part = Words | Quote | Choice | PersonPicker | TextInput | DateInput | TimeInput | FilePicker | Tick | Buttons


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go in a browser."""

    label: str
    url: str


# ── Views ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Questions, and a button that sends the answers. `errors` go beside the field whose id they carry.

    `id` is a key of `commands.FORMS`; `token` comes back with the answers.
    """

    id: str
    title: str
    submit: str
    token: str
    parts: tuple[Part, ...]
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to read, such as what happened to a click. `kept` gives back what the person had typed."""

    title: str
    text: str
    kept: str = ""
    buttons: tuple[Button, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a case's chronology: when, who, what; `text` is what they typed."""

    when: str
    who: str
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail:
    """Everything about one case, for the one person who pressed; opened in a form, never in a message."""

    reference: str
    title: str
    status: str
    facts: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    asks: tuple[str, ...]
    chronology: tuple[Line, ...]
    buttons: tuple[Button, ...]
    files: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The reporter's: it was received, who has been asked, how it stands. `advice` is what to do meanwhile."""

    reference: str
    received: str
    sent_to: str
    status: str
    advice: tuple[str, ...]
    contact: str
    buttons: tuple[Button, ...]
    files: tuple[str, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAlert:
    """Somebody is asked to take a report. No kind, no level, no name of anybody in it.

    `phone` are those whom to phone once every step has been tried.
    """

    reference: str
    reply_by: str
    then: str
    phone: tuple[str, ...]
    buttons: tuple[Button, ...]
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """Somebody has it, or has finished it; for those who may still read it. `news` is what came since."""

    reference: str
    status: str
    news: str
    buttons: tuple[Button, ...]
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Nobody has answered a report, and the reader is told whom to phone; they may not read it themselves."""

    reference: str
    since: str
    phone: tuple[str, ...]
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesWanted:
    """Asks the reporter for files in chat, and tells how each ended; `open` while more may come."""

    reference: str
    files: tuple[str, ...]
    open: bool
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEnded:
    """The reader has nothing more to do with the record. The same words whatever the reason was."""

    reference: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyNote:
    """Something that a duty brings, about no one report: what it is, and what to do with it. No name of anybody."""

    title: str
    text: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRow:
    """One thing on the home screen, and what can be done with it."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Everything in one screen: what Staffroom does, what waits, how one's own reports stand."""

    school: str
    begun: tuple[HomeRow, ...]
    waiting: tuple[HomeRow, ...]
    mine: tuple[HomeRow, ...]
    contact: str
    reached: tuple[HomeRow, ...] = ()
    rights: tuple[HomeRow, ...] = ()
    find: tuple[HomeRow, ...] = ()
    explains: tuple[str, ...] = ()
    drills: tuple[HomeRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is not urgent and waits for somebody: references and the times to reply by. Empty: nothing any more."""

    reference: ClassVar[str] = ""
    """It is about nobody's report."""
    rows: tuple[HomeRow, ...]
    more: str = ""
    buttons: tuple[Button, ...] = ()


Dialog = Form | Notice | CaseDetail | Home
"""What opens over the chat, for one person."""
Card = Receipt | CaseAlert | CaseCard | Unanswered | FilesWanted | AccessEnded | Digest | DutyNote
"""What stands in a person's own chat with the bot, and follows what happens."""
View = Dialog | Card
