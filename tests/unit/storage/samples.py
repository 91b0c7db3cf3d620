"""Values to store."""

from __future__ import annotations

from datetime import UTC, datetime

from policy.case import Case, Entry, EntryKind, RecordId
from policy.people import PersonId
from policy.processes import ProcessId
from policy.reports import Account, Concerns, Level, ReportKind, Source, Triage
from storage.unit_of_work import UnitOfWork

PRIYA, MARTIN = PersonId("a" * 32), PersonId("b" * 32)
AT = datetime(2026, 9, 22, 9, 20, tzinfo=UTC)
SECRET = "Marker-Jamie-7391"
"""What must be found nowhere in the clear."""

ODD = "“Zażółć” \U0001f62d‍\U0001f469 <@U123> *bold*\r\n\t{{x}} ‮ %s '; DROP TABLE cases; -- é é"


def case(
    record: str = "1" * 32,
    reference: str = "R7K4Q",
    *,
    reporter: PersonId = PRIYA,
    at: datetime = AT,
    what: str = SECRET,
) -> Case:
    """A report as it stands when it was sent."""
    return Case(
        id=RecordId(record),
        reference=reference,
        reporter=reporter,
        received_at=at,
        triage=Triage(kind=ReportKind.CHILD_TOLD_ME, concerns=Concerns.PUPIL, danger=True, imagery=False),
        process=ProcessId.P07,
        level=Level.S1,
        account=Account(what_happened=what, source=Source.WAS_TOLD, happened_at=at, where=SECRET),
        concerned=frozenset({MARTIN}),
    )


def entry(text: str = SECRET, *, at: datetime = AT) -> Entry:
    """A line of a chronology."""
    return Entry(at=at, kind=EntryKind.NOTE, actor=PRIYA, text=text, people=(MARTIN,))


async def added(uow: UnitOfWork, record: str = "1" * 32, reference: str = "R7K4Q") -> Case:
    """A case that is stored."""
    new = case(record, reference)
    await uow.add_case(new)
    return new
