"""Forms with a picker for files, and fetching what was put into it, in these tests."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import File, LoopbackSlack, SlackPerson, View
from tests.unit.sandbox.making import Json, ask, modal

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
PICKER: Json = {"type": "file_input", "filetypes": ["png", "jpg"], "max_files": 3}


async def open_picker(client: AsyncWebClient, tess: SlackPerson) -> View:
    done = await tess.shortcut("report_incident")
    await client.views_open(trigger_id=done.trigger_id, view=modal(ask("proof", PICKER)))
    assert tess.view is not None
    return tess.view


def bearer(slack: LoopbackSlack) -> dict[str, str]:
    return {"Authorization": f"Bearer {slack.bot_token}"}


async def fetched(session: aiohttp.ClientSession, slack: LoopbackSlack, file: File) -> tuple[int, str, bytes]:
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        return answer.status, answer.content_type, await answer.read()


async def code_of(client: AsyncWebClient, file: File) -> str:
    with pytest.raises(SlackApiError) as refused:
        await client.files_info(file=file.id)
    return str(refused.value.response["error"])
