"""Microsoft's own SDK understands what the loopback sends, and the loopback what the SDK sends."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import msal  # type: ignore[import-untyped]
import pytest
from aiohttp import web

from bot.sandbox.loopback_teams import LoopbackTeams
from tests.unit.loopback_teams.making import Json, ask, card, dialog, execute, opens_dialog, replaced, submit, words

# The SDK warns of its own previews when it is imported.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from microsoft_teams.api import InvokeResponse
    from microsoft_teams.api.activities import MessageActivityInput
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps import App
    from microsoft_teams.apps.http.adapter import HttpMethod, HttpRequest, HttpRouteHandler
    from microsoft_teams.cards import AdaptiveCard

# Its own constructor uses what it calls deprecated; targeted messages are a preview to it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The .* client is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::microsoft_teams.common.experimental.ExperimentalWarning"),
]


class AiohttpAdapter:
    """Serves the SDK's routes on aiohttp."""

    def __init__(self) -> None:
        self.web = web.Application()

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        async def handle(request: web.Request) -> web.Response:
            headers = {key.lower(): value for key, value in request.headers.items()}
            answer = await handler(HttpRequest(body=await request.json(), headers=headers))
            if answer["body"] is None:
                return web.Response(status=answer["status"])
            return web.json_response(answer["body"], status=answer["status"])

        self.web.router.add_route(method, path, handle)

    def serve_static(self, path: str, directory: str) -> None:
        raise NotImplementedError

    async def start(self, port: int) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        return None


async def token_of(teams: LoopbackTeams) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": teams.client_id,
        "client_secret": teams.client_secret,
        "scope": "https://api.botframework.com/.default",
    }
    place = f"{teams.login_url}/{teams.tenant_id}/oauth2/v2.0/token"
    async with aiohttp.ClientSession() as session, session.post(place, data=form) as answer:
        return str((await answer.json())["access_token"])


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[LoopbackTeams, App]]:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "SERVICE_URL"):
        monkeypatch.delenv(name, raising=False)
    async with LoopbackTeams() as teams:
        adapter = AiohttpAdapter()

        async def token(_scope: object, _tenant: object) -> str:
            return await token_of(teams)

        app = App(
            client_id=teams.client_id,
            tenant_id=teams.tenant_id,
            token=token,
            service_url=teams.service_url,
            http_server_adapter=adapter,
            cloud=with_overrides(
                PUBLIC, openid_metadata_url=teams.openid_metadata_url, login_endpoint=teams.secure_login_url
            ),
        )
        await app.initialize()
        # The SDK fetches the keys with a blocking call, which cannot be answered from this very loop.
        validator = app.server._token_validator
        assert validator is not None
        await asyncio.to_thread(validator._service_validator._jwks_client.get_jwk_set, True)
        runner = web.AppRunner(adapter.web, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        teams.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages")
        yield teams, app
        await runner.cleanup()
        await app.http_client.http.aclose()
        await app.api.http.http.aclose()


def sent_card(content: Json) -> MessageActivityInput:
    return MessageActivityInput(summary="News").add_card(AdaptiveCard.model_validate(content))


async def test_a_whole_story_over_the_sdk(served: tuple[LoopbackTeams, App]) -> None:
    teams, app = served
    tess = teams.add_person("Tess Teacher", "tess@astor.example", installed=False)
    heard: list[str] = []

    @app.on_install_add
    async def installed(ctx: Any) -> None:
        heard.append(f"installed {ctx.activity.channel_data.tenant.id == teams.tenant_id}")

    @app.on_message
    async def typed(ctx: Any) -> None:
        if ctx.activity.value:
            heard.append(f"submitted {ctx.activity.value}")
            return
        heard.append(f"typed {ctx.activity.text}")
        body = card(words("Well?"), actions=[execute("Approve", "go", action="go"), opens_dialog("Reject")])
        body["actions"].append(submit("Later", later=True))
        await ctx.send(sent_card(body))

    @app.on_card_action_execute("go")
    async def approve(ctx: Any) -> Any:
        heard.append(f"pressed {ctx.activity.value.action.verb}")
        return InvokeResponse(status=200, body=replaced(card(words("Approved"))))

    @app.on_dialog_open
    async def opened(_: Any) -> Any:
        form = card(ask("Text", "why", label="Why?"), actions=[submit("Send")])
        return InvokeResponse(status=200, body=dialog(form))

    @app.on_dialog_submit
    async def done(ctx: Any) -> Any:
        heard.append(f"because {ctx.activity.value.data['why']}")
        return InvokeResponse(status=200, body={"task": {"type": "message", "value": "Thank you"}})

    @app.on_message_ext_open
    async def command(ctx: Any) -> Any:
        heard.append(f"{ctx.activity.value.command_id} on {ctx.activity.value.message_payload.body.content}")
        return InvokeResponse(status=200, body=dialog(card(words("From a message"))))

    assert (await tess.install()).status == 200
    hello = await tess.say("hello")
    assert hello.status == 200
    message = tess.last_message
    assert tess.notifications == ["News"]
    await tess.press(message, "Later")
    await tess.press(message, "Reject")
    assert tess.dialog is not None
    assert tess.dialog.title == "A form"
    await tess.submit({"why": "too soon"})
    assert tess.toasts == ["Thank you"]
    await tess.press(message, "Approve")
    assert teams.visible_text(tess.last_message) == "Approved"
    assert hello.message is not None
    await tess.message_action("report", hello.message)
    assert teams.visible_text(tess.dialogs[-1]) == "A form\nFrom a message"
    sent = await app.send(tess.conversation_id, "Good morning")
    assert (tess.last_message.id, tess.last_message.text) == (sent.id, "Good morning")
    member = await app.api.conversations.get_member_by_id(tess.conversation_id, tess.aad_object_id)
    assert (member.email, member.user_role, member.tenant_id) == ("tess@astor.example", "user", teams.tenant_id)
    assert heard == [
        "installed True",
        "typed hello",
        "submitted {'later': True}",
        "because too soon",
        "pressed go",
        "report on <div>hello</div>",
    ]
    assert teams.violations == []


async def test_the_sdk_understands_files(served: tuple[LoopbackTeams, App]) -> None:
    teams, app = served
    tess = teams.add_person("Tess Teacher", "tess@astor.example")
    heard: list[str] = []

    @app.on_message
    async def typed(ctx: Any) -> None:
        heard.extend(f"{one.content_type} {one.name}" for one in ctx.activity.attachments)

    @app.on_message_ext_open
    async def command(ctx: Any) -> Any:
        heard.extend(f"{one.content_type} {one.name}" for one in ctx.activity.value.message_payload.attachments)
        return InvokeResponse(status=200, body=dialog(card(words("From a message"))))

    files = [teams.add_file("a.pdf", b"PDF"), teams.add_file("", b"PNG", pasted=True)]
    said = await tess.say("here", attachments=files)
    assert said.message is not None
    await tess.message_action("report_message", said.message)
    assert heard == [
        "application/vnd.microsoft.teams.file.download.info a.pdf",
        "image/* None",
        "text/html None",
        "reference a.pdf",
    ]
    assert teams.violations == []


async def test_forged_tokens_do_not_pass_the_sdk(served: tuple[LoopbackTeams, App]) -> None:
    teams, app = served
    tess = teams.add_person("Tess Teacher", "tess@astor.example")
    heard: list[str] = []

    @app.on_message
    async def typed(ctx: Any) -> None:
        heard.append(ctx.activity.text)

    activity = (await tess.say("once")).activity
    wrong: list[dict[str, Any]] = [
        {"alg": "none"},
        {"alg": "HS256"},
        {"signer": "stranger", "kid": jwt.get_unverified_header(teams.token())["kid"]},
        {"iss": "https://elsewhere.example"},
        {"aud": "another-app"},
        {"serviceurl": "https://elsewhere.example"},
        {"serviceurl": None},
        {"exp": 1_700_000_000},
    ]
    for forged in wrong:
        assert (await teams.send_activity(activity, token=teams.token(**forged))).status == 401, forged
    assert heard == ["once"]
    # The SDK lets these two pass; whoever uses it has to look for themselves (teams.md, traps).
    assert (await teams.send_activity(activity, token=teams.token(exp=None))).status == 200
    foreign = activity | {"conversation": activity["conversation"] | {"tenantId": "another"}}
    assert (await teams.send_activity(foreign)).status == 200


async def test_a_targeted_message_is_answered_for_its_sender_only(served: tuple[LoopbackTeams, App]) -> None:
    teams, app = served
    tess = teams.add_person("Tess Teacher", "tess@astor.example")
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    staff = teams.add_channel("staff", [tess, sam])

    @app.on_message
    async def typed(ctx: Any) -> None:
        await ctx.send("between us")

    await tess.slash("report", staff)
    assert teams.channel_messages(staff) == []
    assert [(m.text, m.targeted_to) for m in teams.in_conversation(staff)][1:] == [("between us", tess.id)]


async def test_msal_gets_a_token_over_https(monkeypatch: pytest.MonkeyPatch, teams: LoopbackTeams) -> None:
    # What stands in these would win over `verify`.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)

    def ask_for(**how: Any) -> Json:
        app = msal.ConfidentialClientApplication(
            teams.client_id, client_credential=teams.client_secret, verify=str(teams.ca_bundle), **how
        )
        found: Json = app.acquire_token_for_client(["https://api.botframework.com/.default"])
        return found

    place = f"{teams.secure_login_url}/{teams.tenant_id}"
    for how in ({"oidc_authority": f"{place}/v2.0"}, {"authority": place, "instance_discovery": False}):
        answer = await asyncio.to_thread(ask_for, **how)
        assert answer.get("access_token") in teams.access_tokens, answer
