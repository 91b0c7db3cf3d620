"""Forged, replayed, stale, forwarded and double clicks; strangers; bodies that are no requests."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.sandbox.world import World
from storage.audit import verify
from tests.stories.acting import (
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    card,
    everything_seen,
    file,
    press,
    rings,
    screen,
    shown,
    take,
    texts,
)

FORM = "application/x-www-form-urlencoded"


async def state(school: World) -> dict[str, str]:
    """Everything that stands in anybody's messages."""
    return {name: texts(school, name) for name in school.people}


async def test_the_same_click_delivered_again_does_nothing_more(school: World) -> None:
    reference = await file(school, "tess")
    taken = await take(school, "hana", reference)
    await school.people["priya"].press(card(school, "priya", reference), "case.open")
    before = await state(school)
    again = await school.slack.redeliver(taken)
    assert again.status == 200
    await school.settle()
    assert await state(school) == before
    # The reply is given again, with a trigger that has served: Slack says so, and that is all.
    assert school.slack.violations == ["views.open: exchanged_trigger_id"]
    school.slack.violations.clear()


async def test_a_submission_delivered_again_or_pressed_twice_makes_one_report(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    form = screen(school, "tess").snapshot()
    sent = await answer(school, "tess", **DETAILS)
    assert (await school.slack.redeliver(sent)).status == 200
    await school.people["tess"].submit(form, dict(DETAILS), force=True)
    await school.settle()
    assert len(school.cards("hana")) == 1
    assert len(school.cards("tess")) == 1
    assert rings(school, "hana") == 1


async def test_a_report_sent_twice_with_other_words_loses_neither(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    form = screen(school, "tess").snapshot()
    await answer(school, "tess", **DETAILS)
    other = {**DETAILS, "what_happened": "And on my phone I wrote this."}
    await school.people["tess"].submit(form, other, force=True)
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    assert DETAILS["what_happened"] in shown(school, "hana")
    assert "And on my phone I wrote this." in shown(school, "hana")


async def test_a_click_on_an_old_copy_of_a_card_changes_nothing_and_says_who_acted(school: World) -> None:
    reference = await file(school, "tess")
    old = card(school, "hana", reference).snapshot()
    await take(school, "priya", reference)
    await school.people["hana"].press(old, "case.take")
    assert "Priya Shah has" in shown(school, "hana")
    assert "Nothing was changed" in shown(school, "hana")
    await school.people["hana"].press(old, "case.pass_on")
    assert "Nothing was changed" in shown(school, "hana")


@pytest.mark.parametrize("who", ["tess", "carl", "sam", "nina"])
async def test_a_forwarded_card_is_worth_nothing_to_anybody_else(school: World, who: str) -> None:
    reference = await file(school, "tess", what_happened="Ollie in 9B asked to follow me.")
    hers = card(school, "hana", reference)
    before = await state(school)
    for action in ("case.take", "case.open", "case.pass_on"):
        await school.people[who].press(hers, action)
        assert "isn't open to you" in shown(school, who)
        assert "Ollie" not in shown(school, who)
    await school.settle()
    assert await state(school) == before


@pytest.mark.parametrize(
    "value",
    ["", "0", ":", "x:1", f"{'0' * 32}:1", f"{'0' * 32}:99999999999", "../../etc/passwd", "' or 1=1 --", "é" * 500],
)
async def test_a_made_up_button_is_refused_like_any_other(school: World, value: str) -> None:
    reference = await file(school, "tess")
    before = await state(school)
    for action in ("case.take", "case.open"):
        done = await school.people["hana"].press(card(school, "hana", reference), action, value=value)
        assert done.status == 200
        assert "isn't open to you" in shown(school, "hana")
    await school.settle()
    assert await state(school) == before


async def test_a_made_up_form_is_refused_and_gives_the_words_back(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "hana", reference)
    await press(school, "hana", reference, "case.note")
    form = screen(school, "hana")
    payload = {
        "type": "view_submission",
        "team": {"id": "T0ASTOR", "domain": "astor"},
        "user": {"id": school.people["sam"].id, "team_id": "T0ASTOR"},
        "trigger_id": "1.2.forged",
        "view": {
            **form.raw,
            "id": "V1",
            "type": "modal",
            "state": {"values": {"text": {"text": {"type": "plain_text_input", "value": "Mine now."}}}},
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
        await person.press(school.cards("hana")[0], "case.open")
        assert not any("follow me" in school.slack.visible_text(view) for view in person.views)
    await school.settle()
    assert await state(school) == before


async def test_a_command_of_another_workspace_is_refused(school: World) -> None:
    fields = {
        "token": "t",
        "team_id": "T0OTHER",
        "team_domain": "other",
        "channel_id": "D1",
        "user_id": school.people["tess"].id,
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


async def test_somebody_demoted_loses_what_their_card_could_do(school: World) -> None:
    reference = await file(school, "tess")
    people = school.people_file.read_text(encoding="utf-8")
    await school.stop()
    school.write_people(people.replace("hana.hughes@astor.example,headteacher", "hana.hughes@astor.example,"))
    old = card(school, "hana", reference).snapshot()
    await school.start()
    for action in ("case.take", "case.open"):
        await school.people["hana"].press(old, action)
        assert "isn't open to you" in shown(school, "hana")
    await school.settle()
    assert "with someone else now" in texts(school, "hana")


def command_body(school: World, **fields: str) -> bytes:
    """The body of a slash command as Slack sends it."""
    return urlencode(
        {
            "team_id": "T0ASTOR",
            "user_id": school.people["tess"].id,
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
    assert school.people["tess"].views == []
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


async def test_every_refusal_is_in_the_audit_by_ids_alone(school: World) -> None:
    reference = await file(school, "tess", what_happened="SECRET-MARKER")
    await school.people["carl"].press(card(school, "hana", reference), "case.open")
    await school.people["hana"].press(card(school, "hana", reference), "case.open", value="f" * 32 + ":1")
    database = school.running.database
    async with database.reading() as uow:
        rows = [row for row in await uow.audit_rows() if row.action == "refused"]
    assert [dict(row.ids)["reason"] for row in rows] == ["not-a-reader", "no-such-record"]
    assert (await verify(database)).problems == ()


async def test_what_is_kept_is_unreadable_on_the_disk(school: World, tmp_path: Path) -> None:
    await file(school, "tess", what_happened="SECRET-MARKER happened", where="https://secret-marker.example")
    await school.stop()
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("staffroom.db*")))  # noqa: ASYNC240 - a test
    for word in (b"SECRET-MARKER", b"secret-marker", b"Hughes", b"astor.example", b"friend_request", b"01632"):
        assert word not in stored
    await school.start()
