"""What a human sees, and what Slack would bring to life."""

from __future__ import annotations

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from tests.unit.sandbox.making import Json, actions, button, plain, section


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


async def test_rich_text_reads_as_text(slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson) -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "milk"}]}
    block = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "For ", "style": {"bold": True}},
                    {"type": "user", "user_id": tess.id},
                    {"type": "emoji", "name": "milk_glass"},
                    {"type": "link", "url": "https://astor.example", "text": "here"},
                    {"type": "broadcast", "range": "here"},
                ],
            },
            {"type": "rich_text_list", "style": "ordered", "elements": [item, item]},
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [item]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\nb"}]},
        ],
    }
    await client.chat_postMessage(channel=tess.id, text="t", blocks=[block])
    assert slack.visible_text(tess.last_message).splitlines() == [
        "For @Tess Teacher:milk_glass:here@here",
        "1. milk",
        "2. milk",
        "  • milk",
        "> said",
        "a",
        "b",
    ]
    assert slack.mentions(tess.last_message) == [f"<@{tess.id}>", "<https://astor.example>", "<!here>"]
    assert slack.violations == []


async def test_everything_else_that_a_message_shows(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    blocks: list[Json] = [
        {"type": "header", "text": plain("Case 7")},
        {
            "type": "section",
            "fields": [{"type": "mrkdwn", "text": "*Who*\nA &amp; B"}, plain("x < y")],
            "accessory": button("go", "Go"),
        },
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "kept <!date^1^{date}|1 January>"}]},
        {"type": "image", "image_url": "https://astor.example/i.png", "alt_text": "a badge"},
        actions(button("a", "A"), button("b", "B", style="danger")),
    ]
    await client.chat_postMessage(channel=tess.id, text="Case 7", blocks=blocks)
    assert slack.visible_text(tess.last_message).splitlines() == [
        "Case 7",
        "*Who*",
        "A & B",
        "x < y",
        "[Go]",
        "---",
        "kept 1 January",
        "(a badge)",
        "[A] [B]",
    ]
    assert slack.violations == []


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("<!channel> and <@U1> and <#C1|staff>", ["<!channel>", "<@U1>", "<#C1|staff>"]),
        ("<http://evil.example|click> <mailto:a@b.example>", ["<http://evil.example|click>", "<mailto:a@b.example>"]),
        ("see https://evil.example/x now", ["https://evil.example/x"]),
        ("<!subteam^S1>", ["<!subteam^S1>"]),
        ("&lt;!channel&gt; and a < b > c and <b>", []),
    ],
)
async def test_what_is_live(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson, text: str, live: list[str]
) -> None:
    await client.chat_postMessage(channel=tess.id, text=text)
    assert slack.mentions(tess.last_message) == live
    await client.chat_postMessage(channel=tess.id, text="t", blocks=[section(text)])
    assert slack.mentions(tess.last_message) == live
    inert = {"type": "section", "text": plain(text)}
    await client.chat_postMessage(channel=tess.id, text="t", blocks=[inert, rich({"type": "text", "text": text})])
    assert slack.mentions(tess.last_message) == []
    assert slack.visible_text(tess.last_message) == f"{text}\n{text}"
