"""Sealing: what is confidential is encrypted before it reaches the database.

A *master key* never encrypts anything itself: HKDF-SHA256 makes a key of its own from it for every purpose, so
that what was sealed for one cannot be opened for another. Every record has a random data key, kept wrapped:
rotation rewraps the data keys and leaves the bodies as they are. AES-256-GCM throughout, with random 96-bit
nonces; the associated data binds a value to its place, so that moving it elsewhere is found.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import BadKey, CannotOpen

PREFIX = "sk1_"
"""What a master key begins with, so that one is recognised where it should not be."""

PURPOSES = frozenset(
    {"wrap", "draft", "inbox", "people", "index", "audit", "check", "conversations", "backup", "search"}
)
"""What keys are derived for."""

_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4
_FORMAT = b"\x01"


def new_master_key() -> str:
    """A new master key of 256 random bits, as `STAFFROOM_SECRET_KEYS` takes it."""
    return PREFIX + base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode("ascii").rstrip("=")


class Keyring:
    """The master keys, newest first: the newest seals, any of them opens.

    Raises:
        BadKey: there is none, or one of them is not in the form of `new_master_key`. No key is ever shown.
    """

    __slots__ = ("_keys", "_newest", "_sealers")

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise BadKey(
                "There is no secret key. Make one with `staffroom keys new`, keep a copy in a safe place and put it "
                "into STAFFROOM_SECRET_KEYS."
            )
        raw = [_read(key, number) for number, key in enumerate(keys, start=1)]
        self._keys = {_derive(key, "id")[:_ID_BYTES]: key for key in raw}
        self._newest = next(iter(self._keys))
        self._sealers: dict[tuple[bytes, str], tuple[AESGCM, bytes]] = {}

    def __repr__(self) -> str:
        return f"Keyring({len(self._keys)} keys)"

    @property
    def newest(self) -> str:
        """The id of the key that seals: eight hexadecimal characters, no secret."""
        return self._newest.hex()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, newest first."""
        return tuple(key.hex() for key in self._keys)

    @property
    def mark(self) -> bytes:
        """What everything begins with that the newest key has sealed: rotation looks for what does not."""
        return _FORMAT + self._newest

    def seal(self, purpose: str, plaintext: bytes, *, context: str) -> bytes:
        """Encrypts with the newest key. `context` is what the value belongs to, such as a row's id."""
        cipher, _ = self._for(self._newest, purpose)
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + self._newest + nonce + cipher.encrypt(nonce, plaintext, _bound(purpose, context))

    def open(self, purpose: str, sealed: bytes, *, context: str) -> bytes:
        """What was sealed for this purpose and context.

        Raises:
            CannotOpen: it was changed, it was sealed for another purpose or context, or its key is missing.
        """
        start = len(_FORMAT) + _ID_BYTES
        key_id = sealed[len(_FORMAT) : start]
        if sealed[: len(_FORMAT)] != _FORMAT or key_id not in self._keys:
            raise CannotOpen("It cannot be opened: it was changed, or the key that sealed it is not among the keys.")
        cipher, _ = self._for(key_id, purpose)
        return _decrypt(cipher, sealed[start:], _bound(purpose, context))

    def index(self, purpose: str, text: str) -> str:
        """A keyed blind index: equal texts give equal indexes, and nobody without the key can try texts."""
        return self._index(self._newest, purpose, text)

    def indexes(self, purpose: str, text: str) -> Iterator[str]:
        """The index by each key, newest first: what an older key has indexed is found until it is rotated."""
        return (self._index(key_id, purpose, text) for key_id in self._keys)

    def mac(self, purpose: str, data: bytes) -> str:
        """A keyed digest by the newest key, with the key's id in front."""
        _, key = self._for(self._newest, purpose)
        return f"{self.newest}.{hmac.new(key, data, hashlib.sha256).hexdigest()}"

    def check(self, purpose: str, data: bytes, mac: str) -> bool:
        """Whether one of the keys made this digest of this data."""
        key_id, _, digest = mac.partition(".")
        if key_id not in self.ids:
            return False
        _, key = self._for(bytes.fromhex(key_id), purpose)
        return hmac.compare_digest(hmac.new(key, data, hashlib.sha256).hexdigest().encode(), digest.encode())

    def new_data_key(self, record: str) -> bytes:
        """A random key for one record, wrapped: it is stored beside the record."""
        return self.seal("wrap", os.urandom(_KEY_BYTES), context=record)

    def rewrap(self, wrapped: bytes, record: str) -> bytes:
        """The same data key, wrapped by the newest master key (rotation)."""
        return self.seal("wrap", self.open("wrap", wrapped, context=record), context=record)

    def record_sealer(self, wrapped: bytes, record: str) -> RecordSealer:
        """What seals and opens the parts of one record.

        Raises:
            CannotOpen: the wrapped key was changed, belongs to another record, or its master key is missing.
        """
        return RecordSealer(self.open("wrap", wrapped, context=record), record)

    def _index(self, key_id: bytes, purpose: str, text: str) -> str:
        _, key = self._for(key_id, "index")
        return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()

    def _for(self, key_id: bytes, purpose: str) -> tuple[AESGCM, bytes]:
        found = self._sealers.get((key_id, purpose))
        if found is None:
            if purpose not in PURPOSES:
                raise ValueError(f"unknown purpose: {purpose}")
            key = _derive(self._keys[key_id], purpose)
            found = self._sealers[key_id, purpose] = (AESGCM(key), key)
        return found


class RecordSealer:
    """Seals and opens the parts of one record with the record's own key.

    A value is bound to its table, its record and its number (a version or a sequence number): put back an older
    one, or another record's, and it does not open.
    """

    __slots__ = ("_cipher", "_key", "_record")

    def __init__(self, data_key: bytes, record: str) -> None:
        self._cipher = AESGCM(data_key)
        self._key = data_key
        self._record = record

    def __repr__(self) -> str:
        return f"RecordSealer({self._record})"

    def seal(self, table: str, number: int, plaintext: bytes) -> bytes:
        """Encrypts what stands in `table` under this version or sequence number."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plaintext, self._place(table, number))

    def open(self, table: str, number: int, sealed: bytes) -> bytes:
        """What was sealed for this place.

        Raises:
            CannotOpen: it was changed, or belongs elsewhere.
        """
        if sealed[: len(_FORMAT)] != _FORMAT:
            raise CannotOpen("Part of a record cannot be opened: it was changed.")
        return _decrypt(self._cipher, sealed[len(_FORMAT) :], self._place(table, number))

    def chunks(self, file: str, blob: str) -> ChunkSealer:
        """What seals and opens the bytes of one file of this record, as they lie in one place of the store."""
        return ChunkSealer(_derive(self._key, f"file\0{self._record}\0{file}\0{blob}"))

    def index(self, purpose: str, text: str) -> str:
        """A blind index that only this record's key makes: it stays the same when the master keys are rotated."""
        key = _derive(self._key, f"index\0{self._record}")
        return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()

    def _place(self, table: str, number: int) -> bytes:
        return f"{table}\0{self._record}\0{number}".encode()


class ChunkSealer:
    """Seals a stream in chunks, under a key that is used for this stream alone.

    The number of a chunk, and whether it is the last one, are its nonce: it opens in its place only, a stream that
    was cut short has no last chunk, and no nonce is used twice as long as a stream is sealed once.
    """

    __slots__ = ("_cipher",)

    EXTRA = 16
    """How many bytes longer a chunk gets."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, number: int, plaintext: bytes, *, last: bool) -> bytes:
        """Encrypts the chunk of this number, from 0. Never call it twice for one number."""
        return self._cipher.encrypt(_chunk_nonce(number, last=last), plaintext, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """The chunk that was sealed as this one.

        Raises:
            CannotOpen: it was changed, or belongs elsewhere.
        """
        return _decrypt(self._cipher, _chunk_nonce(number, last=last) + sealed, None)


def random_id() -> str:
    """128 random bits, in lower-case hexadecimal: ids that tell nothing."""
    return secrets.token_hex(16)


def _read(key: str, number: int) -> bytes:
    text = key.strip()
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX).rstrip("=") + "=", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if not text.startswith(PREFIX) or len(raw) != _KEY_BYTES:
        raise BadKey(
            f"Secret key {number} of STAFFROOM_SECRET_KEYS is not a key: one begins with {PREFIX} and has 43 more "
            "characters, as `staffroom keys new` writes it. Was it cut off when it was copied?"
        )
    return raw


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"staffroom/1/{purpose}".encode()).derive(key)


def _bound(purpose: str, context: str) -> bytes:
    return f"{purpose}\0{context}".encode()


def _chunk_nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NONCE_BYTES - 1) + bytes([last])


def _decrypt(cipher: AESGCM, nonce_and_text: bytes, bound: bytes | None) -> bytes:
    try:
        return cipher.decrypt(nonce_and_text[:_NONCE_BYTES], nonce_and_text[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        pass
    raise CannotOpen("It cannot be opened: it was changed, or it belongs elsewhere.")
