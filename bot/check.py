"""What `staffroom check` tells the administrator: everything that would bite later, and what to do about it.

The reports are tried out on the real routing, so that what is found here is what would happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from bot.settings import Settings, is_loopback, unknown_names
from policy.calendar import SchoolCalendar
from policy.case import Case, RecordId
from policy.case_life_cycle import level_of
from policy.people import Duty, Person, PersonEntry, PersonId, Staff
from policy.profile import Profile
from policy.reports import Concerns, Level, ReportKind, Triage
from policy.routing import Resolver, people_concerned, process_of
from policy.school import School

PHONED = (Duty.DSL, Duty.DEPUTY_DSL, Duty.HEADTEACHER, Duty.CHAIR_OF_GOVERNORS)
"""Duties whose phone number receipts and guidance show: somebody must be able to ring them."""


HOW_TO_REACH = {
    "Slack": "Slack: is there a full member with the e-mail address in the list of people (or in other_emails)?",
    "Microsoft Teams": (
        "Microsoft Teams: install the app for them (Teams admin center, Manage apps, Staffroom, Users and groups, "
        "Installs); if it is there already, they type staffroom to it once."
    ),
}
"""What to do about somebody who is not reached, by platform."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. With an "error" reports would go astray; a "warning" should be looked at."""

    level: Literal["error", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Met:
    """Whom Staffroom has a chat with on Teams, and when it could last not reach somebody, by e-mail address."""

    on_teams: frozenset[str] = frozenset()
    anybody_on_teams: bool = False
    failed: Mapping[str, datetime] = field(default_factory=dict)


def check(
    settings: Settings,
    profile: Profile,
    entries: Sequence[PersonEntry],
    *,
    now: datetime,
    env_names: Iterable[str] = (),
) -> list[Finding]:
    """Everything wrong with the settings, the profile and the people, errors first.

    `now` is UTC: leave and terms are looked at as of that day. `env_names` are the names of the environment,
    to find misspelt settings. Pure: nothing is read and nobody is asked.
    """
    people = Staff(_person(entry) for entry in entries)
    school = School(profile, people)
    findings = [
        *_settings(settings, env_names),
        *_duties(profile, people),
        *_records(profile, people),
        *_dry_runs(profile, people, now),
        *_leave(school, now),
        *_phones(people),
        *(_elsewhere(people) if settings.uses_teams else ()),
        *_written(profile, school.today(now)),
    ]
    return sorted(findings, key=lambda finding: finding.level)


def unreached(
    people: Sequence[PersonEntry],
    reached: Mapping[str, Mapping[str, bool]],
    failed: Mapping[str, datetime],
    calendar: SchoolCalendar,
) -> list[Finding]:
    """Those of the people whom no platform reaches, and those whom Staffroom has lately tried in vain.

    `reached` says by platform whom it reaches; who is not named there was not asked about, as where the platform is
    away. `failed` are moments in UTC. Whoever is reached on one platform is reached.
    """
    findings = []
    for person in people:
        asked = {platform: answers[person.email] for platform, answers in reached.items() if person.email in answers}
        duties = ", ".join(sorted(person.duties))
        if asked and not any(asked.values()):
            where, unasked = " or ".join(asked), " and ".join(reached.keys() - asked.keys())
            what = (
                f"cannot be reached on {where}, and {unasked} could not be asked: check again once it can be."
                if unasked
                else f"cannot be reached on {where}: the next in the chain is asked instead."
            )
            advice = " ".join(HOW_TO_REACH[platform] for platform in asked)
            text = f"{person.name} ({duties}) {what} {advice}"
            findings.append(Finding("warning" if unasked else "error", text))
        elif person.email in failed:
            when = calendar.stamp(failed[person.email])
            findings.append(
                Finding(
                    "warning",
                    f"{person.name} ({duties}) could not be reached at {when}, and the next in the chain was asked. "
                    "Is the app there for them, and not blocked?",
                )
            )
    return findings


def _person(entry: PersonEntry) -> Person:
    return Person.of(entry, PersonId(entry.email))


def _settings(settings: Settings, env_names: Iterable[str]) -> list[Finding]:
    findings = [Finding("warning", text) for text in unknown_names(env_names)]
    if not (settings.uses_slack or settings.uses_teams):
        findings.append(
            Finding(
                "error",
                "No chat platform is set up: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET, or all of TEAMS_CLIENT_ID, "
                "TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID.",
            )
        )
    host = settings.public_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    if is_loopback(host):
        findings.append(
            Finding(
                "warning",
                f"STAFFROOM_PUBLIC_URL is {settings.public_url}, which only this computer can open: set the https "
                "address at which staff, Slack and Microsoft reach this server.",
            )
        )
    return findings


def _duties(profile: Profile, people: Staff) -> list[Finding]:
    first = {duty for route in profile.routes.values() for duty in route.to} | {*profile.child_at_risk.tell}
    findings = []
    for duty in Duty:
        if duty not in profile.duties_used or people.holding(duty):
            continue
        if duty in first:
            text = f"Nobody holds {duty}, and reports go there first: name somebody in the list of people."
            findings.append(Finding("error", text))
        else:
            text = f"Nobody holds {duty}: reports that should reach it go past. Name somebody, or take it out."
            findings.append(Finding("warning", text))
    return findings


def _records(profile: Profile, people: Staff) -> list[Finding]:
    """Who decides what becomes of reports at their end, and who keeps the head of the audit."""
    findings = []
    retention = profile.retention
    if retention.default is None and not retention.periods:
        text = "The profile says of no report how long it is kept: add periods to [retention]."
        findings.append(Finding("warning", text))
    if not people.holding(Duty.DPO):
        instead = "the administrator" if people.holding(Duty.ADMINISTRATOR) else "nobody"
        text = f"Nobody holds dpo: the head of the audit goes to {instead}, who should not keep it. Name somebody."
        findings.append(Finding("warning", text))
    if not any(people.holding(duty) for duty in retention.review):
        text = f"Nobody decides about reports at their end: name somebody for {', '.join(retention.review)}."
        findings.append(Finding("error", text))
    return findings


def _tried(people: Staff) -> list[tuple[str, Triage]]:
    """Reports to try out: one of each kind that goes another way."""

    def triage(
        kind: ReportKind, concerns: Concerns, *, danger: bool = False, imagery: bool = False, who: Person | None = None
    ) -> Triage:
        colleague = who.id if who is not None else None
        return Triage(kind=kind, concerns=concerns, danger=danger, imagery=imagery, colleague=colleague)

    other, head = ReportKind.SOMETHING_ELSE, Concerns.HEADTEACHER
    tried = [
        ("a friend request", triage(ReportKind.FRIEND_REQUEST, Concerns.PARENT)),
        ("hurtful posts", triage(ReportKind.HURTFUL_POSTS, Concerns.PARENT)),
        ("what a pupil does online", triage(other, Concerns.PUPIL)),
        ("something else", triage(other, Concerns.PARENT)),
        ("a concern about a colleague", triage(other, Concerns.COLLEAGUE)),
        ("a child who told somebody", triage(ReportKind.CHILD_TOLD_ME, Concerns.PUPIL)),
        ("a child in danger", triage(other, Concerns.PUPIL, danger=True)),
        ("imagery of a child", triage(other, Concerns.PUPIL, imagery=True)),
        ("a concern about the headteacher", triage(other, head)),
        ("a child whom the headteacher may harm", triage(other, head, danger=True)),
    ]
    tried += [
        ("a concern about the DSL", triage(other, Concerns.COLLEAGUE, danger=True, who=dsl))
        for dsl in people.holding(Duty.DSL)
    ]
    return tried


def _dry_runs(profile: Profile, people: Staff, now: datetime) -> list[Finding]:
    """Who would ever be asked, if nobody were on leave and nobody answered."""
    school = School(profile, Staff(replace(person, leave=None) for person in people))
    findings = []
    lonely: list[str] = []
    urgent_to_nobody = True
    for what, triage in _tried(people):
        case = Case(
            id=RecordId("check"),
            reference="",
            reporter=PersonId(""),
            received_at=now,
            triage=triage,
            process=process_of(triage),
            level=level_of(triage),
            concerned=people_concerned(triage, PersonId(""), people),
        )
        resolver = Resolver(case, school, now)
        asked = {person for step in profile.escalation[case.level].steps for person in resolver.asked_by(step.ask)}
        if asked and case.level is Level.S1:
            urgent_to_nobody = False
        if not asked:
            findings.append(
                Finding("error", f"Reports of {what} would reach nobody: name people for {_duties_for(what)}.")
            )
        elif len(asked) == 1:
            lonely.append(what)
    if urgent_to_nobody:
        findings.append(Finding("error", "Nobody at all answers urgent reports: name a dsl and a deputy-dsl."))
    if lonely:
        text = f"Only one person is ever asked, however long they are silent, about: {', '.join(lonely)}. Name others."
        findings.append(Finding("warning", text))
    return findings


def _duties_for(what: str) -> str:
    return "chair-of-governors and vice-chair-of-governors" if "headteacher" in what else "headteacher, dsl and cover"


def _leave(school: School, now: datetime) -> list[Finding]:
    today = school.today(now)
    findings = []
    for duty in Duty:
        holders = school.staff.holding(duty)
        if duty not in school.profile.duties_used or not holders or not all(one.away(today) for one in holders):
            continue
        covered = any(
            not person.away(today)
            for cover in school.profile.cover.get(duty, ())
            for person in school.staff.holding(cover)
        )
        says = "others cover for them" if covered else "nobody covers for them: add cover to the profile, or people"
        findings.append(Finding("warning", f"Everybody who holds {duty} is on leave today; {says}."))
    return findings


def _phones(people: Staff) -> list[Finding]:
    findings = []
    for duty in PHONED:
        for person in people.holding(duty):
            if person.phone is None:
                text = f"{person.name} holds {duty} and has no phone number: fill in the column phone."
                findings.append(Finding("warning", text))
    return findings


def _elsewhere(people: Staff) -> list[Finding]:
    """Those with a duty, governors above all, whose address is not of the domain that most people have."""
    domains = Counter(person.email.rpartition("@")[2].lower() for person in people)
    usual, count = domains.most_common(1)[0] if domains else ("", 0)
    if count * 2 <= domains.total():
        return []
    return [
        Finding(
            "warning",
            f"{person.name} ({', '.join(sorted(person.duties))}) has an address of another domain than {usual}: on "
            "Teams they need an account of the school's own tenant. A guest account will not do.",
        )
        for person in people
        if person.duties and not any(email.lower().endswith(f"@{usual}") for email in person.emails)
    ]


def _written(profile: Profile, today: date) -> list[Finding]:
    findings = []
    terms = profile.calendar.terms
    if not terms:
        text = "The profile has no terms: every weekday that is no bank holiday counts. Fill in [calendar] terms."
        findings.append(Finding("warning", text))
    elif all(last < today for _, last in terms):
        findings.append(Finding("warning", "Every term in the profile is over: add the new ones to [calendar] terms."))
    if not profile.contacts:
        text = "The profile has no phone numbers for when nobody answers: write the LADO and the council's duty line"
        findings.append(Finding("warning", f"{text} into [contacts]."))
    return findings
