"""Files that people put into forms and messages, and which of them the bot may see."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import ClientRefuses, LoopbackSlack, SlackPerson
from tests.unit.sandbox.conftest import TinyBot
from tests.unit.sandbox.fetching import PICKER, PNG, bearer, code_of, fetched, open_picker
from tests.unit.sandbox.making import Json, ask, modal, plain, section


async def test_files_in_a_form_come_with_the_submission(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, session: aiohttp.ClientSession, tess: SlackPerson
) -> None:
    view = await open_picker(client, tess)
    shots = [tess.upload("Screen Shot.PNG", PNG), tess.upload("chat.eml", b"From: x")]
    tess.fill_in(view, {"proof": shots})
    assert view.fields["proof"].value == [file.id for file in shots]
    assert "Proof: Screen Shot.PNG, chat.eml" in slack.visible_text(view)
    await tess.submit(view)
    state = bot.seen[-1]["view"]["state"]["values"]["proof"]["proof_in"]
    assert state["type"] == "file_input"
    first, second = state["files"]
    told = {
        "id": shots[0].id,
        "created": int(slack.clock()),
        "name": "Screen Shot.PNG",
        "title": "Screen Shot.PNG",
        "mimetype": "image/png",
        "filetype": "png",
        "size": len(PNG),
        "user": tess.id,
        "mode": "hosted",
        "is_external": False,
        "file_access": "visible",
    }
    assert told.items() <= first.items()
    assert (second["mimetype"], second["size"]) == ("message/rfc822", 7), "the list of types is mere advice"
    assert first["url_private_download"].startswith(
        f"{slack.files_url}/files-pri/{slack.team_id}-{first['id']}/download/"
    )
    assert (await client.files_info(file=first["id"]))["file"] == first
    assert await fetched(session, slack, shots[0]) == (200, "image/png", PNG)
    assert slack.violations == []


async def test_a_client_takes_no_more_and_no_larger_files_than_it_may(
    bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    view = await open_picker(client, tess)
    four = [tess.upload(f"{number}.png", PNG) for number in range(4)]
    with pytest.raises(ClientRefuses, match="at most 3"):
        await tess.submit(view, {"proof": four})
    huge = tess.upload("huge.png", bytes(10 * 1024 * 1024 + 1))
    with pytest.raises(ClientRefuses, match="larger than"):
        await tess.submit(view, {"proof": [huge]})
    with pytest.raises(ClientRefuses, match="required"):
        await tess.submit(view, {"proof": []})
    await tess.submit(view, {"proof": [*four, huge]}, force=True)
    assert len(bot.seen[-1]["view"]["state"]["values"]["proof"]["proof_in"]["files"]) == 5


async def test_a_form_with_files_needs_the_scope(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    del bot
    assert "files:read" in (await client.auth_test()).headers["x-oauth-scopes"].split(",")
    file = slack.add_file("a.png", PNG)
    slack.scopes.discard("files:read")
    assert "files:read" not in (await client.auth_test()).headers["x-oauth-scopes"].split(",")
    done = await tess.shortcut("report_incident")
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=done.trigger_id, view=modal(ask("proof", PICKER)))
    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", "files:read")
    assert await code_of(client, file) == "missing_scope"
    assert slack.violations == ["views.open: missing_scope", "files.info: missing_scope"]


@pytest.mark.parametrize(
    ("element", "pointer"),
    [
        ({"max_files": 0}, "/view/blocks/0/element/max_files"),
        ({"max_files": "3"}, "/view/blocks/0/element/max_files"),
        ({"filetypes": []}, "/view/blocks/0/element/filetypes"),
        ({"initial_files": ["F1"]}, "invalid additional property: initial_files"),
    ],
)
async def test_a_picker_that_slack_refuses(
    bot: TinyBot, client: AsyncWebClient, tess: SlackPerson, element: Json, pointer: str
) -> None:
    del bot
    done = await tess.shortcut("report_incident")
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=done.trigger_id, view=modal(ask("proof", PICKER | element)))
    assert pointer in str(refused.value.response["response_metadata"]["messages"])


@pytest.mark.parametrize(
    "block",
    [
        {"type": "input", "label": plain("Proof"), "element": {"type": "file_input", "action_id": "a"}},
        section("Proof", accessory={"type": "file_input", "action_id": "a"}),
        {"type": "actions", "elements": [{"type": "file_input", "action_id": "a"}]},
    ],
)
async def test_a_picker_stands_in_an_input_block_of_a_modal_only(
    client: AsyncWebClient, tess: SlackPerson, block: Json
) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client.chat_postMessage(channel=tess.id, text="Proof", blocks=[block])
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_publish(user_id=tess.id, view={"type": "home", "blocks": [block]})


# --- messages ---


async def test_a_message_with_files_is_reported_by_its_shortcut(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, session: aiohttp.ClientSession, tess: SlackPerson
) -> None:
    carl = slack.add_person("Carl Cole", "carl@astor.example")
    staff = slack.add_channel("staff", [tess, carl])
    file = carl.upload("post.png", PNG)
    said = await carl.say("Look at this", channel=staff, files=[file])
    assert bot.seen[0]["event"]["subtype"] == "file_share"
    await tess.message_shortcut("report_message", said)
    payload = bot.seen[1]
    assert (payload["type"], payload["callback_id"], payload["message_ts"]) == (
        "message_action",
        "report_message",
        said.ts,
    )
    assert (payload["channel"], payload["user"]["id"]) == ({"id": staff, "name": "staff"}, tess.id)
    message = payload["message"]
    assert (message["user"], message["ts"], message["text"]) == (carl.id, said.ts, "Look at this")
    assert message["files"] == [file.describe()]
    assert f"/{file.id}/post.png" in message["files"][0]["permalink"]
    link = (await client.chat_getPermalink(channel=staff, message_ts=said.ts))["permalink"]
    assert link.endswith(f"/archives/{staff}/p{said.ts.replace('.', '')}")
    assert (await fetched(session, slack, file))[2] == PNG
    assert slack.violations == []


async def test_files_where_the_bot_is_no_member_are_a_name_without_a_thing(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, session: aiohttp.ClientSession, tess: SlackPerson
) -> None:
    carl = slack.add_person("Carl Cole", "carl@astor.example")
    for place in (slack.add_dm(carl, tess), slack.add_channel("year-9", [carl, tess], bot_is_member=False)):
        file = carl.upload("post.png", PNG)
        said = await carl.say("Look", channel=place, files=[file])
        await tess.message_shortcut("report_message", said)
        assert bot.seen[-1]["channel"]["id"] == place
        (stub,) = bot.seen[-1]["message"]["files"]
        assert (stub["id"], stub["file_access"]) == (file.id, "access_denied")
        assert "url_private" not in stub
        assert await code_of(client, file) == "file_not_found"
        assert (await fetched(session, slack, file))[:2] == (200, "text/html")
        # The same file, put into a form, is the bot's to see.
        view = await open_picker(client, tess)
        await tess.submit(view, {"proof": [file]})
        assert (await fetched(session, slack, file))[2] == PNG
    assert [seen["type"] for seen in bot.seen if seen["type"] == "event_callback"] == []
    hidden = slack.channel_messages(slack.add_dm(carl, tess))
    assert hidden == []
    private = slack.add_channel("slt", [carl], private=True, bot_is_member=False)
    said = await carl.say("ours", channel=private)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_getPermalink(channel=private, message_ts=said.ts)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.conversations_info(channel=private)
    assert slack.violations == []


async def test_over_slack_connect_the_bot_has_to_ask(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient
) -> None:
    afar = slack.add_person("Ada Away", "ada@elsewhere.example", stranger=True)
    shared = slack.add_channel("trust", [afar])
    file = afar.upload("post.png", PNG)
    await afar.say("Look", channel=shared, files=[file])
    (stub,) = bot.seen[0]["event"]["files"]
    assert stub == {
        "id": file.id,
        "mode": "file_access",
        "file_access": "check_file_info",
        "created": 0,
        "timestamp": 0,
        "user": "",
    }
    assert (await client.files_info(file=file.id))["file"]["name"] == "post.png"
    denied = slack.add_file("b.png", PNG, owner=afar, access="access_denied")
    assert await code_of(client, denied) == "access_denied"


async def test_an_external_file_lies_elsewhere(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, session: aiohttp.ClientSession, tess: SlackPerson
) -> None:
    file = slack.add_file("Rota.gdoc", b"shared", external=True, owner=tess)
    await tess.say("here", files=[file])
    (told,) = bot.seen[0]["event"]["files"]
    assert (told["mode"], told["is_external"], told["external_type"]) == ("external", True, "gdrive")
    assert "url_private_download" not in told
    assert told["url_private"].startswith(slack.elsewhere.url)
    assert (await client.files_info(file=file.id))["file"] == told
    async with session.get(told["url_private"]) as answer:
        assert await answer.read() == b"shared"
    assert slack.violations == []
    async with session.get(told["url_private"], headers=bearer(slack)) as answer:
        assert answer.status == 200
    assert [visit.authorised for visit in slack.elsewhere.visits] == [False, True]
    assert slack.violations == ["elsewhere: the bot's token was sent to a foreign host"]
