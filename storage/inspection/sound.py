"""MPEG audio, layer III: it has no signature, only frames that follow each other."""

from __future__ import annotations

_KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def begins_as_mp3(head: bytes) -> bool:
    """Whether it begins with an ID3v2 tag, or with two frames of layer III."""
    if head.startswith(b"ID3") and len(head) > 10:
        return 2 <= head[3] <= 4 and head[4] != 0xFF and all(byte < 0x80 for byte in head[6:10])
    first = _frame_bytes(head)
    return first > 0 and _frame_bytes(head[first:]) > 0


def _frame_bytes(data: bytes) -> int:
    """How long the frame is that begins here; 0 where none does (ISO 11172-3, 2.4.1.3)."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0 or data[1] >> 1 & 3 != 1:
        return 0
    version, rate, pitch = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or pitch == 3:
        return 0
    kbit = (_KBIT_1 if version == 3 else _KBIT_2)[rate]
    samples = 144 if version == 3 else 72
    return samples * kbit * 1000 // _HERTZ[version][pitch] + (data[2] >> 1 & 1)
