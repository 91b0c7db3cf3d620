"""How it stands between Staffroom and one platform: whether the way there is open, and what was turned away here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.clock import wall_clock

Kind = Literal["refused", "deaf", "away"]
"""Our credentials are not accepted; nothing that the platform sends can be checked; it is not reached for now."""
_GRAVITY: tuple[Kind, ...] = ("refused", "deaf", "away")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one part of the way. `said` says what to do, without secrets; `since` is UTC."""

    kind: Kind
    said: str
    since: datetime


class Standing:
    """One for each platform; the parts of its adapter note here what they meet. `wall` gives real time."""

    def __init__(self, *, wall: Callable[[], datetime] = wall_clock) -> None:
        self._wall = wall
        self._parts: dict[str, Trouble] = {}
        self._turned_away: Counter[str] = Counter()

    def lost(self, part: str, kind: Kind, said: str) -> None:
        """This part of the way is closed; it counts from the first time."""
        before = self._parts.get(part)
        self._parts[part] = Trouble(kind, said, before.since if before is not None else self._wall())

    def well(self, part: str) -> None:
        """This part of the way is open."""
        self._parts.pop(part, None)

    @property
    def trouble(self) -> Trouble | None:
        """The gravest trouble that there is; None where all is well."""
        return min(self._parts.values(), key=lambda one: _GRAVITY.index(one.kind), default=None)

    def turned_away(self, why: str) -> None:
        """A request was refused. `why` is one of our own phrases, never anything that was sent."""
        self._turned_away[why] += 1

    def take_turned_away(self) -> Counter[str]:
        """How many requests were refused since this was last asked, by reason."""
        found, self._turned_away = self._turned_away, Counter()
        return found
