"""Faults that a test asks Slack to have: slow, refusing, silent, down."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.downloads import DownloadFaults


@dataclass
class Fault:
    """One planned misbehaviour of one Web API method (`*` for any), for the next `times` calls."""

    kind: str
    method: str
    times: int
    status: int = 200
    seconds: float = 0.0
    error: str = ""


@dataclass
class Faults(DownloadFaults):
    """What goes wrong next. Faults of one method are used up in the order in which they were asked for.

    The downloading of a file counts as a method called `get_file`.
    """

    planned: list[Fault] = field(default_factory=list)
    is_down: bool = False
    token_revoked: bool = False
    posts_per_second: float | None = None

    def rate_limit(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """Answer 429 with `Retry-After` (whole seconds)."""
        self.planned.append(Fault("rate_limit", method, times, status=429, seconds=retry_after))

    def fail(self, method: str, times: int = 1, status: int = 503) -> None:
        """Answer an HTTP error without acting."""
        self.planned.append(Fault("fail", method, times, status=status))

    def error(self, method: str, code: str, times: int = 1) -> None:
        """Answer `{"ok": false, "error": code}` without acting."""
        self.planned.append(Fault("error", method, times, error=code))

    def reset(self, method: str, times: int = 1, *, after: bool = False) -> None:
        """Close the connection without an answer; `after=True` acts first, so only the answer is lost."""
        self.planned.append(Fault("lose_answer" if after else "reset", method, times))

    def lose_answer(self, method: str, times: int = 1) -> None:
        """Act, then close the connection: the bot cannot know that it was done."""
        self.reset(method, times, after=True)

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """Answer after so many (real) seconds."""
        self.planned.append(Fault("slow", method, times, seconds=seconds))

    def edit_window_closed(self, times: int = 1) -> None:
        """Refuse the next edits, as a workspace does that limits how long messages may be edited."""
        self.error("chat.update", "edit_window_closed", times)

    def enforce_rate(self, per_channel_per_second: float | None = 1.0) -> None:
        """Answer 429 to posts above this rate in one channel; None lifts the limit."""
        self.posts_per_second = per_channel_per_second

    def revoke_token(self) -> None:
        """The workspace removes the app: every call answers `token_revoked`."""
        self.token_revoked = True

    def restore_token(self) -> None:
        """The app is installed again with the same token."""
        self.token_revoked = False

    def down(self) -> None:
        """Everything answers 503 until `up`."""
        self.is_down = True

    def up(self) -> None:
        """End of `down`."""
        self.is_down = False

    def clear(self) -> None:
        """No more faults of any kind."""
        self.planned.clear()
        self.downloads.clear()
        self.is_down = self.token_revoked = False
        self.posts_per_second = None

    def next_for(self, method: str) -> Fault | None:
        """Take the next planned fault for a method, using it up by one."""
        for fault in self.planned:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                return fault
        return None
