"""School time. One clock for everything that the policy times; tests and the tour move theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def wall_clock() -> datetime:
    """Real time, in UTC: for signatures, leases and back-off, never for the policy."""
    return datetime.now(UTC)


class SystemClock:
    """School time that is real time."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return wall_clock()


class MovableClock:
    """School time that stands still until it is moved; it never goes back."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Time passes.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("time does not go back")
        self._now += by

    def move_to(self, moment: datetime) -> None:
        """It is `moment` now, which must not be past."""
        self.move(moment - self._now)
