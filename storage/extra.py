"""What is kept beside the database and belongs into a backup with it, such as the bytes of evidence."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

from storage.backup_format import is_object_name
from storage.errors import StorageError

CHUNK = 2**18
"""Bytes that are read at a time."""


class Extra(Protocol):
    """A store of sealed objects. They are copied as they are."""

    @property
    def name(self) -> str:
        """The folder in the backup: a short word such as `evidence`."""
        ...

    def objects(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """The name of every object (letters, digits, `_.-`, `/`) and its bytes, which are read before the next."""
        ...

    async def is_empty(self) -> bool:
        """Whether there is nothing in it: nothing is restored over what is there."""
        ...

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Stores an object."""
        ...

    async def discard(self, name: str) -> None:
        """Takes an object away again: the restore has failed. One that is not there is no error."""
        ...


class Folder:
    """A directory of sealed files, readable by their owner only."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    @property
    def name(self) -> str:
        """The folder in the backup."""
        return self._name

    async def objects(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """Every file, by its path below the directory. Names that no object of ours has are told.

        What is just being written, which the store marks with a `#`, is left out: no row speaks of it yet.

        Raises:
            StorageError: a file is called otherwise than an object may be.
        """
        for path in self._files():
            name = path.relative_to(self._path).as_posix()
            if not is_object_name(name):
                raise StorageError(f"In {self._path} is a file that Staffroom did not put there. Take it away first.")
            yield name, _read(path)

    async def is_empty(self) -> bool:
        """Whether there is no file."""
        return next(self._files(), None) is None

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Stores a file.

        Raises:
            ValueError: the name leads elsewhere.
        """
        path = self._place(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            async for chunk in content:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    async def discard(self, name: str) -> None:
        """Takes a file away."""
        self._place(name).unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        found = sorted(path for path in self._path.rglob("*") if "#" not in path.name)
        return (path for path in found if path.is_file() and not path.is_symlink())

    def _place(self, name: str) -> Path:
        if not is_object_name(name):
            raise ValueError("not the name of an object")
        return self._path / name


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
