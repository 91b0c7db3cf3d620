"""A school exports its people from a spreadsheet: what is usual is taken, what is wrong is told by line and column."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.errors import PeopleFileError
from policy.people import Duty, Leave, PersonEntry
from policy.people_file import parse_people, parse_people_bytes

HEADER = "name,email,duties,phone,leave_from,leave_to\n"


def wrong(text: str) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(PeopleFileError) as refused:
        parse_people(text, "staff.csv")
    return str(refused.value).split("\n")


def test_what_a_spreadsheet_writes_is_taken() -> None:
    text = (
        "\ufeffEmail,Name,Duties,Phone,leave_from,leave_to,\r\n"
        'A.Khan@Astor.Example,"Khan, Aisha","dsl; Deputy Headteacher;",01304 201151,2026-09-01,2026-09-02,\r\n'
        ",,,,,,\r\n"
        "\r\n"
        'b@astor.example,"Bob ""Bo"" Ray",,,,,\r\n'
    )
    assert parse_people_bytes(text.encode(), "staff.csv") == (
        PersonEntry(
            name="Khan, Aisha",
            email="a.khan@astor.example",
            duties=frozenset({Duty.DSL, Duty.DEPUTY_HEADTEACHER}),
            phone="+44 1304 201151",
            leave=Leave(first=date(2026, 9, 1), last=date(2026, 9, 2)),
        ),
        PersonEntry(name='Bob "Bo" Ray', email="b@astor.example"),
    )


@pytest.mark.parametrize("name", ["Zoë 🦉", "عائشة", "Ngũgĩ wa Thiong’o", "李 小龍", "\u202bדן\u202c"])
def test_names_are_kept_as_they_are(name: str) -> None:
    assert parse_people(f"name,email,duties\n{name},a@b.example,\n", "staff.csv")[0].name == name


@pytest.mark.parametrize("name", ["", "\u200b\u200d", "\u3164", "\u2800", "\u00ad"])
def test_a_name_that_nobody_can_see_is_refused(name: str) -> None:
    [line] = wrong(f"name,email,duties\n{name},a@b.example,dsl\n")
    assert line == "staff.csv, line 2, column name: no name that can be read; write the person's name"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("01304 201151", "+44 1304 201151"),
        ("1304201151", "+44 1304 201151"),
        ("+44 (0)1304 201151", "+44 1304 201151"),
        ("+33 1 42 68 53 00", "+33 1 42 68 53 00"),
        ("07700 900123", "+44 7700 900123"),
        ("01304 201151 ext 12", "+44 1304 201151 x12"),
    ],
)
def test_phone_numbers_are_kept_in_one_way_of_writing(written: str, kept: str) -> None:
    assert parse_people(f"{HEADER}A,a@b.example,,{written},,\n", "staff.csv")[0].phone == kept


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("A,nobody,dsl,,,", "email", "not an e-mail address"),
        ("A,a@b,dsl,,,", "email", "not an e-mail address"),
        ("A,a\u200b@b.example,dsl,,,", "email", "not an e-mail address"),
        ("A,,dsl,,,", "email", "not an e-mail address"),
        (
            "A,a@b.example,dls,,,",
            "duties",
            "the duty is not known (did you mean dsl?); write, separated by semicolons:",
        ),
        ("A,a@b.example,dsl;hed teacher,,,", "duties", "duty 2 of 2 is not known (did you mean headteacher?)"),
        ("A,a@b.example,dsl,999,,", "phone", "not a telephone number that exists"),
        ("A,a@b.example,dsl,01304 20115,,", "phone", "not a telephone number that exists"),
        ("A,a@b.example,dsl,4.41304E+11,,", "phone", "not a telephone number that exists"),
        ("A,a@b.example,dsl,,1 Sept 2026,2026-09-02", "leave_from", "write year-month-day, such as 2026-09-01"),
        ("A,a@b.example,dsl,,20260901,2026-09-02", "leave_from", "write year-month-day"),
        ("A,a@b.example,dsl,,2026-02-31,2026-09-02", "leave_from", "there is no such day"),
        ("A,a@b.example,dsl,,2026-09-02,2026-09-01", "leave_to", "before leave_from"),
        ("A,a@b.example,dsl,,2026-09-02,", "leave_to", "empty; write both days of a leave, or neither"),
        ("A,a@b.example,dsl,,,2026-09-02", "leave_from", "empty; write both days of a leave, or neither"),
        ('"A\nB",a@b.example,dsl,,,', "name", "a line break"),
        (f"{'A' * 101},a@b.example,dsl,,,", "name", "longer than 100"),
    ],
)
def test_each_mistake_has_its_line_and_column_and_says_what_to_write(row: str, column: str, says: str) -> None:
    [line] = wrong(HEADER + row + "\n")
    assert line.startswith(f"staff.csv, line 2, column {column}: ")
    assert says in line


def test_every_wrong_row_is_told_at_once_and_what_stands_there_is_not_repeated() -> None:
    text = HEADER + "\u200b,nobody@,dls,12,2026-02-31,\nA,a@b.example,,,,\nB,A@B.example,secretary,,,\n"
    found = wrong(text)
    assert [line.split(": ")[0] for line in found] == [
        "staff.csv, line 2, column name",
        "staff.csv, line 2, column email",
        "staff.csv, line 2, column duties",
        "staff.csv, line 2, column phone",
        "staff.csv, line 2, column leave_from",
        "staff.csv, line 2, column leave_to",
        "staff.csv, line 4, column duties",
        "staff.csv, line 4, column email",
    ]
    told = "\n".join(found)
    assert "same address as in staff.csv, line 3" in told
    for secret in ("nobody@", "a@b.example", "secretary"):
        assert secret not in told.lower()


def test_lines_are_the_files_own_also_after_a_cell_of_two_lines() -> None:
    [line] = wrong(HEADER + 'A,a@b.example,"dsl;\nslt",,,\n\nB,b@b.example,dls,,,\n')
    assert line.startswith("staff.csv, line 5, column duties")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("\ufeff\r\n\r\n", "the file is empty"),
        ("name,email,duties\n", "only the names of the columns"),
        ("name;email;duties\nA;a@b.example;dsl\n", "separated by semicolons; save it as"),
        ("name\temail\tduties\nA\ta@b.example\tdsl\n", "separated by tabs; save it as"),
        ("A,a@b.example,dsl\n", "line 1: this is a person already"),
        ("nme,email,duties\n", "column 1 is not known (did you mean name?)"),
        ("name,email\n", "the column duties is missing"),
        ("name,email,duties,email\n", "the column email is there twice"),
        (
            "name,email,duties\nA,a@b.example,dsl,slt\n",
            "line 2: more cells than columns; separate duties by semicolons",
        ),
        ('name,email,duties\n"A,a@b.example,dsl\nB,b@b.example,\n', "a quotation mark is not closed"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_explained(text: str, says: str) -> None:
    assert says in "\n".join(wrong(text))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_another_encoding_is_explained(encoding: str) -> None:
    data = "name,email,duties\nZoë,z@b.example,dsl\n".encode(encoding)
    with pytest.raises(PeopleFileError, match="not UTF-8 text; in Excel, save it as “CSV UTF-8"):
        parse_people_bytes(data, "staff.csv")


@given(st.text(alphabet=st.sampled_from('name,email;duties\n\r" @.-0123\x00é🦉\u202e'), max_size=80))
def test_whatever_is_in_the_file_it_is_taken_or_explained(text: str) -> None:
    for start in ("", "name,email,duties\n", HEADER):
        try:
            said = "staff.csv" if parse_people(start + text, "staff.csv") else ""
        except PeopleFileError as error:
            said = str(error)
        assert all(line.startswith("staff.csv") for line in said.split("\n"))


def test_further_accounts_are_linked_by_their_addresses() -> None:
    text = "name,email,duties,other_emails\nAisha Khan,a@x.example,dsl,A.Khan@Trust.example; a@x.example ;\n"
    [person] = parse_people(text, "staff.csv")
    assert person.emails == ("a@x.example", "a.khan@trust.example")


@pytest.mark.parametrize(("others", "line"), [("b@x.example", 3), ("c@x.example", 4)])
def test_an_account_is_one_persons_only(others: str, line: int) -> None:
    text = f"name,email,duties,other_emails\nA,a@x.example,,{others}\nB,b@x.example,,\nC,d@x.example,,c@x.example\n"
    [told] = wrong(text)
    assert told.startswith(f"staff.csv, line {line}, column ")
    assert "the same address as in staff.csv, line 2" in told
