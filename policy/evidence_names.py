"""Names of files as they are shown, and as downloads are called. What the platform said stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from policy.evidence import EvidenceFile, EvidenceId, FileKind
from policy.text import INVISIBLE_CATEGORIES, INVISIBLE_LETTERS

MOST_CHARACTERS = 100
MOST_BYTES = 200
"""Of UTF-8: file systems take 255, and a browser adds "(1)" to a second download."""

_FORBIDDEN = frozenset('/\\:*?"<>|')
"""What separates paths, or Windows takes in no name."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}$", re.IGNORECASE)
_UNNAMED = "file"


def safe_name(name: str, kind: FileKind | None) -> str:
    """A name that is harmless to show and to save under: at most 100 characters, never empty.

    It has no path, no control, invisible or direction marks, and ends as its bytes are: `IMG.exe` that is a PNG
    becomes `IMG.png`. Without a kind (nothing was kept) its ending stays as it was.
    """
    stem, ending = _parts(name, kind)
    return _cut(stem, ending)


def shown_names(files: Iterable[EvidenceFile]) -> Mapping[EvidenceId, str]:
    """A name for each file of a record that no other of them has, also where capitals do not count."""
    names: dict[EvidenceId, str] = {}
    taken: set[str] = set()
    for file in sorted(files, key=lambda one: one.number):
        stem, ending = _parts(file.name, file.kind)
        name, count = _cut(stem, ending), 1
        while _folded(name) in taken:
            count += 1
            name = _cut(stem, f" ({count}){ending}")
        taken.add(_folded(name))
        names[file.id] = name
    return names


def _parts(name: str, kind: FileKind | None) -> tuple[str, str]:
    """What comes before the ending, and the ending with its dot."""
    whole = _clean(name)
    found = _EXTENSION.search(whole)
    stem, ending = (whole[: found.start()], found.group()) if found else (whole, "")
    if kind is not None and ending[1:].casefold() not in kind.extensions:
        ending = f".{kind.extensions[0]}"
    stem = stem.strip(" .") or _UNNAMED
    return (f"_{stem}" if _DEVICES.match(stem) else stem), ending


def _clean(name: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFC", name):
        category = unicodedata.category(character)
        if character in _FORBIDDEN:
            kept.append("_")
        elif category in {"Zs", "Zl", "Zp"} or character in "\t\r\n":
            kept.append(" ")
        elif category not in INVISIBLE_CATEGORIES and character not in INVISIBLE_LETTERS:
            kept.append(character)
    return " ".join("".join(kept).split()).strip(" .")


def _cut(stem: str, ending: str) -> str:
    stem = stem[: MOST_CHARACTERS - len(ending)]
    room = MOST_BYTES - len(ending.encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .") or _UNNAMED
    return stem + ending


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
