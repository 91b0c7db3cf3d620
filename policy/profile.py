"""A school's policy as data: who receives what, the chains, clauses. Read from TOML by `policy.profile_file`.

A profile is checked whole: what is wrong is told with file, line, key and what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from policy.calendar import SchoolCalendar, Term
from policy.people import Duty
from policy.processes import PROCESSES, ProcessId
from policy.reports import Level

DURATION = re.compile(r"(?P<number>[1-9][0-9]{0,3})(?P<unit>[mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_wait(value: object) -> timedelta | time:
    """A wait: "10m", "2h", "1d" of elapsed time, or "15:30", the next time it is that late on a school day.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, timedelta | time):
        return value
    text = value if isinstance(value, str) else ""
    if found := DURATION.fullmatch(text):
        return timedelta(**{UNITS[found["unit"]]: int(found["number"])})
    if re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", text):
        return time.fromisoformat(text)
    raise ValueError('a wait such as "10m", "2h", "1d", or a time on school days such as "15:30"')


PERIOD = re.compile(r"(?P<number>[1-9][0-9]{0,3})(?P<unit>[yd])")
LONGEST_YEARS = 120


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept: whole years, and days."""

    years: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """The first day on which it is over. 29 February and some years is 1 March where there is no other."""
        try:
            end = day.replace(year=day.year + self.years)
        except ValueError:
            end = date(day.year + self.years, 3, 1)
        return end + timedelta(days=self.days)

    def __str__(self) -> str:
        number, unit = (self.years, "year") if self.years else (self.days, "day")
        return f"{number} {unit}{'' if number == 1 else 's'}"


def parse_period(value: object) -> Period | None:
    """A period: "6y" or "90d", of a person's life at the most.

    Raises:
        ValueError: it is neither.
    """
    if value is None or isinstance(value, Period):
        return value
    found = PERIOD.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found["unit"] == "y" and int(found["number"]) > LONGEST_YEARS):
        raise ValueError(f'a period such as "6y" or "90d", of {LONGEST_YEARS} years at the most, in quotes')
    number = int(found["number"])
    return Period(years=number) if found["unit"] == "y" else Period(days=number)


Kept = Annotated[Period | None, BeforeValidator(parse_period)]


class Since(StrEnum):
    """From when on a report is kept for its period."""

    FINISHED = "finished"
    RECEIVED = "received"


Wait = Annotated[timedelta | time, BeforeValidator(parse_wait)]
Who = Literal["recipients", "cover"] | Duty
"""Whom a step asks: who the report goes to, those who cover for them, or the holders of a duty."""


class Part(BaseModel):
    """A table of the profile: no unknown key passes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SchoolPart(Part):
    """Which school it is, and whom its pages name for questions about personal data."""

    name: str = Field(min_length=1, max_length=100)
    policy: str = Field(min_length=1, max_length=100)
    timezone: str = "Europe/London"
    contact: str = Field(default="", max_length=200)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("a time zone such as Europe/London") from error
        return name


class CalendarPart(Part):
    """Terms, INSET days and other days on which the school is closed."""

    terms: tuple[tuple[date, date], ...] = ()
    inset: tuple[date, ...] = ()
    closed: tuple[date, ...] = ()


class Route(Part):
    """Who receives reports of one process, who may read them, and the clauses that say so.

    `never` are duties that a chain's steps leave out for this process. `ours` says what is our default
    because the document is silent.
    """

    to: tuple[Duty, ...] = Field(min_length=1)
    read: tuple[Duty, ...] = ()
    never: tuple[Duty, ...] = ()
    clauses: tuple[str, ...] = ()
    ours: str = ""


class ChildAtRisk(Part):
    """Who is told as well where a child may be harmed, whoever the document names."""

    tell: tuple[Duty, ...] = Field(min_length=1)
    tell_urgent: tuple[Duty, ...] = Field(min_length=1)
    ours: str = ""


class Step(Part):
    """One step of a chain: how long after the step before, whom it asks, whom it only tells whom to phone."""

    wait: Wait = timedelta(0)
    ask: tuple[Who, ...] = Field(min_length=1)
    tell: tuple[Duty, ...] = ()


class Chain(Part):
    """What happens until somebody has taken the report. The last step repeats every `repeat`."""

    steps: tuple[Step, ...] = Field(min_length=1)
    repeat: Wait

    @model_validator(mode="after")
    def _waits(self) -> Chain:
        if self.steps[0].wait != timedelta(0):
            raise ValueError("no wait at the first step: it happens at once")
        if any(step.wait == timedelta(0) for step in self.steps[1:]):
            raise ValueError("a wait at every step after the first")
        return self

    def step(self, number: int) -> Step:
        """The step of this number, from 0; beyond the last one, the last one again."""
        return self.steps[min(number, len(self.steps) - 1)]

    def wait_before(self, number: int) -> timedelta | time:
        """How long step `number` comes after the one before it."""
        return self.steps[number].wait if number < len(self.steps) else self.repeat

    def is_last(self, number: int) -> bool:
        """Whether every step has been tried once step `number` is."""
        return number >= len(self.steps) - 1


class Retention(Part):
    """How long reports are kept, and who decides what happens then. Without periods nothing comes to its end."""

    review: tuple[Duty, ...] = Field((Duty.DPO, Duty.HEADTEACHER, Duty.CHAIR_OF_GOVERNORS), min_length=1)
    since: Since = Since.FINISHED
    default: Kept = None
    periods: dict[ProcessId, Kept] = {}
    ours: str = ""

    def period(self, process: ProcessId) -> Period | None:
        """How long a finished report of this process is kept; None: until somebody decides."""
        return self.periods.get(process, self.default)


class Profile(Part):
    """A school's policy. See `docs/profile.md` for every key."""

    school: SchoolPart
    calendar: CalendarPart = CalendarPart()
    cover: dict[Duty, tuple[Duty, ...]] = {}
    if_concerned: dict[Duty, tuple[Duty, ...]] = {}
    last_resort: tuple[Duty, ...] = Field(min_length=1)
    child_at_risk: ChildAtRisk
    routes: dict[ProcessId, Route]
    escalation: dict[Level, Chain]
    retention: Retention = Retention()
    do_not_reply: bool = True
    contacts: dict[str, str] = {}

    @model_validator(mode="after")
    def _complete(self) -> Profile:
        if missing := sorted(set(PROCESSES) - set(self.routes)):
            raise ValueError(f"a table [routes.{missing[0]}]: reports of {missing[0]} would go to nobody")
        if missing_levels := sorted(set(Level) - set(self.escalation)):
            raise ValueError(f"a table [escalation.{missing_levels[0]}]: one chain for each level")
        return self

    @cached_property
    def school_calendar(self) -> SchoolCalendar:
        """The school's calendar."""
        return SchoolCalendar(
            terms=tuple(Term(first=first, last=last) for first, last in self.calendar.terms),
            inset=frozenset(self.calendar.inset),
            closed=frozenset(self.calendar.closed),
            timezone=ZoneInfo(self.school.timezone),
        )

    def clause(self, process: ProcessId) -> str:
        """The clauses behind a process as a card cites them, such as "Astor 5.14, 6.3"; empty where silent."""
        clauses = self.routes[process].clauses
        return f"{self.school.policy} {', '.join(clauses)}" if clauses else ""

    @cached_property
    def duties_used(self) -> frozenset[Duty]:
        """Every duty that a report can reach: somebody should hold each of them."""
        routes = self.routes.values()
        named = [duty for route in routes for duty in (*route.to, *route.read)]
        named += [*self.child_at_risk.tell, *self.child_at_risk.tell_urgent, *self.last_resort]
        named += [duty for duties in (*self.cover.values(), *self.if_concerned.values()) for duty in duties]
        for chain in self.escalation.values():
            for step in chain.steps:
                named += [who for who in step.ask if isinstance(who, Duty)]
                named += step.tell
        return frozenset(named)
