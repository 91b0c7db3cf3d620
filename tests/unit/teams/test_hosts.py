"""The bot's token goes to Microsoft's connectors and nowhere else, whoever names the address."""

from __future__ import annotations

import json
import re

import aiohttp
import pytest
from aiohttp import web

from bot.teams.hosts import may_have_token
from handlers.ports import DeliveryError
from tests.unit.teams.conftest import Ours
from tests.unit.teams.test_messenger import ALERT

MICROSOFTS = (
    "https://smba.trafficmanager.net/uk/",
    "https://SMBA.trafficmanager.net/emea/7c1d9e55-0000-4000-8000-0000000a5702/",
    "https://smba.trafficmanager.net:443/amer/",
    "https://europe.smba.botframework.com/",
    "https://smba.infra.gcc.teams.microsoft.com/teams/",
    "https://smba.infra.gov.teams.microsoft.us/teams/",
    "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/gallatin/",
)
FOREIGN = (
    "http://smba.trafficmanager.net/uk/",
    "https://evil.trafficmanager.net/uk/",
    "https://smba.trafficmanager.net.evil.example/",
    "https://evilbotframework.com/",
    "https://smba.trafficmanager.net@evil.example/",
    "https://evil.example\\@smba.trafficmanager.net/",
    "https://smba.trafficmanager.net:8443/",
    "https://evil.example/?smba.trafficmanager.net",
    "https://evil.example/#.botframework.com",
    "https://169.254.169.254/metadata/",
    "https://127.0.0.1/uk/",
    "https://localhost/uk/",
    "https://[::1]/uk/",
    "https://10.0.0.5/",
    "file:///etc/passwd",
    "//smba.trafficmanager.net/",
    "smba.trafficmanager.net",
    "https://smba.trafficmanager.net /uk/",
    "https://[smba.trafficmanager.net/",
    "https://",
    "",
)


@pytest.mark.parametrize("url", MICROSOFTS)
def test_microsofts_own_services(url: str) -> None:
    assert may_have_token(url, local=False)


@pytest.mark.parametrize("url", FOREIGN)
def test_everybody_elses(url: str) -> None:
    assert not may_have_token(url, local=False)


@pytest.mark.parametrize("url", [*MICROSOFTS, "https://evil.example/", "http://10.0.0.5/uk/"])
def test_a_microsoft_that_is_played_here_is_here(url: str) -> None:
    assert not may_have_token(url, local=True)
    assert may_have_token("http://127.0.0.1:4000/uk/", local=True)


async def test_a_signed_activity_of_a_foreign_service_is_refused_and_gets_no_token(
    ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    stolen: list[str] = []

    async def thief(request: web.Request) -> web.Response:
        stolen.append(request.headers.get("Authorization", ""))
        return web.json_response({"id": "1"})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", thief)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service = f"http://localhost:{runner.addresses[0][1]}/uk/"
    activity = {**(await ours.ada.say("hello")).activity, "id": "other", "serviceUrl": service}
    body, headers = json.dumps(activity).encode(), {"Authorization": f"Bearer {ours.teams.token(serviceurl=service)}"}
    # On this machine any service here may be the played Microsoft's: the thief calls itself by the other name.
    monkeypatch.setattr("bot.teams.hosts.is_loopback", lambda host: host == "127.0.0.1")
    assert await ours.teams.send_raw(body, headers) == (403, "")
    ours.remembered.known["teams", "ben@school.example"] = ("a:1", service)
    with pytest.raises(DeliveryError, match="foreign_service"):
        await ours.adapter.messenger.post("ben@school.example", ALERT)
    async with aiohttp.ClientSession() as session, session.get(service) as answer:
        assert answer.status == 200
    assert stolen == [""]
    await runner.cleanup()


async def test_hostile_text_takes_no_time(ours: Ours) -> None:
    """A pattern over these would look back for minutes, and hold up everybody."""
    for text in ("<at" * 30_000, "<at>" * 30_000, "<at " * 30_000, "<at><at>x</at>" * 8_000 + "staffroom"):
        await ours.ada.say(text)
        assert ours.ada.last_message.buttons
    assert not re.search("<at", ours.teams.visible_text(ours.ada.last_message))
