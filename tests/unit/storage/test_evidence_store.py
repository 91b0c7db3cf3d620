import asyncio
import hashlib
import os
import resource
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.evidence import BlobId, EvidenceId, Stored
from storage.errors import BadUrl, Damaged, Full, TooLarge, Unavailable
from storage.evidence_store import CHUNK_BYTES, HEAD_BYTES, EvidenceStore
from storage.sealing import ChunkSealer, Keyring, RecordSealer, new_master_key

MEBIBYTE = 1024 * 1024
MOST = 4 * MEBIBYTE
FILE, OTHER = EvidenceId("e" * 32), EvidenceId("f" * 32)
RING = Keyring([new_master_key()])
WRAPPED = RING.new_data_key("r1")
SEALER = RING.record_sealer(WRAPPED, "r1")
NOISE = os.urandom(MOST)
FUTURE = datetime.now(UTC) + timedelta(days=1)

anything = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# Sizes around the places where chunks meet, and others.
sizes = st.one_of(
    st.integers(0, 3 * CHUNK_BYTES + 5),
    st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES]),
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data" / "evidence"


@pytest.fixture
def store(directory: Path) -> EvidenceStore:
    return EvidenceStore.open(directory)


async def pieces(data: bytes, size: int = 60_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def put(store: EvidenceStore, data: bytes, *, file: EvidenceId = FILE, piece: int = 60_000) -> Stored:
    return await store.put(file, SEALER, pieces(data, piece), most=MOST)


async def read(
    store: EvidenceStore, stored: Stored, sealer: RecordSealer = SEALER, start: int = 0, end: int | None = None
) -> bytes:
    return b"".join([piece async for piece in store.read(stored, sealer, start=start, end=end)])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def replace_with_a_file(directory: Path) -> None:
    directory.rmdir()
    directory.write_bytes(b"")


def lying(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@anything
@given(size=sizes, piece=st.integers(1, 5 * CHUNK_BYTES), data=st.data())
async def test_every_range_of_every_size_is_read_as_it_came(
    store: EvidenceStore, size: int, piece: int, data: st.DataObject
) -> None:
    original = NOISE[:size]
    stored = await put(store, original, piece=max(piece, size // 500))
    assert (stored.size, stored.head) == (size, original[:HEAD_BYTES])
    assert stored.sha256 == hashlib.sha256(original).hexdigest()
    assert await read(store, stored) == original
    for _ in range(5):
        start = data.draw(st.integers(0, size))
        end = data.draw(st.integers(start, size))
        assert await read(store, stored, start=start, end=end) == original[start:end]
    assert await store.exists(stored.blob)
    await store.delete(stored.blob)
    assert not await store.exists(stored.blob)


@anything
@given(size=sizes, data=st.data())
async def test_every_change_is_found_and_nothing_changed_is_given_out(
    store: EvidenceStore, directory: Path, size: int, data: st.DataObject
) -> None:
    original = NOISE[:size]
    stored = await put(store, original)
    path = directory / stored.blob
    sealed = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(sealed) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "cut a chunk", "lengthen", "swap", "drop", "repeat"])):
        case "flip":
            sealed[place] ^= data.draw(st.integers(1, 255))
        case "cut":
            del sealed[place:]
        case "cut a chunk":
            del sealed[(len(sealed) - 1) // (CHUNK_BYTES + ChunkSealer.EXTRA) * (CHUNK_BYTES + ChunkSealer.EXTRA) :]
        case "lengthen":
            sealed += sealed[: place + 1]
        case "swap":
            half = CHUNK_BYTES + ChunkSealer.EXTRA
            before = bytes(sealed)
            sealed[:half], sealed[half : 2 * half] = sealed[half : 2 * half], sealed[:half]
            if bytes(sealed) == before or size <= CHUNK_BYTES:
                return
        case "drop":
            del sealed[: CHUNK_BYTES + ChunkSealer.EXTRA]
        case _:
            sealed[CHUNK_BYTES + ChunkSealer.EXTRA :] = sealed[: CHUNK_BYTES + ChunkSealer.EXTRA]
    path.write_bytes(sealed)
    given_out = bytearray()

    async def follow() -> None:
        async for piece in store.read(stored, SEALER):
            given_out.extend(piece)

    with pytest.raises(Damaged):
        await follow()
    assert original.startswith(given_out)
    assert len(given_out) % CHUNK_BYTES == 0


async def test_a_range_opens_only_the_chunks_that_it_lies_in(store: EvidenceStore, directory: Path) -> None:
    stored = await put(store, NOISE)
    path = directory / stored.blob
    sealed = bytearray(path.read_bytes())
    sealed[0] ^= 1
    path.write_bytes(sealed)
    assert await read(store, stored, start=CHUNK_BYTES, end=CHUNK_BYTES + 10) == NOISE[CHUNK_BYTES:][:10]
    with pytest.raises(Damaged):
        await read(store, stored, start=CHUNK_BYTES - 1, end=CHUNK_BYTES + 10)


async def test_bytes_open_for_their_own_file_place_and_record_only(store: EvidenceStore, directory: Path) -> None:
    one, other = await put(store, b"one"), await put(store, b"two", file=OTHER)
    again = await put(store, b"old")
    for wrong in (
        Stored(file=OTHER, blob=one.blob, size=3, sha256=one.sha256),
        Stored(file=FILE, blob=other.blob, size=3, sha256=one.sha256),
        Stored(file=FILE, blob=one.blob, size=2, sha256=one.sha256),
        Stored(file=FILE, blob=BlobId("0" * 32), size=3, sha256=one.sha256),
    ):
        with pytest.raises(Damaged):
            await read(store, wrong)
    for sealer in (RING.record_sealer(RING.new_data_key("r1"), "r1"), RING.record_sealer(RING.new_data_key("x"), "x")):
        with pytest.raises(Damaged):
            await read(store, one, sealer)
    (directory / one.blob).write_bytes((directory / again.blob).read_bytes())
    with pytest.raises(Damaged):
        await read(store, one)


async def test_rotating_the_master_keys_leaves_the_bytes_as_they_are(store: EvidenceStore) -> None:
    stored = await put(store, NOISE[:100_000])
    old, new = new_master_key(), new_master_key()
    wrapped = Keyring([old]).new_data_key("r2")
    stored = await store.put(FILE, Keyring([old]).record_sealer(wrapped, "r2"), pieces(b"words"), most=MOST)
    rewrapped = Keyring([new, old]).rewrap(wrapped, "r2")
    assert await read(store, stored, Keyring([new]).record_sealer(rewrapped, "r2")) == b"words"


async def test_nothing_lies_in_clear_and_only_its_owner_may_read(store: EvidenceStore, directory: Path) -> None:
    words = b"Marker-Jamie-7391 " * 1000
    stored = await put(store, words)
    path = directory / stored.blob
    assert b"Marker" not in path.read_bytes()
    assert mode(path) == 0o600
    assert mode(directory) == 0o700
    assert "Marker" not in repr(stored)
    twice = await put(store, words)
    assert twice.blob != stored.blob
    assert (directory / twice.blob).read_bytes() != path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, MOST])
async def test_as_much_as_may_be_is_kept(store: EvidenceStore, size: int) -> None:
    stored = await store.put(FILE, SEALER, pieces(NOISE[:size]), most=size)
    assert await read(store, stored) == NOISE[:size]


async def test_a_file_that_is_too_large_leaves_nothing(store: EvidenceStore, directory: Path) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield NOISE[:100_000]

    for most in (0, 99_999, 12 * MEBIBYTE):
        with pytest.raises(TooLarge):
            await store.put(FILE, SEALER, endless(), most=most)
    assert asked < 200
    assert lying(directory) == []


async def test_a_download_that_breaks_off_leaves_nothing_and_is_told_as_it_is(
    store: EvidenceStore, directory: Path
) -> None:
    async def breaking(error: Exception) -> AsyncIterator[bytes]:
        async for piece in pieces(NOISE * 3):
            yield piece
        raise error

    for error in (ConnectionResetError("gone"), FileNotFoundError("theirs"), ValueError("odd")):
        with pytest.raises(type(error)) as told:
            await store.put(FILE, SEALER, breaking(error), most=99 * MEBIBYTE)
        assert told.value is error
    assert lying(directory) == []


async def test_a_worker_that_is_stopped_leaves_nothing(store: EvidenceStore, directory: Path) -> None:
    hanging = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        async for piece in pieces(NOISE * 3):
            yield piece
        hanging.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.put(FILE, SEALER, stuck(), most=99 * MEBIBYTE))
    await hanging.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all("#" in name for name in lying(directory))  # the store's own thread may still be taking it away
    await store.sweep((), before=FUTURE)
    assert lying(directory) == []


@pytest.mark.parametrize("room", [0, 1000, 6 * MEBIBYTE])
async def test_a_full_disk_is_told_and_nothing_half_is_left(store: EvidenceStore, directory: Path, room: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # the kernel refuses larger files, as it does a full disk
    try:
        with pytest.raises(Full, match="room"):
            await store.put(FILE, SEALER, pieces(NOISE * 3), most=99 * MEBIBYTE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert lying(directory) == []
    assert await read(store, await put(store, b"again")) == b"again"


async def test_a_store_that_is_gone_is_told(store: EvidenceStore, directory: Path) -> None:
    stored = await put(store, b"words")
    (directory / stored.blob).unlink()
    with pytest.raises(Damaged):
        await read(store, stored)
    assert not await store.exists(stored.blob)
    await store.delete(stored.blob)
    replace_with_a_file(directory)
    with pytest.raises(Unavailable):
        await put(store, b"words")
    with pytest.raises(Unavailable):
        EvidenceStore.open(directory)


@pytest.mark.parametrize("remote", [False, True])
async def test_what_nobody_knows_of_is_swept(directory: Path, remote: bool) -> None:
    store = EvidenceStore.open("memory://" if remote else f"file://{directory}")
    kept, left = await put(store, b"kept"), await put(store, b"left")
    pieces_left = 1
    if not remote:
        for crashed in (f"{kept.blob}#1", f"{'0' * 32}#12"):
            (directory / crashed).write_bytes(b"half")
        (directory / "README").write_bytes(b"not ours")
        pieces_left = 3
    assert await store.sweep({kept.blob}, before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.sweep({kept.blob}, before=FUTURE) == pieces_left
    assert not await store.exists(left.blob)
    assert await read(store, kept) == b"kept"
    if not remote:
        assert lying(directory) == sorted([kept.blob, "README"])


async def test_a_bucket_keeps_files_as_a_directory_does() -> None:
    store = EvidenceStore.open("memory://")
    stored = await put(store, NOISE)
    assert await read(store, stored, start=300_000, end=900_001) == NOISE[300_000:900_001]
    with pytest.raises(Damaged):
        await read(store, Stored(file=FILE, blob=stored.blob, size=MOST - 1, sha256=""))
    with pytest.raises(Damaged):
        await read(store, Stored(file=FILE, blob=stored.blob, size=MOST * 2, sha256=""), start=MOST + 9)
    with pytest.raises(Damaged):
        await read(store, Stored(file=FILE, blob=BlobId("0" * 32), size=3, sha256=""))
    await store.delete(stored.blob)
    await store.delete(stored.blob)
    assert not await store.exists(stored.blob)


async def test_a_range_lies_within_the_file(store: EvidenceStore) -> None:
    stored = await put(store, b"words")
    for start, end in ((-1, 2), (3, 2), (0, 6), (6, 6)):
        with pytest.raises(ValueError, match="range"):
            await read(store, stored, start=start, end=end)
    assert await read(store, stored, start=5) == b""


@pytest.mark.parametrize("url", ["http://user:hunter2@files.example/x", "nonsense://hunter2", "ftp://hunter2@x/y"])
def test_a_wrong_address_is_told_without_showing_it(url: str) -> None:
    with pytest.raises(BadUrl, match="STAFFROOM_EVIDENCE_URL") as told:
        EvidenceStore.open(url)
    assert "hunter2" not in str(told.value)


def test_a_bucket_is_opened_without_asking_it() -> None:
    assert EvidenceStore.open("s3://school-evidence/2026")._directory is None
