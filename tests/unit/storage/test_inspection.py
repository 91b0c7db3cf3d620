import io
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from policy.evidence import MOST_BYTES, MOST_WHOLE_BYTES, EvidenceId, FileKind, Reason
from storage.errors import Refused
from storage.evidence_store import HEAD_BYTES, EvidenceStore
from storage.inspection import check, inspect, part_to_read, recognise
from storage.sealing import Keyring, new_master_key
from tests.unit.storage.file_samples import (
    NOISE,
    PDF,
    WEBM,
    compound,
    container,
    good,
    image,
    mail,
    moving,
    mp3,
    zipped,
)

GOOD = good()
IMAGES = {name: data for name, (kind, data) in GOOD.items() if kind.startswith("image/") and kind != FileKind.HEIC}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in | Slack</title></head><body></body></html>"
PROGRAM = b"MZ\x90\0" + bytes(60) + b"PE\0\0" + NOISE.randbytes(300)
anything = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def look(data: bytes) -> FileKind:
    """As the worker does."""
    head = data[:HEAD_BYTES]
    kind = recognise(head, len(data))
    start, end = part_to_read(kind, len(data))
    check(kind, head, data[start:end])
    return kind


def refused(data: bytes) -> Reason | None:
    try:
        look(data)
    except Refused as told:
        return told.reason
    return None


@pytest.mark.parametrize("name", GOOD)
def test_it_is_known_by_its_bytes(name: str) -> None:
    kind, data = GOOD[name]
    assert look(data) == kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (PROGRAM, Reason.PROGRAM),
        (b"\x7fELF\x02\x01\x01" + bytes(99), Reason.PROGRAM),
        (b"\xcf\xfa\xed\xfe\x07\0\0\1" + bytes(99), Reason.PROGRAM),
        (b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(99), Reason.PROGRAM),
        (b"#!/bin/sh\nrm -rf /\n", Reason.PROGRAM),
        ("﻿#!/bin/sh\n".encode("utf-16-le"), Reason.PROGRAM),
        (b"\n\n #!/bin/sh\n", Reason.PROGRAM),
        (zipped(), Reason.ARCHIVE),
        (zipped("[Content_Types].xml", "word/document.xml"), Reason.DOCUMENT),
        (b"Rar!\x1a\x07\x01\0" + bytes(99), Reason.ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(99), Reason.ARCHIVE),
        (b"\x1f\x8b\x08\0" + bytes(99), Reason.ARCHIVE),
        (bytes(257) + b"ustar\0" + bytes(300), Reason.ARCHIVE),
        (compound("WordDocument"), Reason.DOCUMENT),
        (compound("Workbook", "__properties_version1.0"), Reason.DOCUMENT),
        (compound()[:500], Reason.NOT_WHAT_IT_SAYS),
        (b"{\\rtf1 words}", Reason.DOCUMENT),
        (PAGE, Reason.SIGN_IN_PAGE),
        (b"  \r\n<script>alert(1)</script>", Reason.SIGN_IN_PAGE),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>', Reason.SIGN_IN_PAGE),
        (("﻿" + PAGE.decode()).encode("utf-16-be"), Reason.SIGN_IN_PAGE),
        (SVG, Reason.DRAWING),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG, Reason.DRAWING),
        (b"<!-- drawn -->" + SVG, Reason.DRAWING),
        (b'<?xml version="1.0"?><words/>', Reason.UNKNOWN_TYPE),
        (b"BM" + bytes(99), Reason.UNKNOWN_TYPE),
        (NOISE.randbytes(20) + bytes(5000), Reason.UNKNOWN_TYPE),
        (container(b"crx "), Reason.UNKNOWN_TYPE),
        (container(b"avif", b"mif1"), Reason.UNKNOWN_TYPE),
        (b"words " * 1000 + b"\0" + b"words", Reason.UNKNOWN_TYPE),
        (mail() + b"\0", Reason.NOT_WHAT_IT_SAYS),
        (mail() + zipped(), Reason.NOT_WHAT_IT_SAYS),
        (b"junk\n" + PDF, Reason.NOT_WHAT_IT_SAYS),
        (PDF + zipped(), Reason.NOT_WHAT_IT_SAYS),
        (PDF + PAGE, Reason.NOT_WHAT_IT_SAYS),
        (PDF[:9] + b"<html><script>x()</script>" + PDF[9:], Reason.NOT_WHAT_IT_SAYS),
        (container(b"isom") + zipped(), Reason.NOT_WHAT_IT_SAYS),
        (container(b"heic") + PAGE, Reason.NOT_WHAT_IT_SAYS),
        (container(b"heic")[:-5], Reason.NOT_DECODABLE),
        (WEBM + PAGE, Reason.NOT_WHAT_IT_SAYS),
        (mp3(tagged=True) + zipped(), Reason.NOT_WHAT_IT_SAYS),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "file",
)
def test_it_is_refused_with_its_reason(data: bytes, reason: Reason) -> None:
    assert refused(data) is reason


@pytest.mark.parametrize("kind", FileKind)
def test_what_is_too_large_is_refused_before_it_is_read(kind: FileKind) -> None:
    data = next(data for found, data in GOOD.values() if found is kind)
    whole = part_to_read(kind, MOST_BYTES)[0] == 0
    most = MOST_WHOLE_BYTES if whole else MOST_BYTES
    assert recognise(data[:HEAD_BYTES], most) is kind
    with pytest.raises(Refused) as told:
        recognise(data[:HEAD_BYTES], most + 1)
    assert told.value.reason is Reason.TOO_LARGE
    start, end = part_to_read(kind, most)
    assert end - start <= MOST_WHOLE_BYTES


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize(
    "behind",
    [
        zipped(),
        zipped() + b"and more",
        PAGE,
        SVG,
        b"\0\0<ScRiPt src=x>",
        b"*/=1;alert(document.domain)//",
        PROGRAM,
        b"#!/bin/sh\necho",
        b"\x7fELF" + bytes(50),
        b"\0Rar!\x1a\x07\x01\0" + bytes(50),
        b"7z\xbc\xaf\x27\x1c" + bytes(50),
    ],
    ids=lambda _: "behind",
)
def test_nothing_that_runs_or_unpacks_hides_behind_an_image(name: str, behind: bytes) -> None:
    assert refused(IMAGES[name] + behind) is Reason.NOT_WHAT_IT_SAYS


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize(
    "behind",
    [
        bytes(4096),
        b"\r\n",
        container(b"mp42"),  # a moving picture of a telephone
        b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1758529200000SEFHk\0\0\0SEFT",
        b"\x82\x9c" + NOISE.randbytes(3000),  # what a program that cuts screenshots leaves of the older one
    ],
    ids=lambda _: "behind",
)
def test_what_telephones_leave_behind_an_image_is_kept(name: str, behind: bytes) -> None:
    assert refused(IMAGES[name] + behind) is None


def test_a_page_within_an_image_is_found() -> None:
    assert refused(image("JPEG", comment=b"<html><script>alert(1)</script>")) is Reason.NOT_WHAT_IT_SAYS
    assert refused(image("GIF", comment=b"<SCRIPT>alert(1)</SCRIPT>")) is Reason.NOT_WHAT_IT_SAYS


def test_a_gif_that_is_a_program_as_well_is_found() -> None:
    data = bytearray(image("GIF", comment=b"*/=1;alert(1);/*"))
    data[6:8] = b"/*"
    assert refused(bytes(data)) is Reason.NOT_WHAT_IT_SAYS


@pytest.mark.parametrize("name", sorted(IMAGES.keys() - {"two pictures in one jpeg"}))
def test_an_image_that_is_cut_short_does_not_decode(name: str) -> None:
    data = IMAGES[name]
    assert refused(data[: len(data) // 2]) is Reason.NOT_DECODABLE


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says this size, and has next to nothing in it."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        bomb(10_000, 6_001),
        bomb(2**31 - 1, 2**31 - 1),
        image("JPEG").replace(struct.pack(">HH", 80, 120), struct.pack(">HH", 65_500, 65_500), 1),
        moving("GIF")[:6] + struct.pack("<HH", 65_535, 65_535) + moving("GIF")[10:],
        moving("WEBP").replace((39).to_bytes(3, "little") + (29).to_bytes(3, "little"), b"\xff\x3f\0\xff\x3f\0", 1),
    ],
    ids=["png", "png of all", "jpeg", "gif", "webp"],
)
def test_a_bomb_is_refused_by_its_size_before_it_is_decoded(data: bytes) -> None:
    assert refused(data) is Reason.IMAGE_BOMB


def test_a_frame_larger_than_its_picture_is_a_bomb() -> None:
    data = image("GIF")
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 120, 80))
    grown = data[: at + 5] + struct.pack("<HH", 65_535, 65_535) + data[at + 9 :]
    assert refused(grown) is Reason.IMAGE_BOMB


def test_a_picture_of_a_thousand_scans_is_a_bomb() -> None:
    data = image("JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    scan = data[at:-2]
    assert refused(data[:at] + scan * 200 + data[-2:]) is Reason.IMAGE_BOMB


def test_the_best_camera_of_a_telephone_is_no_bomb() -> None:
    out = io.BytesIO()
    Image.new("L", (8_000, 6_000), 7).save(out, "JPEG")
    assert look(out.getvalue()) is FileKind.JPEG


@anything
@given(data=st.binary(max_size=600))
def test_any_bytes_are_known_or_refused(data: bytes) -> None:
    refused(data)


@anything
@given(name=st.sampled_from(sorted(GOOD)), data=st.data())
def test_any_damage_is_borne_or_refused(name: str, data: st.DataObject) -> None:
    broken = bytearray(GOOD[name][1])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                broken[at] = data.draw(st.integers(0, 255))
            case "cut":
                del broken[at : at + data.draw(st.integers(1, 50))]
            case _:
                broken[at:at] = data.draw(st.binary(max_size=50))
        if not broken:
            break
    refused(bytes(broken))


@pytest.mark.parametrize("name", ["jpeg", "mp4", "text", "msg"])
async def test_what_was_put_into_the_store_is_looked_at_there(tmp_path: Path, name: str) -> None:
    kind, data = GOOD[name]
    ring = Keyring([new_master_key()])
    sealer = ring.record_sealer(ring.new_data_key("r1"), "r1")
    store = EvidenceStore.open(tmp_path)

    async def pieces(content: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    stored = await store.put(EvidenceId("e" * 32), sealer, pieces(data), most=MOST_BYTES)
    assert await inspect(store, stored, sealer) is kind
    stored = await store.put(EvidenceId("e" * 32), sealer, pieces(PROGRAM), most=MOST_BYTES)
    with pytest.raises(Refused, match="program"):
        await inspect(store, stored, sealer)
