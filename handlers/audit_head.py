"""The head of the audit leaves the system daily, to the DPO: nobody can make the audit anew unseen, keys or not.

Every day has a card of its own, so that what was sent before stays in the chat.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from handlers.cases.apply import HEAD_CARD
from handlers.cases.cards import Built
from handlers.views import DutyNote
from policy.calendar import long_date
from policy.case import Due, RecordId
from policy.people import Duty, PersonId
from policy.school import School
from storage.unit_of_work import UnitOfWork

AUDIT_HEAD = "audit-head"
"""The kind of due row that sends the head; its round is the day."""
AT = time(8, 15)
BROKEN = "The audit is not as Staffroom wrote it. Run `staffroom audit verify`, and ask who had the database."


def day_record(day: date) -> RecordId:
    """What the card of a day is known by: no record has such an id, which are random."""
    return RecordId(f"{day.toordinal():032x}")


def next_head(now: datetime, school: School) -> Due:
    """When the head goes out next: at 08:15 every day, in the holidays as well. UTC."""
    day = school.today(now)
    moment = datetime.combine(day, AT, school.calendar.timezone).astimezone(UTC)
    if moment <= now:
        day += timedelta(days=1)
        moment = datetime.combine(day, AT, school.calendar.timezone).astimezone(UTC)
    return Due(record=day_record(day), kind=AUDIT_HEAD, round=day.toordinal(), step=0, at=moment)


def receivers(school: School) -> frozenset[PersonId]:
    """The DPO; while nobody holds that, the administrator."""
    holders = school.staff.holding(Duty.DPO) or school.staff.holding(Duty.ADMINISTRATOR)
    return frozenset(person.id for person in holders)


async def fire(due: Due, uow: UnitOfWork, school: School) -> bool:
    """A day's card, once; after days on which nothing ran, one for all of them."""
    if not await uow.finish_due(due):
        return False
    await uow.schedule([next_head(uow.now, school)])
    for person in sorted(receivers(school)):
        await uow.want_card(person, due.record, HEAD_CARD, version=1, ring=False, urgent=False)
        await uow.audit("audit-head-sent", actor=None, record=due.record, person=person)
    return True


async def build_head_card(person: PersonId, record: RecordId, uow: UnitOfWork, school: School) -> Built | None:
    """Where the audit ends now; None where the person is not to have it any more."""
    if person not in receivers(school):
        return None
    head = await uow.audit_head()
    day = long_date(date.fromordinal(int(record, 16)))
    if head is None or not head.whole:
        return Built(DutyNote(title=f"The audit, {day}", text=BROKEN))
    known = f"{head.seq}:{head.hash}"
    lines = (
        "Keep this message. Whoever runs Staffroom cannot then change what was written up to here without its showing.",
        f"To compare, now or in years: staffroom audit verify --head {known}",
    )
    return Built(DutyNote(title=f"The audit, {day}", text=f"It ends at row {known}", lines=lines))
