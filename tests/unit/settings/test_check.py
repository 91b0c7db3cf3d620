"""`staffroom check`: what would bite later is told to the administrator now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.check import check
from bot.profiles import load_profile, shipped_profile_text
from bot.settings import load_settings
from policy.people import Duty, Leave, PersonEntry
from policy.profile import Profile
from policy.profile_file import parse_profile

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
SETTINGS = load_settings(
    {
        "STAFFROOM_SECRET_KEYS": "key",
        "STAFFROOM_PROFILE": "astor",
        "STAFFROOM_PUBLIC_URL": "https://staffroom.astor.example",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
    }
)
ASTOR = parse_profile(
    shipped_profile_text("astor")
    .replace("# [2026-09-02, 2026-12-18]", "[2026-09-02, 2026-12-18]")
    .replace('# "LADO"', '"LADO"'),
    "astor.toml",
)
HELD = (
    Duty.HEADTEACHER,
    Duty.DEPUTY_HEADTEACHER,
    Duty.SLT,
    Duty.DSL,
    Duty.DEPUTY_DSL,
    Duty.CHAIR_OF_GOVERNORS,
    Duty.VICE_CHAIR_OF_GOVERNORS,
    Duty.ADMINISTRATOR,
    Duty.DPO,
)


def entry(duty: Duty) -> PersonEntry:
    """Somebody who holds this duty alone."""
    return PersonEntry(
        name=f"Ann {duty.value}",
        email=f"{duty.value}@astor.example",
        duties=frozenset({duty}),
        phone="+44 1632 960123",
    )


EVERYBODY = tuple(entry(duty) for duty in HELD)


def without(*duties: Duty) -> tuple[PersonEntry, ...]:
    """Everybody but the holders of these."""
    return tuple(person for person in EVERYBODY if not person.duties & set(duties))


def found(people: Sequence[PersonEntry] = EVERYBODY, profile: Profile = ASTOR) -> list[tuple[str, str]]:
    """The findings, as pairs of level and text."""
    return [(finding.level, finding.text) for finding in check(SETTINGS, profile, people, now=NOW)]


def says(findings: list[tuple[str, str]], level: str, part: str) -> bool:
    """Whether one of the findings has this level and says this."""
    return any(one == level and part in text for one, text in findings)


def test_a_school_that_is_all_set_has_no_findings() -> None:
    assert found() == []


def test_a_duty_that_reports_go_to_first_and_nobody_holds_is_an_error() -> None:
    assert says(found(without(Duty.DSL)), "error", "Nobody holds dsl, and reports go there first")


def test_a_duty_further_up_that_nobody_holds_is_a_warning() -> None:
    findings = found(without(Duty.SLT))
    assert says(findings, "warning", "Nobody holds slt")
    assert not says(findings, "error", "")


def test_nobody_for_urgent_reports() -> None:
    admin = tuple(person for person in EVERYBODY if Duty.ADMINISTRATOR in person.duties)
    findings = found(admin)
    assert says(findings, "error", "Nobody at all answers urgent reports")
    assert findings[0][0] == "error"
    assert [level for level, _ in findings] == sorted(level for level, _ in findings)


def test_a_report_about_the_head_that_would_reach_nobody() -> None:
    governors = (Duty.CHAIR_OF_GOVERNORS, Duty.VICE_CHAIR_OF_GOVERNORS)
    findings = found(without(*governors, Duty.DSL, Duty.DEPUTY_DSL))
    assert says(findings, "error", "Reports of a concern about the headteacher would reach nobody")
    assert says(findings, "error", "name people for chair-of-governors")


def test_a_chain_of_one_person() -> None:
    findings = found(without(Duty.VICE_CHAIR_OF_GOVERNORS))
    assert says(
        findings, "warning", "Only one person is ever asked, however long they are silent, about: a concern about"
    )


def test_an_urgent_duty_without_a_phone_number() -> None:
    silent = tuple(replace(person, phone=None) if Duty.DSL in person.duties else person for person in EVERYBODY)
    assert found(silent) == [("warning", "Ann dsl holds dsl and has no phone number: fill in the column phone.")]


@pytest.mark.parametrize(
    ("duty", "says_what"),
    [(Duty.DSL, "others cover for them"), (Duty.DEPUTY_DSL, "nobody covers for them")],
)
def test_everybody_of_a_duty_on_leave_today(duty: Duty, says_what: str) -> None:
    leave = Leave(first=date(2026, 11, 16), last=date(2026, 11, 20))
    away = tuple(replace(person, leave=leave) if duty in person.duties else person for person in EVERYBODY)
    [(level, text)] = found(away)
    assert level == "warning"
    assert text.startswith(f"Everybody who holds {duty} is on leave today; {says_what}")


def test_a_profile_as_it_ships_wants_terms_and_contacts() -> None:
    findings = found(profile=load_profile("astor"))
    assert says(findings, "warning", "The profile has no terms")
    assert says(findings, "warning", "the LADO and the council's duty line")


def test_terms_that_are_over() -> None:
    assert [finding.text for finding in check(SETTINGS, ASTOR, EVERYBODY, now=datetime(2027, 1, 5, 9, tzinfo=UTC))] == [
        "Every term in the profile is over: add the new ones to [calendar] terms."
    ]


def test_no_platform_and_an_address_that_only_this_machine_knows() -> None:
    settings = load_settings({"STAFFROOM_SECRET_KEYS": "key", "STAFFROOM_PROFILE": "astor"})
    findings = check(settings, ASTOR, EVERYBODY, now=NOW, env_names=["STAFFROOM_PROFLE"])
    assert [finding.level for finding in findings] == ["error", "warning", "warning"]
    assert findings[0].text.startswith("No chat platform is set up")
    assert findings[1].text == "STAFFROOM_PROFLE is not a setting. Did you mean STAFFROOM_PROFILE?"
    assert "http://localhost:3000, which only this computer can open" in findings[2].text


def test_a_governor_with_a_private_address_may_be_a_guest_on_teams() -> None:
    chair = Duty.CHAIR_OF_GOVERNORS
    people = tuple(
        replace(person, email="ann@home.example") if chair in person.duties else person for person in EVERYBODY
    )
    on_teams = load_settings(
        {
            "STAFFROOM_SECRET_KEYS": "key",
            "STAFFROOM_PROFILE": "astor",
            "STAFFROOM_PUBLIC_URL": "https://staffroom.astor.example",
            "TEAMS_CLIENT_ID": "2f4c3a10-0000-4000-8000-0000000000b0",
            "TEAMS_CLIENT_SECRET": "secret",
            "TEAMS_TENANT_ID": "7c1d9e55-0000-4000-8000-0000000a5702",
        }
    )
    [told] = check(on_teams, ASTOR, people, now=NOW)
    assert told.level == "warning"
    assert "(chair-of-governors) has an address of another domain than astor.example" in told.text
    assert "A guest account will not do" in told.text
    assert check(on_teams, ASTOR, EVERYBODY, now=NOW) == []
    assert found(people) == [], "Slack invites people by any address"


def test_without_a_dpo_the_head_of_the_audit_goes_to_the_administrator() -> None:
    (found,) = check(SETTINGS, ASTOR, without(Duty.DPO), now=NOW)
    assert found.level == "warning"
    assert "the head of the audit goes to the administrator" in found.text


def test_reports_that_nobody_decides_about_at_their_end() -> None:
    told = [found.text for found in check(SETTINGS, ASTOR, without(*ASTOR.retention.review), now=NOW)]
    assert any("Nobody decides about reports at their end" in text for text in told)
