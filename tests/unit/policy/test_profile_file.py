"""A school writes its profile: what is wrong is told at once, with line and key, and what was expected."""

from __future__ import annotations

import tomllib
from datetime import date, time, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from bot.profiles import SHIPPED, load_profile, shipped_profile_text
from policy.errors import ProfileError
from policy.people import Duty
from policy.processes import PROCESSES, ProcessId
from policy.profile_file import parse_profile
from policy.reports import Level
from policy.toml_lines import find_lines, line_of

ASTOR = shipped_profile_text("astor")


def wrong(text: str) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(ProfileError) as refused:
        parse_profile(text, "my.toml")
    return str(refused.value).split("\n")


def changed(*replacements: tuple[str, str]) -> str:
    """Astor's profile with each first text replaced by the second."""
    text = ASTOR
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_with(text: str, part: str) -> int:
    """The number of the first line that contains the part."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


class TestShipped:
    def test_every_shipped_profile_is_valid_and_listed(self) -> None:
        there = {entry.name.removesuffix(".toml") for entry in (files("policy") / "profiles").iterdir()}
        assert there == set(SHIPPED)
        for name in SHIPPED:
            assert load_profile(name).school.name

    def test_astor_sends_reports_where_its_policy_says(self) -> None:
        profile = load_profile("astor")
        to = {process: profile.routes[process].to for process in PROCESSES}
        head, safeguarding = (Duty.HEADTEACHER,), (Duty.DSL, Duty.DEPUTY_DSL)
        assert to == {
            ProcessId.P01: head,
            ProcessId.P02: head,
            ProcessId.P04: safeguarding,
            ProcessId.P05: head,
            ProcessId.P06: head,
            ProcessId.P07: safeguarding,
            ProcessId.P09: head,
        }
        assert profile.clause(ProcessId.P01) == "Astor 5.14, 6.3"
        assert profile.clause(ProcessId.P04) == ""
        assert profile.escalation[Level.S1].repeat == timedelta(minutes=10)
        assert profile.escalation[Level.S3].repeat == time(8, 15)

    def test_what_the_document_does_not_say_is_marked_as_ours(self) -> None:
        for route in load_profile("astor").routes.values():
            assert route.clauses or route.ours

    def test_the_clauses_that_astor_cites_exist_in_its_policy(self) -> None:
        # The policy's numbering: sections 1 to 10, each up to its last clause.
        last = {1: 2, 2: 4, 3: 3, 4: 17, 5: 28, 6: 10, 7: 5, 8: 9, 9: 6, 10: 3}
        for route in load_profile("astor").routes.values():
            for clause in route.clauses:
                section, number = map(int, clause.split("."))
                assert 1 <= number <= last[section]


class TestFinding:
    def test_a_schools_own_file_is_found_by_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "ours.toml"
        path.write_text(ASTOR.replace('name = "Astor Secondary School"', 'name = "Our School"'), encoding="utf-8")
        assert load_profile(str(path)).school.name == "Our School"

    def test_a_wrong_name_is_told_with_the_nearest(self) -> None:
        with pytest.raises(ProfileError, match=r'no profile "aster" \(did you mean "astor"\?\)'):
            load_profile("aster")

    def test_a_file_that_is_not_there_is_told_by_its_path(self, tmp_path: Path) -> None:
        with pytest.raises(ProfileError, match=r"gone\.toml: cannot be read: No such file"):
            load_profile(str(tmp_path / "gone.toml"))

    def test_a_file_in_another_encoding_is_explained(self, tmp_path: Path) -> None:
        path = tmp_path / "ours.toml"
        path.write_bytes('name = "Müller"'.encode("latin-1"))
        with pytest.raises(ProfileError, match="save the file as UTF-8"):
            load_profile(str(path))

    def test_windows_line_ends_and_a_byte_order_mark_are_taken(self) -> None:
        assert parse_profile("\ufeff" + ASTOR.replace("\n", "\r\n"), "my.toml") == load_profile("astor")

    def test_lines_are_counted_the_same_with_windows_line_ends(self) -> None:
        text = changed(("do_not_reply", "dont_reply"))
        assert wrong(text) == wrong(text.replace("\n", "\r\n"))


class TestRefused:
    def test_several_mistakes_are_told_at_once_in_the_order_of_the_file(self) -> None:
        text = changed(
            ("do_not_reply", "dont_reply"),
            ('to = ["dsl", "deputy-dsl"]', 'to = ["dsl", "deputy-dls"]'),
            ("[routes.P09]", "[routes.P99]"),
            ('wait = "10m", ask = ["recipients", "slt"]', 'wait = "10x", ask = ["recipient", "slt"]'),
        )
        found = wrong(text)
        lines = [int(line.split(":")[1]) for line in found]
        assert lines == sorted(lines)
        assert len(found) == 6
        step = line_with(text, "10x")
        assert (
            f'my.toml:{step}: escalation.S1.steps[3].wait: "10x" is no wait; expected a wait such as "10m"'
            in "\n".join(found)
        )
        assert any(
            line.startswith(f'my.toml:{step}: escalation.S1.steps[3].ask[1]: "recipient" is not') for line in found
        )

    @pytest.mark.parametrize(
        ("old", "new", "marker", "says"),
        [
            ("do_not_reply", "dont_reply", "dont_reply", 'dont_reply: unknown key (did you mean "do_not_reply"?)'),
            ("do_not_reply = true", 'do_not_reply = "perhaps"', "do_not_reply", "expected true or false"),
            ("[routes.P09]", "[routes.P08]", "[routes.P08]", 'routes.P08: "P08" is not known'),
            (
                "[routes.P09]",
                "[routes.P08]",
                "[routes.P01]",
                "routes.P09: missing, so reports of it would go to nobody",
            ),
            ("[escalation.S3]", "[escalation.S4]", "[escalation.S4]", '"S4" is not known; expected one of: S1, S2, S3'),
            ("[escalation.S3]", "[escalation.S4]", "[escalation.S1]", "escalation.S3: missing"),
            ('"slt"] },', '"sltt"] },', '"sltt"', '"sltt" is not known (did you mean "slt"?)'),
            (
                'dsl = ["deputy-dsl"]',
                'dls = ["deputy-dsl"]',
                "dls = ",
                'cover.dls: "dls" is not known (did you mean "dsl"?)',
            ),
            ('dsl = ["deputy-dsl"]', 'dsl = ["dsl"]', 'dsl = ["dsl"]', "dsl stands in for itself"),
            ('dsl = ["deputy-dsl"]', "dsl = []", "dsl = []", "an empty list"),
            ('clauses = ["8.3"]', "clauses = [8.3]", "clauses = [8.3]", "8.3 is not text; expected it in quotes"),
            ('clauses = ["8.3"]', 'clause = ["8.3"]', "clause = ", 'unknown key (did you mean "clauses"?)'),
            ('tell = ["dsl"]', 'tell = "dsl"', 'tell = "dsl"', "is not a list"),
            ('tell = ["dsl"]', "tell = []", "tell = []", "an empty list; expected at least one"),
            (
                'timezone = "Europe/London"',
                'timezone = "London"',
                'timezone = "London"',
                'school.timezone: "London" cannot be taken; expected a time zone such as Europe/London',
            ),
            ('never = ["slt"]', 'never = ["headteacher"]', "never = ", '"headteacher" also stands in "to"'),
            ('repeat = "1h"', 'repeat = "24:00"', 'repeat = "24:00"', '"24:00" is no wait'),
            ('repeat = "1h"', "repeat = 60", "repeat = 60", "60 is no wait"),
            (
                '{ ask = ["recipients"] },',
                '{ wait = "1m", ask = ["recipients"] },',
                "[escalation.S1]",
                "no wait at the first",
            ),
            ("# [2026-09-02, 2026-12-18]", "[2026-12-18, 2026-09-02]", "[2026-12-18", "before 2026-12-18"),
            ("# [2026-09-02, 2026-12-18]", "[2026-09-02]", "[2026-09-02]", "the first and the last day"),
            ("# [2026-09-02, 2026-12-18]", '["Autumn", 2026-12-18]', '["Autumn"', '"Autumn" is no date'),
            ("[if_concerned]", "[if_concernd]", "[if_concernd]", 'unknown key (did you mean "if_concerned"?)'),
            (
                'headteacher = ["chair-of',
                'dpo = ["chair-of',
                "[if_concerned]",
                "when the report is about the headteacher",
            ),
            ('# "LADO" = "01632 960101"', '"LADO" = 999', '"LADO" = 999', "contacts.LADO: 999 is not text"),
            ("last_resort = [", "last_resort = []\nlast_resorts = [", "last_resort = []", "an empty list"),
        ],
    )
    def test_each_mistake_has_its_line_and_says_what_was_expected(
        self, old: str, new: str, marker: str, says: str
    ) -> None:
        text = changed((old, new))
        line = line_with(text, marker)
        found = wrong(text)
        expected_line = line_of(("routes",), find_lines(text)) if says.startswith("routes.P09") else line
        assert any(one.startswith(f"my.toml:{expected_line}: ") and says in one for one in found), found

    def test_overlapping_terms(self) -> None:
        text = changed(
            ("# [2026-09-02, 2026-12-18]", "[2026-09-02, 2026-12-18]"),
            ("# [2027-01-05, 2027-03-25]", "[2026-12-18, 2027-03-25]"),
        )
        assert wrong(text)[0].startswith(f"my.toml:{line_with(text, '[2026-12-18, 2027')}: calendar.terms[2]: overlaps")

    def test_an_empty_file_is_told_every_table_that_is_missing(self) -> None:
        found = wrong("")
        for key in ("school", "child_at_risk", "escalation", "last_resort", "routes"):
            assert any(f": {key}: missing" in line for line in found)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("a = 1\n= 2\n", "my.toml:2: column 1: not TOML"),
            ("a = 1\na = 2\n", "my.toml:2: "),
            ("x = ", "my.toml:1: the end: not TOML"),
            ('x = "never closed\n', "my.toml:1: "),
        ],
    )
    def test_what_is_not_toml_has_its_line(self, text: str, says: str) -> None:
        [line] = wrong(text)
        assert line.startswith(says)

    def test_no_message_has_a_line_break_from_the_file_in_it(self) -> None:
        found = wrong(changed(("do_not_reply", '"do\\nnot"')))
        assert all(line.startswith("my.toml:") for line in found)


def test_the_calendar_of_a_profile() -> None:
    text = changed(
        ("# [2026-09-02, 2026-12-18]", "[2026-09-02, 2026-12-18]"),
        ("# 2026-09-01", "2026-09-01"),
        ("# 2026-10-26", "2026-10-26"),
    )
    calendar = parse_profile(text, "my.toml").school_calendar
    assert calendar.is_school_day(date(2026, 9, 1))
    assert calendar.is_school_day(date(2026, 9, 2))
    assert not calendar.is_school_day(date(2026, 10, 26))
    assert not calendar.is_school_day(date(2026, 12, 21))


class TestLines:
    TEXT = '''# a comment with = and [brackets]
top = "a # b"
dotted."two.parts".x = 1
[table]
text = """
key = 1
"""
many = [
  1, # one
  [2,
   3],
  { a = 1, b = { c = 1979-05-27 07:32:00 } },
]
[[array]]
x = 1
[array.sub]
y = 2
[[array]]
x = 'it''s'
[[array.deep]]
z = 0.5
'''.replace("'it''s'", "'its'")

    def test_every_place_is_found(self) -> None:
        tomllib.loads(self.TEXT)
        assert find_lines(self.TEXT) == {
            ("top",): 2,
            ("dotted",): 3,
            ("dotted", "two.parts"): 3,
            ("dotted", "two.parts", "x"): 3,
            ("table",): 4,
            ("table", "text"): 5,
            ("table", "many"): 8,
            ("table", "many", 0): 9,
            ("table", "many", 1): 10,
            ("table", "many", 1, 0): 10,
            ("table", "many", 1, 1): 11,
            ("table", "many", 2): 12,
            ("table", "many", 2, "a"): 12,
            ("table", "many", 2, "b"): 12,
            ("table", "many", 2, "b", "c"): 12,
            ("array",): 14,
            ("array", 0): 14,
            ("array", 0, "x"): 15,
            ("array", 0, "sub"): 16,
            ("array", 0, "sub", "y"): 17,
            ("array", 1): 18,
            ("array", 1, "x"): 19,
            ("array", 1, "deep"): 20,
            ("array", 1, "deep", 0): 20,
            ("array", 1, "deep", 0, "z"): 21,
        }

    def test_what_is_not_written_is_on_the_line_of_the_table_around_it(self) -> None:
        lines = find_lines(self.TEXT)
        assert line_of(("table", "gone", 3), lines) == 4
        assert line_of(("gone",), lines) == 1
