"""What keeping evidence costs: `python -m bench.evidence`. A hundred megabytes through the seal, and large images.

Each is measured in a process of its own, so that its peak of memory is its own. Nothing here is a timed test.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random

from PIL import Image

from bot.sandbox.players import Attachment
from bot.sandbox.world import World
from policy.evidence import MOST_PIXELS, MOST_WEBP_PIXELS, EvidenceId, FileKind, Stored
from storage.evidence_store import EvidenceStore
from storage.inspection import check
from storage.sealing import Keyring, RecordSealer, new_master_key

_MEBIBYTE = 1024 * 1024
_PIECE = Random(1).randbytes(64 * 1024)
_SIZES = (1, 10, 100)
_IMAGES: tuple[tuple[str, str, FileKind, int, dict[str, object]], ...] = (
    ("PNG", "RGBA", FileKind.PNG, MOST_PIXELS, {}),
    ("JPEG", "RGB", FileKind.JPEG, MOST_PIXELS, {}),
    ("JPEG", "RGB", FileKind.JPEG, MOST_PIXELS, {"progressive": True, "subsampling": 0}),
    ("WEBP", "RGB", FileKind.WEBP, MOST_WEBP_PIXELS, {}),
)
"""As large as may be."""

_FILE = EvidenceId("e" * 32)


def _peak() -> float:
    """The most memory that this process has had so far, in MiB."""
    # Linux only. What getrusage tells has the parent's peak in it.
    with open("/proc/self/status") as status:  # noqa: PTH123 - not a file that has a path of ours
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


async def _pieces(mebibytes: int) -> AsyncIterator[bytes]:
    for _ in range(mebibytes * 16):
        yield _PIECE


async def _all_of(store: EvidenceStore, stored: Stored, sealer: RecordSealer) -> str:
    digest = hashlib.sha256()
    async for piece in store.read(stored, sealer):
        digest.update(piece)
    return digest.hexdigest()


async def _stream(mebibytes: int) -> None:
    keyring = Keyring([new_master_key()])
    sealer = keyring.record_sealer(keyring.new_data_key("r1"), "r1")
    with tempfile.TemporaryDirectory() as directory:
        store = EvidenceStore.open(directory)
        small = await store.put(_FILE, sealer, _pieces(1), most=_MEBIBYTE)
        await _all_of(store, small, sealer)
        before, start = _peak(), time.perf_counter()
        stored = await store.put(_FILE, sealer, _pieces(mebibytes), most=mebibytes * _MEBIBYTE)
        put = time.perf_counter() - start
        start = time.perf_counter()
        assert await _all_of(store, stored, sealer) == stored.sha256
        read = time.perf_counter() - start
    print(f"{mebibytes:4} MiB: put {put:.2f} s, read {read:.2f} s, peak {before:.0f} -> {_peak():.0f} MiB")


def _image(name: str, mode: str, kind: FileKind, pixels: int, options: dict[str, object]) -> None:
    out = io.BytesIO()
    side = math.isqrt(pixels)
    Image.linear_gradient("L").resize((side, side)).convert(mode).save(out, name, **options)
    data = out.getvalue()
    with tempfile.NamedTemporaryFile(suffix=".image") as kept:
        kept.write(data)
        kept.flush()
        subprocess.run([sys.executable, "-m", "bench.evidence", "check", kind.value, kept.name], check=True)


def _check(kind: FileKind, path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123 - one line of a benchmark
        data = file.read()
    before, start = _peak(), time.perf_counter()
    check(kind, data[:4096], data)
    took = time.perf_counter() - start
    memory = f"peak {before:.0f} -> {_peak():.0f} MiB"
    print(f"{kind.value:10} {len(data) / _MEBIBYTE:.1f} MiB: {took:.2f} s, {memory}")


async def _report(folder: Path) -> None:
    """Ten files of ten million bytes with one report, through the Slack adapter and the worker, from a Slack here."""
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    world = await World.open(folder, platform="slack")
    try:
        tess = world.people["tess"]
        files = [Attachment(f"{number}.mp4", film + Random(number).randbytes(10_000_000)) for number in range(10)]
        took = []
        for sent in ((), files):
            await tess.command("/report-incident")
            assert tess.screen is not None
            await tess.submit(
                tess.screen, {"kind": "hurtful_posts", "concerns": "pupil", "danger": "no", "imagery": "no"}
            )
            await tess.attach(tess.screen, "files", sent)
            await world.settle()
            before, start = _peak(), time.perf_counter()
            done = await tess.submit(tess.screen, {"what_happened": "They film us.", "source": "saw_it"})
            assert not done.failed
            took.append(time.perf_counter() - start)
            await world.running.worker.drain(patience=timedelta(minutes=2))
        kept = time.perf_counter() - start
        stored = [path.stat().st_size for path in (folder / "data" / "evidence").iterdir()]
        assert len(stored) == len(files)
        print(
            f"a report without files: acknowledged in {took[0] * 1000:.0f} ms; with ten of 10 MB: in "
            f"{took[1] * 1000:.0f} ms, all kept after {kept:.2f} s ({sum(stored) / kept / 1e6:.0f} MB/s), "
            f"peak {before:.0f} -> {_peak():.0f} MiB (the Slack that serves them is in the same process)"
        )
    finally:
        await world.close()


def main() -> None:
    """Measures all, or what the arguments name."""
    match sys.argv[1:]:
        case ["stream", mebibytes]:
            asyncio.run(_stream(int(mebibytes)))
        case ["check", kind, path]:
            _check(FileKind(kind), path)
        case ["report"]:
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(_report(Path(folder)))
        case _:
            subprocess.run([sys.executable, "-m", "bench.evidence", "report"], check=True)
            for size in _SIZES:
                subprocess.run([sys.executable, "-m", "bench.evidence", "stream", str(size)], check=True)
            for each in _IMAGES:
                _image(*each)


if __name__ == "__main__":
    main()
