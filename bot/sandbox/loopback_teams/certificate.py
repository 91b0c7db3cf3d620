"""A certificate for 127.0.0.1 that only this process trusts: msal takes no login address without https."""

from __future__ import annotations

import atexit
import datetime
import ipaddress
import shutil
import ssl
import tempfile
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bot.sandbox.loopback_teams.keys import private_key

_DAY = datetime.timedelta(days=1)


@cache
def _directory() -> Path:
    """Where `both.pem` (certificate and key) and `ca.pem` are; gone when the process ends."""
    directory = Path(tempfile.mkdtemp(prefix="loopback-teams-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    key = private_key("tls")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    both = directory / "both.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.touch(mode=0o600)
    both.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    (directory / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return directory


def ca_bundle() -> Path:
    """The file that a client of the https side trusts (`verify=`)."""
    return _directory() / "ca.pem"


@cache
def server_context() -> ssl.SSLContext:
    """The TLS settings of the https side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_directory() / "both.pem")
    return context
