"""How much is measured. Every count is bounded, so that the load stops by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes of one run. Seconds and counts are for each round; rounds alternate between the two servers."""

    connections: int = 64
    rounds: int
    """How often each server has its turn."""
    warm_commands: int
    warm_reports: int
    """Sent first to both servers. The resident memory is read after them: with two requests for each report."""
    commands: int
    reports: int
    """Requests of a closed-loop round: blank forms, and reports of two screens each."""
    baseline: int
    """Requests of a closed-loop round against the bare app, which answers many times as fast."""
    rates: tuple[int, int]
    """Requests a second of the open loop."""
    mixed_seconds: float
    second_screens_seconds: float
    bare_seconds: float
    alerts_rate: float
    alerts_seconds: float
    pace: float
    """Seconds between two messages to one conversation where there is a pace; the product's own is 1."""
    paced_rate: float
    paced_seconds: float
    starts: int
    """How often each start is timed."""

    @property
    def warm_requests(self) -> int:
        """How many requests are sent first."""
        return self.warm_commands + 2 * self.warm_reports


FULL = Plan(
    rounds=3,
    warm_commands=1000,
    warm_reports=500,
    commands=1000,
    reports=500,
    baseline=5000,
    rates=(50, 200),
    mixed_seconds=8,
    second_screens_seconds=6,
    bare_seconds=5,
    alerts_rate=5,
    alerts_seconds=20,
    pace=1,
    paced_rate=1,
    paced_seconds=20,
    starts=5,
)
QUICK = Plan(
    rounds=1,
    warm_commands=20,
    warm_reports=10,
    commands=60,
    reports=30,
    baseline=100,
    rates=(40, 80),
    mixed_seconds=0.3,
    second_screens_seconds=0.2,
    bare_seconds=0.2,
    alerts_rate=10,
    alerts_seconds=0.3,
    pace=0.2,
    paced_rate=5,
    paced_seconds=0.6,
    starts=1,
)
"""Proves that the benchmark runs; its figures mean nothing."""
