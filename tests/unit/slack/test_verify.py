"""Requests that are not Slack's, or not as Slack sends them, change nothing and get a plain answer."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest

from tests.unit.slack.conftest import Ours

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SHORTCUT = {
    "type": "shortcut",
    "user": {"id": "U1", "team_id": "T0SCHOOL"},
    "team": {"id": "T0SCHOOL"},
    "trigger_id": "t",
    "callback_id": "x",
}


async def send(ours: Ours, body: bytes, content_type: str = FORM, **headers: str) -> tuple[int, str]:
    signed = ours.slack.sign(body)
    return await ours.slack.send_raw(body, {"Content-Type": content_type, **signed, **headers})


def interactive(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é☃"},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "١٢٣"},
        {"X-Slack-Request-Timestamp": "-5"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": str(int(time.time()) - 100)},
    ],
)
async def test_a_wrong_signature_or_time(ours: Ours, headers: dict[str, str]) -> None:
    status, text = await send(ours, b"command=/x&secret=words", **headers)
    assert status == 401
    assert "words" not in text
    assert ours.slack.calls == []


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_right_signature_of_another_time(ours: Ours, seconds: int) -> None:
    stamp = int(time.time()) + (seconds + 1 if seconds > 0 else seconds - 1)
    body = b"ssl_check=1"
    headers = {"Content-Type": FORM, **ours.slack.sign(body, timestamp=stamp)}
    assert (await ours.slack.send_raw(body, headers))[0] == 401
    headers = {"Content-Type": FORM, **ours.slack.sign(body, timestamp=int(time.time()) - 200)}
    assert (await ours.slack.send_raw(body, headers))[0] == 200


async def test_another_secret(ours: Ours) -> None:
    body = b"ssl_check=1"
    headers = {"Content-Type": FORM, **ours.slack.sign(body, secret="another")}
    assert (await ours.slack.send_raw(body, headers))[0] == 401
    assert (await ours.slack.send_raw(body, {"Content-Type": FORM}))[0] == 401


@pytest.mark.parametrize("says_so", [True, False])
async def test_too_large(ours: Ours, says_so: bool) -> None:
    body = b"a=" + b"b" * 1024 * 1024

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {"Content-Type": FORM, **ours.slack.sign(body)}
    data = io.BytesIO(body) if says_so else pieces()
    async with (
        aiohttp.ClientSession() as session,
        session.post(str(ours.slack.delivery.url), data=data, headers=headers) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"\xff\xfe", FORM),
        (b"command=%ff%fe&user_id=U&team_id=T&trigger_id=t", FORM),
        (b"no equals sign", FORM),
        (b"&".join(b"a%d=b" % n for n in range(500)), FORM),
        (b"payload=", FORM),
        (b"payload=%7Bbroken", FORM),
        (b"payload=%5B1%5D", FORM),
        (b"command=%2Freport-incident&user_id=U1&team_id=T0SCHOOL", FORM),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"{}", JSON),
        (b'{"type": 5}', JSON),
        (b'{"type": "url_verification"}', JSON),
        (b'{"type": "event_callback", "event": []}', JSON),
        (b'{"type": "event_callback", "event_id": "E", "team_id": "T", "event": {"type": 7}}', JSON),
        (b'{"type": "mystery", "event": 3}', JSON),
        (b"[" * 200_000, JSON),
        (b"9" * 10_000, JSON),
        (interactive({"type": "shortcut"}), FORM),
        (interactive({**SHORTCUT, "trigger_id": None}), FORM),
        (interactive({**SHORTCUT, "user": "U1", "team": None}), FORM),
        (interactive({**SHORTCUT, "enterprise": 7}), FORM),
        (interactive({**SHORTCUT, "type": "view_submission", "view": {"id": "V", "callback_id": "x"}}), FORM),
        (interactive({**SHORTCUT, "type": "view_submission", "view": []}), FORM),
        (interactive({**SHORTCUT, "type": "block_actions", "actions": []}), FORM),
        (interactive({**SHORTCUT, "type": "block_actions", "actions": [{"type": "button"}]}), FORM),
        (interactive({**SHORTCUT, "type": "block_actions", "actions": [7]}), FORM),
        (interactive({**SHORTCUT, "command": "/staffroom"}), FORM),
    ],
)
async def test_signed_but_malformed(
    ours: Ours, body: bytes, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    status, text = await send(ours, body, content_type)
    assert (status, text) == (400, "Not a Slack payload.")
    assert ours.slack.calls == []
    assert caplog.records == []


async def test_what_slack_itself_asks(ours: Ours) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0"}).encode()
    status, text = await send(ours, body, JSON)
    assert (status, json.loads(text)) == (200, {"challenge": "c0"})
    assert (await send(ours, b"ssl_check=1&token=x"))[0] == 200
    assert (await send(ours, b'{"type": "app_rate_limited", "team_id": "T0SCHOOL"}', JSON))[0] == 200


@pytest.mark.parametrize(
    "payload",
    [
        {**SHORTCUT, "type": "block_suggestion", "action_id": "a", "value": "x", "user": {"id": "U1"}},
        {**SHORTCUT, "type": "interactive_message", "callback_id": "x", "actions": "forged"},
        {**SHORTCUT, "type": "dialog_submission"},
        {**SHORTCUT, "type": "view_closed", "view": {"id": "V", "type": "modal", "callback_id": "x"}},
    ],
)
async def test_unknown_kinds_are_taken_quietly(ours: Ours, payload: dict[str, object]) -> None:
    assert (await send(ours, interactive(payload)))[0] == 200
    assert ours.school.commands == []


async def test_a_body_that_breaks_off_or_is_garbled(ours: Ours) -> None:
    url = urlsplit(str(ours.slack.delivery.url))
    signed = "".join(f"{name}: {value}\r\n" for name, value in ours.slack.sign(b"").items())
    head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n{signed}"
    for rest in ("Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"):
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write((head + rest).encode())
        await writer.drain()
        answer = await asyncio.wait_for(reader.readline(), 5)
        assert b" 400 " in answer
        writer.close()
        await writer.wait_closed()
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write((head + "Content-Length: 500\r\n\r\nab").encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await send(ours, b"ssl_check=1"))[0] == 200


async def test_a_refused_request_leaves_no_trace_of_its_content(ours: Ours, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    body = b"command=%2Freport-incident&text=the+child+said&user_id=U1&team_id=T0SCHOOL&trigger_id=t"
    await ours.slack.send_raw(body, {"Content-Type": FORM, **ours.slack.sign(body, secret="another")})
    await send(ours, body)
    assert "child" not in caplog.text
