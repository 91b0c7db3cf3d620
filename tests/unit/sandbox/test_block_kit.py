"""Every limit of Block Kit, at the edge and one beyond."""

from __future__ import annotations

import json

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from bot.sandbox.loopback_slack.blocks import check_message, check_view
from tests.unit.sandbox.making import Json, actions, ask, button, modal, option, plain, section, typed


def select(*options: Json, **more: object) -> Json:
    return {"type": "static_select", "action_id": "s", "options": list(options), **more}


def confirm(text: str = "Sure?", **more: object) -> Json:
    return {"title": plain("T"), "text": plain(text), "confirm": plain("Y"), "deny": plain("N"), **more}


def in_message(*blocks: Json) -> tuple[str, list[str]]:
    return check_message("t", list(blocks))


FINE = [
    [section("x" * 3000)],
    [{"type": "section", "fields": [plain("x" * 2000)] * 6}],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [plain("x")] * 10}],
    [actions(*[button(f"b{n}", "x" * 75, "v" * 2000, style="danger", confirm=confirm()) for n in range(25)])],
    [{"type": "divider", "block_id": str(n)} for n in range(50)],
    [actions(select(*[option(f"{n}") for n in range(100)]))],
    [actions(select(option("v" * 150, "x" * 75), initial_option=option("v" * 150, "x" * 75)))],
    [actions({"type": "checkboxes", "options": [option(f"{n}") for n in range(10)]})],
    [section("x", accessory={"type": "image", "image_url": "https://astor.example/i.png", "alt_text": "i"})],
    [{"type": "markdown", "text": "x" * 12000}],
]

REFUSED = [
    (section(""), "/blocks/0/text/text"),
    (section("x" * 3001), "/blocks/0/text/text"),
    ({"type": "section"}, "/blocks/0"),
    ({"type": "section", "fields": []}, "/blocks/0/fields"),
    ({"type": "section", "fields": [plain("x")] * 11}, "/blocks/0/fields"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "/blocks/0/fields/0/text"),
    ({"type": "section", "text": "words"}, "/blocks/0/text"),
    ({"type": "section", "text": {"type": "markdown", "text": "x"}}, "/blocks/0/text/type"),
    ({"type": "section", "text": plain("x") | {"verbatim": True}}, "/blocks/0/text"),
    (section("x", colour="red"), "/blocks/0"),
    (section("x", block_id="b" * 256), "/blocks/0/block_id"),
    (section("x", accessory={"type": "plain_text_input", "action_id": "a"}), "/blocks/0/accessory/type"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text/type"),
    ({"type": "header"}, "/blocks/0"),
    ({"type": "context", "elements": [plain("x")] * 11}, "/blocks/0/elements"),
    ({"type": "context", "elements": [button("a", "A")]}, "/blocks/0/elements/0/type"),
    ({"type": "context", "elements": []}, "/blocks/0/elements"),
    (actions(), "/blocks/0/elements"),
    (actions(*[button(f"b{n}", "x") for n in range(26)]), "/blocks/0/elements"),
    (actions(button("a", "A"), button("a", "B")), "/blocks/0/elements/1/action_id"),
    (actions(button("a" * 256, "A")), "/blocks/0/elements/0/action_id"),
    (actions(button("a", "x" * 76)), "/blocks/0/elements/0/text/text"),
    (actions(button("a", "")), "/blocks/0/elements/0/text/text"),
    (actions(button("a", "A", "v" * 2001)), "/blocks/0/elements/0/value"),
    (actions(button("a", "A", style="default")), "/blocks/0/elements/0/style"),
    (actions(button("a", "A", colour="red")), "/blocks/0/elements/0"),
    (actions(button("a", "A", confirm=confirm("x" * 301))), "/blocks/0/elements/0/confirm/text/text"),
    (actions(button("a", "A", confirm=confirm(style="loud"))), "/blocks/0/elements/0/confirm/style"),
    (actions(button("a", "A", confirm={"title": plain("T")})), "/blocks/0/elements/0/confirm"),
    (
        actions(button("a", "A", confirm=confirm(title=plain("x" * 101)))),
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        actions(button("a", "A", confirm=confirm(deny=plain("x" * 31)))),
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    (actions(button("a", "A", url="https://" + "x" * 2993)), "/blocks/0/elements/0/url"),
    (
        {"type": "image", "image_url": "https://astor.example/i.png", "alt_text": "x" * 2001},
        "/blocks/0/alt_text",
    ),
    (actions({"type": "plain_text_input", "action_id": "a"}), "/blocks/0/elements/0/type"),
    (actions(select(*[option(f"{n}") for n in range(101)])), "/blocks/0/elements/0/options"),
    (actions(select()), "/blocks/0/elements/0/options"),
    (actions(select(option("v", "x" * 76))), "/blocks/0/elements/0/options/0/text/text"),
    (actions(select(option("v" * 151))), "/blocks/0/elements/0/options/0/value"),
    (
        actions(select(option("v") | {"description": plain("x" * 76)})),
        "/blocks/0/elements/0/options/0/description/text",
    ),
    (actions(select(option("v"), initial_option=option("w"))), "/blocks/0/elements/0/initial_option"),
    (actions(select(option("v"), placeholder=plain("x" * 151))), "/blocks/0/elements/0/placeholder/text"),
    (
        actions({"type": "radio_buttons", "options": [option(f"{n}") for n in range(11)]}),
        "/blocks/0/elements/0/options",
    ),
    (actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]}), "/blocks/0/elements/0/options"),
    (actions({"type": "datepicker", "initial_date": "1.9.2026"}), "/blocks/0/elements/0/initial_date"),
    ({"type": "image", "image_url": "https://astor.example/i.png"}, "/blocks/0"),
    ({"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}, "/blocks/0/type"),
    ({"type": "nonsense"}, "/blocks/0/type"),
    ({"type": "markdown", "text": "x" * 12001}, "/blocks/0/text"),
    ({"type": "rich_text", "elements": []}, "/blocks/0/elements"),
    ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "/blocks/0/elements/0/type"),
    (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
        },
        "/blocks/0/elements/0/elements/0/text",
    ),
    (
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "dashes", "elements": []}]},
        "/blocks/0/elements/0/style",
    ),
    (
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"big": True}}]}
            ],
        },
        "/blocks/0/elements/0/elements/0/style",
    ),
    (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_quote", "elements": [{"type": "broadcast", "range": "all"}]}],
        },
        "/blocks/0/elements/0/elements/0/range",
    ),
]


@pytest.mark.parametrize("blocks", FINE)
def test_a_message_at_the_limit_is_fine(blocks: list[Json]) -> None:
    assert check_message("t", blocks) == ("", [])


@pytest.mark.parametrize(("block", "pointer"), REFUSED)
def test_a_block_beyond_a_limit_is_refused_where_it_is_wrong(block: Json, pointer: str) -> None:
    code, messages = in_message(block)
    assert code == "invalid_blocks"
    assert any(f"[json-pointer:{pointer}]" in message for message in messages), messages


def test_limits_on_whole_messages() -> None:
    assert check_message("x" * 40_000, None) == ("", [])
    assert check_message("x" * 40_001, None)[0] == "msg_too_long"
    assert check_message("", None)[0] == "no_text"
    assert check_message(None, [])[0] == "no_text"
    assert check_message("t", [{"type": "divider"}] * 51)[0] == "invalid_blocks"
    assert check_message("t", [section("x" * 2600)] * 5) == ("", [])
    assert check_message("t", [section("x" * 2600)] * 5 + [section("x")])[0] == "msg_blocks_too_long"
    double = [section("x", block_id="a"), section("y", block_id="a")]
    assert "already exists" in check_message("t", double)[1][0]


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    again = actions(button("a", "A")) | {"block_id": "other"}
    assert in_message(actions(button("a", "A")), again) == ("", [])


INPUTS: list[tuple[Json, str]] = [
    (typed("a", max_length=3000, min_length=0, initial_value="x" * 3000), ""),
    (typed("a", max_length=3001), "/view/blocks/0/element/max_length"),
    (typed("a", max_length=0), "/view/blocks/0/element/max_length"),
    (typed("a", initial_value="x" * 3001), "/view/blocks/0/element/initial_value"),
    (typed("a", placeholder=plain("x" * 151)), "/view/blocks/0/element/placeholder/text"),
    (typed("a", rows=3), "/view/blocks/0/element"),
    (ask("a", {"type": "plain_text_input"}, "x" * 2001), "/view/blocks/0/label/text"),
    (ask("a", {"type": "plain_text_input"}, hint=plain("x" * 2001)), "/view/blocks/0/hint/text"),
    (ask("a", {"type": "plain_text_input"}, optional="yes"), "/view/blocks/0/optional"),
    (ask("a", {"type": "button", "text": plain("x")}), "/view/blocks/0/element/type"),
    (ask("a", {"type": "number_input"}), "/view/blocks/0/element"),
    (ask("a", {"type": "file_input", "max_files": 10}), ""),
    (ask("a", {"type": "file_input", "max_files": 11}), "/view/blocks/0/element/max_files"),
    (ask("a", {"type": "external_select", "min_query_length": 0, "initial_option": option("x")}), ""),
    (ask("a", {"type": "external_select", "options": [option("x")]}), "/view/blocks/0/element"),
    (ask("a", {"type": "multi_users_select", "max_selected_items": 0}), "/view/blocks/0/element/max_selected_items"),
    (ask("a", {"type": "timepicker", "initial_time": "24:00"}), "/view/blocks/0/element/initial_time"),
    ({"type": "markdown", "text": "x"}, "/view/blocks/0/type"),
]


@pytest.mark.parametrize(("block", "pointer"), INPUTS)
def test_inputs_in_a_modal(block: Json, pointer: str) -> None:
    code, messages = check_view(modal(block))
    assert code == ("invalid_arguments" if pointer else ""), messages
    assert not pointer or any(f"[json-pointer:{pointer}]" in message for message in messages), messages


VIEWS: list[tuple[Json, str]] = [
    (modal(typed("a"), title=plain("x" * 24), submit=plain("x" * 24), close=plain("x" * 24)), ""),
    (modal(typed("a"), private_metadata="x" * 3000, callback_id="c" * 255), ""),
    (modal(*[{"type": "divider"}] * 100), ""),
    ({"type": "home", "blocks": [typed("a")]}, ""),
    (modal(typed("a"), external_id="e" * 255), ""),
    (modal(typed("a"), external_id="e" * 256), "/view/external_id"),
    (modal(typed("a"), title=plain("x" * 25)), "/view/title/text"),
    (modal(typed("a"), submit=plain("x" * 25)), "/view/submit/text"),
    (modal(typed("a"), close=plain("x" * 25)), "/view/close/text"),
    (modal(typed("a"), private_metadata="x" * 3001), "/view/private_metadata"),
    (modal(typed("a"), callback_id="c" * 256), "/view/callback_id"),
    (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
    (modal(typed("a"), submit=None), "/view"),
    (modal(typed("a"), state={"values": {}}), "/view"),
    (modal(typed("a"), typed("a")), "/view/blocks/1/block_id"),
    ({"type": "modal", "title": plain("t")}, "/view"),
    ({"type": "modal", "blocks": []}, "/view"),
    ({"type": "workflow_step", "blocks": []}, "/view/type"),
    ({"type": "home", "blocks": [], "title": plain("t")}, "/view"),
    ({"type": "home", "blocks": [ask("a", {"type": "file_input"})]}, "/view/blocks/0/element/type"),
    (modal(typed("a", focus_on_load=True), typed("b", focus_on_load=True)), "/view/blocks"),
]


@pytest.mark.parametrize(("view", "pointer"), VIEWS)
def test_limits_on_views(view: Json, pointer: str) -> None:
    code, messages = check_view(view)
    assert code == ("invalid_arguments" if pointer else ""), messages
    assert not pointer or any(f"[json-pointer:{pointer}]" in message for message in messages), messages


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    heavy = modal(*[section("é" * 3000) for _ in range(42)])
    assert len(json.dumps(heavy, ensure_ascii=False).encode()) > 250_000
    assert check_view(heavy)[0] == "view_too_large"


async def test_the_client_is_told_what_is_wrong_and_it_is_noted(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=tess.id, text="t", blocks=[{"type": "header", "text": plain("")}])
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id="1.2.3", view=modal(typed("a"), submit=None))
    assert [violation.split()[:2] for violation in slack.violations] == [
        ["chat.postMessage:", "invalid_blocks"],
        ["views.open:", "invalid_arguments"],
    ]
    assert tess.messages == []
    assert tess.notifications == []
