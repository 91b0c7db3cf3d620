"""School time: Europe/London, terms, INSET days and bank holidays. Elapsed time needs none of this."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from policy.errors import InvalidAnswer

LONDON = ZoneInfo("Europe/London")
REMINDERS = (time(8, 15), time(15, 30))
"""Times of a school day at which people are reminded of what is not urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Days of one term, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCalendar:
    """When the school is at work.

    Where no terms are given every weekday that is not a bank holiday in England counts. An INSET day is a
    working day for staff: it counts even outside a term.
    """

    terms: Sequence[Term] = ()
    inset: frozenset[date] = field(default_factory=frozenset)
    closed: frozenset[date] = field(default_factory=frozenset)
    timezone: ZoneInfo = LONDON

    def local(self, moment: datetime) -> datetime:
        """The moment as the school's clock on the wall shows it."""
        return moment.astimezone(self.timezone)

    def is_school_day(self, day: date) -> bool:
        """Whether staff are at work on `day`."""
        if day in self.closed:
            return False
        if day in self.inset:
            return True
        if not is_working_day(day):
            return False
        return not self.terms or any(term.first <= day <= term.last for term in self.terms)

    def next_time(self, after: datetime, at: time) -> datetime:
        """The next moment after `after` (UTC) at which it is `at` o'clock on a school day, in UTC.

        In the holidays nothing waits longer than a week: the first working day after that counts, and beyond the
        last term that is written down every working day does.
        """
        first = self.local(after).date()
        for ahead in itertools.count():
            day = first + timedelta(days=ahead)
            moment = datetime.combine(day, at, self.timezone).astimezone(UTC)
            if moment <= after:
                continue
            # Beyond the last term that anybody has written down, nobody knows when the school is closed.
            unknown = all(day > term.last for term in self.terms)
            working = is_working_day(day) and day not in self.closed
            if self.is_school_day(day) or (working and (unknown or ahead >= 7)):
                return moment
        raise AssertionError("a week without a weekday")

    def next_working_day(self, after: datetime) -> datetime:
        """The same time of day (UTC) on the next day that is no weekend and no bank holiday, school or not.

        For clocks that others run on, such as the council's: half-term does not stop them.
        """
        local = self.local(after)
        day = local.date() + timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
        return datetime.combine(day, local.time(), self.timezone).astimezone(UTC)

    def reminder(self, day: date, now: datetime) -> datetime:
        """When to remind somebody of what is to be done by `day`: at 08:15, or 15:30 where that has passed (UTC)."""
        begins = datetime.combine(day, time(), self.timezone).astimezone(UTC)
        return min(self.next_time(max(begins, now), at) for at in REMINDERS)

    def coming_day(self, text: str, now: datetime, *, field: str = "date") -> date:
        """The day (ISO) that a person gave for something that is still to come, within a year.

        Raises:
            InvalidAnswer: there is no such day, it has passed, or it is more than a year ahead.
        """
        return self.day_ahead(text, now, years=1, field=field)

    def day_ahead(self, text: str, now: datetime, *, years: int, field: str = "date") -> date:
        """The day (ISO) that a person gave for something that is still to come, within so many years.

        Raises:
            InvalidAnswer: there is no such day, it has passed, or it is further ahead.
        """
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InvalidAnswer(field, "There is no such day. Pick it again.") from None
        today = self.local(now).date()
        if day < today:
            raise InvalidAnswer(field, "That day has passed. Pick today or a later one.")
        if day > today + timedelta(days=366 * years):
            far = "a year" if years == 1 else f"{years} years"
            raise InvalidAnswer(field, f"That is more than {far} ahead. Pick an earlier day.")
        return day

    def moment(self, day: str, clock: str, now: datetime, *, field: str = "time") -> datetime:
        """The moment, in UTC, that a person gave as a date (ISO) and a time (HH:MM) on the school's clock.

        A time that happens twice, when the clocks go back, is the earlier one.

        Raises:
            InvalidAnswer: there is no such day or time, the clock change skipped it, or it is ahead of `now`.
        """
        try:
            wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock))
        except ValueError:
            raise InvalidAnswer(field, f"There is no {clock} on {day}. Pick the date and time again.") from None
        if wall.tzinfo is not None:
            raise InvalidAnswer(field, f"There is no {clock} on {day}. Pick the date and time again.")
        try:
            moment = wall.replace(tzinfo=self.timezone).astimezone(UTC)
        except OverflowError:
            raise InvalidAnswer(field, f"There is no {clock} on {day}. Pick the date and time again.") from None
        if self.local(moment).replace(tzinfo=None) != wall:
            raise InvalidAnswer(
                field,
                f"{wall:%H:%M} on {long_date(wall.date())} did not happen: the clocks went forward that night. "
                "Pick an hour earlier or later.",
            )
        if moment > now:
            raise InvalidAnswer(field, "That is still to come. Pick when you saw it, or when it happened.")
        return moment

    def stamp(self, moment: datetime) -> str:
        """The moment in words that stay right on a card for days: "10:20 on Fri 20 Nov"."""
        local = self.local(moment)
        return f"{local:%H:%M} on {local:%a} {local.day} {local:%b}"

    def says(self, moment: datetime, now: datetime) -> str:
        """The moment in words: "10:20" today, else with the day, and the year where it is another one."""
        local, today = self.local(moment), self.local(now).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        if local.date() == today + timedelta(days=1):
            return f"tomorrow {local:%H:%M}"
        year = f" {local.year}" if local.year != today.year else ""
        return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def long_date(day: date) -> str:
    """A date as people write it: 29 March 2026."""
    return f"{day.day} {day:%B %Y}"


def is_working_day(day: date) -> bool:
    """Whether it is a weekday and no bank holiday in England."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """Bank holidays of England in the year."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
