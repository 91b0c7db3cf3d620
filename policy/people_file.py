"""Reads the CSV of people and says everything that is wrong with it at once.

Each problem is one line: `file, line N, column X: reason; what to write`. What stands in the cell is not
repeated: messages end up in logs, and the line and the column find it.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from policy.errors import PeopleFileError
from policy.people import Duty, Leave, PersonEntry
from policy.text import says_something, storable

REQUIRED = ("name", "email", "duties")
OPTIONAL = ("phone", "leave_from", "leave_to", "other_emails")
COLUMNS = (*REQUIRED, *OPTIONAL)
MAX_NAME = 100
FOR_EXAMPLES = re.compile(r"\+44(1632960|7700900)[0-9]{3}")
"""Numbers that Ofcom keeps free for drama: no exchange has them, demos and documents do."""

SAVE_AS = "save it as “CSV UTF-8 (comma delimited)”"


T = TypeVar("T")


class _Wrong(Exception):
    """What is wrong with one cell, and what to write."""


def parse_people_bytes(data: bytes, name: str) -> tuple[PersonEntry, ...]:
    """The people in a CSV file's bytes. `name` is the file's name, for messages.

    Raises:
        PeopleFileError: it is not UTF-8 text, or rows of it are wrong (see `parse_people`).
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older Excel writes Windows-1252 or UTF-16: guessing would spoil somebody's name.
        raise PeopleFileError(f"{name}: not UTF-8 text; in Excel, {SAVE_AS}") from None
    return parse_people(text, name)


def parse_people(text: str, name: str) -> tuple[PersonEntry, ...]:
    """The people in a CSV text, in its order. `name` is the file's name, for messages.

    The first line names the columns, in any order: `name,email,duties`, and if wanted `phone`, `leave_from`,
    `leave_to` and `other_emails` (of further chat accounts of theirs). Duties, and other addresses, are separated by
    semicolons; somebody may hold none. Byte order mark, Windows line
    ends, quotes, empty lines and empty columns at the end, as spreadsheets write them, are taken.

    Raises:
        PeopleFileError: something is wrong; every problem, one a line.
    """
    problems: list[str] = []
    people: list[PersonEntry] = []
    seen: dict[str, str] = {}
    columns: list[str] = []
    try:
        for line, row in _rows(text.removeprefix("\ufeff")):
            if not columns:
                columns = _header(row, name, line)
                continue
            found = _person(row, columns, f"{name}, line {line}", problems, seen)
            if found is not None:
                people.append(found)
    except csv.Error:
        problems.append(
            f"{name}: a quotation mark is not closed, or stands in the middle of a cell; "
            'write it twice ("") in a cell that is itself in quotation marks'
        )
    if not columns and not problems:
        raise PeopleFileError(f"{name}: the file is empty; write the line {','.join(REQUIRED)} and one line a person")
    if not people and not problems:
        raise PeopleFileError(f"{name}: only the names of the columns; write one line for each person below them")
    if problems:
        raise PeopleFileError("\n".join(problems))
    return tuple(people)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say anything, each with the line on which it starts."""
    # strict: else a quotation mark that is never closed swallows every row after it, in silence.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    start = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield start, [cell.strip() for cell in row]
        start = reader.line_num + 1


def _header(row: Sequence[str], name: str, line: int) -> list[str]:
    where = f"{name}, line {line}"
    expected = ",".join(REQUIRED)
    if len(row) == 1 and (";" in row[0] or "\t" in row[0]):
        raise PeopleFileError(
            f"{where}: the columns are separated by {'semicolons' if ';' in row[0] else 'tabs'}; {SAVE_AS}: "
            "commas between columns, semicolons only between duties"
        )
    if any("@" in cell for cell in row):
        raise PeopleFileError(f"{where}: this is a person already; write the names of the columns above: {expected}")
    columns = [cell.lower() for cell in row]
    problems = [
        f"{where}: column {number} is not known{_nearest(column, COLUMNS)}; expected {', '.join(COLUMNS)}"
        for number, column in enumerate(columns, 1)
        if column and column not in COLUMNS
    ]
    problems += [f"{where}: the column {one} is there twice; keep one" for one in COLUMNS if columns.count(one) > 1]
    problems += [
        f"{where}: the column {one} is missing; the first line is {expected}" for one in REQUIRED if one not in columns
    ]
    if problems:
        raise PeopleFileError("\n".join(problems))
    return columns


def _person(
    row: Sequence[str], columns: Sequence[str], where: str, problems: list[str], seen: dict[str, str]
) -> PersonEntry | None:
    """The person in the row, or None where something in it is wrong: then `problems` says what.

    `seen` keeps where each address stood first.
    """
    before = len(problems)
    cells = dict.fromkeys(COLUMNS, "")
    for index, cell in enumerate(row):
        column = columns[index] if index < len(columns) else ""
        if column:
            cells[column] = cell
        elif cell:
            problems.append(
                f"{where}: more cells than columns; separate duties by semicolons, and quote a cell with a comma in it"
            )
            break

    def read(column: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(cells[column])
        except _Wrong as wrong:
            problems.append(f"{where}, column {column}: {wrong}")
            return None

    name, email, duties = read("name", _name), read("email", _email), read("duties", _duties)
    if email is not None and (first_at := seen.setdefault(email, where)) != where:
        problems.append(f"{where}, column email: the same address as in {first_at}; write one line for each person")
    others = read("other_emails", _emails) or ()
    problems += [
        f"{where}, column other_emails: the same address as in {first_at}; an account is one person's only"
        for other in others
        if (first_at := seen.setdefault(other, where)) != where
    ]
    phone = read("phone", _phone)
    first, last = read("leave_from", _day), read("leave_to", _day)
    if bool(cells["leave_from"]) != bool(cells["leave_to"]):
        empty = "leave_to" if cells["leave_from"] else "leave_from"
        problems.append(f"{where}, column {empty}: empty; write both days of a leave, or neither")
    elif first is not None and last is not None and last < first:
        problems.append(f"{where}, column leave_to: before leave_from; write the last day on which they are away")
    if name is None or email is None or duties is None or len(problems) > before:
        return None
    leave = Leave(first=first, last=last) if first is not None and last is not None else None
    others = tuple(other for other in others if other != email)
    return PersonEntry(name=name, email=email, duties=duties, phone=phone, leave=leave, other_emails=others)


def _name(cell: str) -> str:
    if not storable(cell) or not says_something(cell):
        raise _Wrong("no name that can be read; write the person's name")
    if any(unicodedata.category(character) == "Cc" for character in cell):
        raise _Wrong("a line break or control character in it, perhaps of a quotation mark; write the name on one line")
    if len(cell) > MAX_NAME:
        raise _Wrong(f"longer than {MAX_NAME} characters; write a shorter name")
    return cell


def _email(cell: str) -> str:
    try:
        # Whether mail arrives there is not asked: the address only links people to their chat accounts.
        checked = validate_email(cell, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise _Wrong(
            "not an e-mail address; write the one of their chat account, such as a.khan@school.example"
        ) from None
    return checked.normalized.lower()


def _emails(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_email(one.strip()) for one in cell.split(";") if one.strip()))


def _duties(cell: str) -> frozenset[Duty]:
    found: set[Duty] = set()
    known = [duty.value for duty in Duty]
    written = [one for one in cell.split(";") if one.strip()]
    for number, one in enumerate(written, 1):
        word = re.sub(r"[\s_-]+", "-", one.strip().lower())
        if word not in known:
            which = f"duty {number} of {len(written)}" if len(written) > 1 else "the duty"
            raise _Wrong(
                f"{which} is not known{_nearest(word, known)}; write, separated by semicolons: {', '.join(known)}"
            )
        found.add(Duty(word))
    return frozenset(found)


def _phone(cell: str) -> str | None:
    if not cell:
        return None
    try:
        number = phonenumbers.parse(cell, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not (phonenumbers.is_valid_number(number) or FOR_EXAMPLES.fullmatch(_e164(number))):
        raise _Wrong("not a telephone number that exists; write one such as 01632 960123 or +44 1632 960123")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        # `fromisoformat` alone takes 20260901 and week dates too, which nobody writes on purpose.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            return date.fromisoformat(cell)
        if british := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", cell):  # as spreadsheets here save it
            day, month, year = map(int, british.groups())
            return date(year, month, day)
    except ValueError:
        raise _Wrong("there is no such day; write a day such as 2026-09-01") from None
    raise _Wrong("not a day as expected; write year-month-day, such as 2026-09-01")


def _nearest(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {found[0]}?)" if found else ""
