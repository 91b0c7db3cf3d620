"""Files that are not decoded here: what their structure tells."""

from __future__ import annotations

from policy.evidence import FileKind, Reason
from storage.errors import Refused
from storage.inspection.hidden import hides_something, holds_a_page

_MSG_CLASS = bytes.fromhex("0b0d020000000000c000000000000046")
_MSG_STREAM = "__properties_version1.0".encode("utf-16-le")
_OTHER_STREAMS = tuple(
    name.encode("utf-16-le") for name in ("WordDocument", "Workbook", "PowerPoint Document", "Book\0", "_VBA_PROJECT")
)
_END_OF_PDF = b"%%EOF"


def check_msg(data: bytes) -> None:
    """Whether a compound file is a mail of Outlook ([MS-OXMSG] 2.2.3), and no older document or installer.

    Raises:
        Refused: it is not.
    """
    shift = int.from_bytes(data[30:32], "little")
    first = int.from_bytes(data[48:52], "little")
    if shift not in {9, 12}:
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    root = data[(first + 1) << shift :][:128]
    if root[:20] != "Root Entry".encode("utf-16-le"):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    if root[80:96] == _MSG_CLASS:
        return
    if _MSG_STREAM not in data or any(name in data for name in _OTHER_STREAMS):
        raise Refused(Reason.DOCUMENT)


def check_boxes(data: bytes) -> None:
    """Whether an image of the ISO base media format (HEIC) is made of boxes, with nothing bad behind them.

    Raises:
        Refused: it is cut short, or something hides behind its end.
    """
    if holds_a_page(data):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    at, seen = 0, set()
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if not all(0x20 <= byte < 0x7F for byte in name):
            break
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        elif size == 0:
            size = len(data) - at
        if size < 8:
            break
        if at + size > len(data):
            raise Refused(Reason.NOT_DECODABLE)
        seen.add(name)
        at += size
    if not {b"ftyp", b"meta"} <= seen:
        raise Refused(Reason.NOT_DECODABLE)
    if hides_something(data[at:]):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)


def check_ends(kind: FileKind, head: bytes, tail: bytes) -> None:
    """Whether a page stands at either end of a video, a sound or a PDF.

    Raises:
        Refused: one does.
    """
    if kind is FileKind.PDF:
        behind = tail[tail.rfind(_END_OF_PDF) + len(_END_OF_PDF) :] if _END_OF_PDF in tail else b""
        if hides_something(behind):
            raise Refused(Reason.NOT_WHAT_IT_SAYS)
    elif holds_a_page(head) or holds_a_page(tail):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
