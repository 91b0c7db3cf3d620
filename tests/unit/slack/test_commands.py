"""Somebody types a command, chooses a shortcut, presses a button, sends a form."""

from __future__ import annotations

from bot.sandbox.loopback_slack.people import SlackPerson
from bot.sandbox.loopback_slack.screen import View
from handlers.commands import (
    BackToTriage,
    RefreshDetails,
    SendDetails,
    SendTriage,
    ShowHome,
    StartAfresh,
    StartReport,
    TakeCase,
)
from handlers.views import (
    Button,
    Buttons,
    CaseAlert,
    Choice,
    DateInput,
    Form,
    Home,
    Notice,
    Option,
    PersonPicker,
    TextInput,
    Tick,
    TimeInput,
    Words,
)
from policy.people import PersonId
from storage.messages import MessageRef
from tests.unit.slack.conftest import Ours

PICK = PersonPicker(id="hide", label="Who must not see it?", many=True, action="report.refresh")


def triage(draft: str = "draft1", **values: str) -> Form:
    return Form(
        id="report.triage",
        title="Report an incident",
        submit="Next",
        token=draft,
        parts=(
            Choice(
                id="kind",
                label="What is it?",
                options=(Option("a", "A friend request"), Option("b", "Something else")),
                value=values.get("kind"),
            ),
            TextInput(id="words", label="Anything else?", multiline=True, value=values.get("words", "")),
            PersonPicker(id="colleague", label="Who?"),
            Buttons((Button(action="report.afresh", label="Start afresh", token=draft),)),
        ),
    )


DETAILS = Form(
    id="report.details",
    title="Report an incident",
    submit="Send",
    token="draft1",
    parts=(
        TextInput(id="what_happened", label="What happened?", multiline=True, required=True),
        DateInput(id="date", label="Day", value="2026-11-20"),
        TimeInput(id="time", label="Time", value="10:20"),
        PICK,
        Tick(id="hide_name", label="Keep my name with whoever takes it"),
        Words(text="Goes to Ada."),
        Buttons((Button(action="report.back", label="Back", token="draft1"),)),
    ),
)


def ada(ours: Ours) -> SlackPerson:
    return next(p for p in ours.slack.people.values() if isinstance(p, SlackPerson) and p.name == "Ada Lovelace")


async def test_a_report_from_the_command_to_the_receipt(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    typed = await person.command("/report-incident", "  it says <!channel> & more ")
    assert (typed.status, typed.body, typed.failed) == (200, "", False)
    started = ours.school.asked(StartReport)
    assert started == StartReport(actor=PersonId("p-ada"), key=typed.trigger_id, words="it says <!channel> & more")
    assert person.view is not None
    assert person.view.title == "Report an incident"

    ours.school.will_show(DETAILS, replaces=True)
    sent = await person.submit(person.view, {"kind": "b", "words": "kept"})
    assert sent.response_action == "update"
    assert ours.school.asked(SendTriage) == SendTriage(
        actor=PersonId("p-ada"),
        key=sent.trigger_id,
        token="draft1",
        answers={"kind": "b", "words": "kept", "colleague": ()},
    )

    ours.school.offered = [Option("p-ben", "Ben Okri")]
    options = await person.suggest(person.view, "report.refresh", "be")
    assert [(option.value, option.label) for option in options] == [("p-ben", "Ben Okri")]
    assert ours.school.searches == ["be"]
    person.fill_in(person.view, {"what_happened": "A child said so"})
    ours.school.will_show(DETAILS, replaces=True)
    chosen = await person.choose(person.view, "report.refresh", ["p-ben"])
    refreshed = ours.school.asked(RefreshDetails)
    assert refreshed.token == "draft1"
    assert refreshed.seen_on is None
    assert refreshed.answers["hide"] == ("p-ben",)
    assert refreshed.answers["what_happened"] == "A child said so"
    assert chosen.opened is person.view
    assert person.view.fields["what_happened"].value == "A child said so"

    ours.school.will_show(Notice(title="Received", text="R7K4Q. Sent to Ben."))
    sent = await person.submit(person.view, {"hide_name": ["yes"]})
    answers = ours.school.asked(SendDetails).answers
    assert answers == {
        "what_happened": "A child said so",
        "date": "2026-11-20",
        "time": "10:20",
        "hide": ("p-ben",),
        "hide_name": "yes",
    }
    assert "Sent to Ben" in ours.slack.visible_text(person.view)
    assert ours.slack.violations == []


async def test_errors_stand_at_their_fields_and_the_form_stays(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    view = person.view
    assert view is not None
    wrong = triage(kind="a")
    ours.school.will_show(
        Form(id=wrong.id, title="x", submit="y", token="draft1", parts=wrong.parts, errors={"words": "Say more."})
    )
    sent = await person.submit(view, {"kind": "a", "words": "my words"})
    assert sent.response_action == "errors"
    assert sent.errors == {"words": "Say more."}
    assert view.fields["words"].value == "my words"


async def test_an_error_without_a_field_stands_on_top_and_what_was_typed_stays(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    view = person.view
    assert view is not None
    wrong = triage()
    ours.school.will_show(
        Form(id=wrong.id, title="x", submit="y", token="draft1", parts=wrong.parts, errors={"gone": "Look again."})
    )
    sent = await person.submit(view, {"kind": "a", "words": "my words"})
    assert sent.response_action == "update"
    assert "Look again." in ours.slack.visible_text(view)
    assert view.fields["words"].value == "my words"


def words_in(view: View) -> object:
    return view.fields["words"].value


async def test_starting_afresh_empties_the_form(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    assert person.view is not None
    view = person.view
    ours.school.commands.clear()
    person.fill_in(view, {"kind": "a", "words": "old words"})
    ours.school.will_show(triage("draft2"), replaces=True)
    await person.press(view, "report.afresh")
    assert ours.school.asked(StartAfresh).token == "draft1"
    assert view.private_metadata == "draft2"
    assert words_in(view) is None
    person.fill_in(view, {"kind": "b", "words": "new words"})
    ours.school.will_show(triage("draft2"), replaces=True)
    await person.press(view, "report.afresh")
    assert words_in(view) == "new words"
    ours.school.will_show(triage("draft3"), replaces=True)
    await person.press(view, "report.afresh")
    assert words_in(view) is None
    sent = await person.submit(view, {"kind": "b", "words": "third"})
    assert sent.status == 200
    command = ours.school.commands[-1]
    assert isinstance(command, SendTriage)
    assert command.answers["words"] == "third"


async def test_a_button_on_a_card_opens_over_the_chat(ours: Ours) -> None:
    person = ada(ours)
    button = Button(action="case.take", label="I'll take it", token="c" * 32 + ":3", style="primary")
    card = CaseAlert(reference="R7K4Q", reply_by="10:40", then="the next person is asked", phone=(), buttons=(button,))
    where = await ours.adapter.messenger.post("ada@school.example", card)
    message = person.last_message
    ours.school.will_show(Notice(title="Yours", text="You have it."), replaces=True)
    pressed = await person.press(message, "case.take")
    command = ours.school.asked(TakeCase)
    assert command.token == "c" * 32 + ":3"
    assert command.seen_on == where == MessageRef(platform="slack", conversation=message.channel, message=message.ts)
    assert pressed.opened is not None
    assert pressed.opened.title == "Yours"


async def test_back_in_a_form_replaces_it_and_a_view_on_top_is_pushed(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(DETAILS)
    await person.shortcut("report_incident")
    ours.school.asked(StartReport)
    view = person.view
    assert view is not None
    ours.school.will_show(triage(), replaces=True)
    await person.press(view, "report.back")
    assert ours.school.asked(BackToTriage).token == "draft1"
    assert [one.callback_id for one in person.views] == ["report.triage"]
    ours.school.will_show(Notice(title="Not now", text="Somebody has it."))
    await person.press(view, "report.afresh")
    assert [one.title for one in person.views] == ["Report an incident", "Not now"]


async def test_home_and_its_report_button(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(Home(school="Astor *School*", begun=(), waiting=(), mine=(), contact="Ben, 01 234"))
    await person.shortcut("staffroom")
    assert ours.school.asked(ShowHome).actor == "p-ada"
    assert person.view is not None
    assert "Astor *School*" in ours.slack.visible_text(person.view)
    ours.school.will_show(triage())
    await person.press(person.view, "start.report")
    ours.school.asked(StartReport)
    assert [one.title for one in person.views] == ["Staffroom", "Report an incident"]
    assert ours.slack.violations == []


async def test_nothing_to_show_clears_the_form(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    assert person.view is not None
    sent = await person.submit(person.view, {"kind": "a"})
    assert sent.response_action == "clear"
    assert person.views == []
