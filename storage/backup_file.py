"""Reading a backup, which may be anything that somebody has put there: it is checked before it is believed."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from storage.backup_format import (
    MANIFEST,
    MOST_MANIFEST,
    MOST_ROW,
    NOT_WHOLE,
    Manifest,
    ObjectPart,
    TablePart,
    read_manifest,
    read_row,
)
from storage.errors import BadBackup, WrongKey
from storage.extra import CHUNK
from storage.sealing import Keyring

_ENCRYPTED = 0x1


class BackupFile:
    """A backup whose manifest was checked, and was made with the keys at hand. Nothing in it is ever unpacked."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @classmethod
    @contextmanager
    def open(cls, path: Path, keyring: Keyring) -> Iterator[Self]:
        """Opens a backup and checks what it says of itself.

        Raises:
            BadBackup: it cannot be read, is no backup, is not whole, or was changed.
            WrongKey: it was made with keys that are not at hand.
        """
        try:
            # Not to wait for a pipe that nobody writes into.
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
        except OSError as error:
            raise BadBackup(f"{path} cannot be read: {error.strerror}.") from None
        with file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadBackup(f"{path} is not a file.")
            with _whole():
                archive = zipfile.ZipFile(file)
            with archive:
                yield cls(archive, _manifest(archive, os.fstat(file.fileno()).st_size, keyring))

    def check(self) -> None:
        """Reads everything and compares it with the manifest.

        Raises:
            BadBackup: something is not as it was made.
        """
        for part in self.manifest.parts:
            for _ in self.chunks(part):
                pass

    def chunks(self, part: TablePart | ObjectPart) -> Iterator[bytes]:
        """The bytes of a part. What was read before it ends must not be kept where this raises.

        Raises:
            BadBackup: they are not those of the manifest.
        """
        digest = hashlib.sha256()
        with _whole(), self._archive.open(part.name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != part.sha256:
            raise BadBackup(NOT_WHOLE)

    def rows(self, part: TablePart) -> Iterator[dict[str, object]]:
        """The rows of a table, by column. What was read before it ends must not be kept where this raises.

        Raises:
            BadBackup: they are not those of the manifest.
        """
        names = [name for name, _ in part.columns]
        kinds = [kind for _, kind in part.columns]
        rows = 0
        rest = b""
        for chunk in self.chunks(part):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > MOST_ROW:
                raise BadBackup(NOT_WHOLE)
            for line in lines:
                rows += 1
                yield dict(zip(names, read_row(line, kinds), strict=True))
        if rest or rows != part.rows:
            raise BadBackup(NOT_WHOLE)


def _manifest(archive: zipfile.ZipFile, size: int, keyring: Keyring) -> Manifest:
    entries = {entry.filename: entry for entry in archive.infolist()}
    plain = all(
        entry.compress_type == zipfile.ZIP_STORED
        and entry.file_size == entry.compress_size
        and not entry.flag_bits & _ENCRYPTED
        for entry in entries.values()
    )
    if MANIFEST not in entries:
        raise BadBackup("This file is not a backup that `staffroom backup` made. Nothing was restored.")
    # Nothing is there twice, nothing is packed, and parts do not share their bytes: it cannot grow while it is read.
    if not plain or len(entries) != len(archive.infolist()) or sum(e.file_size for e in entries.values()) > size:
        raise BadBackup(NOT_WHOLE)
    if entries[MANIFEST].file_size > MOST_MANIFEST:
        raise BadBackup(NOT_WHOLE)
    with _whole():
        manifest, covered, mac = read_manifest(archive.read(MANIFEST))
    _check_keys(manifest, covered, mac, keyring)
    if {part.name: part.bytes for part in manifest.parts} != {
        name: entry.file_size for name, entry in entries.items() if name != MANIFEST
    }:
        raise BadBackup(NOT_WHOLE)
    return manifest


def _check_keys(manifest: Manifest, covered: bytes, mac: str, keyring: Keyring) -> None:
    needed = dict.fromkeys((*manifest.keys, mac.partition(".")[0]))
    missing = [one for one in needed if one not in keyring.ids]
    if missing:
        raise WrongKey(
            f"This backup needs the key {', '.join(missing)}, which is not in STAFFROOM_SECRET_KEYS. Was the key "
            "rotated since? Then put the older one behind the newer, with a comma. It may also be a backup of another "
            "school. Nothing was restored."
        )
    if not keyring.check("backup", covered, mac):
        raise BadBackup(
            "This backup was changed by hand, or damaged: what it says of itself was not written with your keys. Take "
            "another one. Nothing was restored."
        )


@contextmanager
def _whole() -> Iterator[None]:
    """Turns what the zip is found to be into words."""
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, KeyError):
        pass
    except (ValueError, TypeError, IndexError, OverflowError, RuntimeError, struct.error):
        pass
    except OSError as error:
        raise BadBackup(f"The backup cannot be read to its end: {error.strerror}.") from None
    else:
        return
    raise BadBackup(NOT_WHOLE)
