"""Forms: filling in, what a Slack client refuses, and every answer that a bot may give."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import ClientRefuses, LoopbackSlack, SlackPerson, View
from tests.unit.sandbox.conftest import TinyBot
from tests.unit.sandbox.making import Json, actions, ask, button, modal, option, plain, section, typed


async def open_form(client: AsyncWebClient, person: SlackPerson, view: Json) -> View:
    done = await person.shortcut("open")
    await client.views_open(trigger_id=done.trigger_id, view=view)
    assert person.view is not None
    return person.view


def answering(answer: object) -> Any:
    async def handle(_: object) -> object:
        return answer

    return handle


async def test_every_kind_of_element_is_reported_in_slacks_shape(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    two = {"options": [option("a"), option("b")]}
    form = modal(
        typed("words", initial_value="before"),
        ask("one", {"type": "static_select", **two}),
        ask("radio", {"type": "radio_buttons", **two, "initial_option": option("b")}),
        ask("boxes", {"type": "checkboxes", **two}, optional=True),
        ask("who", {"type": "users_select"}),
        ask("whom", {"type": "multi_users_select"}),
        ask("day", {"type": "datepicker"}),
        ask("hour", {"type": "timepicker"}),
        ask("proof", {"type": "file_input", "max_files": 2}),
        ask("mail", {"type": "email_text_input"}),
        ask("count", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
        section("Also:", block_id="also", accessory={"type": "static_select", "action_id": "also_in", **two}),
    )
    view = await open_form(client, tess, form)
    file = slack.add_file("a.png", b"x")
    await tess.submit(
        view,
        {
            "one": "a",
            "boxes": ["a", "B"],
            "who": tess.id,
            "whom_in": [tess.id],
            "day": datetime.date(2026, 9, 1),
            "hour": "08:30",
            "proof": [file],
            "mail": "a@b.example",
            "count": 3,
        },
    )
    seen = bot.seen[-1]
    assert seen["type"] == "view_submission"
    assert seen["view"]["id"] == view.id
    assert seen["view"]["type"] == "modal"
    values = seen["view"]["state"]["values"]
    assert values["words"]["words_in"] == {"type": "plain_text_input", "value": "before"}
    assert values["one"]["one_in"]["selected_option"] == option("a")
    assert values["radio"]["radio_in"]["selected_option"] == option("b")
    assert values["boxes"]["boxes_in"]["selected_options"] == [option("a"), option("b")]
    assert values["who"]["who_in"] == {"type": "users_select", "selected_user": tess.id}
    assert values["whom"]["whom_in"]["selected_users"] == [tess.id]
    assert values["day"]["day_in"]["selected_date"] == "2026-09-01"
    assert values["hour"]["hour_in"]["selected_time"] == "08:30"
    assert values["proof"]["proof_in"]["files"][0]["id"] == file.id
    assert values["count"]["count_in"]["value"] == "3"
    assert values["also"]["also_in"] == {"type": "static_select", "selected_option": None}
    assert tess.views == [], "an empty answer closes the view"
    assert slack.violations == []


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input"}, None),
        ({"type": "plain_text_input"}, "x" * 3001),
        ({"type": "plain_text_input", "max_length": 5}, "123456"),
        ({"type": "plain_text_input", "min_length": 3}, "12"),
        ({"type": "email_text_input"}, "nobody"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "2"}, "2.5"),
        ({"type": "datepicker"}, "2026-02-30"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "static_select", "options": [option("a")]}, "z"),
        ({"type": "checkboxes", "options": [option("a")]}, []),
        ({"type": "file_input", "max_files": 1}, ["F404"]),
    ],
)
async def test_the_client_refuses_and_nothing_is_sent_unless_forced(
    bot: TinyBot, client: AsyncWebClient, tess: SlackPerson, element: Json, value: object
) -> None:
    view = await open_form(client, tess, modal(ask("f", element)))
    with pytest.raises(ClientRefuses):
        await tess.submit(view, {"f": value})
    assert len(bot.seen) == 1, "only the shortcut"
    await tess.submit(view, {"f": value}, force=True)
    assert bot.seen[-1]["type"] == "view_submission"


@pytest.mark.usefixtures("bot")
async def test_a_field_that_is_not_there_is_a_mistake_of_the_test(client: AsyncWebClient, tess: SlackPerson) -> None:
    view = await open_form(client, tess, modal(typed("what")))
    with pytest.raises(AssertionError, match="what_in"):
        await tess.submit(view, {"where": "x"})


async def test_errors_keep_the_view_and_what_was_typed(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    view = await open_form(client, tess, modal(typed("what"), typed("why", initial_value="because")))
    bot.handler = answering({"response_action": "errors", "errors": {"what": "Say a little more."}})
    done = await tess.submit(view, {"what": "x"})
    assert done.errors == {"what": "Say a little more."}
    assert not done.failed
    assert tess.view is view
    assert view.fields["what"].value == "x"
    assert "! Say a little more." in slack.visible_text(view)
    bot.handler = None
    await tess.submit(view, {"what": "much more"})
    assert tess.views == []
    assert bot.seen[-1]["view"]["state"]["values"]["why"]["why_in"]["value"] == "because"
    assert slack.violations == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"what_in": "an action_id"}},
        {"response_action": "errors", "errors": {"note": "not an input"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"what": " "}},
        {"response_action": "errrors"},
        {"response_action": "update", "view": modal(typed("a"), typed("a"))},
        {"response_action": "push", "view": {"type": "home", "blocks": []}},
        {"text": "thanks"},
        "thanks",
    ],
)
async def test_an_answer_that_slack_cannot_use_is_an_error_to_the_person(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson, answer: object
) -> None:
    view = await open_form(client, tess, modal(typed("what"), section("x", block_id="note")))
    bot.handler = answering(answer)
    done = await tess.submit(view, {"what": "x"})
    assert done.failed
    assert tess.view is view
    assert len(slack.violations) == 1


async def test_update_push_and_clear(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    view = await open_form(client, tess, modal(typed("one"), typed("kept")))
    first_hash = view.hash
    bot.handler = answering({"response_action": "update", "view": modal(typed("two"), typed("kept"))})
    done = await tess.submit(view, {"one": "1", "kept": "still here"})
    assert done.opened is view is tess.view
    assert view.hash != first_hash
    assert (view.fields["two"].value, view.fields["kept"].value) == (None, "still here")
    bot.handler = answering({"response_action": "push", "view": modal(typed("three"))})
    second = (await tess.submit(view, {"two": "2"})).opened
    assert second is not None
    assert tess.views == [view, second]
    assert second.previous_view_id == second.root_view_id == view.id
    with pytest.raises(ClientRefuses, match="on top"):
        await tess.submit(view, {"two": "2"})
    third = (await tess.submit(second, {"three": "3"})).opened
    assert third is not None
    fourth = await tess.submit(third, {"three": "4"})
    assert fourth.failed
    assert "push_limit_reached" in slack.violations[0]
    bot.handler = answering({"response_action": "clear"})
    await tess.submit(third, {"three": "4"})
    assert tess.views == []
    with pytest.raises(ClientRefuses, match="not on"):
        await tess.submit(third, {"three": "5"})
    assert len(slack.violations) == 1


async def test_views_are_pushed_and_updated_by_call(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    done = await tess.shortcut("open")
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_push(trigger_id=done.trigger_id, view=modal(typed("a")))
    view = await open_form(client, tess, modal(actions(button("more", "More")), external_id="draft-1"))
    pressed = await tess.press(view, "more")
    assert bot.seen[-1]["container"] == {"type": "view", "view_id": view.id}
    pushed = await client.views_push(trigger_id=pressed.trigger_id, view=modal(typed("b")))
    assert pushed["view"]["root_view_id"] == view.id
    assert pressed.opened is tess.view
    changed = await client.views_update(external_id="draft-1", hash=view.hash, view=modal(section("changed")))
    assert changed["view"]["hash"] == view.hash
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view.id, hash="old", view=modal(section("again")))
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V404", view=modal(section("again")))
    assert len(slack.violations) == 2


async def test_an_update_during_the_interaction_belongs_to_it(
    bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    view = await open_form(client, tess, modal(actions(button("more", "More"))))

    async def handle(_: object) -> None:
        await client.views_update(view_id=view.id, view=modal(section("changed")))

    bot.handler = handle
    assert (await tess.press(view, "more")).opened is view


@pytest.mark.usefixtures("bot")
async def test_an_external_id_is_unique(client: AsyncWebClient, tess: SlackPerson) -> None:
    await open_form(client, tess, modal(section("x"), external_id="draft-1"))
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await open_form(client, tess, modal(section("x"), external_id="draft-1"))


async def test_closing_tells_the_bot_only_if_it_asked(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    view = await open_form(client, tess, modal(typed("what")))
    assert await tess.close() is None
    view = await open_form(client, tess, modal(typed("what"), notify_on_close=True))
    done = await tess.close(view)
    assert done is not None
    assert (bot.seen[-1]["type"], bot.seen[-1]["is_cleared"]) == ("view_closed", False)
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id=view.id, view=modal(section("too late")))
    assert slack.violations == [], "that the person closed it is no fault of the bot's"


async def test_the_home_tab(slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson) -> None:
    home: Json = {"type": "home", "blocks": [section("Welcome"), actions(button("go", "Go", "1"))]}

    async def publish(payload: Json) -> None:
        await client.views_publish(user_id=payload["event"]["user"], view=home)

    bot.handler = publish
    await tess.open_home()
    event = bot.seen[0]
    assert event["type"] == "event_callback"
    assert (event["event"]["type"], event["event"]["tab"]) == ("app_home_opened", "home")
    assert event["event_id"].startswith("Ev")
    assert tess.home is not None
    assert slack.visible_text(tess.home) == "Welcome\n[Go]"
    bot.handler = None
    await tess.press(tess.home, "go")
    assert bot.seen[-1]["view"]["type"] == "home"
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_publish(user_id=tess.id, view=modal(section("no")))


@pytest.mark.usefixtures("bot")
async def test_what_is_in_a_view_can_be_read(slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson) -> None:
    menu = {"type": "radio_buttons", "options": [option("a", "Apple") | {"description": plain("red")}]}
    view = await open_form(
        client,
        tess,
        modal(
            section("Hello <@" + tess.id + ">"),
            typed("what", placeholder=plain("A few words"), multiline=True),
            ask("fruit", menu, "Which fruit?", optional=True, hint=plain("Any will do")),
            close=plain("Not now"),
        ),
    )
    assert list(view.fields) == ["what", "fruit"]
    fruit = view.fields["fruit"]
    assert (fruit.label, fruit.type, fruit.optional, fruit.value) == (
        "Which fruit?",
        "radio_buttons",
        True,
        None,
    )
    assert [(o.label, o.value, o.description) for o in fruit.options] == [("Apple", "a", "red")]
    assert view.fields["what"].multiline
    tess.fill_in(view, {"fruit": "Apple"})
    assert slack.visible_text(view).splitlines() == [
        "A form",
        "Hello @Tess Teacher",
        "What: (A few words)",
        "Which fruit? (optional): Apple",
        "  (x) Apple - red",
        "  Any will do",
        "[Not now] [Send]",
    ]
