"""Which use case a command is for, and what has to be known of it: does it only look, is it sent once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers import audit_head, drill, find, home, rights
from handlers import commands as c
from handlers.cases import (
    erase,
    hand_over,
    handle,
    hold,
    imagery,
    link,
    more,
    naming,
    next_action,
    record,
    report,
    reporter,
    retention,
    take,
)
from handlers.evidence import ask_pack, give
from handlers.ports import Reply
from policy.case import RETENTION, Due
from policy.school import School
from storage.unit_of_work import UnitOfWork

USE_CASES: Mapping[type[c.Command], Callable[..., Awaitable[Reply]]] = {
    c.StartReport: report.start_report,
    c.ResumeReport: report.resume_report,
    c.StartAfresh: report.start_afresh,
    c.BackToTriage: report.back_to_triage,
    c.RefreshDetails: report.refresh_details,
    c.SendTriage: report.send_triage,
    c.SendDetails: report.send_details,
    c.TakeCase: take.take,
    c.OpenCase: take.open_case,
    c.StartPassOn: handle.start_pass_on,
    c.StartNote: handle.start_note,
    c.StartFinish: handle.start_finish,
    c.SendPassOn: handle.send_pass_on,
    c.SendNote: handle.send_note,
    c.SendFinish: handle.send_finish,
    c.StartRecord: record.start_record,
    c.SendRecord: record.send_record,
    c.StartMore: more.start_more,
    c.SendMore: more.send_more,
    c.SendNextAction: next_action.send_next_action,
    c.SendHandOver: hand_over.send_hand_over,
    c.SendReopen: hand_over.send_reopen,
    c.SendName: naming.send_name,
    c.SendUnname: naming.send_unname,
    c.SendImagery: imagery.send_imagery,
    c.SendLink: link.send_link,
    c.SendUnlink: link.send_unlink,
    c.SendPack: ask_pack.send_pack,
    c.StartSearch: rights.start_search,
    c.SendSearch: rights.send_search,
    c.StartReview: retention.start_review,
    c.SendReview: retention.send_review,
    c.SendErase: erase.send_erase,
    c.SendKeep: hold.send_keep,
    c.SendHold: hold.send_hold,
    c.SendLiftHold: hold.send_lift_hold,
    c.StartAddition: reporter.start_addition,
    c.StartCorrection: reporter.start_correction,
    c.StartSupport: reporter.start_support,
    c.SendAddition: reporter.send_addition,
    c.SendCorrection: reporter.send_correction,
    c.SendSupport: reporter.send_support,
    c.StartFind: find.start_find,
    c.SendFind: find.send_find,
    c.GiveFiles: give.give_files,
    c.FilesFor: give.files_for,
    c.FilesDone: give.files_done,
    c.StartDrill: drill.start,
    c.SendDrill: drill.send_drill,
    c.ShowDrill: drill.show_drill,
}
FIRES: Mapping[str, Callable[[Due, UnitOfWork, School], Awaitable[bool]]] = {
    RETENTION: retention.fire,
    audit_head.AUDIT_HEAD: audit_head.fire,
}
"""What a due row brings that is no step of a case's own chain."""
HOME: Mapping[type[c.Command], Callable[..., Awaitable[Reply]]] = {
    c.ShowHome: home.show_home,
    c.OpenHome: home.show_home,
    c.PreferPlatform: home.prefer_platform,
}
"""Use cases that know which platforms there are."""
READ_ONLY: frozenset[type[c.Command]] = frozenset(
    {
        c.ShowHome,
        c.OpenHome,
        c.ResumeReport,
        c.StartDrill,
        c.StartPassOn,
        c.StartNote,
        c.StartFinish,
        c.StartRecord,
        c.StartMore,
        c.SendMore,
        c.StartSearch,
        c.SendSearch,
        c.StartReview,
        c.StartFind,
        c.SendFind,
        c.StartAddition,
        c.StartCorrection,
        c.StartSupport,
    }
)
"""Opening a form, or looking at one's own: nothing is written, so they take no turn at the writer."""
SENT_ONCE: frozenset[type[c.Command]] = frozenset(
    {
        c.SendDetails,
        c.SendDrill,
        c.SendPassOn,
        c.SendNote,
        c.SendFinish,
        c.SendRecord,
        c.SendNextAction,
        c.SendHandOver,
        c.SendName,
        c.SendUnname,
        c.SendImagery,
        c.SendLink,
        c.SendUnlink,
        c.SendReopen,
        c.SendPack,
        c.SendErase,
        c.SendKeep,
        c.SendHold,
        c.SendLiftHold,
        c.SendAddition,
        c.SendCorrection,
        c.SendSupport,
    }
)
"""Forms that are done with once sent: the same form with the same answers is the same command, whatever its key."""


def only_looks(command: c.Command) -> bool:
    """Whether the command writes nothing: a blank form, or a look at one's own."""
    if isinstance(command, c.StartReport):
        return not (command.words or command.files)
    return type(command) in READ_ONLY
