"""What people type to the bot, alone with it and where others read along."""

from __future__ import annotations

import pytest

from bot.sandbox.loopback_teams import Message
from bot.teams import words
from bot.teams.typed import read_typed
from handlers.commands import GiveFiles, ResumeReport, ShowHome, StartReport
from handlers.views import Form, Home, Notice
from tests.unit.teams.conftest import Ours

HOME = Home(school="Astor", begun=(), waiting=(), mine=(), contact="Dee, 01234 567890")
TRIAGE = Form(id="report.triage", title="Report an incident", submit="Next", token="d" * 32, parts=())


def says(ours: Ours, message: Message) -> str:
    assert ours.teams.links(message) == []
    assert ours.teams.markup(message) == []
    return ours.teams.visible_text(message)


@pytest.mark.parametrize(
    ("text", "command", "meant", "rest"),
    [
        ("report-incident", "report-incident", "", ""),
        ("/Report-Incident", "report-incident", "", ""),
        ("  REPORT-INCIDENT  he said *x*\nand more ", "report-incident", "", "he said *x*\nand more"),
        ("report incident he said", "report-incident", "", "he said"),
        ("/staffroom", "staffroom", "", ""),
        ("Staffroom please", "staffroom", "", "please"),
        ("reprot-incident", "", "report-incident", ""),
        ("/report-incidnet he said", "", "report-incident", ""),
        ("report", "", "report-incident", ""),
        ("stafroom", "", "staffroom", ""),
        ("hello", "", "", ""),
        ("", "", "", ""),
        ("/", "", "", ""),
        ("🙂 staffroom", "", "", ""),
        ("report-incidentally", "", "report-incident", ""),
    ],
)
def test_what_is_meant(text: str, command: str, meant: str, rest: str) -> None:
    typed = read_typed(text)
    assert (typed.command, typed.meant, typed.words) == (command, meant, rest)


@pytest.mark.parametrize("text", ["staffroom", "/STAFFROOM"])
async def test_staffroom_gives_a_button_that_opens_the_home_screen(ours: Ours, text: str) -> None:
    await ours.ada.say(text)
    assert ours.school.commands == []
    assert ours.ada.notifications == ["Staffroom"]
    ours.school.will_show(HOME)
    opened = await ours.ada.press(ours.ada.last_message, words.OPEN_HOME)
    assert ours.school.asked(ShowHome).actor == "p-ada"
    assert opened.opened is not None
    assert "Dee, 01234 567890" in ours.teams.visible_text(opened.opened)


async def test_report_incident_opens_the_first_form(ours: Ours) -> None:
    await ours.ada.say("report-incident")
    assert ours.school.commands == []
    ours.school.will_show(TRIAGE)
    await ours.ada.press(ours.ada.last_message, words.REPORT)
    command = ours.school.asked(StartReport)
    assert (command.actor, command.words) == ("p-ada", "")
    assert ours.ada.dialog is not None


async def test_words_after_the_command_are_kept_at_once(ours: Ours) -> None:
    ours.school.will_show(TRIAGE)
    sent = await ours.ada.say("/report-incident Sam *said* <b>x</b>")
    command = ours.school.asked(StartReport)
    assert command.words == "Sam *said* <b>x</b>"
    assert sent.activity["id"] in command.key
    assert "Sam" not in says(ours, ours.ada.last_message)
    ours.school.will_show(TRIAGE)
    await ours.ada.press(ours.ada.last_message, words.GO_ON)
    assert ours.school.asked(ResumeReport).token == "d" * 32


async def test_words_that_come_again_have_the_same_key(ours: Ours) -> None:
    ours.school.will_show(TRIAGE)
    ours.school.will_show(TRIAGE)
    sent = await ours.ada.say("report-incident he said")
    await ours.teams.redeliver(sent)
    first, second = ours.school.commands
    assert first == second


async def test_a_reply_that_is_a_notice_is_said(ours: Ours) -> None:
    ours.school.will_show(Notice(title="No", text="Not now."))
    await ours.ada.say("report-incident he said")
    assert "Not now." in says(ours, ours.ada.last_message)


async def test_a_slip_is_answered_with_the_nearest(ours: Ours) -> None:
    await ours.ada.say("reprot-incident Sam hit me")
    said = says(ours, ours.ada.last_message)
    assert "Did you mean report-incident?" in said
    assert "Sam" not in said
    assert list(ours.ada.last_message.buttons) == [words.REPORT]
    assert ours.school.commands == []


async def test_anything_else_gets_help(ours: Ours) -> None:
    await ours.ada.say("Hello there")
    assert words.HELP in says(ours, ours.ada.last_message)
    assert list(ours.ada.last_message.buttons) == [words.REPORT, words.OPEN_HOME]


async def test_files_are_handed_on_by_their_addresses_and_not_opened(ours: Ours) -> None:
    file = ours.teams.add_file("screen.png", b"png", mimetype="image/png", pasted=True)
    ours.school.will_show(Notice(title="Files", text="Which report is this for?"))
    await ours.ada.say("", attachments=[file])
    [offered] = ours.school.asked(GiveFiles).files
    assert offered.platform == "teams"
    assert offered.refused is None
    assert "Which report is this for?" in says(ours, ours.ada.last_message)
    assert not [operation for operation in ours.operations() if "attachment" in operation or "file" in operation]


async def test_a_mention_is_answered_so_that_only_its_author_sees_it(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    await ours.ada.say("report-incident Sam hit Ben", channel)
    assert ours.school.commands == []
    assert len(ours.teams.channel_messages(channel)) == 1  # her own
    [private] = [message for message in ours.teams.messages.values() if message.targeted_to == ours.ada.id]
    said = says(ours, private)
    assert words.NOT_HERE in said
    assert "Sam" not in said
    ours.school.will_show(TRIAGE)
    await ours.ada.press(private, words.REPORT)
    assert ours.school.asked(StartReport).words == ""
    assert ours.remembered.known == {}


async def test_where_private_answers_do_not_work_it_is_said_in_the_own_chat(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben], group_chat=True)
    ours.teams.faults.fail("send", status=400, code="NotSupported")
    await ours.ada.say("report-incident Sam hit Ben", channel)
    assert words.REPORT in ours.ada.last_message.buttons
    public = ours.teams.channel_messages(channel)[-1]
    assert says(ours, public) == words.WRITTEN
    assert ours.remembered.known["teams", "ada@school.example"][0] == ours.ada.conversation_id


async def test_and_where_that_does_not_work_either_they_are_told_how_to_begin(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    ours.ada.installed = False
    ours.teams.faults.fail("send", status=400, code="NotSupported")
    await ours.ada.say("staffroom", channel)
    assert says(ours, ours.teams.channel_messages(channel)[-1]) == words.OPEN_A_CHAT


async def test_a_slash_message_is_private_and_taken_as_typed(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    ours.school.will_show(TRIAGE)
    await ours.ada.slash("report-incident Sam hit Ben", channel)
    assert ours.school.asked(StartReport).words == "Sam hit Ben"
    assert ours.teams.channel_messages(channel) == []


async def test_a_slash_message_that_cannot_be_answered_there_is_answered_in_the_own_chat(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    ours.teams.faults.fail("send", status=400, code="NotSupported")
    ours.school.will_show(TRIAGE)
    await ours.ada.slash("report-incident Sam hit Ben", channel)
    assert ours.school.asked(StartReport).words == "Sam hit Ben"
    assert words.GO_ON in ours.ada.last_message.buttons
    assert ours.teams.channel_messages(channel) == [], "the others do not even learn that she typed it"


@pytest.mark.parametrize(
    "place",
    [
        {"id": "19:two-people@unq.gbl.spaces", "conversationType": "personal"},
        {"id": "a:1", "conversationType": "personal", "isGroup": True},
        {"id": "a:1"},
        {"id": "a:1", "conversationType": "Personal "},
    ],
)
async def test_where_others_may_read_nothing_is_taken_or_remembered(ours: Ours, place: dict[str, object]) -> None:
    """A chat between two people is "personal" too, and where Teams does not say so it need not be the own chat."""
    activity = (await ours.ada.say("hello")).activity
    ours.remembered.known.clear()
    conversation = {"tenantId": ours.teams.tenant_id, **place}
    await ours.teams.send_activity(
        {**activity, "id": "x", "conversation": conversation, "text": "report-incident Sam hit Ben"}
    )
    assert ours.school.commands == []
    assert ours.remembered.known == {}


async def test_what_is_not_for_the_bot_is_not_answered(ours: Ours) -> None:
    channel = ours.teams.add_channel("Year 9", [ours.ada, ours.ben])
    sent = await ours.ada.say("report-incident Sam hit Ben", channel, mention=False)
    await ours.teams.send_activity(sent.activity)
    assert ours.operations() == []


async def test_edited_and_deleted_messages_are_of_no_concern(ours: Ours) -> None:
    sent = await ours.ada.say("hello")
    assert sent.message is not None
    ours.teams.calls.clear()
    await ours.ada.edit(sent.message, "report-incident x")
    await ours.ada.delete(sent.message)
    assert ours.operations() == []
    assert ours.school.commands == []


async def test_adding_the_app_lets_the_bot_write_first(ours: Ours) -> None:
    await ours.ada.install()
    place = (ours.ada.conversation_id, ours.teams.service_url)
    assert ours.remembered.known == {("teams", "ada@school.example"): place}
    assert len(ours.ada.messages) == 1
    assert words.HELLO in says(ours, ours.ada.last_message)
    await ours.ada.say("hello")
    assert ours.remembered.writes == 1
    await ours.ada.uninstall()
    assert len(ours.ada.messages) == 2


async def test_an_answer_is_tried_again_where_teams_asks_for_it(ours: Ours) -> None:
    ours.teams.faults.rate_limit("send", retry_after=0)
    ours.teams.faults.fail("send", status=502)
    await ours.ada.say("hello")
    assert len(ours.ada.messages) == 1


async def test_a_fault_is_said_and_tells_nothing(ours: Ours, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ours.school.fault = RuntimeError("Sam hit Ben")
    sent = await ours.ada.say("report-incident Sam hit Ben")
    assert sent.status == 200
    assert ours.ada.last_message.text == words.FAULT_COMMAND
    assert "Sam" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_teams_that_takes_no_answer_is_no_fault_of_the_sender(ours: Ours) -> None:
    ours.teams.faults.fail("send", times=9, status=500)
    assert (await ours.ada.say("hello")).status == 200
