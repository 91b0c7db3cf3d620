"""On which line of a TOML text a key stands: `tomllib` gives values without their places.

The text has been read by `tomllib` before, so it is known to be valid: only places are looked for here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Location = tuple[str | int, ...]
"""Keys and indexes from the top, such as ("escalation", "S1", "steps", 0, "wait")."""

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    | (?P<newline>\n)
    | (?P<space>[ \t\r]+)
    | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*')
    | (?P<mark>[\[\]{}=,])
    | (?P<bare>[^\s\[\]{}=,\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def line_of(location: Location, lines: Mapping[Location, int]) -> int:
    """The line (from 1) of the location, or of the nearest table around it that is written down; else 1."""
    for length in range(len(location), 0, -1):
        if found := lines.get(location[:length]):
            return found
    return 1


def find_lines(text: str) -> dict[Location, int]:
    """The line, from 1, of every table, key and element of a valid TOML text."""
    return _Finder(text).find()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind not in {"comment", "space"}:
            yield _Token(kind, found.group(), line)
        line += found.group().count("\n")


class _Finder:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._lines: dict[Location, int] = {}
        self._last_of: dict[Location, int] = {}

    def find(self) -> dict[Location, int]:
        table: Location = ()
        while (token := self._peek()) is not None:
            if token.kind == "newline":
                self._at += 1
            elif token.text == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next_is(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.kind in {"mark", "newline"} and token.text in texts

    def _skip(self, *texts: str) -> None:
        while self._next_is(*texts):
            self._at += 1

    def _key(self) -> tuple[list[str], int]:
        """A key, dotted or not, up to the mark that ends it; and its line."""
        parts: list[str] = []
        line = self._tokens[self._at].line
        while (token := self._peek()) is not None and token.kind in {"bare", "string"}:
            if token.kind == "string":
                parts.append(tomllib.loads(f"key = {token.text}")["key"])
            else:
                parts += [part for part in token.text.split(".") if part]
            self._at += 1
        return parts, line

    def _mark(self, location: Location, parts: list[str], line: int) -> Location:
        """Goes down from the location, into the last element of each array of tables, noting where each part is."""
        for part in parts:
            location = (*location, part)
            self._lines.setdefault(location, line)
            if location in self._last_of:
                location = (*location, self._last_of[location])
        return location

    def _header(self) -> Location:
        self._at += 1
        of_array = self._next_is("[")
        self._skip("[")
        parts, line = self._key()
        self._skip("]")
        if not of_array:
            return self._mark((), parts, line)
        array = (*self._mark((), parts[:-1], line), parts[-1])
        self._lines.setdefault(array, line)
        self._last_of[array] = self._last_of.get(array, -1) + 1
        element = (*array, self._last_of[array])
        self._lines[element] = line
        return element

    def _pair(self, table: Location) -> None:
        parts, line = self._key()
        location = self._mark(table, parts, line)
        self._skip("=")
        self._value(location)

    def _value(self, location: Location) -> None:
        if self._next_is("["):
            self._at += 1
            self._skip("\n", ",")
            index = 0
            while (token := self._peek()) is not None and not self._next_is("]"):
                self._lines[(*location, index)] = token.line
                self._value((*location, index))
                self._skip("\n", ",")
                index += 1
            self._at += 1
        elif self._next_is("{"):
            self._at += 1
            while self._peek() is not None and not self._next_is("}"):
                self._pair(location)
                self._skip("\n", ",")
            self._at += 1
        else:
            # A date and its time stand apart: two bare tokens, one value.
            while (token := self._peek()) is not None and token.kind in {"bare", "string"}:
                self._at += 1
