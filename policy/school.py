"""The school as the rules see it: its profile and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from policy.calendar import SchoolCalendar
from policy.people import Staff
from policy.profile import Profile


@dataclass(frozen=True, slots=True)
class School:
    """Everything that the school has decided, as of now."""

    profile: Profile
    staff: Staff

    @property
    def calendar(self) -> SchoolCalendar:
        """The school's calendar."""
        return self.profile.school_calendar

    def today(self, now: datetime) -> date:
        """The day on the school's own calendar."""
        return self.calendar.local(now).date()
