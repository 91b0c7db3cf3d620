"""What only Slack has: signed requests, and strangers, guests and other workspaces as Slack knows them."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest

from bot.sandbox.world import Platform, World
from tests.stories.acting import everything_seen, file, press, state, take

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def platform() -> Platform:
    """This is about Slack."""
    return "slack"


async def test_a_made_up_form_is_refused_and_gives_the_words_back(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "hana", reference)
    await press(school, "hana", reference, "case.record")
    form = school.on_slack("hana").view
    assert form is not None
    payload = {
        "type": "view_submission",
        "team": {"id": "T0ASTOR", "domain": "astor"},
        "user": {"id": school.on_slack("sam").id, "team_id": "T0ASTOR"},
        "trigger_id": "1.2.forged",
        "view": {
            **form.raw,
            "id": "V1",
            "type": "modal",
            "state": {"values": {"note": {"note": {"type": "plain_text_input", "value": "Mine now."}}}},
        },
    }
    sent = await school.slack.send_interactive(payload)
    assert sent.status == 200
    assert "Mine now." in json.dumps(sent.body)
    assert "isn't open to you" in json.dumps(sent.body)


async def test_strangers_guests_and_other_workspaces_are_refused_kindly(school: World) -> None:
    await file(school, "tess")
    outside = [
        school.slack.add_person("Uma Unknown", "uma@elsewhere.example"),
        school.slack.add_person("Gus Guest", "carl.cole2@astor.example", guest=True),
        school.slack.add_person("Sid Single", "sid@astor.example", single_channel_guest=True),
        school.slack.add_person("Stan Stranger", "hana.hughes@other.example", stranger=True),
    ]
    before = await state(school)
    for person in outside:
        done = await person.command("/report-incident", "Ollie in 9B")
        assert done.status == 200
        assert not done.failed
        told = [str(one) for one in person.ephemerals] + [school.slack.visible_text(view) for view in person.views]
        assert told, f"{person.name} is told something"
        assert all("Ollie" not in one and "Hana" not in one for one in told)
        await person.press(school.on_slack("hana").messages[0], "case.open")
        assert not any("follow me" in school.slack.visible_text(view) for view in person.views)
    await school.settle()
    assert await state(school) == before


async def test_a_command_of_another_workspace_is_refused(school: World) -> None:
    fields = {
        "token": "t",
        "team_id": "T0OTHER",
        "team_domain": "other",
        "channel_id": "D1",
        "user_id": school.on_slack("tess").id,
        "command": "/report-incident",
        "text": "Ollie in 9B",
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:9/none",
    }
    body = urlencode(fields).encode()
    status, text = await school.slack.send_raw(body, {**school.slack.sign(body), "content-type": FORM})
    assert status == 200
    assert "Ollie" not in text
    assert everything_seen(school, "tess") == ""


def command_body(school: World, **fields: str) -> bytes:
    """The body of a slash command as Slack sends it."""
    return urlencode(
        {
            "team_id": "T0ASTOR",
            "user_id": school.on_slack("tess").id,
            "command": "/report-incident",
            "text": "SECRET-MARKER",
            "trigger_id": "1.2.3",
            **fields,
        }
    ).encode()


NOW = str(int(time.time()))


async def test_requests_that_slack_did_not_sign_get_a_4xx_and_leave_no_trace(
    school: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = await state(school)
    good = command_body(school)
    signed = {**school.slack.sign(good), "content-type": FORM}
    old = str(int(time.time()) - 301)
    ahead = str(int(time.time()) + 600)
    attacks: list[tuple[bytes, dict[str, str]]] = [
        (good, {"content-type": FORM}),
        (good, {**signed, "x-slack-signature": "v0=" + "0" * 64}),
        (good, {**signed, "x-slack-signature": "v0=ü"}),
        (good, {**signed, "x-slack-signature": ""}),
        (good + b"&text=more", signed),
        (good, {**school.slack.sign(good, secret="another-secret"), "content-type": FORM}),
        (good, {**school.slack.sign(good, timestamp=old), "content-type": FORM}),
        (good, {**school.slack.sign(good, timestamp=ahead), "content-type": FORM}),
        *(
            (good, {**school.slack.sign(good, timestamp=stamp), "content-type": FORM})
            for stamp in ("now", "", "1e9", "-1", "９９９", "99999999999999999999", "0x10", f"{NOW}.5", f" {NOW}")
        ),
        *((body, {**school.slack.sign(body), "content-type": FORM}) for body in MALFORMED),
        *((body, {**school.slack.sign(body), "content-type": "application/json"}) for body in MALFORMED_JSON),
        (b"x" * (1024 * 1024 + 1), {**school.slack.sign(b"x" * (1024 * 1024 + 1)), "content-type": FORM}),
    ]
    for body, headers in attacks:
        status, text = await school.slack.send_raw(body, headers)
        assert 400 <= status < 500, (status, body[:80], headers)
        assert "SECRET-MARKER" not in text
    await school.settle()
    assert await state(school) == before
    assert school.on_slack("tess").views == []
    printed = capfd.readouterr()
    assert "SECRET-MARKER" not in printed.out + printed.err + caplog.text


MALFORMED = (
    b"\xff\xfe\x00SECRET-MARKER",
    b"payload=",
    b"payload=SECRET-MARKER",
    b"payload=%7B",
    b"payload=%5B%5D",
    b"payload=%22SECRET-MARKER%22",
    b"payload=null",
    b"payload=%7B%22type%22%3A%22view_submission%22%7D",
    b"payload=%7B%22type%22%3A%22view_submission%22%2C%22view%22%3A%22SECRET-MARKER%22%7D",
    b"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%5D%7D",
    b"payload=%7B%22type%22%3A%7B%7D%7D",
)
MALFORMED_JSON = (b"", b"{", b"[]", b"null", b'"SECRET-MARKER"', b"\xff", b'{"type": "event_callback"}', b"[" * 5000)
