"""Where the bytes of evidence lie, sealed: a directory, or a bucket that several processes share.

Bytes are sealed in chunks under a key for this one stream, derived from the record's data key and bound to record,
file and place; a range of a video is read by opening only the chunks that it lies in. Every attempt to keep a file
writes to a new random place, so that a late worker neither replaces nor deletes what another has kept. What no row
of the database refers to is swept.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from policy.evidence import BlobId, EvidenceId, Stored
from storage.errors import BadUrl, CannotOpen, Damaged, Full, TooLarge, Unavailable
from storage.sealing import ChunkSealer, RecordSealer, random_id

CHUNK_BYTES = 256 * 1024
"""Bytes of one chunk before it is sealed."""

HEAD_BYTES = 4096
"""How much of the beginning `put` gives back, to recognise the file by."""

_PART_BYTES = 5 * 1024 * 1024  # the least that object stores take as one part of an upload
_PARTS_AT_ONCE = 2
_SEALED_BYTES = CHUNK_BYTES + ChunkSealer.EXTRA
_SCHEMES = frozenset({"s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "memory"})
_OURS = re.compile(r"([0-9a-f]{32})(#\d+)?")
"""A place, or what a crashed upload left of one in a directory."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OS_ERROR = re.compile(r"\(os error (\d+)\)")


class EvidenceStore:
    """Sealed bytes. Made by `EvidenceStore.open`; there is nothing to close."""

    def __init__(self, store: ObjectStore, directory: Path | None = None) -> None:
        self._store = store
        self._directory = directory

    @classmethod
    def open(cls, where: str | Path) -> EvidenceStore:
        """The store in this directory, which is made for its owner alone, or at this address of a bucket.

        Addresses are as `s3://bucket/prefix`, `gs://…`, `az://…`; their credentials come from the environment.

        Raises:
            BadUrl: it is neither; it is not shown, as it may hold a password.
            Unavailable: the directory cannot be made or written.
        """
        text = str(where)
        scheme, found, rest = text.partition("://")
        if found and scheme != "file":
            return cls(_bucket(scheme, text))
        directory = Path(rest if found else text).absolute()
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "Permission denied")
        except OSError as error:
            raise Unavailable(
                f"The directory of evidence {directory} cannot be made or written: {error.strerror}. Check "
                "STAFFROOM_DATA_DIR (or STAFFROOM_EVIDENCE_URL) and who owns the directory."
            ) from error
        return cls(LocalStore(directory), directory)

    async def put(self, file: EvidenceId, sealer: RecordSealer, chunks: AsyncIterator[bytes], *, most: int) -> Stored:
        """Seals and stores what `chunks` gives, in constant memory; when it returns, a power cut loses nothing of it.

        `most` is in bytes. What `chunks` raises is raised as it is. Whatever happens, nothing half is left, except
        by a process that is killed: see `sweep`.

        Raises:
            TooLarge: there is more than `most`.
            Full: there is no room.
            Unavailable: the store cannot be reached or written.
        """
        blob = BlobId(random_id())
        stream = _Sealing(sealer.chunks(file, blob), chunks, most)
        try:
            await obstore.put_async(
                self._store, blob, stream.sealed(), chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )
            if self._directory is not None:
                await asyncio.to_thread(_settle, self._directory / blob)
        except Exception as error:
            if stream.failed is not None:
                raise stream.failed from None
            await self._forget(blob)
            raise _told(error) from error
        return Stored(file=file, blob=blob, size=stream.size, sha256=stream.digest.hexdigest(), head=bytes(stream.head))

    async def read(
        self, stored: Stored, sealer: RecordSealer, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` (which is not included; without it, all the rest), as they came.

        Every piece was verified before it is given out: of a chunk that was changed no byte is.

        Raises:
            Damaged: the bytes were changed, cut short, belong elsewhere, or are gone.
            Unavailable: the store cannot be reached.
            ValueError: the range does not lie within the file.
        """
        end = stored.size if end is None else end
        if not 0 <= start <= end <= stored.size:
            raise ValueError("the range does not lie within the file")
        if start == end and stored.size:
            return
        opener = sealer.chunks(stored.file, stored.blob)
        final = _chunks_of(stored.size) - 1
        number = start // CHUNK_BYTES
        until = max(end - 1, 0) // CHUNK_BYTES
        async for sealed in self._sealed(stored, number, until):
            try:
                plain = opener.open(number, sealed, last=number == final)
            except CannotOpen:
                raise _damaged() from None
            begin = number * CHUNK_BYTES
            piece = plain[max(start - begin, 0) : end - begin]
            if piece:
                yield piece
            number += 1
        if number != until + 1:
            raise _damaged()

    async def exists(self, blob: BlobId) -> bool:
        """Whether there are bytes in this place; not whether they are whole.

        Raises:
            Unavailable: the store cannot be reached.
        """
        try:
            await obstore.head_async(self._store, blob)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise _told(error) from error
        return True

    async def delete(self, blob: BlobId) -> None:
        """Deletes what lies in this place; nothing there is no error.

        Raises:
            Unavailable: the store cannot be reached or written.
        """
        try:
            await obstore.delete_async(self._store, blob)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise _told(error) from error

    async def sweep(self, known: Collection[BlobId], *, before: datetime) -> int:
        """Deletes what uploads have left that were not recorded; returns how many pieces.

        `known` are the places that the database knows. Only what was last written before `before` (real time) is
        looked at: leave a day, so that what is just being kept stays. Uploads to a bucket that were broken off are
        not listed by it: a rule of the bucket ends those.

        Raises:
            Unavailable: the store cannot be reached or written.
        """
        try:
            if self._directory is not None:
                return await asyncio.to_thread(_sweep, self._directory, frozenset(known), before)
            left = [
                BlobId(one["path"])
                async for page in obstore.list(self._store)
                for one in page
                if _OURS.fullmatch(one["path"]) and one["path"] not in known and one["last_modified"] < before
            ]
        except (BaseError, OSError) as error:
            raise _told(error) from error
        for blob in left:
            await self.delete(blob)
        return len(left)

    async def _sealed(self, stored: Stored, first: int, last: int) -> AsyncIterator[bytes]:
        """The sealed chunks from `first` to `last`, as they lie there."""
        whole = stored.size + _chunks_of(stored.size) * ChunkSealer.EXTRA
        wanted = first * _SEALED_BYTES, min((last + 1) * _SEALED_BYTES, whole)
        waiting = bytearray()
        try:
            found = await obstore.get_async(self._store, stored.blob, options={"range": wanted})
            if found.meta["size"] != whole:
                raise _damaged()
            async for piece in found.stream(min_chunk_size=_SEALED_BYTES):
                waiting += piece
                while len(waiting) >= _SEALED_BYTES:
                    chunk = bytes(waiting[:_SEALED_BYTES])
                    del waiting[:_SEALED_BYTES]
                    yield chunk
        except FileNotFoundError:
            raise _damaged() from None
        except (BaseError, OSError) as error:
            # A file that is shorter than the range has no such range: cut short, and not out of reach.
            if not await self._is_whole(stored.blob, whole):
                raise _damaged() from None
            raise _told(error) from error
        if waiting:
            yield bytes(waiting)

    async def _is_whole(self, blob: BlobId, size: int) -> bool:
        try:
            return (await obstore.head_async(self._store, blob))["size"] == size
        except FileNotFoundError:
            return False
        except (BaseError, OSError):
            return True  # nobody knows

    async def _forget(self, blob: BlobId) -> None:
        with suppress(BaseError, OSError):
            await obstore.delete_async(self._store, blob)


class _Sealing:
    """A stream on its way to the store: counted, digested, sealed."""

    def __init__(self, sealer: ChunkSealer, chunks: AsyncIterator[bytes], most: int) -> None:
        self._sealer = sealer
        self._chunks = chunks
        self._most = most
        self.size = 0
        self.head = bytearray()
        self.digest = hashlib.sha256()
        self.failed: Exception | None = None

    async def sealed(self) -> AsyncIterator[bytes]:
        waiting = bytearray()
        number = 0
        try:
            async for piece in self._chunks:
                self._count(piece)
                waiting += piece
                while len(waiting) > CHUNK_BYTES:  # the last chunk is not empty, unless everything is
                    yield self._sealer.seal(number, bytes(waiting[:CHUNK_BYTES]), last=False)
                    del waiting[:CHUNK_BYTES]
                    number += 1
        except Exception as error:
            self.failed = error
            raise
        yield self._sealer.seal(number, bytes(waiting), last=True)

    def _count(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._most:
            raise TooLarge("The file is larger than may be kept.")
        self.digest.update(piece)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]


def _bucket(scheme: str, url: str) -> ObjectStore:
    expected = "STAFFROOM_EVIDENCE_URL must be like s3://bucket/prefix, gs://bucket/prefix or az://container/prefix."
    if scheme not in _SCHEMES:
        raise BadUrl(expected)
    if scheme == "memory":
        return MemoryStore()
    try:
        return from_url(url)
    except (BaseError, ValueError):
        raise BadUrl(f"{expected} Are its credentials in the environment?") from None


def _chunks_of(size: int) -> int:
    return max(1, -(-size // CHUNK_BYTES))


def _settle(path: Path) -> None:
    """For its owner alone, and on the disk: the file, and its name in the directory."""
    path.chmod(0o600)
    for what in (path, path.parent):
        descriptor = os.open(what, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(directory: Path, known: frozenset[BlobId], before: datetime) -> int:
    count = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name) is None or entry.name in known:
                continue
            with suppress(FileNotFoundError):
                changed = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
                if changed < before:
                    Path(entry.path).unlink()
                    count += 1
    return count


def _told(error: Exception) -> Exception:
    """Ours for the store's: what people read, without paths or addresses."""
    code = error.errno if isinstance(error, OSError) and error.errno else None
    if code is None and isinstance(error, BaseError | OSError):
        found = _OS_ERROR.search(str(error))
        code = int(found.group(1)) if found else None
    if code in _NO_ROOM:
        return Full("There is no room for evidence: the disk is full, or a quota is used up.")
    if isinstance(error, BaseError | OSError):
        return Unavailable("The store of evidence cannot be reached, read or written just now.")
    return error


def _damaged() -> Damaged:
    return Damaged("The bytes of a file were changed, cut short, or are gone from the store.")
