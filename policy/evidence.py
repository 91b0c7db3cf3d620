"""Evidence: the files that staff attach to a report. What is known of each, and what its bytes may be.

Until the imagery answer is "no", a file is known by its id only and nothing fetches it (`domain.md` N2). What a
file is, its bytes say; the name that somebody gave it decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from policy.case import RecordId
from policy.errors import NotAllowed
from policy.people import PersonId

EvidenceId = NewType("EvidenceId", str)
"""An opaque, random id of one file: 32 hexadecimal characters."""

BlobId = NewType("BlobId", str)
"""Where the bytes of one attempt to keep a file lie: 32 random hexadecimal characters."""

MOST_FILES = 50
"""Files of one record, at the most."""

MOST_BYTES = 100 * 1024 * 1024
"""Bytes of one file, at the most: videos, sound and PDF."""

MOST_WHOLE_BYTES = 25 * 1024 * 1024
"""Bytes of a file that is looked at as a whole (images, mail, text), at the most."""

MOST_PIXELS = 60_000_000
"""Width times height of an image, at the most: a telephone's best camera makes fifty million."""

MOST_WEBP_PIXELS = 20_000_000
"""The same of a WebP, whose decoder takes sixteen bytes for each (measured)."""


class FileState(StrEnum):
    """Where a file stands.

    `HELD`: known by its id only, as the imagery answer is not "no": never fetched. `WAITING`: to be fetched.
    `LOST`: the platform has it no longer. `QUARANTINED`: imagery was marked later; the bytes stay sealed, and
    nobody can open them.
    """

    HELD = "held"
    WAITING = "waiting"
    KEPT = "kept"
    REFUSED = "refused"
    LOST = "lost"
    QUARANTINED = "quarantined"
    ERASED = "erased"


class Reason(StrEnum):
    """Why a file was refused or lost. What people read of it is written where it is shown."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NOT_WHAT_IT_SAYS = "not_what_it_says"
    PROGRAM = "program"
    ARCHIVE = "archive"
    DOCUMENT = "document"
    SIGN_IN_PAGE = "sign_in_page"
    DRAWING = "drawing"
    NOT_DECODABLE = "not_decodable"
    IMAGE_BOMB = "image_bomb"
    UNKNOWN_TYPE = "unknown_type"
    FOREIGN_LINK = "foreign_link"
    NO_ACCESS = "no_access"
    GONE = "gone"


class FileKind(StrEnum):
    """What the bytes of a file are: its media type, and the only one that it is ever served as."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"
    HEIC = "image/heic"
    MP4 = "video/mp4"
    QUICKTIME = "video/quicktime"
    WEBM = "video/webm"
    MP3 = "audio/mpeg"
    M4A = "audio/mp4"
    OGG = "audio/ogg"
    PDF = "application/pdf"
    EML = "message/rfc822"
    MSG = "application/vnd.ms-outlook"
    TEXT = "text/plain"

    @property
    def extensions(self) -> tuple[str, ...]:
        """How names of such files end, without the dot; the first is the one that we give."""
        return _EXTENSIONS[self]

    @property
    def inline(self) -> bool:
        """Whether a page may show it. Everything else is downloaded: HEIC, which we do not decode, PDF, mail, text."""
        return self is not FileKind.HEIC and self.partition("/")[0] in {"image", "video", "audio"}


_EXTENSIONS = {
    FileKind.PNG: ("png",),
    FileKind.JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    FileKind.GIF: ("gif",),
    FileKind.WEBP: ("webp",),
    FileKind.HEIC: ("heic", "heif", "hif"),
    FileKind.MP4: ("mp4", "m4v", "3gp"),
    FileKind.QUICKTIME: ("mov", "qt"),
    FileKind.WEBM: ("webm",),
    FileKind.MP3: ("mp3",),
    FileKind.M4A: ("m4a",),
    FileKind.OGG: ("ogg", "opus", "oga"),
    FileKind.PDF: ("pdf",),
    FileKind.EML: ("eml",),
    FileKind.MSG: ("msg",),
    FileKind.TEXT: ("txt", "text", "log", "csv"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file as the platform told of it. `name` is verbatim, `said_size` in bytes where the platform said one.

    `place` says where it stands, for people: a permalink, or the ids of the conversation and the message.
    `refused` is set where it is known at once that it will not be fetched, such as a link to elsewhere.
    """

    platform: str
    file_id: str
    place: str
    name: str
    added_by: PersonId
    said_size: int | None = None
    refused: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes that lie sealed in the store: what reading them again takes. `size` is in bytes, as received."""

    file: EvidenceId
    blob: BlobId
    size: int
    sha256: str
    head: bytes = field(default=b"", compare=False, repr=False)
    """The first 4,096 bytes, where they have just been received; empty afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file of a record. `number` is the order in which it came, from 1; times are UTC.

    From `kept_at` on everything is empty until it was kept. `sha256` is of the bytes as received, in hexadecimal.
    """

    id: EvidenceId
    record: RecordId
    number: int
    state: FileState
    platform: str
    file_id: str
    place: str
    name: str
    said_size: int | None
    added_by: PersonId
    added_at: datetime
    attempts: int = 0
    reason: Reason | None = None
    kept_at: datetime | None = None
    size: int | None = None
    sha256: str | None = None
    kind: FileKind | None = None
    blob: BlobId | None = None

    @property
    def stored(self) -> Stored | None:
        """What opens its bytes. None unless it is kept: there is no way to the bytes of one in quarantine."""
        if self.state is not FileState.KEPT or self.blob is None or self.size is None or self.sha256 is None:
            return None
        return Stored(file=self.id, blob=self.blob, size=self.size, sha256=self.sha256)

    def kept(self, stored: Stored, kind: FileKind, at: datetime) -> EvidenceFile:
        """It, once its bytes are kept.

        Raises:
            NotAllowed: it is not to be fetched, or these are another file's bytes.
        """
        if self.state is not FileState.WAITING or stored.file != self.id:
            raise NotAllowed("This file is not waiting to be kept.")
        return replace(
            self,
            state=FileState.KEPT,
            reason=None,
            kept_at=at,
            size=stored.size,
            sha256=stored.sha256,
            kind=kind,
            blob=stored.blob,
        )

    def not_kept(self, reason: Reason) -> EvidenceFile:
        """It, refused for this reason; lost where the platform has it no longer (`GONE`).

        Raises:
            NotAllowed: it is not to be fetched.
        """
        if self.state is not FileState.WAITING:
            raise NotAllowed("This file is not waiting to be kept.")
        return replace(self, state=FileState.LOST if reason is Reason.GONE else FileState.REFUSED, reason=reason)
