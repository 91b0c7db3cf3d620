from datetime import date

import pytest

from bot.profiles import load_profile
from policy.errors import ProfileError
from policy.people import Duty
from policy.processes import PROCESSES, ProcessId
from policy.profile import Period, parse_period
from policy.profile_file import parse_profile
from tests.unit.policy.test_profile_file import ASTOR


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            'default = "6 years"',
            'retention.default: "6 years" cannot be taken; expected a period such as "6y" or "90d"',
        ),
        ("default = 6", "retention.default: 6 cannot be taken; expected a period"),
        ('default = "121y"', "of 120 years at the most"),
        ('periods = { P02 = "0y" }', 'retention.periods.P02: "0y" cannot be taken'),
        ('periods = { P03 = "6y" }', 'retention.periods.P03: "P03" is not known'),
        ('since = "taken"', 'retention.since: "taken" is not known'),
        ('review = ["dpp"]', 'retention.review[1]: "dpp" is not known (did you mean "dpo"?)'),
        ("review = []", "retention.review: an empty list"),
        ('keep = "6y"', "retention.keep: unknown key"),
    ],
)
def test_a_wrong_period_is_refused_with_file_line_key(line: str, says: str) -> None:
    before = ASTOR.partition("[retention]")[0]
    with pytest.raises(ProfileError) as refused:
        parse_profile(f"{before}[retention]\n{line}\n", "ours.toml")
    assert says in str(refused.value)
    assert f"ours.toml:{before.count(chr(10)) + 2}: " in str(refused.value)


def test_without_a_table_nothing_comes_to_an_end() -> None:
    profile = parse_profile(ASTOR.partition("[retention]")[0], "ours.toml")
    assert {profile.retention.period(process) for process in PROCESSES} == {None}
    assert profile.retention.review[0] is Duty.DPO


def test_astor_keeps_what_may_concern_a_child_longest_but_for_allegations() -> None:
    retention = load_profile("astor").retention
    assert retention.period(ProcessId.P02) == Period(years=6)
    assert retention.period(ProcessId.P07) == Period(years=25)
    assert retention.period(ProcessId.P06) == Period(years=50)
    assert retention.ours


@pytest.mark.parametrize(
    ("period", "end"), [("1y", date(2029, 3, 1)), ("4y", date(2032, 2, 29)), ("1d", date(2028, 3, 1))]
)
def test_a_period_from_a_leap_day(period: str, end: date) -> None:
    parsed = parse_period(period)
    assert parsed is not None
    assert parsed.after(date(2028, 2, 29)) == end
