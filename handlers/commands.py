"""What people ask of Staffroom, as typed values. An adapter makes one of each click, form or typed command.

`key` tells one click from another: a key that was accepted before gets the stored reply again. `ACTIONS` and
`FORMS` map what a button or a form carries to the command it means, so that an adapter needs no list of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.case import RecordId
from policy.evidence import Reason
from policy.people import PersonId
from storage.messages import MessageRef

Answer = str | tuple[str, ...] | None
"""What was answered: text, or the ids that were picked; None or nothing where it was left empty."""
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFile:
    """A file that somebody attaches, as the platform tells of it: an id, and where it stands. Nothing is fetched yet.

    `size` is in bytes, where the platform says one; `refused` is set where it is known at once that it cannot be had.
    """

    platform: str
    file_id: str
    name: str
    place: str = ""
    size: int | None = None
    refused: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that a verified person asks for."""

    actor: PersonId
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHome(Command):
    """`/staffroom`: explains everything in one screen and shows what waits for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport(Command):
    """`/report-incident` or the shortcut. `words` were typed after the command: they wait in the form."""

    words: str = ""
    files: tuple[OfferedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PressButton(Command):
    """A button was pressed. `token` is what the button carries, `seen_on` the card it stands on."""

    token: str
    answers: Answers = field(default_factory=dict)
    files: tuple[OfferedFile, ...] = ()
    seen_on: MessageRef | None = None
    opens: bool = True
    """Whether what was pressed can open something; where it cannot, its card alone shows what was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendForm(Command):
    """A form was sent. `token` is what the form carries."""

    token: str
    answers: Answers
    files: tuple[OfferedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveFiles(Command):
    """Files that somebody sent in their own chat with Staffroom."""

    files: tuple[OfferedFile, ...]


class FilesFor(PressButton):
    """The files that were just sent belong to this report of one's own."""


class FilesDone(PressButton):
    """No more files."""


class StartAfresh(PressButton):
    """Throw away the report that was begun, and start with an empty form."""


class ResumeReport(PressButton):
    """Go on with a report that was begun and not sent; `token` is its draft."""


class BackToTriage(PressButton):
    """From the second screen to the first; what was typed is kept."""


class RefreshDetails(PressButton):
    """An answer changed who will see the report: show the second screen again, with what was typed."""


class OpenHome(PressButton):
    """Open Staffroom: the same as `ShowHome`, from a button."""


class PreferPlatform(PressButton):
    """Where to be written to: `token` names the platform, or is `last` for where one acted last."""


class StartDrill(PressButton):
    """The DSL wants to run a drill: ask which chain."""


class ShowDrill(PressButton):
    """How long each person took in a drill."""


class StartSearch(PressButton):
    """The DPO looks for what the school holds on somebody: ask for whom."""


class TakeCase(PressButton):
    """I'll take it."""


class OpenCase(PressButton):
    """Show the details, to the one person who pressed."""


class StartPassOn(PressButton):
    """I shouldn't handle this: ask why."""


class StartNote(PressButton):
    """Add to the chronology: ask what."""


class StartFinish(PressButton):
    """Finish: ask for the outcome."""


class StartRecord(PressButton):
    """Record what was done: what the policy asks, and anything else."""


class StartMore(PressButton):
    """More…: what else can be done with the case."""


class StartAddition(PressButton):
    """The reporter wants to add something: ask what."""


class StartCorrection(PressButton):
    """The reporter wants to correct or withdraw: ask which, and what."""


class StartSupport(PressButton):
    """The reporter would like support: ask whether they want to say anything."""


class SendTriage(SendForm):
    """The first screen of a report."""


class SendDetails(SendForm):
    """The second screen of a report."""


class SendPassOn(SendForm):
    """Why somebody should not handle a case."""


class SendNote(SendForm):
    """A line for the chronology."""


class SendFinish(SendForm):
    """An outcome, and what was done."""


class SendRecord(SendForm):
    """Answers to what the policy asks, and what else was done."""


class SendMore(SendForm):
    """What somebody wants to do with a case: asks what that takes."""


class SendNextAction(SendForm):
    """What is next, and by which day; or that it is done."""


class SendHandOver(SendForm):
    """Who has it from now on."""


class SendName(SendForm):
    """Whom it concerns, found out later."""


class SendUnname(SendForm):
    """Whom it does not concern after all."""


class SendImagery(SendForm):
    """It may involve imagery of someone under 18, found out later."""


class SendLink(SendForm):
    """The reference of another report of the same."""


class SendUnlink(SendForm):
    """Which report is not of the same after all."""


class SendPack(SendForm):
    """An evidence pack is to be made: asks for the page where it is downloaded."""


class SendSearch(SendForm):
    """Whom a subject access request is about: which reports name them."""


class StartFind(PressButton):
    """Find a report: the blank form."""


class SendFind(SendForm):
    """Words, a name or a reference, and between which days."""


class SendReopen(SendForm):
    """Why a finished case is to be taken up again."""


class StartReview(PressButton):
    """Which report, of those whose period is over or any other, and what becomes of it."""


class SendReview(SendForm):
    """What becomes of which report: asks what that takes."""


class SendErase(SendForm):
    """A finished report is erased."""


class SendKeep(SendForm):
    """A finished report is kept until a day."""


class SendHold(SendForm):
    """A legal hold is set."""


class SendLiftHold(SendForm):
    """A legal hold is lifted."""


class SendAddition(SendForm):
    """What the reporter adds."""


class SendDrill(SendForm):
    """Run a drill of the chosen level."""


class SendCorrection(SendForm):
    """What the reporter corrects, or why they ask to withdraw."""


class SendSupport(SendForm):
    """The reporter asks for support."""


TOKEN = re.compile(r"(?P<record>[0-9a-f]{32}):(?P<turn>[0-9]{1,8})(:[0-9a-f]{32})?", re.ASCII)
DRAFT_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)

ACTIONS: Mapping[str, type[PressButton]] = {
    "report.afresh": StartAfresh,
    "report.resume": ResumeReport,
    "report.back": BackToTriage,
    "report.refresh": RefreshDetails,
    "home.prefer": PreferPlatform,
    "home.show": OpenHome,
    "drill.start": StartDrill,
    "drill.show": ShowDrill,
    "rights.search": StartSearch,
    "find.start": StartFind,
    "files.for": FilesFor,
    "files.done": FilesDone,
    "case.take": TakeCase,
    "case.open": OpenCase,
    "case.pass_on": StartPassOn,
    "case.note": StartNote,
    "case.finish": StartFinish,
    "case.record": StartRecord,
    "case.more": StartMore,
    "retention.review": StartReview,
    "report.add": StartAddition,
    "report.correct": StartCorrection,
    "report.support": StartSupport,
}
FORMS: Mapping[str, type[SendForm]] = {
    "report.triage": SendTriage,
    "report.details": SendDetails,
    "drill.send": SendDrill,
    "find": SendFind,
    "case.pass_on": SendPassOn,
    "case.note": SendNote,
    "case.finish": SendFinish,
    "case.record": SendRecord,
    "case.more": SendMore,
    "case.next": SendNextAction,
    "case.hand_over": SendHandOver,
    "case.name": SendName,
    "case.unname": SendUnname,
    "case.imagery": SendImagery,
    "case.link": SendLink,
    "case.unlink": SendUnlink,
    "case.reopen": SendReopen,
    "case.pack": SendPack,
    "rights.search": SendSearch,
    "case.hold": SendHold,
    "case.lift_hold": SendLiftHold,
    "retention.review": SendReview,
    "retention.erase": SendErase,
    "retention.keep": SendKeep,
    "report.add": SendAddition,
    "report.correct": SendCorrection,
    "report.support": SendSupport,
}


class BadToken(ValueError):
    """What a button or form carried is not a token of ours: somebody made it up."""


def button_token(record: RecordId, turn: int) -> str:
    """What a button about a record carries: its opaque id, and the turn on which the button held."""
    return f"{record}:{turn}"


def form_token(record: RecordId, turn: int, form: str) -> str:
    """What a form about a record carries: as a button, and a random id of this form, which is sent once."""
    return f"{record}:{turn}:{form}"


def read_token(text: str) -> tuple[RecordId, int]:
    """The record and the turn of a token.

    Raises:
        BadToken: it is not a token of ours.
    """
    found = TOKEN.fullmatch(text)
    if found is None:
        raise BadToken
    return RecordId(found["record"]), int(found["turn"])


def read_draft_token(text: str) -> str:
    """The draft's id that a form of a report carries.

    Raises:
        BadToken: it is not a token of ours.
    """
    if DRAFT_TOKEN.fullmatch(text) is None:
        raise BadToken
    return text
