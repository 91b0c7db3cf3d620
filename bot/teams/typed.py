"""What somebody typed to the bot: one of its two commands, nearly one, or something else."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

REPORT, HOME = "report-incident", "staffroom"
COMMANDS = (REPORT, HOME)
NEAR = 0.7
"""How alike a word must be to a command to be taken for a slip (difflib's ratio)."""
_FIRST = re.compile(r"/?(?P<name>[\w-]+)[:,.]?(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """`command` is the one that was typed, `meant` the one that was perhaps meant; `words` came after it."""

    command: str = ""
    meant: str = ""
    words: str = ""


def read_typed(text: str) -> Typed:
    """The command in what was typed, with or without a slash, in any case."""
    found = _FIRST.fullmatch(text.strip())
    if found is None:
        return Typed()
    name, rest = found["name"].lower(), found["rest"].strip()
    if name in COMMANDS:
        return Typed(command=name, words=rest)
    second, _, more = rest.partition(" ")
    if f"{name}-{second.lower()}" == REPORT:
        return Typed(command=REPORT, words=more.strip())
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=NEAR)
    if not near and name in {"report", "incident"}:
        near = [REPORT]
    return Typed(meant=near[0]) if near else Typed()
