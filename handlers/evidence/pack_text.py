"""What an evidence pack says in words: the case as text and as PDF, the audit as a table, how to check all of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typst

from handlers.cases.names import name_to
from handlers.views import CaseDetail
from policy.calendar import long_date
from policy.case import Case, Entry, EntryKind
from policy.people import PersonId
from policy.school import School
from storage.audit_log import AuditRow

TEMPLATE = Path(__file__).with_name("chronology.typ")
MOST_ROWS = 20_000
"""Rows of the audit; a pack with more says that its oldest are not in it."""
ABOUT_NAMING = frozenset({"person-named-late", "person-name-undone"})
ABOUT_LINKS = frozenset({"case-linked", "case-unlinked", "link-not-found"})
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula at the beginning of a cell."""

READ_ME = """\
This is what {school} holds on report {reference}. {maker} made it, {when}.

originals/       the files as they were received, byte for byte; the number is the one in the case
chronology.pdf   the report and everything that happened, to read and print
case.txt         the same as plain text (UTF-8). Letters that the PDF cannot draw are here
audit.csv        what was done in Staffroom with this report: number, time, what, who, hash
manifest.json    what each part is
SHA256SUMS       the SHA-256 of every part but itself

To check that nothing was changed, unpack everything into a folder, open a terminal there, and type

  Linux:    sha256sum -c SHA256SUMS
  macOS:    shasum -a 256 -c SHA256SUMS
  Windows:  Get-FileHash "case.txt"      (PowerShell; compare each with SHA256SUMS)

Then ask the school, by a way that you know, for the SHA-256 of SHA256SUMS that stands in the chronology of
{reference}, and compare it with that of the file (Linux: sha256sum SHA256SUMS).
Each hash in audit.csv is also in the school's own audit, where "staffroom audit verify" checks the whole chain.

The times are those of the school's clock. What people typed stands behind "|" in case.txt.
{missing}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a pack tells, and to whom."""

    case: Case
    detail: CaseDetail
    school: School
    reader: PersonId
    made_at: datetime
    rows: Sequence[AuditRow]
    cut: bool
    named: bool
    """Whether the reader was once named late themselves: then nothing tells of it."""

    @property
    def maker(self) -> str:
        """Who makes it."""
        return self.school.staff.name(self.reader)


def full_stamp(school: School, moment: datetime) -> str:
    """A moment as it stays right for years: "17 November 2026, 10:20 GMT"."""
    local = school.calendar.local(moment)
    return f"{long_date(local.date())}, {local:%H:%M %Z}"


def was_named(entries: Sequence[Entry], reader: PersonId) -> bool:
    """Whether the case was once found to concern this reader."""
    return any(one.kind in {EntryKind.NAMED, EntryKind.NAME_UNDONE} and reader in one.people for one in entries)


def clean(text: str) -> str:
    """The text as UTF-8 can carry it: half a character, which no encoding has, is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def drawn(text: str) -> str:
    """The text with places where a line may break: what has no spaces would run off the page."""
    return re.sub(r"\S{30}(?=\S)", "\\g<0>\u200b", text)


def case_text(told: Told, missing: Sequence[str]) -> bytes:
    """The case in plain text. Each line that somebody typed stands behind a bar, and so can pass for none of ours."""
    view = told.detail
    lines = [f"Report {view.reference}", told.school.profile.school.name, view.title, view.status]
    lines += [f"Made {full_stamp(told.school, told.made_at)} by {told.maker}", ""]
    lines += [f"{label}: {' '.join(value.splitlines())}" for label, value in view.facts]
    for quote in view.quotes:
        lines += ["", f"{quote.label}:", *_behind(quote.text)]
    lines += ["", "Chronology", ""]
    for number, line in enumerate(view.chronology, start=1):
        lines += [f"{number}. {line.when}: {line.who} {line.what}", *_behind(line.text)]
    lines += ["", "Files", "", *(view.files or ("None.",)), *missing]
    return clean("\n".join(lines) + "\n").encode()


def chronology_pdf(told: Told, missing: Sequence[str]) -> bytes:
    """The same on A4 pages. The text goes in as data: nothing in it is a command, a link or mark-up."""
    view = told.detail
    data = {
        "title": f"Report {view.reference}",
        "school": told.school.profile.school.name,
        "kind": view.title,
        "status": view.status,
        "made": f"Made {full_stamp(told.school, told.made_at)} by {told.maker}",
        "facts": [(label, drawn(value)) for label, value in view.facts],
        "quotes": [(quote.label, drawn(quote.text)) for quote in view.quotes],
        "lines": [(line.when, f"{line.who} {line.what}", drawn(line.text)) for line in view.chronology],
        "files": [drawn(line) for line in (*(view.files or ("None.",)), *missing)],
    }
    # Half a character becomes "?" here: written out it would be half an escape.
    text = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()
    return bytes(
        typst.compile(TEMPLATE.read_bytes(), sys_inputs={"data": text}, timestamp=told.made_at.replace(microsecond=0))
    )


def audit_csv(told: Told) -> bytes:
    """The rows of this record; who is not to be known to the reader is not in it."""
    out = io.StringIO()
    table = csv.writer(out, quoting=csv.QUOTE_ALL)
    table.writerow(["seq", "at", "action", "actor", "hash"])
    for row in told.rows:
        if (told.named and row.action in ABOUT_NAMING) or row.action in ABOUT_LINKS:
            continue  # links are told in the chronology, to readers of both
        who = name_to(told.reader, row.actor, told.case, told.school)
        who = f"'{who}" if who.startswith(FORMULA) else who
        table.writerow([row.seq, row.at.isoformat(), row.action, clean(who), row.hash])
    return out.getvalue().encode()


def read_me(told: Told, missing: Sequence[str]) -> bytes:
    """How an outsider checks it."""
    said = [*missing, *(["The oldest rows of the audit are not in audit.csv."] if told.cut else [])]
    return clean(
        READ_ME.format(
            school=told.school.profile.school.name,
            reference=told.case.reference,
            maker=told.maker,
            when=full_stamp(told.school, told.made_at),
            missing="".join(f"\n{line}" for line in said),
        )
    ).encode()


def _behind(text: str) -> list[str]:
    return [f"   | {line}" for line in text.splitlines()]
