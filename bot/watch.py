"""Looks after the platforms once a minute, and says in the log what an administrator needs to know about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.standing import Standing, Trouble

log = structlog.get_logger()

LATE = timedelta(minutes=5)
"""A platform that is not reached for longer than this needs somebody to look."""


class Watched(Protocol):
    """A platform's adapter, as far as it is watched."""

    @property
    def standing(self) -> Standing:
        """How it stands between Staffroom and the platform."""
        ...

    async def look(self) -> None:
        """Asks the platform whether it lets us in, and notes the answer in `standing`; raises nothing."""
        ...


class Watch:
    """The platforms by the path at which each is listened to; `names` say what people call them, by the same paths."""

    def __init__(self, adapters: Mapping[str, Watched], names: Mapping[str, str], wall: Callable[[], datetime]) -> None:
        self._adapters = adapters
        self._names = names
        self._wall = wall
        self._told: dict[str, Trouble] = {}

    async def look(self) -> dict[str, str]:
        """Asks every platform, logs what is new, and returns those in trouble, with since when, for the log."""
        for adapter in self._adapters.values():
            await adapter.look()
        self.tell()
        for path, adapter in self._adapters.items():
            refused = adapter.standing.take_turned_away()
            if refused:
                reasons = "; ".join(f"{why} ({count})" for why, count in refused.most_common())
                requests = "1 request" if refused.total() == 1 else f"{refused.total()} requests"
                log.warning("%s to %s refused: %s", requests, path, reasons)
        return {self._names[path]: _in_short(trouble) for path, trouble in self._troubles().items()}

    def tell(self) -> None:
        """Logs the troubles that have begun or changed, and those that are over."""
        troubles = self._troubles()
        for path, trouble in troubles.items():
            if self._told.get(path) != trouble:
                log.error("%s: %s", self._names[path], trouble.said)
        for path in self._told.keys() - troubles.keys():
            log.info("%s is reached again", self._names[path])
        self._told = troubles

    def not_ready(self) -> list[str]:
        """The platforms that nothing passes to or from; one that is merely away is given `LATE`."""
        return [
            self._names[path]
            for path, trouble in self._troubles().items()
            if trouble.kind != "away" or self._wall() - trouble.since >= LATE
        ]

    def _troubles(self) -> dict[str, Trouble]:
        found = {path: adapter.standing.trouble for path, adapter in self._adapters.items()}
        return {path: trouble for path, trouble in found.items() if trouble is not None}


def _in_short(trouble: Trouble) -> str:
    what = "refused" if trouble.kind == "refused" else "not reached"
    return f"{what} since {trouble.since:%Y-%m-%d %H:%M} UTC"
