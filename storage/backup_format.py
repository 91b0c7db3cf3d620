"""The form of a backup: a zip that is not compressed, of a manifest and a part for every table and every object.

Nothing in it is compressed, because what is sealed cannot be, and so that no small file can become a large one. A
table is a line of JSON for each row; what was sealed stays sealed. The manifest tells the parts' sizes and SHA-256,
and carries a digest keyed from the master key: whoever has no key cannot change a backup, or make one, unseen.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Integer, LargeBinary, String, Table
from sqlalchemy.types import TypeEngine

from storage.errors import BadBackup, StorageError
from storage.sealing import Keyring
from storage.tables import Moment

FORMAT = "staffroom-backup"
VERSION = 1
MANIFEST = "manifest.json"
MOST_MANIFEST = 64 * 2**20
MOST_ROW = 64 * 2**20
"""Bytes that a manifest, and the line of a row, may have."""

NOT_WHOLE = (
    "This file is not a whole backup: it was damaged, cut off or changed since it was made. Copy it again from where "
    "it is kept, or take another one. Nothing was restored."
)
_NOT_OURS = "This file is not a backup that `staffroom backup` made. Nothing was restored."
_NEWER = (
    "This backup was made by a newer Staffroom. Install that version, or a later one, and restore it with that. "
    "Nothing was restored."
)

KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (DateTime, "moment"),
    (LargeBinary, "bytes"),
    (String, "text"),
)
TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": Boolean(),
    "integer": BigInteger(),
    "number": Float(),
    "moment": Moment(),
    "bytes": LargeBinary(),
    "text": String(),
}

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_OBJECT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}){0,7}")
_MAC = re.compile(r"[0-9a-f]{8}\.[0-9a-f]{64}")
_LARGEST = 2**63

Name = Annotated[str, Field(pattern=rf"^{_NAME.pattern}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=_LARGEST)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Part(_Model):
    """How long a part is, in bytes, and its SHA-256."""

    bytes: Count
    sha256: Sha256


class TablePart(Part):
    """A table: its columns (name, kind of value) in the order in which every line has them."""

    table: Name
    columns: tuple[tuple[Name, Literal["boolean", "integer", "number", "moment", "bytes", "text"]], ...]
    rows: Count

    @property
    def name(self) -> str:
        """What the part is called in the file."""
        return f"tables/{self.table}.jsonl"


class ObjectPart(Part):
    """An object of a store beside the database."""

    store: Name
    object: Annotated[str, Field(pattern=rf"^{_OBJECT.pattern}$")]

    @property
    def name(self) -> str:
        """What the part is called in the file."""
        return f"{self.store}/{self.object}"


class Manifest(_Model):
    """What a backup holds. `keys` are the ids of the master keys without which it cannot be read."""

    format: Literal["staffroom-backup"] = "staffroom-backup"
    version: Literal[1] = 1
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    made_at: AwareDatetime
    keys: tuple[KeyId, ...]
    tables: tuple[TablePart, ...]
    objects: tuple[ObjectPart, ...]

    @property
    def parts(self) -> tuple[TablePart | ObjectPart, ...]:
        """Everything that must be in the file beside the manifest."""
        return (*self.tables, *self.objects)


def manifest_bytes(manifest: Manifest, keyring: Keyring) -> bytes:
    """The manifest as it stands in the file, with its digest."""
    body = manifest.model_dump(mode="json")
    return json.dumps({**body, "mac": keyring.mac("backup", _canonical(body))}, indent=1).encode()


def read_manifest(data: bytes) -> tuple[Manifest, bytes, str]:
    """The manifest, what its digest covers, and the digest, which the caller has to check.

    Raises:
        BadBackup: it is no manifest, or one of a newer Staffroom.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise BadBackup(NOT_WHOLE) from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise BadBackup(_NOT_OURS)
    version = body.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BadBackup(_NEWER)
    mac = body.pop("mac", None)
    try:
        manifest = Manifest.model_validate_json(json.dumps(body))
        covered = _canonical(body)
    except (ValidationError, ValueError, RecursionError):
        raise BadBackup(NOT_WHOLE) from None
    names = [part.name for part in manifest.parts]
    twice = len(set(names)) != len(names) or any(part.store == "tables" for part in manifest.objects)
    if twice or not isinstance(mac, str) or not _MAC.fullmatch(mac):
        raise BadBackup(NOT_WHOLE)
    return manifest, covered, mac


def is_object_name(name: str) -> bool:
    """Whether an object may be called so: letters, digits, `_.-`, in folders at the most; no way out of them."""
    return _OBJECT.fullmatch(name) is not None


def columns_of(table: Table) -> tuple[tuple[str, Any], ...]:
    """The columns of a table and the kinds of their values.

    Raises:
        StorageError: there is one of a kind that backups do not know.
    """
    return tuple((column.name, _kind(column)) for column in table.columns)


def row_bytes(values: Iterable[object], kinds: Sequence[str]) -> bytes:
    """One row as a line."""
    line = [_ENCODE[kind](value) if value is not None else None for value, kind in zip(values, kinds, strict=True)]
    return json.dumps(line, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def read_row(line: bytes, kinds: Sequence[str]) -> list[object]:
    """The row that `row_bytes` wrote.

    Raises:
        BadBackup: it is not one.
    """
    try:
        values = json.loads(line)
        if not isinstance(values, list):
            raise BadBackup(NOT_WHOLE)
        return [_DECODE[kind](value) if value is not None else None for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadBackup(NOT_WHOLE) from None


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _kind(column: Column[Any]) -> str:
    for type_, kind in KINDS:
        if isinstance(column.type, type_):
            return kind
    raise StorageError(
        f"The column {column} is of a kind that backups do not know. Give Staffroom a database of its own, without "
        "other tables."
    )


def _exactly(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in types:
            raise TypeError
        return value

    return check


def _integer(value: Any) -> int:
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode()  # a half of a character is not text
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _utc(value: datetime) -> str:
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat(timespec="microseconds")


_ENCODE: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "integer": _integer,
    "number": float,
    "moment": _utc,
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
    "text": _text,
}
_DECODE: dict[str, Callable[[Any], Any]] = {
    "boolean": _exactly(bool),
    "integer": _integer,
    "number": _exactly(float, int),
    "moment": _moment,
    "bytes": lambda value: base64.b64decode(value, validate=True),
    "text": _text,
}
