"""Faults that a test asks Teams to have: slow, refusing, silent, down."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.downloads import DownloadFaults


@dataclass
class Fault:
    """One planned misbehaviour of one operation (`*` for any), for the next `times` calls."""

    kind: str
    operation: str
    times: int
    status: int = 200
    seconds: float = 0.0
    code: str = ""


@dataclass
class Faults(DownloadFaults):
    """What goes wrong next. Faults of one operation are used up in the order in which they were asked for.

    Operations: `create_conversation`, `send`, `update`, `delete`, `get_members`, `get_member`, `get_team`,
    `get_attachment`, `get_file`, `put_file`, `token`, `openid`, `keys`.
    """

    planned: list[Fault] = field(default_factory=list)
    is_down: bool = False
    rates_enforced: bool = False

    def rate_limit(self, operation: str, times: int = 1, retry_after: int | None = 1) -> None:
        """Answer 429 with `Retry-After` (whole seconds), or without one for None."""
        seconds = -1 if retry_after is None else retry_after
        self.planned.append(Fault("rate_limit", operation, times, status=429, seconds=seconds))

    def fail(self, operation: str, times: int = 1, status: int = 503, code: str = "ServiceError") -> None:
        """Answer an HTTP error (412, 502, 504, …) without acting."""
        self.planned.append(Fault("fail", operation, times, status=status, code=code))

    def reset(self, operation: str, times: int = 1, *, after: bool = False) -> None:
        """Close the connection without an answer; `after=True` acts first, so only the answer is lost."""
        self.planned.append(Fault("lose_answer" if after else "reset", operation, times))

    def lose_answer(self, operation: str, times: int = 1) -> None:
        """Act, then close the connection: the bot cannot know that it was done."""
        self.reset(operation, times, after=True)

    def slow(self, operation: str, seconds: float, times: int = 1) -> None:
        """Answer after so many (real) seconds."""
        self.planned.append(Fault("slow", operation, times, seconds=seconds))

    def enforce_rates(self, on: bool = True) -> None:
        """Answer 429 above Teams' published rates per conversation (`limits.SEND_RATES`)."""
        self.rates_enforced = on

    def down(self) -> None:
        """Everything answers 503 until `up`, the login and the key set too."""
        self.is_down = True

    def up(self) -> None:
        """End of `down`."""
        self.is_down = False

    def clear(self) -> None:
        """No more faults of any kind."""
        self.planned.clear()
        self.downloads.clear()
        self.is_down = self.rates_enforced = False

    def next_for(self, operation: str) -> Fault | None:
        """Take the next planned fault for an operation, using it up by one."""
        for fault in self.planned:
            if fault.operation in (operation, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                return fault
        return None
