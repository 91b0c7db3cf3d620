"""The app's two icons, drawn here: a speech bubble with two lines of text. Plain PNG, by the standard library."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable

Rgb = tuple[int, int, int]
Shape = Callable[[float, float], bool]

NAVY, WHITE = (0x1F, 0x3A, 0x5F), (0xFF, 0xFF, 0xFF)
FINE = 4
"""How many points across a pixel are looked at, for smooth edges."""

# The drawing, in units of which an icon has 32 each way, so that the small one's edges fall between pixels.
UNITS = 32
LEFT, TOP, RIGHT, BOTTOM, ROUND = 4.0, 4.0, 28.0, 22.0, 5.0
TAIL = (9.0, 21.0, 8.0)
"""Left, top, and how far it goes right and down."""
STROKE = 2.0
LINES = ((9.0, 9.0, 23.0, 11.0), (9.0, 15.0, 18.0, 17.0))
"""Left, top, right and bottom of each line of text."""
SHARE = 0.83
"""How much of the large icon the drawing takes: Teams rounds its corners, and wants air around it."""


def colour_icon() -> bytes:
    """192 by 192, white on navy: what Teams shows in lists."""

    def colour(share: float) -> tuple[int, int, int, int]:
        red, green, blue = (round(low + (high - low) * share) for low, high in zip(NAVY, WHITE, strict=True))
        return red, green, blue, 255

    def shape(x: float, y: float) -> bool:
        at = [(each - UNITS / 2) / SHARE + UNITS / 2 for each in (x, y)]
        return (_outside_box(*at) <= 0 or _in_tail(*at)) and not _in_line(*at)

    return _png(192, shape, colour)


def outline_icon() -> bytes:
    """32 by 32, white on nothing: what Teams shows in its bar."""

    def shape(x: float, y: float) -> bool:
        return -STROKE <= _outside_box(x, y) <= 0 or _in_tail(x, y) or _in_line(x, y)

    return _png(UNITS, shape, lambda share: (*WHITE, round(255 * share)))


def _in_line(x: float, y: float) -> bool:
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in LINES)


def _in_tail(x: float, y: float) -> bool:
    left, top, long = TAIL
    return x >= left and y >= top and (x - left) + (y - top) <= long


def _outside_box(x: float, y: float) -> float:
    """How far the point is outside the rounded box; below zero, how deep inside."""
    across = abs(x - (LEFT + RIGHT) / 2) - (RIGHT - LEFT) / 2 + ROUND
    down = abs(y - (TOP + BOTTOM) / 2) - (BOTTOM - TOP) / 2 + ROUND
    return math.hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - ROUND


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
    scale = UNITS / size
    inside = sum(shape((column + across) * scale, (row + down) * scale) for across in steps for down in steps)
    return inside / FINE**2


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
