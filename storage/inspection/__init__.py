"""What a file is, by its bytes; its name decides nothing.

`recognise` looks at the first bytes and is quick. `check` looks at the part that `part_to_read` names: all of an
image, a mail or a text, the end of everything else. It decodes: call it in a thread, never in the event loop, as
`inspect` does. What passes is one of the kinds that are kept, and holds nothing that a browser could run or that
somebody could unpack, as far as bytes tell. Whoever serves it still names the kind and forbids guessing it.
"""

from __future__ import annotations

import asyncio

from policy.evidence import MOST_BYTES, MOST_WHOLE_BYTES, FileKind, Reason, Stored
from storage.errors import Refused
from storage.evidence_store import EvidenceStore
from storage.inspection import containers, images, texts
from storage.inspection.hidden import archive_at_end, begins_as_a_page
from storage.inspection.signatures import recognise_signature
from storage.sealing import RecordSealer

__all__ = ["check", "inspect", "part_to_read", "recognise"]

_TAIL_BYTES = 66_000  # what ends a ZIP archive begins within its last 65,557 bytes

_WHOLE = frozenset(
    {FileKind.PNG, FileKind.JPEG, FileKind.GIF, FileKind.WEBP, FileKind.HEIC}
    | {FileKind.EML, FileKind.MSG, FileKind.TEXT}
)


def recognise(head: bytes, size: int) -> FileKind:
    """What a file of `size` bytes seems to be, by its first bytes (4,096, or all where it has fewer).

    Raises:
        Refused: it is empty, too large, or of no kind that is kept.
    """
    if size == 0:
        raise Refused(Reason.EMPTY)
    kind = recognise_signature(head) or texts.recognise_text(head, whole=size <= len(head))
    if size > (MOST_WHOLE_BYTES if kind in _WHOLE else MOST_BYTES):
        raise Refused(Reason.TOO_LARGE)
    return kind


def part_to_read(kind: FileKind, size: int) -> tuple[int, int]:
    """From which byte up to which (not included) `check` has to see: at most 25 MiB."""
    return (0 if kind in _WHOLE else max(0, size - _TAIL_BYTES)), size


def check(kind: FileKind, head: bytes, part: bytes) -> None:
    """Whether it is what it seems: images decode, mail and text are text, nothing hides behind the end.

    The largest images take some seconds and 400 MB (measured: `python -m bench.evidence`); one is decoded at a time.
    Never call it in the event loop.

    Raises:
        Refused: it is not.
    """
    if kind in images.FORMATS:
        images.check_image(kind, part)
    elif kind is FileKind.MSG:
        containers.check_msg(part)
    elif kind is FileKind.HEIC:
        containers.check_boxes(part)
    elif kind in {FileKind.EML, FileKind.TEXT}:
        texts.check_text(kind, part)
    else:
        containers.check_ends(kind, head, part)
    if kind is not FileKind.TEXT and archive_at_end(part):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    if kind is FileKind.PDF and begins_as_a_page(head[8:1024]):
        raise Refused(Reason.NOT_WHAT_IT_SAYS)


async def inspect(store: EvidenceStore, stored: Stored, sealer: RecordSealer) -> FileKind:
    """What the bytes are that have just been put into the store; `stored` is what `put` gave.

    Raises:
        Refused: they are of no kind that is kept, or not what they seem: delete them.
        Damaged, Unavailable: they cannot be read.
    """
    kind = recognise(stored.head, stored.size)
    start, end = part_to_read(kind, stored.size)
    part = b"".join([piece async for piece in store.read(stored, sealer, start=start, end=end)])
    await asyncio.to_thread(check, kind, stored.head, part)
    return kind
