"""Images: their size before anything is decoded, where they end, whether they decode.

The structure is walked here, because a decoder reads past what it does not know and makes room before it is asked:
size and end are known before Pillow sees the image.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from policy.evidence import MOST_PIXELS, MOST_WEBP_PIXELS, FileKind, Reason
from storage.errors import Refused
from storage.inspection.hidden import hides_something, holds_a_page

FORMATS = {FileKind.PNG: "PNG", FileKind.JPEG: "JPEG", FileKind.GIF: "GIF", FileKind.WEBP: "WEBP"}
"""What is decoded, as Pillow calls it."""

_MOST_SCANS = 100
"""Of a progressive JPEG: ten are usual, thousands keep a processor busy for minutes."""

_MOST_PICTURES = 10
_NEXT_JPEG = re.compile(rb"\0{0,65536}\xff\xd8\xff")
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Outline:
    """Width and height in pixels, and the byte behind the image's end."""

    width: int
    height: int
    end: int


def check_image(kind: FileKind, data: bytes) -> None:
    """Whether it decodes, is no bomb, and nothing hides in it. Not for the event loop.

    Raises:
        Refused: one of these.
    """
    try:
        outline = _WALKERS[kind](data)
    except IndexError:
        raise Refused(Reason.NOT_DECODABLE) from None
    if outline.width * outline.height > (MOST_WEBP_PIXELS if kind is FileKind.WEBP else MOST_PIXELS):
        raise Refused(Reason.IMAGE_BOMB)
    if hides_something(data[outline.end :]) or holds_a_page(data):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    if kind is FileKind.GIF and data[6:8] == b"/*":  # a width of 10,799: a comment of JavaScript
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    with _ONE_AT_A_TIME:
        _decode(FORMATS[kind], data)


def _decode(name: str, data: bytes) -> None:
    try:
        with Image.open(BytesIO(data), formats=[name]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(Reason.IMAGE_BOMB)
            image.draft("L", (1, 1))  # a JPEG decodes whole also at an eighth, in a fraction of the room
            image.load()
    except Image.DecompressionBombError:
        raise Refused(Reason.IMAGE_BOMB) from None
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - a decoder fails in any way, and its message quotes the image
        raise Refused(Reason.NOT_DECODABLE) from None


def _png(data: bytes) -> _Outline:
    if data[12:16] != b"IHDR":
        raise Refused(Reason.NOT_DECODABLE)
    at, name = 8, b""
    while name != b"IEND":
        size, name = _big(data, at, 4), data[at + 4 : at + 8]
        at += 12 + size
        if at > len(data):
            raise Refused(Reason.NOT_DECODABLE)
    return _Outline(_big(data, 16, 4), _big(data, 20, 4), at)


def _jpeg(data: bytes) -> _Outline:
    """All pictures that follow each other: telephones put a second one, or a map of its brightness, behind."""
    whole = _one_jpeg(data, 0)
    for _ in range(_MOST_PICTURES):
        following = _NEXT_JPEG.match(data, whole.end)
        if following is None:
            break
        try:
            one = _one_jpeg(data, following.end() - 3)
        except IndexError:  # only the rest of one
            break
        whole = _Outline(max(whole.width, one.width), max(whole.height, one.height), one.end)
    return whole


def _one_jpeg(data: bytes, at: int) -> _Outline:
    at, width, height, scans = at + 2, 0, 0, 0
    while (found := _MARKER.search(data, at)) is not None:
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        if marker in {0x01, 0xD8}:
            continue
        if marker in _SIZES:
            height, width = max(height, _big(data, at + 3, 2)), max(width, _big(data, at + 5, 2))
        scans += marker == 0xDA
        if scans > _MOST_SCANS:
            raise Refused(Reason.IMAGE_BOMB)
        at += _big(data, at, 2)
    return _Outline(width, height, at if found is not None else len(data))


def _gif(data: bytes) -> _Outline:
    width, height = _little(data, 6, 2), _little(data, 8, 2)
    at = 13 + _colours(data[10])
    while (block := data[at]) != 0x3B:
        if block == 0x2C:
            width = max(width, _little(data, at + 1, 2) + _little(data, at + 5, 2))
            height = max(height, _little(data, at + 3, 2) + _little(data, at + 7, 2))
            at += 11 + _colours(data[at + 9])
        elif block == 0x21:
            at += 2
        else:
            raise Refused(Reason.NOT_DECODABLE)
        while (size := data[at]) != 0:
            at += 1 + size
        at += 1
    return _Outline(width, height, at + 1)


def _webp(data: bytes) -> _Outline:
    end = 8 + _little(data, 4, 4)
    if end > len(data):
        raise Refused(Reason.NOT_DECODABLE)
    match data[12:16]:
        case b"VP8X":
            size = _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
        case b"VP8L":
            bits = _little(data, 21, 4)
            size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            size = _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
        case _:
            raise Refused(Reason.NOT_DECODABLE)
    return _Outline(*size, end)


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_some(data, at, size))


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_some(data, at, size), "little")


def _some(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise IndexError
    return data[at : at + size]


_WALKERS: dict[FileKind, Callable[[bytes], _Outline]] = {
    FileKind.PNG: _png,
    FileKind.JPEG: _jpeg,
    FileKind.GIF: _gif,
    FileKind.WEBP: _webp,
}
