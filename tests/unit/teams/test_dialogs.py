"""Buttons, forms, searches and message extensions: what is asked, what is shown, and that nothing typed is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.loopback_teams import Dialog
from bot.teams import words
from bot.teams.forms import MOST_FORMS, MOST_NAMES
from handlers.commands import (
    ACTIONS,
    BackToTriage,
    OpenCase,
    RefreshDetails,
    SendDetails,
    SendTriage,
    StartReport,
)
from handlers.views import (
    Button,
    Buttons,
    CaseAlert,
    CaseDetail,
    Choice,
    DateInput,
    Form,
    Notice,
    Option,
    Part,
    PersonPicker,
    Quote,
    TextInput,
    Tick,
    TimeInput,
    Words,
)
from storage.messages import MessageRef
from tests.unit.teams.conftest import Ours

TOKEN = "a" * 32 + ":1"
DRAFT = "d" * 32
BEN = Option("p-ben", "Ben Okri")
PARTS: tuple[Part, ...] = (
    Words(text="Careful.", style="warning"),
    TextInput(id="what_happened", label="What happened", multiline=True, required=True),
    Choice(id="source", label="How do you know?", options=(Option("saw", "I saw it"), Option("told", "I was told"))),
    DateInput(id="date", label="Day", value="2026-10-05"),
    TimeInput(id="time", label="Time", value="10:20"),
    TextInput(id="where", label="Where is it?"),
    PersonPicker(id="must_not_see", label="Who must not see it?", many=True, action="report.refresh"),
    PersonPicker(id="colleague", label="Who?"),
    Tick(id="hide_name", label="Hide my name"),
    Buttons((Button(action="report.back", label="Back", token=DRAFT),)),
)
DETAILS = Form(id="report.details", title="Report", submit="Send", token=DRAFT, parts=PARTS)
ALERT = CaseAlert(
    reference="R7K4Q",
    reply_by="10:40",
    then="the next person is asked",
    phone=(),
    buttons=(
        Button(action="case.take", label="I'll take it", token=TOKEN, style="primary"),
        Button(action="case.open", label="Open", token=TOKEN),
    ),
)


def detail(length: int = 100) -> CaseDetail:
    return CaseDetail(
        reference="R7K4Q",
        title="A child told me",
        status="You have it",
        facts=(("Reported by", "Ben"),),
        quotes=(Quote(label="What happened", text="He said it. " * (length // 12)),),
        asks=("Is the child safe?",),
        chronology=(),
        buttons=(),
    )


def seen(ours: Ours) -> str:
    assert ours.ada.dialog is not None
    assert ours.teams.links(ours.ada.dialog) == []
    assert ours.teams.markup(ours.ada.dialog) == []
    return ours.teams.visible_text(ours.ada.dialog)


async def opened(ours: Ours, view: Form = DETAILS) -> Dialog:
    ours.school.will_show(view)
    await ours.ada.compose_action("new_report")
    ours.school.commands.clear()
    assert ours.ada.dialog is not None
    return ours.ada.dialog


async def alerted(ours: Ours) -> None:
    await ours.ada.install()
    await ours.adapter.messenger.post("Ada@School.example", ALERT)


async def test_opening_a_case_opens_its_details(ours: Ours) -> None:
    await alerted(ours)
    ours.school.will_show(detail())
    pressed = await ours.ada.press(ours.ada.last_message, "Open")
    command = ours.school.asked(OpenCase)
    place = f"{ours.ada.conversation_id} {ours.teams.service_url}"
    assert command.seen_on == MessageRef(platform="teams", conversation=place, message=ours.ada.last_message.id)
    assert (command.actor, command.token, command.opens) == ("p-ada", TOKEN, True)
    assert pressed.activity["id"] in command.key
    assert "He said it." in seen(ours)


async def test_a_long_case_has_pages_and_each_is_opened_anew(ours: Ours) -> None:
    await alerted(ours)
    pages = 0
    ours.school.will_show(detail(60_000))
    await ours.ada.press(ours.ada.last_message, "Open")
    read = ""
    while True:
        assert ours.school.asked(OpenCase).token == TOKEN
        shown = seen(ours)
        read += shown
        pages += 1
        assert ours.ada.dialog is not None
        if words.NEXT not in ours.ada.dialog.buttons:
            break
        ours.school.will_show(detail(60_000))
        await ours.ada.submit(action=words.NEXT)
    assert pages == 3
    assert f"Page {pages} of {pages}" in shown
    assert read.count("said") == 5000
    assert read.count("Is the child safe?") == 1


async def test_every_answer_of_a_form_arrives(ours: Ours) -> None:
    await opened(ours)
    ours.school.offered = [BEN, Option("p-kim", "Kim, K"), Option("unlisted", "Someone else")]
    await ours.ada.search("must_not_see", "b")
    await ours.ada.search("colleague", "b")
    ours.school.will_show(Notice(title="Received", text="R7K4Q"))
    sent = await ours.ada.submit(
        {
            "what_happened": "He *said*, {{DATE(2020-01-01)}}, so\nand so",
            "source": "told",
            "date": "2026-10-06",
            "where": "a, b",
            "must_not_see": ["p-ben", "unlisted"],
            "colleague": "Ben Okri",
            "hide_name": True,
        },
        "Send",
    )
    command = ours.school.asked(SendDetails)
    assert command.token == DRAFT
    assert command.answers == {
        "what_happened": "He *said*, {{DATE(2020-01-01)}}, so\nand so",
        "source": "told",
        "date": "2026-10-06",
        "time": "10:20",
        "where": "a, b",
        "must_not_see": ("p-ben", "unlisted"),
        "colleague": ("p-ben",),
        "hide_name": "yes",
    }
    assert command.key.endswith(f"{sent.activity['id']}:{DRAFT}")
    assert "R7K4Q" in seen(ours)


@pytest.mark.parametrize("keeps_empty", [True, False])
async def test_what_is_left_empty_is_nothing(ours: Ours, keeps_empty: bool) -> None:
    ours.teams.sends_empty_inputs = keeps_empty
    await opened(ours)
    await ours.ada.submit({}, "Send")
    answers = {name: answer for name, answer in ours.school.asked(SendDetails).answers.items() if answer}
    assert answers == {"date": "2026-10-05", "time": "10:20"}
    assert ours.ada.dialog is None  # a reply without a view closes it


async def test_buttons_of_a_form_bring_what_is_filled_in(ours: Ours) -> None:
    await opened(ours)
    ours.school.will_show(DETAILS)
    await ours.ada.submit({"what_happened": "so"}, words.REFRESHES["report.refresh"])
    command = ours.school.asked(RefreshDetails)
    assert (command.token, command.answers["what_happened"], command.seen_on) == (DRAFT, "so", None)
    await ours.ada.submit({"what_happened": "so and so"}, "Back")
    assert ours.school.asked(BackToTriage).answers["what_happened"] == "so and so"


async def test_errors_stand_in_a_box_with_their_field(ours: Ours) -> None:
    await opened(ours)
    filled = TextInput(id="what_happened", label="What happened", multiline=True, value="so")
    again = Form(
        id="report.details",
        title="Report",
        submit="Send",
        token=DRAFT,
        parts=(filled, *PARTS[2:]),
        errors={"source": "Choose one.", "elsewhere": "Think."},
    )
    ours.school.will_show(again, accepted=False)
    await ours.ada.submit({"what_happened": "so"}, "Send")
    dialog = ours.ada.dialog
    assert dialog is not None
    assert dialog.card is not None
    body = dialog.card["body"]
    [box] = [element for element in body if element.get("style") == "attention"]
    assert box["items"][0]["inlines"][0] == {"type": "TextRun", "text": "Choose one.", "weight": "Bolder"}
    assert box["items"][1]["id"] == "source"
    assert "Think." in str(body[:2])
    assert dialog.fields["what_happened"].value == "so"


@pytest.mark.parametrize("trouble", ["fault", "slow", "teams"])
async def test_whatever_goes_wrong_what_was_typed_is_there_again(
    ours: Ours, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await opened(ours)
    ours.school.offered = [BEN]
    await ours.ada.search("must_not_see", "b")
    if trouble == "fault":
        ours.school.fault = RuntimeError("Sam hit Ben")
    elif trouble == "slow":
        ours.school.slow = 30
    else:
        ours.clock[0] += 10_000
        ours.teams.faults.down()
    typed = {"what_happened": "Sam hit Ben", "must_not_see": ["p-ben"], "hide_name": True, "source": "told"}
    await ours.ada.submit(typed, "Send")
    assert words.FAULT_FORM in seen(ours)
    assert ours.ada.dialog is not None
    values = {name: field.value for name, field in ours.ada.dialog.fields.items()}
    assert values == {
        "what_happened": "Sam hit Ben",
        "source": "told",
        "date": "2026-10-05",
        "time": "10:20",
        "where": "",
        "must_not_see": "p-ben",
        "colleague": "",
        "hide_name": "yes",
    }
    assert "Ben Okri" in str(ours.ada.dialog.card)
    ours.school.fault, ours.school.slow = None, 0
    ours.teams.faults.up()
    ours.school.commands.clear()
    ours.school.will_show(Notice(title="Received", text="R7K4Q"))
    await ours.ada.submit({}, "Send")
    assert ours.school.asked(SendDetails).answers["what_happened"] == "Sam hit Ben"
    assert "Sam" not in caplog.text


async def test_a_form_from_before_a_restart_gives_back_what_was_typed(ours: Ours) -> None:
    dialog = await opened(ours)
    ours.adapter._invokes._forms._forms.clear()
    ours.school.fault = RuntimeError("x")
    await ours.ada.submit({"what_happened": "Sam hit Ben", "where": "@sam99", "source": "told"}, "Send", dialog=dialog)
    said = seen(ours)
    assert words.FAULT_KEPT in said
    assert "Sam hit Ben" in said
    assert "@sam99" in said
    assert "told" not in said


async def test_a_fault_of_a_button_is_said(ours: Ours) -> None:
    await alerted(ours)
    ours.school.fault = RuntimeError("x")
    await ours.ada.press(ours.ada.last_message, "Open")
    assert words.FAULT_PRESS in seen(ours)
    ours.school.fault, ours.school.slow = None, 30
    await ours.ada.press(ours.ada.last_message, "Open")
    assert words.TOO_LATE in seen(ours)


@pytest.mark.parametrize(
    "data",
    [
        {"action": "case.destroy", "token": TOKEN},
        {"action": "", "token": TOKEN},
        {"action": ["case.take"], "token": TOKEN},
        {"form": "report.unknown", "token": TOKEN},
        {},
    ],
)
async def test_unknown_buttons_do_nothing(ours: Ours, data: dict[str, Any]) -> None:
    await alerted(ours)
    await ours.ada.press(ours.ada.last_message, "Open", data={**data, "msteams": {"type": "task/fetch"}})
    assert ours.school.commands == []
    assert ours.ada.dialogs[-1].title == words.SORRY


async def test_forged_answers_are_read_as_nothing(ours: Ours) -> None:
    await opened(ours)
    forged: dict[str, Any] = {
        "form": "report.triage",
        "token": DRAFT,
        "kinds": {"colleague": "people", "kind": 7, "token": "tick"},
        "kind": {"x": 1},
        "danger": ["yes"],
        "imagery": None,
        "colleague": ",,p-ben,p-ben,",
        **{f"field{number}": "x" for number in range(500)},
    }
    await ours.ada.submit(data=forged, action="Send", force=True)
    answers = ours.school.asked(SendTriage).answers
    assert len(answers) == 100
    assert (answers["kind"], answers["danger"], answers["imagery"]) == (None, None, None)
    # What is in the form itself was sent along, and wins.
    assert answers["colleague"] == ("p-ben",)


async def test_a_forwarded_card_is_not_taken_for_the_one_that_follows(ours: Ours) -> None:
    await alerted(ours)
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    activity = (await ours.ada.press(ours.ada.last_message, "Open")).activity
    ours.school.commands.clear()
    place = {
        "conversationType": "groupChat",
        "tenantId": ours.teams.tenant_id,
        "id": ours.teams.conversation(channel).id,
    }
    await ours.teams.send_activity({**activity, "conversation": place})
    assert ours.school.asked(OpenCase).seen_on is None


async def test_what_stands_last_can_always_be_found(ours: Ours) -> None:
    await opened(ours)
    ours.school.offered = [*(Option(f"p-{number}", f"Person {number:02}") for number in range(99)), Option("u", "No")]
    options = await ours.ada.search("colleague", "Person")
    assert len(options) == 15
    assert (options[0].label, options[-1].label) == ("Person 00", "No")
    assert ours.school.searches == ["Person"]


async def test_a_search_that_fails_offers_nobody(ours: Ours) -> None:
    await opened(ours)
    ours.school.people.clear()
    assert await ours.ada.search("colleague", "x") == []
    assert ours.school.searches == []


async def test_a_message_is_reported_with_its_words(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben], bot_is_member=False)
    said = await ours.ben.say("<p>Sam &amp; Kim</p><p>met</p>", channel, mention=False)
    assert said.message is not None
    ours.school.will_show(DETAILS)
    await ours.ada.message_action("report_message", said.message)
    command = ours.school.asked(StartReport)
    assert "by Ben Okri" in command.words
    assert "Sam & Kim\nmet" in command.words
    assert "https://teams.example/l/message/" in command.words
    # A dialog of a message extension goes on as any other.
    ours.school.will_show(Notice(title="Received", text="R7K4Q"))
    sent = await ours.ada.submit({"what_happened": "so"}, "Send")
    assert sent.kind == "composeExtension/submitAction"
    assert "R7K4Q" in seen(ours)
    assert ours.teams.channel_messages(channel) == [said.message]


async def test_an_extension_does_not_make_anybody_known(ours: Ours) -> None:
    """Two people's own chat is "personal" too, and is no place to write to."""
    ours.school.will_show(DETAILS)
    await ours.ada.compose_action("new_report")
    assert ours.school.asked(StartReport).words == ""
    assert ours.remembered.known == {}


async def test_an_unknown_invoke_is_not_answered(ours: Ours) -> None:
    await alerted(ours)
    activity = (await ours.ada.press(ours.ada.last_message, "Open")).activity
    ours.school.commands.clear()
    assert (await ours.teams.send_activity({**activity, "name": "signin/verifyState"})).status == 501
    assert ours.school.commands == []


@pytest.mark.parametrize("value", [None, [], "case.open", 7, {"data": []}, {"data": "x"}, {"action": []}])
@pytest.mark.parametrize("name", ["task/fetch", "task/submit", "adaptiveCard/action", "application/search"])
async def test_a_value_that_is_no_object_does_nothing(ours: Ours, name: str, value: object) -> None:
    await alerted(ours)
    activity = (await ours.ada.press(ours.ada.last_message, "Open")).activity
    ours.school.commands.clear()
    sent = await ours.teams.send_activity({**activity, "name": name, "value": value})
    assert sent.status == 200
    assert ours.school.commands == []


async def test_thousands_of_dialogs_take_no_more_memory(ours: Ours) -> None:
    forms = ours.adapter._invokes._forms
    for number in range(3 * MOST_FORMS):
        forms.shown(f"person {number % 7}", replace(DETAILS, token=f"{number:032x}"))
        forms.offered([Option(f"p-{number}-{one}", "Somebody") for one in range(10)])
    assert len(forms._forms) == MOST_FORMS
    assert len(forms._names) == MOST_NAMES


async def test_an_invoke_is_answered_in_time(ours: Ours) -> None:
    await alerted(ours)
    ours.school.slow = 30
    pressed = await asyncio.wait_for(ours.ada.press(ours.ada.last_message, "Open"), 3)
    assert pressed.latency < 2


def test_the_page_turner_is_an_action() -> None:
    assert "case.open" in ACTIONS
