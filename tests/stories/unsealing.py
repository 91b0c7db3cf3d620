"""Opening a sealed zip as its form says (WinZip AE-2), in a few lines that share nothing with what made it."""

from __future__ import annotations

import hashlib
import hmac
import io
import struct
import zipfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def unseal(sealed: bytes, password: str) -> dict[str, bytes]:
    """Every part of the zip that lies in the sealed one, by name.

    Raises:
        ValueError: it is not the password, or bytes were changed.
    """
    with zipfile.ZipFile(io.BytesIO(sealed)) as outer:
        [entry] = outer.infolist()
    name, extra = struct.unpack_from("<HH", sealed, entry.header_offset + 26)
    start = entry.header_offset + 30 + name + extra
    body = sealed[start : start + entry.compress_size]
    salt, check, content, tag = body[:16], body[16:18], body[18:-10], body[-10:]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 66)
    if keys[64:] != check:
        raise ValueError("another password")
    if not hmac.compare_digest(hmac.new(keys[32:64], content, "sha1").digest()[:10], tag):
        raise ValueError("changed")
    cipher = Cipher(algorithms.AES256(keys[:32]), modes.ECB()).encryptor()  # noqa: S305 - of counters only
    counted = b"".join(number.to_bytes(16, "little") for number in range(1, len(content) // 16 + 2))
    plain = bytes(one ^ other for one, other in zip(content, cipher.update(counted), strict=False))
    with zipfile.ZipFile(io.BytesIO(plain)) as inner:
        assert inner.testzip() is None
        return {one.filename: inner.read(one) for one in inner.infolist()}
