"""What was measured, as figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

MS = 1000.0


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed (nearest rank); not interpolated.

    Raises:
        ValueError: there are none.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Round:
    """One closed-loop round against one server. `cpu` and `load_cpu`: processors that it and the load kept busy."""

    per_second: float
    cpu: float
    load_cpu: float
    failed: int


@dataclass(slots=True)
class Throughput:
    """A kind of request, asked of both servers in turn."""

    name: str
    staffroom: list[Round] = field(default_factory=list)
    bare: list[Round] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Staffroom's rate as a share of the bare app's, round by round."""
        return [ours.per_second / theirs.per_second for ours, theirs in zip(self.staffroom, self.bare, strict=True)]


@dataclass(slots=True)
class Latency:
    """How long something took, in seconds, by round."""

    name: str
    rounds: list[list[float]] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """By how much the load itself was late in sending; it is part of the latency."""
    failed: int = 0

    @property
    def all(self) -> list[float]:
        """The latencies of all rounds together."""
        return [value for one in self.rounds for value in one]


@dataclass(slots=True)
class Figures:
    """All of it."""

    throughput: list[Throughput] = field(default_factory=list)
    acks: list[Latency] = field(default_factory=list)
    alerts: list[Latency] = field(default_factory=list)
    starts: dict[str, list[float]] = field(default_factory=dict)
    """Seconds from starting the process to `/readyz` answering 200, by what was in the database."""
    bare_starts: list[float] = field(default_factory=list)
    """The bare app's, until it listens."""
    resident: dict[str, tuple[float, float]] = field(default_factory=dict)
    """MB of Staffroom and of the bare app, by when."""
    delivered_per_second: list[float] = field(default_factory=list)
    """Cards that the worker brought when nothing else was asked."""

    def failures(self) -> int:
        """Requests that were not answered as they should be, and alerts that did not come."""
        rounds = [one for kind in self.throughput for one in (*kind.staffroom, *kind.bare)]
        return sum(one.failed for one in rounds) + sum(one.failed for one in (*self.acks, *self.alerts))


@dataclass(frozen=True, slots=True)
class Size:
    """Resident memory of one Staffroom, in MB, by how many platforms it serves. `requests`: how many came between."""

    name: str
    at_start: float
    later: float
    requests: int


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
