"""What a report is found by: words of what people wrote, whom it is about, and marks of who may read it at all."""

from __future__ import annotations

import re
import unicodedata

from policy.case import Case, CaseState, Entry, EntryKind
from policy.people import Duty, Person, PersonId
from policy.processes import ProcessId
from policy.profile import Profile
from policy.school import School

_WORD = re.compile(r"[^\W_]{2,}")
_STOP = """
about after all also an and any are as at be because been before being but by can could did do does for from
had has have he her hers him his how if in into is it its just me more my no not of off on or our out over she
so some than that the their them then there they this to too up was we were what when where which who why will
with would yes you your
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that stand everywhere: nobody finds anything by them."""

NEVER_FOUND_BY = frozenset({EntryKind.NAMED, EntryKind.NAME_UNDONE})
"""Lines that are kept from the person whom they name: nobody finds a report by their words, or a hit would tell."""

_AT_RISK = "at-risk"
_CONCERNED = ":concerned"


def words_of(*texts: str) -> frozenset[str]:
    """The words of the texts as they are compared: no capitals, no accents, at least two letters or digits."""
    found: set[str] = set()
    for text in texts:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        plain = "".join(character for character in plain if not unicodedata.combining(character))
        found.update(_WORD.findall(unicodedata.normalize("NFKC", plain)))
    return frozenset(found - STOP_WORDS)


def words_of_case(case: Case) -> frozenset[str]:
    """What the case itself is found by: its reference and what its reporter wrote first."""
    account = case.account
    texts = (account.what_happened, account.where) if account is not None else ()
    return words_of(case.reference, *texts)


def words_of_entry(entry: Entry) -> frozenset[str]:
    """What a line of the chronology is found by."""
    return frozenset() if entry.kind in NEVER_FOUND_BY else words_of(entry.text)


def about(person: PersonId) -> str:
    """The mark of a report that concerns this person of the school. No word looks like a mark."""
    return f"about:{person}"


def own(person: PersonId) -> str:
    """The mark of a report that this person has, is asked to take, or was told of as the next in the chain."""
    return f"person:{person}"


def marks_of(case: Case) -> frozenset[str]:
    """What a case is looked up by beside words: whom it is about, and what decides who may read it."""
    kinds = {f"process:{case.process}"}
    if case.imagery and case.concerns_staff:
        kinds.add(f"process:{ProcessId.P06}")
    if case.child_at_risk:
        kinds.add(_AT_RISK)
    if case.concerned or case.concerned_as:
        kinds |= {f"{kind}{_CONCERNED}" for kind in kinds}
    people = {*case.overseers, *(case.asked if case.state is CaseState.WAITING else ())}
    if case.holder is not None:
        people.add(case.holder)
    return frozenset({*kinds, *map(own, people), *map(about, case.concerned)})


def marks_for(person: Person, school: School) -> frozenset[str]:
    """Every report that the person may read has one of these marks; not everything that has one may they read.

    It spares opening what they may not read in any case. `policy.routing.readers` stays the only gate.
    """
    profile = school.profile
    reading: dict[str, frozenset[Duty]] = {
        f"process:{process}": frozenset((*route.to, *route.read)) for process, route in profile.routes.items()
    }
    at_risk = profile.child_at_risk
    reading[_AT_RISK] = frozenset((*at_risk.tell, *at_risk.tell_urgent))
    found = {own(person.id)}
    for kind, duties in reading.items():
        if duties & person.duties:
            found.add(kind)
        if _stand_in(duties, profile, at_risk=kind == _AT_RISK) & person.duties:
            found.add(f"{kind}{_CONCERNED}")
    return frozenset(found)


def _stand_in(duties: frozenset[Duty], profile: Profile, *, at_risk: bool) -> frozenset[Duty]:
    """The duties that read instead of these where a report concerns a holder of one."""
    found = {duty for held in duties for duty in profile.if_concerned.get(held, ())[:1]}
    return frozenset(found | {Duty.DSL, Duty.DEPUTY_DSL} if at_risk else found)


def colleagues_called(word: str, school: School) -> frozenset[PersonId]:
    """Everybody on the staff list, or formerly on it, whose name has this word in it."""
    everybody = (*school.staff.people, *school.staff.former)
    return frozenset(person.id for person in everybody if word in words_of(person.name))
