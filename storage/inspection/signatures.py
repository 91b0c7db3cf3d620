"""What a file is by how it begins."""

from __future__ import annotations

import re

from policy.evidence import FileKind, Reason
from storage.errors import Refused
from storage.inspection.sound import begins_as_mp3

_KEPT = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"GIF87a", FileKind.GIF),
    (b"GIF89a", FileKind.GIF),
    (b"%PDF-", FileKind.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.MSG),  # `check` tells it from older documents
)

_PROGRAM = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # Mach-O, in its four orders, and for several processors (or Java)
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"dex\n",
    b"\0asm",
    b"L\0\0\0\x01\x14\x02\0",  # a shortcut of Windows
)
_SCRIPT = (b"#!", b"\xef\xbb\xbf#!")
_BINARY = re.compile(rb"[\x00-\x08]")
_ARCHIVE = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
    b"xar!",
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIPPED_DOCUMENT = (b"[Content_Types].xml", b"mimetypeapplication/", b"_rels/.rels")

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_IMAGE_CONTAINERS = frozenset({b"mif1", b"msf1"})
_SOUND = frozenset({b"M4A ", b"M4B ", b"M4P "})
_VIDEO = ("isom", "iso", "mp4", "avc1", "M4V", "MSNV", "dash", "3gp", "3g2", "mmp4", "XAVC", "f4v", "NDS")
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
_LONGEST_FTYP = 1024


def recognise_signature(head: bytes) -> FileKind | None:
    """The kind that begins so; None where it is none, and may be mail or text.

    Raises:
        Refused: it is a program, an archive, a document, a drawing.
    """
    for begins, kind in _KEPT:
        if head.startswith(begins):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:128]:
        return FileKind.WEBM
    if head.startswith(b"OggS\0") and any(codec in head[:256] for codec in (b"OpusHead", b"\x01vorbis", b"Speex   ")):
        return FileKind.OGG
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[4:8] in _QUICKTIME_BOXES and (head[:4] == b"\0\0\0\1" or 8 <= int.from_bytes(head[:4]) < 1 << 31):
        return FileKind.QUICKTIME
    if begins_as_mp3(head):
        return FileKind.MP3
    _refuse_by_signature(head)
    return None


def _by_brand(head: bytes) -> FileKind:
    """ISO 14496-12: a major brand, and those that it is compatible with."""
    size = int.from_bytes(head[:4])
    if not 16 <= size <= _LONGEST_FTYP or size % 4:
        raise Refused(Reason.UNKNOWN_TYPE)
    major, box = head[8:12], head[16:size]
    others = {box[at : at + 4] for at in range(0, len(box), 4)}
    if major in _HEIC or (major in _IMAGE_CONTAINERS and others & _HEIC):
        return FileKind.HEIC
    if major in _SOUND:
        return FileKind.M4A
    if major == b"qt  ":
        return FileKind.QUICKTIME
    if major.decode("latin-1").startswith(_VIDEO):
        return FileKind.MP4
    raise Refused(Reason.UNKNOWN_TYPE)


def _refuse_by_signature(head: bytes) -> None:
    if head.startswith(_SCRIPT):
        raise Refused(Reason.PROGRAM)
    if head.startswith(b"{\\rtf"):
        raise Refused(Reason.DOCUMENT)
    if b"%PDF-" in head[1:1024]:  # readers of PDF take it, and others take it for something else
        raise Refused(Reason.NOT_WHAT_IT_SAYS)
    if _BINARY.search(head) is None:  # a note may begin with any letters
        return
    if head.startswith(_PROGRAM):
        raise Refused(Reason.PROGRAM)
    if head.startswith(_ZIP):
        raise Refused(Reason.DOCUMENT if any(name in head for name in _ZIPPED_DOCUMENT) else Reason.ARCHIVE)
    if head.startswith(_ARCHIVE) or head[257:262] == b"ustar":
        raise Refused(Reason.ARCHIVE)
