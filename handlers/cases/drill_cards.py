"""What stands in people's messages about a drill, and how it went. Every word says that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.cases.apply import RECEIPT_CARD
from handlers.commands import button_token
from handlers.views import Button, Card, CaseAlert, CaseCard, Unanswered
from policy.case import Case, CaseState, Entry
from policy.drill import Timing, timings
from policy.people import PersonId
from policy.routing import Resolver, readers
from policy.school import School

MARK = "Drill: this is a test."
NOTHING_MORE = "Nothing more for you to do."


def drill_card(
    kind: str, person: PersonId, case: Case, school: School, now: datetime, phone: tuple[str, ...]
) -> tuple[Card, bool]:
    """The person's card about the drill, and whether it follows the drill no further.

    `phone` are those whom the card of a real report would say to phone.
    """
    if kind == RECEIPT_CARD:
        times = Button(action="drill.show", label="See the times", token=button_token(case.id, case.turn))
        return _card(case, how_it_went(case), times), False
    if case.state is CaseState.FINISHED:
        return _card(case, f"It is over. {NOTHING_MORE}"), True
    if person in case.acknowledged:
        return _card(case, f"You have acknowledged it. {NOTHING_MORE}"), False
    if person in case.asked and person in readers(case, school, now):
        return _alert(case, school, now, phone), False
    if person in case.told:
        since = school.calendar.stamp(case.received_at)
        return Unanswered(reference=case.reference, since=since, phone=phone, drill=True), False
    return _card(case, NOTHING_MORE), True


def how_it_went(case: Case) -> str:
    """How many have acknowledged, of those who were asked."""
    so_far = "" if case.state is CaseState.FINISHED else " so far"
    over = "It is over: " if case.state is CaseState.FINISHED else ""
    return f"{over}{len(case.acknowledged)} of {len(case.asked)} have acknowledged it{so_far}."


def _card(case: Case, status: str, *buttons: Button) -> CaseCard:
    return CaseCard(reference=case.reference, status=status, news="", buttons=buttons, drill=True)


def _alert(case: Case, school: School, now: datetime, phone: tuple[str, ...]) -> CaseAlert:
    chain = school.profile.escalation[case.level]
    following = Resolver(case, school, now).asked_by(chain.step(case.step + 1).ask)
    then = "you are asked again" if following.keys() <= case.asked.keys() else "the next person is asked"
    last = chain.is_last(case.step)
    token = button_token(case.id, case.turn)
    return CaseAlert(
        reference=case.reference,
        reply_by=school.calendar.stamp(case.reply_by or now),
        then="the drill ends" if last else then,
        phone=phone if last else (),
        buttons=(Button(action="case.take", label="I'll take it", token=token, style="primary"),),
        drill=True,
    )


def times(case: Case, entries: Sequence[Entry], school: School) -> str:
    """How long each person took, a line for each."""
    begun = f"{case.reference}: the {case.level} chain, begun {school.calendar.stamp(case.received_at)}."
    lines = [_line(timing, school) for timing in timings(entries)]
    return "\n".join(
        [f"{MARK} {begun}", how_it_went(case), *lines, "It tests the chain, not people: it is not for appraisal."]
    )


def _line(timing: Timing, school: School) -> str:
    asked = "told whom to phone" if timing.told else "asked"
    name, at = school.staff.name(timing.person), school.calendar.stamp(timing.at)
    if timing.told:
        after = ""
    elif timing.after is not None:
        after = f", acknowledged after {in_words(timing.after)}"
    else:
        after = ", could not be reached in chat" if timing.unreachable else ", has not acknowledged"
    return f"{name}: {asked} {at}{after}."


def in_words(span: timedelta) -> str:
    """A span of time as people say it: "under a minute", "3 min", "2 h 5 min"."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else "under a minute"
