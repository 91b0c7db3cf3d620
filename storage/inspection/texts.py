"""Mail and plain text, and what looks like text and is not kept: pages, drawings."""

from __future__ import annotations

import codecs
import re

from policy.evidence import FileKind, Reason
from storage.errors import Refused
from storage.inspection.hidden import begins_as_a_page

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKUP = ("<svg", "<?xml", "<!doctype", "<!--")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

_HEADER = re.compile(rb"([!-9;-~]+):[ \t]?[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*(?:\r?\n|\Z)")
_MAIL_HEADERS = frozenset(
    b"from to cc subject date message-id received return-path delivered-to reply-to mime-version dkim-signature "
    b"authentication-results arc-seal arc-message-signature arc-authentication-results received-spf x-received "
    b"content-type in-reply-to references sender".split()
)
_SURE_OF_MAIL = 2
"""How many headers of a mail have to stand at the beginning. A note may begin with one word and a colon."""


def recognise_text(head: bytes, *, whole: bool) -> FileKind:
    """Mail or plain text, by its first bytes; `whole` where there are no others.

    Raises:
        Refused: a page, a drawing, or nothing that is known.
    """
    if _mail_headers(head) >= _SURE_OF_MAIL:
        return FileKind.EML
    text = _decode(head, final=whole)
    if text is None:
        raise Refused(Reason.UNKNOWN_TYPE)
    begin = text.lstrip().lower()
    if begin.startswith("#!"):
        raise Refused(Reason.PROGRAM)
    drawing, page = begin.find("<svg"), begin.find("<html")
    if begin.startswith(_MARKUP) and drawing >= 0 and (page < 0 or drawing < page):
        raise Refused(Reason.DRAWING)
    if page >= 0 or "<!doctype html" in begin or begins_as_a_page(begin.encode()):
        raise Refused(Reason.SIGN_IN_PAGE)
    if begin.startswith(_MARKUP):
        raise Refused(Reason.UNKNOWN_TYPE)
    return FileKind.TEXT


def check_text(kind: FileKind, data: bytes) -> None:
    """Whether all of it is text. A mail may hold any characters, but no NUL.

    Raises:
        Refused: it is not.
    """
    if kind is FileKind.EML:
        if b"\0" in data:
            raise Refused(Reason.NOT_WHAT_IT_SAYS)
    elif _decode(data, final=True) is None:
        raise Refused(Reason.UNKNOWN_TYPE)


def _mail_headers(head: bytes) -> int:
    """How many different headers of a mail the block at the beginning has (RFC 5322)."""
    at = 0
    if head.startswith(b"From "):  # as mailboxes keep them
        at = head.find(b"\n") + 1
    found = set()
    while (header := _HEADER.match(head, at)) is not None:
        found.add(header.group(1).lower())
        at = header.end()
        if at >= len(head):
            break
    return len(found & _MAIL_HEADERS)


def _decode(data: bytes, *, final: bool) -> str | None:
    """The text in UTF-8, UTF-16 with its mark, or Windows' western letters; None where it is none of these."""
    marked = next(((len(mark), name) for mark, name in _MARKS if data.startswith(mark)), None)
    start, names = (marked[0], (marked[1],)) if marked is not None else (0, ("utf-8", "cp1252"))
    for name in names:
        try:
            text = codecs.getincrementaldecoder(name)().decode(data[start:], final)
        except UnicodeDecodeError:
            continue
        return None if _UNPRINTABLE.search(text) else text
    return None
