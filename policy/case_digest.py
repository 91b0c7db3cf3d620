"""What is not urgent rings once for a person at 08:15 and 15:30 on school days, and not once for each report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from policy.case import DIGEST, Case, CaseState, Due, RecordId
from policy.people import PersonId
from policy.routing import readers
from policy.school import School


def by_digest(case: Case, school: School) -> bool:
    """Whether what comes next for a case that waits comes at a time of the school day, and not after minutes."""
    return isinstance(school.profile.escalation[case.level].wait_before(case.step + 1), time)


def digests(people: Iterable[PersonId], now: datetime, school: School) -> tuple[Due, ...]:
    """The due rows of the people's digests now: unique by person, day and how many times of that day have passed.

    However many reports, restarts and workers bring them, each is fired once. `record` is the person: a digest is about
    nobody's report.
    """
    local = school.calendar.local(now)
    chains = school.profile.escalation.values()
    waits = {chain.wait_before(number) for chain in chains for number in range(1, len(chain.steps) + 1)}
    passed = sum(isinstance(wait, time) and wait <= local.time() for wait in waits)
    day = local.date().toordinal()
    return tuple(Due(record=RecordId(person), kind=DIGEST, round=day, step=passed, at=now) for person in sorted(people))


def waits_for(person: PersonId, cases: Iterable[Case], school: School, now: datetime) -> tuple[Case, ...]:
    """The reports in the person's digest: what they are asked to take, may read now, and does not ring by itself."""
    found = [
        case
        for case in cases
        if case.state is CaseState.WAITING
        and person in case.asked
        and by_digest(case, school)
        and person in readers(case, school, now)
    ]
    return tuple(sorted(found, key=lambda case: (case.level, case.received_at, case.id)))
