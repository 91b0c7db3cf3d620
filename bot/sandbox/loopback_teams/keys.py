"""Signing keys and JSON Web Tokens (RFC 7515, 7517, 7519), also wrongly made ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.sandbox.loopback_teams.checking import Json


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 - the cache keeps one key for each name
    """The key of this name, made once in a process: making one takes a good part of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_id(name: str) -> str:
    """The `kid` under which a key is published."""
    numbers = private_key(name).public_key().public_numbers()
    return _encoded(hashlib.sha256(str(numbers.n).encode()).digest()[:15])


def published(name: str) -> Json:
    """The public half of a key, as in a JSON Web Key Set."""
    numbers = private_key(name).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id(name),
        "n": _encoded(numbers.n.to_bytes(256, "big")),
        "e": _encoded(numbers.e.to_bytes(3, "big")),
        "endorsements": ["msteams"],
    }


def signed(claims: Json, name: str, *, alg: str = "RS256", kid: str | None = None) -> str:
    """A token with these claims. `alg` may be a forger's: `none`, or HS256 with the public key as the secret."""
    header = {"alg": alg, "typ": "JWT", "kid": kid or key_id(name)}
    content = f"{_json(header)}.{_json(claims)}".encode()
    return f"{content.decode()}.{_encoded(_signature(content, name, alg))}"


def _signature(content: bytes, name: str, alg: str) -> bytes:
    if alg == "none":
        return b""
    if alg == "HS256":
        public = private_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return hmac.new(public, content, hashlib.sha256).digest()
    return private_key(name).sign(content, padding.PKCS1v15(), SHA256())


def _json(thing: Any) -> str:
    return _encoded(json.dumps(thing, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
