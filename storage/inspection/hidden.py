"""What may hide in a file of a harmless kind.

Telephones write much behind the end of an image: a moving picture, a second exposure, notes of the maker; programs
that cut screenshots leave the rest of the older one there. All that is kept. What a browser could run, and what
somebody could unpack or start, is not.
"""

from __future__ import annotations

import re

_END_OF_ZIP = b"PK\x05\x06"
_END_OF_ZIP_BYTES = 22
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")

# Long enough to appear by chance in none of a million photographs.
_PAGE = (b"<script", b"<html>", b"<html ", b"<!doctype html", b"<iframe", b"<svg xmlns")
_PAGE_BEHIND = (*_PAGE, b"<svg>", b"<svg ", b"<body>", b"<body ", b"<?php")

_PROGRAMS = (b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_WORDS = re.compile(rb"[\t\n\r\x20-\x7e]{8,}\Z")

# What browsers take as the beginning of a page where they guess (WHATWG, MIME Sniffing, 7.1).
_SNIFFED = re.compile(
    rb"\s*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[\s>]",
    re.IGNORECASE,
)


def holds_a_page(data: bytes) -> bool:
    """Whether there is mark-up anywhere that a browser would run."""
    lower = data.lower()
    return any(tag in lower for tag in _PAGE)


def begins_as_a_page(data: bytes) -> bool:
    """Whether a browser that guesses takes the beginning for a page, or the page comes soon."""
    return _SNIFFED.match(data) is not None or holds_a_page(data[:1024])


def archive_at_end(tail: bytes) -> bool:
    """Whether what ends here is a ZIP archive, which is read from its end. One that is attached within is not."""
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + _END_OF_ZIP_BYTES:
        return False
    comment = int.from_bytes(tail[at + 20 : at + 22], "little")
    return at + _END_OF_ZIP_BYTES + comment == len(tail)


def hides_something(behind: bytes) -> bool:
    """Whether what stands behind the end of an image can be run, unpacked or started."""
    if not behind.strip(b"\0\t\r\n "):
        return False
    zipped = b"PK\x03\x04" in behind and (b"PK\x01\x02" in behind or _END_OF_ZIP in behind)
    if zipped or any(archive in behind for archive in _ARCHIVES):
        return True
    if behind.startswith(_PROGRAMS) or (behind.startswith(b"MZ") and b"PE\0\0" in behind[:4096]):
        return True
    lower = behind.lower()
    # No camera writes nothing but words behind a picture: whoever does so writes a program.
    return any(tag in lower for tag in _PAGE_BEHIND) or _WORDS.match(behind) is not None
