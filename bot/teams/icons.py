"""The app's two icons, drawn here: a speech bubble with two lines of text. Plain PNG, by the standard library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

Rgb = tuple[int, int, int]
Shape = Callable[[float, float], bool]

NAVY, WHITE = (0x1F, 0x3A, 0x5F), (0xFF, 0xFF, 0xFF)
FINE = 4
"""How many points across a pixel are looked at, for smooth edges."""


def colour_icon() -> bytes:
    """192 by 192, white on navy: what Teams shows in lists."""

    def colour(share: float) -> tuple[int, int, int, int]:
        red, green, blue = (round(low + (high - low) * share) for low, high in zip(NAVY, WHITE, strict=True))
        return red, green, blue, 255

    return _png(192, _bubble_with_lines, colour)


def outline_icon() -> bytes:
    """32 by 32, white on nothing: what Teams shows in its bar."""
    return _png(32, _outline, lambda share: (*WHITE, round(255 * share)))


def _bubble(x: float, y: float, inset: float = 0.0) -> bool:
    """Whether the point, from 0 to 1 both ways, is in the bubble; `inset` makes it smaller all round."""
    left, top, right, bottom, radius = 0.14 + inset, 0.2 + inset, 0.86 - inset, 0.68 - inset, 0.12 - inset / 2
    dx, dy = max(left + radius - x, x - right + radius, 0.0), max(top + radius - y, y - bottom + radius, 0.0)
    if left <= x <= right and top <= y <= bottom and dx * dx + dy * dy <= radius * radius:
        return True
    # The tail: a triangle that hangs on the bottom edge.
    depth = 0.2 - inset * 2.4
    return 0 <= y - bottom <= depth and 0.28 + inset <= x <= 0.28 + inset + (depth - (y - bottom))


def _bubble_with_lines(x: float, y: float) -> bool:
    in_line = 0.27 <= x <= 0.73 and 0.34 <= y <= 0.40
    in_shorter_line = 0.27 <= x <= 0.58 and 0.48 <= y <= 0.54
    return _bubble(x, y) and not in_line and not in_shorter_line


def _outline(x: float, y: float) -> bool:
    return _bubble(x, y) and not _bubble(x, y, 0.065)


def _png(size: int, shape: Shape, colour: Callable[[float], tuple[int, int, int, int]]) -> bytes:
    rows = bytearray()
    for row in range(size):
        rows.append(0)  # no filter
        for column in range(size):
            rows += bytes(colour(_covered(shape, size, column, row)))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # eight bits each of red, green, blue, alpha
    pieces = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in pieces)


def _covered(shape: Shape, size: int, column: int, row: int) -> float:
    """How much of the pixel the shape covers, from 0 to 1."""
    steps = [(step + 0.5) / FINE for step in range(FINE)]
    inside = sum(shape((column + across) / size, (row + down) / size) for across in steps for down in steps)
    return inside / FINE**2


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
