"""What only Teams has: tokens, guests and strangers as Teams knows them, and what it costs where it is not used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.sandbox.world import Platform, World
from tests.stories.acting import file, state


@pytest.fixture
def platform() -> Platform:
    """This is about Teams."""
    return "teams"


FORGED: tuple[dict[str, object], ...] = (
    {"alg": "none"},
    {"alg": "HS256"},
    {"signer": "somebody"},
    {"signer": "login"},
    {"iss": "https://elsewhere.example"},
    {"aud": "another-bot"},
    {"exp": None},
    {"exp": 1},
    {"serviceurl": "https://elsewhere.example/"},
)


@pytest.mark.parametrize("forged", FORGED, ids=str)
async def test_a_request_that_microsoft_did_not_sign_for_us_leaves_no_trace(
    school: World, forged: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    person = school.on_teams("tess")
    said = await person.say("hello")
    before = await state(school)
    activity = {**said.activity, "id": "forged", "text": "report-incident SECRET-MARKER"}
    token = school.teams.token(**forged)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    status, text = await school.teams.send_raw(json.dumps(activity).encode(), headers)
    assert status in {401, 403}
    assert "SECRET-MARKER" not in text
    await school.settle()
    assert await state(school) == before
    printed = capfd.readouterr()
    assert "SECRET-MARKER" not in printed.out + printed.err


async def test_strangers_and_guests_are_refused_kindly(school: World) -> None:
    await file(school, "tess", what_happened="Ollie in 9B asked to follow me.")
    before = await state(school)
    outside = [
        school.teams.add_person("Uma Unknown", "uma@astor.example"),
        school.teams.add_person("Gus Guest", "hana.hughes@astor.example", guest=True),
    ]
    for person in outside:
        await person.say("report-incident Ollie in 9B")
        told = "\n".join(school.teams.visible_text(message) for message in person.messages)
        assert "999" in told, f"{person.name} is told something"
        alert = school.on_teams("hana").messages[-1]
        await person.press(alert, "I'll take it")
        assert "999" in person.toasts[-1]
        await person.press(alert, "Open")
        assert person.dialog is not None
        opened = school.teams.visible_text(person.dialog)
        assert "999" in opened
        assert "Ollie" not in opened + told + person.toasts[-1]
    await school.settle()
    assert await state(school) == before


async def test_people_of_another_organisation_are_refused(school: World) -> None:
    await file(school, "tess")
    before = await state(school)
    stranger = school.teams.add_person("Fred Federated", "hana.hughes@astor.example", federated=True)
    said = await stranger.say("report-incident Ollie in 9B")
    alert = school.on_teams("hana").messages[-1]
    await stranger.press(alert, "I'll take it")
    await stranger.press(alert, "Open")
    assert said.status == 403
    assert stranger.messages == []
    assert stranger.dialog is not None
    assert "own Microsoft accounts only" in school.teams.visible_text(stranger.dialog)
    assert "own Microsoft accounts only" in stranger.toasts[-1]
    await school.settle()
    assert await state(school) == before


def test_a_school_on_slack_alone_does_not_load_what_teams_needs() -> None:
    code = (
        "import sys, bot.app, bot.cli; print([m for m in sys.modules if m.split('.')[0] == 'msal' or 'bot.teams' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
