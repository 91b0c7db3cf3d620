"""School time: terms, INSET days, bank holidays, and the two nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from policy.calendar import SchoolCalendar, Term, long_date
from policy.errors import InvalidAnswer

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
TERMS = SchoolCalendar(
    terms=(
        Term(first=date(2026, 9, 2), last=date(2026, 12, 18)),
        Term(first=date(2027, 1, 5), last=date(2027, 3, 25)),
    ),
    inset=frozenset({date(2026, 9, 1), date(2026, 11, 28)}),
    closed=frozenset({date(2026, 10, 26)}),
)
ALWAYS = SchoolCalendar()


@pytest.mark.parametrize(
    ("day", "at_work"),
    [
        (date(2026, 9, 2), True),
        (date(2026, 12, 18), True),
        (date(2026, 12, 21), False),
        (date(2026, 9, 1), True),
        (date(2026, 8, 31), False),
        (date(2026, 10, 26), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 28), True),
        (date(2027, 4, 1), False),
    ],
)
def test_days_of_terms_inset_days_and_closures(day: date, at_work: bool) -> None:
    assert TERMS.is_school_day(day) is at_work


@pytest.mark.parametrize("day", [date(2026, 12, 25), date(2026, 12, 28), date(2026, 4, 3), date(2026, 8, 31)])
def test_bank_holidays_of_england_are_no_school_days(day: date) -> None:
    assert not ALWAYS.is_school_day(day)


def test_a_bank_holiday_of_scotland_is_a_school_day() -> None:
    assert ALWAYS.is_school_day(date(2026, 1, 2))


def test_without_terms_every_weekday_counts() -> None:
    assert ALWAYS.is_school_day(date(2026, 8, 12))
    assert not ALWAYS.is_school_day(date(2026, 8, 15))


def test_the_next_time_is_today_when_it_is_still_to_come_and_never_now() -> None:
    assert ALWAYS.next_time(NOW, time(15, 30)) == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    assert ALWAYS.next_time(NOW, time(10, 20)) == datetime(2026, 11, 23, 10, 20, tzinfo=UTC)


def test_the_next_time_skips_weekends_and_holidays() -> None:
    summer = SchoolCalendar(
        terms=(
            Term(first=date(2026, 4, 13), last=date(2026, 7, 17)),
            Term(first=date(2026, 9, 2), last=date(2026, 12, 18)),
        )
    )
    half_past_three = summer.next_time(datetime(2026, 7, 21, 9, tzinfo=UTC), time(15, 30))
    assert half_past_three == datetime(2026, 7, 28, 14, 30, tzinfo=UTC), "in the holidays nothing waits over a week"
    assert summer.next_time(datetime(2026, 8, 28, 9, tzinfo=UTC), time(8, 15)) == datetime(
        2026, 9, 2, 7, 15, tzinfo=UTC
    )
    assert TERMS.next_time(datetime(2026, 12, 18, 16, tzinfo=UTC), time(8, 15)) == datetime(
        2026, 12, 29, 8, 15, tzinfo=UTC
    )


def test_after_the_last_term_that_is_known_weekdays_count() -> None:
    friday = datetime(2027, 3, 26, 16, tzinfo=UTC)
    assert TERMS.next_time(friday, time(8, 15)) == datetime(2027, 3, 30, 7, 15, tzinfo=UTC)  # after Easter Monday


def test_a_quarter_past_eight_is_on_the_schools_clock_on_both_sides_of_a_clock_change() -> None:
    before = ALWAYS.next_time(datetime(2026, 3, 26, 12, tzinfo=UTC), time(8, 15))
    after = ALWAYS.next_time(before + timedelta(hours=1), time(8, 15))
    assert before == datetime(2026, 3, 27, 8, 15, tzinfo=UTC)
    assert after == datetime(2026, 3, 30, 7, 15, tzinfo=UTC)
    assert ALWAYS.next_time(datetime(2026, 10, 23, 12, tzinfo=UTC), time(8, 15)) == datetime(
        2026, 10, 26, 8, 15, tzinfo=UTC
    )


def test_a_moment_that_somebody_gave_is_kept_in_utc() -> None:
    assert ALWAYS.moment("2026-07-01", "09:00", NOW) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert ALWAYS.moment("2026-11-20", "10:20", NOW) == NOW


@pytest.mark.parametrize(
    ("day", "clock", "says"),
    [
        ("2026-02-31", "10:00", "There is no 10:00 on 2026-02-31"),
        ("2026-11-19", "24:00", "There is no 24:00 on 2026-11-19"),
        ("2026-11-19", "25:61", "There is no 25:61"),
        ("2026-11-19", "10:00+01:00", "There is no"),
        ("Summer 2026", "10:00", "There is no"),
        ("", "", "There is no"),
        ("0001-01-01", "00:00", None),
        ("2026-03-29", "01:30", "01:30 on 29 March 2026 did not happen: the clocks went forward"),
        ("2026-11-20", "10:21", "still to come"),
        ("9999-12-31", "23:59", "still to come"),
    ],
)
def test_a_moment_that_was_not_is_explained(day: str, clock: str, says: str | None) -> None:
    if says is None:
        assert ALWAYS.moment(day, clock, NOW).year == 1
        return
    with pytest.raises(InvalidAnswer, match=says.replace("+", r"\+")) as refused:
        ALWAYS.moment(day, clock, NOW, field="when")
    assert refused.value.field == "when"


def test_a_time_that_happened_twice_is_the_earlier_one() -> None:
    assert ALWAYS.moment("2026-10-25", "01:30", NOW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        (datetime(2026, 11, 20, 9, 5, tzinfo=UTC), "09:05"),
        (datetime(2026, 11, 21, 8, 15, tzinfo=UTC), "tomorrow 08:15"),
        (datetime(2026, 11, 23, 8, 15, tzinfo=UTC), "Mon 23 Nov, 08:15"),
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), "Wed 1 Jul, 09:00"),
        (datetime(2027, 1, 5, 8, 15, tzinfo=UTC), "Tue 5 Jan 2027, 08:15"),
    ],
)
def test_a_moment_in_words(moment: datetime, says: str) -> None:
    assert ALWAYS.says(moment, NOW) == says


def test_today_is_the_schools_today_late_on_a_summer_evening() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert ALWAYS.says(datetime(2026, 7, 1, 8, tzinfo=UTC), late) == "09:00"


def test_a_date_as_people_write_it() -> None:
    assert long_date(date(2026, 3, 29)) == "29 March 2026"
