"""A zip of one entry, encrypted with a password, written as a stream: memory stays flat whatever goes in.

The form is WinZip's AE-2 with AES-256 (WinZip, "AES Encryption Information", 1.04), which 7-Zip, WinZip, Keka and
Python's `pyzipper` open; sizes follow the data (APPNOTE 4.3.9), in 64 bits. Nothing is compressed. Everything that
goes in is one entry, so that neither the names of what is inside nor the size of each can be read without the password.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import sys
from array import array
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_VERSION = 51  # "version needed": AES
_FLAGS = 0x0001 | 0x0008 | 0x0800  # encrypted, sizes follow, the name is UTF-8
_AES = 99
_SALT, _KEY, _CHECK, _TAG = 16, 32, 2, 10
_ROUNDS = 1000  # the form says so; a password of 99 random bits needs no more
_EXTRA_AES = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 0)
_BLOCK = 16
_MANY = 0xFFFFFFFF


class SealedZip:
    """One entry called `name`: `begin`, `add` as often as there is something, `end`; each gives bytes to send."""

    def __init__(self, name: str, password: str, at: datetime) -> None:
        """`at` is what the entry says it was made at, on the school's clock."""
        self._name = name.encode()
        self._when = struct.pack(
            "<HH",
            at.hour << 11 | at.minute << 5 | at.second // 2,
            (at.year - 1980) << 9 | at.month << 5 | at.day,
        )
        self._salt = os.urandom(_SALT)
        # PBKDF2 and HMAC with SHA-1 are what the form prescribes.
        keys = hashlib.pbkdf2_hmac("sha1", password.encode(), self._salt, _ROUNDS, 2 * _KEY + _CHECK)
        self._check = keys[2 * _KEY :]
        self._mac = hmac.new(keys[_KEY : 2 * _KEY], digestmod="sha1")
        # The form counts blocks from 1, little-endian, which `modes.CTR` does not: the counters are made here.
        self._cipher = Cipher(algorithms.AES256(keys[:_KEY]), modes.ECB()).encryptor()  # noqa: S305 - of counters only
        self._block = 1
        self._waiting = b""
        self._size = 0
        self._written = 0

    def begin(self) -> bytes:
        """What stands before the content."""
        zip64 = struct.pack("<HHQQ", 1, 16, 0, 0)
        extra = zip64 + _EXTRA_AES
        head = struct.pack("<4sHHH", b"PK\x03\x04", _VERSION, _FLAGS, _AES) + self._when
        head += struct.pack("<LLLHH", 0, _MANY, _MANY, len(self._name), len(extra)) + self._name + extra
        self._written = len(head)
        return head + self._salt + self._check

    def add(self, plain: bytes) -> bytes:
        """Some more of the content, encrypted; up to fifteen bytes wait for what comes next."""
        self._size += len(plain)
        whole = self._waiting + plain
        now = len(whole) - len(whole) % _BLOCK
        self._waiting = whole[now:]
        return self._encrypted(whole[:now])

    def end(self) -> bytes:
        """The rest of the content, its seal, and the directory."""
        rest = self._encrypted(self._waiting)
        body = self._size + _SALT + _CHECK + _TAG
        after = struct.pack("<4sLQQ", b"PK\x07\x08", 0, body, self._size)
        zip64 = struct.pack("<HHQQQ", 1, 24, self._size, body, 0)
        extra = zip64 + _EXTRA_AES
        made_by = 3 << 8 | _VERSION  # by Unix, so that the entry is a file for its owner alone
        directory = struct.pack("<4sHHHH", b"PK\x01\x02", made_by, _VERSION, _FLAGS, _AES) + self._when
        directory += struct.pack(
            "<LLLHHHHHLL", 0, _MANY, _MANY, len(self._name), len(extra), 0, 0, 0, 0o100600 << 16, _MANY
        )
        directory += self._name + extra
        start = self._written + body + len(after)
        locator = start + len(directory)
        ending = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, 1, 1, len(directory), start)
        ending += struct.pack("<4sLQL", b"PK\x06\x07", 0, locator, 1)
        ending += struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 1, 1, _MANY, _MANY, 0)
        return rest + self._mac.digest()[:_TAG] + after + directory + ending

    def _encrypted(self, plain: bytes) -> bytes:
        blocks = -(-len(plain) // _BLOCK)
        counters = memoryview(bytearray(blocks * _BLOCK)).cast("Q")
        numbers = array("Q", range(self._block, self._block + blocks))
        if sys.byteorder == "big":
            numbers.byteswap()
        if blocks:
            counters[::2] = memoryview(numbers)
        self._block += blocks
        stream = self._cipher.update(counters.cast("B"))[: len(plain)]
        mixed = int.from_bytes(plain, "little") ^ int.from_bytes(stream, "little")
        sealed = mixed.to_bytes(len(plain), "little")
        self._mac.update(sealed)
        return sealed
