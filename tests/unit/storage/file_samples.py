"""Files, made here: real images, and the beginnings of what is not decoded."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from email.message import EmailMessage

from PIL import Image

from policy.evidence import FileKind

NOISE = random.Random(20260922)
"""The same in every process: tests are told apart by what they are given."""


def image(name: str, *, size: tuple[int, int] = (120, 80), mode: str = "RGB", **options: object) -> bytes:
    """A picture of noise, as Pillow writes it."""
    channels = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    made = Image.frombytes(mode, size, NOISE.randbytes(size[0] * size[1] * channels))
    out = io.BytesIO()
    made.save(out, name, **options)
    return out.getvalue()


def moving(name: str) -> bytes:
    """A picture of three frames."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, name, save_all=True, append_images=frames[1:])
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    """A box of the ISO base media format."""
    return struct.pack(">I", 8 + len(content)) + name + content


def container(major: bytes, *others: bytes) -> bytes:
    """A file of boxes, of these brands."""
    brands = major + b"\0\0\2\0" + b"".join(others)
    return box(b"ftyp", brands) + box(b"meta", NOISE.randbytes(64)) + box(b"moov") + box(b"mdat", NOISE.randbytes(9000))


def mp3(*, tagged: bool) -> bytes:
    """Frames of silence at 128 kbit/s, 44,100 Hz."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return (b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) if tagged else b"") + frame * 12


def zipped(*names: str) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("notes.txt",):
            archive.writestr(name, "words " * 100)
    return out.getvalue()


def mail(*, with_zip: bool = False) -> bytes:
    """A mail in HTML, as forwarded to a file."""
    made = EmailMessage()
    made["From"], made["To"] = "Sam Carter <sam@parents.example>", "office@school.example"
    made["Subject"], made["Date"] = "Your lessons", "Tue, 22 Sep 2026 09:20:00 +0100"
    made.set_content("Words.")
    made.add_alternative("<html><body><script>x()</script>Words.</body></html>", subtype="html")
    if with_zip:
        made.add_attachment(zipped(), maintype="application", subtype="zip", filename="a.zip")
    return bytes(made)


def compound(*streams: str, clsid: str = "", behind: bytes = b"") -> bytes:
    """A compound file whose directory is its first sector."""
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    header[30:32] = (9).to_bytes(2, "little")
    directory = bytearray()
    for name in ("Root Entry", *streams):
        entry = bytearray(128)
        encoded = name.encode("utf-16-le")
        entry[: len(encoded)] = encoded
        directory += entry
    directory[80:96] = bytes.fromhex(clsid) if clsid else bytes(16)
    return bytes(header + directory.ljust(512, b"\0")) + behind


MSG_CLASS = "0b0d020000000000c000000000000046"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm" + NOISE.randbytes(5000)
OGG = b"OggS\0\2" + bytes(20) + b"\x01\x13OpusHead" + NOISE.randbytes(500)


def good() -> dict[str, tuple[FileKind, bytes]]:
    """What is kept, by a name for it."""
    noted = Image.Exif()
    noted[0x010E] = "Year 9 <trip> & more"
    return {
        "png": (FileKind.PNG, image("PNG")),
        "png with alpha": (FileKind.PNG, image("PNG", mode="RGBA")),
        "apng": (FileKind.PNG, moving("PNG")),
        "jpeg": (FileKind.JPEG, image("JPEG")),
        "jpeg, progressive, noted": (FileKind.JPEG, image("JPEG", progressive=True, exif=noted)),
        "jpeg, grey, with restarts": (FileKind.JPEG, image("JPEG", mode="L", restart_marker_rows=1)),
        "two pictures in one jpeg": (FileKind.JPEG, moving("MPO")),
        "gif": (FileKind.GIF, image("GIF")),
        "gif, moving": (FileKind.GIF, moving("GIF")),
        "webp": (FileKind.WEBP, image("WEBP")),
        "webp, lossless": (FileKind.WEBP, image("WEBP", lossless=True)),
        "webp, alpha, noted": (FileKind.WEBP, image("WEBP", mode="RGBA", exif=noted)),
        "webp, moving": (FileKind.WEBP, moving("WEBP")),
        "heic": (FileKind.HEIC, container(b"heic", b"mif1", b"heic")),
        "heic, mif1": (FileKind.HEIC, container(b"mif1", b"mif1", b"heic")),
        "mp4": (FileKind.MP4, container(b"isom", b"avc1", b"mp42")),
        "3gp": (FileKind.MP4, container(b"3gp4")),
        "mov": (FileKind.QUICKTIME, container(b"qt  ")),
        "mov without brand": (FileKind.QUICKTIME, box(b"wide") + box(b"mdat", NOISE.randbytes(99))),
        "webm": (FileKind.WEBM, WEBM),
        "m4a": (FileKind.M4A, container(b"M4A ", b"isom")),
        "mp3": (FileKind.MP3, mp3(tagged=False)),
        "mp3 with a tag": (FileKind.MP3, mp3(tagged=True)),
        "voice note": (FileKind.OGG, OGG),
        "pdf": (FileKind.PDF, PDF),
        "mail": (FileKind.EML, mail()),
        "mail with an archive": (FileKind.EML, mail(with_zip=True)),
        "mail of a mailbox": (FileKind.EML, b"From sam@parents.example Tue Sep 22\r\n" + mail()),
        "mail with long headers": (
            FileKind.EML,
            b"ARC-Seal: i=1; " + b"a\r\n " * 900 + b"b\r\nReceived: x\r\n" + mail(),
        ),
        "msg": (FileKind.MSG, compound("__properties_version1.0", clsid=MSG_CLASS)),
        "msg with an archive": (
            FileKind.MSG,
            compound("__properties_version1.0", clsid=MSG_CLASS, behind=zipped().ljust(1024, b"\0")),
        ),
        "msg without a class": (FileKind.MSG, compound("__properties_version1.0", "__nameid_version1.0")),
        "text": (FileKind.TEXT, "Żółć said: “no” \U0001f62d\r\n<3 a < b\n".encode() * 400),
        "text of Windows": (FileKind.TEXT, "He said “café” – twice\n".encode("cp1252")),
        "text in UTF-16": (FileKind.TEXT, "﻿He said no\n".encode("utf-16-le")),
        "text with the mark of UTF-8": (FileKind.TEXT, "﻿He said no\n".encode()),
        "text like a program": (FileKind.TEXT, b"MZ told me at lunch"),
        "text of one letter": (FileKind.TEXT, b"x"),
        "list": (FileKind.TEXT, b"name,when\nSam,22 September\n"),
    }
