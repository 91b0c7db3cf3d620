"""Who is asked, and who may read.

Everything here resolves *people*, not duties: somebody who holds two duties is one person, and whoever a
report concerns is left out whatever they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from policy.case import Case, CaseState
from policy.people import Duty, PersonId, Staff
from policy.processes import ProcessId
from policy.profile import Profile, Who
from policy.reports import AT_THE_SCHOOL, Concerns, ReportKind, Triage
from policy.school import School

SAFEGUARDING = frozenset({Duty.DSL, Duty.DEPUTY_DSL})
"""Duties that hear of a child at risk even where their holder is led by the person whom it concerns."""


def process_of(triage: Triage, *, imagery: bool = False, staff: bool = False) -> ProcessId:
    """The process that the first screen's answers start; `imagery`, `staff`: what was found out since.

    Imagery goes before everything (P04); whoever works at the school goes before the kind (P06).
    """
    if triage.imagery or imagery:
        return ProcessId.P04
    if triage.concerns in AT_THE_SCHOOL or staff:
        return ProcessId.P06
    match triage.kind:
        case ReportKind.FRIEND_REQUEST:
            return ProcessId.P01
        case ReportKind.HURTFUL_POSTS:
            return ProcessId.P02
        case ReportKind.CHILD_TOLD_ME:
            return ProcessId.P07
        case ReportKind.SOMETHING_ELSE:
            if triage.concerns in {Concerns.PUPIL, Concerns.DONT_KNOW}:
                return ProcessId.P05
            return ProcessId.P09


def process_now(case: Case) -> ProcessId:
    """The process that the case is, with what was found out since it was reported."""
    return process_of(case.triage, imagery=case.imagery, staff=case.concerns_staff)


def people_concerned(triage: Triage, reporter: PersonId, staff: Staff) -> frozenset[PersonId]:
    """The people of the school whom the report concerns, as far as the answers say who they are."""
    match triage.concerns:
        case Concerns.HEADTEACHER:
            return frozenset(person.id for person in staff.holding(Duty.HEADTEACHER))
        case Concerns.MYSELF:
            return frozenset({reporter})
        case Concerns.COLLEAGUE if triage.colleague is not None:
            return frozenset({triage.colleague})
        case _:
            return frozenset()


def duties_concerned(triage: Triage, concerned: frozenset[PersonId], staff: Staff) -> frozenset[Duty]:
    """The duties of the people whom the report concerns; the headteacher's also where nobody holds it."""
    duties = frozenset(duty for person in staff if person.id in concerned for duty in person.duties)
    return duties | {Duty.HEADTEACHER} if triage.concerns is Concerns.HEADTEACHER else duties


def left_out_by_wish(
    wish: frozenset[PersonId], out: frozenset[PersonId], school: School, now: datetime
) -> frozenset[PersonId]:
    """Whom the reporter's wish leaves out, of those who "must not see this"; `out` are left out anyway.

    It never switches off the DSL, nor the deputies while no DSL is there. Decided when the wish is sent, so that
    what the reporter read above "Send" stays true.
    """
    staff, today = school.staff, school.today(now)
    dsl = staff.holding(Duty.DSL)
    if all(person.id in out or person.away(today) for person in dsl):
        dsl += staff.holding(Duty.DEPUTY_DSL)
    return wish - {person.id for person in dsl}


def excluded(case: Case) -> frozenset[PersonId]:
    """Everybody who must learn nothing of the case: whom it concerns, who is too close, whom the wish leaves out."""
    return case.concerned | case.recused | case.conflicts


def first_duties(case: Case, profile: Profile) -> tuple[Duty, ...]:
    """The duties that the report goes to before anybody is away, left out or silent."""
    duties = list(profile.routes[case.process].to)
    if case.child_at_risk:
        at_risk = profile.child_at_risk
        duties += at_risk.tell_urgent if case.urgent else at_risk.tell
    if case.imagery and case.concerns_staff:
        # Imagery that involves a colleague is a staff concern as well: the case manager is asked beside the DSL.
        duties += profile.routes[ProcessId.P06].to
    return tuple(dict.fromkeys(duties))


class Resolver:
    """Finds the people behind duties for one case, now: through leave, cover and exclusion."""

    def __init__(self, case: Case, school: School, now: datetime) -> None:
        self._case = case
        self._profile = school.profile
        self._staff = school.staff
        self._today = school.today(now)
        self._excluded = excluded(case)
        concerned_duties = [duty for duty in school.profile.if_concerned if self.concerns(duty)]
        # Whoever covers for a person concerned is led by them: the report goes past them.
        self._skipped = frozenset(
            cover
            for duty in concerned_duties
            for cover in school.profile.cover.get(duty, ())
            if cover not in school.profile.if_concerned[duty]
        )
        # Where the head is concerned as well, whoever stands in for the DSL may be a governor: a child at risk
        # still needs somebody who is trained.
        self.nobody_trained = case.child_at_risk and self.concerns(Duty.DSL) and self.concerns(Duty.HEADTEACHER)
        if self.nobody_trained:
            self._skipped -= {Duty.DEPUTY_DSL}
        # Led as a person, not only in that duty; unless they hold one that stands above (a governor who is deputy DSL).
        above = {other for duty in concerned_duties for other in school.profile.if_concerned[duty]}
        above |= set(school.profile.last_resort) - self._skipped
        self._led = frozenset(
            person.id for duty in self._skipped for person in school.staff.holding(duty) if not person.duties & above
        )

    def concerns(self, duty: Duty) -> bool:
        """Whether the case concerns a holder of the duty, and the profile names somebody else for that."""
        return duty in self._profile.if_concerned and (
            duty in self._case.concerned_as
            or any(person.id in self._case.concerned for person in self._staff.holding(duty))
        )

    def skips(self, duty: Duty) -> bool:
        """Whether the duty's holders are passed over because they are led by a person whom it concerns."""
        return duty in self._skipped

    def passes_over(self, person: PersonId, duty: Duty) -> bool:
        """Whether this person is passed over as holder of the duty: they are led by a person whom it concerns.

        A deputy headteacher stays one when asked as a senior leader; not when asked as the DSL.
        """
        return self.skips(duty) or (person in self._led and duty not in SAFEGUARDING)

    def _free(self, duty: Duty, but: frozenset[PersonId], *, away_too: bool = False) -> dict[PersonId, Duty]:
        unavailable = self._excluded | but
        return {
            person.id: duty
            for person in self._staff.holding(duty)
            if person.id not in unavailable
            and not self.passes_over(person.id, duty)
            and (away_too or not person.away(self._today))
        }

    def duty(self, duty: Duty, seen: frozenset[Duty] = frozenset()) -> dict[PersonId, Duty]:
        """Who answers for the duty now: its holders, else who covers for them, else nobody."""
        if duty in seen:
            return {}
        seen |= {duty}
        if self.concerns(duty):
            return self.first_of(self._profile.if_concerned[duty], seen) | self._other_dsl(duty, seen)
        if duty in self._skipped:
            return {}
        free = self._free(duty, self._case.declined | self._case.unreachable)
        return free or self.first_of(self._profile.cover.get(duty, ()), seen)

    def _other_dsl(self, duty: Duty, seen: frozenset[Duty]) -> dict[PersonId, Duty]:
        """Beside whoever stands in for a DSL whom it concerns: another DSL, and the deputies where the head is out."""
        if duty is not Duty.DSL or not self._case.child_at_risk:
            return {}
        free = self._free(duty, self._case.declined | self._case.unreachable)
        return free or (self.first_of(self._profile.cover.get(duty, ()), seen) if self.nobody_trained else {})

    def first_of(self, duties: Iterable[Duty], seen: frozenset[Duty] = frozenset()) -> dict[PersonId, Duty]:
        """Who answers for the first of the duties for which anybody does."""
        for duty in duties:
            if found := self.duty(duty, seen):
                return found
        return {}

    def all_of(self, duties: Iterable[Duty]) -> dict[PersonId, Duty]:
        """Who answers for any of the duties; each person once, for the first duty that names them."""
        found: dict[PersonId, Duty] = {}
        for duty in duties:
            for person, held in self.duty(duty).items():
                found.setdefault(person, held)
        return found

    def recipients(self) -> dict[PersonId, Duty]:
        """Who the report goes to; never nobody as long as one duty of last resort has a free holder.

        When nobody else is left, those who have declined are asked again, then those who could not be reached,
        then those on leave: a report is never dropped, and only who is excluded stays out.
        """
        duties = first_duties(self._case, self._profile)
        found = self.all_of(duties) or self.first_of(self._profile.last_resort)
        if found:
            return found
        replaced = tuple(other for duty in duties for other in self._profile.if_concerned.get(duty, ()))
        everybody = [duty for duty in (*duties, *replaced, *self._profile.last_resort) if not self.skips(duty)]
        for but, away_too in ((self._case.unreachable, False), (frozenset(), False), (frozenset(), True)):
            for duty in everybody:
                if again := self._free(duty, but, away_too=away_too):
                    return again
        return {}

    def asked_by(self, who: Iterable[Who]) -> dict[PersonId, Duty]:
        """Whom a step of the chain asks."""
        never = frozenset(self._profile.routes[self._case.process].never)
        if self._case.concerns_staff:
            # Imagery that involves a colleague runs as P04 and is a staff concern all the same.
            never |= frozenset(self._profile.routes[ProcessId.P06].never)
        found: dict[PersonId, Duty] = {}
        for one in who:
            if one == "recipients":
                more = self.recipients()
            elif one == "cover":
                more = self.all_of(
                    cover for duty in first_duties(self._case, self._profile) for cover in self._cover(duty)
                )
            else:
                more = {} if one in never else self.duty(one)
            for person, duty in more.items():
                found.setdefault(person, duty)
        return found

    def _cover(self, duty: Duty) -> tuple[Duty, ...]:
        """Who covers for a duty's holders when they are silent; where it concerns them, for who stands in."""
        if self.concerns(duty):
            return self._profile.if_concerned[duty]
        return self._profile.cover.get(duty, ())

    def told_by(self, duties: Iterable[Duty]) -> frozenset[PersonId]:
        """Whom a step of the chain only tells whom to phone."""
        return frozenset(self.all_of(duties))


def reading_duties(case: Case, school: School, resolver: Resolver) -> tuple[Duty, ...]:
    """The duties whose holders may read the case whether or not they were asked (need-to-know)."""
    route = school.profile.routes[case.process]
    duties: list[Duty] = []
    for duty in (*first_duties(case, school.profile), *route.read):
        # Of those who stand in for a person concerned the first reads; the others once they are asked.
        duties += school.profile.if_concerned[duty][:1] if resolver.concerns(duty) else (duty,)
    if case.child_at_risk and resolver.concerns(Duty.DSL):
        # Another DSL, whom it does not concern, stays one; the deputies where the head is out as well.
        duties += (Duty.DSL, Duty.DEPUTY_DSL) if resolver.nobody_trained else (Duty.DSL,)
    return tuple(duty for duty in dict.fromkeys(duties) if not resolver.skips(duty))


def readers(case: Case, school: School, now: datetime) -> dict[PersonId, Duty]:
    """Who may read the case now, and as holder of which duty: the only gate to a case.

    Its duties' holders always; whoever was asked, until somebody has it; whoever has it; whoever was told as the next
    in the chain. Never a person whom it concerns, never somebody left out, never anybody who no longer holds the duty
    they were asked for.
    The reporter is not among them: they see how it stands, no more.
    """
    resolver = Resolver(case, school, now)
    found: dict[PersonId, Duty] = {}
    for duty in reading_duties(case, school, resolver):
        for person in school.staff.holding(duty):
            found.setdefault(person.id, duty)
    if case.state is CaseState.WAITING:
        for asked, duty in case.asked.items():
            found.setdefault(asked, duty)
    elif case.holder is not None and case.holder_as is not None:
        found.setdefault(case.holder, case.holder_as)
    for overseer, duty in case.overseers.items():
        found.setdefault(overseer, duty)
    out = excluded(case)
    held = {person.id: person.duties for person in school.staff}
    return {
        person: duty
        for person, duty in found.items()
        if person not in out and duty in held.get(person, frozenset()) and not resolver.passes_over(person, duty)
    }


def next_in_chain(case: Case, school: School, now: datetime) -> dict[PersonId, Duty]:
    """Whom the chain asks beside whoever has the case: the first of its steps that finds anybody, else last resort."""
    resolver = Resolver(case, school, now)
    steps = (resolver.asked_by(step.ask) for step in school.profile.escalation[case.level].steps)
    resort = (resolver.duty(duty) for duty in school.profile.last_resort if not resolver.skips(duty))
    for found in (*steps, *resort):
        if others := {person: duty for person, duty in found.items() if person != case.holder}:
            return others
    return {}
